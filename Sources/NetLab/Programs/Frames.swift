// Frames that programs make: octets with correct lengths and checksums, sent by a station itself.

import NetScript
import NetSim
import NetStack
import Wire

/// Shapes of the records that calls return.
struct RecordShapes {
  var datagram = 0
  var selection = 0
  var frame = 0

  init() {}

  init(_ vm: VM, _ words: WordTable) {
    datagram = vm.shape([words.symbol(.size), words.symbol(.from), words.symbol(.port)])
    selection = vm.shape([words.symbol(.read), words.symbol(.write)])
    frame = vm.shape([
      words.symbol(.proto), words.symbol(.to), words.symbol(.port), words.symbol(.sport),
      words.symbol(.len),
    ])
  }
}

extension Bench {
  /// One value of a distribution; anything else as it is. Each task draws from a stream of its own.
  func draw(_ arguments: Arguments) throws(RuntimeError) -> Value {
    let place = programs.current
    if place < 0 { return try vm.sample(arguments[0]) { scriptDraws.next() } }
    return try vm.sample(arguments[0]) { programs.records[place].draws.next() }
  }

  /// `frame(.udp, to = host, port = 137, len = 120B)`; `len` is the payload.
  func makeFrame(_ arguments: Arguments) throws(RuntimeError) -> Value {
    guard arguments[0].asSymbol.flatMap({ words.word($0) }) == .udp else {
      throw RuntimeError(
        "N422", "this version makes UDP frames only", at: arguments.span,
        help: "`frame(.udp, to = …, port = …, len = …)`")
    }
    var to = Value.none
    var port = Value.none
    var sport = Value.none
    var length = Value.none
    for index in 0..<arguments.namedCount {
      let value = arguments.namedValue(index)
      switch words.word(arguments.name(index)) {
      case .to: to = value
      case .port: port = value
      case .sport: sport = value
      case .len: length = value
      default:
        throw RuntimeError(
          "N425", "a frame has no `\(name(arguments.name(index)))`", at: arguments.span,
          help: "there are: `to`, `port`, `sport`, `len`")
      }
    }
    guard !to.isNone, !port.isNone, !length.isNone else {
      throw RuntimeError(
        "N425", "a frame needs `to`, `port` and `len`", at: arguments.span)
    }
    return vm.makeRecord(shapes.frame) { fields in
      fields[0] = arguments[0]
      fields[1] = to
      fields[2] = port
      fields[3] = sport.isNone ? port : sport
      fields[4] = length
    }
  }

  /// `nic.send(frame)` of a station without a stack: `none`, or ENOBUFS when too many wait.
  func sendFrame(_ nic: NodeID, _ arguments: Arguments) throws(RuntimeError) -> Value {
    try refuseInPredicate("`send`", at: arguments.span)
    guard isBuilt, let station = station(of: nic) else {
      throw RuntimeError("N301", "nothing is built yet", at: arguments.span)
    }
    guard station.stack < 0 else {
      throw RuntimeError(
        "N422", "`\(path(of: nic))` belongs to a stack", at: arguments.span,
        help: "frames of one's own need `stack = .none`")
    }
    let frame = arguments[0]
    guard let fields = vm.contents(frame, ofShape: shapes.frame) else {
      throw RuntimeError("N422", "`send` takes a frame", at: arguments.span)
    }
    let length = Int(try octets(fields[4], arguments.span))
    guard length <= Bench.longestDatagram else { return errors.value(.EMSGSIZE) }
    let attachment = station.attachments[Int(tree[nic].object)]
    let to = fields[1]
    var destination = MACAddress.broadcast
    var address = IPv4Address.broadcast
    if to.asSymbol.flatMap({ words.word($0) }) != .broadcast {
      address = try self.address(to, from: station.host, arguments.span)
      destination = hardwareAddress(of: address, on: attachment.link) ?? .broadcast
    }
    let ports = (try port(fields[3], arguments.span), try port(fields[2], arguments.span))
    let count = writeDatagram(
      from: attachment, to: destination, address, ports: ports, octets: length)
    let sent = simulation.send(
      UnsafeRawBufferPointer(start: scratch, count: count), from: attachment.port, &context)
    return sent ? .none : errors.value(.ENOBUFS)
  }

  /// UDP payload that fits into one Ethernet frame.
  static let longestDatagram =
    EthernetLimits.maximumPayloadOctets - IPv4Header.octetCount - UDPHeader.octetCount
  static let scratchOctets = 1600

  private func hardwareAddress(of address: IPv4Address, on link: Int32) -> MACAddress? {
    for station in stations.records {
      for attachment in station.attachments
      where attachment.link == link && attachment.address == address {
        return attachment.mac
      }
    }
    return nil
  }

  /// Ethernet, IPv4, UDP and a payload of zeros, into the scratch memory. Returns the octets.
  private func writeDatagram(
    from own: Attachment, to destination: MACAddress, _ address: IPv4Address,
    ports: (from: UInt16, to: UInt16), octets: Int
  ) -> Int {
    let udpOctets = UDPHeader.octetCount + octets
    let packet = scratch + EthernetHeader.octetCount
    let segment = packet + IPv4Header.octetCount
    EthernetHeader(destination: destination, source: own.mac, type: EtherType.ipv4)
      .write(to: scratch)
    datagramCount &+= 1
    var ip = IPv4Header(
      source: own.address, destination: address, protocolNumber: IPProtocol.udp,
      totalLength: UInt16(IPv4Header.octetCount + udpOctets), identification: datagramCount)
    ip.writeWithChecksum(to: packet)
    var udp = UDPHeader(
      sourcePort: ports.from, destinationPort: ports.to, length: UInt16(udpOctets))
    udp.write(to: segment)
    // The payload is zero and stays so: only headers are ever written, and they end where it
    // begins.
    var sum = InternetChecksum()
    sum.addPseudoHeader(
      source: own.address, destination: address, protocol: IPProtocol.udp, length: udpOctets)
    sum.add(UnsafeRawBufferPointer(start: segment, count: UDPHeader.octetCount))
    udp.checksum = sum.value == 0 ? 0xFFFF : sum.value
    udp.write(to: segment)
    return EthernetHeader.octetCount + IPv4Header.octetCount + udpOctets
  }
}
