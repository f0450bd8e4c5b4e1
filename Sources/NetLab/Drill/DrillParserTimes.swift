// When an event happens: `1.5`, `+.1`, `a~b`, `+a~+b`, `*`, and `t...u` of a call that blocks.

import NetScript
import NetStack

extension DrillParser {
  /// Times end where a script of a year would.
  private static let secondsLimit: Int64 = 31_536_000

  mutating func parseTime() throws(DrillStop) -> DrillTime {
    if accept("*") { return .any }
    let first = token
    let isRelative = accept("+")
    let start = try parseSeconds()
    if accept("~") {
      if isRelative {
        try expect("+", "N505", help: "+")
      }
      let end = try parseSeconds()
      if end < start {
        report("N505", "the range of times is backwards", at: span(from: first))
        throw .mistake
      }
      return .range(start, end, isRelative: isRelative)
    }
    if token.kind == .ellipsis {
      place += 1
      if isRelative, accept("+") {
        place -= 1
        throw mistake(
          "N505", "the end of a call counts from where its beginning does",
          help: "+0...0.2")
      }
      let end = try parseSeconds()
      if end < start {
        report("N505", "the call returns before it begins", at: span(from: first))
        throw .mistake
      }
      return .blocking(start, until: end, isRelative: isRelative)
    }
    return isRelative ? .relative(start) : .absolute(start)
  }

  private mutating func parseSeconds() throws(DrillStop) -> TimeSpan {
    guard token.kind == .integer || token.kind == .real else {
      throw mistake(
        "N504", "an event begins with its time",
        why: "seconds from the start, or `+` and seconds from the event before", help: "+0.1")
    }
    guard file.octets[token.start] != UInt8(ascii: "-") else {
      throw mistake("N505", "a time before the start")
    }
    var seconds: Int64 = 0
    var nanoseconds: Int64 = 0
    /// What the next digit counts; 0 before the point.
    var unit: Int64 = 0
    for octet in file.octets[token.start..<token.end] {
      if octet == UInt8(ascii: ".") {
        unit = 100_000_000
      } else if unit > 0 {
        nanoseconds += Int64(octet - UInt8(ascii: "0")) * unit
        // Finer than a nanosecond is dropped.
        unit = unit == 1 ? -1 : unit / 10
      } else if unit == 0 {
        seconds = seconds * 10 + Int64(octet - UInt8(ascii: "0"))
        guard seconds <= Self.secondsLimit else {
          throw mistake("N505", "a time later than a year")
        }
      }
    }
    place += 1
    return TimeSpan(nanoseconds: seconds * 1_000_000_000 + nanoseconds)
  }

  /// Only a packet that is expected may come in a range, and only a call may block.
  mutating func check(
    _ time: DrillTime, for action: DrillAction, at span: SourceSpan
  ) throws(DrillStop) {
    let title: String
    switch (time, action) {
    case (.any, .packet(let packet)) where !packet.isInbound: return
    case (.range, .packet(let packet)) where !packet.isInbound: return
    case (.blocking, .call): return
    case (.any, _): title = "`*` is for a packet that is expected"
    case (.range, _): title = "a range of times is for a packet that is expected"
    case (.blocking, _): title = "two times are for a call that blocks"
    case (.untimed, _), (.absolute, _), (.relative, _): return
    }
    report("N505", title, at: span)
    throw .mistake
  }
}
