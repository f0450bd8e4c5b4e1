// `stalled(x, D)`: x had work and made no progress for D. Empirical, where `wedged` is a proof:
// when the two disagree for long, one of them is wrong.
//
// A run that may ask watches each `progress()` from time 0, so that the moment of the last progress
// is known exactly whoever asks, and when; in between the predicate says when it would flip.

import NetScript
import NetSim
import NetStack

/// What is remembered of one instance between two looks.
struct ProgressRecord {
  var node: NodeID
  /// Place of its `progress()` among the observed.
  var observed: Int
  /// Pin of the value it gave last, or -1.
  var last = -1
  var changedAt = Instant.zero
  var wasActive = false
  /// Its tasks; one without any has work all the time.
  var tasks: [Int32]
}

/// All instances that can be asked for their progress. Empty when nothing in the run asks.
struct ProgressTable {
  var records: [ProgressRecord] = []
}

extension Bench {
  /// - Throws: N230 when an instance has no `progress()`.
  func oracleStalled(
    _ id: NodeID, for span: TimeSpan, at place: SourceSpan
  ) throws(RuntimeError) -> Bool {
    guard let since = try stalledSince(id, at: place) else { return false }
    let flip = since + span
    if observedNow >= flip {
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
    let record = progress.records[index]
    for task in record.tasks { note(.work, host: simulation.tasks[Int(task)].host) }
    // A question about later is about progress as it is.
    if watch.hypothetical == nil { try refreshProgress(index) }
    readLog?.formUnion(watch.observed[record.observed].reads)
    return progress.records[index].wasActive ? progress.records[index].changedAt : nil
  }

  /// Takes down when `progress()` gave another value, or its instance became active.
  private func refreshProgress(_ index: Int) throws(RuntimeError) {
    let record = progress.records[index]
    let isActive =
      record.tasks.isEmpty
      || record.tasks.contains { simulation.tasks[Int($0)].state != .dormant }
    if record.last >= 0, isActive == record.wasActive, !isStale(record.observed) { return }
    let value = try observe(record.observed)
    let changed = record.last < 0 || !vm.equal(vm.pinned(record.last), value)
    if changed {
      if record.last >= 0 { vm.unpin(record.last) }
      progress.records[index].last = vm.pin(value)
    }
    if changed || (isActive && !record.wasActive) {
      progress.records[index].changedAt = simulation.now
    }
    progress.records[index].wasActive = isActive
  }

  /// Everybody's progress at this look, before anybody asks.
  func lookAtProgress() throws(RuntimeError) {
    for index in progress.records.indices { try refreshProgress(index) }
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
    guard stack >= 0 else { return latest }
    let reader = oldestReader(on: host)
    guard simulation.hosts[stack].hasDataToSend || reader != nil else { return latest }
    let progressAt = simulation.hosts[stack].progressAt
    if simulation.hosts[stack].hasDataToSend { latest = max(latest ?? progressAt, progressAt) }
    if let reader { latest = max(latest ?? reader, reader, progressAt) }
    return latest
  }

  /// Since when the first of a host's tasks that wait for data does so.
  private func oldestReader(on host: Int32) -> Instant? {
    var oldest: Instant? = nil
    for task in simulation.tasks(of: host) where simulation.tasks[Int(task)].isReading {
      let since = simulation.tasks[Int(task)].waitSince
      oldest = min(oldest ?? since, since)
    }
    return oldest
  }

  private func taskSince(_ id: NodeID) -> Instant? {
    note(.task, host: tree[id].host)
    guard tree[id].object >= 0 else { return nil }
    return simulation.tasks[Int(tree[id].object)].blockedSince
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

  /// Time 0: every instance that can be asked, if something in this run asks.
  func watchProgress() {
    guard plan.mentions([.stalled]) else { return }
    for id in declared {
      guard case .instance = tree[id].role else { continue }
      for member in tree[id].members where name(member.name) == "progress" {
        let observed = addObserved(vm.read(member.value), at: tree[id].span ?? program.root.span)
        progress.records.append(
          ProgressRecord(node: id, observed: observed, tasks: instanceTasks(id)))
      }
    }
    var reads = ReadSet()
    for record in progress.records {
      for task in record.tasks { reads.insert(.work, host: simulation.tasks[Int(task)].host) }
    }
    watch.versions.watch(reads)
  }
}

extension TaskRecord {
  /// In `read` or `recvfrom`, with nothing there. A `select` waits for connections too.
  var isReading: Bool {
    if state == .waiting, case .socketData? = wait { return true }
    return false
  }
}
