// Ethernet, ARP and IPv4 headers: known octets, round trips, truncation at every length.

import Testing
import Wire

@Suite("Link and network headers")
struct LinkAndNetworkHeaderTests {
  @Test("an Ethernet header is destination, source, type")
  func ethernet() {
    let known = octets("ffff ffff ffff 0200 0a00 0101 0806")
    let header = EthernetHeader(
      destination: .broadcast, source: MACAddress(rawValue: 0x0200_0A00_0101), type: EtherType.arp)
    #expect(written(14) { header.write(to: $0) } == known)
    #expect(known.withUnsafeBytes { EthernetHeader(reading: $0) } == header)
  }

  @Test("an ARP request is laid out as RFC 826 has it")
  func arp() {
    let known = octets(
      "0001 0800 06 04 0001 0200 0a00 0101 0a000101 0000 0000 0000 0a000102")
    let packet = ARPPacket(
      operation: ARPOperation.request, senderHardware: MACAddress(rawValue: 0x0200_0A00_0101),
      senderProtocol: IPv4Address(10, 0, 1, 1), targetHardware: .zero,
      targetProtocol: IPv4Address(10, 0, 1, 2))
    #expect(written(28) { packet.write(to: $0) } == known)
    #expect(known.withUnsafeBytes { ARPPacket(reading: $0) } == packet)
  }

  @Test("ARP for anything but IPv4 over Ethernet is not understood", arguments: [1, 2, 4, 5])
  func foreignARP(offset: Int) {
    var packet = octets("0001 0800 06 04 0001 0200 0a00 0101 0a000101 0000 0000 0000 0a000102")
    packet[offset] ^= 1
    #expect(packet.withUnsafeBytes { ARPPacket(reading: $0) } == nil)
  }

  @Test("a known IPv4 header reads field by field and writes back")
  func ipv4() throws {
    let known = octets("4500 0073 0000 4000 4011 b861 c0a8 0001 c0a8 00c7")
    let header = try #require(known.withUnsafeBytes { IPv4Header(reading: $0) })
    #expect(header.version == 4 && header.headerOctets == 20 && header.typeOfService == 0)
    #expect(header.totalLength == 0x73 && header.identification == 0)
    #expect(header.dontFragment && !header.moreFragments && header.fragmentOffset == 0)
    #expect(header.timeToLive == 64 && header.protocolNumber == IPProtocol.udp)
    #expect(header.checksum == 0xB861)
    #expect(header.source == IPv4Address(192, 168, 0, 1))
    #expect(header.destination == IPv4Address(192, 168, 0, 199))
    #expect(written(20) { header.write(to: $0) } == known)
    var fresh = header
    fresh.checksum = 0
    #expect(written(20) { fresh.writeWithChecksum(to: $0) } == known)
    #expect(fresh == header)
  }

  @Test("IPv4 headers of any content survive reading and writing, the reserved bit apart")
  func ipv4RoundTrip() throws {
    var numbers = Numbers(state: 3)
    for _ in 0..<2_000 {
      var source = numbers.octets(20)
      source[6] &= 0x7F
      let header = try #require(source.withUnsafeBytes { IPv4Header(reading: $0) })
      #expect(written(20) { header.write(to: $0) } == source)
    }
  }

  @Test("fragments count their offset in octets")
  func fragments() throws {
    let header = try #require(
      octets("4500 0073 0001 20b9 4011 0000 c0a8 0001 c0a8 00c7").withUnsafeBytes {
        IPv4Header(reading: $0)
      })
    #expect(header.moreFragments && header.isFragment && header.fragmentOffset == 1_480)
  }

  @Test("options never reach beyond the claimed header or the memory", arguments: 0...15)
  func options(words: Int) throws {
    let source = [UInt8(0x40 | words)] + [UInt8](repeating: 1, count: 79)
    for count in 20...80 {
      let length = try source.withUnsafeBytes {
        let memory = UnsafeRawBufferPointer(rebasing: $0[..<count])
        return try #require(IPv4Header(reading: memory)).options(in: memory).count
      }
      #expect(length == max(0, min(words * 4, count) - 20))
    }
  }

  @Test("a header cut anywhere reads as nothing")
  func truncation() {
    let source = octets("0001 0800 06 04") + [UInt8](repeating: 0x45, count: 30)
    for count in 0...source.count {
      source.withUnsafeBytes {
        let memory = UnsafeRawBufferPointer(rebasing: $0[..<count])
        #expect((EthernetHeader(reading: memory) == nil) == (count < 14))
        #expect((ARPPacket(reading: memory) == nil) == (count < 28))
        #expect((IPv4Header(reading: memory) == nil) == (count < 20))
      }
    }
    let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
    #expect(EthernetHeader(reading: nothing) == nil && ARPPacket(reading: nothing) == nil)
    #expect(IPv4Header(reading: nothing) == nil)
  }
}
