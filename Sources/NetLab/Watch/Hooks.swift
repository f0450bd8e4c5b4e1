// `on`, `when`, `every`, `at`: four kinds of moment at which a script looks.

import NetScript
import NetSim
import NetStack

/// What `if` and the block are, and whether the hook is through.
struct HookBody {
  /// Pins; the condition's is -1 when there is none.
  var condition: Int
  var body: Int
  var isOnce: Bool
  var isOver = false
  var span: SourceSpan
}

struct EventHook {
  var filters: [EventFilter]
  var kinds: UInt64
  var takesEvent: Bool
  var hook: HookBody
  /// Pattern and index values, until the simulation is built.
  var pattern: [PatternStep]
  var indexPins: [Int]
}

struct WhenHook {
  var observed: Int
  var held = false
  var hook: HookBody
}

struct TimerHook {
  /// `every`; nil for `at`.
  var interval: TimeSpan?
  var next: Instant
  var hook: HookBody
}

extension Bench {
  // MARK: Registering

  func addHook(_ site: StatementSite, _ operands: Arguments) throws(RuntimeError) {
    switch site.kind {
    case .hookOn(let pattern, let bindings): try addEventHook(site, pattern, bindings, operands)
    case .hookWhen:
      let observed = addObserved(operands[0], at: site.span)
      watch.whens.append(WhenHook(observed: observed, hook: hookBody(site, operands, from: 1)))
      askForLook()
    case .hookEvery:
      let interval = try duration(operands[0], of: "`every`", site)
      guard interval > .zero else {
        throw RuntimeError("N423", "`every` needs a time above 0", at: site.span)
      }
      watch.timers.append(
        TimerHook(
          interval: interval, next: simulation.now + interval,
          hook: hookBody(site, operands, from: 1)))
      askForLook()
    case .hookAt:
      let moment = try duration(operands[0], of: "`at`", site)
      watch.timers.append(
        TimerHook(
          interval: nil, next: max(simulation.now, .zero + moment),
          hook: hookBody(site, operands, from: 1)))
      askForLook()
    default: preconditionFailure("no hook")
    }
  }

  private func hookBody(_ site: StatementSite, _ operands: Arguments, from place: Int) -> HookBody {
    let condition = operands[place]
    return HookBody(
      condition: condition.isNone ? -1 : vm.pin(condition), body: vm.pin(operands[place + 1]),
      isOnce: site.isOnce, span: site.span)
  }

  private func addEventHook(
    _ site: StatementSite, _ pattern: [PatternStep], _ bindings: [Symbol], _ operands: Arguments
  ) throws(RuntimeError) {
    guard bindings.count <= 1 else {
      throw RuntimeError(
        FaultCode.wrongArguments, "an event has one value", at: site.span,
        help: "its fields are `e.at`, `e.task` …")
    }
    var indexes: [Int] = []
    let count = operands.positionalCount - 2
    for index in 0..<max(count, 0) { indexes.append(vm.pin(operands[index])) }
    var hook = EventHook(
      filters: [], kinds: 0, takesEvent: !bindings.isEmpty,
      hook: hookBody(site, operands, from: max(count, 0)), pattern: pattern, indexPins: indexes)
    if watch.hasBegun { try resolve(&hook) }
    watch.eventHooks.append(hook)
    if watch.hasBegun { refreshInterest() }
  }

  /// Finds the records an `on` hook is for.
  func resolve(_ hook: inout EventHook) throws(RuntimeError) {
    hook.filters = try filters(
      hook.pattern, hook.indexPins.map { vm.pinned($0) }, at: hook.hook.span)
    hook.kinds = hook.filters.reduce(0) { $0 | $1.kinds }
    watch.eventInterest |= hook.kinds
  }

  // MARK: Firing

  /// Runs the block if the condition holds. Takes what it sets into the list of changes.
  func fire(_ hook: inout HookBody, _ event: Value? = nil) throws(RuntimeError) {
    let outer = activity
    activity = .predicate
    defer { activity = outer }
    if hook.condition >= 0 {
      let value = try callHook(vm.pinned(hook.condition), event)
      guard let holds = value.asBool else {
        throw RuntimeError(
          FaultCode.wrongType, "the condition of a hook must be true or false", at: hook.span)
      }
      if !holds { return }
    }
    // Marked first: a hook that faults has fired all the same.
    if hook.isOnce { hook.isOver = true }
    activity = .observer
    _ = try callHook(vm.pinned(hook.body), event)
    scriptRan()
  }

  private func callHook(_ function: Value, _ event: Value?) throws(RuntimeError) -> Value {
    do throws(RuntimeError) {
      guard let event else { return try vm.call(function, budget: plan.limits.hookSteps) }
      return try vm.call(function, event, budget: plan.limits.hookSteps)
    } catch { throw error.ofCall("a hook", plan.limits.hookSteps, "hook_steps") }
  }

  /// `on` hooks: right after one event of the engine; `context.records` holds what it did. A hook
  /// that sends a frame adds records of its own.
  func notice() throws(RuntimeError) {
    var start = 0
    while start < context.records.count {
      let range = start..<context.records.count
      start = range.upperBound
      if witness != nil { witnessRecords() }
      if watch.countedKinds != 0 { countEvents(range) }
      if isDriven { try attend(range) }
      if watch.countdown != nil { countDown(range) }
      if !watch.eventHooks.isEmpty { try notice(range) }
    }
  }

  private func notice(_ range: Range<Int>) throws(RuntimeError) {
    let outer = watch.isLooking
    watch.isLooking = true
    defer { watch.isLooking = outer }
    for place in range {
      let record = context.records[place]
      guard watch.eventInterest & EventCatalogue.bit(record.kind) != 0 else { continue }
      for index in watch.eventHooks.indices { try notice(record, by: index) }
    }
  }

  private func notice(_ record: TraceRecord, by index: Int) throws(RuntimeError) {
    let bit = EventCatalogue.bit(record.kind)
    guard watch.eventHooks[index].kinds & bit != 0, !watch.eventHooks[index].hook.isOver else {
      return
    }
    guard watch.eventHooks[index].filters.contains(where: { $0.matches(record) }) else { return }
    var hook = watch.eventHooks[index].hook
    try fire(&hook, watch.eventHooks[index].takesEvent ? eventValue(record) : nil)
    watch.eventHooks[index].hook.isOver = hook.isOver
  }

  // MARK: What hooks change

  /// While hooks look, what they set waits until all have looked.
  var collectsChanges: Bool { watch.isLooking }

  func collect(
    _ node: Value, _ name: Symbol, _ value: Value, _ operation: PathOperation, _ span: SourceSpan
  ) {
    watch.changes.append(
      Change(node: node, what: .field(name, pin: vm.pin(value), operation), span: span))
    askForLook()
  }

  func collect(_ id: NodeID, active: Bool, _ span: SourceSpan) {
    watch.changes.append(Change(node: id.value, what: .activity(active), span: span))
    askForLook()
  }

  func collectAbort(_ id: NodeID, _ span: SourceSpan) {
    watch.changes.append(
      Change(node: id.value, what: .abort(programs.sockets[id.number]), span: span))
    askForLook()
  }

  /// Applies what hooks have set, started, stopped and aborted, in that order.
  func applyChanges() throws(RuntimeError) {
    precondition(!watch.isLooking, "changes are applied while somebody still looks")
    if watch.changes.isEmpty { return }
    let changes = watch.changes
    watch.changes.removeAll()
    for change in changes {
      switch change.what {
      case .field(let name, let pin, let operation):
        let value = vm.pinned(pin)
        vm.unpin(pin)
        try setMember(of: change.node, name, to: value, operation, at: change.span)
      case .activity(let active):
        if let raw = change.node.asNode { setActive(NodeID(rawValue: raw), active) }
      case .abort(let handle): abort(handle)
      }
    }
    watch.versions.invalidate()
  }
}

extension RuntimeError {
  /// A budget of one call that is used up, in its own words; every other fault as it is.
  func ofCall(_ what: String, _ budget: Int, _ limit: String) -> RuntimeError {
    guard code == FaultCode.steps else { return self }
    return RuntimeError(
      code, "\(what) may take \(Spelling.grouped(Int64(budget))) steps, and took more", at: span,
      help: "`--limit \(limit)=…` raises it", isLimit: true, trace: trace)
  }
}
