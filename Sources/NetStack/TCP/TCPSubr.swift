// The life of a TCP connection apart from its segments: how it begins, how it is given up, how it
// ends.
//
// RFC 9293 §3.6 (closing), §3.4.1 (initial sequence numbers). 4.4BSD: netinet/tcp_subr.c, whose
// tcp_ctlinput and tcp_mtudisc are in TCPControl.swift.

import Wire

extension Kernel {
  /// tcp_newtcpcb: a connection that knows nothing yet of its peer.
  func tcpInitialize(_ pcb: Int32) {
    let tunables = state.pointee.tunables
    var tcb = Tcpcb()
    if tunables.rfc1323 { tcb.flags = [.requestScale, .requestTimestamp] }
    if state.pointee.speaksSack && rules.offersSack {
      tcb.flags.insert(.sackPermitted)
      sackBoards[Int(pcb)] = SackBoard()
    }
    if rules.rfc1644 { tcb.flags.insert(.requestCount) }
    tcb.rttmin = tunables.tcpRttMinTicks
    tcb.rttvar = rules.rttvarBase
    let timeout = TCPLimit.ranged(rules.rtoBase, from: Int64(tcb.rttmin), to: rules.rexmtMax)
    tcb.rxtcur = Int32(truncatingIfNeeded: timeout)
    // No slow start towards a neighbour: the first window is as wide as the peer's (tcp_mss).
    tcb.cwnd = TCPLimit.maxWindow << UInt32(TCPLimit.maxWindowShift)
    tcb.ssthresh = tcb.cwnd
    tcb.mss = rules.mssDefault
    tcb.idleSinceTick = tcpNow
    tcpcbs[Int(pcb)] = tcb
  }

  /// tcp_template: one mbuf a connection for as long as it lives. The headers are built from the
  /// pcb, but the buffer is taken: whoever counts mbufs must see it. False when there is none.
  func tcpTakeTemplate(_ pcb: Int32) -> Bool {
    let socket = pcbs[Int(pcb)].socket
    precondition(tcpcbs[Int(pcb)].template < 0, "a connection has two templates")
    guard
      let template = mGet(requester, at: .tcpTemplate, header: false, type: .header, socket: socket)
    else {
      return false
    }
    mbuf(template).pointee.length = TCPLimit.headerOctets
    place(template, .hand, holder: socket)
    tcpcbs[Int(pcb)].template = template
    return true
  }

  /// The shift to offer: the smallest that lets 16 bits cover the receive buffer, or the largest
  /// there may be. RFC 7323 §2.2.
  func tcpChooseScale(_ pcb: Int32) {
    let own = sockets[Int(pcbs[Int(pcb)].socket)].rcv.hiwat
    let room = rules.scalesForLargest ? state.pointee.tunables.bufferMax : own
    var shift: UInt8 = 0
    while shift < TCPLimit.maxWindowShift
      && Int64(TCPLimit.maxWindow) << Int64(shift) < Int64(room)
    {
      shift += 1
    }
    tcpcbs[Int(pcb)].requestRcvScale = shift
  }

  /// tcp_iss for one more connection, and tcp_sendseqinit.
  func tcpStartSending(_ pcb: Int32, from given: SequenceNumber?) {
    let tcb = tcpcbs + Int(pcb)
    // ISSINCR / 2 at each half second.
    let halves = tcpNow &* slowBeat / 500_000_000
    let grown = UInt32(truncatingIfNeeded: halves) &* (TCPLimit.issIncrement / 2)
    let iss =
      given
      ?? (rules.randomISS
        ? unguessable(pcb) : SequenceNumber(state.pointee.issBase &+ grown))
    state.pointee.issBase &+= TCPLimit.issIncrement / 4
    tcb.pointee.iss = iss
    tcb.pointee.recover = iss
    tcb.pointee.begunTick = tcpNow
    if tcb.pointee.flags.contains(.requestCount) {
      tcb.pointee.countSent = state.pointee.countGeneration
      state.pointee.countGeneration = max(state.pointee.countGeneration &+ 1, 1)
    }
    tcb.pointee.sndUna = iss
    tcb.pointee.sndNxt = iss
    tcb.pointee.sndMax = iss
  }

  /// A clock of 4 us, and a number of its own for each pair of ends. RFC 6528 §3.
  private func unguessable(_ pcb: Int32) -> SequenceNumber {
    let ends = pcbs + Int(pcb)
    let addresses = UInt64(ends.pointee.localAddress.rawValue) << 32
    let ports = UInt64(ends.pointee.localPort) << 16 | UInt64(ends.pointee.remotePort)
    var secret = mix(addresses | UInt64(ends.pointee.remoteAddress.rawValue), ports)
    secret = mix(secret, UInt64(state.pointee.issSecret))
    let clock = UInt32(truncatingIfNeeded: now.nanoseconds / 4000)
    return SequenceNumber(clock &+ UInt32(truncatingIfNeeded: secret))
  }

  /// tcp_rcvseqinit: the peer's SYN counts one.
  func tcpStartReceiving(_ pcb: Int32, from sequence: SequenceNumber) {
    let tcb = tcpcbs + Int(pcb)
    tcb.pointee.irs = sequence
    tcb.pointee.rcvNxt = sequence + 1
    tcb.pointee.rcvAdv = sequence + 1
  }

  /// Enters a state, and lets observers know.
  func setState(_ pcb: Int32, _ new: TCPState) {
    let old = tcpcbs[Int(pcb)].state
    if old == new { return }
    tcpcbs[Int(pcb)].state = new
    trace(.tcpState, pcb, Int64(old.rawValue), Int64(new.rawValue))
  }

  /// tcp_quench: no buffer on the way out means a window of one segment.
  @inline(__always)
  func tcpQuench(_ pcb: Int32) {
    let tcb = tcpcbs + Int(pcb)
    precondition(tcb.pointee.mss > 0, "a segment carries at least one octet")
    tcb.pointee.cwnd = UInt32(tcb.pointee.mss)
  }

  // MARK: the end

  /// tcp_drop: gives a connection up, with a RST to a peer that has synchronised. RFC 9293 §3.10.7.
  ///
  /// Afterwards the pcb is gone; the socket stays as long as a descriptor refers to it, and so does
  /// everything in its send buffer (unless `tcp.drop_frees`). Without an error its user wanted it.
  func tcpDrop(_ pcb: Int32, _ error: SocketError?) {
    precondition(pcbs[Int(pcb)].inUse, "a connection is dropped that does not exist")
    let socket = pcbs[Int(pcb)].socket
    if tcpcbs[Int(pcb)].state >= .synReceived {
      setState(pcb, .closed)
      _ = tcpOutput(pcb)
      state.pointee.statistics.tcpDrops &+= 1
    } else {
      state.pointee.statistics.tcpConnectDrops &+= 1
    }
    var reason = error
    if reason == .ETIMEDOUT, let soft = tcpcbs[Int(pcb)].softError { reason = soft }
    trace(.tcpDrop, pcb, reason.map { Int64($0.rawValue) } ?? -1, Int64(socket))
    if let reason { setError(socket, reason) } else { sockets[Int(socket)].error = nil }
    if state.pointee.tunables.dropFrees {
      // By sbdrop, which looks at no lock: sosend may be asleep inside.
      sbEmpty(socket, .send)
      sbEmpty(socket, .receive)
    }
    tcpClose(pcb)
  }

  /// tcp_close: the connection's own buffers go, the pcb goes, the socket is told.
  func tcpClose(_ pcb: Int32) {
    precondition(pcbs[Int(pcb)].inUse, "a connection is closed that does not exist")
    let socket = pcbs[Int(pcb)].socket
    state.pointee.statistics.tcp.closed &+= 1
    rememberRoundTrip(pcb)
    if tcpcbs[Int(pcb)].stalledSince != .never { endStallOfClosed(pcb) }
    setState(pcb, .closed)
    freeReassembly(pcb)
    let template = tcpcbs[Int(pcb)].template
    if template >= 0 {
      tcpcbs[Int(pcb)].template = -1
      mFree(template, .closed)
    }
    disarmAll(of: pcb)
    tcpcbs[Int(pcb)].flags = []
    soIsDisconnected(socket)
    pcbDetach(pcb)
  }

  /// What a connection with enough samples leaves to the next one, averaged with what was there.
  ///
  /// A srtt of 0 (a row of retransmissions gave it up) is written as 0: the next one starts afresh.
  private func rememberRoundTrip(_ pcb: Int32) {
    let tcb = tcpcbs + Int(pcb)
    let peer = pcbs[Int(pcb)].remoteAddress
    if tcb.pointee.rttSamples < TCPLimit.rttSamplesWorthKeeping || peer == .any { return }
    var route = hostRoute(for: peer) ?? HostRoute()
    route.address = peer
    let srtt = microseconds(srtt: tcb.pointee.srtt)
    route.srttMicroseconds = averaged(route.srttMicroseconds, srtt)
    let rttvar = microseconds(rttvar: tcb.pointee.rttvar)
    route.rttvarMicroseconds = averaged(route.rttvarMicroseconds, rttvar)
    state.pointee.statistics.tcp.cachedRoundTrips &+= 1
    // Bad news first: a threshold below half the pipe begins the record, then good news count too.
    let pipe = UInt32(clamping: state.pointee.tunables.sendSpace)
    if route.ssthresh != 0 || tcb.pointee.ssthresh < pipe / 2 {
      let mss = Int64(tcb.pointee.mss)
      let segments = max((Int64(tcb.pointee.ssthresh) &+ mss / 2) / mss, 2)
      let octets = segments &* (mss &+ Int64(TCPLimit.headerOctets))
      let kept = route.ssthresh == 0 ? octets : (Int64(route.ssthresh) &+ octets) / 2
      route.ssthresh = UInt32(truncatingIfNeeded: kept)
      state.pointee.statistics.tcp.cachedThresholds &+= 1
    }
    route.expires = now + state.pointee.tunables.internet.routeExpiry
    remember(route)
  }

  private func averaged(_ old: Int64, _ new: Int64) -> Int64 {
    old != 0 && new != 0 ? (old &+ new) / 2 : new
  }
}
