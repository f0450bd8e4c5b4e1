// Methods of nodes: of sockets, collectors, tasks, interfaces, and the functions of instances.

import NetScript
import NetSim
import NetStack

extension Bench {
  public func call(
    _ node: Value, _ name: Symbol, _ arguments: Arguments
  ) throws(RuntimeError) -> Outcome {
    if let outcome = transfer(node, name, arguments) { return outcome }
    try refuseInPolicy(at: arguments.span)
    guard let raw = node.asNode else {
      preconditionFailure("a method of something that is no node")
    }
    if activity != .task && readLog == nil { noteDeed() }
    let outcome = try call(NodeID(rawValue: raw), name, arguments)
    if context.isWanted(.taskError), case .value(let value) = outcome { reportError(value) }
    return outcome
  }

  /// A task's `s.write(300B)` or `s.read(4KiB)`: most of what programs call. nil when there is
  /// anything else to it.
  @inline(__always)
  private func transfer(_ node: Value, _ name: Symbol, _ arguments: Arguments) -> Outcome? {
    guard let place = currentProgram, let raw = node.asNode, arguments.positionalCount == 1,
      arguments.namedCount == 0, let octets = arguments[0].asOctets
    else { return nil }
    let id = NodeID(rawValue: raw)
    let isRead = name == words.symbol(.read)
    guard id.isSocket, isRead || name == words.symbol(.write) else { return nil }
    let handle = programs.sockets[id.number]
    guard handle.kind == .stream,
      simulation.tasks[Int(programs.records[place].task)].host == handle.host, isOpen(handle)
    else { return nil }
    let call =
      isRead
      ? Call.read(handle.index, atMost: octets) : Call.write(handle.index, octets: octets)
    return ask(place, .call(call, timeout: nil), .data)
  }

  private func call(
    _ id: NodeID, _ name: Symbol, _ arguments: Arguments
  ) throws(RuntimeError) -> Outcome {
    switch id.space {
    case .socket: return try callSocket(id, name, arguments)
    case .buffer: return try callBuffer(id, name, arguments)
    case .collector: return .value(try callCollector(id, name, arguments))
    case .tree: return try callTree(id, name, arguments)
    }
  }

  /// A call of a task that was refused at once.
  private func reportError(_ value: Value) {
    guard let place = currentProgram, let error = errors.error(value) else { return }
    reportError(error, task: programs.records[place].task)
  }

  private func callTree(
    _ id: NodeID, _ name: Symbol, _ arguments: Arguments
  ) throws(RuntimeError) -> Outcome {
    switch tree[id].role {
    case .builtin(.nic) where words.word(name) == .send:
      return try sendFrame(id, arguments)
    case .builtin(.nic) where words.word(name) == .recv:
      return try receiveFrame(id, arguments)
    case .builtin(.lock):
      if let outcome = try callLock(id, name, arguments) { return outcome }
    case .builtin(.queue):
      if let outcome = try callQueue(id, name, arguments) { return outcome }
    case .builtin(.bufferClass):
      if let outcome = try callPool(id, name, arguments) { return outcome }
    default: break
    }
    for index in tree[id].members.indices where tree[id].members[index].name == name {
      return .enter(vm.read(tree[id].members[index].value))
    }
    return .value(try callLife(id, name, arguments))
  }

  /// `start()` and `stop()`.
  private func callLife(
    _ id: NodeID, _ name: Symbol, _ arguments: Arguments
  ) throws(RuntimeError) -> Value {
    switch (tree[id].role, words.word(name)) {
    case (.instance, .start), (.builtin(.task), .start), (.builtin(.replay), .start),
      (.instance, .stop), (.builtin(.task), .stop), (.builtin(.replay), .stop):
      guard isBuilt else {
        throw RuntimeError("N301", "nothing is built yet", at: arguments.span)
      }
      try refuseInPredicate("`\(self.name(name))`", at: arguments.span)
      let active = words.word(name) == .start
      if collectsChanges {
        collect(id, active: active, arguments.span)
      } else {
        setActive(id, active)
      }
      return .none
    case (.forward, _) where !isBuilt:
      throw RuntimeError(
        "N301", "`\(path(of: id)).\(self.name(name))()` asks, and nothing is built yet",
        at: arguments.span)
    case (.instance, _) where !isBuilt:
      throw RuntimeError(
        "N301", "`\(path(of: id))` is built after the case's declarations", at: arguments.span)
    default: throw unknown(name, in: id, at: arguments.span)
    }
  }

  // MARK: Sockets as nodes

  /// `s.sndbuf`, `s.rcvbuf`, `s.peer`.
  func socketMember(
    _ id: NodeID, _ name: Symbol, at span: SourceSpan
  ) throws(RuntimeError) -> Value {
    let handle = programs.sockets[id.number]
    note(.socket, host: handle.host)
    guard isOpen(handle) else { return errors.value(.EBADF) }
    let stack = simulation.hosts[Int(handle.stack)]
    let socket = stack.socket(handle.index)
    switch words.word(name) {
    case .sndbuf: return .data(octets: Int64(socket.snd.hiwat))
    case .rcvbuf: return .data(octets: Int64(socket.rcv.hiwat))
    case .error: return socket.error.map { errors.value($0) } ?? .none
    case .peer:
      guard socket.pcb >= 0 else { return .none }
      return hostNode(stack.pcb(socket.pcb).remoteAddress)
    case .port:
      guard socket.pcb >= 0 else { return .none }
      return .int(Int64(stack.pcb(socket.pcb).localPort))
    default:
      throw RuntimeError(
        "N201", "a socket has no `\(self.name(name))`", at: span,
        help: "there are: `sndbuf`, `rcvbuf`, `peer`, `port`, `error`")
    }
  }

  func socketText(_ id: NodeID) -> String {
    guard id.number < programs.sockets.count else { return "socket" }
    let handle = programs.sockets[id.number]
    let host = path(of: stations.records[Int(handle.host)].node)
    guard isOpen(handle) else { return "socket of \(host)" }
    let owner = taskNode(simulation.hosts[Int(handle.stack)].socket(handle.index).owner)
    return owner.isNone ? "socket of \(host)" : "\(describe(owner))'s socket"
  }
}
