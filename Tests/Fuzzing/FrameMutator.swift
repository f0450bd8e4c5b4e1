// Cases for FrameTarget: steps of the corpus, put together anew and changed where it hurts.

public struct FrameMutator {
  private var random: CounterRandom
  private let corpus: [[UInt8]]

  public init(random: CounterRandom, corpus: [[UInt8]]) {
    self.random = random
    self.corpus = corpus
  }

  /// One to twelve steps, most of them changed.
  public mutating func steps() -> [UInt8] {
    var made: [UInt8] = []
    for _ in 0...random.below(12) {
      let step = random.pick(Self.steps(of: random.pick(corpus)))
      guard step[0] < 2, step.count > 3 else {
        made += step
        continue
      }
      var frame = Array(step[3...])
      if random.chance(80) { change(&frame) }
      let kind = random.chance(10) ? step[0] | 0x80 : step[0]
      made += [kind, UInt8(frame.count >> 8), UInt8(frame.count & 255)] + frame
    }
    return made
  }

  private mutating func change(_ frame: inout [UInt8]) {
    for _ in 0...random.below(3) where !frame.isEmpty {
      switch random.below(6) {
      case 0: frame.removeLast(random.below(frame.count))
      case 1: frame += (0..<random.below(1600)).map { UInt8($0 & 255) }
      case 2, 3:
        // A field of a header: its ends, or one beside what it was.
        let place = min(12 + random.below(50), frame.count - 1)
        let near: [UInt8] = [0, 1, 0x7F, 0x80, 0xFF, frame[place] &+ 1, frame[place] &- 1]
        frame[place] = random.pick(near)
      case 4: frame[random.below(frame.count)] ^= 1 << UInt8(random.below(8))
      default:
        // Flags, offset and identification of a fragment.
        guard frame.count > 22 else { return }
        frame[20] = UInt8(random.pick([0, 0x20, 0x40, 0x3F]))
        frame[21] = UInt8(random.below(256))
      }
    }
    if frame.count > 2048 { frame.removeLast(frame.count - 2048) }
  }

  /// A case's steps, each with all its octets.
  public static func steps(of octets: [UInt8]) -> [[UInt8]] {
    var found: [[UInt8]] = []
    var place = 0
    while place < octets.count {
      var end = place + 1
      if (octets[place] & 0x7F) % 5 < 2 {
        guard place + 3 <= octets.count else { break }
        end = min(place + 3 + Int(octets[place + 1]) << 8 + Int(octets[place + 2]), octets.count)
      }
      found.append(Array(octets[place..<end]))
      place = end
    }
    return found.isEmpty ? [[2]] : found
  }
}
