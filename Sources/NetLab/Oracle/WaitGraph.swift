// Who could still move: the wait-for graph of one host, solved for its least fixpoint.
//
// Begin with what moves by itself (tasks that run, sleep, or wait for the world) and add whoever
// can be released by something that moves. What is never added waits for itself: a knot. Each rule
// below says what gives a resource back; they are the two facts the engine keeps: what a wait is
// for and who could end it, and what the last firing of an armed timer would free (stack-facts
// 4.5, 9.2-9.4).
//
// Every link is taken to heal, every peer to behave, every source to go on or stop. Where a release
// cannot be known it is taken as possible: `wedged` is never true by a guess. Solved once more with
// such releases taken as impossible (`trusts` false), the graph tells whether that was what
// decided.

import NetSim
import NetStack

/// Why a place gives a buffer back, or why not: one edge of the graph.
public struct Release: Sendable {
  public var place: Place
  /// The socket or interface that the buffers count for; -1 when it does not matter.
  public var holder: Int32
  public var count: Int32
  public var isPossible: Bool
  /// Tasks that would have to move for it.
  public var behind: [Int32]
}

/// Asks a policy, without consequences, whether it would let `task` have a buffer when `free` are
/// there while the receive task waits.
public typealias WouldGrant = (_ task: Int32, _ bufferClass: BufferClass, _ free: Int32) -> Bool

public struct WaitGraph {
  let simulation: Simulation
  let host: Int32
  /// nil without a stack: then there is no socket, interface or connection to ask it about.
  let stack: Host!
  let state: KernelState
  let sockets: [Socket]
  let interfaces: [Ifnet]
  /// Streams with a pcb.
  let connections: [Int32]
  let wouldGrant: WouldGrant
  /// Whether a release that cannot be known is taken as possible.
  let trusts: Bool
  /// Tasks of the host, in order of creation, and whether each can move.
  let tasks: [Int32]
  private(set) var moves: [Bool]
  /// Whether a frame may come to a station that sends none.
  let hearsOthers: Bool
  /// A policy is asked last: its handler runs for real, and mostly the answer is known without.
  private var asksPolicy = false

  /// Solves the graph of a host, as it is or as a remedy would make it.
  init(
    _ simulation: Simulation, host: Int32, trusts: Bool = true, after remedy: Remedy? = nil,
    wouldGrant: @escaping WouldGrant
  ) {
    self.simulation = simulation
    self.trusts = trusts
    self.host = host
    let number = Int(simulation.processors[Int(host)].stack)
    let stack = number >= 0 ? simulation.hosts[number] : nil
    self.stack = stack
    var state = stack?.state ?? .nothing
    remedy?.apply(to: &state)
    self.state = state
    sockets = stack.map { stack in (0..<stack.socketCount).map { stack.socket($0) } } ?? []
    interfaces = stack.map { stack in (0..<stack.interfaceCount).map { stack.interface($0) } } ?? []
    connections = stack?.connections ?? []
    self.wouldGrant = wouldGrant
    tasks = simulation.tasks(of: host)
    moves = Array(repeating: false, count: tasks.count)
    hearsOthers = simulation.hasListener(on: host) && simulation.othersMaySpeak(to: host)
    settle()
    asksPolicy = true
    settle()
  }

  /// Adds whoever can be released by those that move, until nobody is added.
  private mutating func settle() {
    var changed = true
    while changed {
      changed = false
      for index in tasks.indices where !moves[index] && canMove(tasks[index]) {
        moves[index] = true
        changed = true
      }
    }
  }

  /// Whether a task can move again without a person.
  public func moves(_ task: Int32) -> Bool {
    guard let index = tasks.firstIndex(of: task) else { return true }
    return moves[index]
  }

  /// Tasks that cannot move because of what other tasks have: the members of the knot.
  public var knot: [Int32] {
    tasks.filter { task in
      if moves(task) { return false }
      switch simulation.tasks[Int(task)].wait {
      case .buffer, .sized, .transmitRing: return true
      case .select: return !stack.isHeard(selectOf: task)
      default: return simulation.tasks[Int(task)].isTangled
      }
    }
  }

  /// Interfaces that take no frame any more for want of a cluster that never comes, or of anybody
  /// who would look.
  public var deafInterfaces: [Int32] {
    interfaces.indices.map(Int32.init).filter { interface in
      let ifnet = interfaces[Int(interface)]
      return (ifnet.refill != .wait || ifnet.isStuck) && !receives(interface)
    }
  }

  public var isWedged: Bool { !knot.isEmpty || !deafInterfaces.isEmpty }

  // MARK: tasks

  private func canMove(_ task: Int32) -> Bool {
    let record = simulation.tasks[Int(task)]
    if record.wait != nil && !comesBackIn(task) { return false }
    if let spinner = spinner(before: task), !moves(spinner) { return false }
    if record.programWait == .condition && !record.hasTimeout { return trusts }
    if listens(task) && !record.hasTimeout { return canEnd(.frame(0), of: task) }
    if record.movesByItself { return true }
    if record.state == .locked { return comesFree(record.awaitedLock) }
    if let wait = record.programWait { return canEnd(wait, of: task) }
    return record.wait.map { canEnd($0, of: task) } ?? true
  }

  /// Whether a kernel routine that is released gets the network semaphore to go on.
  private func comesBackIn(_ task: Int32) -> Bool {
    let network = simulation.processors[Int(host)].network
    return network.depth == 0 || network.owner == task
      || comesFree(Simulation.networkLock(of: host))
  }

  /// The task that keeps another one from the CPU while it waits for a buffer: one that does not
  /// move, if there is such a one.
  func spinner(before task: Int32) -> Int32? {
    guard simulation.processors[Int(host)].waiting == .spin else { return nil }
    let before = tasks.filter { simulation.tasks[Int($0)].state == .polling }
      .filter { $0 != task && simulation.hasCPU($0, before: task) }
    return before.first { !moves($0) } ?? before.first
  }

  private func canEnd(_ wait: Wait, of task: Int32) -> Bool {
    switch wait {
    case .transmitRing(let interface):
      return interfaces[Int(interface)].isUp && stack.hasFrame(on: interface)
    case .socketSpace(let socket):
      return receivesAnywhere || dropIsArmed(sockets[Int(socket)].pcb)
    case .socketData(let socket):
      return receivesAnywhere || keepaliveIsArmed(sockets[Int(socket)])
    case .acceptQueue: return receivesAnywhere
    case .select: return selectEnds(task)
    case .buffer(let bufferClass, let who, _):
      return canHaveBuffer(bufferClass, who, task)
    case .sized(let sizeClass, let who, _): return canHaveSized(sizeClass, who, task)
    default: return wait.endsByItself
    }
  }

  // MARK: buffers

  private func canHaveBuffer(_ bufferClass: BufferClass, _ who: Requester, _ task: Int32) -> Bool {
    let pool = bufferClass == .mbufs ? state.mbufPool : state.clusterPool
    // The driver asks again; a write goes on without.
    if who != .rx && simulation.processors[Int(host)].waitTimeout != nil { return true }
    let seen = pool.free - simulation.lostWakes(of: bufferClass, host: host)
    if seen > 0 && pool.allocator == .firstCome { return true }
    if anyGivesBack(bufferClass) { return true }
    if seen > 0 && asksPolicy && wouldGrant(task, bufferClass, pool.free) { return true }
    // What a moving receive path hands up it takes back at once: net zero for everybody else,
    // unless somebody else may have it first.
    guard who != .rx, handsUpAnywhere, trusts || anyTimerSends else { return false }
    if pool.allocator != .firstCome { return asksPolicy && wouldGrant(task, bufferClass, 1) }
    return !isBehindReceivers(task)
  }

  /// Whether a release would always wake a receive task first, so that the task gets what that
  /// leaves: nothing.
  func isBehindReceivers(_ task: Int32) -> Bool {
    guard simulation.processors[Int(host)].waiting == .priority else { return false }
    let own = simulation.tasks[Int(task)].priority
    return simulation.receiveTasks(of: host).allSatisfy {
      simulation.tasks[Int($0)].priority < own
    }
  }

  /// Everything that holds buffers of the class, and whether it can give one back.
  public func releases(_ bufferClass: BufferClass) -> [Release] {
    var found: [Release] = []
    _ = anyHolder(of: bufferClass) { place, holder, count in
      found.append(
        Release(
          place: place, holder: holder, count: count,
          isPossible: givesBack(place, holder, bufferClass),
          behind: tasksBehind(place, holder)))
      return false
    }
    return found
  }

  /// Whether anything that holds buffers of the class can give one back.
  private func anyGivesBack(_ bufferClass: BufferClass) -> Bool {
    anyHolder(of: bufferClass) { place, holder, _ in givesBack(place, holder, bufferClass) }
  }

  /// Shows each place that holds buffers, until `body` says yes: the place, the socket if it
  /// belongs to one, and how many.
  func anyHolder(
    of bufferClass: BufferClass, _ body: (Place, Int32, Int32) -> Bool
  ) -> Bool {
    let held = bufferClass == .mbufs ? state.heldMbufs : state.heldClusters
    for place in WaitGraph.placesOfHost where held[place] > 0 {
      if body(place, -1, held[place]) { return true }
    }
    for index in sockets.indices where sockets[index].inUse {
      let (snd, rcv) = (sockets[index].snd, sockets[index].rcv)
      let sending = bufferClass == .mbufs ? snd.mbufs : snd.clusters
      if sending > 0 && body(.sndbuf, Int32(index), sending) { return true }
      let received = bufferClass == .mbufs ? rcv.mbufs : rcv.clusters
      if received > 0 && body(.rcvbuf, Int32(index), received) { return true }
    }
    return false
  }

  private static let placesOfHost: [Place] = [
    .ring, .ipq, .arpq, .arphold, .ifq, .txring, .reass, .hand, .leaked,
  ]

  func givesBack(
    _ place: Place, _ holder: Int32, _ bufferClass: BufferClass
  ) -> Bool {
    switch place {
    case .ring, .leaked: return false
    case .ipq, .arpq: return moves(state.networkTask)
    case .arphold: return receivesAnywhere || moves(state.networkTask) && stack.releasesHeld
    case .ifq: return transmits
    case .txring: return transmits && somethingWillBeSent
    case .reass:
      // Fragments of IP go when their time is up, or are drained.
      if state.isReassembling && moves(state.networkTask) { return true }
      return receivesAnywhere || anyDropIsArmed
    case .hand: return handMoves || bufferClass == .mbufs && anyTemplateReturns
    case .sndbuf: return empties(sockets[Int(holder)])
    case .rcvbuf: return ownerMoves(sockets[Int(holder)])
    }
  }

  /// A send buffer empties by acknowledgments, by a drop that frees, or when its socket is closed.
  private func empties(_ socket: Socket) -> Bool {
    if isAnswered(socket.pcb) { return true }
    let isOrphan = socket.state.contains(.noDescriptor)
    if dropIsArmed(socket.pcb) && (state.tunables.dropFrees || isOrphan) { return true }
    return !isOrphan && ownerMoves(socket)
  }

  func tasksBehind(_ place: Place, _ holder: Int32) -> [Int32] {
    switch place {
    case .ring, .arphold: return simulation.receiveTasks(of: host)
    case .ipq, .arpq: return [state.networkTask]
    case .ifq, .txring, .reass, .hand, .leaked: return []
    case .sndbuf: return simulation.receiveTasks(of: host) + [sockets[Int(holder)].owner]
    case .rcvbuf: return [sockets[Int(holder)].owner]
    }
  }

  func ownerMoves(_ socket: Socket) -> Bool { socket.owner < 0 || goesOn(socket.owner) }

  /// A task moves, and has not ended with what it holds.
  func goesOn(_ task: Int32) -> Bool {
    simulation.tasks[Int(task)].state != .dormant && moves(task)
  }

  /// An mbuf or cluster in a task's hand comes back when the task goes on.
  var handMoves: Bool {
    for task in tasks where moves(task) && simulation.holdsBuffers(task) { return true }
    return false
  }

  /// A connection keeps the mbuf of its header template until it ends.
  private var anyTemplateReturns: Bool {
    for pcb in connections {
      if dropIsArmed(pcb) || ownerMoves(sockets[Int(stack.pcb(pcb).socket)]) { return true }
    }
    return false
  }
}
