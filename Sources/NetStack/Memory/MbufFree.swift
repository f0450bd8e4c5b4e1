// Giving buffers back, and moving them from place to place. BSD: MFREE, m_freem.

extension Kernel {
  /// MFREE: the mbuf, and its cluster when nobody else refers to it.
  ///
  /// - Returns: the next mbuf of the chain, or -1.
  @discardableResult
  @inline(__always)
  func mFree(_ index: Int32, _ why: ReleaseReason) -> Int32 {
    let m = mbuf(index)
    precondition(m.pointee.type != .free, "an mbuf is freed twice")
    let next = m.pointee.next
    if state.pointee.releaseLook != [] && isKept(index, why) { return next }
    if m.pointee.cluster >= 0 { releaseCluster(of: m) }
    state.pointee.heldMbufs[m.pointee.place] &-= 1
    count(m.pointee.type, by: -1)
    m.pointee.type = .free
    mbufFree[Int(state.pointee.mbufPool.free)] = index
    state.pointee.mbufPool.free &+= 1
    state.pointee.mbufPool.releases &+= 1
    if state.pointee.mbufPool.allocator != .firstCome {
      tellReleased(.mbufs, m.pointee.grantee)
    }
    return next
  }

  /// m_freem: a whole chain. -1 is an empty one.
  func mFreem(_ chain: Int32, _ why: ReleaseReason) {
    var index = chain
    while index >= 0 { index = mFree(index, why) }
  }

  private func releaseCluster(of m: UnsafeMutablePointer<Mbuf>) {
    let cluster = m.pointee.cluster
    let use = clusterUse + Int(cluster)
    // Of one that nobody shares it is known where it counts.
    let isAlone = use.pointee.references == 1
    let counted = isAlone ? m.pointee.place : use.pointee.place
    use.pointee.remove(m.pointee.place)
    if !isAlone { return recount(use, from: counted) }
    if use.pointee.sizeClass != 0 { return classFree(cluster, countedAt: counted) }
    state.pointee.heldClusters[counted] &-= 1
    clusterFree[Int(state.pointee.clusterPool.free)] = cluster
    state.pointee.clusterPool.free &+= 1
    state.pointee.clusterPool.releases &+= 1
    // The socket it was taken for, else the one in whose buffer it lay last.
    let holder = counted.isOfSocket ? m.pointee.holder : -1
    let socket = use.pointee.grantee.socket
    tracePool(.poolRelease, .clusters, requester, -1, heldBy: socket >= 0 ? socket : holder)
    if state.pointee.clusterPool.allocator != .firstCome {
      tellReleased(.clusters, use.pointee.grantee)
    }
  }

  /// Says that one mbuf now lies at `place`, in the name of `holder`.
  @inline(__always)
  func place(_ index: Int32, _ place: Place, holder: Int32) {
    let m = mbuf(index)
    let old = m.pointee.place
    m.pointee.holder = holder
    m.pointee.place = place
    if old != place {
      state.pointee.heldMbufs[old] &-= 1
      state.pointee.heldMbufs[place] &+= 1
    }
    let cluster = m.pointee.cluster
    if cluster < 0 || old == place { return }
    let use = clusterUse + Int(cluster)
    if use.pointee.references == 1 && use.pointee.sizeClass == 0 {
      use.pointee.setOnly(place)
      state.pointee.heldClusters[old] &-= 1
      countCluster(at: place)
      return
    }
    let counted = use.pointee.place
    use.pointee.add(place)
    use.pointee.remove(old)
    recount(use, from: counted)
  }

  /// The same for a whole chain.
  @inline(__always)
  func placeChain(_ chain: Int32, _ place: Place, holder: Int32) {
    var index = chain
    while index >= 0 {
      self.place(index, place, holder: holder)
      index = mbuf(index).pointee.next
    }
  }

  /// Moves a cluster's one count when its first holder has changed.
  @inline(__always)
  func recount(_ use: UnsafeMutablePointer<ClusterUse>, from old: Place) {
    let place = use.pointee.place
    if place == old { return }
    if use.pointee.sizeClass != 0 { return classRecount(use, from: old) }
    state.pointee.heldClusters[old] &-= 1
    countCluster(at: place)
  }

  @inline(__always)
  func countCluster(at place: Place) {
    let count = state.pointee.heldClusters[place] &+ 1
    state.pointee.heldClusters[place] = count
    if count > state.pointee.peakClusters[place] { state.pointee.peakClusters[place] = count }
  }

  /// A buffer to which nothing refers any more. It stays counted, and never comes back.
  func leak(_ chain: Int32, _ loss: Loss) {
    placeChain(chain, .leaked, holder: context.pointee.task)
    var index = chain
    while index >= 0 {
      mbuf(index).pointee.loss = loss
      index = mbuf(index).pointee.next
    }
    let bufferClass: BufferClass = mbuf(chain).pointee.cluster >= 0 ? .clusters : .mbufs
    tracePool(.poolLeak, bufferClass, requester, -1)
  }
}
