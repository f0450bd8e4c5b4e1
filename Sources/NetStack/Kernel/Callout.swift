// The 500 ms and 200 ms beats of TCP, with their phase from boot: pfslowtimo, pffasttimo.
//
// A host may be built with a shorter slow beat: then timers and timestamps are as fine as that.
// Both first run one clock tick after boot. Only beats that have something to do are scheduled; the
// counters that BSD advances at each of them are computed from their number. The beats keep their
// phase: the drift that a late network task adds in RTEMS is left out (a user would see timers of a
// host whose CPU is saturated fire up to a tick earlier than there).

extension Kernel {
  /// How many slow beats there have been: `tcp_now`.
  var slowTick: Int64 {
    let first = state.pointee.tickNanoseconds
    return now.nanoseconds < first ? 0 : (now.nanoseconds - first) / slowBeat + 1
  }

  /// The same for an earlier moment, long after boot.
  func slowTick(at instant: Instant) -> Int64 {
    (instant.nanoseconds - state.pointee.tickNanoseconds) / slowBeat + 1
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
      let first = state.pointee.tickNanoseconds
      let since = now.nanoseconds - first
      let beats = since < 0 ? 0 : since / fastPeriod + 1
      at = min(at, Instant(nanoseconds: first + beats * fastPeriod))
    }
    return at
  }

  public func instant(ofSlowTick tick: Int64) -> Instant {
    Instant(nanoseconds: state.pointee.tickNanoseconds + (tick - 1) * slowBeat)
  }
}
