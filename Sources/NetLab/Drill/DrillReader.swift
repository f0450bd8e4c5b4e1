// A frame of the stack's as a packet in the script's numbers.

import NetScript
import NetStack
import Wire

/// A segment of the connection under test.
struct DrillArrival {
  var packet: DrillPacket
  var at: Instant
  /// It carries other octets than were written.
  var isDamaged: Bool
}

struct DrillReader {
  private let frame: UnsafeRawBufferPointer
  private let at: Instant

  init(_ frame: UnsafeRawBufferPointer, at instant: Instant) {
    self.frame = frame
    at = instant
  }

  /// nil when it is no segment of this connection. Learns from a SYN that the script expects.
  func read(
    _ connection: inout DrillConnection, expecting wanted: DrillSegment?
  ) -> DrillArrival? {
    guard let ethernet = EthernetHeader(reading: frame), ethernet.type == EtherType.ipv4 else {
      return nil
    }
    let datagram = UnsafeRawBufferPointer(
      rebasing: frame.dropFirst(EthernetHeader.octetCount))
    guard let ip = IPv4Header(reading: datagram), ip.protocolNumber == IPProtocol.tcp,
      Int(ip.totalLength) <= datagram.count, Int(ip.headerOctets) < Int(ip.totalLength)
    else { return nil }
    let octets = UnsafeRawBufferPointer(
      rebasing: datagram[Int(ip.headerOctets)..<Int(ip.totalLength)])
    guard let tcp = TCPHeader(reading: octets), Int(tcp.headerOctets) >= 20,
      Int(tcp.headerOctets) <= octets.count, belongs(tcp, &connection)
    else { return nil }
    if tcp.flags.contains(.syn) {
      connection.learnLocal(
        script: wanted?.sequence.start ?? 0, live: tcp.sequence.rawValue)
    }
    let segment = segment(tcp, octets, &connection, expecting: wanted)
    var packet = DrillPacket(isInbound: false, body: .tcp(segment))
    packet.ip.ecn = ip.typeOfService & 3
    packet.ip.typeOfService = ip.typeOfService
    packet.ip.timeToLive = ip.timeToLive
    let payload = UnsafeRawBufferPointer(rebasing: octets[Int(tcp.headerOctets)...])
    return DrillArrival(packet: packet, at: at, isDamaged: isDamaged(payload, segment))
  }

  /// The first SYN behind a connect tells the port.
  private func belongs(_ tcp: TCPHeader, _ connection: inout DrillConnection) -> Bool {
    let isSyn = tcp.flags.contains(.syn) && !tcp.flags.contains(.ack)
    if connection.state == .connecting, isSyn {
      connection.localPort = tcp.sourcePort
      connection.state = .open
      return true
    }
    return tcp.sourcePort == connection.localPort
      && (tcp.destinationPort == connection.remotePort)
  }

  private func segment(
    _ tcp: TCPHeader, _ octets: UnsafeRawBufferPointer, _ connection: inout DrillConnection,
    expecting wanted: DrillSegment?
  ) -> DrillSegment {
    let isSyn = tcp.flags.contains(.syn)
    let nowhere = SourceSpan(file: SourceFileID(rawValue: 0), start: 0, end: 0)
    let isAbsolute = wanted?.sequence.isAbsolute ?? false
    let start = tcp.sequence.rawValue &- (isAbsolute ? 0 : connection.localOffset(isSyn: isSyn))
    let range = DrillRange(
      start: start, octets: Int32(octets.count - Int(tcp.headerOctets)), span: nowhere)
    // The fourth bit of the next octet is AE.
    let accurate = UInt16(octets[12] & 1) << 8
    var segment = DrillSegment(
      flags: UInt16(octets[13]) | accurate, sequence: range, window: tcp.window,
      flagsSpan: nowhere)
    if tcp.flags.contains(.ack) {
      segment.acknowledgment =
        tcp.acknowledgment.rawValue &- connection.remoteOffset(isSyn: isSyn)
    } else if tcp.acknowledgment.rawValue != 0 {
      segment.acknowledgment = tcp.acknowledgment.rawValue
    }
    if tcp.urgentPointer != 0 { segment.urgentPointer = tcp.urgentPointer }
    let options = UnsafeRawBufferPointer(rebasing: octets[20..<Int(tcp.headerOctets)])
    segment.options = self.options(options, &connection, isSyn: isSyn, expecting: wanted)
    return segment
  }

  /// One octet after the other, as written.
  private func options(
    _ octets: UnsafeRawBufferPointer, _ connection: inout DrillConnection, isSyn: Bool,
    expecting wanted: DrillSegment?
  ) -> [DrillTCPOption] {
    var found: [DrillTCPOption] = []
    var offset = 0
    func word(_ at: Int) -> UInt32 {
      octets[at..<at + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }
    while offset < octets.count {
      let kind = octets[offset]
      if kind <= 1 {
        found.append(kind == 0 ? .endOfList : .nop)
        offset += 1
        continue
      }
      let length = offset + 1 < octets.count ? Int(octets[offset + 1]) : 0
      guard length >= 2, offset + length <= octets.count else {
        found.append(.other(kind: kind, octets: Array(octets[(offset + 1)...])))
        break
      }
      switch (kind, length) {
      case (2, 4):
        found.append(.mss(UInt16(octets[offset + 2]) << 8 | UInt16(octets[offset + 3])))
      case (3, 3): found.append(.windowScale(octets[offset + 2]))
      case (4, 2): found.append(.sackPermitted)
      case (5, _) where length % 8 == 2:
        var blocks: [DrillBlock] = []
        let origin = connection.remoteOffset(isSyn: isSyn)
        for at in stride(from: offset + 2, to: offset + length, by: 8) {
          blocks.append(DrillBlock(start: word(at) &- origin, end: word(at + 4) &- origin))
        }
        found.append(.sack(blocks))
      case (8, 10):
        let live = word(offset + 2)
        if let script = Self.timestamp(of: wanted) {
          connection.learn(timestamp: script, live: live)
        }
        found.append(
          .timestamps(
            value: connection.scripted(timestamp: live), echo: word(offset + 6),
            isEchoAbsolute: false))
      default:
        let content = Array(octets[offset + 2..<offset + length])
        found.append(.other(kind: kind, octets: content))
      }
      offset += length
    }
    return found
  }

  private static func timestamp(of wanted: DrillSegment?) -> UInt32? {
    for option in wanted?.options ?? [] {
      if case .timestamps(let value, _, _) = option { return value }
    }
    return nil
  }

  /// Whether it carries other octets than were written. What is no part of the stream (a probe of
  /// an old octet) is not looked at.
  private func isDamaged(_ payload: UnsafeRawBufferPointer, _ segment: DrillSegment) -> Bool {
    for (place, octet) in payload.enumerated() {
      let at = Int64(Int32(bitPattern: segment.sequence.start)) + Int64(place)
      if at >= 1, octet != DrillConnection.octet(at: at) { return true }
    }
    return false
  }
}
