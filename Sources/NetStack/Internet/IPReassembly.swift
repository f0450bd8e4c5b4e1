// IP reassembly: fragments wait until their datagram is whole, their time is up, or somebody needs
// the buffers.
//
// RFC 791 §3.2, RFC 815. 4.4BSD as FreeBSD 2.2 has it: ip_reass, ip_freef, ip_drain and the hash of
// netinet/ip_input.c. The record of a datagram is an mbuf of type MT_FTABLE; a fragment keeps its
// buffers, its header in an mbuf of its own. Nothing limits the fragments of one datagram, and 17
// datagrams pass a limit of 16: `nipq > maxnipq` is asked before the new one is counted. The header
// stays in front of a fragment's data while it waits, where BSD hides it.

import Wire

/// ipq[]: datagrams by hash, each chain the newest first.
struct Reassembly: Sendable {
  static let buckets = 64
  var heads: InlineArray<64, Int32> = .init(repeating: -1)
  /// nipq.
  var datagrams: Int32 = 0
}

/// struct ipq, in the data area of its mbuf.
struct FragmentQueue {
  var next: Int32 = -1
  /// By offset, chained through `nextPacket`.
  var fragments: Int32 = -1
  var count: Int32 = 0
  var source = IPv4Address.any
  var destination = IPv4Address.any
  var identification: UInt16 = 0
  var protocolNumber: UInt8 = 0
  var expires = Instant.zero
}

extension KernelState {
  /// Whether fragments of IP wait here: for their datagram, their timer or a drain.
  public var isReassembling: Bool { reassembly.datagrams > 0 }
  /// Datagrams in reassembly.
  public var fragmentQueues: Int32 { reassembly.datagrams }
}

extension Kernel {
  @inline(__always)
  func fragmentQueue(_ record: Int32) -> UnsafeMutablePointer<FragmentQueue> {
    (UnsafeMutableRawPointer(mbuf(record)) + Mbuf.headerOctets)
      .assumingMemoryBound(to: FragmentQueue.self)
  }

  func forEachFragmentQueue(_ body: (Int32) -> Void) {
    if state.pointee.reassembly.datagrams == 0 { return }
    for bucket in 0..<Reassembly.buckets {
      var record = state.pointee.reassembly.heads[bucket]
      while record >= 0 {
        let next = fragmentQueue(record).pointee.next
        body(record)
        record = next
      }
    }
  }

  /// The part of ip_input that is for fragments. Takes the packet over.
  ///
  /// - Returns: the whole datagram, when this was what it lacked.
  func ipReassemble(_ fragment: Int32, _ header: IPv4Header) -> Int32? {
    state.pointee.statistics.ip.fragments &+= 1
    let payload = Int32(header.totalLength) &- Int32(header.headerOctets)
    // All but the last are whole words of eight octets, and none reaches beyond a datagram's end.
    guard payload > 0, !header.moreFragments || payload & 7 == 0 else {
      state.pointee.statistics.ip.tooSmall &+= 1
      dropFragment(fragment, .short)
      return nil
    }
    guard Int32(header.fragmentOffset) &+ payload &+ 20 <= 65535 else {
      state.pointee.statistics.ip.tooLong &+= 1
      dropFragment(fragment, .badHeader)
      return nil
    }
    var packet = fragment
    if mbuf(packet).pointee.cluster >= 0 {
      guard let pulled = mPullup(packet, Int32(header.headerOctets)) else {
        state.pointee.statistics.ip.tooSmall &+= 1
        return nil
      }
      packet = pulled
    }
    let bucket = bucket(of: header)
    var record = find(header, in: bucket)
    if record < 0 {
      makeRoom(in: bucket)
      guard let new = begin(header, in: bucket) else {
        state.pointee.statistics.ip.fragmentsDropped &+= 1
        dropFragment(packet, .noBuffer)
        return nil
      }
      record = new
    }
    let cap = state.pointee.tunables.internet.fragmentsPerQueue
    if cap > 0 && fragmentQueue(record).pointee.count >= cap {
      state.pointee.statistics.ip.fragmentsDropped &+= 1
      dropFragment(packet, .queueFull)
      return nil
    }
    guard takeUse(.reass, for: packet) else {
      state.pointee.statistics.ip.fragmentsDropped &+= 1
      dropFragment(packet, .noBuffer)
      return nil
    }
    setOffset(of: packet, Int32(header.fragmentOffset))
    guard insert(packet, into: record) else { return nil }
    return complete(record, in: bucket)
  }

  private func dropFragment(_ packet: Int32, _ why: ReleaseReason) {
    trace(.ipDrop, 1)
    mFreem(packet, why)
  }

  /// IPREASS_HASH.
  private func bucket(of header: IPv4Header) -> Int {
    let source = header.source.rawValue
    let mixed = source & 0xF | (source >> 8 & 0xF) << 4
    return Int((mixed ^ UInt32(header.identification)) & 63)
  }

  private func find(_ header: IPv4Header, in bucket: Int) -> Int32 {
    var record = state.pointee.reassembly.heads[bucket]
    while record >= 0 {
      let queue = fragmentQueue(record)
      if queue.pointee.identification == header.identification
        && queue.pointee.source == header.source
        && queue.pointee.destination == header.destination
        && queue.pointee.protocolNumber == header.protocolNumber
      {
        return record
      }
      record = queue.pointee.next
    }
    return -1
  }

  /// maxnipq.
  var fragmentQueueLimit: Int32 {
    let limit = state.pointee.tunables.internet.fragmentQueues
    return limit >= 0 ? limit : state.pointee.clusterPool.total / 4
  }

  /// The oldest datagram of this chain gives way, or of the first chain that has any.
  private func makeRoom(in bucket: Int) {
    guard state.pointee.reassembly.datagrams > fragmentQueueLimit else { return }
    var victim = bucket
    if state.pointee.reassembly.heads[victim] < 0 {
      victim = 0
      while state.pointee.reassembly.heads[victim] < 0 { victim += 1 }
    }
    var oldest = state.pointee.reassembly.heads[victim]
    while fragmentQueue(oldest).pointee.next >= 0 { oldest = fragmentQueue(oldest).pointee.next }
    state.pointee.statistics.ip.fragmentsDropped &+= Int64(fragmentQueue(oldest).pointee.count)
    free(oldest, in: victim, .queueFull)
  }

  private func begin(_ header: IPv4Header, in bucket: Int) -> Int32? {
    guard let record = mGet(.stack, at: .ipReass, header: false, type: .fragmentTable) else {
      return nil
    }
    var queue = FragmentQueue()
    // Who asks for an mbuf may have drained what was there: the chain is read afterwards.
    queue.next = state.pointee.reassembly.heads[bucket]
    queue.source = header.source
    queue.destination = header.destination
    queue.identification = header.identification
    queue.protocolNumber = header.protocolNumber
    queue.expires = beat(after: state.pointee.tunables.internet.fragmentHold)
    mbuf(record).pointee.length = Int32(MemoryLayout<FragmentQueue>.size)
    UnsafeMutableRawPointer(fragmentQueue(record)).initializeMemory(
      as: FragmentQueue.self, to: queue)
    place(record, .reass, holder: -1)
    state.pointee.reassembly.heads[bucket] = record
    state.pointee.reassembly.datagrams &+= 1
    setInternetTimeout(atMost: queue.expires)
    return record
  }

  /// Where a fragment belongs, what of it is new, and what of the later ones it covers.
  ///
  /// - Returns: false when all of it was there already: it is freed.
  private func insert(_ packet: Int32, into record: Int32) -> Bool {
    let queue = fragmentQueue(record)
    var previous: Int32 = -1
    var next = queue.pointee.fragments
    while next >= 0 && offset(of: next) <= offset(of: packet) {
      previous = next
      next = mbuf(next).pointee.nextPacket
    }
    if previous >= 0 {
      let overlap = end(of: previous) &- offset(of: packet)
      if overlap >= end(of: packet) &- offset(of: packet) {
        state.pointee.statistics.ip.fragmentsDropped &+= 1
        dropFragment(packet, .duplicate)
        return false
      }
      if overlap > 0 { cutFront(of: packet, overlap) }
    }
    while next >= 0 && end(of: packet) > offset(of: next) {
      let overlap = end(of: packet) &- offset(of: next)
      if overlap < end(of: next) &- offset(of: next) {
        cutFront(of: next, overlap)
        break
      }
      let after = mbuf(next).pointee.nextPacket
      mbuf(next).pointee.nextPacket = -1
      queue.pointee.count &-= 1
      mFreem(next, .duplicate)
      next = after
    }
    mbuf(packet).pointee.nextPacket = next
    if previous >= 0 {
      mbuf(previous).pointee.nextPacket = packet
    } else {
      queue.pointee.fragments = packet
    }
    queue.pointee.count &+= 1
    placeChain(packet, .reass, holder: -1)
    return true
  }

  /// The datagram, when no octet of it is missing.
  private func complete(_ record: Int32, in bucket: Int) -> Int32? {
    let queue = fragmentQueue(record)
    var expected: Int32 = 0
    var fragment = queue.pointee.fragments
    var last: Int32 = -1
    while fragment >= 0 {
      if offset(of: fragment) != expected { return nil }
      expected = end(of: fragment)
      last = fragment
      fragment = mbuf(fragment).pointee.nextPacket
    }
    guard last >= 0, !hasMore(last) else { return nil }
    let first = queue.pointee.fragments
    let headerOctets = self.headerOctets(of: first)
    if expected &+ headerOctets > 65535 {
      state.pointee.statistics.ip.tooLong &+= 1
      trace(.ipDrop, 1)
      free(record, in: bucket, .badHeader)
      return nil
    }
    fragment = mbuf(first).pointee.nextPacket
    mbuf(first).pointee.nextPacket = -1
    if state.pointee.servesUses { giveUses(of: first, .ofWaiting) }
    placeChain(first, .hand, holder: context.pointee.task)
    while fragment >= 0 {
      let next = mbuf(fragment).pointee.nextPacket
      mbuf(fragment).pointee.nextPacket = -1
      placeChain(fragment, .hand, holder: context.pointee.task)
      mTrimFront(fragment, self.headerOctets(of: fragment))
      if state.pointee.servesUses { giveUses(of: fragment, .ofWaiting) }
      mCat(first, fragment)
      fragment = next
    }
    queue.pointee.fragments = -1
    free(record, in: bucket, .processed)
    mbuf(first).pointee.packetLength = expected &+ headerOctets
    data(first).store(
      bigEndian16: UInt16(truncatingIfNeeded: expected &+ headerOctets), at: 2)
    data(first).store(bigEndian16: 0, at: 6)
    state.pointee.statistics.ip.reassembled &+= 1
    return first
  }

  // MARK: one fragment

  private func hasMore(_ fragment: Int32) -> Bool {
    UnsafeRawPointer(data(fragment)).octet(at: 6) & 0x20 != 0
  }

  private func headerOctets(of fragment: Int32) -> Int32 {
    Int32(UnsafeRawPointer(data(fragment)).octet(at: 0) & 15) &* 4
  }

  /// Where its data begin. A cut moves that by single octets and the header counts in eights, so it
  /// is kept where the checksum was, which has done its work.
  private func offset(of fragment: Int32) -> Int32 {
    Int32(UnsafeRawPointer(data(fragment)).bigEndian16(at: 10))
  }

  private func setOffset(of fragment: Int32, _ offset: Int32) {
    data(fragment).store(bigEndian16: UInt16(truncatingIfNeeded: offset), at: 10)
  }

  private func end(of fragment: Int32) -> Int32 {
    offset(of: fragment) &+ mbuf(fragment).pointee.packetLength &- headerOctets(of: fragment)
  }

  /// m_adj behind the header: octets that another fragment brought.
  private func cutFront(of fragment: Int32, _ count: Int32) {
    setOffset(of: fragment, offset(of: fragment) &+ count)
    let headerOctets = self.headerOctets(of: fragment)
    let m = mbuf(fragment)
    let here = min(count, m.pointee.length &- headerOctets)
    (data(fragment) + Int(here)).copyMemory(
      from: data(fragment), byteCount: Int(headerOctets))
    m.pointee.offset &+= here
    m.pointee.length &-= here
    var left = count &- here
    var index = m.pointee.next
    while index >= 0 && left > 0 {
      let take = min(left, mbuf(index).pointee.length)
      mbuf(index).pointee.length &-= take
      mbuf(index).pointee.offset &+= take
      left &-= take
      index = mbuf(index).pointee.next
    }
    m.pointee.packetLength &-= count
  }

  // MARK: the end of a datagram

  /// ip_freef: a datagram's fragments, if any are left, and its record.
  private func free(_ record: Int32, in bucket: Int, _ why: ReleaseReason) {
    let queue = fragmentQueue(record)
    var fragment = queue.pointee.fragments
    while fragment >= 0 {
      let next = mbuf(fragment).pointee.nextPacket
      mbuf(fragment).pointee.nextPacket = -1
      mFreem(fragment, why)
      fragment = next
    }
    let after = queue.pointee.next
    if state.pointee.reassembly.heads[bucket] == record {
      state.pointee.reassembly.heads[bucket] = after
    } else {
      var before = state.pointee.reassembly.heads[bucket]
      while fragmentQueue(before).pointee.next != record {
        before = fragmentQueue(before).pointee.next
      }
      fragmentQueue(before).pointee.next = after
    }
    state.pointee.reassembly.datagrams &-= 1
    mFree(record, why)
  }

  /// ip_drain: whatever has come of any datagram goes.
  func ipDrain() {
    if state.pointee.reassembly.datagrams == 0 { return }
    for bucket in 0..<Reassembly.buckets {
      while state.pointee.reassembly.heads[bucket] >= 0 {
        state.pointee.statistics.ip.fragmentsDropped &+= 1
        free(state.pointee.reassembly.heads[bucket], in: bucket, .drained)
      }
    }
  }

  /// The reassembly half of ip_slowtimo.
  ///
  /// - Returns: when the next datagram's time is up.
  func expireFragments() -> Instant {
    if state.pointee.reassembly.datagrams == 0 { return .never }
    var next = Instant.never
    for bucket in 0..<Reassembly.buckets {
      var record = state.pointee.reassembly.heads[bucket]
      while record >= 0 {
        let after = fragmentQueue(record).pointee.next
        if fragmentQueue(record).pointee.expires <= now {
          state.pointee.statistics.ip.fragmentTimeouts &+= 1
          reportTimeout(of: record)
          free(record, in: bucket, .fragmentTimeout)
        } else {
          next = min(next, fragmentQueue(record).pointee.expires)
        }
        record = after
      }
    }
    return next
  }

  /// RFC 1122 §3.3.2: of a datagram whose first fragment has come the sender is told.
  private func reportTimeout(of record: Int32) {
    let first = fragmentQueue(record).pointee.fragments
    guard state.pointee.tunables.internet.reportsFragmentTimeout, first >= 0,
      offset(of: first) == 0
    else { return }
    fragmentQueue(record).pointee.fragments = mbuf(first).pointee.nextPacket
    mbuf(first).pointee.nextPacket = -1
    placeChain(first, .hand, holder: context.pointee.task)
    data(first).store(bigEndian16: 0, at: 6)
    icmpError(first, .timeExceeded(inTransit: false), freedFor: .fragmentTimeout)
  }
}
