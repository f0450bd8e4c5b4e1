// A host's kernel as a state: what its next entries depend on, in one fixed walk.
//
// Left out: what never changes while a simulation runs (costs, limits, the layout), statistics
// (with `counts` they belong to it), causes and refusals, which are kept for people, what only
// spares octets (`ClusterUse.pattern`, `written`), what is found from the rest (the next callout),
// and what lies in memory that nobody refers to.
// Not known, so that such a host is like no other: copying drivers, size classes, pools that serve
// uses, SACK, groups, fragments.

import Wire

/// Names of a host's mbufs and clusters, in the order in which the walk meets them.
public struct BufferNames {
  /// By number; -1: not met yet.
  private var mbufs: [Int32] = []
  private var clusters: [Int32] = []
  private var count: Int32 = 0

  public init() {}

  /// The name of an mbuf; true when it has just got it.
  mutating func name(mbuf index: Int32) -> (name: Int32, isNew: Bool) {
    index < 0 ? (-1, false) : BufferNames.name(index, in: &mbufs, &count)
  }

  mutating func name(cluster index: Int32) -> (name: Int32, isNew: Bool) {
    BufferNames.name(index, in: &clusters, &count)
  }

  /// The name of an mbuf that the walk has met; nil of another.
  func known(mbuf index: Int32) -> Int32? {
    if index < 0 { return -1 }
    return Int(index) < mbufs.count && mbufs[Int(index)] >= 0 ? mbufs[Int(index)] : nil
  }

  private static func name(
    _ index: Int32, in names: inout [Int32], _ count: inout Int32
  ) -> (name: Int32, isNew: Bool) {
    while names.count <= Int(index) { names.append(-1) }
    if names[Int(index)] >= 0 { return (names[Int(index)], false) }
    names[Int(index)] = count
    count += 1
    return (count - 1, true)
  }
}

extension Host {
  /// - Parameter names: also for what the host's routines have in hand, afterwards.
  public func addState(to hash: inout StateHash, _ names: inout BufferNames) {
    var (outHash, outNames) = (hash, names)
    inspect { kernel in
      kernel.addState(to: &outHash)
      kernel.addInterfaces(to: &outHash, &outNames)
      kernel.addQueues(to: &outHash, &outNames)
      kernel.addSockets(to: &outHash, &outNames)
      kernel.addConnections(to: &outHash, &outNames)
    }
    (hash, names) = (outHash, outNames)
  }

  /// A routine of the host's, with what it has in hand.
  public func addState(
    of machine: Machine, to hash: inout StateHash, _ names: inout BufferNames
  ) {
    var outHash = hash
    machine.addState(to: &outHash)
    let chains = machine.chainsInHand
    var outNames = names
    inspect { kernel in
      for chain in chains { kernel.addChain(chain, to: &outHash, &outNames) }
    }
    (hash, names) = (outHash, outNames)
  }
}

extension Kernel {
  fileprivate func addState(to hash: inout StateHash) {
    let s = state
    if s.pointee.classCount > 0 || s.pointee.servesUses || s.pointee.speaksSack
      || s.pointee.memberships.count > 0 || s.pointee.reassembly.datagrams > 0
    {
      hash.refuse()
    }
    add(s.pointee.mbufPool, to: &hash)
    add(s.pointee.clusterPool, to: &hash)
    for index in 0..<Place.count {
      hash.add(s.pointee.heldMbufs.words[index], s.pointee.heldClusters.words[index])
    }
    hash.add(s.pointee.dataMbufs, s.pointee.headerMbufs, s.pointee.nameMbufs)
    hash.add(s.pointee.optionMbufs, s.pointee.fragmentTableMbufs)
    hash.add(s.pointee.slowOrigin, s.pointee.fastOrigin, s.pointee.beatDueAt)
    hash.add(s.pointee.networkWaits, s.pointee.hasDeafSelects)
    hash.add(s.pointee.internetTimeoutAt, s.pointee.internetTimeoutDue)
    hash.add(s.pointee.icmpSecond, s.pointee.icmpSentInSecond, s.pointee.knowsPathMTU)
    s.pointee.listenDrops.addState(to: &hash)
    hash.add(s.pointee.classWaiters, s.pointee.ipIdentifier, s.pointee.nextEphemeralPort)
    hash.add(s.pointee.nextGeneration, s.pointee.issBase, s.pointee.issSecret)
    hash.add(s.pointee.reassemblyCount, s.pointee.countGeneration)
    hash.add(s.pointee.challengeSecond, s.pointee.challengesThisSecond)
    hash.add(s.pointee.earliestSlowTick, s.pointee.delayedAcks)
    hash.add(s.pointee.fastTimeoutDue, s.pointee.slowTimeoutDue, s.pointee.slowTimerInHand)
    if hash.counts { addCounts(to: &hash) }
  }

  /// Without what has been counted of it; `Pool.changes` only matters to who remembers it.
  private func add(_ pool: Pool, to hash: inout StateHash) {
    hash.add(pool.total, pool.free, pool.waiters, pool.allocator)
    if !hash.counts { return }
    hash.add(pool.peakUsed, pool.waits, pool.denied, pool.grants)
    hash.add(pool.releases, pool.exhausted, pool.grantedAt)
  }

  private func addCounts(to hash: inout StateHash) {
    // Nothing but words of 64 bits; StateHashTests.swift holds it to that.
    withUnsafeBytes(of: state.pointee.statistics) { hash.add(octets: $0) }
    for index in 0..<Place.count { hash.add(state.pointee.peakClusters.words[index]) }
    hash.add(state.pointee.progressAt)
  }

  // MARK: buffers

  fileprivate func addChain(
    _ head: Int32, to hash: inout StateHash, _ names: inout BufferNames
  ) {
    var index = head
    while true {
      let (name, isNew) = names.name(mbuf: index)
      hash.add(name)
      guard isNew else { return }
      add(mbuf(index).pointee, to: &hash, &names)
      withOctets(index) { hash.add(octets: $0) }
      index = mbuf(index).pointee.next
    }
  }

  private func add(
    _ m: Mbuf, to hash: inout StateHash, _ names: inout BufferNames
  ) {
    hash.add(m.type, m.place, m.flags, m.sizeClass)
    hash.add(m.offset, m.length, m.packetLength)
    hash.add(m.holder, m.interface)
    if m.loss != nil || m.type == .fragmentTable { hash.refuse() }
    if hash.counts { add(m.grantee, m.grantedAt, to: &hash) }
    if m.cluster < 0 { return hash.add(-1) }
    let (name, isNew) = names.name(cluster: m.cluster)
    hash.add(name)
    if !isNew { return }
    let use = clusterUse[Int(m.cluster)]
    hash.add(use.low, use.high, use.references, use.sizeClass)
    if hash.counts { add(use.grantee, use.grantedAt, to: &hash) }
  }

  private func add(_ grantee: Grantee, _ at: Int64, to hash: inout StateHash) {
    hash.add(grantee.task, grantee.socket, grantee.who, grantee.incarnation)
    hash.add(at, grantee.site)
  }

  /// Packets of a queue, each a chain.
  private func addPackets(
    _ head: Int32, to hash: inout StateHash, _ names: inout BufferNames
  ) {
    var packet = head
    while packet >= 0 {
      addChain(packet, to: &hash, &names)
      packet = mbuf(packet).pointee.nextPacket
    }
    hash.add(-1)
  }

  /// An mbuf that the walk has met, as a rule; -1 for none.
  private func add(known index: Int32, to hash: inout StateHash, _ names: BufferNames) {
    if let name = names.known(mbuf: index) { return hash.add(name) }
    hash.add(-2, index)
  }

  fileprivate func addQueues(to hash: inout StateHash, _ names: inout BufferNames) {
    addPackets(state.pointee.ipQueue.head, to: &hash, &names)
    addPackets(state.pointee.arpQueue.head, to: &hash, &names)
    hash.add(state.pointee.ipQueue.length, state.pointee.arpQueue.length)
    if hash.counts { hash.add(state.pointee.ipQueue.drops, state.pointee.arpQueue.drops) }
    hash.add(state.pointee.neighbourCount)
    for index in 0..<Int(state.pointee.neighbourCount) {
      let one = neighbours[index]
      hash.add(one.address, one.mac, one.isResolved, one.interface)
      hash.add(one.heldCount, one.sentHeldAt, one.askedAt, one.asked)
      hash.add(one.isRejected, one.expires)
      addPackets(one.held, to: &hash, &names)
    }
    hash.add(state.pointee.routeCount, state.pointee.wayCount)
    for index in 0..<Int(state.pointee.routeCount) {
      let one = routes[index]
      hash.add(one.address, one.srttMicroseconds, one.rttvarMicroseconds, one.ssthresh)
      hash.add(one.mtu, one.isMTULocked, one.mtuExpires)
      hash.add(one.countSent, one.expires)
    }
    for index in 0..<Int(state.pointee.wayCount) {
      let one = ways[index]
      hash.add(one.destination, one.prefixLength, one.gateway)
      hash.add(one.interface, one.isDynamic)
    }
  }

  // MARK: interfaces

  fileprivate func addInterfaces(to hash: inout StateHash, _ names: inout BufferNames) {
    for index in 0...Int(state.pointee.interfaceCount) {
      let one = interfaces[index]
      if one.copies || one.sourceCount > 0 { hash.refuse() }
      hash.add(one.isUp, one.creditsFree, one.queueLength)
      hash.add(one.rxNext, one.rxFill, one.rxPosted, one.rxFilled)
      hash.add(one.isSuspended, one.rxInterruptEnabled, one.rxEventPending)
      hash.add(one.txLoad, one.txSend, one.txReap, one.txActive)
      hash.add(one.isActive, one.txInterruptEnabled, one.txEventPending)
      hash.add(one.txLost, one.keepsFailed, one.answersARP)
      if hash.counts { addCounts(of: one, to: &hash) }
      addPackets(one.queueHead, to: &hash, &names)
      if index == Int(state.pointee.interfaceCount) { continue }
      addRings(of: one, to: &hash, &names)
    }
  }

  private func addCounts(of one: Ifnet, to hash: inout StateHash) {
    hash.add(one.queueDrops, one.suspensions, one.framesIn, one.framesOut)
    hash.add(one.txFails, one.octetsIn, one.overruns, one.crcErrors)
    hash.add(one.tooLong, one.ringDrops, one.filtered)
    hash.add(one.refillDrops, one.refillWaits)
  }

  private func addRings(
    of one: Ifnet, to hash: inout StateHash, _ names: inout BufferNames
  ) {
    for slot in 0..<Int(one.rxCount) {
      let place = rxRing[Int(one.rxBase) + slot]
      hash.add(place.isEmpty, place.isEmpty ? 0 : place.length)
      hash.add(place.isSummed, place.isContinued)
      let (name, isNew) = names.name(mbuf: place.mbuf)
      hash.add(name)
      guard isNew else { continue }
      // What lies in a buffer that no frame has come into yet is nobody's.
      add(mbuf(place.mbuf).pointee, to: &hash, &names)
      guard !place.isEmpty else { continue }
      withFrame(in: place) { hash.add(octets: $0) }
    }
    for slot in 0..<Int(one.txCount) {
      let place = txRing[Int(one.txBase) + slot]
      hash.add(place.isReady, place.isLast, place.isLost)
      hash.add(place.isReady ? place.length : 0)
      addChain(place.frame, to: &hash, &names)
    }
    for slot in 0..<Int(one.txCount) {
      // What was reaped is a number that nobody looks at.
      let place = txRing[Int(one.txBase) + slot]
      if place.isReady || names.known(mbuf: place.mbuf) != nil {
        add(known: place.mbuf, to: &hash, names)
      }
    }
  }

  // MARK: sockets and connections

  fileprivate func addSockets(to hash: inout StateHash, _ names: inout BufferNames) {
    hash.add(state.pointee.socketHigh, state.pointee.socketFree)
    for index in 0..<Int(state.pointee.socketHigh) {
      let one = sockets[index]
      hash.add(one.inUse, one.generation, one.queueNext)
      guard one.inUse else { continue }
      hash.add(one.kind, one.state, one.options, one.linger)
      hash.add(one.urgentMark, one.error, one.pcb)
      hash.add(one.owner, one.listener, one.completeHead, one.completeTail)
      hash.add(one.completeCount, one.incompleteCount, one.queueLimit, one.isListening)
      hash.add(one.connectWaiter, one.writeOffset, one.readOffset, one.echoSequence)
      if hash.counts { hash.add(one.damagedOctets, one.fullDrops, one.sleptAt) }
      add(one.snd, to: &hash, &names)
      add(one.rcv, to: &hash, &names)
    }
  }

  private func add(_ one: Sockbuf, to hash: inout StateHash, _ names: inout BufferNames) {
    hash.add(one.cc, one.hiwat, one.mbcnt, one.mbmax)
    hash.add(one.lowat, one.timeout, one.clusters, one.mbufs)
    hash.add(one.waiter, one.selector, one.flags)
    addPackets(one.head, to: &hash, &names)
    add(known: one.head < 0 ? -1 : one.tail, to: &hash, names)
    add(known: one.head < 0 ? -1 : one.lastRecord, to: &hash, names)
    add(known: one.head < 0 ? -1 : one.spot, to: &hash, names)
    hash.add(one.spot < 0 ? 0 : one.spotOffset)
  }

  fileprivate func addConnections(to hash: inout StateHash, _ names: inout BufferNames) {
    hash.add(state.pointee.pcbHigh, state.pointee.pcbFree, state.pointee.pcbList)
    hash.add(state.pointee.pcbSerial)
    for index in 0..<Int(state.pointee.pcbHigh) {
      let one = pcbs[index]
      hash.add(one.inUse, one.listNext, one.listPrevious)
      guard one.inUse else { continue }
      hash.add(one.kind, one.socket, one.localAddress, one.remoteAddress)
      hash.add(one.localPort, one.remotePort, one.protocolNumber, one.includesHeader)
      hash.add(one.hashNext, one.hashChain, one.serial)
      let sending = one.sending
      hash.add(sending.timeToLive, sending.typeOfService, sending.dontFragment)
      hash.add(sending.asksRoute, sending.multicastTimeToLive, sending.multicastLoops)
      hash.add(sending.multicastInterface)
      if one.kind == .stream { add(tcpcbs[index], to: &hash, &names) }
    }
  }

  private func add(_ one: Tcpcb, to hash: inout StateHash, _ names: inout BufferNames) {
    hash.add(one.state, one.flags, one.force)
    hash.add(one.sndUna, one.sndNxt, one.sndMax, one.sndWnd)
    hash.add(one.sndWl1, one.sndWl2, one.maxSndWnd, one.iss)
    hash.add(one.irs, one.rcvNxt, one.rcvAdv, one.rcvWnd)
    hash.add(one.sndUp, one.rcvUp, one.urgentOctet, one.urgentState)
    hash.add(one.lastAckSent, one.cwnd, one.ssthresh, one.mss)
    hash.add(one.dupAcks, one.recover, one.sndScale, one.rcvScale)
    hash.add(one.requestRcvScale, one.requestedSndScale, one.tsRecent, one.tsRecentAge)
    hash.add(one.countSent, one.countReceived, one.begunTick)
    hash.add(one.srtt, one.rttvar, one.rttmin, one.rxtcur)
    hash.add(one.rxtshift, one.rttSamples, one.rtseq, one.rttStartTick)
    for timer in 0..<TCPTimer.count { hash.add(one.timers[timer]) }
    hash.add(one.idleSinceTick, one.softError, one.reassemblyCount)
    if one.times.isAny {
      let times = one.times
      hash.add(times.keepInit, times.keepIdle, times.keepInterval, times.keepCount)
    }
    if hash.counts { hash.add(one.stalledSince) }
    // t_template is held, and nobody writes or reads its octets.
    let (name, isNew) = names.name(mbuf: one.template)
    hash.add(name)
    if isNew { add(mbuf(one.template).pointee, to: &hash, &names) }
    addPackets(one.reassembly, to: &hash, &names)
  }
}
