// The search with runs in it: batch by batch what the frontier asks for, on all cores.

import Foundation
import NetLab
import NetScript

struct FindSearch {
  /// A run in which a property did not hold.
  struct Failing {
    var outcome: RunOutcome
    var expectations: [ExpectationResult]
  }

  private let inquiry: Inquiry
  private let terminal: Terminal
  private(set) var frontier: Frontier
  private(set) var runs = 0
  private(set) var seconds = 0.0
  private(set) var isInterrupted = false
  /// Of each value and seed that failed, without what it printed.
  private(set) var failures: [Frontier.Query: Failing] = [:]

  init(_ inquiry: Inquiry, terminal: Terminal) {
    self.inquiry = inquiry
    self.terminal = terminal
    frontier = Frontier(
      inquiry.question.goal, in: inquiry.range, from: inquiry.dial.start, seeds: inquiry.seeds,
      width: ProcessInfo.processInfo.activeProcessorCount)
  }

  /// - Throws: `Failure` when a run cannot tell.
  mutating func run() throws -> ExitStatus {
    let began = ContinuousClock.now
    var line = ProgressLine(terminal: terminal)
    defer {
      line.clear()
      let time = ContinuousClock.now - began
      seconds = Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
    }
    while true {
      let queries = frontier.next()
      if queries.isEmpty { break }
      let jobs = try queries.map { try inquiry.job($0.value, seed: $0.seed) }
      var outcomes: [RunOutcome] = []
      RunWorkers(jobs).run(progress: line, label: label) { outcome, progress in
        outcomes.append(outcome)
        line = progress
      }
      for (query, outcome) in zip(queries, outcomes) where !outcome.result.isInterrupted {
        runs += 1
        frontier.tell(query, holds: try holds(query, outcome))
      }
      if Interruption.isRequested {
        isInterrupted = true
        return .interrupted
      }
    }
    return frontier.answer?.value == nil ? .failed : .passed
  }

  private var label: String {
    let standing = frontier.standing
    var parts = ["run \(runs + 1)"]
    if let failure = standing.failure { parts.append("fails at \(text(failure.value))") }
    if let candidate = standing.candidate {
      parts.append("\(text(candidate)): \(standing.held) of \(inquiry.seeds.count) seeds")
    }
    return parts.joined(separator: " · ")
  }

  private func text(_ value: Int64) -> String { inquiry.dial.text(value) }

  private mutating func holds(_ query: Frontier.Query, _ outcome: RunOutcome) throws -> Bool {
    let isOwn = inquiry.question.properties.isEmpty
    let asked = outcome.result.expectations.filter { isOwn || $0.file == Addition.option }
    let failed = asked.filter { $0.verdict == .fail }
    if !failed.isEmpty {
      var outcome = outcome
      outcome.result.lines = []
      failures[query] = Failing(outcome: outcome, expectations: failed)
      return false
    }
    let place = "with \(inquiry.dial.name) = \(text(query.value)) and seed \(query.seed)"
    guard outcome.diagnostics.isEmpty, outcome.result.fault == nil else {
      var options = inquiry.options(query.value, seed: query.seed)
      options.onlyChecks = true  // only what went wrong is told
      var printer = ResultPrinter(options: options, terminal: terminal)
      _ = printer.tell(outcome)
      throw Failure(outcome.result.verdict == .limit ? .limit : .scriptError)
    }
    if !isOwn, let one = asked.first(where: { $0.verdict != .pass }) {
      let why = one.detail.first.map { ": \($0)" } ?? ""
      throw Failure(.failed, "`\(one.text)` stays \(one.verdict.word) \(place)\(why).")
    }
    guard !asked.isEmpty else {
      let why = isOwn ? "the case expects nothing" : "the case lets no time pass"
      throw Failure(.usage, "\(why), so there is nothing to judge.")
    }
    return true
  }
}
