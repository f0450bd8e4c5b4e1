// Explicit congestion notification: a router marks a packet instead of dropping it, the receiver
// echoes that until the sender has answered.
//
// RFC 3168 §6.1. FreeBSD: netinet/tcp_ecn.c. Left out: AccECN, ECN++ (only new data is sent as
// capable), and what makes a router mark.

import Wire

extension Kernel {
  /// The low bits of IP's TOS: RFC 3168 §5.
  private static var codepoints: UInt8 { 3 }
  static var capable: UInt8 { 2 }
  private static var congested: UInt8 { 3 }

  // MARK: the handshake

  /// What ECN adds to a SYN, or to its answer.
  func marksOfHandshake(_ pcb: Int32, _ flags: TCPFlags) -> TCPFlags {
    let tcb = tcpcbs + Int(pcb)
    if tcb.pointee.rxtshift > rules.ecnRetries { return [] }
    if !flags.contains(.ack) { return rules.ecn == .offered ? [.ece, .cwr] : [] }
    return tcb.pointee.flags.contains(.ecn) ? .ece : []
  }

  /// The SYN of the peer, or its answer to ours: whether both ends want it. A SYN that went without
  /// the offer in the end has not asked.
  func agreeOnMarks(_ pcb: Int32, _ segment: TCPSegment) {
    let tcb = tcpcbs + Int(pcb)
    let marks = segment.flags.intersection([.ece, .cwr])
    let isAgreed =
      segment.flags.contains(.ack)
      ? marks == .ece && rules.ecn == .offered && tcb.pointee.rxtshift <= rules.ecnRetries
      : marks == [.ece, .cwr]
    if isAgreed && !tcb.pointee.flags.contains(.ecn) {
      state.pointee.statistics.tcp.markHandshakes &+= 1
    }
    if isAgreed { tcb.pointee.flags.insert(.ecn) } else { tcb.pointee.flags.remove(.ecn) }
  }

  // MARK: segments

  /// tcp_ecn_input_segment, of a connection that speaks it.
  func takeMarks(_ pcb: Int32, _ segment: TCPSegment) {
    let tcb = tcpcbs + Int(pcb)
    if segment.flags.contains(.cwr) {
      tcb.pointee.flags.remove(.echoesMark)
      tcb.pointee.flags.insert(.ackNow)
    }
    let header = data(segment.packet) - Int(mbuf(segment.packet).pointee.offset)
    let service = UnsafeRawPointer(header).octet(at: Int(segment.headerOffset) + 1)
    if service & Kernel.codepoints == Kernel.congested {
      tcb.pointee.flags.insert(.echoesMark)
      state.pointee.statistics.tcp.marksReceived &+= 1
    }
    if segment.flags.contains(.ece) && tcb.pointee.state >= .established { slowDown(pcb) }
  }

  /// As after a loss, but nothing is lost: half the window, once a round trip. RFC 3168 §6.1.2.
  private func slowDown(_ pcb: Int32) {
    let tcb = tcpcbs + Int(pcb)
    if tcb.pointee.flags.contains(.recovering) || tcb.pointee.sndUna < tcb.pointee.recover {
      return
    }
    tcb.pointee.ssthresh = halfFlight(pcb)
    tcb.pointee.cwnd = tcb.pointee.ssthresh
    tcb.pointee.recover = tcb.pointee.sndMax
    tcb.pointee.flags.insert(.answersMark)
    state.pointee.statistics.tcp.markReductions &+= 1
  }

  /// tcp_ecn_output_established: flags for this segment.
  ///
  /// - Returns: whether it goes as capable: new data, no probe. RFC 3168 §6.1.5, §6.1.6.
  func putMarks(_ pcb: Int32, _ plan: TCPPlan, _ flags: inout TCPFlags) -> Bool {
    let tcb = tcpcbs + Int(pcb)
    let isNew =
      plan.length > 0 && tcb.pointee.sndNxt >= tcb.pointee.sndMax && !tcb.pointee.force
    if isNew && tcb.pointee.flags.contains(.answersMark) {
      flags.insert(.cwr)
      tcb.pointee.flags.remove(.answersMark)
    }
    if tcb.pointee.flags.contains(.echoesMark) { flags.insert(.ece) }
    return isNew
  }
}
