// What moves without a task, in the wait-for graph: drivers that take frames in, and timers that
// give connections up or send. Frames get no further than the network task, and timers fire in it.

import NetSim
import NetStack
import Wire

extension WaitGraph {
  /// Whether frames of this interface still reach the stack.
  func receives(_ interface: Int32) -> Bool {
    let ifnet = interfaces[Int(interface)]
    let rx = simulation.tasks[Int(ifnet.rxTask)]
    // Whatever it does about its ring: it may wait for an mbuf, or for the network semaphore.
    if !moves(ifnet.rxTask) || ifnet.isStuck { return false }
    switch ifnet.refill {
    case .wait: return true
    case .reuse: return findsCluster(ifnet, interface)
    case .retry: return ifnet.rxPosted > 0 && !ifnet.keepsFrames || findsCluster(ifnet, interface)
    case .abandon:
      // Nobody looks at a full ring, but a task that is awake looks before it sleeps.
      if ifnet.isAbandoned && rx.wait != nil { return false }
      return findsCluster(ifnet, interface)
    }
  }

  /// Whether frames of any interface reach the protocols.
  var receivesAnywhere: Bool {
    guard moves(state.networkTask) else { return false }
    for index in interfaces.indices where receives(Int32(index)) { return true }
    return false
  }

  /// Whether some driver hands a frame up before it has another buffer for its ring. One that asks
  /// first drops or keeps the frame when there is none, and gives nobody anything.
  var handsUpAnywhere: Bool {
    guard moves(state.networkTask) else { return false }
    for (index, ifnet) in interfaces.enumerated() where !ifnet.keepsFrames {
      guard ifnet.refill == .wait || ifnet.refill == .retry else { continue }
      if receives(Int32(index)) { return true }
    }
    return false
  }

  /// Whether any transmit task goes on.
  var transmits: Bool {
    for ifnet in interfaces where moves(ifnet.txTask) { return true }
    return false
  }

  /// Whether a driver that does not wait finds a cluster sooner or later, or does without: a pure
  /// acknowledgment is copied when `copybreak` reaches that far.
  private func findsCluster(_ ifnet: Ifnet, _ interface: Int32) -> Bool {
    if stack.hasCluster(for: interface) { return true }
    let copies = Int(ifnet.copybreak) >= EthernetLimits.minimumFrameOctets
    // Mbufs that are out may come back.
    if copies && (state.mbufPool.free > 0 || trusts) { return true }
    if ifnet.sourceCount == 0 { return comesBackUnheard(0) }
    for index in 0..<Int(ifnet.sourceCount) where comesBackUnheard(ifnet.sources[index]) {
      return true
    }
    return false
  }

  /// A buffer of a class, or with 0 a cluster.
  private func comesBackUnheard(_ source: UInt8) -> Bool {
    if source == 0 {
      return anyHolder(of: .clusters) { place, holder, _ in comesBackUnheard(place, holder) }
    }
    for buffer in stack.heldBuffers(ofClass: Int32(source) - 1) {
      if comesBackUnheard(buffer.place, buffer.holder) { return true }
    }
    return false
  }

  /// For a driver that drops when it has no buffer: whether one comes back but by what it receives.
  private func comesBackUnheard(_ place: Place, _ holder: Int32) -> Bool {
    switch place {
    case .ring, .leaked: return false
    case .arphold: return moves(state.networkTask) && stack.releasesHeld
    case .ipq, .arpq: return moves(state.networkTask)
    case .ifq: return transmits
    case .txring: return transmits && anyTimerSends
    case .reass: return state.isReassembling && moves(state.networkTask) || anyDropIsArmed
    case .hand: return handMoves
    case .rcvbuf: return ownerMoves(sockets[Int(holder)])
    case .sndbuf:
      let socket = sockets[Int(holder)]
      let isOrphan = socket.state.contains(.noDescriptor)
      let isDropped = dropIsArmed(socket.pcb)
      if isDropped && (state.tunables.dropFrees || isOrphan || sleepsOn(socket)) { return true }
      return !isOrphan && ownerMoves(socket) && !writes(socket)
    }
  }

  /// The owner is inside a write: it does not close until that returns.
  private func writes(_ socket: Socket) -> Bool {
    guard socket.owner >= 0, let wait = simulation.tasks[Int(socket.owner)].wait else {
      return false
    }
    if wait.kind != nil { return true }
    if case .socketSpace = wait { return true }
    return false
  }

  /// The owner sleeps in sbwait: a drop wakes it, its write fails, and it closes.
  private func sleepsOn(_ socket: Socket) -> Bool {
    guard socket.owner >= 0, let wait = simulation.tasks[Int(socket.owner)].wait else {
      return false
    }
    if case .socketSpace = wait { return true }
    return false
  }

  /// The protocols' beats set flags for the network task, and it does what is due.
  var timersStand: Bool { stack != nil && !moves(state.networkTask) }

  /// Whether the last firing of an armed timer of this connection drops it. Probes for a window do
  /// so too, once nobody hears an answer: that is what is asked here.
  func dropIsArmed(_ pcb: Int32) -> Bool {
    if pcb < 0 || timersStand { return false }
    let connection = stack.tcpcb(pcb)
    return connection.expiry(of: .rexmt) != nil || connection.expiry(of: .persist) != nil
      || (keepaliveIsOn(pcb) && connection.expiry(of: .keep) != nil)
      || connection.expiry(of: .msl2) != nil
  }

  func keepaliveIsOn(_ pcb: Int32) -> Bool {
    let socket = stack.pcb(pcb).socket
    return state.tunables.alwaysKeepalive || stack.socket(socket).options.contains(.keepalive)
  }

  func keepaliveIsArmed(_ socket: Socket) -> Bool {
    socket.pcb >= 0 && dropIsArmed(socket.pcb)
  }

  var anyDropIsArmed: Bool {
    for pcb in connections where dropIsArmed(pcb) { return true }
    return false
  }

  /// A segment that a timer sends makes the transmit task reap what was sent before. It takes an
  /// mbuf, which may come back in time.
  var anyTimerSends: Bool {
    if state.mbufPool.free == 0 && !trusts || timersStand { return false }
    for pcb in connections {
      let connection = stack.tcpcb(pcb)
      if connection.expiry(of: .rexmt) != nil || connection.expiry(of: .persist) != nil {
        return true
      }
      if keepaliveIsOn(pcb) && connection.expiry(of: .keep) != nil { return true }
    }
    return false
  }

  /// What was sent lies in the transmit ring until the next frame goes out. Whether what comes in
  /// must be answered, or a task that goes on sends something, is not known.
  var somethingWillBeSent: Bool {
    anyTimerSends || trusts && (receivesAnywhere || anyTaskGoesOn)
  }

  private var anyTaskGoesOn: Bool {
    for task in tasks where simulation.tasks[Int(task)].isProgram && goesOn(task) { return true }
    return false
  }
}
