// The rest of an acceptable segment: its window, its text, its FIN, and the answer to it all.
//
// RFC 9293 §3.10.7.4 (window update in the fifth check, seventh and eighth check), §3.8.5
// (urgent data). 4.4BSD: from the label step6 of netinet/tcp_input.c to its end.

import Wire

extension Kernel {
  /// step6 and what follows. Takes the packet over.
  func step6(_ pcb: Int32, _ segment: inout TCPSegment, _ needsOutput: Bool) -> TCPVerdict {
    let tcb = tcpcbs + Int(pcb)
    let hasOpened = updateSendWindow(pcb, segment)
    if segment.flags.contains(.urg) { takeUrgentPointer(pcb, segment) }
    var hasFin = segment.flags.contains(.fin)
    if (segment.length > 0 || hasFin) && tcb.pointee.state < .timeWait {
      hasFin = dodata(pcb, segment)
    } else {
      mFreem(segment.packet, .processed)
      hasFin = false
    }
    if hasFin { finArrived(pcb) }
    if needsOutput || hasOpened || tcb.pointee.flags.contains(.ackNow) { _ = tcpOutput(pcb) }
    return .taken
  }

  /// SND.WND, from a segment that is newer than the last one it was taken from. RFC 9293 §3.10.7.4.
  private func updateSendWindow(_ pcb: Int32, _ segment: TCPSegment) -> Bool {
    let tcb = tcpcbs + Int(pcb)
    guard segment.flags.contains(.ack) else { return false }
    let isNewer =
      tcb.pointee.sndWl1 < segment.sequence
      || tcb.pointee.sndWl1 == segment.sequence
        && (tcb.pointee.sndWl2 < segment.acknowledgment
          || tcb.pointee.sndWl2 == segment.acknowledgment
            && segment.window > tcb.pointee.sndWnd)
    if !isNewer { return false }
    if segment.length == 0 && tcb.pointee.sndWl2 == segment.acknowledgment
      && segment.window > tcb.pointee.sndWnd
    {
      state.pointee.statistics.tcp.windowUpdates &+= 1
    }
    tcb.pointee.sndWnd = segment.window
    tcb.pointee.sndWl1 = segment.sequence
    tcb.pointee.sndWl2 = segment.acknowledgment
    tcb.pointee.maxSndWnd = max(tcb.pointee.maxSndWnd, segment.window)
    return true
  }

  /// TCP_REASS: text in order goes straight to the socket, and its ACK may wait; any other is
  /// answered at once, so that a sender can count duplicates.
  ///
  /// The bounds are those of the window that was once advertised, not sb_mbmax: a reader that
  /// sleeps can come to hold a cluster for each small segment.
  ///
  /// - Returns: whether RCV.NXT has come to a FIN.
  private func dodata(_ pcb: Int32, _ segment: TCPSegment) -> Bool {
    let tcb = tcpcbs + Int(pcb)
    guard segment.sequence == tcb.pointee.rcvNxt, tcb.pointee.reassembly < 0,
      tcb.pointee.state == .established
    else {
      let hasFin = reassemble(pcb, segment)
      tcb.pointee.flags.insert(.ackNow)
      return hasFin
    }
    let socket = pcbs[Int(pcb)].socket
    state.pointee.statistics.tcp.slowInOrder &+= 1
    state.pointee.statistics.tcp.inOrderOctets &+= Int64(segment.length)
    delayAck(pcb)
    tcb.pointee.rcvNxt += Int(segment.length)
    if rules.arrivals == .freebsd && sockets[Int(socket)].state.contains(.cantReceiveMore) {
      mFreem(segment.packet, .pastClose)
    } else {
      sbAppend(socket, .receive, segment.packet)
      soWakeup(socket, .receive)
    }
    // BSD looks at the header again here, where a FIN stands that was cut off with excess text.
    return segment.flags.contains(.fin)
  }

  /// A FIN, in order. RFC 9293 §3.10.7.4, eighth check.
  private func finArrived(_ pcb: Int32) {
    let tcb = tcpcbs + Int(pcb)
    precondition(tcb.pointee.state < .timeWait, "a FIN is taken twice")
    soCantReceiveMore(pcbs[Int(pcb)].socket)
    tcb.pointee.flags.insert(.ackNow)
    tcb.pointee.rcvNxt += 1
    switch tcb.pointee.state {
    case .synReceived, .established: setState(pcb, .closeWait)
    case .finWait1: setState(pcb, .closing)
    case .finWait2: enterTimeWait(pcb)
    default: break
    }
  }
}
