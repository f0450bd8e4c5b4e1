// `:set`: how the prompt behaves, by name; each value knows who set it.

import NetScript

/// One thing that can be set.
struct Setting {
  enum Origin: String {
    case standard = "default"
    case rc
    case session
  }

  var name: String
  /// What it takes, as `:set` says it.
  var takes: String
  var meaning: String
  var value: String
  var origin = Origin.standard
  /// The values there are; nil for a text.
  var allowed: [String]?

  init(_ name: String, _ value: String, oneOf allowed: [String], _ meaning: String) {
    (self.name, self.value, self.allowed, self.meaning) = (name, value, allowed, meaning)
    takes = allowed.joined(separator: "|")
  }

  init(_ name: String, _ value: String, takes: String, _ meaning: String) {
    (self.name, self.value, self.takes, self.meaning) = (name, value, takes, meaning)
  }
}

struct Settings {
  private(set) var all = [
    Setting(
      "prompt", "%t%w > ", takes: "TEXT",
      "what stands before a line: %t time, %e event, %n what comes next, %w wedged"),
    Setting(
      "feedback", "normal", oneOf: ["verbose", "normal", "concise", "silent"],
      "how much is told of what was done"),
    Setting("timing", "off", oneOf: ["on", "off"], "tells what each line cost"),
    Setting(
      "format", "table", oneOf: ["table", "csv", "json"], "how lists of records are printed"),
    Setting("expanded", "off", oneOf: ["on", "off"], "one line for each column of a table"),
    Setting(
      "pager", "on", oneOf: ["on", "off"], "long output goes through $NETSH_PAGER or $PAGER"),
    Setting("output", "-", takes: "FILE, | COMMAND or -", "where results go"),
  ]

  subscript(_ name: String) -> String { all.first { $0.name == name }?.value ?? "" }

  func isOn(_ name: String) -> Bool { self[name] == "on" }

  /// - Returns: what is wrong with it, or nil when it is done.
  mutating func set(_ name: String, to value: String, by origin: Setting.Origin) -> String? {
    guard let place = all.firstIndex(where: { $0.name == name }) else {
      let near = Spelling.nearest(to: name, among: all.map(\.name))
      return "there is no setting `\(name)`" + (near.map { "; did you mean `\($0)`?" } ?? "")
    }
    if let allowed = all[place].allowed, !allowed.contains(value) {
      return "`\(name)` is \(allowed.joined(separator: ", ")), not `\(value)`"
    }
    (all[place].value, all[place].origin) = (value, origin)
    return nil
  }
}
