// Randomness: one counter-based stream for each (seed, path, purpose).
//
// A draw is a function of the stream's key and of its counter, so a new draw in one place never
// shifts another. The mixing is SplitMix64's finaliser, twice.

import NetStack

public struct RandomStream: Sendable {
  private let key: UInt64
  private var counter: UInt64 = 0

  public init(seed: UInt64, path: String, purpose: String) {
    var key = Self.mix(seed &+ 0x9E37_79B9_7F4A_7C15)
    for octet in path.utf8 { key = Self.mix(key ^ UInt64(octet)) }
    key = Self.mix(key ^ 0x100)
    for octet in purpose.utf8 { key = Self.mix(key ^ UInt64(octet)) }
    self.key = key
  }

  /// 64 uniform bits.
  public mutating func next() -> UInt64 {
    counter &+= 1
    return Self.mix(Self.mix(key &+ counter &* 0x9E37_79B9_7F4A_7C15))
  }

  public func addState(to hash: inout StateHash) { hash.add(key, counter) }

  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }
}
