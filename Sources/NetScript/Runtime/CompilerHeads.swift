// Statements that begin with a word: each becomes one call of the embedder, with its conditions and
// bodies as functions.

extension Compiler {
  func compileHead(_ statement: Statement) {
    let span = statement.span
    switch statement.form {
    case .hook(let hook): compile(hook, at: span)
    case .expect(let expectation): compile(expectation, at: span)
    case .run(let run): compile(run, at: span)
    case .step(let count, let event): compileStep(count, event, at: span)
    case .record(let series): compile(series, .record, at: span)
    case .plot(let series): compile(series, .plot, at: span)
    case .report(let values, label: let label):
      perform(.report, values.map { .value($0) }, label: label?.text, at: span)
    case .capture(let value, file: let file):
      perform(.capture, [.value(value)], label: file?.text, at: span)
    case .print(let values): compilePrint(values, at: span)
    case .show(let value): perform(.show, [.value(value)], at: span)
    case .why(let value): perform(.why, [.value(value)], at: span)
    case .pause: perform(.pause, [], at: span)
    case .stop: perform(.stop, [], at: span)
    case .fail(let value): perform(.fail, [.value(value)], at: span)
    default: break  // Declarations of names, which `hoist` and the module's compiler have seen to.
    }
  }

  /// One operand of a statement.
  enum Operand {
    case none
    case value(Expression)
    /// As a function without parameters, or with the hook's.
    case function(Expression, [Name])
    /// As a function; what it compares is kept each time, for who asks how near it came.
    case claim(Expression)
    case body(Int, SourceSpan)
    /// A node that a name of this block means.
    case name(String, SourceSpan)
  }

  func perform(
    _ kind: StatementKind, _ operands: [Operand], isOnce: Bool = false, label: String? = nil,
    claimSpan: SourceSpan? = nil, from first: Int? = nil, at span: SourceSpan
  ) {
    var site = StatementSite(
      kind: kind, isOnce: isOnce, label: label, span: span, claimSpan: claimSpan)
    let firstPath = first ?? program.paths.count
    let window = f.allocate(max(operands.count, 1))
    for (index, operand) in operands.enumerated() {
      let register = window + index
      switch operand {
      case .none: f.emit(.loadNone, register, at: span)
      case .value(let expression): compile(expression, into: register)
      case .function(let expression, let names):
        let number = expressionFunction("expression", expression, parameters: names)
        f.emit(.closure, register, wide: number, at: expression.span)
      case .claim(let expression):
        let side = expression.comparedSide
        site.seen = side.map { _ in GlobalID(rawValue: UInt32(newGlobal(hiddenName()))) }
        let seen = side.flatMap { side in site.seen.map { (side.span, Int($0.rawValue)) } }
        let number = expressionFunction("expression", expression, seen: seen)
        f.emit(.closure, register, wide: number, at: expression.span)
      case .body(let number, let place):
        f.emit(.closure, register, wide: number, at: place)
      case .name(let name, let place):
        guard let entry = lookUp(name, at: place) else { break }
        read(entry, name, into: register, shares: true, at: place)
      }
      switch operand {
      case .value(let expression), .function(let expression, _), .claim(let expression):
        site.texts.append(text(expression.span))
        site.textSpans.append(expression.span)
      default:
        site.texts.append("")
        site.textSpans.append(span)
      }
    }
    site.paths = firstPath..<program.paths.count
    emitPerform(site, window, operands.count, at: span)
  }

  private func emitPerform(
    _ site: StatementSite, _ window: Int, _ count: Int, at span: SourceSpan
  ) {
    program.statements.append(site)
    f.emit(.perform, window, min(count, 200), at: span)
    f.emit(UInt32(program.statements.count - 1), span)
  }

  /// The text first, the values behind it. Several values stand two spaces apart.
  private func compilePrint(_ values: [Expression], at span: SourceSpan) {
    var site = StatementSite(kind: .print, span: span)
    let firstPath = program.paths.count
    let window = f.allocate(values.count + 1)
    for (index, value) in values.enumerated() {
      compile(value, into: window + 1 + index)
      site.texts.append(text(value.span))
      site.textSpans.append(value.span)
    }
    if values.count <= 1 {
      f.emit(.concat, window, window + 1, values.count, at: span)
    } else {
      let pieces = f.allocate(values.count * 2 - 1)
      for index in values.indices {
        f.emit(.move, pieces + index * 2, window + 1 + index, at: span)
        guard index < values.count - 1 else { break }
        loadConstant(constant("  "), into: pieces + index * 2 + 1, at: span)
      }
      f.emit(.concat, window, pieces, min(values.count * 2 - 1, 200), at: span)
    }
    site.paths = firstPath..<program.paths.count
    emitPerform(site, window, values.count + 1, at: span)
  }

  // MARK: Hooks

  private func compile(_ hook: Hook, at span: SourceSpan) {
    var operands: [Operand] = []
    var bindings: [Name] = []
    let firstPath = program.paths.count
    let kind: StatementKind
    switch hook.moment {
    case .on(let pattern):
      let (steps, indices) = steps(of: pattern)
      operands = indices
      bindings = pattern.bindings
      kind = .hookOn(pattern: steps, bindings: bindings.map { symbol($0) })
    case .when(let condition):
      operands = [.function(condition, [])]
      kind = .hookWhen
    case .every(let interval):
      operands = [.value(interval)]
      kind = .hookEvery
    case .at(let instant):
      operands = [.value(instant)]
      kind = .hookAt
    }
    operands.append(hook.condition.map { .function($0, bindings) } ?? .none)
    let body = blockFunction("hook", hook.body, parameters: bindings, span: hook.headSpan)
    operands.append(.body(body, hook.headSpan))
    perform(kind, operands, isOnce: hook.isOnce, from: firstPath, at: span)
  }

  /// The pattern's shape and the operands that it needs: a lexical root's node, then the indices.
  private func steps(of pattern: EventPattern) -> (steps: [PatternStep], operands: [Operand]) {
    var steps: [PatternStep] = []
    var operands: [Operand] = []
    if let entry = lookUp(pattern.root.text, at: pattern.root.span), !isRootBinding(entry) {
      steps.append(.lexicalRoot(symbol(pattern.root)))
      operands.append(.name(pattern.root.text, pattern.root.span))
    } else {
      steps.append(.root(symbol(pattern.root)))
      var path = PathSite(root: symbol(pattern.root), rootSpan: pattern.root.span)
      path.isEvent = true
      for step in pattern.steps where path.isEvent {
        switch step {
        case .member(let name):
          path.steps.append(PathSite.Step(name: symbol(name), span: name.span))
        case .index, .anyIndex:
          path.steps.append(PathSite.Step(name: nil, span: pattern.root.span))
        // What `*` stands for is not followed.
        case .anyMember: path.isEvent = false
        }
      }
      notePath(path)
    }
    for step in pattern.steps {
      switch step {
      case .member(let name): steps.append(.member(symbol(name)))
      case .anyMember: steps.append(.anyMember)
      case .index(let value):
        steps.append(.index)
        operands.append(.value(value))
      case .anyIndex: steps.append(.anyIndex)
      }
    }
    return (steps, operands)
  }

  private func isRootBinding(_ entry: BoundName) -> Bool {
    if case .root = entry.binding { return true }
    return false
  }

  // MARK: Expectations, runs, series

  private func compile(_ expectation: Expectation, at span: SourceSpan) {
    let kind: StatementKind
    var operands: [Operand]
    switch expectation.property {
    case .now(let value): (kind, operands) = (.expectNow, [.function(value, []), .none])
    case .always(let value): (kind, operands) = (.expectAlways, [.function(value, []), .none])
    case .never(let value): (kind, operands) = (.expectNever, [.function(value, []), .none])
    case .eventually(let value):
      (kind, operands) = (.expectEventually, [.claim(value), .none])
    case .finally(let value): (kind, operands) = (.expectFinally, [.function(value, []), .none])
    case .whenever(let first, then: let second):
      (kind, operands) = (.expectWhenever, [.claim(first), .function(second, [])])
    }
    for word in [ExpectClauseWord.within, .lasting, .after, .before] {
      let clause = expectation.clauses.first { $0.word == word }
      operands.append(clause.map { .value($0.value) } ?? .none)
    }
    let claim = SourceSpan(file: span.file, start: span.start, end: expectation.end)
    perform(kind, operands, label: expectation.label?.text, claimSpan: claim, at: span)
  }

  private func compile(_ run: RunStatement, at span: SourceSpan) {
    switch run {
    case .duration(let value): perform(.runFor, [.value(value)], at: span)
    case .until(let condition, within: let limit):
      perform(
        .runUntil, [.function(condition, []), limit.map { .value($0) } ?? .none], at: span)
    }
  }

  private func compileStep(_ count: Expression?, _ event: EventPattern?, at span: SourceSpan) {
    var operands: [Operand] = [count.map { .value($0) } ?? .none]
    var pattern: [PatternStep] = []
    if let event {
      let (steps, indices) = steps(of: event)
      pattern = steps
      operands += indices
    }
    perform(.step(pattern: pattern), operands, at: span)
  }

  private func compile(_ series: SeriesStatement, _ kind: StatementKind, at span: SourceSpan) {
    var operands: [Operand] = [series.interval.map { .value($0) } ?? .none]
    for path in series.paths { operands.append(.function(path, [])) }
    perform(kind, operands, label: series.label?.text, at: span)
  }

  // MARK: Declarations

  func compile(
    _ declaration: Declaration, documentation: String?, at span: SourceSpan
  ) {
    let site = DeclarationSite(
      kind: kindReference(declaration.kind),
      kindText: declaration.kind.map { $0.text }.joined(separator: "."),
      name: declaration.name.map { symbol($0) }, isIndexed: declaration.index != nil,
      hasBlock: declaration.body != nil, documentation: documentation, span: span,
      nameSpan: declaration.name?.span ?? declaration.kind[0].span)
    program.declarations.append(site)
    let number = program.declarations.count - 1
    f.pushScope()
    let window = f.allocate(4)
    if let (_, hidden) = f.currentDeclaration {
      readHidden(hidden, into: window, at: span)
    } else {
      f.emit(.loadNone, window, at: span)
    }
    compileOptional(declaration.index, into: window + 1, at: span)
    compileOptional(declaration.preset, into: window + 2, at: span)
    f.emit(.declare, window, wide: number, at: span)
    if declaration.preset != nil {
      f.emit(.move, window + 3, window, at: span)
      f.emit(.callPreset, window + 2, at: span)
    }
    f.nextRegister = window + 1
    f.keepAll()
    let hidden = hiddenName()
    f.pushScope(.declaration(hidden))
    f.declare(hidden, BoundName(binding: .register(window)))
    if let body = declaration.body {
      for name in implied[site.kindText] ?? [] where lookUp(name, at: span) == nil {
        f.declare(name, BoundName(binding: .member(of: hidden)))
      }
      hoist(body)
      for inner in body { compile(inner) }
    }
    f.popScope()
    f.emit(.endDeclare, window, wide: number, at: span)
    f.popScope()
  }

  private func compileOptional(
    _ expression: Expression?, into target: Int, at span: SourceSpan
  ) {
    if let expression {
      compile(expression, into: target)
    } else {
      f.emit(.loadNone, target, at: span)
    }
  }

  /// `presets.bulk2 x { … }` is a slip in a name; `server.tcp { … }` means a path.
  private func unknownKindHelp(_ words: [Name]) -> String? {
    let last = words[words.count - 1].text
    if words.count == 2, let entry = f.resolve(words[0].text),
      case .module(let module) = entry.binding
    {
      let known = exports[module].kinds.map { $0.key }.sorted()
      return Spelling.nearest(to: last, among: known).map {
        "did you mean `\(words[0].text).\($0)`?"
      }
    }
    return "a block belongs to a declaration; from outside, one path a line: "
      + "`\(words.map { $0.text }.joined(separator: ".")).FIELD = …`"
  }

  private func kindReference(_ words: [Name]) -> KindReference {
    let last = words[words.count - 1]
    if words.count == 1 {
      if let number = f.kind(last.text) { return .script(number) }
      for module in preludes.reversed() {
        if let number = exports[module].kinds[last.text] { return .script(number) }
      }
      return .named(symbol(last))
    }
    if words.count == 2, let entry = lookUp(words[0].text, at: words[0].span),
      case .module(let module) = entry.binding
    {
      if let number = exports[module].kinds[last.text] { return .script(number) }
    }
    report(
      "N203", "no kind is named `\(words.map { $0.text }.joined(separator: "."))`",
      at: words[0].span.union(last.span), help: unknownKindHelp(words))
    return .named(symbol(last))
  }
}
