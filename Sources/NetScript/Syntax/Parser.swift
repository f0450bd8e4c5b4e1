// The parser: LL(1) by recursive descent, a Pratt loop for expressions.
//
// It never fails. A statement that cannot be read gives one diagnostic, becomes `.malformed`, and
// reading goes on after the next separator; each loop proves that it moves. Depth is bounded: by
// `nesting` where it recurses, by `Expression.depth` where a flat loop builds a deep tree.
// ParserStatements has the words of all languages, ParserHeads the contextual ones,
// ParserExpressions the operators, ParserMessages what is said about mistakes.

public enum ParserLimits {
  /// Blocks, brackets, prefix operators and right operands within each other.
  public static let nesting = 100
  /// Levels of one expression: a chain of that many operators or calls.
  public static let depth = 400
  /// Diagnostics of one file; the rest would be consequences.
  public static let diagnostics = 100
}

/// A parsed file: always a tree, and what was wrong with the text.
public struct ParsedFile: Sendable {
  public var tree: SyntaxTree
  public var diagnostics: [Diagnostic]
  /// The text ended inside a block, a bracket, a string or an expression: at the prompt, more is
  /// to be typed before it means anything.
  public var isUnfinished: Bool
}

/// Thrown from the place of a mistake to the statement around it; the diagnostic is given already.
struct SyntaxError: Error {}

public struct Parser {
  let file: SourceFile
  var stream: TokenStream
  var diagnostics: [Diagnostic]
  var isUnfinished = false
  /// Recursion of this parser; see `ParserLimits.nesting`.
  var nesting = 0
  var hasReportedNesting = false
  /// One unclosed block leaves those around it open too; the innermost is named.
  var hasReportedUnclosed = false
  /// Where `print` stands when its operand may begin with a misleading parenthesis (N113).
  var printOperand: Int?
  /// What it reads is a question, not a script.
  var isQuestion = false
  private var documentationIndex = 0
  /// Levels of the deepest expression since the innermost function began.
  var deepest = 0

  public static func parse(_ file: SourceFile) -> ParsedFile {
    var parser = Parser(file)
    let statements = parser.parseStatements(inBlock: false)
    let span = SourceSpan(file: file.id, start: 0, end: file.octets.count)
    let tree = SyntaxTree(file: file.id, statements: statements, span: span)
    return ParsedFile(
      tree: tree, diagnostics: parser.sortedDiagnostics(), isUnfinished: parser.isUnfinished)
  }

  static func parseQuestion(
    _ file: SourceFile
  ) -> (question: SearchQuestion?, diagnostics: [Diagnostic]) {
    var parser = Parser(file)
    do throws(SyntaxError) {
      let question = try parser.parseQuestion()
      let diagnostics = parser.sortedDiagnostics()
      return (diagnostics.isEmpty ? question : nil, diagnostics)
    } catch {
      return (nil, parser.sortedDiagnostics())
    }
  }

  private init(_ file: SourceFile) {
    self.file = file
    let lexed = Lexer.lex(file)
    stream = TokenStream(lexed, stringNesting: 0)
    diagnostics = lexed.diagnostics
    // Only `"""` may still be continued; a `"` ends with its line.
    isUnfinished = lexed.diagnostics.contains {
      $0.code == "N102" && $0.primary.span.end - $0.primary.span.start == 3
    }
  }

  private func sortedDiagnostics() -> [Diagnostic] {
    // Stable by place: the lexer's come first in the list, not in the file.
    let ordered = diagnostics.enumerated().sorted { first, second in
      let (one, two) = (first.element.primary.span.start, second.element.primary.span.start)
      return one == two ? first.offset < second.offset : one < two
    }
    return ordered.prefix(ParserLimits.diagnostics).map { $0.element }
  }

  // MARK: Statements in sequence

  /// Statements up to `}` (not taken) or the end of the text.
  mutating func parseStatements(inBlock: Bool) -> [Statement] {
    var statements: [Statement] = []
    skipSeparators()
    while !at(.endOfFile) {
      if at(.closeBrace) {
        if inBlock { break }
        report("N109", "this `}` closes nothing", at: currentSpan)
        advance()
        skipSeparators()
        continue
      }
      let before = stream.index
      statements.append(parseStatementOrRecover(after: statements.last))
      if !atStatementEnd && !stream.isAfterNewline {
        reportMissingSeparator(after: statements.last)
        recover()
      }
      skipSeparators()
      if stream.index == before { advance() }
    }
    return statements
  }

  mutating func parseStatementOrRecover(after previous: Statement?) -> Statement {
    let start = current.start
    let nestingBefore = nesting
    let documentation = takeDocumentation()
    do throws(SyntaxError) {
      let form = try parseStatement(after: previous)
      return Statement(form, span(from: start), documentation: documentation)
    } catch {
      nesting = nestingBefore
      resume(after: start)
      return Statement(.malformed, span(from: start))
    }
  }

  /// Finds the next statement after a mistake in the one that began at `start`.
  mutating func resume(after start: Int) {
    printOperand = nil
    let openBrackets = stream.bracketDepth
    stream.bracketDepth = 0
    if openBrackets > 0 { leaveBrackets(openBrackets) }
    // An operand was looked for on the next line: that line may well be in order.
    if stream.isAfterNewline && current.start > start { return }
    recover()
  }

  /// Skips to the end of the brackets that a mistake stands in, unless a statement comes first.
  private mutating func leaveBrackets(_ count: Int) {
    var open = count
    var braces = 0
    while open > 0 && !at(.endOfFile) {
      switch current.kind {
      case .openParenthesis, .openBracket: open += 1
      case .closeParenthesis, .closeBracket: open -= 1
      case .openBrace: braces += 1
      case .closeBrace where braces == 0: return
      case .closeBrace: braces -= 1
      case .letWord, .varWord, .forWord, .whileWord, .matchWord, .returnWord, .breakWord,
        .continueWord:
        if braces == 0 && stream.isAfterNewline { return }
      default: break
      }
      advance()
    }
  }

  /// Skips to the next separator or the end of the block; blocks on the way are skipped whole.
  mutating func recover() {
    var depth = 0
    while !at(.endOfFile) {
      switch current.kind {
      case .newline, .semicolon: if depth == 0 { return }
      case .openBrace: depth += 1
      case .closeBrace:
        if depth == 0 { return }
        depth -= 1
      default: break
      }
      advance()
    }
  }

  /// `{ statements }`; the opening brace stands on the current line.
  mutating func parseBlock(of owner: String) throws(SyntaxError) -> [Statement] {
    if !at(.openBrace) { try reportMissingBlock(of: owner) }
    try enter()
    defer { nesting -= 1 }
    let savedDepth = stream.bracketDepth
    stream.bracketDepth = 0
    let open = currentSpan
    advance()
    let statements = parseStatements(inBlock: true)
    guard at(.closeBrace) else {
      throw unclosedBlock(open)
    }
    advance()
    stream.bracketDepth = savedDepth
    return statements
  }

  // MARK: The cursor

  /// The next token; newlines inside parentheses and brackets are passed over.
  var current: Token { stream.current }

  var currentSpan: SourceSpan { span(of: current) }

  /// The token after the current one, on whatever line.
  var next: Token { stream.tokens[min(stream.index + 1, stream.tokens.count - 1)] }

  func at(_ kind: TokenKind) -> Bool { current.kind == kind }

  func atWord(_ word: StaticString) -> Bool { isWord(current, word) }

  func isWord(_ token: Token, _ word: StaticString) -> Bool {
    guard token.kind == .name, token.end - token.start == word.utf8CodeUnitCount else {
      return false
    }
    return word.withUTF8Buffer { $0.elementsEqual(file.octets[token.start..<token.end]) }
  }

  /// A separator, the end of the block, or of the text.
  var atStatementEnd: Bool {
    switch current.kind {
    case .newline, .semicolon, .closeBrace, .endOfFile: return true
    default: return false
    }
  }

  mutating func advance() { stream.advance() }

  mutating func eat(_ kind: TokenKind) -> Bool {
    guard at(kind) else { return false }
    advance()
    return true
  }

  mutating func eatWord(_ word: StaticString) -> Bool {
    guard atWord(word) else { return false }
    advance()
    return true
  }

  mutating func expect(_ kind: TokenKind, _ title: String, help: String? = nil) throws(SyntaxError)
  {
    guard eat(kind) else { throw unexpected(title, help: help) }
  }

  mutating func skipNewlines() {
    while at(.newline) { advance() }
  }

  mutating func skipSeparators() {
    while at(.newline) || at(.semicolon) { advance() }
  }

  /// One level deeper; the caller leaves by `nesting -= 1`.
  mutating func enter() throws(SyntaxError) {
    guard nesting < ParserLimits.nesting else {
      if !hasReportedNesting {
        hasReportedNesting = true
        report(
          "N116", "nested too deep", at: currentSpan,
          help: "name an inner part with `let` or `fn`; \(ParserLimits.nesting) levels are allowed")
      }
      throw SyntaxError()
    }
    nesting += 1
  }

  // MARK: Places and text

  func span(of token: Token) -> SourceSpan {
    SourceSpan(file: file.id, start: token.start, end: token.end)
  }

  /// From `start` to the end of the token taken last.
  func span(from start: Int) -> SourceSpan {
    SourceSpan(file: file.id, start: start, end: max(start, stream.previousEnd))
  }

  func text(_ token: Token) -> String { file.text(token.start..<token.end) }

  /// The doc comment that stands before the current token.
  private mutating func takeDocumentation() -> String? {
    guard stream.stringNesting == 0 else { return nil }
    while documentationIndex < stream.documentation.count {
      let entry = stream.documentation[documentationIndex]
      guard entry.token <= stream.index else { return nil }
      documentationIndex += 1
      if entry.token == stream.index { return entry.text }
    }
    return nil
  }
}

/// Tokens with a place in them. An interpolation is read by swapping in a stream of its own.
struct TokenStream {
  let tokens: [Token]
  let numbers: [LexedNumber]
  let strings: [LexedString]
  let documentation: [(token: Int, text: String)]
  let stringNesting: Int
  private(set) var index = 0
  private(set) var previousEnd: Int
  /// Open parentheses and brackets since the innermost brace: newlines mean nothing in them.
  var bracketDepth = 0 {
    didSet {
      precondition(bracketDepth >= 0, "more brackets closed than opened")
      skipInsignificant()
    }
  }

  init(_ lexed: LexedText, stringNesting: Int) {
    precondition(lexed.tokens.last?.kind == .endOfFile, "tokens without an end")
    tokens = lexed.tokens
    numbers = lexed.numbers
    strings = lexed.strings
    documentation = lexed.documentation
    self.stringNesting = stringNesting
    previousEnd = lexed.tokens[0].start
  }

  var current: Token { tokens[index] }

  /// Whether a line ended right before the current token.
  var isAfterNewline: Bool { index > 0 && tokens[index - 1].kind == .newline }

  mutating func advance() {
    guard tokens[index].kind != .endOfFile else { return }
    if tokens[index].kind != .newline { previousEnd = tokens[index].end }
    index += 1
    skipInsignificant()
  }

  /// Takes a closing bracket: the newline after it counts again unless a bracket is still open.
  mutating func leaveBracket() {
    precondition(bracketDepth > 0, "a bracket closed that was not opened")
    previousEnd = tokens[index].end
    index += 1
    bracketDepth -= 1
  }

  private mutating func skipInsignificant() {
    while bracketDepth > 0 && tokens[index].kind == .newline { index += 1 }
  }

  /// The token before the current one, newlines aside.
  var previous: Token? {
    var place = index - 1
    while place >= 0 && tokens[place].kind == .newline { place -= 1 }
    return place >= 0 ? tokens[place] : nil
  }
}
