// Arithmetic of language.md 3.1: the VM's slow path, for everything but two Ints or two Reals.
//
// Dimensionless numbers are Int, Real and ratio. A Real makes a Real of a ratio, and rounds a
// dimensioned quantity to its base unit, half to even; all else is exact, boxed if need be.

public enum ArithmeticOperation: UInt8, Sendable {
  case add, subtract, multiply, divide, modulo

  var verb: String {
    switch self {
    case .add: return "add"
    case .subtract: return "subtract"
    case .multiply: return "multiply"
    case .divide: return "divide"
    case .modulo: return "take the remainder of"
    }
  }

  var isAdditive: Bool { self == .add || self == .subtract }
}

/// A number taken apart: its exact count of base units, its dimension, how it is shown.
struct Operand {
  var exact: Exact
  var dimension: Dimension
  /// A quantity without dimension counts 10⁻⁹; an Int counts ones.
  var isRatio: Bool
  var head: UInt64

  /// Power of ten from base units to seconds and bits.
  var baseExponent: Int { Operand.baseExponent(dimension, isRatio: isRatio) }

  static func baseExponent(_ dimension: Dimension, isRatio: Bool) -> Int {
    if isRatio { return 9 }
    return dimension.time > 0 ? 9 * Int(dimension.time) : 0
  }
}

extension VM {
  public func arithmetic(
    _ operation: ArithmeticOperation, _ first: Value, _ second: Value
  ) throws(RuntimeError) -> Value {
    if first.head == Head.int && second.head == Head.int {
      return try integers(operation, first.integer, second.integer)
    }
    if first.head == Head.real || second.head == Head.real {
      return try withReal(operation, first, second)
    }
    if operation == .add, let joined = try joined(first, second) { return joined }
    if let quick = quickQuantity(operation, first, second) { return quick }
    guard let left = operand(first), let right = operand(second) else {
      return try begun(operation, first, second)
    }
    switch operation {
    case .add, .subtract: return try sum(operation, left, right, first, second)
    case .multiply: return try product(left, right)
    case .divide:
      guard let inverse = right.exact.inverse else { throw divisionByZero() }
      return try quotient(left, right, inverse)
    case .modulo: return try remainder(left, right, first, second)
    }
  }

  /// `n[k] += x` of an element that is not there yet begins with x; all else cannot be reckoned.
  func begun(
    _ operation: ArithmeticOperation, _ first: Value, _ second: Value
  ) throws(RuntimeError) -> Value {
    switch (first.tag, operation) {
    case (.unset, .add): return second
    case (.unset, .subtract): return try arithmetic(.multiply, second, .int(-1))
    default: throw mismatch(operation.verb, first, second)
    }
  }

  private func integers(
    _ operation: ArithmeticOperation, _ first: Int64, _ second: Int64
  ) throws(RuntimeError) -> Value {
    let result: (partialValue: Int64, overflow: Bool)
    switch operation {
    case .add: result = first.addingReportingOverflow(second)
    case .subtract: result = first.subtractingReportingOverflow(second)
    case .multiply: result = first.multipliedReportingOverflow(by: second)
    case .modulo:
      guard second != 0 else { throw divisionByZero() }
      let (rest, _) = first.remainderReportingOverflow(dividingBy: second)
      return .int(rest != 0 && (rest < 0) != (second < 0) ? rest + second : rest)
    case .divide:
      guard second != 0 else { throw divisionByZero() }
      let (quotient, overflow) = first.quotientAndRemainderReportingOverflow(second)
      if !overflow, let quotient { return .int(quotient) }
      return try ratio(Exact(Int128(first), Int128(second)))
    }
    guard !result.overflow else {
      throw overflow("\(first) \(operation.symbol) \(second) is beyond 64 bits")
    }
    return .int(result.partialValue)
  }

  /// The common case without 128 bits: equal dimensions added, or a whole number of them.
  private func quickQuantity(
    _ operation: ArithmeticOperation, _ first: Value, _ second: Value
  ) -> Value? {
    let quantity = ValueTag.quantity.rawValue
    if first.tagOctet == quantity, second.tagOctet == quantity, operation.isAdditive {
      guard Head.areOfOneDimension(first.head, second.head) else { return nil }
      let (result, overflow) =
        operation == .add
        ? first.integer.addingReportingOverflow(second.integer)
        : first.integer.subtractingReportingOverflow(second.integer)
      let head = Head.shown(first.head, second.head)
      return overflow ? nil : Value(head: head, bits: UInt64(bitPattern: result))
    }
    if operation == .divide { return quickQuotient(first, second) }
    guard operation == .multiply else { return nil }
    let (one, other) = first.head == Head.int ? (second, first) : (first, second)
    // A ratio times a count is a number without the percent sign: the slow path's business.
    guard one.tagOctet == quantity, other.head == Head.int, Head.dimension(one.head) != .none
    else { return nil }
    let (result, overflow) = one.integer.multipliedReportingOverflow(by: other.integer)
    let head = one.head & ~Head.converted
    return overflow ? nil : Value(head: head, bits: UInt64(bitPattern: result))
  }

  /// `1 / rate`, `300B / 2s`: a whole number of base units of a dimension, if that is what it is.
  private func quickQuotient(_ first: Value, _ second: Value) -> Value? {
    guard isWhole(first), isWhole(second), second.integer != 0 else { return nil }
    let (left, right) = (Head.dimension(first.head), Head.dimension(second.head))
    guard let dimension = left.dividedBy(right), dimension != .none else { return nil }
    let power =
      Operand.baseExponent(dimension, isRatio: false)
      + Operand.baseExponent(right, isRatio: false) - Operand.baseExponent(left, isRatio: false)
    guard power == 0 || power == 9 else { return nil }
    let (scaled, overflow) = first.integer.multipliedReportingOverflow(
      by: power == 0 ? 1 : 1_000_000_000)
    guard !overflow,
      let quotient = scaled.quotientAndRemainderReportingOverflow(second.integer)
        .quotient
    else { return nil }
    let unit = right == .none ? Head.unit(first.head) : .automatic
    return Value(
      head: Head.quantity(dimension, unit: unit, isConverted: false),
      bits: UInt64(bitPattern: quotient))
  }

  /// A count, or a quantity with a dimension; no ratio.
  private func isWhole(_ value: Value) -> Bool {
    value.head == Head.int
      || (value.tagOctet == ValueTag.quantity.rawValue && Head.dimension(value.head) != .none)
  }

  func operand(_ value: Value) -> Operand? {
    switch value.tag {
    case .int:
      return Operand(
        exact: Exact(value.integer), dimension: .none, isRatio: false, head: value.head)
    case .quantity, .rational:
      let dimension = Head.dimension(value.head)
      let exact = value.tag == .quantity ? Exact(value.integer) : heap.exact(value)
      return Operand(
        exact: exact, dimension: dimension, isRatio: dimension == .none, head: value.head)
    default: return nil
    }
  }

  private func sum(
    _ operation: ArithmeticOperation, _ left: Operand, _ right: Operand, _ first: Value,
    _ second: Value
  ) throws(RuntimeError) -> Value {
    guard left.dimension == right.dimension else { throw mismatch(operation.verb, first, second) }
    let isRatio = left.isRatio || right.isRatio
    guard let one = aligned(left, isRatio: isRatio), let other = aligned(right, isRatio: isRatio),
      let result = one.adding(operation == .add ? other : other.negated)
    else { throw overflow("the result needs more than 128 bits") }
    return quantity(result, left.dimension, head: Head.shown(left.head, right.head))
  }

  /// In base units of a ratio where the other side is one.
  func aligned(_ operand: Operand, isRatio: Bool) -> Exact? {
    operand.isRatio == isRatio ? operand.exact : operand.exact.scaled(byPowerOfTen: 9)
  }

  private func product(_ left: Operand, _ right: Operand) throws(RuntimeError) -> Value {
    guard let dimension = left.dimension.times(right.dimension) else { throw tooManyDimensions() }
    guard let raw = left.exact.multiplied(by: right.exact) else {
      throw overflow("the product needs more than 128 bits")
    }
    let shift = -left.baseExponent - right.baseExponent
    let keepsRatio = left.isRatio || right.isRatio
    return try scaled(raw, shift, dimension, keepsRatio: keepsRatio, unitOf: left, right)
  }

  private func quotient(
    _ left: Operand, _ right: Operand, _ inverse: Exact
  ) throws(RuntimeError) -> Value {
    guard let dimension = left.dimension.dividedBy(right.dimension) else {
      throw tooManyDimensions()
    }
    guard let raw = left.exact.multiplied(by: inverse) else {
      throw overflow("the quotient needs more than 128 bits")
    }
    let shift = right.baseExponent - left.baseExponent
    let keepsRatio = left.isRatio != right.isRatio
    return try scaled(raw, shift, dimension, keepsRatio: keepsRatio, unitOf: left, right)
  }

  /// From seconds and bits to base units of the result; a whole dimensionless result is an Int.
  private func scaled(
    _ raw: Exact, _ shift: Int, _ dimension: Dimension, keepsRatio: Bool, unitOf left: Operand,
    _ right: Operand
  ) throws(RuntimeError) -> Value {
    if dimension == .none && !keepsRatio {
      guard let count = raw.scaled(byPowerOfTen: shift) else {
        throw overflow("the result needs more than 128 bits")
      }
      if let whole = count.whole { return .int(whole) }
      return try ratio(count)
    }
    let power = shift + Operand.baseExponent(dimension, isRatio: dimension == .none)
    guard let result = raw.scaled(byPowerOfTen: power) else {
      throw overflow("the result needs more than 128 bits")
    }
    // 2 * 300B is still shown in B; 300B / 2s is a new thing without a unit of its own.
    var unit = UnitExpression(unit: 0)
    if dimension != .none && right.dimension == .none { unit = Head.unit(left.head) }
    if dimension != .none && left.dimension == .none && dimension == right.dimension {
      unit = Head.unit(right.head)
    }
    let head = Head.quantity(dimension, unit: unit, isConverted: false)
    return quantity(result, dimension, head: head)
  }

  private func remainder(
    _ left: Operand, _ right: Operand, _ first: Value, _ second: Value
  ) throws(RuntimeError) -> Value {
    guard left.dimension == right.dimension, left.isRatio == right.isRatio else {
      throw mismatch("take the remainder of", first, second)
    }
    guard let inverse = right.exact.inverse else { throw divisionByZero() }
    guard let floored = left.exact.multiplied(by: inverse)?.floored,
      let taken = right.exact.multiplied(by: Exact(floored)),
      let rest = left.exact.adding(taken.negated)
    else { throw overflow("the remainder needs more than 128 bits") }
    return quantity(rest, left.dimension, head: left.head & ~Head.converted)
  }

  // MARK: Results

  /// A quantity of that many base units, boxed when 64 bits of whole ones will not do.
  func quantity(_ exact: Exact, _ dimension: Dimension, head: UInt64) -> Value {
    let unit = Head.unit(head)
    if let whole = exact.whole {
      return Value(
        head: Head.quantity(dimension, unit: unit, isConverted: false),
        bits: UInt64(bitPattern: whole))
    }
    return heap.box(
      exact, head: Head.quantity(dimension, unit: unit, isConverted: false, isBoxed: true))
  }

  /// A ratio from its value in ones.
  private func ratio(_ ones: Exact?) throws(RuntimeError) -> Value {
    guard let scaled = ones?.scaled(byPowerOfTen: 9) else {
      throw overflow("the ratio needs more than 128 bits")
    }
    return quantity(scaled, .none, head: Head.quantity(.none, unit: .automatic, isConverted: false))
  }

  public func baseUnits(_ value: Value, _ dimension: Dimension) -> Int64? {
    guard value.dimension == dimension else { return nil }
    return value.tag == .quantity ? value.integer : heap.exact(value).rounded
  }
}

extension ArithmeticOperation {
  var symbol: String {
    switch self {
    case .add: return "+"
    case .subtract: return "-"
    case .multiply: return "*"
    case .divide: return "/"
    case .modulo: return "mod"
    }
  }
}

extension UnitExpression {
  /// Leaves the choice to the display.
  static let automatic = UnitExpression(unit: 0)
}

extension Int64 {
  /// The quotient when it is exact.
  fileprivate func quotientAndRemainderReportingOverflow(
    _ divisor: Int64
  ) -> (quotient: Int64?, overflow: Bool) {
    let (quotient, overflow) = dividedReportingOverflow(by: divisor)
    if overflow { return (nil, true) }
    return (quotient &* divisor == self ? quotient : nil, false)
  }
}
