// Which names a script binds, and where it uses them. By their text: a name that is hidden by
// another one counts as used, which errs on the side of leaving things in.

extension Statement {
  /// What it binds where it stands.
  var boundName: Name? {
    switch form {
    case .binding(let binding): return binding.name
    case .function(let function): return function.name
    case .param(let param): return param.name
    case .policy(let template), .kind(let template): return template.name
    case .preset(let preset): return preset.name
    case .declaration(let declaration): return declaration.name
    case .importFile(let form):
      return form.alias ?? Name(Compiler.defaultAlias(form.path.text), form.path.span)
    default: return nil
    }
  }

  /// Names that it and its blocks use.
  var mentions: Set<String> {
    var found: Set<String> = []
    for statement in [self].all { found.formUnion(statement.ownMentions) }
    return found
  }

  /// Names that it uses outside of its blocks.
  var ownMentions: Set<String> {
    var found: Set<String> = []
    addOwnMentions(to: &found)
    return found
  }

  private func addOwnMentions(to found: inout Set<String>) {
    for value in values { value.addMentions(to: &found) }
    switch form {
    case .declaration(let declaration): for name in declaration.kind { found.insert(name.text) }
    case .hook(let hook):
      if case .on(let event) = hook.moment { event.addMentions(to: &found) }
    case .step(count: _, let event?): event.addMentions(to: &found)
    case .sweep(let axes): for axis in axes { found.insert(axis.name.text) }
    default: break
    }
  }

  /// Whether time passes in it.
  var letsTimePass: Bool {
    [self].all.contains { statement in
      switch statement.form {
      case .run, .step: return true
      default: return false
      }
    }
  }
}

extension EventPattern {
  fileprivate func addMentions(to found: inout Set<String>) {
    found.insert(root.text)
    for case .member(let name) in steps { found.insert(name.text) }
  }
}

extension Expression {
  fileprivate func addMentions(to found: inout Set<String>) {
    for part in all {
      switch part.form {
      case .name(let text): found.insert(text)
      case .member(_, let name): found.insert(name.text)
      default: break
      }
    }
  }

  var mentions: Set<String> {
    var found: Set<String> = []
    addMentions(to: &found)
    for statement in blocks.flatMap({ $0.all }) { found.formUnion(statement.mentions) }
    return found
  }
}

extension [Statement] {
  /// Where a name is used as a value, a preset or a kind: not where a field or a variable of that
  /// name is set, and not where a parameter hides it.
  func uses(of name: String) -> [SourceSpan] {
    var found: [SourceSpan] = []
    for statement in self {
      if statement.parameters.contains(where: { $0.name.text == name }) { continue }
      var values = statement.values
      if case .assignment(let assignment) = statement.form, case .name = assignment.target.form {
        values.removeFirst()
      }
      for value in values { found += value.uses(of: name) }
      if case .declaration(let declaration) = statement.form, declaration.kind[0].text == name {
        found.append(declaration.kind[0].span)
      }
      for block in statement.form.plainBlocks(statement) { found += block.uses(of: name) }
    }
    return found
  }
}

extension StatementForm {
  /// Its blocks without those of function literals, which `uses` finds in the values.
  fileprivate func plainBlocks(_ statement: Statement) -> [[Statement]] {
    let literals = statement.values.reduce(0) { $0 + $1.blocks.count }
    return Array(statement.blocks.dropLast(literals))
  }
}

extension Expression {
  fileprivate func uses(of name: String) -> [SourceSpan] {
    if case .function(let shape) = form {
      if shape.parameters.contains(where: { $0.name.text == name }) { return [] }
      if case .block(let body) = shape.body { return body.uses(of: name) }
    }
    if case .name(let text) = form, text == name { return [span] }
    return parts.flatMap { $0.uses(of: name) }
  }
}

extension Statement {
  /// Of a function, a kind or a policy.
  var parameters: [Parameter] {
    switch form {
    case .function(let function): return function.shape.parameters
    case .policy(let template), .kind(let template): return template.parameters
    default: return []
    }
  }
}
