// The lines `--name=value` at the top of a script.

import NetScript
import NetStack
import Wire

extension DrillParser {
  /// Known to packetdrill and its fork, and without a meaning in a simulation.
  private static let ignoredNames = [
    "code_command", "code_format", "code_sockopt", "debug", "dry_run", "gateway_ip", "init_scripts",
    "non_fatal", "so_filename", "so_flags", "speed", "send_omit_free",
    "strict_segments", "tun_dev", "persistent_tun_dev", "udp_encaps", "verbose", "wire_client",
    "wire_client_dev", "wire_server", "wire_server_dev", "wire_server_ip", "wire_server_port",
    "fuzz_seed", "foreign_ip",
  ]

  private static let knownNames =
    ignoredNames + [
      "bind_port", "connect_port", "define", "ip_version", "local_ip", "mss", "mtu", "netmask_ip",
      "remote_ip",
      "tcp_ts_ecr_scaled", "tcp_ts_tick_usecs", "tolerance_percent", "tolerance_usecs",
    ]

  mutating func parseOption() {
    let token = token
    place += 1
    let whole = span(token)
    var nameEnd = token.start + 2
    while nameEnd < token.end && !Self.isAssignment(file.octets[nameEnd]) { nameEnd += 1 }
    let name = file.text(token.start + 2..<nameEnd)
    var valueStart = nameEnd
    while valueStart < token.end && Self.isAssignment(file.octets[valueStart]) { valueStart += 1 }
    let value = file.text(valueStart..<token.end)
    guard Self.knownNames.contains(name) else {
      let near = Spelling.nearest(to: name, among: Self.knownNames)
      report(
        "N503", "there is no option `--\(name)`", at: whole, help: near.map { "--\($0)=…" })
      return
    }
    guard !Self.ignoredNames.contains(name) && name != "tcp_ts_ecr_scaled" else {
      script.options.ignored.append((name, whole))
      return
    }
    if let problem = set(name, Self.unquoted(value), at: whole) {
      report("N503", "`--\(name)` takes \(problem)", at: whole)
    }
  }

  private static func isAssignment(_ octet: UInt8) -> Bool {
    octet == UInt8(ascii: "=") || octet == UInt8(ascii: " ") || octet == UInt8(ascii: "\t")
  }

  private static func unquoted(_ text: String) -> String {
    guard text.utf8.count >= 2, text.hasPrefix("\"") && text.hasSuffix("\"") else { return text }
    return String(text.dropFirst().dropLast())
  }

  /// What the value should have been, or nil when it is taken.
  private mutating func set(_ name: String, _ value: String, at span: SourceSpan) -> String? {
    let number = Self.number(value)
    switch name {
    case "ip_version": return setFamily(value, at: span)
    case "define": return define(value)
    case "local_ip", "remote_ip": return setAddress(name, value)
    case "netmask_ip": return setMask(value)
    case "bind_port", "connect_port":
      guard let number, (1...65_535).contains(number) else { return "a port" }
      if name == "bind_port" { script.options.bindPort = UInt16(number) }
      if name == "connect_port" { script.options.connectPort = UInt16(number) }
    case "mss", "mtu":
      guard let number, (1...65_535).contains(number) else { return "a size up to 65535" }
      if name == "mss" { script.options.mss = Int32(number) }
      if name == "mtu" { script.options.mtu = Int32(number) }
    case "tolerance_usecs":
      guard let number, number > 0 && number < 1 << 40 else { return "microseconds" }
      script.options.tolerance = .microseconds(number)
    case "tolerance_percent":
      guard let part = Self.hundredths(value) else { return "percent" }
      script.options.tolerancePart = part
    default:
      guard let number, (0...1_000_000).contains(number) else { return "microseconds of a tick" }
      script.options.timestampTick = .microseconds(number)
    }
    return nil
  }

  private mutating func setFamily(_ value: String, at span: SourceSpan) -> String? {
    script.options.familySpan = span
    switch value {
    case "ipv4": script.options.family = .ipv4
    case "ipv6": script.options.family = .ipv6
    case "ipv4-mapped-ipv6": script.options.family = .mapped
    default: return "ipv4, ipv6 or ipv4-mapped-ipv6"
    }
    return nil
  }

  /// Of IPv6 nothing is kept: what such a script does is not run.
  private mutating func setAddress(_ name: String, _ value: String) -> String? {
    if value.utf8.contains(UInt8(ascii: ":")) { return nil }
    let parts = value.split(separator: "/", omittingEmptySubsequences: false)
    let length = parts.count == 2 ? Self.number(String(parts[1])) : nil
    guard let address = IPv4Address(parsing: String(parts[0])),
      parts.count == 1 || (length.map { (0...32).contains($0) } ?? false)
    else { return "an address" }
    if name == "local_ip" {
      script.options.localAddress = address
      if let length { script.options.prefixLength = Int32(length) }
    } else {
      script.options.remoteAddress = address
    }
    return nil
  }

  private mutating func setMask(_ value: String) -> String? {
    guard let mask = IPv4Address(parsing: value),
      let length = (0...32).first(where: { IPv4Address.mask(prefixLength: $0) == mask })
    else { return "a mask, as 255.255.0.0" }
    script.options.prefixLength = Int32(length)
    return nil
  }

  private mutating func define(_ value: String) -> String? {
    let parts = value.split(separator: "=", maxSplits: 1)
    guard let first = parts.first else { return "a name" }
    script.options.defines.append(String(first))
    if parts.count == 2 { symbols.append((String(first), String(parts[1]))) }
    return nil
  }

  // MARK: Numbers

  static func number(_ text: String) -> Int64? {
    var value: Int64 = 0
    guard !text.isEmpty else { return nil }
    for octet in text.utf8 {
      guard octet >= UInt8(ascii: "0") && octet <= UInt8(ascii: "9"), value < 1 << 52 else {
        return nil
      }
      value = value * 10 + Int64(octet - UInt8(ascii: "0"))
    }
    return value
  }

  /// `12.5` is 1250.
  private static func hundredths(_ text: String) -> Int64? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard let whole = parts.first.flatMap({ number(String($0)) }), whole <= 10_000 else {
      return nil
    }
    guard parts.count == 2 else { return parts.count == 1 ? whole * 100 : nil }
    let digits = String(parts[1].prefix(2))
    guard let fraction = number(digits) else { return nil }
    return whole * 100 + (digits.utf8.count == 1 ? fraction * 10 : fraction)
  }
}
