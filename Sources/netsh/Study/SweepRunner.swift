// The runs of a study on all cores: each result is kept as soon as it is there, what fails is told
// at once, and the sum at the end is over all that is there, whoever ran it.

import NetLab
import NetScript

struct SweepRunner {
  var study: Study
  var shard: Shard
  var store: ResultStore?

  /// Runs what is not there yet, tells what fails as it comes, and the sum of all.
  func run(_ options: RunOptions, terminal: Terminal) throws -> ExitStatus {
    let (found, status) = try results(options, terminal: terminal) { result in
      if let text = result.failure { terminal.write(text + "\n", to: .output) }
    }
    terminal.write(SweepSummary(found).lines.map { $0 + "\n" }.joined(), to: .output)
    // What is kept is a result, whatever it says: a machine that ran its part has done its work.
    let verdicts = store == nil ? found.map { $0.1.status(isStrict: options.strict) } : []
    return ExitStatus.combined([status] + verdicts)
  }

  /// All results, those that were there and those that are made now, and what kept others from
  /// being made.
  func results(
    _ options: RunOptions, terminal: Terminal, tell: (StudyResult) -> Void
  ) throws -> (found: [(StudyLine, StudyResult)], status: ExitStatus) {
    try store?.open(study)
    let places = study.places(of: shard, without: store)
    let jobs = places.map { place in
      var job = study.jobs[place]
      job.keep = store.map { ($0, study.key(place)) }
      return job
    }
    let all = study.jobs.indices.filter(shard.has)
    if jobs.count < all.count {
      terminal.tell("netsh: \(all.count - jobs.count) of \(all.count) results are there.\n")
    }
    Interruption.watch()
    var results: [(StudyLine, StudyResult)?] = Array(repeating: nil, count: study.jobs.count)
    var statuses: [ExitStatus] = []
    var said: Set<String> = []
    var printer = ResultPrinter(options: options, terminal: terminal)
    var told = 0
    RunWorkers(jobs).run(progress: ProgressLine(terminal: terminal)) { outcome, progress in
      let place = places[told]
      told += 1
      progress.clear()
      if let problem = outcome.problem, said.insert(problem).inserted {
        terminal.tell("netsh: \(problem)\n")
        statuses.append(.usage)
      }
      if outcome.result.isInterrupted { return }
      if !outcome.diagnostics.isEmpty {
        statuses.append(printer.tell(outcome))
        return
      }
      let line = study.line(place)
      if let result = StudyResult(line: JSONReport.line(outcome.result, id: line.id)) {
        tell(result)
        results[place] = (line, result)
      }
    }
    if Interruption.isRequested { statuses.append(.interrupted) }
    let found = all.compactMap { place -> (StudyLine, StudyResult)? in
      if let found = results[place].take() { return found }
      guard let store else { return nil }
      let line = study.line(place)
      return store.result(of: line.id).map { (line, $0) }
    }
    return (found, ExitStatus.combined(statuses))
  }
}
