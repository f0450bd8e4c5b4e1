// A result as it is kept: what `--json` prints of a run, under its key.

import Foundation
import NetLab

struct StudyResult: Decodable, Sendable {
  struct Expectation: Decodable, Sendable {
    var text: String
    var `as`: String?
    var verdict: String
  }
  struct Table: Decodable, Sendable {
    var `as`: String?
    var columns: [String]
    var rows: [[Entry]]
  }
  /// A cell: a number, a text, a truth or nothing.
  enum Entry: Decodable, Equatable, Sendable {
    case none
    case bool(Bool)
    case number(Double)
    case text(String)

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if value.decodeNil() {
        self = .none
      } else if let bool = try? value.decode(Bool.self) {
        self = .bool(bool)
      } else if let number = try? value.decode(Double.self) {
        self = .number(number)
      } else {
        self = .text(try value.decode(String.self))
      }
    }

    /// As a field of CSV has it.
    var text: String {
      switch self {
      case .none: ""
      case .bool(let value): "\(value)"
      case .number(let value):
        value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
      case .text(let value): value
      }
    }
  }

  /// Stalls that lasted a second or longer, the longest of them.
  struct Stalls: Decodable, Sendable {
    struct Stall: Decodable, Sendable {
      var lasted: Double
      private enum CodingKeys: String, CodingKey { case lasted = "lasted_ns" }
    }
    var kept: [Stall]
  }

  var id: String
  var `case`: String
  var variant: String?
  var seed: UInt64
  var verdict: String
  var expectations: [Expectation]
  var reports: [Table]
  var stalls: Stalls?
  var endedAt: Int64
  var events: Int64
  var packets: Int64
  var digest: String
  var error: String?
  /// Columns that no report has, added by whoever has found them out.
  var added: [(column: String, value: Entry)] = []

  private enum CodingKeys: String, CodingKey {
    case id, `case`, variant, seed, verdict, expectations, reports, stalls, events, packets
    case digest, error
    case endedAt = "ended_at_ns"
  }

  /// Nil when the line is cut short or is no result.
  init?(line: String) {
    guard let result = try? JSONDecoder().decode(StudyResult.self, from: Data(line.utf8)) else {
      return nil
    }
    self = result
  }

  /// The last row of each report, by column.
  var measured: [(column: String, value: Entry)] {
    reports.flatMap { table in
      zip(table.columns, table.rows.last ?? []).map { (column: $0, value: $1) }
    } + added
  }

  /// What is told at once of a run that did not pass.
  var failure: String? {
    guard verdict != "pass" else { return nil }
    let broken = expectations.first { $0.verdict == verdict }
    let what = error ?? broken.map { "\"\($0.as ?? $0.text)\"" } ?? ""
    let name = variant.map { " · variant \"\($0)\"" } ?? ""
    return "\(verdict)  \(`case`)\(name) · seed \(seed)  \(what)"
  }

  func status(isStrict: Bool) -> ExitStatus {
    switch verdict {
    case "pass": .passed
    case "fail": .failed
    case "error": .scriptError
    case "limit": .limit
    default: isStrict ? .failed : .passed
    }
  }
}

extension StudyResult {
  /// The same as by way of the line that is kept, in a fifth of the time.
  init(_ result: RunResult, id: String) {
    self.id = id
    `case` = result.title
    variant = result.variant
    seed = result.seed
    verdict = result.verdict.word
    expectations = result.expectations.map {
      Expectation(text: $0.text, as: $0.label, verdict: $0.verdict.word)
    }
    reports = result.reports.map { table in
      Table(
        as: table.label, columns: table.columnsWithUnits,
        rows: table.rows.map { $0.map { Entry($0) } })
    }
    stalls = Stalls(kept: result.stalls.kept.map { .init(lasted: Double($0.lasted.nanoseconds)) })
    endedAt = result.endedAt.nanoseconds
    events = result.events
    packets = result.packets
    digest = result.digestText
    error = result.fault.map { "\($0.error.code): \($0.error.title)" }
  }
}

extension StudyResult.Entry {
  /// JSON has no infinities.
  fileprivate init(_ cell: Cell) {
    switch cell.number {
    case .none: self = .none
    case .bool(let value): self = .bool(value)
    case .int(let value): self = .number(Double(value))
    case .real(let value): self = value.isFinite ? .number(value) : .none
    case .text: self = .text(cell.text)
    }
  }
}

extension ResultStore {
  func result(of id: String) -> StudyResult? {
    FileManager.default.contents(atPath: path(of: id)).flatMap {
      StudyResult(line: String(decoding: $0, as: UTF8.self))
    }
  }
}
