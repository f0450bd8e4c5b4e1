// ICMP errors that this host sends: what is wrong with a datagram, to whoever sent it.
//
// RFC 792, RFC 1122 §3.2.2. 4.4BSD: icmp_error, icmp_reflect of netinet/ip_icmp.c. Never about an
// error, about a fragment other than the first, or about what was sent to many. The limit on errors
// a second is FreeBSD's (badport_bandlim); 4.4BSD has none.

import Wire

/// A type, a code, and what stands in the second word.
struct ICMPComplaint {
  var type: UInt8
  var code: UInt8 = 0
  var rest: UInt32 = 0

  static func unreachable(_ code: UInt8) -> ICMPComplaint {
    ICMPComplaint(type: ICMPType.unreachable, code: code)
  }

  /// RFC 1191 §4.
  static func fragmentationNeeded(mtu: UInt16) -> ICMPComplaint {
    ICMPComplaint(
      type: ICMPType.unreachable, code: ICMPUnreachable.fragmentationNeeded, rest: UInt32(mtu))
  }

  static func timeExceeded(inTransit: Bool) -> ICMPComplaint {
    ICMPComplaint(type: ICMPType.timeExceeded, code: inTransit ? 0 : 1)
  }

  static var sourceQuench: ICMPComplaint { ICMPComplaint(type: ICMPType.sourceQuench) }

  /// - Parameter pointer: the octet of the header.
  static func parameterProblem(at pointer: UInt8) -> ICMPComplaint {
    ICMPComplaint(type: ICMPType.parameterProblem, rest: UInt32(pointer) << 24)
  }

  /// ICMP_REDIRECT_HOST.
  static func redirect(to gateway: IPv4Address) -> ICMPComplaint {
    ICMPComplaint(type: ICMPType.redirect, code: 1, rest: gateway.rawValue)
  }
}

extension Kernel {
  /// icmp_error: the offending header and eight octets, in a fresh mbuf; the datagram is freed, for
  /// the reason given.
  func icmpError(_ packet: Int32, _ complaint: ICMPComplaint, freedFor why: ReleaseReason) {
    let isRedirect = complaint.type == ICMPType.redirect
    if !isRedirect { state.pointee.statistics.icmp.errors &+= 1 }
    guard let ip = IPv4Header(reading: octets(packet)), mayComplain(packet, ip, isRedirect) else {
      mFreem(packet, why)
      return
    }
    guard let answer = mGet(.stack, at: .icmpError, header: true) else {
      state.pointee.statistics.icmp.noBuffer &+= 1
      mFreem(packet, .noBuffer)
      return
    }
    let headerOctets = max(Int(ip.headerOctets), 20)
    let quoted = min(octets(packet).count, headerOctets + 8)
    let m = mbuf(answer)
    m.pointee.length = Int32(28 + quoted)
    m.pointee.offset = BufferSize.mbufData - Int32(28 + quoted)  // MH_ALIGN
    m.pointee.packetLength = m.pointee.length
    let arrivedOn = mbuf(packet).pointee.interface
    m.pointee.interface = arrivedOn
    let icmp = data(answer) + 20
    ICMPHeader(type: complaint.type, code: complaint.code, rest: complaint.rest).write(to: icmp)
    (icmp + 8).copyMemory(from: data(packet), byteCount: quoted)
    mFreem(packet, why)
    state.pointee.statistics.icmp.countSent(complaint.type)
    icmpSend(answer, from: icmpSource(ip.destination, arrivedOn), to: ip.source)
  }

  /// Whether an error about this datagram may be sent. RFC 1122 §3.2.2.
  private func mayComplain(_ packet: Int32, _ ip: IPv4Header, _ isRedirect: Bool) -> Bool {
    if ip.fragmentOffset != 0 { return false }
    if !mbuf(packet).pointee.flags.isDisjoint(with: [.broadcast, .multicast]) { return false }
    // The source must name one host, or there is nobody to tell.
    if ip.source == .any || ip.source.isMulticast || isAnyBroadcast(ip.source) { return false }
    if ip.destination.isMulticast || isAnyBroadcast(ip.destination) { return false }
    let whole = octets(packet)
    if ip.protocolNumber == IPProtocol.icmp && !isRedirect {
      guard whole.count > Int(ip.headerOctets) else {
        state.pointee.statistics.icmp.oldShort &+= 1
        return false
      }
      if !ICMPType.isInformation(whole[Int(ip.headerOctets)]) {
        state.pointee.statistics.icmp.oldICMP &+= 1
        return false
      }
    }
    return isRedirect || isWithinErrorLimit()
  }

  /// badport_bandlim: so many a second.
  private func isWithinErrorLimit() -> Bool {
    let limit = state.pointee.tunables.internet.errorLimit
    if limit <= 0 { return true }
    if now - state.pointee.icmpSecond >= .seconds(1) {
      state.pointee.icmpSecond = now
      state.pointee.icmpSentInSecond = 0
    }
    guard state.pointee.icmpSentInSecond < limit else {
      state.pointee.statistics.icmp.limited &+= 1
      return false
    }
    state.pointee.icmpSentInSecond &+= 1
    return true
  }

  /// icmp_reflect: we answer as whom we were addressed, or as the interface it came in by.
  func icmpSource(_ destination: IPv4Address, _ interface: Int16) -> IPv4Address {
    isOurs(destination) || interface < 0 ? destination : interfaces[Int(interface)].address
  }

  /// icmp_send: the checksum, and out. Its header is the 20 octets in front.
  func icmpSend(_ packet: Int32, from source: IPv4Address, to destination: IPv4Address) {
    writeICMPChecksum(packet, 20)
    _ = ipOutput(
      packet, from: source, to: destination, protocol: IPProtocol.icmp,
      Sending(timeToLive: Sending.maxTimeToLive))
  }

  func writeICMPChecksum(_ packet: Int32, _ headerOctets: Int) {
    let icmp = data(packet) + headerOctets
    icmp.store(bigEndian16: 0, at: 2)
    var checksum = InternetChecksum()
    add(packet, from: Int32(headerOctets), to: &checksum)
    icmp.store(bigEndian16: checksum.value, at: 2)
  }
}
