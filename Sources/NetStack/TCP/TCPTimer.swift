// The timers of TCP: arming them, the 500 ms and 200 ms beats, and what each does when it fires.
//
// RFC 6298 §5, RFC 9293 §3.8.6.1 (persist), RFC 1122 §4.2.3.6 (keepalive), §4.2.3.2 (delayed ACK).
// 4.4BSD: netinet/tcp_timer.c. A timer is kept as the number of the beat at which it fires, so an
// idle connection costs nothing. in_losing has nothing to drop: a connection keeps no route, the
// way is found anew for each packet.

import Wire

extension Kernel {
  // MARK: arming

  /// Sets a timer to go off after `ticks` slow beats; none, when that is 0, as in BSD.
  ///
  /// BSD walks a connection's timers in order, so one that an earlier timer of the same connection
  /// sets still loses a tick in the same beat.
  @inline(__always)
  func arm(_ timer: TCPTimer, of pcb: Int32, ticks: Int64) {
    if ticks <= 0 {
      disarm(timer, of: pcb)
      return
    }
    var at = slowTick &+ ticks
    let inHand = state.pointee.slowTimerInHand
    if inHand >= 0 && Int32(timer.rawValue) > inHand { at &-= 1 }
    tcpcbs[Int(pcb)][timer] = at
    if at < state.pointee.earliestSlowTick { state.pointee.earliestSlowTick = at }
  }

  /// Leaves `earliestSlowTick` as it is: a beat too many is found out by `slowTimeoutIsDue`.
  @inline(__always)
  func disarm(_ timer: TCPTimer, of pcb: Int32) { tcpcbs[Int(pcb)][timer] = -1 }

  /// tcp_canceltimers.
  func disarmAll(of pcb: Int32) {
    for index in 0..<TCPTimer.count { tcpcbs[Int(pcb)].timers[index] = -1 }
  }

  // MARK: the beats

  /// tcp_slowtimo: every connection's timers, the newest connection first.
  func tcpSlowTimeout() {
    precondition(state.pointee.slowTimerInHand < 0, "tcp_slowtimo runs inside itself")
    let tick = slowTick
    var pcb = state.pointee.pcbList
    while pcb >= 0 {
      let next = pcbs[Int(pcb)].listNext
      if isTiming(pcb) { fireTimers(of: pcb, at: tick) }
      pcb = next
    }
    state.pointee.slowTimerInHand = -1
    findEarliestSlowTick()
  }

  /// Whether the present beat has anything to do. When not, finds the beat that has.
  func slowTimeoutIsDue() -> Bool {
    findEarliestSlowTick()
    return state.pointee.earliestSlowTick <= slowTick
  }

  /// tcp_fasttimo: sends the ACKs that were held back.
  func tcpFastTimeout() {
    state.pointee.delayedAcks = state.pointee.runsEveryBeat
    var pcb = state.pointee.pcbList
    while pcb >= 0 {
      let next = pcbs[Int(pcb)].listNext
      let tcb = tcpcbs + Int(pcb)
      if pcbs[Int(pcb)].kind == .stream && tcb.pointee.flags.contains(.delayedAck) {
        delayedAckTimeout(pcb)
      }
      pcb = next
    }
  }

  private func delayedAckTimeout(_ pcb: Int32) {
    let tcb = tcpcbs + Int(pcb)
    if !tcb.pointee.flags.contains(.delayedAck) { return }  // it has gone meanwhile
    tcb.pointee.flags.remove(.delayedAck)
    tcb.pointee.flags.insert(.ackNow)
    state.pointee.statistics.tcpDelayedAcks &+= 1
    _ = tcpOutput(pcb)
  }

  /// A listener has no timers that run, and a datagram's pcb has none at all.
  @inline(__always)
  private func isTiming(_ pcb: Int32) -> Bool {
    pcbs[Int(pcb)].kind == .stream && tcpcbs[Int(pcb)].state != .listen
  }

  private func fireTimers(of pcb: Int32, at tick: Int64) {
    let serial = pcbs[Int(pcb)].serial
    for index in 0..<TCPTimer.count {
      let expiry = tcpcbs[Int(pcb)].timers[index]
      if expiry < 0 || expiry > tick { continue }
      state.pointee.slowTimerInHand = Int32(index)
      tcpcbs[Int(pcb)].timers[index] = -1
      switch index {
      case 0: retransmitTimeout(pcb)
      case 1: persistTimeout(pcb)
      case 2: keepTimeout(pcb)
      case 3: msl2Timeout(pcb)
      default: delayedAckTimeout(pcb)
      }
      let isGone = !pcbs[Int(pcb)].inUse || pcbs[Int(pcb)].serial != serial
      if isGone { return }
    }
  }

  private func findEarliestSlowTick() {
    var earliest = state.pointee.runsEveryBeat ? slowTick + 1 : Int64.max
    var pcb = state.pointee.pcbList
    while pcb >= 0 {
      if isTiming(pcb) {
        for index in 0..<TCPTimer.count {
          let expiry = tcpcbs[Int(pcb)].timers[index]
          if expiry >= 0 && expiry < earliest { earliest = expiry }
        }
      }
      pcb = pcbs[Int(pcb)].listNext
    }
    state.pointee.earliestSlowTick = earliest
  }

  // MARK: what they do

  /// TCPT_REXMT: nothing was acknowledged in time. RFC 6298 §5.4 – §5.6, RFC 5681 §3.1.
  ///
  /// The timer is set before the segment is built: a packet that finds no room on the way out does
  /// not stop the clock.
  private func retransmitTimeout(_ pcb: Int32) {
    let tcb = tcpcbs + Int(pcb)
    tcb.pointee.rxtshift &+= 1
    if tcb.pointee.rxtshift > TCPLimit.maxShift {
      tcb.pointee.rxtshift = TCPLimit.maxShift
      state.pointee.statistics.tcpTimeoutDrops &+= 1
      giveUp(pcb, tcb.pointee.softError ?? .ETIMEDOUT, by: .rexmtDrop)
      return
    }
    // It was armed in the course of a beat: the end of that is what is certain.
    let waited = (Int64(tcb.pointee.rxtcur) &- 1) &* slowBeat
    noteStall(pcb, since: Instant(nanoseconds: max(now.nanoseconds &- waited, 0)))
    tcb.pointee.untiedBy = .retransmission
    tcb.pointee.untiedAt = now
    state.pointee.statistics.tcpRexmtTimeouts &+= 1
    if rules.dropsOptions && tcb.pointee.state == .synSent && tcb.pointee.rxtshift == 3 {
      // Something on the way may choke on them.
      tcb.pointee.flags.remove([.requestScale, .requestTimestamp, .sackPermitted])
    }
    tcb.pointee.backOff(rules)
    arm(.rexmt, of: pcb, ticks: Int64(tcb.pointee.rxtcur))
    tcb.pointee.sndNxt = tcb.pointee.sndUna
    tcb.pointee.flags.insert(.ackNow)
    tcb.pointee.rttStartTick = -1  // Karn: what is sent twice is not timed
    tcb.pointee.ssthresh = halfFlight(pcb)
    tcb.pointee.cwnd = UInt32(tcb.pointee.mss)
    tcb.pointee.dupAcks = 0
    recoveryTimesOut(pcb)
    _ = tcpOutput(pcb)
  }

  /// Half of what is in flight, in whole segments and at least two: the threshold after a loss.
  func halfFlight(_ pcb: Int32) -> UInt32 {
    let tcb = tcpcbs + Int(pcb)
    precondition(tcb.pointee.mss > 0, "a segment carries at least one octet")
    let mss = UInt32(tcb.pointee.mss)
    let segments = min(tcb.pointee.sndWnd, tcb.pointee.cwnd) / 2 / mss
    return max(segments, 2) &* mss
  }

  /// TCPT_PERSIST: the window is still shut; one octet is sent into it.
  private func persistTimeout(_ pcb: Int32) {
    let tcb = tcpcbs + Int(pcb)
    state.pointee.statistics.tcpPersistTimeouts &+= 1
    // A peer that answers is never dropped, however long it keeps its window shut.
    let idle = idleTicks(pcb)
    if tcb.pointee.isPastPatience(idle: idle, rules) {
      state.pointee.statistics.tcpPersistDrops &+= 1
      giveUp(pcb, .ETIMEDOUT, by: .persistDrop)
      return
    }
    setPersist(pcb)
    tcb.pointee.untiedBy = .persist
    tcb.pointee.force = true
    _ = tcpOutput(pcb)
    tcb.pointee.force = false
  }

  /// TCPT_KEEP: the handshake took too long, or the connection has been silent. RFC 1122 §4.2.3.6.
  private func keepTimeout(_ pcb: Int32) {
    let tcb = tcpcbs + Int(pcb)
    state.pointee.statistics.tcp.keepTimeouts &+= 1
    let isWanted =
      state.pointee.tunables.alwaysKeepalive
      || sockets[Int(pcbs[Int(pcb)].socket)].options.contains(.keepalive)
    let isConnecting = tcb.pointee.state < .established
    let probes = !isConnecting && isWanted && tcb.pointee.state <= .closing
    let isDead = probes && idleTicks(pcb) >= keepIdle(pcb) &+ maxIdle(pcb)
    if isConnecting || isDead {
      state.pointee.statistics.tcpKeepDrops &+= 1
      giveUp(pcb, .ETIMEDOUT, by: isConnecting ? .keepinitDrop : .keepDrop)
    } else if probes {
      state.pointee.statistics.tcpKeepProbes &+= 1
      tcpKeepaliveProbe(pcb)
      arm(.keep, of: pcb, ticks: keepInterval(pcb))
    } else {
      arm(.keep, of: pcb, ticks: keepIdle(pcb))
    }
  }

  /// TCPT_2MSL: TIME_WAIT is over, or nobody waits in FIN_WAIT_2 any more.
  private func msl2Timeout(_ pcb: Int32) {
    if tcpcbs[Int(pcb)].state != .timeWait && idleTicks(pcb) <= maxIdle(pcb) {
      arm(.msl2, of: pcb, ticks: keepInterval(pcb))
    } else {
      state.pointee.causes.ending = .msl2
      tcpClose(pcb)
      state.pointee.causes.ending = .none
    }
  }

  /// What goes back and wakes meanwhile is this timer's doing.
  private func giveUp(_ pcb: Int32, _ error: SocketError, by timer: Mechanism) {
    state.pointee.causes.ending = timer
    tcpDrop(pcb, error)
    state.pointee.causes.ending = .none
  }
}
