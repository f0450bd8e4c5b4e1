// Decimal digits to the nearest binary double, half to even, without libm or the C library.
//
// Small numbers are exact in one operation (Clinger's fast path); the rest is long division of
// integers, bit by bit: slow and plainly right. The lexer bounds exponents, so no overflow occurs.

enum DecimalReader {
  /// `significand × 10^exponent`, rounded once.
  static func double(_ significand: Int64, exponent: Int) -> Double {
    precondition(significand >= 0, "a literal has no sign")
    precondition(abs(exponent) <= Lexer.realExponentLimit, "an exponent beyond the lexer's limit")
    guard significand != 0 else { return 0 }
    if significand < 1 << 53 && abs(exponent) <= 22 {
      var power = 1.0
      for _ in 0..<abs(exponent) { power *= 10 }
      return exponent < 0 ? Double(significand) / power : Double(significand) * power
    }
    var numerator = BigNatural(UInt64(significand))
    var denominator = BigNatural(1)
    for _ in 0..<abs(exponent) {
      if exponent < 0 { denominator.multiply(by: 10) } else { numerator.multiply(by: 10) }
    }
    return quotient(numerator, denominator)
  }

  private static func quotient(_ first: BigNatural, _ second: BigNatural) -> Double {
    var numerator = first
    var denominator = second
    // Scale until denominator <= numerator < 2 × denominator: then the first bit is one.
    var binaryExponent = numerator.bitWidth - denominator.bitWidth
    if binaryExponent > 0 { denominator.shiftLeft(by: binaryExponent) }
    if binaryExponent < 0 { numerator.shiftLeft(by: -binaryExponent) }
    if numerator < denominator {
      numerator.shiftLeft(by: 1)
      binaryExponent -= 1
    }
    var bits: UInt64 = 0
    for _ in 0..<54 {
      bits <<= 1
      if !(numerator < denominator) {
        numerator.subtract(denominator)
        bits |= 1
      }
      numerator.shiftLeft(by: 1)
    }
    // 54 bits: the last decides the rounding, a remainder breaks the tie.
    let isHalfOrMore = bits & 1 == 1
    var kept = bits >> 1
    if isHalfOrMore && (!numerator.isZero || kept & 1 == 1) { kept += 1 }
    return Double(sign: .plus, exponent: binaryExponent - 52, significand: Double(kept))
  }
}

/// A natural number of any size: 32-bit limbs, least significant first, no leading zeros.
private struct BigNatural {
  private var limbs: [UInt32]

  init(_ value: UInt64) {
    limbs = [UInt32(truncatingIfNeeded: value), UInt32(truncatingIfNeeded: value >> 32)]
    trim()
  }

  var isZero: Bool { limbs.isEmpty }

  var bitWidth: Int {
    guard let top = limbs.last else { return 0 }
    return limbs.count * 32 - top.leadingZeroBitCount
  }

  mutating func multiply(by factor: UInt32) {
    var carry: UInt64 = 0
    for index in limbs.indices {
      let product = UInt64(limbs[index]) * UInt64(factor) + carry
      limbs[index] = UInt32(truncatingIfNeeded: product)
      carry = product >> 32
    }
    if carry != 0 { limbs.append(UInt32(carry)) }
  }

  mutating func shiftLeft(by count: Int) {
    guard count > 0, !limbs.isEmpty else { return }
    let (whole, part) = (count / 32, UInt64(count % 32))
    var shifted = [UInt32](repeating: 0, count: whole)
    var carry: UInt64 = 0
    for limb in limbs {
      let moved = UInt64(limb) << part | carry
      shifted.append(UInt32(truncatingIfNeeded: moved))
      carry = moved >> 32
    }
    if carry != 0 { shifted.append(UInt32(carry)) }
    limbs = shifted
  }

  mutating func subtract(_ other: BigNatural) {
    precondition(!(self < other), "a natural number below zero")
    var borrow: Int64 = 0
    for index in limbs.indices {
      let right = index < other.limbs.count ? Int64(other.limbs[index]) : 0
      var difference = Int64(limbs[index]) - right - borrow
      borrow = difference < 0 ? 1 : 0
      if difference < 0 { difference += 1 << 32 }
      limbs[index] = UInt32(difference)
    }
    trim()
  }

  static func < (left: BigNatural, right: BigNatural) -> Bool {
    if left.limbs.count != right.limbs.count { return left.limbs.count < right.limbs.count }
    for index in left.limbs.indices.reversed() where left.limbs[index] != right.limbs[index] {
      return left.limbs[index] < right.limbs[index]
    }
    return false
  }

  private mutating func trim() {
    while limbs.last == 0 { limbs.removeLast() }
  }
}
