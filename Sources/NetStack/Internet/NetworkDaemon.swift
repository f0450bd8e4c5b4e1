// The network task ("ntwk"): drains ipintrq and arpintrq, then runs the callouts that are due.
//
// RTEMS 4.6: rtems_glue.c, networkDaemon. It never waits for a buffer, which is why timers fire
// even when everybody else is stuck.

import Wire

public struct NetworkDaemon: Sendable {
  private var point = Point.look

  private enum Point: UInt8 {
    case look, packet
  }

  public init() {}

  mutating func resume(_ kernel: borrowing Kernel) -> Step {
    while true {
      kernel.context.pointee.requester = .stack
      switch point {
      case .look:
        if kernel.state.pointee.ipQueue.length > 0 {
          point = .packet
          if let step = kernel.pay(kernel.costOfNextPacket()) { return step }
          continue
        }
        if kernel.state.pointee.arpQueue.length > 0 {
          kernel.arpInput(kernel.dequeue(&kernel.state.pointee.arpQueue))
          continue
        }
        if kernel.runCallouts() { continue }
        kernel.state.pointee.networkWaits = true
        return .waits(.network)
      case .packet:
        point = .look
        kernel.ipInput(kernel.dequeue(&kernel.state.pointee.ipQueue))
        let owed = kernel.context.pointee.takeDebt()
        if owed > 0 { return .ran(owed) }
      }
    }
  }
}

extension Kernel {
  /// IF_DEQUEUE: the first packet of a queue that is not empty, now in the task's hand.
  @inline(__always)
  func dequeue(_ queue: inout PacketQueue) -> Int32 {
    let packet = queue.head
    precondition(packet >= 0, "a packet is taken from an empty queue")
    queue.head = mbuf(packet).pointee.nextPacket
    if queue.head < 0 { queue.tail = -1 }
    queue.length &-= 1
    mbuf(packet).pointee.nextPacket = -1
    placeChain(packet, .hand, holder: context.pointee.task)
    return packet
  }

  /// CPU time of ip_input and of what it will call, seen from the packet at the head of ipintrq.
  @inline(__always)
  fileprivate func costOfNextPacket() -> Int64 {
    let costs = state.pointee.costs
    let packet = state.pointee.ipQueue.head
    guard let number = IPv4Header.protocolNumber(in: front(packet, atLeast: 20)) else {
      return costs.ip.nanoseconds
    }
    let length = mbuf(packet).pointee.packetLength
    switch number {
    case IPProtocol.tcp:
      return costs.ip.nanoseconds &+ costs.tcpInput.nanoseconds &+ costs.touching(length)
    case IPProtocol.udp:
      return costs.ip.nanoseconds &+ costs.udp.nanoseconds &+ costs.touching(length)
    default:
      return costs.ip.nanoseconds
    }
  }

  /// The beats that are due: at the same tick the fast one comes first, because it was set later.
  fileprivate func runCallouts() -> Bool {
    if state.pointee.runsEveryBeat { noteLateness() }
    if state.pointee.fastTimeoutDue {
      state.pointee.fastTimeoutDue = false
      context.pointee.requester = .timer
      tcpFastTimeout()
      return true
    }
    if state.pointee.internetTimeoutDue {
      state.pointee.internetTimeoutDue = false
      context.pointee.requester = .timer
      internetTimeout()
      return true
    }
    if state.pointee.slowTimeoutDue {
      state.pointee.slowTimeoutDue = false
      slowBeatRuns()
      context.pointee.requester = .timer
      tcpSlowTimeout()
      return true
    }
    return false
  }

  /// A beat has come. Wakes the network task when something is to be done at it.
  func calloutFired() {
    var due = false
    if now >= state.pointee.internetTimeoutAt {
      state.pointee.internetTimeoutAt = .never
      state.pointee.internetTimeoutDue = true
      due = true
    }
    if state.pointee.runsEveryBeat {
      if due { schedNetisr() }
      return beatHasCome()
    }
    let first = state.pointee.tickNanoseconds
    let since = now.nanoseconds - first
    if state.pointee.delayedAcks, since >= 0, since % 200_000_000 == 0 {
      state.pointee.fastTimeoutDue = true
      due = true
    }
    if slowTick >= state.pointee.earliestSlowTick, slowTimeoutIsDue() {
      state.pointee.slowTimeoutDue = true
      due = true
    }
    if due { schedNetisr() }
  }
}

extension NetworkDaemon {
  func addState(to hash: inout StateHash) { hash.add(point.rawValue) }
}
