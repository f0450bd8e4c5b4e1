// Segments for LISTEN, SYN_SENT and SYN_RECEIVED: how a connection comes about.
//
// RFC 9293 §3.10.7.2, §3.10.7.3, §3.5. 4.4BSD: the first switch of netinet/tcp_input.c. A listener
// makes the new socket before the handshake is over; when its queue is full a connection that is
// still in its handshake gives way (ListenDrops.swift).

import Wire

extension Kernel {
  /// LISTEN. A SYN begins a connection of its own; the segment goes on with that one.
  func listenInput(
    _ listener: Int32, _ segment: inout TCPSegment, _ iss: SequenceNumber?
  ) -> TCPVerdict {
    if segment.flags.intersection([.rst, .ack, .syn]) != .syn {
      if !segment.flags.contains(.ack) { return .drop }
      state.pointee.statistics.tcpBadSyn &+= 1
      return .dropWithReset(listener)
    }
    // A SYN from ourselves, or to everybody, is nobody's wish. RFC 1122 §4.2.3.10.
    let isFromItself =
      segment.source == segment.destination && segment.sourcePort == segment.destinationPort
    if isFromItself || segment.isGroup { return .drop }
    let pcb = beginConnection(listener, segment)
    if pcb < 0 { return .drop }
    tcpChooseScale(pcb)
    takeOptions(pcb, segment)
    if rules.ecn != .off { agreeOnMarks(pcb, segment) }
    tcpStartSending(pcb, from: iss)
    tcpStartReceiving(pcb, from: segment.sequence)
    let tcb = tcpcbs + Int(pcb)
    tcb.pointee.sndWnd = segment.window
    tcb.pointee.flags.insert(.ackNow)
    openReceiveWindow(pcb)
    setState(pcb, .synReceived)
    arm(.keep, of: pcb, ticks: tcpcbs[Int(pcb)].times.keepInit(rules))
    state.pointee.statistics.tcpAccepts &+= 1
    trimSyn(pcb, &segment)
    return step6(pcb, &segment, false)
  }

  /// sonewconn, in_pcbconnect, tcp_template: -1 when any of them has no room.
  private func beginConnection(_ listener: Int32, _ segment: TCPSegment) -> Int32 {
    let listening = pcbs[Int(listener)].socket
    var made = soNewConnection(listening)
    if made == nil {
      state.pointee.statistics.tcpListenDrops &+= 1
      let victim = dropableRequest(of: listening)
      if victim >= 0 {
        tcpDrop(victim, .ETIMEDOUT)
        made = soNewConnection(listening)
      }
    }
    guard let socket = made else { return -1 }
    if tcpAttach(socket) != nil {
      soFree(socket)
      return -1
    }
    let pcb = sockets[Int(socket)].pcb
    pcbs[Int(pcb)].localAddress = segment.destination
    pcbs[Int(pcb)].localPort = segment.destinationPort
    inherit(pcb, from: listener)
    tcpcbs[Int(pcb)].state = .listen
    if pcbConnect(pcb, to: segment.source, port: segment.sourcePort) != nil {
      tcpDrop(pcb, .ECONNABORTED)
      return -1
    }
    if !tcpTakeTemplate(pcb) {
      tcpDrop(pcb, .ENOBUFS)
      return -1
    }
    return pcb
  }

  /// What a connection has from its listener: TF_NOPUSH, TF_NOOPT, and what syncache_socket adds.
  private func inherit(_ pcb: Int32, from listener: Int32) {
    let kept = tcpcbs[Int(listener)].flags.intersection([.noPush, .noOptions])
    tcpcbs[Int(pcb)].flags.formUnion(kept)
    tcpcbs[Int(pcb)].times = tcpcbs[Int(listener)].times
    if rules.inheritsSending { pcbs[Int(pcb)].sending = pcbs[Int(listener)].sending }
  }

  /// SYN_SENT: the answer to our SYN, or a SYN that crossed it. RFC 9293 §3.10.7.3.
  func synSentInput(_ pcb: Int32, _ segment: inout TCPSegment) -> TCPVerdict {
    let tcb = tcpcbs + Int(pcb)
    let hasAck = segment.flags.contains(.ack)
    if hasAck
      && (segment.acknowledgment <= tcb.pointee.iss
        || segment.acknowledgment > tcb.pointee.sndMax)
    {
      return .dropWithReset(pcb)
    }
    if segment.flags.contains(.rst) {
      state.pointee.causes.ending = .reset
      if hasAck { tcpDrop(pcb, .ECONNREFUSED) }
      state.pointee.causes.ending = .none
      return .drop
    }
    if !segment.flags.contains(.syn) { return .drop }
    if hasAck {
      let verdict = checkCountEcho(pcb, segment)
      if verdict != .proceed { return verdict }
    }
    if rules.ecn != .off { agreeOnMarks(pcb, segment) }
    tcb.pointee.sndWnd = segment.window
    tcpStartReceiving(pcb, from: segment.sequence)
    guard hasAck else {
      // Both have opened: wait for the ACK of our SYN. In FreeBSD 2.2 theirs is answered by a bare
      // ACK, in 4.4BSD-Lite2 and RFC 9293 §3.5 by our SYN again, with an ACK beside it.
      tcb.pointee.flags.insert(.ackNow)
      disarm(.rexmt, of: pcb)
      if rules.arrivals != .freebsd22 { tcb.pointee.sndNxt = tcb.pointee.sndUna }
      setState(pcb, .synReceived)
      trimSyn(pcb, &segment)
      return step6(pcb, &segment, false)
    }
    state.pointee.statistics.tcpConnects &+= 1
    if tcb.pointee.stalledSince != .never { beginAnswer(pcb, segment) }
    soIsConnected(pcbs[Int(pcb)].socket)
    answerIsDone()
    startScaling(pcb)
    let told = min(tcb.pointee.rcvWnd, TCPLimit.maxWindow << UInt32(tcb.pointee.rcvScale))
    tcb.pointee.rcvAdv += Int(told)
    tcb.pointee.sndUna += 1  // our SYN
    if tcb.pointee.sndNxt < tcb.pointee.sndUna { tcb.pointee.sndNxt = tcb.pointee.sndUna }
    if segment.length > 0 { delayAck(pcb) } else { tcb.pointee.flags.insert(.ackNow) }
    enterEstablished(pcb)
    trimSyn(pcb, &segment)
    var needsOutput = false
    let verdict = acknowledge(pcb, segment, &needsOutput)
    return verdict == .proceed ? step6(pcb, &segment, needsOutput) : verdict
  }

  /// The handshake is over. A FIN asked for meanwhile can go out now.
  func enterEstablished(_ pcb: Int32) {
    let tcb = tcpcbs + Int(pcb)
    precondition(tcb.pointee.state < .established, "a handshake ends twice")
    if rules.initialWindow > 0 { openInitialWindow(pcb) }
    if tcb.pointee.flags.contains(.needFin) {
      tcb.pointee.flags.remove(.needFin)
      setState(pcb, .finWait1)
    } else {
      setState(pcb, .established)
      arm(.keep, of: pcb, ticks: keepIdle(pcb))
    }
  }

  /// IW of RFC 6928 §2, RFC 5681 §3.1: one segment when the SYN was lost.
  private func openInitialWindow(_ pcb: Int32) {
    let tcb = tcpcbs + Int(pcb)
    let mss = UInt32(tcb.pointee.mss)
    tcb.pointee.cwnd = tcb.pointee.rxtshift > 0 ? mss : initialWindow(pcb)
  }

  func initialWindow(_ pcb: Int32) -> UInt32 {
    let mss = UInt32(tcpcbs[Int(pcb)].mss)
    let segments = UInt32(clamping: rules.initialWindow)
    return min(segments &* mss, max(2 &* mss, segments &* 1460))
  }

  /// trimthenstep6: past the SYN, and no further than the window.
  private func trimSyn(_ pcb: Int32, _ segment: inout TCPSegment) {
    let tcb = tcpcbs + Int(pcb)
    segment.sequence += 1
    segment.flags.remove(.syn)
    if UInt32(segment.length) > tcb.pointee.rcvWnd {
      trimBack(&segment, segment.length &- Int32(tcb.pointee.rcvWnd))
      segment.flags.remove(.fin)
    }
    tcb.pointee.sndWl1 = segment.sequence - 1
  }

  /// SYN_RECEIVED takes no ACK but that of its SYN. RFC 9293 §3.10.7.4, fifth check.
  func checkHandshakeAck(_ pcb: Int32, _ segment: TCPSegment) -> TCPVerdict {
    let tcb = tcpcbs + Int(pcb)
    guard tcb.pointee.state == .synReceived, segment.flags.contains(.ack) else { return .proceed }
    // Second check before the fifth: what its ACK says does not make a RST a better one.
    if rules.arrivals == .freebsd && segment.flags.contains(.rst) { return .proceed }
    // FreeBSD 2.2 looks here and again, as 4.4BSD-Lite2, with the window behind it.
    let isOurs =
      segment.acknowledgment <= tcb.pointee.sndMax
      && (segment.acknowledgment > tcb.pointee.sndUna
        || rules.arrivals == .bsd44 && segment.acknowledgment == tcb.pointee.sndUna)
    return isOurs ? .proceed : .dropWithReset(pcb)
  }
}
