// Expressions: a prefix, then a loop over what may follow it (Pratt).
//
// "(" and "[" continue an expression on their own line only, so a new line may begin with either.
// Comparisons do not chain (N110); nothing that binds tighter follows a conversion (N111).

extension Parser {
  mutating func parseExpression(power: Int = 0) throws(SyntaxError) -> Expression {
    try enter()
    defer { nesting -= 1 }
    skipNewlines()
    let left = try parsePrefix()
    return try parseTail(left, power: power)
  }

  /// What follows an operand: members, calls, indexes, conversions, infix operators above `power`.
  mutating func parseTail(_ operand: Expression, power: Int) throws(SyntaxError) -> Expression {
    var left = operand
    while true {
      deepest = max(deepest, left.depth)
      guard left.depth < ParserLimits.depth else { throw tooLong(from: left.span.start) }
      let start = left.span.start
      switch current.kind {
      case .dot:
        advance()
        let member = try parseMemberName()
        left = Expression(.member(left, member), span(from: start))
      case .openParenthesis where !stream.isAfterNewline:
        let arguments = try parseArguments()
        left = Expression(.call(left, arguments), span(from: start))
      case .openBracket where !stream.isAfterNewline:
        left = try parseIndex(of: left)
      case .arrow:
        guard power < OperatorTable.conversionPower else { return left }
        left = try parseConversion(of: left)
      default:
        guard let (operation, strength) = OperatorTable.infix(current.kind), strength > power,
          !beginsProperty
        else { return left }
        let operatorSpan = currentSpan
        advance()
        let right = try parseExpression(power: strength)
        if operation.isComparison, OperatorTable.infix(current.kind)?.operation.isComparison == true
        {
          throw try chainedComparison(left, operation, right)
        }
        left = Expression(
          .infix(operation, operatorSpan: operatorSpan, left, right), span(from: start))
      }
    }
  }

  private mutating func parseIndex(of base: Expression) throws(SyntaxError) -> Expression {
    let open = currentSpan
    advance()
    stream.bracketDepth += 1
    if eat(.star) {
      try close(.closeBracket, opened: open)
      return Expression(.selectAll(base), span(from: base.span.start))
    }
    let index = try parseExpression()
    try close(.closeBracket, opened: open)
    return Expression(.index(base, index), span(from: base.span.start))
  }

  private mutating func parseArguments() throws(SyntaxError) -> [Argument] {
    let open = currentSpan
    advance()
    stream.bracketDepth += 1
    var arguments: [Argument] = []
    while !at(.closeParenthesis) {
      var name: Name?
      if current.kind.isNameLike, nextSignificant.kind == .assign {
        name = try parseName(after: "(")
        advance()
      }
      arguments.append(Argument(name: name, value: try parseExpression()))
      if !eat(.comma) { break }
    }
    try close(.closeParenthesis, opened: open)
    return arguments
  }

  /// The token after the current one, newlines aside: only for use inside brackets.
  private var nextSignificant: Token {
    var place = stream.index + 1
    while place < stream.tokens.count && stream.tokens[place].kind == .newline { place += 1 }
    return stream.tokens[min(place, stream.tokens.count - 1)]
  }

  private mutating func parseConversion(of value: Expression) throws(SyntaxError) -> Expression {
    let start = value.span.start
    advance()
    skipNewlines()
    let unitSpan = currentSpan
    guard at(.unit), let unit = UnitExpression(text(current)) else {
      throw unexpected(
        "`->` is followed by a unit", help: "such as `-> ms`, `-> KiB`, `-> Mbps` or `-> KiB/s`")
    }
    advance()
    let converted = Expression(.convert(value, unit, unitSpan: unitSpan), span(from: start))
    let follower = OperatorTable.infix(current.kind)
    let bindsTighter = (follower?.power ?? 0) >= OperatorTable.conversionPower
    if bindsTighter || at(.arrow) {
      throw error(
        "N111", "nothing is calculated after a conversion", at: currentSpan,
        secondary: [DiagnosticLabel(converted.span, "this is text from here on")],
        help: "convert last, or parenthesise: `(\(file.text(converted.span)))`")
    }
    return converted
  }

  // MARK: Operands

  private mutating func parsePrefix() throws(SyntaxError) -> Expression {
    let token = current
    let start = token.start
    switch token.kind {
    case .int, .real, .quantity: return try parseNumber()
    case .string:
      let literal = parseString()
      return Expression(.string(literal), span(from: start))
    case .name: return simple(.name(text(token)))
    case .trueWord: return simple(.bool(true))
    case .falseWord: return simple(.bool(false))
    case .noneWord: return simple(.none)
    case .malformed: return simple(.missing)
    case .dot:
      advance()
      let member = try parseMemberName()
      return Expression(.symbol(member.text), span(from: start))
    case .minus: return try parsePrefixOperator(.negate, OperatorTable.negatePower)
    case .notWord: return try parsePrefixOperator(.not, OperatorTable.notPower)
    case .openParenthesis: return try parseParenthesised()
    case .openBracket: return try parseListOrMap()
    case .ifWord:
      advance()
      return try parseConditional(try parseExpression(), from: start)
    case .fnWord:
      let shape = try parseFunctionShape(name: "")
      return Expression(.function(shape), shape.span)
    default: throw missingOperand()
    }
  }

  private mutating func simple(_ form: ExpressionForm) -> Expression {
    let place = currentSpan
    advance()
    return Expression(form, place)
  }

  private mutating func parsePrefixOperator(
    _ operation: PrefixOperator, _ power: Int
  ) throws(SyntaxError) -> Expression {
    let start = current.start
    advance()
    let operand = try parseExpression(power: power)
    return Expression(.prefix(operation, operand), span(from: start))
  }

  private mutating func parseNumber() throws(SyntaxError) -> Expression {
    let token = current
    let number = stream.numbers[Int(token.payload)]
    switch token.kind {
    case .int: return simple(.int(number.significand))
    case .real:
      return simple(.real(DecimalReader.double(number.significand, exponent: number.exponent)))
    default:
      guard let unit = number.unit else { preconditionFailure("a quantity without a unit") }
      let literal = QuantityLiteral(
        significand: number.significand, exponent: number.exponent, unit: unit)
      return simple(.quantity(literal))
    }
  }

  private mutating func parseParenthesised() throws(SyntaxError) -> Expression {
    let open = currentSpan
    let isAfterPrint = printOperand == stream.index
    advance()
    stream.bracketDepth += 1
    let inner = try parseExpression()
    if at(.comma) {
      guard isAfterPrint else {
        throw unexpected("one value stands in parentheses", help: "a list is `[1, 2, 3]`")
      }
      throw printInParentheses(open)
    }
    try close(.closeParenthesis, opened: open)
    return Expression(.parenthesised(inner), span(from: open.start))
  }

  /// `[ ]`, `[:]`, `[a, b]`, `[k: v, l: w]`; the first colon decides.
  private mutating func parseListOrMap() throws(SyntaxError) -> Expression {
    let open = currentSpan
    advance()
    stream.bracketDepth += 1
    if eat(.colon) {
      try close(.closeBracket, opened: open)
      return Expression(.map([]), span(from: open.start))
    }
    var elements: [Expression] = []
    var entries: [MapEntry] = []
    while !at(.closeBracket) {
      let element = try parseExpression()
      if !entries.isEmpty || (elements.isEmpty && at(.colon)) {
        try expect(.colon, "a value is missing for this key", help: "`[key: value, …]`")
        entries.append(MapEntry(key: element, value: try parseExpression()))
      } else {
        elements.append(element)
      }
      if !eat(.comma) { break }
    }
    try close(.closeBracket, opened: open)
    return Expression(entries.isEmpty ? .list(elements) : .map(entries), span(from: open.start))
  }

  /// The rest of `if c then a else b`, from `then` on.
  mutating func parseConditional(_ condition: Expression, from start: Int) throws(SyntaxError)
    -> Expression
  {
    skipNewlines()
    try expect(
      .thenWord, "`if` in an expression has no `then`", help: "`if … then … else …`")
    let first = try parseExpression()
    skipNewlines()
    try expect(
      .elseWord, "`if` in an expression has no `else`", help: "`if … then … else …`")
    let second = try parseExpression()
    return Expression(.conditional(condition, then: first, otherwise: second), span(from: start))
  }

  // MARK: Strings

  /// The string at the cursor, with its interpolations parsed.
  mutating func parseString() -> StringLiteral {
    let lexed = stream.strings[Int(current.payload)]
    advance()
    var segments: [StringSegment] = []
    for part in lexed.parts {
      switch part {
      case .text(let text): segments.append(.text(text))
      case .interpolation(let range): segments.append(parseInterpolation(range))
      }
    }
    return StringLiteral(segments)
  }

  private mutating func parseInterpolation(_ range: Range<Int>) -> StringSegment {
    var lexer = Lexer(file: file, range: range, stringNesting: stream.stringNesting + 1)
    let lexed = lexer.run()
    diagnostics += lexed.diagnostics
    let outer = stream
    stream = TokenStream(lexed, stringNesting: outer.stringNesting + 1)
    defer { stream = outer }
    let place = SourceSpan(file: file.id, start: range.lowerBound, end: range.upperBound)
    let nestingBefore = nesting
    do throws(SyntaxError) {
      guard !at(.endOfFile) else {
        throw error("N106", "nothing stands in these braces", at: place, help: "a brace is `{{`")
      }
      let value = try parseExpression()
      let (width, digits) = eat(.colon) ? try parseWidth() : (nil, nil)
      guard at(.endOfFile) else {
        throw unexpected("this does not belong in `{…}`", help: "one expression: `{name:width}`")
      }
      return .interpolation(value, width: width, digits: digits)
    } catch {
      nesting = nestingBefore
      return .interpolation(Expression(.missing, place), width: nil, digits: nil)
    }
  }

  private mutating func parseWidth() throws(SyntaxError) -> (Int?, Int?) {
    let written = text(current)
    var parts: [Int] = [0]
    for octet in written.utf8 {
      if octet == Ascii.dot {
        parts.append(0)
      } else if Ascii.isDigit(octet), parts[parts.count - 1] < 1000 {
        parts[parts.count - 1] = parts[parts.count - 1] * 10 + Int(octet - Ascii.zero)
      } else {
        parts = []
        break
      }
    }
    let isNumber = at(.int) || at(.real)
    guard isNumber, parts.count == 1 || parts.count == 2, parts[0] <= 200, parts.last ?? 0 <= 200
    else {
      throw error(
        "N106", "a width is a number up to 200", at: currentSpan,
        help: "`{name:8}`, or `{name:8.2}` for two digits after the dot")
    }
    advance()
    return (parts[0], parts.count == 2 ? parts[1] : nil)
  }
}
