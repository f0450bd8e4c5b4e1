// Whole instructions, one at a time, for what the inner loop leaves: all that may allocate, call,
// wait or fail.
//
// The fiber itself says where it stands, behind the instruction at work: so the collector, a trace
// and a nested call see it. Five groups, a function each, so that none is longer than a screen.

extension VM {
  /// Returns true when the fiber ended or waits, false when something comes next.
  @inline(__always)
  func slowly(_ fiber: Fiber, _ embedder: any Embedder) throws(RuntimeError) -> Bool {
    var next = fiber.code.unsafelyUnwrapped
    var word = next.pointee
    if _slowPath(Instruction.opcode(word) == .line) {
      word = passLine(fiber)
      if stepQuickly(word, fiber) { return false }
    }
    let opcode = Instruction.opcode(word)
    next += 1 + opcode.extraWords
    fiber.code = next
    let window = fiber.registers + fiber.base
    let target = window + Instruction.a(word)
    switch opcode {
    case .returnValue:
      // The outermost function: within others the inner loop returns.
      fiber.result = target.pointee
      return true
    case .member, .memberInPlace, .root, .selectAll, .setMember, .setElement, .declare,
      .endDeclare, .bind, .callPreset:
      try reach(opcode, word, fiber, embedder)
    case .method, .call, .callStatic, .callNamed, .callLibrary, .callNative, .push, .perform:
      return try call(opcode, word, fiber, embedder)
    case .loop, .forNext, .forPrepare, .jumpIfFalse, .jumpIfTrue, .checkBool, .testLess,
      .testLessOrEqual, .testEqual, .testLessInt, .testLessOrEqualInt, .testEqualInt:
      try branch(opcode, word, fiber)
    case .newList, .appendAll, .newMap, .putAll, .newRange, .newHalfOpenRange, .rangeBy,
      .concat, .format, .index, .indexInPlace, .setIndex, .unique, .newCell, .closure,
      .newPolicy, .newRecord, .getGlobal, .getCell, .getUpvalueCell, .loadConstantWide:
      try make(opcode, word, fiber)
    default:
      target.pointee = try operate(opcode, word, window, next)
    }
    return false
  }

  // MARK: Operators

  private func operate(
    _ opcode: Opcode, _ word: UInt32, _ window: UnsafeMutablePointer<Value>,
    _ next: UnsafePointer<UInt32>
  ) throws(RuntimeError) -> Value {
    let first = window[Instruction.b(word)]
    // Read only where C is a register: as a number it may lie beyond them all.
    var second: Value { window[Instruction.c(word)] }
    switch opcode {
    case .add: return try arithmetic(.add, first, second)
    case .subtract: return try arithmetic(.subtract, first, second)
    case .multiply: return try arithmetic(.multiply, first, second)
    case .divide: return try arithmetic(.divide, first, second)
    case .modulo: return try arithmetic(.modulo, first, second)
    case .addConstant: return try arithmetic(.add, first, constants[Int(next[-1])])
    case .subtractConstant: return try arithmetic(.subtract, first, constants[Int(next[-1])])
    case .multiplyConstant: return try arithmetic(.multiply, first, constants[Int(next[-1])])
    case .divideConstant: return try arithmetic(.divide, first, constants[Int(next[-1])])
    case .moduloConstant: return try arithmetic(.modulo, first, constants[Int(next[-1])])
    case .multiplyInt: return try arithmetic(.multiply, first, number(next[-1]))
    case .moduloInt: return try arithmetic(.modulo, first, number(next[-1]))
    case .addInt:
      let step = Int64(Instruction.signedC(word))
      return step < 0
        ? try arithmetic(.subtract, first, .int(-step)) : try arithmetic(.add, first, .int(step))
    case .negate: return try negated(first)
    case .not: return .bool(!(try truth(first)))
    case .equal: return .bool(try isSame(first, second))
    case .notEqual: return .bool(!(try isSame(first, second)))
    case .less: return .bool(try compare(first, second) < 0)
    case .lessOrEqual: return .bool(try compare(first, second) <= 0)
    case .isIn: return .bool(try isMember(first, of: second))
    case .matches: return .bool(try matches(first, second))
    case .convert: return try converted(first, next[-1])
    default: preconditionFailure("an instruction that belongs to no group")
    }
  }

  // MARK: Jumps

  private func branch(
    _ opcode: Opcode, _ word: UInt32, _ fiber: Fiber
  ) throws(RuntimeError) {
    let window = fiber.registers + fiber.base
    let target = window + Instruction.a(word)
    let next = fiber.code.unsafelyUnwrapped
    let outcome: Bool
    switch opcode {
    case .loop, .forNext:
      if state.pointee.steps.ofSlice < 0 { try beginSlice() }
      if heap.needsCollection { try collect() }
      // The collection was all that the inner loop could not do, unless it is a walk.
      if opcode == .loop || target.pointee.head == 0 {
        fiber.code = next - 1
      } else if nextElement(target) {
        fiber.code = next + Instruction.signedBx(word)
        state.pointee.steps.ofSlice += Instruction.signedBx(word)
      }
      return
    case .forPrepare:
      return try prepareLoop(target, names: Instruction.b(word), at: next, fiber.function)
    case .jumpIfFalse, .jumpIfTrue, .checkBool: throw noBool(target.pointee)
    case .testLess: outcome = try compare(target.pointee, window[Instruction.b(word)]) < 0
    case .testLessOrEqual: outcome = try compare(target.pointee, window[Instruction.b(word)]) <= 0
    case .testEqual: outcome = try isSame(target.pointee, window[Instruction.b(word)])
    case .testLessInt: outcome = try compare(target.pointee, number(next[-2])) < 0
    case .testLessOrEqualInt: outcome = try compare(target.pointee, number(next[-2])) <= 0
    default: outcome = try isSame(target.pointee, number(next[-2]))
    }
    if outcome != (Instruction.c(word) != 0) { fiber.code = next + Instruction.offset(next[-1]) }
  }

  private func number(_ word: UInt32) -> Value { .int(Instruction.offset(word)) }

  // MARK: Values

  private func make(_ opcode: Opcode, _ word: UInt32, _ fiber: Fiber) throws(RuntimeError) {
    let window = fiber.registers + fiber.base
    let target = window + Instruction.a(word)
    let next = fiber.code.unsafelyUnwrapped
    let (b, c) = (Instruction.b(word), Instruction.c(word))
    switch opcode {
    case .loadConstantWide: target.pointee = constants[Int(next[-1])]
    case .getGlobal: throw unsetGlobal(Instruction.bx(word))
    case .getCell, .getUpvalueCell: throw unsetVariable()
    case .newCell: target.pointee = heap.makeCell(window[b])
    case .closure:
      target.pointee = makeClosure(Instruction.bx(word), window, upvaluesOf: fiber.closure)
    case .newList: target.pointee = list(window + b, c)
    case .appendAll: try appendAll(target.pointee, window + b, c)
    case .newMap:
      target.pointee = heap.makeMap()
      try putAll(target.pointee, window + b, c)
    case .putAll: try putAll(target.pointee, window + b, c)
    case .newRange: target.pointee = try range(window[b], window[c], isHalfOpen: false)
    case .newHalfOpenRange: target.pointee = try range(window[b], window[c], isHalfOpen: true)
    case .rangeBy: target.pointee = try range(window[b], by: window[c])
    case .concat: target.pointee = try concatenate(window + b, c)
    case .format: target.pointee = try formatted(window[b], next[-1])
    case .index: target.pointee = try element(window[b], window[c], at: place(of: fiber))
    case .indexInPlace:
      target.pointee = try element(window[b], window[c], at: place(of: fiber), shares: false)
    case .setIndex:
      target.pointee = try settingElement(
        target.pointee, window[b], window[c], at: place(of: fiber))
    case .unique: target.pointee = try heap.unique(target.pointee)
    case .newPolicy:
      target.pointee = heap.makeValues(.policy, extra: UInt32(Instruction.bx(word)), count: 0)
    default: target.pointee = record(Int(next[-1]), window + b, c)
    }
  }

  // MARK: Places in the embedder's tree

  private func reach(
    _ opcode: Opcode, _ word: UInt32, _ fiber: Fiber, _ embedder: any Embedder
  ) throws(RuntimeError) {
    let window = fiber.registers + fiber.base
    let target = window + Instruction.a(word)
    let next = fiber.code.unsafelyUnwrapped
    let span = place(of: fiber)
    // The same: a declaration's number takes B and C.
    var object: Value { window[Instruction.b(word)] }
    switch opcode {
    case .member, .memberInPlace:
      let value = try member(object, Symbol(rawValue: next[-1]), embedder, at: span)
      if opcode == .member { heap.share(value) }
      target.pointee = stamped(value, fiber.function, next)
    case .root:
      let value = try embedder.root(Symbol(rawValue: next[-1]), at: span)
      target.pointee = stamped(value, fiber.function, next)
    case .selectAll:
      let place = Instruction.c(word)
      state.pointee.steps.weigh(Steps.ofCall)
      target.pointee =
        try place == 0
        ? selectAll(object, at: span) : elementOfEach(object, window[place - 1], at: span)
    case .setMember:
      try setMember(
        target.pointee, Symbol(rawValue: next[-1]), object, operation: Instruction.c(word),
        at: span)
    case .setElement:
      try setElement(
        target.pointee, object, window[Instruction.c(word)], operation: Int(next[-1]), at: span)
    case .declare: target.pointee = try declare(Instruction.bx(word), target)
    case .endDeclare:
      try embedder.endDeclaration(
        program.declarations[Instruction.bx(word)], node: target.pointee)
    case .bind:
      try embedder.bind(
        target.pointee, Symbol(rawValue: next[-1]), object, isMutable: Instruction.c(word) != 0)
    default:
      // A preset that is no function has set its fields already.
      guard target.pointee.tagOctet == ValueTag.closure.rawValue else { return }
      target.pointee = try callNested(target.pointee, target + 1, 1)
    }
  }
}
