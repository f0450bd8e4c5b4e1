// The one argument of every entry of the stack: what it may know of the world, and what it gives
// back.
//
// Built once per run and owned by the simulation's driver; nothing of it is engine state.

/// Time, effects and observers, for one run.
public struct Context {
  public var now: Instant = .zero
  public var host: Int32 { entered }
  @usableFromInline var entered: Int32 = 0
  /// The task in whose context the stack runs; -1 for hardware and callouts.
  public var task: Int32 = -1
  /// In whose name the stack asks for buffers now.
  var requester: Requester = .stack
  /// How long the task had polled for what it is about to take; zero otherwise.
  var waited = TimeSpan.zero
  /// The most ticks that the wait which begins may last; 0: no end.
  public var sleepTicks: Int32 = 0
  public var digest = Digest()
  /// The number of the event under way.
  public var event: Int64 = 0
  public private(set) var lastEvents = EventIndex()
  /// What the host that was entered last has there, and its bit in `touched`.
  @usableFromInline var lastOfHost: UnsafeMutablePointer<Int64>
  @usableFromInline var hostBit: UInt64 = 1
  /// CPU time that the last action owes, paid before the next one: segments built, octets summed.
  @usableFromInline var debt: Int64 = 0

  /// Tasks to make ready, in the order in which they were woken.
  public var wakes = EffectList()
  /// Text that the task's program writes, where it writes one; and octets that its call read into
  /// its memory.
  public var outgoing = UnsafeRawBufferPointer(start: nil, count: 0)
  public var incoming: [UInt8] = []
  /// Interfaces whose transmit ring has something new.
  public var transmits = EffectList()
  /// When the host that was entered last needs its network task for a timer.
  public internal(set) var nextCallout = Instant.never

  /// One bit for each `TraceKind` that somebody observes.
  public var interest: UInt64 = 0
  /// What was observed since the driver last looked.
  public var records: [TraceRecord] = []

  /// What ended each stall so far.
  public var recoveries = RecoveryLog()

  /// Hosts that were entered since an observer last cleared it: a bit each, the last for all from
  /// 63 on.
  public var touched: UInt64 = 0
  /// Hosts whose entries somebody looks after when an instant is over: bits as above.
  public var watchedHosts: UInt64 = 0
  /// The driver lets the engine go on by itself, and wants to look before time goes on.
  public var stopsForObservers = false
  /// Frames of these links are copied out as they cross: a bit each, as above.
  public var observedLinks: UInt64 = 0
  public var frames = ObservedFrames()

  /// Who decides for pools marked `script…`. Unowned: the run that built the context keeps it
  /// alive.
  public unowned(unsafe) var policy: (any AllocationPolicy)?
  /// Who answers for the fault points that somebody has filled. Unowned, as above.
  public unowned(unsafe) var faults: (any FaultPoints)?

  public init() { lastOfHost = lastEvents.row(of: 0) }

  /// Room for the effects of one event, so that none of them allocates.
  public mutating func reserve() {
    records.reserveCapacity(256)
  }

  /// So many hosts will be there.
  public mutating func reserve(hosts: Int) {
    lastEvents = EventIndex(hosts: hosts)
    turn(to: host)
  }

  /// Enters the host and the moment that the next calls are about.
  @inlinable @inline(__always)
  public mutating func enter(host: Int32, task: Int32, at instant: Instant) {
    precondition(instant >= now, "time runs backwards")
    now = instant
    self.task = task
    if host != entered { turn(to: host) }
    touched |= hostBit
  }

  /// Tasks of a host are about to change their states, whether its kernel is entered or not.
  @inlinable @inline(__always)
  public mutating func touch(_ host: Int32) {
    touched |= host == entered ? hostBit : Context.bit(host)
  }

  /// What depends on the host alone is found once, as long as it is the same.
  @usableFromInline @inline(never)
  mutating func turn(to host: Int32) {
    entered = host
    hostBit = Context.bit(host)
    lastOfHost = lastEvents.row(of: host)
  }

  /// The bit of a host or link in `touched` and `observedLinks`.
  @inlinable @inline(__always)
  public static func bit(_ index: Int32) -> UInt64 {
    1 &<< UInt64(min(UInt32(bitPattern: index), 63))
  }

  @inlinable @inline(__always)
  public mutating func trace(
    _ kind: TraceKind, _ object: Int32, _ a: Int64 = 0, _ b: Int64 = 0, aside: Int32 = -1
  ) {
    digest.add(at: now, kind, host: host, object, a, b)
    note(kind)
    if isWanted(kind) { keep(kind, object, a, b, aside) }
  }

  /// Records what only observers ask for: it is no part of the digest.
  @inlinable @inline(__always)
  public mutating func report(_ kind: TraceKind, _ object: Int32, _ a: Int64 = 0) {
    note(kind)
    if isWanted(kind) { keep(kind, object, a, 0, -1) }
  }

  @inlinable @inline(__always)
  func note(_ kind: TraceKind) {
    let place = lastOfHost + 2 &* Int(kind.rawValue)
    place[0] = event
    place[1] &+= 1
  }

  @usableFromInline @inline(never)
  mutating func keep(
    _ kind: TraceKind, _ object: Int32, _ a: Int64, _ b: Int64, _ aside: Int32
  ) {
    records.append(
      TraceRecord(at: now, kind: kind, host: host, object: object, a: a, b: b, aside: aside))
  }

  @inlinable @inline(__always)
  public func isWanted(_ kind: TraceKind) -> Bool {
    interest & (1 &<< UInt64(kind.rawValue)) != 0
  }

  /// Whether something was recorded, or a watched host entered, since the driver last looked.
  @inlinable @inline(__always)
  public var isObserved: Bool {
    stopsForObservers && (touched & watchedHosts != 0 || !records.isEmpty)
  }

  /// Takes what the last action cost beyond its own stage.
  @inlinable @inline(__always)
  public mutating func takeDebt() -> Int64 {
    let owed = debt
    debt = 0
    return owed
  }
}

/// A short list of numbers that is filled and emptied for each event. Most events wake nobody, one
/// task or two; what is beyond these lies in an array.
@frozen
public struct EffectList {
  @usableFromInline var first: Int32 = -1
  @usableFromInline var second: Int32 = -1
  @usableFromInline var rest: [Int32] = []
  @usableFromInline var used = 0

  init() {}

  @inlinable public var count: Int { used }

  @inlinable public subscript(index: Int) -> Int32 {
    index == 0 ? first : index == 1 ? second : rest[index - 2]
  }

  @inline(__always)
  mutating func append(_ item: Int32) {
    switch used {
    case 0: first = item
    case 1: second = item
    default: rest.append(item)
    }
    used += 1
  }

  @inlinable @inline(__always)
  public mutating func clear() {
    if used > 2 { clearRest() }
    used = 0
  }

  @usableFromInline @inline(never)
  mutating func clearRest() { rest.removeAll(keepingCapacity: true) }
}
