// When a connection will be given up, if nothing is heard any more: a timer followed through its
// re-arming to its last firing.
//
// The same arithmetic as the timers' own (TCPTimer.swift), on a copy: what is foretold here is what
// a run then does, to the beat.

extension Host {
  /// The first timer that would drop a connection, and when; nil when none ever does.
  public func lastFiring(ofConnection pcb: Int32) -> (timer: TCPTimer, at: Instant)? {
    inspect { kernel in
      let tcb = kernel.tcpcbs[Int(pcb)]
      let socket = kernel.pcbs[Int(pcb)].socket
      let tunables = kernel.state.pointee.tunables
      let isWanted =
        tunables.alwaysKeepalive || kernel.sockets[Int(socket)].options.contains(.keepalive)
      let found: [(TCPTimer, Int64?)] = [
        (.rexmt, tcb.dropByRetransmission(tunables.tcp)),
        (.persist, tcb.dropByPersist(tunables.tcp)),
        (.keep, tcb.dropByKeepalive(isWanted: isWanted, tunables)),
        (.msl2, tcb.closeByWaiting(tunables)),
      ]
      var first: (timer: TCPTimer, tick: Int64)?
      for case (let timer, let tick?) in found where tick < first?.tick ?? .max {
        first = (timer, tick)
      }
      return first.map { ($0.timer, kernel.instant(ofSlowTick: $0.tick)) }
    }
  }
}

// Each answer is the slow tick of the last firing; nil when the timer is not armed or never drops.
// t_idle is counted behind the timers: at a firing it is one less than the beats that have passed.
extension Tcpcb {
  fileprivate func dropByRetransmission(_ rules: TCPRules) -> Int64? {
    guard var tick = expiry(of: .rexmt) else { return nil }
    var tcb = self
    while true {
      tcb.rxtshift += 1
      if tcb.rxtshift > TCPLimit.maxShift { return tick }
      tcb.backOff(rules)
      tick += Int64(tcb.rxtcur)
    }
  }

  fileprivate func dropByPersist(_ rules: TCPRules) -> Int64? {
    guard var tick = expiry(of: .persist) else { return nil }
    var tcb = self
    while !tcb.isPastPatience(idle: tick - rules.idleLag - idleSinceTick, rules) {
      tick += tcb.nextPersist(rules)
    }
    return tick
  }

  fileprivate func dropByKeepalive(isWanted: Bool, _ tunables: Tunables) -> Int64? {
    guard let tick = expiry(of: .keep) else { return nil }
    if state < .established { return tick }
    guard isWanted, state <= .closing else { return nil }
    let patience = times.keepIdle(tunables) &+ times.maxIdle(tunables)
    return probe(
      from: tick, every: times.keepInterval(tunables), whenIdleFor: patience, tunables.tcp)
  }

  fileprivate func closeByWaiting(_ tunables: Tunables) -> Int64? {
    guard let tick = expiry(of: .msl2) else { return nil }
    if state == .timeWait { return tick }
    return probe(
      from: tick, every: times.keepInterval(tunables), whenIdleFor: times.maxIdle(tunables) &+ 1,
      tunables.tcp)
  }

  /// The first firing at which `t_idle` has come to `patience`; nil when the timer is not set
  /// again before that.
  private func probe(
    from tick: Int64, every interval: Int64, whenIdleFor patience: Int64, _ rules: TCPRules
  ) -> Int64? {
    let lacking = patience &- (tick - rules.idleLag - idleSinceTick)
    if lacking <= 0 { return tick }
    if interval <= 0 { return nil }
    return tick &+ (lacking &+ interval &- 1) / interval &* interval
  }
}

extension TCPRules {
  /// By how much a firing timer takes a connection to be less idle than it is.
  fileprivate var idleLag: Int64 { exactIdle ? 0 : 1 }
}
