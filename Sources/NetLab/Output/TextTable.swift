// Rows and columns as lines of text: numbers flush right, texts flush left.

public struct TextTable: Sendable {
  public var columns: [String]
  public var rows: [[Cell]]

  public init(columns: [String], rows: [[Cell]]) {
    self.columns = columns
    self.rows = rows
  }

  /// Two spaces between columns and before the first. A table that would be wider than 80 columns
  /// is folded: what has no room stands below, indented; one of a single row is turned on its side.
  public var lines: [String] {
    if rows.count == 1 && (fullWidth > TextTable.lineWidth || columns.count == 1) {
      return sideways
    }
    return lines(in: TextTable.folds(columns.indices.map(width)))
  }

  /// A line a row, however wide.
  var longLines: [String] { lines(in: [columns.indices]) }

  private func lines(in folds: [Range<Int>]) -> [String] {
    let widths = columns.indices.map(width)
    let numeric = columns.indices.map(isNumeric)
    func line(_ texts: [String], _ fold: Range<Int>) -> String {
      var line = fold.lowerBound == 0 ? "" : TextTable.foldIndent
      for index in fold where index < texts.count {
        line += "  " + padded(texts[index], widths[index], isNumber: numeric[index])
      }
      return trimmed(line)
    }
    var lines = folds.map { line(columns, $0) }
    for row in rows {
      let texts = row.map { $0.text }
      lines += folds.map { line(texts, $0) }
    }
    return lines
  }

  /// Of a line that is not folded.
  var fullWidth: Int { columns.indices.reduce(0) { $0 + width($1) + 2 } }

  private static let foldIndent = "    "

  /// Which columns stand in one line: as many as have room, and one at least.
  private static func folds(_ widths: [Int]) -> [Range<Int>] {
    var folds: [Range<Int>] = []
    var (first, used) = (0, 0)
    for (index, width) in widths.enumerated() {
      if used + width + 2 > lineWidth && index > first {
        folds.append(first..<index)
        (first, used) = (index, foldIndent.utf8.count)
      }
      used += width + 2
    }
    return folds + [first..<widths.count]
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
    if text.utf8.last != 32 { return text }
    var octets = Array(text.utf8)
    while octets.last == 32 { octets.removeLast() }
    return String(decoding: octets, as: UTF8.self)
  }

  /// Columns on a terminal, wide characters apart: Unicode scalars, each with one octet that
  /// continues no other.
  static func columns(_ text: String) -> Int {
    text.utf8.reduce(0) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
  }

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
