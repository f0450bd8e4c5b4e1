// Raw sockets: datagrams of one protocol, or of any, with their IP headers.
//
// 4.4BSD: netinet/raw_ip.c (rip_input, rip_output). A reader sees the header as it was on the wire,
// where BSD turns its length and offset into host order.

import Wire

extension Kernel {
  /// rip_input: to the raw sockets that want it; the last of them gets the packet itself.
  func rawInput(_ packet: Int32, _ ip: IPv4Header) {
    var last: Int32 = -1
    var pcb = state.pointee.pcbList
    while pcb >= 0 {
      if wantsRaw(pcbs[Int(pcb)], ip) {
        if last >= 0 { rawCopy(packet, ip, to: last) }
        last = pcbs[Int(pcb)].socket
      }
      pcb = pcbs[Int(pcb)].listNext
    }
    guard last >= 0 else {
      if ip.protocolNumber == IPProtocol.icmp || ip.protocolNumber == IPProtocol.igmp {
        mFreem(packet, .noPort)
      } else {
        refuseProtocol(packet)
      }
      return
    }
    guard sbAppendAddress(last, packet, from: ip.source.rawValue, port: 0) else {
      sockets[Int(last)].fullDrops &+= 1
      mFreem(packet, .socketFull)
      return
    }
    soWakeup(last, .receive)
  }

  private func wantsRaw(_ pcb: Inpcb, _ ip: IPv4Header) -> Bool {
    if pcb.kind == .icmp { return ip.protocolNumber == IPProtocol.icmp }
    return pcb.kind == .raw
      && (pcb.protocolNumber == 0 || pcb.protocolNumber == ip.protocolNumber)
      && (pcb.localAddress == .any || pcb.localAddress == ip.destination)
      && (pcb.remoteAddress == .any || pcb.remoteAddress == ip.source)
  }

  private func rawCopy(_ packet: Int32, _ ip: IPv4Header, to socket: Int32) {
    let length = mbuf(packet).pointee.packetLength
    guard let copy = mCopy(packet, offset: 0, length: length, .stack) else { return }
    mbuf(copy).pointee.packetLength = length
    if sbAppendAddress(socket, copy, from: ip.source.rawValue, port: 0) {
      soWakeup(socket, .receive)
    } else {
      sockets[Int(socket)].fullDrops &+= 1
      mFreem(copy, .socketFull)
    }
  }

  /// A protocol that nobody serves. RFC 1122 §3.2.2.1 would have an error; BSD counts.
  private func refuseProtocol(_ packet: Int32) {
    state.pointee.statistics.ip.noProtocol &+= 1
    state.pointee.statistics.ip.delivered &-= 1
    if state.pointee.tunables.internet.reportsProtocol {
      icmpError(packet, .unreachable(ICMPUnreachable.protocol), freedFor: .noProtocol)
    } else {
      mFreem(packet, .noProtocol)
    }
  }

  /// rip_output. With IP_HDRINCL the payload begins with a header.
  func rawOutput(_ payload: Int32, pcb: Int32, to destination: IPv4Address) -> SocketError? {
    guard let hop = hop(to: destination) else {
      state.pointee.statistics.ip.noRoute &+= 1
      mFreem(payload, .noRoute)
      return .EHOSTUNREACH
    }
    if pcbs[Int(pcb)].includesHeader { return rawOutputWhole(payload, hop) }
    guard let packet = mPrepend(payload, length: 20, requester) else { return .ENOBUFS }
    state.pointee.statistics.ip.rawOut &+= 1
    let own = pcbs[Int(pcb)].localAddress
    return ipOutput(
      packet, from: own == .any ? sourceAddress(to: destination, by: hop) : own, to: destination,
      protocol: pcbs[Int(pcb)].protocolNumber, rawSending(pcb))
  }

  /// What a raw socket does not say itself: MAXTTL.
  func rawSending(_ pcb: Int32) -> Sending {
    var sending = pcbs[Int(pcb)].sending
    if sending.timeToLive == 0 { sending.timeToLive = Sending.maxTimeToLive }
    return sending
  }

  private func rawOutputWhole(_ payload: Int32, _ hop: Hop) -> SocketError? {
    var packet = payload
    let total = mbuf(packet).pointee.packetLength
    if mbuf(packet).pointee.length < 20 {
      guard let pulled = mPullup(packet, 20) else { return .EINVAL }
      packet = pulled
    }
    guard var header = IPv4Header(reading: octets(packet)), header.headerOctets >= 20,
      Int32(header.headerOctets) <= mbuf(packet).pointee.length,
      Int32(header.totalLength) == total
    else {
      mFreem(packet, .badHeader)
      return .EINVAL
    }
    if header.identification == 0 {
      header.identification = state.pointee.ipIdentifier
      state.pointee.ipIdentifier &+= 1
    }
    if header.source == .any { header.source = sourceAddress(to: header.destination, by: hop) }
    state.pointee.statistics.ip.rawOut &+= 1
    header.version = 4
    header.write(to: data(packet))
    return ipSendPrepared(packet, header, by: hop)
  }
}
