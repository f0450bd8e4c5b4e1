// The ICMP header. RFC 792; RFC 950 (address mask), RFC 1191 §4.

/// The types that occur here.
public enum ICMPType {
  @inlinable public static var echoReply: UInt8 { 0 }
  @inlinable public static var unreachable: UInt8 { 3 }
  @inlinable public static var sourceQuench: UInt8 { 4 }
  @inlinable public static var redirect: UInt8 { 5 }
  @inlinable public static var echoRequest: UInt8 { 8 }
  @inlinable public static var timeExceeded: UInt8 { 11 }
  @inlinable public static var parameterProblem: UInt8 { 12 }
  @inlinable public static var timestampRequest: UInt8 { 13 }
  @inlinable public static var timestampReply: UInt8 { 14 }
  @inlinable public static var maskRequest: UInt8 { 17 }
  @inlinable public static var maskReply: UInt8 { 18 }

  /// ICMP_INFOTYPE: a question or an answer, about which an error may be sent.
  @inlinable public static func isInformation(_ type: UInt8) -> Bool {
    type == echoReply || type == echoRequest || type == 9 || type == 10
      || (13...18).contains(type)
  }
}

/// The codes of "destination unreachable".
public enum ICMPUnreachable {
  @inlinable public static var network: UInt8 { 0 }
  @inlinable public static var host: UInt8 { 1 }
  @inlinable public static var `protocol`: UInt8 { 2 }
  @inlinable public static var port: UInt8 { 3 }
  @inlinable public static var fragmentationNeeded: UInt8 { 4 }
  @inlinable public static var sourceRouteFailed: UInt8 { 5 }
  @inlinable public static var networkUnknown: UInt8 { 6 }
  @inlinable public static var hostUnknown: UInt8 { 7 }
  @inlinable public static var isolated: UInt8 { 8 }
  @inlinable public static var networkProhibited: UInt8 { 9 }
  @inlinable public static var hostProhibited: UInt8 { 10 }
  @inlinable public static var networkService: UInt8 { 11 }
  @inlinable public static var hostService: UInt8 { 12 }
  /// RFC 1812 §5.2.7.1.
  @inlinable public static var communicationProhibited: UInt8 { 13 }
}

/// The eight octets every ICMP message begins with; data, or the packet complained of, follows.
@frozen
public struct ICMPHeader: Equatable, Sendable {
  /// `ICMPType`, or any other.
  public var type: UInt8
  public var code: UInt8
  public var checksum: UInt16
  /// The second word, whose meaning depends on the type.
  public var rest: UInt32

  @inlinable public static var octetCount: Int { 8 }

  @inlinable
  public init(type: UInt8, code: UInt8 = 0, checksum: UInt16 = 0, rest: UInt32 = 0) {
    self.type = type
    self.code = code
    self.checksum = checksum
    self.rest = rest
  }

  /// An echo request or reply.
  @inlinable
  public init(echo type: UInt8, identifier: UInt16, sequence: UInt16) {
    self.init(type: type, rest: UInt32(identifier) &<< 16 | UInt32(sequence))
  }

  /// Nil when fewer than eight octets are there.
  @inlinable
  public init?(reading octets: UnsafeRawBufferPointer) {
    guard octets.count >= Self.octetCount, let base = octets.baseAddress else { return nil }
    type = base.octet(at: 0)
    code = base.octet(at: 1)
    checksum = base.bigEndian16(at: 2)
    rest = base.bigEndian32(at: 4)
  }

  /// Writes `octetCount` octets, `checksum` as it stands.
  @inlinable
  public func write(to target: UnsafeMutableRawPointer) {
    target.store(octet: type, at: 0)
    target.store(octet: code, at: 1)
    target.store(bigEndian16: checksum, at: 2)
    target.store(bigEndian32: rest, at: 4)
  }

  /// Of an echo: who asked.
  @inlinable
  public var identifier: UInt16 { UInt16(truncatingIfNeeded: rest &>> 16) }

  /// Of an echo: which question.
  @inlinable
  public var sequence: UInt16 { UInt16(truncatingIfNeeded: rest) }

  /// Of "fragmentation needed": what would fit; 0 from routers older than RFC 1191.
  @inlinable
  public var nextHopMTU: UInt16 { UInt16(truncatingIfNeeded: rest) }
}
