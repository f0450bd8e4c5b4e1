// Exact rationals on 128 bits: what quantities are reckoned in when 64 bits of base units will not
// do (1/rate, 10Mbps * 2s). Every operation tells overflow by `nil`; nothing here can trap.

/// `numerator / denominator`, reduced, the denominator positive.
struct Exact {
  let numerator: Int128
  let denominator: Int128

  init(_ whole: Int64) {
    numerator = Int128(whole)
    denominator = 1
  }

  init?(_ numerator: Int128, _ denominator: Int128) {
    guard denominator != 0, numerator != Int128.min, denominator != Int128.min else { return nil }
    let common = Int128(Exact.commonDivisor(numerator.magnitude, denominator.magnitude))
    let sign: Int128 = denominator < 0 ? -1 : 1
    self.numerator = numerator / common * sign
    self.denominator = denominator / common * sign
  }

  /// The exact value of a Double, if 128 bits hold it.
  init?(_ value: Double) {
    guard value.isFinite else { return nil }
    guard value != 0 else {
      self.init(unchecked: 0, 1)
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

  var negated: Exact { Exact(unchecked: -numerator, denominator) }

  func multiplied(by other: Exact) -> Exact? {
    // Cancelling first keeps the products as small as they can be.
    guard let left = Exact(numerator, other.denominator),
      let right = Exact(other.numerator, denominator)
    else { return nil }
    let (top, topOver) = left.numerator.multipliedReportingOverflow(by: right.numerator)
    let (bottom, bottomOver) = left.denominator.multipliedReportingOverflow(by: right.denominator)
    return topOver || bottomOver ? nil : Exact(unchecked: top, bottom)
  }

  var inverse: Exact? { isZero ? nil : Exact(denominator, numerator) }

  /// Times ten to a power between -36 and 36.
  func scaled(byPowerOfTen power: Int) -> Exact? {
    guard power != 0 else { return self }
    var factor: Int128 = 1
    for _ in 0..<abs(power) {
      let (next, overflow) = factor.multipliedReportingOverflow(by: 10)
      if overflow { return nil }
      factor = next
    }
    return multiplied(by: power > 0 ? Exact(unchecked: factor, 1) : Exact(unchecked: 1, factor))
  }

  /// Rounded to a whole number, half to even; `nil` when 64 bits do not hold it.
  var rounded: Int64? {
    let (quotient, remainder) = floorDivision
    let (twice, overflow) = remainder.multipliedReportingOverflow(by: 2)
    let roundsUp = overflow || twice > denominator || (twice == denominator && quotient % 2 != 0)
    return Int64(exactly: roundsUp ? quotient + 1 : quotient)
  }

  var floored: Int64? { Int64(exactly: floorDivision.quotient) }

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

  private init(unchecked numerator: Int128, _ denominator: Int128) {
    self.numerator = numerator
    self.denominator = denominator
  }

  private static func commonDivisor(_ first: UInt128, _ second: UInt128) -> UInt128 {
    var (larger, smaller) = (first, second)
    while smaller != 0 {
      if larger <= UInt128(UInt64.max) && smaller <= UInt128(UInt64.max) {
        var (high, low) = (UInt64(larger), UInt64(smaller))
        while low != 0 { (high, low) = (low, high % low) }
        return UInt128(high)
      }
      (larger, smaller) = (smaller, larger % smaller)
    }
    return max(larger, 1)
  }
}
