// One function while it is compiled: its code, registers, scopes and captures.

final class FunctionBuilder {
  /// The part of a claim whose value is kept in a global, so that it can be told what was seen.
  var seen: (span: SourceSpan, global: Int)?
  let parent: FunctionBuilder?
  let number: Int
  var code: FunctionCode
  var scopes: [BlockScope] = []
  var facts: NameFacts
  var nextRegister = 0
  /// Registers below this belong to variables; those above are temporary.
  var localTop = 0
  var loops: [LoopLabels] = []
  /// Set when a limit of the bytecode was exceeded; the compiler makes a diagnostic of it.
  var isTooLarge = false
  /// What it is annotated to return, and how a message calls that.
  var result: (what: String, type: Name)?
  /// The kind whose body this is.
  var kindNumber: Int?

  struct LoopLabels {
    var breaks: [Int] = []
    var continues: [Int] = []
    /// Where `continue` goes back to, or `nil` when its target comes later.
    var start: Int?
  }

  static let registerLimit = 250

  init(_ number: Int, name: String, span: SourceSpan, parent: FunctionBuilder?, facts: NameFacts) {
    self.number = number
    self.parent = parent
    self.facts = facts
    code = FunctionCode(name: name, span: span)
  }

  // MARK: Registers

  func allocate() -> Int { allocate(1) }

  /// So many registers in a row.
  func allocate(_ count: Int) -> Int {
    let first = nextRegister
    guard first + count <= FunctionBuilder.registerLimit else {
      isTooLarge = true
      return 0
    }
    nextRegister += count
    code.registerCount = max(code.registerCount, nextRegister + 1)
    return first
  }

  func release(to register: Int) { nextRegister = max(register, localTop) }
  func isTemporary(_ register: Int) -> Bool { register >= localTop }

  /// The registers below `nextRegister` hold variables from now on.
  func keepAll() { localTop = nextRegister }

  // MARK: Words

  var position: Int { code.code.count }

  func emit(_ word: UInt32, _ span: SourceSpan) {
    code.code.append(word)
    code.spans.append(span)
  }

  /// A register beyond the last, or a count that fits no instruction: the word is thrown away with
  /// all others.
  func emit(_ opcode: Opcode, _ a: Int = 0, _ b: Int = 0, _ c: Int = 0, at span: SourceSpan) {
    let fits = max(a, b, c) < 256
    if !fits { isTooLarge = true }
    emit(fits ? Instruction.make(opcode, a, b, c) : 0, span)
  }

  func emit(_ opcode: Opcode, _ a: Int, wide: Int, at span: SourceSpan) {
    let fits = a < 256 && wide < 65_536
    if !fits { isTooLarge = true }
    emit(fits ? Instruction.make(opcode, a, wide: wide) : 0, span)
  }

  /// A forward jump to be patched; returns its place.
  func emitJump(_ opcode: Opcode, _ a: Int = 0, at span: SourceSpan) -> Int {
    if opcode == .jump {
      emit(Instruction.make(.jump, offset: 0), span)
    } else {
      emit(opcode, a, wide: 0, at: span)
    }
    return position - 1
  }

  /// Makes the jumps at these places come here.
  func patch(_ places: [Int]) { for place in places { patch(place, to: position) } }

  func patch(_ place: Int, to target: Int) {
    let offset = target - place - 1
    let word = code.code[place]
    if testPlaces.contains(place) {
      code.code[place] = UInt32(bitPattern: Int32(offset))
      return
    }
    if Instruction.opcode(word) == .jump {
      code.code[place] = Instruction.make(.jump, offset: offset)
      return
    }
    guard offset >= -32_768 && offset < 32_768 else {
      isTooLarge = true
      return
    }
    code.code[place] = Instruction.make(
      Instruction.opcode(word), Instruction.a(word), wide: offset)
  }

  private var testPlaces: Set<Int> = []

  /// A test that jumps when its outcome is not the expected one; returns the place to patch.
  func emitTest(_ opcode: Opcode, _ a: Int, _ b: Int, expects: Bool, at span: SourceSpan) -> Int {
    emit(opcode, a, b, expects ? 1 : 0, at: span)
    return emitTestJump(at: span)
  }

  /// A test against a number that stands in the code.
  func emitTest(
    _ opcode: Opcode, _ a: Int, number: Int32, expects: Bool, at span: SourceSpan
  ) -> Int {
    emit(opcode, a, 0, expects ? 1 : 0, at: span)
    emit(UInt32(bitPattern: number), span)
    return emitTestJump(at: span)
  }

  private func emitTestJump(at span: SourceSpan) -> Int {
    emit(0, span)
    testPlaces.insert(position - 1)
    return position - 1
  }

  func emitLoop(to target: Int, at span: SourceSpan) {
    let offset = target - position - 1
    guard abs(offset) < 1 << 23 else {
      isTooLarge = true
      return
    }
    emit(Instruction.make(.loop, offset: offset), span)
  }

  func emitForNext(_ state: Int, to target: Int, at span: SourceSpan) {
    let offset = target - position - 1
    guard offset >= -32_768 else {
      isTooLarge = true
      return
    }
    emit(.forNext, state, wide: offset, at: span)
  }

  // MARK: Scopes

  func pushScope(_ kind: BlockScope.Kind = .block) {
    var scope = BlockScope(kind: kind)
    scope.firstRegister = nextRegister
    scope.firstLocal = localTop
    scope.firstName = code.locals.count
    scopes.append(scope)
  }

  func popScope() {
    let scope = scopes.removeLast()
    for place in scope.firstName..<code.locals.count
    where code.locals[place].end == .max {
      code.locals[place].end = position
    }
    localTop = scope.firstLocal
    nextRegister = max(scope.firstRegister, localTop)
  }

  func declare(_ name: String, _ entry: BoundName) {
    scopes[scopes.count - 1].names[name] = entry
    if entry.isPending { return }
    switch entry.binding {
    case .register(let register): note(name, register, isCell: false)
    case .cell(let register): note(name, register, isCell: true)
    default: break
    }
  }

  private func note(_ name: String, _ register: Int, isCell: Bool) {
    code.locals.append(
      LocalVariable(name: name, register: register, isCell: isCell, from: position))
  }

  /// The declaration whose block the code stands in, through `if` and `for`, within this function.
  var currentDeclaration: (scope: Int, hidden: String)? {
    for index in scopes.indices.reversed() {
      if case .declaration(let hidden) = scopes[index].kind { return (index, hidden) }
      if scopes[index].kind == .topLevel { return nil }
    }
    return nil
  }

  /// What a name means here; captures it if it belongs to a function outside.
  func resolve(_ name: String) -> BoundName? {
    for scope in scopes.reversed() {
      if let entry = scope.names[name], !entry.isPending { return entry }
    }
    return parent.flatMap { capture(name, from: $0) }
  }

  private func capture(_ name: String, from outer: FunctionBuilder) -> BoundName? {
    guard var entry = outer.resolveFromInside(name) else { return nil }
    switch entry.binding {
    case .register(let register):
      entry.binding = .upvalue(upvalue(.register(register)))
    case .cell(let register):
      entry.binding = .upvalueCell(upvalue(.register(register)))
    case .upvalue(let index):
      entry.binding = .upvalue(upvalue(.upvalue(index)))
    case .upvalueCell(let index):
      entry.binding = .upvalueCell(upvalue(.upvalue(index)))
    default: break
    }
    return entry
  }

  private func resolveFromInside(_ name: String) -> BoundName? {
    for scope in scopes.reversed() {
      if let entry = scope.names[name] {
        if entry.isPending, case .register = entry.binding { continue }
        return entry
      }
    }
    return parent.flatMap { capture(name, from: $0) }
  }

  private func upvalue(_ capture: Capture) -> Int {
    if let known = code.captures.firstIndex(of: capture) { return known }
    code.captures.append(capture)
    if code.captures.count > FunctionBuilder.registerLimit { isTooLarge = true }
    return min(code.captures.count - 1, FunctionBuilder.registerLimit)
  }

  func kind(_ name: String) -> Int? {
    for scope in scopes.reversed() { if let number = scope.kinds[name] { return number } }
    return parent?.kind(name)
  }
}
