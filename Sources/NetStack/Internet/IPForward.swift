// Forwarding: a datagram for somebody else goes on to its next hop, one hop poorer.
//
// RFC 1812 §5.2, RFC 792. 4.4BSD: ip_forward of netinet/ip_input.c. As there the front of each
// datagram is copied before it goes, for an error that may become necessary; without an mbuf there
// will be none.

import Wire

extension Kernel {
  /// ip_forward. Takes the packet over.
  func ipForward(_ packet: Int32, _ header: IPv4Header, isSourceRouted: Bool) {
    let arrivedOn = Int32(mbuf(packet).pointee.interface)
    let isForGroup = !mbuf(packet).pointee.flags.isDisjoint(with: [.broadcast, .multicast])
    guard !isForGroup, canForward(header.destination) else {
      state.pointee.statistics.ip.cannotForward &+= 1
      return mFreem(packet, .notOurs)
    }
    if header.timeToLive <= 1 {
      return icmpError(packet, .timeExceeded(inTransit: true), freedFor: .expired)
    }
    data(packet).storeBytes(of: header.timeToLive - 1, toByteOffset: 8, as: UInt8.self)
    guard let hop = hop(to: header.destination) else {
      state.pointee.statistics.ip.noRoute &+= 1
      return icmpError(packet, .unreachable(ICMPUnreachable.host), freedFor: .noRoute)
    }
    let quoted = copyOfFront(packet)
    let redirect =
      isSourceRouted ? nil : redirect(of: header, arrivedOn: arrivedOn, goesBy: hop)
    let failure = ipSendPrepared(packet, header, by: hop)
    if let failure {
      state.pointee.statistics.ip.cannotForward &+= 1
      if quoted >= 0 { reportForwarding(failure, quoted, hop) }
      return
    }
    state.pointee.statistics.ip.forwarded &+= 1
    guard quoted >= 0 else { return }
    if let redirect {
      state.pointee.statistics.ip.redirectsSent &+= 1
      icmpError(quoted, .redirect(to: redirect), freedFor: .processed)
    } else {
      mFreem(quoted, .processed)
    }
  }

  /// in_canforward.
  private func canForward(_ address: IPv4Address) -> Bool {
    address.rawValue >> 28 < 0xE && !address.isLoopback && address.rawValue >> 24 != 0
  }

  /// The first 64 octets, or -1.
  private func copyOfFront(_ packet: Int32) -> Int32 {
    let m = mbuf(packet)
    let length = min(m.pointee.packetLength, 64)
    guard let copy = mCopy(packet, offset: 0, length: length, .stack) else { return -1 }
    mbuf(copy).pointee.packetLength = length
    mbuf(copy).pointee.interface = m.pointee.interface
    mbuf(copy).pointee.flags = .packetHeader
    return copy
  }

  /// Whether the sender could have sent it there itself: over whom. RFC 1122 §3.2.2.2.
  private func redirect(
    of header: IPv4Header, arrivedOn interface: Int32, goesBy hop: Hop
  ) -> IPv4Address? {
    guard state.pointee.tunables.internet.sendsRedirects, hop.interface == interface,
      !hop.isDynamic, neighbouringInterface(of: header.source) == interface
    else { return nil }
    return hop.next
  }

  private func reportForwarding(_ failure: SocketError, _ quoted: Int32, _ hop: Hop) {
    switch failure {
    case .EMSGSIZE:
      let mtu = UInt16(clamping: interfaces[Int(hop.interface)].mtu)
      icmpError(quoted, .fragmentationNeeded(mtu: mtu), freedFor: .tooBig)
    case .ENOBUFS: icmpError(quoted, .sourceQuench, freedFor: .queueFull)
    default:
      icmpError(quoted, .unreachable(ICMPUnreachable.host), freedFor: .noRoute)
    }
  }
}
