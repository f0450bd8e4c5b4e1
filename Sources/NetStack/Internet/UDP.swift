// UDP: datagrams to sockets and from them. BSD: netinet/udp_usrreq.c.
//
// Left out on purpose: copies of a broadcast to several listeners with SO_REUSEADDR (the first
// gets it).

import Wire

extension Kernel {
  func udpInput(_ packet: Int32, _ ip: IPv4Header) {
    state.pointee.statistics.udpIn &+= 1
    let whole = octets(packet)
    guard whole.count >= 28,
      let header = UDPHeader(reading: UnsafeRawBufferPointer(rebasing: whole[20...])),
      header.length >= 8, Int32(header.length) + 20 <= mbuf(packet).pointee.packetLength
    else {
      mFreem(packet, .short)
      return
    }
    if header.checksum != 0, !udpChecksumIsSound(packet, ip, header) {
      state.pointee.statistics.udpBadSum &+= 1
      mFreem(packet, .badChecksum)
      return
    }
    let pcb = pcbLookup(
      .datagram, local: ip.destination, localPort: header.destinationPort, remote: ip.source,
      remotePort: header.sourcePort)
    guard pcb >= 0 else { return udpNoPort(packet, ip) }
    mTrimBack(packet, to: 20 + Int32(header.length))
    mTrimFront(packet, 28)
    let socket = pcbs[Int(pcb)].socket
    guard sbAppendAddress(socket, packet, from: ip.source.rawValue, port: header.sourcePort) else {
      state.pointee.statistics.udpFullSocket &+= 1
      sockets[Int(socket)].fullDrops &+= 1
      trace(.socketFull, socket)
      mFreem(packet, .socketFull)
      return
    }
    soWakeup(socket, .receive)
  }

  private func udpChecksumIsSound(_ packet: Int32, _ ip: IPv4Header, _ header: UDPHeader) -> Bool {
    var checksum = InternetChecksum()
    checksum.addPseudoHeader(
      source: ip.source, destination: ip.destination, protocol: IPProtocol.udp,
      length: Int(header.length))
    var left = Int(header.length)
    var index = packet
    var skip = 20
    while index >= 0 && left > 0 {
      let piece = octets(index)
      let from = min(skip, piece.count)
      let to = min(piece.count, from + left)
      checksum.add(UnsafeRawBufferPointer(rebasing: piece[from..<to]))
      left -= to - from
      skip -= from
      index = mbuf(index).pointee.next
    }
    return checksum.isSound
  }

  /// A broadcast nobody listens to goes quietly; anything else earns an ICMP error.
  private func udpNoPort(_ packet: Int32, _ ip: IPv4Header) {
    if mbuf(packet).pointee.flags.contains(.broadcast) || !isOurs(ip.destination) {
      state.pointee.statistics.udpNoPortBroadcast &+= 1
      mFreem(packet, .noPort)
      return
    }
    state.pointee.statistics.udpNoPort &+= 1
    icmpError(packet, ip, type: ICMPType.unreachable, code: ICMPUnreachable.port)
  }

  /// udp_output: header, checksum, ip_output.
  func udpOutput(_ payload: Int32, pcb: Int32, to destination: IPv4Address, port: UInt16)
    -> SocketError?
  {
    guard let interface = route(to: destination) else {
      mFreem(payload, .noRoute)
      return .EHOSTUNREACH
    }
    if isBroadcast(destination, on: interface),
      !sockets[Int(pcbs[Int(pcb)].socket)].options.contains(.broadcast)
    {
      mFreem(payload, .noRoute)
      return .EACCES
    }
    let source = interfaces[Int(interface)].address
    let length = mbuf(payload).pointee.packetLength + 8
    guard let packet = mPrepend(payload, length: 28, requester) else { return .ENOBUFS }
    let udp = data(packet) + 20
    UDPHeader(
      sourcePort: pcbs[Int(pcb)].localPort, destinationPort: port,
      length: UInt16(truncatingIfNeeded: length)
    ).write(to: udp)
    var checksum = InternetChecksum()
    checksum.addPseudoHeader(
      source: source, destination: destination, protocol: IPProtocol.udp, length: Int(length))
    addChain(packet, from: 20, to: &checksum)
    udp.store(bigEndian16: checksum.value == 0 ? 0xFFFF : checksum.value, at: 6)
    owe(state.pointee.costs.udp.nanoseconds &+ state.pointee.costs.touching(length))
    return ipOutput(packet, from: source, to: destination, protocol: IPProtocol.udp)
  }

  /// Sums a chain from an offset that lies in its first mbuf.
  func addChain(_ packet: Int32, from offset: Int, to checksum: inout InternetChecksum) {
    checksum.add(UnsafeRawBufferPointer(rebasing: octets(packet)[offset...]))
    var index = mbuf(packet).pointee.next
    while index >= 0 {
      checksum.add(octets(index))
      index = mbuf(index).pointee.next
    }
  }
}
