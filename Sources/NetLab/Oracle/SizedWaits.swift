// Size classes in the wait-for graph: who waits for a buffer of one, and what gives it back.
//
// A buffer of a class comes back from where it lies by the same rules as a cluster. Whom a policy
// of its own would let have one is not asked, and taken as possible.

import NetSim
import NetStack

extension WaitGraph {
  func canHaveSized(_ sizeClass: UInt8, _ who: Requester, _ task: Int32) -> Bool {
    if who != .rx && simulation.processors[Int(host)].waitTimeout != nil { return true }
    let sized = stack.sizeClass(Int32(sizeClass) - 1)
    if sized.pool.free > 0 { return sized.pool.allocator == .firstCome || trusts }
    if sizedReleases(sizeClass).contains(where: { $0.isPossible }) { return true }
    // What a receive path hands up, it takes back; whoever polls may have it first.
    guard who != .rx, sized.held[.ring] > 0, handsUpAnywhere else { return false }
    return trusts && !isBehindReceivers(task)
  }

  /// Everything that holds buffers of a class, and whether it can give one back.
  func sizedReleases(_ sizeClass: UInt8) -> [Release] {
    var found: [Release] = []
    for buffer in stack.heldBuffers(ofClass: Int32(sizeClass) - 1) {
      let holder = buffer.place == .sndbuf || buffer.place == .rcvbuf ? buffer.holder : -1
      if let known = found.firstIndex(where: { $0.place == buffer.place && $0.holder == holder }) {
        found[known].count += 1
        continue
      }
      found.append(
        Release(
          place: buffer.place, holder: holder, count: 1,
          isPossible: givesBack(buffer.place, holder, .clusters),
          behind: tasksBehind(buffer.place, holder)))
    }
    return found
  }

  /// Everything that holds what a waiter wants.
  func releases(_ kind: BufferKind) -> [Release] {
    if let bufferClass = kind.bufferClass { return releases(bufferClass) }
    return sizedReleases(UInt8(kind.number - 1))
  }
}

extension Bench {
  /// The first kind of buffer that a task of a knot waits for.
  func awaitedKind(_ knot: [Int32]) -> BufferKind {
    for task in knot {
      if let kind = simulation.tasks[Int(task)].wait?.kind { return kind }
    }
    return BufferKind(.clusters)
  }

  /// The further pool that a size class of a host is.
  func classNode(_ kind: BufferKind, of host: Int32) -> NodeID? {
    let stack = Int(simulation.processors[Int(host)].stack)
    let number = simulation.hosts[stack].poolNumber(kind)
    return number < 0 ? nil : programs.pools[Int(number)].node
  }

  /// `mbufs`, `clusters`, or the name of a class.
  func plural(_ kind: BufferKind, of host: Int32) -> String {
    switch kind.bufferClass {
    case .mbufs: return "mbufs"
    case .clusters: return "clusters"
    case nil: return classNode(kind, of: host).map { name(tree[$0].name) } ?? "buffers"
    }
  }
}
