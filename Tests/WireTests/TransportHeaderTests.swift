// UDP, TCP and ICMP headers: known octets, round trips, truncation at every length.

import Testing
import Wire

@Suite("Transport headers")
struct TransportHeaderTests {
  @Test("a UDP header is two ports, a length and a checksum")
  func udp() {
    let known = octets("a08f 0035 000a eb21")
    let header = UDPHeader(
      sourcePort: 41_103, destinationPort: 53, length: 10, checksum: 0xEB21)
    #expect(written(8) { header.write(to: $0) } == known)
    #expect(known.withUnsafeBytes { UDPHeader(reading: $0) } == header)
  }

  @Test("an echo request carries identifier and sequence in its second word")
  func echo() throws {
    let known = octets("0800 0000 1234 0007")
    let header = ICMPHeader(echo: ICMPType.echoRequest, identifier: 0x1234, sequence: 7)
    #expect(written(8) { header.write(to: $0) } == known)
    let read = try #require(known.withUnsafeBytes { ICMPHeader(reading: $0) })
    #expect(read == header && read.identifier == 0x1234 && read.sequence == 7)
  }

  @Test("fragmentation needed names what would fit")
  func unreachable() throws {
    let known = octets("0304 fdff 0000 05a0")
    let header = try #require(known.withUnsafeBytes { ICMPHeader(reading: $0) })
    #expect(header.type == ICMPType.unreachable)
    #expect(header.code == ICMPUnreachable.fragmentationNeeded)
    #expect(header.nextHopMTU == 1_440 && header.checksum == 0xFDFF)
    #expect(written(8) { header.write(to: $0) } == known)
  }

  @Test("a TCP header reads field by field and writes back")
  func tcp() throws {
    let known = octets("0014 0401 0000 03e8 0000 0001 5018 4470 abcd 0000")
    let header = try #require(known.withUnsafeBytes { TCPHeader(reading: $0) })
    #expect(header.sourcePort == 20 && header.destinationPort == 1_025)
    #expect(header.sequence == SequenceNumber(1_000))
    #expect(header.acknowledgment == SequenceNumber(1))
    #expect(header.headerOctets == 20 && header.flags == [.psh, .ack])
    #expect(header.window == 17_520 && header.checksum == 0xABCD && header.urgentPointer == 0)
    #expect(written(20) { header.write(to: $0) } == known)
  }

  @Test("TCP headers of any content survive reading and writing, the reserved bits apart")
  func tcpRoundTrip() throws {
    var numbers = Numbers(state: 4)
    for _ in 0..<2_000 {
      var source = numbers.octets(20)
      source[12] &= 0xF0
      let header = try #require(source.withUnsafeBytes { TCPHeader(reading: $0) })
      #expect(written(20) { header.write(to: $0) } == source)
    }
  }

  @Test("a header cut anywhere reads as nothing")
  func truncation() {
    let source = [UInt8](repeating: 0x50, count: 24)
    for count in 0...source.count {
      source.withUnsafeBytes {
        let memory = UnsafeRawBufferPointer(rebasing: $0[..<count])
        #expect((UDPHeader(reading: memory) == nil) == (count < 8))
        #expect((ICMPHeader(reading: memory) == nil) == (count < 8))
        #expect((TCPHeader(reading: memory) == nil) == (count < 20))
      }
    }
  }
}

@Suite("TCP options")
struct TCPOptionsTests {
  private func read(_ octets: [UInt8]) -> TCPOptions {
    octets.withUnsafeBytes { TCPOptions(reading: $0) }
  }

  @Test("the options of a handshake are padded as 4.4BSD pads them")
  func handshake() {
    let options = TCPOptions(
      maximumSegmentSize: 1_460, windowScale: 3,
      timestamps: TCPTimestamps(value: 0x0102_0304, echo: 0x0506_0708))
    let known = octets("020405b4 01030303 0101080a 01020304 05060708")
    #expect(options.octetCount == 20)
    #expect(written(20) { options.write(to: $0) } == known)
    #expect(read(known) == options)
  }

  @Test("every choice of options reads back and is a multiple of four octets")
  func choices() {
    for choice in 0..<8 {
      let options = TCPOptions(
        maximumSegmentSize: choice & 1 == 0 ? nil : 536, windowScale: choice & 2 == 0 ? nil : 14,
        timestamps: choice & 4 == 0 ? nil : TCPTimestamps(value: 1, echo: .max))
      #expect(options.octetCount.isMultiple(of: 4))
      let octets = written(options.octetCount) { options.write(to: $0) }
      #expect(read(octets) == options)
      #expect(read(octets + [0, 2, 4, 9, 9]) == options, "what follows the end does not count")
    }
  }

  @Test("unknown options and known ones of a wrong length are skipped")
  func unknown() {
    #expect(read(octets("0402 050a 0000000100000002 020405b4")).maximumSegmentSize == 1_460)
    let wrong = read(octets("0203 05 0304 0102 0804 0000 0204 0218"))
    #expect(wrong == malformed(TCPOptions(maximumSegmentSize: 536)))
  }

  private func malformed(_ options: TCPOptions) -> TCPOptions {
    var options = options
    options.isMalformed = true
    return options
  }

  @Test("RFC 2018 §2: what permits SACK stands before timestamps, or is padded alone")
  func sackPermitted() {
    var options = TCPOptions(timestamps: TCPTimestamps(value: 1, echo: 2))
    options.sackPermitted = true
    #expect(
      written(options.octetCount) { options.write(to: $0) }
        == octets("0402080a 00000001 00000002"))
    options.timestamps = nil
    #expect(written(options.octetCount) { options.write(to: $0) } == octets("01010402"))
    #expect(read(octets("01010402")) == options)
    #expect(read(octets("0403 00")).isMalformed)
  }

  @Test("RFC 2018 §3: up to four blocks, or three beside timestamps, come back as they were")
  func sackBlocks() {
    for count in 1...4 {
      var options = TCPOptions()
      if count < 4 { options.timestamps = TCPTimestamps(value: 1, echo: 2) }
      for block in 0..<count {
        let start = SequenceNumber(UInt32(1000 * block) &- 5)
        options.sack.append(TCPSackBlock(start, start + 500))
      }
      #expect(options.octetCount <= 40 && options.octetCount.isMultiple(of: 4))
      let octets = written(options.octetCount) { options.write(to: $0) }
      #expect(read(octets) == options)
    }
    for length in 2...12 where length != 10 {
      let octets = [5, UInt8(length)] + [UInt8](repeating: 7, count: length - 2)
      #expect(read(octets) == malformed(TCPOptions()), "\(length)")
    }
  }

  @Test(
    "a length that leads nowhere ends the list", arguments: ["0200", "0201", "0205 05b4", "02"])
  func nowhere(text: String) {
    #expect(read(octets("030307" + text)) == malformed(TCPOptions(windowScale: 7)))
  }

  @Test("any octets at any length are read to an end")
  func anything() {
    var numbers = Numbers(state: 5)
    for _ in 0..<5_000 {
      let source = numbers.octets(Int(numbers.next() % 41)).map { $0 % 12 }
      _ = read(source)
    }
  }
}
