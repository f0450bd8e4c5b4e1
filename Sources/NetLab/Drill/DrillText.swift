// Packets, times and calls in packetdrill's own notation, so that what is expected and what came
// can be compared by eye, and an export can be read back.

import NetScript
import NetStack

/// A part of a packet as it is written, and which.
public struct DrillPiece: Sendable {
  public var text: String
  /// nil: the direction, and what else is not compared.
  public var field: DrillPacketField?

  init(_ text: String, _ field: DrillPacketField? = nil) {
    self.text = text
    self.field = field
  }
}

extension DrillPacket {
  /// `> S. 0:0(0) ack 1 win 65535 <mss 1460>`.
  public var text: String { DrillText.joined(pieces) }

  /// The words of `text`, with a blank between any two.
  public var pieces: [DrillPiece] {
    var pieces = [DrillPiece(isInbound ? "<" : ">")]
    if let network = ip.text { pieces.append(DrillPiece(network, .ip)) }
    switch body {
    case .icmp(let message): pieces.append(DrillPiece(message.text))
    case .tcp(let segment):
      if let ports { pieces.append(DrillPiece("\(ports.0) > \(ports.1)")) }
      pieces += segment.pieces
    }
    return pieces
  }
}

extension DrillIP {
  /// In brackets; nil when nothing is said.
  var text: String? {
    var words: [String] = []
    let fields = ["noecn", "ect1", "ect0", "ce"]
    if let ecn { words.append(fields[Int(ecn & 3)]) }
    if isAnyECT { words.append("ect01") }
    if let typeOfService { words.append("tos " + DrillText.hexadecimal([typeOfService], "0x")) }
    if let timeToLive { words.append("ttl \(timeToLive)") }
    return words.isEmpty ? nil : "(" + words.joined(separator: ",") + ")"
  }
}

extension DrillSegment {
  /// `S. 0:0(0) ack 1 win 65535 <mss 1460>`.
  public var text: String { DrillText.joined(pieces) }

  var pieces: [DrillPiece] {
    var pieces = [DrillPiece(DrillText.flags(flags), .flags), DrillPiece(sequence.text, .sequence)]
    if let acknowledgment { pieces.append(DrillPiece("ack \(acknowledgment)", .acknowledgment)) }
    if let window { pieces.append(DrillPiece("win \(window)", .window)) }
    if let urgentPointer { pieces.append(DrillPiece("urg \(urgentPointer)", .urgent)) }
    if let options {
      let list = options.map { $0.text }.joined(separator: ",")
      if !options.isEmpty { pieces.append(DrillPiece("<" + list + ">", .options)) }
    } else {
      pieces.append(DrillPiece("<...>", .options))
    }
    return pieces
  }
}

extension DrillRange {
  var text: String {
    guard !isAny else { return "...(\(octets))" }
    let end = start &+ UInt32(truncatingIfNeeded: octets)
    return "\(start):\(end)(\(octets))" + (isAbsolute ? "!" : "")
  }
}

extension DrillTCPOption {
  public var text: String {
    switch self {
    case .mss(let size): return "mss \(size)"
    case .windowScale(let shift): return "wscale \(shift)"
    case .sackPermitted: return "sackOK"
    case .sack(let blocks):
      return "sack " + blocks.map { "\($0.start):\($0.end)" }.joined(separator: " ")
    case .timestamps(let value, let echo, let isAbsolute):
      let shown = value.map { "\($0)" } ?? "..."
      return "TS val \(shown) ecr \(echo)" + (isAbsolute ? "!" : "")
    case .nop: return "nop"
    case .endOfList: return "eol"
    case .md5(let digest): return DrillText.named("md5", digest)
    case .fastOpen(let cookie, let isExperimental):
      return DrillText.named(isExperimental ? "FOEXP" : "FO", cookie)
    case .other(let kind, let octets): return DrillText.named("kind_\(kind)", octets)
    }
  }
}

extension DrillICMP {
  /// `icmp unreachable frag_needed mtu 1200 [1:1(0)]`.
  public var text: String {
    var words = ["icmp"]
    words.append(DrillMessageNames.types.first { $0.type == type }?.name ?? "type_\(type)")
    let codes = DrillMessageNames.codes(of: type)
    words.append(Int(code) < codes.count ? codes[Int(code)] : "code_\(code)")
    if let mtu { words.append("mtu \(mtu)") }
    if let identifier { words.append("id \(identifier)") }
    if let quoted { words.append("[" + quoted.text + "]") }
    return words.joined(separator: " ")
  }
}

extension DrillTime {
  public var text: String {
    switch self {
    case .untimed: return ""
    case .any: return "*"
    case .absolute(let time): return DrillText.seconds(time)
    case .relative(let time): return "+" + DrillText.seconds(time)
    case .range(let start, let end, let isRelative):
      let sign = isRelative ? "+" : ""
      return sign + DrillText.seconds(start) + "~" + sign + DrillText.seconds(end)
    case .blocking(let start, let end, let isRelative):
      return (isRelative ? "+" : "") + DrillText.seconds(start) + "..." + DrillText.seconds(end)
    }
  }
}

extension DrillCall {
  /// `read(4, ..., 1000) = -1 EAGAIN`; a result that is not compared is `?`.
  public var text: String {
    let values = arguments.map { $0.text }.joined(separator: ", ")
    let end = result?.text ?? "?"
    return "\(name)(\(values)) = \(end)" + (error.map { " " + $0 } ?? "")
  }
}

extension DrillValue {
  public var text: String {
    switch self {
    case .anything: return "..."
    case .integer(let value): return "\(value)"
    case .symbols(let names): return names.joined(separator: " | ")
    case .text(let text): return DrillText.quoted(text)
    case .list(let values): return "[" + values.map { $0.text }.joined(separator: ", ") + "]"
    case .call(let name, let arguments):
      return name + "(" + arguments.map { $0.text }.joined(separator: ", ") + ")"
    case .record(let fields):
      return "{" + fields.map { $0.text }.joined(separator: ", ") + "}"
    }
  }
}

extension DrillField {
  var text: String {
    guard !name.isEmpty else { return value.text }
    let list = arguments.map { $0.text }.joined(separator: ", ")
    return name + (arguments.isEmpty ? "" : "(\(list))") + "=" + value.text
  }
}

enum DrillText {
  static func joined(_ pieces: [DrillPiece]) -> String {
    pieces.map { $0.text }.joined(separator: " ")
  }

  /// `FSRP.UEWA`, in packetdrill's order; `-` for none.
  static func flags(_ flags: UInt16) -> String {
    let letters: [(UInt16, String)] = [
      (0x02, "S"), (0x01, "F"), (0x04, "R"), (0x08, "P"), (0x20, "U"), (0x40, "E"), (0x80, "W"),
      (0x100, "A"), (0x10, "."),
    ]
    var text = ""
    for (flag, letter) in letters where flags & flag != 0 { text += letter }
    return text.isEmpty ? "-" : text
  }

  /// As short as it can be written: `0.1`, `1`, `0.000001`.
  static func seconds(_ time: TimeSpan) -> String {
    let whole = time.nanoseconds / 1_000_000_000
    var rest = time.nanoseconds % 1_000_000_000
    guard rest > 0 else { return "\(whole)" }
    var digits = 9
    while rest % 10 == 0 {
      rest /= 10
      digits -= 1
    }
    let text = "\(rest)"
    return "\(whole)." + String(repeating: "0", count: digits - text.utf8.count) + text
  }

  static func named(_ name: String, _ octets: [UInt8]) -> String {
    octets.isEmpty ? name : name + " " + hexadecimal(octets, "")
  }

  static func hexadecimal(_ octets: [UInt8], _ prefix: String) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text = Array(prefix.utf8)
    for octet in octets {
      text.append(digits[Int(octet >> 4)])
      text.append(digits[Int(octet & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  static func quoted(_ text: String) -> String {
    var octets: [UInt8] = [UInt8(ascii: "\"")]
    for octet in text.utf8 {
      switch octet {
      case 10: octets += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
      case 13: octets += [UInt8(ascii: "\\"), UInt8(ascii: "r")]
      case 0: octets += [UInt8(ascii: "\\"), UInt8(ascii: "0")]
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): octets += [UInt8(ascii: "\\"), octet]
      default: octets.append(octet)
      }
    }
    octets.append(UInt8(ascii: "\""))
    return String(decoding: octets, as: UTF8.self)
  }
}
