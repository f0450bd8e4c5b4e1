// TCP input: finds the connection a segment is meant for, and takes it through RFC 9293's steps.
//
// RFC 9293 §3.10.7, in the order of 4.4BSD's netinet/tcp_input.c (Reno, FreeBSD 2.2). Each step is
// a file of its own; here is their order, and what becomes of segments that are refused. Left out:
// what T/TCP does with its counts beyond agreeing on them (data in a SYN, the cache that makes up
// for the handshake; RFC 1644 §3.2).

import Wire

extension Kernel {
  /// tcp_input. Takes the packet over: its data starts at an IP header that has been validated.
  func tcpInput(_ packet: Int32) {
    if tcpInputPredicted(packet) { return }
    state.pointee.statistics.tcpIn &+= 1
    guard var segment = tcpParse(packet) else { return }
    if rules.dropsSynFin && segment.flags.isSuperset(of: [.syn, .fin]) {
      mFreem(segment.packet, .dropped)
      return
    }
    var iss: SequenceNumber?
    // Twice at most: only a connection in TIME_WAIT gives way, and then it is gone.
    for _ in 0..<2 {
      let pcb = pcbLookup(
        .stream, local: segment.destination, localPort: segment.destinationPort,
        remote: segment.source, remotePort: segment.sourcePort)
      let verdict = tcpArrives(pcb, &segment, iss)
      guard case .startOver(let sequence) = verdict else {
        tcpDispose(pcb, segment, verdict)
        return
      }
      iss = sequence
    }
    mFreem(segment.packet, .dropped)
  }

  /// SEGMENT ARRIVES, for one connection.
  @inline(__always)
  private func tcpArrives(
    _ pcb: Int32, _ segment: inout TCPSegment, _ iss: SequenceNumber?
  ) -> TCPVerdict {
    if iss == nil {
      traceSegment(
        .tcpIn, pcb, segment.flags, segment.length, segment.sequence, segment.acknowledgment)
    }
    if pcb < 0 { return closedInput(pcb, segment) }
    let tcb = tcpcbs + Int(pcb)
    switch tcb.pointee.state {
    case .closed: return rules.arrivals == .freebsd ? closedInput(pcb, segment) : .drop
    case .listen: return listenInput(pcb, &segment, iss)
    case .timeWait where rules.rfc1337: return timeWaitInput(pcb, segment)
    default: break
    }
    // RFC 7323 §2.3: the window of a SYN is never shifted.
    if !segment.flags.contains(.syn) { segment.window <<= UInt32(tcb.pointee.sndScale) }
    noteHeard(pcb)
    takeOptions(pcb, segment)
    if tcb.pointee.flags.contains(.ecn) { takeMarks(pcb, segment) }
    if tcb.pointee.state == .established && predict(pcb, segment) { return .taken }
    openReceiveWindow(pcb)
    if tcb.pointee.state == .synSent { return synSentInput(pcb, &segment) }
    return synchronizedInput(pcb, &segment)
  }

  /// t_idle is zero again.
  @inline(__always)
  func noteHeard(_ pcb: Int32) {
    let tcb = tcpcbs + Int(pcb)
    tcb.pointee.idleSinceTick = tcpNow
    if tcb.pointee.state >= .established {
      arm(.keep, of: pcb, ticks: keepIdle(pcb))
    }
  }

  /// CLOSED, or nobody at all. RFC 9293 §3.10.7.1.
  private func closedInput(_ pcb: Int32, _ segment: TCPSegment) -> TCPVerdict {
    let blackhole = rules.blackhole
    let isSilent = blackhole == .all || blackhole == .syns && segment.flags.contains(.syn)
    return isSilent ? .drop : .dropWithReset(pcb)
  }

  /// All states but CLOSED, LISTEN and SYN_SENT.
  private func synchronizedInput(_ pcb: Int32, _ segment: inout TCPSegment) -> TCPVerdict {
    let isLite = rules.arrivals == .bsd44
    var verdict = isLite ? .proceed : checkHandshakeAck(pcb, segment)
    if verdict != .proceed { return verdict }
    if !segment.flags.contains(.rst) && !hasOurCount(pcb, segment) { return .dropAfterAck }
    if rules.rfc5961 {
      verdict = checkBlindly(pcb, segment)
      if verdict != .proceed { return verdict }
    }
    verdict = checkTimestamp(pcb, segment)
    if verdict != .proceed { return verdict }
    verdict = trimToWindow(pcb, &segment)
    if verdict != .proceed { return verdict }
    rememberTimestamp(pcb, segment)
    verdict = checkResetAndSyn(pcb, segment)
    if verdict != .proceed { return verdict }
    var needsOutput = false
    if isLite { verdict = checkHandshakeAck(pcb, segment) }
    if verdict != .proceed { return verdict }
    if segment.flags.contains(.ack) {
      verdict = processAck(pcb, &segment, &needsOutput)
      if verdict != .proceed { return verdict }
    } else if isLite || tcpcbs[Int(pcb)].state != .synReceived {
      return .drop
    }
    return step6(pcb, &segment, needsOutput)
  }

  /// RCV.WND: what the buffer has room for, but never less than was once promised.
  func openReceiveWindow(_ pcb: Int32) {
    let tcb = tcpcbs + Int(pcb)
    let space = max(sockets[Int(pcbs[Int(pcb)].socket)].rcv.space, 0)
    let promised = max(tcb.pointee.rcvAdv - tcb.pointee.rcvNxt, 0)
    tcb.pointee.rcvWnd = max(UInt32(space), UInt32(promised))
  }

  // MARK: delayed acknowledgments

  /// TF_DELACK: the ACK may wait for the 200 ms beat. RFC 1122 §4.2.3.2.
  @inline(__always)
  func delayAck(_ pcb: Int32) {
    if rules.delayedAck > 0 { return delayAckAlone(pcb) }
    tcpcbs[Int(pcb)].flags.insert(.delayedAck)
    state.pointee.delayedAcks = true
  }

  /// The same with a timer of the connection's own, and for each second segment at once.
  @inline(never)
  private func delayAckAlone(_ pcb: Int32) {
    let tcb = tcpcbs + Int(pcb)
    if rules.ackEverySecond && tcb.pointee.flags.contains(.delayedAck) {
      tcb.pointee.flags.insert(.ackNow)
      return
    }
    if !tcb.pointee.flags.contains(.delayedAck) {
      arm(.delack, of: pcb, ticks: rules.delayedAck)
    }
    tcb.pointee.flags.insert(.delayedAck)
  }

  // MARK: refusals

  @inline(__always)
  private func tcpDispose(_ pcb: Int32, _ segment: TCPSegment, _ verdict: TCPVerdict) {
    switch verdict {
    case .taken: break
    case .proceed, .startOver: mFreem(segment.packet, .processed)
    case .drop: mFreem(segment.packet, .dropped)
    case .challenge: challenge(pcb, segment)
    case .dropAfterAck:
      mFreem(segment.packet, .outOfWindow)
      if segment.flags.contains(.rst) { return }
      tcpcbs[Int(pcb)].flags.insert(.ackNow)
      _ = tcpOutput(pcb)
    case .dropWithReset(let owner): tcpRefuse(owner, segment)
    }
  }

  /// dropwithreset: never in answer to a RST, nor to what was sent to everybody. RFC 9293 §3.5.2.
  private func tcpRefuse(_ pcb: Int32, _ segment: TCPSegment) {
    if segment.flags.contains(.rst) || segment.isGroup {
      mFreem(segment.packet, .refused)
      return
    }
    if segment.flags.contains(.ack) {
      tcpRespond(
        pcb, to: segment, sequence: segment.acknowledgment, acknowledgment: SequenceNumber(0),
        flags: .rst)
      return
    }
    var end = segment.end + (segment.flags.contains(.syn) ? 1 : 0)
    if rules.arrivals == .freebsd && segment.flags.contains(.fin) { end += 1 }
    tcpRespond(
      pcb, to: segment, sequence: SequenceNumber(0), acknowledgment: end, flags: [.rst, .ack])
  }
}
