// What a host's TCP did, and what its tasks asked of it: taken down to be written as a packetdrill
// script.
//
// An observer like others: it draws no number, takes no sequence number and changes no digest. A
// segment has two places in a run, the port and `tcp_input` or `tcp_output`; a packetdrill script
// means the second. Left out: datagrams, IP fragments.

import NetScript
import NetSim
import NetStack
import Wire

final class Witness {
  /// The host, by its path; its number once the simulation is built, or -1.
  let name: String
  @exclusivity(unchecked) var host: Int32 = -1
  /// Commands that set what it is set to, and what no command sets.
  @exclusivity(unchecked) var sysctls: [String] = []
  @exclusivity(unchecked) var settings: [String] = []
  @exclusivity(unchecked) var segments: [WitnessedSegment] = []
  @exclusivity(unchecked) var errors: [WitnessedError] = []
  @exclusivity(unchecked) var connections: [WitnessedConnection] = []
  @exclusivity(unchecked) var sockets: [WitnessedSocket] = []
  @exclusivity(unchecked) var calls: [WitnessedCall] = []
  /// By task number: the call in progress, or -1.
  @exclusivity(unchecked) var open: [Int] = []
  /// Records whose frames have not been seen, and frames (places in `segments`) whose records have
  /// not.
  @exclusivity(unchecked) var records: [PendingRecord] = []
  @exclusivity(unchecked) var frames: [Int] = []
  /// Records of the present event that it has seen.
  @exclusivity(unchecked) var taken = 0
  /// Things seen so far, over all kinds.
  @exclusivity(unchecked) private var count = 0
  /// More than this is not kept: `samples`.
  @exclusivity(unchecked) var isFull = false

  init(host name: String) { self.name = name }

  /// The bits of the records that it needs.
  static let kinds: UInt64 = [TraceKind.tcpIn, .tcpOut, .taskBlock, .taskWake].reduce(0) {
    $0 | 1 << UInt64($1.rawValue)
  }

  func stamp(_ instant: Instant) -> Stamp {
    count += 1
    return Stamp(order: count, at: instant)
  }
}

/// When something was seen, and before and behind what.
struct Stamp: Sendable {
  var order: Int
  var at: Instant
}

struct WitnessedConnection: Sendable {
  var local: IPv4Address
  var remote: IPv4Address
  var localPort: UInt16
  var remotePort: UInt16
  /// The first sequence number of either side, once its SYN was seen.
  var localStart: SequenceNumber?
  var remoteStart: SequenceNumber?
  var began: Instant
  var segments = 0
}

struct WitnessedSegment: Sendable {
  var connection: Int
  var isInbound: Bool
  var header: TCPHeader
  var options: [UInt8]
  var octets: Int32
  var typeOfService: UInt8
  /// At the port.
  var seen: Stamp
  /// In `tcp_input` or `tcp_output`; nil: it was not looked at, or not made there.
  var handled: Stamp?
  var loss: FrameLoss?

  var stamp: Stamp { handled ?? seen }
}

/// An ICMP message about a segment of ours.
struct WitnessedError: Sendable {
  var connection: Int
  var header: ICMPHeader
  var sequence: SequenceNumber
  var octets: Int32
  var seen: Stamp
}

struct PendingRecord: Sendable {
  var isInbound: Bool
  var segment: SegmentEvent
  var pcb: Int32
  var stamp: Stamp
}

/// A socket in one of its incarnations.
struct WitnessedSocket: Sendable {
  var index: Int32
  var generation: UInt32
  /// Which connection it has, once it has one: our first sequence number, and the ports.
  var start: SequenceNumber?
  var ports: (local: UInt16, remote: UInt16) = (0, 0)
  /// The socket whose `accept` gave it, or -1.
  var listener = -1
}

struct WitnessedCall: Sendable {
  var task: Int32
  /// Place in `Witness.sockets`.
  var socket: Int
  var call: Call
  var began: Stamp
  var ended: Stamp?
  var result = CallResult.none
  /// Of `accept`: the place of the socket that it gave.
  var accepted = -1
  /// It waited for the peer, and since when the last time; for buffers, and until when.
  var waitedForPeer: Stamp?
  var gotBuffer: Stamp?
  var waitsForBuffer = false
}

extension Witness {
  func socket(_ index: Int32, _ generation: UInt32) -> Int {
    if let known = sockets.lastIndex(where: { $0.index == index && $0.generation == generation }) {
      return known
    }
    sockets.append(WitnessedSocket(index: index, generation: generation))
    return sockets.count - 1
  }

  /// A frame of the host, from its Ethernet header on.
  func note(_ frame: UnsafeRawBufferPointer, _ place: ObservedFrame) {
    guard !place.isLate, EthernetHeader(reading: frame)?.type == EtherType.ipv4 else { return }
    let packet = UnsafeRawBufferPointer(rebasing: frame[EthernetHeader.octetCount...])
    guard let header = IPv4Header(reading: packet), !header.isFragment,
      Int(header.totalLength) <= packet.count,
      Int(header.headerOctets) <= Int(header.totalLength)
    else { return }
    let body = UnsafeRawBufferPointer(
      rebasing: packet[Int(header.headerOctets)..<Int(header.totalLength)])
    switch header.protocolNumber {
    case IPProtocol.tcp: noteSegment(body, header, place)
    case IPProtocol.icmp where place.isIncoming: noteError(body, place)
    default: break
    }
  }

  private func noteSegment(
    _ octets: UnsafeRawBufferPointer, _ packet: IPv4Header, _ place: ObservedFrame
  ) {
    guard let header = TCPHeader(reading: octets), Int(header.headerOctets) <= octets.count,
      Int(header.headerOctets) >= TCPHeader.octetCount
    else { return }
    let seen = stamp(place.at)
    let isInbound = place.isIncoming
    let connection = connection(packet, header, isInbound: isInbound, at: place.at)
    connections[connection].segments += 1
    var segment = WitnessedSegment(
      connection: connection, isInbound: isInbound, header: header,
      options: Array(header.options(in: octets)),
      octets: Int32(octets.count - Int(header.headerOctets)),
      typeOfService: packet.typeOfService, seen: seen, loss: place.loss)
    // What is lost on its way has been sent all the same; what is lost at the port never came.
    if isInbound && place.loss != nil {
      segments.append(segment)
      return
    }
    let found = records.indices.filter {
      records[$0].isInbound == isInbound && segment.matches(records[$0].segment)
    }
    // The hold of ARP keeps the last SYN only: those before it were sent, and never seen.
    let isFirst = header.flags.contains(.syn) && !isInbound
    if isFirst { noteUnseen(found.dropLast().map { records[$0].stamp }, like: segment) }
    if let record = isFirst ? found.last : found.first {
      segment.handled = records[record].stamp
      // Packets of a connection keep their order: those before it were lost on the way out.
      let pcb = records[record].pcb
      var place = 0
      records.removeAll { pending in
        place += 1
        return place <= record + 1 && pending.isInbound == isInbound && pending.pcb == pcb
      }
    } else {
      frames.append(segments.count)
    }
    segments.append(segment)
  }

  /// SYNs that `tcp_output` made and no wire had. Nobody knows their timestamps; they differ.
  private func noteUnseen(_ stamps: [Stamp], like segment: WitnessedSegment) {
    for (place, stamp) in stamps.enumerated() {
      var unseen = segment
      unseen.handled = stamp
      unseen.setBack(by: UInt32(stamps.count - place))
      connections[segment.connection].began = min(
        connections[segment.connection].began, stamp.at)
      segments.append(unseen)
    }
  }

  /// `tcp_input` or `tcp_output` had a segment in hand.
  func noteRecord(_ record: TraceRecord) {
    let isInbound = record.kind == .tcpIn
    let event = SegmentEvent(record)
    let stamp = stamp(record.at)
    let frame = frames.firstIndex {
      segments[$0].isInbound == isInbound && segments[$0].matches(event)
    }
    if let frame {
      segments[frames[frame]].handled = stamp
      frames.remove(at: frame)
    } else if records.count < Self.mostPending {
      records.append(
        PendingRecord(isInbound: isInbound, segment: event, pcb: record.object, stamp: stamp))
    }
  }

  /// More than a queue and a ring hold.
  private static let mostPending = 4096

  private func noteError(_ octets: UnsafeRawBufferPointer, _ place: ObservedFrame) {
    guard let header = ICMPHeader(reading: octets), !ICMPType.isInformation(header.type) else {
      return
    }
    let quoted = UnsafeRawBufferPointer(rebasing: octets[ICMPHeader.octetCount...])
    guard let packet = IPv4Header(reading: quoted), packet.protocolNumber == IPProtocol.tcp,
      quoted.count >= Int(packet.headerOctets) + 8, packet.headerOctets >= 20,
      let segment = quoted.baseAddress.map({ $0 + Int(packet.headerOctets) })
    else { return }
    let (local, remote) = (segment.bigEndian16(at: 0), segment.bigEndian16(at: 2))
    let connection = connections.lastIndex {
      $0.localPort == local && $0.remotePort == remote && $0.local == packet.source
        && $0.remote == packet.destination
    }
    guard let connection, place.loss == nil else { return }
    errors.append(
      WitnessedError(
        connection: connection, header: header,
        sequence: SequenceNumber(segment.bigEndian32(at: 4)),
        octets: max(Int32(packet.totalLength) - 40, 0), seen: stamp(place.at)))
  }

  /// Which connection a segment belongs to: a new SYN between the same ports begins another.
  private func connection(
    _ packet: IPv4Header, _ header: TCPHeader, isInbound: Bool, at instant: Instant
  ) -> Int {
    let (local, remote) =
      isInbound ? (packet.destination, packet.source) : (packet.source, packet.destination)
    let (localPort, remotePort) =
      isInbound
      ? (header.destinationPort, header.sourcePort) : (header.sourcePort, header.destinationPort)
    let known = connections.lastIndex {
      $0.localPort == localPort && $0.remotePort == remotePort && $0.local == local
        && $0.remote == remote
    }
    if let known {
      if !header.flags.contains(.syn) { return known }
      let start = isInbound ? connections[known].remoteStart : connections[known].localStart
      if start == nil || start == header.sequence || header.flags.contains(.ack) {
        begin(known, isInbound, header)
        return known
      }
    }
    connections.append(
      WitnessedConnection(
        local: local, remote: remote, localPort: localPort, remotePort: remotePort, began: instant))
    begin(connections.count - 1, isInbound, header)
    return connections.count - 1
  }

  private func begin(_ connection: Int, _ isInbound: Bool, _ header: TCPHeader) {
    guard header.flags.contains(.syn) else { return }
    if isInbound {
      connections[connection].remoteStart = header.sequence
    } else {
      connections[connection].localStart = header.sequence
    }
  }
}

extension WitnessedSegment {
  /// Takes so much off the value of its timestamps option.
  fileprivate mutating func setBack(by units: UInt32) {
    var offset = 0
    while offset + 1 < options.count, options[offset] != TCPOptions.Kind.timestamps {
      let isPadding = options[offset] <= TCPOptions.Kind.noOperation
      offset += isPadding ? 1 : max(Int(options[offset + 1]), 2)
    }
    guard offset + 10 <= options.count else { return }
    let place = offset + 2
    let value = options[place..<place + 4].reduce(0 as UInt32) { $0 << 8 | UInt32($1) } &- units
    for index in 0..<4 {
      options[place + index] = UInt8(truncatingIfNeeded: value >> UInt32(24 - 8 * index))
    }
  }

  /// tcp_output tells of URG only in the header.
  fileprivate func matches(_ event: SegmentEvent) -> Bool {
    header.flags.subtracting(.urg) == event.flags.subtracting(.urg) && octets == event.length
      && header.sequence == event.sequence && header.acknowledgment == event.acknowledgment
  }
}
