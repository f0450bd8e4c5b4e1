// Hosts, tasks and links under one clock, one seed, one event queue.
//
// Only `step` moves time. The state is a value: a copy is a checkpoint. The context (effects,
// observers, the digest's running value) is the driver's and comes as an argument.

import NetStack
import Wire

/// What a step came to.
public enum StepOutcome: Sendable {
  /// An event was handled.
  case event
  /// A program has the CPU: `result(of:)` is what its last call returned; say `submit` next.
  case program(Int32)
  /// Nothing is scheduled, the next event lies beyond the limit given, or an observer has to look
  /// before time goes on.
  case idle
}

// The token is a class, but nothing is ever read from it.
public struct Simulation: @unchecked Sendable {
  public internal(set) var now = Instant.zero
  public internal(set) var events: Int64 = 0
  /// Frames put on a wire.
  public internal(set) var frameCount: Int64 = 0
  public internal(set) var hosts = Slab<Host>()
  public internal(set) var processors = Slab<Processor>()
  public internal(set) var tasks = Slab<TaskRecord>()
  /// By host, in order of creation. Only building writes it.
  var hostTasks: [[Int32]] = []
  public internal(set) var links = Slab<Link>()
  public internal(set) var ports = Slab<Port>()
  /// Locks that scripts declare; the network semaphores are in `processors`.
  public internal(set) var locks = Slab<Semaphore>()
  public internal(set) var queues = Slab<TaskQueue>()
  public internal(set) var pools = Slab<BufferPool>()
  /// By task: the text that its call writes, or has read.
  var texts = Slab<[UInt8]>()
  var queue = EventQueue()
  var frames = FramePool()
  /// Hosts whose scheduler must look again at this instant, in order; the first of them is
  /// `pendingFirst`.
  var pendingHosts = Slab<Int32>()
  var pendingFirst = 0
  /// Who settles ties; nobody does in a run that follows no schedule.
  public internal(set) var chooser = Chooser()
  /// Shared by copies: one question tells whether any of the slabs may be shared.
  private var token = Token()

  private final class Token {}

  public init() {}

  /// When the next event is due.
  ///
  /// Mutating only so that whoever holds the simulation in a class makes no copy to ask.
  public var nextEvent: Instant {
    mutating get { hasPending ? now : queue.next }
  }

  var hasPending: Bool { pendingFirst < pendingHosts.count }

  /// The same. Says that it changes something, which it does not: the driver then asks it of the
  /// simulation in place and not of a copy.
  public mutating func upcomingEvent() -> Instant { nextEvent }

  /// Goes on to the next event, unless that lies after `limit`.
  public mutating func step(until limit: Instant, _ context: inout Context) -> StepOutcome {
    run(until: limit, events: 1, &context)
  }

  /// Goes on event by event, until `most` are handled, a program must be asked, the next lies
  /// after `limit`, or an observer has to look.
  public mutating func run(
    until limit: Instant, events most: Int64 = .max, _ context: inout Context
  ) -> StepOutcome {
    makeUnique()
    let last = most > .max - events ? .max : events + most
    while true {
      if let task = dispatchPending(&context) { return .program(task) }
      let next = queue.next
      if next > limit || next == .never { return .idle }
      if next > now && context.isObserved { return .idle }
      if looksAhead {
        fetchNow()
        let event = takeEvent(at: next, &context)
        handle(event, &context)
        fetchAhead(behind: event)
      } else {
        handle(takeEvent(at: next, &context), &context)
      }
      if events >= last || !context.records.isEmpty { return .event }
    }
  }

  /// As `step`, and says which event it was: for who tells of each.
  public mutating func step(
    until limit: Instant, _ context: inout Context, telling event: inout Event?
  ) -> StepOutcome {
    makeUnique()
    event = nil
    if let task = dispatchPending(&context) { return .program(task) }
    let next = queue.next
    if next > limit || next == .never { return .idle }
    let due = takeEvent(at: next, &context)
    event = due
    handle(due, &context)
    return .event
  }

  /// The next event, which becomes the one under way.
  @inline(__always)
  private mutating func takeEvent(at instant: Instant, _ context: inout Context) -> Event {
    precondition(instant >= now, "time runs backwards")
    now = instant
    events += 1
    context.event = events
    return chooser.isOn ? takeChosenEvent() : queue.pop()
  }

  /// Lets every scheduler look that must. Returns the task whose program must be asked.
  @inline(__always)
  private mutating func dispatchPending(_ context: inout Context) -> Int32? {
    while pendingFirst < pendingHosts.count {
      let host = pendingHosts[pendingFirst]
      context.touch(host)
      if let task = dispatch(host, &context) { return task }
      pendingFirst += 1
      processors[Int(host)].isPending = false
    }
    if pendingFirst > 0 {
      pendingHosts.removeAll()
      pendingFirst = 0
    }
    return nil
  }

  /// Copies what a checkpoint shares, before anything is written.
  @inline(__always)
  mutating func makeUnique() {
    if !isKnownUniquelyReferenced(&token) { copyShared() }
  }

  @inline(never)
  private mutating func copyShared() {
    token = Token()
    hosts.makeUnique()
    processors.makeUnique()
    tasks.makeUnique()
    links.makeUnique()
    ports.makeUnique()
    locks.makeUnique()
    queues.makeUnique()
    pools.makeUnique()
    texts.makeUnique()
    pendingHosts.makeUnique()
    queue.makeUnique()
    frames.makeUnique()
  }

  /// Lets time pass to `instant`, where nothing is due before it.
  public mutating func advance(to instant: Instant) {
    precondition(instant >= now && nextEvent >= instant, "an event would be skipped")
    now = instant
  }

  @inline(__always)
  private mutating func handle(_ event: Event, _ context: inout Context) {
    switch event.kind {
    case .delivery: deliver(event.detail, over: event.object, from: event.generation, &context)
    case .sent: frameSent(port: event.object, &context)
    case .cpu: cpuElapsed(event.object, event.generation)
    case .interruptEnd: look(at: event.object)
    case .poll: pollTick(event.object, &context)
    case .callout: callout(event.object, event.generation, &context)
    case .wake: sleepOver(event.object, event.generation, &context)
    case .timeout: timeOut(event.object, &context)
    case .console: stillWaiting(event.object, event.generation, &context)
    case .waitOver: bufferWaitIsOver(event.object, event.generation)
    case .late: passLate(event.detail, port: event.object, isIn: event.generation == 1, &context)
    case .bridged: bridge(event.detail, from: event.object, &context)
    case .outputFree: sendOutput(event.object, &context)
    case .arrival:
      arrive(
        event.detail, from: Int32(bitPattern: event.generation), at: event.object, &context)
    }
  }

  /// Marks a host whose scheduler must look again before time goes on.
  @inline(__always)
  mutating func look(at host: Int32) {
    let cpu = processors.place(Int(host))
    if cpu.pointee.isPending { return }
    cpu.pointee.isPending = true
    pendingHosts.append(host)
  }

  /// What the program's last call returned.
  public func result(of task: Int32) -> CallResult { tasks[Int(task)].result }
}
