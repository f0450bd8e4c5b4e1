// What the dispatch loop leaves to others: rare cases, faults, and everything that may allocate.

extension VM {
  // MARK: Where a fiber stands

  /// The place of the instruction whose last word has just been read.
  @inline(__always)
  func span(_ function: Int, _ code: UnsafePointer<UInt32>) -> SourceSpan {
    functions[function].spans[code - UnsafePointer(functions[function].code) - 1]
  }

  /// The place of the instruction at work.
  @inline(__always)
  func place(of fiber: Fiber) -> SourceSpan {
    span(fiber.function, fiber.code.unsafelyUnwrapped)
  }

  /// Where a fiber that waits stands: the place, and the calls that led there, innermost first.
  public func places(of fiber: Fiber) -> [SourceSpan] {
    guard let code = fiber.code else { return [] }
    var places = [span(fiber.function, code)]
    for depth in stride(from: fiber.depth - 1, through: 0, by: -1) {
      let frame = fiber.frames[depth]
      places.append(span(Int(frame.function), frame.code))
    }
    return places
  }

  /// The `return` that gave the value of the last call from outside: for messages about answers.
  public var placeOfLastAnswer: SourceSpan? {
    let place = state.pointee.nesting
    guard place < state.pointee.nestedFibers.count else { return nil }
    let fiber = state.pointee.nestedFibers[place]
    return fiber.code.map { span(fiber.function, $0) }
  }

  /// The fiber waits for what goes into this register.
  func suspend(_ fiber: Fiber, into register: Int) throws(RuntimeError) -> Bool {
    guard fiber.canSuspend else {
      throw RuntimeError(
        FaultCode.wouldBlock, "this would wait, and nothing may wait here",
        help: "only the fn main() of a task and what it calls may wait")
    }
    fiber.resumeRegister = register
    fiber.state = .suspended
    return true
  }

  /// An error symbol remembers the call that gave it; everything else passes unchanged.
  @inline(__always)
  func stamped(_ value: Value, _ function: Int, _ code: UnsafePointer<UInt32>) -> Value {
    guard value.tagOctet == ValueTag.symbol.rawValue else { return value }
    guard value.isError, value.head & Head.originKnown == 0 else { return value }
    let offset = code - UnsafePointer(functions[function].code) - 1
    guard offset < 1 << 20, function < 1 << 16 else { return value }
    let head = Head.symbol | UInt64(offset) << 24 | UInt64(function) << 44 | Head.originKnown
    return Value(head: head, bits: value.bits)
  }

  func originOfError(_ value: Value) -> (call: String, span: SourceSpan)? {
    guard value.head & Head.originKnown != 0 else { return nil }
    let function = Int(value.head >> 44 & 0xFFFF)
    let span = functions[function].spans[Int(value.head >> 24 & 0xF_FFFF)]
    let text = program.files[span.file].text(span)
    // The call without its arguments: `s.write`.
    let name = text.prefix { $0 != "(" && $0 != "\n" }
    return ("`\(name)`", span)
  }

  /// The fault with its place and the calls that led there.
  func located(_ error: RuntimeError, _ fiber: Fiber) -> RuntimeError {
    guard let code = fiber.code else { return error }
    var trace: [TraceEntry] = []
    let place = span(fiber.function, code)
    trace.append(TraceEntry(function: program.functions[fiber.function].name, span: place))
    var depth = fiber.depth
    while depth > 0 && trace.count < RuntimeError.traceLimit {
      depth -= 1
      let frame = fiber.frames[depth]
      let function = Int(frame.function)
      trace.append(
        TraceEntry(function: program.functions[function].name, span: span(function, frame.code)))
    }
    return error.located(at: place, trace: trace)
  }

  @inline(__always)
  func arguments(
    _ base: UnsafeMutablePointer<Value>, _ count: Int, _ shape: Int, _ span: SourceSpan
  ) -> Arguments {
    let named = shape == 0 ? 0 : callShapes[shape].count
    return Arguments(
      base: base, positionalCount: count - named,
      names: shape == 0 ? nil : UnsafePointer(callShapes[shape].names), namedCount: named,
      span: span)
  }

  // MARK: Faults

  func stepsExhausted() -> RuntimeError {
    RuntimeError(
      FaultCode.steps, "the script used up its steps", help: "`--limit steps=…` raises it",
      isLimit: true)
  }

  func tooDeep() -> RuntimeError {
    RuntimeError(
      FaultCode.frames, "more than \(limits.frames) calls inside one another",
      help: "a recursion that does not end, or `--limit frames=…`", isLimit: true)
  }

  func unsetVariable() -> RuntimeError {
    RuntimeError(FaultCode.noSuchMember, "this variable has no value yet")
  }

  func unsetGlobal(_ index: Int) -> RuntimeError {
    RuntimeError(FaultCode.noSuchMember, "`\(program.globalNames[index])` has no value yet")
  }

  func outOfRange(_ index: Int64, _ count: Int) -> RuntimeError {
    let help = count == 0 ? "the list is empty" : "the elements are 0 to \(count - 1)"
    return RuntimeError(FaultCode.outOfRange, "there is no element \(index)", help: help)
  }

  func noBool(_ value: Value) -> RuntimeError {
    if value.isError { return errorUsed(value) }
    return RuntimeError(
      FaultCode.wrongType, "a condition must be true or false, not \(kindPhrase(value))",
      help: "compare it: `x != 0`, `x != none`")
  }

  // MARK: Operators

  func truth(_ value: Value) throws(RuntimeError) -> Bool {
    guard value.head == Head.bool else { throw noBool(value) }
    return value.bits != 0
  }

  func negated(_ value: Value) throws(RuntimeError) -> Value {
    switch value.tag {
    case .int:
      guard value.integer != Int64.min else { throw overflow("the result is beyond 64 bits") }
      return .int(-value.integer)
    case .real: return .real(-value.double)
    case .quantity where value.integer != Int64.min:
      return Value(head: value.head, bits: UInt64(bitPattern: -value.integer))
    case .quantity: throw overflow("the result is beyond 64 bits")
    case .rational:
      return quantity(heap.exact(value).negated, Head.dimension(value.head), head: value.head)
    default:
      if value.isError { throw errorUsed(value) }
      throw RuntimeError(FaultCode.wrongType, "cannot negate \(kindPhrase(value))")
    }
  }

  /// `==`. An error that a call gave, beside a number, is a fault: the script took it for a result.
  /// One that the script names (`n == .ENOBUFS`) is what it asks about.
  func isSame(_ first: Value, _ second: Value) throws(RuntimeError) -> Bool {
    if first.head == Head.int && second.head == Head.int { return first.bits == second.bits }
    if isGiven(first) && isNumber(second) { throw errorUsed(first) }
    if isGiven(second) && isNumber(first) { throw errorUsed(second) }
    if isNumber(first), isNumber(second),
      first.dimension ?? .none != second.dimension ?? .none
    {
      throw mismatch("compare", first, second)
    }
    return equal(first, second)
  }

  private func isGiven(_ value: Value) -> Bool {
    value.isError && value.head & Head.originKnown != 0
  }

  /// One pattern of a match arm.
  func matches(_ subject: Value, _ pattern: Value) throws(RuntimeError) -> Bool {
    guard pattern.tag == .range else { return equal(subject, pattern) }
    guard isNumber(subject) else { return false }
    let range = heap.range(pattern)
    guard operand(subject)?.dimension == operand(range.lower)?.dimension else { return false }
    return try isMember(subject, of: pattern)
  }

  /// `value -> unit`; of a list each element, but not of lists in it.
  func converted(
    _ value: Value, _ word: UInt32, inList: Bool = false
  ) throws(RuntimeError) -> Value {
    let unit = UnitExpression(
      unit: UInt8(truncatingIfNeeded: word), per: UInt8(truncatingIfNeeded: word >> 8))
    if value.isError { throw errorUsed(value) }
    if let dimension = value.dimension, dimension == unit.dimension {
      let head = Head.quantity(
        dimension, unit: unit, isConverted: true, isBoxed: value.tag == .rational)
      return Value(head: head, bits: value.bits)
    }
    // A count or a Real becomes a ratio, so that `x -> %` works.
    if unit.dimension == .none, value.tag == .int || value.tag == .real {
      let exact = value.tag == .int ? Exact(value.integer) : Exact(value.double)
      guard let scaled = exact?.scaled(byPowerOfTen: 9),
        let whole = scaled.whole ?? (value.tag == .real ? scaled.rounded : nil)
      else { throw overflow("the ratio is beyond 64 bits") }
      return Value(
        head: Head.quantity(.none, unit: unit, isConverted: true),
        bits: UInt64(bitPattern: whole))
    }
    if value.isNone { return value }
    if value.tag == .list, !inList {
      weigh(value)
      var shown: [Value] = []
      for element in heap.elements(value) {
        shown.append(try converted(element, word, inList: true))
      }
      return heap.makeList(shown)
    }
    throw RuntimeError(
      FaultCode.dimensions, "cannot show \(kindPhrase(value)) in \(unit.text)")
  }

  // MARK: Text

  func concatenate(
    _ values: UnsafeMutablePointer<Value>, _ count: Int
  ) throws(RuntimeError) -> Value {
    var used = 0
    for index in 0..<count { used = append(values[index], toScratch: used) }
    return try heap.makeString(heap.scratch, used)
  }

  /// Puts a value's text behind the first `used` octets of the scratch; returns how many it holds.
  @inline(__always)
  func append(_ value: Value, toScratch used: Int) -> Int {
    if used < VM.textLimit {
      if value.tagOctet == ValueTag.string.rawValue {
        return heap.append(heap.octets(value), toScratch: used)
      }
      if value.head == Head.int { return heap.append(value.integer, toScratch: used) }
    }
    return appendSlowly(value, toScratch: used)
  }

  private func appendSlowly(_ value: Value, toScratch used: Int) -> Int {
    var text: [UInt8] = []
    if used >= VM.textLimit {
      text.append(contentsOf: "…".utf8)
    } else {
      append(value, to: &text)
    }
    return text.withUnsafeBufferPointer { heap.append($0, toScratch: used) }
  }

  /// The word holds width in the low half, digits (or 0xFFFF) in the high one.
  func formatted(_ value: Value, _ word: UInt32) throws(RuntimeError) -> Value {
    var text: [UInt8] = []
    let digits = Int(word >> 16)
    appendFormatted(
      value, width: Int(word & 0xFFFF), digits: digits == 0xFFFF ? nil : digits, to: &text)
    return try heap.makeString(text)
  }

  func makeClosure(
    _ function: Int, _ registers: UnsafeMutablePointer<Value>, upvaluesOf closure: Int
  ) -> Value {
    let count = program.functions[function].captures.count
    if count == 0 { return self.closure(of: FunctionID(rawValue: UInt32(function))) }
    let result = heap.makeValues(.closure, extra: UInt32(function), count: count)
    let values = heap.slots[result.handle].values
    for index in 0..<count {
      switch program.functions[function].captures[index] {
      case .register(let register):
        heap.share(registers[register])
        values[index] = registers[register]
      case .upvalue(let place): values[index] = heap.slots[closure].values[place]
      }
    }
    return result
  }

  func functionName(_ closure: Value) -> String {
    program.functions[Int(heap.slots[closure.handle].extra)].name
  }
}
