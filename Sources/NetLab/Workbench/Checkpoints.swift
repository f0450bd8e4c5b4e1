// Moments that were kept, to go back from: dense near the present, ever thinner behind it.
//
// Each is good for every journal that begins as the one did on which it was taken.

import NetSim

/// A moment that was kept.
struct Kept {
  /// The number of the last entry that was complete.
  var after: Int
  /// The origin of the entry that was under way.
  var inside: Int?
  var moment: Moment
  var checkpoint: BenchCheckpoint
  var waiting: Waiting

  /// Before everything.
  var isFirst: Bool { after == 0 && inside == nil }
}

struct Checkpoints {
  /// Beside the first, which stays.
  static let limit = 40
  /// Events that are done again in much less than the ten milliseconds that a step may take.
  static let stepReach: Int64 = 2_000
  /// Events to the next one on the way: some milliseconds of work, and ever fewer before an event
  /// that somebody wants to see, because he may want the one before it next.
  static func stride(before last: Int64, from event: Int64) -> Int64 {
    let rest = last - event
    if rest > 30_000 { return 20_000 }
    return rest > 64 ? rest / 4 * 3 : rest + 1
  }

  private(set) var kept: [Kept] = []

  func has(after: Int, _ inside: Int?, _ moment: Moment) -> Bool {
    kept.contains { $0.after == after && $0.inside == inside && $0.moment == moment }
  }

  /// The last event before this one behind which a moment was kept.
  func last(before event: Int64) -> Int64 {
    kept.reduce(0) { $1.moment.event < event ? max($0, $1.moment.event) : $0 }
  }

  mutating func add(_ one: Kept) {
    kept.append(one)
    if kept.count > Self.limit { thin(from: one.moment.event) }
  }

  /// Takes out the one whose neighbours are nearest, in proportion to their distance from here.
  private mutating func thin(from event: Int64) {
    let order = kept.indices.sorted { kept[$0].moment.event < kept[$1].moment.event }
    var victim = order[1]
    var least = Double.infinity
    for place in 1..<order.count - 1 where order[place] != kept.count - 1 {
      let gap = kept[order[place + 1]].moment.event - kept[order[place - 1]].moment.event
      let worth = Double(gap) / Double(abs(event - kept[order[place]].moment.event) + 1)
      if worth < least { (victim, least) = (order[place], worth) }
    }
    kept.remove(at: victim)
  }

  /// The last one on the way that a journal describes, and how many of its entries are complete
  /// there.
  ///
  /// - Parameters:
  ///   - cut: the point of its last entry that is meant, if not the end.
  ///   - event: it must lie before this one, if there is such a moment besides the first.
  func nearest(
    to journal: Journal, before cut: Destination?, below event: Int64 = .max
  ) -> (kept: Kept, complete: Int) {
    var places: [Int: Int] = [0: 0]
    for (place, entry) in journal.entries.enumerated() { places[entry.number] = place + 1 }
    var best: (kept: Kept, complete: Int)?
    for one in kept {
      guard let complete = places[one.after] else { continue }
      if one.moment.event >= event && !one.isFirst { continue }
      if cut != nil && complete == journal.entries.count { continue }
      if let inside = one.inside {
        guard complete < journal.entries.count else { continue }
        let entry = journal.entries[complete]
        guard entry.origin == inside, one.moment.event < entry.end.event else { continue }
        let isLast = complete == journal.entries.count - 1
        if isLast, let cut, !cut.admits(one.moment) { continue }
      }
      if let best, (best.complete, best.kept.moment.event) > (complete, one.moment.event) {
        continue
      }
      best = (one, complete)
    }
    guard let best else { preconditionFailure("the first moment was not kept") }
    return best
  }
}
