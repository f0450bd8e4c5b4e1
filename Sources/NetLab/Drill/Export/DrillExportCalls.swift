// What tasks asked of a connection's sockets, as calls of a packetdrill script.
//
// A call that waited for its peer is a blocking one (`t...u`). A read stands where what it got was
// all there: how soon a reader wakes is a matter of its host's speed, and of no script. A write
// that waited for buffers stands where it had them: no kernel elsewhere has this pool.

import NetScript
import NetStack
import Wire

extension DrillExporter {
  private static let door: Int64 = 3

  /// The descriptor of the connection.
  private var own: Int64 { listener == nil ? 3 : 4 }

  mutating func addCalls() {
    let first = Stamp(order: 0, at: base)
    guard socket != nil || listener != nil else {
      return note("no socket of a task is behind it: the script has packets alone")
    }
    add(
      .call(
        call(
          "socket", [.anything, .symbols(["SOCK_STREAM"]), .symbols(["IPPROTO_TCP"])],
          .integer(Self.door))), at: first)
    let reach = Reach(witness, number)
    var taken = 0
    var written = 0
    for (place, witnessed) in witness.calls.enumerated() {
      if witnessed.socket == listener && listener != socket {
        addToDoor(witnessed)
      } else if witnessed.socket == socket {
        switch witnessed.call {
        case .read, .readLine:
          addRead(witnessed, reach, &taken, isAlone: isAlone(place))
        case .write:
          addWrite(witnessed, &written)
          if witnessed.waitedForPeer != nil && !isAlone(place) {
            note("two tasks used the socket at once; packetdrill makes one call after the other")
          }
        default: addOther(witnessed)
        }
      }
    }
  }

  private func call(
    _ name: String, _ arguments: [DrillValue], _ result: DrillValue, _ error: String? = nil
  ) -> DrillCall {
    DrillCall(
      name: name, nameSpan: Self.nowhere, arguments: arguments,
      argumentSpans: arguments.map { _ in Self.nowhere }, result: result, error: error)
  }

  /// A call with what came of it: 0, a number, or an error's name.
  private func call(
    _ name: String, _ arguments: [DrillValue], _ result: CallResult
  ) -> DrillAction {
    switch result {
    case .octets(let count): return .call(call(name, arguments, .integer(Int64(count))))
    case .error(let error): return .call(call(name, arguments, .integer(-1), error.name))
    case .socket: return .call(call(name, arguments, .integer(own)))
    default: return .call(call(name, arguments, .integer(0)))
    }
  }

  /// No other call on the connection began before this one was over: calls are in the order of
  /// their beginnings.
  private func isAlone(_ place: Int) -> Bool {
    guard let ended = witness.calls[place].ended else { return true }
    let next = witness.calls[(place + 1)...].first { $0.socket == socket }
    return next.map { $0.began.order > ended.order } ?? true
  }

  /// When it returned, if it waited for the peer.
  private func blocking(_ witnessed: WitnessedCall) -> Stamp? {
    witnessed.waitedForPeer == nil ? nil : witnessed.ended
  }

  // MARK: The socket that listens

  private mutating func addToDoor(_ witnessed: WitnessedCall) {
    switch witnessed.call {
    case .accept:
      guard witnessed.accepted == socket, socket != nil else { return }
      let accept = call("accept", [.integer(Self.door), .anything, .anything], witnessed.result)
      add(accept, at: witnessed.began, until: blocking(witnessed))
    default: addCommon(witnessed, Self.door)
    }
  }

  private mutating func addOther(_ witnessed: WitnessedCall) {
    if case .connect = witnessed.call {
      guard witnessed.ended != nil else {
        return note("a connect that is not over is left out: the script has packets alone")
      }
      let connect = call("connect", [.integer(own), .anything, .anything], witnessed.result)
      return add(connect, at: witnessed.began, until: blocking(witnessed))
    }
    addCommon(witnessed, own)
  }

  /// Calls that mean the same on any socket.
  private mutating func addCommon(_ witnessed: WitnessedCall, _ descriptor: Int64) {
    let (at, result) = (witnessed.began, witnessed.result)
    let number = DrillValue.integer(descriptor)
    switch witnessed.call {
    case .bind: add(call("bind", [number, .anything, .anything], result), at: at)
    case .listen(_, let backlog):
      add(call("listen", [number, .integer(Int64(backlog))], result), at: at)
    case .shutdown(_, let side):
      let name = ["SHUT_RD", "SHUT_WR", "SHUT_RDWR"][Int(side.rawValue)]
      add(call("shutdown", [number, .symbols([name])], result), at: at)
    case .close: add(call("close", [number], result), at: at, until: blocking(witnessed))
    case .abort:
      let linger = DrillValue.record([
        DrillField(name: "onoff", value: .integer(1)),
        DrillField(name: "linger", value: .integer(0)),
      ])
      addOption(number, ("SOL_SOCKET", "SO_LINGER"), linger, octets: 8, .none, at)
      add(call("close", [number], result), at: at, isBehind: true)
    case .setOption(_, let option, let value): set(option, value, number, result, at)
    default: break
    }
  }

  private mutating func addOption(
    _ descriptor: DrillValue, _ name: (level: String, option: String), _ value: DrillValue,
    octets: Int64, _ result: CallResult, _ at: Stamp
  ) {
    let arguments: [DrillValue] = [
      descriptor, .symbols([name.level]), .symbols([name.option]), value, .integer(octets),
    ]
    add(call("setsockopt", arguments, result), at: at)
  }

  private mutating func set(
    _ option: SocketOption, _ value: Int64, _ descriptor: DrillValue, _ result: CallResult,
    _ at: Stamp
  ) {
    if option == .nonblocking {
      let flags = value != 0 ? ["O_RDWR", "O_NONBLOCK"] : ["O_RDWR"]
      add(call("fcntl", [descriptor, .symbols(["F_SETFL"]), .symbols(flags)], result), at: at)
    } else if let name = option.packetdrillName {
      addOption(descriptor, name, .list([.integer(value)]), octets: 4, result, at)
    } else if option == .linger {
      let linger = DrillValue.record([
        DrillField(name: "onoff", value: .integer(value < 0 ? 0 : 1)),
        DrillField(name: "linger", value: .integer(max(value, 0) / 1_000_000_000)),
      ])
      addOption(descriptor, ("SOL_SOCKET", "SO_LINGER"), linger, octets: 8, result, at)
    } else {
      note("a socket option that packetdrill cannot set is left out")
    }
  }

  // MARK: Data

  private mutating func addRead(
    _ witnessed: WitnessedCall, _ reach: Reach, _ taken: inout Int, isAlone: Bool
  ) {
    guard let ended = witnessed.ended else { return }
    let (asked, flags) = witnessed.call.wanted
    func read(_ count: Int) -> DrillAction {
      var arguments: [DrillValue] = [.integer(own), .anything, .integer(Int64(count))]
      if !flags.isEmpty { arguments.append(.symbols(flags)) }
      return call(flags.isEmpty ? "read" : "recv", arguments, witnessed.result)
    }
    let isOver = witnessed.result == .octets(0)
    guard case .octets(let count) = witnessed.result, count > 0 || isOver else {
      // Whoever gave up waiting has changed nothing.
      if witnessed.result == .error(.EAGAIN), witnessed.waitedForPeer != nil { return }
      return add(read(asked ?? 1), at: witnessed.began, until: blocking(witnessed))
    }
    let got = Int(count)
    let before = reach.octets(at: witnessed.began.order)
    let arrival = isOver ? reach.end : reach.arrival(of: taken + got)
    guard let arrival else {
      return note("a read at \(seconds(ended.at)) got what no segment brought: it is left out")
    }
    defer { if !flags.contains("MSG_PEEK") { taken += got } }
    if arrival.order < witnessed.began.order {
      let isAll = before - taken == got || isOver
      return add(read(isAll ? asked ?? got : got), at: witnessed.began)
    }
    let there = reach.octets(at: arrival.order + 1) - taken
    let isFirst = before == taken && reach.octets(at: arrival.order) == taken
    if isFirst, isAlone, there == got || asked == got || isOver, witnessed.waitedForPeer != nil {
      return add(read(asked ?? got), at: witnessed.began, until: ended)
    }
    add(read(there == got ? asked ?? got : got), at: arrival, isBehind: true)
  }

  private mutating func addWrite(_ witnessed: WitnessedCall, _ written: inout Int) {
    guard case .write(_, let octets, let flags) = witnessed.call else { return }
    func write(_ count: Int64, _ result: CallResult) -> DrillAction {
      let arguments: [DrillValue] = [.integer(own), .anything, .integer(count)]
      return flags.contains(.urgent)
        ? call("send", arguments + [.symbols(["MSG_OOB"])], result)
        : call("write", arguments, result)
    }
    guard let ended = witnessed.ended else {
      let got = max((buffered ?? written) - written, 0)
      note(
        "a write of \(octets) octets at \(seconds(witnessed.began.at)) is not over"
          + (witnessed.waitsForBuffer ? ": it waits for a buffer" : "")
          + (got > 0 ? "; what it got rid of is written" : "; it is left out"))
      // All that was there when it began to wait for the last time.
      let since = witnessed.waitedForPeer.flatMap { $0.at > witnessed.began.at ? $0 : nil }
      let result = CallResult.octets(Int32(clamping: got))
      if got > 0 { add(write(Int64(got), result), at: witnessed.began, until: since) }
      return
    }
    var count = Int64(octets)
    if case .octets(let done) = witnessed.result {
      written += Int(done)
      count = Int64(done)
    }
    if let buffer = witnessed.gotBuffer {
      note("writes that waited for a buffer stand where they had it")
      if witnessed.waitedForPeer == nil {
        return add(write(count, witnessed.result), at: buffer)
      }
    }
    add(
      write(count, witnessed.result), at: witnessed.began,
      until: witnessed.waitedForPeer == nil ? nil : ended)
  }
}

extension Call {
  /// Octets that a read asks for, nil: a line; and its flags by name.
  fileprivate var wanted: (octets: Int?, flags: [String]) {
    guard case .read(_, let most, let flags) = self else { return (nil, []) }
    var names: [String] = []
    if flags.contains(.urgent) { names.append("MSG_OOB") }
    if flags.contains(.peek) { names.append("MSG_PEEK") }
    if flags.contains(.waitAll) { names.append("MSG_WAITALL") }
    if flags.contains(.dontWait) { names.append("MSG_DONTWAIT") }
    return (Int(most), names)
  }
}

extension SocketOption {
  /// Options whose value is a number.
  fileprivate var packetdrillName: (level: String, option: String)? {
    switch self {
    case .keepalive: ("SOL_SOCKET", "SO_KEEPALIVE")
    case .reuseAddress: ("SOL_SOCKET", "SO_REUSEADDR")
    case .reusePort: ("SOL_SOCKET", "SO_REUSEPORT")
    case .inlineUrgent: ("SOL_SOCKET", "SO_OOBINLINE")
    case .sendBuffer: ("SOL_SOCKET", "SO_SNDBUF")
    case .receiveBuffer: ("SOL_SOCKET", "SO_RCVBUF")
    case .sendLowWater: ("SOL_SOCKET", "SO_SNDLOWAT")
    case .receiveLowWater: ("SOL_SOCKET", "SO_RCVLOWAT")
    case .noDelay: ("IPPROTO_TCP", "TCP_NODELAY")
    case .noOptions: ("IPPROTO_TCP", "TCP_NOOPT")
    case .noPush: ("IPPROTO_TCP", "TCP_NOPUSH")
    case .maxSegment: ("IPPROTO_TCP", "TCP_MAXSEG")
    case .timeToLive: ("IPPROTO_IP", "IP_TTL")
    case .typeOfService: ("IPPROTO_IP", "IP_TOS")
    default: nil
    }
  }
}
