// Exact rationals on 128 bits: what quantities are reckoned in when 64 bits of base units will not
// do (1/rate, 10Mbps * 2s). Every operation tells overflow by `nil`; nothing here can trap.

/// `numerator / denominator`, reduced, the denominator positive.
struct Exact: Hashable, Sendable {
  let numerator: Int128
  let denominator: Int128

  init(_ whole: Int64) {
    numerator = Int128(whole)
    denominator = 1
  }

  init?(_ numerator: Int128, _ denominator: Int128) {
    guard denominator != 0, numerator != Int128.min, denominator != Int128.min else { return nil }
    // Dividing 128 bits is dear, and mostly there is nothing to divide by.
    let common = denominator == 1 ? 1 : Exact.commonDivisor(numerator, denominator)
    let divisor = denominator < 0 ? -common : common
    self.numerator = Exact.quotient(numerator, divisor)
    self.denominator = Exact.quotient(denominator, divisor)
  }

  /// Parts that have no common divisor, the denominator positive.
  init(reduced numerator: Int128, _ denominator: Int128) {
    self.numerator = numerator
    self.denominator = denominator
  }

  /// The exact value of a Double, if 128 bits hold it.
  init?(_ value: Double) {
    guard value.isFinite else { return nil }
    guard value != 0 else {
      self.init(reduced: 0, 1)
      return
    }
    let significand = Int128(Int64(value.significandBitPattern | 1 << 52))
    let isNormal = value.isNormal
    let exponent = Int(value.exponentBitPattern) - 1075
    let signed = value < 0 ? -significand : significand
    guard isNormal, exponent > -126, exponent < 70 else { return nil }
    if exponent >= 0 {
      self.init(signed << Int128(exponent), 1)
    } else {
      self.init(signed, Int128(1) << Int128(-exponent))
    }
  }

  /// The value as base units, when it is a whole number of them and 64 bits hold it.
  var whole: Int64? {
    denominator == 1 ? Int64(exactly: numerator) : nil
  }

  var isZero: Bool { numerator == 0 }

  var double: Double { Double(numerator) / Double(denominator) }

  func adding(_ other: Exact) -> Exact? {
    if denominator == other.denominator {
      let (sum, overflow) = numerator.addingReportingOverflow(other.numerator)
      return overflow ? nil : Exact(sum, denominator)
    }
    let (first, firstOver) = numerator.multipliedReportingOverflow(by: other.denominator)
    let (second, secondOver) = other.numerator.multipliedReportingOverflow(by: denominator)
    let (sum, sumOver) = first.addingReportingOverflow(second)
    let (bottom, bottomOver) = denominator.multipliedReportingOverflow(by: other.denominator)
    guard !firstOver, !secondOver, !sumOver, !bottomOver else { return nil }
    return Exact(sum, bottom)
  }

  var negated: Exact { Exact(reduced: -numerator, denominator) }

  func multiplied(by other: Exact) -> Exact? {
    // Cancelling first keeps the products as small as they can be.
    guard let left = Exact(numerator, other.denominator),
      let right = Exact(other.numerator, denominator)
    else { return nil }
    let (top, topOver) = left.numerator.multipliedReportingOverflow(by: right.numerator)
    let (bottom, bottomOver) = left.denominator.multipliedReportingOverflow(by: right.denominator)
    // The least Int128 has no opposite.
    let isTooLarge = topOver || bottomOver || top == Int128.min
    return isTooLarge ? nil : Exact(reduced: top, bottom)
  }

  var inverse: Exact? { isZero ? nil : Exact(denominator, numerator) }

  /// Times ten to a power between -36 and 36.
  func scaled(byPowerOfTen power: Int) -> Exact? {
    guard power != 0 else { return self }
    var factor: Int128 = 1
    var left = abs(power)
    // Bases differ by nine digits at a time.
    while left > 0 {
      let step = min(left, 9)
      let (next, overflow) = factor.multipliedReportingOverflow(by: Exact.powersOfTen[step])
      if overflow { return nil }
      factor = next
      left -= step
    }
    return multiplied(by: power > 0 ? Exact(reduced: factor, 1) : Exact(reduced: 1, factor))
  }

  /// Rounded to a whole number, half to even; `nil` when 64 bits do not hold it.
  var rounded: Int64? {
    if denominator == 1 { return Int64(exactly: numerator) }
    let (quotient, remainder) = floorDivision
    let (twice, overflow) = remainder.multipliedReportingOverflow(by: 2)
    let roundsUp = overflow || twice > denominator || (twice == denominator && quotient % 2 != 0)
    return Int64(exactly: roundsUp ? quotient + 1 : quotient)
  }

  var floored: Int64? { Int64(exactly: floorDivision.quotient) }

  var ceiled: Int64? {
    let (quotient, remainder) = floorDivision
    return Int64(exactly: remainder > 0 ? quotient + 1 : quotient)
  }

  /// Quotient towards minus infinity; the remainder is never negative.
  private var floorDivision: (quotient: Int128, remainder: Int128) {
    let (quotient, remainder) = numerator.quotientAndRemainder(dividingBy: denominator)
    return remainder < 0 ? (quotient - 1, remainder + denominator) : (quotient, remainder)
  }

  func isLess(than other: Exact) -> Bool {
    if denominator == other.denominator { return numerator < other.numerator }
    if (numerator < 0) != (other.numerator < 0) { return numerator < 0 }
    let left = numerator.magnitude.multipliedFullWidth(by: other.denominator.magnitude)
    let right = other.numerator.magnitude.multipliedFullWidth(by: denominator.magnitude)
    let isSmaller = left.high != right.high ? left.high < right.high : left.low < right.low
    let isEqual = left.high == right.high && left.low == right.low
    return numerator < 0 ? !isSmaller && !isEqual : isSmaller
  }

  func isEqual(to other: Exact) -> Bool {
    numerator == other.numerator && denominator == other.denominator
  }

  private static let powersOfTen: [Int128] = [
    1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000,
  ]

  /// At least 1; neither part is the smallest number.
  private static func commonDivisor(_ first: Int128, _ second: Int128) -> Int128 {
    var (larger, smaller) = (first.magnitude, second.magnitude)
    while smaller != 0 {
      if larger <= UInt128(UInt64.max) && smaller <= UInt128(UInt64.max) {
        var (high, low) = (UInt64(larger), UInt64(smaller))
        while low != 0 { (high, low) = (low, high % low) }
        return Int128(high)
      }
      (larger, smaller) = (smaller, larger % smaller)
    }
    return max(Int128(larger), 1)
  }

  private static func quotient(_ number: Int128, _ divisor: Int128) -> Int128 {
    if divisor == 1 { return number }
    if let small = Int64(exactly: number), let by = Int64(exactly: divisor), by != -1 {
      return Int128(small / by)
    }
    return number / divisor
  }

  /// A whole number times a Double, half to even, without making a fraction of either. `nil`
  /// where that does not do: the Double is 2⁵³ or more, or tiny, or the result needs 64 bits.
  static func rounded(_ whole: Int64, times factor: Double) -> Int64? {
    let exponent = Int(factor.exponentBitPattern) - 1075
    guard factor.isNormal, exponent < 0, exponent > -126 else { return nil }
    let significand = Int64(factor.significandBitPattern | 1 << 52)
    // 63 and 53 bits: 116 hold the product.
    let product = Int128(whole) &* Int128(factor < 0 ? -significand : significand)
    let floor = product &>> Int128(-exponent)
    let rest = product &- floor &<< Int128(-exponent)
    let half = Int128(1) &<< Int128(-exponent - 1)
    let roundsUp = rest > half || (rest == half && floor & 1 != 0)
    return Int64(exactly: roundsUp ? floor &+ 1 : floor)
  }
}
