// What the formatter puts in order: every token but the separators, with the comments before it.
//
// Separators are not kept: where statements begin, the tree tells, and where lines ended, each item
// remembers. Commas before a closing bracket on the same line go; so do lines in empty brackets.

/// A comment of the author's, `#` and all.
struct FormatComment {
  var range: Range<Int>
  /// Line ends before it: 0 behind a token, 2 after a blank line.
  var newlines: Int
}

struct FormatItem {
  var kind: TokenKind
  var range: Range<Int>
  var marks: FormatMark = []
  var comments: [FormatComment] = []
  /// Line ends before it and after its comments: at most 2.
  var newlines = 0
  /// Columns of its text, or of its last line.
  var width = 0
  /// A string over several lines.
  var hasLines = false
  /// A statement or an arm that a separator or `{` stands before.
  var startsStatement = false
  /// Of a bracket: the index of the other one.
  var partner = 0

  /// Whether the author began a line with it.
  var beganLine: Bool { newlines > 0 || !comments.isEmpty }

  var isOpening: Bool {
    kind == .openParenthesis || kind == .openBracket || kind == .openBrace
  }

  var isClosing: Bool {
    kind == .closeParenthesis || kind == .closeBracket || kind == .closeBrace
  }
}

/// The items of one file, which the parser has found to be in order.
struct FormatItems {
  private(set) var items: [FormatItem] = []
  private let file: SourceFile

  init(_ file: SourceFile, _ marks: FormatMarks) {
    self.file = file
    var isSeparated = true
    var end = 0
    for token in Lexer.lex(file).tokens {
      if token.kind == .newline || token.kind == .semicolon {
        isSeparated = true
        continue
      }
      var item = FormatItem(kind: token.kind, range: token.start..<token.end)
      item.marks = marks[token.start]
      item.startsStatement =
        item.marks.contains(.statement) && isSeparated && token.kind != .endOfFile
      readGap(end..<token.start, into: &item)
      measure(&item)
      append(item)
      isSeparated = token.kind == .openBrace
      end = token.end
    }
    findPartners()
  }

  /// The comments and line ends between two tokens.
  private func readGap(_ gap: Range<Int>, into item: inout FormatItem) {
    var place = gap.lowerBound
    while place < gap.upperBound {
      switch file.octets[place] {
      case Ascii.lineFeed: item.newlines = min(2, item.newlines + 1)
      case Ascii.hash:
        let start = place
        while place < gap.upperBound, file.octets[place] != Ascii.lineFeed { place += 1 }
        var end = place
        while file.octets[end - 1] <= Ascii.space { end -= 1 }
        item.comments.append(FormatComment(range: start..<end, newlines: item.newlines))
        item.newlines = 0
        continue
      default: break
      }
      place += 1
    }
  }

  private func measure(_ item: inout FormatItem) {
    var start = item.range.lowerBound
    for place in item.range where file.octets[place] == Ascii.lineFeed {
      start = place + 1
      item.hasLines = true
    }
    item.width = file.width(from: start, to: item.range.upperBound)
  }

  private mutating func append(_ next: FormatItem) {
    var item = next
    if item.isClosing, let last = items.last, !item.beganLine, last.kind == .comma,
      !last.beganLine
    {
      items.removeLast()
    }
    if item.isClosing, item.comments.isEmpty, items.last?.isOpening == true { item.newlines = 0 }
    items.append(item)
  }

  private mutating func findPartners() {
    var open: [Int] = []
    for index in items.indices {
      if items[index].isOpening { open.append(index) }
      guard items[index].isClosing, let opening = open.popLast() else { continue }
      items[index].partner = opening
      items[opening].partner = index
    }
    precondition(open.isEmpty, "a bracket without its other half")
  }
}
