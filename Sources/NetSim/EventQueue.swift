// The event queue: a 4-ary heap of 16-byte keys over a slab of records.
//
// A key is (time, sequence, record index) in one UInt128: ties are settled by the order of
// scheduling, and a comparison is one instruction. There is no removal: an event that is no longer
// wanted is recognised by its generation when it comes up.

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
  public var object: Int32
  public var detail: Int32
  public var generation: UInt32
}

public struct EventQueue: Sendable {
  private var heap = Slab<UInt128>(capacity: 64)
  private var records = Slab<Event>(capacity: 64)
  private var free = Slab<Int32>(capacity: 64)
  private var sequence: UInt64 = 0

  public init() {}

  public var count: Int { heap.count }

  mutating func makeUnique() {
    heap.makeUnique()
    records.makeUnique()
    free.makeUnique()
  }

  /// When the next event is due; `.never` when there is none.
  public var next: Instant {
    heap.count == 0 ? .never : Instant(nanoseconds: Int64(truncatingIfNeeded: heap[0] >> 64))
  }

  /// All that is scheduled, soonest first.
  var inOrder: [(at: Instant, event: Event)] {
    var keys: [UInt128] = []
    for index in 0..<heap.count { keys.append(heap[index]) }
    keys.sort()
    return keys.map { key in
      let at = Instant(nanoseconds: Int64(truncatingIfNeeded: key >> 64))
      return (at: at, event: records[Int(truncatingIfNeeded: key & 0xFF_FFFF)])
    }
  }

  public mutating func schedule(
    _ kind: EventKind, at instant: Instant, _ object: Int32, detail: Int32 = 0,
    generation: UInt32 = 0
  ) {
    if instant == .never { return }
    let event = Event(kind: kind, object: object, detail: detail, generation: generation)
    let index: Int
    if free.count > 0 {
      index = Int(free.removeLast())
      records[index] = event
    } else {
      index = records.count
      precondition(index < 1 << 24, "more than 16 million pending events")
      records.append(event)
    }
    let low = sequence << 24 | UInt64(index)
    sequence &+= 1
    push(UInt128(UInt64(bitPattern: instant.nanoseconds)) << 64 | UInt128(low))
  }

  /// Takes the earliest event. The queue is not empty.
  public mutating func pop() -> Event {
    let key = popKey()
    let index = Int(truncatingIfNeeded: key & 0xFF_FFFF)
    free.append(Int32(truncatingIfNeeded: index))
    return records[index]
  }

  /// Places in the heap of all that is due when the next event is, in the order of scheduling.
  var dueNext: [Int] {
    let instant = heap[0] >> 64
    return (0..<heap.count).filter { heap[$0] >> 64 == instant }.sorted { heap[$0] < heap[$1] }
  }

  func event(at place: Int) -> Event { records[Int(truncatingIfNeeded: heap[place] & 0xFF_FFFF)] }

  /// Takes an event out of turn.
  mutating func pop(place: Int) -> Event {
    var keys: [UInt128] = []
    let key = heap[place]
    while heap.count > place { keys.append(heap.removeLast()) }
    for other in keys where other != key { push(other) }
    let index = Int(truncatingIfNeeded: key & 0xFF_FFFF)
    free.append(Int32(truncatingIfNeeded: index))
    return records[index]
  }

  @inline(__always)
  private mutating func push(_ key: UInt128) {
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

  @inline(__always)
  private mutating func popKey() -> UInt128 {
    let keys = heap.place(0)
    let top = keys[0]
    let last = heap.removeLast()
    let count = heap.count
    if count == 0 { return top }
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
    return top
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
