// Statements of the pure language: variables, branches, loops, match, return.

extension Compiler {
  /// A block with a scope of its own.
  func compileBlock(_ statements: [Statement]) {
    f.pushScope()
    hoist(statements)
    for statement in statements { compile(statement) }
    f.popScope()
  }

  func compile(_ statement: Statement) {
    let span = statement.span
    f.release(to: f.localTop)
    switch statement.form {
    case .malformed: break
    case .binding(let binding): compile(binding, at: span)
    case .function(let declaration): compile(declaration, at: span)
    case .conditional(let form): compile(form, at: span)
    case .forLoop(let loop): compile(loop, at: span)
    case .whileLoop(let condition, let body): compileWhile(condition, body, at: span)
    case .match(let match): compile(match, at: span)
    case .returnValue(let value):
      if let value { returnValue(of: value) } else { returnNone(at: span) }
    case .breakLoop: compileJump(isBreak: true, at: span)
    case .continueLoop: compileJump(isBreak: false, at: span)
    case .declaration(let declaration):
      compile(declaration, documentation: statement.documentation, at: span)
    case .assignment(let assignment): compileAssignment(assignment, at: span)
    case .expression(let expression): _ = operand(expression)
    default: compileHead(statement)
    }
    f.release(to: f.localTop)
  }

  // MARK: Variables

  private func compile(_ binding: Binding, at span: SourceSpan) {
    let name = binding.name.text
    var entry = BoundName(binding: .root, isMutable: binding.isMutable)
    if let pending = f.scopes[f.scopes.count - 1].names[name], pending.isPending {
      // Its cell or global exists already: functions of this block hold it.
      let value = f.allocate()
      compile(binding.value, into: value)
      require(binding.annotation, of: "`\(name)`", in: value)
      entry.binding = pending.binding
      store(value, to: entry, name, at: span)
      bindInDeclaration(name, entry, isMutable: binding.isMutable, at: span)
      f.declare(name, entry)
      return
    }
    let register = f.allocate()
    compile(binding.value, into: register)
    require(binding.annotation, of: "`\(name)`", in: register)
    if needsCell(name, isMutable: binding.isMutable) {
      f.emit(.newCell, register, register, at: span)
      entry.binding = .cell(register)
    } else {
      entry.binding = .register(register)
    }
    bindInDeclaration(name, entry, isMutable: binding.isMutable, at: span)
    f.declare(name, entry)
    f.localTop = register + 1
    f.nextRegister = register + 1
  }

  /// A variable that changes and that a function inside mentions; in a declaration's block, any.
  private func needsCell(_ name: String, isMutable: Bool) -> Bool {
    if case .declaration = f.scopes[f.scopes.count - 1].kind { return true }
    return isMutable && f.facts.nested.contains(name)
  }

  /// Directly in a declaration's block a variable is a path of the object, readable from outside.
  private func bindInDeclaration(
    _ name: String, _ entry: BoundName, isMutable: Bool, at span: SourceSpan
  ) {
    guard case .declaration(let hidden) = f.scopes[f.scopes.count - 1].kind else { return }
    guard case .cell(let cell) = entry.binding else { return }
    emitBind(hidden, name, cell, isMutable: isMutable, at: span)
  }

  func emitBind(
    _ hidden: String, _ name: String, _ register: Int, isMutable: Bool, at span: SourceSpan
  ) {
    let node = f.allocate()
    readHidden(hidden, into: node, at: span)
    f.emit(.bind, node, register, isMutable ? 1 : 0, at: span)
    f.emit(symbol(name).rawValue, span)
  }

  /// A function that is no static one: its closure is made where its block begins (see `hoist`).
  private func compile(_ declaration: FunctionDeclaration, at span: SourceSpan) {}

  // MARK: Branches

  private func compile(_ form: IfStatement, at span: SourceSpan) {
    var ends: [Int] = []
    for (index, part) in form.branches.enumerated() {
      let skip = branch(part.condition, ifTrue: false)
      compileBlock(part.body)
      let isLast = index == form.branches.count - 1 && form.otherwise == nil
      if !isLast { ends.append(f.emitJump(.jump, at: span)) }
      f.patch(skip)
    }
    if let otherwise = form.otherwise { compileBlock(otherwise) }
    f.patch(ends)
  }

  private func compile(_ match: MatchStatement, at span: SourceSpan) {
    f.pushScope()
    let subject = f.allocate()
    compile(match.subject, into: subject)
    f.keepAll()
    var ends: [Int] = []
    for arm in match.arms {
      var hits: [Int] = []
      var matchesAll = false
      for pattern in arm.patterns {
        if pattern.plainName == "_" {
          matchesAll = true
          continue
        }
        let test = f.allocate()
        f.emit(.matches, test, subject, operand(pattern), at: pattern.span)
        hits.append(f.emitJump(.jumpIfTrue, test, at: pattern.span))
        f.release(to: f.localTop)
      }
      let skip = matchesAll ? nil : f.emitJump(.jump, at: arm.span)
      f.patch(hits)
      compileBlock(arm.body)
      ends.append(f.emitJump(.jump, at: arm.span))
      if let skip { f.patch([skip]) }
    }
    f.patch(ends)
    f.popScope()
  }

  // MARK: Loops

  private func compileWhile(_ condition: Expression, _ body: [Statement], at span: SourceSpan) {
    let start = f.position
    let exits = branch(condition, ifTrue: false)
    f.loops.append(FunctionBuilder.LoopLabels(start: start))
    compileBlock(body)
    f.emitLoop(to: start, at: condition.span)
    f.patch(exits)
    f.patch(f.loops.removeLast().breaks)
  }

  private func compile(_ loop: ForLoop, at span: SourceSpan) {
    f.pushScope()
    let names = loop.second == nil ? 1 : 2
    let state = f.allocate(4 + names)
    compile(loop.sequence, into: state, shares: false)
    f.keepAll()
    f.emit(.forPrepare, state, names, at: loop.sequence.span)
    let toNext = f.emitJump(.jump, at: span)
    let start = f.position
    f.loops.append(FunctionBuilder.LoopLabels())
    f.pushScope()
    declareLoopVariable(loop.first, state + 4)
    if let second = loop.second { declareLoopVariable(second, state + 5) }
    f.keepAll()
    compileBlock(loop.body)
    f.popScope()
    let labels = f.loops.removeLast()
    f.patch(labels.continues)
    f.patch([toNext])
    f.emitForNext(state, to: start, at: loop.sequence.span)
    f.patch(labels.breaks)
    f.popScope()
  }

  /// Each turn has its own variable; the loop writes the register, so a cell needs another one.
  private func declareLoopVariable(_ name: Name, _ register: Int) {
    if f.facts.nested.contains(name.text) && f.facts.assigned.contains(name.text) {
      let cell = f.allocate()
      f.emit(.newCell, cell, register, at: name.span)
      f.declare(name.text, BoundName(binding: .cell(cell), isMutable: true))
    } else {
      f.declare(name.text, BoundName(binding: .register(register), isMutable: true))
    }
  }

  private func compileJump(isBreak: Bool, at span: SourceSpan) {
    guard let labels = f.loops.last else {
      report(
        "N209", "`\(isBreak ? "break" : "continue")` stands outside of every loop", at: span)
      return
    }
    let last = f.loops.count - 1
    if isBreak {
      f.loops[last].breaks.append(f.emitJump(.jump, at: span))
    } else if let start = labels.start {
      f.emitLoop(to: start, at: span)
    } else {
      f.loops[last].continues.append(f.emitJump(.jump, at: span))
    }
  }
}
