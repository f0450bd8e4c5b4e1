// `:help`: the list on one screen, and a page for each word: a command, a statement, a name of the
// world, a code.

import Foundation
import NetScript

extension Prompt {
  func help(_ word: String) -> Bool {
    if word.isEmpty {
      helpList()
      return true
    }
    if let lines = page(of: word) {
      for line in lines { say(line) }
      return true
    }
    let known = Commands.all.map(\.name) + StatementHelp.all.map(\.word) + bench.roots
    let near = Spelling.nearest(to: word, among: known)
    return refuse(
      "there is no help on `\(word)`" + (near.map { "; did you mean `:help \($0)`?" } ?? ""))
  }

  private func page(of word: String) -> [String]? {
    let isCommand = word.hasPrefix(":")
    let name = isCommand ? String(word.dropFirst()) : word
    let found = Commands.beginning(with: name)
    if isCommand || found.first?.name == name { return found.count == 1 ? page(of: found[0]) : nil }
    if let help = StatementHelp.all.first(where: { $0.word == word }) {
      return Self.helpPage(help.synopsis, help.text, help.examples, help.related)
    }
    if let lines = bench.about(word) ?? pageOfResult(word) { return lines }
    let code = ExplainPage.code(in: word)
    if let page = ExplainPage.all.first(where: { $0.code == code }) {
      let text = page.printed { self.terminal.styled($0, .bold, on: .output) }
      return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(
        String.init)
    }
    return found.count == 1 ? page(of: found[0]) : nil
  }

  /// How it is written, what it does, examples, and what is near: a command or a statement.
  private static func helpPage(
    _ usage: String, _ text: String, _ examples: [String], _ related: [String]
  ) -> [String] {
    var lines = [usage]
    for line in text.split(separator: "\n") {
      lines += ("  " + line).folded(to: 80).split(separator: "\n").map(String.init)
    }
    lines += examples.map { "    " + $0 }
    if !related.isEmpty { lines.append("  see also: " + related.joined(separator: " ")) }
    return lines
  }

  /// Of `_` and `$3`.
  private func pageOfResult(_ name: String) -> [String]? {
    let (text, complaint) = bench.withResults(name)
    if let complaint { return [complaint] }
    return text == name ? nil : ["\(name)  \(text)", "  the value of an earlier line"]
  }

  private func page(of command: Command) -> [String] {
    Self.helpPage(
      command.usage, command.text + "\n" + command.details, command.examples,
      command.related.map { ":" + $0 })
  }

  /// What fits a screen of 24 lines of 80 columns.
  private func helpList() {
    say("Statements happen at once; an expression prints itself:")
    say("  run  step  expect  show  why  print  on  when  every  at  pause  NAME = VALUE")
    for group in Command.Group.allCases {
      let members = Commands.all.filter { $0.group == group }
      if members.isEmpty { continue }
      say(terminal.styled(group.rawValue, .bold, on: .output))
      var line = ""
      for command in members {
        var column = line.isEmpty ? 0 : (line.count + 2 + 25) / 26 * 26
        if column + command.usage.count > 78 {
          say("  " + line)
          (line, column) = ("", 0)
        }
        line += String(repeating: " ", count: column - line.count) + command.usage
      }
      say("  " + line)
    }
    say(":help WORD tells more of a command, a statement, a path, a code; so does WORD?")
  }
}
