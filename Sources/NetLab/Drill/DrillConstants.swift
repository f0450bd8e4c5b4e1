// What the names in the calls of a packetdrill script stand for.

import NetScript
import NetStack

enum DrillConstants {
  /// Those that take a descriptor.
  static let calls: Set<String> = [
    "bind", "listen", "accept", "accept4", "connect", "read", "readv", "recv", "recvfrom",
    "recvmsg", "write", "writev", "send", "sendto", "sendmsg", "shutdown", "close", "fcntl",
    "ioctl", "setsockopt", "getsockopt",
  ]

  /// How an option's value is written there.
  enum Form { case number, seconds, error, linger }

  static let options: [(name: String, option: SocketOption, form: Form)] = [
    ("SO_KEEPALIVE", .keepalive, .number), ("SO_REUSEADDR", .reuseAddress, .number),
    ("SO_REUSEPORT", .reusePort, .number), ("SO_BROADCAST", .broadcast, .number),
    ("SO_OOBINLINE", .inlineUrgent, .number), ("SO_LINGER", .linger, .linger),
    ("SO_SNDBUF", .sendBuffer, .number), ("SO_RCVBUF", .receiveBuffer, .number),
    ("SO_SNDLOWAT", .sendLowWater, .number), ("SO_RCVLOWAT", .receiveLowWater, .number),
    ("SO_ERROR", .error, .error),
    ("TCP_NODELAY", .noDelay, .number), ("TCP_MAXSEG", .maxSegment, .number),
    ("TCP_NOOPT", .noOptions, .number), ("TCP_NOPUSH", .noPush, .number),
    ("TCP_CORK", .noPush, .number),
    ("TCP_KEEPINIT", .keepInit, .seconds), ("TCP_KEEPIDLE", .keepIdle, .seconds),
    ("TCP_KEEPINTVL", .keepInterval, .seconds), ("TCP_KEEPCNT", .keepCount, .number),
    ("IP_TTL", .timeToLive, .number), ("IP_TOS", .typeOfService, .number),
  ]

  static func value(of arguments: [DrillValue], _ index: Int) -> Int64? {
    index < arguments.count ? value(of: arguments[index]) : nil
  }

  /// A number, also where it stands in brackets.
  static func value(of value: DrillValue) -> Int64? {
    switch value {
    case .integer(let number): number
    case .list(let items): items.first.flatMap { self.value(of: $0) }
    case .symbols(let names): names.first.flatMap { numbers[$0] }
    case .anything, .text, .record, .call: nil
    }
  }

  private static let numbers: [String: Int64] = [
    "POLLIN": 1, "POLLOUT": 4, "POLLERR": 8, "POLLHUP": 16, "O_RDWR": 2, "O_NONBLOCK": 4,
  ]

  /// What the engine takes and gives for an option.
  static func option(_ name: String, value written: DrillValue) -> Int64? {
    guard let option = options.first(where: { $0.name == name }) else { return nil }
    switch option.form {
    case .number: return value(of: written)
    case .seconds: return value(of: written).map { $0 * 1_000_000_000 }
    case .error: return errorValue(written)
    case .linger:
      guard case .record(let fields) = written, fields.count == 2 else { return nil }
      guard let isOn = value(of: fields[0].value), let time = value(of: fields[1].value) else {
        return nil
      }
      return isOn == 0 ? -1 : time * 1_000_000_000
    }
  }

  static func text(_ value: Int64, of option: String) -> String {
    switch options.first(where: { $0.name == option })?.form {
    case .error: errorText(value)
    case .seconds: "\(value / 1_000_000_000)"
    default: "\(value)"
    }
  }

  static func messageFlags(_ names: [String]) -> MessageFlags {
    var flags: MessageFlags = []
    for name in names {
      switch name {
      case "MSG_OOB": flags.insert(.urgent)
      case "MSG_PEEK": flags.insert(.peek)
      case "MSG_WAITALL": flags.insert(.waitAll)
      case "MSG_DONTWAIT": flags.insert(.dontWait)
      default: break
      }
    }
    return flags
  }

  /// Octets that a transfer is about: its third argument, or the sum of its vectors.
  static func octets(_ call: DrillCall) -> Int64 {
    switch call.name {
    case "readv", "writev":
      return call.arguments.count > 1 ? sum(ofVectors: call.arguments[1]) : 0
    case "sendmsg", "recvmsg":
      guard call.arguments.count > 1, case .record(let fields) = call.arguments[1] else { return 0 }
      for field in fields where field.name == "msg_iov" || field.name.hasPrefix("msg_iov") {
        return sum(ofVectors: field.value)
      }
      return 0
    default: return value(of: call.arguments, 2) ?? 0
    }
  }

  private static func sum(ofVectors value: DrillValue) -> Int64 {
    guard case .list(let items) = value else { return 0 }
    var sum: Int64 = 0
    for item in items {
      if case .record(let fields) = item, let last = fields.last {
        sum += self.value(of: last.value) ?? 0
      }
    }
    return sum
  }
}

extension DrillCall {
  /// MSG_… of a transfer.
  var flags: [String] {
    for argument in arguments {
      let names = argument.names
      if let first = names.first, first.hasPrefix("MSG_") { return names }
    }
    return []
  }
}

extension SocketError {
  /// By its errno name.
  init?(named name: String) {
    var raw: UInt8 = 0
    while let error = SocketError(rawValue: raw) {
      if error.name == name {
        self = error
        return
      }
      raw += 1
    }
    return nil
  }
}
