// Arithmetic with a Real on one side, and the faults that arithmetic can come to.
//
// Reals are always finite: what would be an infinity or a NaN is an error where it arises.

extension VM {
  func withReal(
    _ operation: ArithmeticOperation, _ first: Value, _ second: Value
  ) throws(RuntimeError) -> Value {
    if let left = plainDouble(first), let right = plainDouble(second) {
      return .real(try reals(operation, left, right))
    }
    // Exactly one side has a dimension from here on.
    if first.head == Head.real, let quantity = operand(second), operation == .multiply {
      return try rounded(quantity, times: first.double)
    }
    if second.head == Head.real, let quantity = operand(first) {
      if operation == .multiply { return try rounded(quantity, times: second.double) }
      if operation == .divide {
        guard second.double != 0 else { throw divisionByZero() }
        return try rounded(quantity, times: second.double, isInverse: true)
      }
    }
    if operation == .divide, let quantity = operand(second) { return try over(first, quantity) }
    return try begun(operation, first, second)
  }

  /// A dimensionless number as a Double.
  func plainDouble(_ value: Value) -> Double? {
    switch value.tag {
    case .int: return Double(value.integer)
    case .real: return value.double
    case .quantity:
      return Head.dimension(value.head) == .none ? Double(value.integer) / 1e9 : nil
    case .rational:
      return Head.dimension(value.head) == .none ? heap.exact(value).double / 1e9 : nil
    default: return nil
    }
  }

  func reals(
    _ operation: ArithmeticOperation, _ first: Double, _ second: Double
  ) throws(RuntimeError) -> Double {
    var result: Double
    switch operation {
    case .add: result = first + second
    case .subtract: result = first - second
    case .multiply: result = first * second
    case .divide:
      guard second != 0 else { throw divisionByZero() }
      result = first / second
    case .modulo:
      guard second != 0 else { throw divisionByZero() }
      result = first - second * (first / second).rounded(.down)
    }
    guard result.isFinite else { throw overflow("the result is too large for a Real") }
    return result
  }

  private func rounded(
    _ quantity: Operand, times factor: Double, isInverse: Bool = false
  ) throws(RuntimeError) -> Value {
    // Whole times a second are too coarse for what happens twice a minute: nine digits behind them.
    if quantity.dimension == .frequency,
      let fine = quantity.exact.scaled(byPowerOfTen: 9),
      let count = roundedSlowly(fine, times: factor, isInverse: isInverse),
      let result = Exact(count).scaled(byPowerOfTen: -9)
    {
      return self.quantity(result, quantity.dimension, head: quantity.head)
    }
    var count: Int64?
    if !isInverse, let whole = quantity.exact.whole { count = Exact.rounded(whole, times: factor) }
    count = count ?? roundedSlowly(quantity.exact, times: factor, isInverse: isInverse)
    guard let count else { throw overflow("the result is beyond 64 bits of its base unit") }
    return Value(
      head: Head.quantity(
        quantity.dimension, unit: Head.unit(quantity.head), isConverted: false),
      bits: UInt64(bitPattern: count))
  }

  private func roundedSlowly(_ number: Exact, times factor: Double, isInverse: Bool) -> Int64? {
    var exact = Exact(factor)
    if isInverse { exact = exact?.inverse }
    if let rounded = exact.flatMap({ number.multiplied(by: $0) })?.rounded { return rounded }
    // Beyond 128 bits the rounding of a Double is far below one base unit or far above the limit.
    return Int64(
      exactly: (isInverse ? number.double / factor : number.double * factor)
        .rounded(.toNearestOrEven))
  }

  /// `2.5 / 40/s`: rounded to the base unit of the inverse dimension.
  private func over(_ real: Value, _ quantity: Operand) throws(RuntimeError) -> Value {
    guard !quantity.exact.isZero else { throw divisionByZero() }
    let inverse = try arithmetic(.divide, .int(1), value(of: quantity))
    return try withReal(.multiply, real, inverse)
  }

  private func value(of operand: Operand) -> Value {
    quantity(operand.exact, operand.dimension, head: operand.head)
  }

  // MARK: Faults

  func overflow(_ title: String) -> RuntimeError {
    RuntimeError(
      FaultCode.overflow, title, help: "a number with a dot, `1.0`, is a Real: larger, and inexact")
  }

  func divisionByZero() -> RuntimeError {
    RuntimeError(
      FaultCode.divisionByZero, "division by zero",
      help: "test it first: `if n == 0 then … else …`, with the unit of n")
  }

  func tooManyDimensions() -> RuntimeError {
    RuntimeError(FaultCode.dimensions, "a dimension beyond time^7 or data^7")
  }

  /// Two operands that do not go together: an error value first, then dimensions, then types.
  func mismatch(_ verb: String, _ first: Value, _ second: Value) -> RuntimeError {
    if first.isError { return errorUsed(first) }
    if second.isError { return errorUsed(second) }
    if first.tag == .node, let fault = embedder.undeclared(first) { return fault }
    if second.tag == .node, let fault = embedder.undeclared(second) { return fault }
    let left = kindPhrase(first)
    let right = kindPhrase(second)
    let isNumeric = isNumber(first) && isNumber(second)
    let help =
      isNumeric && (first.head == Head.int || second.head == Head.int)
      ? "a bare number is a count: give it a unit, as in `30s` or `300B`" : nil
    let title =
      verb == "compare" || verb == "order"
      ? "cannot \(verb) \(left) with \(right)" : "cannot \(verb) \(left) and \(right)"
    return RuntimeError(
      isNumeric ? FaultCode.dimensions : FaultCode.wrongType, title, help: help)
  }

  func isNumber(_ value: Value) -> Bool {
    switch value.tag {
    case .int, .real, .quantity, .rational: return true
    default: return false
    }
  }

  /// `data (KiB)`, `time (ms)`, `a count`, `a String`.
  func kindPhrase(_ value: Value) -> String {
    switch value.tag {
    case .int: return "a count"
    case .quantity, .rational:
      let dimension = Head.dimension(value.head)
      let unit = Head.unit(value.head)
      let name = dimension == .none ? "a ratio" : dimension.name
      return unit.text.isEmpty ? name : "\(name) (\(unit.text))"
    case .none: return "none"
    default: return "a \(typeName(value))"
    }
  }

  /// N405: an errno used as if it were a value, with the call it came from.
  func errorUsed(_ value: Value) -> RuntimeError {
    let name = value.asSymbol.map { symbols.name($0) } ?? "an error"
    guard let origin = originOfError(value) else {
      return RuntimeError(
        FaultCode.errorUsed, "\(name) is an error, not a value",
        help: "ask `failed(x)` before using x")
    }
    return RuntimeError(
      FaultCode.errorUsed, "\(origin.call) gave \(name) and nobody looked",
      help: value.asSymbol.flatMap { embedder.cure(of: $0) } ?? "ask `failed(x)` before using x",
      origin: DiagnosticLabel(origin.span, "\(name) came from here"))
  }
}
