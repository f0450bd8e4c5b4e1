// A result as one JSON object on one line: the fields of the command line's contract, in their
// order.
//
// Written by hand: the field names are a promise, and their order should not depend on a library.

import NetScript
import NetStack

public enum JSONReport {
  /// What a run cost, measured outside.
  public struct Cost: Sendable {
    var wallMilliseconds: Int64
    var cpuMilliseconds: Int64

    public init(wallMilliseconds: Int64, cpuMilliseconds: Int64) {
      self.wallMilliseconds = wallMilliseconds
      self.cpuMilliseconds = cpuMilliseconds
    }
  }

  /// - Parameters:
  ///   - cost: left out, the same run has the same line.
  ///   - id: what somebody calls the run.
  public static func line(_ result: RunResult, cost: Cost? = nil, id: String? = nil) -> String {
    var json = JSONText()
    json.open("{")
    if let id { json.field("id", id) }
    json.field("case", result.title)
    json.name("variant")
    if let variant = result.variant { json.text(variant) } else { json.raw("null") }
    json.field("seed", raw: "\(result.seed)")
    json.name("params")
    json.open("{")
    for (name, value) in result.parameters {
      json.name(value.unit.isEmpty ? name : "\(name) [\(value.unit)]")
      json.cell(value)
    }
    json.close("}")
    json.field("verdict", result.verdict.word)
    addExpectations(result, to: &json)
    addReports(result, to: &json)
    addStalls(result.stalls, to: &json)
    json.name("output")
    json.open("[")
    for line in result.lines { json.element { $0.text(line) } }
    json.close("]")
    addWedged(result, to: &json)
    json.field("ended_at_ns", raw: "\(result.endedAt.nanoseconds)")
    json.field("events", raw: "\(result.events)")
    json.field("packets", raw: "\(result.packets)")
    json.field("digest", result.digestText)
    json.field("engine", RunResult.engine)
    if let cost {
      json.field("wall_s", raw: JSONText.seconds(cost.wallMilliseconds))
      json.field("cpu_s", raw: JSONText.seconds(cost.cpuMilliseconds))
    }
    if let fault = result.fault {
      json.field("error", "\(fault.error.code): \(fault.error.title)")
    }
    json.close("}")
    return json.string
  }

  private static func addExpectations(_ result: RunResult, to json: inout JSONText) {
    json.name("expectations")
    json.open("[")
    for one in result.expectations {
      json.element { json in
        json.open("{")
        json.field("text", one.text)
        json.name("as")
        if let label = one.label { json.text(label) } else { json.raw("null") }
        json.field("line", raw: "\(one.line)")
        json.field("verdict", one.verdict.word)
        json.field("at_ns", raw: "\(one.at.nanoseconds)")
        json.field("detail", one.detail.joined(separator: "\n"))
        json.close("}")
      }
    }
    json.close("]")
  }

  private static func addWedged(_ result: RunResult, to json: inout JSONText) {
    json.name("wedged")
    json.open("[")
    for one in result.wedged {
      json.element { json in
        json.open("{")
        json.field("host", one.host)
        json.field("since_ns", raw: one.since.map { "\($0.nanoseconds)" } ?? "null")
        json.field("why", one.lines.joined(separator: "\n"))
        json.close("}")
      }
    }
    json.close("]")
  }

  private static func addReports(_ result: RunResult, to json: inout JSONText) {
    json.name("reports")
    json.open("[")
    for table in result.reports {
      json.element { json in
        json.open("{")
        json.name("as")
        if let label = table.label { json.text(label) } else { json.raw("null") }
        json.name("columns")
        json.open("[")
        for column in table.columnsWithUnits { json.element { $0.text(column) } }
        json.close("]")
        json.name("rows")
        json.open("[")
        for row in table.rows {
          json.element { json in
            json.open("[")
            for cell in row { json.element { $0.cell(cell) } }
            json.close("]")
          }
        }
        json.close("]")
        json.close("}")
      }
    }
    json.close("]")
  }
}

extension JSONReport {
  /// `{"ended":{"ack":3},"kept":[{…}]}`: all that have ended, counted; the longest, and those
  /// that are still there.
  private static func addStalls(_ stalls: StallSummary, to json: inout JSONText) {
    json.name("stalls")
    json.open("{")
    json.name("ended")
    json.open("{")
    for one in stalls.counts { json.field(one.mechanism, raw: "\(one.count)") }
    json.close("}")
    json.name("kept")
    json.open("[")
    for one in stalls.kept {
      json.element { json in
        json.open("{")
        json.field("host", one.host)
        json.field("who", one.who)
        json.field("awaited", one.awaited)
        json.field("began_ns", raw: "\(one.began.nanoseconds)")
        json.field("lasted_ns", raw: "\(one.lasted.nanoseconds)")
        json.field("ended_by", one.endedBy)
        json.field("text", one.text)
        json.field("event", raw: one.isStill ? "null" : "\(one.event)")
        json.close("}")
      }
    }
    json.close("]")
    json.close("}")
  }
}

extension ReportTable {
  /// The columns as a machine reads them: `goodput [b/s]`.
  public var columnsWithUnits: [String] {
    columns.indices.map { place in
      let unit = rows.first { $0.count > place && !$0[place].unit.isEmpty }?[place].unit
      return unit.map { "\(columns[place]) [\($0)]" } ?? columns[place]
    }
  }
}

/// JSON under construction; commas come by themselves.
struct JSONText {
  private(set) var string = ""
  private var needsComma = false

  mutating func open(_ bracket: String) {
    string += bracket
    needsComma = false
  }

  mutating func close(_ bracket: String) {
    string += bracket
    needsComma = true
  }

  mutating func raw(_ value: String) {
    string += value
    needsComma = true
  }

  mutating func name(_ name: String) {
    if needsComma { string += "," }
    append(quoted: name)
    string += ":"
    needsComma = false
  }

  mutating func text(_ value: String) {
    append(quoted: value)
    needsComma = true
  }

  mutating func element(_ body: (inout JSONText) -> Void) {
    if needsComma { string += "," }
    needsComma = false
    body(&self)
    needsComma = true
  }

  mutating func field(_ name: String, _ value: String) {
    self.name(name)
    text(value)
  }

  mutating func field(_ name: String, raw value: String) {
    self.name(name)
    raw(value)
  }

  mutating func cell(_ cell: Cell) {
    switch cell.number {
    case .none: raw("null")
    case .bool(let value): raw(value ? "true" : "false")
    case .int(let value): raw("\(value)")
    case .real(let value): raw(JSONText.number(value))
    case .text: text(cell.text)
    }
  }

  /// Whole numbers without a fraction; JSON has no infinities, so they become null.
  static func number(_ value: Double) -> String {
    guard value.isFinite else { return "null" }
    if let whole = Int64(exactly: value), whole.magnitude < 1 << 53 { return "\(whole)" }
    return "\(value)"
  }

  static func seconds(_ milliseconds: Int64) -> String {
    var fraction = "\(milliseconds % 1000)"
    while fraction.utf8.count < 3 { fraction = "0" + fraction }
    return "\(milliseconds / 1000).\(fraction)"
  }

  private mutating func append(quoted text: String) {
    string += "\""
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 34: string += "\\\""
      case 92: string += "\\\\"
      case 10: string += "\\n"
      case 13: string += "\\r"
      case 9: string += "\\t"
      case 0..<32, 127:
        var digits = String(scalar.value, radix: 16)
        while digits.utf8.count < 4 { digits = "0" + digits }
        string += "\\u" + digits
      default: string.unicodeScalars.append(scalar)
      }
    }
    string += "\""
  }
}
