// What a line typed at the prompt asks for: statements, or a command that begins with a colon.

import Foundation
import NetLab
import NetScript

enum PromptLine: Equatable {
  case nothing
  case statements(String)
  case goOn
  case back(Int64)
  /// `#418`, a mark, or a time: which of the last two only the bench knows.
  case goto(String)
  case mark(String)
  case undo
  case help
  case quit
  case wrong(String)

  /// Every command: its name, how it is written, and what it does.
  static let commands: [(name: String, usage: String, text: String)] = [
    ("continue", ":continue", "goes on with the file's own statements, to `pause` or the end"),
    ("back", ":back [N]", "back by N events (1)"),
    ("goto", ":goto TIME|#EVENT|MARK", "to that moment, in either direction"),
    ("mark", ":mark NAME", "names this moment"),
    ("undo", ":undo", "takes back the last command or statement that changed the world"),
    ("help", ":help", "this list"),
    ("quit", ":quit", "leaves"),
  ]

  init(_ text: String) {
    let line = text.trimmingCharacters(in: .whitespacesAndNewlines)
    guard line.hasPrefix(":") else {
      self = line.isEmpty ? .nothing : line == "help" || line == "?" ? .help : .statements(text)
      return
    }
    let words = line.dropFirst().split(separator: " ", maxSplits: 1)
    let rest = words.count > 1 ? words[1].trimmingCharacters(in: .whitespaces) : ""
    self = Self.command(words.first.map(String.init) ?? "", rest)
  }

  /// Any beginning of a name that only one command has is enough.
  private static func command(_ word: String, _ rest: String) -> PromptLine {
    let found = commands.map(\.name).filter { $0 == word || !word.isEmpty && $0.hasPrefix(word) }
    guard found.count == 1, let name = found.first else {
      let near = Spelling.nearest(to: word, among: commands.map(\.name))
      return .wrong(
        "there is no command `:\(word)`" + (near.map { "; did you mean `:\($0)`?" } ?? ""))
    }
    let needs = name == "goto" || name == "mark"
    let takes = needs || name == "back"
    if needs && rest.isEmpty || !takes && !rest.isEmpty {
      return .wrong("it is written " + (commands.first { $0.name == name }?.usage ?? ""))
    }
    switch name {
    case "continue": return .goOn
    case "back":
      if rest.isEmpty { return .back(1) }
      return Int64(rest).map { .back($0) } ?? .wrong("`:back` takes a number of events")
    case "goto": return .goto(rest)
    case "mark": return .mark(rest)
    case "undo": return .undo
    case "help": return .help
    default: return .quit
    }
  }
}
