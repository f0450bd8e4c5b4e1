// Where the marks of an axis stand and how they read: whole steps of 1, 2 or 5 in the largest unit
// that fits, for times of a clock's own steps.

/// An axis from `low` to `high` in base units.
struct ChartAxis {
  var low: Double
  var high: Double
  var unit: String
  /// What one of `unit` is in base units.
  var scale: Double
  /// One mark each so many `unit`s: `digit` × 10 to the `power`.
  private var digit: Int
  private var power: Int

  /// Over values of a base unit (`ns`, `bit`, `bit/s`, `1/s` or none), zero included.
  init(values: ClosedRange<Double>, unit base: String, marks: Int) {
    low = min(values.lowerBound, 0)
    high = max(values.upperBound, 0)
    if high == low { high = low + 1 }
    let most = max(high, -low)
    (scale, unit) = ChartAxis.units(base).last { $0.0 <= most } ?? ChartAxis.units(base)[0]
    (digit, power) = ChartAxis.step(atLeast: (high - low) / scale / Double(marks))
    high = (high / step).rounded(.up) * step
    low = (low / step).rounded(.down) * step
  }

  /// Over the time of a run, or a part of it; marks where a clock has them.
  init(from start: Int64 = 0, to end: Int64, marks: Int) {
    low = Double(start)
    high = Double(max(end, start + 1))
    let wish = (high - low) / Double(marks)
    let clock: [(Double, String, [Int])] = [
      (1e9, "s", [10, 15, 30]), (60e9, "min", [1, 2, 5, 10, 15, 30]),
      (3600e9, "h", [1, 2, 4, 6, 12]),
    ]
    for (scale, unit, steps) in clock {
      guard wish > 5e9, let fit = steps.first(where: { Double($0) * scale >= wish }) else {
        continue
      }
      (self.scale, self.unit, digit, power) = (scale, unit, fit, 0)
      return
    }
    let units = wish > 5e9 ? [(86_400e9, "d")] : ChartAxis.units("ns").filter { $0.0 <= 1e9 }
    let last = high
    (scale, unit) = units.last { $0.0 <= last } ?? units[0]
    (digit, power) = ChartAxis.step(atLeast: wish / scale)
  }

  private static func units(_ base: String) -> [(Double, String)] {
    switch base {
    case "ns": [(1, "ns"), (1e3, "us"), (1e6, "ms"), (1e9, "s"), (60e9, "min"), (3600e9, "h")]
    case "bit": [(8, "B"), (8 * 1024, "KiB"), (8 * 1_048_576, "MiB"), (8 * 1_073_741_824, "GiB")]
    case "bit/s": [(1, "bps"), (1e3, "kbps"), (1e6, "Mbps"), (1e9, "Gbps")]
    case "1/s": [(1, "/s")]
    default: [(1, "")]
    }
  }

  private static func step(atLeast wish: Double) -> (digit: Int, power: Int) {
    var (power, size) = (0, 1.0)
    while size * 10 <= wish, power < 300 { (power, size) = (power + 1, size * 10) }
    while size > wish, power > -300 { (power, size) = (power - 1, size / 10) }
    for digit in [1, 2, 5] where Double(digit) * size >= wish { return (digit, power) }
    return (1, power + 1)
  }

  private var step: Double {
    var size = Double(digit) * scale
    for _ in 0..<abs(power) { size = power > 0 ? size * 10 : size / 10 }
    return size
  }

  /// Places in base units with what stands at them.
  var marks: [(place: Double, text: String)] {
    let first = Int((low / step).rounded(.up))
    let last = Int((high / step * (1 + 1e-9)).rounded(.down))
    guard last >= first, last - first < 100 else { return [] }
    return (first...last).map { (Double($0) * step, text($0 * digit)) }
  }

  /// So many tens to the `power`, exactly.
  private func text(_ count: Int) -> String {
    guard count != 0 else { return "0" }
    var digits = "\(abs(count))"
    if power >= 0 { digits += String(repeating: "0", count: power) }
    if power < 0 {
      while digits.utf8.count <= -power { digits = "0" + digits }
      let whole = digits.prefix(digits.count + power)
      var fraction = digits.suffix(-power)
      while fraction.hasSuffix("0") { fraction.removeLast() }
      digits = fraction.isEmpty ? String(whole) : "\(whole).\(fraction)"
    }
    return (count < 0 ? "-" : "") + digits + unit
  }
}
