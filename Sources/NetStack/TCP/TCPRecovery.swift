// Coming out of a loss: fast retransmit, and what the ACKs after it mean.
//
// RFC 5681 §3.2 (Reno), RFC 6582 (NewReno), RFC 3042 (limited transmit); RFC 6675 where both ends
// speak SACK. 4.4BSD: netinet/tcp_input.c, the duplicate ACKs of "ACK processing"; FreeBSD:
// tcp_newreno_partial_ack. Reno knows no state: its recovery ends with the first ACK that moves.

import Wire

extension Kernel {
  /// An ACK that moves nothing. The third in a row means a loss; one that tells of another range
  /// counts, whatever it carries. RFC 5681 §3.2, RFC 6675 §5.
  func duplicateAck(_ pcb: Int32, _ segment: TCPSegment, tellsMore: Bool) -> TCPVerdict {
    let tcb = tcpcbs + Int(pcb)
    let isRecovering = tcb.pointee.flags.contains(.recovering)
    guard segment.length == 0 && segment.window == tcb.pointee.sndWnd || tellsMore else {
      if !isRecovering { tcb.pointee.dupAcks = 0 }
      return .proceed
    }
    state.pointee.statistics.tcpDupAcks &+= 1
    if tcb.pointee[.rexmt] < 0 || segment.acknowledgment != tcb.pointee.sndUna {
      if !isRecovering { tcb.pointee.dupAcks = 0 }
      return .proceed
    }
    tcb.pointee.dupAcks &+= 1
    // What stands beside a new range is still to be taken.
    let done: TCPVerdict =
      tellsMore && (segment.length > 0 || segment.flags.contains(.fin)) ? .proceed : .drop
    if isRecovering {
      recoverFurther(pcb)
      return done
    }
    if remembersRecovery(pcb) { return mayBeginRecovery(pcb, segment) ? done : .proceed }
    if tcb.pointee.dupAcks == rules.dupAckThreshold {
      fastRetransmit(pcb, segment.acknowledgment)
      return .drop
    }
    if tcb.pointee.dupAcks > rules.dupAckThreshold {
      tcb.pointee.cwnd &+= UInt32(tcb.pointee.mss)
      _ = tcpOutput(pcb)
      return .drop
    }
    transmitLimited(pcb)
    return .proceed
  }

  /// NewReno and SACK: a recovery lasts until all is acknowledged that was under way as it began.
  @inline(__always)
  private func remembersRecovery(_ pcb: Int32) -> Bool {
    rules.recovery == .newReno || tcpcbs[Int(pcb)].flags.contains(.sackPermitted)
  }

  /// RFC 6582 §3.2 step 2, RFC 6675 §5 (1), (2).
  private func mayBeginRecovery(_ pcb: Int32, _ segment: TCPSegment) -> Bool {
    let tcb = tcpcbs + Int(pcb)
    let speaksSack = tcb.pointee.flags.contains(.sackPermitted)
    let isLoss =
      tcb.pointee.dupAcks >= rules.dupAckThreshold || speaksSack && firstIsLost(pcb)
    if !isLoss {
      transmitLimited(pcb)
      return false
    }
    // Duplicates of what the last recovery or timeout sent again are no news.
    if segment.acknowledgment <= tcb.pointee.recover {
      tcb.pointee.dupAcks = 0
      return false
    }
    tcb.pointee.recover = tcb.pointee.sndMax
    tcb.pointee.flags.insert(.recovering)
    state.pointee.statistics.tcpRecoveries &+= 1
    if speaksSack { beginSackRecovery(pcb) } else { fastRetransmit(pcb, segment.acknowledgment) }
    return true
  }

  /// One more segment has left the network.
  private func recoverFurther(_ pcb: Int32) {
    let tcb = tcpcbs + Int(pcb)
    if !tcb.pointee.flags.contains(.sackPermitted) {
      tcb.pointee.cwnd &+= UInt32(tcb.pointee.mss)
    }
    _ = tcpOutput(pcb)
  }

  /// One segment is sent again, and only one: the window is shut to its size meanwhile.
  private func fastRetransmit(_ pcb: Int32, _ first: SequenceNumber) {
    let tcb = tcpcbs + Int(pcb)
    tcb.pointee.ssthresh = halfFlight(pcb)
    sendFirstAgain(pcb, first)
    let inflated = UInt32(tcb.pointee.mss) &* UInt32(tcb.pointee.dupAcks)
    tcb.pointee.cwnd = tcb.pointee.ssthresh &+ inflated
  }

  private func sendFirstAgain(_ pcb: Int32, _ first: SequenceNumber) {
    let tcb = tcpcbs + Int(pcb)
    let next = tcb.pointee.sndNxt
    disarm(.rexmt, of: pcb)
    tcb.pointee.rttStartTick = -1
    tcb.pointee.sndNxt = first
    tcb.pointee.cwnd = UInt32(tcb.pointee.mss)
    _ = tcpOutput(pcb)
    tcb.pointee.sndNxt = SequenceNumber.later(next, tcb.pointee.sndNxt)
  }

  /// Up to two segments beyond the window keep the ACKs coming. RFC 3042 §2.
  private func transmitLimited(_ pcb: Int32) {
    let tcb = tcpcbs + Int(pcb)
    guard rules.limitedTransmit, tcb.pointee.dupAcks <= 2,
      tcb.pointee.sndNxt == tcb.pointee.sndMax
    else { return }
    let window = tcb.pointee.cwnd
    tcb.pointee.cwnd = window &+ UInt32(tcb.pointee.mss) &* UInt32(tcb.pointee.dupAcks)
    _ = tcpOutput(pcb)
    tcb.pointee.cwnd = window
  }

  /// SND.UNA has moved while a recovery, or a scoreboard, remembers what is above it.
  func recoveryMoves(_ pcb: Int32, _ acked: Int) {
    let tcb = tcpcbs + Int(pcb)
    let speaksSack = tcb.pointee.flags.contains(.sackPermitted)
    if speaksSack { sackBoards[Int(pcb)].forget(below: tcb.pointee.sndUna) }
    guard tcb.pointee.flags.contains(.recovering) else {
      // It is kept near: half the sequence space further on it would seem to lie ahead.
      tcb.pointee.recover = SequenceNumber.later(tcb.pointee.recover, tcb.pointee.sndUna - 1)
      return
    }
    if tcb.pointee.sndUna >= tcb.pointee.recover {
      tcb.pointee.flags.remove(.recovering)
      tcb.pointee.dupAcks = 0
      let flight = UInt32(clamping: tcb.pointee.sndMax - tcb.pointee.sndUna)
      let mss = UInt32(tcb.pointee.mss)
      // Not so much at once that it would be a burst. RFC 6582 §3.2 step 3.
      tcb.pointee.cwnd = min(tcb.pointee.ssthresh, max(flight, mss) &+ mss)
      return
    }
    if speaksSack { return }  // tcp_output looks at the scoreboard
    // A partial ACK: the next hole, and the window falls by what has left the network.
    let window = tcb.pointee.cwnd
    sendFirstAgain(pcb, tcb.pointee.sndUna)
    // BSD's hazard, that without an mbuf no timer runs either, is not passed on.
    if tcb.pointee[.rexmt] < 0 { arm(.rexmt, of: pcb, ticks: Int64(tcb.pointee.rxtcur)) }
    let mss = UInt32(tcb.pointee.mss)
    let left = window &- min(UInt32(clamping: acked), window)
    tcb.pointee.cwnd = max(acked >= Int(mss) ? left &+ mss : left, mss)
  }

  /// The timer has the word: what was reported may be gone, and duplicates of what is sent again
  /// now mean nothing. RFC 6582 §3.2 step 4, RFC 6675 §5.1.
  func recoveryTimesOut(_ pcb: Int32) {
    if !remembersRecovery(pcb) { return }
    let tcb = tcpcbs + Int(pcb)
    tcb.pointee.flags.remove(.recovering)
    tcb.pointee.recover = tcb.pointee.sndMax
    if tcb.pointee.flags.contains(.sackPermitted) { sackBoards[Int(pcb)].forgetAll() }
  }
}
