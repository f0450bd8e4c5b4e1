// Calls that the inner dispatch loop leaves: of methods, of the embedder and the library, and of
// functions that need room, defaults or named arguments first.

/// What became of an instruction that may be a question to the embedder.
enum Question {
  case isOther, isDone, waits
}

extension VM {
  /// What programs do most, when nothing else is due: `pc.eth0`, `s.write(300B)`, `sleep(1s)`. All
  /// others have their turn in `slowly`.
  @inline(__always)
  func ask(_ embedder: any Embedder, _ fiber: Fiber) throws(RuntimeError) -> Question {
    let code = fiber.code.unsafelyUnwrapped
    let word = code.pointee
    let opcode = Instruction.opcode(word)
    if opcode == .member {
      let window = fiber.registers + fiber.base
      let object = window[Instruction.b(word)]
      guard object.tagOctet == ValueTag.node.rawValue,
        let value = embedder.knownMember(of: object, Symbol(rawValue: code[1]))
      else { return .isOther }
      let next = code + 1 + Opcode.member.extraWords
      fiber.code = next
      heap.share(value)
      window[Instruction.a(word)] = stamped(value, fiber.function, next)
      return .isDone
    }
    guard opcode == .method || opcode == .callNative, state.pointee.steps.ofSlice > 0,
      !heap.needsCollection
    else { return .isOther }
    return try call(word, isMethod: opcode == .method, fiber, embedder)
  }

  @inline(__always)
  private func call(
    _ word: UInt32, isMethod: Bool, _ fiber: Fiber, _ embedder: any Embedder
  ) throws(RuntimeError) -> Question {
    let target = fiber.registers + fiber.base + Instruction.a(word)
    if isMethod && target.pointee.asNode == nil { return .isOther }
    let opcode = isMethod ? Opcode.method : Opcode.callNative
    let next = fiber.code.unsafelyUnwrapped + 1 + opcode.extraWords
    fiber.code = next
    state.pointee.steps.ofSlice -= 1
    state.pointee.steps.weigh(Steps.ofCall)
    let shape = isMethod ? next[-1] : next[-1] >> 16
    let given = arguments(target + 1, Instruction.b(word), Int(shape), place(of: fiber))
    let outcome =
      isMethod
      ? try embedder.call(target.pointee, Symbol(rawValue: next[-2]), given)
      : try embedder.callNative(Int(next[-1] & 0xFFFF), given)
    switch outcome {
    case .suspend: return try suspend(fiber, into: Instruction.a(word)) ? .waits : .isDone
    case .value(let value):
      heap.share(value)
      target.pointee = stamped(value, fiber.function, next)
    case .enter(let method):
      precondition(isMethod, "a function of the vocabulary that is the script's")
      target.pointee = method
      try enter(fiber, closureAt: Instruction.a(word), Instruction.b(word), Int(shape))
    }
    return .isDone
  }

  /// Returns true when the fiber waits now.
  func call(
    _ opcode: Opcode, _ word: UInt32, _ fiber: Fiber, _ embedder: any Embedder
  ) throws(RuntimeError) -> Bool {
    let window = fiber.registers + fiber.base
    let a = Instruction.a(word)
    let next = fiber.code.unsafelyUnwrapped
    let span = place(of: fiber)
    let outcome: Outcome
    switch opcode {
    case .callLibrary:
      let (number, count) = (Instruction.b(word), Instruction.c(word))
      window[a] = try callLibrary(number, window + a + 1, count)
      return false
    case .push: return try push(word, fiber)
    case .callStatic:
      try takeStep()
      try enter(fiber, Instruction.bx(word), closure: 0, at: a + 1)
      return false
    case .call, .callNamed:
      try takeStep()
      let shape = opcode == .callNamed ? Int(next[-1]) : 0
      if window[a].tagOctet == ValueTag.closure.rawValue {
        try enter(fiber, closureAt: a, Instruction.b(word), shape)
        return false
      }
      outcome = try callValue(window + a, Instruction.b(word), shape, at: span)
    case .method:
      try takeStep()
      state.pointee.steps.weigh(Steps.ofCall)
      let name = Symbol(rawValue: next[-2])
      outcome = try callMethod(
        window + a, Instruction.b(word), name, Int(next[-1]), embedder, at: span)
      if case .enter(let method) = outcome {
        window[a] = method
        try enter(fiber, closureAt: a, Instruction.b(word), Int(next[-1]))
        return false
      }
    case .callNative:
      try takeStep()
      state.pointee.steps.weigh(Steps.ofCall)
      let given = arguments(window + a + 1, Instruction.b(word), Int(next[-1] >> 16), span)
      outcome = try embedder.callNative(Int(next[-1] & 0xFFFF), given)
    default:
      state.pointee.steps.weigh(Steps.ofCall)
      let operands = arguments(window + a, Instruction.b(word), 0, span)
      outcome = try embedder.perform(program.statements[Int(next[-1])], operands)
    }
    guard case .value(let value) = outcome else { return try suspend(fiber, into: a) }
    heap.share(value)
    window[a] = opcode == .perform ? value : stamped(value, fiber.function, next)
    return false
  }

  /// A call is a step, and a safe point.
  @inline(__always)
  private func takeStep() throws(RuntimeError) {
    if state.pointee.steps.ofSlice <= 0 {
      try beginSlice()
      if state.pointee.steps.ofSlice == 0 { throw stepsExhausted() }
    }
    state.pointee.steps.ofSlice -= 1
    if heap.needsCollection { try collect() }
  }

  private func push(_ word: UInt32, _ fiber: Fiber) throws(RuntimeError) -> Bool {
    let window = fiber.registers + fiber.base
    let (a, b) = (Instruction.a(word), Instruction.b(word))
    if window[a].tagOctet == ValueTag.list.rawValue {
      if heap.slots[window[a].handle].isShared { window[a] = try heap.copy(window[a]) }
      try heap.append(window[b], to: window[a])
      return false
    }
    let outcome = try pushElsewhere(window[a], window + b, place(of: fiber))
    guard case .value = outcome else { return try suspend(fiber, into: b) }
    return false
  }

  // MARK: Entering a function

  /// The closure in register `place`, its arguments behind it: put in order, defaults marked.
  private func enter(
    _ fiber: Fiber, closureAt place: Int, _ given: Int, _ shape: Int
  ) throws(RuntimeError) {
    let handle = fiber.registers[fiber.base + place].handle
    let number = Int(heap.slots[handle].extra)
    makeRoom(fiber, at: place + 1, for: max(functions[number].registerCount, given))
    let first = fiber.registers + fiber.base + place + 1
    let count = shape == 0 ? given : try arrange(first, given, shape, number)
    if count != functions[number].parameterCount { try fill(first, count, number) }
    try enter(fiber, number, closure: handle, at: place + 1)
  }

  private func enter(
    _ fiber: Fiber, _ number: Int, closure: Int, at place: Int
  ) throws(RuntimeError) {
    if fiber.depth >= limits.frames { throw tooDeep() }
    if fiber.depth == fiber.frameCapacity { fiber.growFrames() }
    makeRoom(fiber, at: place, for: functions[number].registerCount)
    fiber.frames[fiber.depth] = Frame(
      code: fiber.code.unsafelyUnwrapped, base: Int32(truncatingIfNeeded: fiber.base),
      function: Int32(truncatingIfNeeded: fiber.function), closure: fiber.closure)
    fiber.depth += 1
    fiber.base += place
    fiber.function = number
    fiber.closure = closure
    fiber.code = UnsafePointer(functions[number].code)
  }

  private func makeRoom(_ fiber: Fiber, at place: Int, for count: Int) {
    let needed = fiber.base + place + count
    if needed > fiber.registerCapacity { fiber.growRegisters(to: needed) }
  }
}
