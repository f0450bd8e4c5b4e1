// Methods of nodes: of sockets, collectors, tasks, interfaces, and the functions of instances.

import NetScript
import NetSim
import NetStack

extension Bench {
  public func call(
    _ node: Value, _ name: Symbol, _ arguments: Arguments
  ) throws(RuntimeError) -> Outcome {
    try refuseInPolicy(at: arguments.span)
    guard let raw = node.asNode else {
      preconditionFailure("a method of something that is no node")
    }
    let id = NodeID(rawValue: raw)
    switch id.space {
    case .socket: return try callSocket(id, name, arguments)
    case .collector: return .value(try callCollector(id, name, arguments))
    case .tree: return .value(try callTree(id, name, arguments))
    }
  }

  private func callTree(
    _ id: NodeID, _ name: Symbol, _ arguments: Arguments
  ) throws(RuntimeError) -> Value {
    if tree[id].role == .builtin(.nic), words.word(name) == .send {
      return try sendFrame(id, arguments)
    }
    for index in tree[id].members.indices where tree[id].members[index].name == name {
      return try callMember(vm.read(tree[id].members[index].value), arguments)
    }
    switch (tree[id].role, words.word(name)) {
    case (.instance, .start), (.builtin(.task), .start), (.instance, .stop),
      (.builtin(.task), .stop):
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

  /// A `fn` of an instance, called from outside: it may not wait.
  private func callMember(
    _ function: Value, _ arguments: Arguments
  ) throws(RuntimeError) -> Value {
    if arguments.namedCount > 0 {
      throw RuntimeError(
        "N425", "functions of an instance take positional arguments only", at: arguments.span)
    }
    let budget =
      activity == .observer || activity == .predicate ? plan.limits.hookSteps : vm.stepsLeft
    if arguments.positionalCount == 0 { return try vm.call(function, budget: budget) }
    var values: [Value] = []
    for index in 0..<arguments.positionalCount { values.append(arguments[index]) }
    return try vm.call(function, arguments: values, budget: budget)
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
    return "socket of \(path(of: stations.records[Int(handle.host)].node))"
  }
}
