// `holders(pool)`: a record for each owner and place.
//
// Each of these questions takes a host, its pool or one class of it. A host or a pool means the
// clusters where buffers are listed, and both classes together where they are counted, as `leaked`
// counts them.

import NetScript
import NetSim
import NetStack

extension Bench {
  /// The class that a node stands for; nil for a host or a whole pool.
  func bufferClass(of id: NodeID) -> BufferClass? {
    switch tree[id].role {
    case .place(.mbufs): .mbufs
    case .place(.clusters): .clusters
    default: nil
    }
  }

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
}
