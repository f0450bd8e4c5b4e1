// Measurements: what a path reads from the simulation, and which topic that belongs to.
//
// Each value is read when it is asked for; nothing is kept. A measurement of something that is not
// there (a connection that has ended) is `none`.

import NetScript
import NetSim
import NetStack

extension Bench {
  /// The value of a measurement below a node, or nil if there is none of that name.
  func measure(_ id: NodeID, _ word: Word) -> Value? {
    precondition(isBuilt, "a measurement before anything is built")
    hasMeasured = true
    switch tree[id].role {
    case .builtin(let kind): return measure(id, kind, word)
    case .place(let place): return measure(place: place, id, word)
    case .event: return measure(event: id, word)
    default: return nil
    }
  }

  private func measure(_ id: NodeID, _ kind: Word, _ word: Word) -> Value? {
    switch kind {
    case .pool: return measurePool(id, word)
    case .bufferClass: return measureFurtherPool(id, word)
    case .cpu: return measureProcessor(id, word)
    case .arp:
      guard word == .pending, let stack = stack(of: id, .ip) else { return nil }
      return .int(Int64(stack.unresolvedNeighbours))
    case .tcp:
      guard word == .maxidle, let state = stack(of: id, .tcp)?.state else { return nil }
      let beats = state.tunables.maxIdleTicks
      return .time(nanoseconds: beats &* state.slowBeatNanoseconds)
    case .nic: return measureAttachment(id, word)
    case .lan, .link: return measureLink(id, word)
    case .task: return measureTask(id, word)
    case .lock: return measureLock(id, word)
    case .queue: return measureQueue(id, word)
    case .replay: return measureReplay(id, word)
    case .drill: return measureDrill(id, word)
    default: return nil
    }
  }

  private func measure(place: Word, _ id: NodeID, _ word: Word) -> Value? {
    let parent = tree[id].parent
    switch (place, tree[parent].role) {
    case (.clusters, .builtin(.pool)): return measureClass(id, .clusters, word)
    case (.mbufs, .builtin(.pool)): return measureClass(id, .mbufs, word)
    case (.rx, .builtin(.nic)): return measureReceive(parent, word)
    case (.tx, .builtin(.nic)): return measureTransmit(parent, word)
    case (.credits, .place(.tx)): return measureCredits(tree[parent].parent, word)
    case (.queue, .builtin(.lan)): return measureSwitch(parent, word)
    case (.queue, .builtin(let kind)) where kind != .lock: return measureQueue(id, kind, word)
    case (.reass, .builtin(.tcp)): return measureReassembly(parent, word)
    case (.stats, .builtin(let kind)): return measureStatistics(id, kind, word)
    case (.frag, .builtin(.ip)): return measureFragments(id, word)
    case (.icmp, .builtin(.ip)): return measureInternet(id, .icmp, word)
    case (.igmp, .builtin(.ip)): return measureInternet(id, .igmp, word)
    case (.cluster, .place(.cluster)): return measureCluster(id, word)
    case (.conn, .place(.conn)): return measureConnection(id, word)
    case (.snd, .place(.conn)), (.rcv, .place(.conn)), (.timer, .place(.conn)):
      return measureConnection(parent, place, word)
    case (.sock, .place(.sock)): return measureDatagramSocket(id, word)
    default: return nil
    }
  }

  // MARK: Where a node is

  func station(of id: NodeID) -> StationRecord? {
    let host = tree[id].host
    return host < 0 ? nil : stations.records[Int(host)]
  }

  /// The stack of the node's host, noted as read.
  func stack(of id: NodeID, _ aspect: Aspect) -> Host? {
    let host = tree[id].host
    guard host >= 0 else { return nil }
    let stack = stations.records[Int(host)].stack
    guard stack >= 0 else { return nil }
    note(aspect, host: host)
    return simulation.hosts[Int(stack)]
  }

  public func taskNode(_ task: Int32) -> Value {
    guard task >= 0, Int(task) < stations.tasks.count else { return .none }
    let node = stations.tasks[Int(task)]
    return node == .none ? .none : node.value
  }

  // MARK: Pools

  private func measurePool(_ id: NodeID, _ word: Word) -> Value? {
    guard let state = stack(of: id, .pool)?.state else { return nil }
    switch word {
    case .bytes:
      return .data(
        octets: Int64(state.mbufPool.total) * 128 + Int64(state.clusterPool.total) * 2048)
    case .freeBytes:
      return .data(octets: Int64(state.mbufPool.free) * 128 + Int64(state.clusterPool.free) * 2048)
    default: return nil
    }
  }

  private func measureClass(_ id: NodeID, _ bufferClass: BufferClass, _ word: Word) -> Value? {
    let aspect = word == .denied || word == .waits ? Aspect.loss : .pool
    return stack(of: id, aspect).flatMap { measured($0.pool(bufferClass), word) }
  }

  /// What a pool of any kind counts.
  func measured(_ pool: Pool, _ word: Word) -> Value? {
    switch word {
    case .total: return .int(Int64(pool.total))
    case .free: return .int(Int64(pool.free))
    case .used: return .int(Int64(pool.total - pool.free))
    case .peak: return .int(Int64(pool.peakUsed))
    case .waiters: return .int(Int64(pool.waiters))
    case .denied: return .int(pool.denied)
    case .waits: return .int(pool.waits)
    default: return nil
    }
  }

  /// `pool.held[.sndbuf]`: of clusters; below a class, of that.
  func held(_ pool: NodeID, _ word: Word) -> Value? {
    guard let place = Bench.place(word), let stack = stack(of: pool, .pool) else { return nil }
    let isMbufs = tree[pool].role == .place(.mbufs)
    return .int(Int64(stack.held(isMbufs ? .mbufs : .clusters)[place]))
  }

  private static func place(_ word: Word) -> Place? {
    switch word {
    case .sndbuf: return .sndbuf
    case .rcvbuf: return .rcvbuf
    case .reass: return .reass
    case .arphold: return .arphold
    case .ifq: return .ifq
    case .txring: return .txring
    case .ring: return .ring
    case .ipq: return .ipq
    case .arpq: return .arpq
    case .hand: return .hand
    case .leaked: return .leaked
    default: return nil
    }
  }

  private func measureCluster(_ id: NodeID, _ word: Word) -> Value? {
    guard let stack = stack(of: id, .pool), let index = tree[id].index.asInt,
      index >= 0, index < Int64(stack.state.clusterPool.total)
    else { return nil }
    let cluster = stack.cluster(Int32(index))
    switch word {
    case .holder: return cluster.place.map { vm.symbol($0.name) } ?? Value.none
    case .refs: return .int(Int64(cluster.references))
    case .age:
      guard cluster.place != nil else { return Value.none }
      note(.now)
      return .time(nanoseconds: (observedNow - cluster.since).nanoseconds)
    default: return nil
    }
  }

  /// `cpu.idle`. Tasks and interrupts together; what runs now counts up to now.
  private func measureProcessor(_ id: NodeID, _ word: Word) -> Value? {
    guard tree[id].host >= 0 else { return nil }
    note(.anything)
    if word == .drift { return .time(nanoseconds: driftOfBeats(on: tree[id].host).nanoseconds) }
    guard word == .idle else { return nil }
    note(.now)
    let elapsed = observedNow.nanoseconds
    guard elapsed > 0 else { return .quantity(1_000_000_000, .none, unit: Bench.percent) }
    let busy = min(simulation.busyTime(of: tree[id].host).nanoseconds, elapsed)
    let (high, low) = (elapsed - busy).multipliedFullWidth(by: 1_000_000_000)
    let share = elapsed.dividingFullWidth((high, low)).quotient
    return .quantity(share, .none, unit: Bench.percent)
  }

  private func driftOfBeats(on host: Int32) -> TimeSpan {
    let stack = simulation.processors[Int(host)].stack
    return stack < 0 ? .zero : simulation.hosts[Int(stack)].statistics.drift
  }

  // MARK: Queues and counters

  private func measureQueue(_ id: NodeID, _ kind: Word, _ word: Word) -> Value? {
    guard let state = stack(of: id, word == .drops ? .loss : .ip)?.state else { return nil }
    let queue = kind == .arp ? state.arpQueue : state.ipQueue
    switch word {
    case .len: return .int(Int64(queue.length))
    case .drops: return .int(queue.drops)
    default: return nil
    }
  }

  private func measureStatistics(_ id: NodeID, _ kind: Word, _ word: Word) -> Value? {
    if kind != .tcp { return measureInternet(id, kind, word) }
    let isLoss = word != .received && word != .sent && Self.countedAsLoss.contains(word)
    let aspect = isLoss ? Aspect.loss : .tcp
    guard let statistics = stack(of: id, aspect)?.statistics else { return nil }
    let count: Int64
    switch (kind, word) {
    case (.tcp, .received): count = statistics.tcpIn
    case (.tcp, .sent): count = statistics.tcpOut
    case (.tcp, .badChecksums): count = statistics.tcpBadSum
    case (.tcp, .retransmits): count = statistics.tcpRetransmits
    case (.tcp, .timeouts): count = statistics.tcpRexmtTimeouts
    case (.tcp, .drops): count = statistics.tcpDrops
    case (.tcp, .duplicates): count = statistics.tcpDuplicates
    case (.tcp, .outOfOrder): count = statistics.tcpOutOfOrder
    case (.tcp, .listenDrops): count = statistics.tcpListenDrops
    case (.tcp, .mtuResent): count = statistics.tcpMtuResent
    case (.tcp, _):
      guard let found = measureRecovery(statistics, word) else { return nil }
      count = found
    default: return nil
    }
    return .int(count)
  }

  /// What `Host.lossCount` sees change.
  private static let countedAsLoss: [Word] = [
    .badChecksums, .retransmits, .timeouts, .drops, .duplicates, .outOfOrder,
  ]

  private func measureRecovery(_ statistics: Statistics, _ word: Word) -> Int64? {
    switch word {
    case .dupAcks: statistics.tcpDupAcks
    case .recoveries: statistics.tcpRecoveries
    case .delayedAcks: statistics.tcpDelayedAcks
    case .windowProbes: statistics.tcpWindowProbes
    case .zeroWindows: statistics.tcpZeroWindows
    case .badOptions: statistics.tcpBadOptions
    case .sackBad: statistics.tcpSackBad
    case .sackOverflows: statistics.tcpSackOverflows
    case .dsacks: statistics.tcpDsacks
    case .challenges: statistics.tcpChallenges
    case .challengesSuppressed: statistics.tcpChallengesSuppressed
    default: nil
    }
  }

  private func measureReassembly(_ id: NodeID, _ word: Word) -> Value? {
    guard let state = stack(of: id, .tcp)?.state else { return nil }
    switch word {
    case .len: return .int(Int64(state.reassemblyCount))
    case .overflows: return .int(state.statistics.tcpReassemblyFull)
    case .refusedNext: return .int(state.statistics.tcpReassemblyFullNext)
    default: return nil
    }
  }

  private func measure(event id: NodeID, _ word: Word) -> Value? {
    switch word {
    case .count: return .int(eventCount(id))
    case .last: return lastEvent(id)
    default: return nil
    }
  }
}
