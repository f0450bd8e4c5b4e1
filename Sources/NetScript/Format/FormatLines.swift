// The lines of the result, and the columns of the comments behind them.

struct FormatLines {
  private struct Line {
    var text: [UInt8] = []
    var comment: [UInt8]?
    /// Where the author had the comment, if the line is still the author's.
    var column: Int?
  }

  private var lines: [Line] = []
  /// Columns of the last line.
  private(set) var column = 0
  /// The author's line that the last line was, or 0.
  private var sourceLine = 0

  mutating func begin(indent: Int, afterBlank: Bool) {
    if afterBlank { lines.append(Line()) }
    lines.append(Line(text: Array(repeating: Ascii.space, count: indent)))
    column = indent
    sourceLine = 0
  }

  mutating func append(_ text: StaticString) {
    text.withUTF8Buffer { lines[lines.count - 1].text += $0 }
    column += text.utf8CodeUnitCount
  }

  /// A token's text; a string may have several lines.
  mutating func append(_ text: ArraySlice<UInt8>) {
    lines[lines.count - 1].text += text
    if let last = text.lastIndex(of: Ascii.lineFeed) {
      column = FormatLines.columns(text[(last + 1)...])
      sourceLine = 0
    } else {
      column = FormatLines.columns(text, from: column)
    }
  }

  /// The author had the same line, and it is this one.
  mutating func setSource(line: Int) {
    sourceLine = line
  }

  mutating func append(comment range: Range<Int>, of file: SourceFile) {
    lines[lines.count - 1].text += FormatLines.spaced(range, of: file)
  }

  mutating func setTrailing(_ range: Range<Int>, of file: SourceFile) {
    let line = file.line(at: range.lowerBound)
    let start = file.lineRange(line).lowerBound
    lines[lines.count - 1].comment = FormatLines.spaced(range, of: file)
    if line == sourceLine {
      lines[lines.count - 1].column = FormatLines.columns(file.octets[start..<range.lowerBound])
    }
  }

  /// The whole text, with its comments in their columns.
  mutating func finish() -> [UInt8] {
    var text: [UInt8] = []
    var first = 0
    while first < lines.count {
      var end = first + 1
      while end < lines.count, lines[end].column != nil, lines[end].column == lines[first].column {
        end += 1
      }
      var column = lines[first].column ?? 0
      for line in lines[first..<end] where line.comment != nil {
        column = max(column, FormatLines.width(of: line.text) + 2)
      }
      for line in lines[first..<end] {
        text += line.text
        if let comment = line.comment {
          let gap = column - FormatLines.width(of: line.text)
          text += Array(repeating: Ascii.space, count: gap) + comment
        }
        text.append(Ascii.lineFeed)
      }
      first = end
    }
    return text
  }

  // MARK: Columns

  /// Columns of a text that may have several lines: those of the last.
  private static func width(of text: [UInt8]) -> Int {
    guard let last = text.lastIndex(of: Ascii.lineFeed) else { return columns(text[...]) }
    return columns(text[(last + 1)...])
  }

  /// Columns of a line's beginning; a tab leads to the next multiple of eight.
  private static func columns(_ text: ArraySlice<UInt8>, from start: Int = 0) -> Int {
    var count = start
    for octet in text {
      if octet == Ascii.tab {
        count = (count / 8 + 1) * 8
      } else if octet & 0xC0 != 0x80 {
        count += 1
      }
    }
    return count
  }

  /// A comment with a space after its mark; `###` and a first line's `#!` stay as they are.
  private static func spaced(_ range: Range<Int>, of file: SourceFile) -> [UInt8] {
    let text = Array(file.octets[range])
    let marks = text.prefix { $0 == Ascii.hash }.count
    let isInterpreter = range.lowerBound == 0 && text.count > 1 && text[1] == 33
    guard marks < min(3, text.count), text[marks] > Ascii.space, !isInterpreter else {
      return text
    }
    return text[..<marks] + [Ascii.space] + text[marks...]
  }
}
