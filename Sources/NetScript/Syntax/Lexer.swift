// From octets to tokens. No state: each token is decided by its own octets and the token before.
//
// Newlines are tokens (neighbours merged); the parser decides which of them separate statements.
// Numbers are in LexerNumbers.swift, strings in LexerStrings.swift. What other languages write
// differently (`&&`, `//`, `!`) is understood, refused by name, and does no further harm.

/// The tokens of one file or of one interpolation, and what they carry.
public struct LexedText: Sendable {
  public internal(set) var tokens: [Token] = []
  public internal(set) var diagnostics: [Diagnostic] = []
  var numbers: [LexedNumber] = []
  var strings: [LexedString] = []
  /// Doc comments by the index of the token that they precede, in order.
  var documentation: [(token: Int, text: String)] = []
}

struct Lexer {
  let file: SourceFile
  let end: Int
  /// How many strings this text stands in: 0 for a file.
  let stringNesting: Int
  var offset: Int
  var lexed = LexedText()
  private var pendingDocumentation: [String] = []

  /// The tokens of a whole file.
  static func lex(_ file: SourceFile) -> LexedText {
    var lexer = Lexer(file: file, range: 0..<file.octets.count, stringNesting: 0)
    return lexer.run()
  }

  init(file: SourceFile, range: Range<Int>, stringNesting: Int) {
    self.file = file
    self.stringNesting = stringNesting
    offset = range.lowerBound
    end = range.upperBound
  }

  mutating func run() -> LexedText {
    let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    if offset == 0 && file.octets.starts(with: byteOrderMark) { offset = byteOrderMark.count }
    if file.isTruncated {
      report("N105", "a script longer than 16 MiB", from: end, to: end)
    }
    while offset < end {
      let before = offset
      lexToken()
      precondition(offset > before, "the lexer stands still")
    }
    emit(.endOfFile, from: end)
    return lexed
  }

  private mutating func lexToken() {
    let octet = file.octets[offset]
    switch octet {
    case Ascii.space, Ascii.tab, Ascii.carriageReturn: offset += 1
    case Ascii.lineFeed:
      offset += 1
      if let last = lexed.tokens.last, last.kind != .newline { emit(.newline, from: offset - 1) }
    case Ascii.hash: skipComment()
    case Ascii.quote: lexString()
    case _ where Ascii.isDigit(octet): lexNumber()
    case _ where Ascii.isNameStart(octet): lexWord()
    default: lexOperator()
    }
  }

  // MARK: What the other files use

  func octet(at place: Int) -> UInt8 { place < end ? file.octets[place] : 0 }

  func starts(_ text: StaticString, at place: Int) -> Bool {
    guard place + text.utf8CodeUnitCount <= end else { return false }
    return text.withUTF8Buffer { buffer in
      for (index, octet) in buffer.enumerated() where file.octets[place + index] != octet {
        return false
      }
      return true
    }
  }

  /// The end of the NAME that starts at `place`, or `place` when none does.
  func wordEnd(from place: Int) -> Int {
    guard place < end, Ascii.isNameStart(file.octets[place]) else { return place }
    var stop = place + 1
    while stop < end && Ascii.isNamePart(file.octets[stop]) { stop += 1 }
    return stop
  }

  /// Adds the token that ends at `offset`.
  mutating func emit(_ kind: TokenKind, from start: Int, payload: Int = 0) {
    if kind != .newline && kind != .semicolon && !pendingDocumentation.isEmpty {
      let text = pendingDocumentation.joined(separator: "\n")
      lexed.documentation.append((token: lexed.tokens.count, text: text))
      pendingDocumentation = []
    }
    lexed.tokens.append(Token(kind, start: start, end: max(start, offset), payload: payload))
  }

  mutating func report(
    _ code: String, _ title: String, from start: Int, to stop: Int, label: String = "",
    help: String? = nil
  ) {
    let span = SourceSpan(file: file.id, start: start, end: max(start, stop))
    lexed.diagnostics.append(
      Diagnostic(code: code, title: title, at: span, label: label, help: help))
  }

  // MARK: Words and comments

  private mutating func lexWord() {
    let start = offset
    offset = wordEnd(from: start)
    let text = file.text(start..<offset)
    if text == "r" && octet(at: offset) == Ascii.quote {
      lexRawString(from: start)
    } else if isAfterArrow, let stop = unitEnd(from: start) {
      offset = stop
      emit(.unit, from: start)
    } else {
      emit(Lexer.reservedWord(text) ?? .name, from: start)
    }
  }

  /// A line may end behind `->`.
  private var isAfterArrow: Bool {
    lexed.tokens.last { $0.kind != .newline }?.kind == .arrow
  }

  /// The end of a unit after `->`, with its optional time unit; `nil` when the word is no unit.
  private func unitEnd(from start: Int) -> Int? {
    let stop = octet(at: start) == Ascii.percent ? start + 1 : wordEnd(from: start)
    guard UnitTable.number(of: file.text(start..<stop)) != nil else { return nil }
    guard octet(at: stop) == Ascii.slash else { return stop }
    let perEnd = wordEnd(from: stop + 1)
    return UnitExpression(file.text(start..<perEnd)) == nil ? stop : perEnd
  }

  /// A switch, not a search of the kinds: this runs for each word of each file.
  static func reservedWord(_ text: String) -> TokenKind? {
    switch text {
    case "let": return .letWord
    case "var": return .varWord
    case "fn": return .fnWord
    case "if": return .ifWord
    case "then": return .thenWord
    case "else": return .elseWord
    case "for": return .forWord
    case "in": return .inWord
    case "by": return .byWord
    case "while": return .whileWord
    case "match": return .matchWord
    case "return": return .returnWord
    case "break": return .breakWord
    case "continue": return .continueWord
    case "and": return .andWord
    case "or": return .orWord
    case "not": return .notWord
    case "mod": return .modWord
    case "true": return .trueWord
    case "false": return .falseWord
    case "none": return .noneWord
    default: return nil
    }
  }

  private mutating func skipComment() {
    let start = offset
    while offset < end && file.octets[offset] != Ascii.lineFeed { offset += 1 }
    guard starts("##", at: start), !starts("###", at: start) else { return }
    var first = start + 2
    var last = offset
    if first < last && file.octets[first] == Ascii.space { first += 1 }
    while last > first && file.octets[last - 1] <= Ascii.space { last -= 1 }
    pendingDocumentation.append(file.text(first..<last))
  }

  // MARK: Operators

  /// The operator at `place` and its length. A switch, not a search of the table, for speed; a
  /// test holds it to the spellings of `TokenKind`.
  private func operatorKind(at place: Int) -> (kind: TokenKind, length: Int)? {
    let second = octet(at: place + 1)
    switch Character(UnicodeScalar(octet(at: place))) {
    case ".":
      guard second == Ascii.dot else { return (.dot, 1) }
      return octet(at: place + 2) == Ascii.less ? (.halfOpenRange, 3) : (.range, 2)
    case "=":
      if second == Ascii.greater { return (.fatArrow, 2) }
      return second == Ascii.equals ? (.equal, 2) : (.assign, 1)
    case "!": return second == Ascii.equals ? (.notEqual, 2) : nil
    case "<": return second == Ascii.equals ? (.lessOrEqual, 2) : (.less, 1)
    case ">": return second == Ascii.equals ? (.greaterOrEqual, 2) : (.greater, 1)
    case "+": return second == Ascii.equals ? (.plusAssign, 2) : (.plus, 1)
    case "-":
      if second == Ascii.greater { return (.arrow, 2) }
      return second == Ascii.equals ? (.minusAssign, 2) : (.minus, 1)
    case "*": return (.star, 1)
    case "/": return (.slash, 1)
    case ",": return (.comma, 1)
    case ":": return (.colon, 1)
    case ";": return (.semicolon, 1)
    case "(": return (.openParenthesis, 1)
    case ")": return (.closeParenthesis, 1)
    case "[": return (.openBracket, 1)
    case "]": return (.closeBracket, 1)
    case "{": return (.openBrace, 1)
    case "}": return (.closeBrace, 1)
    default: return nil
    }
  }

  private mutating func lexOperator() {
    let start = offset
    if octet(at: start) == Ascii.percent, lexed.tokens.last?.kind == .arrow {
      offset += 1
      emit(.unit, from: start)
      return
    }
    if lexForeignOperator() { return }
    guard let (kind, length) = operatorKind(at: start) else {
      lexUnknown()
      return
    }
    offset += length
    emit(kind, from: start)
  }

  /// Operators of other languages: N115, and the token that was meant.
  private static let foreign: [(text: StaticString, meant: TokenKind, help: String)] = [
    ("===", .equal, "write `==`"),
    ("!==", .notEqual, "write `!=`"),
    ("...", .range, "`1..5` includes 5, `1..<5` does not"),
    ("..=", .range, "`1..5` includes 5, `1..<5` does not"),
    ("&&", .andWord, "write `and`"),
    ("||", .orWord, "write `or`"),
    ("**", .malformed, "multiply instead: `x * x`"),
    ("*=", .malformed, "write `x = x * 2`; only `+=` and `-=` exist"),
    ("/=", .malformed, "write `x = x / 2`; only `+=` and `-=` exist"),
    (":=", .malformed, "`let x = 1` makes a name, `x = 1` sets one"),
    ("++", .malformed, "write `x += 1`"),
    ("~=", .notEqual, "write `!=`"),
    ("!", .notWord, "write `not`"),
    ("%", .modWord, "the remainder is `mod`; `%` is only a unit, as in `5%`"),
  ]

  private static func mayBeForeign(_ first: UInt8, _ second: UInt8) -> Bool {
    switch Character(UnicodeScalar(first)) {
    case "!", "%", "&", "|": return true
    case "+": return second == first
    case "~": return second == Ascii.equals
    case ".", "/", "*", "=", ":": return ".=*/".utf8.contains(second)
    default: return false
    }
  }

  private mutating func lexForeignOperator() -> Bool {
    let start = offset
    guard Lexer.mayBeForeign(octet(at: start), octet(at: start + 1)) else { return false }
    if starts("//", at: start) || starts("/*", at: start) {
      skipForeignComment()
      return true
    }
    if starts("!=", at: start) && !starts("!==", at: start) { return false }
    for candidate in Lexer.foreign where starts(candidate.text, at: start) {
      offset += candidate.text.utf8CodeUnitCount
      report(
        "N115", "`\(candidate.text)` is not an operator", from: start, to: offset,
        help: isFormatting(candidate.text) ? "values stand in the text: `\"{x}\"`" : candidate.help)
      emit(candidate.meant, from: start)
      return true
    }
    return false
  }

  /// `"free: %d" % n`, as Python and C put texts together.
  private func isFormatting(_ text: StaticString) -> Bool {
    text.utf8CodeUnitCount == 1 && text.utf8Start.pointee == Ascii.percent
      && lexed.tokens.last?.kind == .string
  }

  private mutating func skipForeignComment() {
    let start = offset
    let isBlock = starts("/*", at: start)
    report(
      "N115", isBlock ? "`/*` is not an operator" : "`//` is not an operator", from: start,
      to: start + 2, help: "comments start with `#`; division is one `/` with spaces")
    offset += 2
    if isBlock {
      while offset < end && !starts("*/", at: offset) { offset += 1 }
      offset = min(end, offset + 2)
    } else {
      while offset < end && file.octets[offset] != Ascii.lineFeed { offset += 1 }
    }
  }

  private mutating func lexUnknown() {
    let start = offset
    offset += 1
    if file.octets[start] == Ascii.apostrophe {
      while offset < end && file.octets[offset] != Ascii.lineFeed {
        offset += 1
        if file.octets[offset - 1] == Ascii.apostrophe { break }
      }
      let quoted = offset - start > 2 && file.octets[offset - 1] == Ascii.apostrophe
      let inner = quoted ? file.text(start + 1..<offset - 1) : "text"
      report(
        "N101", "strings stand in double quotes", from: start, to: offset, help: "`\"\(inner)\"`")
    } else if file.octets[start] >= 0x80 {
      while offset < end && (file.octets[offset] >= 0x80 || Ascii.isNamePart(file.octets[offset])) {
        offset += 1
      }
      report(
        "N101", "`\(file.text(start..<offset))` cannot stand here", from: start, to: offset,
        help: "names use the letters a-z, digits and `_`; other text stands in `\"…\"` or after `#`"
      )
    } else if file.octets[start] == Ascii.dollar, Ascii.isDigit(octet(at: offset)) {
      while offset < end && Ascii.isDigit(file.octets[offset]) { offset += 1 }
      report(
        "N101", "`\(file.text(start..<offset))` is a result of a prompt", from: start, to: offset,
        help: "in a file, `let x = …` names a value, and `x` is that")
    } else if file.octets[start] < Ascii.space || file.octets[start] == 0x7F {
      report("N101", "a control character cannot stand here", from: start, to: offset)
    } else {
      var help: String?
      switch file.octets[start] {
      case UInt8(ascii: "?"): help = "`if a then b else c` chooses between two values"
      case UInt8(ascii: "$"): help = "a name stands bare, and in a text in braces: `{x}`"
      default: break
      }
      report(
        "N101", "`\(file.text(start..<offset))` means nothing here", from: start, to: offset,
        help: help)
    }
    emit(.malformed, from: start)
  }
}
