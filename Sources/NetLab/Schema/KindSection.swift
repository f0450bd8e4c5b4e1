// Rows of a kind's page, and how they fit a terminal.

extension KindPage {
  public struct Section: Sendable {
    public var title: String
    public var columns: [String]
    public var rows: [[String]]

    /// A line a row, however long: what `grep` goes through.
    public var longLines: [String] { table(rows).longLines }

    /// Within 80 columns: the last column is broken, or, where nothing is left for it, each row
    /// stands as facts and a sentence.
    public var lines: [String] {
      let long = longLines
      if long.allSatisfy({ TextTable.columns($0) <= TextTable.lineWidth }) { return long }
      let head = columns.indices.dropLast().reduce(2) { $0 + width($1) + 2 }
      let room = TextTable.lineWidth - head
      return room < Section.leastRoom ? entries : table(broken(to: room)).longLines
    }

    /// Less than that is no column to read.
    private static let leastRoom = 28

    private func table(_ rows: [[String]]) -> TextTable {
      TextTable(columns: columns, rows: rows.map { row in row.map { Cell(text: $0) } })
    }

    private func width(_ column: Int) -> Int {
      rows.reduce(TextTable.columns(columns[column])) { max($0, TextTable.columns($1[column])) }
    }

    private func broken(to room: Int) -> [[String]] {
      var result: [[String]] = []
      for row in rows {
        let pieces = TextTable.wrapped(row[row.count - 1], columns: room)
        var next = row
        for piece in pieces.isEmpty ? [""] : pieces {
          next[row.count - 1] = piece
          result.append(next)
          next = row.map { _ in "" }
        }
      }
      return result
    }

    private var entries: [String] {
      let start = width(0) + 4
      let margin = String(repeating: " ", count: start)
      var lines: [String] = []
      for row in rows {
        var lead = "  " + row[0] + margin.dropFirst(2 + TextTable.columns(row[0]))
        for line in facts(row, columns: TextTable.lineWidth - start) {
          lines.append(lead + line)
          lead = margin
        }
        lines += TextTable.wrapped(row[row.count - 1], columns: TextTable.lineWidth - 6)
          .map { "      " + $0 }
      }
      return lines
    }

    /// All but the first and the last; what the tunable is in BSD has a line of its own where
    /// there is no room for it behind them.
    private func facts(_ row: [String], columns room: Int) -> [String] {
      var facts: [String] = []
      var (original, unit) = ("", "")
      for (column, text) in zip(columns, row).dropFirst().dropLast() where !text.isEmpty {
        switch column {
        case "default": facts.append("default " + text)
        case "in BSD or RTEMS": original = text
        case "its unit": unit = text == Original.Unit.flag.name ? "" : " " + text
        case "its default": original += " = " + text
        default: facts.append(text)
        }
      }
      let line = facts.joined(separator: " · ")
      guard !original.isEmpty else { return TextTable.wrapped(line, columns: room) }
      let whole = line + " · (" + original + unit + ")"
      if TextTable.columns(whole) <= room { return [whole] }
      return TextTable.wrapped(line, columns: room) + ["(" + original + unit + ")"]
    }
  }
}
