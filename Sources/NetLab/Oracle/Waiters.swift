// `waiters(pool)`: a record for each task that waits for a buffer, in the order in which a release
// would wake them; at a tick the most urgent looks first.

import NetScript
import NetSim
import NetStack

/// A task that waits for a buffer.
private struct WaiterRow {
  var task: Int32
  var bufferClass: Value
  var who: Value
  /// The task that has its buffer before; text where a policy chooses.
  var behind: Value = .none
  /// Who has most of what it waits for.
  var holder: Value = .none
  /// What it does once it has one.
  var then: String
}

/// A task that waits for a buffer of a stack, and what decides when its turn comes.
private struct Bufferless {
  var task: Int32
  var kind: BufferKind
  var who: Requester
  var priority: Int32
  var order: Int64
}

extension Bench {
  func oracleWaiters(_ id: NodeID) -> Value {
    if tree[id].role == .builtin(.bufferClass) { return waitersOfFurther(id) }
    guard let host = stacksOfQuestion(id).first else { return vm.makeList([]) }
    note(.task, host: host)
    note(.now)
    let wanted = bufferClass(of: id)
    return waiterTable(
      waiterRows(host) { kind in wanted == nil || kind.bufferClass == wanted })
  }

  /// Those that wait for what `isMeant` says.
  private func waiterRows(_ host: Int32, _ isMeant: (BufferKind) -> Bool) -> [WaiterRow] {
    let graph = waitGraph(of: host)
    let found = tasksWithoutBuffer(on: host).filter { isMeant($0.kind) }
    var rows: [WaiterRow] = []
    for (index, waiter) in found.enumerated() {
      let before = found[..<index].last { $0.kind == waiter.kind }?.task
      let isChosen =
        waiter.kind.bufferClass.map { watch.policies?.chooses(host, $0) ?? false } ?? false
      rows.append(
        WaiterRow(
          task: waiter.task, bufferClass: vm.symbol(plural(waiter.kind, of: host)),
          who: watch.eventShape.requesters[Int(waiter.who.rawValue)],
          behind: isChosen
            ? vm.makeString("the policy's choice") : before.map(taskNode) ?? .none,
          holder: holder(of: waiter.kind, graph),
          then: intention(waiter.who, of: waiter.task, graph)))
    }
    return rows
  }

  /// Who has most of it.
  private func holder(of kind: BufferKind, _ graph: WaitGraph) -> Value {
    if let bufferClass = kind.bufferClass { return largest(holderRows(bufferClass, graph)) }
    let most = graph.releases(kind).max { $0.count < $1.count }
    return most.map { vm.makeString(holderText($0, graph)) } ?? .none
  }

  private func waiterTable(_ rows: [WaiterRow]) -> Value {
    let names = ["task", "class", "who", "priority", "waited", "behind", "holder", "then"]
    let shape = vm.shape(names.map { vm.intern($0) })
    let records = rows.map { row -> Value in
      let record = simulation.tasks[Int(row.task)]
      return vm.makeRecord(
        shape,
        [
          taskNode(row.task), row.bufferClass, row.who, .int(Int64(record.priority)),
          .time(nanoseconds: (observedNow - record.waitSince).nanoseconds), row.behind, row.holder,
          vm.makeString(row.then),
        ])
    }
    return vm.makeList(records)
  }

  // MARK: of a stack

  /// Tasks that wait for a buffer of a stack, the one that comes first at their head.
  private func tasksWithoutBuffer(on host: Int32) -> [Bufferless] {
    var found: [Bufferless] = []
    for task in simulation.tasks(of: host) {
      let record = simulation.tasks[Int(task)]
      guard let kind = record.wait?.kind, let who = record.wait?.asker?.who else { continue }
      found.append(
        Bufferless(
          task: task, kind: kind, who: who, priority: record.priority, order: record.waitOrder))
    }
    let byUrgency: Bool
    switch simulation.processors[Int(host)].waiting {
    case .poll, .priority, .spin: byUrgency = true
    case .fifo, .event: byUrgency = false
    }
    found.sort { first, second in
      if byUrgency && first.priority != second.priority { return first.priority < second.priority }
      return first.order < second.order
    }
    return found
  }

  private func largest(_ rows: [HolderRow]) -> Value {
    var most: HolderRow?
    for row in rows where row.count > most?.count ?? 0 { most = row }
    return most?.owner ?? .none
  }

  /// What a task of the stack does with the buffer that it waits for.
  private func intention(_ who: Requester, of task: Int32, _ graph: WaitGraph) -> String {
    switch who {
    case .app: return "goes on with sosend"
    case .rx:
      let copies = graph.interfaces.contains { $0.rxTask == task && $0.copies }
      return copies
        ? "copies its frame, passes it up" : "refills its ring, passes the next frame up"
    case .tx, .stack, .timer: return "goes on"
    }
  }

  // MARK: of a further pool

  private func waitersOfFurther(_ id: NodeID) -> Value {
    note(.variables)
    note(.now)
    let pool = tree[id].object
    let host = simulation.pools[Int(pool)].host
    if simulation.pools[Int(pool)].servesStack {
      let stack = simulation.hosts[Int(simulation.processors[Int(host)].stack)]
      return waiterTable(waiterRows(host) { stack.poolNumber($0) == pool })
    }
    let holder = poolHolders(pool).first.map { vm.makeString($0.owner) } ?? .none
    var rows: [WaiterRow] = []
    for task in simulation.pools[Int(pool)].waiters {
      rows.append(
        WaiterRow(
          task: task, bufferClass: vm.symbol(name(tree[id].name)),
          who: role(ofTask: task) ?? vm.symbol("app"),
          behind: rows.last.map { taskNode($0.task) } ?? .none, holder: holder,
          then: "returns from alloc"))
    }
    return waiterTable(rows)
  }
}
