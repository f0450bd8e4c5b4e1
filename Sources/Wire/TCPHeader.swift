// The TCP header. RFC 9293 §3.1. Its options are in TCPOptions.swift.
//
// Parsing judges nothing but the length of the memory: a data offset that points outside the
// segment has its own counter in `tcp_input`.

/// The control bits.
@frozen
public struct TCPFlags: OptionSet, Hashable, Sendable {
  public let rawValue: UInt8

  @inlinable
  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  @inlinable public static var fin: TCPFlags { TCPFlags(rawValue: 0x01) }
  @inlinable public static var syn: TCPFlags { TCPFlags(rawValue: 0x02) }
  @inlinable public static var rst: TCPFlags { TCPFlags(rawValue: 0x04) }
  @inlinable public static var psh: TCPFlags { TCPFlags(rawValue: 0x08) }
  @inlinable public static var ack: TCPFlags { TCPFlags(rawValue: 0x10) }
  @inlinable public static var urg: TCPFlags { TCPFlags(rawValue: 0x20) }
  /// RFC 3168 §6.1: the echo of a mark, and the sender's answer to it; both in a SYN offer ECN.
  @inlinable public static var ece: TCPFlags { TCPFlags(rawValue: 0x40) }
  @inlinable public static var cwr: TCPFlags { TCPFlags(rawValue: 0x80) }
}

/// The fixed twenty octets of a TCP header.
@frozen
public struct TCPHeader: Equatable, Sendable {
  public var sourcePort: UInt16
  public var destinationPort: UInt16
  public var sequence: SequenceNumber
  public var acknowledgment: SequenceNumber
  /// Octets of the header with its options, as the segment claims: 0, 4, … 60.
  public var headerOctets: UInt8
  public var flags: TCPFlags
  /// As on the wire: not yet shifted by the window scale.
  public var window: UInt16
  public var checksum: UInt16
  public var urgentPointer: UInt16

  /// The octets that are always there.
  @inlinable public static var octetCount: Int { 20 }

  /// A header whose checksum is still 0.
  @inlinable
  public init(
    sourcePort: UInt16, destinationPort: UInt16, sequence: SequenceNumber,
    acknowledgment: SequenceNumber, flags: TCPFlags, window: UInt16, headerOctets: UInt8 = 20
  ) {
    self.sourcePort = sourcePort
    self.destinationPort = destinationPort
    self.sequence = sequence
    self.acknowledgment = acknowledgment
    self.headerOctets = headerOctets
    self.flags = flags
    self.window = window
    checksum = 0
    urgentPointer = 0
  }

  /// Nil when fewer than twenty octets are there.
  @inlinable
  public init?(reading octets: UnsafeRawBufferPointer) {
    guard octets.count >= Self.octetCount, let base = octets.baseAddress else { return nil }
    sourcePort = base.bigEndian16(at: 0)
    destinationPort = base.bigEndian16(at: 2)
    sequence = SequenceNumber(base.bigEndian32(at: 4))
    acknowledgment = SequenceNumber(base.bigEndian32(at: 8))
    headerOctets = (base.octet(at: 12) &>> 4) &* 4
    flags = TCPFlags(rawValue: base.octet(at: 13))
    window = base.bigEndian16(at: 14)
    checksum = base.bigEndian16(at: 16)
    urgentPointer = base.bigEndian16(at: 18)
  }

  /// Writes the fixed twenty octets, `checksum` as it stands.
  @inlinable @inline(__always)
  public func write(to target: UnsafeMutableRawPointer) {
    assert(headerOctets & 3 == 0 && headerOctets <= 60, "a header length is 0, 4, … 60 octets")
    target.store(bigEndian16: sourcePort, at: 0)
    target.store(bigEndian16: destinationPort, at: 2)
    target.store(bigEndian32: sequence.rawValue, at: 4)
    target.store(bigEndian32: acknowledgment.rawValue, at: 8)
    target.store(octet: headerOctets &<< 2, at: 12)
    target.store(octet: flags.rawValue, at: 13)
    target.store(bigEndian16: window, at: 14)
    target.store(bigEndian16: checksum, at: 16)
    target.store(bigEndian16: urgentPointer, at: 18)
  }

  /// The option octets that both the claimed header length and the memory at hand contain.
  ///
  /// - Parameter octets: the memory the header was read from.
  @inlinable
  public func options(in octets: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    let end = min(Int(headerOctets), octets.count)
    guard end > Self.octetCount else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    return UnsafeRawBufferPointer(rebasing: octets[Self.octetCount..<end])
  }
}
