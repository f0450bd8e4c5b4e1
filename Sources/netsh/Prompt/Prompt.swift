// `netsh` and `netsh -i FILE`: lines are read, and happen at the bench.
//
// A pipe gets no prompt and ends at its first mistake.

import Foundation
import NetLab
import NetScript
import NetStack

final class Prompt {
  let bench: Workbench
  let terminal: Terminal
  let options: PromptOptions
  let reader: any LineReader
  let history: History
  /// Somebody types; otherwise lines come from a file or a pipe.
  var isTyped: Bool { reader.isTyped }
  /// What an empty line does again.
  private var lastStep: String?
  /// `:quit` was said.
  var isOver = false

  init(
    _ bench: Workbench, _ terminal: Terminal, _ options: PromptOptions, _ reader: any LineReader,
    _ history: History
  ) {
    self.bench = bench
    self.terminal = terminal
    self.options = options
    self.reader = reader
    self.history = history
  }

  /// Until `:quit`, the end of the input, or the first mistake of a pipe.
  func run() -> ExitStatus {
    Interruption.watch(ends: !isTyped)
    var status = ExitStatus.passed
    bench.audience = self
    defer { bench.audience = nil }
    var wasGivenUp = false
    while !isOver {
      let prompt = TimeText.text(bench.moment.now) + " > "
      switch reader.readEntry(prompt, isUnfinished: Self.isUnfinished) {
      case .end:
        if isTyped { terminal.write("\n", to: .output) }
        return status
      case .givenUp: wasGivenUp = true
      case .text(let text):
        // Who gives something up with two empty lines means nothing by the second.
        if wasGivenUp, text.allSatisfy(\.isWhitespace) { continue }
        wasGivenUp = false
        if isTyped { remember(text) }
        if !perform(PromptLine(text)), !isTyped {
          status = .scriptError
          if !options.keepGoing { return status }
        }
      }
    }
    return status
  }

  private static func isUnfinished(_ text: String) -> Bool {
    !text.hasPrefix(":") && Script.isUnfinished(text)
  }

  func remember(_ text: String) {
    if let complaint = history.remember(text) { _ = refuse(complaint) }
  }

  /// False when it was a mistake.
  func perform(_ line: PromptLine) -> Bool {
    Interruption.watch(ends: !isTyped)
    switch line {
    case .nothing: return repeatStep()
    case .statements(let text):
      lastStep = text.hasPrefix("step") ? text : nil
      return tell(bench.type(text))
    case .command(let command, let argument):
      lastStep = command.name == "line" ? ":line " + argument : nil
      return command.perform(self, argument)
    case .wrong(let why): return refuse(why)
    }
  }

  /// An empty line right behind a step is that step again.
  private func repeatStep() -> Bool {
    guard isTyped, let step = lastStep else { return true }
    let text = step.trimmingCharacters(in: .whitespacesAndNewlines)
    say("again: " + text)
    return perform(PromptLine(text))
  }
}
