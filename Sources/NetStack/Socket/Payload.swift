// What programs write: a pattern that tells each octet's place in its stream, so that a reader can
// see whether the stack lost, doubled or damaged anything.

import Wire

enum Payload {
  /// A prime, so that the pattern and any power-of-two size of ours do not stay in step.
  static let period = 251

  /// What the largest buffer of a usual host holds, one of 9 KiB.
  static var most: Int { 9216 }

  /// The pattern, long enough to copy a buffer from any of its phases.
  static let table: [UInt8] = (0..<(period + most + 8)).map { UInt8($0 % period) }

  /// The checksum's sum of so many octets from the table's beginning: that of any piece is the
  /// difference of two.
  private static let sums: [UInt16] = {
    var checksum = InternetChecksum()
    var sums: [UInt16] = [0]
    for octet in table {
      withUnsafeBytes(of: octet) { checksum.add($0) }
      sums.append(checksum.folded)
    }
    return sums
  }()

  /// What `InternetChecksum` finds in `count` octets, at most `most`, that begin at this place of
  /// the pattern.
  @inline(__always)
  static func sum(count: Int, at place: Int) -> UInt16 {
    let start = place % period
    let difference = UInt32(sums[start + count]) &+ UInt32(~sums[start])
    let folded = UInt16(truncatingIfNeeded: difference &+ difference >> 16)
    // In a piece that begins in the middle of a word, all octets are in the other half of theirs.
    return start & 1 == 0 ? folded : folded.byteSwapped
  }

  /// Fills `count` octets as they stand at `offset` of the stream.
  static func fill(_ target: UnsafeMutableRawPointer, count: Int, at offset: Int64) {
    if count > most { return fillPieces(target, count: count, at: offset) }
    table.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      target.copyMemory(from: base + Int(offset % Int64(period)), byteCount: count)
    }
  }

  /// A class of buffers may be as large as somebody likes.
  @inline(never)
  private static func fillPieces(
    _ target: UnsafeMutableRawPointer, count: Int, at offset: Int64
  ) {
    var done = 0
    while done < count {
      let piece = min(most, count - done)
      fill(target + done, count: piece, at: offset + Int64(done))
      done += piece
    }
  }

  @inline(never)
  private static func damageOfPieces(
    _ octets: UnsafeRawBufferPointer, at offset: Int64
  ) -> Int64 {
    var damaged: Int64 = 0
    var done = 0
    while done < octets.count {
      let end = min(done + most, octets.count)
      damaged += damage(
        UnsafeRawBufferPointer(rebasing: octets[done..<end]), at: offset + Int64(done))
      done = end
    }
    return damaged
  }

  /// How many of `octets` differ from the pattern at `offset`.
  static func damage(_ octets: UnsafeRawBufferPointer, at offset: Int64) -> Int64 {
    guard let base = octets.baseAddress else { return 0 }
    if octets.count > most { return damageOfPieces(octets, at: offset) }
    return table.withUnsafeBytes { bytes in
      guard let pattern = bytes.baseAddress else { return 0 }
      let start = pattern + Int(offset % Int64(period))
      var index = 0
      var difference: UInt64 = 0
      var differences = SIMD8<UInt64>.zero
      while index &+ 64 <= octets.count {
        differences |=
          base.loadUnaligned(fromByteOffset: index, as: SIMD8<UInt64>.self)
          ^ start.loadUnaligned(fromByteOffset: index, as: SIMD8<UInt64>.self)
        index &+= 64
      }
      while index &+ 8 <= octets.count {
        difference |=
          base.loadUnaligned(fromByteOffset: index, as: UInt64.self)
          ^ start.loadUnaligned(fromByteOffset: index, as: UInt64.self)
        index &+= 8
      }
      for lane in differences.indices { difference |= differences[lane] }
      if difference != 0 { index = 0 }
      var damaged: Int64 = 0
      while index < octets.count {
        let isEqual =
          base.load(fromByteOffset: index, as: UInt8.self)
          == start.load(fromByteOffset: index, as: UInt8.self)
        if !isEqual { damaged += 1 }
        index &+= 1
      }
      return damaged
    }
  }
}
