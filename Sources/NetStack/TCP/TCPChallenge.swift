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
    let isReset = segment.flags.contains(.rst)
    let isLooked = isReset && rules.arrivals == .freebsd
    if tcb.pointee.state < .established && !isLooked { return .proceed }
    let beyond = segment.sequence - tcb.pointee.rcvNxt
    let isInWindow = beyond >= 0 && beyond < blindWindow(pcb)
    if isReset {
      if beyond == 0 || isInWindow && rules.insecureRst { return .proceed }
      return isInWindow ? .challenge : .drop
    }
    // In TIME_WAIT a SYN may begin anew. RFC 9293 §3.10.7.4.
    if segment.flags.contains(.syn) && tcb.pointee.state != .timeWait {
      guard isInWindow && rules.insecureSyn else { return .challenge }
      state.pointee.causes.ending = .reset
      tcpDrop(pcb, .ECONNRESET)
      state.pointee.causes.ending = .none
      return .drop
    }
    guard segment.flags.contains(.ack) else { return .proceed }
    let oldest = tcb.pointee.sndUna - Int(tcb.pointee.maxSndWnd)
    let isPlausible =
      segment.acknowledgment >= oldest && segment.acknowledgment <= tcb.pointee.sndMax
    return isPlausible ? .proceed : .challenge
  }

  /// RCV.WND; of a handshake that a listener keeps only what was told (sc_wnd of tcp_syncache.c).
  private func blindWindow(_ pcb: Int32) -> Int {
    let window = Int(tcpcbs[Int(pcb)].rcvWnd)
    let isEmbryo =
      tcpcbs[Int(pcb)].state == .synReceived
      && sockets[Int(pcbs[Int(pcb)].socket)].listener >= 0
    return isEmbryo ? min(window, Int(TCPLimit.maxWindow)) : window
  }

  /// Answers with what we expect, unless so many have been answered this second already.
  func challenge(_ pcb: Int32, _ segment: TCPSegment) {
    let limit = rules.challengeLimit
    let second = now.nanoseconds / 1_000_000_000
    if second != state.pointee.challengeSecond {
      state.pointee.challengeSecond = second
      state.pointee.challengesThisSecond = 0
    }
    if limit > 0 && state.pointee.challengesThisSecond >= limit {
      state.pointee.statistics.tcpChallengesSuppressed &+= 1
      mFreem(segment.packet, .challengeSuppressed)
      return
    }
    state.pointee.challengesThisSecond &+= 1
    state.pointee.statistics.tcpChallenges &+= 1
    let tcb = tcpcbs + Int(pcb)
    if rules.arrivals == .freebsd {
      tcpRespond(
        pcb, to: segment, sequence: tcb.pointee.sndNxt, acknowledgment: tcb.pointee.rcvNxt,
        flags: .ack)
      tcb.pointee.lastAckSent = tcb.pointee.rcvNxt
      return
    }
    mFreem(segment.packet, .answered)
    tcb.pointee.flags.insert(.ackNow)
    _ = tcpOutput(pcb)
  }
}
