// Segments and ICMP errors of a connection, as lines of a packetdrill script.

import NetScript
import NetStack
import Wire

extension DrillExporter {
  mutating func addSegments() {
    var (lost, first) = (0, Instant.never)
    for segment in witness.segments where segment.connection == number {
      if segment.isInbound && (segment.handled == nil || segment.loss != nil) {
        // It came to the port and no further.
        lost += 1
        first = min(first, segment.seen.at)
        continue
      }
      var packet = DrillPacket(isInbound: segment.isInbound, body: .tcp(tcp(segment)))
      if segment.typeOfService & 3 != 0 { packet.ip.ecn = segment.typeOfService & 3 }
      add(.packet(packet), at: segment.stamp)
    }
    if lost > 0 {
      note(
        "\(lost) segments that came are left out, the first at \(seconds(first)): the driver or "
          + "a queue had no room for them, or nobody looked at them")
    }
  }

  mutating func addErrors() {
    for error in witness.errors where error.connection == number {
      let start = error.sequence.rawValue &- (connection.localStart?.rawValue ?? 0)
      let message = DrillICMP(
        type: error.header.type, code: error.header.code,
        mtu: error.header.nextHopMTU > 0 ? error.header.nextHopMTU : nil, identifier: nil,
        quoted: range(start, error.octets))
      add(.packet(DrillPacket(isInbound: true, body: .icmp(message))), at: error.seen)
    }
  }

  /// Seconds of the script.
  func seconds(_ instant: Instant) -> String {
    let micro = time(instant).nanoseconds / 1000
    let rest = String(micro % 1_000_000)
    return "\(micro / 1_000_000)." + String(repeating: "0", count: 6 - rest.utf8.count) + rest
  }

  private func range(_ start: UInt32, _ octets: Int32) -> DrillRange {
    DrillRange(start: start, octets: octets, span: Self.nowhere)
  }

  private mutating func tcp(_ segment: WitnessedSegment) -> DrillSegment {
    let header = segment.header
    let (sender, receiver) =
      segment.isInbound
      ? (connection.remoteStart, connection.localStart)
      : (connection.localStart, connection.remoteStart)
    let start = header.sequence.rawValue &- (sender?.rawValue ?? 0)
    let acknowledgment = header.acknowledgment.rawValue &- (receiver?.rawValue ?? 0)
    return DrillSegment(
      flags: UInt16(header.flags.rawValue), sequence: range(start, segment.octets),
      acknowledgment: header.flags.contains(.ack) ? acknowledgment : nil, window: header.window,
      urgentPointer: header.flags.contains(.urg) ? header.urgentPointer : nil,
      options: options(segment, blocksFrom: receiver?.rawValue ?? 0), flagsSpan: Self.nowhere)
  }

  /// Option by option, padding included.
  private mutating func options(
    _ segment: WitnessedSegment, blocksFrom start: UInt32
  ) -> [DrillTCPOption] {
    var options: [DrillTCPOption] = []
    var rest = segment.options[...]
    while let kind = rest.first {
      if kind == TCPOptions.Kind.end || kind == TCPOptions.Kind.noOperation {
        options.append(kind == TCPOptions.Kind.end ? .endOfList : .nop)
        rest.removeFirst()
        continue
      }
      let length = rest.count > 1 ? Int(rest[rest.startIndex + 1]) : 0
      guard length >= 2, length <= rest.count else { break }
      var octets = Array(rest.dropFirst(2).prefix(length - 2))
      let ours =
        segment.isInbound
        ? [TCPOptions.Kind.connectionCountEcho]
        : [TCPOptions.Kind.connectionCount, TCPOptions.Kind.connectionCountNew]
      if ours.contains(kind) && octets.count == 4 { octets = recounted(octets) }
      options.append(Self.option(kind, octets, blocksFrom: start))
      rest = rest.dropFirst(length)
    }
    return options
  }

  /// T/TCP counts a host's connections; that of the script is the first of a host just started.
  private mutating func recounted(_ octets: [UInt8]) -> [UInt8] {
    let live = octets.reduce(0 as UInt32) { $0 << 8 | UInt32($1) }
    let first = count ?? live
    count = first
    let count = live &- first &+ 1
    return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) }
  }

  private static func option(
    _ kind: UInt8, _ octets: [UInt8], blocksFrom start: UInt32
  ) -> DrillTCPOption {
    func word(_ place: Int) -> UInt32 {
      octets[place..<place + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }
    switch (kind, octets.count) {
    case (TCPOptions.Kind.maximumSegmentSize, 2):
      return .mss(UInt16(octets[0]) << 8 | UInt16(octets[1]))
    case (TCPOptions.Kind.windowScale, 1): return .windowScale(octets[0])
    case (TCPOptions.Kind.sackPermitted, 0): return .sackPermitted
    case (TCPOptions.Kind.sack, _) where octets.count % 8 == 0:
      return .sack(
        stride(from: 0, to: octets.count, by: 8).map {
          DrillBlock(start: word($0) &- start, end: word($0 + 4) &- start)
        })
    case (TCPOptions.Kind.timestamps, 8):
      return .timestamps(value: word(0), echo: word(4), isEchoAbsolute: false)
    default: return .other(kind: kind, octets: octets)
    }
  }
}
