// Numbers as people write them: one digit and a unit.

/// A positive number of the script, in base units of its dimension.
struct WrittenNumber {
  enum Family {
    case count, time, data, other
  }
  private let unit: UnitExpression
  private let significand: Int64
  /// In base units; saturates.
  let value: Int64

  init?(_ expression: Expression) {
    switch expression.form {
    case .int(let number) where number > 0:
      unit = UnitExpression(unit: 0)
      significand = number
      value = number
    case .quantity(let literal) where literal.significand > 0:
      unit = literal.unit
      significand = literal.significand
      var number = Double(literal.significand)
      for _ in 0..<abs(literal.exponent) {
        if literal.exponent > 0 { number *= 10 } else { number /= 10 }
      }
      let scale = literal.unit.scale
      number = number * Double(scale.numerator) / Double(scale.denominator)
      value = number < 9e18 ? Int64(number) : .max
    default: return nil
    }
  }

  var digits: Int {
    var rest = significand
    while rest > 9 && rest % 10 == 0 { rest /= 10 }
    return String(rest).utf8.count
  }

  var magnitude: Int { Int64.bitWidth - value.leadingZeroBitCount }

  var family: Family {
    switch unit.dimension {
    case .time: return .time
    case .data: return .data
    default: return unit == UnitExpression(unit: 0) ? .count : .other
    }
  }

  /// Rounder or smaller numbers of the same kind, the smallest first. Of rates and ratios only one
  /// that is as large: a slower link is no simpler.
  var simpler: [String] {
    let steps: [(base: Int64, name: String)]
    switch family {
    case .count: steps = Self.steps([("", 1)])
    case .time:
      steps = Self.steps([("ns", 1), ("us", 1000), ("ms", 1_000_000), ("s", 1_000_000_000)])
    case .data: steps = Self.steps([("B", 8), ("KB", 8000), ("MB", 8_000_000)])
    case .other:
      return digits > 1 ? [rounded] : []
    }
    // Nobody means nanoseconds who has written milliseconds.
    let least = family == .time ? Self.thousands.last { $0 <= value } ?? 1 : 1
    return steps.filter { $0.base < value && $0.base >= least }.map { $0.name }
  }

  private static let thousands: [Int64] = [1, 1000, 1_000_000]

  /// Times as people say them, from one on: behind 82 ms comes 100 ms.
  static func roundTimes(
    from nanoseconds: Int64
  ) -> [(nanoseconds: Int64, written: String)] {
    let units: [(String, Int64)] = [
      ("ns", 1), ("us", 1000), ("ms", 1_000_000), ("s", 1_000_000_000), ("min", 60_000_000_000),
      ("h", 3_600_000_000_000),
    ]
    let counts: [Int64] = [1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 40, 50, 100, 200, 300, 500]
    var found: [(nanoseconds: Int64, written: String)] = []
    for (place, (name, size)) in units.enumerated() {
      let next = place + 1 < units.count ? units[place + 1].1 : .max
      for count in counts where count * size >= nanoseconds && count * size < next {
        found.append((count * size, "\(count)\(name)"))
      }
    }
    return Array(found.prefix(3))
  }

  private static func steps(_ units: [(String, Int64)]) -> [(base: Int64, name: String)] {
    var steps: [(base: Int64, name: String)] = []
    for (place, unit) in units.enumerated() {
      let isLast = place == units.count - 1
      var power: Int64 = 1
      while power <= (isLast ? 1_000_000_000 : 100) {
        for digit: Int64 in [1, 2, 3, 4, 5, 6, 8] {
          let (base, overflow) = (digit * power).multipliedReportingOverflow(by: unit.1)
          if overflow { break }
          steps.append((base, "\(digit * power)\(unit.0)"))
        }
        power *= 10
      }
    }
    return steps
  }

  /// Down to one digit.
  private var rounded: String {
    var (rest, power) = (significand, Int64(1))
    while rest > 9 { (rest, power) = (rest / 10, power * 10) }
    return "\(rest * power)" + unit.text
  }
}
