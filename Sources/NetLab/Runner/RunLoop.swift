// Time passes: ready script code, else the next event of the engine, until the case's `run` is
// over.
//
// Observers look when all events of an instant are done; `on` hooks right after their event.
// Neither takes a sequence number, so a run with observers is the same run.

import NetScript
import NetSim
import NetStack

extension Bench {
  /// `run for`, `run until`, `step`: the case's fiber stops here.
  func beginRun(_ site: StatementSite, _ operands: Arguments) throws(RuntimeError) -> Outcome {
    guard activity == .script, programs.current < 0 else { throw misplacedRun(site) }
    switch site.kind {
    case .runFor:
      runRequest = .until(simulation.now + (try duration(operands[0], of: "`run for`", site)))
    case .runUntil:
      let within = try optionalDuration(operands[1], of: "`within`", site)
      let limit = within.map { simulation.now + $0 } ?? .never
      runRequest = .predicate(addObserved(operands[0], at: site.span), limit)
      askForLook()
    case .step(let pattern):
      let count = try stepCount(operands[0], site)
      runRequest = pattern.isEmpty ? .events(simulation.events + count) : .records
      if !pattern.isEmpty {
        let pins = (1..<max(operands.positionalCount, 1)).map { vm.pin(operands[$0]) }
        watch.awaited = AwaitedEvents(
          left: count, pattern: pattern, indexPins: pins, span: site.span)
      }
    default: preconditionFailure("no statement that lets time pass")
    }
    return .suspend
  }

  /// `step` alone is one event.
  private func stepCount(_ value: Value, _ site: StatementSite) throws(RuntimeError) -> Int64 {
    if value.isNone { return 1 }
    if let count = value.asInt, count >= 0 { return count }
    throw RuntimeError(
      "N423", "`step` takes a number of events, not \(vm.text(value))", at: site.span,
      help: value.dimension == .time ? "`run for …` lets time pass" : "`step 5`")
  }

  private func misplacedRun(_ site: StatementSite) -> RuntimeError {
    switch activity {
    case .variant:
      return RuntimeError(
        "N305", "`run` inside a variant", at: site.span,
        help: "move it to the case: variants share its protocol, or they could not be compared")
    case .kind: return RuntimeError("N305", "`run` inside a kind", at: site.span)
    case .task:
      return RuntimeError("N305", "`run` inside a task", at: site.span, help: "`sleep(…)`")
    default:
      return RuntimeError("N305", "`run` inside a hook or an expectation", at: site.span)
    }
  }

  /// The case from where it stands to its end, or to `stop`.
  func carryOn(until stop: Instant = .never) {
    do throws(RuntimeError) {
      while let request = runRequest, ending == nil {
        guard try pass(request, until: stop) else { return }
        runRequest = nil
        if ending == nil { try resumeMain() }
      }
    } catch {
      end(with: error)
    }
  }

  /// False when `stop` came first.
  private func pass(_ request: RunRequest, until stop: Instant) throws(RuntimeError) -> Bool {
    switch request {
    case .until(let limit): return try advance(until: limit, predicate: nil, stop)
    case .predicate(let observed, let limit):
      guard try advance(until: limit, predicate: observed, stop) else { return false }
      releaseObserved(observed)
    case .records:
      try beginAwaiting()
      while let awaited = watch.awaited, awaited.left > 0, ending == nil {
        let next = simulation.upcomingEvent()
        guard next != .never else { break }
        guard try advance(until: next, predicate: nil, stop) else { return false }
      }
      watch.awaited = nil
    case .events(let last):
      while simulation.events < last, ending == nil {
        let next = simulation.upcomingEvent()
        guard next != .never else { break }
        guard try advance(until: next, predicate: nil, stop) else { return false }
      }
    }
    return true
  }

  /// Runs the engine up to and including `limit`, or until the predicate holds. False when `stop`
  /// came first.
  private func advance(
    until limit: Instant, predicate: Int?, _ stop: Instant
  ) throws(RuntimeError) -> Bool {
    precondition(min(limit, stop) >= simulation.now, "time runs backwards")
    try lookAround()
    while ending == nil {
      if let predicate, try holds(predicate) { return true }
      var horizon = min(limit, nextMoment, stop)
      if let predicate { horizon = min(horizon, watch.observed[predicate].flipAt) }
      let next = simulation.upcomingEvent()
      if next <= horizon && next != .never {
        if predicate == nil && canRace { try race(until: horizon) } else { try instant(next) }
        continue
      }
      // Nothing happens before the horizon.
      if horizon == .never { return true }
      simulation.advance(to: max(horizon, simulation.now))
      try lookAround()
      if simulation.upcomingEvent() <= horizon { continue }
      if horizon == limit { return true }
      if horizon == stop { return false }
    }
    return true
  }

  /// All events of one instant, then the observers' look; what hooks set may add a round.
  private func instant(_ next: Instant) throws(RuntimeError) {
    var limit = next
    while ending == nil {
      switch simulation.step(until: limit, &context) {
      case .event:
        limit = simulation.now
        assert(auditConservation())
        try pulse()
      case .program(let task): try resumeProgram(task)
      case .idle:
        // The tasks that ran last at this instant may have left records.
        try noticeRecords()
        return try lookAround()
      }
      try noticeRecords()
    }
  }

  /// Whether the engine may go on by itself: it comes back when something is recorded and when a
  /// watched host was entered. Policies and faults of scripts and captured frames want each
  /// event.
  private var canRace: Bool {
    watch.policies == nil && watch.faults == nil && context.observedLinks == 0
      && (!isWatching || watch.versions.canSkipInstants && !watch.versions.hasNews)
  }

  /// All instants up to `limit`, or up to the next one that somebody must look at.
  private func race(until limit: Instant) throws(RuntimeError) {
    context.watchedHosts = isWatching ? watch.versions.watchedHosts : 0
    context.stopsForObservers = true
    defer { context.stopsForObservers = false }
    while ending == nil && canRace && nextMoment >= limit {
      let before = simulation.events
      // Up to the monitor's turn, or to the first event beyond the limit.
      var most = max(min(Int64(watch.untilPulse), plan.limits.events - before) + 1, 1)
      assert({ most = 1 }() == ())  // debug builds audit each event
      let outcome = simulation.run(until: limit, events: most, &context)
      let count = Int(simulation.events - before)
      if count > 0 {
        assert(auditConservation())
        watch.untilPulse -= count - 1  // `pulse` counts the last
        try pulse()
      }
      if case .program(let task) = outcome { try resumeProgram(task) }
      if !context.records.isEmpty {
        // A hook may have acted: the instant ends as an observed one.
        try noticeRecords()
        return try instant(simulation.now)
      }
      switch outcome {
      case .event, .program: break
      case .idle: return try lookAround()
      }
    }
    // The script has set something that is watched, or asks for a look.
    if ending == nil && isWatching { try instant(simulation.now) }
  }

  /// Debug builds prove the conservation law by a walk over all owners: after every event of the
  /// first ten minutes, then once a second. The walk itself traps.
  private func auditConservation() -> Bool {
    if simulation.now < auditAt { return true }
    for host in simulation.processors.indices { simulation.checkConservation(of: Int32(host)) }
    let now = simulation.now.nanoseconds
    if now >= 600_000_000_000 { auditAt = Instant(nanoseconds: now + 1_000_000_000) }
    return true
  }

  @inline(__always)
  private func noticeRecords() throws(RuntimeError) {
    if context.records.isEmpty { return }
    try notice()
    context.records.removeAll(keepingCapacity: true)
  }

  private func lookAround() throws(RuntimeError) {
    if isWatching {
      try look()
      try noticeRecords()
    }
  }
}
