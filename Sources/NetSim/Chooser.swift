// What the scheduler is free to choose, and who chooses.
//
// RTEMS settles every tie: equals run, wake and fire in the order in which they came. A system that
// is right only thanks to that order breaks with the next release or the next microsecond, so here
// another may be taken: of equally urgent ready tasks any; of equally urgent waiters for a lock, a
// queue or a buffer any (where first come, first served is the promise, of those that came in one
// moment); of a host's timers that are due in one moment any; and, so many times as the schedule
// allows, a task may lose the CPU to its equal between two steps of its own. More urgent ones are
// never passed over. Left out: frames that arrive in the very moment of a timer, and whom a policy
// chooses.
//
// The whole of it is a value in the simulation, so that a checkpoint holds how far a schedule is.

import NetStack

public struct Chooser: Sendable {
  /// How the choices of a run are made.
  public enum Strategy: Sendable {
    /// As a schedule says; what it does not say, or what is not there to be chosen, is the first.
    case schedule([UInt8])
    /// Each as likely as the next; of the chances to preempt a task one in 32 is taken.
    case drawn(RandomStream)
    /// PCT: whoever has the highest of random ranks; at some choices that one loses its own.
    case ranks(Ranks)
  }

  /// The one question that a run without choices is asked.
  private(set) var isOn = false
  private var strategy = Strategy.schedule([])
  /// What was chosen, and among how many.
  public private(set) var made: [UInt8] = []
  public private(set) var counts: [UInt8] = []
  public private(set) var preemptionsLeft = 0
  private var preemptions = 0
  /// How many choices were not the first.
  public private(set) var departures = 0

  init() {}

  init(_ strategy: Strategy, preemptions: Int) {
    isOn = true
    self.strategy = strategy
    self.preemptions = preemptions
    preemptionsLeft = preemptions
  }

  /// What was chosen so far.
  public var schedule: Schedule { Schedule(preemptions: preemptions, choices: made) }

  /// One of several, who are named by numbers: the first is whom RTEMS would take.
  mutating func choose(among candidates: [Int32]) -> Int {
    let count = min(candidates.count, Schedule.mostCandidates)
    guard count > 1, made.count < Schedule.mostChoices else { return 0 }
    let chosen: Int
    switch strategy {
    case .schedule(let digits):
      let digit = made.count < digits.count ? Int(digits[made.count]) : 0
      chosen = digit < count ? digit : 0
    case .drawn(var stream):
      chosen = Int(stream.next().multipliedFullWidth(by: UInt64(count)).high)
      strategy = .drawn(stream)
    case .ranks(var ranks):
      chosen = ranks.highest(of: candidates[..<count], atChoice: made.count)
      strategy = .ranks(ranks)
    }
    note(chosen, among: count)
    return chosen
  }

  /// Whether the running task, the first of them, loses the CPU, and to whom.
  mutating func preempt(_ candidates: [Int32]) -> Int {
    guard preemptionsLeft > 0 else { return 0 }
    if case .drawn(var stream) = strategy {
      let isTaken = stream.next() >> 59 == 0
      strategy = .drawn(stream)
      if !isTaken {
        note(0, among: min(candidates.count, Schedule.mostCandidates))
        return 0
      }
    }
    let chosen = choose(among: candidates)
    if chosen > 0 { preemptionsLeft -= 1 }
    return chosen
  }

  private mutating func note(_ chosen: Int, among count: Int) {
    if made.count == Schedule.mostChoices { return }
    made.append(UInt8(chosen))
    counts.append(UInt8(count))
    if chosen > 0 { departures += 1 }
  }

  /// Goes on by these digits, counted from the next choice on, and forgets what was chosen.
  mutating func follow(_ digits: [UInt8]) {
    strategy = .schedule(digits)
    made.removeAll()
    counts.removeAll()
  }
}

/// Random priorities and places where they change: Burckhardt, Kothari, Musuvathi, Nagarakatti, "A
/// randomized scheduler with probabilistic guarantees of finding bugs" (ASPLOS 2010). A bug that
/// needs d orderings among n tasks and k choices shows with a probability of 1/(n k^(d-1)) or more.
public struct Ranks: Sendable {
  /// Numbers and their ranks, as they came up; the highest goes first.
  private var ranks: [(candidate: Int32, rank: UInt64)] = []
  private var changes: [Int] = []
  private var stream: RandomStream
  /// Whoever loses its rank goes behind all, and behind those that lost theirs later.
  private var lowest: UInt64

  /// - Parameter choices: how many a run has, about.
  public init(_ stream: RandomStream, depth: Int, choices: Int) {
    self.stream = stream
    for _ in 1..<max(depth, 1) {
      let (place, _) = self.stream.next().multipliedFullWidth(by: UInt64(max(choices, 1)))
      changes.append(Int(place))
    }
    lowest = UInt64(max(depth, 1))
  }

  mutating func highest(of candidates: ArraySlice<Int32>, atChoice number: Int) -> Int {
    var chosen = place(candidates)
    // Two changes may fall on one choice.
    while let index = changes.firstIndex(of: number) {
      changes.remove(at: index)
      lowest -= 1
      for entry in ranks.indices where ranks[entry].candidate == candidates[chosen] {
        ranks[entry].rank = lowest
      }
      chosen = place(candidates)
    }
    return chosen
  }

  private mutating func place(_ candidates: ArraySlice<Int32>) -> Int {
    var best = 0
    for place in candidates.indices
    where rank(candidates[place]) > rank(candidates[best]) {
      best = place
    }
    return best
  }

  private mutating func rank(_ candidate: Int32) -> UInt64 {
    if let known = ranks.first(where: { $0.candidate == candidate }) { return known.rank }
    // Above all that the changes give.
    let rank = stream.next() | 1 << 63
    ranks.append((candidate, rank))
    return rank
  }
}
