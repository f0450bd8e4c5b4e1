// The stalls of a run and what ended each, as plain values: for the table at the end, for JSON, for
// reports.

import NetScript
import NetStack

/// One stall: one that has ended, or one that stands still at the end of the run.
public struct StallResult: Equatable, Sendable {
  public var host: String
  /// The task; where nobody waited, the connection.
  public var who: String
  /// `cluster`, `mbuf`, `room`, `handshake`, `ACK`, or a further pool's path.
  public var awaited: String
  public var began: Instant
  /// Up to its end, or so far.
  public var lasted: TimeSpan
  /// `Mechanism.name`, or `still`.
  public var endedBy: String
  /// The same in words, with whose deed it was; what holds it, while it is still there.
  public var text: String
  /// The event that ended it; 0 while it is still there.
  public var event: Int64

  public var isStill: Bool { endedBy == "still" }
}

/// All of them. Of those that have ended the longest are kept, and all are counted.
public struct StallSummary: Equatable, Sendable {
  /// In the order in which they ended, then those that are still there.
  public var kept: [StallResult] = []
  /// How many each mechanism has ended.
  public var counts: [StallCount] = []

  public init() {}

  public var ended: Int64 { counts.reduce(0) { $0 + $1.count } }
}

public struct StallCount: Equatable, Sendable {
  public var mechanism: String
  public var count: Int64
}

/// The table at the end of a run: one screen, 80 columns.
struct StallTable {
  static let mostRows = 8

  let lines: [String]

  init(_ summary: StallSummary) {
    let shown = StallTable.longest(summary.kept)
    let columns = ["began", "lasted", "who", "for", "ended by", "event"]
    var table = TextTable(columns: columns, rows: [])
    for stall in shown {
      table.rows.append([
        Cell(text: StallTable.rounded(stall.began.nanoseconds)),
        Cell(text: StallTable.rounded(stall.lasted.nanoseconds)), Cell(text: stall.who),
        Cell(text: StallTable.cut(stall.awaited, to: 10)),
        Cell(text: StallTable.cut(stall.text, to: 22)),
        stall.isStill
          ? Cell(text: "", number: .none) : Cell(text: "\(stall.event)", number: .int(stall.event)),
      ])
    }
    // Names give way to what is said of them.
    let excess = table.fullWidth - TextTable.lineWidth
    if excess > 0 {
      let widest = shown.map { TextTable.columns($0.who) }.max() ?? 0
      for index in table.rows.indices {
        table.rows[index][2].text = StallTable.cut(shown[index].who, to: max(widest - excess, 8))
      }
    }
    var lines = table.lines
    let rest = StallTable.rest(summary, shown)
    if !rest.isEmpty { lines += TextTable.wrapped(rest, columns: 76).map { "  " + $0 } }
    self.lines = lines
  }

  /// The longest, in the order in which they began.
  private static func longest(_ stalls: [StallResult]) -> [StallResult] {
    let order = stalls.indices.sorted {
      let (a, b) = (stalls[$0].lasted, stalls[$1].lasted)
      return a != b ? a > b : $0 < $1
    }
    return order.prefix(mostRows).sorted { stalls[$0].began < stalls[$1].began }.map { stalls[$0] }
  }

  /// `and 12 shorter ones: 7 ack, 5 read`.
  private static func rest(_ summary: StallSummary, _ shown: [StallResult]) -> String {
    var parts: [String] = []
    var total: Int64 = 0
    let still = summary.kept.reduce(0) { $0 + ($1.isStill ? 1 : 0) }
    let all = summary.counts + [StallCount(mechanism: "still", count: Int64(still))]
    for one in all {
      let told = shown.reduce(0) { $0 + ($1.endedBy == one.mechanism ? 1 : 0) }
      let left = one.count - Int64(told)
      if left > 0 { parts.append("\(Spelling.grouped(left)) \(one.mechanism)") }
      total += left
    }
    if total == 0 { return "" }
    let noun = total == 1 ? "shorter one" : "shorter ones"
    return "and \(Spelling.grouped(total)) \(noun): " + parts.joined(separator: ", ")
  }

  /// To the millisecond; from a minute on to the second.
  static func rounded(_ nanoseconds: Int64) -> String {
    let unit: Int64 = nanoseconds < 60_000_000_000 ? 1_000_000 : 1_000_000_000
    return QuantityText.time(nanoseconds: (nanoseconds + unit / 2) / unit * unit)
  }

  private static func cut(_ text: String, to width: Int) -> String {
    let scalars = Array(text.unicodeScalars)
    if scalars.count <= width { return text }
    var cut = ""
    for scalar in scalars.prefix(width - 1) { cut.unicodeScalars.append(scalar) }
    return cut + "…"
  }
}
