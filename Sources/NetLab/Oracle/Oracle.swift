// What scripts ask of the oracle: `wedged(x)`, `leaked(x)`, `holders(x)`; `stalled` is in
// Stalled.swift.

import NetScript
import NetSim
import NetStack

/// The last answer for each place that was asked about, and the state it was the answer for.
struct OracleCache {
  private var entries: [(id: NodeID, print: UInt64, answer: Bool)] = []

  func answer(_ id: NodeID, _ print: UInt64) -> Bool? {
    for entry in entries where entry.id == id { return entry.print == print ? entry.answer : nil }
    return nil
  }

  mutating func keep(_ answer: Bool, for id: NodeID, _ print: UInt64) {
    for index in entries.indices where entries[index].id == id {
      entries[index] = (id, print, answer)
      return
    }
    entries.append((id, print, answer))
  }
}

extension Bench {
  /// Whether nobody but a person can make `id` move again.
  ///
  /// A host: some task of it is in a knot, or an interface drops every frame for ever. A task, or
  /// an instance: one of its tasks cannot move.
  func oracleWedged(_ id: NodeID) -> Bool {
    guard let host = hostOfQuestion(id) else { return false }
    note(.waits, host: host)
    let print = waitPrint(of: host)
    if print == WaitPrint.plain { return false }
    if let known = verdicts.answer(id, print) { return known }
    let graph = waitGraph(of: host)
    let answer: Bool
    if case .builtin(.host) = tree[id].role {
      answer = graph.isWedged
    } else {
      answer = oracleTasks(id, on: host).contains { !graph.moves($0) }
    }
    verdicts.keep(answer, for: id, print)
    return answer
  }

  private func waitPrint(of host: Int32) -> UInt64 {
    let tasks = simulation.tasks(of: host).map { Int($0) }
    let world = UnsafePointer(simulationMemory)
    return WaitPrint.of(host, tasks: WaitPrint.of(tasks: tasks, world), world)
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

  /// The graph of a host as it stands now.
  func waitGraph(of host: Int32) -> WaitGraph {
    WaitGraph(simulation, host: host) { [unowned(unsafe) self] task, bufferClass, free in
      self.policyWouldGrant(host: host, task: task, bufferClass: bufferClass, free: free)
    }
  }
}
