// `s.setsockopt(.name, value)`, `s.getsockopt(.name)`, and the flags of single calls.

import NetScript
import NetSim
import NetStack
import Wire

/// How the script writes an option's value.
enum OptionForm {
  /// `true` or `false`.
  case flag
  /// An amount of data.
  case octets
  /// A time; 0s: no limit.
  case time
  /// A time, or `none`: off.
  case linger
  /// Only asked for: an error's symbol or `none`.
  case error
  /// A number of one octet.
  case octet
  /// A number.
  case count
  /// The address of a group, only set.
  case group
}

extension Bench {
  static let options: [(word: Word, option: SocketOption, form: OptionForm)] = [
    (.keepalive, .keepalive, .flag), (.reuseaddr, .reuseAddress, .flag),
    (.reuseport, .reusePort, .flag), (.broadcast, .broadcast, .flag),
    (.oobinline, .inlineUrgent, .flag), (.linger, .linger, .linger),
    (.sndbuf, .sendBuffer, .octets), (.rcvbuf, .receiveBuffer, .octets),
    (.sndlowat, .sendLowWater, .octets), (.rcvlowat, .receiveLowWater, .octets),
    (.sndtimeo, .sendTimeout, .time), (.rcvtimeo, .receiveTimeout, .time),
    (.error, .error, .error),
    (.nodelay, .noDelay, .flag), (.noopt, .noOptions, .flag), (.nopush, .noPush, .flag),
    (.maxseg, .maxSegment, .octets), (.keepinit, .keepInit, .time),
    (.keepidle, .keepIdle, .time), (.keepintvl, .keepInterval, .time),
    (.keepcnt, .keepCount, .count),
    (.ttl, .timeToLive, .octet), (.tos, .typeOfService, .octet),
    (.multicastTTL, .multicastTimeToLive, .octet), (.multicastLoop, .multicastLoop, .flag),
    (.hdrincl, .includeHeader, .flag),
    (.addMembership, .addMembership, .group), (.dropMembership, .dropMembership, .group),
    (.nonblock, .nonblocking, .flag), (.atmark, .atMark, .flag), (.nread, .readable, .octets),
  ]

  func setOption(
    _ place: Int, _ handle: SocketHandle, _ arguments: Arguments
  ) throws(RuntimeError) -> Outcome {
    let (word, option, form) = try option(arguments)
    let value = arguments[1]
    let number: Int64
    switch form {
    case .flag:
      guard let flag = value.asBool else {
        throw RuntimeError("N422", ".\(word.rawValue) is true or false", at: arguments.span)
      }
      number = flag ? 1 : 0
    case .octets: number = Int64(try octets(value, arguments.span))
    case .time: number = try span(value, arguments.span).nanoseconds
    case .linger: number = value.isNone ? -1 : try span(value, arguments.span).nanoseconds
    case .error: throw RuntimeError("N422", ".error is asked for, not set", at: arguments.span)
    case .octet:
      guard let count = value.asInt, 0...255 ~= count else {
        throw RuntimeError(
          "N422", ".\(word.rawValue) is a number from 0 to 255", at: arguments.span)
      }
      number = count
    case .count:
      guard let count = value.asInt else {
        throw RuntimeError("N422", ".\(word.rawValue) is a number", at: arguments.span)
      }
      number = count
    case .group:
      guard let text = vm.string(value), let group = IPv4Address(parsing: text) else {
        throw RuntimeError(
          "N422", "the address of a group is needed here, not \(vm.text(value))",
          at: arguments.span, help: "`s.setsockopt(.\(word.rawValue), \"224.0.1.1\")`")
      }
      number = Int64(group.rawValue)
    }
    if option == .atMark || option == .readable {
      throw RuntimeError("N422", ".\(word.rawValue) is asked for, not set", at: arguments.span)
    }
    return ask(place, .call(.setOption(handle.index, option, number), timeout: nil), .none)
  }

  func getOption(
    _ place: Int, _ handle: SocketHandle, _ arguments: Arguments
  ) throws(RuntimeError) -> Outcome {
    let (word, option, form) = try option(arguments)
    if form == .group {
      throw RuntimeError("N422", ".\(word.rawValue) is set, not asked for", at: arguments.span)
    }
    programs.records[place].askedOption = option
    return ask(place, .call(.getOption(handle.index, option), timeout: nil), .option)
  }

  /// What getsockopt gave, as the script writes it.
  func optionValue(_ option: SocketOption, _ number: Int64) -> Value {
    switch Bench.options.first(where: { $0.option == option })?.form {
    case .flag: .bool(number != 0)
    case .octets: .data(octets: number)
    case .time: .time(nanoseconds: number)
    case .linger: number < 0 ? .none : .time(nanoseconds: number)
    case .octet, .count, .group: .int(number)
    case .error, nil:
      SocketError(rawValue: UInt8(truncatingIfNeeded: number)).map { errors.value($0) } ?? .none
    }
  }

  private func option(
    _ arguments: Arguments
  ) throws(RuntimeError) -> (word: Word, option: SocketOption, form: OptionForm) {
    let word = arguments[0].asSymbol.flatMap { words.word($0) }
    if let found = Bench.options.first(where: { $0.word == word }) { return found }
    let names = Bench.options.map { "." + $0.word.rawValue }
    throw RuntimeError(
      "N422", "no option of sockets: \(vm.text(arguments[0]))", at: arguments.span,
      help: "there are: " + listed(names))
  }

  /// `oob = true` and its like.
  @inline(__always)
  func messageFlags(_ arguments: Arguments) throws(RuntimeError) -> MessageFlags {
    arguments.namedCount == 0 ? [] : try namedFlags(arguments)
  }

  private func namedFlags(_ arguments: Arguments) throws(RuntimeError) -> MessageFlags {
    var flags: MessageFlags = []
    for index in 0..<arguments.namedCount {
      let flag: MessageFlags
      switch words.word(arguments.name(index)) {
      case .timeout: continue
      case .oob: flag = .urgent
      case .peek: flag = .peek
      case .waitall: flag = .waitAll
      case .dontwait: flag = .dontWait
      default:
        throw RuntimeError(
          "N422", "this call has no `\(name(arguments.name(index)))`", at: arguments.span,
          help: "there are: `timeout`, `oob`, `peek`, `waitall`, `dontwait`")
      }
      guard let isSet = arguments.namedValue(index).asBool else {
        throw RuntimeError(
          "N422", "`\(name(arguments.name(index)))` is true or false", at: arguments.span)
      }
      if isSet { flags.insert(flag) }
    }
    return flags
  }

  /// `shutdown()` ends what is written; `.read`, `.write`, `.both` say it.
  func shutdownSide(_ arguments: Arguments) throws(RuntimeError) -> ShutdownSide {
    if arguments.positionalCount == 0 { return .write }
    switch arguments[0].asSymbol.flatMap({ words.word($0) }) {
    case .read: return .read
    case .write: return .write
    case .both: return .both
    default:
      throw RuntimeError(
        "N422", "a shutdown is .read, .write or .both", at: arguments.span,
        help: "`s.shutdown(.write)`")
    }
  }
}
