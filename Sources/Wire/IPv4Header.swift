// The IPv4 header. RFC 791 §3.1.
//
// Parsing judges nothing but the length of the memory: version, header length, total length and
// checksum each have their own counter in `ip_input`, which therefore must see them as they came.
// Options are walked by IPv4Options.swift.

/// The values of the protocol field that occur here.
public enum IPProtocol {
  @inlinable public static var icmp: UInt8 { 1 }
  @inlinable public static var igmp: UInt8 { 2 }
  @inlinable public static var tcp: UInt8 { 6 }
  @inlinable public static var udp: UInt8 { 17 }
}

/// The fixed twenty octets of an IPv4 header.
@frozen
public struct IPv4Header: Equatable, Sendable {
  /// 4 in every packet that is meant to arrive.
  public var version: UInt8
  /// Octets of the header with its options, as the packet claims: 0, 4, … 60.
  public var headerOctets: UInt8
  public var typeOfService: UInt8
  /// Octets of header and payload, as the packet claims.
  public var totalLength: UInt16
  public var identification: UInt16
  public var dontFragment: Bool
  public var moreFragments: Bool
  /// Where this fragment's payload belongs, in octets: a multiple of 8 below 65,536.
  public var fragmentOffset: UInt16
  public var timeToLive: UInt8
  /// `IPProtocol`, or any other.
  public var protocolNumber: UInt8
  public var checksum: UInt16
  public var source: IPv4Address
  public var destination: IPv4Address

  /// The octets that are always there.
  @inlinable public static var octetCount: Int { 20 }

  /// A header without options, not a fragment, its checksum still 0.
  @inlinable
  public init(
    source: IPv4Address, destination: IPv4Address, protocolNumber: UInt8, totalLength: UInt16,
    identification: UInt16 = 0, timeToLive: UInt8 = 64, typeOfService: UInt8 = 0
  ) {
    version = 4
    headerOctets = 20
    self.typeOfService = typeOfService
    self.totalLength = totalLength
    self.identification = identification
    dontFragment = false
    moreFragments = false
    fragmentOffset = 0
    self.timeToLive = timeToLive
    self.protocolNumber = protocolNumber
    checksum = 0
    self.source = source
    self.destination = destination
  }

  /// Nil when fewer than twenty octets are there.
  @inlinable
  public init?(reading octets: UnsafeRawBufferPointer) {
    guard octets.count >= Self.octetCount, let base = octets.baseAddress else { return nil }
    let first = base.octet(at: 0)
    version = first &>> 4
    headerOctets = (first & 0x0F) &* 4
    typeOfService = base.octet(at: 1)
    totalLength = base.bigEndian16(at: 2)
    identification = base.bigEndian16(at: 4)
    let fragment = base.bigEndian16(at: 6)
    dontFragment = fragment & 0x4000 != 0
    moreFragments = fragment & 0x2000 != 0
    fragmentOffset = (fragment & 0x1FFF) &<< 3
    timeToLive = base.octet(at: 8)
    protocolNumber = base.octet(at: 9)
    checksum = base.bigEndian16(at: 10)
    source = IPv4Address(rawValue: base.bigEndian32(at: 12))
    destination = IPv4Address(rawValue: base.bigEndian32(at: 16))
  }

  /// What has to be known of a header that is as nearly all are: version 4, without options, of no
  /// fragment, its checksum right. Nil when it is not.
  @frozen
  public struct Plain {
    public let totalLength: UInt16
    public let protocolNumber: UInt8
    public let destination: IPv4Address

    @inlinable @inline(__always)
    public init?(_ octets: UnsafeRawBufferPointer) {
      guard octets.count >= IPv4Header.octetCount, let base = octets.baseAddress,
        base.octet(at: 0) == 0x45, base.bigEndian16(at: 6) & 0x3FFF == 0,
        InternetChecksum.ofHeader(base) == 0
      else { return nil }
      totalLength = base.bigEndian16(at: 2)
      protocolNumber = base.octet(at: 9)
      destination = IPv4Address(rawValue: base.bigEndian32(at: 16))
    }
  }

  /// The protocol alone, for who wants no more.
  @inlinable @inline(__always)
  public static func protocolNumber(in octets: UnsafeRawBufferPointer) -> UInt8? {
    guard octets.count >= octetCount, let base = octets.baseAddress else { return nil }
    return base.octet(at: 9)
  }

  /// Writes the fixed twenty octets, `checksum` as it stands.
  @inlinable
  public func write(to target: UnsafeMutableRawPointer) {
    assert(headerOctets & 3 == 0 && headerOctets <= 60, "a header length is 0, 4, … 60 octets")
    assert(fragmentOffset & 7 == 0, "a fragment begins at a multiple of 8 octets")
    target.store(octet: version &<< 4 | headerOctets &>> 2, at: 0)
    target.store(octet: typeOfService, at: 1)
    target.store(bigEndian16: totalLength, at: 2)
    target.store(bigEndian16: identification, at: 4)
    let flags: UInt16 = (dontFragment ? 0x4000 : 0) | (moreFragments ? 0x2000 : 0)
    target.store(bigEndian16: flags | fragmentOffset &>> 3, at: 6)
    target.store(octet: timeToLive, at: 8)
    target.store(octet: protocolNumber, at: 9)
    target.store(bigEndian16: checksum, at: 10)
    target.store(bigEndian32: source.rawValue, at: 12)
    target.store(bigEndian32: destination.rawValue, at: 16)
  }

  /// Writes the fixed twenty octets with a fresh checksum over them. For headers without options.
  @inlinable
  public mutating func writeWithChecksum(to target: UnsafeMutableRawPointer) {
    assert(headerOctets == 20, "the options would have to be summed too")
    checksum = 0
    write(to: target)
    checksum = InternetChecksum.ofHeader(target)
    target.store(bigEndian16: checksum, at: 10)
  }

  /// Writes a header without options, of no fragment, word by word with the checksum over them:
  /// what `writeWithChecksum` writes, without a value in between.
  @inlinable @inline(__always)
  public static func write(
    to target: UnsafeMutableRawPointer, source: IPv4Address, destination: IPv4Address,
    protocolNumber: UInt8, totalLength: UInt16, identification: UInt16, timeToLive: UInt8,
    typeOfService: UInt8, dontFragment: Bool
  ) {
    let first = 0x4500_0000 | UInt32(typeOfService) &<< 16 | UInt32(totalLength)
    let second = UInt32(identification) &<< 16 | (dontFragment ? 0x4000 : 0)
    let third = UInt32(timeToLive) &<< 24 | UInt32(protocolNumber) &<< 16
    var sum = UInt64(first) &+ UInt64(second) &+ UInt64(third)
    sum &+= UInt64(source.rawValue) &+ UInt64(destination.rawValue)
    sum = (sum & 0xFFFF) &+ (sum &>> 16 & 0xFFFF) &+ sum &>> 32
    sum = (sum & 0xFFFF) &+ sum &>> 16
    sum = (sum & 0xFFFF) &+ sum &>> 16
    target.store(bigEndian32: first, at: 0)
    target.store(bigEndian32: second, at: 4)
    target.store(bigEndian32: third | UInt32(~UInt16(truncatingIfNeeded: sum)), at: 8)
    target.store(bigEndian32: source.rawValue, at: 12)
    target.store(bigEndian32: destination.rawValue, at: 16)
  }

  /// Whether the checksum over the fixed twenty octets is right. False when they are not there.
  @inlinable @inline(__always)
  public static func isSound(_ octets: UnsafeRawBufferPointer) -> Bool {
    guard octets.count >= octetCount, let base = octets.baseAddress else { return false }
    return InternetChecksum.ofHeader(base) == 0
  }

  /// Whether this is part of a fragmented packet.
  @inlinable
  public var isFragment: Bool { moreFragments || fragmentOffset != 0 }

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
