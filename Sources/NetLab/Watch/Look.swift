// The look: once all events of an instant are done, everybody who waits for something looks once.
//
// Order (language 3.3): collectors, `when`, `every` and `at`, expectations, records; then what
// hooks have set is applied, and waiting tasks are woken. What that schedules at the same instant
// makes a further round. A look takes no number from the engine and draws none.

import NetScript
import NetSim
import NetStack

extension Bench {
  /// Whether looks are wanted at all.
  var isWatching: Bool {
    watch.hasBegun
      && !(watch.timeZero != nil && watch.observed.count == watch.freeObserved.count
        && watch.timers.isEmpty
        && watch.recorders.isEmpty
        && watch.changes.isEmpty)
  }

  /// When a look is due although nothing happens.
  var nextMoment: Instant { isWatching ? watch.next : .never }

  /// Somebody new wants to look, at the next opportunity.
  func askForLook() {
    if watch.hasBegun { watch.next = min(watch.next, simulation.now) }
  }

  /// Time 0: the simulation is built. Patterns get their records, plain expectations their verdict.
  func beginWatching() throws(RuntimeError) {
    precondition(!watch.hasBegun, "watching begins twice")
    watch.hasBegun = true
    context.lastEvents.forget()
    watch.versions = Versions(simulation)
    for index in watch.eventHooks.indices {
      var hook = watch.eventHooks[index]
      try resolve(&hook)
      watch.eventHooks[index] = hook
    }
    countMentionedEvents()
    refreshInterest()
    beginSampling()
    watchProgress()
    beginSamplingForReport()
    try judgeEarlyExpectations()
    openCaptures()
    beginWitnessing()
    watch.next = simulation.now
  }

  /// All events of this instant are done.
  func look() throws(RuntimeError) {
    guard watch.hasBegun else { return }
    if watch.timeZero == nil, simulation.upcomingEvent() > simulation.now { noteTimeZero() }
    let changed = watch.versions.refresh(UnsafePointer(simulationMemory), touched: context.touched)
    context.touched = 0
    guard changed || simulation.now >= watch.next else { return }
    try askMonitor(Watch.eventsPerLook)
    try countRound()
    watch.isLooking = true
    do throws(RuntimeError) {
      if !progress.records.isEmpty { try lookAtProgress() }
      if !watch.collectors.isEmpty { try lookAtWatches() }
      if !watch.whens.isEmpty { try lookAtWhens() }
      if !watch.timers.isEmpty { try lookAtTimers() }
      try lookAtExpectations()
      if !watch.recorders.isEmpty { try lookAtRecorders() }
    } catch {
      watch.isLooking = false
      throw error
    }
    watch.isLooking = false
    if !watch.changes.isEmpty { try applyChanges() }
    if !watch.conditions.isEmpty { try wakeConditions() }
    watch.next = nextAppointment()
    // What a hook has set may have moved somebody's predicate: one more round at this instant.
    if watch.versions.hasNews { watch.next = simulation.now }
  }

  /// N402: hooks that keep each other busy while time stands still.
  private func countRound() throws(RuntimeError) {
    if watch.roundsAt == simulation.now {
      watch.rounds += 1
    } else {
      watch.roundsAt = simulation.now
      watch.rounds = 1
    }
    guard watch.rounds <= Watch.roundLimit else {
      let hook = watch.whens.first { !$0.hook.isOver }?.hook ?? watch.timers.first?.hook
      throw RuntimeError(
        "N402", "hooks fire each other without end at this instant", at: hook?.span,
        help: "`once`, or a condition that what the hook sets makes false")
    }
  }

  private func lookAtWhens() throws(RuntimeError) {
    for index in watch.whens.indices where !watch.whens[index].hook.isOver {
      guard isStale(watch.whens[index].observed) else { continue }
      let holds = try holds(watch.whens[index].observed)
      let isEdge = holds && !watch.whens[index].held
      watch.whens[index].held = holds
      guard isEdge else { continue }
      var hook = watch.whens[index].hook
      try fire(&hook)
      watch.whens[index].hook = hook
    }
  }

  private func lookAtTimers() throws(RuntimeError) {
    let now = simulation.now
    // `every` before `at`.
    for wantsInterval in [true, false] {
      for index in watch.timers.indices {
        let timer = watch.timers[index]
        guard (timer.interval != nil) == wantsInterval, !timer.hook.isOver, timer.next <= now else {
          continue
        }
        var hook = timer.hook
        try fire(&hook)
        if let interval = timer.interval {
          watch.timers[index].next = timer.next + interval
        } else {
          hook.isOver = true
        }
        watch.timers[index].hook = hook
      }
    }
    watch.timers.removeAll { $0.hook.isOver }
  }

  /// Tasks in `wait(fn)` whose condition holds now.
  private func wakeConditions() throws(RuntimeError) {
    var rest: [Condition] = []
    for condition in watch.conditions {
      if try holds(condition.observed) {
        releaseObserved(condition.observed)
        conditionHolds(task: condition.task)
      } else {
        rest.append(condition)
      }
    }
    watch.conditions = rest
  }

  /// A task waits until a function holds.
  func awaitCondition(_ function: Value, task: Int32) throws(RuntimeError) {
    let observed = addObserved(function, at: program.root.span)
    watch.conditions.append(Condition(observed: observed, task: task))
    askForLook()
  }

  func cancelCondition(task: Int32) {
    for condition in watch.conditions where condition.task == task {
      releaseObserved(condition.observed)
    }
    watch.conditions.removeAll { $0.task == task }
  }

  // MARK: Appointments

  /// When somebody must look although nothing happens.
  private func nextAppointment() -> Instant {
    let now = simulation.now
    var next = Instant.never
    for record in progress.records { next = min(next, watch.observed[record.observed].flipAt) }
    for timer in watch.timers { next = min(next, timer.next) }
    for recorder in watch.recorders { next = min(next, recorder.next) }
    for expectation in watch.expectations where expectation.judgement.verdict == nil {
      next = min(next, expectation.deadline)
      next = min(next, watch.observed[expectation.property].flipAt)
    }
    for hook in watch.whens where !hook.hook.isOver {
      next = min(next, watch.observed[hook.observed].flipAt)
    }
    for collector in watch.collectors {
      if case .watch(let state) = collector {
        next = min(next, watch.observed[state.observed].flipAt)
      }
    }
    for condition in watch.conditions {
      next = min(next, watch.observed[condition.observed].flipAt)
    }
    return max(next, now)
  }

  // MARK: The outside world

  /// Called for each event; asks the monitor now and then.
  func pulse() throws(RuntimeError) {
    if !context.frames.isEmpty { takeFrames() }
    if let fault = watch.policies?.fault ?? watch.faults?.fault { throw fault }
    if simulation.events > plan.limits.events { throw tooManyEvents() }
    try askMonitor(1)
  }

  /// Called for whatever takes time of the machine, as so many events; asks the monitor now and
  /// then. A look counts because timers make looks without any event.
  func askMonitor(_ events: Int) throws(RuntimeError) {
    watch.untilPulse -= events
    guard watch.untilPulse < 0 else { return }
    watch.untilPulse = Watch.eventsPerPulse
    try checkEventsAtInstant()
    try heedMonitor(inScript: false)
  }

  /// Asks whether to go on. Code of a script has no place at which it could halt: it is left.
  func heedMonitor(inScript: Bool) throws(RuntimeError) {
    guard let monitor = watch.monitor else { return }
    switch monitor.pulse(now: simulation.now, events: simulation.events) {
    case .goOn: break
    case .interrupt:
      ending = .interrupted
      if inScript { throw interruption }
    case .hold:
      if lookout.isFirm { return }
      isHalted = true
      if inScript { throw interruption }
    case .outOfTime:
      throw RuntimeError(
        "N444", "the run has used up its CPU time", help: "`--limit cpu=…` raises it",
        isLimit: true)
    }
  }

  private var interruption: RuntimeError {
    RuntimeError(FaultCode.interrupted, "interrupted", isLimit: true)
  }

  /// N401: no progress in time for a million events, counted from pulse to pulse.
  private func checkEventsAtInstant() throws(RuntimeError) {
    if watch.pulsedAt != simulation.now {
      watch.pulsedAt = simulation.now
      watch.eventsBefore = simulation.events
    }
    guard simulation.events - watch.eventsBefore > plan.limits.standstill else { return }
    throw RuntimeError(
      "N401",
      "time stands still: \(Spelling.grouped(plan.limits.standstill)) events at "
        + moment(simulation.now), isLimit: true)
  }

  private func tooManyEvents() -> RuntimeError {
    RuntimeError(
      "N445", "the run has had \(Spelling.grouped(plan.limits.events)) events",
      help: "`--limit events=…` raises it", isLimit: true)
  }
}
