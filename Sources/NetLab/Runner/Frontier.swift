// The least or greatest value with which something holds for every seed, found by asking for as
// few runs as can be. Nothing runs here.
//
// The search is written as if every answer were there. Where one is missing it notes what to ask,
// as much as there are cores for, and gives up; once that has been told it begins again and comes
// further. What is known is never asked twice.
//
// Inside, values are places in the direction in which the property comes to hold: the least place
// is looked for, and a greatest value is the least of the negated ones.

import NetScript

public struct Frontier: Sendable {
  /// Does it hold with this value and this seed?
  public struct Query: Hashable, Sendable {
    public var value: Int64
    public var seed: UInt64

    public init(value: Int64, seed: UInt64) {
      self.value = value
      self.seed = seed
    }
  }

  public struct Answer: Equatable, Sendable {
    /// It holds here with every seed, and so it does at each value tried on the far side; nil when
    /// it fails up to the end of the range.
    public var value: Int64?
    /// It fails one step before; of no value, at the end. Nil where the range begins.
    public var failure: Query?
    /// Before the value: all the same it holds here with every seed.
    public var exceptions: [Int64] = []
    /// There may be more exceptions.
    public var hasMore = false
    /// Beyond the value: here it fails, and the search was left.
    public var beyond: Query?
    /// What was tried on either side, in order.
    public var triedBefore: [Int64] = []
    public var triedBeyond: [Int64] = []

    public init() {}

    public var isMonotone: Bool { exceptions.isEmpty && beyond == nil }
  }

  /// Thrown where an answer is missing.
  struct Unknown: Error {}

  let goal: SearchQuestion.Goal
  let seeds: [UInt64]
  /// Where it begins.
  let start: Int64
  /// Runs that go on at the same time.
  let width: Int
  let range: ClosedRange<Int64>
  private var replies: [Query: Bool] = [:]
  /// By seed: the least place at which it held, and the greatest at which it failed.
  private var leastHeld: [UInt64: Int64] = [:]
  private var greatestFailed: [UInt64: Int64] = [:]
  var wanted: [Query] = []
  /// Where every seed seen so far holds; see `standing`.
  var candidate: Int64?
  public private(set) var answer: Answer?

  /// - Parameter range: of values that can be built.
  public init(
    _ goal: SearchQuestion.Goal, in range: ClosedRange<Int64>, from start: Int64, seeds: [UInt64],
    width: Int
  ) {
    precondition(!seeds.isEmpty && range.contains(start), "a search without a beginning")
    // Sums of two places stay within 64 bits.
    let limit = Int64(1) << 60
    let lower = max(range.lowerBound, -limit)
    let upper = min(range.upperBound, limit)
    self.goal = goal
    self.seeds = seeds
    self.width = max(width, 1)
    self.range = goal == .least ? lower...upper : -upper...(-lower)
    self.start = goal == .least ? start : -start
  }

  /// What to run next; nothing when there is an answer.
  public mutating func next() -> [Query] {
    guard answer == nil else { return [] }
    wanted = []
    do throws(Unknown) {
      answer = try solve()
      return []
    } catch {
      var queries: [Query] = []
      for query in wanted { queries.append(turned(query)) }
      return queries
    }
  }

  public mutating func tell(_ query: Query, holds: Bool) {
    let query = turned(query)
    replies[query] = holds
    if holds {
      leastHeld[query.seed] = min(leastHeld[query.seed] ?? .max, query.value)
    } else {
      greatestFailed[query.seed] = max(greatestFailed[query.seed] ?? .min, query.value)
    }
  }

  /// What is known while there is no answer: where it fails, and from where on the answer is
  /// looked for, with how many seeds it holds there.
  public var standing: (failure: Query?, candidate: Int64?, held: Int) {
    var failure: Query?
    for seed in seeds {
      guard let place = greatestFailed[seed], place > failure?.value ?? .min else { continue }
      failure = Query(value: place, seed: seed)
    }
    // Of a batch several may have failed: the next candidate is not chosen yet.
    guard let candidate, candidate > failure?.value ?? .min else {
      return (failure.map(turned), nil, 0)
    }
    var held = 0
    for seed in seeds where known(candidate, seed) == true { held += 1 }
    return (failure.map(turned), turned(candidate), held)
  }

  // MARK: What is known

  func turned(_ place: Int64) -> Int64 { goal == .least ? place : -place }
  private func turned(_ query: Query) -> Query {
    Query(value: turned(query.value), seed: query.seed)
  }

  func known(_ place: Int64, _ seed: UInt64) -> Bool? {
    replies[Query(value: place, seed: seed)]
  }

  /// Whether the seed is known to hold somewhere up to this place.
  func heldBefore(_ place: Int64, _ seed: UInt64) -> Bool {
    leastHeld[seed].map { $0 <= place } ?? false
  }

  /// Seeds that have failed highest come first: most likely they fail elsewhere too.
  var hardest: [UInt64] {
    var ranked: [(place: Int64, order: Int)] = []
    for (order, seed) in seeds.enumerated() { ranked.append((greatestFailed[seed] ?? .min, order)) }
    ranked.sort { $0.place == $1.place ? $0.order < $1.order : $0.place > $1.place }
    var hardest: [UInt64] = []
    for one in ranked { hardest.append(seeds[one.order]) }
    return hardest
  }

  // MARK: Asking

  mutating func want(_ place: Int64, _ seed: UInt64) {
    wanted.append(Query(value: place, seed: seed))
  }

  /// One seed at several places.
  mutating func ask(_ places: [Int64], _ seed: UInt64) throws(Unknown) {
    for place in places where known(place, seed) == nil { want(place, seed) }
    if !wanted.isEmpty { throw Unknown() }
  }

  /// The first of these seeds that fails here. The more have held, the more are asked at once.
  mutating func firstFailing(
    at place: Int64, among some: [UInt64]
  ) throws(Unknown) -> UInt64? {
    var missing: [UInt64] = []
    var held = 0
    for seed in some {
      switch known(place, seed) {
      case .some(false): return seed
      case .some(true): held += 1
      case .none: missing.append(seed)
      }
    }
    for seed in missing.prefix(min(max(held, width), 8 * width)) { want(place, seed) }
    if missing.isEmpty { return nil }
    throw Unknown()
  }
}
