// A packetdrill script as data: a timeline of packets, calls and commands, each with its place.
//
// The language is that of google/packetdrill with the additions of the nplab fork. What it can say
// is here whole; what cannot be run is the executor's to name, with the line.

import NetScript
import NetStack
import Wire

public struct DrillScript: Sendable {
  public var options = DrillOptions()
  /// In the order of the file. Commands without a time stand first or last.
  public var events: [DrillEvent] = []
}

/// The lines `--name=value` at the top.
public struct DrillOptions: Sendable {
  public enum Family: Sendable { case ipv4, ipv6, mapped }

  public var family = Family.ipv4
  public var familySpan: SourceSpan?
  /// How far a packet may be from its time: the larger of the two counts. The second is in
  /// hundredths of a percent of what has passed since the event before it, by the script.
  public var tolerance = TimeSpan.milliseconds(4)
  public var tolerancePart: Int64 = 500
  public var mtu: Int32 = 1500
  public var mss: Int32?
  /// What a unit of `TS val` means; zero: values are not compared.
  public var timestampTick = TimeSpan.zero
  public var localAddress = IPv4Address(192, 168, 0, 1)
  public var remoteAddress = IPv4Address(192, 0, 2, 1)
  public var prefixLength: Int32 = 16
  public var bindPort: UInt16 = 8080
  public var connectPort: UInt16 = 8080
  public var defines: [String] = []
  /// The peer's address is in the host's own network: some stacks have other rules there.
  public var isNeighbour: Bool {
    let mask = IPv4Address.mask(prefixLength: Int(prefixLength))
    return localAddress.masked(by: mask) == remoteAddress.masked(by: mask)
  }
  /// Known to packetdrill and without a meaning here.
  public var ignored: [(name: String, span: SourceSpan)] = []

  public init() {}
}

public struct DrillEvent: Sendable {
  public var time: DrillTime
  public var action: DrillAction
  /// From the time to the end of the action, comments left out.
  public var span: SourceSpan
}

public enum DrillTime: Sendable {
  /// A command before the first event or behind the last.
  case untimed
  case absolute(TimeSpan)
  case relative(TimeSpan)
  /// Of packets that are expected: the earliest and the latest.
  case range(TimeSpan, TimeSpan, isRelative: Bool)
  case any
  /// A call that blocks: when it begins and when it returns, from the same origin.
  case blocking(TimeSpan, until: TimeSpan, isRelative: Bool)
}

public enum DrillAction: Sendable {
  case packet(DrillPacket)
  case call(DrillCall)
  /// Between back quotes.
  case command(String)
  /// Between `%{` and `}%`.
  case code(String)
  /// What it is called, and why nobody here reads further: `UDP packets`.
  case unsupported(String)
}

// MARK: Packets

public struct DrillPacket: Sendable {
  public enum Body: Sendable {
    case tcp(DrillSegment)
    case icmp(DrillICMP)
  }

  /// `<`: the script sends it into the stack; `>`: the stack has to send it.
  public var isInbound: Bool
  public var ip = DrillIP()
  /// Of the sender and the receiver, where the script names them.
  public var ports: (UInt16, UInt16)?
  public var body: Body
}

/// What is in brackets or parentheses behind the arrow; nil: not said, so not compared.
public struct DrillIP: Sendable {
  /// Both bits of ECN: 0 not capable, 2 ECT(0), 1 ECT(1), 3 CE.
  public var ecn: UInt8?
  /// `[ect01]`: ECT(0) or ECT(1), no matter which.
  public var isAnyECT = false
  public var typeOfService: UInt8?
  public var timeToLive: UInt8?
  /// Options in brackets that have no field of their own, as octets with their padding.
  public var options: [UInt8] = []

  public init() {}
}

public struct DrillSegment: Sendable {
  /// All bits of the octet, ECE (0x40) and CWR (0x80) among them; AE is bit 8.
  public var flags: UInt16
  public var sequence: DrillRange
  /// nil: the field is 0; for a packet that is expected, it has to be.
  public var acknowledgment: UInt32?
  /// As in the header, unscaled; nil: not compared.
  public var window: UInt16?
  public var urgentPointer: UInt16?
  /// nil: `<...>`, not compared. Empty: there must be none.
  public var options: [DrillTCPOption]?
  public var flagsSpan: SourceSpan
  public var optionsSpan: SourceSpan?
}

/// `a:b(n)`.
public struct DrillRange: Sendable {
  public var start: UInt32
  public var octets: Int32
  /// `...(n)`: only the length counts.
  public var isAny = false
  /// `a:b(n)!`: as on the wire, no matter how the connection began.
  public var isAbsolute = false
  public var span: SourceSpan
}

public enum DrillTCPOption: Hashable, Sendable {
  case mss(UInt16)
  case windowScale(UInt8)
  case sackPermitted
  case sack([DrillBlock])
  /// `TS val V ecr E`; no value: `...`, not compared. `E!`: the echo as on the wire.
  case timestamps(value: UInt32?, echo: UInt32, isEchoAbsolute: Bool)
  case nop
  case endOfList
  /// The digest, if the script names it.
  case md5([UInt8])
  /// Fast open, in an option of its own or of an experiment (kind 254).
  case fastOpen(cookie: [UInt8], isExperimental: Bool)
  /// `kind_K hex`, which packetdrill itself cannot say.
  case other(kind: UInt8, octets: [UInt8])
}

public struct DrillBlock: Hashable, Sendable {
  public var start: UInt32
  public var end: UInt32
}

/// An error message about a segment of ours.
public struct DrillICMP: Sendable {
  public var type: UInt8
  public var code: UInt8
  public var mtu: UInt16?
  public var identifier: UInt16?
  /// What it quotes: the sequence and length of a segment; nil: the first.
  public var quoted: DrillRange?
}

// MARK: Calls

/// `name(arguments) = result [ERRNO [(text)]]`.
public struct DrillCall: Sendable {
  public var name: String
  public var nameSpan: SourceSpan
  public var arguments: [DrillValue]
  public var argumentSpans: [SourceSpan]
  /// nil: `?`, or nothing behind the call.
  public var result: DrillValue?
  public var resultSpan: SourceSpan?
  /// `ECONNREFUSED`, by name.
  public var error: String?
}

public indirect enum DrillValue: Hashable, Sendable {
  /// `...`: what makes sense there.
  case anything
  case integer(Int64)
  /// A name, and names joined by `|`; a number among them stands there in decimal.
  case symbols([String])
  case text(String)
  /// `[…]`.
  case list([DrillValue])
  /// `{name=value, …}`; without names they are empty.
  case record([DrillField])
  /// `htons(8080)`, `inet_addr("…")`.
  case call(String, [DrillValue])
}

public struct DrillField: Hashable, Sendable {
  public var name: String
  /// `msg_iov(1)=[…]`.
  public var arguments: [DrillValue] = []
  public var value: DrillValue
}
