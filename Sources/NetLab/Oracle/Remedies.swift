// What would untie a knot now, and what would not: settings that may change while a run runs, each
// tried in the wait-for graph.
//
// Links that heal and sources that stop need no trial: the graph takes all of that as done.

import NetScript
import NetSim
import NetStack

/// A setting of a host that somebody might change.
enum Remedy: CaseIterable {
  case dropFrees, keepalive, receiverFirst

  /// The line to type, for a host.
  func line(_ host: String) -> String {
    switch self {
    case .dropFrees: "\(host).tcp.drop_frees = true"
    case .keepalive: "\(host).tcp.always_keepalive = true"
    case .receiverFirst: "\(host).pool.allocator = policies.receiver_first"
    }
  }

  func apply(to state: inout KernelState) {
    switch self {
    case .dropFrees: state.tunables.dropFrees = true
    case .keepalive: state.tunables.alwaysKeepalive = true
    case .receiverFirst: state.clusterPool.allocator = .scriptAlways
    }
  }

  /// Whether it is so already.
  func isDone(_ state: KernelState) -> Bool {
    switch self {
    case .dropFrees: state.tunables.dropFrees
    case .keepalive: state.tunables.alwaysKeepalive
    case .receiverFirst: state.clusterPool.allocator != .firstCome
    }
  }
}

extension Bench {
  func remedyLines(_ graph: WaitGraph) -> [String] {
    let host = path(of: stations.records[Int(graph.host)].node)
    var (helps, fails): ([String], [String]) = ([], [])
    for remedy in Remedy.allCases where !remedy.isDone(graph.state) {
      if graph.isWedged(after: remedy) {
        fails.append(remedy.line(host))
      } else {
        helps.append(remedy.line(host))
      }
    }
    let when = foreseen(graph).last { $0.isDrop }.map { " (at \(moment($0.at)))" } ?? ""
    var lines: [String] = []
    for (place, line) in helps.enumerated() {
      lines.append((place == 0 ? "  would untie it:  " : "                   ") + line + when)
    }
    if helps.isEmpty { lines.append("  would untie it:  nothing that can be set now") }
    fails.append("a link that heals, a source that stops, more time")
    for (place, line) in fails.enumerated() {
      lines.append((place == 0 ? "  would not:       " : "                   ") + line)
    }
    return lines
  }
}

extension WaitGraph {
  /// Whether the host would still be in a knot, were this changed now.
  func isWedged(after remedy: Remedy) -> Bool {
    let receivers = simulation.receiveTasks(of: host)
    let isWaiting = receivers.contains { simulation.tasks[Int($0)].state == .polling }
    let grants: WouldGrant =
      remedy == .receiverFirst
      ? { task, _, free in free > 0 && (receivers.contains(task) || !isWaiting) } : wouldGrant
    return WaitGraph(
      simulation, host: host, trusts: trusts, after: remedy, wouldGrant: grants
    ).isWedged
  }
}
