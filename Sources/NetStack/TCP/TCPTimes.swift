// How patient one connection is: what its user has chosen instead of the host's own times.
//
// FreeBSD: TP_KEEPINIT and its kin in netinet/tcp_timer.h, t_keepinit … t_keepcnt of tcp_var.h,
// tcp_default_ctloutput of tcp_usrreq.c. A connection has from its listener what that has chosen.

/// TCP_KEEPINIT, TCP_KEEPIDLE, TCP_KEEPINTVL in slow beats, and TCP_KEEPCNT; 0: as the host has it.
struct TCPTimes {
  var keepInit: Int32 = 0
  var keepIdle: Int32 = 0
  var keepInterval: Int32 = 0
  var keepCount: Int32 = 0

  var isAny: Bool { keepInit | keepIdle | keepInterval | keepCount != 0 }

  /// TP_KEEPINIT: how long the handshake may take.
  func keepInit(_ rules: TCPRules) -> Int64 { keepInit > 0 ? Int64(keepInit) : rules.keepInit }

  /// TP_KEEPIDLE: silence before the first probe.
  @inline(__always)
  func keepIdle(_ tunables: Tunables) -> Int64 {
    keepIdle > 0 ? Int64(keepIdle) : tunables.keepIdleTicks
  }

  /// TP_KEEPINTVL.
  func keepInterval(_ tunables: Tunables) -> Int64 {
    keepInterval > 0 ? Int64(keepInterval) : tunables.keepIntervalTicks
  }

  func keepCount(_ tunables: Tunables) -> Int64 {
    keepCount > 0 ? Int64(keepCount) : tunables.keepCount
  }

  /// TP_MAXIDLE: how long probes go unanswered before the drop.
  func maxIdle(_ tunables: Tunables) -> Int64 { keepCount(tunables) &* keepInterval(tunables) }
}

extension Kernel {
  @inline(__always)
  func keepIdle(_ pcb: Int32) -> Int64 {
    tcpcbs[Int(pcb)].times.keepIdle(state.pointee.tunables)
  }

  func maxIdle(_ pcb: Int32) -> Int64 { tcpcbs[Int(pcb)].times.maxIdle(state.pointee.tunables) }

  func keepInterval(_ pcb: Int32) -> Int64 {
    tcpcbs[Int(pcb)].times.keepInterval(state.pointee.tunables)
  }

  // MARK: the options

  /// A time is rounded up to whole beats; 0 is no time, and no count.
  func setKeep(_ pcb: Int32, _ option: SocketOption, _ value: Int64) -> CallResult {
    if value <= 0 { return .error(.EINVAL) }
    let tcb = tcpcbs + Int(pcb)
    let beats = Int32(clamping: value / slowBeat &+ (value % slowBeat > 0 ? 1 : 0))
    switch option {
    case .keepInit:
      tcb.pointee.times.keepInit = beats
      if tcb.pointee.state == .synSent || tcb.pointee.state == .synReceived {
        arm(.keep, of: pcb, ticks: Int64(beats))
      }
    case .keepIdle:
      tcb.pointee.times.keepIdle = beats
      if tcb.pointee.state >= .established && tcb.pointee.state <= .closing {
        arm(.keep, of: pcb, ticks: Int64(beats))
      }
    case .keepInterval: tcb.pointee.times.keepInterval = beats
    default: tcb.pointee.times.keepCount = Int32(clamping: value)
    }
    return .none
  }

  /// What holds for this connection, its own or the host's.
  func getKeep(_ pcb: Int32, _ option: SocketOption) -> CallResult {
    let times = tcpcbs[Int(pcb)].times
    let tunables = state.pointee.tunables
    switch option {
    case .keepInit: return .option(times.keepInit(rules) &* slowBeat)
    case .keepIdle: return .option(times.keepIdle(tunables) &* slowBeat)
    case .keepInterval: return .option(times.keepInterval(tunables) &* slowBeat)
    default: return .option(times.keepCount(tunables))
    }
  }
}
