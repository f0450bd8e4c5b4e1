// From a bench whose run is over to its result.

import NetScript
import NetSim
import NetStack

extension Bench {
  /// What the run came to. Call after `run`, or after `prepare` if that found a fault.
  public var result: RunResult {
    var result = RunResult(title: plan.title)
    result.variant = plan.variant?.title
    result.seed = plan.seed
    result.parameters = parameterCells()
    result.expectations = expectationResults()
    result.reports = output.reports
    result.plots = plotResults
    result.lines = output.lines
    result.notes = output.notes
    result.endedAt = simulation.now
    result.events = simulation.events
    result.packets = simulation.frameCount
    result.digest = context.digest.value
    if isBuilt { result.wedged = standstills }
    result.stalls = stallSummary()
    if plan.choosing != nil {
      let chooser = simulation.chooser
      result.choices = ChoiceSummary(
        schedule: chooser.schedule.text, count: chooser.made.count,
        departures: chooser.departures)
    }
    settle(&result)
    return result
  }

  private func settle(_ result: inout RunResult) {
    result.verdict = RunVerdict.combined(result.expectations.map { $0.verdict })
    switch ending {
    case .none, .stopped: break
    case .fault(let error, let at):
      result.fault = RunFault(error: error, at: at, events: simulation.events)
      result.verdict = error.isLimit ? .limit : .error
    case .failed(let message, let at, let span):
      result.expectations.append(
        ExpectationResult(
          text: "fail \"\(message)\"", label: message, file: program.files[span.file].name,
          line: line(of: span), verdict: .fail, at: at, detail: ["at \(moment(at))"],
          shape: isBuilt ? failureShape : nil))
      result.verdict = .fail
    case .interrupted:
      result.isInterrupted = true
      if result.verdict == .pass { result.verdict = .open }
    }
  }

  /// A param of the case hides the file's of the same name.
  private func parameterCells() -> [(name: String, value: Cell)] {
    let own = plan.caseParams
    let others = program.root.params.filter { param in !own.contains { $0.name == param.name } }
    return (others + own).map { (name: $0.name, value: cell(vm.global($0.global))) }
  }

  /// In the order of the source: temporal ones and plain ones together.
  private func expectationResults() -> [ExpectationResult] {
    var results: [(SourceSpan, ExpectationResult)] = []
    for (one, text) in zip(watch.expectations, watch.texts) {
      let verdict = one.judgement.verdict ?? .open
      var result = expectationResult(text.site, verdict, one.judgement.decidedAt, text.detail)
      result.shape = text.shape
      results.append((text.site.span, result))
    }
    for one in output.plain {
      var result = expectationResult(one.site, one.verdict, one.at, one.detail)
      result.shape = one.shape
      results.append((one.site.span, result))
    }
    // Insertion keeps those of one place in the order in which they were met.
    var ordered: [(SourceSpan, ExpectationResult)] = []
    for one in results {
      var place = ordered.count
      while place > 0 && isBefore(one.0, ordered[place - 1].0) { place -= 1 }
      ordered.insert(one, at: place)
    }
    return ordered.map { $0.1 }
  }

  private func isBefore(_ first: SourceSpan, _ second: SourceSpan) -> Bool {
    first.file == second.file
      ? first.start < second.start : first.file.rawValue < second.file.rawValue
  }

  private func expectationResult(
    _ site: StatementSite, _ verdict: Verdict, _ at: Instant, _ detail: [String]
  ) -> ExpectationResult {
    let file = program.files[site.span.file]
    return ExpectationResult(
      text: file.text(site.claimSpan), label: site.label, file: file.name,
      line: line(of: site.span),
      verdict: verdict, at: at, detail: detail)
  }
}
