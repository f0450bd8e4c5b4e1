// How a frontier is found: seed by seed, then all seeds, then both sides of it.
//
// A seed that holds at the candidate costs one run. One that fails raises the candidate, by a
// search of its own. In the end all seeds are run at the answer: that something holds with a value
// because it held with a smaller one is a hope until then.

import NetScript

extension Frontier {
  /// Places next to the answer, and those in between of an answer that was raised.
  private static let neighbours: Int64 = 16
  private static let between: Int64 = 64
  /// Seeds that are tried beyond the answer.
  public static let probes = 4
  /// So often the answer is raised because something beyond it failed; so many exceptions.
  private static let patience = 8

  mutating func solve() throws(Unknown) -> Answer {
    guard let first = try firstPlace(), let least = try settled(first) else { return failed() }
    var bound = least
    var answer = Answer()
    for round in 0...Self.patience {
      candidate = bound
      let places = placesBeyond(bound)
      for place in places { answer.triedBeyond.append(turned(place)) }
      guard let failing = try failing(among: places) else { break }
      if round == Self.patience {
        answer.beyond = Query(value: turned(failing.value), seed: failing.seed)
        break
      }
      answer.triedBeyond = []
      guard let higher = try settled(failing.value) else { return failed() }
      bound = higher
    }
    answer.value = turned(bound)
    try lookBefore(bound, from: least, &answer)
    return answer
  }

  /// It fails where the range ends.
  private func failed() -> Answer {
    var answer = Answer()
    answer.failure = standing.failure
    return answer
  }

  // MARK: One seed

  /// Where the first seed begins to hold; nil when it never does.
  private mutating func firstPlace() throws(Unknown) -> Int64? {
    let seed = seeds[0]
    try ask([start], seed)
    let stride = max(Int64(start.magnitude), 1)
    if known(start, seed) == true { return try lowered(from: start, seed, stride: stride) }
    return try raised(from: start, seed, stride: stride)
  }

  /// The seed fails at `place`: where does it hold?
  private mutating func raised(
    from place: Int64, _ seed: UInt64, stride: Int64
  ) throws(Unknown) -> Int64? {
    var (last, offset) = (place, stride)
    while last < range.upperBound {
      let points = strides(from: place, offset, towards: range.upperBound)
      try ask(points, seed)
      for point in points {
        if known(point, seed) == true { return try section(last, point, seed) }
        last = point
        offset *= 2
      }
    }
    return nil
  }

  /// The seed holds at `place`: how far down does it?
  private mutating func lowered(
    from place: Int64, _ seed: UInt64, stride: Int64
  ) throws(Unknown) -> Int64 {
    var (last, offset) = (place, max(stride / 2, 1))
    while last > range.lowerBound {
      let points = strides(from: place, -offset, towards: range.lowerBound)
      try ask(points, seed)
      for point in points {
        if known(point, seed) == false { return try section(point, last, seed) }
        last = point
        offset *= 2
      }
    }
    return last
  }

  /// Places at doubling distances, the end of the range at last.
  private func strides(from place: Int64, _ offset: Int64, towards end: Int64) -> [Int64] {
    var (points, offset): ([Int64], Int64) = ([], offset)
    for _ in 0..<width {
      let room = end - place
      guard offset.magnitude < room.magnitude else { return points + [end] }
      points.append(place + offset)
      offset *= 2
    }
    return points
  }

  /// It fails at one place and holds at the other: where it begins to hold, asking at as many
  /// places at once as there are cores.
  private mutating func section(
    _ fails: Int64, _ holds: Int64, _ seed: UInt64
  ) throws(Unknown) -> Int64 {
    var (fails, holds) = (fails, holds)
    while holds - fails > 1 {
      let parts = min(Int64(width) + 1, holds - fails)
      var points: [Int64] = []
      for part in 1..<parts { points.append(fails + (holds - fails) / parts * part) }
      try ask(points, seed)
      for point in points {
        if known(point, seed) == true {
          holds = point
          break
        }
        fails = point
      }
    }
    return holds
  }

  // MARK: All seeds

  /// The least place from here on at which every seed holds; nil when there is none.
  private mutating func settled(_ place: Int64) throws(Unknown) -> Int64? {
    var bound = place
    while true {
      candidate = bound
      guard let seed = try failingSeed(at: bound) else { return bound }
      guard let higher = try raised(from: bound, seed, stride: 1) else { return nil }
      bound = higher
    }
  }

  private mutating func failingSeed(at place: Int64) throws(Unknown) -> UInt64? {
    var fresh: [UInt64] = []
    for seed in seeds where !heldBefore(place, seed) { fresh.append(seed) }
    if let seed = try firstFailing(at: place, among: fresh) { return seed }
    return try firstFailing(at: place, among: seeds)
  }

  // MARK: Both sides

  private func placesBeyond(_ bound: Int64) -> [Int64] {
    let end = min(range.upperBound, bound + max(Int64(bound.magnitude), 4))
    var places: [Int64] = []
    var offset: Int64 = 1
    while bound + offset <= end {
      places.append(bound + offset)
      offset = offset < 4 ? offset + 1 : offset * 2
    }
    return places
  }

  /// The highest of these places at which one of the hardest seeds fails.
  private mutating func failing(among places: [Int64]) throws(Unknown) -> Query? {
    let probes = Array(hardest.prefix(Self.probes))
    for place in places {
      for seed in probes where known(place, seed) == nil && wanted.count < 8 * width {
        want(place, seed)
      }
    }
    if !wanted.isEmpty { throw Unknown() }
    for place in places.reversed() {
      for seed in probes where known(place, seed) == false {
        return Query(value: place, seed: seed)
      }
    }
    return nil
  }

  /// Before the answer something has to fail everywhere; one step before, that is the example.
  private mutating func lookBefore(
    _ bound: Int64, from least: Int64, _ answer: inout Answer
  ) throws(Unknown) {
    guard bound > range.lowerBound else { return }
    let places = placesBefore(bound, from: least)
    let hardest = hardest
    // First of all the seed that is most likely to fail.
    for place in places where !isFailing(place) && known(place, hardest[0]) == nil {
      if wanted.count < 8 * width { want(place, hardest[0]) }
    }
    if !wanted.isEmpty { throw Unknown() }
    for place in places {
      if answer.exceptions.count == Self.patience {
        answer.hasMore = true
        break
      }
      answer.triedBefore.insert(turned(place), at: 0)
      if try firstFailing(at: place, among: hardest) == nil {
        answer.exceptions.insert(turned(place), at: 0)
      }
    }
    for seed in hardest where known(bound - 1, seed) == false {
      answer.failure = Query(value: turned(bound - 1), seed: seed)
      break
    }
  }

  private func isFailing(_ place: Int64) -> Bool {
    for seed in seeds where known(place, seed) == false { return true }
    return false
  }

  /// From the answer's neighbour on down: each of the nearest, and each down to where the answer
  /// seemed to be before, then ever fewer.
  private func placesBefore(_ bound: Int64, from least: Int64) -> [Int64] {
    let near = min(max(bound - least + 1, Self.neighbours), Self.between)
    var places: [Int64] = []
    var offset: Int64 = 1
    while bound - offset >= range.lowerBound {
      places.append(bound - offset)
      offset = offset < near ? offset + 1 : offset * 2
    }
    return places
  }
}
