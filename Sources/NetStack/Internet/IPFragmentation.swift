// A datagram larger than the link: fragments with data shared, headers of their own.
//
// RFC 791 §3.2. 4.4BSD: the second half of ip_output, ip_optcopy. Each further fragment takes an
// mbuf for its header and shares clusters by m_copy; when one cannot be had, none is sent.

import Wire

extension Kernel {
  /// Sends a packet in pieces that fit the interface, or the way. Its header, options included,
  /// lies in its first mbuf.
  func ipSendInPieces(
    _ packet: Int32, _ header: IPv4Header, by hop: Hop, mtu: Int32? = nil
  ) -> SocketError? {
    let headerOctets = Int32(header.headerOctets)
    let total = mbuf(packet).pointee.packetLength
    let piece = ((mtu ?? interfaces[Int(hop.interface)].mtu) &- headerOctets) & ~7
    guard piece >= 8 else {
      state.pointee.statistics.ip.cannotFragment &+= 1
      mFreem(packet, .tooBig)
      return .EMSGSIZE
    }
    var last = packet
    var offset = headerOctets &+ piece
    while offset < total {
      let length = min(piece, total &- offset)
      guard
        let next = makeFragment(
          of: packet, header, from: offset, length, isLast: offset &+ length == total)
      else {
        state.pointee.statistics.ip.outDropped &+= 1
        freePieces(packet)
        return .ENOBUFS
      }
      mbuf(last).pointee.nextPacket = next
      last = next
      offset &+= piece
    }
    shorten(packet, to: headerOctets &+ piece)
    return sendPieces(packet, header, by: hop)
  }

  private func sendPieces(
    _ first: Int32, _ header: IPv4Header, by hop: Hop
  ) -> SocketError? {
    var failure: SocketError?
    var packet = first
    while packet >= 0 {
      let next = mbuf(packet).pointee.nextPacket
      mbuf(packet).pointee.nextPacket = -1
      if failure == nil {
        state.pointee.statistics.ip.fragmentsOut &+= 1
        failure = ipLink(packet, to: header.destination, by: hop)
      } else {
        mFreem(packet, .queueFull)
      }
      packet = next
    }
    if failure == nil { state.pointee.statistics.ip.fragmented &+= 1 }
    return failure
  }

  private func freePieces(_ first: Int32) {
    var packet = first
    while packet >= 0 {
      let next = mbuf(packet).pointee.nextPacket
      mbuf(packet).pointee.nextPacket = -1
      mFreem(packet, .noBuffer)
      packet = next
    }
  }

  /// What is left of the packet is its first fragment.
  private func shorten(_ packet: Int32, to length: Int32) {
    var left = length
    var index = packet
    while index >= 0 {
      if mbuf(index).pointee.length > left { mbuf(index).pointee.length = left }
      left &-= mbuf(index).pointee.length
      index = mbuf(index).pointee.next
    }
    mbuf(packet).pointee.packetLength = length
    mbuf(packet).pointee.flags.remove(.summed)  // the others are on their own from here
    let field = UnsafeRawPointer(data(packet)).bigEndian16(at: 6)
    data(packet).store(bigEndian16: field | 0x2000, at: 6)
    data(packet).store(bigEndian16: UInt16(truncatingIfNeeded: length), at: 2)
    ipWriteChecksum(packet, Int(octets(packet)[0] & 15) * 4)
  }

  /// One of the others: its header in an mbuf, its data as m_copy has it.
  private func makeFragment(
    of packet: Int32, _ header: IPv4Header, from offset: Int32, _ length: Int32, isLast: Bool
  ) -> Int32? {
    guard let fragment = mGet(requester, at: .ipOutput, header: true, type: .header) else {
      return nil
    }
    let m = mbuf(fragment)
    m.pointee.flags.formUnion(
      mbuf(packet).pointee.flags.intersection([.broadcast, .multicast]))
    m.pointee.interface = mbuf(packet).pointee.interface
    m.pointee.offset &+= BufferSize.linkHeader
    data(fragment).copyMemory(from: data(packet), byteCount: 20)
    let optionOctets = copyOptions(of: packet, Int(header.headerOctets), to: fragment)
    let headerOctets = 20 &+ Int32(optionOctets)
    m.pointee.length = headerOctets
    guard let rest = mCopy(packet, offset: offset, length: length, requester) else {
      mFreem(fragment, .noBuffer)
      return nil
    }
    m.pointee.next = rest
    m.pointee.packetLength = headerOctets &+ length
    let own = UnsafeRawPointer(data(packet)).bigEndian16(at: 6)
    let eighths = UInt16(truncatingIfNeeded: (offset &- Int32(header.headerOctets)) >> 3)
    let more: UInt16 = isLast ? own & 0x2000 : 0x2000
    data(fragment).storeBytes(of: 0x40 | UInt8(headerOctets >> 2), as: UInt8.self)
    data(fragment).store(
      bigEndian16: UInt16(truncatingIfNeeded: headerOctets &+ length), at: 2)
    data(fragment).store(bigEndian16: (own & 0x5FFF) &+ eighths | more, at: 6)
    ipWriteChecksum(fragment, Int(headerOctets))
    return fragment
  }

  /// ip_optcopy: the options whose copied flag says that every fragment has them, padded.
  private func copyOptions(of packet: Int32, _ headerOctets: Int, to fragment: Int32) -> Int {
    if headerOctets <= 20 { return 0 }
    let options = UnsafeRawBufferPointer(rebasing: octets(packet)[20..<headerOctets])
    let target = data(fragment) + 20
    var count = 0
    for option in IPOptions(options) {
      if option.kind == IPOptionKind.noOperation {
        target.storeBytes(of: option.kind, toByteOffset: count, as: UInt8.self)
        count += 1
      } else if option.kind & 0x80 != 0 {
        for index in 0..<option.length {
          target.storeBytes(
            of: options[option.start + index], toByteOffset: count + index, as: UInt8.self)
        }
        count += option.length
      }
    }
    while count & 3 != 0 {
      target.storeBytes(of: 0, toByteOffset: count, as: UInt8.self)
      count += 1
    }
    return count
  }
}
