// What the stack sends against what a packetdrill script expects.
//
// The next segment of the connection under test is taken, whatever it is: one too many fails at
// the line that meets it. A payload that is longer than a segment is put together from several.

import NetScript
import NetSim
import NetStack
import Wire

extension Bench {
  /// Takes what has come for this event. False when nothing has.
  func matchNext(_ number: Int, _ event: DrillEvent, from: Instant, to: Instant) -> Bool {
    guard case .packet(let expected) = event.action, case .tcp(let wanted) = expected.body else {
      failDrill(number, event.span, "only TCP packets can be expected", expected: event)
      return true
    }
    guard let arrival = takeSegment(number, expecting: wanted),
      case .tcp(var segment) = arrival.packet.body
    else { return false }
    var actual = arrival.packet
    if let pieces = programs.drills[number].pieces {
      let most = programs.drills[number].pieceOctets
      let isLast = pieces.sequence.octets + segment.sequence.octets >= wanted.sequence.octets
      guard isLast ? segment.sequence.octets <= most : segment.sequence.octets == most,
        let whole = DrillMatching.join(pieces, segment)
      else {
        failDrill(
          number, event.span, "a packet that does not continue the one before it",
          expected: event, actual: actual, field: .sequence)
        return true
      }
      segment = whole
    }
    if segment.sequence.octets < wanted.sequence.octets, segment.sequence.octets > 0 {
      if programs.drills[number].pieces == nil {
        programs.drills[number].pieceOctets = segment.sequence.octets
      }
      programs.drills[number].pieces = segment
      return true
    }
    programs.drills[number].pieces = nil
    actual.body = .tcp(segment)
    actual.ip = actual.ip.told(by: expected.ip)
    programs.drills[number].note(actual, at: arrival.at)
    let matching = DrillMatching(programs.drills[number])
    let difference =
      matching.difference(expected, wanted, actual, segment)
      ?? (arrival.isDamaged ? .payload : nil)
    if let field = difference {
      failDrill(
        number, event.span, "the \(field.phrase)", expected: event, actual: actual, field: field)
    } else if arrival.at < from || arrival.at > to {
      failDrill(
        number, event.span,
        arrival.at < from ? "the packet is too early" : "the packet is too late",
        expected: event, actual: actual, field: .time)
    } else {
      drillGoesOn(number)
    }
    return true
  }

  /// The next segment of the connection under test. Whatever else has come before it is left out.
  func takeSegment(_ number: Int, expecting wanted: DrillSegment? = nil) -> DrillArrival? {
    let port = programs.drills[number].port
    while let frame = simulation.ports[Int(port)].inbox.first {
      let octets = Array(simulation.octets(of: frame))
      simulation.removeFrame(0, from: port)
      let found = octets.withUnsafeBytes { memory in
        DrillReader(memory, at: frame.at)
          .read(&programs.drills[number].connection, expecting: wanted)
      }
      if let found { return found }
    }
    return nil
  }
}

/// The comparison, field by field.
struct DrillMatching {
  private let strictness: DrillStrictness
  private let tick: TimeSpan
  private let tolerance: TimeSpan

  init(_ drill: DrillRecord) {
    strictness = drill.strictness
    tick = drill.script.options.timestampTick
    tolerance = drill.script.options.tolerance
  }

  func difference(
    _ expected: DrillPacket, _ wanted: DrillSegment, _ actual: DrillPacket,
    _ segment: DrillSegment
  ) -> DrillPacketField? {
    if segment.flags != wanted.flags { return .flags }
    if !wanted.sequence.isAny, segment.sequence.start != wanted.sequence.start { return .sequence }
    if segment.sequence.octets != wanted.sequence.octets { return .length }
    if segment.acknowledgment ?? 0 != wanted.acknowledgment ?? 0 { return .acknowledgment }
    if strictness < .window, let window = wanted.window, segment.window != window {
      return .window
    }
    if segment.urgentPointer ?? 0 != wanted.urgentPointer ?? 0 { return .urgent }
    let isSyn = wanted.flags & 0x02 != 0
    let comparesOptions = strictness < .synOptions || (strictness < .options && !isSyn)
    if comparesOptions, let options = wanted.options {
      if !areAlike(options, segment.options ?? []) { return .options }
    }
    if expected.ip.isAnyECT, actual.ip.ecn != 1 && actual.ip.ecn != 2 { return .ip }
    if let ecn = expected.ip.ecn, actual.ip.ecn != ecn { return .ip }
    if let service = expected.ip.typeOfService, actual.ip.typeOfService != service { return .ip }
    if let hops = expected.ip.timeToLive, actual.ip.timeToLive != hops { return .ip }
    return nil
  }

  private func areAlike(_ wanted: [DrillTCPOption], _ found: [DrillTCPOption]) -> Bool {
    guard wanted.count == found.count else { return false }
    for index in wanted.indices {
      guard case .timestamps(let value, _, _) = wanted[index] else {
        if wanted[index] != found[index] { return false }
        continue
      }
      guard case .timestamps(let live?, _, _) = found[index] else { return false }
      // As packetdrill does it: the echo is not compared, and the value only where a tick is told.
      guard let value else { continue }
      let apart = Int64(Int32(bitPattern: live &- value)).magnitude
      let time = Int64(apart).multipliedReportingOverflow(by: tick.nanoseconds)
      if time.overflow || time.partialValue > tolerance.nanoseconds { return false }
    }
    return true
  }

  /// Two segments as one, if the second follows the first and is not larger: of flags the last
  /// one's count.
  static func join(_ first: DrillSegment, _ second: DrillSegment) -> DrillSegment? {
    let end = first.sequence.start &+ UInt32(bitPattern: first.sequence.octets)
    guard second.sequence.start == end, second.acknowledgment == first.acknowledgment,
      second.window == first.window
    else { return nil }
    var whole = second
    whole.sequence = first.sequence
    whole.sequence.octets += second.sequence.octets
    return whole
  }
}

extension DrillIP {
  /// Only what the other one says, too.
  func told(by other: DrillIP) -> DrillIP {
    var told = self
    if other.ecn == nil, !other.isAnyECT { told.ecn = nil }
    if other.typeOfService == nil { told.typeOfService = nil }
    if other.timeToLive == nil { told.timeToLive = nil }
    return told
  }
}

extension DrillPacketField {
  /// What is wrong with it.
  var phrase: String {
    switch self {
    case .flags: "flags differ"
    case .sequence: "sequence number differs"
    case .length: "length differs"
    case .acknowledgment: "acknowledgment differs"
    case .window: "window differs"
    case .urgent: "urgent pointer differs"
    case .options: "options differ"
    case .ip: "IP header differs"
    case .payload: "octets of the payload differ"
    case .time: "time differs"
    }
  }
}
