// What the tests of this folder share: octets from hexadecimal text, and whole frames.

import Wire

/// Octets from hexadecimal text; everything that is not a digit is ignored.
func octets(_ text: String) -> [UInt8] {
  let digits = text.compactMap { $0.hexDigitValue }
  precondition(digits.count.isMultiple(of: 2), "an octet has two digits")
  return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
}

/// What `write` writes into `count` octets that held 0xAA before.
func written(_ count: Int, _ write: (UnsafeMutableRawPointer) -> Void) -> [UInt8] {
  var target = [UInt8](repeating: 0xAA, count: count + 1)
  target.withUnsafeMutableBytes { write($0.baseAddress!) }
  precondition(target[count] == 0xAA, "something was written behind the end")
  return Array(target.dropLast())
}

/// A generator whose numbers are the same in every run (Knuth's MMIX constants).
struct Numbers {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ (state >> 33)
  }

  mutating func octets(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: next() >> 24) }
  }
}

/// Frames between 10.0.1.1 and 10.0.1.2 with every checksum in place.
enum Frames {
  static let client = IPv4Address(10, 0, 1, 2)
  static let server = IPv4Address(10, 0, 1, 1)

  static func ethernet(_ type: UInt16, _ payload: [UInt8], to: MACAddress = .broadcast) -> [UInt8] {
    let header = EthernetHeader(
      destination: to, source: MACAddress(rawValue: 0x0200_0A00_0101), type: type)
    return written(EthernetHeader.octetCount) { header.write(to: $0) } + payload
  }

  static func ipv4(
    _ number: UInt8, _ payload: [UInt8], from: IPv4Address = server, to: IPv4Address = client
  ) -> [UInt8] {
    var header = IPv4Header(
      source: from, destination: to, protocolNumber: number,
      totalLength: UInt16(IPv4Header.octetCount + payload.count), identification: 7)
    let octets = written(IPv4Header.octetCount) { header.writeWithChecksum(to: $0) }
    return ethernet(EtherType.ipv4, octets + payload)
  }

  /// A TCP segment; `header.checksum` and `header.headerOctets` are filled in.
  static func tcp(
    _ header: TCPHeader, options: TCPOptions = TCPOptions(), data: [UInt8] = [],
    from: IPv4Address = server, to: IPv4Address = client
  ) -> [UInt8] {
    var header = header
    header.headerOctets = UInt8(TCPHeader.octetCount + options.octetCount)
    header.checksum = 0
    let optionOctets = written(options.octetCount) { options.write(to: $0) }
    var segment = written(TCPHeader.octetCount) { header.write(to: $0) } + optionOctets + data
    let sum = transportChecksum(IPProtocol.tcp, segment, from: from, to: to)
    segment.withUnsafeMutableBytes { $0.baseAddress!.store(bigEndian16: sum, at: 16) }
    return ipv4(IPProtocol.tcp, segment, from: from, to: to)
  }

  static func udp(
    _ sourcePort: UInt16, _ destinationPort: UInt16, _ data: [UInt8],
    from: IPv4Address = server, to: IPv4Address = client
  ) -> [UInt8] {
    let length = UDPHeader.octetCount + data.count
    let header = UDPHeader(
      sourcePort: sourcePort, destinationPort: destinationPort, length: UInt16(length))
    var datagram = written(UDPHeader.octetCount) { header.write(to: $0) } + data
    let sum = transportChecksum(IPProtocol.udp, datagram, from: from, to: to)
    datagram.withUnsafeMutableBytes { $0.baseAddress!.store(bigEndian16: sum, at: 6) }
    return ipv4(IPProtocol.udp, datagram, from: from, to: to)
  }

  static func icmp(_ header: ICMPHeader, _ data: [UInt8]) -> [UInt8] {
    var message = written(ICMPHeader.octetCount) { header.write(to: $0) } + data
    let sum = message.withUnsafeBytes { InternetChecksum.of($0) }
    message.withUnsafeMutableBytes { $0.baseAddress!.store(bigEndian16: sum, at: 2) }
    return ipv4(IPProtocol.icmp, message)
  }

  static func arp(_ packet: ARPPacket) -> [UInt8] {
    ethernet(EtherType.arp, written(ARPPacket.octetCount) { packet.write(to: $0) })
  }

  private static func transportChecksum(
    _ number: UInt8, _ segment: [UInt8], from: IPv4Address, to: IPv4Address
  ) -> UInt16 {
    var checksum = InternetChecksum()
    checksum.addPseudoHeader(
      source: from, destination: to, protocol: number, length: segment.count)
    segment.withUnsafeBytes { checksum.add($0) }
    return checksum.value
  }
}
