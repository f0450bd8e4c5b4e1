// Segments outside the stream: a RST for somebody unknown, and the probe of a silent connection.
//
// RFC 9293 §3.5.2 (reset generation), RFC 1122 §4.2.3.6 (keepalive). 4.4BSD: tcp_respond of
// netinet/tcp_subr.c. A RST goes back in the buffer that the segment came in; a probe takes an
// mbuf. Routers may cut either: only tcp_output sets DF.

import Wire

extension Kernel {
  /// tcp_respond in answer to a segment, whose packet it takes over.
  ///
  /// - Parameter pcb: in whose name, for the window; -1 for nobody's.
  func tcpRespond(
    _ pcb: Int32, to segment: TCPSegment, sequence: SequenceNumber,
    acknowledgment: SequenceNumber, flags: TCPFlags
  ) {
    let packet = segment.packet
    let m = mbuf(packet)
    mFreem(m.pointee.next, .answered)
    m.pointee.next = -1
    m.pointee.offset = segment.headerOffset
    m.pointee.interface = -1
    m.pointee.flags = m.pointee.flags.intersection(.uses).union(.packetHeader)
    let options = respondOptions(pcb, flags)
    let header = TCPHeader(
      sourcePort: segment.destinationPort, destinationPort: segment.sourcePort,
      sequence: sequence, acknowledgment: acknowledgment, flags: flags,
      window: rules.arrivals == .freebsd && flags.contains(.rst) ? 0 : respondWindow(pcb),
      headerOctets: UInt8(TCPHeader.octetCount + options.octetCount))
    sendBare(packet, pcb, header, options, from: segment.destination, to: segment.source)
  }

  /// A keepalive probe: an octet the peer has had already, so that it must answer. Without a buffer
  /// there is none, and the next is a keepintvl away.
  func tcpKeepaliveProbe(_ pcb: Int32) {
    let tcb = tcpcbs + Int(pcb)
    precondition(tcb.pointee.state >= .established, "a probe before the handshake is over")
    guard let packet = mGet(requester, at: .tcpRespond, header: true, type: .header) else { return }
    mbuf(packet).pointee.offset &+= BufferSize.linkHeader
    let options = respondOptions(pcb, .ack)
    let header = TCPHeader(
      sourcePort: pcbs[Int(pcb)].localPort, destinationPort: pcbs[Int(pcb)].remotePort,
      sequence: tcb.pointee.sndUna - 1, acknowledgment: tcb.pointee.rcvNxt, flags: .ack,
      window: respondWindow(pcb), headerOctets: UInt8(TCPHeader.octetCount + options.octetCount))
    trace(.tcpProbe, pcb, 1)
    sendBare(
      packet, pcb, header, options, from: pcbs[Int(pcb)].localAddress,
      to: pcbs[Int(pcb)].remoteAddress)
  }

  /// Later FreeBSD does not leave timestamps out that were agreed upon. RFC 7323 §3.2.
  private func respondOptions(_ pcb: Int32, _ flags: TCPFlags) -> TCPOptions {
    let agreed: TcpcbFlags = [.requestTimestamp, .receivedTimestamp]
    guard rules.arrivals == .freebsd, pcb >= 0, !flags.contains(.rst),
      tcpcbs[Int(pcb)].flags.intersection(agreed.union(.noOptions)) == agreed
    else { return TCPOptions() }
    return TCPOptions(
      timestamps: TCPTimestamps(
        value: UInt32(truncatingIfNeeded: tcpNow), echo: tcpcbs[Int(pcb)].tsRecent))
  }

  private func respondWindow(_ pcb: Int32) -> UInt16 {
    if pcb < 0 { return 0 }
    let space = max(sockets[Int(pcbs[Int(pcb)].socket)].rcv.space, 0)
    return UInt16(clamping: space >> Int32(tcpcbs[Int(pcb)].rcvScale))
  }

  /// A header and nothing else. What becomes of it is nobody's concern.
  private func sendBare(
    _ packet: Int32, _ pcb: Int32, _ header: TCPHeader, _ options: TCPOptions,
    from source: IPv4Address, to destination: IPv4Address
  ) {
    let length = Int32(IPv4Header.octetCount) &+ Int32(header.headerOctets)
    mbuf(packet).pointee.length = length
    mbuf(packet).pointee.packetLength = length
    let start = data(packet) + IPv4Header.octetCount
    header.write(to: start)
    options.write(to: start + TCPHeader.octetCount)
    sumSegment(packet, from: source, to: destination)
    traceSegment(.tcpOut, pcb, header.flags, 0, header.sequence, header.acknowledgment)
    var sending = Sending(asksRoute: false)
    if pcb >= 0 && rules.inheritsSending {
      sending.timeToLive = pcbs[Int(pcb)].sending.timeToLive
      sending.typeOfService = pcbs[Int(pcb)].sending.typeOfService
    }
    _ = ipOutput(packet, from: source, to: destination, protocol: IPProtocol.tcp, sending)
  }
}
