// What scripts ask of the oracle: `wedged(x)`, `leaked(x)`, `holders(x)`; `stalled` is in Stalled.swift.

import NetScript
import NetSim
import NetStack

extension Bench {
  /// Whether nobody but a person can make `id` move again.
  ///
  /// A host: some task of it is in a knot, or an interface drops every frame for ever. A task, or an
  /// instance: one of its tasks cannot move.
  func oracleWedged(_ id: NodeID) -> Bool {
    note(.task, host: tree[id].host)
    note(.pool, host: tree[id].host)
    note(.tcp, host: tree[id].host)
    note(.socket, host: tree[id].host)
    guard let host = hostOfQuestion(id) else { return false }
    // A knot needs somebody who polls, or a driver that drops: most of the time there is neither.
    if simulation.pollerCount(of: host) == 0 && !dropsForWant(host) { return false }
    let graph = waitGraph(of: host)
    if case .builtin(.host) = tree[id].role { return graph.isWedged }
    return oracleTasks(id, on: host).contains { !graph.moves($0) }
  }

  /// Buffers of a host that no owner reaches any more, both classes together.
  func oracleLeaked(_ id: NodeID) -> Int64 {
    note(.pool, host: tree[id].host)
    guard let host = hostOfQuestion(id) else { return 0 }
    let state = simulation.hosts[Int(simulation.processors[Int(host)].stack)].state
    return Int64(state.heldClusters[.leaked])
  }

  // MARK: who is asked about

  /// The host with a stack that a question about `id` concerns; nil when there is none.
  func hostOfQuestion(_ id: NodeID) -> Int32? {
    if id.space != .tree { return nil }
    let host = tree[id].host
    if host >= 0, simulation.processors[Int(host)].stack >= 0 { return host }
    for task in instanceTasks(id) {
      let host = simulation.tasks[Int(task)].host
      if simulation.processors[Int(host)].stack >= 0 { return host }
    }
    return nil
  }

  /// Tasks that `id` stands for: all of a host's, those of an instance, or the one itself.
  func oracleTasks(_ id: NodeID, on host: Int32) -> [Int32] {
    if case .builtin(.host) = tree[id].role { return simulation.tasks(of: host) }
    return instanceTasks(id)
  }

  /// The tasks below a node, itself included.
  func instanceTasks(_ id: NodeID) -> [Int32] {
    var found: [Int32] = []
    for (task, node) in stations.tasks.enumerated() where isBelow(node, id) {
      found.append(Int32(task))
    }
    return found
  }

  private func isBelow(_ node: NodeID, _ top: NodeID) -> Bool {
    var at = node
    while at != .none, at.space == .tree {
      if at == top { return true }
      at = tree[at].parent
    }
    return false
  }

  private func dropsForWant(_ host: Int32) -> Bool {
    let stack = simulation.hosts[Int(simulation.processors[Int(host)].stack)]
    if stack.state.clusterPool.free > 0 { return false }
    for index in 0..<stack.interfaceCount where stack.interface(index).refill == .reuse {
      return true
    }
    return false
  }

  /// The graph of a host as it stands now.
  func waitGraph(of host: Int32) -> WaitGraph {
    WaitGraph(simulation, host: host) { [unowned self] task, bufferClass, free in
      self.policyWouldGrant(host: host, task: task, bufferClass: bufferClass, free: free)
    }
  }
}
