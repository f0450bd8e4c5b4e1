// `blame(host)`: which task has kept how much for how long; and apart from those, who merely waits.
// The caller that is blocked is seldom the one that has the buffers.

import NetScript
import NetSim
import NetStack

/// Whoever has buffers of a host, of both classes, wherever they lie; or waits for one.
private struct Suspect {
  enum Who: Equatable {
    case task(Int32)
    /// A socket that no task has any more.
    case socket(Int32)
    /// Nobody: the buffers lie at a place and are no task's.
    case place(Place)
  }

  /// What it does with them, in the order of the list.
  enum Role: Int {
    case holds
    /// A receive task whose ring stands ready.
    case reserve
    /// It has no more than what it has in hand.
    case waits

    var name: String {
      switch self {
      case .holds: "holds"
      case .reserve: "reserve"
      case .waits: "waits"
      }
    }
  }

  let who: Who
  var mbufs: Int64 = 0
  var clusters: Int64 = 0
  var places: [Place] = []
  var oldest: TimeSpan = .zero
  /// Octets times seconds: what it has cost others so far.
  var weight = 0.0

  init(_ who: Who) { self.who = who }

  var pinned: Int64 {
    mbufs * Int64(BufferSize.mbuf) + clusters * Int64(BufferSize.cluster)
  }

  mutating func add(_ buffer: HeldBuffer, _ bufferClass: BufferClass, age: TimeSpan) {
    if bufferClass == .mbufs { mbufs += 1 } else { clusters += 1 }
    if !places.contains(buffer.place) { places.append(buffer.place) }
    oldest = max(oldest, age)
    let octets = bufferClass == .mbufs ? BufferSize.mbuf : BufferSize.cluster
    weight += Double(octets) * Double(age.nanoseconds) / 1e9
  }
}

extension Bench {
  /// Ranked by size times age; those whose ring stands ready behind them, then those who wait.
  func oracleBlame(_ id: NodeID) -> Value {
    guard tree[id].role != .builtin(.bufferClass), let host = stacksOfQuestion(id).first else {
      return vm.makeList([])
    }
    note(.pool, host: host)
    note(.task, host: host)
    note(.now)
    let suspects = suspects(waitGraph(of: host))
    let roles = suspects.map(role)
    let total = suspects.reduce(0.0) { $0 + $1.weight }
    let order = suspects.indices.sorted { one, other in
      if roles[one] != roles[other] { return roles[one].rawValue < roles[other].rawValue }
      if suspects[one].weight != suspects[other].weight {
        return suspects[one].weight > suspects[other].weight
      }
      return one < other
    }
    let names = [
      "owner", "role", "clusters", "mbufs", "pinned", "oldest", "share", "waited", "places",
    ]
    let shape = vm.shape(names.map { vm.intern($0) })
    return vm.makeList(order.map { record(suspects[$0], roles[$0], total, on: host, shape) })
  }

  private func suspects(_ graph: WaitGraph) -> [Suspect] {
    var suspects: [Suspect] = []
    func index(of who: Suspect.Who) -> Int {
      if let known = suspects.firstIndex(where: { $0.who == who }) { return known }
      suspects.append(Suspect(who))
      return suspects.count - 1
    }
    for bufferClass in [BufferClass.clusters, .mbufs] {
      for buffer in graph.stack.heldBuffers(bufferClass) {
        let index = index(of: holder(of: buffer, graph))
        suspects[index].add(buffer, bufferClass, age: observedNow - buffer.since)
      }
    }
    for task in graph.tasks where waitsForBuffer(task) { _ = index(of: .task(task)) }
    return suspects
  }

  /// The task behind a buffer.
  private func holder(of buffer: HeldBuffer, _ graph: WaitGraph) -> Suspect.Who {
    func socketOwner(_ socket: Int32) -> Suspect.Who {
      let owner = graph.sockets[Int(socket)].owner
      let isGone = owner < 0 || graph.sockets[Int(socket)].state.contains(.noDescriptor)
      return isGone ? .socket(socket) : .task(owner)
    }
    switch buffer.place {
    case .reass where buffer.holder < 0: return .place(.reass)
    case .sndbuf, .rcvbuf, .reass: return socketOwner(buffer.holder)
    case .hand where buffer.site == .tcpTemplate: return socketOwner(buffer.holder)
    case .hand where buffer.holder >= 0: return .task(buffer.holder)
    case .ring: return .task(graph.interfaces[Int(buffer.holder)].rxTask)
    case .txring, .ifq: return .task(graph.interfaces[Int(buffer.holder)].txTask)
    case .ipq, .arpq: return .task(graph.state.networkTask)
    case .hand, .arphold, .leaked: return .place(buffer.place)
    }
  }

  private func waitsForBuffer(_ task: Int32) -> Bool {
    if case .buffer? = simulation.tasks[Int(task)].wait { return true }
    return false
  }

  private func role(of suspect: Suspect) -> Suspect.Role {
    guard case .task(let task) = suspect.who else { return .holds }
    let isEmpty = suspect.places.allSatisfy { $0 == .hand }
    if waitsForBuffer(task) { return isEmpty ? .waits : .holds }
    return suspect.places == [.ring] ? .reserve : .holds
  }

  private func record(
    _ suspect: Suspect, _ role: Suspect.Role, _ total: Double, on host: Int32, _ shape: Int
  ) -> Value {
    var waited = Value.none
    let owner: Value
    switch suspect.who {
    case .task(let task):
      owner = taskNode(task)
      if waitsForBuffer(task) {
        let since = simulation.tasks[Int(task)].waitSince
        waited = .time(nanoseconds: (observedNow - since).nanoseconds)
      }
    case .socket(let socket):
      owner = socketNode(host: host, stack: stations.records[Int(host)].stack, index: socket)
    case .place(let place): owner = vm.makeString(place == .arphold ? "ARP" : "nobody")
    }
    // In tenths of a percent: what is ranked is rough.
    let share = total > 0 ? Int64(suspect.weight / total * 1000) : 0
    return vm.makeRecord(
      shape,
      [
        owner, vm.symbol(role.name), .int(suspect.clusters), .int(suspect.mbufs),
        .data(octets: suspect.pinned), .time(nanoseconds: suspect.oldest.nanoseconds),
        .quantity(share * 1_000_000, .none, unit: Bench.percent), waited,
        vm.makeString(joined(suspect.places.map { $0.name })),
      ])
  }
}
