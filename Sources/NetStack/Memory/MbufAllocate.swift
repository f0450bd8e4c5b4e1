// Taking mbufs and clusters: MGET, MGETHDR, MCLGET, and the wait that starts when there is none.
//
// RTEMS 4.6: sys/mbuf.h and rtems_glue.c (m_mballoc, m_clalloc). The wait itself is a poll by the
// sleeping task, a tick apart: see `pollSucceeds`. A free never wakes a waiter, unless the pool is
// told to (`WaitingMode`); whom, and when, is the scheduler's business. A woken task looks again:
// who runs in between may have been faster.

/// What a request that may wait came to.
enum Allocation {
  case granted(Int32)
  case mustWait
}

extension Kernel {
  // MARK: mbufs

  /// MGET or MGETHDR with M_DONTWAIT. A failure drains once and tries again (m_retry), unless
  /// there was one, and a policy or a fault point refused it.
  func mGet(
    _ who: Requester, at site: AllocationSite, header: Bool, type: MbufType = .data,
    socket: Int32 = -1
  ) -> Int32? {
    if !mayTake(.mbufs, who, at: site, socket, mayWait: false) {
      let isShort = state.pointee.mbufPool.free == 0
      drain()
      guard isShort, mayTake(.mbufs, who, at: site, socket, mayWait: false) else {
        countDenied(.mbufs, who, socket)
        return nil
      }
      state.pointee.mbufPool.waits += 1
    }
    return popMbuf(who, at: site, header: header, type: type, socket: socket, mayWait: false)
  }

  /// MGET or MGETHDR with M_WAIT: `.mustWait` sends the task into m_mballoc's loop.
  @inline(__always)
  func mGetOrWait(
    _ who: Requester, at site: AllocationSite, header: Bool, type: MbufType, socket: Int32
  ) -> Allocation {
    if mayTake(.mbufs, who, at: site, socket, mayWait: true) {
      return .granted(popMbuf(who, at: site, header: header, type: type, socket: socket))
    }
    if state.pointee.mbufPool.free == 0 {
      drain()
      if state.pointee.mbufPool.free > 0 {
        state.pointee.mbufPool.denied += 1  // BSD counts this rescue as a drop
        return .granted(popMbuf(who, at: site, header: header, type: type, socket: socket))
      }
    }
    beginWait(.mbufs, who, socket)
    return .mustWait
  }

  /// Takes the mbuf that a check or a poll has just found, the semaphore held since.
  @inline(__always)
  func popMbuf(
    _ who: Requester, at site: AllocationSite, header: Bool, type: MbufType, socket: Int32,
    mayWait: Bool = true
  ) -> Int32 {
    precondition(state.pointee.mbufPool.free > 0, "an mbuf is taken from an empty pool")
    state.pointee.mbufPool.free &-= 1
    let free = state.pointee.mbufPool.free
    let used = state.pointee.mbufPool.total &- free
    // Beyond the peak the stack is as `bsd_init` would have built it: nobody has written it yet.
    let isNew = used > state.pointee.mbufPool.peakUsed
    let index = isNew ? free : mbufFree[Int(free)]
    var fresh = Mbuf()
    fresh.type = type
    fresh.holder = context.pointee.task
    fresh.grantee = grantee(who, at: site, socket)
    fresh.grantedAt = now.nanoseconds
    if header {
      fresh.flags = .packetHeader
      fresh.offset = BufferSize.mbufData &- BufferSize.headerData
    }
    mbuf(index).initialize(to: fresh)
    state.pointee.heldMbufs[.hand] &+= 1
    state.pointee.mbufPool.grants &+= 1
    state.pointee.mbufPool.grantedAt = now
    count(type, by: 1)
    if isNew { state.pointee.mbufPool.peakUsed = used }
    if free == 0 { exhausted(.mbufs, who, socket) }
    if state.pointee.mbufPool.allocator != .firstCome {
      tellGranted(.mbufs, fresh.grantee, mayWait: mayWait)
    }
    return index
  }

  // MARK: clusters

  /// MCLGET with M_DONTWAIT: false leaves the mbuf as it was; no counter of BSD moves.
  func mclGet(
    _ index: Int32, _ who: Requester, at site: AllocationSite, socket: Int32 = -1
  ) -> Bool {
    guard mayTake(.clusters, who, at: site, socket, mayWait: false) else {
      tracePool(.poolDeny, .clusters, who, socket)
      return false
    }
    popCluster(for: index, who, at: site, socket: socket, mayWait: false)
    return true
  }

  /// MCLGET with M_WAIT: false sends the task into m_clalloc's loop.
  @inline(__always)
  func mclGetOrWait(
    _ index: Int32, _ who: Requester, at site: AllocationSite, socket: Int32
  ) -> Bool {
    if mayTake(.clusters, who, at: site, socket, mayWait: true) {
      popCluster(for: index, who, at: site, socket: socket)
      return true
    }
    if state.pointee.clusterPool.free == 0 {
      drain()
      if state.pointee.clusterPool.free > 0 {
        state.pointee.clusterPool.denied += 1
        popCluster(for: index, who, at: site, socket: socket)
        return true
      }
    }
    beginWait(.clusters, who, socket)
    return false
  }

  /// Takes the cluster that a check or a poll has just found, the semaphore held since.
  func popCluster(
    for index: Int32, _ who: Requester, at site: AllocationSite, socket: Int32,
    mayWait: Bool = true
  ) {
    precondition(state.pointee.clusterPool.free > 0, "a cluster is taken from an empty pool")
    state.pointee.clusterPool.free &-= 1
    let free = state.pointee.clusterPool.free
    let used = state.pointee.clusterPool.total &- free
    let isNew = used > state.pointee.clusterPool.peakUsed
    let cluster = isNew ? free : clusterFree[Int(free)]
    let m = mbuf(index)
    m.pointee.cluster = cluster
    m.pointee.offset = 0
    var use = ClusterUse()
    use.grantedAt = now.nanoseconds
    use.grantee = grantee(who, at: site, socket)
    use.setOnly(m.pointee.place)
    clusterUse[Int(cluster)] = use
    countCluster(at: m.pointee.place)
    state.pointee.clusterPool.grants &+= 1
    state.pointee.clusterPool.grantedAt = now
    if isNew { state.pointee.clusterPool.peakUsed = used }
    tracePool(.poolGrant, .clusters, who, socket)
    if free == 0 { exhausted(.clusters, who, socket) }
    if state.pointee.clusterPool.allocator != .firstCome {
      tellGranted(.clusters, use.grantee, mayWait: mayWait)
    }
  }

  @inline(__always)
  func grantee(_ who: Requester, at site: AllocationSite, _ socket: Int32) -> Grantee {
    var grantee = Grantee(task: context.pointee.task, socket: socket, who: who, site: site)
    if socket >= 0 {
      grantee.incarnation = UInt16(truncatingIfNeeded: sockets[Int(socket)].generation)
    }
    return grantee
  }

  // MARK: the wait

  /// Whether a task that waits for a buffer of this class gets one now.
  ///
  /// The caller holds the network semaphore and takes the buffer before it gives that up, so nobody
  /// can steal between the look and the pop.
  func pollSucceeds(
    _ bufferClass: BufferClass, _ who: Requester, socket: Int32, waited: TimeSpan
  ) -> Bool {
    let pool = bufferClass == .mbufs ? state.pointee.mbufPool : state.pointee.clusterPool
    if pool.free == 0 { return false }
    if pool.allocator == .firstCome { return true }
    let asker = grantee(who, at: .ofWait(who), socket)
    if ask(bufferClass, asker, mayWait: true, waited: waited) == .grant { return true }
    // It is free and refused: unless another comes, the policy will have changed its mind.
    state.pointee.causes[bufferClass] = cause(.policy)
    return false
  }

  /// The poll loop is left: the class has one waiter less.
  func endWait(_ bufferClass: BufferClass) {
    if bufferClass == .mbufs {
      state.pointee.mbufPool.waiters &-= 1
    } else {
      state.pointee.clusterPool.waiters &-= 1
    }
    forgetReleases()
  }

  /// Who gives buffers back is noted only while somebody waits for one.
  func forgetReleases() {
    if state.pointee.mbufPool.waiters == 0 && state.pointee.clusterPool.waiters == 0
      && state.pointee.classWaiters == 0
    {
      state.pointee.releaseLook.remove(.waiter)
    }
  }

  /// m_drops, and a record.
  func countDenied(_ bufferClass: BufferClass, _ who: Requester, _ socket: Int32) {
    if bufferClass == .mbufs {
      state.pointee.mbufPool.refuse(at: now)
    } else {
      state.pointee.clusterPool.refuse(at: now)
    }
    tracePool(.poolDeny, bufferClass, who, socket)
  }

  private func beginWait(_ bufferClass: BufferClass, _ who: Requester, _ socket: Int32) {
    if bufferClass == .mbufs {
      state.pointee.mbufPool.waits &+= 1
      state.pointee.mbufPool.waiters &+= 1
    } else {
      state.pointee.clusterPool.waits &+= 1
      state.pointee.clusterPool.waiters &+= 1
    }
    let pool = bufferClass == .mbufs ? state.pointee.mbufPool : state.pointee.clusterPool
    watchReleases(for: bufferClass, waiters: pool.waiters, free: pool.free)
    tracePool(.poolWait, bufferClass, who, socket)
  }

  private func exhausted(_ bufferClass: BufferClass, _ who: Requester, _ socket: Int32) {
    if bufferClass == .mbufs {
      state.pointee.mbufPool.exhausted &+= 1
    } else {
      state.pointee.clusterPool.exhausted &+= 1
    }
    tracePool(.poolExhausted, bufferClass, who, socket)
  }

  // MARK: policies

  /// MCLALLOC's own test: whether the fast path may pop, before anybody enters the wait.
  @inline(__always)
  private func mayTake(
    _ bufferClass: BufferClass, _ who: Requester, at site: AllocationSite, _ socket: Int32,
    mayWait: Bool
  ) -> Bool {
    let free: Int32
    let allocator: AllocatorKind
    if bufferClass == .mbufs {
      free = state.pointee.mbufPool.free
      allocator = state.pointee.mbufPool.allocator
    } else {
      free = state.pointee.clusterPool.free
      allocator = state.pointee.clusterPool.allocator
    }
    switch allocator {
    case .firstCome: return free > 0
    case .scriptWhenEmpty:
      if free > 0 { return true }
      _ = ask(bufferClass, grantee(who, at: site, socket), mayWait: mayWait, waited: .zero)
      return false
    case .scriptAlways:
      return ask(bufferClass, grantee(who, at: site, socket), mayWait: mayWait, waited: .zero)
        == .grant
    }
  }

  private func request(
    _ bufferClass: BufferClass, _ asker: Grantee, mayWait: Bool, waited: TimeSpan
  ) -> AllocationRequest {
    let pool = bufferClass == .mbufs ? state.pointee.mbufPool : state.pointee.clusterPool
    return AllocationRequest(
      at: now, host: context.pointee.host, bufferClass: bufferClass, who: asker.who,
      site: asker.site, task: asker.task, socket: asker.socket, free: pool.free,
      total: pool.total, mayWait: mayWait, waited: waited)
  }

  @inline(never)
  private func ask(
    _ bufferClass: BufferClass, _ asker: Grantee, mayWait: Bool, waited: TimeSpan
  ) -> AllocationDecision {
    let request = request(bufferClass, asker, mayWait: mayWait, waited: waited)
    let decision = context.pointee.policy?.decide(request) ?? (request.free > 0 ? .grant : .wait)
    // What a policy grants must be there; the embedder reports the policy's mistake (N410).
    return decision == .grant && request.free == 0 ? .wait : decision
  }

  @inline(never)
  private func tellGranted(_ bufferClass: BufferClass, _ asker: Grantee, mayWait: Bool) {
    context.pointee.policy?.granted(
      request(bufferClass, asker, mayWait: mayWait, waited: context.pointee.waited))
  }

  @inline(never)
  func tellReleased(_ bufferClass: BufferClass, _ grantee: Grantee) {
    context.pointee.policy?.released(grant(bufferClass, grantee))
  }

  /// The request that a buffer had been granted to, as far as it is kept.
  func grant(_ bufferClass: BufferClass, _ grantee: Grantee) -> AllocationRequest {
    request(bufferClass, grantee, mayWait: false, waited: .zero)
  }

  /// m_reclaim: every protocol's drain. Only IP's gives anything back; tcp_drain is empty.
  @inline(never)
  func drain() {
    state.pointee.statistics.drains &+= 1
    ipDrain()
  }

  @inline(__always)
  func count(_ type: MbufType, by amount: Int32) {
    switch type {
    case .header: state.pointee.headerMbufs &+= amount
    case .socketName: state.pointee.nameMbufs &+= amount
    case .socketOptions: state.pointee.optionMbufs &+= amount
    case .fragmentTable: state.pointee.fragmentTableMbufs &+= amount
    default: state.pointee.dataMbufs &+= amount
    }
  }
}
