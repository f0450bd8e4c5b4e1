// A function of the script that is asked again only when its answer may have changed.
//
// Predicates of hooks and expectations, columns of records. While it runs, the bench notes what it
// reads; until one of these changes, or its next flip comes, the last answer stands.

import NetScript
import NetSim
import NetStack

struct Observed {
  /// The function's pin.
  var pin: Int
  var span: SourceSpan
  /// Its code reads variables, which nobody notes.
  var readsVariables: Bool
  var reads = ReadSet()
  /// The look at which it was asked last; 0: never.
  var stamp: UInt64 = 0
  /// The last answer, and its pin if it lives in the heap.
  var value = Value.none
  var valuePin = -1
  /// When it must be asked although nothing has changed.
  var flipAt = Instant.never
  /// The answer would be another if somebody did what cannot be known: which task waits for that.
  var unknown: Int32?
  /// Place in `watch.seen`, or -1.
  var seen = -1
  /// Since when nothing but the clock has changed: how far ahead it pays to look.
  var stableSince = Instant.zero

  /// A new answer, what was read for it, and whether that has changed since the last one.
  mutating func take(
    _ answer: Value, _ notes: Evaluation, hasChanged: Bool, at now: Instant, stamp: UInt64, _ vm: VM
  ) {
    if hasChanged { stableSince = now }
    self.stamp = stamp
    if valuePin >= 0 { vm.unpin(valuePin) }
    valuePin = answer.livesInHeap ? vm.pin(answer) : -1
    value = answer
    reads = notes.reads
    unknown = notes.unknown
    flipAt = max(notes.flip, Instant(nanoseconds: now.nanoseconds + 1))
  }
}

extension Bench {
  /// What the evaluation in hand depends on the clock for: the next instant that matters.
  func noteFlip(at instant: Instant) {
    if watch.evaluation.flip > instant { watch.evaluation.flip = instant }
  }

  /// What was asked cannot be decided: the verdict will be open.
  func noteUnknown(waiter: Int32) { watch.evaluation.unknown = waiter }

  /// Script code ran that may have written variables.
  func scriptRan() { watch.versions.scriptRan() }

  /// The clock that predicates read: the simulation's, or the one of a question about later.
  var observedNow: Instant { watch.hypothetical ?? simulation.now }

  func addObserved(_ function: Value, at span: SourceSpan) -> Int {
    let one = Observed(
      pin: vm.pin(function), span: span, readsVariables: vm.mayReadVariables(function))
    if let place = watch.freeObserved.popLast() {
      watch.observed[place] = one
      return place
    }
    watch.observed.append(one)
    return watch.observed.count - 1
  }

  /// Nobody asks it any more: a `wait` or a `run until` is over, a plain `expect` is judged. In a
  /// loop each of these would else stay for the rest of the run.
  func releaseObserved(_ index: Int) {
    vm.unpin(watch.observed[index].pin)
    watch.freeObserved.append(index)
  }

  func isStale(_ index: Int) -> Bool {
    simulation.now >= watch.observed[index].flipAt || hasChanged(index)
  }

  /// Whether something that it has read has changed.
  @inline(__always)
  func hasChanged(_ index: Int) -> Bool {
    let stamp = watch.observed[index].stamp
    return stamp == 0 || watch.versions.changed(watch.observed[index].reads, since: stamp)
  }

  /// The answer now: the last one, or a new one.
  func observe(_ index: Int) throws(RuntimeError) -> Value {
    let changed = hasChanged(index)
    guard changed || simulation.now >= watch.observed[index].flipAt else {
      return watch.observed[index].value
    }
    return try ask(index, hasChanged: changed)
  }

  private func ask(_ index: Int, hasChanged changed: Bool) throws(RuntimeError) -> Value {
    let now = simulation.now
    let function = vm.pinned(watch.observed[index].pin)
    let value: Value
    var notes: Evaluation
    (value, notes) = try evaluate(function)
    // Before the questions about later: they leave what they saw there, too.
    let seen = watch.observed[index].seen
    if seen >= 0 { watch.seen[seen].take(vm.global(watch.seen[seen].global), at: now) }
    if watch.observed[index].readsVariables { notes.reads.insert(.variables) }
    watch.versions.watch(notes.reads)
    watch.observed[index].take(
      value, notes, hasChanged: changed, at: now, stamp: watch.versions.stamp, vm)
    if notes.reads.contains(.now), let truth = value.asBool {
      let since = watch.observed[index].stableSince
      let flip = flipOfClock(function, truth, stableSince: since)
      watch.observed[index].flipAt = min(watch.observed[index].flipAt, flip)
    }
    return value
  }

  /// The answer of a predicate.
  ///
  /// - Parameter hasChanged: somebody has just found that what it reads has.
  @inline(__always)
  func holds(_ index: Int, hasChanged: Bool = false) throws(RuntimeError) -> Bool {
    let value = hasChanged ? try ask(index, hasChanged: true) : try observe(index)
    guard let truth = value.asBool else {
      throw RuntimeError(
        FaultCode.wrongType, "a condition must be true or false, not \(vm.text(value))",
        at: watch.observed[index].span)
    }
    return truth
  }

  /// Asks a function and notes what it read.
  func evaluate(
    _ function: Value
  ) throws(RuntimeError) -> (value: Value, notes: Evaluation) {
    try asPredicate { () throws(RuntimeError) in
      let value: Value
      do throws(RuntimeError) {
        value = try vm.call(function, budget: plan.limits.hookSteps, for: self)
      } catch { throw error.ofCall("a condition", plan.limits.hookSteps, "hook_steps") }
      watch.evaluation.reads = readLog ?? ReadSet()
      return (value, watch.evaluation)
    }
  }

  /// Whoever asks within may change nothing, and what it reads is noted apart.
  @inline(__always)
  func asPredicate<Result>(
    _ ask: () throws(RuntimeError) -> Result
  ) throws(RuntimeError) -> Result {
    let (outerLog, outerActivity, outerNotes) = (readLog, activity, watch.evaluation)
    readLog = ReadSet()
    activity = .predicate
    watch.evaluation = Evaluation()
    defer {
      readLog = outerLog
      activity = outerActivity
      watch.evaluation = outerNotes
    }
    return try ask()
  }

  /// How often and when a predicate is asked is nobody's to know, so asking may change nothing.
  func refuseInPredicate(_ what: @autoclosure () -> String, at span: SourceSpan)
    throws(RuntimeError)
  {
    guard activity == .predicate else { return }
    throw RuntimeError(
      "N413", "\(what()) in a condition or a column", at: span,
      help: "it is asked as often as it takes: act in a hook, `when P { … }`")
  }

  // MARK: The clock

  /// When a predicate that reads the clock changes its answer if nothing else happens.
  ///
  /// It is asked about later instants with the state as it is: at the times its code names, and at
  /// steps that double from a microsecond on; between two unlike answers by halving. What changes
  /// and changes back between two of these is missed. How far it looks doubles with the time that
  /// nothing else has changed, so that a quiet hour costs a few questions.
  private func flipOfClock(
    _ function: Value, _ value: Bool, stableSince: Instant
  ) -> Instant {
    let now = simulation.now
    let quiet = (now - stableSince).nanoseconds
    let next = simulation.upcomingEvent()
    let gap = next == .never ? 0 : (next - now).nanoseconds
    let reach = min(max(1_000_000, gap, quiet &* 2), 1 << 56)
    var named: [Int64] = []
    for time in vm.timeConstants(of: function) {
      named += [time - 1, time, time + 1].map { $0 - now.nanoseconds }
    }
    var low: Int64 = 0
    var step: Int64 = 1000
    while low < reach {
      var high = min(step, reach)
      for time in named where time > low && time < high { high = time }
      if high == step { step *= 2 }
      if answer(function, at: now + TimeSpan(nanoseconds: high), else: value) != value {
        return firstFlip(function, value, low: low, high: high)
      }
      low = high
    }
    return now + TimeSpan(nanoseconds: reach)
  }

  private func firstFlip(
    _ function: Value, _ value: Bool, low: Int64, high: Int64
  ) -> Instant {
    let now = simulation.now
    var (low, high) = (low, high)
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if answer(function, at: now + TimeSpan(nanoseconds: middle), else: value) == value {
        low = middle
      } else {
        high = middle
      }
    }
    return now + TimeSpan(nanoseconds: high)
  }

  /// A fault in a question about later is no fault: the real question will find it.
  private func answer(_ function: Value, at instant: Instant, else value: Bool) -> Bool {
    let outer = watch.hypothetical
    watch.hypothetical = instant
    defer { watch.hypothetical = outer }
    guard let answer = try? evaluate(function) else { return value }
    return answer.value.asBool ?? value
  }
}
