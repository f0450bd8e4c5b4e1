// Time passes: ready script code, else the next event of the engine, until the case's `run` is
// over.
//
// Observers look when all events of an instant are done; `on` hooks right after their event.
// Neither takes a sequence number, so a run with observers is the same run. A run may halt behind
// any event; the rest of that instant, and the look, follow when it goes on.

import NetScript
import NetSim
import NetStack

/// Where whoever drives the bench wants it to halt, whatever the case's `run` says.
public struct Halt: Sendable {
  /// When all of this instant is done.
  public var instant = Instant.never
  /// Right behind the event of this number.
  public var event = Int64.max
  /// Before the statements go on that stand behind so many of its `run`s.
  var turns = Int.max
  /// Behind the event at which so many choices have been made.
  var choices = Int.max

  public init(instant: Instant = .never, event: Int64 = .max) {
    self.instant = instant
    self.event = event
  }

  init(choices: Int) { self.choices = choices }
}

/// What a `run` waits for.
private struct Goal {
  /// Up to and including this instant.
  var limit = Instant.never
  var predicate: Int?
  /// The number of the last event.
  var event = Int64.max
  var isStep = false
}

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
      runRequest = .events(simulation.events + count)
      if pattern.isEmpty { break }
      var indexes: [Value] = []
      for place in 1..<max(operands.positionalCount, 1) { indexes.append(operands[place]) }
      beginCountdown(pattern, indexes, count, at: site.span)
      runRequest = .records
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

  /// The case from where it stands to its end, or to `halt`.
  func carryOn(until halt: Halt = Halt()) {
    isBeforeScript = false
    do throws(RuntimeError) {
      while let request = runRequest, ending == nil {
        guard try pass(request, until: halt) else { return }
        if turns >= halt.turns && ending == nil {
          isBeforeScript = true
          return
        }
        conclude(request)
        turns += 1
        if ending == nil { try resumeMain() }
        if isHalted { return }
      }
    } catch {
      end(with: error)
    }
  }

  /// False when the halt came first.
  private func pass(_ request: RunRequest, until halt: Halt) throws(RuntimeError) -> Bool {
    if isAttended { noteStandings() }
    switch request {
    // Whoever drives the bench may have let pass more time than the file's `run` asks for.
    case .until(let limit): return try advance(to: Goal(limit: max(limit, simulation.now)), halt)
    case .predicate(let observed, let limit):
      let limit = max(limit, simulation.now)
      return try advance(to: Goal(limit: limit, predicate: observed), halt)
    case .events(let last): return try step(to: Goal(event: last, isStep: true), halt)
    case .records:
      try resolveCountdown()
      return try advance(to: Goal(isStep: true), halt)
    }
  }

  /// What the statements waited for has come.
  func conclude(_ request: RunRequest) {
    if case .predicate(let observed, _) = request { releaseObserved(observed) }
    if watch.countdown != nil { endCountdown() }
    runRequest = nil
  }

  /// `step N`: of a driven bench the last events are told.
  private func step(to goal: Goal, _ halt: Halt) throws(RuntimeError) -> Bool {
    guard isDriven, !lookout.isQuiet, lookout.lineStep == nil else {
      return try advance(to: goal, halt)
    }
    let first = goal.event - Lookout.mostTold
    if simulation.events < first {
      let before = Halt(instant: halt.instant, event: min(halt.event, first))
      if try advance(to: goal, before) { return true }
      guard simulation.events == first, !isHalted else { return false }
      lookout.tell("  … \(Spelling.grouped(first)) events so far, and then", .event)
    }
    lookout.isStepping = true
    arm()
    defer {
      lookout.tellAlike()
      lookout.isStepping = false
      arm()
    }
    return try advance(to: goal, halt)
  }

  /// Runs the engine up to its goal. False when the halt came first.
  private func advance(to goal: Goal, _ halt: Halt) throws(RuntimeError) -> Bool {
    precondition(min(goal.limit, halt.instant) >= simulation.now, "time runs backwards")
    let last = min(goal.event, halt.event)
    if watch.isCountedDown { return true }
    if !isMidInstant {
      try lookAround()
    } else if simulation.events < last {
      try instant(simulation.now, last)
    }
    while ending == nil {
      if watch.isCountedDown { return true }
      if isHalted || hasChosen { return false }
      if simulation.events >= last && (isMidInstant || goal.isStep) {
        return simulation.events >= goal.event
      }
      if let predicate = goal.predicate, try holds(predicate) { return true }
      var horizon = min(goal.limit, nextMoment, halt.instant)
      if let predicate = goal.predicate {
        horizon = min(horizon, watch.observed[predicate].flipAt)
      }
      let next = simulation.upcomingEvent()
      if next <= horizon && next != .never {
        if simulation.events >= last { return false }
        if goal.predicate == nil && canRace {
          try race(until: horizon, last)
        } else {
          try instant(next, last)
        }
        continue
      }
      // Nothing happens before the horizon.
      if horizon == .never || goal.isStep && next == .never { return true }
      simulation.advance(to: max(horizon, simulation.now))
      try lookAround()
      if simulation.upcomingEvent() <= horizon { continue }
      if horizon == goal.limit { return true }
      if horizon == halt.instant { return false }
    }
    return true
  }

  /// All events of one instant, then the observers' look; what hooks set may add a round. Leaves
  /// off in the middle behind the `last` event, or behind one at which somebody halts it: never
  /// between a program and the next event, because such a place has no name.
  private func instant(_ next: Instant, _ last: Int64) throws(RuntimeError) {
    var limit = next
    isMidInstant = true
    while ending == nil {
      if simulation.events >= last { return }
      switch isAttended ? attendedStep(until: limit) : simulation.step(until: limit, &context) {
      case .event:
        limit = simulation.now
        assert(auditConservation())
        try pulse()
        try noticeRecords()
        if isAttended { try attendEvent() }
        if wantsHalt { return }
      case .program(let task):
        try resumeProgram(task)
        try noticeRecords()
        if isAttended { try attendProgram(task) }
      case .idle:
        // The tasks that ran last at this instant may have left records.
        try noticeRecords()
        if isAttended { try attendTasks() }
        isMidInstant = false
        return try lookAround()
      }
    }
  }

  private var wantsHalt: Bool { isHalted || watch.isCountedDown || hasChosen }

  private var hasChosen: Bool {
    lastChoice != .max && simulation.chooser.made.count >= lastChoice
  }

  /// Whether the engine may go on by itself: it comes back when something is recorded and when a
  /// watched host was entered. Policies and faults of scripts and captured frames want each
  /// event; a report wants each instant.
  private var canRace: Bool {
    watch.policies == nil && watch.faults == nil && context.observedLinks == 0 && !isAttended
      && sampler == nil && lastChoice == .max
      && (!isWatching || watch.versions.canSkipInstants && !watch.versions.hasNews)
  }

  /// All instants up to `limit`, or up to the next one that somebody must look at.
  private func race(until limit: Instant, _ last: Int64) throws(RuntimeError) {
    context.watchedHosts = isWatching ? watch.versions.watchedHosts : 0
    context.stopsForObservers = true
    defer { context.stopsForObservers = false }
    isMidInstant = true
    while true {
      let before = simulation.events
      if before >= last { return }
      // Up to the monitor's turn, or to the first event beyond the limit.
      var most = max(min(Int64(watch.untilPulse), plan.limits.events - before) + 1, 1)
      most = wantsHalt ? 1 : min(most, last - before)
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
        if case .event = outcome, wantsHalt { return }
        return try instant(simulation.now, last)
      }
      switch outcome {
      case .event: if wantsHalt { return }
      case .program: break
      case .idle:
        isMidInstant = false
        try lookAround()
        guard isClear(until: limit, last) else { return }
        context.watchedHosts = isWatching ? watch.versions.watchedHosts : 0
        isMidInstant = true
        continue
      }
      guard ending == nil, canRace, nextMoment >= limit else { break }
    }
    // The script has set something that is watched, or asks for a look.
    if ending == nil && isWatching { try instant(simulation.now, last) }
  }

  /// Behind a look: whether another event lies before the limit, and nobody wants anything else.
  private func isClear(until limit: Instant, _ last: Int64) -> Bool {
    let next = simulation.upcomingEvent()
    return next <= limit && next != .never && simulation.events < last && ending == nil
      && nextMoment >= limit && canRace && !wantsHalt
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
    // Also when a hook fails: whoever goes on from there has heard of them.
    defer {
      context.records.removeAll(keepingCapacity: true)
      witness?.taken = 0
    }
    try notice()
  }

  /// The case ends in the middle of an instant: those who watch see it as it is.
  func lookOnce() {
    isMidInstant = false
    do throws(RuntimeError) { try lookAround() } catch { end(with: error) }
  }

  private func lookAround() throws(RuntimeError) {
    if sampler != nil { sampleInstant() }
    if isWatching {
      try look()
      try noticeRecords()
      if isAttended { try attendLook() }
    }
  }
}
