// `netsh` and `netsh -i FILE`: lines are read, and happen at the bench.
//
// A pipe gets no prompt and ends at its first mistake. Editing, history and completion are left to
// a reader of lines that is still to come; this one takes them as they are.

import Foundation
import NetLab
import NetScript
import NetStack

final class Prompt {
  let bench: Workbench
  let terminal: Terminal
  let options: PromptOptions
  /// Somebody types; otherwise lines come from a file or a pipe.
  let isTyped: Bool
  /// `:quit` was said.
  var isOver = false

  init(_ bench: Workbench, _ terminal: Terminal, _ options: PromptOptions) {
    self.bench = bench
    self.terminal = terminal
    self.options = options
    isTyped = isatty(0) == 1
  }

  /// Until `:quit`, the end of the input, or the first mistake of a pipe.
  func run() -> ExitStatus {
    var status = ExitStatus.passed
    while let text = readEntry() {
      if !perform(PromptLine(text)), !isTyped {
        status = .scriptError
        if !options.keepGoing { return status }
      }
      if isOver { return status }
    }
    if isTyped { terminal.write("\n", to: .output) }
    return status
  }

  /// One line, or as many as it needs; an empty one among them gives up what was begun.
  private func readEntry() -> String? {
    ask(TimeText.text(bench.moment.now) + " > ")
    guard var text = readLine(strippingNewline: false) else { return nil }
    while !text.hasPrefix(":"), Script.isUnfinished(text) {
      ask("  ... ")
      guard let more = readLine(strippingNewline: false) else { break }
      if isTyped, more.allSatisfy(\.isWhitespace) { return "" }
      text += more
    }
    return text
  }

  private func ask(_ prompt: String) {
    if isTyped { terminal.write(prompt, to: .output) }
  }

  /// False when it was a mistake.
  private func perform(_ line: PromptLine) -> Bool {
    Interruption.watch()
    switch line {
    case .nothing: return true
    case .statements(let text): return tell(bench.type(text))
    case .command(let command, let argument): return command.perform(self, argument)
    case .wrong(let why): return refuse(why)
    }
  }
}
