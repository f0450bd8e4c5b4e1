// Paths, calls and assignments.
//
// A path that begins at a variable changes the variable: each container on the way is made unique,
// changed, and put back. A path that begins anywhere else is the embedder's.

extension Compiler {
  // MARK: Reading

  func compilePath(_ expression: Expression, into target: Int, inChain: Bool) {
    let span = expression.span
    if !inChain { noteChain(expression, isCalled: false) }
    switch expression.form {
    case .member(let base, let name):
      if let entry = export(base, name) {
        read(entry, name.text, into: target, shares: true, at: span)
        return
      }
      f.emit(.member, target, operand(base, inChain: true), at: span)
      f.emit(symbol(name).rawValue, span)
    case .index(let base, let key):
      let container = operand(base, inChain: true)
      let place = operand(key)
      if base.selectsParts {
        f.emit(.selectAll, target, container, place + 1, at: span)
      } else {
        f.emit(.index, target, container, place, at: span)
      }
    case .selectAll(let base):
      f.emit(.selectAll, target, operand(base, inChain: true), 0, at: span)
    default: preconditionFailure("no path")
    }
  }

  /// What `alias.name` means, when `alias` is an imported file.
  func export(_ base: Expression, _ name: Name) -> BoundName? {
    guard let alias = base.plainName, let entry = lookUp(alias, at: base.span),
      case .module(let module) = entry.binding
    else { return nil }
    if let exported = exports[module].names[name.text] { return exported }
    let known = exports[module].names.map { $0.key }.sorted()
    let near = Spelling.nearest(to: name.text, among: known)
    report(
      "N215", "`\(alias)` has no `\(name.text)`", at: name.span,
      help: near.map { "did you mean `\($0)`?" } ?? Self.listed(known))
    return BoundName(binding: .global(newGlobal(name.text)))
  }

  private static func listed(_ exported: [String]) -> String {
    let most = 8
    if exported.isEmpty {
      return "a file exports what stands at its top level: let, var, fn, param, policy, preset"
    }
    let names = exported.prefix(most).map { "`\($0)`" }.joined(separator: ", ")
    return "it exports \(names)" + (exported.count > most ? " …" : "")
  }

  /// Lists the chain for the check against the tree, if it begins at a free name.
  private func noteChain(_ expression: Expression, isCalled: Bool) {
    var steps: [PathSite.Step] = []
    var base = expression
    while true {
      switch base.form {
      case .member(let inner, let name):
        steps.append(PathSite.Step(name: symbol(name), span: name.span))
        base = inner
      case .index(let inner, _), .selectAll(let inner):
        steps.append(PathSite.Step(name: nil, span: base.span))
        base = inner
      case .name(let name):
        guard isRoot(name, at: base.span) else { return }
        notePath(
          PathSite(
            root: symbol(name), rootSpan: base.span, steps: steps.reversed(), isCalled: isCalled))
        return
      default: return
      }
    }
  }

  private func isRoot(_ name: String, at span: SourceSpan) -> Bool {
    guard let entry = lookUp(name, at: span) else {
      return LibraryFunction.named(name) == nil && natives[name] == nil
    }
    if case .root = entry.binding { return true }
    return false
  }

  // MARK: Calls

  func compileCall(
    _ callee: Expression, _ arguments: [Argument], into target: Int, inChain: Bool,
    at span: SourceSpan
  ) {
    // The result appears in the first register of the window.
    let base = f.isTemporary(target) && target == f.nextRegister - 1 ? target : f.allocate()
    switch callee.form {
    case .name(let name): compileNamedCall(name, callee, arguments, base, at: span)
    case .member(let receiver, let name):
      if let entry = export(receiver, name) {
        compileCall(of: entry, name.text, arguments, base, at: span)
      } else {
        compileMethod(receiver, name, callee, arguments, base, inChain: inChain, at: span)
      }
    default:
      compile(callee, into: base, shares: false)
      emitCall(arguments, base, at: span)
    }
    if base != target { f.emit(.move, target, base, at: span) }
  }

  private func compileNamedCall(
    _ name: String, _ callee: Expression, _ arguments: [Argument], _ base: Int,
    at span: SourceSpan
  ) {
    if let entry = lookUp(name, at: callee.span) {
      compileCall(of: entry, name, arguments, base, at: span)
    } else if let function = LibraryFunction.named(name) {
      for argument in arguments {
        if let label = argument.name {
          report("N213", "`\(name)` takes no named arguments", at: label.span)
        }
        compile(argument.value, into: f.allocate())
      }
      f.emit(.callLibrary, base, Int(function.rawValue), min(arguments.count, 200), at: span)
    } else if let native = natives[name], isSampled(name, arguments) {
      compileSampledCall(native, arguments, base, at: span)
    } else if let native = natives[name] {
      let shape = compileArguments(arguments)
      f.emit(.callNative, base, min(arguments.count, 200), at: span)
      f.emit(UInt32(native) | UInt32(shape) << 16, span)
    } else {
      emitRoot(name, into: base, inChain: false, at: callee.span)
      emitCall(arguments, base, at: span)
    }
  }

  private func compileCall(
    of entry: BoundName, _ name: String, _ arguments: [Argument], _ base: Int,
    at span: SourceSpan
  ) {
    if case .function(let number) = entry.binding, let parameters = parameterLists[number] {
      compileDirectCall(number, name, parameters, arguments, base, at: span)
    } else {
      read(entry, name, into: base, shares: false, at: span)
      emitCall(arguments, base, at: span)
    }
  }

  /// The callee is known: arguments go to their parameters' places now, not at run time.
  private func compileDirectCall(
    _ number: Int, _ name: String, _ parameters: [Parameter], _ arguments: [Argument],
    _ base: Int, at span: SourceSpan
  ) {
    let window = f.allocate(parameters.count)
    var isGiven = [Bool](repeating: false, count: parameters.count)
    var next = 0
    for argument in arguments {
      var place = next
      if let label = argument.name {
        guard let found = parameters.firstIndex(where: { $0.name.text == label.text }) else {
          report("N213", "`\(name)` has no parameter `\(label.text)`", at: label.span)
          continue
        }
        place = found
      } else {
        next += 1
      }
      guard place < parameters.count else {
        let plural = parameters.count == 1 ? "" : "s"
        report(
          "N211", "`\(name)` takes \(parameters.count) argument\(plural), not \(arguments.count)",
          at: argument.value.span)
        return
      }
      if isGiven[place] {
        report("N211", "`\(parameters[place].name.text)` is given twice", at: argument.value.span)
      }
      isGiven[place] = true
      compile(argument.value, into: window + place)
    }
    for (place, parameter) in parameters.enumerated() where !isGiven[place] {
      if parameter.defaultValue == nil {
        report("N211", "`\(name)` needs `\(parameter.name.text)`", at: span)
      }
      f.emit(.loadUnset, window + place, at: span)
    }
    f.emit(.callStatic, base, wide: number, at: span)
  }

  /// Arguments into the registers above the callee's; named ones last, as the shape lists them.
  private func compileArguments(_ arguments: [Argument]) -> Int {
    var names: [Symbol] = []
    for argument in arguments {
      compile(argument.value, into: f.allocate())
      if let name = argument.name { names.append(symbol(name)) }
    }
    return names.isEmpty ? 0 : shapeNumber(CallShape(names: names))
  }

  func shapeNumber(_ shape: CallShape) -> Int {
    if let known = program.callShapes.firstIndex(of: shape) { return known }
    program.callShapes.append(shape)
    if program.callShapes.count > 65_535 { f.isTooLarge = true }
    return program.callShapes.count - 1
  }

  private func emitCall(_ arguments: [Argument], _ base: Int, at span: SourceSpan) {
    let shape = compileArguments(arguments)
    f.emit(shape == 0 ? .call : .callNamed, base, min(arguments.count, 200), at: span)
    if shape != 0 { f.emit(UInt32(shape), span) }
  }

  private func compileMethod(
    _ receiver: Expression, _ name: Name, _ callee: Expression, _ arguments: [Argument],
    _ base: Int, inChain: Bool, at span: SourceSpan
  ) {
    if name.text == "push", arguments.count == 1, arguments[0].name == nil,
      let path = variablePath(receiver, changing: "push")
    {
      let keys = path.keys.map(keyRegister)
      let value = f.allocate()
      compile(arguments[0].value, into: value)
      change(path, keys, at: span) { f.emit(.push, $0, value, at: span) }
      f.emit(.loadNone, base, at: span)
      return
    }
    if !inChain { noteChain(callee, isCalled: true) }
    compile(receiver, into: base, shares: false, inChain: true)
    let shape = compileArguments(arguments)
    f.emit(.method, base, min(arguments.count, 200), at: span)
    f.emit(symbol(name).rawValue, span)
    f.emit(UInt32(shape), span)
  }

  // MARK: Variables that are changed in place

  /// A variable and the keys that lead into it.
  struct VariablePath {
    var name: String
    var entry: BoundName
    var keys: [Expression]
    var span: SourceSpan
  }

  /// The path, when it begins at a variable; others are the embedder's.
  func variablePath(_ expression: Expression, changing verb: String) -> VariablePath? {
    var keys: [Expression] = []
    var base = expression
    while true {
      switch base.form {
      case .parenthesised(let inner): base = inner
      case .index(let inner, let key):
        keys.append(key)
        base = inner
      case .name(let name):
        guard let entry = f.resolve(name) else { return nil }
        switch entry.binding {
        case .register, .cell, .upvalue, .upvalueCell, .global: break
        default: return nil
        }
        let path = VariablePath(
          name: name, entry: entry, keys: keys.reversed(), span: base.span)
        if !entry.isMutable { reportImmutable(name, at: base.span) }
        return path
      default: return nil
      }
    }
  }

  func reportImmutable(_ name: String, at span: SourceSpan) {
    report(
      "N208", "`\(name)` is declared with `let`", at: span,
      help: "`var \(name) = …` may be changed")
  }

  /// Reads the containers down to the last, lets `body` change that one, and puts all back: in one
  /// go. Keys and whatever goes in have been computed before: they may wait, and another task may
  /// change the variable meanwhile.
  private func change(
    _ path: VariablePath, _ keys: [Int], at span: SourceSpan, _ body: (Int) -> Void
  ) {
    var registers = [variableRegister(path, at: span)]
    for key in keys {
      f.emit(.unique, registers[registers.count - 1], at: span)
      let next = f.allocate()
      f.emit(.indexInPlace, next, registers[registers.count - 1], key, at: span)
      registers.append(next)
    }
    body(registers[registers.count - 1])
    for index in keys.indices.reversed() {
      f.emit(.setIndex, registers[index], keys[index], registers[index + 1], at: span)
    }
    writeBack(path, registers[0], at: span)
  }

  /// A key must keep its value while the assigned expression runs, so it is never a variable's own.
  private func keyRegister(_ key: Expression) -> Int {
    let register = f.allocate()
    compile(key, into: register)
    return register
  }

  private func variableRegister(_ path: VariablePath, at span: SourceSpan) -> Int {
    if case .register(let register) = path.entry.binding { return register }
    let register = f.allocate()
    read(path.entry, path.name, into: register, shares: false, at: span)
    return register
  }

  private func writeBack(_ path: VariablePath, _ register: Int, at span: SourceSpan) {
    if case .register = path.entry.binding { return }
    store(register, to: path.entry, path.name, at: span)
  }

  func store(_ register: Int, to entry: BoundName, _ name: String, at span: SourceSpan) {
    switch entry.binding {
    case .register(let target): f.emit(.move, target, register, at: span)
    case .cell(let cell): f.emit(.setCell, cell, register, at: span)
    case .upvalueCell(let index): f.emit(.setUpvalueCell, register, index, at: span)
    case .global(let index): f.emit(.setGlobal, register, wide: index, at: span)
    default:
      report("N214", "`\(name)` cannot be assigned", at: span)
    }
  }

  // MARK: Assignment

  func compileAssignment(_ assignment: Assignment, at span: SourceSpan) {
    switch assignment.target.form {
    case .name(let name): assignName(name, assignment, at: span)
    case .member(let base, let name):
      if let entry = export(base, name) {
        if case .global = entry.binding, !entry.isMutable { reportImmutable(name.text, at: span) }
        assignVariable(entry, name.text, assignment, at: span)
        return
      }
      noteChain(assignment.target, isCalled: false)
      let object = operand(base, inChain: true)
      let value = f.allocate()
      compile(assignment.value, into: value)
      f.emit(.setMember, object, value, Int(operation(assignment).rawValue), at: span)
      f.emit(symbol(name).rawValue, span)
    case .index(let base, let key):
      assignElement(base, key, assignment, at: span)
    default:
      report("N214", "only a name, a member or an element can be assigned", at: span)
    }
  }

  func operation(_ assignment: Assignment) -> PathOperation {
    switch assignment.operation {
    case .set: return .set
    case .add: return .add
    case .subtract: return .subtract
    }
  }

  private func assignName(_ name: String, _ assignment: Assignment, at span: SourceSpan) {
    if let (scope, hidden) = f.currentDeclaration, !isLocal(name, above: scope) {
      let object = f.allocate()
      readHidden(hidden, into: object, at: span)
      setMember(of: object, name, assignment, at: span)
      return
    }
    guard let entry = f.resolve(name) else {
      report(
        "N214", "no variable is named `\(name)`", at: assignment.target.span,
        help: "`var \(name) = …` declares one")
      return
    }
    if case .member(of: let hidden) = entry.binding {
      let object = f.allocate()
      readHidden(hidden, into: object, at: span)
      setMember(of: object, name, assignment, at: span)
      return
    }
    if !entry.isMutable { reportImmutable(name, at: assignment.target.span) }
    assignVariable(entry, name, assignment, at: span)
  }

  private func isLocal(_ name: String, above scope: Int) -> Bool {
    for index in f.scopes.indices where index > scope && f.scopes[index].names[name] != nil {
      return true
    }
    return false
  }

  private func setMember(
    of object: Int, _ name: String, _ assignment: Assignment, at span: SourceSpan
  ) {
    let value = f.allocate()
    compile(assignment.value, into: value)
    f.emit(.setMember, object, value, Int(operation(assignment).rawValue), at: span)
    f.emit(symbol(name).rawValue, span)
  }

  private func assignVariable(
    _ entry: BoundName, _ name: String, _ assignment: Assignment, at span: SourceSpan
  ) {
    if case .register(let register) = entry.binding {
      if assignment.operation == .set {
        compile(assignment.value, into: register)
      } else {
        emitChange(register, register, assignment, by: change(of: assignment), at: span)
      }
      return
    }
    let value = f.allocate()
    if assignment.operation == .set {
      compile(assignment.value, into: value)
    } else {
      let change = change(of: assignment)
      read(entry, name, into: value, shares: false, at: span)
      emitChange(value, value, assignment, by: change, at: span)
    }
    store(value, to: entry, name, at: span)
  }

  /// What `+=` adds, unless it is a constant of the instruction. It comes before the target is
  /// read: it may wait, and another task may change the target meanwhile.
  private func change(of assignment: Assignment) -> Int? {
    switch assignment.value.form {
    case .int, .real, .quantity: return nil
    default: return operand(assignment.value)
    }
  }

  /// `target = source + change`, or minus.
  private func emitChange(
    _ target: Int, _ source: Int, _ assignment: Assignment, by change: Int?, at span: SourceSpan
  ) {
    let isAdd = assignment.operation == .add
    if let change { return f.emit(isAdd ? .add : .subtract, target, source, change, at: span) }
    compileArithmetic(
      isAdd ? .add : .subtract, isAdd ? .addConstant : .subtractConstant, source,
      assignment.value, into: target, at: span)
  }

  private func assignElement(
    _ base: Expression, _ key: Expression, _ assignment: Assignment, at span: SourceSpan
  ) {
    guard let path = variablePath(base, changing: "=") else {
      noteChain(assignment.target, isCalled: false)
      let object = operand(base, inChain: true)
      let index = keyRegister(key)
      let value = f.allocate()
      compile(assignment.value, into: value)
      f.emit(.setElement, object, index, value, at: span)
      f.emit(UInt32(operation(assignment).rawValue), span)
      return
    }
    let keys = path.keys.map(keyRegister)
    let index = keyRegister(key)
    let value = f.allocate()
    if assignment.operation == .set {
      compile(assignment.value, into: value)
      return change(path, keys, at: span) { f.emit(.setIndex, $0, index, value, at: span) }
    }
    let change = change(of: assignment)
    self.change(path, keys, at: span) { container in
      f.emit(.indexInPlace, value, container, index, at: span)
      emitChange(value, value, assignment, by: change, at: span)
      f.emit(.setIndex, container, index, value, at: span)
    }
  }
}
