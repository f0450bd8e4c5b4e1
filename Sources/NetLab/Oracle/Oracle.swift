// What scripts ask of the oracle: `wedged(x)`, `leaked(x)`; `stalled` is in Stalled.swift,
// tables are in Holders.swift and Waiters.swift.

import NetScript
import NetSim
import NetStack

/// What the graph says of a place.
enum OracleAnswer: Equatable {
  case no, yes
  /// No, unless somebody does what cannot be known: which task waits for that.
  case unknown(waiter: Int32)
}

/// The last answer for each place that was asked about, host by host, and the state it was the
/// answer for.
struct OracleCache {
  struct Entry {
    var id: NodeID
    var host: Int32
    var record: AnswerRecord
  }

  private(set) var entries: [Entry] = []
  /// How often the script outside of tasks, or somebody at a prompt, has changed something.
  var deeds = 0
  /// An answer was refuted: once is enough.
  var hasErred = false
  /// For tests of what becomes of a wrong answer.
  var forced: OracleAnswer?

  func record(_ id: NodeID, on host: Int32) -> AnswerRecord? {
    for entry in entries where entry.id == id && entry.host == host { return entry.record }
    return nil
  }

  mutating func keep(_ record: AnswerRecord, for id: NodeID, on host: Int32) {
    for index in entries.indices where entries[index].id == id && entries[index].host == host {
      entries[index].record = record
      return
    }
    entries.append(Entry(id: id, host: host, record: record))
  }
}

extension Bench {
  /// Whether nobody but a person can make `id` move again.
  ///
  /// A host: some task of it is in a knot, or an interface drops every frame for ever. A task, or
  /// an instance: one of its tasks, on whatever host, cannot move.
  func oracleWedged(_ id: NodeID) -> Bool {
    if let host = ownHost(id) { return oracleWedged(id, on: host) }
    // All of them, whatever the first says: the answer depends on each.
    var answer = false
    for host in hostsOfQuestion(id) where oracleWedged(id, on: host) { answer = true }
    return answer
  }

  func oracleWedged(_ id: NodeID, on host: Int32) -> Bool {
    note(.waits, host: host)
    if simulation.hasListener(on: host) { note(.anything) }
    switch oracleAnswer(id, on: host) {
    case .no: return false
    case .yes: return true
    case .unknown(let waiter):
      noteUnknown(waiter: waiter)
      return false
    }
  }

  func oracleAnswer(_ id: NodeID, on host: Int32) -> OracleAnswer {
    let print = waitPrint(of: host)
    let known = verdicts.record(id, on: host)
    if let known { check(known, of: id, on: host, print: print) }
    if print == WaitPrint.plain { return .no }
    if let known, known.print == print { return known.answer }
    var answer = OracleAnswer.no
    let graph = waitGraph(of: host)
    if isWedged(id, graph) {
      answer = .yes
    } else {
      // Programs may wait for what cannot be known, and so may whoever wants a buffer: for a frame
      // that nobody is bound to send.
      let doubtful = waitGraph(of: host, trusts: false)
      if isWedged(id, doubtful) { answer = .unknown(waiter: firstStuck(id, doubtful)) }
    }
    if let forced = verdicts.forced { answer = forced }
    verdicts.keep(answerRecord(answer, print, id, on: host, graph), for: id, on: host)
    return answer
  }

  private func isWedged(_ id: NodeID, _ graph: WaitGraph) -> Bool {
    if case .builtin(.host) = tree[id].role {
      return !graph.deafInterfaces.isEmpty
        || graph.knot.contains { graph.trusts || !graph.idles($0) }
    }
    return oracleTasks(id, on: graph.host).contains { !graph.moves($0) && !graph.listens($0) }
  }

  private func firstStuck(_ id: NodeID, _ graph: WaitGraph) -> Int32 {
    let stuck = oracleTasks(id, on: graph.host).filter { !graph.moves($0) }
    return stuck.first { !graph.idles($0) } ?? stuck.first ?? -1
  }

  func waitPrint(of host: Int32) -> UInt64 {
    let tasks = simulation.tasks(of: host).map { Int($0) }
    let world = UnsafePointer(simulationMemory)
    return WaitPrint.of(host, tasks: WaitPrint.of(tasks: tasks, world), world)
  }

  /// Buffers of a host that no owner reaches any more, all classes together.
  func oracleLeaked(_ id: NodeID) -> Int64 {
    note(.pool, host: tree[id].host)
    var count: Int64 = 0
    for host in stacksOfQuestion(id) {
      let stack = simulation.hosts[Int(simulation.processors[Int(host)].stack)]
      count += Int64(stack.state.heldClusters[.leaked]) + Int64(stack.state.heldMbufs[.leaked])
      for index in 0..<stack.classCount { count += Int64(stack.sizeClass(index).held[.leaked]) }
    }
    return count
  }

  // MARK: who is asked about

  /// Those of its hosts that have a stack.
  func stacksOfQuestion(_ id: NodeID) -> [Int32] {
    hostsOfQuestion(id).filter { simulation.processors[Int($0)].stack >= 0 }
  }

  /// The hosts that a question about `id` concerns: its own, else those of its tasks.
  func hostsOfQuestion(_ id: NodeID) -> [Int32] {
    if id.space != .tree { return [] }
    if let host = ownHost(id) { return [host] }
    var found: [Int32] = []
    for task in instanceTasks(id) {
      let host = simulation.tasks[Int(task)].host
      if !found.contains(host) { found.append(host) }
    }
    return found
  }

  /// The host that a node stands in.
  private func ownHost(_ id: NodeID) -> Int32? {
    let host = tree[id].host
    return host >= 0 ? host : nil
  }

  /// Tasks of one host that `id` stands for: all of a host's, those of an instance, or the one
  /// itself.
  func oracleTasks(_ id: NodeID, on host: Int32) -> [Int32] {
    if case .builtin(.host) = tree[id].role { return simulation.tasks(of: host) }
    return instanceTasks(id).filter { simulation.tasks[Int($0)].host == host }
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
  func waitGraph(of host: Int32, trusts: Bool = true) -> WaitGraph {
    WaitGraph(simulation, host: host, trusts: trusts) {
      [unowned(unsafe) self] task, bufferClass, free in
      self.policyWouldGrant(host: host, task: task, bufferClass: bufferClass, free: free)
    }
  }
}
