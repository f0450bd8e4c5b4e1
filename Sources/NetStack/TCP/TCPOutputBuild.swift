// A segment is built and handed to IP: buffers, options, header, window, timers.
//
// RFC 9293 §3.1, §3.8 (retransmission timer), §3.8.6.2.2 (receiver's silly window), RFC 7323 §3.2.
// 4.4BSD: netinet/tcp_output.c from its label send. Buffers are asked for with M_DONTWAIT, and a
// failure comes before any timer is set: kept, because one of the seed's riddles is made of it.
// Left out: t_maxopd (a segment's options always fit beside t_maxseg octets of data).

import Wire

enum TCPSent {
  case sent
  /// Not sent; what tcp_output returns.
  case failed(SocketError?)
}

extension Kernel {
  /// The label send: one segment, its timers, and ip_output.
  func sendSegment(_ pcb: Int32, _ plan: TCPPlan) -> TCPSent {
    let tcb = tcpcbs + Int(pcb)
    var flags = plan.flags
    if flags.contains(.syn) {
      tcb.pointee.sndNxt = tcb.pointee.iss
      if rules.ecn != .off { flags.formUnion(marksOfHandshake(pcb, flags)) }
    }
    let isCapable =
      tcb.pointee.flags.contains(.ecn) && !flags.contains(.syn) && putMarks(pcb, plan, &flags)
    countSegment(pcb, plan)
    let options = carriesOptions(pcb, flags) ? outgoingOptions(pcb, flags) : nil
    let isPacked = flags.contains(.syn) && rules.packsOptions
    let optionOctets = (isPacked ? options?.packedOctetCount : options?.octetCount) ?? 0
    let packet = segmentBuffers(pcb, plan, headerOctets: 40 &+ Int32(optionOctets))
    if packet < 0 {
      state.pointee.statistics.tcpBufferFailures &+= 1
      tcpQuench(pcb)
      return .failed(nil)
    }
    let socket = sockets + Int(pcbs[Int(pcb)].socket)
    if plan.length > 0 && plan.offset &+ plan.length == socket.pointee.snd.cc {
      flags.insert(.psh)
    }
    // A FIN that is sent again keeps its number.
    if flags.contains(.fin) && tcb.pointee.flags.contains(.sentFin)
      && tcb.pointee.sndNxt == tcb.pointee.sndMax
    {
      tcb.pointee.sndNxt -= 1
    }
    let occupies = plan.length > 0 || flags.contains(.syn) || flags.contains(.fin)
    // A bare ACK carries the next new number, not one that is being sent again.
    let sequence =
      occupies || tcb.pointee[.persist] >= 0 ? tcb.pointee.sndNxt : tcb.pointee.sndMax
    // A RST tells no window, as in later FreeBSD.
    let isMute = flags.contains(.rst) && rules.arrivals == .freebsd
    let window = isMute ? 0 : advertisedWindow(pcb, plan.space)
    let shifted = UInt16(truncatingIfNeeded: window >> Int64(tcb.pointee.rcvScale))
    if shifted == 0 && flags.isDisjoint(with: [.syn, .fin, .rst]) {
      state.pointee.statistics.tcpZeroWindows &+= 1
    }
    var header = TCPHeader(
      sourcePort: pcbs[Int(pcb)].localPort, destinationPort: pcbs[Int(pcb)].remotePort,
      sequence: sequence, acknowledgment: tcb.pointee.rcvNxt, flags: flags, window: shifted,
      headerOctets: UInt8(20 + optionOctets))
    if tcb.pointee.flags.contains(.urgent) {
      header.urgentPointer = urgentPointer(pcb, of: sequence)
      if header.urgentPointer > 0 { header.flags.insert(.urg) }
    }
    writeSegment(packet, pcb, header, options, isPacked: isPacked)
    traceSegment(.tcpOut, pcb, flags, plan.length, sequence, tcb.pointee.rcvNxt)
    noteRepetition(pcb, plan, occupies)
    startTimers(pcb, plan.length, flags)
    owe(state.pointee.costs.tcpOutput.nanoseconds &+ state.pointee.costs.touching(plan.length))
    return handToIP(packet, pcb, window, isCapable: isCapable)
  }

  @inline(__always)
  func traceSegment(
    _ kind: TraceKind, _ pcb: Int32, _ flags: TCPFlags, _ length: Int32,
    _ sequence: SequenceNumber, _ acknowledgment: SequenceNumber
  ) {
    let bits = Int64(flags.rawValue) << 32 | Int64(length)
    trace(
      kind, pcb, bits, Int64(sequence.rawValue),
      aside: Int32(bitPattern: acknowledgment.rawValue))
  }

  /// Whether a segment may have options at all: most connections have none once they are there.
  @inline(__always)
  private func carriesOptions(_ pcb: Int32, _ flags: TCPFlags) -> Bool {
    let hasNone = tcpcbs[Int(pcb)].flags.isDisjoint(
      with: [.sackPermitted, .requestCount, .requestTimestamp])
    return flags.contains(.syn) || !hasNone
  }

  /// What goes into this segment's options. RFC 7323 §2.2, §3.2: in an answer only what was
  /// offered.
  private func outgoingOptions(_ pcb: Int32, _ flags: TCPFlags) -> TCPOptions {
    let tcb = tcpcbs + Int(pcb)
    var options = TCPOptions()
    let isFirst = !flags.contains(.ack)
    if flags.contains(.syn) && !tcb.pointee.flags.contains(.noOptions) {
      let interface = route(to: pcbs[Int(pcb)].remoteAddress)
      let mss = interface.map { interfaces[Int($0)].mtu &- TCPLimit.headerOctets }
      options.maximumSegmentSize = UInt16(clamping: mss ?? rules.mssDefault)
      if tcb.pointee.flags.contains(.requestScale)
        && (isFirst || tcb.pointee.flags.contains(.receivedScale))
      {
        options.windowScale = tcb.pointee.requestRcvScale
      }
      options.sackPermitted = tcb.pointee.flags.contains(.sackPermitted)
      if !isFirst && tcb.pointee.flags.contains(.receivedCount) {
        options.connectionCountEcho = tcb.pointee.countReceived
      }
    } else if tcb.pointee.flags.contains(.sackPermitted)
      && flags.isDisjoint(with: [.syn, .rst])
    {
      options.sack = sackReports(pcb)
      sackBoards[Int(pcb)].duplicate = nil
    }
    let counts = tcb.pointee.flags.intersection([.requestCount, .noOptions])
    if counts == .requestCount && !flags.contains(.rst)
      && (isFirst || tcb.pointee.flags.contains(.receivedCount))
    {
      options.connectionCount = tcb.pointee.countSent
      if isFirst { options.connectionCountIsNew = sendsNewCount(pcb) }
    }
    let offers = tcb.pointee.flags.intersection([.requestTimestamp, .noOptions])
    if offers == .requestTimestamp && !flags.contains(.rst)
      && (isFirst || tcb.pointee.flags.contains(.receivedTimestamp))
    {
      options.timestamps = TCPTimestamps(
        value: UInt32(truncatingIfNeeded: tcpNow), echo: tcb.pointee.tsRecent)
    }
    return options
  }

  /// A header mbuf, and the data: a little is copied beside the header, more is shared (m_copy).
  ///
  /// - Returns: the packet, or -1 when a buffer could not be had.
  @inline(__always)
  private func segmentBuffers(_ pcb: Int32, _ plan: TCPPlan, headerOctets: Int32) -> Int32 {
    let socket = pcbs[Int(pcb)].socket
    precondition(plan.length == 0 || plan.offset >= 0, "data before the start of the buffer")
    precondition(
      plan.length == 0 || plan.offset &+ plan.length <= sockets[Int(socket)].snd.cc,
      "more is sent than the buffer holds")
    guard let packet = mGet(requester, at: .tcpOutput, header: true, type: .header, socket: socket)
    else {
      return -1
    }
    let m = mbuf(packet)
    m.pointee.offset &+= BufferSize.linkHeader
    m.pointee.length = headerOctets
    m.pointee.packetLength = headerOctets &+ plan.length
    if plan.length == 0 { return packet }
    let source = sbLocate(socket, .send, plan.offset)
    let room = BufferSize.headerData &- headerOctets &- BufferSize.linkHeader
    if plan.length <= room {
      m.pointee.length &+= plan.length
      copyOut(source.mbuf, source.skip, plan.length, to: data(packet) + Int(headerOctets))
      return packet
    }
    guard let copy = mCopy(source.mbuf, offset: source.skip, length: plan.length, requester) else {
      mFree(packet, .noBuffer)
      return -1
    }
    m.pointee.next = copy
    return packet
  }

  /// m_copydata.
  private func copyOut(
    _ chain: Int32, _ offset: Int32, _ length: Int32, to target: UnsafeMutableRawPointer
  ) {
    var index = chain
    var skip = offset
    var done: Int32 = 0
    while done < length {
      precondition(index >= 0, "m_copydata: the chain is too short")
      let have = mbuf(index).pointee.length
      if skip >= have {
        skip &-= have
      } else {
        let take = min(have &- skip, length &- done)
        if let octets = octets(index).baseAddress {
          (target + Int(done)).copyMemory(from: octets + Int(skip), byteCount: Int(take))
        }
        done &+= take
        skip = 0
      }
      index = mbuf(index).pointee.next
    }
  }

  /// RCV.WND to tell: none rather than a silly one, and never less than was promised.
  @inline(__always)
  private func advertisedWindow(_ pcb: Int32, _ space: Int64) -> Int64 {
    let tcb = tcpcbs + Int(pcb)
    let hiwat = Int64(sockets[Int(pcbs[Int(pcb)].socket)].rcv.hiwat)
    var window = space
    if window < hiwat / 4 && window < Int64(tcb.pointee.mss) { window = 0 }
    window = min(window, Int64(TCPLimit.maxWindow) << Int64(tcb.pointee.rcvScale))
    return max(window, Int64(tcb.pointee.rcvAdv - tcb.pointee.rcvNxt))
  }

  /// The header with its options and the checksum over pseudo-header, header and data.
  @inline(__always)
  private func writeSegment(
    _ packet: Int32, _ pcb: Int32, _ header: TCPHeader, _ options: TCPOptions?, isPacked: Bool
  ) {
    let start = data(packet) + IPv4Header.octetCount
    header.write(to: start)
    if let options {
      let place = start + TCPHeader.octetCount
      if isPacked { options.writePacked(to: place) } else { options.write(to: place) }
    }
    sumSegment(packet, from: pcbs[Int(pcb)].localAddress, to: pcbs[Int(pcb)].remoteAddress)
  }

  /// Fills in the checksum of a segment behind room for an IP header. RFC 9293 §3.1.
  func sumSegment(_ packet: Int32, from source: IPv4Address, to destination: IPv4Address) {
    let skipped = IPv4Header.octetCount
    var checksum = InternetChecksum()
    checksum.addPseudoHeader(
      source: source, destination: destination, protocol: IPProtocol.tcp,
      length: Int(mbuf(packet).pointee.packetLength) - skipped)
    if mbuf(packet).pointee.length == TCPLimit.headerOctets {
      checksum.add(header: data(packet) + skipped)
    } else {
      checksum.add(UnsafeRawBufferPointer(rebasing: octets(packet)[skipped...]))
    }
    var index = mbuf(packet).pointee.next
    while index >= 0 {
      sumData(index, &checksum)
      index = mbuf(index).pointee.next
    }
    (data(packet) + skipped).store(bigEndian16: checksum.value, at: 16)
    mbuf(packet).pointee.flags.insert(.summed)
  }

  /// The pattern of a cluster that nobody has written into since is summed without a look at it.
  @inline(__always)
  private func sumData(_ index: Int32, _ checksum: inout InternetChecksum) {
    let m = mbuf(index)
    let length = Int(m.pointee.length)
    let cluster = Int(m.pointee.cluster)
    let pattern = cluster >= 0 ? clusterUse[cluster].pattern : -1
    guard pattern >= 0, length <= Payload.most else { return checksum.add(octets(index)) }
    let sum = Payload.sum(count: length, pattern, from: Int(m.pointee.offset))
    assert(sum % 0xFFFF == ~InternetChecksum.of(octets(index)) % 0xFFFF, "a cluster was changed")
    checksum.add(folded: sum, count: length)
  }

  /// Says what is sent for a second time, and what only asks after a window.
  @inline(__always)
  private func noteRepetition(_ pcb: Int32, _ plan: TCPPlan, _ occupies: Bool) {
    let tcb = tcpcbs + Int(pcb)
    if tcb.pointee.force && tcb.pointee[.persist] >= 0 {
      trace(.tcpProbe, pcb, 0, Int64(tcb.pointee.rxtshift))
    } else if occupies && tcb.pointee.sndNxt < tcb.pointee.sndMax {
      state.pointee.statistics.tcpRetransmits &+= 1
      trace(
        .tcpRetransmit, pcb, Int64(tcb.pointee.sndNxt.rawValue), Int64(tcb.pointee.rxtshift))
    }
  }

  /// Advances SND.NXT, times the segment, and arms the retransmission timer. RFC 6298 §5.1.
  @inline(__always)
  private func startTimers(_ pcb: Int32, _ length: Int32, _ flags: TCPFlags) {
    let tcb = tcpcbs + Int(pcb)
    let start = tcb.pointee.sndNxt
    if tcb.pointee.force && tcb.pointee[.persist] >= 0 {
      // A probe stays unsent in our books, or it would be timed.
      tcb.pointee.sndMax = SequenceNumber.later(tcb.pointee.sndMax, start + Int(length))
      return
    }
    if flags.contains(.syn) { tcb.pointee.sndNxt += 1 }
    if flags.contains(.fin) {
      tcb.pointee.sndNxt += 1
      tcb.pointee.flags.insert(.sentFin)
    }
    tcb.pointee.sndNxt += Int(length)
    if tcb.pointee.sndNxt > tcb.pointee.sndMax {
      tcb.pointee.sndMax = tcb.pointee.sndNxt
      if tcb.pointee.rttStartTick < 0 { startRoundTrip(pcb, at: start) }
    }
    if tcb.pointee[.rexmt] < 0 && tcb.pointee.sndNxt != tcb.pointee.sndUna {
      if isTimed(pcb) { arm(.rexmt, of: pcb, ticks: Int64(tcb.pointee.rxtcur)) }
      if tcb.pointee[.persist] >= 0 {
        disarm(.persist, of: pcb)
        tcb.pointee.untiedBy = .window
        tcb.pointee.rxtshift = 0
      }
    }
  }

  /// ip_output, and what its errors mean to a connection: no room is a quench, no way is soft.
  @inline(__always)
  private func handToIP(
    _ packet: Int32, _ pcb: Int32, _ window: Int64, isCapable: Bool
  ) -> TCPSent {
    let tcb = tcpcbs + Int(pcb)
    var sending = pcbs[Int(pcb)].sending
    if isCapable { sending.typeOfService |= Kernel.capable }
    let error = ipOutput(
      packet, from: pcbs[Int(pcb)].localAddress, to: pcbs[Int(pcb)].remoteAddress,
      protocol: IPProtocol.tcp, sending)
    if let error {
      if error == .ENOBUFS {
        tcpQuench(pcb)
        return .failed(nil)
      }
      if error == .EHOSTUNREACH && tcb.pointee.state >= .synReceived {
        tcb.pointee.softError = error
        return .failed(nil)
      }
      if error == .EMSGSIZE {
        tcpMtuDiscover(pcb)
        return .failed(nil)
      }
      return .failed(error)
    }
    state.pointee.statistics.tcpOut &+= 1
    if window > 0 {
      let edge = tcb.pointee.rcvNxt + Int(window)
      tcb.pointee.rcvAdv = SequenceNumber.later(tcb.pointee.rcvAdv, edge)
    }
    tcb.pointee.lastAckSent = tcb.pointee.rcvNxt
    tcb.pointee.flags.remove([.ackNow, .delayedAck])
    return .sent
  }
}
