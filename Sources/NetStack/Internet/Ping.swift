// ping's own socket: echo requests out, and of what comes back the answers to them. Its data is
// what lies behind the ICMP header, which the kernel writes for it; a raw socket of protocol 1 sees
// the whole (RawIP.swift).

import Wire

extension Kernel {
  /// What ping sends: an echo request whose identifier is the socket's own.
  func icmpOutput(_ payload: Int32, socket: Int32, to destination: IPv4Address) -> SocketError? {
    guard let hop = hop(to: destination) else {
      mFreem(payload, .noRoute)
      return .EHOSTUNREACH
    }
    guard let packet = mPrepend(payload, length: 28, requester) else { return .ENOBUFS }
    sockets[Int(socket)].echoSequence &+= 1
    ICMPHeader(
      echo: ICMPType.echoRequest, identifier: echoIdentifier(socket),
      sequence: sockets[Int(socket)].echoSequence
    ).write(to: data(packet) + 20)
    writeICMPChecksum(packet, 20)
    state.pointee.statistics.icmp.countSent(ICMPType.echoRequest)
    return ipOutput(
      packet, from: sourceAddress(to: destination, by: hop), to: destination,
      protocol: IPProtocol.icmp, rawSending(sockets[Int(socket)].pcb))
  }

  func echoIdentifier(_ socket: Int32) -> UInt16 {
    UInt16(truncatingIfNeeded: sockets[Int(socket)].generation)
  }

  /// Whether a record of a raw socket is the answer to its own last request; ping looks at icmp_id.
  func isAnswer(_ record: Int32, to socket: Int32) -> Bool {
    let packet = mbuf(record).pointee.next
    if packet < 0 { return false }
    let whole = octets(packet)
    guard let first = whole.first, whole.count >= Int(first & 15) * 4 + 8,
      let header = ICMPHeader(
        reading: UnsafeRawBufferPointer(rebasing: whole[(Int(first & 15) * 4)...]))
    else { return false }
    return header.type == ICMPType.echoReply && header.identifier == echoIdentifier(socket)
      && header.sequence == sockets[Int(socket)].echoSequence
  }
}
