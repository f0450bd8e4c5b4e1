// The table of examples/README.md: every policy against every case of knots and exhaustion.

import Foundation
import Testing

@Suite("Policy matrix")
struct PolicyMatrixTests {
  /// One run of examples/matrix_*.ns: a cell of the table.
  private struct Cell {
    var row: String
    var column: String
    var outcome: String

    init?(_ line: Substring) throws {
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      guard let row = object?["case"] as? String,
        let column = (object?["params"] as? [String: Any])?["rule"] as? String,
        let report = (object?["reports"] as? [[String: Any]])?.first,
        let outcome = (report["rows"] as? [[Any]])?.first?.first as? String
      else { return nil }
      (self.row, self.column, self.outcome) = (row, column, outcome)
    }
  }

  @Test(
    "what each policy makes of each case is what the table says; UPDATE_DOCS=1 writes it",
    .enabled(if: ExampleTests.isOptimised, "a hundred runs"))
  func table() throws {
    let scripts = Project.paths(under: "examples").filter { $0.hasPrefix("examples/matrix_") }
    let run = try Netsh.run(
      ["run", "--json", "--seed", "1"]
        + scripts.map { Project.root.appendingPathComponent($0).path })
    #expect(run.status == 1 && run.errors.isEmpty, "\(run.errors)")
    let cells = try run.output.split(separator: "\n").compactMap { try Cell($0) }
    let table = PolicyMatrixTests.table(of: cells)
    let page = Project.root.appendingPathComponent("examples/README.md")
    let text = try String(contentsOf: page, encoding: .utf8)
    let lines = text.components(separatedBy: "\n")
    let first = try #require(lines.firstIndex { $0.hasPrefix("| case |") })
    let last = try #require(lines[first...].firstIndex { !$0.hasPrefix("|") })
    if ProcessInfo.processInfo.environment["UPDATE_DOCS"] != nil {
      let written = Array(lines[..<first]) + table + Array(lines[last...])
      try written.joined(separator: "\n").write(to: page, atomically: true, encoding: .utf8)
    } else {
      #expect(Array(lines[first..<last]) == table)
    }
  }

  /// Rows by the numbers of their cases, columns as they come.
  private static func table(of cells: [Cell]) -> [String] {
    var rows: [String] = []
    var columns: [String] = []
    for cell in cells {
      if !rows.contains(cell.row) { rows.append(cell.row) }
      if !columns.contains(cell.column) { columns.append(cell.column) }
    }
    func line(_ fields: [String]) -> String { "| " + fields.joined(separator: " | ") + " |" }
    func number(_ row: String) -> Int { Int(row.prefix { $0.isNumber }) ?? 0 }
    let ordered = rows.indices.sorted { (number(rows[$0]), $0) < (number(rows[$1]), $1) }
    let body = ordered.map { rows[$0] }.map { row in
      line(
        [row]
          + columns.map { column in
            cells.first { $0.row == row && $0.column == column }?.outcome ?? "?"
          })
    }
    return [line(["case"] + columns), "|" + String(repeating: "---|", count: columns.count + 1)]
      + body
  }
}
