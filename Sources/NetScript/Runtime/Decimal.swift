// Exact numbers as decimal text: at most three digits after the point if that is all there is,
// else rounded (half to even) to what a reader can use.

enum DecimalStyle {
  /// Four significant digits; the whole part is never cut.
  case significant
  /// Three digits after the point, four significant ones below 1: simulated times.
  case milli
  /// Exactly so many digits after the point.
  case fixed(Int)
}

enum Decimal {
  /// More digits than any quantity has; keeps `10^digits` within 128 bits.
  static let digitLimit = 18

  static func append(_ value: Exact, _ style: DecimalStyle, to text: inout [UInt8]) {
    if case .fixed(let digits) = style {
      append(value, digits: min(max(digits, 0), digitLimit), trims: false, to: &text)
      return
    }
    append(value, digits: digitCount(value, style), trims: true, to: &text)
  }

  private static func digitCount(_ value: Exact, _ style: DecimalStyle) -> Int {
    // Up to three digits are shown as they are, without rounding.
    if let thousandths = value.scaled(byPowerOfTen: 3), thousandths.denominator == 1 { return 3 }
    var magnitude = value.numerator.magnitude / UInt128(value.denominator)
    if magnitude == 0 {
      var digits = 3
      var scaled = value
      while digits < digitLimit {
        guard let next = scaled.scaled(byPowerOfTen: 1) else { break }
        scaled = next
        if scaled.numerator.magnitude >= UInt128(scaled.denominator) { break }
        digits += 1
      }
      return min(digits + 1, digitLimit)
    }
    if case .milli = style { return 3 }
    var wholeDigits = 0
    while magnitude > 0 {
      magnitude /= 10
      wholeDigits += 1
    }
    return max(0, 4 - wholeDigits)
  }

  private static func append(
    _ value: Exact, digits: Int, trims: Bool, to text: inout [UInt8]
  ) {
    guard let scaled = value.scaled(byPowerOfTen: digits)?.rounded else {
      text.append(contentsOf: "\(value.double)".utf8)
      return
    }
    var rest = scaled.magnitude
    var places = digits
    while trims && places > 0 && rest % 10 == 0 {
      rest /= 10
      places -= 1
    }
    var reversed: [UInt8] = []
    var count = 0
    repeat {
      if count == places && count > 0 { reversed.append(Ascii.dot) }
      reversed.append(Ascii.zero + UInt8(rest % 10))
      rest /= 10
      count += 1
    } while rest > 0 || count <= places
    if scaled < 0 { text.append(Ascii.minus) }
    text.append(contentsOf: reversed.reversed())
  }

  static func append(_ value: Int64, to text: inout [UInt8]) {
    var rest = value.magnitude
    if value < 0 { text.append(Ascii.minus) }
    let start = text.count
    repeat {
      text.append(Ascii.zero + UInt8(rest % 10))
      rest /= 10
    } while rest > 0
    text[start...].reverse()
  }
}
