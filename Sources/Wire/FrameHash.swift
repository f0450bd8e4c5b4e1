// A 64-bit hash of a frame's octets: how a frame enters the trace's digest.
//
// Each step multiplies two 64-bit words to 128 bits and folds the halves, three lanes at a time so
// that the multiplier is never waited for. Words are read little-endian, so the result is the same
// on every machine. It guards against accidents, not against an adversary; a CRC-32 costs five
// times as much. The results are part of recorded digests: changing a constant changes every one
// of them.

/// The hash, and the mixing step it is made of.
public enum FrameHash {
  // The first 192 bits of the fractional part of pi, made odd.
  @inlinable static var key0: UInt64 { 0x243F_6A88_85A3_08D3 }
  @inlinable static var key1: UInt64 { 0x1319_8A2E_0370_7345 }
  @inlinable static var key2: UInt64 { 0xA409_3822_299F_31D1 }

  /// Multiplies to 128 bits and folds the two halves: one step of mixing.
  @inlinable @inline(__always)
  public static func mix(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = left.multipliedFullWidth(by: right)
    return product.high ^ product.low
  }

  /// The hash of the octets. Equal octets give equal hashes on every platform and in every build.
  @inlinable
  public static func of(_ octets: UnsafeRawBufferPointer, seed: UInt64 = 0) -> UInt64 {
    let first = seed ^ key0
    guard let base = octets.baseAddress, octets.count > 0 else {
      return finish(first, count: 0)
    }
    var lanes = Lanes(first)
    let blocks = octets.count / block &* block
    lanes.take(base, blocks)
    return rest(blocks > 0 ? lanes.joined : first, base, blocks, octets.count, octets.count)
  }

  /// The octets of a block.
  @inlinable public static var block: Int { 48 }

  /// The same of octets that lie in two places: whole blocks, and then at least one more.
  @inlinable
  public static func of(
    blocks head: UnsafeRawBufferPointer, then tail: UnsafeRawBufferPointer
  ) -> UInt64 {
    precondition(head.count % block == 0 && tail.count >= block, "octets are not in whole blocks")
    guard let front = head.baseAddress, let base = tail.baseAddress else { return of(tail) }
    var lanes = Lanes(key0)
    lanes.take(front, head.count)
    let blocks = tail.count / block &* block
    lanes.take(base, blocks)
    return rest(lanes.joined, base, blocks, tail.count, head.count &+ tail.count)
  }

  /// Three words that the blocks are mixed into.
  @usableFromInline struct Lanes {
    @usableFromInline var lane0: UInt64
    @usableFromInline var lane1: UInt64
    @usableFromInline var lane2: UInt64

    @inlinable @inline(__always)
    init(_ first: UInt64) { (lane0, lane1, lane2) = (first, first, first) }

    @inlinable @inline(__always)
    mutating func take(_ base: UnsafeRawPointer, _ count: Int) {
      var piece = base
      let end = base + count
      // The lane comes first: so it needs not be moved to where the machine multiplies.
      while piece < end {
        lane0 = mix(word(piece, 8) ^ lane0, word(piece, 0) ^ key0)
        lane1 = mix(word(piece, 24) ^ lane1, word(piece, 16) ^ key1)
        lane2 = mix(word(piece, 40) ^ lane2, word(piece, 32) ^ key2)
        piece += 48
      }
    }

    @inlinable @inline(__always)
    var joined: UInt64 { lane0 ^ mix(lane1 ^ key1, lane2 ^ key2) }
  }

  /// What fills no block, from `start` to `end`, of `count` octets in all.
  @inlinable @inline(__always)
  static func rest(
    _ first: UInt64, _ base: UnsafeRawPointer, _ start: Int, _ end: Int, _ count: Int
  ) -> UInt64 {
    var lane = first
    var offset = start
    while offset &+ 16 <= end {
      lane = mix(word(base, offset) ^ key0, word(base, offset &+ 8) ^ lane)
      offset &+= 16
    }
    if offset < end {
      let rest = end &- offset
      let first = rest < 8 ? lastWord(base, end, rest) : word(base, offset)
      let second = rest > 8 ? lastWord(base, end, rest &- 8) : 0
      lane = mix(first ^ key1, second ^ lane)
    }
    return finish(lane, count: count)
  }

  /// Lets the length in, so that trailing zeros count, and spreads the last step over all bits.
  @inlinable @inline(__always)
  static func finish(_ lane: UInt64, count: Int) -> UInt64 {
    mix(lane ^ key2, mix(UInt64(truncatingIfNeeded: count) ^ key1, lane ^ key0) ^ key2)
  }

  @inlinable @inline(__always)
  static func word(_ base: UnsafeRawPointer, _ offset: Int) -> UInt64 {
    UInt64(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  /// The last `rest` of `count` octets, 1...8, as a little-endian word with zeros on top.
  @inlinable @inline(__always)
  static func lastWord(_ base: UnsafeRawPointer, _ count: Int, _ rest: Int) -> UInt64 {
    if count >= 8 { return word(base, count &- 8) &>> UInt64((8 &- rest) &* 8) }
    var value: UInt64 = 0
    var index = count
    while index > count &- rest {
      index &-= 1
      value = value &<< 8 | UInt64(base.octet(at: index))
    }
    return value
  }
}
