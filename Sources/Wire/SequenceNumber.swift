// TCP sequence numbers: 32 bits that wrap, compared by the shorter way round. RFC 9293 §3.4.

/// A point in a TCP stream.
///
/// `<` and its kin ask which of two numbers less than 2^31 apart comes first. The type is on
/// purpose not `Comparable`: round a circle the order is not transitive, and sorting by it would
/// lie.
@frozen
public struct SequenceNumber: Hashable, Sendable, CustomStringConvertible {
  public var rawValue: UInt32

  @inlinable @inline(__always)
  public init(_ rawValue: UInt32) {
    self.rawValue = rawValue
  }

  @inlinable @inline(__always)
  public static func < (left: SequenceNumber, right: SequenceNumber) -> Bool {
    Int32(bitPattern: left.rawValue &- right.rawValue) < 0
  }

  @inlinable @inline(__always)
  public static func <= (left: SequenceNumber, right: SequenceNumber) -> Bool {
    Int32(bitPattern: left.rawValue &- right.rawValue) <= 0
  }

  @inlinable @inline(__always)
  public static func > (left: SequenceNumber, right: SequenceNumber) -> Bool {
    Int32(bitPattern: left.rawValue &- right.rawValue) > 0
  }

  @inlinable @inline(__always)
  public static func >= (left: SequenceNumber, right: SequenceNumber) -> Bool {
    Int32(bitPattern: left.rawValue &- right.rawValue) >= 0
  }

  /// The point so many octets further on (or back, when negative).
  @inlinable @inline(__always)
  public static func + (left: SequenceNumber, octets: Int) -> SequenceNumber {
    SequenceNumber(left.rawValue &+ UInt32(truncatingIfNeeded: octets))
  }

  /// The point so many octets back.
  @inlinable @inline(__always)
  public static func - (left: SequenceNumber, octets: Int) -> SequenceNumber {
    SequenceNumber(left.rawValue &- UInt32(truncatingIfNeeded: octets))
  }

  /// Octets from `right` to `left`: negative when `left` comes first.
  @inlinable @inline(__always)
  public static func - (left: SequenceNumber, right: SequenceNumber) -> Int {
    Int(Int32(bitPattern: left.rawValue &- right.rawValue))
  }

  @inlinable @inline(__always)
  public static func += (left: inout SequenceNumber, octets: Int) {
    left = left + octets
  }

  @inlinable @inline(__always)
  public static func -= (left: inout SequenceNumber, octets: Int) {
    left = left - octets
  }

  /// The later of two points.
  @inlinable @inline(__always)
  public static func later(_ left: SequenceNumber, _ right: SequenceNumber) -> SequenceNumber {
    left < right ? right : left
  }

  /// The earlier of two points.
  @inlinable @inline(__always)
  public static func earlier(_ left: SequenceNumber, _ right: SequenceNumber) -> SequenceNumber {
    right < left ? right : left
  }

  public var description: String { "\(rawValue)" }
}
