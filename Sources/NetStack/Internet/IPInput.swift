// IP input: checks a datagram and hands it to its protocol. BSD: netinet/ip_input.c.
//
// Left out on purpose: reassembly (a fragment is counted and freed), forwarding, options. Nothing
// that NetScript can declare sends them yet.

import Wire

extension Kernel {
  @inline(__always)
  func ipInput(_ packet: Int32) {
    state.pointee.statistics.ipIn &+= 1
    let m = mbuf(packet)
    guard let header = IPv4Header(reading: octets(packet)), header.version == 4,
      header.headerOctets == 20,
      IPv4Header.isSound(octets(packet))
    else {
      state.pointee.statistics.ipBadSum &+= 1
      return drop(packet, .badHeader)
    }
    let total = Int32(header.totalLength)
    guard total >= 20, total <= m.pointee.packetLength else { return drop(packet, .short) }
    if total < m.pointee.packetLength { mTrimBack(packet, to: total) }  // Ethernet padding
    let interface = Int32(m.pointee.interface)
    guard isOurs(header.destination) || isBroadcast(header.destination, on: interface) else {
      state.pointee.statistics.ipNotOurs &+= 1
      mFreem(packet, .notOurs)
      return
    }
    if header.isFragment {
      state.pointee.statistics.ipFragments &+= 1
      return drop(packet, .fragment)
    }
    switch header.protocolNumber {
    case IPProtocol.tcp: tcpInput(packet)
    case IPProtocol.udp: udpInput(packet, header)
    case IPProtocol.icmp: icmpInput(packet, header)
    default:
      state.pointee.statistics.ipNoProtocol &+= 1
      mFreem(packet, .noProtocol)
    }
  }

  private func drop(_ packet: Int32, _ why: ReleaseReason) {
    trace(.ipDrop, 1)
    mFreem(packet, why)
  }
}
