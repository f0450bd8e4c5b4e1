// The units of the language: names, dimensions and exact sizes.
//
// Base units (the VM counts these in 64-bit integers): nanosecond, bit, bit per second, one per
// second, and 10⁻⁹ for ratios. A unit is `numerator / denominator` of its base unit, so 1/min is
// exactly 1/60. There is no unit `m`, `K` or `M`: minutes or metres, 1000 or 1024, bits or octets?

/// Exponents of time and data. Counts and ratios are both dimensionless.
public struct Dimension: Hashable, Sendable {
  public let time: Int8
  public let data: Int8

  public init(time: Int8, data: Int8) {
    self.time = time
    self.data = data
  }

  public static var none: Dimension { Dimension(time: 0, data: 0) }
  public static var time: Dimension { Dimension(time: 1, data: 0) }
  public static var data: Dimension { Dimension(time: 0, data: 1) }
  public static var rate: Dimension { Dimension(time: -1, data: 1) }
  public static var frequency: Dimension { Dimension(time: -1, data: 0) }

  /// The product's dimension, or `nil` beyond what the value's tag can hold.
  public func times(_ other: Dimension) -> Dimension? {
    Dimension(checkedTime: Int(time) + Int(other.time), data: Int(data) + Int(other.data))
  }

  /// The quotient's dimension, or `nil` beyond what the value's tag can hold.
  public func dividedBy(_ other: Dimension) -> Dimension? {
    Dimension(checkedTime: Int(time) - Int(other.time), data: Int(data) - Int(other.data))
  }

  /// Exponents fit four bits each: nobody needs data to the eighth power.
  public static let exponentLimit = 7

  private init?(checkedTime time: Int, data: Int) {
    guard abs(time) <= Dimension.exponentLimit, abs(data) <= Dimension.exponentLimit else {
      return nil
    }
    self.init(time: Int8(time), data: Int8(data))
  }

  /// The word a diagnostic uses: `time`, `data`, `rate`, `frequency`, or the exponents.
  public var name: String {
    switch self {
    case .none: return "a plain number"
    case .time: return "time"
    case .data: return "data"
    case .rate: return "rate"
    case .frequency: return "frequency"
    default: return "time^\(time) data^\(data)"
    }
  }
}

/// One unit of the table; its place there is its number.
public struct Unit: Sendable {
  public let name: StaticString
  public let dimension: Dimension
  /// Base units in one of it.
  public let size: Int64

  public var text: String { name.description }
}

/// The table. The order is part of the VM's value format: append only.
public enum UnitTable {
  public static let units: [Unit] = [
    Unit(name: "", dimension: .none, size: 1),
    Unit(name: "ns", dimension: .time, size: 1),
    Unit(name: "us", dimension: .time, size: 1000),
    Unit(name: "ms", dimension: .time, size: 1_000_000),
    Unit(name: "s", dimension: .time, size: 1_000_000_000),
    Unit(name: "min", dimension: .time, size: 60_000_000_000),
    Unit(name: "h", dimension: .time, size: 3_600_000_000_000),
    Unit(name: "d", dimension: .time, size: 86_400_000_000_000),
    Unit(name: "b", dimension: .data, size: 1),
    Unit(name: "kb", dimension: .data, size: 1000),
    Unit(name: "Mb", dimension: .data, size: 1_000_000),
    Unit(name: "Gb", dimension: .data, size: 1_000_000_000),
    Unit(name: "B", dimension: .data, size: 8),
    Unit(name: "kB", dimension: .data, size: 8000),
    Unit(name: "KB", dimension: .data, size: 8000),
    Unit(name: "MB", dimension: .data, size: 8_000_000),
    Unit(name: "GB", dimension: .data, size: 8_000_000_000),
    Unit(name: "KiB", dimension: .data, size: 8 << 10),
    Unit(name: "MiB", dimension: .data, size: 8 << 20),
    Unit(name: "GiB", dimension: .data, size: 8 << 30),
    Unit(name: "bps", dimension: .rate, size: 1),
    Unit(name: "kbps", dimension: .rate, size: 1000),
    Unit(name: "Mbps", dimension: .rate, size: 1_000_000),
    Unit(name: "Gbps", dimension: .rate, size: 1_000_000_000),
    Unit(name: "%", dimension: .none, size: 10_000_000),
  ]

  /// Number of the ratio unit `%`.
  public static let percent: UInt8 = 24

  /// The number of a unit, or `nil` when there is no such unit.
  public static func number(of name: String) -> UInt8? {
    for number in 1..<units.count where units[number].text == name { return UInt8(number) }
    return nil
  }

  public static func isTimeUnit(_ name: String) -> Bool {
    guard let number = number(of: name) else { return false }
    return units[Int(number)].dimension == .time
  }
}

/// A unit as written: `ms`, `MB/s`, or `/s` for one per second. Two octets, so a value's tag can
/// carry it for display.
public struct UnitExpression: Hashable, Sendable {
  /// Number in the table; 0 for none, as in `40/s`.
  public let unit: UInt8
  /// Number of the time unit after the slash, or 0.
  public let per: UInt8

  public init(unit: UInt8, per: UInt8 = 0) {
    precondition(Int(unit) < UnitTable.units.count, "no such unit")
    precondition(Int(per) < UnitTable.units.count, "no such time unit")
    self.unit = unit
    self.per = per
  }

  /// Reads `ms`, `MB/s`, `%`; `nil` for what is no unit.
  public init?(_ text: String) {
    var name = ""
    var perName = ""
    var afterSlash = false
    for scalar in text.unicodeScalars {
      if scalar == "/" && !afterSlash {
        afterSlash = true
      } else if afterSlash {
        perName.unicodeScalars.append(scalar)
      } else {
        name.unicodeScalars.append(scalar)
      }
    }
    guard let unit = name.isEmpty && afterSlash ? 0 : UnitTable.number(of: name) else { return nil }
    guard afterSlash else {
      self.init(unit: unit)
      return
    }
    guard UnitTable.isTimeUnit(perName), let per = UnitTable.number(of: perName) else { return nil }
    guard UnitExpression.mayBePerTime(unit) else { return nil }
    self.init(unit: unit, per: per)
  }

  /// Times and ratios are not counted per time: `5ms/s` would be a ratio in disguise.
  public static func mayBePerTime(_ unit: UInt8) -> Bool {
    unit == 0 || UnitTable.units[Int(unit)].dimension.data != 0
  }

  public var dimension: Dimension {
    let whole = UnitTable.units[Int(unit)].dimension
    guard per != 0 else { return whole }
    return whole.dividedBy(.time) ?? .none
  }

  public var text: String {
    let whole = UnitTable.units[Int(unit)].text
    return per == 0 ? whole : whole + "/" + UnitTable.units[Int(per)].text
  }

  /// Base units in one of it, as a reduced fraction: `1/min` is 1/60 of one per second.
  public var scale: (numerator: Int64, denominator: Int64) {
    let whole = UnitTable.units[Int(unit)]
    guard per != 0 else { return (whole.size, 1) }
    let divisor = UnitTable.units[Int(per)].size
    // The base counts per second while the table counts nanoseconds.
    let (high, low) = whole.size.multipliedFullWidth(by: 1_000_000_000)
    precondition(high == 0 && low <= UInt64(Int64.max), "a compound unit beyond 64 bits")
    let numerator = Int64(low)
    let common = greatestCommonDivisor(numerator, divisor)
    return (numerator / common, divisor / common)
  }
}

func greatestCommonDivisor(_ first: Int64, _ second: Int64) -> Int64 {
  var (larger, smaller) = (first, second)
  while smaller != 0 { (larger, smaller) = (smaller, larger % smaller) }
  return larger
}
