// Blind attacks: whoever does not see the sequence numbers may guess one in the window, but he
// cannot answer a question.
//
// RFC 5961 §3 (RST), §4 (SYN), §5 (ACK), §7 (how many questions a second). FreeBSD:
// tcp_send_challenge_ack and its callers in netinet/tcp_input.c. 4.4BSD believes any RST or SYN
// that touches its window.

import Wire

extension Kernel {
  /// Asked before a segment is trimmed, of connections that are synchronised.
  func checkBlindly(_ pcb: Int32, _ segment: TCPSegment) -> TCPVerdict {
    let tcb = tcpcbs + Int(pcb)
    if tcb.pointee.state < .established { return .proceed }
    if segment.flags.contains(.rst) {
      if segment.sequence == tcb.pointee.rcvNxt { return .proceed }
      let beyond = segment.sequence - tcb.pointee.rcvNxt
      return beyond > 0 && beyond < Int(tcb.pointee.rcvWnd) ? .challenge : .drop
    }
    // In TIME_WAIT a SYN may begin anew. RFC 9293 §3.10.7.4.
    if segment.flags.contains(.syn) && tcb.pointee.state != .timeWait { return .challenge }
    guard segment.flags.contains(.ack) else { return .proceed }
    let oldest = tcb.pointee.sndUna - Int(tcb.pointee.maxSndWnd)
    let isPlausible =
      segment.acknowledgment >= oldest && segment.acknowledgment <= tcb.pointee.sndMax
    return isPlausible ? .proceed : .challenge
  }

  /// Answers with what we expect, unless so many have been answered this second already.
  func challenge(_ pcb: Int32, _ packet: Int32) {
    let limit = rules.challengeLimit
    let second = now.nanoseconds / 1_000_000_000
    if second != state.pointee.challengeSecond {
      state.pointee.challengeSecond = second
      state.pointee.challengesThisSecond = 0
    }
    if limit > 0 && state.pointee.challengesThisSecond >= limit {
      state.pointee.statistics.tcpChallengesSuppressed &+= 1
      mFreem(packet, .challengeSuppressed)
      return
    }
    state.pointee.challengesThisSecond &+= 1
    state.pointee.statistics.tcpChallenges &+= 1
    mFreem(packet, .answered)
    tcpcbs[Int(pcb)].flags.insert(.ackNow)
    _ = tcpOutput(pcb)
  }
}
