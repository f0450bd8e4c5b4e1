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
    // Summed up as they come: what is left for the end is the work of one core.
    var summary = SweepSummary()
    var verdict = ExitStatus.passed
    let status = try eachResult(options, terminal: terminal) { line, result, isNew in
      if isNew, let text = result.failure { terminal.write(text + "\n", to: .output) }
      summary.add(line, result)
      verdict = ExitStatus.combined([verdict, result.status(isStrict: options.strict)])
    }
    terminal.write(summary.finish().map { $0 + "\n" }.joined(), to: .output)
    // What is kept is a result, whatever it says: a machine that ran its part has done its work.
    return ExitStatus.combined(store == nil ? [status, verdict] : [status])
  }

  /// All results, those that were there and those that are made now, and what kept others from
  /// being made.
  func results(
    _ options: RunOptions, terminal: Terminal
  ) throws -> (found: [(StudyLine, StudyResult)], status: ExitStatus) {
    var found: [(StudyLine, StudyResult)] = []
    let status = try eachResult(options, terminal: terminal) { line, result, _ in
      found.append((line, result))
    }
    return (found, status)
  }

  /// - Parameter take: is given each result in the order of the plan, and whether it was made now.
  /// - Returns: what kept others from being made.
  private func eachResult(
    _ options: RunOptions, terminal: Terminal, take: (StudyLine, StudyResult, Bool) -> Void
  ) throws -> ExitStatus {
    try store?.open(study)
    let places = study.places(of: shard, without: store)
    var rest = (0..<study.count).filter(shard.has)[...]
    if places.count < rest.count {
      terminal.tell("netsh: \(rest.count - places.count) of \(rest.count) results are there.\n")
    }
    /// Those that were there in front of the one that is made now.
    func takeKept(before end: Int) {
      while let place = rest.first, place < end {
        rest.removeFirst()
        let line = study.line(place)
        if let result = store?.result(of: line.id) { take(line, result, false) }
      }
    }
    Interruption.watch()
    var statuses: [ExitStatus] = []
    var said: Set<String> = []
    var printer = ResultPrinter(options: options, terminal: terminal)
    var told = 0
    workers(places, options).run(progress: ProgressLine(terminal: terminal)) { run, progress in
      let place = places[told]
      told += 1
      progress.clear()
      if let problem = run.problem, said.insert(problem).inserted {
        terminal.tell("netsh: \(problem)\n")
        statuses.append(.usage)
      }
      if let outcome = run.mistaken { statuses.append(printer.tell(outcome)) }
      if let (line, result) = run.result {
        takeKept(before: place)
        rest.removeFirst()
        take(line, result, true)
      }
    }
    if Interruption.isRequested { statuses.append(.interrupted) }
    takeKept(before: .max)
    return ExitStatus.combined(statuses)
  }

  private func workers(_ places: [Int], _ options: RunOptions) -> RunWorkers<SweptRun> {
    RunWorkers(places.count) { [study, store] worker in
      // It takes as long as some sixty runs of the smallest kind.
      let isWorthIt = worker > 0 && places.count > 1000
      let own = isWorthIt ? study.again(options) ?? study : study
      return RunWorkers.Work(
        job: { number in
          var job = own.job(places[number])
          if let store { job.keep = (store, own.key(places[number], job.plan)) }
          return job
        },
        product: { number, outcome in
          SweptRun(outcome) { own.line(places[number], outcome.job.plan) }
        })
    }
  }
}

/// What is told of a run of a study. Behind one reference: it is handed from thread to thread.
private final class SweptRun: Sendable {
  /// Why its result could not be kept.
  let problem: String?
  /// It has mistakes before time 0, and no result.
  let mistaken: RunOutcome?
  let result: (StudyLine, StudyResult)?

  init(_ outcome: RunOutcome, line: () -> StudyLine) {
    problem = outcome.problem
    let isMistaken = !outcome.diagnostics.isEmpty && !outcome.result.isInterrupted
    mistaken = isMistaken ? outcome : nil
    if isMistaken || outcome.result.isInterrupted {
      result = nil
    } else {
      let line = line()
      result = (line, StudyResult(outcome.result, id: line.id))
    }
  }
}
