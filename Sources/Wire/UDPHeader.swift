// The UDP header. RFC 768.

/// The eight octets in front of a UDP datagram's data.
@frozen
public struct UDPHeader: Equatable, Sendable {
  public var sourcePort: UInt16
  public var destinationPort: UInt16
  /// Octets of header and data, as the datagram claims.
  public var length: UInt16
  /// 0 says that the sender computed none.
  public var checksum: UInt16

  @inlinable public static var octetCount: Int { 8 }

  @inlinable
  public init(sourcePort: UInt16, destinationPort: UInt16, length: UInt16, checksum: UInt16 = 0) {
    self.sourcePort = sourcePort
    self.destinationPort = destinationPort
    self.length = length
    self.checksum = checksum
  }

  /// Nil when fewer than eight octets are there; a senseless `length` is the caller's to count.
  @inlinable
  public init?(reading octets: UnsafeRawBufferPointer) {
    guard octets.count >= Self.octetCount, let base = octets.baseAddress else { return nil }
    sourcePort = base.bigEndian16(at: 0)
    destinationPort = base.bigEndian16(at: 2)
    length = base.bigEndian16(at: 4)
    checksum = base.bigEndian16(at: 6)
  }

  /// Writes `octetCount` octets, `checksum` as it stands.
  @inlinable
  public func write(to target: UnsafeMutableRawPointer) {
    target.store(bigEndian16: sourcePort, at: 0)
    target.store(bigEndian16: destinationPort, at: 2)
    target.store(bigEndian16: length, at: 4)
    target.store(bigEndian16: checksum, at: 6)
  }
}
