// `server.pool.allocator = receiver_first`: from a value of the script to a policy that governs.

import NetScript
import NetSim
import NetStack

/// Variables of a policy, to be put back: cells, and pins of what was in them.
struct SavedVariables {
  var cells: [Value]
  var pins: [Int]
}

extension Bench {
  /// Gives a class of a host's pool its policy; `none` and `.first_come` take it away.
  func install(
    policy: Value, host: Int32, _ bufferClass: BufferClass, at span: SourceSpan
  ) throws(RuntimeError) {
    guard let number = try governing(policy, at: span) else {
      watch.policies?.remove(host: host, bufferClass)
      askForRequests(host: host, bufferClass)
      return
    }
    let template = program.policies[number]
    let waiting = simulation.processors[Int(host)].waiting
    if waiting == .poll || waiting == .spin,
      template.handlers.contains(where: { vm.symbols.name($0) == "wake" })
    {
      throw RuntimeError(
        "N411", "`on wake` with a polling pool: nobody is woken there", at: template.span,
        help: "`pool.waiting = .event`, or leave `on wake` out: with `.poll` and `.spin` a waiter "
          + "looks again by itself")
    }
    let instance = try policyInstance(policy, number, host, bufferClass)
    let policies = enlist(instance)
    simulation.setAllocator(host: host, allocatorKind(instance), of: bufferClass, &context)
    // What is out already was granted too: a policy that counts begins with the truth.
    simulation.forEachGrant(host: host, of: bufferClass, &context) { policies.granted($0) }
    // And who waits has asked: a policy that serves somebody first must know of him.
    for request in openRequests(host: host, bufferClass) { _ = policies.decide(request) }
    if let fault = policies.fault { throw fault }
  }

  /// What the tasks of a host wait for, the longest wait first; as it was when they had to wait.
  private func openRequests(host: Int32, _ bufferClass: BufferClass) -> [AllocationRequest] {
    let state = simulation.hosts[Int(simulation.processors[Int(host)].stack)].state
    let pool = bufferClass == .mbufs ? state.mbufPool : state.clusterPool
    var found: [AllocationRequest] = []
    for task in simulation.tasks(of: host) {
      let record = simulation.tasks[Int(task)]
      guard case .buffer(bufferClass, let who, let socket)? = record.wait else { continue }
      found.append(
        AllocationRequest(
          at: simulation.now, host: host, bufferClass: bufferClass, who: who,
          site: .ofWait(who), task: task, socket: socket, free: 0, total: pool.total, mayWait: true,
          waited: simulation.now - record.waitSince))
    }
    return found.sorted { $0.waited > $1.waited }
  }

  /// The same for a further pool or size class.
  func install(policy: Value, pool id: NodeID, at span: SourceSpan) throws(RuntimeError) {
    let (host, pool) = (tree[id].host, tree[id].object)
    guard let number = try governing(policy, at: span) else {
      watch.policies?.remove(host: host, .clusters, pool: pool)
      return askForRequests(host: host, .clusters, pool: pool)
    }
    var instance = try policyInstance(policy, number, host, .clusters)
    instance.pool = pool
    instance.poolName = vm.symbol(name(tree[id].name))
    let policies = enlist(instance)
    simulation.setAllocator(allocatorKind(instance), ofPool: pool, &context)
    for buffer in simulation.pools[Int(pool)].buffers where buffer.isOut {
      policies.granted(simulation.poolRequest(pool, buffer.owner, mayWait: false, waited: .zero))
    }
    if let fault = policies.fault { throw fault }
  }

  private func enlist(_ instance: PolicyInstance) -> ScriptPolicies {
    let policies = watch.policies ?? ScriptPolicies(self, vm)
    watch.policies = policies
    policies.install(instance)
    context.policy = policies
    return policies
  }

  private func allocatorKind(_ instance: PolicyInstance) -> AllocatorKind {
    instance.isConsultedWhenEmpty ? .scriptWhenEmpty : .scriptAlways
  }

  /// The policy that a value names; nil for none, for first come, and for one without handlers.
  private func governing(_ policy: Value, at span: SourceSpan) throws(RuntimeError) -> Int? {
    let isFirstCome = policy.asSymbol.map { vm.symbols.name($0) == "first_come" } ?? false
    if policy.isNone || isFirstCome { return nil }
    guard let number = vm.policyTemplate(policy) else {
      throw RuntimeError(
        FaultCode.wrongType, "an allocator is a policy, not \(vm.text(policy))", at: span,
        help: "`policy NAME(…) { on request(r) { … } }`, or `.first_come`")
    }
    return isEmptyPolicy(number) ? nil : number
  }

  /// Without a policy: whether a fault point wants to hear of the requests all the same.
  func askForRequests(host: Int32, _ bufferClass: BufferClass, pool: Int32 = -1) {
    if watch.policies?.governs(host: host, bufferClass, pool: pool) == true { return }
    let place = FaultPlace.requests(host: host, bufferClass, pool: pool)
    let isFaulty = watch.faults?.isFilled(place) == true
    if isFaulty {
      let policies = watch.policies ?? ScriptPolicies(self, vm)
      watch.policies = policies
      context.policy = policies
    }
    let allocator = isFaulty ? AllocatorKind.scriptAlways : .firstCome
    if pool >= 0 {
      simulation.setAllocator(allocator, ofPool: pool, &context)
    } else {
      simulation.setAllocator(host: host, allocator, of: bufferClass, &context)
    }
  }

  /// A policy without handlers decides nothing: first come, at no cost.
  private func isEmptyPolicy(_ number: Int) -> Bool { program.policies[number].handlers.isEmpty }

  /// A request, for a fault point that is told of one.
  func requestValue(_ request: AllocationRequest) -> Value {
    let policies = watch.policies ?? ScriptPolicies(self, vm)
    watch.policies = policies
    return policies.record(of: request)
  }

  private func policyInstance(
    _ policy: Value, _ number: Int, _ host: Int32, _ bufferClass: BufferClass
  ) throws(RuntimeError) -> PolicyInstance {
    let template = program.policies[number]
    let value = try vm.instantiate(policy)
    var instance = PolicyInstance(
      host: host, bufferClass: bufferClass, instance: vm.pin(value), template: number)
    var keeps = false
    func handler(_ name: String) -> Int {
      guard let function = vm.field(value, vm.intern(name)), !function.isNone else { return -1 }
      keeps = keeps || vm.mayKeepArgument(function)
      return vm.pin(function)
    }
    instance.request = handler("request")
    instance.grant = handler("grant")
    instance.release = handler("release")
    instance.wake = handler("wake")
    if !keeps {
      let shape = vm.shape(ScriptPolicies.fields.map(vm.intern))
      let blank = [Value](repeating: .none, count: ScriptPolicies.fields.count)
      instance.record = vm.pin(vm.makeRecord(shape, blank))
    }
    if let consult = vm.field(value, vm.intern("consult")), !consult.isNone {
      let word = consult.asSymbol.map { vm.symbols.name($0) } ?? ""
      guard word == "always" || word == "when_empty" else {
        throw RuntimeError(
          FaultCode.wrongType, "`consult` is `.always` or `.when_empty`, not \(vm.text(consult))",
          at: template.span)
      }
      instance.isConsultedWhenEmpty = word == "when_empty"
    }
    return instance
  }

  /// `role` of a task, if its declaration gave it one.
  func role(ofTask task: Int32) -> Value? {
    let id = stations.tasks[Int(task)]
    guard id != .none else { return nil }
    let role = ownField(id, words.symbol(.role))
    return role.flatMap { $0.isNone ? nil : $0 }
  }

  // MARK: Questions on a copy

  /// A policy's variables are the cells that its handlers share. What is in them is pinned: the
  /// question may change a list in place, or replace it and have it collected.
  func saveVariables(_ instance: PolicyInstance) -> SavedVariables {
    var saved = SavedVariables(cells: [], pins: [])
    let handlers = [instance.request, instance.grant, instance.release, instance.wake]
    for pin in handlers where pin >= 0 {
      for cell in vm.capturedCells(vm.pinned(pin)) {
        saved.cells.append(cell)
        saved.pins.append(vm.pin(vm.read(cell)))
      }
    }
    return saved
  }

  func restoreVariables(_ saved: SavedVariables) {
    for (cell, pin) in zip(saved.cells, saved.pins) {
      vm.write(cell, vm.pinned(pin))
      vm.unpin(pin)
    }
  }

  // MARK: What a handler may not

  /// The engine is in the middle of an event: a handler has its request and its variables.
  @inline(__always)
  func refuseInPolicy(at span: SourceSpan, unlessFault: Bool = false) throws(RuntimeError) {
    if activity == .fault && !unlessFault {
      throw RuntimeError(
        "N462", "a fault point's function may only compute", at: span,
        help: "it has its record, `now`, `draw(…)` and `frame(…)`")
    }
    if activity == .policy {
      throw RuntimeError(
        "N412", "a policy's handler may only compute", at: span,
        help: "it has `r` and the policy's own variables")
    }
  }
}
