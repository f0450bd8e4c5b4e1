// Urgent data: the pointer of RFC 9293 §3.8.5, and BSD's one octet beside the stream.
//
// BSD sends a pointer to the octet behind the urgent data and reads a received one the same way
// (RFC 793's text; RFC 1122 §4.2.2.4 says the last octet), so two BSDs agree. What lies before the
// pointer is taken out of the stream and kept in t_iobc, unless the socket has SO_OOBINLINE.
// 4.4BSD: step6 and tcp_pulloutofband of netinet/tcp_input.c, tcp_usr_rcvoob of tcp_usrreq.c.

import Wire

/// t_oobflags.
struct UrgentFlags: OptionSet, Sendable {
  let rawValue: UInt8
  /// TCPOOB_HAVEDATA: an octet is there. TCPOOB_HADDATA: it has been read.
  static let have = UrgentFlags(rawValue: 1)
  static let had = UrgentFlags(rawValue: 2)
}

extension Kernel {
  /// tcp_usr_send with PRUS_OOB: the data, and everything before it, has become urgent.
  func tcpSendUrgent(_ pcb: Int32, _ chain: Int32) -> SocketError? {
    let socket = pcbs[Int(pcb)].socket
    if sockets[Int(socket)].snd.space < -512 {
      mFreem(chain, .socketFull)
      return .ENOBUFS
    }
    sbAppend(socket, .send, chain)
    let tcb = tcpcbs + Int(pcb)
    tcb.pointee.sndUp = tcb.pointee.sndUna + Int(sockets[Int(socket)].snd.cc)
    tcb.pointee.flags.insert(.urgent)
    tcb.pointee.force = true
    let error = tcpOutput(pcb)
    if pcbs[Int(pcb)].inUse { tcb.pointee.force = false }
    return error
  }

  /// SND.UP for a segment that begins at `sequence`; 0: the segment is not urgent.
  @inline(never)
  func urgentPointer(_ pcb: Int32, of sequence: SequenceNumber) -> UInt16 {
    let tcb = tcpcbs + Int(pcb)
    if tcb.pointee.sndUp <= tcb.pointee.sndUna {
      tcb.pointee.flags.remove(.urgent)
      return 0
    }
    let ahead = tcb.pointee.sndUp - sequence
    return ahead > 0 ? UInt16(truncatingIfNeeded: ahead) : 0
  }

  /// step6's check of the URG bit: a pointer further on than any before moves the mark.
  @inline(never)
  func takeUrgentPointer(_ pcb: Int32, _ segment: TCPSegment) {
    let tcb = tcpcbs + Int(pcb)
    guard segment.urgent > 0, tcb.pointee.state < .timeWait else { return }
    state.pointee.statistics.tcpUrgentIn &+= 1
    let index = pcbs[Int(pcb)].socket
    let socket = sockets + Int(index)
    if segment.urgent &+ socket.pointee.rcv.cc > state.pointee.tunables.bufferMax { return }
    let up = segment.sequence + Int(segment.urgent)
    let isKnown = tcb.pointee.flags.contains(.receivedUrgent) && up <= tcb.pointee.rcvUp
    if !isKnown && up > tcb.pointee.rcvNxt {
      tcb.pointee.rcvUp = up
      tcb.pointee.flags.insert(.receivedUrgent)
      let ahead = Int32(truncatingIfNeeded: up - tcb.pointee.rcvNxt)
      socket.pointee.urgentMark = max(socket.pointee.rcv.cc &+ ahead &- 1, 0)
      tcb.pointee.urgentState = []
      if socket.pointee.urgentMark == 0 { reachMark(index) }
      soWakeup(index, .receive)
    }
    if segment.urgent <= segment.length && !socket.pointee.options.contains(.inlineUrgent) {
      pullUrgent(pcb, segment)
    }
  }

  /// tcp_pulloutofband: the octet before the pointer leaves the packet; its number still counts. As
  /// in BSD a segment that waits and is cut later is cut by its octets, which are one fewer then.
  private func pullUrgent(_ pcb: Int32, _ segment: TCPSegment) {
    var left = segment.urgent &- 1
    var index = segment.packet
    while index >= 0 {
      let m = mbuf(index)
      if m.pointee.length > left {
        let octet = data(index) + Int(left)
        tcpcbs[Int(pcb)].urgentOctet = octet.load(as: UInt8.self)
        tcpcbs[Int(pcb)].urgentState.insert(.have)
        octet.copyMemory(from: octet + 1, byteCount: Int(m.pointee.length &- left &- 1))
        m.pointee.length &-= 1
        if m.pointee.cluster >= 0 { clusterUse[Int(m.pointee.cluster)].pattern = -1 }
        return
      }
      left &-= m.pointee.length
      index = m.pointee.next
    }
  }

  /// tcp_usr_rcvoob: the octet, once.
  func tcpReceiveUrgent(_ index: Int32, isPeek: Bool) -> CallResult {
    let socket = sockets + Int(index)
    guard socket.pointee.kind == .stream else { return .error(.EOPNOTSUPP) }
    let pcb = socket.pointee.pcb
    if pcb < 0 { return .error(.EINVAL) }
    let tcb = tcpcbs + Int(pcb)
    let isMarked =
      socket.pointee.urgentMark > 0 || socket.pointee.state.contains(.receiveAtMark)
    if !isMarked || socket.pointee.options.contains(.inlineUrgent)
      || tcb.pointee.urgentState.contains(.had)
    {
      return .error(.EINVAL)
    }
    if !tcb.pointee.urgentState.contains(.have) { return .error(.EAGAIN) }
    if !isPeek { tcb.pointee.urgentState = .had }
    return .octets(1)
  }
}
