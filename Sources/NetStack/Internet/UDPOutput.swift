// UDP output: a header, a checksum, and ip_output, which cuts what is longer than the link.
// RFC 768. BSD: udp_output of netinet/udp_usrreq.c.

import Wire

extension Kernel {
  /// udp_output: header, checksum, ip_output.
  func udpOutput(_ payload: Int32, pcb: Int32, to destination: IPv4Address, port: UInt16)
    -> SocketError?
  {
    guard let hop = hop(to: destination) else {
      state.pointee.statistics.ip.noRoute &+= 1
      mFreem(payload, .noRoute)
      return .EHOSTUNREACH
    }
    if hop.interface != loopback, isBroadcast(destination, on: hop.interface),
      !sockets[Int(pcbs[Int(pcb)].socket)].options.contains(.broadcast)
    {
      mFreem(payload, .noRoute)
      return .EACCES
    }
    let own = pcbs[Int(pcb)].localAddress
    let source = own == .any ? sourceAddress(to: destination, by: hop) : own
    let length = mbuf(payload).pointee.packetLength + 8
    guard let packet = mPrepend(payload, length: 28, requester) else { return .ENOBUFS }
    let udp = data(packet) + 20
    UDPHeader(
      sourcePort: pcbs[Int(pcb)].localPort, destinationPort: port,
      length: UInt16(truncatingIfNeeded: length)
    ).write(to: udp)
    if state.pointee.tunables.internet.udpChecksum {
      var checksum = InternetChecksum()
      checksum.addPseudoHeader(
        source: source, destination: destination, protocol: IPProtocol.udp, length: Int(length))
      add(packet, from: 20, to: &checksum)
      udp.store(bigEndian16: checksum.value == 0 ? 0xFFFF : checksum.value, at: 6)
    }
    state.pointee.statistics.udp.sent &+= 1
    owe(state.pointee.costs.udp.nanoseconds &+ state.pointee.costs.touching(length))
    return ipOutput(
      packet, from: source, to: destination, protocol: IPProtocol.udp, pcbs[Int(pcb)].sending)
  }
}
