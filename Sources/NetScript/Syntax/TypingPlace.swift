// Where somebody is typing: the word before the cursor, the path it continues, the statement and
// the blocks around it. All from the text alone, which is not finished and may be wrong.

public struct TypingPlace: Sendable {
  /// `pool` of `server.pool.`; with `[2]`, its index as it is written.
  public struct Step: Equatable, Sendable {
    public var name: String
    public var index: String?

    public init(name: String, index: String? = nil) {
      self.name = name
      self.index = index
    }
  }

  /// What is being written.
  public enum Form: Equatable, Sendable {
    /// A name, at the end of `path`.
    case name
    /// `.wait`: one of an enumeration's.
    case symbol
    /// The unit of a number.
    case unit
  }

  public private(set) var form = Form.name
  /// What has been written of it, and where that begins, in octets.
  public private(set) var word = ""
  public private(set) var start: Int
  public private(set) var path: [Step] = []
  /// The tokens of the statement before the path, as they are written.
  public private(set) var statement: [String] = []
  /// What each open block belongs to, outermost first: the tokens before its brace.
  public private(set) var blocks: [[String]] = []

  /// Nothing but the word has been written of its statement.
  public var beginsStatement: Bool { statement.isEmpty && path.isEmpty }

  /// Nil where nothing can be completed: in a text or a comment, or behind what is no path.
  public init?(_ text: String) {
    let octets = Array(text.utf8)
    let file = SourceFile(id: SourceFileID(rawValue: 0), name: "", octets: octets)
    let lexed = Lexer.lex(file)
    var tokens = lexed.tokens.filter { $0.kind != .endOfFile }
    start = octets.count
    if Self.isInComment(octets, after: tokens.last?.end ?? 0) { return nil }
    if let last = tokens.last, last.kind == .string {
      let isOpen = lexed.diagnostics.contains { $0.code == "N102" }
      if isOpen || last.end == octets.count { return nil }
    }
    if let unit = Self.unitStart(octets) {
      form = .unit
      start = unit
      // The number and what is written of its unit may be several tokens.
      var first = unit
      while first > 0, Ascii.isNamePart(octets[first - 1]) || octets[first - 1] == Ascii.dot {
        first -= 1
      }
      tokens.removeAll { $0.end > first }
    } else if let last = tokens.last, last.end == octets.count, last.kind.isNameLike {
      start = last.start
      tokens.removeLast()
    }
    word = String(decoding: octets[start...], as: UTF8.self)
    if form == .name, !takePath(&tokens, file) { return nil }
    takeStatement(tokens, file)
  }

  private static func isInComment(_ octets: [UInt8], after place: Int) -> Bool {
    var isComment = false
    for octet in octets[min(place, octets.count)...] {
      if octet == Ascii.hash { isComment = true }
      if octet == Ascii.lineFeed { isComment = false }
    }
    return isComment
  }

  /// Where the unit of a number begins that ends at the cursor.
  private static func unitStart(_ octets: [UInt8]) -> Int? {
    var letters = octets.count
    while letters > 0, Ascii.isNamePart(octets[letters - 1]), !Ascii.isDigit(octets[letters - 1]) {
      letters -= 1
    }
    guard letters > 0, Ascii.isDigit(octets[letters - 1]) else { return nil }
    var first = letters
    while first > 0, Ascii.isNamePart(octets[first - 1]) { first -= 1 }
    // `eth0` is a name, and so is what stands behind a dot of one.
    guard Ascii.isDigit(octets[first]) else { return nil }
    if first > 1, octets[first - 1] == Ascii.dot, !Ascii.isDigit(octets[first - 2]) { return nil }
    return letters
  }

  /// Takes `server.pool.` from the end of the tokens. False when something else stands before the
  /// dot.
  private mutating func takePath(_ tokens: inout [Token], _ file: SourceFile) -> Bool {
    func text(_ token: Token) -> String { file.text(token.start..<token.end) }
    while tokens.last?.kind == .dot {
      tokens.removeLast()
      guard let before = tokens.last else {
        form = .symbol
        return true
      }
      var index: String?
      if before.kind == .closeBracket {
        guard let open = Self.opening(before, tokens) else { return false }
        index = file.text(tokens[open].end..<before.start)
        tokens.removeSubrange(open...)
      }
      guard let name = tokens.last, name.kind.isNameLike, index != nil || name.end == before.end
      else {
        // `= .`, `[.`, `(.`: there is nothing before the dot that has members.
        let isOperand = before.kind == .closeParenthesis || before.kind == .closeBracket
        form = .symbol
        return !isOperand && path.isEmpty && before.kind != .string
      }
      path.insert(Step(name: text(name), index: index), at: 0)
      tokens.removeLast()
    }
    return true
  }

  private static func opening(_ bracket: Token, _ tokens: [Token]) -> Int? {
    var depth = 0
    for place in tokens.indices.reversed() {
      if tokens[place].kind == .closeBracket { depth += 1 }
      if tokens[place].kind == .openBracket { depth -= 1 }
      if depth == 0 { return place }
    }
    return nil
  }

  /// Statements end at lines and semicolons, but not within parentheses and brackets.
  private mutating func takeStatement(_ tokens: [Token], _ file: SourceFile) {
    var depths = [0]
    for token in tokens {
      switch token.kind {
      case .openBrace:
        blocks.append(statement)
        statement = []
        depths.append(0)
      case .closeBrace:
        if !blocks.isEmpty {
          blocks.removeLast()
          depths.removeLast()
        }
        statement = []
      case .newline, .semicolon:
        if depths[depths.count - 1] == 0 { statement = [] }
      default:
        let isOpening = token.kind == .openParenthesis || token.kind == .openBracket
        let isClosing = token.kind == .closeParenthesis || token.kind == .closeBracket
        if isOpening { depths[depths.count - 1] += 1 }
        if isClosing { depths[depths.count - 1] = max(depths[depths.count - 1] - 1, 0) }
        statement.append(file.text(token.start..<token.end))
      }
    }
  }
}
