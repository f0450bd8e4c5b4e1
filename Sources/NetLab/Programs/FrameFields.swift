// A frame's fields and its octets, both ways. What is not given is computed: lengths, checksums.
//
// `len` is what the headers claim, `size` how long the frame really is: a lie needs both.

import NetStack
import Wire

struct FrameFields {
  enum Proto: UInt8 { case udp, tcp, icmp, arp, ip }

  var proto: Proto
  var sourceMAC = MACAddress.zero
  var targetMAC = MACAddress.broadcast
  var source = IPv4Address.any
  var target = IPv4Address.broadcast
  /// A port; ICMP's identifier.
  var sport: UInt16 = 0
  /// What it is for: a port, ICMP's type, ARP's operation, IP's protocol.
  var port: UInt16 = 0
  var sequence: UInt32 = 0
  var acknowledgment: UInt32 = 0
  var flags: TCPFlags = []
  var window: UInt16 = 0
  var length = 0
  var size: Int? = nil
  var identification: UInt16 = 0
  var fragmentOffset: UInt16 = 0
  var moreFragments = false
  var checksum: UInt16? = nil
  /// TCP's options and the payload of the frame that this one is made from.
  var options: [UInt8] = []
  var payload: [UInt8] = []
}

extension FrameFields {
  /// TCP's option of that name. To set another value writes the options anew, those that Wire
  /// knows.
  var maximumSegmentSize: UInt16? {
    get {
      options.withUnsafeBytes { TCPOptions(reading: $0).maximumSegmentSize }
    }
    set {
      guard newValue != maximumSegmentSize else { return }
      var known = options.withUnsafeBytes { TCPOptions(reading: $0) }
      known.maximumSegmentSize = newValue
      options = Array(repeating: 0, count: known.octetCount)
      options.withUnsafeMutableBytes { octets in
        if let base = octets.baseAddress { known.write(to: base) }
      }
    }
  }

  // MARK: From octets

  /// nil for what is neither ARP nor IPv4.
  init?(reading frame: UnsafeRawBufferPointer) {
    guard let ethernet = EthernetHeader(reading: frame) else { return nil }
    let packet = UnsafeRawBufferPointer(rebasing: frame[EthernetHeader.octetCount...])
    switch ethernet.type {
    case EtherType.arp:
      guard let arp = ARPPacket(reading: packet) else { return nil }
      self.init(proto: .arp)
      source = arp.senderProtocol
      target = arp.targetProtocol
      port = arp.operation
    case EtherType.ipv4:
      guard let ip = IPv4Header(reading: packet), packet.count >= Int(ip.headerOctets) else {
        return nil
      }
      self.init(ip, UnsafeRawBufferPointer(rebasing: packet[Int(ip.headerOctets)...]))
    default: return nil
    }
    sourceMAC = ethernet.source
    targetMAC = ethernet.destination
    size = frame.count
  }

  private init(_ ip: IPv4Header, _ rest: UnsafeRawBufferPointer) {
    self.init(proto: .ip)
    source = ip.source
    target = ip.destination
    identification = ip.identification
    fragmentOffset = ip.fragmentOffset
    moreFragments = ip.moreFragments
    port = UInt16(ip.protocolNumber)
    var headerOctets = 0
    if ip.fragmentOffset == 0 { headerOctets = readTransport(ip.protocolNumber, rest) }
    length = max(Int(ip.totalLength) - Int(ip.headerOctets) - headerOctets, 0)
    let end = min(headerOctets + length, rest.count)
    if headerOctets < end { payload = Array(rest[headerOctets..<end]) }
  }

  private mutating func readTransport(_ number: UInt8, _ rest: UnsafeRawBufferPointer) -> Int {
    switch number {
    case IPProtocol.udp:
      guard let udp = UDPHeader(reading: rest) else { return 0 }
      proto = .udp
      (sport, port) = (udp.sourcePort, udp.destinationPort)
      checksum = udp.checksum
      return UDPHeader.octetCount
    case IPProtocol.tcp:
      guard let tcp = TCPHeader(reading: rest) else { return 0 }
      proto = .tcp
      (sport, port) = (tcp.sourcePort, tcp.destinationPort)
      (sequence, acknowledgment) = (tcp.sequence.rawValue, tcp.acknowledgment.rawValue)
      (flags, window, checksum) = (tcp.flags, tcp.window, tcp.checksum)
      options = Array(tcp.options(in: rest))
      return TCPHeader.octetCount + options.count
    case IPProtocol.icmp:
      guard let icmp = ICMPHeader(reading: rest) else { return 0 }
      proto = .icmp
      (sport, port) = (icmp.identifier, UInt16(icmp.type))
      sequence = UInt32(icmp.sequence)
      checksum = icmp.checksum
      return ICMPHeader.octetCount
    default: return 0
    }
  }

  // MARK: To octets

  /// What fits into an Ethernet frame behind these headers.
  var longest: Int {
    let most = EthernetLimits.maximumPayloadOctets
    return proto == .arp ? 0 : most - IPv4Header.octetCount - transportOctets
  }

  private var transportOctets: Int {
    if fragmentOffset > 0 { return 0 }
    switch proto {
    case .udp: return UDPHeader.octetCount
    case .tcp: return TCPHeader.octetCount + options.count
    case .icmp: return ICMPHeader.octetCount
    case .arp, .ip: return 0
    }
  }

  /// Writes the frame into memory for the longest one. Where nothing but zeros follows its headers
  /// these are all that is written.
  func write(to memory: UnsafeMutableRawPointer) -> GatheredFrame {
    let isARP = proto == .arp
    let ethernet = EthernetHeader.octetCount
    EthernetHeader(
      destination: targetMAC, source: sourceMAC, type: isARP ? EtherType.arp : EtherType.ipv4
    ).write(to: memory)
    let headers = isARP ? writeARP(to: memory + ethernet) : writeIP(to: memory + ethernet)
    let count = ethernet + headers + (isARP ? 0 : length)
    let wanted = size.map { min(max($0, ethernet), Self.longestFrame) } ?? count
    var frame = GatheredFrame(octetCount: wanted)
    let body = ethernet + headers
    let isPlain = payload.isEmpty || isARP
    if isPlain && wanted > body && wanted <= EthernetLimits.usualFrameOctets {
      frame.written = Int32(body)
      frame.pattern = Payload.zeros
      return frame
    }
    let end = max(count, wanted)
    (memory + body).initializeMemory(as: UInt8.self, repeating: 0, count: end - body)
    payload.withUnsafeBytes { octets in
      if let base = octets.baseAddress, length > 0, !isARP {
        (memory + body).copyMemory(from: base, byteCount: min(octets.count, length))
      }
    }
    return frame
  }

  static let longestFrame = EthernetHeader.octetCount + EthernetLimits.maximumPayloadOctets

  private func writeARP(to packet: UnsafeMutableRawPointer) -> Int {
    let isReply = port == ARPOperation.reply
    ARPPacket(
      operation: port, senderHardware: sourceMAC, senderProtocol: source,
      targetHardware: isReply ? targetMAC : .zero, targetProtocol: target
    ).write(to: packet)
    return ARPPacket.octetCount
  }

  private func writeIP(to packet: UnsafeMutableRawPointer) -> Int {
    let transport = transportOctets
    let total = IPv4Header.octetCount + transport + length
    var ip = IPv4Header(
      source: source, destination: target, protocolNumber: protocolNumber,
      totalLength: UInt16(total), identification: identification)
    ip.fragmentOffset = fragmentOffset
    ip.moreFragments = moreFragments
    ip.writeWithChecksum(to: packet)
    let segment = packet + IPv4Header.octetCount
    if transport > 0 { writeTransport(to: segment, headers: transport) }
    return IPv4Header.octetCount + transport
  }

  private var protocolNumber: UInt8 {
    switch proto {
    case .udp: return IPProtocol.udp
    case .tcp: return IPProtocol.tcp
    case .icmp: return IPProtocol.icmp
    case .arp, .ip: return UInt8(truncatingIfNeeded: port)
    }
  }

  private func writeTransport(to segment: UnsafeMutableRawPointer, headers: Int) {
    let octets = headers + length
    write(to: segment, octets: octets, checksum: 0)
    var sum = InternetChecksum()
    if proto != .icmp {
      sum.addPseudoHeader(
        source: source, destination: target,
        protocol: proto == .tcp ? IPProtocol.tcp : IPProtocol.udp, length: octets)
    }
    sum.add(UnsafeRawBufferPointer(start: segment, count: headers))
    payload.withUnsafeBytes { sum.add(UnsafeRawBufferPointer(rebasing: $0.prefix(length))) }
    let right = sum.value == 0 && proto == .udp ? 0xFFFF : sum.value
    write(to: segment, octets: octets, checksum: checksum ?? right)
  }

  private func write(to segment: UnsafeMutableRawPointer, octets: Int, checksum: UInt16) {
    switch proto {
    case .udp:
      UDPHeader(
        sourcePort: sport, destinationPort: port, length: UInt16(octets), checksum: checksum
      ).write(to: segment)
    case .tcp:
      var tcp = TCPHeader(
        sourcePort: sport, destinationPort: port, sequence: SequenceNumber(sequence),
        acknowledgment: SequenceNumber(acknowledgment), flags: flags, window: window,
        headerOctets: UInt8(TCPHeader.octetCount + options.count))
      tcp.checksum = checksum
      tcp.write(to: segment)
      options.withUnsafeBytes { bytes in
        if let base = bytes.baseAddress, bytes.count > 0 {
          (segment + TCPHeader.octetCount).copyMemory(from: base, byteCount: bytes.count)
        }
      }
    case .icmp:
      var icmp = ICMPHeader(
        echo: UInt8(truncatingIfNeeded: port), identifier: sport,
        sequence: UInt16(truncatingIfNeeded: sequence))
      icmp.checksum = checksum
      icmp.write(to: segment)
    case .arp, .ip: break
    }
  }
}

extension TCPFlags {
  private static let letters: [(TCPFlags, Character)] = [
    (.syn, "S"), (.ack, "A"), (.fin, "F"), (.rst, "R"), (.psh, "P"), (.urg, "U"),
    (.ece, "E"), (.cwr, "W"),
  ]

  /// `SA`: the flags that are set, in this order.
  var letters: String {
    var text = ""
    for (flag, letter) in Self.letters where contains(flag) { text.append(letter) }
    return text
  }

  /// nil when a letter is no flag.
  init?(letters text: String) {
    var flags: TCPFlags = []
    for letter in text {
      guard let known = Self.letters.first(where: { $0.1 == letter }) else { return nil }
      flags.insert(known.0)
    }
    self = flags
  }
}
