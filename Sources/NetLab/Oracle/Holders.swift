// `holders(pool)`: a record for each owner and place.
//
// Each of these questions takes a host, its pool or one class of it. A host or a pool means the
// clusters where buffers are listed, and both classes together where they are counted, as `leaked`
// counts them.

import NetScript
import NetSim
import NetStack

/// What one owner has at one place.
struct HolderRow {
  /// A socket, else text.
  var owner: Value
  var place: Value
  var count: Int64 = 0
  /// Octets of data in them; nil where a pool does not know.
  var payload: Int64?
  var pinned: Int64 = 0
  var ages = Ages()
  /// Who asked for them, the first one first.
  var sites: [String] = []
  /// What would make it give them back.
  var until: String
}

extension Bench {
  /// The class that a node stands for; nil for a host or a whole pool.
  func bufferClass(of id: NodeID) -> BufferClass? {
    switch tree[id].role {
    case .place(.mbufs): .mbufs
    case .place(.clusters): .clusters
    default: nil
    }
  }

  /// The largest first. Who owns a socket buffer is the socket, that a script can ask for its peer
  /// and abort.
  func oracleHolders(_ id: NodeID) -> Value {
    if tree[id].role == .builtin(.bufferClass) {
      note(.variables)
      note(.now)
      let pool = tree[id].object
      return holderTable(
        poolHolders(pool).map(holderRow), of: simulation.pools[Int(pool)].counters.total)
    }
    guard let host = stacksOfQuestion(id).first else { return vm.makeList([]) }
    note(.pool, host: host)
    note(.now)
    let bufferClass = bufferClass(of: id) ?? .clusters
    let graph = waitGraph(of: host)
    return holderTable(holderRows(bufferClass, graph), of: graph.stack.pool(bufferClass).total)
  }

  private func holderTable(_ rows: [HolderRow], of total: Int32) -> Value {
    let names = [
      "owner", "place", "count", "share", "oldest", "payload", "pinned", "ages", "site", "until",
    ]
    let shape = vm.shape(names.map { vm.intern($0) })
    // Equal ones stay in the order in which they were found.
    let order = rows.indices.sorted {
      rows[$0].count != rows[$1].count ? rows[$0].count > rows[$1].count : $0 < $1
    }
    let records = order.map { index -> Value in
      let row = rows[index]
      return vm.makeRecord(
        shape,
        [
          row.owner, row.place, .int(row.count),
          .quantity(row.count * 1_000_000_000 / Int64(total), .none, unit: Bench.percent),
          row.ages.oldest.map { .time(nanoseconds: $0.nanoseconds) } ?? .none,
          row.payload.map { .data(octets: $0) } ?? .none, .data(octets: row.pinned),
          vm.makeString(row.ages.text), vm.makeString(joined(row.sites)), vm.makeString(row.until),
        ])
    }
    return vm.makeList(records)
  }

  // MARK: of a stack

  /// Who has buffers of one class: sockets, queues, rings and tasks, each by itself.
  func holderRows(_ bufferClass: BufferClass, _ graph: WaitGraph) -> [HolderRow] {
    struct Key: Equatable {
      var place: Place
      var holder: Int32
      var isTemplate: Bool
    }
    var keys: [Key] = []
    var rows: [HolderRow] = []
    let octets = Int64(bufferClass == .mbufs ? BufferSize.mbuf : BufferSize.cluster)
    for buffer in graph.stack.heldBuffers(bufferClass) {
      let isTemplate = buffer.place == .hand && buffer.site == .tcpTemplate
      let isAnyones = isTemplate || buffer.place == .leaked
      let key = Key(
        place: buffer.place, holder: isAnyones ? -1 : buffer.holder, isTemplate: isTemplate)
      let index: Int
      if let known = keys.firstIndex(of: key) {
        index = known
      } else {
        index = rows.count
        keys.append(key)
        rows.append(
          HolderRow(
            owner: isTemplate
              ? vm.makeString("connections") : holderValue(key.place, key.holder, graph),
            place: vm.symbol(key.place.name), payload: 0,
            until: isTemplate
              ? "its connection ends" : graph.releaser(of: key.place, key.holder) ?? "for good"))
      }
      rows[index].count += 1
      rows[index].payload = (rows[index].payload ?? 0) + Int64(buffer.payload)
      rows[index].pinned += octets
      rows[index].ages.add(observedNow - buffer.since)
      if !rows[index].sites.contains(buffer.site.name) {
        rows[index].sites.append(buffer.site.name)
      }
    }
    return rows
  }

  /// The socket, where a buffer is a socket's; else where it lies, in words.
  private func holderValue(_ place: Place, _ holder: Int32, _ graph: WaitGraph) -> Value {
    if place.isOfSocket {
      let stack = stations.records[Int(graph.host)].stack
      return socketNode(host: graph.host, stack: stack, index: holder)
    }
    if place == .hand && holder >= 0 {
      return vm.makeString(shortName(ofTask: holder) + "'s hand")
    }
    let release = Release(place: place, holder: -1, count: 0, isPossible: false, behind: [])
    let text = holderText(release, graph)
    guard graph.interfaces.count > 1, holder >= 0,
      place == .ring || place == .txring || place == .ifq
    else { return vm.makeString(text) }
    let words = text.split(separator: " ").dropFirst()
    return vm.makeString(
      words.reduce(interfaceName(holder, of: graph.host) + "'s") { $0 + " " + $1 })
  }

  // MARK: of a further pool

  private func holderRow(_ holder: PoolHolder) -> HolderRow {
    var row = HolderRow(
      owner: holder.socket.isNone ? vm.makeString(holder.owner) : holder.socket,
      place: vm.symbol(holder.isQueue ? "queue" : "hand"),
      count: Int64(holder.count), pinned: holder.octets, sites: [holder.site], until: holder.until)
    for since in holder.since { row.ages.add(observedNow - since) }
    return row
  }

  func joined(_ names: [String]) -> String {
    names.dropFirst().reduce(names.first ?? "") { $0 + ", " + $1 }
  }
}
