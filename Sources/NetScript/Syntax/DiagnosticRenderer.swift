// The printed form of a diagnostic: the fact and its place, the line, the marks, the way out.
//
//     error N110: comparisons do not chain                              sizing.ns:18:8
//      18 |     if 16 < clusters < 512 {
//         |        ^^^^^^^^^^^^^^^^^^^   help: `clusters in 17..511`
//
// Plain text: colour is the terminal's business. What does not fit on the line of the marks goes
// below it, a piece a line, so a narrow terminal wraps nothing.

public struct DiagnosticRenderer {
  /// The place stands flush right in this width, or two spaces after the title.
  public static let headWidth = 80
  /// Text beside the marks goes on to here, then to lines of its own.
  static let textWidth = 100
  /// A longer source line is shown in part, around the mark.
  static let lineWidth = 160

  private let files: SourceFiles

  public init(_ files: SourceFiles) {
    self.files = files
  }

  /// The diagnostic as lines, each with its line feed.
  ///
  /// - Parameter moment: what a fault at run time adds to its place, such as `at 15.052ms`.
  public func render(_ diagnostic: Diagnostic, moment: String = "") -> String {
    let file = files[diagnostic.primary.span.file]
    var rows = [head(diagnostic, file, moment)]
    let primaryLine = file.line(at: diagnostic.primary.span.start)
    var sameLine: [DiagnosticLabel] = []
    var elsewhere: [DiagnosticLabel] = []
    for label in diagnostic.secondary {
      let isSame =
        label.span.file == file.id && file.line(at: label.span.start) == primaryLine
      if isSame { sameLine.append(label) } else { elsewhere.append(label) }
    }
    var texts: [String] = []
    for label in [diagnostic.primary] + sameLine where !label.text.isEmpty {
      texts.append(label.text)
    }
    var pieces = texts.isEmpty ? [] : ["  " + texts.joined(separator: " · ")]
    if let why = diagnostic.why { pieces.append("  " + why) }
    if let help = diagnostic.help { pieces.append("   help: " + help) }
    rows += excerpt(file, marks: [diagnostic.primary] + sameLine, isPrimary: true, pieces)
    for label in elsewhere {
      let other = files[label.span.file]
      var text = label.text
      if other.id != file.id {
        let position = other.position(at: label.span.start)
        text += " (\(other.name):\(position.line):\(position.column))"
      }
      rows += excerpt(other, marks: [label], isPrimary: false, ["  " + text])
    }
    return rows.map { Self.withoutTrailingSpace($0) + "\n" }.joined()
  }

  private func head(_ diagnostic: Diagnostic, _ file: SourceFile, _ moment: String) -> String {
    let fact = "\(diagnostic.severity.word) \(diagnostic.code): \(diagnostic.title)"
    let position = file.position(at: diagnostic.primary.span.start)
    var place = "\(file.name):\(position.line):\(position.column)"
    if !moment.isEmpty { place += "  " + moment }
    let used = fact.unicodeScalars.count + place.unicodeScalars.count
    let gap = max(2, Self.headWidth - used)
    return fact + String(repeating: " ", count: gap) + place
  }

  // MARK: The excerpt

  /// One source line, the marks below it, and pieces of text that fit beside or below them.
  private func excerpt(
    _ file: SourceFile, marks: [DiagnosticLabel], isPrimary: Bool, _ pieces: [String]
  ) -> [String] {
    let line = file.line(at: marks[0].span.start)
    let shown = window(file, file.lineRange(line), around: marks[0].span)
    let number = "\(line)"
    let indent = String(repeating: " ", count: max(0, 3 - number.count))
    let gutter = String(repeating: " ", count: max(3, number.count) + 1) + "|"
    var source = file.text(shown.range)
    if shown.isCutBefore { source = "…" + source }
    if shown.isCutAfter { source += "…" }
    var rows = ["\(indent)\(number) | \(Self.withoutControls(source))"]
    let lead = shown.isCutBefore ? " " : ""
    var row = gutter + " " + lead + underline(file, shown.range, marks, isPrimary)
    for piece in pieces {
      if row.unicodeScalars.count + piece.unicodeScalars.count > Self.textWidth {
        rows.append(row)
        row = gutter + " " + piece
      } else {
        row += piece
      }
    }
    rows.append(row)
    return rows
  }

  /// The part of a line that is shown: all of it, unless it is very long.
  private func window(
    _ file: SourceFile, _ line: Range<Int>, around span: SourceSpan
  ) -> (range: Range<Int>, isCutBefore: Bool, isCutAfter: Bool) {
    guard line.count > Self.lineWidth else { return (line, false, false) }
    var start = max(line.lowerBound, min(span.start, line.upperBound) - Self.lineWidth / 2)
    while start > line.lowerBound && file.octets[start] & 0xC0 == 0x80 { start -= 1 }
    var end = min(line.upperBound, start + Self.lineWidth)
    while end < line.upperBound && file.octets[end] & 0xC0 == 0x80 { end += 1 }
    return (start..<end, start > line.lowerBound, end < line.upperBound)
  }

  /// Carets under the first mark when it is the primary one, dashes under the others.
  private func underline(
    _ file: SourceFile, _ line: Range<Int>, _ marks: [DiagnosticLabel], _ isPrimary: Bool
  ) -> String {
    // One cell for each scalar of the line and one for the place after it; tabs stay tabs.
    var cells: [Character] = []
    for offset in line where file.octets[offset] & 0xC0 != 0x80 {
      cells.append(file.octets[offset] == Ascii.tab ? "\t" : " ")
    }
    cells.append(" ")
    for (index, mark) in marks.enumerated().reversed() {
      let sign: Character = isPrimary && index == 0 ? "^" : "-"
      let start = min(max(mark.span.start, line.lowerBound), line.upperBound)
      let end = min(max(mark.span.end, start), line.upperBound)
      let first = file.width(from: line.lowerBound, to: start)
      let last = max(first + 1, file.width(from: line.lowerBound, to: end))
      for cell in first..<min(last, cells.count) { cells[cell] = sign }
    }
    while let last = cells.last, last == " " || last == "\t" { cells.removeLast() }
    return String(cells)
  }

  // MARK: Text

  /// Source may contain anything; a terminal must not obey it.
  private static func withoutControls(_ text: String) -> String {
    var clean = ""
    for scalar in text.unicodeScalars {
      let isControl = (scalar.value < 32 && scalar.value != 9) || (127..<160).contains(scalar.value)
      clean.unicodeScalars.append(isControl ? "\u{FFFD}" : scalar)
    }
    return clean
  }

  private static func withoutTrailingSpace(_ text: String) -> String {
    var octets = Array(text.utf8)
    while octets.last == Ascii.space { octets.removeLast() }
    return String(decoding: octets, as: UTF8.self)
  }
}
