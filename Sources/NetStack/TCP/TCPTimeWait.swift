// TIME_WAIT where old segments cannot end it.
//
// RFC 1337 §3 (F1: RSTs are ignored), RFC 9293 §3.10.7.4. FreeBSD: tcp_twcheck of
// netinet/tcp_timewait.c. 4.4BSD takes a segment through the steps of every other state, and is
// assassinated by a RST or an old SYN in the window.

import Wire

extension Kernel {
  /// tcp_twcheck.
  func timeWaitInput(_ pcb: Int32, _ segment: TCPSegment) -> TCPVerdict {
    let tcb = tcpcbs + Int(pcb)
    if segment.flags.contains(.rst) { return .drop }
    let opening = segment.flags.intersection([.syn, .ack])
    if opening == .syn && segment.sequence > tcb.pointee.rcvNxt { return giveWay(pcb) }
    if !segment.flags.contains(.ack) { return .drop }
    // The FIN once more: our ACK of it was lost.
    if segment.flags.contains(.fin) {
      let end = segment.end + (segment.flags.contains(.syn) ? 1 : 0)
      if end + 1 == tcb.pointee.rcvNxt { arm(.msl2, of: pcb, ticks: 2 &* rules.msl) }
    }
    let isExpected =
      segment.flags == .ack && segment.length == 0 && segment.sequence == tcb.pointee.rcvNxt
      && segment.acknowledgment == tcb.pointee.sndNxt
    return isExpected ? .drop : .dropAfterAck
  }

  /// A new SYN may end TIME_WAIT early when it lies ahead of the old stream. RFC 9293 §3.10.7.4.
  func giveWay(_ pcb: Int32) -> TCPVerdict {
    let iss = tcpcbs[Int(pcb)].rcvNxt + Int(TCPLimit.issIncrement)
    tcpClose(pcb)
    return .startOver(iss)
  }
}
