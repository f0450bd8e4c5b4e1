// The schema's values as text: `16KiB`, `1..4096`, `.wait or .reuse`.

import NetScript

extension FieldSchema {
  /// What it takes: `count or data`.
  var typeText: String { measures.map { $0.typeText }.joined(separator: " or ") }

  /// The value when nobody sets it; empty when the meaning tells where it comes from.
  var defaultText: String {
    switch standard {
    case .required: return "must be set"
    case .derived: return ""
    case .rule(let text): return text
    case .bool(let value): return value ? "true" : "false"
    case .count(let count): return measures[0].text(count)
    case .octets(let octets): return UnitText.data(octets)
    case .nanoseconds(let span): return UnitText.time(span)
    case .bitsPerSecond(let rate): return UnitText.rate(rate)
    case .symbol(let word): return "." + word.rawValue
    }
  }

  /// Empty when its type is all that bounds it.
  var rangeText: String {
    guard range != 0...Int64.max else { return "" }
    return bounded.text(range.lowerBound) + " to " + bounded.text(range.upperBound)
  }

  /// What its range is of: the first of its types that has a unit.
  var bounded: Measure { measures.first { $0.dimension != nil } ?? measures[0] }

  var changeText: String { isLive ? "live" : "structural" }
}

extension Measure {
  var typeText: String {
    switch self {
    case .bool: return "bool"
    case .count: return "count"
    case .data: return "data"
    case .time: return "time"
    case .rate: return "rate"
    case .frequency: return "frequency"
    case .factor: return "number"
    case .node(let kinds): return kinds.map { $0.rawValue }.joined(separator: " or ")
    case .symbol(let words): return words.map { "." + $0.rawValue }.joined(separator: " ")
    case .allocator: return "policy"
    case .fault: return "function or answer"
    case .file, .network: return "text"
    case .never: return "none"
    case .anySymbol: return "symbol"
    case .symbols, .anySymbols: return "list"
    case .nodes(let kinds): return "list of " + kinds.map { $0.rawValue + "s" }.joined()
    case .groups: return "lists of hosts"
    }
  }

  /// A number of its base unit, as a script would write it.
  func text(_ number: Int64) -> String {
    switch self {
    case .data: return UnitText.data(number)
    case .time: return UnitText.time(number)
    case .rate: return UnitText.rate(number)
    case .frequency: return "\(number)/s"
    case .factor: return number % 1000 == 0 ? "\(number / 1000)" : "\(number) / 1000"
    default: return "\(number)"
    }
  }
}

/// Whole numbers of the largest unit that leaves no rest.
enum UnitText {
  static func data(_ octets: Int64) -> String {
    text(octets, [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)], "B")
  }

  static func time(_ nanoseconds: Int64) -> String {
    let units: [(String, Int64)] = [
      ("d", 86_400_000_000_000), ("h", 3_600_000_000_000), ("min", 60_000_000_000),
      ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1000),
    ]
    return nanoseconds == 0 ? "0s" : text(nanoseconds, units, "ns")
  }

  static func rate(_ bits: Int64) -> String {
    text(bits, [("Gbps", 1_000_000_000), ("Mbps", 1_000_000), ("kbps", 1000)], "bps")
  }

  private static func text(
    _ number: Int64, _ units: [(String, Int64)], _ smallest: String
  ) -> String {
    for (name, size) in units where number != 0 && number % size == 0 {
      return "\(number / size)\(name)"
    }
    return "\(number)\(smallest)"
  }
}
