// `p.alloc()`, `b.free()`, and what can be read of further pools and their buffers.
//
// A buffer is a place in its pool: whoever kept it after it was freed has a pointer to what
// somebody else may have by now, as in C. Hooks and the case itself may call what cannot wait.

import NetScript
import NetSim
import NetStack

/// A further pool or size class: its node, its number in the engine, and the number of the first of
/// its buffers among all.
struct PoolHandle {
  var node: NodeID
  var number: Int32
  var first: Int
  var size: Int64
}

/// In whose name an `alloc` asks: a symbol and a place in the tree, or `none` each.
struct PoolRequester {
  var who: Value
  var conn: Value
}

extension Bench {
  // MARK: Taking

  /// nil when a pool has no such method.
  func callPool(
    _ id: NodeID, _ name: Symbol, _ arguments: Arguments
  ) throws(RuntimeError) -> Outcome? {
    guard words.word(name) == .alloc else { return nil }
    try refuseInPredicate("`alloc`", at: arguments.span)
    let pool = try built(tree[id].object < 0 ? nil : tree[id].object, id, arguments.span)
    guard !simulation.pools[Int(pool)].servesStack else {
      throw RuntimeError(
        "N453", "`\(path(of: id))` serves the stack, so no task takes from it", at: arguments.span,
        help: "a pool without `serves` is the tasks' own")
    }
    let waits = try mayWait(arguments)
    let count = try count(arguments, of: pool)
    if activity != .task && !waits {
      let decision = simulation.take(
        from: pool, -1, count: count ?? 1, mayWait: false, &context)
      guard decision == .grant else { return .value(errors.value(.ENOBUFS)) }
      if let count { return .value(bufferList(pool, -1, count)) }
      return .value(bufferNode(pool, simulation.pools[Int(pool)].granted))
    }
    let place = try program(for: "alloc", on: tree[id].host, of: id, arguments.span)
    programs.records[place].allocatesFrom = pool
    programs.records[place].allocates = count
    simulation.setRequester(try requester(arguments), of: programs.records[place].task)
    let timeout = waits ? try timeout(arguments) : .zero
    return ask(place, .alloc(pool, count: count ?? 1, timeout: timeout), .buffer)
  }

  /// `count = n`: so many, all or none; nil without.
  private func count(
    _ arguments: Arguments, of pool: Int32
  ) throws(RuntimeError) -> Int32? {
    guard let value = arguments.named(words.symbol(.count)), !value.isNone else { return nil }
    let total = Int64(simulation.pools[Int(pool)].counters.total)
    guard let count = value.asInt, (1...total).contains(count) else {
      throw RuntimeError(
        "N422", "`count` is 1 to \(total), not \(vm.text(value))", at: arguments.span,
        help: "the pool has no more than \(total) buffers")
    }
    return Int32(count)
  }

  /// The buffers that were granted together.
  private func bufferList(_ pool: Int32, _ task: Int32, _ count: Int32) -> Value {
    if count == 1 {
      let one =
        task < 0
        ? simulation.pools[Int(pool)].granted : simulation.tasks[Int(task)].grantedBuffer
      return vm.makeList([bufferNode(pool, one)])
    }
    return vm.makeList(simulation.takeGranted(from: pool, task).map { bufferNode(pool, $0) })
  }

  /// `who = .tx, conn = s`: what the pool's policy sees in `r.who` and `r.conn`; -1 without.
  private func requester(_ arguments: Arguments) throws(RuntimeError) -> Int32 {
    let who = arguments.named(words.symbol(.who)) ?? .none
    let conn = arguments.named(words.symbol(.conn)) ?? .none
    if who.isNone && conn.isNone { return -1 }
    guard who.isNone || who.asSymbol != nil else {
      throw RuntimeError(
        "N422", "`who` is a symbol, not \(vm.text(who))", at: arguments.span, help: "`who = .tx`")
    }
    guard conn.isNone || conn.asNode.map({ NodeID(rawValue: $0).space }) == .tree else {
      throw RuntimeError(
        "N422", "`conn` is a place, not \(vm.text(conn))", at: arguments.span,
        help: "an instance of a kind, for one")
    }
    let known = programs.requesters.firstIndex {
      $0.who.asSymbol == who.asSymbol && $0.conn.asNode == conn.asNode
    }
    if let known { return Int32(known) }
    programs.requesters.append(PoolRequester(who: who, conn: conn))
    return Int32(programs.requesters.count - 1)
  }

  /// What an `alloc` that had to be granted came to.
  func grantedBuffer(_ place: Int) -> Value {
    let task = programs.records[place].task
    if let count = programs.records[place].allocates {
      return bufferList(programs.records[place].allocatesFrom, task, count)
    }
    let buffer = simulation.tasks[Int(task)].grantedBuffer
    return bufferNode(programs.records[place].allocatesFrom, buffer)
  }

  func bufferNode(_ pool: Int32, _ buffer: Int32) -> Value {
    NodeID(.buffer, programs.pools[Int(pool)].first + Int(buffer)).value
  }

  // MARK: Buffers

  private func pool(of buffer: NodeID) -> (handle: PoolHandle, buffer: Int32) {
    var handle = programs.pools[0]
    for other in programs.pools where other.first <= buffer.number { handle = other }
    return (handle, Int32(buffer.number - handle.first))
  }

  func callBuffer(
    _ id: NodeID, _ name: Symbol, _ arguments: Arguments
  ) throws(RuntimeError) -> Outcome {
    guard words.word(name) == .free else { throw noMember(name, arguments.span) }
    try refuseInPredicate("`free`", at: arguments.span)
    let (pool, buffer) = pool(of: id)
    guard simulation.pools[Int(pool.number)].buffers[Int(buffer)].isOut else {
      throw RuntimeError(
        "N451", "this buffer of `\(path(of: pool.node))` is free already", at: arguments.span,
        help: "free it once, where it was taken last")
    }
    // Whoever waits for it may be more urgent than the task.
    if let place = currentProgram { return ask(place, .free(pool.number, buffer: buffer), .none) }
    _ = simulation.free(buffer, of: pool.number, by: -1, &context)
    return .value(.none)
  }

  /// `b.size`, `b.pool`, `b.owner`, `b.age`.
  func bufferMember(_ id: NodeID, _ name: Symbol, at span: SourceSpan) throws(RuntimeError) -> Value
  {
    let (pool, buffer) = pool(of: id)
    let record = simulation.pools[Int(pool.number)].buffers[Int(buffer)]
    note(.variables)
    switch words.word(name) {
    case .size: return .data(octets: pool.size)
    case .pool: return pool.node.value
    case .owner: return record.isOut ? taskNode(record.owner) : .none
    case .age:
      guard record.isOut else { return .none }
      note(.now)
      return .time(nanoseconds: (observedNow - record.since).nanoseconds)
    default: throw noMember(name, span)
    }
  }

  private func noMember(_ name: Symbol, _ span: SourceSpan) -> RuntimeError {
    RuntimeError(
      "N201", "a buffer has no `\(self.name(name))`", at: span,
      help: "there are: `size`, `pool`, `owner`, `age`, `free()`")
  }

  func bufferText(_ id: NodeID) -> String {
    guard !programs.pools.isEmpty else { return "buffer" }
    let (pool, buffer) = pool(of: id)
    return "buffer \(buffer) of \(path(of: pool.node))"
  }

  // MARK: Changing hands

  /// Buffers in what a task puts into a queue, or has got out of one: by itself, or in a list.
  func moveBuffers(in value: Value, toQueue queue: Int32 = -1, owner: Int32? = nil) {
    if let raw = value.asNode {
      let id = NodeID(rawValue: raw)
      guard id.space == .buffer else { return }
      let (pool, buffer) = pool(of: id)
      simulation.move(buffer: buffer, of: pool.number, toQueue: queue, owner: owner)
    } else if let count = vm.listCount(value) {
      for index in 0..<count {
        moveBuffers(in: vm.listElement(value, index), toQueue: queue, owner: owner)
      }
    }
  }

  // MARK: Measurements

  func measureFurtherPool(_ id: NodeID, _ word: Word) -> Value? {
    guard tree[id].object >= 0 else { return nil }
    note(.variables)
    // The stack takes and gives whenever its host is entered.
    if simulation.pools[Int(tree[id].object)].servesStack { note(.pool, host: tree[id].host) }
    let pool = simulation.counters(ofPool: tree[id].object)
    switch word {
    case .bytes:
      return .data(octets: Int64(pool.total) * programs.pools[Int(tree[id].object)].size)
    case .freeBytes:
      return .data(octets: Int64(pool.free) * programs.pools[Int(tree[id].object)].size)
    default: return measured(pool, word)
    }
  }
}
