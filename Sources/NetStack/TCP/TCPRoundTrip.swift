// How long a round trip takes, and the timeouts that follow from it.
//
// RFC 6298 (Jacobson's estimator), RFC 7323 §4 (timestamps as samples), Karn's rule. 4.4BSD:
// tcp_xmit_timer of netinet/tcp_input.c, TCP_REXMTVAL of tcp_var.h, tcp_setpersist of tcp_output.c.
// As in the original REXMTVAL has no floor unless `TCPRules.rtoFloor`: on a LAN the estimator
// converges to 0, every backed-off timeout is then t_rttmin, and a silent peer is given up after
// 13.5 s instead of nine minutes. All of it counts slow beats, which may be finer than 500 ms.

import Wire

extension Kernel {
  /// tcp_now and the phase of t_idle and t_rtt: slow beats whose handlers are done.
  ///
  /// While tcp_slowtimo runs it still shows the beat before, because BSD counts after the timers.
  @inline(__always)
  var tcpNow: Int64 {
    state.pointee.slowTimerInHand >= 0 ? slowTick &- 1 : slowTick
  }

  /// t_idle: slow ticks since the last segment came in.
  @inline(__always)
  func idleTicks(_ pcb: Int32) -> Int64 {
    (rules.exactIdle ? slowTick : tcpNow) &- tcpcbs[Int(pcb)].idleSinceTick
  }

  /// One more round trip was measured: tcp_xmit_timer. It ends a row of retransmissions.
  ///
  /// - Parameter roundTrip: slow ticks, counted from 1: a trip within one beat is 1.
  func roundTripMeasured(_ pcb: Int32, _ roundTrip: Int32) {
    let tcb = tcpcbs + Int(pcb)
    tcb.pointee.rttSamples &+= 1
    state.pointee.statistics.tcp.roundTrips &+= 1
    if tcb.pointee.srtt != 0 {
      // RFC 6298 §2.3 with gains 1/8 and 1/4, in 32nds and 16ths of a tick.
      var delta = ((roundTrip &- 1) << 2) &- (tcb.pointee.srtt >> 3)
      tcb.pointee.srtt &+= delta
      if tcb.pointee.srtt <= 0 { tcb.pointee.srtt = 1 }
      if delta < 0 { delta = 0 &- delta }
      delta &-= tcb.pointee.rttvar >> 2
      tcb.pointee.rttvar &+= delta
      if tcb.pointee.rttvar <= 0 { tcb.pointee.rttvar = 1 }
    } else {
      // RFC 6298 §2.2: the first one is the estimate, half of it the deviation.
      tcb.pointee.srtt = roundTrip << 5
      tcb.pointee.rttvar = roundTrip << 3
    }
    tcb.pointee.rttStartTick = -1
    tcb.pointee.rxtshift = 0
    let floor = max(tcb.pointee.rttmin, roundTrip &+ 2)
    let timeout = TCPLimit.ranged(
      tcb.pointee.timeoutBase(rules) &+ rules.rexmitSlop, from: Int64(floor), to: rules.rexmtMax)
    tcb.pointee.rxtcur = Int32(truncatingIfNeeded: timeout)
    tcb.pointee.softError = nil
  }

  /// Takes a sample from an acceptable ACK: its timestamp when it has one, else the timed sequence.
  @inline(__always)
  func sampleRoundTrip(
    _ pcb: Int32, _ acknowledgment: SequenceNumber, _ timestamps: TCPTimestamps?
  ) {
    let tcb = tcpcbs + Int(pcb)
    if let timestamps {
      let ticks = UInt32(truncatingIfNeeded: tcpNow) &- timestamps.echo &+ 1
      roundTripMeasured(pcb, Int32(bitPattern: ticks))
    } else if tcb.pointee.rttStartTick >= 0 && acknowledgment > tcb.pointee.rtseq {
      let ticks = tcpNow &- tcb.pointee.rttStartTick &+ 1
      roundTripMeasured(pcb, Int32(truncatingIfNeeded: ticks))
    }
  }

  /// Starts the clock on a sequence number that is sent for the first time.
  func startRoundTrip(_ pcb: Int32, at sequence: SequenceNumber) {
    let tcb = tcpcbs + Int(pcb)
    precondition(tcb.pointee.rttStartTick < 0, "two round trips are timed at once")
    tcb.pointee.rttStartTick = tcpNow
    tcb.pointee.rtseq = sequence
    state.pointee.statistics.tcp.timed &+= 1
  }

  /// tcp_setpersist: when to look again at a window that is shut. RFC 9293 §3.8.6.1.
  func setPersist(_ pcb: Int32) {
    let tcb = tcpcbs + Int(pcb)
    precondition(tcb.pointee[.rexmt] < 0, "persist and retransmit timers at once")
    let shift = Int64(tcb.pointee.rxtshift)
    let ticks = tcb.pointee.nextPersist(rules)
    arm(.persist, of: pcb, ticks: ticks)
    noteStall(pcb, since: now)
    trace(.tcpPersist, pcb, ticks, shift)
  }

  // MARK: route metrics: microseconds, where srtt counts 32nds of a beat and rttvar 16ths

  func microseconds(srtt: Int32) -> Int64 { Int64(srtt) &* (slowBeat / 1000) / 32 }
  func microseconds(rttvar: Int32) -> Int64 { Int64(rttvar) &* (slowBeat / 1000) / 16 }
  func srtt(microseconds: Int64) -> Int32 {
    Int32(truncatingIfNeeded: microseconds &* 32 / (slowBeat / 1000))
  }
  func rttvar(microseconds: Int64) -> Int32 {
    Int32(truncatingIfNeeded: microseconds &* 16 / (slowBeat / 1000))
  }
}

extension Tcpcb {
  /// TCP_REXMTVAL: smoothed round trip and four deviations, in slow ticks; 0 when converged on a
  /// LAN.
  @inline(__always)
  var retransmitValue: Int64 { Int64((srtt >> 3) &+ rttvar) >> 2 }

  /// TCP_REXMTVAL as FreeBSD corrected it, where the host has that.
  @inline(__always)
  func timeoutBase(_ rules: TCPRules) -> Int64 {
    rules.rtoFloor ? max(retransmitValue, Int64(rttmin)) : retransmitValue
  }

  /// One more expiry was not the last: `rxtcur` is the next interval. TCPT_RANGESET.
  @inline(__always)
  mutating func backOff(_ rules: TCPRules) {
    let factor = TCPLimit.backoff(rxtshift, upTo: rules.backoffMax)
    let value = timeoutBase(rules) &* factor &+ rules.rexmitSlop
    let ticks = TCPLimit.ranged(value, from: Int64(rttmin), to: rules.rexmtMax)
    rxtcur = Int32(truncatingIfNeeded: ticks)
    if rxtshift > TCPLimit.maxShift / 4 {
      // The estimate is given up, but its weight goes to the deviation: BSD adds 32nds to 16ths
      // here, which shrinks the timeout.
      rttvar &+= srtt >> 5
      srtt = 0
    }
  }

  /// The next interval of the persist timer in slow ticks, each twice the last.
  @inline(__always)
  mutating func nextPersist(_ rules: TCPRules) -> Int64 {
    let base = Int64((srtt >> 2) &+ rttvar) >> 1
    let value = base &* TCPLimit.backoff(rxtshift, upTo: rules.backoffMax) &+ rules.rexmitSlop
    let ticks = TCPLimit.ranged(value, from: rules.persistMin, to: rules.persistMax)
    if rxtshift < TCPLimit.maxShift { rxtshift &+= 1 }
    return ticks
  }

  /// Whether a shut window has been silent for so long that the connection is given up.
  @inline(__always)
  func isPastPatience(idle: Int64, _ rules: TCPRules) -> Bool {
    if rxtshift != TCPLimit.maxShift { return false }
    let patience =
      max(retransmitValue, Int64(rttmin)) &* TCPLimit.totalBackoff(upTo: rules.backoffMax)
    return idle >= rules.maxPersistIdle || idle >= patience
  }
}
