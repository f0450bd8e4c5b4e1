// ICMP input: questions are answered in the buffer they came in, errors go to whom they concern.
//
// RFC 792, RFC 950, RFC 1122 §3.2.2. 4.4BSD: icmp_input, icmp_reflect of netinet/ip_icmp.c. What is
// no question goes on to the raw sockets, whatever else has been done with it.

import Wire

extension Kernel {
  func icmpInput(_ arrived: Int32, _ ip: IPv4Header) {
    let headerOctets = Int(ip.headerOctets)
    let length = Int(mbuf(arrived).pointee.packetLength) - headerOctets
    guard length >= 8 else {
      state.pointee.statistics.icmp.tooShort &+= 1
      mFreem(arrived, .short)
      return
    }
    // ICMP_ADVLENMIN: a header, and of what it quotes a header and eight octets.
    var packet = arrived
    let wanted = Int32(headerOctets + min(length, 36))
    if mbuf(packet).pointee.length < wanted {
      guard let pulled = mPullup(packet, min(wanted, BufferSize.headerData)) else {
        state.pointee.statistics.icmp.tooShort &+= 1
        return
      }
      packet = pulled
    }
    var checksum = InternetChecksum()
    add(packet, from: Int32(headerOctets), to: &checksum)
    guard checksum.isSound,
      let header = ICMPHeader(
        reading: UnsafeRawBufferPointer(rebasing: octets(packet)[headerOctets...]))
    else {
      state.pointee.statistics.icmp.badSum &+= 1
      mFreem(packet, .badChecksum)
      return
    }
    state.pointee.statistics.icmp.countReceived(header.type)
    switch header.type {
    case ICMPType.echoRequest:
      if answersEcho(packet) { return icmpReflect(packet, ip, as: ICMPType.echoReply) }
    case ICMPType.timestampRequest:
      if answersTimestamp(packet, headerOctets, length) {
        return icmpReflect(packet, ip, as: ICMPType.timestampReply)
      }
    case ICMPType.maskRequest:
      if answersMask(packet, headerOctets, length) {
        return icmpReflect(packet, ip, as: ICMPType.maskReply)
      }
    case ICMPType.redirect: icmpRedirect(packet, ip, header)
    case ICMPType.unreachable, ICMPType.sourceQuench, ICMPType.timeExceeded,
      ICMPType.parameterProblem:
      icmpDeliver(packet, ip, header)
    default: break
    }
    rawInput(packet, ip)
  }

  // MARK: errors

  /// The label deliver: an error to the protocol whose datagram it quotes.
  private func icmpDeliver(_ packet: Int32, _ ip: IPv4Header, _ header: ICMPHeader) {
    let command = ControlCommand(type: header.type, code: header.code)
    // 4.4BSD ends its codes at 12; RFC 1812 §5.2.7.1 has one more.
    guard let command, command != .prohibited || state.pointee.tunables.icmpMayReset else {
      state.pointee.statistics.icmp.badCode &+= 1
      return
    }
    guard let quoted = quotedDatagram(packet, ip) else {
      state.pointee.statistics.icmp.badLength &+= 1
      return
    }
    if quoted.header.destination.isMulticast {
      state.pointee.statistics.icmp.badCode &+= 1
      return
    }
    controlInput(command, quoted, nextHopMTU: header.nextHopMTU)
  }

  private func quotedDatagram(_ packet: Int32, _ ip: IPv4Header) -> QuotedDatagram? {
    let start = Int(ip.headerOctets) + 8
    let whole = octets(packet)
    guard whole.count > start else { return nil }
    return QuotedDatagram(reading: UnsafeRawBufferPointer(rebasing: whole[start...]))
  }

  /// rtredirect: from the gateway that we use for that host, to another of our neighbours.
  private func icmpRedirect(_ packet: Int32, _ ip: IPv4Header, _ header: ICMPHeader) {
    guard header.code <= 3 else {
      state.pointee.statistics.icmp.badCode &+= 1
      return
    }
    guard let quoted = quotedDatagram(packet, ip) else {
      state.pointee.statistics.icmp.badLength &+= 1
      return
    }
    let gateway = IPv4Address(rawValue: header.rest)
    let destination = quoted.header.destination
    guard state.pointee.tunables.internet.takesRedirects, !isOurs(gateway),
      !destination.isMulticast, let now = hop(to: destination), now.next == ip.source,
      let interface = neighbouringInterface(of: gateway), interface == now.interface,
      !isBroadcast(gateway, on: interface)
    else { return }
    addWay(to: destination, prefixLength: 32, by: gateway, isDynamic: true)
  }

  // MARK: questions

  /// icmpbmcastecho.
  private func answersEcho(_ packet: Int32) -> Bool {
    let isForMany = !mbuf(packet).pointee.flags.isDisjoint(with: [.broadcast, .multicast])
    if !isForMany || state.pointee.tunables.internet.answersBroadcastEcho { return true }
    state.pointee.statistics.icmp.broadcastEchoes &+= 1
    return false
  }

  /// ICMP_TSTAMP: when it came, and when the answer goes, which is now.
  private func answersTimestamp(_ packet: Int32, _ headerOctets: Int, _ length: Int) -> Bool {
    guard length >= 20 else {
      state.pointee.statistics.icmp.badLength &+= 1
      return false
    }
    let icmp = data(packet) + headerOctets
    icmp.store(bigEndian32: internetTime, at: 12)
    icmp.store(bigEndian32: internetTime, at: 16)
    return true
  }

  /// ICMP_MASKREQ, icmpmaskrepl.
  private func answersMask(_ packet: Int32, _ headerOctets: Int, _ length: Int) -> Bool {
    guard state.pointee.tunables.internet.answersMask else { return false }
    guard length >= 12 else {
      state.pointee.statistics.icmp.badLength &+= 1
      return false
    }
    let interface = Int(mbuf(packet).pointee.interface)
    (data(packet) + headerOctets).store(bigEndian32: interfaces[interface].mask, at: 8)
    return true
  }

  /// icmp_reflect: the same buffer goes back; its cluster lives on through the transmit ring.
  private func icmpReflect(_ packet: Int32, _ ip: IPv4Header, as type: UInt8) {
    // From nobody, or from everybody: no one to answer.
    if ip.source == .any || ip.source.isMulticast || isAnyBroadcast(ip.source) {
      mFreem(packet, .processed)
      return
    }
    state.pointee.statistics.icmp.reflected &+= 1
    state.pointee.statistics.icmp.countSent(type)
    let source = icmpSource(ip.destination, mbuf(packet).pointee.interface)
    mbuf(packet).pointee.flags.remove([.broadcast, .multicast])
    let headerOctets = Int(ip.headerOctets)
    (data(packet) + headerOctets).storeBytes(of: type, as: UInt8.self)
    if headerOctets == 20 { return icmpSend(packet, from: source, to: ip.source) }
    writeICMPChecksum(packet, headerOctets)
    var header = ip
    header.source = source
    header.destination = ipTurnOptions(packet, headerOctets, to: ip.source)
    header.timeToLive = Sending.maxTimeToLive
    header.identification = state.pointee.ipIdentifier
    header.dontFragment = false
    header.moreFragments = false
    state.pointee.ipIdentifier &+= 1
    state.pointee.statistics.ip.localOut &+= 1
    header.totalLength = UInt16(truncatingIfNeeded: mbuf(packet).pointee.packetLength)
    header.write(to: data(packet))
    guard let hop = hop(to: header.destination) else {
      state.pointee.statistics.ip.noRoute &+= 1
      mFreem(packet, .noRoute)
      return
    }
    _ = ipSendPrepared(packet, header, by: hop)
  }
}
