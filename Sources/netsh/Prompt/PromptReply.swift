// What came of a line, as somebody reads it: results on one stream, mistakes on the other.

import NetLab
import NetScript
import NetStack

extension Prompt {
  /// A line of results.
  func say(_ line: String) {
    if isReplaying { return }
    if record != nil {
      record?.output.append(line)
    } else if (page?.lines.count ?? Page.limit) < Page.limit {
      page?.lines.append(line)
    } else {
      endPage()
      write(line)
    }
  }

  func write(_ line: String) {
    clearScreen()
    if !output.write(line + "\n", terminal) {
      output = .terminal
      _ = settings.set("output", to: "-", by: .session)
      _ = refuse("results cannot be written there any more; they come here again")
      terminal.write(line + "\n", to: .output)
    }
  }

  /// Where one has come to.
  private func tellFeedback(_ line: String) {
    if settings["feedback"] != "silent" && settings["feedback"] != "concise" { say(line) }
  }

  /// What a command has done, where nothing else shows it.
  func acknowledge(_ line: String) {
    if settings["feedback"] != "silent" { say(line) }
  }

  /// What somebody who is new here may want to know.
  func explain(_ line: String) {
    if settings["feedback"] == "verbose" { say("  " + line) }
  }

  /// Always false: what was asked for was not done.
  func refuse(_ why: String) -> Bool {
    complain("netsh: \(why)\n", code: "", title: why, help: nil)
    return false
  }

  /// A diagnostic: to standard error, or into the line's object.
  private func complain(_ text: String, code: String, title: String, help: String?) {
    if record == nil {
      endPage()
      clearScreen()
      return terminal.tell(text)
    }
    record?.mistakes.append(.init(code: code, title: title, help: help, text: text))
  }

  private func complain(
    _ diagnostic: Diagnostic, _ renderer: DiagnosticRenderer, at moment: String?
  ) {
    let text =
      moment.map { renderer.render(diagnostic, moment: $0) } ?? renderer.render(diagnostic)
    lastError = text
    complain(text, code: diagnostic.code, title: diagnostic.title, help: diagnostic.help)
  }

  /// False when it was a mistake.
  func tell(_ reply: Reply, moved: Bool = false) -> Bool {
    if reply.counts { log?.note(heldAt: reply.heldAt) }
    for line in reply.lines { say(line) }
    let renderer = DiagnosticRenderer(reply.files ?? bench.files)
    for diagnostic in reply.diagnostics { complain(diagnostic, renderer, at: nil) }
    if let fault = reply.fault { tell(fault, renderer) }
    if let value = reply.value {
      if record != nil {
        record?.value = value
      } else if let table = reply.table {
        tell(table)
      } else {
        say(value)
      }
      explain("that is `$\(bench.results.count)`, and `_`")
    }
    if let note = reply.note { return refuse(note) }
    if reply.isMistake { return false }
    let event = Spelling.grouped(bench.moment.event)
    if moved { tellFeedback("at \(TimeText.text(bench.moment.now)), event \(event)") }
    switch reply.stop {
    case .halted:
      record?.stop = "halted"
      tellFeedback("halted at \(TimeText.text(bench.moment.now)), event \(event)")
    case .ended:
      record?.stop = "ended"
      tellFeedback("the file's statements are through")
    case .done: break
    }
    if moved || reply.counts { explainStanding() }
    return reply.commands.isEmpty || perform(reply.commands)
  }

  private func explainStanding() {
    let isBack = bench.moment.event < lineMoment.event
    let (from, to) = isBack ? (bench.moment, lineMoment) : (lineMoment, bench.moment)
    let count = Spelling.grouped(to.event - from.event)
    let time = TimeText.text(.zero + (to.now - from.now))
    let passed = from == to ? "" : "\(count) events, \(time)\(isBack ? " back" : ""); "
    explain("\(passed)next comes \(bench.nextWord ?? "nothing"); `:undo` takes it back")
  }

  private func tell(_ fault: RuntimeError, _ renderer: DiagnosticRenderer) {
    guard let diagnostic = fault.diagnostic else {
      let text = "error \(fault.code): \(fault.title)\n"
      return complain(text, code: fault.code, title: fault.title, help: fault.help)
    }
    complain(diagnostic, renderer, at: "at " + TimeText.text(bench.moment.now))
    if fault.code == "N304" {
      terminal.tell("  `:restart` goes back to where structure may change\n")
    }
  }
}
