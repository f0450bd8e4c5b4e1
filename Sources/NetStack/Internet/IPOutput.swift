// IP output: fills the header, finds the next hop, hands the packet to the link whole or in pieces.
//
// RFC 791, RFC 1122 §3.3. 4.4BSD: ip_output of netinet/ip_output.c. IP_ALLOWBROADCAST is UDP's
// affair here (UDPOutput.swift): it is the only one whose sockets may lack it.

import Wire

/// What a sender may ask for: the arguments of ip_output, and inp_ip.
struct Sending {
  /// MAXTTL: of raw sockets and ICMP.
  static let maxTimeToLive: UInt8 = 255

  /// 0 is the host's own.
  var timeToLive: UInt8 = 0
  var typeOfService: UInt8 = 0
  /// TCP asks the route instead, but for segments that are no part of a stream (tcp_respond).
  var dontFragment = false
  var asksRoute = true
  /// imo_multicast_ttl, imo_multicast_loop; imo_multicast_ifp, or -1.
  var multicastTimeToLive: UInt8 = 1
  var multicastLoops = true
  var multicastInterface: Int32 = -1
}

extension Kernel {
  /// Sends a packet whose first 20 octets are kept free for the IP header.
  ///
  /// - Returns: the error of ip_output; the packet is gone either way.
  func ipOutput(
    _ packet: Int32, from source: IPv4Address, to destination: IPv4Address, protocol number: UInt8,
    _ sending: Sending = Sending()
  ) -> SocketError? {
    guard let hop = hop(to: destination) else {
      state.pointee.statistics.ip.noRoute &+= 1
      mFreem(packet, .noRoute)
      return .EHOSTUNREACH
    }
    let ifnet = interfaces + Int(hop.interface)
    let length = mbuf(packet).pointee.packetLength
    // ip_output refuses before it is too late for the packet's last fragment.
    if !hasRoom(ifnet, for: length) { return noRoom(packet, ifnet) }
    let isWhole =
      sending.dontFragment
      || number == IPProtocol.tcp && sending.asksRoute && probesPath(to: destination)
    var mtu = ifnet.pointee.mtu
    // A stream's segments are cut to measure before (tcp_mtudisc); datagrams are cut here.
    if state.pointee.knowsPathMTU && number != IPProtocol.tcp {
      mtu = pathMTU(to: destination) ?? mtu
    }
    if length > mtu {
      // A broadcast is never cut.
      if isWhole || length > 65535
        || hop.interface != loopback && isBroadcast(hop.next, on: hop.interface)
      {
        return tooBig(packet)
      }
    }
    if length <= mtu && !destination.isMulticast {
      IPv4Header.write(
        to: data(packet), source: source, destination: destination, protocolNumber: number,
        totalLength: UInt16(truncatingIfNeeded: length),
        identification: state.pointee.ipIdentifier,
        timeToLive: sending.timeToLive != 0
          ? sending.timeToLive : state.pointee.tunables.internet.timeToLive,
        typeOfService: sending.typeOfService, dontFragment: isWhole)
      state.pointee.ipIdentifier &+= 1
      state.pointee.statistics.ip.localOut &+= 1
      return ipLink(packet, to: destination, by: hop)
    }
    var header = IPv4Header(
      source: source, destination: destination, protocolNumber: number,
      totalLength: UInt16(truncatingIfNeeded: length), identification: state.pointee.ipIdentifier,
      timeToLive: state.pointee.tunables.internet.timeToLive,
      typeOfService: sending.typeOfService)
    if sending.timeToLive != 0 { header.timeToLive = sending.timeToLive }
    state.pointee.ipIdentifier &+= 1
    state.pointee.statistics.ip.localOut &+= 1
    header.dontFragment = isWhole
    if destination.isMulticast { return ipOutputToGroup(packet, header, hop, sending) }
    header.write(to: data(packet))
    return ipSendInPieces(packet, header, by: hop, mtu: mtu)
  }

  /// Whether if_snd takes a packet with all its fragments; nearly all have none, and are spared a
  /// division.
  @inline(__always)
  private func hasRoom(_ ifnet: UnsafeMutablePointer<Ifnet>, for length: Int32) -> Bool {
    let mtu = ifnet.pointee.mtu
    let more = length < mtu ? 0 : length < 2 &* mtu ? 1 : length / mtu
    return ifnet.pointee.queueLength &+ more &+ 1 < ifnet.pointee.queueLimit
  }

  /// if_output of the interface that leads to the next hop.
  @inline(__always)
  func ipLink(_ packet: Int32, to destination: IPv4Address, by hop: Hop) -> SocketError? {
    if hop.interface == loopback { return loopbackOutput(packet) }
    return etherOutput(packet, on: hop.interface, to: hop.next, type: EtherType.ipv4)
  }

  /// IP_FORWARDING, IP_RAWOUTPUT: a packet whose header, options and all, is there but for its
  /// checksum.
  func ipSendPrepared(_ packet: Int32, _ header: IPv4Header, by hop: Hop) -> SocketError? {
    let ifnet = interfaces + Int(hop.interface)
    let length = mbuf(packet).pointee.packetLength
    if !hasRoom(ifnet, for: length) { return noRoom(packet, ifnet) }
    let isBroadcast = hop.interface != loopback && isBroadcast(hop.next, on: hop.interface)
    if length > ifnet.pointee.mtu {
      let dontFragment = octets(packet)[6] & 0x40 != 0
      if dontFragment || isBroadcast { return tooBig(packet) }
      return ipSendInPieces(packet, header, by: hop)
    }
    ipWriteChecksum(packet, Int(header.headerOctets))
    return ipLink(packet, to: header.destination, by: hop)
  }

  func ipWriteChecksum(_ packet: Int32, _ headerOctets: Int) {
    data(packet).store(bigEndian16: 0, at: 10)
    let header = UnsafeRawBufferPointer(rebasing: octets(packet)[..<headerOctets])
    data(packet).store(bigEndian16: InternetChecksum.of(header), at: 10)
  }

  private func noRoom(_ packet: Int32, _ ifnet: UnsafeMutablePointer<Ifnet>) -> SocketError {
    ifnet.pointee.queueDrops &+= 1
    mFreem(packet, .queueFull)
    return .ENOBUFS
  }

  private func tooBig(_ packet: Int32) -> SocketError {
    state.pointee.statistics.ip.cannotFragment &+= 1
    mFreem(packet, .tooBig)
    return .EMSGSIZE
  }

  /// To a group: once on the link, at most as far as the sender says, and to ourselves where we are
  /// members.
  private func ipOutputToGroup(
    _ packet: Int32, _ given: IPv4Header, _ hop: Hop, _ sending: Sending
  ) -> SocketError? {
    var header = given
    header.timeToLive = sending.multicastTimeToLive
    var onto = Hop(interface: hop.interface, next: header.destination)
    if sending.multicastInterface >= 0 { onto.interface = sending.multicastInterface }
    mbuf(packet).pointee.flags.insert(.multicast)
    header.writeWithChecksum(to: data(packet))
    if sending.multicastLoops && hasJoined(header.destination, on: onto.interface) {
      multicastLoopback(packet, on: onto.interface)
    }
    if header.timeToLive == 0 {
      mFreem(packet, .expired)
      return nil
    }
    if mbuf(packet).pointee.packetLength > interfaces[Int(onto.interface)].mtu {
      return ipSendInPieces(packet, header, by: onto)
    }
    return ipLink(packet, to: header.destination, by: onto)
  }
}
