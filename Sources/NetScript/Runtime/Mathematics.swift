// Own logarithm and exponential: the same bits on every machine, from + - * / alone.
//
// Relative errors stay below 1e-15, which is enough for draws and statistics; nothing here decides
// when an event happens without being rounded to whole nanoseconds first.

enum Mathematics {
  static let naturalLogOfTwo = 0.693_147_180_559_945_3
  /// ln 2 in two parts: the first has 20 zero bits at its end, so a whole multiple of it is exact.
  private static let logOfTwoHigh = Double(bitPattern: 0x3FE6_2E42_FEE0_0000)
  private static let logOfTwoLow = Double(bitPattern: 0x3DEA_39EF_3579_3C76)

  /// The natural logarithm of a positive, finite number.
  static func logarithm(_ value: Double) -> Double {
    precondition(value > 0 && value.isFinite, "the logarithm of what has none")
    var significand = value.significand
    var exponent = Double(value.exponent)
    // Centre the significand on 1, so the series below converges fast: 0.707 ..< 1.414.
    if significand > 1.414_213_562_373_095_1 {
      significand /= 2
      exponent += 1
    }
    // ln(m) = 2 artanh(t), t = (m - 1) / (m + 1), |t| < 0.1716: 11 odd terms reach 1e-17.
    let t = (significand - 1) / (significand + 1)
    let square = t * t
    var sum = 0.0
    var divisor = 23.0
    while divisor >= 1 {
      sum = sum * square + 1 / divisor
      divisor -= 2
    }
    return exponent * logOfTwoHigh + (2 * t * sum + exponent * logOfTwoLow)
  }

  /// e to a power; 0 below the smallest Double, infinity above the largest.
  static func exponential(_ power: Double) -> Double {
    guard power > -745 else { return 0 }
    guard power < 710 else { return .infinity }
    let halvings = (power / naturalLogOfTwo).rounded(.toNearestOrEven)
    let rest = power - halvings * naturalLogOfTwo
    var sum = 1.0
    var term = 18.0
    while term >= 1 {
      sum = 1 + rest / term * sum
      term -= 1
    }
    // In two steps: 2 to the 1024th is no Double, though what the sum makes of it may be one.
    let half = Int(halvings) / 2
    return sum * powerOfTwo(half) * powerOfTwo(Int(halvings) - half)
  }

  /// Exponents from -1022 to 1023.
  private static func powerOfTwo(_ exponent: Int) -> Double {
    Double(bitPattern: UInt64(exponent + 1023) << 52)
  }

  /// A number in 0 ..< 1 from 53 of 64 random bits.
  static func unitInterval(_ bits: UInt64) -> Double {
    Double(bits >> 11) * (1.0 / 9_007_199_254_740_992)
  }
}
