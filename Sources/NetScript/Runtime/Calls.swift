// Calls: from the embedder into the script, from the library into the script, and those of the
// dispatch loop whose callee is no plain function.

extension VM {
  // MARK: From the embedder

  /// Gives the module's params their values (unless `setGlobal` did) and runs its statements.
  public func runModule(_ index: Int) throws(RuntimeError) {
    for param in program.modules[index].params { try prepare(param) }
    var nothing = Value.none
    _ = try callNested(closure(of: program.modules[index].main), &nothing, 0)
  }

  /// Gives a param its default, unless it has a value, and checks its `where`.
  ///
  /// A value that was given for it must be of the type of its annotation, or of its default;
  /// `place` is where it was given, and `source` what stands there when that is no script.
  public func prepare(
    _ param: ParamTemplate, givenAt place: SourceSpan? = nil, source: String? = nil
  ) throws(RuntimeError) {
    let standard = try call(closure(of: param.defaultValue), budget: limits.steps)
    if globals[Int(param.global.rawValue)].isUnset { setGlobal(param.global, standard) }
    try requireType(of: param, standard, givenAt: place ?? param.span, source)
    guard let condition = param.condition else { return }
    var reason = ""
    do throws(RuntimeError) {
      if try call(closure(of: condition), budget: limits.steps).asBool == true { return }
    } catch {
      // A value of another unit cannot be compared with the range.
      guard error.code == FaultCode.wrongType || error.code == FaultCode.dimensions else {
        throw error
      }
      reason = ": " + error.title
    }
    throw RuntimeError(
      FaultCode.outOfRange,
      "\(param.name) = \(text(global(param.global))) is not allowed\(reason)", at: param.span,
      help: param.conditionText.map { "allowed is `\($0)`" })
  }

  /// Runs a function to its end at once, with steps of its own; a call that would wait is N404.
  public func call(_ callee: Value, budget: Int) throws(RuntimeError) -> Value {
    try withBudget(budget) { () throws(RuntimeError) in
      var nothing = Value.none
      return try callNested(callee, &nothing, 0)
    }
  }

  /// The same, where the embedder itself says so: it is there, and need not be held meanwhile.
  public func call(
    _ callee: Value, budget: Int, for embedder: any Embedder
  ) throws(RuntimeError) -> Value {
    try withBudget(budget) { () throws(RuntimeError) in
      try finishNested(try prepareNested(callee, 0), callee, 0, embedder)
    }
  }

  public func call(
    _ callee: Value, _ first: Value, budget: Int
  ) throws(RuntimeError) -> Value {
    try withBudget(budget) { () throws(RuntimeError) in
      var argument = first
      return try callNested(callee, &argument, 1)
    }
  }

  public func call(
    _ callee: Value, arguments: [Value], budget: Int
  ) throws(RuntimeError) -> Value {
    try withBudget(budget) { () throws(RuntimeError) in
      let fiber = try prepareNested(callee, arguments.count)
      for (index, argument) in arguments.enumerated() {
        heap.share(argument)
        fiber.registers[1 + index] = argument
      }
      return try finishNested(fiber, callee, arguments.count, embedder)
    }
  }

  /// A fiber that has not begun; `resume` starts it (the value is then ignored).
  public func spawn(
    _ callee: Value, arguments: [Value] = []
  ) throws(RuntimeError) -> Fiber {
    guard callee.tag == .closure else { throw notCallable(callee) }
    let fiber = Fiber()
    let target = Int(heap.slots[callee.handle].extra)
    let needed = 1 + max(functions[target].registerCount, arguments.count)
    if needed > fiber.registerCapacity { fiber.growRegisters(to: needed) }
    for (index, argument) in arguments.enumerated() {
      heap.share(argument)
      fiber.registers[1 + index] = argument
    }
    try enter(fiber, callee, arguments.count)
    register(fiber)
    return fiber
  }

  /// Continues a fiber with the result of the call that suspended it, until it waits or ends.
  public func resume(_ fiber: Fiber, with value: Value = .none) -> Progress {
    resume(fiber, with: value, for: embedder)
  }

  /// The same, where the embedder itself says so: it is there, and need not be held meanwhile.
  public func resume(
    _ fiber: Fiber, with value: Value, for embedder: any Embedder
  ) -> Progress {
    switch fiber.state {
    case .suspended:
      let place = fiber.base + fiber.resumeRegister
      heap.share(value)
      if let code = fiber.code {
        fiber.registers[place] = stamped(value, fiber.function, code)
      }
    case .ready: break
    case .running, .finished: preconditionFailure("resumed a fiber that does not wait")
    }
    fiber.state = .running
    do throws(RuntimeError) {
      if heap.needsCollection { try collect() }
      guard try run(fiber, embedder) else { return .suspended }
      let result = fiber.result
      retire(fiber)
      return .done(result)
    } catch {
      retire(fiber)
      return .failed(error)
    }
  }

  /// Drops a suspended fiber where it stands.
  public func drop(_ fiber: Fiber) {
    precondition(fiber.state != .running, "dropped a fiber while it runs")
    if fiber.state != .finished { retire(fiber) }
  }

  private func retire(_ fiber: Fiber) {
    unregister(fiber)
    fiber.state = .finished
    fiber.result = .none
  }

  private func register(_ fiber: Fiber) {
    fiber.place = state.pointee.fibers.count
    state.pointee.fibers.append(fiber)
  }

  /// The last one takes the place of the one that goes: constant time, and no order is observed.
  private func unregister(_ fiber: Fiber) {
    let place = fiber.place
    guard place >= 0 else { return }
    let last = state.pointee.fibers.removeLast()
    if place < state.pointee.fibers.count {
      state.pointee.fibers[place] = last
      last.place = place
    }
    fiber.place = -1
  }

  // MARK: Nested calls

  /// Runs a function to its end on a fiber of its own, with the steps that are left.
  func callNested(
    _ callee: Value, _ arguments: UnsafeMutablePointer<Value>, _ count: Int
  ) throws(RuntimeError) -> Value {
    let fiber = try prepareNested(callee, count)
    for index in 0..<count {
      heap.share(arguments[index])
      fiber.registers[1 + index] = arguments[index]
    }
    return try finishNested(fiber, callee, count, embedder)
  }

  /// The fiber of the next depth, with room for the callee and its arguments.
  private func prepareNested(_ callee: Value, _ count: Int) throws(RuntimeError) -> Fiber {
    let nesting = state.pointee.nesting
    guard nesting < limits.nesting else {
      throw RuntimeError(
        FaultCode.frames, "functions call back more than \(limits.nesting) deep",
        help: "a `map` or `filter` inside its own function does not end", isLimit: true)
    }
    if nesting == state.pointee.nestedFibers.count {
      let fiber = Fiber()
      fiber.canSuspend = false
      state.pointee.nestedFibers.append(fiber)
    }
    let fiber = state.pointee.nestedFibers[nesting]
    var needed = 1 + count
    if callee.tag == .closure {
      let target = Int(heap.slots[callee.handle].extra)
      needed += functions[target].registerCount
    }
    if needed > fiber.registerCapacity { fiber.growRegisters(to: needed) }
    return fiber
  }

  private func finishNested(
    _ fiber: Fiber, _ callee: Value, _ count: Int, _ embedder: any Embedder
  ) throws(RuntimeError) -> Value {
    state.pointee.nesting += 1
    defer { state.pointee.nesting -= 1 }
    guard callee.tag == .closure else {
      let outcome = try callValue(fiber.registers, count, 0, at: nil, callee: callee)
      guard case .value(let value) = outcome else {
        throw RuntimeError(FaultCode.wouldBlock, "this would wait, and nothing may wait here")
      }
      return value
    }
    try enter(fiber, callee, count)
    fiber.state = .running
    defer { fiber.state = .finished }
    // A handler without loops and calls has no safe point of its own.
    if heap.needsCollection { try collect() }
    _ = try run(fiber, embedder)
    return fiber.result
  }

  private func enter(_ fiber: Fiber, _ callee: Value, _ count: Int) throws(RuntimeError) {
    let target = Int(heap.slots[callee.handle].extra)
    if count != functions[target].parameterCount {
      try fill(fiber.registers + 1, count, target)
    }
    fiber.registers[0] = callee
    fiber.base = 1
    fiber.depth = 0
    fiber.function = target
    fiber.closure = callee.handle
    fiber.code = UnsafePointer(functions[target].code)
    fiber.state = .ready
    fiber.result = .none
  }

  // MARK: Arguments

  /// Marks the parameters that were left out, so that the function's own code gives their defaults.
  func fill(
    _ window: UnsafeMutablePointer<Value>, _ count: Int, _ target: Int
  ) throws(RuntimeError) {
    let entry = functions[target]
    guard count <= entry.parameterCount, count >= entry.requiredCount else {
      throw wrongCount(program.functions[target].name, given: count, target)
    }
    for index in count..<entry.parameterCount { window[index] = .unset }
  }

  func wrongCount(_ name: String, given: Int, _ target: Int) -> RuntimeError {
    let entry = functions[target]
    let wanted =
      entry.requiredCount == entry.parameterCount
      ? "\(entry.parameterCount)" : "\(entry.requiredCount) to \(entry.parameterCount)"
    let noun = wanted == "1" ? "argument" : "arguments"
    return RuntimeError(
      FaultCode.wrongArguments, "`\(name)` takes \(wanted) \(noun), not \(given)")
  }

  /// Puts named arguments into their parameters' places. Returns the full count.
  func arrange(
    _ window: UnsafeMutablePointer<Value>, _ count: Int, _ shape: Int, _ target: Int
  ) throws(RuntimeError) -> Int {
    let function = program.functions[target]
    let given = callShapes[shape]
    let positional = count - given.count
    guard positional <= function.parameters.count else {
      throw wrongCount(function.name, given: count, target)
    }
    var values = [Value](repeating: .unset, count: function.parameters.count)
    for index in 0..<positional { values[index] = window[index] }
    for index in 0..<given.count {
      guard let place = function.parameters.firstIndex(of: given.names[index]) else {
        throw RuntimeError(
          FaultCode.wrongArguments,
          "`\(function.name)` has no parameter `\(symbols.name(given.names[index]))`")
      }
      guard values[place].isUnset else {
        throw RuntimeError(
          FaultCode.wrongArguments,
          "`\(symbols.name(given.names[index]))` is given twice")
      }
      values[place] = window[positional + index]
    }
    for index in 0..<function.requiredCount where values[index].isUnset {
      throw RuntimeError(
        FaultCode.wrongArguments,
        "`\(function.name)` needs `\(symbols.name(function.parameters[index]))`")
    }
    for (index, value) in values.enumerated() { window[index] = value }
    return values.count
  }

  // MARK: Other callees

  func notCallable(_ value: Value) -> RuntimeError {
    if value.isError { return errorUsed(value) }
    return RuntimeError(FaultCode.wrongArguments, "\(kindPhrase(value)) cannot be called")
  }

  /// A callee that is no closure: a library function, one of the embedder's, a policy.
  func callValue(
    _ window: UnsafeMutablePointer<Value>, _ count: Int, _ shape: Int, at span: SourceSpan?,
    callee given: Value? = nil
  ) throws(RuntimeError) -> Outcome {
    let callee = given ?? window[0]
    switch callee.tag {
    case .native:
      let number = Int(callee.bits)
      if number < VM.firstNative {
        return .value(try callLibrary(number, window + 1, count))
      }
      let place = span ?? program.root.span
      return try embedder.callNative(
        number - VM.firstNative, arguments(window + 1, count, shape, place))
    case .policy: return .value(try bindPolicy(callee, window + 1, count, shape))
    default: throw notCallable(callee)
    }
  }

  /// Numbers of native values below this are the library's.
  static let firstNative = 256

  func nativeName(_ value: Value) -> String {
    let number = Int(value.bits)
    if number >= VM.firstNative { return program.natives[number - VM.firstNative] }
    return LibraryFunction(rawValue: UInt8(number))?.name ?? "?"
  }

  /// `s.write(300B)`: the receiver in `window[0]`, the arguments behind it.
  @inline(__always)
  func callMethod(
    _ window: UnsafeMutablePointer<Value>, _ count: Int, _ name: Symbol, _ shape: Int,
    _ embedder: any Embedder, at span: SourceSpan
  ) throws(RuntimeError) -> Outcome {
    if window[0].tagOctet == ValueTag.node.rawValue {
      return try embedder.call(window[0], name, arguments(window + 1, count, shape, span))
    }
    return try callOwnMethod(window, count, name, shape, at: span)
  }

  /// A method of something that is no node.
  private func callOwnMethod(
    _ window: UnsafeMutablePointer<Value>, _ count: Int, _ name: Symbol, _ shape: Int,
    at span: SourceSpan
  ) throws(RuntimeError) -> Outcome {
    let receiver = window[0]
    switch receiver.tag {
    case .record:
      if let field = recordField(receiver, name) {
        return .value(try callNested(field, window + 1, count))
      }
      let given = arguments(window + 1, count, shape, span)
      guard let value = try embedder.callRecord(receiver, name, given) else {
        throw noMember(receiver, name)
      }
      return .value(value)
    case .list, .map, .string:
      return .value(try callLibraryMethod(receiver, name, window + 1, count))
    default:
      if receiver.isError { throw errorUsed(receiver) }
      throw noMember(receiver, name)
    }
  }

  /// `q.push(x)` where `q` is no list: a method like any other.
  func pushElsewhere(
    _ receiver: Value, _ argument: UnsafeMutablePointer<Value>, _ span: SourceSpan
  ) throws(RuntimeError) -> Outcome {
    let push = Symbol(rawValue: UInt32(KnownName.push.rawValue))
    guard receiver.tag == .node else {
      if receiver.isError { throw errorUsed(receiver) }
      throw noMember(receiver, push)
    }
    let outcome = try embedder.call(receiver, push, arguments(argument, 1, 0, span))
    guard case .enter(let method) = outcome else { return outcome }
    return .value(try callNested(method, argument, 1))
  }
}
