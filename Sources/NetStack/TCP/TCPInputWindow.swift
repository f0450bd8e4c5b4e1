// Whether a segment is acceptable, and how much of it: duplicates in front, excess behind, RST and
// SYN.
//
// RFC 9293 §3.4 (acceptability), §3.10.7.4 first to fourth check. 4.4BSD: netinet/tcp_input.c
// between the first switch and ACK processing. A RST at or before the window's left edge ends a
// connection here, as it did then; what is refused before that is in TCPChallenge.swift.

import Wire

extension Kernel {
  /// Trims what we have and what there is no room for; asks for an ACK where the peer needs
  /// telling.
  func trimToWindow(_ pcb: Int32, _ segment: inout TCPSegment) -> TCPVerdict {
    let tcb = tcpcbs + Int(pcb)
    let known = tcb.pointee.rcvNxt - segment.sequence
    if known > 0 {
      let verdict = trimDuplicate(pcb, &segment, Int32(truncatingIfNeeded: known))
      if verdict != .proceed { return verdict }
    }

    // Data for a user who has closed: nobody will ever read it. RFC 9293 §3.6, RFC 1122 §4.2.2.13.
    let socket = pcbs[Int(pcb)].socket
    if sockets[Int(socket)].state.contains(.noDescriptor) && tcb.pointee.state > .closeWait
      && segment.length > 0
    {
      tcpClose(pcb)
      state.pointee.statistics.tcpAfterClose &+= 1
      return .dropWithReset(-1)
    }

    let edge = tcb.pointee.rcvNxt + Int(tcb.pointee.rcvWnd)
    let beyond = segment.end - edge
    return beyond > 0 ? trimExcess(pcb, &segment, beyond) : .proceed
  }

  /// The segment begins before RCV.NXT. A pure duplicate is answered, but its RST or ACK still
  /// counts; in 4.4BSD-Lite2 only if it is the FIN that came last (or the SYN of a socket that
  /// connects to itself).
  private func trimDuplicate(
    _ pcb: Int32, _ segment: inout TCPSegment, _ known: Int32
  ) -> TCPVerdict {
    var surplus = known
    if tcpcbs[Int(pcb)].flags.contains(.sackPermitted) {
      reportDuplicate(
        pcb, from: segment.sequence, octets: Int(min(known, segment.length)))
    }
    if segment.flags.contains(.syn) {
      segment.flags.remove(.syn)
      segment.sequence += 1
      segment.urgent = max(segment.urgent &- 1, 0)
      surplus &-= 1
    }
    let isAllKnown =
      surplus > segment.length
      || (surplus == segment.length && !segment.flags.contains(.fin))
    if rules.arrivals == .bsd44 && surplus >= segment.length {
      let isLastFin = segment.flags.contains(.fin) && surplus == segment.length &+ 1
      let isOwnSyn = surplus == 0 && segment.flags.contains(.ack)
      if !isLastFin && !isOwnSyn {
        state.pointee.statistics.tcpDuplicates &+= 1
        state.pointee.statistics.tcp.duplicateOctets &+= Int64(segment.length)
        return .dropAfterAck
      }
    }
    if isAllKnown {
      segment.flags.remove(.fin)
      tcpcbs[Int(pcb)].flags.insert(.ackNow)
      surplus = segment.length
      state.pointee.statistics.tcpDuplicates &+= 1
      state.pointee.statistics.tcp.duplicateOctets &+= Int64(surplus)
    } else {
      state.pointee.statistics.tcp.partDuplicates &+= 1
      state.pointee.statistics.tcp.partDuplicateOctets &+= Int64(surplus)
    }
    trimFront(&segment, surplus)
    return .proceed
  }

  /// The segment ends behind the window. A shut window still takes what stands at its edge: probes.
  private func trimExcess(
    _ pcb: Int32, _ segment: inout TCPSegment, _ beyond: Int
  ) -> TCPVerdict {
    let tcb = tcpcbs + Int(pcb)
    state.pointee.statistics.tcpAfterWindow &+= 1
    var surplus = segment.length
    let excess = min(Int64(beyond), Int64(surplus))
    state.pointee.statistics.tcp.afterWindowOctets &+= excess
    if beyond >= Int(segment.length) {
      if segment.flags.contains(.syn) && tcb.pointee.state == .timeWait
        && segment.sequence > tcb.pointee.rcvNxt
      {
        return giveWay(pcb)
      }
      if tcb.pointee.rcvWnd != 0 || segment.sequence != tcb.pointee.rcvNxt {
        return .dropAfterAck
      }
      tcb.pointee.flags.insert(.ackNow)
      state.pointee.statistics.tcpWindowProbes &+= 1
    } else {
      surplus = Int32(truncatingIfNeeded: beyond)
    }
    trimBack(&segment, surplus)
    segment.flags.remove([.psh, .fin])
    return .proceed
  }

  /// RST and SYN on a synchronised connection. RFC 9293 §3.10.7.4, second and fourth check.
  func checkResetAndSyn(_ pcb: Int32, _ segment: TCPSegment) -> TCPVerdict {
    if segment.flags.intersection([.rst, .syn]) == [] { return .proceed }
    state.pointee.causes.ending = .reset
    defer { state.pointee.causes.ending = .none }
    if segment.flags.contains(.rst) {
      let tellsAll = rules.arrivals == .freebsd
      switch tcpcbs[Int(pcb)].state {
      case .synReceived: tcpReset(pcb, .ECONNREFUSED)
      case .established, .finWait1, .finWait2, .closeWait: tcpReset(pcb, .ECONNRESET)
      case .closing where tellsAll, .lastAck where tellsAll: tcpReset(pcb, .ECONNRESET)
      default: tcpClose(pcb)
      }
      return .drop
    }
    tcpDrop(pcb, .ECONNRESET)
    return .dropWithReset(-1)
  }

  /// The peer has reset the connection. Not tcp_drop: nothing is sent, and no buffer is emptied.
  private func tcpReset(_ pcb: Int32, _ error: SocketError) {
    let socket = pcbs[Int(pcb)].socket
    precondition(tcpcbs[Int(pcb)].state >= .synReceived, "a RST ends what has not begun")
    trace(.tcpDrop, pcb, Int64(error.rawValue), Int64(socket))
    setError(socket, error)
    setState(pcb, .closed)
    state.pointee.statistics.tcpDrops &+= 1
    tcpClose(pcb)
  }
}
