// Time as the engine knows it: integer nanoseconds, never a floating-point number.
//
// Ours instead of Swift's Duration, which is 128-bit attoseconds and twice as wide in every record.

/// A moment of simulated time, in nanoseconds since the start of the run.
public struct Instant: Comparable, Hashable, Sendable {
  public var nanoseconds: Int64

  @inlinable public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  @inlinable public static var zero: Instant { Instant(nanoseconds: 0) }
  /// Later than everything: what is not scheduled.
  @inlinable public static var never: Instant { Instant(nanoseconds: .max) }

  @inlinable public static func < (a: Instant, b: Instant) -> Bool {
    a.nanoseconds < b.nanoseconds
  }

  /// Saturates at `never`, so that a far deadline stays a deadline.
  @inlinable public static func + (a: Instant, b: TimeSpan) -> Instant {
    let (sum, overflow) = a.nanoseconds.addingReportingOverflow(b.nanoseconds)
    return Instant(nanoseconds: overflow ? .max : sum)
  }

  @inlinable public static func - (a: Instant, b: Instant) -> TimeSpan {
    TimeSpan(nanoseconds: a.nanoseconds &- b.nanoseconds)
  }
}

/// A length of simulated time, in nanoseconds.
public struct TimeSpan: Comparable, Hashable, Sendable {
  public var nanoseconds: Int64

  @inlinable public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }
  @inlinable public static func microseconds(_ n: Int64) -> TimeSpan {
    .init(nanoseconds: n * 1000)
  }
  @inlinable public static func milliseconds(_ n: Int64) -> TimeSpan {
    .init(nanoseconds: n * 1_000_000)
  }
  @inlinable public static func seconds(_ n: Int64) -> TimeSpan {
    .init(nanoseconds: n * 1_000_000_000)
  }

  @inlinable public static var zero: TimeSpan { TimeSpan(nanoseconds: 0) }

  @inlinable public static func < (a: TimeSpan, b: TimeSpan) -> Bool {
    a.nanoseconds < b.nanoseconds
  }
  @inlinable public static func + (a: TimeSpan, b: TimeSpan) -> TimeSpan {
    TimeSpan(nanoseconds: a.nanoseconds &+ b.nanoseconds)
  }
  @inlinable public static func - (a: TimeSpan, b: TimeSpan) -> TimeSpan {
    TimeSpan(nanoseconds: a.nanoseconds &- b.nanoseconds)
  }
}
