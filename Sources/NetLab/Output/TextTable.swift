// Rows and columns as lines of text: numbers flush right, texts flush left.

public struct TextTable: Sendable {
  public var columns: [String]
  public var rows: [[Cell]]

  public init(columns: [String], rows: [[Cell]]) {
    self.columns = columns
    self.rows = rows
  }

  /// Two spaces between columns and before the first. A table of one row that would be wider than
  /// 80 columns is turned on its side.
  public var lines: [String] {
    let widths = columns.indices.map(width)
    let total = widths.reduce(0) { $0 + $1 + 2 }
    if rows.count == 1 && (total > TextTable.lineWidth || columns.count == 1) { return sideways }
    var lines: [String] = []
    var head = ""
    for (index, column) in columns.enumerated() {
      head += "  " + padded(column, widths[index], isNumber: isNumeric(index))
    }
    lines.append(trimmed(head))
    for row in rows {
      var line = ""
      for (index, cell) in row.enumerated() where index < widths.count {
        line += "  " + padded(cell.text, widths[index], isNumber: isNumeric(index))
      }
      lines.append(trimmed(line))
    }
    return lines
  }

  static let lineWidth = 80

  private var sideways: [String] {
    let widest = columns.map(TextTable.columns).max() ?? 0
    return columns.enumerated().map { index, column in
      let value = index < rows[0].count ? rows[0][index].text : ""
      return trimmed("  " + padded(column, widest, isNumber: false) + "  " + value)
    }
  }

  private func width(_ index: Int) -> Int {
    var width = TextTable.columns(columns[index])
    for row in rows where index < row.count {
      width = max(width, TextTable.columns(row[index].text))
    }
    return width
  }

  private func isNumeric(_ index: Int) -> Bool {
    for row in rows where index < row.count {
      switch row[index].number {
      case .int, .real: return true
      case .none, .bool, .text: continue
      }
    }
    return false
  }

  private func padded(_ text: String, _ width: Int, isNumber: Bool) -> String {
    let space = String(repeating: " ", count: max(0, width - TextTable.columns(text)))
    return isNumber ? space + text : text + space
  }

  private func trimmed(_ text: String) -> String {
    var octets = Array(text.utf8)
    while octets.last == 32 { octets.removeLast() }
    return String(decoding: octets, as: UTF8.self)
  }

  /// Columns on a terminal, wide characters apart: Unicode scalars.
  static func columns(_ text: String) -> Int { text.unicodeScalars.count }

  /// Words in lines of at most so many columns.
  static func wrapped(_ text: String, columns: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty && TextTable.columns(line) + 1 + word.count > columns {
        lines.append(line)
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    return line.isEmpty ? lines : lines + [line]
  }
}
