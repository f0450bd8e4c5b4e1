// The calls of tasks: what a program asks for goes to the engine as a `ProgramStep`, and its fiber
// stops.
//
// Nothing is made per call: numbers go in, numbers come out, a handle only for a new socket.

import NetScript
import NetSim
import NetStack
import Wire

extension Bench {
  /// `socket`, `select`, `sleep`, `compute`, `wait`.
  func callTask(
    _ function: NativeFunction, _ arguments: Arguments
  ) throws(RuntimeError) -> Outcome {
    guard let place = currentProgram else { throw cannotWait(function.name, at: arguments.span) }
    switch function {
    case .sleep: return ask(place, .sleep(try span(arguments[0], arguments.span)), .none)
    case .compute:
      let time = try span(arguments[0], arguments.span)
      return time == .zero ? .value(.none) : ask(place, .compute(time), .none)
    case .socket: return try openSocket(place, arguments)
    case .select: return try select(place, arguments)
    case .wait:
      try awaitCondition(arguments[0], task: programs.records[place].task)
      return ask(place, .block(timeout: try timeout(arguments)), .wait)
    default: preconditionFailure("not a call of tasks")
    }
  }

  /// The program whose fiber runs; only there may a call wait.
  @inline(__always)
  var currentProgram: Int? {
    activity == .task && programs.current >= 0 ? programs.current : nil
  }

  func cannotWait(
    _ name: String, at span: SourceSpan, help: String? = nil
  ) -> RuntimeError {
    RuntimeError(
      "N404", "`\(name)` would wait here, and only a task can wait", at: span,
      help: help
        ?? (activity == .script
          ? "`run for …` lets time pass" : "`at now + 1s { … }`, or a task with a `fn main()`"))
  }

  /// Hands over what the program asks for; the task's own `cost` comes before a call.
  func ask(_ place: Int, _ step: ProgramStep, _ form: ResultForm) -> Outcome {
    let task = programs.records[place].task
    let cost = programs.records[place].cost
    programs.records[place].form = form
    if cost > .zero, step.entersKernel {
      programs.records[place].deferred = step
      simulation.submit(.compute(cost), for: task, &context)
    } else {
      if witness != nil { witnessCall(step, task: task) }
      simulation.submit(step, for: task, &context)
    }
    return .suspend
  }

  private func openSocket(
    _ place: Int, _ arguments: Arguments
  ) throws(RuntimeError) -> Outcome {
    let kind: SocketKind
    switch arguments[0].asSymbol.flatMap({ words.word($0) }) {
    case .tcp: kind = .stream
    case .udp: kind = .datagram
    case .icmp: kind = .icmp
    case .raw: kind = .raw
    default:
      throw RuntimeError(
        "N422", "a socket is .tcp, .udp, .icmp or .raw", at: arguments.span,
        help: "`socket(.tcp)`")
    }
    let host = simulation.tasks[Int(programs.records[place].task)].host
    guard stations.records[Int(host)].stack >= 0 else {
      throw RuntimeError(
        "N422", "`\(path(of: stations.records[Int(host)].node))` has no stack, and so no sockets",
        at: arguments.span, help: "send frames: `eth0.send(frame(…))`")
    }
    let number = try protocolNumber(of: kind, arguments)
    programs.records[place].socketKind = kind
    return ask(place, .call(.socket(kind, protocol: number), timeout: nil), .socket)
  }

  /// `socket(.raw, 89)`: which protocol; without a number any.
  private func protocolNumber(
    of kind: SocketKind, _ arguments: Arguments
  ) throws(RuntimeError) -> UInt8 {
    if arguments.positionalCount == 1 { return 0 }
    guard kind == .raw, let number = arguments[1].asInt, 0...255 ~= number else {
      throw RuntimeError(
        "N422", "a protocol is a number from 0 to 255, and only a raw socket has one",
        at: arguments.span, help: "`socket(.raw, 89)`")
    }
    return UInt8(number)
  }

  // MARK: Methods of sockets

  func callSocket(
    _ id: NodeID, _ name: Symbol, _ arguments: Arguments
  ) throws(RuntimeError) -> Outcome {
    let handle = programs.sockets[id.number]
    guard let method = words.word(name) else { throw unknownMethod(name, arguments.span) }
    if method == .abort, activity != .task { return .value(try abortSoon(id, arguments)) }
    guard let place = currentProgram else {
      throw cannotWait(self.name(name), at: arguments.span)
    }
    guard simulation.tasks[Int(programs.records[place].task)].host == handle.host else {
      throw RuntimeError(
        "N422", "this socket belongs to `\(path(of: stations.records[Int(handle.host)].node))`",
        at: arguments.span)
    }
    let socket = handle.index
    guard isOpen(handle) else {
      return .value(errors.value(.EBADF))
    }
    switch method {
    case .write: return try write(place, handle, arguments)
    case .read:
      let most = try octets(arguments[0], arguments.span)
      let call = Call.read(socket, atMost: most, flags: try messageFlags(arguments))
      return ask(place, .call(call, timeout: try timeout(arguments)), .data)
    case .readline:
      guard handle.kind == .stream else {
        throw RuntimeError("N422", "only a stream has lines", at: arguments.span)
      }
      return ask(
        place, .call(.readLine(socket), timeout: try timeout(arguments)), .line)
    case .bind:
      let port = try port(arguments[0], arguments.span)
      return ask(place, .call(.bind(socket, port), timeout: nil), .none)
    case .listen:
      let backlog = arguments[0].asInt ?? 5
      return ask(
        place, .call(.listen(socket, backlog: Int32(clamping: backlog)), timeout: nil), .none)
    case .connect, .sendto, .recvfrom: return try callAddressed(place, handle, method, arguments)
    case .accept:
      programs.records[place].socketKind = .stream
      return ask(
        place, .call(.accept(socket), timeout: try timeout(arguments)), .socket)
    case .setsockopt: return try setOption(place, handle, arguments)
    case .getsockopt: return try getOption(place, handle, arguments)
    case .shutdown:
      let side = try shutdownSide(arguments)
      return ask(place, .call(.shutdown(socket, side), timeout: nil), .none)
    case .close: return ask(place, .call(.close(socket), timeout: nil), .none)
    case .abort: return ask(place, .call(.abort(socket), timeout: nil), .none)
    default: throw unknownMethod(name, arguments.span)
    }
  }

  /// Calls that name a host.
  private func callAddressed(
    _ place: Int, _ handle: SocketHandle, _ method: Word, _ arguments: Arguments
  ) throws(RuntimeError) -> Outcome {
    let time = try timeout(arguments)
    if method == .recvfrom {
      let most = try octets(arguments[0], arguments.span)
      return ask(
        place, .call(.receiveFrom(handle.index, atMost: most), timeout: time), .datagram)
    }
    let address = try address(arguments[0], from: handle.host, arguments.span)
    // ICMP and IP have no ports; their place in the call stays, so that all sends look alike.
    let hasPorts = handle.kind == .stream || handle.kind == .datagram
    let port = hasPorts ? try port(arguments[1], arguments.span) : 0
    if method == .connect {
      return ask(place, .call(.connect(handle.index, address, port), timeout: time), .none)
    }
    let octets = try octets(arguments[2], arguments.span)
    return ask(
      place, .call(.sendTo(handle.index, address, port, octets: octets), timeout: time), .data)
  }

  /// `"text"` goes out as it is; an amount of data is a pattern of that length.
  private func write(
    _ place: Int, _ handle: SocketHandle, _ arguments: Arguments
  ) throws(RuntimeError) -> Outcome {
    let limit = try timeout(arguments)
    let flags = try messageFlags(arguments)
    if handle.kind != .stream { return try writeDatagram(place, handle, flags, arguments) }
    if let text = vm.string(arguments[0]) {
      let step = ProgramStep.write(
        handle.index, text: Array(text.utf8), flags: flags, timeout: limit)
      return ask(place, step, .data)
    }
    let octets = try octets(arguments[0], arguments.span)
    let call = Call.write(handle.index, octets: octets, flags: flags)
    return ask(place, .call(call, timeout: limit), .data)
  }

  /// To whom the socket is connected; it never waits for room, so that `dontwait` is no news. Of
  /// a text only the length arrives.
  private func writeDatagram(
    _ place: Int, _ handle: SocketHandle, _ flags: MessageFlags, _ arguments: Arguments
  ) throws(RuntimeError) -> Outcome {
    if flags.contains(.urgent) { return .value(errors.value(.EOPNOTSUPP)) }
    let octets = try octets(arguments[0], arguments.span)
    return ask(
      place,
      .call(.sendTo(handle.index, .any, 0, octets: octets), timeout: try timeout(arguments)), .data)
  }

  /// From a hook, or the case: nobody waits.
  private func abortSoon(_ id: NodeID, _ arguments: Arguments) throws(RuntimeError) -> Value {
    try refuseInPredicate("`abort`", at: arguments.span)
    let handle = programs.sockets[id.number]
    guard isOpen(handle) else { return errors.value(.EBADF) }
    if collectsChanges { collectAbort(id, arguments.span) } else { abort(handle) }
    return .none
  }

  func abort(_ handle: SocketHandle) {
    if isOpen(handle) { simulation.abort(handle.index, host: handle.host, &context) }
  }

  private func unknownMethod(_ name: Symbol, _ span: SourceSpan) -> RuntimeError {
    let text = self.name(name)
    let methods = [
      "write", "read", "readline", "bind", "listen", "connect", "accept", "sendto", "recvfrom",
      "setsockopt", "getsockopt", "shutdown", "close", "abort",
    ]
    let near = Spelling.nearest(to: text, among: methods)
    return RuntimeError(
      "N201", "a socket has no `\(text)`", at: span,
      help: near.map { "did you mean `\($0)`?" } ?? "there are: " + listed(methods))
  }

  func isOpen(_ handle: SocketHandle) -> Bool {
    simulation.hosts[Int(handle.stack)].isOpen(handle.index, generation: handle.generation)
  }
}

extension ProgramStep {
  /// A system call: it costs what the task's own `cost` says.
  var entersKernel: Bool {
    switch self {
    case .call, .write: true
    case .select(_, let read, let write, _): !read.isEmpty || !write.isEmpty
    case .sleep, .compute, .block, .lock, .unlock, .put, .get, .alloc, .free, .receive, .room, .end:
      false
    }
  }
}
