// Random numbers for tests: the n-th draw of a seed is a function of both, so that a failure can be
// had again from what its message names.

public struct CounterRandom: Sendable {
  public let seed: UInt64
  public private(set) var counter: UInt64 = 0

  public init(seed: UInt64) {
    self.seed = seed
  }

  /// SplitMix64's mixing function over seed and counter.
  public mutating func next() -> UInt64 {
    counter += 1
    var mixed = seed &* 0xD120_0000_0000_0B4D &+ counter &* 0x9E37_79B9_7F4A_7C15
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  public mutating func below(_ limit: Int) -> Int { Int(next() >> 33) % limit }

  public mutating func chance(_ percent: Int) -> Bool { below(100) < percent }

  public mutating func pick<Element>(_ choices: [Element]) -> Element {
    choices[below(choices.count)]
  }
}
