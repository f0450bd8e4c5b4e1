// IP input: checks a datagram, puts it together, and hands it to its protocol or passes it on.
//
// RFC 791, RFC 1122 §3.2.1. 4.4BSD: ip_input of netinet/ip_input.c. Its faults are judged in BSD's
// order, each with its counter: version, header length, checksum, total length, frame too short.

import Wire

extension Kernel {
  @inline(__always)
  func ipInput(_ packet: Int32) {
    state.pointee.statistics.ip.total &+= 1
    let m = mbuf(packet)
    if isPlainSegment(packet) {
      state.pointee.statistics.ip.delivered &+= 1
      return tcpInput(packet)
    }
    let front = front(packet, atLeast: 20)
    guard let header = IPv4Header(reading: front), header.version == 4,
      header.headerOctets == 20, IPv4Header.isSound(front),
      header.totalLength >= 20, Int32(header.totalLength) <= m.pointee.packetLength
    else { return ipInputSlowly(packet) }
    let total = Int32(header.totalLength)
    if total < m.pointee.packetLength { mTrimBack(packet, to: total) }  // Ethernet padding
    if isOurs(header.destination) && !header.isFragment {
      return ipDeliver(packet, header)
    }
    ipInputFurther(packet, header)
  }

  /// What most packets are, told by no more than that takes: whole and sound, without options, a
  /// segment for us, in one mbuf. Ethernet's padding is gone then.
  @inline(__always)
  private func isPlainSegment(_ packet: Int32) -> Bool {
    let m = mbuf(packet)
    guard let header = IPv4Header.Plain(front(packet, atLeast: 20)),
      header.protocolNumber == IPProtocol.tcp, m.pointee.length == m.pointee.packetLength
    else { return false }
    let total = Int32(header.totalLength)
    guard total >= 20, total <= m.pointee.packetLength, isOurs(header.destination) else {
      return false
    }
    m.pointee.length = total
    m.pointee.packetLength = total
    return true
  }

  /// A header with options, one that spreads over mbufs, or one with a fault.
  @inline(never)
  private func ipInputSlowly(_ arrived: Int32) {
    var packet = arrived
    if octets(packet).count < 20 {
      guard mbuf(packet).pointee.packetLength >= 20, let pulled = mPullup(packet, 20) else {
        state.pointee.statistics.ip.tooSmall &+= 1
        trace(.ipDrop, 1)
        if mbuf(arrived).pointee.packetLength < 20 { mFreem(packet, .short) }
        return
      }
      packet = pulled
    }
    guard let header = IPv4Header(reading: octets(packet)) else {
      preconditionFailure("a header is not where it was pulled up")
    }
    guard header.version == 4 else {
      state.pointee.statistics.ip.badVersion &+= 1
      return drop(packet, .badHeader)
    }
    let headerOctets = Int32(header.headerOctets)
    guard headerOctets >= 20, headerOctets <= mbuf(packet).pointee.packetLength else {
      state.pointee.statistics.ip.badHeaderLength &+= 1
      return drop(packet, .badHeader)
    }
    if mbuf(packet).pointee.length < headerOctets {
      guard let pulled = mPullup(packet, headerOctets) else {
        state.pointee.statistics.ip.badHeaderLength &+= 1
        return trace(.ipDrop, 1)
      }
      packet = pulled
    }
    let whole = UnsafeRawBufferPointer(rebasing: octets(packet)[..<Int(headerOctets)])
    guard InternetChecksum.of(whole) == 0 else {
      state.pointee.statistics.ip.badSum &+= 1
      return drop(packet, .badHeader)
    }
    let total = Int32(header.totalLength)
    guard total >= headerOctets else {
      state.pointee.statistics.ip.badLength &+= 1
      return drop(packet, .short)
    }
    guard total <= mbuf(packet).pointee.packetLength else {
      state.pointee.statistics.ip.tooShort &+= 1
      return drop(packet, .short)
    }
    if total < mbuf(packet).pointee.packetLength { mTrimBack(packet, to: total) }
    if headerOctets > 20 && ipDoOptions(packet, headerOctets) { return }
    guard let judged = IPv4Header(reading: octets(packet)) else {
      preconditionFailure("a header is not where it was")
    }
    ipInputFurther(packet, judged)
  }

  /// Not for us alone, or not whole.
  @inline(never)
  private func ipInputFurther(_ packet: Int32, _ header: IPv4Header) {
    let interface = Int32(mbuf(packet).pointee.interface)
    if header.destination.isMulticast {
      guard hasJoined(header.destination, on: interface) else {
        state.pointee.statistics.ip.notMember &+= 1
        return mFreem(packet, .notOurs)
      }
    } else if !isAnyBroadcast(header.destination, likely: interface) && !isOurs(header.destination)
    {
      return ipNotOurs(packet, header)
    }
    guard header.isFragment else { return ipDeliver(packet, header) }
    guard let whole = ipReassemble(packet, header),
      let joined = IPv4Header(reading: octets(whole))
    else { return }
    ipDeliver(whole, joined)
  }

  private func ipNotOurs(_ packet: Int32, _ header: IPv4Header) {
    guard state.pointee.tunables.internet.forwards else {
      state.pointee.statistics.ip.cannotForward &+= 1
      return mFreem(packet, .notOurs)
    }
    ipForward(packet, header, isSourceRouted: false)
  }

  /// inetsw[ip_protox[…]].pr_input.
  @inline(__always)
  private func ipDeliver(_ packet: Int32, _ header: IPv4Header) {
    state.pointee.statistics.ip.delivered &+= 1
    switch header.protocolNumber {
    case IPProtocol.tcp:
      let m = mbuf(packet)
      if header.headerOctets == 20 && m.pointee.length == m.pointee.packetLength {
        return tcpInput(packet)
      }
      if let ready = contiguousTCP(packet) { tcpInput(ready) }
    case IPProtocol.udp:
      if header.headerOctets > 20 { ipStripOptions(packet) }
      udpInput(packet, header)
    case IPProtocol.icmp: icmpInput(packet, header)
    case IPProtocol.igmp: igmpInput(packet, header)
    default: rawInput(packet, header)
    }
  }

  /// What tcp_input does first: no options of IP, and all headers in one mbuf.
  @inline(never)
  private func contiguousTCP(_ arrived: Int32) -> Int32? {
    ipStripOptions(arrived)
    var packet = arrived
    for _ in 0..<2 {
      var needed: Int32 = 40
      if octets(packet).count >= 40 {
        needed = 20 + Int32(octets(packet)[32] >> 4) * 4
      }
      if mbuf(packet).pointee.length >= needed || mbuf(packet).pointee.packetLength < needed {
        continue
      }
      guard let pulled = mPullup(packet, needed) else {
        state.pointee.statistics.tcpShort &+= 1
        return nil
      }
      packet = pulled
    }
    return packet
  }

  private func drop(_ packet: Int32, _ why: ReleaseReason) {
    trace(.ipDrop, 1)
    mFreem(packet, why)
  }
}
