// A command without its colon, a statement with one, and words that other debuggers know: what was
// meant, ready to be typed.

import Foundation
import NetLab
import NetScript

enum Misspoken {
  /// What other programs call it.
  private static let spoken = [
    "exit": ":quit", "q": ":quit", "c": ":continue", "b": ":break", "n": "step", "s": "step",
    "p": "print", "info": "show", "ls": "show", "reset": ":restart",
  ]

  /// For a line that was no statement; nil when nothing is near.
  static func help(for line: String) -> String? {
    let word = String(line.prefix { $0.isLetter })
    let rest = line.dropFirst(word.count)
    if line.contains("\n") || !(rest.isEmpty || rest.hasPrefix(" ")) { return nil }
    if let meant = spoken[word] { return "did you mean `\(meant)\(rest)`?" }
    guard Commands.all.contains(where: { $0.name == word }) else { return nil }
    return "a command begins with a colon: `:\(line)`"
  }

  /// For a command that is none; nil when it is no statement either.
  static func statement(_ line: String, _ word: String) -> String? {
    let isStatement =
      ContextualWords.statements.contains(word) || Script.shape(of: line).declares
    return isStatement ? "`\(word)` is a statement, without a colon: `\(line)`" : nil
  }
}

extension Reply {
  /// The first of its diagnostics tells what was meant.
  mutating func addHelp(for text: String) {
    let line = text.trimmingCharacters(in: .whitespacesAndNewlines)
    guard !diagnostics.isEmpty, let help = Misspoken.help(for: line) else { return }
    diagnostics[0].help = help
  }
}
