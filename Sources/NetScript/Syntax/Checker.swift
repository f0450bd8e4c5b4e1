// The static checker: what the text alone decides, before there is any world.
//
// Names that no block declares are not its business: they may be roots of the world, which the
// embedder knows after elaboration. It walks each statement once, with the scopes and places around
// it; all mistakes of a file are collected, and what contains a mistake has an unknown type, so one
// cause gives one diagnostic. Depth is bounded by the parser, so it may recurse.

/// What was found, and what only the embedder can decide.
public struct CheckedFile: Sendable {
  public var diagnostics: [Diagnostic]
  /// Plain `expect` in variants, with their paths: N309 if one of these is a measurement.
  public var plainExpectationsInVariants: [SourceSpan]
}

public struct Checker {
  let files: SourceFiles
  let knownNames: CheckerNames
  var diagnostics: [Diagnostic] = []
  var plainExpectations: [SourceSpan] = []
  var scopes: [Scope] = []
  var places: [CheckerPlace] = []
  private var reported: Set<SourceSpan> = []
  /// Names that a plain `=` gives another value somewhere: what they hold may change its type.
  let replacedNames: Set<String>
  /// The file only runs: it has no case, and nobody imports it for its names.
  let isPlainScript: Bool
  /// The value of the file itself, if its last statement is one: what the prompt shows.
  let lastExpression: SourceSpan?
  /// The clause of an expectation that is being checked.
  var clauseInHand: ExpectClause?
  /// Parameters beside the one whose default is being checked.
  var siblings: [Name] = []
  /// What the latest `return` yields.
  var resultOfExpression = StaticType.unknown

  /// - Parameter files: those that spans of the tree point into.
  public static func check(
    _ tree: SyntaxTree, of files: SourceFiles, knownNames: CheckerNames = CheckerNames()
  ) -> CheckedFile {
    var checker = Checker(tree, files, knownNames)
    checker.checkBlock(tree.statements, in: .file)
    // While something is wrong, warnings wait: half of them would be its consequences.
    if checker.diagnostics.contains(where: { $0.severity == .error }) {
      checker.diagnostics.removeAll { $0.severity == .warning }
    }
    let ordered = checker.diagnostics.enumerated().sorted { first, second in
      let (one, two) = (first.element.primary.span.start, second.element.primary.span.start)
      return one == two ? first.offset < second.offset : one < two
    }
    return CheckedFile(
      diagnostics: ordered.prefix(ParserLimits.diagnostics).map { $0.element },
      plainExpectationsInVariants: checker.plainExpectations)
  }

  private init(_ tree: SyntaxTree, _ files: SourceFiles, _ knownNames: CheckerNames) {
    self.files = files
    self.knownNames = knownNames
    replacedNames = NameWalker.facts(tree.statements).replaced
    isPlainScript = tree.statements.isPlainScript
    if case .expression(let value) = tree.statements.last?.form {
      lastExpression = value.span
    } else {
      lastExpression = nil
    }
  }

  mutating func report(
    _ code: String, _ title: String, at span: SourceSpan, label: String = "",
    secondary: [DiagnosticLabel] = [], why: String? = nil, help: String? = nil,
    severity: Severity = .error
  ) {
    guard reported.insert(span).inserted else { return }
    diagnostics.append(
      Diagnostic(
        severity, code: code, title: title, at: span, label: label, secondary: secondary,
        why: why, help: help))
  }

  // MARK: Blocks

  /// One block with a scope of its own, in which `parameters` are bound around it.
  mutating func checkBlock(
    _ statements: [Statement], in place: CheckerPlace, parameters: [Parameter] = [],
    names: [Name] = []
  ) {
    scopes.append(Scope())
    places.append(place)
    for parameter in parameters {
      checkAnnotation(parameter.annotation)
      declare(
        parameter.name, .parameter(StaticType(annotation: parameter.annotation?.text)),
        isRead: isTaken(parameter, by: place))
    }
    for name in names { declare(name, .loopVariable, isRead: true) }
    scopes.append(Scope())
    hoist(statements)
    for statement in statements { checkStatement(statement) }
    checkReached(statements)
    reportUnread()
    reportUnread()
    places.removeLast()
  }

  /// Binds what is visible in its whole block.
  private mutating func hoist(_ statements: [Statement]) {
    for statement in statements {
      switch statement.form {
      case .function(let function):
        declare(
          function.name,
          .function(
            function.shape.parameters,
            result: StaticType(annotation: function.shape.result?.text)))
      case .policy(let policy): declare(policy.name, .policy(policy.parameters))
      case .preset(let preset): declare(preset.name, .preset)
      case .param(let param): declare(param.name, .param(type(of: param)))
      case .kind(let kind): declareKind(kind.name)
      case .importFile(let statement): declareImport(statement)
      case .declaration(let declaration): hoist(declaration)
      case .binding(let binding):
        scopes[scopes.count - 1].laterNames[binding.name.text] = binding.isMutable
      default: break
      }
    }
  }

  /// A declaration met again amends, if its kind is the same; indexed ones are many by nature.
  private mutating func hoist(_ declaration: Declaration) {
    guard let name = declaration.name else { return }
    let kind = declaration.kind.map { $0.text }.joined(separator: ".")
    if isCall(declaration) {
      return report(
        "N203", "there is no kind `\(kind)`: it is a function", at: declaration.kind[0].span,
        help: "`\(kind)(\(name.text))`; at the prompt it prints itself")
    }
    if let first = scopes[scopes.count - 1].names[name.text] {
      if case .declaration(let firstKind) = first.meaning, firstKind == kind { return }
    }
    declare(name, .declaration(kind: kind))
  }

  /// `holders fc`: a function, and no kind of that name.
  private func isCall(_ declaration: Declaration) -> Bool {
    let kind = declaration.kind[0].text
    let isBare =
      declaration.kind.count == 1 && declaration.body == nil && declaration.index == nil
      && declaration.preset == nil
    return isBare && knownNames.functions[kind] != nil && !knownNames.kinds.contains(kind)
      && !scopes.contains { $0.kinds[kind] != nil }
  }

  private mutating func declareKind(_ name: Name) {
    if let first = scopes[scopes.count - 1].kinds[name.text] {
      reportTwice(name, first: first, what: "a kind")
    } else {
      scopes[scopes.count - 1].kinds[name.text] = name.span
    }
  }

  private mutating func declareImport(_ statement: ImportStatement) {
    if let alias = statement.alias {
      declare(alias, .importAlias)
      return
    }
    let name = Checker.importName(statement.path.text)
    guard let name else {
      report(
        "N205", "this import needs a name", at: statement.path.span,
        help: "`import \"\(statement.path.text)\" as name`")
      return
    }
    declare(Name(name, statement.path.span), .importAlias)
  }

  /// The name that an import has without `as`: its file's last component without `.ns`.
  public static func importName(_ path: String) -> String? {
    var last = path.utf8.split(separator: Ascii.slash).last.map(Array.init) ?? []
    if last.suffix(3) == Array(".ns".utf8) { last.removeLast(3) }
    let text = String(decoding: last, as: UTF8.self)
    guard let first = last.first, Ascii.isNameStart(first),
      last.allSatisfy(Ascii.isNamePart), Lexer.reservedWord(text) == nil
    else { return nil }
    return text
  }

  mutating func declare(_ name: Name, _ meaning: NameMeaning, isRead: Bool = false) {
    guard name.text != "_" else { return }
    let innermost = scopes.count - 1
    if let first = scopes[innermost].names[name.text] {
      return reportTwice(name, first: first.span, what: first.meaning.text)
    }
    let isRead =
      isRead || isSeenOutside(name, meaning) || scopes[innermost].readEarly.contains(name.text)
    scopes[innermost].names[name.text] = NameEntry(
      meaning: meaning, span: name.span, isRead: isRead)
  }

  private mutating func reportTwice(_ name: Name, first: SourceSpan, what: String) {
    report(
      "N204", "`\(name.text)` is declared twice", at: name.span,
      secondary: [DiagnosticLabel(first, "first here, as \(what)")],
      help: "choose another name for one of them")
  }

  func lookup(_ name: String) -> NameEntry? {
    for scope in scopes.reversed() {
      if let entry = scope.names[name] { return entry }
    }
    return nil
  }

  /// Whether an enclosing block binds the name further down.
  func isDeclaredLater(_ name: String) -> Bool {
    scopes.contains { $0.laterNames[name] != nil }
  }
}
