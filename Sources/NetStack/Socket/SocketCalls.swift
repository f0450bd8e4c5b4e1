// The calls that do their work in one stage, or wait in soconnsleep or select.
// RTEMS 4.6: rtems_syscall.c, kern/uipc_socket.c.

import Wire

/// A call that is no transfer. Of select nothing is kept (its sockets know their selector), so that
/// a task's record stays free of references.
enum SimpleCall: Sendable {
  case socket(SocketKind)
  case bind(Int32, UInt16)
  case listen(Int32, backlog: Int32)
  case connect(Int32, IPv4Address, UInt16)
  case accept(Int32)
  case select
  case setBuffer(Int32, Direction, octets: Int32)
  case shutdown(Int32)
  case close(Int32)
  case abort(Int32)

  init(_ call: Call) {
    switch call {
    case .socket(let kind): self = .socket(kind)
    case .bind(let socket, let port): self = .bind(socket, port)
    case .listen(let socket, let backlog): self = .listen(socket, backlog: backlog)
    case .connect(let socket, let address, let port): self = .connect(socket, address, port)
    case .accept(let socket): self = .accept(socket)
    case .select: self = .select
    case .setBuffer(let socket, let direction, let octets):
      self = .setBuffer(socket, direction, octets: octets)
    case .shutdown(let socket): self = .shutdown(socket)
    case .close(let socket): self = .close(socket)
    case .abort(let socket): self = .abort(socket)
    case .write, .read, .sendTo, .receiveFrom, .readLine:
      preconditionFailure("a transfer is not a simple call")
    }
  }
}

public struct SimpleRoutine: Sendable {
  let call: SimpleCall
  private var point = Point.enter

  private enum Point {
    case enter, act, connecting, accepting, selecting
  }

  init(_ call: SimpleCall) { self.call = call }

  mutating func resume(_ kernel: borrowing Kernel) -> Step {
    kernel.context.pointee.requester = .app
    switch point {
    case .enter:
      point = .act
      let cost = kernel.state.pointee.costs.systemCall.nanoseconds
      return kernel.pay(cost) ?? act(kernel)
    case .act: return act(kernel)
    case .connecting: return connecting(kernel)
    case .accepting: return accepting(kernel)
    case .selecting: return selecting(kernel)
    }
  }

  private mutating func act(_ kernel: borrowing Kernel) -> Step {
    switch call {
    case .socket(let kind): return .done(kernel.soCreate(kind))
    case .bind(let socket, let port): return .done(kernel.soBind(socket, port))
    case .listen(let socket, let backlog): return .done(kernel.soListen(socket, backlog))
    case .connect(let socket, let address, let port):
      if let result = kernel.soConnect(socket, address, port) { return .done(result) }
      point = .connecting
      return connecting(kernel)
    case .accept:
      point = .accepting
      return accepting(kernel)
    case .select:
      point = .selecting
      return selecting(kernel)
    case .setBuffer(let socket, let direction, let octets):
      let fits = kernel.sbReserve(socket, direction, octets: octets)
      return .done(fits ? .none : .error(.ENOBUFS))
    case .shutdown(let socket): return .done(kernel.soShutdown(socket))
    case .close(let socket): return .done(kernel.soClose(socket))
    case .abort(let socket): return .done(kernel.soAbort(socket))
    }
  }

  private func connecting(_ kernel: borrowing Kernel) -> Step {
    guard case .connect(let index, _, _) = call else { preconditionFailure("not a connect") }
    let socket = kernel.sockets + Int(index)
    if socket.pointee.state.contains(.connecting), socket.pointee.error == nil {
      if kernel.hasOtherSleeper(index) { return .done(.panic(.twoSleepers)) }
      kernel.beginSleep(index)
      socket.pointee.connectWaiter = kernel.context.pointee.task
      return .waits(.connection(index))
    }
    if socket.pointee.sleptAt != .never { kernel.endSleep(index, .handshake) }
    if let error = socket.pointee.error {
      socket.pointee.error = nil
      socket.pointee.state.remove(.connecting)
      return .done(.error(error))
    }
    return .done(.none)
  }

  private func accepting(_ kernel: borrowing Kernel) -> Step {
    guard case .accept(let index) = call else { preconditionFailure("not an accept") }
    let socket = kernel.sockets + Int(index)
    if !socket.pointee.isListening { return .done(.error(.EINVAL)) }
    if socket.pointee.completeCount == 0 {
      if let error = socket.pointee.error {
        socket.pointee.error = nil
        return .done(.error(error))
      }
      if socket.pointee.state.contains(.cantReceiveMore) { return .done(.error(.ECONNABORTED)) }
      if kernel.hasOtherSleeper(index) { return .done(.panic(.twoSleepers)) }
      socket.pointee.connectWaiter = kernel.context.pointee.task
      return .waits(.acceptQueue(index))
    }
    let connection = kernel.takeConnection(index)
    kernel.sockets[Int(connection)].owner = kernel.context.pointee.task
    return .done(.socket(connection))
  }

  /// Looks at the sockets that have this task as their selector. Left out: RTEMS 4.6 sets a wrong
  /// flag for writers, which then nobody wakes (PR 772).
  private func selecting(_ kernel: borrowing Kernel) -> Step {
    let task = kernel.context.pointee.task
    for index in 0..<kernel.state.pointee.socketHigh {
      let socket = kernel.sockets + Int(index)
      let isReady =
        socket.pointee.rcv.selector == task && kernel.isReadable(index)
        || socket.pointee.snd.selector == task && kernel.isWritable(index)
      if isReady {
        kernel.forgetSelect(task)
        return .done(.ready)
      }
    }
    return .waits(.select)
  }
}

extension Kernel {
  fileprivate func forgetSelect(_ task: Int32) {
    for index in 0..<Int(state.pointee.socketHigh) {
      if sockets[index].rcv.selector == task { sockets[index].rcv.selector = -1 }
      if sockets[index].snd.selector == task { sockets[index].snd.selector = -1 }
    }
  }

  /// so_pgid: one task a socket may sleep in soconnsleep.
  fileprivate func hasOtherSleeper(_ index: Int32) -> Bool {
    let sleeper = sockets[Int(index)].connectWaiter
    return sleeper >= 0 && sleeper != context.pointee.task
  }

  func resetFromOutside(_ index: Int32) {
    let socket = sockets + Int(index)
    if socket.pointee.kind == .stream, socket.pointee.pcb >= 0 { tcpAbort(socket.pointee.pcb) }
    // It may be gone with its connection, when no descriptor was left.
    guard socket.pointee.inUse else { return }
    if !socket.pointee.snd.flags.contains(.locked) { sbFlush(index, .send) }
    if !socket.pointee.rcv.flags.contains(.locked) { sbFlush(index, .receive) }
  }

  /// Takes a task out of a wait that it gives up. The waits inside the allocator cannot be given
  /// up.
  func cancel(_ wait: Wait) {
    switch wait {
    case .socketSpace(let socket):
      sockets[Int(socket)].snd.waiter = -1
      sockets[Int(socket)].sleptAt = .never
    case .socketData(let socket): sockets[Int(socket)].rcv.waiter = -1
    case .connection(let socket), .acceptQueue(let socket):
      sockets[Int(socket)].connectWaiter = -1
      sockets[Int(socket)].sleptAt = .never
    case .select: forgetSelect(context.pointee.task)
    case .buffer, .deviceReceive, .refill, .deviceTransmit, .transmitRing, .network:
      preconditionFailure("this wait cannot be given up")
    }
  }

  func soCreate(_ kind: SocketKind) -> CallResult {
    guard let index = soAllocate(kind, owner: context.pointee.task) else { return .error(.ENOBUFS) }
    switch kind {
    case .stream:
      if let error = tcpAttach(index) { return .error(error) }
    case .datagram:
      sbReserve(index, .send, octets: state.pointee.tunables.udpSendSpace)
      sbReserve(index, .receive, octets: state.pointee.tunables.udpReceiveSpace)
      if pcbAllocate(socket: index, kind: kind) < 0 { return .error(.ENOBUFS) }
    case .icmp:
      sbReserve(index, .send, octets: 8192)  // RIPSNDQ, RIPRCVQ
      sbReserve(index, .receive, octets: 8192)
      if pcbAllocate(socket: index, kind: kind) < 0 { return .error(.ENOBUFS) }
    }
    return .socket(index)
  }

  func soBind(_ index: Int32, _ port: UInt16) -> CallResult {
    let pcb = sockets[Int(index)].pcb
    if pcb < 0 { return .error(.EINVAL) }
    if let error = pcbBind(pcb, port: port) { return .error(error) }
    return .none
  }

  func soListen(_ index: Int32, _ backlog: Int32) -> CallResult {
    let socket = sockets + Int(index)
    guard socket.pointee.kind == .stream, socket.pointee.pcb >= 0 else { return .error(.EINVAL) }
    tcpListen(socket.pointee.pcb)
    socket.pointee.isListening = true
    socket.pointee.queueLimit = min(max(backlog, 0), 128)  // somaxconn
    return .none
  }

  /// nil: the handshake is under way.
  func soConnect(_ index: Int32, _ address: IPv4Address, _ port: UInt16) -> CallResult? {
    let socket = sockets + Int(index)
    if socket.pointee.isListening { return .error(.EINVAL) }
    if !socket.pointee.state.isDisjoint(with: [.connected, .connecting]) {
      return .error(.EISCONN)
    }
    if socket.pointee.pcb < 0 { return .error(.EINVAL) }
    if socket.pointee.kind != .stream {
      if let error = pcbConnect(socket.pointee.pcb, to: address, port: port) {
        return .error(error)
      }
      soIsConnected(index)
      return CallResult.none
    }
    if let error = tcpConnect(socket.pointee.pcb, to: address, port: port) { return .error(error) }
    return nil
  }

  func soShutdown(_ index: Int32) -> CallResult {
    let socket = sockets + Int(index)
    guard socket.pointee.kind == .stream, socket.pointee.pcb >= 0 else { return .error(.ENOTCONN) }
    tcpShutdown(socket.pointee.pcb)
    return .none
  }

  /// soclose: an orderly end. The protocol keeps the socket until what was written is acknowledged.
  func soClose(_ index: Int32) -> CallResult {
    let socket = sockets + Int(index)
    if socket.pointee.snd.flags.contains(.locked) || socket.pointee.rcv.flags.contains(.locked) {
      return .panic(.flushOfLockedBuffer)
    }
    if socket.pointee.isListening { abortQueued(index) }
    if socket.pointee.pcb >= 0 {
      if socket.pointee.kind == .stream {
        tcpDisconnect(socket.pointee.pcb)
      } else {
        pcbDetach(socket.pointee.pcb)
      }
    }
    socket.pointee.state.insert(.noDescriptor)
    soFree(index)
    return .none
  }

  func soAbort(_ index: Int32) -> CallResult {
    let socket = sockets + Int(index)
    if socket.pointee.snd.flags.contains(.locked) || socket.pointee.rcv.flags.contains(.locked) {
      return .panic(.flushOfLockedBuffer)
    }
    if socket.pointee.kind == .stream, socket.pointee.pcb >= 0 { tcpAbort(socket.pointee.pcb) }
    return soClose(index)
  }

  /// A listener goes: the connections in its queues are reset.
  private func abortQueued(_ listener: Int32) {
    for index in 0..<state.pointee.socketHigh
    where sockets[Int(index)].inUse && sockets[Int(index)].listener == listener {
      if sockets[Int(index)].pcb >= 0 {
        tcpAbort(sockets[Int(index)].pcb)
      } else {
        soFree(index)
      }
    }
  }
}
