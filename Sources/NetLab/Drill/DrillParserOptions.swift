// TCP options: `<mss 1460,nop,wscale 6,sackOK,TS val 100 ecr 0>`, and `<...>`.

import NetScript
import NetStack

extension DrillParser {
  /// RFC 793, section 3.1: fifteen words, five of which are the header itself.
  private static let octetLimit = 40

  /// nil: `<...>`, not compared.
  mutating func parseTCPOptions(isInbound: Bool) throws(DrillStop) -> [DrillTCPOption]? {
    let open = token
    place += 1
    if token.kind == .ellipsis {
      guard !isInbound else {
        throw mistake(
          "N509", "`<...>` leaves open what a packet is sent with",
          why: "only the options of a packet that is expected need not be compared")
      }
      place += 1
      try expect(">", "N509", help: ">")
      return nil
    }
    var options: [DrillTCPOption] = []
    repeat {
      options.append(try parseTCPOption())
    } while accept(",")
    try expect(">", "N509", help: ">")
    try checkSize(options, at: span(from: open))
    return options
  }

  private mutating func checkSize(
    _ options: [DrillTCPOption], at span: SourceSpan
  ) throws(DrillStop) {
    var octets = 0
    for option in options { octets += option.octetCount }
    if octets > Self.octetLimit {
      report(
        "N509", "options of \(octets) octets", at: span, why: "a header has room for 40")
      throw .mistake
    }
    if octets % 4 != 0 {
      let padded = Array(repeating: DrillTCPOption.nop, count: 4 - octets % 4) + options
      let whole = padded.map { $0.text }.joined(separator: ",")
      report(
        "N509", "options of \(octets) octets, not a multiple of four", at: span,
        why: "a header ends with a word; the padding is written out", help: "<\(whole)>")
      throw .mistake
    }
  }

  private mutating func parseTCPOption() throws(DrillStop) -> DrillTCPOption {
    let name = optionName()
    switch name {
    case "nop": return .nop
    case "eol": return .endOfList
    case "sackOK": return .sackPermitted
    case "mss": return .mss(UInt16(try parseNumber("mss", limit: 65_535)))
    case "wscale": return .windowScale(UInt8(try parseNumber("window scale", limit: 255)))
    case "sack": return .sack(try parseBlocks())
    case "TS": return try parseTimestamps()
    case "ECN": return try parseCounters()
    case "mp_capable", "mp_join", "dss", "add_address", "mp_fastclose", "mp_prio":
      throw .unsupported("MPTCP")
    case "md5": return .md5(parseHexadecimal(most: 16))
    case "FO", "FOEXP", "exp-FO":
      return .fastOpen(cookie: parseHexadecimal(most: 36), isExperimental: name != "FO")
    default: break
    }
    if name.hasPrefix("kind_"), let kind = Self.number(String(name.dropFirst(5))), kind <= 255 {
      return .other(kind: UInt8(kind), octets: parseHexadecimal(most: 38))
    }
    place -= name.isEmpty ? 0 : 1
    let names = [
      "nop", "eol", "mss", "wscale", "sackOK", "sack", "TS", "FO", "FOEXP", "md5", "ECN",
    ]
    throw mistake(
      "N509", "no option of TCP", why: "known are \(names.joined(separator: ", "))",
      help: Spelling.nearest(to: name, among: names))
  }

  /// The word at this place, which is passed; `exp-FO` is one.
  private mutating func optionName() -> String {
    guard token.kind == .word else { return "" }
    let name = text(token)
    place += 1
    if name == "exp", isAt("-"), text(peek(1)) == "FO" {
      place += 2
      return "exp-FO"
    }
    return name
  }

  private mutating func parseBlocks() throws(DrillStop) -> [DrillBlock] {
    var blocks: [DrillBlock] = []
    repeat {
      let start = try parseNumber("left edge", limit: 0xFFFF_FFFF)
      try expect(":", "N509", help: "sack 1:1001")
      let end = try parseNumber("right edge", limit: 0xFFFF_FFFF)
      blocks.append(DrillBlock(start: UInt32(start), end: UInt32(end)))
    } while token.kind == .integer
    return blocks
  }

  private mutating func parseTimestamps() throws(DrillStop) -> DrillTCPOption {
    try expect("val", "N509", help: "TS val 100 ecr 0")
    var value: UInt32?
    if token.kind == .ellipsis {
      place += 1
    } else {
      value = UInt32(try parseNumber("timestamp", limit: 0xFFFF_FFFF))
    }
    try expect("ecr", "N509", help: "TS val 100 ecr 0")
    let echo = UInt32(try parseNumber("echo", limit: 0xFFFF_FFFF))
    return .timestamps(value: value, echo: echo, isEchoAbsolute: accept("!"))
  }

  /// `ECN e0b 1 ceb 0 e1b 1`: counters of 24 bits; which is first tells the kind of the option.
  /// draft-ietf-tcpm-accurate-ecn, section 3.2.3.
  private mutating func parseCounters() throws(DrillStop) -> DrillTCPOption {
    let kind: UInt8 = isAt("e1b") ? 174 : 172
    var octets: [UInt8] = []
    while accept("e0b") || accept("ceb") || accept("e1b") {
      let count = try parseNumber("counter", limit: 0xFF_FFFF)
      for shift in [16, 8, 0] { octets.append(UInt8(truncatingIfNeeded: count >> Int64(shift))) }
    }
    return .other(kind: kind, octets: octets)
  }

  /// Octets in pairs of digits, or nothing where no such word stands.
  private mutating func parseHexadecimal(most limit: Int) -> [UInt8] {
    guard token.kind == .word || token.kind == .integer || token.kind == .hexadecimal else {
      return []
    }
    var digits = Array(file.octets[token.start..<token.end])
    if token.kind == .hexadecimal { digits.removeFirst(2) }
    guard digits.count % 2 == 0 && digits.count / 2 <= limit else { return [] }
    var octets: [UInt8] = []
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let high = DrillLexer.hexadecimalValue(digits[index]),
        let low = DrillLexer.hexadecimalValue(digits[index + 1])
      else { return [] }
      octets.append(high << 4 | low)
    }
    place += 1
    return octets
  }
}

extension DrillTCPOption {
  /// On the wire, without padding.
  var octetCount: Int {
    switch self {
    case .nop, .endOfList: return 1
    case .sackPermitted: return 2
    case .windowScale: return 3
    case .mss: return 4
    case .timestamps: return 10
    case .sack(let blocks): return 2 + 8 * blocks.count
    case .md5: return 18
    case .fastOpen(let cookie, let isExperimental): return cookie.count + (isExperimental ? 4 : 2)
    case .other(_, let octets): return 2 + octets.count
    }
  }
}
