// The frame hash: the same everywhere, different for every small difference.

import Testing
import Wire

@Suite("Frame hash")
struct FrameHashTests {
  private func hash(_ octets: [UInt8], seed: UInt64 = 0) -> UInt64 {
    octets.withUnsafeBytes { FrameHash.of($0, seed: seed) }
  }

  /// Recorded digests contain these values; a change here is a change of every digest.
  @Test("known octets keep their hash")
  func known() {
    let counting = (0..<1_514).map { UInt8(truncatingIfNeeded: $0) }
    #expect(hash([]) == 0x476B_A3E1_E22A_8C4B)
    #expect(hash([0]) == 0x01A2_7428_9A78_3336)
    #expect(hash(Array(counting.prefix(60))) == 0x424F_E95E_222E_8AD3)
    #expect(hash(counting) == 0xE1B0_4DAC_70B0_0587)
    #expect(hash(counting, seed: 1) == 0xE399_7654_359E_14FF)
  }

  @Test("every single bit of a frame changes the hash")
  func everyBit() {
    for count in [1, 7, 8, 9, 15, 16, 17, 47, 48, 49, 60, 96, 100] {
      var numbers = Numbers(state: UInt64(count))
      var frame = numbers.octets(count)
      var seen: Set<UInt64> = [hash(frame)]
      for bit in 0..<count * 8 {
        frame[bit / 8] ^= 1 << (bit % 8)
        #expect(seen.insert(hash(frame)).inserted, "bit \(bit) of \(count) octets")
        frame[bit / 8] ^= 1 << (bit % 8)
      }
    }
  }

  @Test("frames of nothing but zeros differ by their length")
  func zeros() {
    let hashes = (0...200).map { hash([UInt8](repeating: 0, count: $0)) }
    #expect(Set(hashes).count == hashes.count)
  }

  @Test("the place in memory does not matter")
  func placement() {
    var numbers = Numbers(state: 9)
    let frame = numbers.octets(133)
    for start in 0..<16 {
      let moved = [UInt8](repeating: 7, count: start) + frame + [9, 9]
      let value = moved.withUnsafeBytes {
        FrameHash.of(UnsafeRawBufferPointer(rebasing: $0[start..<start + frame.count]))
      }
      #expect(value == hash(frame))
    }
  }

  @Test("a changed bit changes about half of the hash's bits")
  func avalanche() {
    var numbers = Numbers(state: 11)
    var frame = numbers.octets(60)
    let before = hash(frame)
    var changed = 0
    for bit in 0..<480 {
      frame[bit / 8] ^= 1 << (bit % 8)
      changed += (hash(frame) ^ before).nonzeroBitCount
      frame[bit / 8] ^= 1 << (bit % 8)
    }
    #expect((28.0...36.0).contains(Double(changed) / 480))
  }
}
