// Packets of a packetdrill script into the stack: from the script's numbers to octets.
//
// Payload is filled by sequence number, so that octets in another order show: to the host's reader
// too, which counts what is not as it was written.

import NetScript
import NetSim
import NetStack
import Wire

extension Bench {
  func inject(_ number: Int, _ packet: DrillPacket, _ span: SourceSpan) {
    switch packet.body {
    case .tcp(let segment): inject(number, packet, segment, span)
    case .icmp(let message): inject(number, packet, message, span)
    }
    programs.drills[number].note(packet, at: simulation.now)
  }

  // MARK: TCP

  private func inject(
    _ number: Int, _ packet: DrillPacket, _ segment: DrillSegment, _ span: SourceSpan
  ) {
    openConnection(number, packet, segment)
    let connection = programs.drills[number].connection
    let isSyn = segment.flags & 0x02 != 0
    let hasAck = segment.flags & 0x10 != 0
    var options: [UInt8] = []
    for option in segment.options ?? [] {
      guard append(option, to: &options, connection, isSyn: isSyn, mapsEcho: hasAck) else {
        return failDrill(
          number, segment.optionsSpan ?? span, "the stack never sent that timestamp")
      }
    }
    while options.count & 3 != 0 { options.append(0) }
    let sequence = segment.sequence
    let live =
      sequence.isAbsolute
      ? sequence.start : sequence.start &+ connection.remoteOffset(isSyn: isSyn)
    var acknowledgment = segment.acknowledgment ?? 0
    if hasAck { acknowledgment &+= connection.localOffset(isSyn: isSyn) }
    var header = TCPHeader(
      sourcePort: packet.ports?.0 ?? connection.remotePort,
      destinationPort: packet.ports?.1 ?? connection.localPort, sequence: SequenceNumber(live),
      acknowledgment: SequenceNumber(acknowledgment),
      flags: TCPFlags(rawValue: UInt8(truncatingIfNeeded: segment.flags)),
      window: segment.window ?? 0, headerOctets: UInt8(20 + options.count))
    header.urgentPointer = segment.urgentPointer ?? 0
    let count = Int(sequence.octets)
    send(number, packet.ip, IPProtocol.tcp, octets: 20 + options.count + count) { base in
      header.write(to: base)
      if segment.flags & 0x100 != 0 {
        base.store(octet: header.headerOctets << 2 | 1, at: 12)
      }
      for (place, octet) in options.enumerated() { base.store(octet: octet, at: 20 + place) }
      for place in 0..<count {
        let at = Int64(sequence.start) + Int64(place) + (isSyn ? 1 : 0)
        base.store(octet: DrillConnection.octet(at: at), at: 20 + options.count + place)
      }
    }
  }

  /// A SYN to a listener begins a connection, and so does whatever comes where there is none.
  private func openConnection(_ number: Int, _ packet: DrillPacket, _ segment: DrillSegment) {
    let state = programs.drills[number].connection.state
    if state == .none || state == .listening {
      var connection = DrillConnection()
      connection.state = .open
      connection.localPort =
        packet.ports?.1 ?? programs.drills[number].script.options.bindPort
      connection.remotePort = packet.ports?.0 ?? programs.drills[number].nextPort
      programs.drills[number].nextPort += 1
      connection.learnRemote(segment.sequence.start)
      programs.drills[number].connection = connection
    } else if segment.flags & 0x02 != 0 {
      programs.drills[number].connection.learnRemote(segment.sequence.start)
    }
  }

  /// False when it echoes what was never sent.
  private func append(
    _ option: DrillTCPOption, to octets: inout [UInt8], _ connection: DrillConnection,
    isSyn: Bool, mapsEcho: Bool
  ) -> Bool {
    func word(_ value: UInt32) {
      for shift in [24, 16, 8, 0] as [UInt32] {
        octets.append(UInt8(truncatingIfNeeded: value &>> shift))
      }
    }
    switch option {
    case .mss(let size): octets += [2, 4, UInt8(size >> 8), UInt8(size & 0xFF)]
    case .windowScale(let shift): octets += [3, 3, shift]
    case .sackPermitted: octets += [4, 2]
    case .sack(let blocks):
      octets += [5, UInt8(truncatingIfNeeded: 2 + 8 * blocks.count)]
      let offset = connection.localOffset(isSyn: isSyn)
      for block in blocks {
        word(block.start &+ offset)
        word(block.end &+ offset)
      }
    case .timestamps(let value, let echo, let isAbsolute):
      octets += [8, 10]
      word(value ?? 0)
      guard mapsEcho, !isAbsolute else {
        word(echo)
        return true
      }
      guard let live = connection.live(timestamp: echo) else { return false }
      word(live)
    case .nop: octets.append(1)
    case .endOfList: octets.append(0)
    case .md5(let digest):
      octets += [19, 18] + (digest + [UInt8](repeating: 0, count: 16)).prefix(16)
    case .fastOpen(let cookie, let isExperimental):
      if isExperimental {
        octets += [254, UInt8(truncatingIfNeeded: 4 + cookie.count), 0xF9, 0x89] + cookie
      } else {
        octets += [34, UInt8(truncatingIfNeeded: 2 + cookie.count)] + cookie
      }
    case .other(let kind, let content):
      octets += [kind, UInt8(truncatingIfNeeded: 2 + content.count)] + content
    }
    return true
  }

  // MARK: ICMP

  /// The message quotes the IP header and eight octets of a segment of ours.
  private func inject(
    _ number: Int, _ packet: DrillPacket, _ message: DrillICMP, _ span: SourceSpan
  ) {
    let drill = programs.drills[number]
    let connection = drill.connection
    let start = message.quoted?.start
    // Without a range it is the first segment's number.
    let sequence = start.map { $0 &+ connection.liveLocal } ?? connection.liveLocal
    let quotedOctets = 20 + Int(message.quoted?.octets ?? 0)
    send(number, packet.ip, IPProtocol.icmp, octets: 8 + 20 + 8) { base in
      let rest =
        message.identifier.map { UInt32($0) << 16 } ?? message.mtu.map { UInt32($0) } ?? 0
      var header = ICMPHeader(type: message.type, code: message.code, rest: rest)
      var quoted = IPv4Header(
        source: drill.target, destination: drill.remote,
        protocolNumber: IPProtocol.tcp, totalLength: UInt16(clamping: 20 + quotedOctets))
      quoted.writeWithChecksum(to: base + 8)
      (base + 28).store(bigEndian16: connection.localPort, at: 0)
      (base + 28).store(bigEndian16: connection.remotePort, at: 2)
      (base + 28).store(bigEndian32: sequence, at: 4)
      header.checksum = 0
      header.write(to: base)
      header.checksum = InternetChecksum.of(UnsafeRawBufferPointer(start: base, count: 36))
      header.write(to: base)
    }
  }

  // MARK: IP

  /// A datagram from the script's address to the host's.
  private func send(
    _ number: Int, _ ip: DrillIP, _ protocolNumber: UInt8, octets: Int,
    _ fill: (UnsafeMutableRawPointer) -> Void
  ) {
    let drill = programs.drills[number]
    var payload = [UInt8](repeating: 0, count: octets)
    payload.withUnsafeMutableBytes { memory in
      guard let base = memory.baseAddress else { return }
      fill(base)
      if protocolNumber == IPProtocol.tcp { sumSegment(base, octets, drill) }
    }
    var header = IPv4Header(
      source: drill.remote, destination: drill.target,
      protocolNumber: protocolNumber, totalLength: 0, identification: drill.identification,
      timeToLive: ip.timeToLive ?? 255, typeOfService: ip.typeOfService ?? ip.ecn ?? 0)
    programs.drills[number].identification &+= 1
    let options = ip.options + [UInt8](repeating: 0, count: (4 - ip.options.count & 3) & 3)
    header.headerOctets = UInt8(20 + options.count)
    // What no wire carries whole comes in fragments: the host sees one datagram all the same.
    let most = (Int(drill.script.options.mtu) - 20 - options.count) & ~7
    var at = 0
    repeat {
      let end = octets - at > most + 7 ? at + most : octets
      header.fragmentOffset = UInt16(clamping: at)
      header.moreFragments = end < octets
      send(payload[at..<end], header, options, drill)
      at = end
    } while at < octets
  }

  private func send(
    _ payload: ArraySlice<UInt8>, _ header: IPv4Header, _ options: [UInt8], _ drill: DrillRecord
  ) {
    var header = header
    let headers = EthernetHeader.octetCount + IPv4Header.octetCount + options.count
    header.totalLength = UInt16(clamping: 20 + options.count + payload.count)
    var frame = [UInt8](repeating: 0, count: headers)
    frame.withUnsafeMutableBytes { memory in
      guard let base = memory.baseAddress else { return }
      EthernetHeader(destination: drill.targetMAC, source: drill.mac, type: EtherType.ipv4)
        .write(to: base)
      let place = base + EthernetHeader.octetCount
      for (offset, octet) in options.enumerated() { place.store(octet: octet, at: 20 + offset) }
      header.write(to: place)
      let sum = InternetChecksum.of(
        UnsafeRawBufferPointer(start: place, count: 20 + options.count))
      place.store(bigEndian16: sum, at: 10)
    }
    frame += payload
    frame.withUnsafeBytes { _ = simulation.send($0, from: drill.port, &context) }
  }

  private func sumSegment(_ base: UnsafeMutableRawPointer, _ octets: Int, _ drill: DrillRecord) {
    var sum = InternetChecksum()
    sum.addPseudoHeader(
      source: drill.remote, destination: drill.target,
      protocol: IPProtocol.tcp, length: octets)
    sum.add(UnsafeRawBufferPointer(start: base, count: octets))
    base.store(bigEndian16: sum.value, at: 16)
  }
}
