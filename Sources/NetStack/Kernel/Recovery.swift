// What ended each stall, noted where it happens: whoever frees a buffer that somebody waits for, or
// wakes a sleeper, leaves its name.
//
// A stall: a task waited for `Stall.least` or longer for a buffer, for room in a send buffer or for
// a handshake; or a timer of a connection went off because something was outstanding (data, a SYN,
// a FIN) and it made no progress for as long. Idle readers, and tasks that wait for packets, for
// locks or for each other, are none. All of it happens on cold paths, and is no part of the digest.
//
// m_reclaim ends one when it frees fragments for which somebody else had waited: whoever enters a
// shortage later, or fails to get an mbuf at once, drains for all.

import Wire

public enum Stall {
  /// Shorter waits are part of an ordinary transfer.
  public static let least = TimeSpan.seconds(1)
}

/// What ended a stall. The raw value is its place in `RecoveryLog.counts`.
public enum Mechanism: UInt8, CaseIterable, Sendable {
  case none
  // The peer answered: by itself, with a window, to a segment sent again, to a probe of its window.
  case ack, window, retransmission, persist
  /// An ARP reply sent the segment on that had waited for it; or ARP gave up what it held.
  case arp
  // A reader read, the transmit ring was emptied, queued packets were processed or dropped.
  case read, sent, input
  /// A task freed a buffer of a further pool.
  case freed
  // A timer gave the connection up.
  case rexmtDrop, persistDrop, keepDrop, keepinitDrop, msl2
  /// The peer's RST (or a SYN where none belongs).
  case reset
  /// A task closed, shut down or aborted the socket.
  case closed
  /// Buffers were there, and the policy let the task have one.
  case policy
  /// The call had a timeout.
  case timeout
  /// The script outside of tasks, or somebody at a prompt.
  case deed
  /// m_reclaim, for somebody else; and the timer of IP reassembly.
  case drain, fragmentTimer

  /// As scripts write it.
  public var name: String {
    switch self {
    case .none: "unknown"
    case .ack: "ack"
    case .window: "window"
    case .retransmission: "retransmission"
    case .persist: "persist"
    case .arp: "arp"
    case .read: "read"
    case .sent: "sent"
    case .input: "input"
    case .freed: "freed"
    case .rexmtDrop: "rexmt_drop"
    case .persistDrop: "persist_drop"
    case .keepDrop: "keep_drop"
    case .keepinitDrop: "keepinit_drop"
    case .msl2: "msl2"
    case .reset: "reset"
    case .closed: "closed"
    case .policy: "policy"
    case .timeout: "timeout"
    case .deed: "deed"
    case .drain: "drain"
    case .fragmentTimer: "fragment_timer"
    }
  }
}

/// Who ended a wait, noted when it happened.
public struct Cause: Sendable {
  public var mechanism = Mechanism.none
  /// The task in whose context it happened; -1 for hardware, and for a deed from outside.
  public var task: Int32 = -1
  public var event: Int64 = 0

  public init(_ mechanism: Mechanism = .none, task: Int32 = -1, event: Int64 = 0) {
    self.mechanism = mechanism
    self.task = task
    self.event = event
  }
}

/// What was waited for.
public enum Awaited: Equatable, Sendable {
  case mbuf, cluster
  /// A buffer of a further pool.
  case buffer(Int32)
  /// Room in a send buffer.
  case space
  case handshake
  /// An acknowledgment of what is outstanding; nobody sleeps on it.
  case acknowledgment
}

/// A connection by its ends, for it may be gone when somebody asks.
public struct Ends: Equatable, Sendable {
  public var localPort: UInt16 = 0
  public var remoteAddress = IPv4Address.any
  public var remotePort: UInt16 = 0

  public init() {}
}

/// One stall that has ended.
public struct Recovery: Sendable {
  public var host: Int32
  /// The task that waited; -1: nobody did, but the connection stood still.
  public var task: Int32
  public var awaited: Awaited
  /// Of the connection, where no task waited.
  public var ends: Ends?
  public var began: Instant
  public var ended: Instant
  public var cause: Cause

  public init(
    host: Int32, task: Int32, awaited: Awaited, ends: Ends? = nil, began: Instant, ended: Instant,
    cause: Cause
  ) {
    self.host = host
    self.task = task
    self.awaited = awaited
    self.ends = ends
    self.began = began
    self.ended = ended
    self.cause = cause
  }

  public var lasted: TimeSpan { ended - began }
}

/// The stalls of a run that have ended: the longest are kept, all are counted.
public struct RecoveryLog: Sendable {
  /// A run of days in which a reader is slow has millions; nobody reads more than a few.
  public static let most = 256

  /// In the order in which they ended.
  public private(set) var kept: [Recovery] = []
  /// By mechanism.
  private var counts = [Int64](repeating: 0, count: Mechanism.allCases.count)

  public init() {}

  public func count(_ mechanism: Mechanism) -> Int64 { counts[Int(mechanism.rawValue)] }

  public mutating func add(_ recovery: Recovery) {
    counts[Int(recovery.cause.mechanism.rawValue)] &+= 1
    kept.append(recovery)
    if kept.count <= RecoveryLog.most { return }
    var shortest = 0
    for index in kept.indices where kept[index].lasted < kept[shortest].lasted { shortest = index }
    kept.remove(at: shortest)
  }
}

/// Who wants to hear of a buffer that goes back.
struct ReleaseLook: OptionSet, Sendable {
  let rawValue: UInt8
  /// A fault point that may keep it.
  static let fault = ReleaseLook(rawValue: 1)
  /// A task that waits for one: its recovery is attributed to whoever frees it.
  static let waiter = ReleaseLook(rawValue: 2)
  /// A pool that serves packets gets its buffer back with the first mbuf of one.
  static let use = ReleaseLook(rawValue: 4)
}

/// What the kernel keeps of causes between an event and the end of the wait it will end.
struct Causes: Sendable {
  /// Of the buffer that came back to an empty pool while somebody waited.
  var mbufs = Cause()
  var clusters = Cause()
  /// What the ACK in hand answers.
  var answer = Mechanism.ack
  /// Why the connection in hand ends, when it is no call of a task that ends it.
  var ending = Mechanism.none

  subscript(_ bufferClass: BufferClass) -> Cause {
    get { bufferClass == .mbufs ? mbufs : clusters }
    set { if bufferClass == .mbufs { mbufs = newValue } else { clusters = newValue } }
  }
}

extension Kernel {
  func cause(_ mechanism: Mechanism) -> Cause {
    Cause(mechanism, task: context.pointee.task, event: context.pointee.event)
  }

  // MARK: buffers

  /// A task begins to wait for a buffer.
  func watchReleases(for bufferClass: BufferClass, waiters: Int32, free: Int32) {
    state.pointee.releaseLook.insert(.waiter)
    if waiters == 1 { state.pointee.causes[bufferClass] = cause(free > 0 ? .policy : .none) }
  }

  /// An mbuf goes back, and perhaps its cluster, while somebody waits. Who ends the want is the
  /// first to give one back: while some are free and nobody was refused, more of them change
  /// nothing.
  func noteRelease(_ index: Int32, _ why: ReleaseReason) {
    let cause = cause(mechanism(of: why))
    if isDecisive(state.pointee.causes.mbufs, state.pointee.mbufPool.free) {
      state.pointee.causes.mbufs = cause
    }
    let cluster = Int(mbuf(index).pointee.cluster)
    guard cluster >= 0, clusterUse[cluster].references == 1 else { return }
    if clusterUse[cluster].sizeClass != 0 {
      let place = classPool(clusterUse[cluster].sizeClass)
      if isDecisive(place.pointee.cause, place.pointee.pool.free) { place.pointee.cause = cause }
      return
    }
    if isDecisive(state.pointee.causes.clusters, state.pointee.clusterPool.free) {
      state.pointee.causes.clusters = cause
    }
  }

  private func isDecisive(_ last: Cause, _ free: Int32) -> Bool {
    free == 0 || last.mechanism == .policy || last.mechanism == .none
  }

  private func mechanism(of why: ReleaseReason) -> Mechanism {
    switch why {
    case .acked: state.pointee.causes.answer
    case .read: .read
    case .sent, .noRoute, .tooBig: .sent
    case .noAnswer, .replaced: .arp
    case .closed, .dropped, .pastClose, .notConnected: ending
    case .drained: .drain
    case .fragmentTimeout: .fragmentTimer
    case .processed, .answered, .merged, .queueFull, .socketFull, .noBuffer, .short, .badChecksum,
      .badHeader, .fragment, .noProtocol, .notOurs, .noPort, .expired, .duplicate, .outOfWindow,
      .refused, .challengeSuppressed, .reassemblyFull, .ringFull:
      .input
    }
  }

  private var ending: Mechanism {
    if state.pointee.causes.ending != .none { return state.pointee.causes.ending }
    let task = context.pointee.task
    if task == state.pointee.networkTask { return .input }
    return task < 0 ? .deed : .closed
  }

  // MARK: sleepers

  /// Before a sleeper on room or on a handshake is woken. An ACK in the course of things only
  /// carries on what has set them going again since it slept.
  @inline(never)
  func noteWake(_ index: Int32) {
    let socket = sockets + Int(index)
    let isOver = socket.pointee.state.contains(.cantSendMore)
    let mechanism = isOver ? ending : state.pointee.causes.answer
    if mechanism == .ack && socket.pointee.wokenBy.mechanism != .none { return }
    socket.pointee.wokenBy = cause(mechanism)
  }

  /// A task sleeps on room or on the handshake, perhaps once more: one that is woken for too little
  /// has not gone on.
  func beginSleep(_ index: Int32) {
    if sockets[Int(index)].sleptAt != .never { return }
    sockets[Int(index)].sleptAt = now
    sockets[Int(index)].wokenBy = Cause()
  }

  /// It goes on.
  @inline(never)
  func endSleep(_ index: Int32, _ awaited: Awaited) {
    let socket = sockets + Int(index)
    let began = socket.pointee.sleptAt
    socket.pointee.sleptAt = .never
    if now - began < Stall.least { return }
    context.pointee.recoveries.add(
      Recovery(
        host: context.pointee.host, task: context.pointee.task, awaited: awaited, began: began,
        ended: now, cause: socket.pointee.wokenBy))
  }

  // MARK: connections

  func ends(of pcb: Int32) -> Ends {
    var ends = Ends()
    ends.localPort = pcbs[Int(pcb)].localPort
    ends.remoteAddress = pcbs[Int(pcb)].remoteAddress
    ends.remotePort = pcbs[Int(pcb)].remotePort
    return ends
  }

  /// A timer went off, or a window shut, with something outstanding: since when nothing moved.
  func noteStall(_ pcb: Int32, since: Instant) {
    if tcpcbs[Int(pcb)].stalledSince == .never { tcpcbs[Int(pcb)].stalledSince = since }
  }

  /// An ACK moves a connection that had stood still: until `answerIsDone`, what it frees and wakes
  /// is this mechanism's.
  @inline(never)
  func beginAnswer(_ pcb: Int32, _ segment: TCPSegment) {
    let answer = mechanism(ofAnswer: segment, pcb)
    state.pointee.causes.answer = answer
    endStall(pcb, by: answer)
  }

  func answerIsDone() { state.pointee.causes.answer = .ack }

  private func mechanism(ofAnswer segment: TCPSegment, _ pcb: Int32) -> Mechanism {
    let tcb = tcpcbs[Int(pcb)]
    if tcb.untiedBy == .none { return .ack }
    if tcb.untiedBy != .retransmission { return tcb.untiedBy }
    // What was sent again lay with ARP until its answer came.
    if let neighbour = knownNeighbour(pcbs[Int(pcb)].remoteAddress),
      neighbour.pointee.sentHeldAt != .never, neighbour.pointee.sentHeldAt >= tcb.untiedAt
    {
      return .arp
    }
    // An echo from before it was sent again: the first copy had arrived.
    if let timestamps = segment.options.timestamps {
      let resent = UInt32(truncatingIfNeeded: slowTick(at: tcb.untiedAt)) &- 1
      if Int32(bitPattern: timestamps.echo &- resent) < 0 { return .ack }
    }
    return .retransmission
  }

  /// A connection moves again, or is over: a stall of its own, unless somebody slept on it.
  func endStall(_ pcb: Int32, by mechanism: Mechanism) {
    let began = tcpcbs[Int(pcb)].stalledSince
    precondition(began != .never, "a stall ends that never began")
    tcpcbs[Int(pcb)].stalledSince = .never
    tcpcbs[Int(pcb)].untiedBy = .none
    let sleeper = sockets + Int(pcbs[Int(pcb)].socket)
    if sleeper.pointee.sleptAt != .never {
      // It is noted when the sleeper goes on.
      sleeper.pointee.sleptAt = min(sleeper.pointee.sleptAt, began)
      return
    }
    if now - began < Stall.least { return }
    context.pointee.recoveries.add(
      Recovery(
        host: context.pointee.host, task: -1, awaited: .acknowledgment, ends: ends(of: pcb),
        began: began, ended: now, cause: cause(mechanism)))
  }

  /// The connection ends while something is outstanding.
  @inline(never)
  func endStallOfClosed(_ pcb: Int32) { endStall(pcb, by: ending) }
}

extension Host {
  /// Who gave a buffer of a class back for which somebody waited.
  public func releaseCause(_ bufferClass: BufferClass) -> Cause {
    inspect { kernel in kernel.state.pointee.causes[bufferClass] }
  }

  /// The same for a size class.
  public func releaseCause(ofClass sizeClass: UInt8) -> Cause {
    inspect { kernel in kernel.classPool(sizeClass).pointee.cause }
  }

  public func ends(of pcb: Int32) -> Ends { inspect { kernel in kernel.ends(of: pcb) } }
}
