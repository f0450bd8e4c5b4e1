// `netsh -i FILE`: lines are read, and happen at the bench.
//
// A pipe gets no prompt and ends at its first mistake. Editing, history and completion are left to
// a reader of lines that is still to come; this one takes them as they are.

import Foundation
import NetLab
import NetScript
import NetStack

struct Prompt {
  private let bench: Workbench
  private let terminal: Terminal
  /// Somebody types; otherwise lines come from a file or a pipe.
  private let isTyped: Bool

  init(_ bench: Workbench, _ terminal: Terminal) {
    self.bench = bench
    self.terminal = terminal
    isTyped = isatty(0) == 1
  }

  /// Until `:quit`, the end of the input, or the first mistake of a pipe.
  func run() -> ExitStatus {
    while let text = readEntry() {
      let line = PromptLine(text)
      if line == .quit { return .passed }
      if !perform(line), !isTyped { return .scriptError }
    }
    if isTyped { terminal.write("\n", to: .output) }
    return .passed
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
    case .nothing, .quit: return true
    case .statements(let text): return tell(bench.type(text))
    case .goOn: return tell(bench.goOn())
    case .back(let count): return tell(bench.back(count), moved: true)
    case .goto(let text): return tell(bench.go(toNamed: text), moved: true)
    case .undo: return tell(bench.undo(), moved: true)
    case .mark(let name):
      bench.mark(name)
      return true
    case .help:
      let width = PromptLine.commands.map(\.usage.count).max() ?? 0
      for command in PromptLine.commands {
        let usage = command.usage.padding(toLength: width, withPad: " ", startingAt: 0)
        terminal.write("\(usage)  \(command.text)\n", to: .output)
      }
      return true
    case .wrong(let text):
      terminal.write("netsh: \(text)\n", to: .error)
      return false
    }
  }

  private func tell(_ reply: Reply, moved: Bool = false) -> Bool {
    for line in reply.lines { terminal.write(line + "\n", to: .output) }
    let renderer = DiagnosticRenderer(bench.files)
    for diagnostic in reply.diagnostics {
      terminal.write(renderer.render(diagnostic), to: .error)
    }
    if let fault = reply.fault { tell(fault, renderer) }
    if let value = reply.value { terminal.write(value + "\n", to: .output) }
    if let note = reply.note { terminal.write("netsh: \(note)\n", to: .error) }
    let isWell = !reply.isMistake && reply.note == nil
    let event = Spelling.grouped(bench.moment.event)
    if isWell && moved {
      terminal.write("at \(TimeText.text(bench.moment.now)), event \(event)\n", to: .output)
    }
    switch reply.stop {
    case .halted where isWell: terminal.write("halted at event \(event)\n", to: .output)
    case .ended: terminal.write("the file's statements are through\n", to: .output)
    case .done, .halted: break
    }
    return isWell
  }

  private func tell(_ fault: RuntimeError, _ renderer: DiagnosticRenderer) {
    guard let diagnostic = fault.diagnostic else {
      return terminal.write("error \(fault.code): \(fault.title)\n", to: .error)
    }
    terminal.write(
      renderer.render(diagnostic, moment: "at " + TimeText.text(bench.moment.now)), to: .error)
  }
}
