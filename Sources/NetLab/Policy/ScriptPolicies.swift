// Policies that a script wrote: the stack asks, a handler on the VM answers, at once.
//
// Asked inside an allocation, so while the simulation is in the middle of a step: a handler sees
// the request and its own variables and nothing else (the bench refuses the rest). Fields of the
// request are written into one record again and again, unless a handler keeps it. A fault is kept
// until the step is over, and ends the run then; until then the stack gets the answer of first
// come.

import NetScript
import NetStack

/// One instance: a policy governing one class of one host's pool, or a further pool. Plain words:
/// it is read at every allocation.
struct PolicyInstance {
  var host: Int32
  var bufferClass: BufferClass
  /// A further pool's number, or -1.
  var pool: Int32 = -1
  /// Its name, which its requests have as their class.
  var poolName = Value.none
  /// Pins of the handlers, -1 where there is none.
  var request = -1
  var grant = -1
  var release = -1
  var wake = -1
  /// Pin of the instance, which keeps its variables.
  var instance: Int
  /// Pin of the record that is written again, or -1: every question makes its own.
  var record = -1
  var isConsultedWhenEmpty = false
  /// Place in `Program.policies`, for messages.
  var template: Int
}

final class ScriptPolicies: AllocationPolicy {
  // The bench owns this object, and outlives every step that asks it.
  private unowned(unsafe) let bench: Bench
  private unowned(unsafe) let vm: VM
  let state: UnsafeMutablePointer<State>
  private let shape: Int
  private let answers: (grant: Symbol, wait: Symbol, deny: Symbol)
  private let requesters: [Value]
  /// By the number of an `AllocationSite`.
  private let sites: [Value]
  private let classes: (mbufs: Value, clusters: Value)
  private let handlerSteps: Int

  /// What changes; behind a pointer, because it is read at every allocation (see BenchState.swift).
  struct State {
    var instances: [PolicyInstance] = []
    /// By task: its node, and the role that the script gave it (`none` without one).
    var taskNodes: [Value] = []
    var roles: [Value] = []
    var fault: RuntimeError?
  }

  static let fields = [
    "class", "who", "task", "conn", "want", "free", "total", "may_wait", "waited",
    "site",
  ]

  init(_ bench: Bench, _ vm: VM) {
    self.bench = bench
    self.vm = vm
    shape = vm.shape(ScriptPolicies.fields.map(vm.intern))
    answers = (vm.intern("grant"), vm.intern("wait"), vm.intern("deny"))
    requesters = ["rx", "tx", "app", "stack", "timer"].map(vm.symbol)
    sites = AllocationSite.allCases.map { vm.symbol($0.name) }
    classes = (vm.symbol("mbufs"), vm.symbol("clusters"))
    handlerSteps = bench.plan.limits.handlerSteps
    state = .allocate(capacity: 1)
    state.initialize(to: State())
  }

  deinit {
    state.deinitialize(count: 1)
    state.deallocate()
  }

  /// What went wrong in the middle of a step.
  var fault: RuntimeError? { state.pointee.fault }

  // MARK: Instances

  func install(_ instance: PolicyInstance) {
    remove(host: instance.host, instance.bufferClass, pool: instance.pool)
    state.pointee.instances.append(instance)
  }

  func remove(host: Int32, _ bufferClass: BufferClass, pool: Int32 = -1) {
    state.pointee.instances.removeAll {
      $0.host == host && $0.bufferClass == bufferClass && $0.pool == pool
    }
  }

  @inline(__always)
  private func place(_ request: AllocationRequest) -> Int? {
    place(request.host, request.bufferClass, pool: request.pool)
  }

  private func place(_ host: Int32, _ bufferClass: BufferClass, pool: Int32) -> Int? {
    for index in state.pointee.instances.indices
    where state.pointee.instances[index].host == host
      && state.pointee.instances[index].bufferClass == bufferClass
      && state.pointee.instances[index].pool == pool
    {
      return index
    }
    return nil
  }

  /// The policy of a stack's class.
  func instance(_ host: Int32, _ bufferClass: BufferClass) -> PolicyInstance? {
    place(host, bufferClass, pool: -1).map { state.pointee.instances[$0] }
  }

  /// Whether a policy of a stack's class says whom a release wakes.
  func chooses(_ host: Int32, _ bufferClass: BufferClass) -> Bool {
    place(host, bufferClass, pool: -1).map { state.pointee.instances[$0].wake >= 0 } ?? false
  }

  // MARK: Asked by the stack

  func decide(_ request: AllocationRequest) -> AllocationDecision {
    let refusal: AllocationDecision = request.mayWait ? .wait : .deny
    let usual: AllocationDecision = request.free > 0 ? .grant : refusal
    if let faults = bench.watch.faults,
      faults.denies(request, { self.record(of: request) })
    {
      return refusal
    }
    guard state.pointee.fault == nil, let place = place(request),
      state.pointee.instances[place].request >= 0
    else {
      return usual
    }
    do throws(RuntimeError) {
      let answer = try ask(state.pointee.instances[place].request, place, request)
      return try decision(answer, request, state.pointee.instances[place].template)
    } catch {
      state.pointee.fault = error
      return usual
    }
  }

  func granted(_ request: AllocationRequest) { tell(request) { $0.grant } }
  func released(_ request: AllocationRequest) { tell(request) { $0.release } }

  func choose(among waiters: [AllocationRequest]) -> Int? {
    guard state.pointee.fault == nil, let first = waiters.first, let place = place(first),
      state.pointee.instances[place].wake >= 0
    else { return nil }
    do throws(RuntimeError) {
      return try choice(place, waiters)
    } catch {
      state.pointee.fault = error
      return nil
    }
  }

  /// `on wake(ws)`: which of the requests it answered with.
  private func choice(
    _ place: Int, _ waiters: [AllocationRequest]
  ) throws(RuntimeError) -> Int {
    let outer = bench.activity
    bench.activity = .policy
    defer { bench.activity = outer }
    var pins: [Int] = []
    defer { for pin in pins { vm.unpin(pin) } }
    for waiter in waiters { pins.append(vm.pin(vm.makeRecord(shape) { fill($0, waiter, place) })) }
    let list = vm.makeList(pins.map { vm.pinned($0) })
    let handler = vm.pinned(state.pointee.instances[place].wake)
    let answer = try vm.call(handler, list, budget: handlerSteps)
    if let index = pins.firstIndex(where: { vm.equal(vm.pinned($0), answer) }) { return index }
    let policy = bench.program.policies[state.pointee.instances[place].template]
    throw RuntimeError(
      "N410", "policy `\(policy.name)` woke \(vm.text(answer)), who does not wait",
      at: policy.span, help: "`on wake(ws)` answers one of its waiters: `return ws[0]`")
  }

  private func tell(_ request: AllocationRequest, _ handler: (PolicyInstance) -> Int) {
    guard state.pointee.fault == nil, let place = place(request) else { return }
    let pin = handler(state.pointee.instances[place])
    guard pin >= 0 else { return }
    do throws(RuntimeError) { _ = try ask(pin, place, request) } catch {
      state.pointee.fault = error
    }
  }

  private func ask(
    _ handler: Int, _ place: Int, _ request: AllocationRequest
  ) throws(RuntimeError) -> Value {
    let outer = bench.activity
    bench.activity = .policy
    defer { bench.activity = outer }
    let record: Value
    if state.pointee.instances[place].record >= 0 {
      record = vm.pinned(state.pointee.instances[place].record)
      vm.rewrite(record) { fill($0, request, place) }
    } else {
      record = vm.makeRecord(shape) { fill($0, request, place) }
    }
    do throws(RuntimeError) {
      return try vm.call(vm.pinned(handler), record, budget: handlerSteps)
    } catch { throw error.ofCall("a policy's handler", handlerSteps, "handler_steps") }
  }

  /// A request as scripts see it.
  func record(of request: AllocationRequest) -> Value {
    vm.makeRecord(shape) { fill($0, request, -1) }
  }

  /// Whether a policy governs a class.
  func governs(host: Int32, _ bufferClass: BufferClass, pool: Int32 = -1) -> Bool {
    place(host, bufferClass, pool: pool) != nil
  }

  private func fill(
    _ fields: UnsafeMutableBufferPointer<Value>, _ request: AllocationRequest, _ place: Int
  ) {
    fields[0] = request.bufferClass == .clusters ? classes.clusters : classes.mbufs
    if request.pool >= 0 && place >= 0 { fields[0] = state.pointee.instances[place].poolName }
    fields[1] = who(request)
    fields[2] = request.task >= 0 ? taskNode(request.task) : .none
    fields[3] = conn(request)
    fields[4] = .int(1 as Int64)
    fields[5] = .int(Int64(request.free))
    fields[6] = .int(Int64(request.total))
    fields[7] = .bool(request.mayWait)
    fields[8] = .time(nanoseconds: request.waited.nanoseconds)
    fields[9] = request.site.map { sites[Int($0.rawValue)] } ?? .none
  }

  /// What an `alloc` said of itself.
  private func requester(_ request: AllocationRequest) -> PoolRequester? {
    request.pool >= 0 && request.socket >= 0
      ? bench.programs.requesters[Int(request.socket)] : nil
  }

  /// The socket's number; of a further pool, what the call named.
  private func conn(_ request: AllocationRequest) -> Value {
    if request.pool >= 0 { return requester(request)?.conn ?? .none }
    return request.socket >= 0 ? .int(Int64(request.socket)) : .none
  }

  /// What the call says, or the role that the script gave the task, else in whose name the stack
  /// asks.
  private func who(_ request: AllocationRequest) -> Value {
    if let who = requester(request)?.who, !who.isNone { return who }
    if request.task >= 0 && request.who == .app {
      let role =
        state.pointee.roles.count > Int(request.task)
        ? state.pointee.roles[Int(request.task)] : .none
      if !role.isNone { return role }
    }
    return requesters[Int(request.who.rawValue)]
  }

  private func taskNode(_ task: Int32) -> Value {
    if Int(task) >= state.pointee.taskNodes.count { learnTasks() }
    return state.pointee.taskNodes[Int(task)]
  }

  /// Tasks are fixed once the simulation is built.
  private func learnTasks() {
    let count = bench.stations.tasks.count
    state.pointee.taskNodes = bench.stations.tasks.map { $0.value }
    state.pointee.roles = (0..<Int32(count)).map { bench.role(ofTask: $0) ?? .none }
  }

  private func decision(
    _ answer: Value, _ request: AllocationRequest, _ number: Int
  ) throws(RuntimeError) -> AllocationDecision {
    if let symbol = answer.asSymbol {
      if symbol == answers.grant && request.free > 0 { return .grant }
      if symbol == answers.wait && request.mayWait { return .wait }
      if symbol == answers.deny { return .deny }
    }
    throw badAnswer(answer, request, bench.program.policies[number])
  }

  /// N410.
  private func badAnswer(
    _ answer: Value, _ request: AllocationRequest, _ policy: PolicyTemplate
  ) -> RuntimeError {
    let symbol = answer.asSymbol
    let place = vm.placeOfLastAnswer ?? policy.span
    let facts = "r.free was \(request.free), r.may_wait \(request.mayWait)"
    let noun = request.bufferClass == .clusters ? "cluster" : "mbuf"
    let refusal = request.mayWait ? ".wait" : ".deny"
    if symbol == answers.grant {
      return RuntimeError(
        "N410", "policy `\(policy.name)` granted a \(noun) when none was free", at: place,
        label: facts, help: "test `r.free == 0` first, return `\(refusal)`")
    }
    if symbol == answers.wait {
      return RuntimeError(
        "N410", "policy `\(policy.name)` lets wait who may not", at: place, label: facts,
        help: "`return if r.may_wait then .wait else .deny`")
    }
    return RuntimeError(
      "N410", "policy `\(policy.name)` answered \(vm.text(answer))", at: place,
      help: "`return .grant`, `.wait` or `.deny`")
  }

  // MARK: Asked by the oracle

  /// Whether it would grant with so many free, on variables as they are now. `nil` without a
  /// policy. The handler runs for real, so its variables are put back.
  ///
  /// - Parameter before: a request that is asked first: the receive task's, which may set a flag.
  func wouldGrant(_ request: AllocationRequest, before: AllocationRequest? = nil) -> Bool? {
    guard let place = place(request), state.pointee.instances[place].request >= 0 else {
      return nil
    }
    let saved = bench.saveVariables(state.pointee.instances[place])
    let fault = state.pointee.fault
    if let before, decide(before) == .grant { granted(before) }
    // While both wait it is woken only if the policy chooses it.
    let isWoken = before.map { choose(among: [$0, request]) != 0 } ?? true
    let decision = isWoken ? decide(request) : .wait
    state.pointee.fault = fault
    bench.restoreVariables(saved)
    return decision == .grant
  }
}
