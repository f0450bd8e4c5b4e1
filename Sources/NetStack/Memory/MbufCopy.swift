// Copying, prepending, trimming chains. BSD: uipc_mbuf.c (m_copym, m_prepend, m_adj, m_pullup).

extension Kernel {
  /// m_copym with M_DONTWAIT: `length` octets from `offset` of a chain, as a chain of its own.
  ///
  /// Clusters are shared, other data is copied. nil when an mbuf could not be had (MCFail), or a
  /// cluster has all the references that it can have.
  func mCopy(_ chain: Int32, offset: Int32, length: Int32, _ who: Requester) -> Int32? {
    var index = chain
    var skip = offset
    while skip > 0 {
      precondition(index >= 0, "m_copym: the chain is shorter than the offset")
      let have = mbuf(index).pointee.length
      if skip < have { break }
      skip &-= have
      index = mbuf(index).pointee.next
    }
    var first: Int32 = -1
    var last: Int32 = -1
    var left = length
    while left > 0 {
      precondition(index >= 0, "m_copym: the chain is shorter than the length")
      guard let copy = mGet(who, at: .mCopy, header: false) else {
        mFreem(first, .noBuffer)
        return nil
      }
      let source = mbuf(index)
      if source.pointee.cluster >= 0 && !mayShare(source.pointee.cluster) {
        mFree(copy, .noBuffer)
        mFreem(first, .noBuffer)
        return nil
      }
      let take = min(left, source.pointee.length &- skip)
      mbuf(copy).pointee.length = take
      if source.pointee.cluster >= 0 {
        share(source, with: copy, skip: skip)
      } else {
        data(copy).copyMemory(from: data(index) + Int(skip), byteCount: Int(take))
      }
      if last >= 0 { mbuf(last).pointee.next = copy } else { first = copy }
      last = copy
      left &-= take
      skip = 0
      index = source.pointee.next
    }
    return first
  }

  /// mclrefcnt is a char: BSD would count on from 0.
  @inline(__always)
  private func mayShare(_ cluster: Int32) -> Bool {
    clusterUse[Int(cluster)].references < 255
  }

  @inline(__always)
  private func share(_ source: UnsafeMutablePointer<Mbuf>, with copy: Int32, skip: Int32) {
    let to = mbuf(copy)
    to.pointee.cluster = source.pointee.cluster
    to.pointee.sizeClass = source.pointee.sizeClass
    to.pointee.offset = source.pointee.offset &+ skip
    let use = clusterUse + Int(source.pointee.cluster)
    let counted = use.pointee.place
    use.pointee.add(to.pointee.place)
    recount(use, from: counted)
  }

  /// M_PREPEND with M_DONTWAIT: `length` octets in front of a packet. A cluster never has room in
  /// front (M_LEADINGSPACE is 0 for M_EXT), so that costs an mbuf. nil frees the packet.
  @inline(__always)
  func mPrepend(_ packet: Int32, length: Int32, _ who: Requester) -> Int32? {
    let m = mbuf(packet)
    let start: Int32 =
      m.pointee.flags.contains(.packetHeader) ? BufferSize.mbufData &- BufferSize.headerData : 0
    if m.pointee.cluster < 0 && m.pointee.offset &- start >= length {
      m.pointee.offset &-= length
      m.pointee.length &+= length
      m.pointee.packetLength &+= length
      return packet
    }
    return mPrependMbuf(packet, length: length, who)
  }

  @inline(never)
  private func mPrependMbuf(_ packet: Int32, length: Int32, _ who: Requester) -> Int32? {
    let m = mbuf(packet)
    guard let front = mGet(who, at: .mPrepend, header: true) else {
      mFreem(packet, .noBuffer)
      return nil
    }
    let new = mbuf(front)
    new.pointee.flags = m.pointee.flags
    new.pointee.packetLength = m.pointee.packetLength &+ length
    new.pointee.interface = m.pointee.interface
    m.pointee.flags.remove(.ofHead)
    new.pointee.offset = BufferSize.mbufData &- length  // MH_ALIGN
    new.pointee.length = length
    new.pointee.next = packet
    return front
  }

  /// m_adj with a positive count: takes octets off the front. Emptied mbufs stay in the chain.
  @inline(__always)
  func mTrimFront(_ packet: Int32, _ count: Int32) {
    var left = count
    var index = packet
    while index >= 0 && left > 0 {
      let m = mbuf(index)
      let take = min(left, m.pointee.length)
      m.pointee.length &-= take
      m.pointee.offset &+= take
      left &-= take
      index = m.pointee.next
    }
    mbuf(packet).pointee.packetLength &-= count &- left
  }

  /// m_adj with a negative count: takes octets off the end, so that `total` remain.
  func mTrimBack(_ packet: Int32, to total: Int32) {
    var left = total
    var index = packet
    while index >= 0 {
      let m = mbuf(index)
      if m.pointee.length > left { m.pointee.length = left }
      left &-= m.pointee.length
      index = m.pointee.next
    }
    mbuf(packet).pointee.packetLength = total
  }

  /// Octets of a chain, for checks.
  func chainLength(_ chain: Int32) -> Int32 {
    var sum: Int32 = 0
    var index = chain
    while index >= 0 {
      sum &+= mbuf(index).pointee.length
      index = mbuf(index).pointee.next
    }
    return sum
  }
}
