// What begins with a colon: a name, what it does, and how it is found from what somebody typed.

import Foundation
import NetScript

/// A command of the prompt. A value in a table, so that help, completion and the prompt agree.
struct Command: Sendable {
  /// Headings of `:help`, in its order.
  enum Group: String, CaseIterable, Sendable {
    case moving = "moving in time"
    case whatIf = "what if"
    case looking = "looking"
    case session = "the session"
  }

  /// What may stand behind the name.
  enum Argument: Sendable {
    case none
    case optional
    case needed
  }

  var name: String
  /// As it is written: `:back [N]`.
  var usage: String
  var group: Group
  /// What it does, in a line.
  var text: String
  var argument = Argument.none
  /// More of it, for `:help NAME`; may be empty.
  var details = ""
  var examples: [String] = []
  /// Names of other commands, without their colons.
  var related: [String] = []
  /// It leads to another world, or changes what following lines lead to.
  var counts: Bool {
    if group == .session { return ["restart", "load", "tutor", "cd"].contains(name) }
    return group != .looking && name != "diff"
  }
  /// False when it was a mistake.
  var perform: @Sendable (Prompt, _ argument: String) -> Bool
}

/// What a typed line asks for.
enum PromptLine {
  case nothing
  case statements(String)
  case command(Command, argument: String)
  case wrong(String)

  init(_ text: String) {
    let line = text.trimmingCharacters(in: .whitespacesAndNewlines)
    if line.isEmpty {
      self = .nothing
    } else if line.hasPrefix(":") {
      self = Self.command(String(line.dropFirst()))
    } else if line == "?" || line == "help" || line.hasPrefix("help ") && !line.contains("=") {
      self = Self.command(line == "?" ? "help" : line)
    } else if line.hasSuffix("?"), !line.contains("\n") {
      // Behind what can be set Tab has put a sign.
      let name = line.dropLast().prefix { !" =".contains($0) }
      let rest = line.dropLast().dropFirst(name.count)
      self = rest.allSatisfy(" =".contains) ? Self.command("help " + name) : .statements(text)
    } else {
      self = .statements(text)
    }
  }

  /// Any beginning of a name that only one command has is enough.
  private static func command(_ line: String) -> PromptLine {
    if line.hasPrefix("!") { return command("shell " + line.dropFirst()) }
    let end = line.firstIndex { $0 == " " || $0 == "\n" } ?? line.endIndex
    var word = String(line[..<end])
    var argument = line[end...].trimmingCharacters(in: .whitespacesAndNewlines)
    // `:save! FILE` is `:save` with more force.
    if word.last == "!", "save".hasPrefix(word.dropLast()) {
      word.removeLast()
      argument = "!" + argument
    }
    let found = Commands.beginning(with: word)
    guard found.count == 1, let command = found.first else {
      if word.isEmpty { return .wrong("a command has a name: `:help` lists them") }
      if found.isEmpty {
        if let meant = Misspoken.statement(line, word) { return .wrong(meant) }
        let near = Spelling.nearest(to: word, among: Commands.all.map(\.name))
        let hint = near.map { "; did you mean `:\($0)`?" } ?? "; `:help` lists them"
        return .wrong("there is no command `:\(word)`" + hint)
      }
      let names = found.map { "`:\($0.name)`" }.joined(separator: ", ")
      return .wrong("`:\(word)` may be \(names)")
    }
    switch command.argument {
    case .none where !argument.isEmpty, .needed where argument.isEmpty:
      return .wrong("it is written " + command.usage)
    default: return .command(command, argument: argument)
    }
  }
}
