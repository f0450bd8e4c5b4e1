// `why x`: the knot in words, or what a task that is not in one waits for.
//
// Everything printed is read from the wait-for graph; nothing is remembered. At most 80 columns.

import NetScript
import NetSim
import NetStack

extension Bench {
  /// The explanation of a host or a task, as lines.
  func oracleWhy(_ id: NodeID) -> [String] {
    let hosts = hostsOfQuestion(id)
    // Of an instance on several hosts: where it stands still.
    guard let host = hosts.first(where: { oracleWedged(id, on: $0) }) ?? hosts.first else {
      return ["\(path(of: id)): nothing here waits on a host"]
    }
    let graph = waitGraph(of: host)
    let members = oracleTasks(id, on: host).filter { !graph.moves($0) }
    let knot = graph.knot
    if knot.isEmpty && graph.deafInterfaces.isEmpty { return explainWaits(id, graph) }
    if members.isEmpty && graph.deafInterfaces.isEmpty { return explainWaits(id, graph) }
    return explainKnot(graph, knot)
  }

  // MARK: a knot

  private func explainKnot(_ graph: WaitGraph, _ knot: [Int32]) -> [String] {
    let clusters = graph.state.clusterPool
    let since = knot.compactMap { simulation.tasks[Int($0)].blockedSince }.max() ?? simulation.now
    let noun = knot.count == 1 ? "task" : "tasks"
    var lines = ["WEDGED since \(moment(since))"]
    if knot.isEmpty {
      lines[0] += ": " + deafness(graph)
    } else if !knot.contains(where: { simulation.tasks[Int($0)].state == .polling }) {
      lines[0] += ": a knot of \(knot.count) \(noun)"
    } else {
      lines[0] += ": a knot of \(knot.count) \(noun) around \(clusters.total) clusters"
    }
    lines.append("  no armed timer unties it; each waits for what the other must give back")
    let width = knot.map { shortName(ofTask: $0).utf8.count }.max() ?? 0
    for task in knot {
      lines.append("  " + pad(shortName(ofTask: task), width) + "  " + waitText(task, graph))
      if sleepsBelowSosend(task) {
        lines.append("  " + pad("", width) + "  it sees no so_error before it has one")
      }
    }
    if graph.stack == nil { return lines }
    lines += explainHolders(graph, knot)
    lines += explainCaptives(graph)
    lines += explainTimers(graph)
    return lines
  }

  /// How an interface has come to take nothing in.
  private func deafness(_ graph: WaitGraph) -> String {
    guard let deaf = graph.deafInterfaces.first else { return "nothing comes in" }
    switch graph.interfaces[Int(deaf)].refill {
    case .wait, .reuse: return "a driver drops every frame for want of a cluster"
    case .retry: return "a receive ring has no buffer left, and none comes back"
    case .abandon: return "a receive ring is full, and no interrupt is left to empty it"
    }
  }

  private func explainHolders(_ graph: WaitGraph, _ knot: [Int32]) -> [String] {
    let bufferClass = awaitedClass(knot)
    var lines: [String] = []
    let title = bufferClass == .mbufs ? "mbufs" : "clusters"
    for release in graph.releases(bufferClass) where release.count > 0 {
      let head = lines.isEmpty ? title : String(repeating: " ", count: title.utf8.count)
      let count = pad("\(release.count)", 4, right: true)
      lines.append(
        "  \(head)\(count) in " + pad(holderText(release, graph), 24) + releaseText(release, graph))
    }
    return lines
  }

  private func explainCaptives(_ graph: WaitGraph) -> [String] {
    var lines: [String] = []
    for interface in graph.interfaces.indices {
      let captive = graph.captiveFrames(on: Int32(interface))
      if captive.frames == 0 { continue }
      let nic = interfaceName(Int32(interface), of: graph.host)
      let isOne = captive.acknowledgments == 1
      lines.append(
        "  \(captive.acknowledgments) \(isOne ? "ACK lies" : "ACKs lie") captive among "
          + "\(captive.frames) frames in \(nic)'s ring")
      if captive.clustersFreed > 0 {
        lines.append(
          "  processed, \(isOne ? "it" : "they") would free \(captive.clustersFreed) clusters")
      }
    }
    return lines
  }

  private func explainTimers(_ graph: WaitGraph) -> [String] {
    var lines: [String] = []
    for pcb in graph.stack.connections {
      let socket = graph.stack.pcb(pcb).socket
      let name = ownerName(ofSocket: socket, graph)
      for timer in TCPTimer.allCases {
        guard let at = graph.stack.expiry(of: timer, ofConnection: pcb) else { continue }
        if timer == .keep && !graph.keepaliveIsOn(pcb) { continue }
        let due = moment(at)
        lines.append("  timer \(timer.name) of \(name), \(due): " + timerText(timer, graph))
      }
    }
    if lines.isEmpty { lines.append("  timers: none is armed; no connection is left") }
    return lines
  }

  private func timerText(_ timer: TCPTimer, _ graph: WaitGraph) -> String {
    switch timer {
    case .rexmt:
      return graph.state.tunables.dropFrees
        ? "drops in the end, and frees" : "drops in the end, frees nothing"
    case .persist: return "asks for a window; unanswered, drops in the end"
    case .keep: return "probes, then drops, frees nothing"
    case .msl2: return "ends TIME_WAIT, frees nothing"
    }
  }

  private func sleepsBelowSosend(_ task: Int32) -> Bool {
    if case .buffer(_, .app, let socket)? = simulation.tasks[Int(task)].wait { return socket >= 0 }
    return false
  }

  // MARK: no knot

  private func explainWaits(_ id: NodeID, _ graph: WaitGraph) -> [String] {
    var lines = ["\(path(of: id)): not wedged"]
    for task in oracleTasks(id, on: graph.host) {
      let record = simulation.tasks[Int(task)]
      if record.wait == nil && record.state != .locked && record.programWait == nil { continue }
      lines.append("  \(shortName(ofTask: task)): " + waitText(task, graph))
    }
    return lines
  }
}
