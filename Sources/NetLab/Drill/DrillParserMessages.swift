// ICMP: `icmp unreachable frag_needed mtu 1200 [1:1(0)]`.

import NetScript
import NetStack
import Wire

/// The types and codes of ICMP by their names in packetdrill.
enum DrillMessageNames {
  static let types: [(type: UInt8, name: String)] = [
    (0, "echo_reply"), (3, "unreachable"), (4, "source_quench"), (5, "redirect"),
    (8, "echo_request"), (11, "time_exceeded"), (12, "parameter_problem"),
    (13, "timestamp_request"), (14, "timestamp_reply"), (15, "information_request"),
    (16, "information_reply"), (17, "address_mask_request"), (18, "address_mask_reply"),
  ]

  static let unreachable = [
    "net_unreachable", "host_unreachable", "protocol_unreachable", "port_unreachable",
    "frag_needed", "source_route_failed", "net_unknown", "host_unknown", "source_host_isolated",
    "net_prohibited", "host_prohibited", "net_unreachable_for_tos", "host_unreachable_for_tos",
    "packet_filtered", "precedence_violation", "precedence_cutoff",
  ]

  static let timeExceeded = ["ttl_exceeded_in_transit", "frag_reass_exceeded"]

  /// Types that only ICMPv6 has.
  static let ofIPv6 = ["packet_too_big"]

  /// The codes of a type, from 0; none have names: only numbers.
  static func codes(of type: UInt8) -> [String] {
    type == 3 ? unreachable : type == 11 ? timeExceeded : []
  }
}

extension DrillParser {
  mutating func parseMessage(quoted: DrillRange?) throws(DrillStop) -> DrillICMP {
    place += 1
    if script.options.family == .ipv6 { throw .unsupported("ICMPv6 packets") }
    let type = try parseType()
    var message = DrillICMP(type: type, code: 0, mtu: nil, identifier: nil, quoted: quoted)
    if token.kind == .word && !isAt("mtu") && !isAt("id") {
      message.code = try parseCode(of: type)
    }
    if isAt("mtu") {
      guard message.type == 3 && message.code == 4 else {
        throw mistake("N511", "`mtu` belongs to `unreachable frag_needed`")
      }
      place += 1
      message.mtu = UInt16(try parseNumber("MTU", limit: 65_535))
    }
    if accept("id") {
      message.identifier = UInt16(try parseNumber("identifier", limit: 65_535))
    }
    if isAt("[") { message.quoted = try parseQuote() }
    return message
  }

  private mutating func parseType() throws(DrillStop) -> UInt8 {
    let name = token.kind == .word ? text(token) : ""
    if DrillMessageNames.ofIPv6.contains(name) { throw .unsupported("ICMPv6 packets") }
    let known = DrillMessageNames.types.first { $0.name == name }?.type
    guard let type = known ?? Self.numbered(name, "type_") else {
      let near = Spelling.nearest(to: name, among: DrillMessageNames.types.map { $0.name })
      throw mistake(
        "N511", "no type of ICMP", why: "a name, or its number as `type_3`",
        help: near ?? "unreachable")
    }
    place += 1
    return type
  }

  private mutating func parseCode(of type: UInt8) throws(DrillStop) -> UInt8 {
    let name = text(token)
    let codes = DrillMessageNames.codes(of: type)
    let known = codes.firstIndex(of: name).map { UInt8($0) }
    guard let code = known ?? Self.numbered(name, "code_") else {
      throw mistake(
        "N511", "no code of this type of ICMP", why: "a name, or its number as `code_1`",
        help: Spelling.nearest(to: name, among: codes) ?? codes.first ?? "code_0")
    }
    place += 1
    return code
  }

  private static func numbered(_ name: String, _ prefix: String) -> UInt8? {
    guard name.hasPrefix(prefix),
      let value = number(String(name.dropFirst(prefix.utf8.count))), value <= 255
    else { return nil }
    return UInt8(value)
  }

  /// Whether brackets hold the sequence of a segment, or another protocol's header.
  func isQuote(_ token: DrillToken) -> Bool {
    switch token.kind {
    case .integer, .ellipsis: return true
    case .word: return ["udp", "udplite", "sctp", "raw"].contains(text(token))
    default: return false
    }
  }

  mutating func parseQuote() throws(DrillStop) -> DrillRange {
    place += 1
    guard token.kind != .word else { throw .unsupported("ICMP about other protocols than TCP") }
    let range = try parseRange(allowsNegative: true)
    if isAt("/") { throw .unsupported("TCP in UDP") }
    try expect("]", "N511", help: "]")
    return range
  }
}
