// Distributions: values that say how something varies, and the draw from one.
//
// A draw takes 64-bit random words from whoever calls and reckons with own logarithms, so the same
// words give the same value everywhere. Data is drawn in whole octets, time in whole nanoseconds.

enum DistributionKind: UInt8 {
  case const, uniform, exponential, pareto, normal, empirical

  var name: String {
    switch self {
    case .const: return "const"
    case .uniform: return "uniform"
    case .exponential: return "exponential"
    case .pareto: return "pareto"
    case .normal: return "normal"
    case .empirical: return "empirical"
    }
  }
}

extension VM {
  func distribution(
    _ function: LibraryFunction, _ window: UnsafeMutablePointer<Value>, _ count: Int
  ) throws(RuntimeError) -> Value {
    let kind: DistributionKind
    switch function {
    case .uniform:
      kind = .uniform
      guard try compare(window[0], window[1]) <= 0 else {
        throw RuntimeError(FaultCode.outOfRange, "`uniform` needs its smaller bound first")
      }
    case .exponential: kind = .exponential
    case .pareto: kind = .pareto
    case .normal: kind = .normal
    case .empirical:
      kind = .empirical
      guard window[0].tag == .list, !heap.elements(window[0]).isEmpty else {
        throw RuntimeError(FaultCode.wrongType, "`empirical` needs a list that is not empty")
      }
    default: kind = .const
    }
    if kind != .const && kind != .empirical {
      for index in 0..<count where !isNumber(window[index]) {
        throw unfit(window[index], for: function, "numbers")
      }
    }
    let value = heap.makeValues(.distribution, extra: UInt32(kind.rawValue), count: count)
    for index in 0..<count {
      heap.share(window[index])
      heap.slots[value.handle].values[index] = window[index]
    }
    return value
  }

  /// One value of a distribution, or the value itself; `random` gives 64 random bits a call.
  public func sample(
    _ value: Value, _ random: () -> UInt64
  ) throws(RuntimeError) -> Value {
    guard value.tag == .distribution else { return value }
    let kind = DistributionKind(rawValue: UInt8(heap.slots[value.handle].extra)) ?? .const
    let parameters = heap.elements(value)
    switch kind {
    case .const: return parameters[0]
    case .empirical:
      let elements = heap.elements(parameters[0])
      let (high, _) = UInt64(elements.count).multipliedFullWidth(by: random())
      let element = elements[Int(high)]
      heap.share(element)
      return element
    case .uniform: return try uniform(parameters[0], parameters[1], random)
    case .exponential:
      let factor = -Mathematics.logarithm(nonZero(random))
      return try scaled(parameters[0], by: factor)
    case .pareto:
      guard let shape = plainDouble(parameters[1]), shape > 0 else {
        throw RuntimeError(FaultCode.outOfRange, "`pareto` needs a shape above 0")
      }
      let power = -Mathematics.logarithm(nonZero(random)) / shape
      return try scaled(parameters[0], by: Mathematics.exponential(min(power, 700)))
    case .normal:
      let offset = try scaled(parameters[1], by: gaussian(random))
      return try arithmetic(.add, parameters[0], offset)
    }
  }

  /// In 0 < u <= 1, so that it has a logarithm.
  private func nonZero(_ random: () -> UInt64) -> Double {
    1 - Mathematics.unitInterval(random())
  }

  /// Marsaglia's polar method: a root and a logarithm, no sine.
  private func gaussian(_ random: () -> UInt64) -> Double {
    // Each turn succeeds with probability 0.785; a source that never does is not random.
    for _ in 0..<128 {
      let u = 2 * Mathematics.unitInterval(random()) - 1
      let v = 2 * Mathematics.unitInterval(random()) - 1
      let square = u * u + v * v
      guard square > 0 && square < 1 else { continue }
      return u * (-2 * Mathematics.logarithm(square) / square).squareRoot()
    }
    return 0
  }

  /// Whole octets of data, whole base units of the rest; Reals stay Reals, Ints Ints.
  private func uniform(
    _ lower: Value, _ upper: Value, _ random: () -> UInt64
  ) throws(RuntimeError) -> Value {
    if lower.head == Head.real || upper.head == Head.real {
      let span = try arithmetic(.subtract, upper, lower)
      let part = try arithmetic(
        .multiply, span, .real(Mathematics.unitInterval(random())))
      return try arithmetic(.add, lower, part)
    }
    guard let low = bound(lower), let high = bound(upper), low <= high
    else { throw overflow("the bounds are beyond 64 bits") }
    let dimension = lower.dimension ?? .none
    let grain: Int64 = dimension == .data ? 8 : 1
    let steps = UInt64(bitPattern: high &- low) / UInt64(grain)
    let word = random()
    let step = steps == UInt64.max ? word : (steps + 1).multipliedFullWidth(by: word).high
    let result = low &+ Int64(bitPattern: step) &* grain
    if lower.head == Head.int && upper.head == Head.int { return .int(result) }
    return Value(
      head: Head.quantity(dimension, unit: lower.unit, isConverted: false),
      bits: UInt64(bitPattern: result))
  }

  /// In base units.
  private func bound(_ value: Value) -> Int64? {
    if value.head == Head.int || value.tagOctet == ValueTag.quantity.rawValue {
      return value.integer
    }
    return operand(value)?.exact.rounded
  }

  private func scaled(_ value: Value, by factor: Double) throws(RuntimeError) -> Value {
    guard value.dimension != nil else {
      return .real(try reals(.multiply, plainDouble(value) ?? 0, factor))
    }
    let result = try withReal(.multiply, value, .real(factor))
    guard result.dimension == .data, let bits = result.asBaseUnits else { return result }
    let octets = (bits + (bits < 0 ? -4 : 4)) / 8
    return Value(head: result.head, bits: UInt64(bitPattern: octets * 8))
  }
}
