// Packets: `< S 0:0(0) win 65535 <mss 1460>`, `> . 1:1(0) ack 1`, `< icmp unreachable [1:1(0)]`.

import NetScript
import NetStack
import Wire

extension DrillParser {
  mutating func parsePacket() throws(DrillStop) -> DrillAction {
    let direction = token
    let isInbound = text(direction) == "<"
    place += 1
    try refuseEncapsulation()
    var packet = DrillPacket(
      isInbound: isInbound,
      body: .icmp(DrillICMP(type: 0, code: 0, mtu: nil, identifier: nil, quoted: nil)))
    var quoted: DrillRange?
    if isAt("["), isQuote(peek(1)) {
      quoted = try parseQuote()
    } else if isAt("(") || isAt("[") {
      packet.ip = try parseNetworkInformation(isInbound: isInbound)
    }
    if isAt("icmp") {
      guard isInbound else { throw .unsupported("ICMP packets that are expected") }
      packet.body = .icmp(try parseMessage(quoted: quoted))
      return .packet(packet)
    }
    guard quoted == nil else {
      throw mistake("N511", "what is quoted belongs to an ICMP packet", help: "icmp unreachable")
    }
    try refuseEncapsulation()
    if token.kind == .integer, peek(1).kind == .sign, text(peek(1)) == ">" {
      let source = try parseNumber("port", limit: 65_535)
      place += 1
      packet.ports = (UInt16(source), UInt16(try parseNumber("port", limit: 65_535)))
    }
    let segment = try parseSegment(isInbound: isInbound)
    packet.body = .tcp(segment)
    if isAt("/") { throw .unsupported("TCP in UDP") }
    if isAt("{") { throw .unsupported("fuzzed packets") }
    return .packet(packet)
  }

  private func refuseEncapsulation() throws(DrillStop) {
    guard token.kind == .word else { return }
    switch text(token) {
    case "ipv4", "ipv6": throw .unsupported("packets in packets")
    case "gre", "GREv0": throw .unsupported("GRE")
    case "mpls": throw .unsupported("MPLS")
    case "psp": throw .unsupported("PSP")
    case "udp": throw .unsupported("UDP packets")
    case "udplite": throw .unsupported("UDP-Lite packets")
    case "sctp": throw .unsupported("SCTP packets")
    default: return
    }
  }

  // MARK: IP

  /// `[ect0]`, `(ttl 64)`, `[tos 0x10]`.
  private mutating func parseNetworkInformation(
    isInbound: Bool
  ) throws(DrillStop) -> DrillIP {
    let close = isAt("(") ? ")" : "]"
    place += 1
    var ip = DrillIP()
    repeat {
      let word = token.kind == .word ? text(token) : ""
      switch word {
      case "noecn": ip.ecn = 0
      case "ect1": ip.ecn = 1
      case "ect0": ip.ecn = 2
      case "ce": ip.ecn = 3
      case "ect01":
        guard !isInbound else {
          throw mistake(
            "N506", "`ect01` leaves open which of the two a packet is sent with", help: "[ect0]")
        }
        ip.isAnyECT = true
      case "tos":
        place += 1
        ip.typeOfService = UInt8(try parseNumber("type of service", limit: 255))
        continue
      case "ttl":
        place += 1
        ip.timeToLive = UInt8(try parseNumber("time to live", limit: 255))
        continue
      case "flowlabel": throw .unsupported("flow labels")
      default:
        throw mistake(
          "N506", "no field of an IP header",
          why: "known are noecn, ect0, ect1, ect01, ce, `tos 0x10` and `ttl 64`", help: "[ect0]")
      }
      place += 1
    } while accept(",")
    try expect(close, "N506", help: close)
    return ip
  }

  // MARK: TCP

  private mutating func parseSegment(isInbound: Bool) throws(DrillStop) -> DrillSegment {
    let first = token
    let flags = try parseFlags()
    let flagsSpan = span(from: first)
    let sequence = try parseRange(allowsNegative: false)
    var segment = DrillSegment(
      flags: flags, sequence: sequence, acknowledgment: nil, window: nil, urgentPointer: nil,
      options: [], flagsSpan: flagsSpan, optionsSpan: nil)
    if accept("ack") {
      segment.acknowledgment = UInt32(try parseNumber("acknowledgment", limit: 0xFFFF_FFFF))
    }
    if accept("win") {
      segment.window = UInt16(try parseNumber("window", limit: 65_535))
    }
    if accept("urg") {
      segment.urgentPointer = UInt16(try parseNumber("urgent pointer", limit: 65_535))
    }
    if isAt("ack") || isAt("win") {
      throw mistake("N507", "`ack`, `win` and `urg` stand in this order, each once")
    }
    guard segment.window != nil || !isInbound else {
      report(
        "N510", "a packet without a window", at: span(from: first),
        why: "what is sent into the stack needs one; only what is expected may leave it open",
        help: "win 65535")
      throw .mistake
    }
    if isAt("<") {
      let open = token
      segment.options = try parseTCPOptions(isInbound: isInbound)
      segment.optionsSpan = span(from: open)
    }
    return segment
  }

  private mutating func parseFlags() throws(DrillStop) -> UInt16 {
    guard !accept("-") else { return 0 }
    let start = token.start
    var end = start
    // `S.`, `.`, `FP.`, and `.5` with the ACE field: what stands together.
    while isFlags(token) && (end == start || token.start == end) {
      end = token.end
      place += 1
    }
    guard end > start else {
      throw mistake(
        "N506", "the flags of the packet are missing",
        why: "F S R P . U E W, and `-` for none", help: ". 1:1(0) ack 1")
    }
    var flags: UInt16 = 0
    for (index, octet) in file.octets[start..<end].enumerated() {
      guard let flag = Self.flag(octet) else {
        let place = SourceSpan(file: file.id, start: start + index, end: start + index + 1)
        report(
          "N506", "no flag of TCP", at: place,
          why: "the flags are F S R P . U E W A, and `-` for none")
        throw .mistake
      }
      flags |= flag
    }
    return flags
  }

  private func isFlags(_ token: DrillToken) -> Bool {
    switch token.kind {
    case .word, .real: return true
    case .sign: return text(token) == "."
    default: return false
    }
  }

  /// A digit is the ACE field: AE, CWR and ECE (draft-ietf-tcpm-accurate-ecn).
  private static func flag(_ octet: UInt8) -> UInt16? {
    switch octet {
    case UInt8(ascii: "F"): return 0x01
    case UInt8(ascii: "S"): return 0x02
    case UInt8(ascii: "R"): return 0x04
    case UInt8(ascii: "P"): return 0x08
    case UInt8(ascii: "."): return 0x10
    case UInt8(ascii: "U"): return 0x20
    case UInt8(ascii: "E"): return 0x40
    case UInt8(ascii: "W"): return 0x80
    case UInt8(ascii: "A"): return 0x100
    case UInt8(ascii: "0")...UInt8(ascii: "7"):
      let field = UInt16(octet - UInt8(ascii: "0"))
      return (field & 1) << 6 | (field & 2) << 6 | (field & 4) << 6
    default: return nil
    }
  }

  /// `a:b(n)`, `a:b(n)!` and `...(n)`.
  mutating func parseRange(allowsNegative: Bool) throws(DrillStop) -> DrillRange {
    let first = token
    var range = DrillRange(start: 0, octets: 0, span: span(first))
    if token.kind == .ellipsis {
      place += 1
      range.isAny = true
    } else {
      range.start = try parseSequenceNumber(allowsNegative: allowsNegative)
      try expect(":", "N507", help: "1:1(0)")
    }
    let end = range.isAny ? 0 : try parseSequenceNumber(allowsNegative: allowsNegative)
    try expect("(", "N507", help: "1:1(0)")
    range.octets = Int32(try parseNumber("length", limit: 65_535))
    try expect(")", "N507", help: ")")
    range.span = span(from: first)
    let sum = range.start &+ UInt32(range.octets)
    guard range.isAny || sum == end else {
      report(
        "N507", "the sequence numbers and the length do not agree", at: range.span,
        help: "\(range.start):\(sum)(\(range.octets))")
      throw .mistake
    }
    range.isAbsolute = !range.isAny && accept("!")
    return range
  }

  private mutating func parseSequenceNumber(allowsNegative: Bool) throws(DrillStop) -> UInt32 {
    guard token.kind == .integer else {
      throw mistake(
        "N507", "a sequence number is missing here", why: "first:last(length)", help: "1:1001(1000)"
      )
    }
    let isNegative = file.octets[token.start] == UInt8(ascii: "-")
    guard isNegative && allowsNegative else {
      return UInt32(try parseNumber("sequence number", limit: 0xFFFF_FFFF))
    }
    // One before the first, as an ICMP packet may quote it.
    let digits = file.text(token.start + 1..<token.end)
    guard let distance = Self.number(digits), distance <= 0xFFFF_FFFF else {
      throw mistake("N508", "a sequence number of 32 bits")
    }
    place += 1
    return 0 &- UInt32(distance)
  }

  /// A decimal or hexadecimal number.
  mutating func parseNumber(_ what: String, limit: Int64) throws(DrillStop) -> Int64 {
    guard token.kind == .integer || token.kind == .hexadecimal else {
      throw mistake("N508", "the \(what) is missing here", why: "a number up to \(limit)")
    }
    guard let value = number(token), value >= 0 && value <= limit else {
      throw mistake("N508", "no \(what): it is a number up to \(limit)")
    }
    place += 1
    return value
  }

  /// The value of an integer; nil beyond 64 bits.
  func number(_ token: DrillToken) -> Int64? {
    var value: Int64 = 0
    let isNegative = file.octets[token.start] == UInt8(ascii: "-")
    let isHexadecimal = token.kind == .hexadecimal
    let start = token.start + (isHexadecimal ? 2 : isNegative ? 1 : 0)
    for octet in file.octets[start..<token.end] {
      let digit = Int64(DrillLexer.hexadecimalValue(octet) ?? 0)
      let (product, tooLong) = value.multipliedReportingOverflow(by: isHexadecimal ? 16 : 10)
      let (sum, tooLarge) = product.addingReportingOverflow(isNegative ? -digit : digit)
      guard !tooLong && !tooLarge else { return nil }
      value = sum
    }
    return value
  }
}
