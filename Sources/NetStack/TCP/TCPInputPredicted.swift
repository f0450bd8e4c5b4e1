// Header prediction: the two segments that a one-way transfer consists of.
//
// 4.4BSD: netinet/tcp_input.c, "Header prediction". Its ACK branch does not let cwnd grow, but only
// a window that cwnd does not limit gets there. Most segments have no options either; these are
// judged by the octets of the packet, and only what decides is taken out of it.

import Wire

extension Kernel {
  /// A segment without options that is predicted. False: nothing has been touched, and tcp_input
  /// has the packet as it came.
  @inline(__always)
  func tcpInputPredicted(_ packet: Int32) -> Bool {
    let m = mbuf(packet)
    let front = front(packet, atLeast: TCPLimit.headerOctets)
    guard m.pointee.flags.contains(.summed), front.count >= Int(TCPLimit.headerOctets),
      let octets = front.baseAddress
    else { return false }
    // Twenty octets of header; ACK, with PSH or without.
    let flags = octets.bigEndian16(at: 32)
    guard flags & 0xFFF7 == 0x5010 else { return false }
    let pcb = pcbLookup(
      .stream, local: IPv4Address(rawValue: octets.bigEndian32(at: 16)),
      localPort: octets.bigEndian16(at: 22),
      remote: IPv4Address(rawValue: octets.bigEndian32(at: 12)),
      remotePort: octets.bigEndian16(at: 20))
    if pcb < 0 { return false }
    let tcb = tcpcbs + Int(pcb)
    let sequence = SequenceNumber(octets.bigEndian32(at: 24))
    let window = UInt32(octets.bigEndian16(at: 34)) &<< UInt32(tcb.pointee.sndScale)
    guard tcb.pointee.state == .established, tcb.pointee.stalledSince == .never,
      tcb.pointee.flags.isDisjoint(with: [.needFin, .sackPermitted, .receivedCount, .ecn]),
      sequence == tcb.pointee.rcvNxt, isSteady(pcb, window)
    else { return false }
    let acknowledgment = SequenceNumber(octets.bigEndian32(at: 28))
    let length = m.pointee.packetLength &- TCPLimit.headerOctets
    let isAck = acknowledges(pcb, acknowledgment, length)
    guard isAck || carriesNext(pcb, acknowledgment, length) else { return false }
    assert(isSound(packet), "a segment was changed that was summed before")

    state.pointee.statistics.tcpIn &+= 1
    traceSegment(
      .tcpIn, pcb, TCPFlags(rawValue: UInt8(truncatingIfNeeded: flags)), length, sequence,
      acknowledgment)
    noteHeard(pcb)
    if m.pointee.interface >= 0 { interfaces[Int(m.pointee.interface)].recentPcb = pcb }
    m.pointee.length &-= TCPLimit.headerOctets
    m.pointee.offset &+= TCPLimit.headerOctets
    m.pointee.packetLength = length
    if isAck {
      predictedAck(pcb, acknowledgment, nil, packet)
    } else {
      predictedData(pcb, length, packet)
    }
    return true
  }

  private func isSound(_ packet: Int32) -> Bool {
    guard let ip = IPv4Header(reading: octets(packet)) else { return false }
    return tcpChecksumIsSound(
      packet, ip, mbuf(packet).pointee.packetLength - Int32(IPv4Header.octetCount))
  }

  /// The same of one that has options, taken out already. True when it was predicted.
  @inline(__always)
  func predict(_ pcb: Int32, _ segment: TCPSegment) -> Bool {
    let tcb = tcpcbs + Int(pcb)
    let telling = segment.flags.intersection([.syn, .fin, .rst, .urg, .ack])
    guard telling == .ack,
      tcb.pointee.flags.isDisjoint(with: [.needFin, .sackPermitted, .receivedCount, .ecn])
        || isOrdinary(pcb, segment),
      segment.sequence == tcb.pointee.rcvNxt, isSteady(pcb, segment.window),
      !isOlderThanRecent(pcb, segment)
    else { return false }
    let isAck = acknowledges(pcb, segment.acknowledgment, segment.length)
    let isData = carriesNext(pcb, segment.acknowledgment, segment.length)
    rememberTimestamp(pcb, segment)
    if isAck {
      let wasStalled = tcb.pointee.stalledSince != .never
      if wasStalled { beginAnswer(pcb, segment) }
      predictedAck(
        pcb, segment.acknowledgment, segment.options.timestamps, segment.packet,
        wasStalled: wasStalled)
    } else if isData {
      predictedData(pcb, segment.length, segment.packet)
    }
    return isAck || isData
  }

  /// Nothing in a segment's options asks for the long way.
  @inline(never)
  private func isOrdinary(_ pcb: Int32, _ segment: TCPSegment) -> Bool {
    let tcb = tcpcbs + Int(pcb)
    return !tcb.pointee.flags.contains(.needFin) && segment.options.sack.count == 0
      && segment.flags.isDisjoint(with: [.ece, .cwr]) && hasOurCount(pcb, segment)
  }

  // MARK: what decides

  /// The window is as it was, and nothing is being sent again.
  @inline(__always)
  private func isSteady(_ pcb: Int32, _ window: UInt32) -> Bool {
    let tcb = tcpcbs + Int(pcb)
    return window != 0 && window == tcb.pointee.sndWnd && tcb.pointee.sndNxt == tcb.pointee.sndMax
  }

  /// The sender's case: an ACK of something that is under way, and no more.
  @inline(__always)
  private func acknowledges(
    _ pcb: Int32, _ acknowledgment: SequenceNumber, _ length: Int32
  ) -> Bool {
    let tcb = tcpcbs + Int(pcb)
    return length == 0 && acknowledgment > tcb.pointee.sndUna
      && acknowledgment <= tcb.pointee.sndMax && tcb.pointee.cwnd >= tcb.pointee.sndWnd
      && tcb.pointee.dupAcks < rules.dupAckThreshold
  }

  /// The receiver's: the next octets of the stream, for which there is room.
  @inline(__always)
  private func carriesNext(
    _ pcb: Int32, _ acknowledgment: SequenceNumber, _ length: Int32
  ) -> Bool {
    let tcb = tcpcbs + Int(pcb)
    return length > 0 && acknowledgment == tcb.pointee.sndUna && tcb.pointee.reassembly < 0
      && length <= sockets[Int(pcbs[Int(pcb)].socket)].rcv.space
  }

  // MARK: what is done

  @inline(__always)
  private func predictedData(_ pcb: Int32, _ length: Int32, _ packet: Int32) {
    let tcb = tcpcbs + Int(pcb)
    let socket = pcbs[Int(pcb)].socket
    state.pointee.statistics.tcpPredictedData &+= 1
    state.pointee.statistics.tcp.inOrderOctets &+= Int64(length)
    tcb.pointee.rcvNxt += Int(length)
    sbAppend(socket, .receive, packet)
    soWakeup(socket, .receive)
    delayAck(pcb)
    if rules.delayedAck > 0 && tcb.pointee.flags.contains(.ackNow) { _ = tcpOutput(pcb) }
  }

  private func predictedAck(
    _ pcb: Int32, _ acknowledgment: SequenceNumber, _ timestamps: TCPTimestamps?, _ packet: Int32,
    wasStalled: Bool = false
  ) {
    let tcb = tcpcbs + Int(pcb)
    let socket = pcbs[Int(pcb)].socket
    let acked = acknowledgment - tcb.pointee.sndUna
    state.pointee.statistics.tcpPredictedAcks &+= 1
    state.pointee.statistics.tcp.ackedOctets &+= Int64(acked)
    sampleRoundTrip(pcb, acknowledgment, timestamps)
    sbDrop(socket, .send, Int32(acked), .acked)
    tcb.pointee.sndUna = acknowledgment
    trace(.tcpAck, pcb, Int64(acked))
    mFreem(packet, .processed)
    if tcb.pointee.sndUna == tcb.pointee.sndMax {
      disarm(.rexmt, of: pcb)
    } else if tcb.pointee[.persist] < 0 {
      arm(.rexmt, of: pcb, ticks: Int64(tcb.pointee.rxtcur))
    }
    soWakeup(socket, .send)
    if wasStalled { answerIsDone() }
    if sockets[Int(socket)].snd.cc > 0 { _ = tcpOutput(pcb) }
  }
}
