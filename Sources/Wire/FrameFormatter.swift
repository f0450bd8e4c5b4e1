// Frames as lines of text, in tcpdump's notation with numbers for names (`tcpdump -n`).
//
//     10.0.1.1.20 > 10.0.1.2.1025: Flags [P.], seq 1:301, ack 1, win 17520, length 300
//
// Sequence numbers are relative from the second segment of a connection on, as tcpdump has it; that
// is the only thing a formatter remembers. Whatever cannot be read is named, never refused.

/// Turns frames into lines; one formatter per place of observation.
public struct FrameFormatter: Sendable {
  /// Prints sequence numbers as they are on the wire.
  public var absoluteSequenceNumbers: Bool
  private var connections: [Connection: Origins] = [:]

  public init(absoluteSequenceNumbers: Bool = false) {
    self.absoluteSequenceNumbers = absoluteSequenceNumbers
  }

  /// The line for a frame that starts with its Ethernet header, without a time and a line's end.
  public mutating func line(_ frame: UnsafeRawBufferPointer) -> String {
    guard let header = EthernetHeader(reading: frame) else {
      return "[truncated Ethernet, length \(frame.count)]"
    }
    let payload = UnsafeRawBufferPointer(rebasing: frame.dropFirst(EthernetHeader.octetCount))
    switch header.type {
    case EtherType.arp:
      return arpLine(payload)
    case EtherType.ipv4:
      return ipv4Line(payload)
    default:
      var digits = String(header.type, radix: 16)
      while digits.utf8.count < 4 { digits = "0" + digits }
      return "\(header.source) > \(header.destination), ethertype 0x\(digits), "
        + "length \(frame.count)"
    }
  }

  /// The same as tcpdump has it: with `IP` in front of what is IP.
  public mutating func tcpdump(_ frame: UnsafeRawBufferPointer) -> String {
    let isIP = EthernetHeader(reading: frame)?.type == EtherType.ipv4
    return (isIP ? "IP " : "") + line(frame)
  }

  private func arpLine(_ octets: UnsafeRawBufferPointer) -> String {
    guard let packet = ARPPacket(reading: octets) else { return "[truncated or foreign ARP]" }
    switch packet.operation {
    case ARPOperation.request:
      return "ARP, Request who-has \(packet.targetProtocol) tell \(packet.senderProtocol), "
        + "length \(octets.count)"
    case ARPOperation.reply:
      return "ARP, Reply \(packet.senderProtocol) is-at \(packet.senderHardware), "
        + "length \(octets.count)"
    default:
      return "ARP, unknown operation \(packet.operation), length \(octets.count)"
    }
  }

  private mutating func ipv4Line(_ octets: UnsafeRawBufferPointer) -> String {
    guard let header = IPv4Header(reading: octets) else {
      return "[truncated IP, length \(octets.count)]"
    }
    let headerOctets = Int(header.headerOctets)
    let end = min(Int(header.totalLength), octets.count)
    guard header.version == 4, headerOctets >= IPv4Header.octetCount, headerOctets <= end else {
      return "[bad IP header, length \(octets.count)]"
    }
    let hosts = "\(header.source) > \(header.destination)"
    let payload = UnsafeRawBufferPointer(rebasing: octets[headerOctets..<end])
    guard header.isFragment else { return transportLine(header, payload) }
    // As tcpdump 3 had it: id, octets, where they belong, and a plus when more follow.
    let more = header.moreFragments ? "+" : ""
    let piece = " (frag \(header.identification):\(payload.count)@\(header.fragmentOffset)\(more))"
    if header.fragmentOffset == 0 { return transportLine(header, payload) + piece }
    return "\(hosts): \(Self.name(ofProtocol: header.protocolNumber))\(piece)"
  }

  private mutating func transportLine(
    _ header: IPv4Header, _ payload: UnsafeRawBufferPointer
  ) -> String {
    switch header.protocolNumber {
    case IPProtocol.tcp: return tcpLine(header, payload)
    case IPProtocol.udp: return udpLine(header, payload)
    case IPProtocol.icmp:
      return "\(header.source) > \(header.destination): " + icmpText(payload)
    default:
      let name = Self.name(ofProtocol: header.protocolNumber)
      return "\(header.source) > \(header.destination): \(name) \(payload.count)"
    }
  }

  private static func name(ofProtocol number: UInt8) -> String {
    switch number {
    case IPProtocol.tcp: "tcp"
    case IPProtocol.udp: "udp"
    case IPProtocol.icmp: "icmp"
    case 2: "igmp"
    default: "ip-proto-\(number)"
    }
  }

  private func udpLine(_ header: IPv4Header, _ octets: UnsafeRawBufferPointer) -> String {
    guard let udp = UDPHeader(reading: octets) else {
      return "\(header.source) > \(header.destination): [truncated UDP, length \(octets.count)]"
    }
    return "\(header.source).\(udp.sourcePort) > \(header.destination).\(udp.destinationPort): "
      + "UDP, length \(max(0, Int(udp.length) - UDPHeader.octetCount))"
  }

  private func icmpText(_ octets: UnsafeRawBufferPointer) -> String {
    guard let icmp = ICMPHeader(reading: octets) else {
      return "[truncated ICMP, length \(octets.count)]"
    }
    switch icmp.type {
    case ICMPType.echoRequest, ICMPType.echoReply:
      let word = icmp.type == ICMPType.echoRequest ? "request" : "reply"
      return "ICMP echo \(word), id \(icmp.identifier), seq \(icmp.sequence), "
        + "length \(octets.count)"
    case ICMPType.unreachable:
      return "ICMP " + Self.unreachable(icmp.code, octets) + ", length \(octets.count)"
    case 4: return "ICMP source quench, length \(octets.count)"
    case 5: return "ICMP redirect \(Self.quoted(octets).target), length \(octets.count)"
    case 11:
      let place = icmp.code == 0 ? "in-transit" : "reassembly"
      return "ICMP time exceeded \(place), length \(octets.count)"
    case 12: return "ICMP parameter problem, length \(octets.count)"
    default:
      return "ICMP type \(icmp.type), code \(icmp.code), length \(octets.count)"
    }
  }

  /// What an ICMP error says of the datagram that it quotes.
  private static func quoted(
    _ octets: UnsafeRawBufferPointer
  ) -> (target: String, transport: String, port: UInt16) {
    let inner = UnsafeRawBufferPointer(rebasing: octets.dropFirst(8))
    guard let header = IPv4Header(reading: inner) else { return ("?", "?", 0) }
    let start = Int(header.headerOctets)
    guard start >= IPv4Header.octetCount, inner.count >= start + 4 else {
      return (header.destination.description, name(ofProtocol: header.protocolNumber), 0)
    }
    let port = UInt16(inner[start + 2]) << 8 | UInt16(inner[start + 3])
    return (header.destination.description, name(ofProtocol: header.protocolNumber), port)
  }

  private static func unreachable(_ code: UInt8, _ octets: UnsafeRawBufferPointer) -> String {
    let quoted = quoted(octets)
    switch code {
    case 0: return "net \(quoted.target) unreachable"
    case 1: return "host \(quoted.target) unreachable"
    case 2: return "\(quoted.target) protocol \(quoted.transport) unreachable"
    case 3: return "\(quoted.target) \(quoted.transport) port \(quoted.port) unreachable"
    case 4:
      let mtu = octets.count >= 8 ? Int(octets[6]) << 8 | Int(octets[7]) : 0
      let size = mtu > 0 ? " (mtu \(mtu))" : ""
      return "\(quoted.target) unreachable - need to frag\(size)"
    default: return "\(quoted.target) unreachable - code \(code)"
    }
  }

  private mutating func tcpLine(_ header: IPv4Header, _ octets: UnsafeRawBufferPointer) -> String {
    guard let tcp = TCPHeader(reading: octets) else {
      return "\(header.source) > \(header.destination): [truncated TCP, length \(octets.count)]"
    }
    var line =
      "\(header.source).\(tcp.sourcePort) > \(header.destination).\(tcp.destinationPort): "
    guard tcp.headerOctets >= 20, Int(tcp.headerOctets) <= octets.count else {
      return line + "Flags [\(Self.text(of: tcp.flags))] [bad header length \(tcp.headerOctets)]"
    }
    let length = octets.count - Int(tcp.headerOctets)
    let (sequence, acknowledgment) = relative(header, tcp)
    line += Self.segment(
      tcp.flags, sequence: sequence, length: length, acknowledgment: acknowledgment,
      window: Int(tcp.window))
    if tcp.flags.contains(.urg) { line += ", urg \(tcp.urgentPointer)" }
    // Ranges that the receiver has are counted like its acknowledgments.
    let origin = tcp.acknowledgment.rawValue &- acknowledgment
    let options = TCPOptionText(tcp.options(in: octets), countingFrom: origin).text
    if !options.isEmpty { line += ", options [\(options)]" }
    return line + ", length \(length)"
  }

  /// `Flags [P.], seq 1:301, ack 1, win 17520`: numbers as they are to be printed.
  public static func segment(
    _ flags: TCPFlags, sequence: UInt32, length: Int, acknowledgment: UInt32, window: Int
  ) -> String {
    var text = "Flags [\(self.text(of: flags))]"
    if length > 0 {
      text += ", seq \(sequence):\(sequence &+ UInt32(length))"
    } else if !flags.isDisjoint(with: [.syn, .fin, .rst]) {
      text += ", seq \(sequence)"
    }
    if flags.contains(.ack) { text += ", ack \(acknowledgment)" }
    return text + ", win \(window)"
  }

  /// Sequence and acknowledgment numbers as they are to be printed.
  private mutating func relative(_ header: IPv4Header, _ tcp: TCPHeader) -> (UInt32, UInt32) {
    let raw = (tcp.sequence.rawValue, tcp.acknowledgment.rawValue)
    if absoluteSequenceNumbers { return raw }
    let here = UInt64(header.source.rawValue) << 16 | UInt64(tcp.sourcePort)
    let there = UInt64(header.destination.rawValue) << 16 | UInt64(tcp.destinationPort)
    let isLower = here < there
    let connection = Connection(lower: min(here, there), upper: max(here, there))
    // A SYN starts a new stream: its numbers are printed as they are and taken as the origin.
    guard let origins = connections[connection], !tcp.flags.contains(.syn) else {
      let own = raw.0
      let other = tcp.flags.contains(.ack) ? raw.1 &- 1 : 0
      connections[connection] =
        isLower ? Origins(lower: own, upper: other) : Origins(lower: other, upper: own)
      return raw
    }
    let (own, other) =
      isLower ? (origins.lower, origins.upper) : (origins.upper, origins.lower)
    return (raw.0 &- own, raw.1 &- other)
  }

  /// `S`, `F`, `R`, `P`, `U`, `E`, `W` and a dot for the acknowledgment; `none` when no bit is set.
  private static func text(of flags: TCPFlags) -> String {
    var text = ""
    if flags.contains(.fin) { text += "F" }
    if flags.contains(.syn) { text += "S" }
    if flags.contains(.rst) { text += "R" }
    if flags.contains(.psh) { text += "P" }
    if flags.contains(.ack) { text += "." }
    if flags.contains(.urg) { text += "U" }
    if flags.contains(.ece) { text += "E" }
    if flags.contains(.cwr) { text += "W" }
    return text.isEmpty ? "none" : text
  }

  /// Both ends of a connection, address and port in one number each, the lower one first.
  private struct Connection: Hashable, Sendable {
    var lower: UInt64
    var upper: UInt64
  }

  /// The sequence number from which each end's stream is counted.
  private struct Origins: Sendable {
    var lower: UInt32
    var upper: UInt32
  }
}
