// What the parser says about mistakes: in the author's terms, with an edit that mends them.
//
// Each function records one diagnostic and returns the error to throw, so a call reads
// `throw missingOperand()`. A malformed token was refused by the lexer: nothing more is said.

extension Parser {
  mutating func report(
    _ code: String, _ title: String, at place: SourceSpan, label: String = "",
    secondary: [DiagnosticLabel] = [], help: String? = nil
  ) {
    diagnostics.append(
      Diagnostic(
        code: code, title: title, at: place, label: label, secondary: secondary, help: help))
  }

  mutating func error(
    _ code: String, _ title: String, at place: SourceSpan, label: String = "",
    secondary: [DiagnosticLabel] = [], help: String? = nil
  ) -> SyntaxError {
    report(code, title, at: place, label: label, secondary: secondary, help: help)
    return SyntaxError()
  }

  /// The current token cannot stand here.
  mutating func unexpected(_ title: String, help: String? = nil) -> SyntaxError {
    if at(.malformed) { return SyntaxError() }
    if at(.endOfFile) { isUnfinished = true }
    return error("N109", title, at: placeOfCurrent, help: help)
  }

  /// The current token, or the end of the text before it where it is a line's or the file's end.
  private var placeOfCurrent: SourceSpan {
    guard at(.newline) || at(.endOfFile) else { return currentSpan }
    let end = stream.previousEnd
    return SourceSpan(file: file.id, start: end, end: end)
  }

  // MARK: Names and brackets

  mutating func parseName(after word: String) throws(SyntaxError) -> Name {
    skipNewlines()
    if at(.name) {
      let name = Name(text(current), currentSpan)
      advance()
      return name
    }
    guard current.kind.isReservedWord else {
      throw unexpected("a name is missing after `\(word)`")
    }
    let word = text(current)
    throw error(
      "N107", "`\(word)` is a reserved word", at: currentSpan, help: "another name: `\(word)_`")
  }

  /// After a dot: reserved words are names there.
  mutating func parseMemberName() throws(SyntaxError) -> Name {
    guard current.kind.isNameLike else { throw unexpected("a name is missing after the dot") }
    let name = Name(text(current), currentSpan)
    advance()
    return name
  }

  /// The end of a bracket; newlines count again after it.
  mutating func close(_ kind: TokenKind, opened: SourceSpan) throws(SyntaxError) {
    guard at(kind) else {
      if at(.endOfFile) || at(.closeBrace) || at(.openBrace) {
        if at(.endOfFile) { isUnfinished = true }
        throw error(
          "N102", "this `\(file.text(opened))` has no end", at: opened,
          help: "close it with `\(kind.spelling ?? "")`")
      }
      if let prefixed = prefixedText() { throw prefixed }
      throw unexpected("`,` or `\(kind.spelling ?? "")` is missing here")
    }
    stream.leaveBracket()
  }

  mutating func unclosedBlock(_ open: SourceSpan) -> SyntaxError {
    isUnfinished = true
    guard !hasReportedUnclosed else { return SyntaxError() }
    hasReportedUnclosed = true
    guard let found = blockLeftOpen() else {
      return error("N102", "this block has no end", at: open, help: "close it with `}`")
    }
    return error(
      "N102", "this block has no end", at: found.open,
      help: "close it with `}` before line \(found.line)")
  }

  /// The block that lacks its end, as the indentation tells: the first in which a line begins no
  /// further right than the block's own line.
  private func blockLeftOpen() -> (open: SourceSpan, line: Int)? {
    var blocks: [(token: Token, indent: Int)] = []
    var (isLineStart, indent, brackets) = (true, 0, 0)
    for token in stream.tokens where token.kind != .endOfFile {
      if token.kind == .newline {
        isLineStart = true
        continue
      }
      if isLineStart && brackets == 0 {
        let line = file.line(at: token.start)
        indent = token.start - file.lineRange(line).lowerBound
        if let last = blocks.last, indent <= last.indent, token.kind != .closeBrace {
          return (span(of: last.token), line)
        }
      }
      isLineStart = false
      switch token.kind {
      case .openBrace: blocks.append((token, indent))
      case .closeBrace: _ = blocks.popLast()
      case .openParenthesis, .openBracket: brackets += 1
      case .closeParenthesis, .closeBracket: brackets = max(0, brackets - 1)
      default: break
      }
    }
    return nil
  }

  /// `f"…"`, `b"…"`, as Python has them.
  private mutating func prefixedText() -> SyntaxError? {
    guard at(.string), let previous = stream.previous, previous.kind == .name,
      previous.end == current.start
    else { return nil }
    return error(
      "N109", "a text has no `\(text(previous))` in front", at: span(of: previous),
      help: "`{x}` is replaced in every text")
  }

  // MARK: Operands

  mutating func missingOperand() -> SyntaxError {
    if at(.malformed) { return SyntaxError() }
    if at(.endOfFile) { isUnfinished = true }
    if at(.openBrace) {
      return error(
        "N109", "`{` opens a block, never a value", at: currentSpan,
        help: "a map is `[\"key\": 1]`, an empty one `[:]`")
    }
    let isLeftMissing = OperatorTable.infix(current.kind) != nil && !stream.isAfterNewline
    if let previous = stream.previous, isOperator(previous.kind),
      !(isLeftMissing && OperatorTable.infix(previous.kind) == nil)
    {
      return error(
        "N109", "this operator has nothing on its right", at: span(of: previous),
        help: isOperator(current.kind) ? "one of the two operators is too many" : nil)
    }
    if OperatorTable.infix(current.kind) != nil {
      return error(
        "N109", "this operator has nothing on its left", at: currentSpan,
        help: stream.isAfterNewline ? "end the line above with `\(text(current))`" : nil)
    }
    if at(.assign) {
      return error(
        "N109", "`=` sets a value and gives none", at: currentSpan, help: "`==` compares")
    }
    if current.kind.isReservedWord && !stream.isAfterNewline {
      return error(
        "N107", "`\(text(current))` is a reserved word", at: currentSpan,
        help: "a value is missing before it, or a name must be spelled differently")
    }
    guard let previous = stream.previous else { return unexpected("a value is missing here") }
    return unexpected("a value is missing after `\(text(previous))`")
  }

  private func isOperator(_ kind: TokenKind) -> Bool {
    switch kind {
    case .assign, .plusAssign, .minusAssign, .fatArrow, .notWord: return true
    default: return OperatorTable.infix(kind) != nil
    }
  }

  /// `a < b < c`: the third operand is read for the sake of the hint.
  mutating func chainedComparison(
    _ left: Expression, _ operation: InfixOperator, _ right: Expression
  ) throws(SyntaxError) -> SyntaxError {
    let second = text(current)
    let secondKind = current.kind
    advance()
    let third = try parseExpression(power: OperatorTable.comparisonPower)
    let (low, middle, high) = (
      file.text(left.span), file.text(right.span), file.text(third.span)
    )
    var help = "`\(low) \(operation.text) \(middle) and \(middle) \(second) \(high)`"
    if case .int(let first) = left.form, case .int(let last) = third.form,
      operation == .less || operation == .lessOrEqual,
      secondKind == .less || secondKind == .lessOrEqual, first < Int64.max, last > Int64.min
    {
      let from = operation == .less ? first + 1 : first
      let to = secondKind == .less ? last - 1 : last
      help = "`\(middle) in \(from)..\(to)`  or  " + help
    }
    return error("N110", "comparisons do not chain", at: span(from: left.span.start), help: help)
  }

  /// Said once a file, as the nesting is: what contains it is too long as well.
  mutating func tooLong(from start: Int) -> SyntaxError {
    guard !hasReportedNesting else { return SyntaxError() }
    hasReportedNesting = true
    let place = SourceSpan(file: file.id, start: start, end: start)
    return error(
      "N116", "this expression is too long", at: place,
      help: "\(ParserLimits.depth) operators are allowed; name a part of it with `let`")
  }

  mutating func notAPath(_ value: Expression) -> SyntaxError {
    if case .call = value.form {
      return error(
        "N119", "the result of a call cannot be set", at: value.span,
        help: "a variable, a field or a path stands left of `=`; `==` compares")
    }
    return error(
      "N119", "only a variable or a path can be set", at: value.span, help: "`==` compares")
  }

  mutating func printInParentheses(_ open: SourceSpan) -> SyntaxError {
    var inner = ""
    do throws(SyntaxError) {
      while eat(.comma) { _ = try parseExpression() }
      inner = file.text(open.end..<max(open.end, stream.previousEnd))
    } catch {
      return SyntaxError()
    }
    return error(
      "N113", "`print` needs no parentheses around several values", at: open,
      help: "`print \(inner)`")
  }

  // MARK: Blocks and lines

  /// `{` is not here. On the next line it is still taken, after saying so.
  mutating func reportMissingBlock(of owner: String) throws(SyntaxError) {
    if at(.newline), next.kind == .openBrace {
      report(
        "N112", "`{` must stand at the end of the line above", at: span(of: next),
        help: joinHelp(with: "{", before: next.start))
      skipNewlines()
      return
    }
    if at(.assign) {
      throw unexpected("`=` sets a value and cannot be asked", help: "`==` compares")
    }
    throw unexpected("the block of `\(owner)` is missing here", help: "`{ … }` on this line")
  }

  /// "join it to line 7: `text`", with the whole of that line where it is short.
  private func joinHelp(with addition: String, before offset: Int) -> String {
    let line = file.line(at: max(0, stream.previousEnd - 1))
    precondition(file.line(at: offset) >= line, "a token before the one that precedes it")
    return "join it to line \(line): `\(trimmed(line: line)) \(addition)`"
  }

  private func trimmed(line: Int) -> String {
    var range = file.lineRange(line)
    while let first = range.first, file.octets[first] <= Ascii.space {
      range = range.lowerBound + 1..<range.upperBound
    }
    return range.count <= 40 ? file.text(range) : "…"
  }

  mutating func misplacedElse() -> SyntaxError {
    let place = currentSpan
    let line = file.lineRange(file.line(at: place.start))
    let isFirst = file.octets[line.lowerBound..<place.start].allSatisfy { $0 <= Ascii.space }
    guard isFirst, let previous = stream.previous, previous.kind == .closeBrace else {
      return error("N109", "this `else` has no `if`", at: place)
    }
    let rest = file.text(place.start..<max(place.end, line.upperBound))
    let above = file.line(at: previous.start)
    return error(
      "N112", "`else` must follow `}` on the same line", at: place,
      help: "join it to line \(above): `} \(rest)`")
  }

  mutating func misplacedBrace(after previous: Statement?) -> SyntaxError {
    let place = currentSpan
    switch previous?.form {
    case .declaration, .expression:
      return error(
        "N112", "`{` must stand at the end of the line above", at: place,
        help: joinHelp(with: "{", before: place.start))
    default:
      return error(
        "N109", "a block stands after a word, not alone", at: place,
        help: "`if true { … }`, or no braces at all")
    }
  }

  mutating func reportMissingSeparator(after previous: Statement?) {
    if at(.malformed) { return }
    if case .malformed = previous?.form { return }
    let word = text(current)
    switch current.kind {
    case .closeParenthesis, .closeBracket:
      report("N109", "this `\(word)` closes nothing", at: currentSpan)
    case .assign, .plusAssign, .minusAssign:
      report("N119", "only a variable or a path can be set", at: currentSpan, help: "`==` compares")
    case .openBrace:
      if let recordWord = headWord(of: previous) {
        report(
          "N118", "`\(recordWord)` begins a statement here", at: previous?.span ?? currentSpan,
          help: "\(ParserMessages.usage(of: recordWord)); no kind can be named `\(recordWord)`")
      } else {
        report("N109", "no block belongs here", at: currentSpan)
      }
    case .comma: report("N109", "this `,` stands in no list", at: currentSpan)
    case .colon:
      report(
        "N109", "no `:` belongs here", at: currentSpan,
        help: "`name = …` sets a field, `host name { … }` holds parts")
    case .fatArrow:
      report(
        "N109", "no `=>` belongs here", at: currentSpan, help: "a function is `fn(x) => x * 2`")
    default:
      report(
        "N117", "`\(word)` begins a second statement here", at: currentSpan,
        help: "separate them with `;` or a new line")
    }
  }

  private func headWord(of statement: Statement?) -> String? {
    switch statement?.form {
    case .record: return "record"
    case .plot: return "plot"
    case .report: return "report"
    case .capture: return "capture"
    case .show: return "show"
    case .why: return "why"
    case .print: return "print"
    case .step: return "step"
    default: return nil
    }
  }
}
