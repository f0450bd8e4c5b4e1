// The Ethernet II header. IEEE 802.3 §3.2; the type field as RFC 894 uses it.

/// The values of the type field that occur here.
public enum EtherType {
  @inlinable public static var ipv4: UInt16 { 0x0800 }
  @inlinable public static var arp: UInt16 { 0x0806 }
}

/// Sizes a frame must keep, without preamble and frame check sequence.
public enum EthernetLimits {
  /// Shorter frames are padded: 64 octets on the wire less 4 of frame check sequence.
  @inlinable public static var minimumFrameOctets: Int { 60 }
  /// The most a frame can carry after its header.
  @inlinable public static var maximumPayloadOctets: Int { 1500 }
  /// What hardware takes in whatever its MTU is: a frame with tags.
  @inlinable public static var usualFrameOctets: Int { 1536 }
}

/// The fourteen octets in front of every frame.
@frozen
public struct EthernetHeader: Equatable, Sendable {
  public var destination: MACAddress
  public var source: MACAddress
  /// Above 1500 a type (`EtherType`), below a length as in IEEE 802.3.
  public var type: UInt16

  @inlinable public static var octetCount: Int { 14 }

  @inlinable
  public init(destination: MACAddress, source: MACAddress, type: UInt16) {
    self.destination = destination
    self.source = source
    self.type = type
  }

  /// Nil when fewer than fourteen octets are there.
  @inlinable @inline(__always)
  public init?(reading octets: UnsafeRawBufferPointer) {
    guard octets.count >= Self.octetCount, let base = octets.baseAddress else { return nil }
    destination = MACAddress(rawValue: base.bigEndian48(at: 0))
    source = MACAddress(rawValue: base.bigEndian48(at: 6))
    type = base.bigEndian16(at: 12)
  }

  /// Writes `octetCount` octets.
  @inlinable @inline(__always)
  public func write(to target: UnsafeMutableRawPointer) {
    target.store(bigEndian48: destination.rawValue, at: 0)
    target.store(bigEndian48: source.rawValue, at: 6)
    target.store(bigEndian16: type, at: 12)
  }
}
