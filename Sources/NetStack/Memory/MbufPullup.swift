// Making the front of a chain contiguous, and joining chains. BSD: uipc_mbuf.c (m_pullup, m_cat).

extension Kernel {
  /// m_pullup: the first `length` octets in one mbuf, which may have to be taken first; more come
  /// along up to max_protohdr. nil frees the packet: it is shorter, or there is no mbuf (MPFail).
  func mPullup(_ packet: Int32, _ length: Int32) -> Int32? {
    let m = mbuf(packet)
    if m.pointee.cluster < 0 && m.pointee.offset &+ length <= BufferSize.mbufData
      && m.pointee.next >= 0
    {
      if m.pointee.length >= length { return packet }
      return fill(packet, from: m.pointee.next, length, already: m.pointee.length)
    }
    guard length <= BufferSize.headerData, length <= m.pointee.packetLength else {
      mFreem(packet, .short)
      return nil
    }
    guard let front = mGet(requester, at: .mPullup, header: true) else {
      mFreem(packet, .noBuffer)
      return nil
    }
    let new = mbuf(front)
    new.pointee.flags = m.pointee.flags
    new.pointee.packetLength = m.pointee.packetLength
    new.pointee.interface = m.pointee.interface
    new.pointee.nextPacket = m.pointee.nextPacket
    m.pointee.nextPacket = -1
    m.pointee.flags.remove(.ofHead)
    return fill(front, from: packet, length, already: 0)
  }

  /// Copies octets of the mbufs behind into the first, and frees those that are empty then.
  private func fill(
    _ front: Int32, from rest: Int32, _ length: Int32, already: Int32
  ) -> Int32? {
    let to = mbuf(front)
    let space = BufferSize.mbufData &- to.pointee.offset &- already
    var wanted = min(max(length, Self.mostHeader) &- already, space)
    var needed = length &- already
    var index = rest
    while wanted > 0 && index >= 0 {
      let m = mbuf(index)
      let count = min(wanted, m.pointee.length)
      (data(front) + Int(to.pointee.length)).copyMemory(
        from: data(index), byteCount: Int(count))
      to.pointee.length &+= count
      m.pointee.length &-= count
      m.pointee.offset &+= count
      wanted &-= count
      needed &-= count
      if m.pointee.length > 0 { break }
      index = mFree(index, .merged)
      if needed <= 0 { break }
    }
    to.pointee.next = index
    if needed > 0 {
      mFreem(front, .short)
      return nil
    }
    return front
  }

  /// max_protohdr.
  private static var mostHeader: Int32 { 40 }

  /// m_cat: the second chain behind the first; octets that find room in its last mbuf are copied.
  func mCat(_ first: Int32, _ second: Int32) {
    var last = first
    while mbuf(last).pointee.next >= 0 { last = mbuf(last).pointee.next }
    var index = second
    while index >= 0 {
      let (m, end) = (mbuf(index), mbuf(last))
      let used = end.pointee.offset &+ end.pointee.length
      if end.pointee.cluster >= 0 || used &+ m.pointee.length >= BufferSize.mbufData {
        m.pointee.flags.remove(.packetHeader)
        end.pointee.next = index
        return
      }
      (data(last) + Int(end.pointee.length)).copyMemory(
        from: data(index), byteCount: Int(m.pointee.length))
      end.pointee.length &+= m.pointee.length
      index = mFree(index, .merged)
    }
  }
}
