// Strings: `"…"` with escapes and {interpolations}, `"""…"""` over several lines, `r"…"` raw.
//
// The lexer finds the end of each interpolation and hands its range on; the parser reads the
// expression there with a lexer of its own. An interpolation stays on its line, so an unclosed
// brace or quote spoils one line and not the rest of the file.

struct LexedString: Sendable {
  var parts: [LexedStringPart]
}

enum LexedStringPart: Sendable {
  case text(String)
  /// The octets between `{` and `}`.
  case interpolation(Range<Int>)
}

extension Lexer {
  /// Strings in interpolations of strings: deeper is unreadable, and bounds the recursion.
  static let stringNestingLimit = 3

  mutating func lexString() {
    let start = offset
    if starts("\"\"\"", at: start) {
      lexTripleString()
      return
    }
    offset += 1
    var text: [UInt8] = []
    var parts: [LexedStringPart] = []
    while true {
      guard offset < end, file.octets[offset] != Ascii.lineFeed else {
        report(
          "N102", "this string has no end", from: start, to: start + 1,
          help: "close it with `\"` on the same line, or write `\"\"\"` for several lines")
        break
      }
      if file.octets[offset] == Ascii.quote {
        offset += 1
        break
      }
      lexStringOctet(into: &text, parts: &parts)
    }
    finishString(text, parts, from: start)
  }

  mutating func lexRawString(from start: Int) {
    offset += 1
    let contentStart = offset
    while offset < end, file.octets[offset] != Ascii.quote, file.octets[offset] != Ascii.lineFeed {
      offset += 1
    }
    let text = Array(file.octets[contentStart..<offset])
    if octet(at: offset) == Ascii.quote {
      offset += 1
    } else {
      report("N102", "this string has no end", from: start, to: start + 2)
    }
    finishString(text, [], from: start)
  }

  private mutating func lexTripleString() {
    let start = offset
    offset += 3
    let indent = tripleIndent(from: offset)
    var text: [UInt8] = []
    var parts: [LexedStringPart] = []
    skipBlankFirstLine(indent: indent)
    while true {
      guard offset < end else {
        report(
          "N102", "this string has no end", from: start, to: start + 3,
          help: "close it with `\"\"\"`")
        break
      }
      if starts("\"\"\"", at: offset) {
        offset += 3
        break
      }
      if file.octets[offset] == Ascii.lineFeed {
        offset += 1
        skipIndent(indent)
        // A last line with nothing but the closing quotes belongs to the quotes.
        var place = offset
        while octet(at: place) == Ascii.space || octet(at: place) == Ascii.tab { place += 1 }
        if starts("\"\"\"", at: place) { offset = place } else { text.append(Ascii.lineFeed) }
      } else if file.octets[offset] == Ascii.carriageReturn {
        offset += 1
      } else {
        lexStringOctet(into: &text, parts: &parts)
      }
    }
    finishString(text, parts, from: start)
  }

  private mutating func finishString(
    _ text: [UInt8], _ parts: [LexedStringPart], from start: Int
  ) {
    var parts = parts
    if !text.isEmpty { parts.append(.text(String(decoding: text, as: UTF8.self))) }
    lexed.strings.append(LexedString(parts: parts))
    emit(.string, from: start, payload: lexed.strings.count - 1)
  }

  /// One octet, escape, doubled brace or interpolation.
  private mutating func lexStringOctet(into text: inout [UInt8], parts: inout [LexedStringPart]) {
    let octet = file.octets[offset]
    switch octet {
    case Ascii.backslash: lexEscape(into: &text)
    case Ascii.openBrace where self.octet(at: offset + 1) == Ascii.openBrace,
      Ascii.closeBrace where self.octet(at: offset + 1) == Ascii.closeBrace:
      text.append(octet)
      offset += 2
    case Ascii.openBrace:
      let open = offset
      guard let close = interpolationEnd(from: open + 1, nesting: stringNesting + 1) else {
        offset += 1
        return
      }
      if !text.isEmpty { parts.append(.text(String(decoding: text, as: UTF8.self))) }
      text = []
      parts.append(.interpolation(open + 1..<close))
      offset = close + 1
    default:
      text.append(octet)
      offset += 1
    }
  }

  private mutating func lexEscape(into text: inout [UInt8]) {
    let start = offset
    offset += 1
    switch octet(at: offset) {
    case 0x6E: text.append(Ascii.lineFeed)
    case 0x72: text.append(Ascii.carriageReturn)
    case 0x74: text.append(Ascii.tab)
    case Ascii.quote: text.append(Ascii.quote)
    case Ascii.backslash: text.append(Ascii.backslash)
    default:
      report(
        "N106", "no such escape in a string", from: start, to: min(end, start + 2),
        help: "`\\n`, `\\r`, `\\t`, `\\\"`, `\\\\`; a backslash itself is `\\\\`, or write `r\"…\"`"
      )
      return
    }
    offset += 1
  }

  // MARK: Interpolations

  /// The offset of the `}` that closes the interpolation; `nil`, with a diagnostic, without one.
  private mutating func interpolationEnd(from start: Int, nesting: Int) -> Int? {
    if nesting > Lexer.stringNestingLimit {
      report(
        "N106", "strings in strings nest too deep", from: start - 1, to: start,
        help: "give the inner string a name with `let` first")
      return nil
    }
    var depth = 0
    var place = start
    while place < end, file.octets[place] != Ascii.lineFeed {
      switch file.octets[place] {
      case Ascii.quote:
        let isRaw = place > start && file.octets[place - 1] == 0x72
        place = nestedStringEnd(from: place + 1, isRaw: isRaw, nesting: nesting)
        continue
      case Ascii.openBrace, Ascii.openParenthesis, 0x5B: depth += 1
      case Ascii.closeBrace where depth == 0: return place
      case Ascii.closeBrace, 0x29, 0x5D: depth -= 1
      default: break
      }
      if depth < 0 { break }
      place += 1
    }
    report(
      "N106", "this brace has no end in its string", from: start - 1, to: start,
      help: "close it with `}`; a brace as text is `{{`")
    return nil
  }

  /// The place after the string that an interpolation contains. Silent: its own lexer speaks.
  private func nestedStringEnd(from start: Int, isRaw: Bool, nesting: Int) -> Int {
    var place = start
    while place < end, file.octets[place] != Ascii.lineFeed {
      switch file.octets[place] {
      case Ascii.quote: return place + 1
      case Ascii.backslash where !isRaw: place += 2
      case Ascii.openBrace where !isRaw && octet(at: place + 1) == Ascii.openBrace: place += 2
      case Ascii.openBrace where !isRaw && nesting <= Lexer.stringNestingLimit:
        place = nestedInterpolationEnd(from: place + 1, nesting: nesting + 1)
      default: place += 1
      }
    }
    return min(place, end)
  }

  private func nestedInterpolationEnd(from start: Int, nesting: Int) -> Int {
    var depth = 0
    var place = start
    while place < end, file.octets[place] != Ascii.lineFeed {
      switch file.octets[place] {
      case Ascii.quote:
        let isRaw = place > start && file.octets[place - 1] == 0x72
        place = nestedStringEnd(from: place + 1, isRaw: isRaw, nesting: nesting)
        continue
      case Ascii.openBrace: depth += 1
      case Ascii.closeBrace where depth == 0: return place + 1
      case Ascii.closeBrace: depth -= 1
      default: break
      }
      place += 1
    }
    return min(place, end)
  }

  // MARK: Indentation of multi-line strings

  /// The least indentation of the lines after the first that are not blank.
  private func tripleIndent(from start: Int) -> Int {
    var least = Int.max
    var place = start
    while place < end, !starts("\"\"\"", at: place) {
      guard file.octets[place] == Ascii.lineFeed else {
        place += file.octets[place] == Ascii.backslash ? 2 : 1
        continue
      }
      place += 1
      let lineStart = place
      while octet(at: place) == Ascii.space || octet(at: place) == Ascii.tab { place += 1 }
      let isBlank =
        octet(at: place) == Ascii.lineFeed || octet(at: place) == Ascii.carriageReturn
        || starts("\"\"\"", at: place)
      if !isBlank { least = min(least, place - lineStart) }
    }
    return least == Int.max ? 0 : least
  }

  private mutating func skipBlankFirstLine(indent: Int) {
    var place = offset
    while octet(at: place) == Ascii.space || octet(at: place) == Ascii.tab
      || octet(at: place) == Ascii.carriageReturn
    { place += 1 }
    guard octet(at: place) == Ascii.lineFeed, place < end else { return }
    offset = place + 1
    skipIndent(indent)
  }

  private mutating func skipIndent(_ indent: Int) {
    let limit = offset + indent
    while offset < min(end, limit),
      octet(at: offset) == Ascii.space || octet(at: offset) == Ascii.tab
    {
      offset += 1
    }
  }
}
