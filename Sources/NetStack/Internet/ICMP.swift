// ICMP: echo, port unreachable, and the raw socket that ping uses. BSD: ip_icmp.c, raw_ip.c.

import Wire

extension Kernel {
  func icmpInput(_ packet: Int32, _ ip: IPv4Header) {
    let whole = octets(packet)
    guard whole.count >= 28,
      let header = ICMPHeader(reading: UnsafeRawBufferPointer(rebasing: whole[20...]))
    else {
      mFreem(packet, .short)
      return
    }
    var checksum = InternetChecksum()
    addChain(packet, from: 20, to: &checksum)
    guard checksum.isSound else {
      mFreem(packet, .badChecksum)
      return
    }
    if header.type == ICMPType.echoRequest {
      icmpReflect(packet, ip, header)
    } else {
      rawInput(packet, ip)
    }
  }

  /// icmp_reflect: the same buffer goes back; its cluster lives on through the transmit ring.
  private func icmpReflect(_ packet: Int32, _ ip: IPv4Header, _ header: ICMPHeader) {
    state.pointee.statistics.icmpEchoes &+= 1
    let interface = Int(mbuf(packet).pointee.interface)
    let source = isOurs(ip.destination) ? ip.destination : interfaces[interface].address
    mbuf(packet).pointee.flags.remove(.broadcast)
    let icmp = data(packet) + 20
    icmp.storeBytes(of: ICMPType.echoReply, as: UInt8.self)
    icmp.store(bigEndian16: 0, at: 2)
    var checksum = InternetChecksum()
    addChain(packet, from: 20, to: &checksum)
    icmp.store(bigEndian16: checksum.value, at: 2)
    _ = ipOutput(packet, from: source, to: ip.source, protocol: IPProtocol.icmp)
  }

  /// icmp_error: the offending header and eight octets, in a fresh mbuf; the datagram is freed.
  func icmpError(_ packet: Int32, _ ip: IPv4Header, type: UInt8, code: UInt8) {
    state.pointee.statistics.icmpErrors &+= 1
    guard let answer = mGet(.stack, at: .icmpError, header: true) else {
      mFreem(packet, .noBuffer)
      return
    }
    let quoted = min(octets(packet).count, 28)
    let m = mbuf(answer)
    m.pointee.offset = BufferSize.mbufData - 56
    m.pointee.length = Int32(28 + quoted)
    m.pointee.packetLength = m.pointee.length
    m.pointee.interface = mbuf(packet).pointee.interface
    let icmp = data(answer) + 20
    ICMPHeader(type: type, code: code).write(to: icmp)
    (icmp + 8).copyMemory(from: data(packet), byteCount: quoted)
    mFreem(packet, .noPort)
    var checksum = InternetChecksum()
    addChain(answer, from: 20, to: &checksum)
    icmp.store(bigEndian16: checksum.value, at: 2)
    _ = ipOutput(answer, from: ip.destination, to: ip.source, protocol: IPProtocol.icmp)
  }

  /// rip_input: to the raw sockets; the last of them gets the packet itself.
  private func rawInput(_ packet: Int32, _ ip: IPv4Header) {
    var last: Int32 = -1
    var pcb = state.pointee.pcbList
    while pcb >= 0 {
      if pcbs[Int(pcb)].kind == .icmp {
        if last >= 0 { rawCopy(packet, ip, to: last) }
        last = pcbs[Int(pcb)].socket
      }
      pcb = pcbs[Int(pcb)].listNext
    }
    guard last >= 0, sbAppendAddress(last, packet, from: ip.source.rawValue, port: 0) else {
      mFreem(packet, .noPort)
      return
    }
    soWakeup(last, .receive)
  }

  private func rawCopy(_ packet: Int32, _ ip: IPv4Header, to socket: Int32) {
    let length = mbuf(packet).pointee.packetLength
    guard let copy = mCopy(packet, offset: 0, length: length, .stack) else { return }
    mbuf(copy).pointee.packetLength = length
    if sbAppendAddress(socket, copy, from: ip.source.rawValue, port: 0) {
      soWakeup(socket, .receive)
    } else {
      mFreem(copy, .socketFull)
    }
  }

  /// What ping sends: an echo request whose identifier is the socket's own.
  func icmpOutput(_ payload: Int32, socket: Int32, to destination: IPv4Address) -> SocketError? {
    guard let interface = route(to: destination) else {
      mFreem(payload, .noRoute)
      return .EHOSTUNREACH
    }
    guard let packet = mPrepend(payload, length: 28, requester) else { return .ENOBUFS }
    sockets[Int(socket)].echoSequence &+= 1
    let icmp = data(packet) + 20
    ICMPHeader(
      echo: ICMPType.echoRequest, identifier: echoIdentifier(socket),
      sequence: sockets[Int(socket)].echoSequence
    ).write(to: icmp)
    var checksum = InternetChecksum()
    addChain(packet, from: 20, to: &checksum)
    icmp.store(bigEndian16: checksum.value, at: 2)
    return ipOutput(
      packet, from: interfaces[Int(interface)].address, to: destination, protocol: IPProtocol.icmp)
  }

  func echoIdentifier(_ socket: Int32) -> UInt16 {
    UInt16(truncatingIfNeeded: sockets[Int(socket)].generation)
  }

  /// Whether a record of a raw socket is the answer to its own last request; ping looks at icmp_id.
  func isAnswer(_ record: Int32, to socket: Int32) -> Bool {
    let packet = mbuf(record).pointee.next
    if packet < 0 { return false }
    let whole = octets(packet)
    guard whole.count >= 28,
      let header = ICMPHeader(reading: UnsafeRawBufferPointer(rebasing: whole[20...]))
    else { return false }
    return header.type == ICMPType.echoReply && header.identifier == echoIdentifier(socket)
      && header.sequence == sockets[Int(socket)].echoSequence
  }
}
