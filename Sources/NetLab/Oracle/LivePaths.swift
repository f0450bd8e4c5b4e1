// What moves without a task, in the wait-for graph: drivers that take frames in, and timers that give
// connections up or send.

import NetSim
import NetStack
import Wire

extension WaitGraph {
  /// Whether frames of this interface still reach the stack.
  func receives(_ interface: Int32) -> Bool {
    let ifnet = interfaces[Int(interface)]
    // Whatever it does about its ring: it may wait for an mbuf.
    if simulation.tasks[Int(ifnet.rxTask)].wait?.kind != nil && !moves(ifnet.rxTask) {
      return false
    }
    if ifnet.isStuck { return false }
    switch ifnet.refill {
    case .wait: return moves(ifnet.rxTask)
    case .reuse: return findsCluster(interface)
    case .retry: return ifnet.rxPosted > 0 && !ifnet.keepsFrames || findsCluster(interface)
    case .abandon: return !ifnet.isAbandoned && findsCluster(interface)
    }
  }

  /// Whether a driver that does not wait finds a cluster sooner or later, or does without: a pure
  /// acknowledgment is copied when `copybreak` reaches that far.
  private func findsCluster(_ interface: Int32) -> Bool {
    let ifnet = interfaces[Int(interface)]
    if stack.hasCluster(for: interface) || classComesBack(ifnet) { return true }
    let copies = Int(ifnet.copybreak) >= EthernetLimits.minimumFrameOctets
    // Mbufs that are out may come back.
    return copies && (state.mbufPool.free > 0 || trusts) || starvedReleases
  }

  /// A buffer of a further size that lies anywhere but in a ring may come back: nobody follows how.
  private func classComesBack(_ ifnet: Ifnet) -> Bool {
    guard ifnet.sourceCount > 0, trusts else { return false }
    for index in 0..<stack.classCount {
      let held = stack.sizeClass(index).held
      if held.total > held[.ring] + held[.leaked] { return true }
    }
    return false
  }

  var receivesAnywhere: Bool {
    for index in interfaces.indices where receives(Int32(index)) { return true }
    return false
  }

  /// For a driver that drops when it has no cluster: whether any comes back but by what it
  /// receives.
  var starvedReleases: Bool {
    if state.heldClusters[.ipq] > 0 || state.heldClusters[.arpq] > 0 { return true }
    if state.heldClusters[.ifq] > 0 { return true }
    if state.heldClusters[.txring] > 0 && anyTimerSends { return true }
    for index in sockets.indices where sockets[index].inUse {
      let socket = sockets[index]
      if socket.rcv.clusters > 0 && ownerMoves(socket) { return true }
      if socket.snd.clusters == 0 { continue }
      let isOrphan = socket.state.contains(.noDescriptor)
      if dropIsArmed(socket.pcb) && (state.tunables.dropFrees || isOrphan) { return true }
      if !isOrphan && ownerMoves(socket) && !writes(socket) { return true }
      if dropIsArmed(socket.pcb) && sleepsOn(socket) { return true }
    }
    return false
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

  /// Whether the last firing of an armed timer of this connection drops it. Probes for a window do
  /// so too, once nobody hears an answer: that is what is asked here.
  func dropIsArmed(_ pcb: Int32) -> Bool {
    if pcb < 0 { return false }
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
    if state.mbufPool.free == 0 && !trusts { return false }
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
