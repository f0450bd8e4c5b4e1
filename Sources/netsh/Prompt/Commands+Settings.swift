// `:set`: the list, one, or a change.

import Foundation

extension Commands {
  static let settings: [Command] = [
    Command(
      name: "set", usage: ":set [NAME [VALUE]]", group: .session,
      text: "settings of the prompt: all, one, or a change", argument: .optional,
      details: "`:set output FILE` sends results to a file, `:set output | CMD` to a program.",
      examples: [":set", ":set timing on", ":set format csv"], related: ["help"]
    ) { prompt, argument in prompt.set(argument) }
  ]
}

extension Prompt {
  func set(_ argument: String) -> Bool {
    if argument.isEmpty {
      let rows = settings.all.map { [$0.name, shown($0), $0.origin.rawValue, $0.takes] }
      for (setting, line) in zip(settings.all, Columns.aligned(rows)) {
        say(line)
        say("    " + setting.meaning)
      }
      return true
    }
    let end = argument.firstIndex(of: " ") ?? argument.endIndex
    let name = String(argument[..<end])
    var value = argument[end...].trimmingCharacters(in: .whitespaces)
    if value.isEmpty {
      guard let setting = settings.all.first(where: { $0.name == name }) else {
        return refuse(settings.set(name, to: "", by: origin) ?? "")
      }
      say("\(name)  \(shown(setting))  (\(setting.origin.rawValue))")
      say("  \(setting.takes): \(setting.meaning)")
      return true
    }
    if value.count > 1, value.hasPrefix("\""), value.hasSuffix("\"") {
      value = String(value.dropFirst().dropLast())
    }
    if name == "output", let why = redirect(to: value) { return refuse(why) }
    if let why = settings.set(name, to: value, by: origin) { return refuse(why) }
    return true
  }

  private func shown(_ setting: Setting) -> String {
    setting.allowed == nil && setting.name == "prompt" ? "\"\(setting.value)\"" : setting.value
  }
}
