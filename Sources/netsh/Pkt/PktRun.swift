// All scripts of a `netsh pkt`, judged and told one by one.

import NetLab
import NetScript

struct PktRun {
  let settings: PktSettings
  let terminal: Terminal
  let judge: PktJudge
  var exceptions = PktExceptions()
  var isQuiet = false
  var json = false

  init(_ settings: PktSettings, _ terminal: Terminal) throws {
    self.settings = settings
    self.terminal = terminal
    judge = try PktJudge(settings)
  }

  func judge(_ scripts: [PktScript]) -> ExitStatus {
    var counts = PktCounts()
    var statuses: [ExitStatus] = []
    var progress = ProgressLine(terminal: terminal)
    Interruption.watch()
    for (index, script) in scripts.enumerated() {
      progress.update("\(index) of \(scripts.count) scripts, \(counts.failed) failed")
      var result = judge.judge(script)
      result.known = exceptions.reason(for: script.path)
      counts.add(result)
      statuses.append(status(of: result))
      tell(result, &progress)
      if case .interrupted = result.verdict { break }
    }
    progress.clear()
    if !json { terminal.write(counts.text, to: .output) }
    return ExitStatus.combined(statuses)
  }

  private func tell(_ result: PktResult, _ progress: inout ProgressLine) {
    if case .mistaken(let diagnostics) = result.verdict {
      var files = SourceFiles()
      _ = files.add(name: result.script.path, octets: result.script.octets)
      let renderer = DiagnosticRenderer(files)
      progress.clear()
      for diagnostic in diagnostics { terminal.tell(renderer.render(diagnostic)) }
    }
    guard json || !isQuiet else { return }
    let text =
      json
      ? PktLine(result, settings).text
      : PktText(terminal: terminal, settings: settings).text(result)
    guard !text.isEmpty else { return }
    progress.clear()
    terminal.write(text, to: .output)
  }

  private func status(of result: PktResult) -> ExitStatus {
    switch result.verdict {
    case .interrupted: return .interrupted
    case .mistaken: return .scriptError
    case .passed, .failed, .unsupported:
      return result.isGood(settings.strictness) || result.known != nil ? .passed : .failed
    }
  }
}
