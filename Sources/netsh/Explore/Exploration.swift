// One run in many orders: drawn ones on all cores, and what is told of a schedule that fails.

import Foundation
import NetLab
import NetScript
import NetSim

struct Exploration {
  enum Manner {
    case random
    case ranks(depth: Int)

    var text: String {
      switch self {
      case .random: "drawn at random"
      case .ranks(let depth): "by random priorities, depth \(depth)"
      }
    }
  }

  /// More are a matter for several seeds.
  static let mostRuns = 1_000_000
  /// So many are planned at a time.
  private static let batch = 1000

  let options: RunOptions
  let job: RunJob
  let terminal: Terminal
  private let start = ContinuousClock.now

  /// - Throws: `Failure` when the script has mistakes, or not one run.
  init(_ options: RunOptions, terminal: Terminal) throws {
    let study = try Study.plan(options, terminal: terminal)
    guard study.count == 1 else {
      throw Failure(
        .usage,
        "explore takes one run and these are \(study.count): --case, --variant, --seed and "
          + "--set choose.")
    }
    self.options = options
    var job = study.job(0)
    job.plan.endsAtFailure = true
    self.job = job
    self.terminal = terminal
    Interruption.watch()
  }

  func draw(_ count: Int, _ manner: Manner, preemptions: Int) throws -> ExitStatus {
    // The run as it is, for how many choices it has; it may fail by itself.
    let usual = try outcome(of: Schedule(preemptions: preemptions))
    var done = 1
    if usual.result.verdict == .error {
      var printer = ResultPrinter(options: options, terminal: terminal)
      return printer.tell(usual)
    }
    var found = Found(usual)
    var ended = ended(usual)
    var choices = usual.result.choices?.count ?? 0
    if found == nil, choices == 0 { return nothingToChoose() }
    let limit = ended
    while found == nil, ended == nil, done <= count {
      let jobs = (done..<min(done + Self.batch, count + 1)).map { number in
        drawn(number, manner, choices: usual.result.choices?.count ?? 0, preemptions)
      }
      let line = ProgressLine(terminal: terminal)
      RunWorkers(jobs).runWhile(progress: line) { outcome, progress in
        progress.clear()
        ended = self.ended(outcome)
        if ended == .interrupted { return false }
        done += 1
        choices += outcome.result.choices?.count ?? 0
        found = Found(outcome)
        return found == nil && ended == nil
      }
      if Interruption.isRequested { ended = .interrupted }
    }
    let pace =
      "\(done) runs, \(perSecond(done)) a second, \(Spelling.grouped(Int64(choices))) choices"
    if let found { return try tell(found, pace) }
    if let status = limit ?? ended {
      terminal.write("broken off, nothing found: \(pace)\n", to: .output)
      return status
    }
    terminal.write("no run fails: \(manner.text)\n\(pace)\n", to: .output)
    return .passed
  }

  private func drawn(
    _ number: Int, _ manner: Manner, choices: Int, _ preemptions: Int
  ) -> RunJob {
    var job = job
    let stream = RandomStream(
      seed: job.plan.seed, path: job.plan.title, purpose: "schedule \(number)")
    let strategy: Chooser.Strategy =
      switch manner {
      case .random: .drawn(stream)
      case .ranks(let depth): .ranks(Ranks(stream, depth: depth, choices: choices))
      }
    job.plan.choosing = Choosing(strategy, preemptions: preemptions)
    return job
  }

  /// Runs a schedule.
  func outcome(of schedule: Schedule) throws -> RunOutcome {
    var job = job
    job.plan.choosing = Choosing(schedule)
    var outcome: RunOutcome?
    RunWorkers([job]).run(progress: ProgressLine(terminal: terminal)) { one, progress in
      progress.clear()
      outcome = one
    }
    guard let outcome else { throw Failure(.interrupted) }
    guard outcome.diagnostics.isEmpty else {
      var printer = ResultPrinter(options: options, terminal: terminal)
      throw Failure(printer.tell(outcome))
    }
    return outcome
  }

  /// Why nothing more is to be had of it; nil when it came to its end.
  private func ended(_ outcome: RunOutcome) -> ExitStatus? {
    if outcome.result.isInterrupted { return .interrupted }
    return outcome.result.verdict == .limit ? .limit : nil
  }

  func nothingToChoose() -> ExitStatus {
    terminal.write("no run fails: the scheduler has nothing to choose\n", to: .output)
    return .passed
  }

  func perSecond(_ count: Int) -> String {
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    return Spelling.grouped(Int64(Double(count) / max(seconds, 0.001)))
  }

  // MARK: What was found

  /// Makes the schedule small and says what comes of it.
  func tell(_ found: Found, _ pace: String) throws -> ExitStatus {
    let small = try smallest(found)
    var replay = options
    replay.schedule = small.schedule
    let outcome = try outcome(of: small.schedule)
    var text = "\(small.what)\n"
    for line in small.detail { text += "  \(line)\n" }
    text += "schedule  \(small.schedule.text.isEmpty ? "the usual one" : small.schedule.text)\n"
    if small.schedule != found.schedule {
      text +=
        "  \(small.schedule.departures) of \(found.schedule.departures) choices that were not "
      text += "the first are needed\n"
    }
    text += "replay    \(ReplayCommand.text(outcome, replay))\n\(pace)\n"
    terminal.write(text, to: .output)
    return .failed
  }

  /// Leaves out choices that are not needed: halves first, then single ones.
  private func smallest(_ found: Found) throws -> Found {
    var best = found
    var size = best.schedule.departures
    while size > 0, !Interruption.isRequested {
      var from = 0
      while from < best.schedule.departures, !Interruption.isRequested {
        let fewer = best.schedule.without(from..<from + size)
        if let other = Found(try outcome(of: fewer)), other.what == best.what {
          best = other
          best.schedule = fewer
        } else {
          from += size
        }
      }
      size = size > 1 ? (size + 1) / 2 : 0
    }
    return best
  }
}

/// A run that fails, and how it comes about.
struct Found {
  var schedule: Schedule
  /// What failed, without the time.
  var what: String
  var detail: [String]

  /// Nil when the run does not fail.
  init?(_ outcome: RunOutcome) {
    let result = outcome.result
    if let failure = result.expectations.first(where: { $0.verdict == .fail }) {
      what =
        "fails: \(failure.label ?? failure.text)  (\(failure.file):\(failure.line))"
      detail = failure.detail
    } else if result.verdict == .error, let fault = result.fault {
      what = "fails: error \(fault.error.code): \(fault.error.title)"
      detail = [fault.moment]
    } else {
      return nil
    }
    schedule = Schedule(result.choices?.schedule ?? "") ?? Schedule()
  }
}

extension Schedule {
  /// The first in place of some of the choices that are not.
  fileprivate func without(_ departures: Range<Int>) -> Schedule {
    var other = self
    var number = 0
    for place in choices.indices where choices[place] != 0 {
      if departures.contains(number) { other.choices[place] = 0 }
      number += 1
    }
    while other.choices.last == 0 { other.choices.removeLast() }
    return other
  }
}
