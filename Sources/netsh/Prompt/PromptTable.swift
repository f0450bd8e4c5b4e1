// A list of records as `:set format` and `:set expanded` want it.

import Foundation
import NetLab

extension Prompt {
  func tell(_ table: TextTable) {
    switch settings["format"] {
    case "csv":
      say(Self.names(table).map(Self.quoted).joined(separator: ","))
      for row in table.rows {
        say(row.map { Self.quoted(Self.plain($0)) }.joined(separator: ","))
      }
    case "json":
      for row in table.rows {
        let fields = zip(Self.names(table), row).map { "\(Self.json($0)):\(Self.json($1))" }
        say("{" + fields.joined(separator: ",") + "}")
      }
    default:
      if !settings.isOn("expanded") {
        for line in table.lines { say(line) }
        return
      }
      for (number, row) in table.rows.enumerated() {
        say("record \(number + 1)")
        for line in TextTable(columns: ["column", "value"], rows: Self.sideways(table, row)).lines
          .dropFirst()
        { say(line) }
      }
    }
  }

  private static func sideways(_ table: TextTable, _ row: [Cell]) -> [[Cell]] {
    zip(table.columns, row).map { [Cell(text: $0), Cell(text: $1.text)] }
  }

  /// Columns with the unit of what stands in them.
  private static func names(_ table: TextTable) -> [String] {
    table.columns.indices.map { column in
      let unit = table.rows.lazy.map { $0[column].unit }.first { !$0.isEmpty }
      return table.columns[column] + (unit.map { " [\($0)]" } ?? "")
    }
  }

  /// Numbers in base units, as in the JSON of a run.
  private static func plain(_ cell: Cell) -> String {
    switch cell.number {
    case .none: ""
    case .bool(let value): "\(value)"
    case .int(let value): "\(value)"
    case .real(let value): "\(value)"
    case .text: cell.text
    }
  }

  /// RFC 4180: in quotes where a comma, a quote or a line's end is in it.
  private static func quoted(_ text: String) -> String {
    let isPlain = !text.contains { ",\"\n\r".contains($0) }
    return isPlain ? text : "\"" + text.replacingOccurrences(of: "\"", with: "\"\"") + "\""
  }

  private static func json(_ cell: Cell) -> String {
    switch cell.number {
    case .none: "null"
    case .text: json(cell.text)
    default: plain(cell)
    }
  }

  private static func json(_ text: String) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes]
    guard let data = try? encoder.encode(text) else { return "\"\"" }
    return String(decoding: data, as: UTF8.self)
  }
}
