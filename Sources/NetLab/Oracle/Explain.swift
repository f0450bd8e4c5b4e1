// Questions that are answered by a table: `holders(pool)`, `waiters(pool)`; and by a map:
// `baseline(x)`, `diff(x, base)`.
//
// Each takes a host, its pool or one class of it. A host or a pool means the clusters where buffers
// are listed, and both classes together where they are counted, as `leaked` counts them.

import NetScript
import NetSim
import NetStack

/// Where a host's buffers lay at one moment.
struct HeldCounts {
  var mbufs = PlaceCounts()
  var clusters = PlaceCounts()

  /// Of one class, or of both together.
  func count(_ place: Place, _ bufferClass: BufferClass?) -> Int64 {
    switch bufferClass {
    case .mbufs: Int64(mbufs[place])
    case .clusters: Int64(clusters[place])
    case nil: Int64(mbufs[place]) + Int64(clusters[place])
    }
  }
}

extension Bench {
  /// The class that a node stands for; nil for a host or a whole pool.
  private func bufferClass(of id: NodeID) -> BufferClass? {
    switch tree[id].role {
    case .place(.mbufs): .mbufs
    case .place(.clusters): .clusters
    default: nil
    }
  }

  private func heldCounts(of host: Int32) -> HeldCounts {
    let stack = simulation.processors[Int(host)].stack
    guard stack >= 0 else { return HeldCounts() }
    let state = simulation.hosts[Int(stack)].state
    return HeldCounts(mbufs: state.heldMbufs, clusters: state.heldClusters)
  }

  // MARK: Who holds buffers

  /// A record for each owner and place, the largest first. Who owns a socket buffer is the socket,
  /// that a script can ask for its peer and abort.
  func oracleHolders(_ id: NodeID) -> Value {
    if tree[id].role == .builtin(.bufferClass) { return holdersOfFurther(id) }
    guard let host = stacksOfQuestion(id).first else { return vm.makeList([]) }
    note(.pool, host: host)
    note(.now)
    let bufferClass = bufferClass(of: id) ?? .clusters
    let graph = waitGraph(of: host)
    let ages = oldest(graph)
    let shape = vm.shape(["owner", "place", "count", "share", "oldest"].map { vm.intern($0) })
    let total = Int64(graph.stack.pool(bufferClass).total)
    var rows: [(count: Int32, record: Value)] = []
    for release in graph.releases(bufferClass) where release.count > 0 {
      let owner: Value
      switch release.place {
      case .sndbuf, .rcvbuf:
        let stack = stations.records[Int(host)].stack
        owner = socketNode(host: host, stack: stack, index: release.holder)
      default: owner = vm.makeString(holderText(release, graph))
      }
      let since = ages.first { $0.place == release.place && $0.holder == release.holder }?.since
      let age = since.map { Value.time(nanoseconds: (observedNow - $0).nanoseconds) }
      let values: [Value] = [
        owner, vm.symbol(release.place.name), .int(Int64(release.count)),
        .quantity(Int64(release.count) * 1_000_000_000 / total, .none, unit: Bench.percent),
        bufferClass == .clusters ? age ?? .none : .none,
      ]
      rows.append((release.count, vm.makeRecord(shape, values)))
    }
    // Equal ones stay in the order of the graph.
    let order = rows.indices.sorted {
      rows[$0].count != rows[$1].count ? rows[$0].count > rows[$1].count : $0 < $1
    }
    return vm.makeList(order.map { rows[$0].record })
  }

  private func holdersOfFurther(_ id: NodeID) -> Value {
    note(.variables)
    note(.now)
    let shape = vm.shape(["owner", "place", "count", "share", "oldest"].map { vm.intern($0) })
    let total = Int64(simulation.pools[Int(tree[id].object)].counters.total)
    let rows = poolHolders(tree[id].object).map { row in
      let owner = vm.makeString(row.owner)
      return vm.makeRecord(
        shape,
        [
          owner, vm.symbol(row.isQueue ? "queue" : "hand"), .int(Int64(row.count)),
          .quantity(Int64(row.count) * 1_000_000_000 / total, .none, unit: Bench.percent),
          .time(nanoseconds: (observedNow - row.since).nanoseconds),
        ])
    }
    return vm.makeList(rows)
  }

  /// Since when the first of a holder's clusters is out.
  private func oldest(_ graph: WaitGraph) -> [(place: Place, holder: Int32, since: Instant)] {
    var found: [(place: Place, holder: Int32, since: Instant)] = []
    for index in 0..<graph.state.clusterPool.total {
      let cluster = graph.stack.cluster(index)
      guard let place = cluster.place else { continue }
      let holder = place == .sndbuf || place == .rcvbuf ? cluster.holder : -1
      if let known = found.firstIndex(where: { $0.place == place && $0.holder == holder }) {
        found[known].since = min(found[known].since, cluster.since)
      } else {
        found.append((place, holder, cluster.since))
      }
    }
    return found
  }

  // MARK: Who waits for one

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

  // MARK: What has changed

  /// The events of time 0 are done: rings are filled, and `diff` compares with this.
  func noteTimeZero() {
    watch.timeZero = simulation.processors.indices.map { heldCounts(of: Int32($0)) }
  }

  /// `baseline(x)`: a map of place to count.
  func oracleBaseline(_ id: NodeID) -> Value {
    let bufferClass = bufferClass(of: id)
    return census(id) { place, now in now.count(place, bufferClass) }
  }

  /// `diff(x, base)`: a map of place to change; empty when nothing has.
  func oracleDiff(_ id: NodeID, since base: Value, at span: SourceSpan) throws(RuntimeError)
    -> Value
  {
    let bufferClass = bufferClass(of: id)
    if base.isNone {
      let hosts = stacksOfQuestion(id)
      let zero = hosts.first.flatMap { watch.timeZero?[Int($0)] } ?? HeldCounts()
      return census(id) { place, now in
        now.count(place, bufferClass) - zero.count(place, bufferClass)
      }
    }
    guard base.tag == .map else {
      throw RuntimeError(
        "N450", "`diff` compares with what `baseline` gave, and got \(vm.text(base))", at: span,
        help: "`let base = baseline(server)`, later `diff(server, base)`; or `diff(server)`")
    }
    return census(id) { place, now in
      let key = self.vm.symbol(place.name)
      return now.count(place, bufferClass) - (self.vm.mapValue(base, key)?.asInt ?? 0)
    }
  }

  private func census(_ id: NodeID, _ count: (Place, HeldCounts) -> Int64) -> Value {
    var pairs: [(Value, Value)] = []
    if let host = stacksOfQuestion(id).first {
      note(.pool, host: host)
      let now = heldCounts(of: host)
      for place in Place.allCases {
        let number = count(place, now)
        if number != 0 { pairs.append((vm.symbol(place.name), .int(number))) }
      }
    }
    return vm.makeMap(pairs)
  }
}
