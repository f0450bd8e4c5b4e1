// UDP input: datagrams to sockets.
//
// RFC 768, RFC 1122 §4.1. 4.4BSD: udp_input of netinet/udp_usrreq.c. What is sent to many goes to
// every socket on the port that shares it; clusters are shared by the copies.

import Wire

extension Kernel {
  func udpInput(_ arrived: Int32, _ ip: IPv4Header) {
    state.pointee.statistics.udp.received &+= 1
    var packet = arrived
    if mbuf(packet).pointee.length < 28 {
      guard mbuf(packet).pointee.packetLength >= 28, let pulled = mPullup(packet, 28) else {
        state.pointee.statistics.udp.short &+= 1
        if mbuf(arrived).pointee.packetLength < 28 { mFreem(packet, .short) }
        return
      }
      packet = pulled
    }
    guard
      let header = UDPHeader(
        reading: UnsafeRawBufferPointer(rebasing: front(packet, atLeast: 28)[20...])),
      header.length >= 8, Int32(header.length) + 20 <= mbuf(packet).pointee.packetLength
    else {
      state.pointee.statistics.udp.badLength &+= 1
      mFreem(packet, .short)
      return
    }
    if header.checksum == 0 {
      state.pointee.statistics.udp.noSum &+= 1
    } else if !udpChecksumIsSound(packet, ip, header) {
      state.pointee.statistics.udp.badSum &+= 1
      mFreem(packet, .badChecksum)
      return
    }
    mTrimBack(packet, to: 20 + Int32(header.length))
    if isForMany(packet, ip) { return udpInputToMany(packet, ip, header) }
    let pcb = pcbLookup(
      .datagram, local: ip.destination, localPort: header.destinationPort, remote: ip.source,
      remotePort: header.sourcePort)
    guard pcb >= 0 else {
      state.pointee.statistics.udp.noPort &+= 1
      return icmpError(packet, .unreachable(ICMPUnreachable.port), freedFor: .noPort)
    }
    mTrimFront(packet, 28)
    udpAppend(packet, ip, header, to: pcbs[Int(pcb)].socket)
  }

  private func isForMany(_ packet: Int32, _ ip: IPv4Header) -> Bool {
    if !mbuf(packet).pointee.flags.isDisjoint(with: [.broadcast, .multicast]) { return true }
    return !isOurs(ip.destination)
  }

  private func udpAppend(
    _ packet: Int32, _ ip: IPv4Header, _ header: UDPHeader, to socket: Int32
  ) {
    guard sbAppendAddress(socket, packet, from: ip.source.rawValue, port: header.sourcePort) else {
      state.pointee.statistics.udp.fullSocket &+= 1
      sockets[Int(socket)].fullDrops &+= 1
      trace(.socketFull, socket)
      mFreem(packet, .socketFull)
      return
    }
    soWakeup(socket, .receive)
  }

  /// The newest socket on the port gets it, and as long as each lets others share the port
  /// (SO_REUSEADDR, SO_REUSEPORT) the next one a copy. Nobody there: it goes quietly.
  private func udpInputToMany(_ packet: Int32, _ ip: IPv4Header, _ header: UDPHeader) {
    mTrimFront(packet, 28)
    var last: Int32 = -1
    var index = state.pointee.pcbList
    while index >= 0 {
      let pcb = pcbs[Int(index)]
      index = pcb.listNext
      guard hears(pcb, ip, header) else { continue }
      if last >= 0 { udpAppendCopy(packet, ip, header, to: last) }
      last = pcb.socket
      if sockets[Int(last)].options.isDisjoint(with: [.reuseAddress, .reusePort]) { break }
    }
    guard last >= 0 else {
      state.pointee.statistics.udp.noPortBroadcast &+= 1
      mFreem(packet, .noPort)
      return
    }
    udpAppend(packet, ip, header, to: last)
  }

  private func hears(_ pcb: Inpcb, _ ip: IPv4Header, _ header: UDPHeader) -> Bool {
    guard pcb.kind == .datagram, pcb.localPort == header.destinationPort else { return false }
    if pcb.remotePort == 0 { return true }
    // A connected socket hears its peer only; its own address is no obstacle to a broadcast.
    return pcb.remoteAddress == ip.source && pcb.remotePort == header.sourcePort
  }

  private func udpAppendCopy(
    _ packet: Int32, _ ip: IPv4Header, _ header: UDPHeader, to socket: Int32
  ) {
    let length = mbuf(packet).pointee.packetLength
    guard let copy = mCopy(packet, offset: 0, length: length, .stack) else { return }
    mbuf(copy).pointee.packetLength = length
    udpAppend(copy, ip, header, to: socket)
  }

  private func udpChecksumIsSound(_ packet: Int32, _ ip: IPv4Header, _ header: UDPHeader) -> Bool {
    var checksum = InternetChecksum()
    checksum.addPseudoHeader(
      source: ip.source, destination: ip.destination, protocol: IPProtocol.udp,
      length: Int(header.length))
    add(packet, from: 20, count: Int32(header.length), to: &checksum)
    return checksum.isSound
  }
}
