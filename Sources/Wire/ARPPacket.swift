// ARP for IPv4 over Ethernet. RFC 826.
//
// Left out on purpose: other hardware and protocol types, and reverse ARP. They parse as nil.

/// The operations of the opcode field.
public enum ARPOperation {
  @inlinable public static var request: UInt16 { 1 }
  @inlinable public static var reply: UInt16 { 2 }
}

/// One ARP packet, the twenty-eight octets after the Ethernet header.
@frozen
public struct ARPPacket: Equatable, Sendable {
  /// `ARPOperation`; other values are kept as they came.
  public var operation: UInt16
  public var senderHardware: MACAddress
  public var senderProtocol: IPv4Address
  public var targetHardware: MACAddress
  public var targetProtocol: IPv4Address

  @inlinable public static var octetCount: Int { 28 }

  @inlinable
  public init(
    operation: UInt16, senderHardware: MACAddress, senderProtocol: IPv4Address,
    targetHardware: MACAddress, targetProtocol: IPv4Address
  ) {
    self.operation = operation
    self.senderHardware = senderHardware
    self.senderProtocol = senderProtocol
    self.targetHardware = targetHardware
    self.targetProtocol = targetProtocol
  }

  /// Nil when octets are missing or the packet is not about IPv4 over Ethernet.
  @inlinable
  public init?(reading octets: UnsafeRawBufferPointer) {
    guard octets.count >= Self.octetCount, let base = octets.baseAddress else { return nil }
    // Hardware type 1, protocol 0x0800, lengths 6 and 4.
    guard base.bigEndian32(at: 0) == 0x0001_0800, base.bigEndian16(at: 4) == 0x0604 else {
      return nil
    }
    operation = base.bigEndian16(at: 6)
    senderHardware = MACAddress(rawValue: base.bigEndian48(at: 8))
    senderProtocol = IPv4Address(rawValue: base.bigEndian32(at: 14))
    targetHardware = MACAddress(rawValue: base.bigEndian48(at: 18))
    targetProtocol = IPv4Address(rawValue: base.bigEndian32(at: 24))
  }

  /// Writes `octetCount` octets.
  @inlinable
  public func write(to target: UnsafeMutableRawPointer) {
    target.store(bigEndian32: 0x0001_0800, at: 0)
    target.store(bigEndian16: 0x0604, at: 4)
    target.store(bigEndian16: operation, at: 6)
    target.store(bigEndian48: senderHardware.rawValue, at: 8)
    target.store(bigEndian32: senderProtocol.rawValue, at: 14)
    target.store(bigEndian48: targetHardware.rawValue, at: 18)
    target.store(bigEndian32: targetProtocol.rawValue, at: 24)
  }
}
