// `stalled(x, D)`: x had work and made no progress for D. Empirical, where `wedged` is a proof:
// when the two disagree for long, one of them is wrong.
//
// The predicate is looked at whenever something that it reads has changed, so that the moment of
// the last progress is known exactly; in between it says when it would flip.

import NetScript
import NetSim
import NetStack

/// What is remembered of one instance between two looks.
struct ProgressRecord {
  var node: NodeID
  /// Pin of `fn progress`.
  var function: Int
  /// Pin of the value it gave last, or -1.
  var last = -1
  var changedAt = Instant.zero
  var wasActive = false
  /// Its tasks.
  var tasks: [Int32]
}

/// All instances that can be asked for their progress, found when the first question comes.
struct ProgressTable {
  var records: [ProgressRecord] = []
  var isFilled = false
}

extension Bench {
  /// - Throws: N230 when an instance has no `progress()`.
  func oracleStalled(
    _ id: NodeID, for span: TimeSpan, at place: SourceSpan
  ) throws(RuntimeError) -> Bool {
    fillProgress()
    guard let since = try stalledSince(id, at: place) else { return false }
    let flip = since + span
    if simulation.now >= flip {
      note(.progress, host: tree[id].host)
      return true
    }
    // Progress can only put the flip off, and is found then.
    noteFlip(at: flip)
    return false
  }

  /// Since when x has work and no progress; nil when it has no work.
  private func stalledSince(
    _ id: NodeID, at place: SourceSpan
  ) throws(RuntimeError) -> Instant? {
    guard id.space == .tree else { throw noProgress(id, place) }
    switch tree[id].role {
    case .builtin(.host): return try hostSince(id)
    case .builtin(.task): return taskSince(id)
    case .builtin(.pool): return poolSince(id)
    case .instance:
      guard let index = progress.records.firstIndex(where: { $0.node == id }) else {
        throw noProgress(id, place)
      }
      return try instanceSince(index)
    default: throw noProgress(id, place)
    }
  }

  private func noProgress(_ id: NodeID, _ place: SourceSpan) -> RuntimeError {
    RuntimeError(
      "N230", "`\(path(of: id))` cannot be asked for its progress", at: place,
      help: "give its kind a `fn progress()`, or ask about a host, a task or a pool")
  }

  // MARK: the four kinds of thing

  private func instanceSince(_ index: Int) throws(RuntimeError) -> Instant? {
    note(.variables)
    let record = progress.records[index]
    for task in record.tasks { note(.work, host: simulation.tasks[Int(task)].host) }
    let isActive = record.tasks.contains { simulation.tasks[Int($0)].state != .dormant }
    let value = try vm.call(vm.pinned(record.function), budget: 100_000)
    let changed = record.last < 0 || !vm.equal(vm.pinned(record.last), value)
    if changed {
      if record.last >= 0 { vm.unpin(record.last) }
      progress.records[index].last = vm.pin(value)
    }
    if changed || (isActive && !record.wasActive) {
      progress.records[index].changedAt = simulation.now
    }
    progress.records[index].wasActive = isActive
    return isActive ? progress.records[index].changedAt : nil
  }

  /// A host: the latest progress of anything on it that has work.
  private func hostSince(_ id: NodeID) throws(RuntimeError) -> Instant? {
    let host = tree[id].host
    note(.work, host: host)
    var latest: Instant? = nil
    for index in progress.records.indices
    where progress.records[index].tasks.contains(where: { simulation.tasks[Int($0)].host == host })
    {
      if let since = try instanceSince(index) { latest = max(latest ?? since, since) }
    }
    let stack = Int(simulation.processors[Int(host)].stack)
    guard stack >= 0, simulation.hosts[stack].hasDataToSend else { return latest }
    let progressAt = simulation.hosts[stack].progressAt
    return max(latest ?? progressAt, progressAt)
  }

  private func taskSince(_ id: NodeID) -> Instant? {
    note(.task, host: tree[id].host)
    guard tree[id].object >= 0 else { return nil }
    let record = simulation.tasks[Int(tree[id].object)]
    switch record.state {
    case .waiting, .polling, .locked: return record.waitSince
    default: return nil
    }
  }

  /// A pool: since when its longest waiter waits, or since the last grant if that was later.
  private func poolSince(_ id: NodeID) -> Instant? {
    let host = tree[id].host
    note(.pool, host: host)
    note(.task, host: host)
    var oldest: Instant? = nil
    for task in simulation.tasks(of: host) {
      let record = simulation.tasks[Int(task)]
      guard record.state == .polling else { continue }
      oldest = min(oldest ?? record.waitSince, record.waitSince)
    }
    guard let oldest else { return nil }
    let state = simulation.hosts[Int(simulation.processors[Int(host)].stack)].state
    return max(oldest, state.clusterPool.grantedAt)
  }

  private func fillProgress() {
    if progress.isFilled { return }
    progress.isFilled = true
    for id in declared {
      guard case .instance = tree[id].role else { continue }
      for member in tree[id].members where name(member.name) == "progress" {
        progress.records.append(
          ProgressRecord(node: id, function: vm.pin(member.value), tasks: instanceTasks(id)))
      }
    }
  }
}
