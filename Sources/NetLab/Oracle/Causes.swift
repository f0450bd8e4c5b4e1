// What `cause(x)` asks of a twin: which knot, since when, and what might have helped.

import NetScript
import NetSim
import NetStack

extension Bench {
  /// Records with the fields part, at, event and what: the decision first. Empty when x is not
  /// wedged, and in a twin.
  func oracleCause(_ id: NodeID) -> Value {
    guard let host = hostsOfQuestion(id).first(where: { oracleWedged(id, on: $0) }), !isTwin else {
      return vm.makeList([])
    }
    return vm.makeList(causeRows(waitGraph(of: host)).map(causeRecord))
  }

  private func causeRows(_ graph: WaitGraph) -> [CauseRow] {
    let cures = cures(graph)
    if cures.isEmpty {
      return [unknownCause("no policy to set, no source to stop, no link to heal")]
    }
    if wedgedSince(graph)?.event == 0 {
      return [unknownCause("it was so before anything happened")]
    }
    let origin = self.origin?() ?? Origin(plan, monitor: watch.monitor)
    // All members may wait while something is left that unties them, and is gone later. Whoever
    // begins to wait does so behind an event: a world that is halted there stands before it.
    let since = wedgedSince(graph)
    for wedge in [since, nil] {
      let event = (wedge?.event ?? simulation.events) + 1
      guard let twin = Workbench.twin(of: origin, like: plan, at: event) else { break }
      guard twin.bench.waitGraph(of: graph.host).isWedged else { continue }
      let search = CauseSearch(
        twin, host: graph.host, members: graph.knot, wedge: wedge, cures: cures)
      return search.rows()
    }
    return [unknownCause("the run could not be done again: Ctrl-C, or a file has changed")]
  }

  private func unknownCause(_ what: String) -> CauseRow {
    CauseRow(part: .unknown, at: simulation.now, event: simulation.events, what: what)
  }

  private func causeRecord(_ row: CauseRow) -> Value {
    let shape = vm.shape(["part", "at", "event", "what"].map { vm.intern($0) })
    return vm.makeRecord(
      shape,
      [
        vm.symbol(row.part.rawValue), .time(nanoseconds: row.at.nanoseconds), .int(row.event),
        vm.makeString(row.what),
      ])
  }

  /// Another policy, sources that stop, links that heal.
  private func cures(_ graph: WaitGraph) -> [Cure] {
    let host = path(of: stations.records[Int(graph.host)].node)
    var found: [Cure] = []
    if graph.stack != nil && !Remedy.receiverFirst.isDone(graph.state) {
      found.append(
        Cure(
          preparation: "import \"std/policies\" as policies", line: Remedy.receiverFirst.line(host))
      )
    }
    let sources = declared.filter { id in
      guard case .instance = tree[id].role, isActive(id) else { return false }
      return tree[id].parent == Tree.root
    }
    let stops = sources.map { path(of: $0) + ".stop()" }
    for line in [stops, healings] where !line.isEmpty {
      found.append(Cure(line: line.joined(separator: "; ")))
    }
    return found
  }

  /// Interfaces that are down go up, links lose nothing more.
  private var healings: [String] {
    var lines: [String] = []
    for record in stations.records {
      for attachment in record.attachments where !simulation.ports[Int(attachment.port)].isUp {
        lines.append(path(of: attachment.node) + ".up = true")
      }
    }
    for link in stations.links where !(ownField(link, words.symbol(.fault)) ?? .none).isNone {
      lines.append(path(of: link) + ".fault = .pass")
    }
    return lines
  }
}
