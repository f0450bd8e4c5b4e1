// What `NAME = e` means by its place: a field, a param of a variant, or a variable.

extension Checker {
  mutating func checkAssignment(_ assignment: Assignment) {
    let type = check(assignment.value)
    guard case .name(let name) = assignment.target.form else {
      check(assignment.target)
      return
    }
    checkSum(assignment, name, type)
    let span = assignment.target.span
    switch owner() {
    case .declaration, .kind, .policy, .preset: return
    case .variant: checkInVariant(name, span, isDirect: isDirectlyInOwner)
    default: checkVariable(name, span)
    }
  }

  /// `sent += 5` where `sent` is data.
  private mutating func checkSum(
    _ assignment: Assignment, _ name: String, _ type: StaticType
  ) {
    guard assignment.operation != .set, case .variable(let own) = lookup(name)?.meaning else {
      return
    }
    let operation = assignment.operation == .add ? InfixOperator.add : .subtract
    checkOperands(
      operation, assignment.operatorSpan, (assignment.target, own), (assignment.value, type))
  }

  /// The innermost place that is no branch or loop.
  private func owner() -> CheckerPlace {
    for place in places.reversed() where !place.isBranch { return place }
    return .file
  }

  private var isDirectlyInOwner: Bool { !places[places.count - 1].isBranch }

  private mutating func checkInVariant(_ name: String, _ span: SourceSpan, isDirect: Bool) {
    guard isDirect else {
      checkVariable(name, span)
      return
    }
    switch lookup(name)?.meaning {
    case .param: return
    case .variable where isVariantsOwn(name): return
    default: break
    }
    // `seed` is a param of every case.
    guard name != "seed" else { return }
    report(
      "N306", "there is no param `\(name)` to set", at: span,
      help: Spelling.nearest(to: name, among: params()).map { "did you mean `\($0)`?" }
        ?? "`param \(name) = …` in the case, or a path such as `server.\(name)`")
  }

  /// Bound in the variant itself, not around it.
  private func isVariantsOwn(_ name: String) -> Bool {
    scopes[scopes.count - 1].names[name] != nil
  }

  private func params() -> [String] {
    var names: [String] = []
    for scope in scopes {
      for (name, entry) in scope.names.sorted(by: { $0.key < $1.key }) {
        if case .param = entry.meaning { names.append(name) }
      }
    }
    return names
  }

  private mutating func checkVariable(_ name: String, _ span: SourceSpan) {
    guard let entry = lookup(name) else {
      checkUndeclared(name, span)
      return
    }
    switch entry.meaning {
    case .variable, .parameter: return
    case .param where isInVariant:
      report(
        "N307", "a param is set directly in its variant", at: span,
        why: "params are set before anything runs",
        help: "move it out of this block; what changes later is a `var`")
    case .param:
      report(
        "N208", "the param `\(name)` cannot change here", at: span,
        secondary: [DiagnosticLabel(entry.span, "declared here")],
        help: "a variant, a sweep or `--set \(name)=…` sets it; what changes is a `var`")
    case .constant:
      report(
        "N208", "`\(name)` cannot change", at: span,
        secondary: [DiagnosticLabel(entry.span, "declared with `let`")],
        help: "`var \(name) = …` at its declaration")
    case .loopVariable, .function, .policy, .preset, .importAlias, .declaration:
      report(
        "N208", "`\(name)` is \(entry.meaning.text) and cannot be set", at: span,
        secondary: [DiagnosticLabel(entry.span, "declared here")])
    }
  }

  private mutating func checkUndeclared(_ name: String, _ span: SourceSpan) {
    if let isMutable = knownNames.sessionNames[name] {
      if !isMutable {
        report("N208", "`\(name)` cannot change", at: span, help: "`var \(name) = …`")
      }
      return
    }
    // `active` and `starts` are fields of every kind that its functions may set by name.
    let isInKind = places.contains { if case .kind = $0 { true } else { false } }
    guard !isDeclaredLater(name), !isInKind else { return }
    report(
      "N214", "there is no variable `\(name)`", at: span,
      help: nearestName(to: name).map { "did you mean `\($0)`?" } ?? "`var \(name) = …` makes one")
  }

  /// The lexical name most like `name`.
  func nearestName(to name: String) -> String? {
    var names: [String] = []
    for scope in scopes.reversed() {
      names += scope.names.sorted { $0.key < $1.key }.map { $0.key }
    }
    return Spelling.nearest(to: name, among: names)
  }
}
