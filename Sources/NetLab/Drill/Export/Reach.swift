// How far a connection's incoming stream has come, segment by segment: which octets a read can have
// had, and when.

import NetStack
import Wire

struct Reach {
  /// Octets without a gap behind each segment that brought some, in order.
  private var steps: [(stamp: Stamp, octets: Int)] = []
  /// The peer's FIN, once all before it is there.
  private(set) var end: Stamp?

  init(_ witness: Witness, _ number: Int) {
    let connection = witness.connections[number]
    guard let start = connection.remoteStart else { return }
    var (reach, islands, last) = (0, [] as [Range<Int>], Int.max)
    var (edge, scale) = (Int.max, 0)
    for segment in Reach.inOrder(witness, number) {
      let header = segment.header
      if !segment.isInbound {
        // What lies beyond the window is refused.
        if header.flags.contains(.syn) { scale = Reach.scale(segment) }
        guard header.flags.contains(.ack) else { continue }
        let window = Int(header.window) << (header.flags.contains(.syn) ? 0 : scale)
        let promised = header.acknowledgment - start - 1 + window
        edge = edge == .max ? promised : max(edge, promised)
        continue
      }
      var first = header.sequence - (start + 1 + reach) + reach
      if header.flags.contains(.syn) { first += 1 }
      if header.flags.contains(.fin) { last = first + Int(segment.octets) }
      let behind = min(first + Int(segment.octets), edge)
      if behind > first { islands.append(first..<behind) }
      let before = reach
      while let next = islands.firstIndex(where: { $0.lowerBound <= reach }) {
        reach = max(reach, islands[next].upperBound)
        islands.remove(at: next)
      }
      if reach > before { steps.append((segment.stamp, reach)) }
      if reach >= last && end == nil { end = segment.stamp }
    }
  }

  /// Octets that had come before a place in the run.
  func octets(at order: Int) -> Int { steps.last { $0.stamp.order < order }?.octets ?? 0 }

  /// The segment with which so many were there.
  func arrival(of octets: Int) -> Stamp? { steps.first { $0.octets >= octets }?.stamp }

  private static func inOrder(_ witness: Witness, _ number: Int) -> [WitnessedSegment] {
    witness.segments
      .filter { $0.connection == number && (!$0.isInbound || $0.handled != nil) }
      .sorted { $0.stamp.order < $1.stamp.order }
  }

  /// Ours; it counts only if the peer has offered one as well, and it is 0 then, too, when not.
  private static func scale(_ segment: WitnessedSegment) -> Int {
    segment.options.withUnsafeBytes { Int(TCPOptions(reading: $0).windowScale ?? 0) }
  }
}
