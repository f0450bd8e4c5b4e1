// The pure library: global functions that need no embedder. Numbers are part of the bytecode.

enum LibraryFunction: UInt8, CaseIterable {
  case min, max, abs, floor, ceil, round, int, sum, mean, pct, len, sort, map, filter, any, all
  case count, range, powers, sqrt, ln, type, unit, failed
  case const, uniform, exponential, pareto, normal, empirical
  /// No name of a script: the compiler puts it behind annotations.
  case annotated

  var name: String {
    switch self {
    case .min: return "min"
    case .max: return "max"
    case .abs: return "abs"
    case .floor: return "floor"
    case .ceil: return "ceil"
    case .round: return "round"
    case .int: return "int"
    case .sum: return "sum"
    case .mean: return "mean"
    case .pct: return "pct"
    case .len: return "len"
    case .sort: return "sort"
    case .map: return "map"
    case .filter: return "filter"
    case .any: return "any"
    case .all: return "all"
    case .count: return "count"
    case .range: return "range"
    case .powers: return "powers"
    case .sqrt: return "sqrt"
    case .ln: return "ln"
    case .type: return "type"
    case .unit: return "unit"
    case .failed: return "failed"
    case .const: return "const"
    case .uniform: return "uniform"
    case .exponential: return "exponential"
    case .pareto: return "pareto"
    case .normal: return "normal"
    case .empirical: return "empirical"
    case .annotated: return "(annotation)"
    }
  }

  /// As many as a call can have.
  static let unbounded = 200

  /// How many arguments it takes.
  var arity: ClosedRange<Int> {
    switch self {
    case .min, .max: return 1...LibraryFunction.unbounded
    case .pct, .filter, .map: return 2...2
    case .any, .all, .count: return 1...2
    case .sort, .sum: return 1...2
    case .range: return 1...3
    case .powers, .annotated: return 3...3
    case .uniform, .pareto, .normal: return 2...2
    default: return 1...1
    }
  }

  /// `min`, `max` and `failed`: the inner loop of the dispatcher tries them first.
  @inline(__always)
  static func isQuick(_ number: Int) -> Bool {
    number <= Int(LibraryFunction.max.rawValue) || number == Int(LibraryFunction.failed.rawValue)
  }

  static func named(_ name: String) -> LibraryFunction? {
    for function in allCases where function.name == name { return function }
    return nil
  }
}

extension VM {
  func callLibrary(
    _ number: Int, _ window: UnsafeMutablePointer<Value>, _ count: Int
  ) throws(RuntimeError) -> Value {
    guard let function = LibraryFunction(rawValue: UInt8(number)) else {
      preconditionFailure("no such library function")
    }
    guard function.arity.contains(count) else {
      let arity = function.arity
      let wanted =
        arity.lowerBound == arity.upperBound
        ? "\(arity.lowerBound)" : "\(arity.lowerBound) to \(arity.upperBound)"
      throw RuntimeError(
        FaultCode.wrongArguments,
        "`\(function.name)` takes \(wanted) argument\(wanted == "1" ? "" : "s"), not \(count)")
    }
    weigh(window[0])
    let first = window[0]
    switch function {
    case .min, .max: return try extreme(function, window, count)
    case .abs, .floor, .ceil, .round, .int: return try rounded(function, first)
    case .sum: return try total(first, from: count > 1 ? window[1] : nil)
    case .mean: return try mean(first)
    case .pct: return try percentile(first, window[1])
    case .len: return .int(try length(first))
    case .sort: return try sorted(first, by: count > 1 ? window[1] : .none)
    case .map: return try mapped(window)
    case .filter: return try filtered(window)
    case .any, .all, .count: return try tested(function, window, count)
    case .range: return try rangeList(window, count)
    case .powers: return try powers(window)
    case .sqrt, .ln: return try root(function, first)
    case .type: return try heap.makeString(typeName(first))
    case .unit: return try heap.makeString(first.dimension == nil ? "" : first.unit.text)
    case .failed: return .bool(first.isError)
    case .const, .uniform, .exponential, .pareto, .normal, .empirical:
      return try distribution(function, window, count)
    case .annotated:
      try requireAnnotation(window)
      return .none
    }
  }

  func unfit(_ value: Value, for function: LibraryFunction, _ wanted: String) -> RuntimeError {
    if value.isError { return errorUsed(value) }
    return RuntimeError(
      FaultCode.wrongType, "`\(function.name)` needs \(wanted), not \(kindPhrase(value))")
  }

  // MARK: Numbers

  private func extreme(
    _ function: LibraryFunction, _ window: UnsafeMutablePointer<Value>, _ count: Int
  ) throws(RuntimeError) -> Value {
    var values = UnsafeMutableBufferPointer(start: window, count: count)
    if count == 1 {
      guard window[0].tag == .list || window[0].tag == .range else { return window[0] }
      values = heap.elements(try source(window[0], for: function.name))
    }
    guard let first = values.first else {
      throw RuntimeError(FaultCode.outOfRange, "`\(function.name)` of an empty list")
    }
    var best = first
    for index in 1..<Swift.max(values.count, 1) {
      let order = try compare(values[index], best)
      if function == .min ? order < 0 : order > 0 { best = values[index] }
    }
    if values.count == 1 && !isNumber(best) && best.tag != .string {
      throw unfit(best, for: function, "numbers or texts")
    }
    return best
  }

  private func rounded(_ function: LibraryFunction, _ value: Value) throws(RuntimeError) -> Value {
    switch value.tag {
    case .int:
      guard function == .abs else { return value }
      guard value.integer != Int64.min else { throw overflow("the result is beyond 64 bits") }
      return .int(Swift.abs(value.integer))
    case .real:
      if function == .abs { return .real(value.double.magnitude) }
      let rule: FloatingPointRoundingRule =
        function == .floor
        ? .down : function == .ceil ? .up : function == .int ? .towardZero : .toNearestOrEven
      guard let whole = Int64(exactly: value.double.rounded(rule)) else {
        throw overflow("the result is beyond 64 bits")
      }
      return .int(whole)
    case .quantity, .rational: return try roundedQuantity(function, value)
    case .string where function == .int: return try parsedInt(value)
    default: throw noNumber(function, value)
    }
  }

  private func noNumber(_ function: LibraryFunction, _ value: Value) -> RuntimeError {
    if value.isError { return errorUsed(value) }
    return RuntimeError(
      FaultCode.wrongType,
      "`\(function.name)` takes a number or a quantity, not \(kindPhrase(value))"
    )
  }

  /// A ratio becomes a whole count; another quantity is rounded in the unit it is shown in.
  private func roundedQuantity(
    _ function: LibraryFunction, _ value: Value
  ) throws(RuntimeError) -> Value {
    guard let operand = operand(value) else { throw noNumber(function, value) }
    if function == .abs {
      return operand.exact.numerator < 0
        ? quantity(operand.exact.negated, operand.dimension, head: value.head) : value
    }
    let unit = value.unit
    let size: Exact?
    if operand.dimension == .none {
      size = Exact(1_000_000_000)
    } else if unit == .automatic {
      size = Exact(1)
    } else {
      size = Exact(Int128(unit.scale.numerator), Int128(unit.scale.denominator))
    }
    guard let size, let inverse = size.inverse, let inUnit = operand.exact.multiplied(by: inverse)
    else { throw overflow("the number needs more than 128 bits") }
    let whole: Int64?
    switch function {
    case .floor: whole = inUnit.floored
    case .ceil: whole = inUnit.ceiled
    case .int: whole = inUnit.numerator < 0 ? inUnit.ceiled : inUnit.floored
    default: whole = inUnit.rounded
    }
    guard let whole, let result = size.multiplied(by: Exact(whole)) else {
      throw overflow("the result is beyond 64 bits")
    }
    if operand.dimension == .none { return .int(whole) }
    return quantity(result, operand.dimension, head: value.head)
  }

  private func parsedInt(_ string: Value) throws(RuntimeError) -> Value {
    guard let number = Int64(heap.text(string)) else {
      throw RuntimeError(FaultCode.wrongType, "\"\(heap.text(string))\" is no whole number")
    }
    return .int(number)
  }

  private func root(_ function: LibraryFunction, _ value: Value) throws(RuntimeError) -> Value {
    guard let number = plainDouble(value) else { throw mismatch("take the root of", value, value) }
    if function == .sqrt {
      guard number >= 0 else {
        throw RuntimeError(FaultCode.outOfRange, "the root of a negative number")
      }
      return .real(number.squareRoot())
    }
    guard number > 0 else {
      throw RuntimeError(FaultCode.outOfRange, "the logarithm of a number that is not above 0")
    }
    return .real(Mathematics.logarithm(number))
  }

  // MARK: Statistics

  /// - Parameter start: what an empty list comes to; it has the unit that elements would have.
  private func total(_ value: Value, from start: Value? = nil) throws(RuntimeError) -> Value {
    let elements = heap.elements(try source(value, for: "sum"))
    guard var total = start ?? elements.first else { return .int(0) }
    for index in (start == nil ? 1 : 0)..<Swift.max(elements.count, start == nil ? 1 : 0) {
      total = try arithmetic(.add, total, elements[index])
    }
    return total
  }

  private func mean(_ value: Value) throws(RuntimeError) -> Value {
    let elements = heap.elements(try source(value, for: "mean"))
    guard !elements.isEmpty else {
      throw RuntimeError(FaultCode.outOfRange, "`mean` of an empty list")
    }
    let total = try total(value)
    if let plain = plainDouble(total) { return .real(plain / Double(elements.count)) }
    return try arithmetic(.divide, total, .int(elements.count))
  }

  /// The nearest-rank percentile: an element of the list, never a value nobody measured.
  private func percentile(_ value: Value, _ share: Value) throws(RuntimeError) -> Value {
    let elements = heap.elements(try source(value, for: "pct"))
    guard !elements.isEmpty else {
      throw RuntimeError(FaultCode.outOfRange, "`pct` of an empty list")
    }
    guard let parts = operand(share), parts.dimension == .none,
      let ratio = aligned(parts, isRatio: true),
      let scaled = ratio.multiplied(by: Exact(Int64(elements.count))),
      let rank = scaled.scaled(byPowerOfTen: -9)?.ceiled,
      rank >= 0, rank <= Int64(elements.count)
    else {
      throw RuntimeError(FaultCode.outOfRange, "`pct` needs a share from 0% to 100%")
    }
    let ordered = try sorted(value, by: .none)
    return heap.elements(ordered)[Int(Swift.max(rank, 1)) - 1]
  }

  /// Of a node the elements that `x[*]` lists.
  func length(_ value: Value) throws(RuntimeError) -> Int {
    switch value.tag {
    case .list, .map: return heap.slots[value.handle].count
    case .string: return heap.octets(value).count
    case .range: return Int(clamping: try intRange(value).count)
    case .node:
      if let all = try? embedder.selectAll(of: value, at: program.root.span) {
        return try length(all)
      }
      throw RuntimeError(FaultCode.wrongType, "\(embedder.describe(value)) has no elements")
    default:
      if value.isError { throw errorUsed(value) }
      throw RuntimeError(FaultCode.wrongType, "\(kindPhrase(value)) has no length")
    }
  }

  // MARK: Ranges

  /// `range(n)`, `range(a, b)`, `range(a, b, step)`: a list, half-open.
  private func rangeList(
    _ window: UnsafeMutablePointer<Value>, _ count: Int
  ) throws(RuntimeError) -> Value {
    if count == 1 && window[0].tag == .range { return try elements(of: window[0]) }
    let lower = count == 1 ? Value.int(0) : window[0]
    var range = try range(lower, count == 1 ? window[0] : window[1], isHalfOpen: true)
    if count == 3 { range = try self.range(range, by: window[2]) }
    return try elements(of: range)
  }

  func elements(of range: Value) throws(RuntimeError) -> Value {
    let (lower, count, step) = try intRange(range)
    try heap.reserve(Int(clamping: count).multipliedClamped(16))
    let result = heap.makeValues(.list, count: Int(count))
    var value = lower
    for index in 0..<Int(count) {
      heap.slots[result.handle].values[index] = .int(value)
      value &+= step
    }
    return result
  }

  /// `powers(2, 16, 512)`: 16, 32 … 512.
  private func powers(_ window: UnsafeMutablePointer<Value>) throws(RuntimeError) -> Value {
    guard let base = window[0].asInt, base > 1 else {
      throw RuntimeError(FaultCode.outOfRange, "`powers` needs a base above 1")
    }
    let result = heap.makeList()
    var value = window[1]
    let zero = try arithmetic(.subtract, value, value)
    guard try compare(value, zero) > 0 else {
      throw RuntimeError(FaultCode.outOfRange, "`powers` must begin above 0")
    }
    while try compare(value, window[2]) <= 0 {
      try heap.append(value, to: result)
      value = try arithmetic(.multiply, value, window[0])
    }
    return result
  }
}

extension Int {
  func multipliedClamped(_ other: Int) -> Int {
    let (product, overflow) = multipliedReportingOverflow(by: other)
    return overflow ? Int.max : product
  }
}
