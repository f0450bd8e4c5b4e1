// Operands of calls: times, octets, ports, addresses; and errors as the script sees them.

import NetScript
import NetSim
import NetStack
import Wire

/// The errno symbols of socket errors, interned once.
struct ErrorValues {
  private var values: [Value] = []

  init() {}

  init(_ vm: VM) { values = ErrorValues.names.map(vm.symbol) }

  static let names: [String] = {
    var names: [String] = []
    while let error = SocketError(rawValue: UInt8(names.count)) { names.append(error.name) }
    return names
  }()

  func value(_ error: SocketError) -> Value { values[Int(error.rawValue)] }

  func error(_ value: Value) -> SocketError? {
    guard let symbol = value.asSymbol else { return nil }
    return values.firstIndex { $0.asSymbol == symbol }.flatMap {
      SocketError(rawValue: UInt8($0))
    }
  }
}

extension Bench {
  /// Who sends to everybody must have said so before.
  public func cure(of error: Symbol) -> String? {
    errors.value(.EACCES).asSymbol == error
      ? "`s.setsockopt(.broadcast, true)` before sending to everybody" : nil
  }

  /// A time, rounded to whole nanoseconds: `1 / rate` seldom is one.
  func span(_ value: Value, _ place: SourceSpan) throws(RuntimeError) -> TimeSpan {
    guard let nanoseconds = vm.baseUnits(value, .time) else {
      throw RuntimeError(
        "N422", "a time is needed here, not \(vm.text(value))", at: place,
        help: value.asInt.map { "`\($0)ms`" })
    }
    return TimeSpan(nanoseconds: max(nanoseconds, 0))
  }

  /// `timeout = 3s`, or nil.
  func timeout(_ arguments: Arguments) throws(RuntimeError) -> TimeSpan? {
    if arguments.namedCount == 0 { return nil }
    guard let value = arguments.named(words.symbol(.timeout)), !value.isNone else { return nil }
    return try span(value, arguments.span)
  }

  /// An amount of data in whole octets; a text stands for its own.
  func octets(_ value: Value, _ place: SourceSpan) throws(RuntimeError) -> Int32 {
    if value.dimension == .data, let bits = value.asBaseUnits {
      guard bits >= 0, bits % 8 == 0 else {
        throw RuntimeError("N422", "\(vm.text(value)) is no number of whole octets", at: place)
      }
      return Int32(clamping: bits / 8)
    }
    if let text = vm.string(value) { return Int32(clamping: text.utf8.count) }
    throw RuntimeError(
      "N422", "an amount of data is needed here, not \(vm.text(value))", at: place,
      help: value.asInt.map { "`\($0)B`" })
  }

  func port(_ value: Value, _ place: SourceSpan) throws(RuntimeError) -> UInt16 {
    guard let number = value.asInt, number > 0, number <= 65535 else {
      throw RuntimeError("N422", "a port is a number from 1 to 65535", at: place)
    }
    return UInt16(number)
  }

  /// The address of a host as another reaches it: on a medium they share, else its first.
  func address(
    _ value: Value, from host: Int32, _ place: SourceSpan
  ) throws(RuntimeError) -> IPv4Address {
    if let symbol = value.asSymbol, words.word(symbol) == .broadcast { return .broadcast }
    if let text = vm.string(value), let address = IPv4Address(parsing: text) { return address }
    guard let raw = value.asNode, NodeID(rawValue: raw).space == .tree,
      tree[NodeID(rawValue: raw)].role == .builtin(.host)
    else {
      throw RuntimeError(
        "N422", "a host is needed here, not \(vm.text(value))", at: place,
        help: "the name of a host, or `.broadcast`")
    }
    let target = stations.records[Int(tree[NodeID(rawValue: raw)].host)]
    guard let first = target.attachments.first else {
      throw RuntimeError("N422", "`\(path(of: target.node))` has no interface", at: place)
    }
    for own in stations.records[Int(host)].attachments {
      for other in target.attachments where other.link == own.link { return other.address }
    }
    return first.address
  }
}
