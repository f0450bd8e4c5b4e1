// Who is refused, again and again: what `why` says where nobody stands in a line for a buffer, and
// what the other end of a connection lacks.
//
// A request that is refused at once leaves no waiter behind. So pools count their refusals; told of
// are those of the last second, and those since when nobody was granted anything.

import NetScript
import NetSim
import NetStack

extension Bench {
  /// What the pools of a host have refused.
  func refusalLines(of host: Int32) -> [String] {
    var lines: [String] = []
    for text in refusals(of: host) {
      lines.append("  \(lines.isEmpty ? "refused" : "       ")  \(text.what)")
      lines.append("           \(text.held)")
    }
    return lines
  }

  /// What the other end of the connection that a task waits for has refused, or has no room for.
  func peerLines(of task: Int32, _ graph: WaitGraph) -> [String] {
    guard let socket = connectionSocket(of: task), Int(socket) < graph.sockets.count,
      graph.sockets[Int(socket)].pcb >= 0,
      let peer = simulation.peer(ofConnection: graph.sockets[Int(socket)].pcb, on: graph.host)
    else { return [] }
    let name = path(of: stations.records[Int(peer.host)].node)
    let pools = refusals(of: peer.host).flatMap { ["`\(name)` refused \($0.what)", $0.held] }
    return pools + [gapText(peer, name)].compactMap { $0 }
  }

  /// The socket whose peer could release a task.
  private func connectionSocket(of task: Int32) -> Int32? {
    switch simulation.tasks[Int(task)].wait {
    case .connection(let socket), .socketSpace(let socket), .socketData(let socket),
      .lingering(let socket):
      return socket
    default: return nil
    }
  }

  /// A reassembly queue at its cap, which keeps out the segment that would empty it.
  private func gapText(_ peer: (host: Int32, pcb: Int32), _ name: String) -> String? {
    guard peer.pcb >= 0 else { return nil }
    let stack = simulation.hosts[Int(simulation.processors[Int(peer.host)].stack)]
    let count = stack.state.statistics.tcpReassemblyFullNext
    let waiting = stack.tcpcb(peer.pcb).reassemblyCount
    if count == 0 || waiting == 0 { return nil }
    return "`\(name)` refused what fills the gap \(times(count)): \(waiting) wait behind it"
  }

  // MARK: pools

  private func refusals(of host: Int32) -> [(what: String, held: String)] {
    var texts: [(what: String, held: String)] = []
    if simulation.processors[Int(host)].stack >= 0 {
      let graph = waitGraph(of: host)
      for bufferClass in [BufferClass.mbufs, .clusters] {
        let kind = BufferKind(bufferClass)
        let pool = graph.stack.pool(kind)
        guard isTold(pool) else { continue }
        let rows = graph.releases(kind).map { release in
          (owner: holderText(release, graph), count: release.count)
        }
        texts.append(
          (what(pool, bufferClass == .mbufs ? "an mbuf" : "a cluster"), held(pool, rows)))
      }
    }
    for number in simulation.pools.indices where simulation.pools[number].host == host {
      let pool = counters(ofPool: Int32(number))
      guard isTold(pool) else { continue }
      let rows = poolHolders(Int32(number)).map { row in
        (owner: row.isQueue ? "`\(row.owner)`" : row.owner, count: row.count)
      }
      let name = path(of: programs.pools[number].node)
      texts.append((what(pool, "a buffer of `\(name)`"), held(pool, rows)))
    }
    return texts
  }

  /// Where a pool serves the stack, the kernel counts.
  private func counters(ofPool number: Int32) -> Pool {
    let pool = simulation.pools[Int(number)]
    guard pool.servesStack else { return pool.counters }
    let stack = simulation.hosts[Int(simulation.processors[Int(pool.host)].stack)]
    return stack.sizeClass(pool: number)?.pool ?? stack.served(pool: number)?.pool ?? pool.counters
  }

  private func isTold(_ pool: Pool) -> Bool {
    let refusals = pool.refusals
    if refusals.count == 0 { return false }
    return refusals.grants == pool.grants || observedNow - refusals.last <= .seconds(1)
  }

  private func what(_ pool: Pool, _ kind: String) -> String {
    let refusals = pool.refusals
    if refusals.count == 1 { return "\(kind), once, at \(moment(refusals.first))" }
    return "\(kind), \(times(refusals.count)), "
      + "from \(moment(refusals.first)) to \(moment(refusals.last))"
  }

  /// How many are out, and who has most of them.
  private func held(_ pool: Pool, _ rows: [(owner: String, count: Int32)]) -> String {
    var owners: [(owner: String, count: Int32)] = []
    for row in rows where row.count > 0 {
      if let known = owners.firstIndex(where: { $0.owner == row.owner }) {
        owners[known].count += row.count
      } else {
        owners.append(row)
      }
    }
    let out = pool.total - pool.free
    let text = pool.free == 0 ? "all \(pool.total) are out" : "\(out) of \(pool.total) are out"
    guard let most = owners.max(by: { $0.count < $1.count }) else { return text }
    return text + (most.count == out ? ", in " : ", \(most.count) of them in ") + most.owner
  }

  private func times(_ count: Int64) -> String {
    count == 1 ? "once" : "\(Spelling.grouped(count)) times"
  }
}
