// ACK processing: what the peer has, how wide the congestion window is, which of our closings it
// ends.
//
// RFC 9293 §3.10.7.4 fifth check, RFC 5681 §3.1 (slow start, avoidance). 4.4BSD:
// netinet/tcp_input.c, from "ACK processing" to step6. What a loss does to it is in
// TCPRecovery.swift.

import Wire

extension Kernel {
  /// The ACK of a synchronised connection.
  func processAck(
    _ pcb: Int32, _ segment: inout TCPSegment, _ needsOutput: inout Bool
  ) -> TCPVerdict {
    let tcb = tcpcbs + Int(pcb)
    if tcb.pointee.state == .synReceived { finishHandshake(pcb, &segment) }
    let tellsMore = segment.options.sack.count > 0 && takeSack(pcb, segment)
    if segment.acknowledgment <= tcb.pointee.sndUna {
      return duplicateAck(pcb, segment, tellsMore: tellsMore)
    }
    if !tcb.pointee.flags.contains(.recovering) {
      // What recovery had inflated for segments that have left the network goes back. RFC 5681
      // §3.2.
      if tcb.pointee.dupAcks >= rules.dupAckThreshold
        && tcb.pointee.cwnd > tcb.pointee.ssthresh
      {
        tcb.pointee.cwnd = tcb.pointee.ssthresh
      }
      tcb.pointee.dupAcks = 0
    }
    if segment.acknowledgment > tcb.pointee.sndMax {
      state.pointee.statistics.tcpAckTooMuch &+= 1
      return .dropAfterAck
    }
    return acknowledge(pcb, segment, &needsOutput)
  }

  /// Our SYN is acknowledged: SYN_RECEIVED is over.
  private func finishHandshake(_ pcb: Int32, _ segment: inout TCPSegment) {
    state.pointee.statistics.tcpConnects &+= 1
    soIsConnected(pcbs[Int(pcb)].socket)
    startScaling(pcb)
    // 4.4BSD takes the window of this ACK for one that is not scaled. RFC 7323 §2.3.
    if rules.arrivals == .freebsd { segment.window <<= UInt32(tcpcbs[Int(pcb)].sndScale) }
    enterEstablished(pcb)
    // What came with the SYN has waited for this.
    if segment.length == 0 && !segment.flags.contains(.fin) { _ = presentReassembled(pcb) }
    tcpcbs[Int(pcb)].sndWl1 = segment.sequence - 1
  }

  /// process_ACK: everything before SEG.ACK has arrived.
  func acknowledge(
    _ pcb: Int32, _ segment: TCPSegment, _ needsOutput: inout Bool
  ) -> TCPVerdict {
    let tcb = tcpcbs + Int(pcb)
    let acked = segment.acknowledgment - tcb.pointee.sndUna
    precondition(acked >= 0, "an old ACK is processed as a new one")
    state.pointee.statistics.tcp.slowAcks &+= 1
    state.pointee.statistics.tcp.ackedOctets &+= Int64(acked)
    let wasStalled = tcb.pointee.stalledSince != .never
    if wasStalled { beginAnswer(pcb, segment) }
    defer { if wasStalled { answerIsDone() } }
    sampleRoundTrip(pcb, segment.acknowledgment, segment.options.timestamps)
    if segment.acknowledgment == tcb.pointee.sndMax {
      disarm(.rexmt, of: pcb)
      needsOutput = true
    } else if tcb.pointee[.persist] < 0 && isTimed(pcb) {
      arm(.rexmt, of: pcb, ticks: Int64(tcb.pointee.rxtcur))
    }
    if acked == 0 { return .proceed }  // the SYN of an active open, counted before
    growCongestionWindow(pcb)
    let socket = pcbs[Int(pcb)].socket
    let dropped = min(Int32(truncatingIfNeeded: acked), sockets[Int(socket)].snd.cc)
    // BSD would wrap below 0 here when the peer has shrunk its window meanwhile.
    let window = tcb.pointee.sndWnd
    tcb.pointee.sndWnd = window > UInt32(dropped) ? window &- UInt32(dropped) : 0
    sbDrop(socket, .send, dropped, .acked)
    // BSD asks whether more was acknowledged than the buffer held; a handshake's ACK would pass
    // too.
    let isFinAcked =
      tcb.pointee.flags.contains(.sentFin) && segment.acknowledgment == tcb.pointee.sndMax
    trace(.tcpAck, pcb, Int64(acked))
    soWakeup(socket, .send)
    tcb.pointee.sndUna = segment.acknowledgment
    tcb.pointee.sndNxt = SequenceNumber.later(tcb.pointee.sndNxt, tcb.pointee.sndUna)
    if !tcb.pointee.flags.isDisjoint(with: [.recovering, .sackPermitted, .ecn])
      || rules.recovery != .reno
    {
      recoveryMoves(pcb, acked)
    }
    return advanceClosing(pcb, isFinAcked)
  }

  /// Whether what is under way has a timer: in LAST_ACK a host may lack it.
  @inline(__always)
  func isTimed(_ pcb: Int32) -> Bool {
    rules.lastAckTimer || tcpcbs[Int(pcb)].state != .lastAck
  }

  /// Slow start below the threshold, one segment a round trip above it. RFC 5681 §3.1.
  private func growCongestionWindow(_ pcb: Int32) {
    let tcb = tcpcbs + Int(pcb)
    let window = tcb.pointee.cwnd
    // Neither recovery nor the ACK of a SYN opens a window that is told by RFCs.
    if tcb.pointee.flags.contains(.recovering) { return }
    if rules.initialWindow > 0 && tcb.pointee.sndUna == tcb.pointee.iss { return }
    var increment = UInt32(tcb.pointee.mss)
    precondition(window > 0, "a congestion window of nothing")
    if window > tcb.pointee.ssthresh { increment = increment &* increment / window }
    let most = TCPLimit.maxWindow << UInt32(tcb.pointee.sndScale)
    tcb.pointee.cwnd = min(window &+ increment, most)
  }

  /// What the ACK of our FIN means in each closing state. RFC 9293 §3.10.7.4.
  private func advanceClosing(_ pcb: Int32, _ isFinAcked: Bool) -> TCPVerdict {
    let tcb = tcpcbs + Int(pcb)
    let socket = pcbs[Int(pcb)].socket
    switch tcb.pointee.state {
    case .finWait1 where isFinAcked:
      if sockets[Int(socket)].state.contains(.cantReceiveMore) {
        // Nobody reads any more. A timer, contrary to the standard: the peer's FIN may never come.
        soIsDisconnected(socket)
        if rules.finWait2Timer {
          arm(.msl2, of: pcb, ticks: maxIdle(pcb))
        }
      }
      setState(pcb, .finWait2)
    case .closing where isFinAcked:
      enterTimeWait(pcb)
    case .lastAck where isFinAcked:
      tcpClose(pcb)
      return .drop
    case .timeWait:
      arm(.msl2, of: pcb, ticks: 2 &* rules.msl)
      return .dropAfterAck
    default: break
    }
    return .proceed
  }

  /// Two lifetimes; eight timeouts where counts tell a short connection from the next. RFC 1644
  /// §3.4.
  private func timeWaitTicks(_ pcb: Int32) -> Int64 {
    let tcb = tcpcbs + Int(pcb)
    let isShort =
      tcb.pointee.flags.contains(.receivedCount)
      && tcpNow &- tcb.pointee.begunTick < rules.msl
    return isShort
      ? Int64(tcb.pointee.rxtcur) &* TCPLimit.timeWaitTimeouts : 2 &* rules.msl
  }

  /// Both FINs are acknowledged; old segments may still wander about for two lifetimes.
  func enterTimeWait(_ pcb: Int32) {
    precondition(tcpcbs[Int(pcb)].state >= .closing, "TIME_WAIT follows a FIN of our own")
    setState(pcb, .timeWait)
    disarmAll(of: pcb)
    arm(.msl2, of: pcb, ticks: timeWaitTicks(pcb))
    soIsDisconnected(pcbs[Int(pcb)].socket)
  }
}
