// Statements that begin with a contextual word: the nouns and verbs of the bench.
//
// `startsHead` is the table of the grammar: the word and one further token on the same line decide.
// Clause words (`within`, `as`) are looked for after a complete operand only.

extension Parser {
  /// Whether the name at the cursor begins a statement of its own here.
  func startsHead() -> Bool {
    let following = next
    switch text(current) {
    case "import", "case", "variant": return following.kind == .string
    case "param", "sweep", "policy", "preset", "kind", "on": return following.kind == .name
    case "once":
      return isWord(following, "on") || isWord(following, "when") || isWord(following, "every")
        || isWord(following, "at")
    case "when", "every", "at", "expect", "record", "plot", "report", "capture", "show", "why",
      "fail":
      return following.kind.startsOperand
    case "run": return following.kind == .forWord || isWord(following, "until")
    case "pause", "stop": return endsStatement(following)
    case "step", "print": return endsStatement(following) || following.kind.startsOperand
    default: return false
    }
  }

  private func endsStatement(_ token: Token) -> Bool {
    switch token.kind {
    case .newline, .semicolon, .closeBrace, .endOfFile: return true
    default: return false
    }
  }

  mutating func parseHead(after previous: Statement?) throws(SyntaxError) -> StatementForm {
    let word = text(current)
    if word == "once" || word == "on" || word == "when" || word == "every" || word == "at" {
      return try parseHook(after: previous)
    }
    let start = current.start
    advance()
    switch word {
    case "import": return try parseImport()
    case "case":
      let title = try parseLabel(after: "case")
      return .caseBlock(CaseDeclaration(title: title, body: try parseBlock(of: "case")))
    case "variant": return try parseVariant()
    case "param": return try parseParam()
    case "sweep": return try parseSweep()
    case "policy": return .policy(try parseTemplate("policy"))
    case "kind": return .kind(try parseTemplate("kind"))
    case "preset": return try parsePreset()
    case "expect": return try parseExpect()
    case "run": return try parseRun()
    case "step": return try parseStep()
    case "record": return .record(try parseSeries())
    case "plot": return .plot(try parseSeries())
    case "report":
      let values = try parseExpressions()
      return .report(values, label: try parseAsLabel())
    case "capture":
      let place = try parseSingle("capture", from: start)
      return .capture(place, file: at(.string) ? try parseLabel(after: "capture") : nil)
    case "print": return try parsePrint()
    case "show": return .show(try parseSingle("show", from: start))
    case "why": return .why(try parseSingle("why", from: start))
    case "fail": return .fail(try parseSingle("fail", from: start))
    case "pause": return .pause
    default:
      precondition(word == "stop", "a head word without a parser")
      return .stop
    }
  }

  // MARK: Structure

  private mutating func parseImport() throws(SyntaxError) -> StatementForm {
    let path = try parseLabel(after: "import")
    let alias = eatWord("as") ? try parseName(after: "as") : nil
    return .importFile(ImportStatement(path: path, alias: alias))
  }

  private mutating func parseVariant() throws(SyntaxError) -> StatementForm {
    let title = try parseLabel(after: "variant")
    var bases: [Label] = []
    if eat(.colon) {
      repeat { bases.append(try parseLabel(after: ":")) } while eat(.comma)
    }
    let body = try parseBlock(of: "variant")
    return .variant(VariantDeclaration(title: title, bases: bases, body: body))
  }

  private mutating func parseParam() throws(SyntaxError) -> StatementForm {
    let name = try parseName(after: "param")
    let annotation = try parseAnnotation()
    try expect(
      .assign, "a param has a default value", help: "`param \(name.text) = …`")
    let value = try parseExpression()
    let condition = eatWord("where") ? try parseExpression() : nil
    return .param(
      ParamDeclaration(name: name, annotation: annotation, value: value, condition: condition))
  }

  private mutating func parseSweep() throws(SyntaxError) -> StatementForm {
    var axes: [SweepAxis] = []
    repeat {
      let name = try parseName(after: "sweep")
      try expect(.inWord, "a sweep goes over values", help: "`sweep \(name.text) in 1..5`")
      axes.append(SweepAxis(name: name, values: try parseExpression()))
    } while eat(.comma)
    return .sweep(axes)
  }

  private mutating func parseTemplate(_ word: String) throws(SyntaxError) -> TemplateDeclaration {
    let name = try parseName(after: word)
    if word == "kind", ContextualWords.statements.contains(name.text) {
      report(
        "N118", "`\(name.text)` begins a statement; no kind can have its name", at: name.span,
        help: "choose another name")
    }
    let parameters = at(.openParenthesis) ? try parseParameters() : []
    let body = try parseBlock(of: word)
    return TemplateDeclaration(name: name, parameters: parameters, body: body)
  }

  private mutating func parsePreset() throws(SyntaxError) -> StatementForm {
    let name = try parseName(after: "preset")
    let base = eat(.colon) ? try parseExpression() : nil
    let body = try parseBlock(of: "preset")
    return .preset(PresetDeclaration(name: name, base: base, body: body))
  }

  // MARK: Hooks

  private mutating func parseHook(after previous: Statement?) throws(SyntaxError) -> StatementForm {
    let start = current.start
    let isOnce = eatWord("once")
    let wordToken = current
    let word = text(wordToken)
    advance()
    let moment: HookMoment
    switch word {
    case "on": moment = .on(try parseEvent())
    case "when": moment = .when(try parseExpression())
    case "every": moment = .every(try parseExpression())
    default: moment = .at(try parseExpression())
    }
    let condition = eat(.ifWord) ? try parseExpression() : nil
    let headSpan = span(from: start)
    if !at(.openBrace), !isOnce, condition == nil,
      takesClause(previous, word)
    {
      throw clauseBefore(span(of: wordToken), word: word, after: previous)
    }
    if at(.assign) { throw misusedWord(Name(word, span(of: wordToken)), found: current) }
    let body = try parseBlock(of: word)
    return .hook(
      Hook(
        isOnce: isOnce, moment: moment, condition: condition, body: body, headSpan: headSpan))
  }

  private mutating func parseEvent() throws(SyntaxError) -> EventPattern {
    let root = try parseName(after: "on")
    let start = root.span.start
    var steps: [EventStep] = []
    while true {
      guard steps.count < ParserLimits.depth else { throw tooLong(from: start) }
      if eat(.dot) {
        if at(.star) {
          steps.append(.anyMember(currentSpan))
          advance()
        } else {
          steps.append(.member(try parseMemberName()))
        }
      } else if at(.openBracket), !stream.isAfterNewline {
        steps.append(try parseEventIndex())
      } else {
        break
      }
    }
    var bindings: [Name] = []
    if at(.openParenthesis), !stream.isAfterNewline {
      let open = currentSpan
      advance()
      stream.bracketDepth += 1
      while !at(.closeParenthesis) {
        bindings.append(try parseName(after: "("))
        if !eat(.comma) { break }
      }
      try close(.closeParenthesis, opened: open)
    }
    return EventPattern(root: root, steps: steps, bindings: bindings, span: span(from: start))
  }

  private mutating func parseEventIndex() throws(SyntaxError) -> EventStep {
    let open = currentSpan
    advance()
    stream.bracketDepth += 1
    let star = currentSpan
    if eat(.star) {
      try close(.closeBracket, opened: open)
      return .anyIndex(star)
    }
    let index = try parseExpression()
    try close(.closeBracket, opened: open)
    return .index(index)
  }

  // MARK: Expectations and running

  mutating func parseExpect() throws(SyntaxError) -> StatementForm {
    let property: ExpectedProperty
    let modal = at(.name) ? text(current) : ""
    if ContextualWords.modals.contains(modal) { advance() }
    switch modal {
    case "always": property = .always(try parseExpression())
    case "never": property = .never(try parseExpression())
    case "eventually": property = .eventually(try parseExpression())
    case "finally": property = .finally(try parseExpression())
    case "whenever":
      let trigger = try parseExpression()
      skipNewlines()
      try expect(
        .thenWord, "`whenever` has no `then`", help: "`expect whenever … then … within 1s`")
      property = .whenever(trigger, then: try parseExpression())
    default: property = .now(try parseExpression())
    }
    var clauses: [ExpectClause] = []
    while let word = clauseWord() {
      let wordSpan = currentSpan
      advance()
      clauses.append(ExpectClause(word: word, wordSpan: wordSpan, value: try parseExpression()))
    }
    let end = stream.previousEnd
    return .expect(
      Expectation(property: property, clauses: clauses, end: end, label: try parseAsLabel()))
  }

  private func clauseWord() -> ExpectClauseWord? {
    if at(.forWord) { return .lasting }
    if atWord("within") { return .within }
    if atWord("after") { return .after }
    return atWord("before") ? .before : nil
  }

  private mutating func parseRun() throws(SyntaxError) -> StatementForm {
    if eat(.forWord) { return .run(.duration(try parseExpression())) }
    advance()
    let condition = try parseExpression()
    let limit = eatWord("within") ? try parseExpression() : nil
    return .run(.until(condition, within: limit))
  }

  private mutating func parseStep() throws(SyntaxError) -> StatementForm {
    if eatWord("on") { return .step(count: nil, event: try parseEvent()) }
    guard !atStatementEnd else { return .step(count: nil, event: nil) }
    let count = try parseExpression()
    let event = eatWord("on") ? try parseEvent() : nil
    return .step(count: count, event: event)
  }

  // MARK: Output

  private mutating func parseSeries() throws(SyntaxError) -> SeriesStatement {
    let paths = try parseExpressions()
    let interval = eatWord("every") ? try parseExpression() : nil
    return SeriesStatement(paths: paths, interval: interval, label: try parseAsLabel())
  }

  private mutating func parsePrint() throws(SyntaxError) -> StatementForm {
    if atStatementEnd { return .print([]) }
    printOperand = at(.openParenthesis) ? stream.index : nil
    let values = try parseExpressions()
    printOperand = nil
    return .print(values)
  }

  /// The one operand of `show`, `why`, `fail` and `capture`; a comma after it is N108.
  private mutating func parseSingle(_ word: String, from start: Int) throws(SyntaxError)
    -> Expression
  {
    let value = try parseExpression()
    guard at(.comma) else { return value }
    while eat(.comma) { _ = try parseExpression() }
    let list = file.text(value.span.union(span(from: value.span.start)))
    throw error(
      "N108", "`\(word)` takes one expression", at: span(from: start),
      help: "did you mean `print \(list)`?")
  }

  private mutating func parseExpressions() throws(SyntaxError) -> [Expression] {
    var values = [try parseExpression()]
    while eat(.comma) { values.append(try parseExpression()) }
    return values
  }

  private mutating func parseAsLabel() throws(SyntaxError) -> Label? {
    eatWord("as") ? try parseLabel(after: "as") : nil
  }

  /// A string without interpolations.
  private mutating func parseLabel(after word: String) throws(SyntaxError) -> Label {
    skipNewlines()
    guard at(.string) else {
      throw unexpected("a text in quotes is missing after `\(word)`", help: "`\(word) \"…\"`")
    }
    let labelSpan = currentSpan
    let literal = parseString()
    if literal.plainText == nil {
      report(
        "N106", "this text must be the same each time", at: labelSpan,
        help: "leave the `{…}` out; a brace as text is `{{`")
    }
    return Label(literal: literal, span: labelSpan)
  }
}
