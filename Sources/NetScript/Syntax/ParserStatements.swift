// Statements that begin with a reserved word, and the word statement: declaration, path or call.

extension Parser {
  mutating func parseStatement(after previous: Statement?) throws(SyntaxError) -> StatementForm {
    try enter()
    defer { nesting -= 1 }
    switch current.kind {
    case .letWord, .varWord: return try parseBinding()
    case .fnWord where next.kind != .openParenthesis: return try parseFunctionDeclaration()
    case .ifWord: return try parseIf()
    case .forWord: return try parseFor(after: previous)
    case .whileWord:
      advance()
      let condition = try parseExpression()
      return .whileLoop(condition: condition, body: try parseBlock(of: "while"))
    case .matchWord: return try parseMatch()
    case .returnWord:
      advance()
      return .returnValue(atStatementEnd ? nil : try parseExpression())
    case .breakWord:
      advance()
      return .breakLoop
    case .continueWord:
      advance()
      return .continueLoop
    case .elseWord: throw misplacedElse()
    case .openBrace: throw misplacedBrace(after: previous)
    case .name:
      if isClauseAtLineStart(after: previous) { throw clauseAtLineStart(after: previous) }
      if startsHead() { return try parseHead(after: previous) }
      return try parseWord()
    default:
      let value = try parseExpression()
      if at(.assign) || at(.plusAssign) || at(.minusAssign) { throw notAPath(value) }
      return .expression(value)
    }
  }

  private mutating func parseBinding() throws(SyntaxError) -> StatementForm {
    let isMutable = at(.varWord)
    let word = isMutable ? "var" : "let"
    advance()
    let name = try parseName(after: word)
    let annotation = try parseAnnotation()
    try expect(
      .assign, "`\(word) \(name.text)` has no value", help: "`\(word) \(name.text) = …`")
    let value = try parseExpression()
    return .binding(
      Binding(isMutable: isMutable, name: name, annotation: annotation, value: value))
  }

  private mutating func parseFunctionDeclaration() throws(SyntaxError) -> StatementForm {
    let start = current.start
    advance()
    let name = try parseName(after: "fn")
    return .function(
      FunctionDeclaration(name: name, shape: try parseFunctionShape(name: name.text, from: start)))
  }

  /// From the parameters on; a literal's `fn` is still at the cursor, and has no result type.
  mutating func parseFunctionShape(name: String, from start: Int? = nil) throws(SyntaxError)
    -> FunctionShape
  {
    let first = start ?? current.start
    if start == nil { advance() }
    let outerDepth = deepest
    deepest = 0
    defer { deepest = max(deepest, outerDepth) }
    let parameters = try parseParameters()
    var result: Name?
    if start != nil, eat(.arrow) {
      if at(.unit) {
        throw unexpected("a unit is no type", help: "`\(TypeNames.all.joined(separator: "` `"))`")
      }
      result = try parseName(after: "->")
    }
    let body = try parseFunctionBody(name)
    return FunctionShape(
      parameters: parameters, result: result, body: body, span: span(from: first),
      depth: deepest + 1)
  }

  private mutating func parseFunctionBody(_ name: String) throws(SyntaxError) -> FunctionBody {
    if eat(.fatArrow) { return .expression(try parseExpression()) }
    if at(.assign) {
      throw unexpected("a one-line function is written with `=>`", help: "`fn \(name)(…) => …`")
    }
    return .block(try parseBlock(of: "fn"))
  }

  /// `( name : Type = default, … )`; a trailing comma is allowed, as in calls.
  mutating func parseParameters() throws(SyntaxError) -> [Parameter] {
    let open = currentSpan
    guard at(.openParenthesis) else {
      throw unexpected("parameters are missing here", help: "`()` when there are none")
    }
    advance()
    stream.bracketDepth += 1
    var parameters: [Parameter] = []
    while !at(.closeParenthesis) {
      let name = try parseName(after: "(")
      let annotation = try parseAnnotation()
      let value = eat(.assign) ? try parseExpression() : nil
      parameters.append(Parameter(name: name, annotation: annotation, defaultValue: value))
      if !eat(.comma) { break }
    }
    try close(.closeParenthesis, opened: open)
    return parameters
  }

  mutating func parseAnnotation() throws(SyntaxError) -> Name? {
    guard eat(.colon) else { return nil }
    return try parseName(after: ":")
  }

  // MARK: Control flow

  private mutating func parseIf() throws(SyntaxError) -> StatementForm {
    var branches: [IfBranch] = []
    while true {
      let start = current.start
      advance()
      let condition = try parseExpression()
      if at(.newline), next.kind == .thenWord { skipNewlines() }
      if at(.thenWord) {
        let value = try parseConditional(condition, from: start)
        guard !branches.isEmpty else { return .expression(value) }
        let statement = Statement(.expression(value), value.span)
        return .conditional(IfStatement(branches: branches, otherwise: [statement]))
      }
      branches.append(IfBranch(condition: condition, body: try parseBlock(of: "if")))
      guard eat(.elseWord) else {
        return .conditional(IfStatement(branches: branches, otherwise: nil))
      }
      guard at(.ifWord) else {
        let otherwise = try parseBlock(of: "else")
        return .conditional(IfStatement(branches: branches, otherwise: otherwise))
      }
    }
  }

  private mutating func parseFor(after previous: Statement?) throws(SyntaxError) -> StatementForm {
    if isClauseAtLineStart(after: previous) { throw clauseAtLineStart(after: previous) }
    advance()
    if at(.openParenthesis) { throw loopOfC() }
    let first = try parseName(after: "for")
    let second = eat(.comma) ? try parseName(after: ",") : nil
    try expect(.inWord, "`for` goes over something", help: "`for \(first.text) in 1..5 {`")
    let sequence = try parseExpression()
    let body = try parseBlock(of: "for")
    return .forLoop(ForLoop(first: first, second: second, sequence: sequence, body: body))
  }

  private mutating func parseMatch() throws(SyntaxError) -> StatementForm {
    advance()
    let subject = try parseExpression()
    if !at(.openBrace) { try reportMissingBlock(of: "match") }
    let open = currentSpan
    let savedDepth = stream.bracketDepth
    stream.bracketDepth = 0
    advance()
    skipSeparators()
    var arms: [MatchArm] = []
    while !at(.closeBrace) && !at(.endOfFile) {
      let before = stream.index
      if let arm = parseArmOrRecover() { arms.append(arm) }
      if !atStatementEnd && !stream.isAfterNewline {
        reportMissingSeparator(after: nil)
        recover()
      }
      skipSeparators()
      if stream.index == before { advance() }
    }
    guard at(.closeBrace) else {
      throw unclosedBlock(open)
    }
    advance()
    stream.bracketDepth = savedDepth
    return .match(MatchStatement(subject: subject, arms: arms))
  }

  private mutating func parseArmOrRecover() -> MatchArm? {
    let nestingBefore = nesting
    let start = current.start
    do throws(SyntaxError) {
      return try parseArm()
    } catch {
      nesting = nestingBefore
      resume(after: start)
      return nil
    }
  }

  private mutating func parseArm() throws(SyntaxError) -> MatchArm {
    let start = current.start
    var patterns = [try parseExpression()]
    while eat(.comma) { patterns.append(try parseExpression()) }
    try expect(
      .fatArrow, "`=>` is missing after the pattern", help: "`\(file.text(span(from: start))) => …`"
    )
    if at(.openBrace) {
      let body = try parseBlock(of: "match")
      return MatchArm(patterns: patterns, body: body, span: span(from: start))
    }
    if atStatementEnd {
      throw unexpected("this arm does nothing", help: "an empty arm is `=> { }`")
    }
    let bodyStart = current.start
    let form = try parseStatement(after: nil)
    let body = [Statement(form, span(from: bodyStart))]
    return MatchArm(patterns: patterns, body: body, span: span(from: start))
  }

  // MARK: Words

  /// `kind name …`, `kind { … }`, a path to set, or a call: the token after the dotted name tells.
  private mutating func parseWord() throws(SyntaxError) -> StatementForm {
    let start = current.start
    var words = [Name(text(current), currentSpan)]
    advance()
    while at(.dot) {
      guard words.count < ParserLimits.depth else { throw tooLong(from: start) }
      advance()
      words.append(try parseMemberName())
    }
    if at(.name) || at(.openBrace) { return try parseDeclaration(kind: words) }
    if at(.string) || at(.quantity) || at(.int) || at(.real) {
      throw misusedWord(words[0], found: current)
    }
    var value = Expression(.name(words[0].text), words[0].span)
    for word in words.dropFirst() {
      value = Expression(.member(value, word), words[0].span.union(word.span))
    }
    value = try parseTail(value, power: 0)
    guard let operation = assignmentOperator(current.kind) else { return .expression(value) }
    guard value.isPath else { throw notAPath(value) }
    let operatorSpan = currentSpan
    advance()
    let newValue = try parseExpression()
    return .assignment(
      Assignment(
        target: value, operation: operation, operatorSpan: operatorSpan, value: newValue))
  }

  private func assignmentOperator(_ kind: TokenKind) -> AssignmentOperator? {
    switch kind {
    case .assign: return .set
    case .plusAssign: return .add
    case .minusAssign: return .subtract
    default: return nil
    }
  }

  private mutating func parseDeclaration(kind: [Name]) throws(SyntaxError) -> StatementForm {
    var declaration = Declaration(kind: kind, name: nil, index: nil, preset: nil, body: nil)
    if kind.count == 1, kind[0].text == "set", next.kind != .openBrace, next.kind != .colon {
      throw error(
        "N109", "a new name begins with `let` or `var`", at: kind[0].span,
        help: "`let \(text(current)) = …`, or `var` if it changes")
    }
    if kind.count == 1, ContextualWords.statements.contains(kind[0].text) {
      throw misusedWord(kind[0], found: current)
    }
    if at(.name) {
      declaration.name = Name(text(current), currentSpan)
      advance()
      if at(.openBracket) {
        let open = currentSpan
        advance()
        stream.bracketDepth += 1
        declaration.index = try parseExpression()
        try close(.closeBracket, opened: open)
      }
      if eat(.colon) { declaration.preset = try parseExpression() }
      guard at(.openBrace) else {
        if !atStatementEnd { throw notADeclaration(declaration) }
        return .declaration(declaration)
      }
    }
    declaration.body = try parseBlock(of: kind[kind.count - 1].text)
    return .declaration(declaration)
  }
}

extension Expression {
  /// What an assignment may stand before.
  var isPath: Bool {
    switch form {
    case .name, .member, .index, .selectAll: return true
    default: return false
    }
  }
}
