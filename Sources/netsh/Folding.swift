// Lines of prose that are wider than the terminal, broken between words.
//
// What stands in backquotes is there to be pasted and stays in one piece; a line of source stays
// above its marks, however long it is.

extension String {
  /// Every line no wider than so many columns, where its words allow that; what is broken goes on
  /// below where it began.
  func folded(to columns: Int) -> String {
    let lines = split(separator: "\n", omittingEmptySubsequences: false)
    return lines.map { Self.fold($0, to: columns) }.joined(separator: "\n")
  }

  private static func fold(_ line: Substring, to columns: Int) -> String {
    if line.unicodeScalars.count <= columns || isSource(line) { return String(line) }
    let lead = line.prefix { $0 == " " || $0 == "|" }
    var rows: [String] = []
    var row = String(lead)
    var isBlank = true
    for piece in pieces(of: line.dropFirst(lead.count)) {
      let width = row.unicodeScalars.count + piece.unicodeScalars.count
      if !isBlank && width > columns {
        rows.append(row)
        row = lead + String(piece.drop { $0 == " " })
      } else {
        row += piece
      }
      isBlank = false
    }
    return (rows + [row]).joined(separator: "\n")
  }

  /// ` 12 | run for 1s`
  private static func isSource(_ line: Substring) -> Bool {
    let number = line.drop { $0 == " " }.prefix { $0.isNumber }
    return !number.isEmpty && line[number.endIndex...].hasPrefix(" |")
  }

  /// Words, each with the blanks before it; none ends inside backquotes.
  private static func pieces(of text: Substring) -> [Substring] {
    var pieces: [Substring] = []
    var start = text.startIndex
    var isQuoted = false
    var last: Character = " "
    for place in text.indices {
      let character = text[place]
      if character == "`" { isQuoted.toggle() }
      if character == " " && last != " " && !isQuoted {
        pieces.append(text[start..<place])
        start = place
      }
      last = character
    }
    return pieces + [text[start...]]
  }
}
