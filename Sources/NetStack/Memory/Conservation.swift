// The conservation law, proved by a walk: every buffer is free, or reachable from exactly the
// owners that the counters say, or leaked.
//
// The counters are compared after every event of every build (`checkCounters`); this walk is for
// tests and for the first minutes of debug runs.

/// What a walk over all owners found.
public struct ConservationWalk: Equatable, Sendable {
  public var mbufs = PlaceCounts()
  public var clusters = PlaceCounts()
  /// By size class.
  public var classes: [PlaceCounts] = []
}

extension Host {
  /// Walks rings, queues, buffers and the hands given, and counts what it meets.
  ///
  /// Who holds a buffer must be who it says that holds it.
  ///
  /// - Parameter hands: chains in local variables of the host's routines, and whose.
  public func walk(hands: [(chain: Int32, task: Int32)]) -> ConservationWalk {
    inspect { kernel in
      var walker = Walker(kernel.state.pointee.mbufPool)
      kernel.walkInterfaces(&walker)
      kernel.walkQueues(&walker)
      kernel.walkSockets(&walker)
      for hand in hands { kernel.visit(hand.chain, .hand, of: hand.task, &walker) }
      return kernel.finish(walker)
    }
  }
}

/// Which mbufs were met, and where. Only those that were ever in use: free lists are stacks with
/// the last buffer on top, so that the first ones of a pool stay untouched.
private struct Walker {
  /// The first mbuf that was ever in use; `places` begins with it.
  let first: Int
  var places: [Place?]

  init(_ pool: Pool) {
    first = Int(pool.total - pool.peakUsed)
    places = Array(repeating: nil, count: Int(pool.peakUsed))
  }
}

extension Kernel {
  fileprivate func visit(
    _ chain: Int32, _ place: Place, of holder: Int32, _ walker: inout Walker
  ) {
    var index = chain
    while index >= 0 {
      let slot = Int(index) - walker.first
      precondition(walker.places[slot] == nil, "an mbuf has two owners")
      precondition(mbuf(index).pointee.type != .free, "an owner holds a free mbuf")
      precondition(mbuf(index).pointee.place == place, "an mbuf is not where it is counted")
      precondition(mbuf(index).pointee.holder == holder, "an mbuf names another holder")
      walker.places[slot] = place
      index = mbuf(index).pointee.next
    }
  }

  private func visitRecords(
    _ head: Int32, _ place: Place, of holder: Int32, _ walker: inout Walker
  ) {
    var record = head
    while record >= 0 {
      let next = mbuf(record).pointee.nextPacket
      visit(record, place, of: holder, &walker)
      record = next
    }
  }

  fileprivate func walkInterfaces(_ walker: inout Walker) {
    for index in 0..<Int(state.pointee.interfaceCount) {
      let ifnet = interfaces[index]
      for slot in 0..<Int(ifnet.rxCount) {
        visit(rxRing[Int(ifnet.rxBase) + slot].mbuf, .ring, of: Int32(index), &walker)
      }
      for slot in 0..<Int(ifnet.txCount) {
        visit(txRing[Int(ifnet.txBase) + slot].frame, .txring, of: Int32(index), &walker)
      }
      visitRecords(ifnet.queueHead, .ifq, of: Int32(index), &walker)
    }
  }

  fileprivate func walkQueues(_ walker: inout Walker) {
    visitRecords(state.pointee.ipQueue.head, .ipq, of: -1, &walker)
    visitRecords(state.pointee.arpQueue.head, .arpq, of: -1, &walker)
    for index in 0..<Int(state.pointee.neighbourCount) {
      let interface = Int32(neighbours[index].interface)
      visitRecords(neighbours[index].held, .arphold, of: interface, &walker)
    }
    forEachFragmentQueue { queue in
      visit(queue, .reass, of: -1, &walker)
      visitRecords(fragmentQueue(queue).pointee.fragments, .reass, of: -1, &walker)
    }
  }

  fileprivate func walkSockets(_ walker: inout Walker) {
    for index in 0..<Int(state.pointee.socketHigh) where sockets[index].inUse {
      visit(sockets[index].snd.head, .sndbuf, of: Int32(index), &walker)
      if sockets[index].kind == .stream {
        visit(sockets[index].rcv.head, .rcvbuf, of: Int32(index), &walker)
      } else {
        visitRecords(sockets[index].rcv.head, .rcvbuf, of: Int32(index), &walker)
      }
    }
    var pcb = state.pointee.pcbList
    while pcb >= 0 {
      let socket = pcbs[Int(pcb)].socket
      visit(tcpcbs[Int(pcb)].template, .hand, of: socket, &walker)
      visitRecords(tcpcbs[Int(pcb)].reassembly, .reass, of: socket, &walker)
      pcb = pcbs[Int(pcb)].listNext
    }
  }

  /// Adds what no owner reaches, and the clusters by the places of the mbufs that share them.
  fileprivate func finish(_ walker: Walker) -> ConservationWalk {
    var result = ConservationWalk()
    result.classes = Array(repeating: PlaceCounts(), count: Int(state.pointee.classCount))
    let clusters = state.pointee.clusterPool
    let firstCluster = Int(clusters.total - clusters.peakUsed)
    let slots = walkedSlots
    var uses = [ClusterUse](repeating: ClusterUse(), count: slots - firstCluster)
    var isFree = [Bool](repeating: false, count: walker.places.count)
    for slot in walker.first..<max(walker.first, Int(state.pointee.mbufPool.free)) {
      isFree[Int(mbufFree[slot]) - walker.first] = true
    }
    for index in walker.places.indices where !isFree[index] {
      let m = mbuf(Int32(walker.first + index))
      let place = walker.places[index] ?? .leaked
      result.mbufs[place] += 1
      let cluster = Int(m.pointee.cluster)
      if cluster >= 0 { uses[cluster - firstCluster].add(place) }
    }
    for index in uses.indices where uses[index].references > 0 {
      precondition(
        uses[index].references == clusterUse[firstCluster + index].references,
        "a cluster's references are wrong")
      let sizeClass = Int(clusterUse[firstCluster + index].sizeClass)
      if sizeClass == 0 {
        result.clusters[uses[index].place] += 1
      } else {
        result.classes[sizeClass - 1][uses[index].place] += 1
      }
    }
    return result
  }
}
