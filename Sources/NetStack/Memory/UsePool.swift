// Further pools whose buffers the stack takes for a use of its own: `serves = [.socket]`.
//
// One buffer for each thing of that use, for as long as it lives: the pool is a limit, and a
// shortage of its own apart from mbufs and clusters. Nobody waits for one; the request fails
// (ENOBUFS), as socreate, sonewconn and arpresolve have it.

/// What the stack takes such a buffer for.
public enum BufferUse: UInt8, CaseIterable, Sendable {
  /// A socket, from socreate or sonewconn to sofree.
  case socket
  /// A packet that is held until its next hop has answered ARP.
  case arp
}

/// A pool that serves uses of the stack.
public struct ServingPool: Sendable {
  public internal(set) var pool = Pool()
  /// Its number among the simulation's further pools, for the trace; -1 for none.
  public internal(set) var number: Int32 = -1
}

/// By use: the pool that serves it. A pool that serves both stands at the first.
struct ServedUses {
  var isAny = false
  var pools: InlineArray<2, ServingPool> = .init(repeating: ServingPool())
  var place: InlineArray<2, Int32> = .init(repeating: -1)
}

extension Kernel {
  /// Takes the buffer that a use needs. False when its pool has none left.
  @inline(__always)
  func takeUse(_ use: BufferUse) -> Bool {
    !state.pointee.uses.isAny || takeServed(Int(state.pointee.uses.place[Int(use.rawValue)]))
  }

  @inline(__always)
  func giveUse(_ use: BufferUse) {
    if state.pointee.uses.isAny { giveServed(Int(state.pointee.uses.place[Int(use.rawValue)])) }
  }

  private func takeServed(_ place: Int) -> Bool {
    if place < 0 { return true }
    var serving = state.pointee.uses.pools[place]
    guard serving.pool.free > 0 else {
      serving.pool.denied += 1
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
      kernel.state.pointee.uses.isAny = true
      kernel.state.pointee.uses.pools[place].number = number
      kernel.state.pointee.uses.pools[place].pool.total = count
      kernel.state.pointee.uses.pools[place].pool.free = count
      for use in uses {
        precondition(kernel.countUses(use) == 0, "a pool serves too late")
        kernel.state.pointee.uses.place[Int(use.rawValue)] = Int32(place)
      }
    }
  }

  /// The counters of a further pool that serves uses, and how many buffers each use has.
  public func served(pool number: Int32) -> (pool: Pool, uses: [(BufferUse, Int32)])? {
    inspect { kernel in
      for place in 0..<2 where kernel.state.pointee.uses.pools[place].number == number {
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
