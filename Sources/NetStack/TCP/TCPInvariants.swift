// What is true of every connection between two events. Tests ask after each of them.
//
// RFC 9293 §3.3.1 (the order of the send and receive variables), §3.8.6.1 (never both timers).

import Wire

extension Kernel {
  /// Stops the program when a connection contradicts itself: that is a mistake of ours, never a
  /// packet's.
  func checkConnection(_ pcb: Int32) {
    let tcb = tcpcbs + Int(pcb)
    let socket = pcbs[Int(pcb)].socket
    precondition(sockets[Int(socket)].pcb == pcb, "a pcb whose socket does not know it")
    precondition(tcb.pointee.sndUna <= tcb.pointee.sndNxt, "acknowledged beyond what is next")
    precondition(tcb.pointee.sndNxt <= tcb.pointee.sndMax, "next beyond highest sent")
    let flight = tcb.pointee.sndMax - tcb.pointee.sndUna
    precondition(
      flight <= Int(sockets[Int(socket)].snd.cc) + 2, "more is under way than data, SYN and FIN")
    precondition(tcb.pointee.mss > 0, "a segment carries at least one octet")
    precondition(tcb.pointee.cwnd > 0 || tcb.pointee.state == .listen, "a congestion window of 0")
    precondition(
      tcb.pointee[.rexmt] < 0 || tcb.pointee[.persist] < 0, "persist and retransmit at once")
    precondition(
      tcb.pointee.rxtshift >= 0 && tcb.pointee.rxtshift <= TCPLimit.maxShift,
      "a retransmission beyond the last")
    precondition(!tcb.pointee.force, "force outlives its timer")
    precondition(
      tcb.pointee.template >= 0 || tcb.pointee.state <= .listen, "a connection without template")
    precondition(
      !tcb.pointee.flags.contains(.delayedAck) || state.pointee.delayedAcks
        || tcb.pointee[.delack] >= 0,
      "a delayed ACK that no beat will send")
    precondition(
      !tcb.pointee.flags.contains(.recovering)
        || tcb.pointee.recover >= tcb.pointee.sndUna,
      "a recovery that is over goes on")
    for index in 0..<TCPTimer.count
    where tcb.pointee.timers[index] >= 0 && tcb.pointee.state != .listen {
      precondition(
        state.pointee.earliestSlowTick <= tcb.pointee.timers[index], "a timer nobody waits for")
    }
    checkReassembly(pcb)
  }

  /// The queue is sorted, without overlap, and begins behind a gap once the handshake is over.
  private func checkReassembly(_ pcb: Int32) {
    let tcb = tcpcbs + Int(pcb)
    var packet = tcb.pointee.reassembly
    var edge = tcb.pointee.rcvNxt
    var count: Int32 = 0
    while packet >= 0 {
      count += 1
      let start = waitingSequence(packet)
      precondition(edge <= start, "waiting segments overlap")
      precondition(mbuf(packet).pointee.place == .reass, "a waiting segment in another place")
      let missing = mbuf(packet).pointee.packetLength &- chainLength(packet)
      precondition(missing == 0 || missing == 1, "more is missing than an urgent octet")
      edge = start + Int(mbuf(packet).pointee.packetLength)
      packet = mbuf(packet).pointee.nextPacket
    }
    precondition(count == tcb.pointee.reassemblyCount, "waiting segments are miscounted")
  }
}
