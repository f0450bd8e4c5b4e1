// `waiters(pool)`: a record for each task that waits for a buffer.

import NetScript
import NetSim
import NetStack

extension Bench {
  /// A record for each task that waits, in the order in which a release would wake them; at a tick
  /// the most urgent looks first.
  func oracleWaiters(_ id: NodeID) -> Value {
    if tree[id].role == .builtin(.bufferClass) { return waitersOfFurther(id) }
    guard let host = stacksOfQuestion(id).first else { return vm.makeList([]) }
    note(.task, host: host)
    note(.now)
    let wanted = bufferClass(of: id)
    let shape = vm.shape(["task", "class", "who", "priority", "waited"].map { vm.intern($0) })
    var found: [(task: Int32, record: TaskRecord)] = []
    for task in simulation.tasks(of: host) {
      let record = simulation.tasks[Int(task)]
      guard case .buffer(let bufferClass, _, _)? = record.wait,
        wanted == nil || wanted == bufferClass
      else { continue }
      found.append((task, record))
    }
    let byUrgency: Bool
    switch simulation.processors[Int(host)].waiting {
    case .poll, .priority: byUrgency = true
    case .fifo, .event: byUrgency = false
    }
    found.sort { first, second in
      if byUrgency && first.record.priority != second.record.priority {
        return first.record.priority < second.record.priority
      }
      return first.record.waitOrder < second.record.waitOrder
    }
    return vm.makeList(found.map { waiter($0.task, $0.record, shape) })
  }

  private func waitersOfFurther(_ id: NodeID) -> Value {
    note(.variables)
    note(.now)
    let shape = vm.shape(["task", "class", "who", "priority", "waited"].map { vm.intern($0) })
    let rows = simulation.pools[Int(tree[id].object)].waiters.map { task in
      let record = simulation.tasks[Int(task)]
      return vm.makeRecord(
        shape,
        [
          taskNode(task), vm.symbol(name(tree[id].name)), role(ofTask: task) ?? vm.symbol("app"),
          .int(Int64(record.priority)),
          .time(nanoseconds: (observedNow - record.waitSince).nanoseconds),
        ])
    }
    return vm.makeList(rows)
  }

  private func waiter(_ task: Int32, _ record: TaskRecord, _ shape: Int) -> Value {
    guard case .buffer(let bufferClass, let who, _)? = record.wait else { return .none }
    return vm.makeRecord(
      shape,
      [
        taskNode(task), vm.symbol(bufferClass == .mbufs ? "mbufs" : "clusters"),
        watch.eventShape.requesters[Int(who.rawValue)], .int(Int64(record.priority)),
        .time(nanoseconds: (observedNow - record.waitSince).nanoseconds),
      ])
  }
}
