// The Internet checksum against known packets and against the definition, octet by octet.

import Testing
import Wire

@Suite("Internet checksum")
struct InternetChecksumTests {
  /// RFC 1071 §1, written as it reads: pairs of octets, carries added back.
  private func byDefinition(_ octets: [UInt8]) -> UInt16 {
    var sum: UInt32 = 0
    for index in stride(from: 0, to: octets.count, by: 2) {
      let second = index + 1 < octets.count ? UInt32(octets[index + 1]) : 0
      sum += UInt32(octets[index]) << 8 | second
      sum = (sum & 0xFFFF) + (sum >> 16)
    }
    return ~UInt16(sum)
  }

  private func checksum(_ octets: [UInt8]) -> UInt16 {
    octets.withUnsafeBytes { InternetChecksum.of($0) }
  }

  @Test("the example of RFC 1071 sums to ddf2")
  func exampleOfTheStandard() {
    #expect(checksum(octets("0001 f203 f4f5 f6f7")) == ~0xDDF2)
  }

  @Test("a known IPv4 header has the checksum b861 and is sound with it")
  func knownHeader() {
    let without = octets("4500 0073 0000 4000 4011 0000 c0a8 0001 c0a8 00c7")
    #expect(checksum(without) == 0xB861)
    var check = InternetChecksum()
    octets("4500 0073 0000 4000 4011 b861 c0a8 0001 c0a8 00c7").withUnsafeBytes { check.add($0) }
    #expect(check.isSound)
  }

  @Test("every length up to 200 at every alignment gives what the definition gives")
  func everyLength() {
    var numbers = Numbers(state: 1)
    let source = numbers.octets(216)
    for count in 0...200 {
      for start in 0..<16 {
        let piece = Array(source[start..<start + count])
        let sum = source.withUnsafeBytes {
          InternetChecksum.of(UnsafeRawBufferPointer(rebasing: $0[start..<start + count]))
        }
        #expect(sum == byDefinition(piece), "\(count) octets from \(start)")
      }
    }
  }

  @Test("pieces cut anywhere sum to the whole, odd ones included")
  func pieces() {
    var numbers = Numbers(state: 2)
    let source = numbers.octets(61)
    let whole = byDefinition(source)
    for first in 0...61 {
      for second in first...61 {
        var sum = InternetChecksum()
        source.withUnsafeBytes {
          sum.add(UnsafeRawBufferPointer(rebasing: $0[..<first]))
          sum.add(UnsafeRawBufferPointer(rebasing: $0[first..<second]))
          sum.add(UnsafeRawBufferPointer(rebasing: $0[second...]))
        }
        #expect(sum.value == whole, "cut at \(first) and \(second)")
      }
    }
  }

  @Test("all ones and all zeros keep their carries")
  func extremes() {
    for count in [0, 1, 2, 3, 7, 8, 9, 1_460, 65_535] {
      for value in [UInt8(0), 0xFF] {
        let source = [UInt8](repeating: value, count: count)
        #expect(checksum(source) == byDefinition(source), "\(count) octets of \(value)")
      }
    }
  }

  @Test("words given one by one count like the same octets")
  func words() {
    var sum = InternetChecksum()
    sum.add(word: 0xF203)
    sum.add(word: 0xFFFE)
    #expect(sum.value == byDefinition(octets("f203 fffe")))
  }

  @Test("the pseudo-header counts like its twelve octets")
  func pseudoHeader() {
    var sum = InternetChecksum()
    sum.addPseudoHeader(
      source: IPv4Address(152, 1, 51, 27), destination: IPv4Address(152, 14, 94, 75),
      protocol: IPProtocol.udp, length: 10)
    #expect(sum.value == byDefinition(octets("9801 331b 980e 5e4b 0011 000a")))
    // A datagram computed by hand in many courses: port 41,103 to 9,876, two octets of data.
    octets("a08f 2694 000a 0000 6262").withUnsafeBytes { sum.add($0) }
    #expect(sum.folded == 0xEB21 && sum.value == 0x14DE)
  }
}
