// The 500 ms and 200 ms beats of TCP, with their phase from boot: pfslowtimo, pffasttimo.
//
// A host may be built with a shorter slow beat: then timers and timestamps are as fine as that.
// Both first run one clock tick after boot. Only beats that have something to do are scheduled; the
// counters that BSD advances at each of them are computed from their number. The beats keep their
// phase then. On a host that runs every beat they drift as in RTEMS: networkDaemon takes the ticks
// that have passed off the head of the list only, so whatever the task is late by delays all beats
// that follow, for good.

extension Kernel {
  /// How many slow beats there have been: `tcp_now`.
  var slowTick: Int64 {
    let first = state.pointee.slowOrigin
    return now.nanoseconds < first ? 0 : (now.nanoseconds - first) / slowBeat + 1
  }

  /// The same for an earlier moment, long after boot.
  func slowTick(at instant: Instant) -> Int64 {
    (instant.nanoseconds - state.pointee.slowOrigin) / slowBeat + 1
  }

  /// Nanoseconds between two slow beats.
  var slowBeat: Int64 { state.pointee.slowBeatNanoseconds }
  private var fastPeriod: Int64 { 200_000_000 }

  /// When the network task must next run for a beat's sake; `.never` when no timer is armed.
  @inline(__always)
  var nextCallout: Instant {
    var at = state.pointee.internetTimeoutAt
    // A beat that has come is the network task's business until that has run it.
    if state.pointee.earliestSlowTick != .max && !state.pointee.slowTimeoutDue {
      at = min(at, instant(ofSlowTick: state.pointee.earliestSlowTick))
    }
    if state.pointee.delayedAcks && !state.pointee.fastTimeoutDue {
      let first = state.pointee.fastOrigin
      let since = now.nanoseconds - first
      let beats = since < 0 ? 0 : since / fastPeriod + 1
      at = min(at, Instant(nanoseconds: first + beats * fastPeriod))
    }
    return at
  }

  public func instant(ofSlowTick tick: Int64) -> Instant {
    Instant(nanoseconds: state.pointee.slowOrigin + (tick - 1) * slowBeat)
  }

  // MARK: a host that runs every beat

  /// A beat has come, and wakes the network task whether it has anything to do or not. While one is
  /// pending no timer is armed: what follows waits until it has run.
  func beatHasCome() {
    if state.pointee.fastTimeoutDue || state.pointee.slowTimeoutDue { return }
    if isBeat(from: state.pointee.fastOrigin, every: fastPeriod) {
      state.pointee.fastTimeoutDue = true
    }
    if isBeat(from: state.pointee.slowOrigin, every: slowBeat) {
      state.pointee.slowTimeoutDue = true
      // It counts when its handler has it, however late: the number stands still until then.
      state.pointee.slowOrigin += slowBeat
    }
    guard state.pointee.fastTimeoutDue || state.pointee.slowTimeoutDue else { return }
    state.pointee.beatDueAt = now.nanoseconds
    schedNetisr()
  }

  private func isBeat(from origin: Int64, every period: Int64) -> Bool {
    now.nanoseconds >= origin && (now.nanoseconds - origin) % period == 0
  }

  /// The network task looks at its callouts: by how many ticks it is late all others are from now
  /// on.
  func noteLateness() {
    let due = state.pointee.beatDueAt
    guard due != .max else { return }
    state.pointee.beatDueAt = .max
    let tick = state.pointee.tickNanoseconds
    let late = now.nanoseconds / tick * tick - due
    guard late > 0 else { return }
    state.pointee.fastOrigin += late
    state.pointee.slowOrigin += late
    state.pointee.statistics.drift = state.pointee.statistics.drift + TimeSpan(nanoseconds: late)
  }

  func slowBeatRuns() {
    if state.pointee.runsEveryBeat { state.pointee.slowOrigin -= slowBeat }
  }
}

extension KernelState {
  /// Both beats begin at the first tick; if all of them run, each has one to wait for.
  mutating func beginBeats(all: Bool) {
    slowOrigin = tickNanoseconds
    fastOrigin = tickNanoseconds
    runsEveryBeat = all
    if !all { return }
    earliestSlowTick = 1
    delayedAcks = true
  }
}
