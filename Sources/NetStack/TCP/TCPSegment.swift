// A segment that has come in, taken out of its packet once and trimmed as it is judged.
//
// RFC 9293 §3.1, §3.10.7. 4.4BSD: the first page of tcp_input in netinet/tcp_input.c, where the
// same fields overlay the header in the buffer. Left out: m_pullup (a received frame
// lies in one cluster, so its headers do too; what does not is counted as short).

import Wire

/// SEG.SEQ and its kin, in host order.
struct TCPSegment {
  /// The first mbuf of the packet; its data begins behind the TCP header.
  var packet: Int32
  /// Where in that mbuf the IP header still lies, for an answer that uses the buffer again.
  var headerOffset: Int32
  var source: IPv4Address
  var destination: IPv4Address
  var sourcePort: UInt16
  var destinationPort: UInt16
  var sequence: SequenceNumber
  var acknowledgment: SequenceNumber
  var flags: TCPFlags
  /// Octets of data that are left.
  var length: Int32
  /// SEG.WND, shifted once the connection is known.
  var window: UInt32
  /// SEG.UP: octets from its beginning; only with URG.
  var urgent: Int32
  var options: TCPOptions
  var hasOptions: Bool
  var isGroup: Bool

  /// The sequence number behind its data.
  var end: SequenceNumber { sequence + Int(length) }
}

/// What a step of tcp_input decides about the segment.
enum TCPVerdict: Equatable {
  /// On to the next step.
  case proceed
  /// The packet has been taken over; nothing is left to do.
  case taken
  /// The labels of BSD: the packet goes, with an ACK of our state, or with a RST.
  case drop
  case dropAfterAck
  /// RFC 5961: an ACK that asks whether the peer has meant it.
  case challenge
  /// With the connection in whose name it is refused, or -1.
  case dropWithReset(Int32)
  /// The connection in TIME_WAIT gave way; look again for who is meant.
  case startOver(SequenceNumber)
}

extension Kernel {
  /// Verifies a packet's TCP part and strips its headers. nil: it was not sound, and is freed.
  @inline(__always)
  func tcpParse(_ packet: Int32) -> TCPSegment? {
    let m = mbuf(packet)
    let total = m.pointee.packetLength &- Int32(IPv4Header.octetCount)
    guard m.pointee.length >= TCPLimit.headerOctets, total >= Int32(TCPHeader.octetCount) else {
      state.pointee.statistics.tcpShort &+= 1
      mFreem(packet, .short)
      return nil
    }
    let first = front(packet, atLeast: TCPLimit.headerOctets)
    guard let ip = IPv4Header(reading: first) else { return nil }
    assert(!m.pointee.flags.contains(.summed) || tcpChecksumIsSound(packet, ip, total))
    guard m.pointee.flags.contains(.summed) || tcpChecksumIsSound(packet, ip, total) else {
      state.pointee.statistics.tcpBadSum &+= 1
      mFreem(packet, .badChecksum)
      return nil
    }
    let claimed = Int32(IPv4Header.octetCount) &+ Int32(first[32] >> 4) &* 4
    let transport = UnsafeRawBufferPointer(
      rebasing: front(packet, atLeast: claimed)[IPv4Header.octetCount...])
    guard let header = TCPHeader(reading: transport),
      header.headerOctets >= UInt8(TCPHeader.octetCount), Int32(header.headerOctets) <= total,
      Int(header.headerOctets) <= transport.count
    else {
      state.pointee.statistics.tcpBadOffset &+= 1
      mFreem(packet, .badHeader)
      return nil
    }
    let headerOffset = m.pointee.offset
    let stripped = Int32(IPv4Header.octetCount) &+ Int32(header.headerOctets)
    let options = TCPOptions(reading: header.options(in: transport))
    if options.isMalformed { state.pointee.statistics.tcpBadOptions &+= 1 }
    mTrimFront(packet, stripped)
    return TCPSegment(
      packet: packet, headerOffset: headerOffset, source: ip.source,
      destination: ip.destination, sourcePort: header.sourcePort,
      destinationPort: header.destinationPort, sequence: header.sequence,
      acknowledgment: header.acknowledgment, flags: header.flags,
      length: total &- Int32(header.headerOctets), window: UInt32(header.window),
      urgent: Int32(header.urgentPointer), options: options,
      hasOptions: header.headerOctets > UInt8(TCPHeader.octetCount),
      isGroup: m.pointee.flags.contains(.broadcast) || ip.destination.isMulticast)
  }

  /// The sum over the pseudo-header and every octet behind the IP header, wherever in the chain.
  func tcpChecksumIsSound(_ packet: Int32, _ ip: IPv4Header, _ length: Int32) -> Bool {
    var checksum = InternetChecksum()
    checksum.addPseudoHeader(
      source: ip.source, destination: ip.destination, protocol: IPProtocol.tcp,
      length: Int(UInt16(truncatingIfNeeded: length)))
    add(packet, from: Int32(IPv4Header.octetCount), to: &checksum)
    return checksum.isSound
  }

  /// m_adj off the front: octets that we have already.
  func trimFront(_ segment: inout TCPSegment, _ count: Int32) {
    precondition(count >= 0 && count <= segment.length, "more is trimmed than there is")
    mTrimFront(segment.packet, count)
    segment.sequence += Int(count)
    segment.length &-= count
    if segment.urgent > 0 { segment.urgent = max(segment.urgent &- count, 0) }
  }

  /// m_adj off the end: octets for which there is no window.
  func trimBack(_ segment: inout TCPSegment, _ count: Int32) {
    precondition(count >= 0 && count <= segment.length, "more is trimmed than there is")
    segment.length &-= count
    mTrimBack(segment.packet, to: segment.length)
  }
}
