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
      let rows = settings.all.map { setting in
        [setting.name, shown(setting), setting.origin.rawValue, setting.takes, setting.meaning]
      }
      for line in columns(rows) { say(line) }
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

  /// Texts in columns, each as wide as its widest; the last one wraps at 80.
  private func columns(_ rows: [[String]]) -> [String] {
    let count = rows.first?.count ?? 0
    let widths = (0..<count).map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.flatMap { row -> [String] in
      let head = row.indices.dropLast(2).map {
        row[$0].padding(toLength: widths[$0], withPad: " ", startingAt: 0)
      }.joined(separator: "  ")
      return [head + "  " + row[count - 2], "    " + row[count - 1]]
    }
  }
}
