// Pools of a script in the wait-for graph: who could give a buffer back, and `why` in words.
//
// A buffer belongs to the task that took it, or got it out of a queue; one that lies in a queue
// comes back from the tasks that take from there. Who has once freed another's counts for all.
// Whether the script itself gives one back, outside of tasks, is not known.

import NetScript
import NetSim
import NetStack

extension WaitGraph {
  func bufferComes(_ number: Int32, to task: Int32) -> Bool {
    let pool = simulation.pools[Int(number)]
    let wanted = Int(simulation.tasks[Int(task)].wanted)
    let returning = pool.buffers.count { $0.isOut && givesBack($0, pool) }
    let comesBack = returning > 0
    let seen = pool.counters.free - pool.lostWakes
    if pool.counters.allocator == .firstCome { return Int(seen) + returning >= wanted }
    if !comesBack {
      return seen > 0 && wouldGrant(task, .clusters, pool.counters.free)
    }
    return (1...pool.counters.total).contains { wouldGrant(task, .clusters, $0) }
  }

  private func givesBack(_ buffer: PoolBuffer, _ pool: BufferPool) -> Bool {
    if anyGoesOn(pool.releasers) { return true }
    if buffer.queue >= 0 {
      let takers = simulation.queues[Int(buffer.queue)].takers
      return takers.isEmpty ? trusts : anyGoesOn(takers)
    }
    return anyGoesOn([buffer.owner])
  }

  /// -1 is the script outside of tasks.
  private func anyGoesOn(_ tasks: [Int32]) -> Bool {
    tasks.contains { $0 < 0 ? trusts : goesOn($0) }
  }
}

extension Bench {
  /// "waits for a buffer of `tx`: 5 in sysworkq's hands, 3 in `work`".
  func poolText(_ number: Int32) -> String {
    var text = "waits for a buffer of `\(path(of: programs.pools[Int(number)].node))`"
    var separator = ": "
    for row in poolHolders(number) {
      text +=
        separator + "\(row.count) in " + (row.isQueue ? "`\(row.owner)`" : row.owner + "'s hands")
      separator = ", "
    }
    return text
  }

  struct PoolHolder {
    var owner: String
    /// The socket itself, in a pool of sockets.
    var socket = Value.none
    var isQueue: Bool
    var count: Int32
    /// When each was taken; nothing of those that serve the stack, which does not keep it.
    var since: [Instant] = []
    var octets: Int64
    var site: String
    var until: String
  }

  /// What the stack has taken them for.
  private func poolUses(_ number: Int32) -> [PoolHolder] {
    let host = simulation.pools[Int(number)].host
    let stack = Int(simulation.processors[Int(host)].stack)
    if let sizeClass = simulation.hosts[stack].sizeClass(pool: number) {
      return holders(of: sizeClass, number, on: host)
    }
    let uses = simulation.hosts[stack].served(pool: number)?.uses ?? []
    return uses.filter { $0.1 > 0 }.flatMap { use, count in
      use == .socket ? sockets(of: host, number) : [poolHolder(of: use, count, number)]
    }
  }

  private func poolHolder(of use: BufferUse, _ count: Int32, _ number: Int32) -> PoolHolder {
    PoolHolder(
      owner: use.words.owner, isQueue: false, count: count,
      octets: Int64(count) * programs.pools[Int(number)].size, site: use.words.site,
      until: use.words.until)
  }

  /// Each socket by itself: whose it is, and what it waits for to be freed.
  private func sockets(of host: Int32, _ number: Int32) -> [PoolHolder] {
    let stack = simulation.processors[Int(host)].stack
    let graph = waitGraph(of: host)
    return graph.sockets.indices.filter { graph.sockets[$0].inUse }.map { index in
      var row = poolHolder(of: .socket, 1, number)
      row.owner = ownerName(ofSocket: Int32(index), graph)
      row.socket = socketNode(host: host, stack: stack, index: Int32(index))
      row.until = socketEnd(graph.sockets[index], graph)
      return row
    }
  }

  /// `a.server closes it, CLOSE_WAIT`; `its connection ends, FIN_WAIT_2`.
  private func socketEnd(_ socket: Socket, _ graph: WaitGraph) -> String {
    let isStream = socket.kind == .stream && socket.pcb >= 0
    let state = isStream ? ", \(graph.stack.tcpcb(socket.pcb).state.name)" : ""
    if socket.state.contains(.noDescriptor) { return "its connection ends" + state }
    if socket.owner < 0 { return "somebody closes it" + state }
    return shortName(ofTask: socket.owner) + " closes it" + state
  }

  /// Where the buffers of a size class lie.
  private func holders(of sizeClass: ClassPool, _ number: Int32, on host: Int32) -> [PoolHolder] {
    let graph = waitGraph(of: host)
    let rows = Place.allCases.filter { sizeClass.held[$0] > 0 }.map { place in
      PoolHolder(
        owner: place.name, isQueue: false, count: sizeClass.held[place],
        octets: Int64(sizeClass.held[place]) * programs.pools[Int(number)].size, site: "refill",
        until: graph.releaser(of: place, -1) ?? "")
    }
    return rows.sorted { $0.count > $1.count }
  }

  /// Who has a further pool's buffers, the largest first.
  func poolHolders(_ number: Int32) -> [PoolHolder] {
    var rows: [PoolHolder] = []
    if simulation.pools[Int(number)].servesStack { return poolUses(number) }
    let size = programs.pools[Int(number)].size
    for buffer in simulation.pools[Int(number)].buffers where buffer.isOut {
      let isQueue = buffer.queue >= 0
      let owner: String
      if isQueue {
        owner = describe(queueNode(buffer.queue))
      } else {
        owner = buffer.owner < 0 ? "the script" : path(of: stations.tasks[Int(buffer.owner)])
      }
      if let known = rows.firstIndex(where: { $0.owner == owner && $0.isQueue == isQueue }) {
        rows[known].count += 1
        rows[known].since.append(buffer.since)
        rows[known].octets += size
      } else {
        let until =
          isQueue ? "a task takes it" : (buffer.owner < 0 ? "the script" : "its task") + " frees it"
        rows.append(
          PoolHolder(
            owner: owner, isQueue: isQueue, count: 1, since: [buffer.since], octets: size,
            site: "alloc", until: until))
      }
    }
    let order = rows.indices.sorted {
      rows[$0].count != rows[$1].count ? rows[$0].count > rows[$1].count : $0 < $1
    }
    return order.map { rows[$0] }
  }
}
