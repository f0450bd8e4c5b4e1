// Captures read: both formats, both byte orders, every unit of time; and files that lie.

import Testing
import Wire

/// Octets of a file under construction, in one byte order.
struct CaptureBuilder {
  var isBig = false
  var octets: [UInt8] = []

  mutating func word(_ value: UInt32) {
    for step in 0..<4 { octets.append(UInt8(value >> UInt32(8 * (isBig ? 3 - step : step)) & 255)) }
  }

  mutating func half(_ value: UInt16) {
    octets +=
      isBig
      ? [UInt8(value >> 8), UInt8(value & 255)] : [UInt8(value & 255), UInt8(value >> 8)]
  }

  static func frame(_ fill: UInt8, _ count: Int = 60) -> [UInt8] {
    [UInt8](repeating: fill, count: count)
  }

  /// A pcap of frames at these seconds and fractions.
  static func pcap(
    _ magic: UInt32, isBig: Bool, _ times: [(UInt32, UInt32)], link: UInt32 = 1
  ) -> [UInt8] {
    var file = CaptureBuilder(isBig: isBig)
    file.word(magic)
    file.half(2)
    file.half(4)
    for value in [0, 0, 65535, link] as [UInt32] { file.word(value) }
    for (index, time) in times.enumerated() {
      for value in [time.0, time.1, 60, 60] { file.word(value) }
      file.octets += frame(UInt8(index))
    }
    return file.octets
  }

  /// A pcapng with one interface of this if_tsresol, and frames at these ticks.
  static func pcapng(isBig: Bool, resolution: UInt8, _ ticks: [UInt64]) -> [UInt8] {
    var file = CaptureBuilder(isBig: isBig)
    for value in [0x0A0D_0D0A, 28, 0x1A2B_3C4D] as [UInt32] { file.word(value) }
    file.half(1)
    file.half(0)
    for value in [0xFFFF_FFFF, 0xFFFF_FFFF, 28] as [UInt32] { file.word(value) }
    for value in [1, 32] as [UInt32] { file.word(value) }
    file.half(1)
    file.half(0)
    file.word(0)
    file.half(9)
    file.half(1)
    file.octets += [resolution, 0, 0, 0]
    for value in [0, 32] as [UInt32] { file.word(value) }
    for (index, tick) in ticks.enumerated() {
      let words: [UInt32] = [6, 92, 0, UInt32(tick >> 32), UInt32(tick & 0xFFFF_FFFF), 60, 60]
      for value in words { file.word(value) }
      file.octets += frame(UInt8(index))
      file.word(92)
    }
    return file.octets
  }
}

@Suite("Captures read")
struct CaptureFileTests {
  private func times(_ octets: [UInt8]) throws -> [Int64] {
    let file = try CaptureFile(reading: octets)
    for (index, frame) in file.frames.enumerated() {
      #expect(octets[frame.octets].allSatisfy { $0 == UInt8(index) } && frame.octets.count == 60)
    }
    return file.frames.map { $0.nanoseconds }
  }

  @Test("pcap in microseconds and nanoseconds", arguments: [false, true])
  func pcap(isBig: Bool) throws {
    let stamps: [(UInt32, UInt32)] = [(1000, 5), (1000, 9), (1002, 0)]
    #expect(
      try times(CaptureBuilder.pcap(0xA1B2_C3D4, isBig: isBig, stamps))
        == [0, 4_000, 1_999_995_000])
    #expect(
      try times(CaptureBuilder.pcap(0xA1B2_3C4D, isBig: isBig, stamps)) == [0, 4, 1_999_999_995])
  }

  @Test("pcapng in powers of ten and of two", arguments: [false, true])
  func pcapng(isBig: Bool) throws {
    func read(_ resolution: UInt8, _ ticks: [UInt64]) throws -> [Int64] {
      try times(CaptureBuilder.pcapng(isBig: isBig, resolution: resolution, ticks))
    }
    #expect(try read(6, [10, 12]) == [0, 2_000])
    #expect(try read(9, [1 << 40, (1 << 40) + 3]) == [0, 3])
    #expect(try read(12, [5_000, 9_000]) == [0, 4])
    #expect(try read(0x80 | 10, [1024, 1536]) == [0, 500_000_000])
    #expect(try read(0x80, [3, 4]) == [0, 1_000_000_000])
  }

  @Test("what our own writer wrote reads the same")
  func ownWriter() throws {
    var writer = PcapngWriter(application: "test")
    let interface = writer.addInterface(name: "a.eth0")
    for (index, at) in [5, 7, 1_000_000].enumerated() {
      CaptureBuilder.frame(UInt8(index)).withUnsafeBytes {
        writer.add($0, nanoseconds: UInt64(at), interface: interface, comment: "c")
      }
    }
    #expect(try times(writer.octets) == [0, 2, 999_995])
  }

  @Test("a file cut short anywhere, or with any octet changed, is read or refused, never trusted")
  func damaged() {
    let files = [
      CaptureBuilder.pcap(0xA1B2_C3D4, isBig: false, [(1, 2), (3, 4)]),
      CaptureBuilder.pcapng(isBig: true, resolution: 9, [1, 2]),
    ]
    for file in files {
      for count in file.indices { _ = try? CaptureFile(reading: Array(file[..<count])) }
      for place in file.indices {
        for value: UInt8 in [0, 1, 0x7F, 0x80, 0xFF] {
          var other = file
          other[place] = value
          guard let read = try? CaptureFile(reading: other) else { continue }
          #expect(read.frames.allSatisfy { $0.nanoseconds >= 0 && $0.octets.upperBound <= 244 })
        }
      }
    }
  }

  @Test("what is wrong is said")
  func mistakes() {
    func mistake(_ octets: [UInt8]) -> String {
      do throws(CaptureFile.Mistake) {
        _ = try CaptureFile(reading: octets)
        return ""
      } catch {
        return error.text
      }
    }
    #expect(mistake([1, 2]) == "it has 2 octets: too few for any capture")
    #expect(
      mistake([UInt8](repeating: 7, count: 99)) == "it begins neither as pcap nor as pcapng does")
    let good = CaptureBuilder.pcap(0xA1B2_C3D4, isBig: false, [(1, 2)])
    #expect(mistake(Array(good.dropLast())) == "it ends inside frame 1")
    #expect(
      mistake(CaptureBuilder.pcap(0xA1B2_C3D4, isBig: false, [], link: 105))
        == "its link type is 105, and only Ethernet (1) can be replayed")
  }
}
