// The options of a segment, and what follows from them: segment size, buffers, scaling, timestamps.
//
// RFC 9293 §3.7.1 (MSS), RFC 7323 §2 (window scale), §3 (timestamps), §5 (PAWS). 4.4BSD:
// tcp_dooptions and tcp_mss of netinet/tcp_input.c. RFC 1644 §3.1 (connection counts: agreed upon,
// and then demanded of each segment).

import Wire

extension Kernel {
  /// tcp_dooptions. A SYN without any option leaves the segment size at 512 and the buffers as they
  /// are.
  @inline(__always)
  func takeOptions(_ pcb: Int32, _ segment: TCPSegment) {
    guard segment.flags.contains(.syn) else { return }
    let tcb = tcpcbs + Int(pcb)
    if !segment.options.sackPermitted { tcb.pointee.flags.remove(.sackPermitted) }
    guard segment.hasOptions else { return }
    if let scale = segment.options.windowScale {
      tcb.pointee.flags.insert(.receivedScale)
      tcb.pointee.requestedSndScale = min(scale, TCPLimit.maxWindowShift)
    }
    if let timestamps = segment.options.timestamps {
      tcb.pointee.flags.insert(.receivedTimestamp)
      tcb.pointee.tsRecent = timestamps.value
      tcb.pointee.tsRecentAge = UInt32(truncatingIfNeeded: tcpNow)
    }
    if segment.options.connectionCount != 0 && tcb.pointee.flags.contains(.requestCount) {
      tcb.pointee.flags.insert(.receivedCount)
      tcb.pointee.countReceived = segment.options.connectionCount
    }
    tcpMss(pcb, offer: segment.options.maximumSegmentSize)
  }

  /// Both sides have asked: from now on windows are shifted. RFC 7323 §2.2.
  func startScaling(_ pcb: Int32) {
    let tcb = tcpcbs + Int(pcb)
    guard tcb.pointee.flags.isSuperset(of: [.requestScale, .receivedScale]) else { return }
    tcb.pointee.sndScale = tcb.pointee.requestedSndScale
    tcb.pointee.rcvScale = tcb.pointee.requestRcvScale
    precondition(tcb.pointee.sndScale <= TCPLimit.maxWindowShift, "a shift beyond 14")
  }

  /// tcp_mss: how much a segment may carry, and buffers that hold whole segments.
  ///
  /// - Parameter offer: what the peer's SYN said; nil counts as 512. RFC 9293 §3.7.1.
  func tcpMss(_ pcb: Int32, offer: UInt16?) {
    let tcb = tcpcbs + Int(pcb)
    let peer = pcbs[Int(pcb)].remoteAddress
    guard let mtu = pathMTU(to: peer) else {
      tcb.pointee.mss = rules.mssDefault
      return
    }
    loadRoundTrip(pcb, from: peer)
    var mss = mtu &- TCPLimit.headerOctets
    let offered = offer.map { Int32($0) } ?? rules.mssDefault
    mss = min(mss, max(offered, TCPLimit.mssFloor))
    let agreed: TcpcbFlags = [.requestTimestamp, .receivedTimestamp]
    if tcb.pointee.flags.intersection(agreed.union(.noOptions)) == agreed { mss &-= 12 }
    if tcb.pointee.flags.contains(.receivedCount) { mss &-= 8 }
    // Whole clusters, where it is more than one.
    if mss > BufferSize.cluster { mss &= ~(BufferSize.cluster &- 1) }
    let tunables = state.pointee.tunables
    let socket = pcbs[Int(pcb)].socket
    // The route's pipes are the defaults of the host: BSD forgets what a socket asked for.
    if tunables.sendSpace < mss {
      mss = max(tunables.sendSpace, 1)
    } else {
      sbReserve(socket, .send, octets: wholeSegments(tunables.sendSpace, mss))
    }
    if tunables.receiveSpace > mss {
      sbReserve(socket, .receive, octets: wholeSegments(tunables.receiveSpace, mss))
    }
    precondition(mss > 0, "a segment carries at least one octet")
    tcb.pointee.mss = mss
    // Slow start only towards strangers; their MTU is the route's, and so mssdflt is not used.
    if rules.initialWindow == 0 && !isLocal(peer) { tcb.pointee.cwnd = UInt32(mss) }
  }

  /// roundup, but no more than sb_max.
  private func wholeSegments(_ octets: Int32, _ mss: Int32) -> Int32 {
    let rounded = (Int64(octets) &+ Int64(mss) &- 1) / Int64(mss) &* Int64(mss)
    return Int32(min(rounded, Int64(state.pointee.tunables.bufferMax)))
  }

  /// The estimator of an earlier connection to the same host, when this one has none yet.
  private func loadRoundTrip(_ pcb: Int32, from peer: IPv4Address) {
    guard var known = hostRoute(for: peer) else { return }
    if known.expires <= now && !isInUse(peer, besides: pcb) {
      known.srttMicroseconds = 0
      known.rttvarMicroseconds = 0
      known.ssthresh = 0
      return remember(known)
    }
    let tcb = tcpcbs + Int(pcb)
    if tcb.pointee.srtt == 0 && known.srttMicroseconds > 0 {
      tcb.pointee.srtt = srtt(microseconds: known.srttMicroseconds)
      // A route without a deviation would mean one round trip of it: srtt in 16ths.
      tcb.pointee.rttvar =
        known.rttvarMicroseconds > 0
        ? rttvar(microseconds: known.rttvarMicroseconds) : tcb.pointee.srtt / 2
      let ticks = TCPLimit.ranged(
        Int64((tcb.pointee.srtt >> 2) &+ tcb.pointee.rttvar) >> 1 &+ rules.rexmitSlop,
        from: Int64(tcb.pointee.rttmin), to: rules.rexmtMax)
      tcb.pointee.rxtcur = Int32(truncatingIfNeeded: ticks)
    }
    if known.ssthresh != 0 {
      tcb.pointee.ssthresh = max(2 &* UInt32(tcb.pointee.mss), known.ssthresh)
    }
  }

  /// A route that another connection holds does not expire: in_clsroute begins with the last.
  private func isInUse(_ peer: IPv4Address, besides own: Int32) -> Bool {
    var pcb = state.pointee.pcbList
    while pcb >= 0 {
      if pcb != own && pcbs[Int(pcb)].kind == .stream && pcbs[Int(pcb)].remoteAddress == peer {
        return true
      }
      pcb = pcbs[Int(pcb)].listNext
    }
    return false
  }

  // MARK: connection counts

  /// tcp_connect: a host that has echoed one of our counts before knows them (tao_ccsent). Others
  /// are told by CC.NEW to begin anew.
  func renewCount(_ pcb: Int32) {
    let tcb = tcpcbs + Int(pcb)
    guard tcb.pointee.flags.contains(.requestCount),
      var known = hostRoute(for: pcbs[Int(pcb)].remoteAddress), known.countSent != 0
    else { return }
    known.countSent = tcb.pointee.countSent
    remember(known)
  }

  /// TF_SENDCCNEW.
  func sendsNewCount(_ pcb: Int32) -> Bool {
    let known = hostRoute(for: pcbs[Int(pcb)].remoteAddress)?.countSent ?? 0
    return known != tcpcbs[Int(pcb)].countSent
  }

  /// The answer to our SYN echoes its count, or is one to an older SYN. Whoever echoes none has
  /// not agreed.
  func checkCountEcho(_ pcb: Int32, _ segment: TCPSegment) -> TCPVerdict {
    let tcb = tcpcbs + Int(pcb)
    guard tcb.pointee.flags.contains(.requestCount) else { return .proceed }
    let echo = segment.options.connectionCountEcho
    if echo == 0 {
      tcb.pointee.flags.remove(.receivedCount)
      return .proceed
    }
    let peer = pcbs[Int(pcb)].remoteAddress
    var known = hostRoute(for: peer) ?? HostRoute()
    if echo != tcb.pointee.countSent {
      return known.countSent != 0 ? .drop : .dropWithReset(pcb)
    }
    known.address = peer
    known.countSent = echo
    remember(known)
    return .proceed
  }

  /// T/TCP: segments of a connection carry its count; any other is of another. RFC 1644 §3.3.
  @inline(__always)
  func hasOurCount(_ pcb: Int32, _ segment: TCPSegment) -> Bool {
    let tcb = tcpcbs + Int(pcb)
    return !tcb.pointee.flags.contains(.receivedCount)
      || segment.options.connectionCount == tcb.pointee.countReceived
  }

  // MARK: timestamps

  /// TSTMP_LT(SEG.TSval, TS.Recent): compared round the circle.
  @inline(__always)
  func isOlderThanRecent(_ pcb: Int32, _ segment: TCPSegment) -> Bool {
    guard let timestamps = segment.options.timestamps else { return false }
    return Int32(bitPattern: timestamps.value &- tcpcbs[Int(pcb)].tsRecent) < 0
  }

  /// PAWS: a segment from an earlier lap of the sequence space. RFC 7323 §5.3.
  func checkTimestamp(_ pcb: Int32, _ segment: TCPSegment) -> TCPVerdict {
    let tcb = tcpcbs + Int(pcb)
    guard !segment.flags.contains(.rst), tcb.pointee.tsRecent != 0,
      isOlderThanRecent(pcb, segment)
    else { return .proceed }
    let age = UInt32(truncatingIfNeeded: tcpNow) &- tcb.pointee.tsRecentAge
    if Int64(Int32(bitPattern: age)) > TCPLimit.pawsIdleNanoseconds / slowBeat {
      tcb.pointee.tsRecent = 0
      return .proceed
    }
    state.pointee.statistics.tcpDuplicates &+= 1
    state.pointee.statistics.tcp.duplicateOctets &+= Int64(segment.length)
    state.pointee.statistics.tcpPawsDrops &+= 1
    return .dropAfterAck
  }

  /// TS.Recent: of the segment that begins at or before what we last acknowledged. RFC 7323 §4.3.
  @inline(__always)
  func rememberTimestamp(_ pcb: Int32, _ segment: TCPSegment) {
    guard let timestamps = segment.options.timestamps else { return }
    let tcb = tcpcbs + Int(pcb)
    if segment.sequence <= tcb.pointee.lastAckSent {
      tcb.pointee.tsRecentAge = UInt32(truncatingIfNeeded: tcpNow)
      tcb.pointee.tsRecent = timestamps.value
    }
  }
}
