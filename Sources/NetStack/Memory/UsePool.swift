// Further pools whose buffers the stack takes for a use of its own: `serves = [.socket]`.
//
// One buffer for each thing of that use, for as long as it lives: the pool is a limit, and a
// shortage of its own apart from mbufs and clusters. Nobody waits for one; the request fails
// (ENOBUFS), as socreate, sonewconn and arpresolve have it, or the packet is dropped. Of packets it
// is what other stacks keep apart: Zephyr's slabs of net_pkt to receive and to send, FreeBSD's zone
// tcpreass, lwIP's MEMP_REASSDATA. The first mbuf of a packet says that it has one.

/// What the stack takes such a buffer for.
public enum BufferUse: UInt8, CaseIterable, Sendable {
  /// A socket, from socreate or sonewconn to sofree.
  case socket
  /// A packet that is held until its next hop has answered ARP.
  case arp
  /// A received packet, from ether_input until it is freed: read, answered, forwarded or dropped.
  case rx
  /// A packet to send, from ether_output until the driver frees it.
  case tx
  /// A segment or fragment that waits for those before it.
  case reass

  /// How the first mbuf of a packet says that it has one.
  var flag: MbufFlags {
    switch self {
    case .socket, .arp: []
    case .rx: .ofReceived
    case .tx: .ofSent
    case .reass: .ofWaiting
    }
  }
}

/// A pool that serves uses of the stack.
public struct ServingPool: Sendable {
  public internal(set) var pool = Pool()
  /// Its number among the simulation's further pools, for the trace; -1 for none.
  public internal(set) var number: Int32 = -1
}

/// By use: the pool that serves it. A pool that serves several stands at the first.
struct ServedUses {
  static let count = 5
  var pools: InlineArray<5, ServingPool> = .init(repeating: ServingPool())
  var place: InlineArray<5, Int32> = .init(repeating: -1)
}

extension Kernel {
  /// Takes the buffer that a use needs. False when its pool has none left.
  @inline(__always)
  func takeUse(_ use: BufferUse) -> Bool {
    !state.pointee.servesUses || takeServed(Int(state.pointee.uses.place[Int(use.rawValue)]))
  }

  @inline(__always)
  func giveUse(_ use: BufferUse) {
    if state.pointee.servesUses { giveServed(Int(state.pointee.uses.place[Int(use.rawValue)])) }
  }

  /// The same for a packet.
  @inline(__always)
  func takeUse(_ use: BufferUse, for packet: Int32) -> Bool {
    !state.pointee.servesUses || takeServed(use, for: packet)
  }

  @inline(never)
  private func takeServed(_ use: BufferUse, for packet: Int32) -> Bool {
    let place = Int(state.pointee.uses.place[Int(use.rawValue)])
    if place < 0 || mbuf(packet).pointee.flags.contains(use.flag) { return true }
    if !takeServed(place) { return false }
    mbuf(packet).pointee.flags.insert(use.flag)
    return true
  }

  /// A packet no longer has what it took for some uses.
  @inline(never)
  func giveUses(of packet: Int32, _ given: MbufFlags) {
    let flags = mbuf(packet).pointee.flags.intersection(given)
    if flags.isDisjoint(with: .uses) { return }
    mbuf(packet).pointee.flags.subtract(flags)
    for use in BufferUse.allCases where use.flag != [] && flags.contains(use.flag) {
      giveServed(Int(state.pointee.uses.place[Int(use.rawValue)]))
    }
  }

  private func takeServed(_ place: Int) -> Bool {
    if place < 0 { return true }
    var serving = state.pointee.uses.pools[place]
    guard serving.pool.free > 0 else {
      serving.pool.refuse(at: now)
      state.pointee.uses.pools[place] = serving
      traceServed(.bufferDeny, serving)
      return false
    }
    serving.pool.free -= 1
    serving.pool.grants += 1
    serving.pool.grantedAt = now
    serving.pool.peakUsed = max(serving.pool.peakUsed, serving.pool.total - serving.pool.free)
    if serving.pool.free == 0 { serving.pool.exhausted += 1 }
    state.pointee.uses.pools[place] = serving
    traceServed(.bufferGrant, serving)
    if serving.pool.free == 0 { traceServed(.bufferExhausted, serving) }
    return true
  }

  private func giveServed(_ place: Int) {
    if place < 0 { return }
    state.pointee.uses.pools[place].pool.free += 1
    state.pointee.uses.pools[place].pool.releases += 1
    let serving = state.pointee.uses.pools[place]
    precondition(serving.pool.free <= serving.pool.total, "a use gives back what it did not take")
    traceServed(.bufferRelease, serving)
  }

  private func traceServed(_ kind: TraceKind, _ serving: ServingPool) {
    context.pointee.traceBuffer(
      kind, pool: serving.number, free: serving.pool.free, task: context.pointee.task,
      waited: .zero)
  }

  /// Things of a use that there are, by a walk: what the counters must say.
  func countUses(_ use: BufferUse) -> Int32 {
    var count: Int32 = 0
    switch use {
    case .socket:
      for index in 0..<Int(state.pointee.socketHigh) where sockets[index].inUse { count += 1 }
    case .arp:
      for index in 0..<Int(state.pointee.neighbourCount) { count += neighbours[index].heldCount }
    case .rx, .tx, .reass:
      let pool = state.pointee.mbufPool
      for index in (pool.total - pool.peakUsed)..<pool.total
      where mbuf(index).pointee.type != .free && mbuf(index).pointee.flags.contains(use.flag) {
        count += 1
      }
    }
    return count
  }
}

extension Host {
  /// Lets a further pool serve uses, before anything is taken.
  public mutating func serve(
    _ uses: [BufferUse], pool number: Int32, count: Int32, _ context: inout Context
  ) {
    enter(&context) { kernel in
      guard let first = uses.first else { return }
      let place = Int(first.rawValue)
      kernel.state.pointee.servesUses = true
      kernel.state.pointee.uses.pools[place].number = number
      kernel.state.pointee.uses.pools[place].pool.total = count
      kernel.state.pointee.uses.pools[place].pool.free = count
      for use in uses {
        precondition(kernel.countUses(use) == 0, "a pool serves too late")
        kernel.state.pointee.uses.place[Int(use.rawValue)] = Int32(place)
        if use.flag != [] { kernel.state.pointee.releaseLook.insert(.use) }
      }
    }
  }

  /// The counters of a further pool that serves uses.
  public func counters(ofServing number: Int32) -> Pool? {
    inspect { kernel in
      for place in 0..<ServedUses.count
      where kernel.state.pointee.uses.pools[place].number == number {
        return kernel.state.pointee.uses.pools[place].pool
      }
      return nil
    }
  }

  /// The law of conservation, for each pool that serves.
  public func checkUses() {
    inspect { kernel in
      for place in 0..<ServedUses.count where kernel.state.pointee.uses.pools[place].number >= 0 {
        let pool = kernel.state.pointee.uses.pools[place].pool
        var count: Int32 = 0
        for use in BufferUse.allCases
        where kernel.state.pointee.uses.place[Int(use.rawValue)] == Int32(place) {
          count += kernel.countUses(use)
        }
        precondition(count + pool.free == pool.total, "a pool that serves is not conserved")
      }
    }
  }

  /// The counters of a further pool that serves uses, and how many buffers each use has.
  public func served(pool number: Int32) -> (pool: Pool, uses: [(BufferUse, Int32)])? {
    inspect { kernel in
      for place in 0..<ServedUses.count
      where kernel.state.pointee.uses.pools[place].number == number {
        let uses = BufferUse.allCases.filter {
          kernel.state.pointee.uses.place[Int($0.rawValue)] == Int32(place)
        }
        return (
          kernel.state.pointee.uses.pools[place].pool, uses.map { ($0, kernel.countUses($0)) }
        )
      }
      return nil
    }
  }
}
