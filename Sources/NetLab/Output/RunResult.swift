// What a run came to, as a value: everything that is printed, and nothing of the engine.

import NetScript
import NetStack

/// A cell of a report, a parameter: its text, and its number for other programs.
public struct Cell: Equatable, Sendable {
  public enum Number: Equatable, Sendable {
    case none
    case bool(Bool)
    case int(Int64)
    case real(Double)
    case text
  }
  public var text: String
  /// Quantities count base units: nanoseconds, bits, bits a second, per second.
  public var number: Number
  /// The base unit: `ns`, `bit`, `bit/s`, `1/s`; empty for plain numbers and texts.
  public var unit: String

  public init(text: String, number: Number = .text, unit: String = "") {
    self.text = text
    self.number = number
    self.unit = unit
  }
}

public struct ReportTable: Equatable, Sendable {
  public var label: String?
  public var columns: [String]
  public var rows: [[Cell]] = []

  public init(label: String?, columns: [String], rows: [[Cell]] = []) {
    self.label = label
    self.columns = columns
    self.rows = rows
  }
}

/// Series that a `plot` draws.
public struct PlotResult: Sendable {
  public var title: String
  var series: [ChartSeries]
  /// The same in numbers: a row for each series.
  var summary: TextTable
}

public struct ExpectationResult: Equatable, Sendable {
  public var text: String
  public var label: String?
  public var file: String
  public var line: Int
  public var verdict: Verdict
  public var at: Instant
  /// Lines: the time and the values, and why.
  public var detail: [String]
  /// Of a failure: the same without names and numbers.
  public var shape: FailureShape?

  public init(
    text: String, label: String?, file: String, line: Int, verdict: Verdict, at: Instant,
    detail: [String], shape: FailureShape? = nil
  ) {
    self.text = text
    self.label = label
    self.file = file
    self.line = line
    self.verdict = verdict
    self.at = at
    self.detail = detail
    self.shape = shape
  }
}

/// Why a run did not reach its end.
public struct RunFault: Sendable {
  public var error: RuntimeError
  public var at: Instant
  public var events: Int64

  /// What a diagnostic of it adds to its place.
  public var moment: String {
    "at \(TimeText.text(at)), event \(Spelling.grouped(events))"
  }
}

/// A host that nobody but a person can make move again.
public struct WedgedHost: Equatable, Sendable {
  public var host: String
  /// Since when all members of its knot wait; nil where nobody does.
  public var since: Instant?
  /// Who waits for what, who has it, and what the last timer does.
  public var lines: [String]
}

/// What the scheduler could choose in a run, and what it chose.
public struct ChoiceSummary: Equatable, Sendable {
  /// `Schedule.text`.
  public var schedule: String
  public var count: Int
  /// How many were not the first.
  public var departures: Int

  public var text: String {
    "\(Spelling.grouped(Int64(count))) choices, \(departures) of them not the first"
  }
}

public struct RunResult: Sendable {
  public static let engine = "netsh 0.1"

  public var title: String
  public var variant: String?
  public var seed: UInt64 = 1
  public var parameters: [(name: String, value: Cell)] = []
  public var verdict = RunVerdict.pass
  public var expectations: [ExpectationResult] = []
  public var reports: [ReportTable] = []
  public var plots: [PlotResult] = []
  /// Printed lines, in order.
  public var lines: [String] = []
  /// Said once on standard error: what would have been written, what is not drawn yet.
  public var notes: [String] = []
  /// Hosts that are wedged where the run ended.
  public var wedged: [WedgedHost] = []
  public var fault: RunFault?
  public var isInterrupted = false
  public var endedAt = Instant.zero
  public var events: Int64 = 0
  public var packets: Int64 = 0
  public var digest: UInt64 = 0
  /// Of a run in which a schedule was followed, or others were looked for.
  public var choices: ChoiceSummary?
  /// What ended each stall.
  public var stalls = StallSummary()

  public init(title: String) { self.title = title }

  /// 16 hexadecimal digits.
  public var digestText: String {
    let text = String(digest, radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
  }
}
