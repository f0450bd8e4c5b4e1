// The options of an IPv4 header, one after the other. RFC 791 §3.1.

/// The first octet of an option that occurs here: its copied flag, class and number.
public enum IPOptionKind {
  @inlinable public static var end: UInt8 { 0 }
  @inlinable public static var noOperation: UInt8 { 1 }
  @inlinable public static var recordRoute: UInt8 { 7 }
  @inlinable public static var timestamp: UInt8 { 68 }
  @inlinable public static var security: UInt8 { 130 }
  @inlinable public static var looseSourceRoute: UInt8 { 131 }
  @inlinable public static var strictSourceRoute: UInt8 { 137 }
}

/// One option: where it begins among the options' octets, and how many it has, these two included.
@frozen
public struct IPOption: Equatable, Sendable {
  public var kind: UInt8
  public var start: Int
  public var length: Int
}

/// Walks the options up to the end of the list, or to the first whose length cannot be.
public struct IPOptions: Sequence, IteratorProtocol {
  let octets: UnsafeRawBufferPointer
  private var place = 0
  /// Where the length lies that cannot be; nil while all is well.
  public private(set) var fault: Int?

  public init(_ octets: UnsafeRawBufferPointer) { self.octets = octets }

  public mutating func next() -> IPOption? {
    guard fault == nil, place < octets.count else { return nil }
    let kind = octets[place]
    if kind == IPOptionKind.end { return nil }
    var length = 1
    if kind != IPOptionKind.noOperation {
      length = place + 1 < octets.count ? Int(octets[place + 1]) : 0
      guard length >= 2, place + length <= octets.count else {
        fault = place + 1
        return nil
      }
    }
    let option = IPOption(kind: kind, start: place, length: length)
    place += length
    return option
  }
}
