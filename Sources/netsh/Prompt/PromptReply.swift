// What came of a line, as somebody reads it: results on one stream, mistakes on the other.

import NetLab
import NetScript
import NetStack

extension Prompt {
  func say(_ line: String) {
    terminal.write(line + "\n", to: .output)
  }

  /// Always false: what was asked for was not done.
  func refuse(_ why: String) -> Bool {
    terminal.write("netsh: \(why)\n", to: .error)
    return false
  }

  /// False when it was a mistake.
  func tell(_ reply: Reply, moved: Bool = false) -> Bool {
    for line in reply.lines { say(line) }
    let renderer = DiagnosticRenderer(reply.files ?? bench.files)
    for diagnostic in reply.diagnostics {
      terminal.write(renderer.render(diagnostic), to: .error)
    }
    if let fault = reply.fault { tell(fault, renderer) }
    if let value = reply.value { say(value) }
    if let note = reply.note { return refuse(note) }
    if reply.isMistake { return false }
    let event = Spelling.grouped(bench.moment.event)
    if moved { say("at \(TimeText.text(bench.moment.now)), event \(event)") }
    switch reply.stop {
    case .halted: say("halted at event \(event)")
    case .ended: say("the file's statements are through")
    case .done: break
    }
    return reply.commands.isEmpty || perform(reply.commands)
  }

  private func tell(_ fault: RuntimeError, _ renderer: DiagnosticRenderer) {
    guard let diagnostic = fault.diagnostic else {
      return terminal.write("error \(fault.code): \(fault.title)\n", to: .error)
    }
    terminal.write(
      renderer.render(diagnostic, moment: "at " + TimeText.text(bench.moment.now)), to: .error)
  }
}
