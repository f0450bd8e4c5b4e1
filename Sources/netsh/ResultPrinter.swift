// Results on standard output, what went wrong on standard error, and the status of each run.

import NetLab
import NetScript

struct ResultPrinter {
  private let options: RunOptions
  private let terminal: Terminal
  private let report: TextReport
  /// Said once for all runs.
  private var said: Set<String> = []
  /// Where something looked unwise: each variant and seed would say it again.
  private var warned: Set<SourceSpan> = []
  private(set) var warnings = 0
  private var count = 0

  init(options: RunOptions, terminal: Terminal) {
    self.options = options
    self.terminal = terminal
    report = TextReport(draws: terminal.isTerminal(.output)) { text, style in
      switch style {
      case .plain: text
      case .heading: terminal.styled(text, .bold, on: .output)
      case .good: terminal.styled(text, .good, on: .output)
      case .bad: terminal.styled(text, .bad, on: .output)
      case .caution: terminal.styled(text, .caution, on: .output)
      case .faint: terminal.styled(text, .faint, on: .output)
      }
    }
  }

  /// Prints one run and writes its files.
  mutating func tell(_ outcome: RunOutcome) -> ExitStatus {
    let renderer = DiagnosticRenderer(outcome.job.files)
    for diagnostic in outcome.diagnostics {
      // Every variant and seed would find the same mistake.
      say(renderer.render(diagnostic))
    }
    if !outcome.diagnostics.isEmpty { return .scriptError }
    for warning in outcome.warnings where warned.insert(warning.primary.span).inserted {
      warnings += 1
      terminal.tell(renderer.render(warning))
    }
    if let fault = outcome.result.fault {
      tell(fault, renderer)
    }
    if options.onlyChecks { return outcome.result.fault == nil ? .passed : .scriptError }
    for note in outcome.result.notes { say("netsh: \(note)\n") }
    if let choices = outcome.result.choices { terminal.tell("netsh: \(choices.text).\n") }
    printResult(outcome)
    if let folder = outcome.job.folder, outcome.result.fault == nil, !outcome.files.isEmpty,
      let problem = folder.write(outcome.files)
    {
      say("netsh: \(problem)\n")
      return .usage
    }
    if let divergence = outcome.divergence {
      terminal.tell(divergence.text)
      return .determinism
    }
    return status(of: outcome.result)
  }

  private mutating func say(_ text: String) {
    if said.insert(text).inserted { terminal.tell(text) }
  }

  private func tell(_ fault: RunFault, _ renderer: DiagnosticRenderer) {
    if let diagnostic = fault.error.diagnostic {
      terminal.tell(renderer.render(diagnostic, moment: fault.moment))
    } else {
      terminal.tell("error \(fault.error.code): \(fault.error.title) \(fault.moment)\n")
      if let help = fault.error.help { terminal.tell("help: \(help)\n") }
    }
  }

  private mutating func printResult(_ outcome: RunOutcome) {
    if options.json {
      let line = JSONReport.line(
        outcome.result,
        cost: JSONReport.Cost(
          wallMilliseconds: outcome.wallMilliseconds, cpuMilliseconds: outcome.cpuMilliseconds))
      return terminal.write(line + "\n", to: .output)
    }
    var text = ""
    if isPlain(outcome) {
      for line in outcome.result.lines { text += line + "\n" }
    } else {
      if count > 0 { text += "\n" }
      let lines = report.lines(
        outcome.result, isStrictBecauseOfCI: options.isStrictBecauseOfCI)
      for line in lines { text += line + "\n" }
    }
    count += 1
    terminal.write(text, to: .output)
  }

  /// A script without a case that never let time pass just prints.
  private func isPlain(_ outcome: RunOutcome) -> Bool {
    outcome.job.plan.caseIndex == nil && outcome.result.events == 0
      && outcome.result.expectations.isEmpty && outcome.result.reports.isEmpty
  }

  private func status(of result: RunResult) -> ExitStatus {
    if result.isInterrupted { return .interrupted }
    switch result.verdict {
    case .pass: return .passed
    case .fail: return .failed
    case .vacuous, .open: return options.strict ? .failed : .passed
    case .error: return .scriptError
    case .limit: return .limit
    }
  }
}

extension Divergence {
  /// Not the script's fault: who meets it should tell.
  var text: String {
    let place = part.map {
      "from event \(Spelling.grouped($0.event)) at \(TimeText.text($0.at)) on"
    }
    return "netsh: \(manner.rawValue), this run is another one "
      + "\(place ?? "once, and not again"): \(difference). "
      + "This is a fault of netsh; please report it with the script.\n"
  }
}
