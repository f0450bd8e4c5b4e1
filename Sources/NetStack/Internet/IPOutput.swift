// IP output: fills the header, picks the interface, hands the packet to the link. BSD: ip_output.c.
//
// Left out on purpose: fragmentation (EMSGSIZE instead), options, multicast, gateways.

import Wire

extension Kernel {
  /// Sends a packet whose first 20 octets are kept free for the IP header.
  ///
  /// - Returns: the error of ip_output; the packet is gone either way.
  func ipOutput(
    _ packet: Int32, from source: IPv4Address, to destination: IPv4Address, protocol number: UInt8
  ) -> SocketError? {
    guard let interface = route(to: destination) else {
      mFreem(packet, .noRoute)
      return .EHOSTUNREACH
    }
    let ifnet = interfaces + Int(interface)
    let length = mbuf(packet).pointee.packetLength
    if length > ifnet.pointee.mtu {
      mFreem(packet, .tooBig)
      return .EMSGSIZE
    }
    // ip_output refuses before it is too late for the packet's last fragment.
    if ifnet.pointee.queueLength &+ length / ifnet.pointee.mtu &+ 1 >= ifnet.pointee.queueLimit {
      ifnet.pointee.queueDrops &+= 1
      mFreem(packet, .queueFull)
      return .ENOBUFS
    }
    var header = IPv4Header(
      source: source, destination: destination, protocolNumber: number,
      totalLength: UInt16(truncatingIfNeeded: length), identification: state.pointee.ipIdentifier)
    state.pointee.ipIdentifier &+= 1
    header.dontFragment = number == IPProtocol.tcp
    header.writeWithChecksum(to: data(packet))
    return etherOutput(packet, on: interface, to: destination, type: EtherType.ipv4)
  }
}
