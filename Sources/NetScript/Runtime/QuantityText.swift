// Quantities as text: the author's unit where it suits the size, else one that does; times of a
// minute and more as `8min 46.6s`. What `->` converted is shown in exactly that unit.

public enum QuantityText {
  /// A time as a script prints it that names no unit.
  public static func time(nanoseconds: Int64) -> String {
    var text: [UInt8] = []
    appendTime(Exact(nanoseconds), .automatic, .milli, to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  static func append(
    _ count: Exact, head: UInt64, digits: Int?, to text: inout [UInt8]
  ) {
    let dimension = Head.dimension(head)
    let unit = Head.unit(head)
    let isConverted = head & Head.converted != 0
    var style = dimension == .time ? DecimalStyle.milli : DecimalStyle.significant
    if let digits { style = .fixed(digits) }
    if isConverted {
      append(count, unit, style, to: &text)
    } else if dimension == .time {
      appendTime(count, unit, style, to: &text)
    } else if unit.unit != 0 || unit.per != 0 {
      append(count, unit, style, to: &text)
    } else {
      append(count, automaticUnit(count, dimension), style, to: &text)
      if automaticUnit(count, dimension) == .automatic && dimension != .none {
        text.append(contentsOf: " \(dimension.name)".utf8)
      }
    }
  }

  private static func append(
    _ count: Exact, _ unit: UnitExpression, _ style: DecimalStyle, to text: inout [UInt8]
  ) {
    let scale = unit == .automatic ? (numerator: 1, denominator: 1) : unit.scale
    let inUnit =
      unit == .automatic
      ? count.scaled(byPowerOfTen: -9)
      : Exact(Int128(scale.denominator), Int128(scale.numerator)).flatMap {
        count.multiplied(by: $0)
      }
    Decimal.append(inUnit ?? count, style, to: &text)
    text.append(contentsOf: unit.text.utf8)
  }

  /// The unit for a value that has none: the largest of the usual ones that leaves at least 1.
  private static func automaticUnit(_ count: Exact, _ dimension: Dimension) -> UnitExpression {
    let names: [String]
    switch dimension {
    case .data: names = ["GB", "MB", "KB", "B", "b"]
    case .rate: names = ["Gbps", "Mbps", "kbps", "bps"]
    case .time: names = ["s", "ms", "us", "ns"]
    case .frequency: return UnitExpression("/s") ?? .automatic
    default: return .automatic
    }
    let magnitude = count.numerator.magnitude / UInt128(count.denominator)
    let isZero = count.isZero
    for name in names {
      guard let number = UnitTable.number(of: name) else { continue }
      let size = UInt128(UnitTable.units[Int(number)].size.magnitude)
      if magnitude >= size && !isZero { return UnitExpression(unit: number) }
    }
    let smallest = dimension == .time && isZero ? "s" : dimension == .data ? "B" : names.last ?? ""
    return UnitExpression(smallest) ?? .automatic
  }

  // MARK: Times

  private static let minute: Int64 = 60_000_000_000
  private static let second: Int64 = 1_000_000_000

  private static func appendTime(
    _ count: Exact, _ unit: UnitExpression, _ style: DecimalStyle, to text: inout [UInt8]
  ) {
    if let whole = count.rounded, whole.magnitude >= minute.magnitude {
      appendCompound(whole, style, to: &text)
      return
    }
    append(count, suits(unit, count) ? unit : automaticUnit(count, .time), style, to: &text)
  }

  /// Between a tenth and ten thousand of the author's unit.
  private static func suits(_ unit: UnitExpression, _ count: Exact) -> Bool {
    guard unit.unit != 0 else { return false }
    if count.isZero { return true }
    let size = Int128(UnitTable.units[Int(unit.unit)].size)
    guard let inUnit = Exact(1, size).flatMap({ count.multiplied(by: $0) }) else { return false }
    let (count, one) = (inUnit.numerator.magnitude, UInt128(inUnit.denominator))
    // Ten times a count may be more than there is room for.
    return count >= one ? count / one < 10_000 : count >= (one + 9) / 10
  }

  private static func appendCompound(
    _ nanoseconds: Int64, _ style: DecimalStyle, to text: inout [UInt8]
  ) {
    if nanoseconds < 0 { text.append(Ascii.minus) }
    var rest = Int64(clamping: nanoseconds.magnitude)
    let fraction = rest % minute
    if fraction >= second {
      // Seconds are shown to the millisecond, so the carry must be taken before the split.
      let millisecond = second / 1000
      let excess = rest % millisecond
      let roundsUp = excess * 2 >= millisecond && rest < Int64.max - millisecond
      rest = rest - excess + (roundsUp ? millisecond : 0)
    }
    var isFirst = true
    for (name, size) in [("d", minute * 1440), ("h", minute * 60), ("min", minute)] {
      guard rest >= size else { continue }
      if !isFirst { text.append(Ascii.space) }
      Decimal.append(rest / size, to: &text)
      text.append(contentsOf: name.utf8)
      rest %= size
      isFirst = false
    }
    guard rest > 0 else { return }
    text.append(Ascii.space)
    append(Exact(rest), automaticUnit(Exact(rest), .time), style, to: &text)
  }
}
