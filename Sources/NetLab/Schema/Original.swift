// The same tunable where it comes from, so that somebody who knows BSD finds his sysctl, and sees
// what of its default was changed here.

/// A tunable of BSD or RTEMS: its name there, its default in its own unit.
struct Original: Sendable, ExpressibleByStringLiteral {
  var name: String
  var standard: Int64?
  var unit: Unit

  /// What a tunable counts, and how much one of it is in the base unit of our field.
  struct Unit: Sendable {
    var name: String
    var size: Int64 = 1

    static let flag = Unit(name: "flag")
    static let bytes = Unit(name: "bytes")
    static let factor = Unit(name: "factor")
    static let priority = Unit(name: "priority")
    /// Of a host whose tick is 10 ms.
    static let ticks = Unit(name: "ticks (10 ms)", size: 10_000_000)
    /// PR_SLOWHZ and PR_FASTHZ: the beats of `pfslowtimo` and `pffasttimo`.
    static let slowTicks = Unit(name: "slow ticks (500 ms)", size: 500_000_000)
    static let fastTicks = Unit(name: "fast ticks (200 ms)", size: 200_000_000)
    static let microseconds = Unit(name: "us", size: 1000)
    static let seconds = Unit(name: "s", size: 1_000_000_000)
    static func counted(_ name: String) -> Unit { Unit(name: name) }
  }

  init(_ name: String, _ standard: Int64, _ unit: Unit) {
    self.name = name
    self.standard = standard
    self.unit = unit
  }

  /// Only a name, of something that is a mechanism there and no number.
  init(stringLiteral name: String) {
    self.name = name
    unit = .flag
  }

  static let none: Original = ""

  var isThere: Bool { !name.isEmpty }
  var standardText: String { standard.map { "\($0)" } ?? "" }
  var unitText: String { standard == nil ? "" : unit.name }

  /// `net.inet.tcp.keepidle = 14400 slow ticks (500 ms)`.
  var text: String {
    guard standard != nil else { return name }
    return "\(name) = \(standardText)" + (unit.name == Unit.flag.name ? "" : " " + unit.name)
  }
}
