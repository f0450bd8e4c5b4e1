// The oracle's door: what scripts ask it by name, and `why`.

import NetScript
import NetSim
import NetStack

extension Bench {
  func ask(_ function: NativeFunction, _ arguments: Arguments) throws(RuntimeError) -> Value {
    guard phase >= .run || isBuilt else {
      throw RuntimeError(
        "N301", "`\(function.name)` asks about a run, and nothing is built yet",
        at: arguments.span, help: "ask in an expectation, a hook, or after `run`")
    }
    let id = try node(arguments[0], function, arguments.span)
    if function != .wedged { hasMeasured = true }
    switch function {
    case .wedged: return .bool(oracleWedged(id))
    case .leaked: return .int(oracleLeaked(id))
    case .stalled:
      let span = try span(arguments[1], arguments.span)
      return .bool(try oracleStalled(id, for: span, at: arguments.span))
    case .holders: return oracleHolders(id)
    case .waiters: return oracleWaiters(id)
    case .blame: return oracleBlame(id)
    case .leaks: return oracleLeaks(id)
    case .budget: return try oracleBudget(id, at: arguments.span)
    case .baseline: return oracleBaseline(id)
    case .recoveries: return oracleRecoveries(id)
    case .diff: return try oracleDiff(id, since: arguments[1], at: arguments.span)
    case .predict: return oraclePredict(id)
    case .cause: return oracleCause(id)
    case .netstat, .arpTable, .mbufStats:
      return try view(function, of: id, arguments[1], at: arguments.span)
    default: preconditionFailure("not a question for the oracle")
    }
  }

  /// Why a thing stands still, as lines.
  func oracleWhy(_ value: Value, isShort: Bool = false) throws(RuntimeError) -> [String] {
    guard let raw = value.asNode else { return [] }
    let id = NodeID(rawValue: raw)
    return id.space == .tree ? oracleWhy(id, isShort: isShort) : []
  }

  private func node(
    _ value: Value, _ function: NativeFunction, _ place: SourceSpan
  ) throws(RuntimeError) -> NodeID {
    var got = vm.typeName(value)
    if let raw = value.asNode {
      let id = NodeID(rawValue: raw)
      switch id.space {
      case .tree: return id
      case .socket: got = "a socket"
      case .buffer: got = "a buffer"
      case .collector: got = "a collector"
      }
    }
    throw RuntimeError(
      "N211", "`\(function.name)` asks about a place, and got \(got)", at: place,
      help: "name a host, a task or an instance: `\(function.name)(server)`")
  }

  /// Whether a host's policy would let a task have a buffer while the receive task waits for one.
  func policyWouldGrant(
    host: Int32, task: Int32, bufferClass: BufferClass, free: Int32
  ) -> Bool {
    let record = simulation.tasks[Int(task)]
    if case .buffer(let pool)? = record.programWait {
      var request = simulation.poolRequest(
        pool, task, mayWait: true, waited: simulation.now - record.waitSince)
      request.free = free
      return watch.policies?.wouldGrant(request) ?? true
    }
    guard let policies = watch.policies, case .buffer(_, let who, let socket)? = record.wait else {
      return true
    }
    let state = simulation.hosts[Int(simulation.processors[Int(host)].stack)].state
    let pool = bufferClass == .mbufs ? state.mbufPool : state.clusterPool
    let request = AllocationRequest(
      at: simulation.now, host: host, bufferClass: bufferClass, who: who,
      site: .ofWait(who), task: task, socket: socket, free: free, total: pool.total, mayWait: true,
      waited: simulation.now - record.waitSince)
    // With free buffers and a receive task at rest, its request would not come first. Between a
    // poll that found one and the pop it waits no more, but the policy has not heard of its grant.
    guard who != .rx, let rx = simulation.receiveTasks(of: host).first,
      pool.free == 0 || simulation.tasks[Int(rx)].state != .waiting
    else { return grantsInTime(policies, request) }
    let before = AllocationRequest(
      at: simulation.now, host: host, bufferClass: bufferClass, who: .rx, site: .refill,
      task: rx, socket: -1, free: pool.free, total: pool.total, mayWait: true, waited: .zero)
    // Where some are free, the receive task takes one of them first.
    var rest = request
    if pool.free > 0 { rest.free -= 1 }
    return grantsInTime(policies, rest, before: before)
  }

  /// Whether a policy lets a task have a buffer now or, where waiters ask again at each tick, when
  /// it has waited for longer.
  private func grantsInTime(
    _ policies: ScriptPolicies, _ request: AllocationRequest, before: AllocationRequest? = nil
  ) -> Bool {
    if policies.wouldGrant(request, before: before) ?? true { return true }
    switch simulation.processors[Int(request.host)].waiting {
    case .poll, .spin: break
    case .fifo, .priority, .event: return false
    }
    var later = request
    later.waited = .seconds(86_400)
    return policies.wouldGrant(later, before: before) ?? true
  }
}
