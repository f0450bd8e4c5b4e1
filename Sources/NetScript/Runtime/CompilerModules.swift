// Files, cases, params, sweeps and variants: what becomes a template.

extension Compiler {
  /// Compiles one file. Its imports are compiled already, their places are in `importedModules`.
  func compileModule(_ tree: SyntaxTree, path: String, isRoot: Bool) {
    isRootModule = isRoot
    let number = reserveFunction(path, tree.span)
    let builder = FunctionBuilder(
      number, name: path, span: tree.span, parent: nil, facts: factsOf(tree.statements))
    f = builder
    builder.pushScope(.topLevel)
    var module = ModuleTemplate(
      file: tree.file, path: path, main: FunctionID(rawValue: UInt32(number)), isRoot: isRoot,
      span: tree.span)
    module.imports = declareImports(tree)
    compileTopLevel(tree)
    let collected = collect(tree.statements)
    module.params = collected.params
    module.sweeps = collected.sweeps
    module.variants = collected.variants
    if isRoot { module.cases = compileCases(tree.statements) }
    var exported = builder.scopes[0]
    if isRoot { fileScope = exported }
    for name in module.imports.map({ $0.alias }) { exported.names[name] = nil }
    exports.append(exported)
    module.exports = exported.names.map { $0.key }.filter(Ascii.isName).sorted()
    finish(builder)
    program.modules.append(module)
    if isRoot { program.rootPlace = program.modules.count - 1 }
  }

  /// The statements of a file or a line. Its value is that of the last one, if that is an
  /// expression.
  func compileTopLevel(_ tree: SyntaxTree) {
    hoist(tree.statements)
    for statement in tree.statements.dropLast() { compile(statement) }
    if case .expression(let value)? = tree.statements.last?.form {
      returnValue(of: value)
    } else {
      if let last = tree.statements.last { compile(last) }
      returnNone(at: tree.span)
    }
  }

  /// Binds the names of imports.
  func declareImports(_ tree: SyntaxTree) -> [ImportTemplate] {
    var imports: [ImportTemplate] = []
    for statement in tree.statements {
      guard case .importFile(let form) = statement.form else { continue }
      guard let target = importedModules[statement.span] else { continue }
      let alias = form.alias?.text ?? Compiler.defaultAlias(form.path.text)
      imports.append(ImportTemplate(alias: alias, module: target, span: statement.span))
      f.declare(alias, BoundName(binding: .module(target)))
    }
    return imports
  }

  /// The last component of a path, without `.ns`.
  static func defaultAlias(_ path: String) -> String {
    var name = ""
    for character in path {
      if character == "/" { name = "" } else { name.append(character) }
    }
    if name.hasSuffix(".ns") { name.removeLast(3) }
    return name
  }

  // MARK: Params, sweeps, variants

  private struct Collected {
    var params: [ParamTemplate] = []
    var sweeps: [SweepTemplate] = []
    var variants: [VariantTemplate] = []
  }

  /// What stands directly in a file or a case and is gathered before it runs.
  private func collect(_ statements: [Statement]) -> Collected {
    var result = Collected()
    for statement in statements {
      switch statement.form {
      case .param(let param): result.params.append(template(param, statement))
      case .sweep(let axes): result.sweeps.append(template(axes, at: statement.span))
      case .variant(let variant): result.variants.append(compileVariant(variant, statement))
      default: break
      }
    }
    return result
  }

  private func template(_ param: ParamDeclaration, _ statement: Statement) -> ParamTemplate {
    var global = 0
    if let entry = f.resolve(param.name.text), case .global(let index) = entry.binding {
      global = index
    }
    let value = expressionFunction(param.name.text, param.value)
    let condition = param.condition.map { expressionFunction("where", $0) }
    return ParamTemplate(
      name: param.name.text, annotation: param.annotation?.text,
      documentation: statement.documentation, span: statement.span,
      global: GlobalID(rawValue: UInt32(global)),
      defaultValue: FunctionID(rawValue: UInt32(value)),
      condition: condition.map { FunctionID(rawValue: UInt32($0)) },
      conditionText: param.condition.map { text($0.span) })
  }

  private func template(_ axes: [SweepAxis], at span: SourceSpan) -> SweepTemplate {
    SweepTemplate(
      axes: axes.map { axis in
        SweepTemplate.Axis(
          name: axis.name.text, global: paramGlobal(axis.name.text),
          values: FunctionID(rawValue: UInt32(expressionFunction(axis.name.text, axis.values))),
          span: axis.name.span)
      }, span: span)
  }

  private func paramGlobal(_ name: String) -> GlobalID? {
    guard let entry = f.resolve(name), case .global(let index) = entry.binding,
      !entry.isPending, !entry.isMutable
    else { return nil }
    return GlobalID(rawValue: UInt32(index))
  }

  private func compileVariant(
    _ variant: VariantDeclaration, _ statement: Statement
  ) -> VariantTemplate {
    var overrides: [VariantTemplate.Override] = []
    var setup: [Statement] = []
    var observers: [Statement] = []
    var sweeps: [SweepTemplate] = []
    let own = variant.body.compactMap { inner in
      if case .binding(let binding) = inner.form { binding.name.text } else { nil }
    }
    for inner in variant.body {
      switch inner.form {
      case .assignment(let assignment):
        if let name = assignment.target.plainName, own.contains(name) {
          setup.append(inner)
        } else if let override = override(assignment, at: inner.span) {
          overrides.append(override)
        } else {
          setup.append(inner)
        }
      case .sweep(let axes): sweeps.append(template(axes, at: inner.span))
      case .hook, .expect: observers.append(inner)
      default: setup.append(inner)
      }
    }
    let facts = NameWalker.variantFacts(setup, observers, samplers: samplers)
    let first = reserveFunction(variant.title.text, statement.span)
    let second = reserveFunction(variant.title.text, statement.span)
    let outer = f
    let setupBuilder = FunctionBuilder(
      first, name: variant.title.text, span: statement.span, parent: outer, facts: facts)
    f = setupBuilder
    f.pushScope(.topLevel)
    hoist(setup)
    for inner in setup { compile(inner) }
    returnNone(at: statement.span)
    let observerBuilder = FunctionBuilder(
      second, name: variant.title.text, span: statement.span, parent: setupBuilder,
      facts: factsOf(observers))
    f = observerBuilder
    f.pushScope(.topLevel)
    hoist(observers)
    for inner in observers { compile(inner) }
    returnNone(at: statement.span)
    f = outer
    finish(setupBuilder)
    finish(observerBuilder)
    return VariantTemplate(
      title: variant.title.text, bases: variant.bases.map { $0.text },
      documentation: statement.documentation, span: statement.span, overrides: overrides,
      sweeps: sweeps, setup: FunctionID(rawValue: UInt32(first)),
      observers: FunctionID(rawValue: UInt32(second)))
  }

  /// `NAME = e` or `alias.NAME = e` directly in a variant: a param's value for this variant.
  private func override(
    _ assignment: Assignment, at span: SourceSpan
  ) -> VariantTemplate.Override? {
    var name: String
    var entry: BoundName?
    switch assignment.target.form {
    case .name(let plain):
      name = plain
      entry = f.resolve(plain)
    case .member(let base, let member):
      guard let exported = export(base, member) else { return nil }
      name = member.text
      entry = exported
    default: return nil
    }
    guard let entry, case .global(let index) = entry.binding, !entry.isMutable else {
      report(
        "N306", "`\(name)` is no param of this case", at: assignment.target.span,
        help: "a variant sets params by name, everything else by its path: `server.x = …`")
      return nil
    }
    let value = expressionFunction(name, assignment.value)
    return VariantTemplate.Override(
      name: name, global: GlobalID(rawValue: UInt32(index)),
      value: FunctionID(rawValue: UInt32(value)), operation: operation(assignment), span: span)
  }

  // MARK: Cases

  private func compileCases(_ statements: [Statement]) -> [CaseTemplate] {
    var cases: [CaseTemplate] = []
    for statement in statements {
      guard case .caseBlock(let form) = statement.form else { continue }
      cases.append(compileCase(form, statement))
    }
    return cases
  }

  private func compileCase(_ form: CaseDeclaration, _ statement: Statement) -> CaseTemplate {
    let number = reserveFunction(form.title.text, statement.span)
    let outer = f
    let builder = FunctionBuilder(
      number, name: form.title.text, span: statement.span, parent: outer,
      facts: factsOf(form.body))
    f = builder
    builder.pushScope(.topLevel)
    hoist(form.body)
    for inner in form.body { compile(inner) }
    returnNone(at: statement.span)
    let collected = collect(form.body)
    caseScopes.append(builder.scopes[0])
    f = outer
    finish(builder)
    return CaseTemplate(
      title: form.title.text, documentation: statement.documentation, span: statement.span,
      body: FunctionID(rawValue: UInt32(number)), params: collected.params,
      sweeps: collected.sweeps, variants: collected.variants)
  }
}
