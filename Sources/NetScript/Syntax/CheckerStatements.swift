// The checker's rules for statements: what may stand where, and what may be set.

extension Checker {
  mutating func checkStatement(_ statement: Statement) {
    switch statement.form {
    case .malformed, .pause, .stop: break
    case .binding(let binding): checkBinding(binding)
    case .function(let function):
      let result = checkFunction(function.shape)
      // What stands below knows what it yields; what stands above only an annotation.
      scopes[scopes.count - 1].names[function.name.text]?.learn(result)
    case .conditional(let conditional):
      for branch in conditional.branches {
        checkCondition(branch.condition)
        checkBlock(branch.body, in: .branch)
      }
      if let otherwise = conditional.otherwise { checkBlock(otherwise, in: .branch) }
    case .forLoop(let loop):
      check(loop.sequence)
      let names = [loop.first] + (loop.second.map { [$0] } ?? [])
      checkBlock(loop.body, in: .loop, names: names)
    case .whileLoop(let condition, let body):
      checkCondition(condition)
      checkBlock(body, in: .loop)
    case .match(let match):
      let type = check(match.subject)
      for arm in match.arms {
        for pattern in arm.patterns { checkPattern(pattern, of: match.subject, type) }
        checkBlock(arm.body, in: .branch)
      }
    case .returnValue(let value):
      if let value { resultOfExpression = check(value) }
      checkJump("return", statement.span)
    case .breakLoop: checkJump("break", statement.span)
    case .continueLoop: checkJump("continue", statement.span)
    case .declaration(let declaration): checkDeclaration(declaration)
    case .assignment(let assignment): checkAssignment(assignment)
    case .expression(let value): checkExpressionStatement(value)
    default: checkHead(statement)
    }
  }

  private mutating func checkHead(_ statement: Statement) {
    switch statement.form {
    case .importFile: break
    case .caseBlock(let declaration):
      checkDirectness("case", statement.span, inCase: false)
      checkTitles(declaration.body)
      checkBlock(declaration.body, in: .caseBody)
    case .variant(let variant):
      checkDirectness("variant", variant.title.span)
      checkBlock(variant.body, in: .variant)
    case .param(let param):
      checkDirectness("param", param.name.span)
      checkAnnotation(param.annotation)
      check(param.value)
      if let condition = param.condition { checkCondition(condition) }
    case .sweep(let axes):
      if !isInVariant { checkDirectness("sweep", axes[0].name.span) }
      for axis in axes { check(axis.values) }
    case .policy(let policy): checkTemplate(policy, in: .policy)
    case .kind(let kind): checkTemplate(kind, in: .kind)
    case .preset(let preset):
      if let base = preset.base { check(base) }
      checkBlock(preset.body, in: .preset)
    case .hook(let hook): checkHook(hook)
    case .expect(let expectation): checkExpectation(expectation, statement.span)
    case .run(.duration(let duration)):
      checkRun("run", statement.span)
      checkDimension(of: duration, .time, "`run for` takes a time")
    case .run(.until(let condition, let limit)):
      checkRun("run", statement.span)
      checkCondition(condition)
      if let limit { checkDimension(of: limit, .time, "`within` takes a time") }
    case .step(let count, let event):
      checkRun("step", statement.span)
      if let count { check(count) }
      if let event { checkEvent(event) }
    default: checkOutput(statement)
    }
  }

  private mutating func checkOutput(_ statement: Statement) {
    switch statement.form {
    case .record(let series), .plot(let series):
      for path in series.paths { check(path) }
      if let interval = series.interval {
        checkDimension(of: interval, .time, "`every` takes a time")
      }
      checkShadowedWord(statement, series.paths[0])
    case .report(let values, _), .print(let values):
      for value in values { check(value) }
      if let first = values.first { checkShadowedWord(statement, first) }
    case .capture(let value, _), .show(let value), .why(let value), .fail(let value):
      check(value)
      checkShadowedWord(statement, value)
    default: preconditionFailure("a statement that no rule is about")
    }
  }

  // MARK: Declarations

  private mutating func checkBinding(_ binding: Binding) {
    let type = check(binding.value)
    checkAnnotation(binding.annotation)
    let annotated = StaticType(annotation: binding.annotation?.text)
    if case .measure(let wanted) = annotated, case .measure(let found) = type, wanted != found {
      report(
        "N212", "\(wanted.name) expected, found \(found.name)", at: binding.value.span,
        secondary: binding.annotation.map { [DiagnosticLabel($0.span)] } ?? [])
    }
    let known = annotated == .unknown ? type : annotated
    if !binding.isMutable, case .function(let shape) = binding.value.form {
      declare(
        binding.name,
        .function(shape.parameters, result: StaticType(annotation: shape.result?.text)))
    } else if !binding.isMutable {
      declare(binding.name, .constant(known))
    } else {
      // `+=` keeps the type of what it adds to; `=` need not.
      let isKept = !replacedNames.contains(binding.name.text) && known != .other
      declare(binding.name, .variable(isKept ? known : .unknown))
    }
  }

  /// - Returns: what a call yields, as far as it is known.
  @discardableResult
  mutating func checkFunction(_ shape: FunctionShape) -> StaticType {
    checkDefaults(of: shape.parameters)
    checkAnnotation(shape.result)
    let annotated = StaticType(annotation: shape.result?.text)
    switch shape.body {
    case .block(let body):
      checkBlock(body, in: .function, parameters: shape.parameters)
      return annotated
    case .expression(let value):
      let statement = Statement(.returnValue(value), value.span)
      resultOfExpression = .unknown
      checkBlock([statement], in: .function, parameters: shape.parameters)
      return annotated == .unknown ? resultOfExpression : annotated
    }
  }

  /// Defaults are worked out before the parameters have values, so they see what is around them.
  private mutating func checkDefaults(of parameters: [Parameter]) {
    let outer = siblings
    for parameter in parameters {
      guard let value = parameter.defaultValue else { continue }
      siblings = parameters.filter { $0.name.text != parameter.name.text }.map { $0.name }
      check(value)
    }
    siblings = outer
  }

  private mutating func checkTemplate(_ template: TemplateDeclaration, in place: CheckerPlace) {
    checkDefaults(of: template.parameters)
    checkBlock(template.body, in: place, parameters: template.parameters)
  }

  private mutating func checkDeclaration(_ declaration: Declaration) {
    // `alias.kind inst { … }` reads the import.
    if declaration.kind.count > 1 { _ = read(declaration.kind[0].text) }
    if let index = declaration.index { check(index) }
    if let preset = declaration.preset { check(preset) }
    guard let body = declaration.body else { return }
    checkBlock(body, in: .declaration(declaration.kind[declaration.kind.count - 1].text))
  }

  private mutating func checkHook(_ hook: Hook) {
    var names: [Name] = []
    switch hook.moment {
    case .on(let event):
      checkEvent(event)
      names = event.bindings
    case .when(let condition): checkCondition(condition)
    case .every(let interval): checkDimension(of: interval, .time, "`every` takes a time")
    case .at(let time): checkDimension(of: time, .time, "`at` takes a time")
    }
    // The event's fields are bound in the condition too.
    scopes.append(Scope())
    for name in names { declare(name, .parameter(.unknown), isRead: isHandler) }
    if let condition = hook.condition { checkCondition(condition) }
    checkBlock(hook.body, in: .hook)
    reportUnread()
  }

  /// Of a policy: its request has a name by custom, whether it is looked at or not.
  private var isHandler: Bool {
    if case .policy = places[places.count - 1] { return true }
    return false
  }

  private mutating func checkEvent(_ event: EventPattern) {
    _ = read(event.root.text)
    for case .index(let index) in event.steps { check(index) }
  }

  private mutating func checkExpectation(_ expectation: Expectation, _ span: SourceSpan) {
    switch expectation.property {
    case .now(let value):
      checkCondition(value)
      if isInVariant { plainExpectations.append(span) }
    case .always(let value), .never(let value), .eventually(let value), .finally(let value):
      checkCondition(value)
    case .whenever(let trigger, let answer):
      checkCondition(trigger)
      checkCondition(answer)
    }
    for (index, clause) in expectation.clauses.enumerated() {
      checkClause(clause)
      if expectation.clauses[..<index].contains(where: { $0.word == clause.word }) {
        report(
          "N310", "`\(clause.word.text)` stands here twice", at: clause.wordSpan,
          help: "take one of them out")
      } else if let modal = expectation.property.wordWithout(clause.word) {
        report(
          "N311", "\(modal) takes no `\(clause.word.text)`", at: clause.wordSpan,
          help: expectation.property.advice(without: clause.word))
      }
    }
  }

  private mutating func checkClause(_ clause: ExpectClause) {
    clauseInHand = clause
    checkDimension(of: clause.value, .time, "`\(clause.word.text)` takes a time")
    clauseInHand = nil
  }

  /// Titles are how a case or variant is called for; two of one name cannot be told apart.
  private mutating func checkTitles(_ statements: [Statement]) {
    var seen: [String: SourceSpan] = [:]
    for statement in statements {
      guard case .variant(let variant) = statement.form else { continue }
      for base in variant.bases where base.text == variant.title.text {
        report("N204", "a variant cannot start from itself", at: base.span)
      }
      if let first = seen[variant.title.text] {
        report(
          "N204", "two variants have one title", at: variant.title.span,
          secondary: [DiagnosticLabel(first, "the first")])
      } else {
        seen[variant.title.text] = variant.title.span
      }
    }
  }

  // MARK: What may stand where

  var isInVariant: Bool {
    places.contains { if case .variant = $0 { true } else { false } }
  }

  private mutating func checkRun(_ word: String, _ span: SourceSpan) {
    for place in places.reversed() {
      guard let refusal = place.refusalOfRun else { continue }
      let wordSpan = span.prefix(word.utf8.count)
      report(
        "N305", "`\(word)` inside \(refusal.name)", at: wordSpan, why: refusal.why,
        help: "move it to the case")
      return
    }
  }

  /// `param`, `sweep` and `variant` are collected before a case runs, so nothing may decide on
  /// them.
  private mutating func checkDirectness(
    _ word: String, _ span: SourceSpan, inCase: Bool = true
  ) {
    switch places[places.count - 1] {
    case .file: return
    case .caseBody where inCase: return
    default:
      report(
        "N308", "`\(word)` must stand directly in the \(inCase ? "case" : "file")", at: span,
        why: "it is collected before anything runs", help: "move it out of this block")
    }
  }

  private mutating func checkJump(_ word: String, _ span: SourceSpan) {
    for place in places.reversed() {
      switch place {
      case .branch: continue
      case .loop: if word != "return" { return }
      case .function, .hook:
        if word == "return" { return }
        reportJump(word, span)
        return
      default:
        reportJump(word, span)
        return
      }
    }
  }

  private mutating func reportJump(_ word: String, _ span: SourceSpan) {
    let wordSpan = span.prefix(word.utf8.count)
    if word == "return" {
      report(
        "N209", "`return` stands in no function", at: wordSpan,
        help: isInCase ? "`stop` ends the case" : nil)
    } else {
      let isInFunction = places.contains { if case .function = $0 { true } else { false } }
      report(
        "N209", "`\(word)` stands in no loop", at: wordSpan,
        help: isInFunction ? "a function is no part of the loop around it: `return`" : nil)
    }
  }

  /// `show(3)` is the statement even where a function `show` exists; the grammar decides, not
  /// names.
  private mutating func checkShadowedWord(_ statement: Statement, _ operand: Expression) {
    guard case .parenthesised = operand.form else { return }
    let text = files[statement.span.file].text(statement.span.start..<operand.span.start)
    let word = String(text.prefix { $0.isLetter })
    guard case .function = lookup(word)?.meaning else { return }
    report(
      "N118", "`\(word)` begins a statement here",
      at: statement.span.prefix(word.utf8.count),
      why: "the function of that name can be called inside an expression only",
      help: "`let result = \(word)(…)`, or another name for the function")
  }

  private mutating func checkExpressionStatement(_ value: Expression) {
    check(value)
    checkUse(of: value)
    guard case .name(let word) = value.form, ContextualWords.statements.contains(word),
      lookup(word) == nil, !isDeclaredLater(word)
    else { return }
    report(
      "N118", "`\(word)` is not complete", at: value.span, help: ParserMessages.usage(of: word))
  }
}
