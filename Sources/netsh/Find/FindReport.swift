// What a search came to, for people, and the run to pack.

import Foundation
import NetLab
import NetScript
import NetStack

struct FindReport {
  let inquiry: Inquiry
  let search: FindSearch
  private let terminal: Terminal
  let answer: Frontier.Answer

  /// Lines of why a property failed: the rest is a `netsh run` away.
  private static let detail = 6

  init(_ inquiry: Inquiry, _ search: FindSearch, _ terminal: Terminal) {
    self.inquiry = inquiry
    self.search = search
    self.terminal = terminal
    answer = search.frontier.answer ?? Frontier.Answer()
  }

  // MARK: For people

  var text: String {
    var lines: [String] = []
    if search.isInterrupted {
      lines += standing
    } else if let value = answer.value {
      lines.append(styled("\(name) = \(text(value))", .good) + " is the \(superlative) such that")
      lines += indented(inquiry.claims)
      lines += caveats(value)
    } else {
      let way = inquiry.question.goal == .least ? "up" : "down"
      lines.append(
        styled("no value", .bad) + " of \(name) \(way) to \(text(end)) is such that")
      lines += indented(inquiry.claims)
      if !inquiry.dial.isBounded { lines.append("`in A..B` behind \(name) looks further.") }
    }
    lines.append("over \(seeds) · \(count(search.runs, "run")) in \(time)")
    if let failure { lines += self.lines(failure) }
    return lines.map { $0 + "\n" }.joined()
  }

  /// Of a search that was left.
  private var standing: [String] {
    let standing = search.frontier.standing
    var lines = ["interrupted; of \(name) is known:"]
    if let failure = standing.failure { lines.append("  \(text(failure.value)) fails") }
    if let candidate = standing.candidate {
      lines.append(
        "  \(text(candidate)) holds with \(standing.held) of \(inquiry.seeds.count) seeds")
    }
    return lines
  }

  private func caveats(_ value: Int64) -> [String] {
    var lines: [String] = []
    if !answer.exceptions.isEmpty {
      let rest = answer.hasMore ? " and maybe others" : ""
      lines.append(
        styled("not monotone", .caution)
          + ": it holds with \(list(answer.exceptions))\(rest) too, and fails in between.")
    }
    if let beyond = answer.beyond {
      lines.append(
        styled("not monotone", .caution)
          + ": it fails with \(text(beyond.value)) and seed \(beyond.seed); the search was left."
      )
    }
    if answer.isMonotone, !answer.triedBeyond.isEmpty {
      let isSample = inquiry.seeds.count > Frontier.probes
      let sample = isSample ? ", tried with \(Frontier.probes) seeds" : ""
      lines.append("It holds with \(list(answer.triedBeyond)) too\(sample).")
    }
    let failing = answer.triedBefore.filter { !answer.exceptions.contains($0) }
    if !failing.isEmpty {
      lines.append("It fails with \(list(failing)).")
    } else if value == end(before: true) {
      lines.append("It is the \(inquiry.question.goal == .least ? "first" : "last") there is.")
    }
    return lines
  }

  private func lines(_ failing: FindSearch.Failing) -> [String] {
    var lines: [String] = []
    let report = TextReport { text, style in
      style == .bad ? terminal.styled(text, .bad, on: .output) : text
    }
    lines.append("with \(name) = \(text(failureQuery?.value ?? 0)):")
    for one in failing.expectations {
      var short = one
      if short.detail.count > Self.detail {
        short.detail = Array(short.detail.prefix(Self.detail)) + ["…"]
      }
      lines += report.lines(short, failing.outcome.result)
    }
    if let options = failingOptions {
      lines.append(ReplayCommand.text(failing.outcome, options))
    }
    return lines
  }

  private var superlative: String { inquiry.question.goal == .least ? "least" : "greatest" }
  private var name: String { inquiry.dial.name }
  private func text(_ value: Int64) -> String { inquiry.dial.text(value) }
  private var end: Int64 { end(before: false) }
  private func end(before: Bool) -> Int64 {
    let range = inquiry.range
    return (inquiry.question.goal == .least) == before ? range.lowerBound : range.upperBound
  }

  private var seeds: String {
    guard let first = inquiry.seeds.first, let last = inquiry.seeds.last, first != last else {
      return "seed \(inquiry.seeds[0])"
    }
    return "seeds \(first) to \(last)"
  }

  private var time: String {
    TimeText.text(Instant(nanoseconds: Int64(search.seconds * 1000) * 1_000_000))
  }

  private func count(_ number: Int, _ name: String) -> String {
    "\(Spelling.grouped(Int64(number))) \(name)\(number == 1 ? "" : "s")"
  }

  private func indented(_ lines: [String]) -> [String] { lines.map { "  " + $0 } }

  private func styled(_ text: String, _ style: Terminal.Style) -> String {
    terminal.styled(text, style, on: .output)
  }

  /// In order, neighbours together: `74..90, 48, 32`.
  private func list(_ values: [Int64]) -> String {
    var runs: [ClosedRange<Int64>] = []
    for value in values.sorted() {
      if let last = runs.last, last.upperBound + 1 == value {
        runs[runs.count - 1] = last.lowerBound...value
      } else {
        runs.append(value...value)
      }
    }
    return runs.map { run in
      run.count == 1
        ? text(run.lowerBound) : "\(text(run.lowerBound))..\(text(run.upperBound))"
    }.joined(separator: ", ")
  }

  // MARK: What failed

  var failureQuery: Frontier.Query? {
    search.isInterrupted ? search.frontier.standing.failure : answer.failure
  }

  private var failure: FindSearch.Failing? { failureQuery.flatMap { search.failures[$0] } }

  /// How to run what fails; nil when nothing does.
  var failingOptions: RunOptions? {
    failureQuery.map { inquiry.options($0.value, seed: $0.seed) }
  }
}
