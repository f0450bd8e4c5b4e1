// The event queue: a 4-ary heap of 16-byte keys over a slab of events.
//
// A key is (time, sequence, event) in one UInt128: ties are settled by the order of scheduling, and
// a comparison is one instruction. There is no removal: an event that is no longer wanted is
// recognised by its generation when it comes up. Events that follow one another by their nature
// stand in lanes, and only the first of each in the heap. What is handled mostly schedules
// something else: so the earliest key's place stays empty until then, and a new key sinks from
// there.

import NetStack

/// What is to happen. `object` and `detail` mean what the kind says.
public enum EventKind: UInt8, Sendable {
  /// A frame has reached the stations of a link: object = link, detail = frame slot, port.
  case delivery
  /// A station has sent its frame and the gap is over: object = port.
  case sent
  /// The running task has used the CPU time it was given: object = host.
  case cpu
  /// An interrupt service routine ends: object = host.
  case interruptEnd
  /// A clock tick at which tasks poll for buffers: object = host.
  case poll
  /// A beat of the protocols' timers: object = host.
  case callout
  /// A sleeping task wakes, or a call's time is up: object = task.
  case wake, timeout
  /// A task has polled in vain for another 30 s: object = task.
  case console
  /// A frame that a fault point held back goes on: object = port, detail = frame slot, generation =
  /// 1 into the port, 0 out of it.
  case late
  /// A request for a buffer has waited as long as it may: object = task.
  case waitOver
  /// A switch: a frame has come in (object = port of its sender, detail = frame slot), the cable
  /// to a station is free (object = port), a frame reaches it (object = port, detail = frame slot,
  /// generation = port of its sender).
  case bridged, outputFree, arrival
}

public struct Event: Sendable {
  public var kind: EventKind
  /// Of those that stand in a lane.
  var isInLane = false
  public var object: Int32
  public var detail: Int32
  public var generation: UInt32
}

public struct EventQueue: Sendable {
  /// Of an event in a lane.
  private struct Standing {
    var key: UInt128 = 0
    var lane: Int32 = -1
    /// Its successor in the lane, or -1.
    var next: Int32 = -1
  }

  private var heap = Slab<UInt128>(capacity: 64)
  /// The heap's first key has been taken, and nothing has come in its place yet.
  private var hasHole = false
  private var events = Slab<Event>(capacity: 64)
  private var free = Slab<Int32>(capacity: 64)
  /// By lane the last event in it, or -1; by event where it stands in one.
  private var lanes = Slab<Int32>()
  private var standings = Slab<Standing>()
  private var sequence: UInt64 = 0

  public init() {}

  mutating func makeUnique() {
    heap.makeUnique()
    events.makeUnique()
    free.makeUnique()
    lanes.makeUnique()
    standings.makeUnique()
  }

  /// When the next event is due; `.never` when there is none.
  public var next: Instant {
    mutating get {
      if hasHole { closeHole() }
      return heap.count == 0 ? .never : EventQueue.instant(heap.place(0).pointee)
    }
  }

  @inline(__always)
  private static func instant(_ key: UInt128) -> Instant {
    Instant(nanoseconds: Int64(truncatingIfNeeded: key >> 64))
  }

  @inline(__always)
  private static func index(_ key: UInt128) -> Int { Int(truncatingIfNeeded: key & 0xFF_FFFF) }

  /// All that is scheduled, soonest first.
  var inOrder: [(at: Instant, event: Event)] {
    var keys: [UInt128] = []
    for place in (hasHole ? 1 : 0)..<heap.count {
      keys.append(heap[place])
      var index = EventQueue.index(heap[place])
      while events[index].isInLane, standings[index].next >= 0 {
        index = Int(standings[index].next)
        keys.append(standings[index].key)
      }
    }
    keys.sort()
    return keys.map { (at: EventQueue.instant($0), event: events[EventQueue.index($0)]) }
  }

  public mutating func schedule(
    _ kind: EventKind, at instant: Instant, _ object: Int32, detail: Int32 = 0,
    generation: UInt32 = 0
  ) {
    if instant == .never { return }
    push(
      makeKey(
        instant, enter(Event(kind: kind, object: object, detail: detail, generation: generation))))
  }

  /// Takes the earliest event. The queue is not empty.
  @inline(__always)
  public mutating func pop() -> Event {
    if hasHole { closeHole() }
    let index = EventQueue.index(heap.place(0).pointee)
    free.append(Int32(truncatingIfNeeded: index))
    let event = events.place(index).pointee
    if event.isInLane, let key = leaveLane(index) { sink(key) } else { hasHole = true }
    return event
  }

  // MARK: lanes

  /// The number of one more lane.
  mutating func addLane() -> Int32 {
    lanes.append(-1)
    return Int32(lanes.count - 1)
  }

  /// An event of a kind whose events mostly come in the order in which they are scheduled, like
  /// frames on a cable. One that does stands behind the one before, and not in the heap.
  @inline(__always)
  mutating func schedule(_ event: Event, at instant: Instant, inLane lane: Int32) {
    if instant == .never { return }
    let index = enter(event)
    let key = makeKey(instant, index)
    let last = lanes.place(Int(lane))
    if last.pointee < 0 {
      push(key)
    } else {
      let before = standings.place(Int(last.pointee))
      guard EventQueue.instant(before.pointee.key) < instant else { return push(key) }
      before.pointee.next = Int32(truncatingIfNeeded: index)
    }
    while standings.count <= index { standings.append(Standing()) }
    standings.place(index).pointee = Standing(key: key, lane: lane)
    events.place(index).pointee.isInLane = true
    last.pointee = Int32(truncatingIfNeeded: index)
  }

  /// A lane's first event leaves the heap: the key of its successor, or nil.
  @inline(__always)
  private mutating func leaveLane(_ index: Int) -> UInt128? {
    let standing = standings.place(index)
    let next = standing.pointee.next
    if next < 0 {
      lanes.place(Int(standing.pointee.lane)).pointee = -1
      return nil
    }
    return standings.place(Int(next)).pointee.key
  }

  // MARK: ahead

  /// The two that are next as things stand; nil where there are few.
  @inline(__always)
  var upcoming: (first: Event, second: Event)? {
    let count = heap.count
    if count < 21 { return nil }
    let keys = heap.place(0)
    let least = leastChild(keys, from: 1, count)
    if !hasHole { return (event(keys[0]), event(keys[least])) }
    var second = keys[leastChild(keys, from: 4 &* least &+ 1, count)]
    var other = 1
    while other <= 4 {
      if other != least && keys[other] < second { second = keys[other] }
      other &+= 1
    }
    return (event(keys[least]), event(second))
  }

  @inline(__always)
  private func event(_ key: UInt128) -> Event { events.place(EventQueue.index(key)).pointee }

  // MARK: out of turn

  /// Places in the heap of all that is due when the next event is, in the order of scheduling.
  var dueNext: [Int] {
    mutating get {
      let instant = next
      return heap.indices.filter { EventQueue.instant(heap[$0]) == instant }
        .sorted { heap[$0] < heap[$1] }
    }
  }

  func event(at place: Int) -> Event { events[EventQueue.index(heap[place])] }

  /// Takes an event out of turn.
  mutating func pop(place: Int) -> Event {
    precondition(!hasHole, "an event is taken out of turn before the last one has left")
    var keys: [UInt128] = []
    let key = heap[place]
    while heap.count > place { keys.append(heap.removeLast()) }
    for other in keys where other != key { push(other) }
    let index = EventQueue.index(key)
    free.append(Int32(truncatingIfNeeded: index))
    let event = events[index]
    if event.isInLane, let next = leaveLane(index) { push(next) }
    return event
  }

  // MARK: keys

  @inline(__always)
  private mutating func enter(_ event: Event) -> Int {
    if free.count > 0 {
      let index = Int(free.removeLast())
      events.place(index).pointee = event
      return index
    }
    precondition(events.count < 1 << 24, "more than 16 million pending events")
    events.append(event)
    return events.count - 1
  }

  @inline(__always)
  private mutating func makeKey(_ instant: Instant, _ index: Int) -> UInt128 {
    let low = sequence << 24 | UInt64(truncatingIfNeeded: index)
    sequence &+= 1
    return UInt128(UInt64(bitPattern: instant.nanoseconds)) << 64 | UInt128(low)
  }

  @inline(__always)
  private mutating func push(_ key: UInt128) {
    if hasHole {
      hasHole = false
      return sink(key)
    }
    heap.append(key)
    let keys = heap.place(0)
    var index = heap.count &- 1
    while index > 0 {
      let parent = (index &- 1) >> 2
      if key >= keys[parent] { break }
      keys[index] = keys[parent]
      index = parent
    }
    keys[index] = key
  }

  @inline(never)
  private mutating func closeHole() {
    hasHole = false
    let last = heap.removeLast()
    if heap.count > 0 { sink(last) }
  }

  /// Puts a key in the place of the earliest, and down to where it belongs.
  private mutating func sink(_ last: UInt128) {
    let keys = heap.place(0)
    let count = heap.count
    var index = 0
    while true {
      let first = 4 &* index &+ 1
      if first >= count { break }
      let least = leastChild(keys, from: first, count)
      let key = keys[least]
      if key >= last { break }
      keys[index] = key
      index = least
    }
    keys[index] = last
  }

  /// Of four children the least, without a branch that can be guessed wrong.
  @inline(__always)
  private func leastChild(
    _ keys: UnsafeMutablePointer<UInt128>, from first: Int, _ count: Int
  ) -> Int {
    if first &+ 4 <= count {
      let left = keys[first &+ 1] < keys[first] ? first &+ 1 : first
      let right = keys[first &+ 3] < keys[first &+ 2] ? first &+ 3 : first &+ 2
      return keys[right] < keys[left] ? right : left
    }
    var least = first
    var child = first &+ 1
    while child < count {
      if keys[child] < keys[least] { least = child }
      child &+= 1
    }
    return least
  }
}
