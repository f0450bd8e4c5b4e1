// What a block knows before its first statement runs: functions, kinds, policies, presets,
// declared names, and the variables that those functions mention.

extension Compiler {
  func hoist(_ statements: [Statement]) {
    let kind = f.scopes[f.scopes.count - 1].kind
    var templates: [() -> Void] = []
    for statement in statements {
      hoistName(statement, kind, &templates)
    }
    hoistFunctions(statements, kind)
    for compileTemplate in templates { compileTemplate() }
    f.keepAll()
  }

  private func hoistName(
    _ statement: Statement, _ scope: BlockScope.Kind, _ templates: inout [() -> Void]
  ) {
    switch statement.form {
    case .binding(let binding): hoist(binding, scope)
    case .declaration(let declaration):
      guard let name = declaration.name?.text else { return }
      var entry = BoundName(binding: .root)
      if let (_, hidden) = f.currentDeclaration { entry.binding = .member(of: hidden) }
      f.declare(name, entry)
    case .conditional, .forLoop: hoistInner([statement], scope)
    case .policy(let template):
      let number = reservePolicy(template, statement)
      f.declare(template.name.text, BoundName(binding: .policy(number)))
      templates.append { self.compilePolicy(number, template, statement) }
    case .kind(let template):
      let number = reserveKind(template, statement)
      f.scopes[f.scopes.count - 1].kinds[template.name.text] = number
      templates.append { self.compileKind(number, template, statement) }
    case .preset(let preset):
      let number = reserveFunction(preset.name.text, statement.span)
      f.declare(preset.name.text, BoundName(binding: .function(number)))
      templates.append { self.compilePreset(number, preset, statement) }
    case .param(let param) where scope == .topLevel:
      let entry = BoundName(binding: .global(newGlobal(param.name.text)))
      f.declare(param.name.text, entry)
    default: break
    }
  }

  /// What the loops and branches of a declaration's block declare are its children too, and
  /// functions of the block know them by name.
  private func hoistInner(_ statements: [Statement], _ scope: BlockScope.Kind) {
    guard case .declaration(let hidden) = scope else { return }
    for statement in statements {
      switch statement.form {
      case .declaration(let declaration):
        guard let name = declaration.name?.text, f.scopes[f.scopes.count - 1].names[name] == nil
        else { continue }
        f.declare(name, BoundName(binding: .member(of: hidden)))
      case .forLoop(let loop): hoistInner(loop.body, scope)
      case .conditional(let form):
        for branch in form.branches { hoistInner(branch.body, scope) }
        hoistInner(form.otherwise ?? [], scope)
      default: break
      }
    }
  }

  private func hoist(_ binding: Binding, _ scope: BlockScope.Kind) {
    let name = binding.name.text
    if scope == .topLevel {
      guard
        isSession || !isRootModule || f.facts.nested.contains(name) || f.nextRegister > 150
      else { return }
      f.declare(
        name,
        BoundName(
          binding: .global(newGlobal(name)), isMutable: binding.isMutable, isPending: true))
      return
    }
    guard f.facts.hoisted.contains(name), f.scopes[f.scopes.count - 1].names[name] == nil else {
      return
    }
    let register = f.allocate()
    f.emit(.loadUnset, register, at: binding.name.span)
    f.emit(.newCell, register, register, at: binding.name.span)
    f.declare(
      name,
      BoundName(binding: .cell(register), isMutable: binding.isMutable, isPending: true))
  }

  private func hoistFunctions(_ statements: [Statement], _ scope: BlockScope.Kind) {
    var made: [(declaration: FunctionDeclaration, number: Int, span: SourceSpan)] = []
    for statement in statements {
      guard case .function(let declaration) = statement.form else { continue }
      let name = declaration.name.text
      let number = reserveFunction(name, declaration.shape.span)
      made.append((declaration, number, statement.span))
      if scope == .topLevel {
        parameterLists[number] = declaration.shape.parameters
        f.declare(name, BoundName(binding: .function(number)))
        continue
      }
      let register = f.allocate()
      if f.facts.nested.contains(name) {
        f.emit(.loadUnset, register, at: statement.span)
        f.emit(.newCell, register, register, at: statement.span)
        f.declare(name, BoundName(binding: .cell(register)))
      } else {
        f.declare(name, BoundName(binding: .register(register)))
      }
    }
    f.keepAll()
    for (declaration, number, span) in made {
      functionValue(declaration.shape, number: number)
      guard scope != .topLevel else { continue }
      makeClosure(declaration.name.text, number, at: span)
    }
  }

  private func makeClosure(_ name: String, _ number: Int, at span: SourceSpan) {
    guard let entry = f.scopes[f.scopes.count - 1].names[name] else { return }
    let closure = f.allocate()
    f.emit(.closure, closure, wide: number, at: span)
    store(closure, to: entry, name, at: span)
    if case .declaration(let hidden) = f.scopes[f.scopes.count - 1].kind {
      emitBind(hidden, name, closure, isMutable: false, at: span)
    }
    f.release(to: closure)
  }

  // MARK: Functions of a node

  /// A function whose one parameter is the node that its block describes.
  func compileNodeFunction(
    _ number: Int, facts: NameFacts, span: SourceSpan, kind: Int? = nil,
    names: [String: BoundName] = [:], hidden: String, _ body: () -> Void
  ) {
    let inner = FunctionBuilder(
      number, name: program.functions[number].name, span: span, parent: f, facts: facts)
    let outer = f
    f = inner
    inner.kindNumber = kind
    inner.pushScope(.declaration(hidden))
    inner.scopes[0].names = names
    inner.declare(hidden, BoundName(binding: .register(inner.allocate())))
    inner.keepAll()
    inner.code.parameters = [symbol("instance")]
    inner.code.requiredCount = 1
    body()
    returnNone(at: span)
    inner.popScope()
    f = outer
    finish(inner)
  }

  private func compilePreset(
    _ number: Int, _ preset: PresetDeclaration, _ statement: Statement
  ) {
    let hidden = hiddenName()
    compileNodeFunction(
      number, facts: factsOf(preset.body), span: statement.span, hidden: hidden
    ) {
      if let base = preset.base {
        let window = f.allocate(2)
        compile(base, into: window)
        f.emit(.move, window + 1, 0, at: base.span)
        f.emit(.callPreset, window, at: base.span)
        f.release(to: window)
      }
      hoist(preset.body)
      for inner in preset.body { compile(inner) }
    }
    requireNoCaptures(number, "preset", at: preset.name.span)
  }

  // MARK: Kinds

  private func templates(of parameters: [Parameter]) -> [ParameterTemplate] {
    parameters.map { parameter in
      ParameterTemplate(
        name: symbol(parameter.name), annotation: parameter.annotation?.text,
        defaultValue: nil, structuralUse: nil, span: parameter.name.span)
    }
  }

  private func reserveKind(_ template: TemplateDeclaration, _ statement: Statement) -> Int {
    let body = reserveFunction(template.name.text, statement.span)
    program.kinds.append(
      KindTemplate(
        name: template.name.text, documentation: statement.documentation, span: statement.span,
        module: program.modules.count, parameters: templates(of: template.parameters),
        body: FunctionID(rawValue: UInt32(body))))
    return program.kinds.count - 1
  }

  private func compileKind(
    _ number: Int, _ template: TemplateDeclaration, _ statement: Statement
  ) {
    for (index, parameter) in template.parameters.enumerated() {
      guard let value = parameter.defaultValue else { continue }
      let function = expressionFunction(parameter.name.text, value)
      program.kinds[number].parameters[index].defaultValue = FunctionID(
        rawValue: UInt32(function))
    }
    let hidden = hiddenName()
    var names: [String: BoundName] = [:]
    // Fields of every kind that contains tasks.
    for name in ["starts", "active"] { names[name] = BoundName(binding: .member(of: hidden)) }
    for parameter in template.parameters {
      names[parameter.name.text] = BoundName(
        binding: .member(of: hidden), isKindParameter: true)
    }
    let body = Int(program.kinds[number].body.rawValue)
    compileNodeFunction(
      body, facts: factsOf(template.body), span: statement.span, kind: number,
      names: names, hidden: hidden
    ) {
      hoist(template.body)
      for inner in template.body { compile(inner) }
    }
    requireNoCaptures(body, "kind", at: template.name.span)
  }

  // MARK: Policies

  private func reservePolicy(_ template: TemplateDeclaration, _ statement: Statement) -> Int {
    let body = reserveFunction(template.name.text, statement.span)
    program.policies.append(
      PolicyTemplate(
        name: template.name.text, documentation: statement.documentation, span: statement.span,
        parameters: templates(of: template.parameters),
        body: FunctionID(rawValue: UInt32(body)), handlers: [], fields: []))
    return program.policies.count - 1
  }

  /// The block as a function: variables first, then a record of the fields and handlers.
  private func compilePolicy(
    _ number: Int, _ template: TemplateDeclaration, _ statement: Statement
  ) {
    for (index, parameter) in template.parameters.enumerated() {
      guard let value = parameter.defaultValue else { continue }
      let function = expressionFunction(parameter.name.text, value)
      program.policies[number].parameters[index].defaultValue = FunctionID(
        rawValue: UInt32(function))
    }
    let body = Int(program.policies[number].body.rawValue)
    compileFunction(
      body, parameters: template.parameters.map { $0.name },
      facts: factsOf(template.body), span: statement.span,
      defaults: template.parameters
    ) {
      f.pushScope()
      hoist(template.body)
      var handlers: [Hook] = []
      var fields: [(name: String, value: Expression)] = []
      for inner in template.body {
        switch inner.form {
        case .hook(let hook): handlers.append(hook)
        case .assignment(let assignment):
          if let name = assignment.target.plainName, f.scopes.last?.names[name] == nil {
            fields.append((name, assignment.value))
          } else {
            compile(inner)
          }
        default: compile(inner)
        }
      }
      compileInstance(number, handlers, fields, at: statement.span)
      f.popScope()
    }
    requireNoCaptures(body, "policy", at: template.name.span)
  }

  private func compileInstance(
    _ number: Int, _ handlers: [Hook], _ fields: [(name: String, value: Expression)],
    at span: SourceSpan
  ) {
    let count = handlers.count + fields.count
    let window = f.allocate(max(count, 1))
    var names: [Symbol] = []
    for hook in handlers {
      guard case .on(let pattern) = hook.moment, pattern.steps.isEmpty else {
        report(
          "N216", "a policy has handlers only", at: hook.headSpan,
          help: "`on request(r)`, `on grant(r)`, `on release(r)`, `on wake(ws)`")
        continue
      }
      let name = symbol(pattern.root)
      program.policies[number].handlers.append(name)
      let handler = handlerFunction(hook, pattern.bindings)
      f.emit(.closure, window + names.count, wide: handler, at: hook.headSpan)
      names.append(name)
    }
    for field in fields {
      program.policies[number].fields.append(symbol(field.name))
      compile(field.value, into: window + names.count)
      names.append(symbol(field.name))
    }
    let shape = program.recordShapes.firstIndex(of: names) ?? program.recordShapes.count
    if shape == program.recordShapes.count { program.recordShapes.append(names) }
    f.emit(.newRecord, window, window, names.count, at: span)
    f.emit(UInt32(shape), span)
    f.emit(.returnValue, window, at: span)
  }

  /// A hook's body with its condition in front: nothing happens when it does not hold.
  func handlerFunction(_ hook: Hook, _ bindings: [Name]) -> Int {
    let number = reserveFunction("on", hook.headSpan)
    compileFunction(
      number, parameters: bindings, facts: factsOf(hook.body), span: hook.headSpan
    ) {
      if let condition = hook.condition {
        let holds = branch(condition, ifTrue: true)
        returnNone(at: condition.span)
        f.patch(holds)
      }
      compileBlock(hook.body)
      returnNone(at: hook.headSpan)
    }
    return number
  }
}
