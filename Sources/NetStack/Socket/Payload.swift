// What programs write: a pattern that tells each octet's place in its stream, so that a reader can
// see whether the stack lost, doubled or damaged anything.

import Wire

public enum Payload {
  /// A prime, so that the pattern and any power-of-two size of ours do not stay in step.
  static var period: Int { 251 }

  /// What the largest buffer of a usual host holds, one of 9 KiB.
  static var most: Int { 9216 }

  /// In place of an octet of the pattern: nothing but zeros.
  public static var zeros: Int16 { -2 }

  /// The pattern, long enough to read a buffer from any of its phases, and behind it as many zeros.
  /// Never freed: what nobody has written is read from here.
  nonisolated(unsafe) private static let table: UnsafePointer<UInt8> = {
    let table = UnsafeMutablePointer<UInt8>.allocate(capacity: tableOctets + most + 8)
    for index in 0..<tableOctets { (table + index).initialize(to: UInt8(index % period)) }
    (table + tableOctets).initialize(repeating: 0, count: most + 8)
    return UnsafePointer(table)
  }()

  private static var tableOctets: Int { period + most + 8 }

  /// The checksum's sum of so many octets from the table's beginning: that of any piece is the
  /// difference of two.
  private static let sums: [UInt16] = {
    var checksum = InternetChecksum()
    var sums: [UInt16] = [0]
    for index in 0..<tableOctets {
      checksum.add(UnsafeRawBufferPointer(start: table + index, count: 1))
      sums.append(checksum.folded)
    }
    return sums
  }()

  /// What `InternetChecksum` finds in `count` octets, at most `most`, that begin so far behind the
  /// one that `pattern` says.
  @inline(__always)
  static func sum(count: Int, _ pattern: Int16, from distance: Int) -> UInt16 {
    if pattern < 0 { return 0 }
    let start = (Int(pattern) &+ distance) % period
    let difference = UInt32(sums[start + count]) &+ UInt32(~sums[start])
    let folded = UInt16(truncatingIfNeeded: difference &+ difference >> 16)
    // In a piece that begins in the middle of a word, all octets are in the other half of theirs.
    return start & 1 == 0 ? folded : folded.byteSwapped
  }

  // MARK: places

  /// The octet of the pattern that stands at `offset` of a stream.
  @inline(__always)
  static func pattern(at offset: Int64) -> Int16 {
    Int16(truncatingIfNeeded: offset % Int64(period))
  }

  /// The one that stands so far behind it.
  @inline(__always)
  static func pattern(_ pattern: Int16, from distance: Int) -> Int16 {
    pattern < 0 ? pattern : Int16(truncatingIfNeeded: (Int(pattern) &+ distance) % period)
  }

  /// Which would stand so far in front of the one at `offset`.
  @inline(__always)
  static func pattern(_ pattern: Int16, before distance: Int32, at offset: Int32) -> Int16 {
    self.pattern(pattern, from: Int(offset) &+ period &* 8 &- Int(distance))
  }

  /// At most `most` octets from there on.
  @inline(__always)
  static func octets(_ pattern: Int16, from distance: Int) -> UnsafeRawPointer {
    if pattern < 0 { return UnsafeRawPointer(table + tableOctets) }
    return UnsafeRawPointer(table + Int(self.pattern(pattern, from: distance)))
  }

  // MARK: octets

  /// Fills `count` octets as they stand at `offset` of the stream.
  static func fill(_ target: UnsafeMutableRawPointer, count: Int, at offset: Int64) {
    if count > most { return fillPieces(target, count: count, at: offset) }
    fill(target, pattern(at: offset), from: 0, count: count)
  }

  /// Fills at most `most` octets, which stand so far behind the one that `pattern` says.
  public static func fill(
    _ target: UnsafeMutableRawPointer, _ pattern: Int16, from distance: Int, count: Int
  ) {
    target.copyMemory(from: octets(pattern, from: distance), byteCount: count)
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

  /// Puts together octets of which only the first have been written.
  public static func withWhole<Result>(
    _ start: UnsafeRawPointer, written: Int, count: Int, _ pattern: Int16,
    _ body: (UnsafeRawBufferPointer) -> Result
  ) -> Result {
    withUnsafeTemporaryAllocation(byteCount: count, alignment: 16) { whole in
      if let base = whole.baseAddress {
        base.copyMemory(from: start, byteCount: written)
        fill(base + written, pattern, from: written, count: count - written)
      }
      return body(UnsafeRawBufferPointer(whole))
    }
  }

  /// `FrameHash` of octets of which only the first have been written, read where they are.
  public static func hash(
    _ start: UnsafeRawPointer, written: Int, count: Int, _ pattern: Int16
  ) -> UInt64 {
    let head = (written &+ FrameHash.block &- 1) / FrameHash.block &* FrameHash.block
    if head > headOctets || count &- head < FrameHash.block {
      return withWhole(start, written: written, count: count, pattern) { FrameHash.of($0) }
    }
    return withUnsafeTemporaryAllocation(byteCount: headOctets, alignment: 16) { memory in
      guard let base = memory.baseAddress else { return 0 }
      base.copyMemory(from: start, byteCount: written)
      fill(base + written, pattern, from: written, count: head &- written)
      return FrameHash.of(
        blocks: UnsafeRawBufferPointer(start: base, count: head),
        then: UnsafeRawBufferPointer(start: octets(pattern, from: head), count: count &- head))
    }
  }

  /// Blocks that the headers of most frames fit in.
  private static var headOctets: Int { 144 }

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
    let start = self.octets(pattern(at: offset), from: 0)
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
