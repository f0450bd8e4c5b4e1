// The calls that do their work in one stage, or wait in soconnsleep or select.
// RTEMS 4.6: rtems_syscall.c, kern/uipc_socket.c.
//
// Names and options cross in an mbuf of their own (sockargs, with M_WAIT). That of a connect stays
// in its task's hand until the handshake is over.

import Wire

/// A call that is no transfer. Of select nothing is kept (its sockets know their selector), so that
/// a task's record stays free of references.
enum SimpleCall: Sendable {
  case socket(SocketKind, protocol: UInt8)
  case bind(Int32, UInt16)
  case listen(Int32, backlog: Int32)
  case connect(Int32, IPv4Address, UInt16)
  case accept(Int32)
  case select
  case setOption(Int32, SocketOption, Int64)
  case getOption(Int32, SocketOption)
  case shutdown(Int32, ShutdownSide)
  case close(Int32)
  case abort(Int32)

  init(_ call: Call) {
    switch call {
    case .socket(let kind, let number): self = .socket(kind, protocol: number)
    case .bind(let socket, let port): self = .bind(socket, port)
    case .listen(let socket, let backlog): self = .listen(socket, backlog: backlog)
    case .connect(let socket, let address, let port): self = .connect(socket, address, port)
    case .accept(let socket): self = .accept(socket)
    case .select: self = .select
    case .setOption(let socket, let option, let value): self = .setOption(socket, option, value)
    case .getOption(let socket, let option): self = .getOption(socket, option)
    case .shutdown(let socket, let side): self = .shutdown(socket, side)
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
  /// Of the socket that close waits for.
  private var generation: UInt32 = 0
  /// The mbuf with a name or an option's value; -1: none.
  private var carrier: Int32 = -1
  /// What accept has taken off the queue, and still needs an mbuf to name.
  private var accepted: Int32 = -1

  private enum Point: UInt8 {
    case enter, act, connecting, accepting, selecting, lingering
    case carrier, carrierPolled, carrierRefused
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
    case .carrier, .carrierPolled: return carry(kernel)
    case .carrierRefused: return refused(kernel)
    case .lingering: return lingering(kernel)
    }
  }

  var chainsInHand: [Int32] { carrier < 0 ? [] : [carrier] }

  mutating func refuse() { point = .carrierRefused }

  private mutating func act(_ kernel: borrowing Kernel) -> Step {
    // rtems_bsdnet_fdToSocket, under the semaphore: another task may have closed it meanwhile.
    if let socket, !kernel.sockets[Int(socket)].hasDescriptor { return .done(.error(.EBADF)) }
    switch call {
    case .socket(let kind, let number): return .done(kernel.soCreate(kind, protocol: number))
    case .listen(let socket, let backlog): return .done(kernel.soListen(socket, backlog))
    case .accept:
      point = .accepting
      return accepting(kernel)
    case .select:
      point = .selecting
      return selecting(kernel)
    case .setOption(let socket, let option, let value) where option.isControl:
      return .done(kernel.soSetOption(socket, option, value))
    case .getOption(let socket, let option) where option.isControl:
      return .done(kernel.soGetOption(socket, option))
    case .bind, .connect, .setOption, .getOption:
      point = .carrier
      return carry(kernel)
    case .shutdown(let socket, let side): return .done(kernel.soShutdown(socket, side))
    case .close(let socket):
      generation = kernel.sockets[Int(socket)].generation
      let result = kernel.soClose(socket)
      if !kernel.lingers(socket, generation) { return .done(result) }
      point = .lingering
      return lingering(kernel)
    case .abort(let socket): return .done(kernel.soAbort(socket))
    }
  }

  /// The socket that the call is about.
  private var socket: Int32? {
    switch call {
    case .socket, .select: nil
    case .bind(let socket, _), .listen(let socket, _), .connect(let socket, _, _),
      .accept(let socket), .setOption(let socket, _, _), .getOption(let socket, _),
      .shutdown(let socket, _), .close(let socket), .abort(let socket):
      socket
    }
  }

  /// soconnect, and what rtems_syscall.c does behind it.
  private mutating func connect(
    _ kernel: borrowing Kernel, _ socket: Int32, _ address: IPv4Address, _ port: UInt16
  ) -> Step {
    if let result = kernel.soConnect(socket, address, port) { return finish(kernel, result) }
    if kernel.sockets[Int(socket)].state.isSuperset(of: [.nonblocking, .connecting]) {
      return finish(kernel, .error(.EINPROGRESS))
    }
    point = .connecting
    return connecting(kernel)
  }

  private mutating func connecting(_ kernel: borrowing Kernel) -> Step {
    guard case .connect(let index, _, _) = call else { preconditionFailure("not a connect") }
    let socket = kernel.sockets + Int(index)
    if socket.pointee.state.contains(.connecting), socket.pointee.error == nil {
      if kernel.hasOtherSleeper(index) { return finish(kernel, .panic(.twoSleepers)) }
      kernel.beginSleep(index)
      socket.pointee.connectWaiter = kernel.context.pointee.task
      kernel.context.pointee.sleepTicks = socket.pointee.rcv.timeout
      return .waits(.connection(index))
    }
    if socket.pointee.sleptAt != .never { kernel.endSleep(index, .handshake) }
    if let error = socket.pointee.error {
      socket.pointee.error = nil
      socket.pointee.state.remove(.connecting)
      return finish(kernel, .error(error))
    }
    return finish(kernel, .none)
  }

  private mutating func accepting(_ kernel: borrowing Kernel) -> Step {
    guard case .accept(let index) = call else { preconditionFailure("not an accept") }
    let socket = kernel.sockets + Int(index)
    if !socket.pointee.isListening { return .done(.error(.EINVAL)) }
    if socket.pointee.completeCount == 0 {
      if let error = socket.pointee.error {
        socket.pointee.error = nil
        return .done(.error(error))
      }
      if socket.pointee.state.contains(.cantReceiveMore) { return .done(.error(.ECONNABORTED)) }
      if socket.pointee.state.contains(.nonblocking) { return .done(.error(.EAGAIN)) }
      if kernel.hasOtherSleeper(index) { return .done(.panic(.twoSleepers)) }
      socket.pointee.connectWaiter = kernel.context.pointee.task
      kernel.context.pointee.sleepTicks = socket.pointee.rcv.timeout
      return .waits(.acceptQueue(index))
    }
    accepted = kernel.takeConnection(index)
    kernel.sockets[Int(accepted)].owner = kernel.context.pointee.task
    point = .carrier
    return carry(kernel)
  }

  /// sockargs, or the m_get of accept; then what the call is about.
  private mutating func carry(_ kernel: borrowing Kernel) -> Step {
    let (socket, type) = cargo
    if point == .carrierPolled {
      carrier = kernel.popMbuf(.app, at: .sockargs, header: false, type: type, socket: socket)
    } else {
      switch kernel.mGetOrWait(.app, at: .sockargs, header: false, type: type, socket: socket) {
      case .granted(let index): carrier = index
      case .mustWait:
        point = .carrierPolled
        return .waits(.buffer(.mbufs, .app, socket: socket))
      }
    }
    switch call {
    case .bind(let socket, let port): return finish(kernel, kernel.soBind(socket, port))
    case .connect(let socket, let address, let port):
      return connect(kernel, socket, address, port)
    case .accept: return finish(kernel, .socket(accepted))
    case .setOption(_, let option, let value):
      return finish(kernel, kernel.soSetOption(socket, option, value))
    case .getOption(_, let option): return finish(kernel, kernel.soGetOption(socket, option))
    case .socket, .listen, .select, .shutdown, .close, .abort:
      preconditionFailure("a call that carries nothing")
    }
  }

  /// For which socket an mbuf is taken, and as what: MT_SONAME or MT_SOOPTS.
  private var cargo: (socket: Int32, type: MbufType) {
    switch call {
    case .bind(let socket, _), .connect(let socket, _, _): (socket, .socketName)
    case .accept: (accepted, .socketName)
    case .setOption(let socket, _, _), .getOption(let socket, _): (socket, .socketOptions)
    case .socket, .listen, .select, .shutdown, .close, .abort:
      preconditionFailure("a call that carries nothing")
    }
  }

  /// ENOBUFS, where the pool lets nobody wait for ever. What was accepted nobody will hear of.
  private func refused(_ kernel: borrowing Kernel) -> Step {
    if accepted >= 0 { _ = kernel.soAbort(accepted) }
    return .done(.error(.ENOBUFS))
  }

  private mutating func finish(_ kernel: borrowing Kernel, _ result: CallResult) -> Step {
    kernel.mFree(carrier, .processed)
    carrier = -1
    return .done(result)
  }

  /// SO_LINGER: the socket is closed, and close returns when its data has arrived, or its time is
  /// over.
  private func lingering(_ kernel: borrowing Kernel) -> Step {
    guard case .close(let index) = call else { preconditionFailure("not a close") }
    let socket = kernel.sockets + Int(index)
    if !kernel.lingers(index, generation) { return .done(.none) }
    socket.pointee.connectWaiter = kernel.context.pointee.task
    let tick = kernel.state.pointee.tickNanoseconds
    let ticks = (socket.pointee.linger.nanoseconds &+ tick &- 1) / tick
    kernel.context.pointee.sleepTicks = Int32(clamping: ticks)
    return .waits(.lingering(index))
  }

  /// Looks at the sockets that have this task as their selector.
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

  /// Whether a close still waits for its connection to be over.
  fileprivate func lingers(_ index: Int32, _ generation: UInt32) -> Bool {
    let socket = sockets + Int(index)
    return socket.pointee.inUse && socket.pointee.generation == generation
      && socket.pointee.options.contains(.linger) && socket.pointee.linger > .zero
      && socket.pointee.state.contains(.connected)
      && !socket.pointee.state.contains(.nonblocking) && !hasOtherSleeper(index)
  }

  func resetFromOutside(_ index: Int32) {
    let socket = sockets + Int(index)
    if socket.pointee.kind == .stream, socket.pointee.pcb >= 0 { tcpAbort(socket.pointee.pcb) }
    // It may be gone with its connection, when no descriptor was left.
    guard socket.pointee.inUse else { return }
    if !socket.pointee.snd.flags.contains(.locked) { sbFlush(index, .send) }
    if !socket.pointee.rcv.flags.contains(.locked) { sbFlush(index, .receive) }
  }

  /// Takes a task out of a wait that it gives up, and of the routine in which it waits. The waits
  /// inside the allocator cannot be given up.
  func cancel(_ wait: Wait, in machine: Machine) {
    for chain in machine.chainsInHand { mFreem(chain, .processed) }
    switch wait {
    // Its socket may be somebody else's by now, and so may its place in it.
    case .socketSpace(let socket):
      guard sockets[Int(socket)].snd.waiter == context.pointee.task else { return }
      sockets[Int(socket)].snd.waiter = -1
      sockets[Int(socket)].sleptAt = .never
    case .socketData(let socket):
      if sockets[Int(socket)].rcv.waiter == context.pointee.task {
        sockets[Int(socket)].rcv.waiter = -1
        if machine.keepsLock { unlock(socket, .receive) }
      }
    case .connection(let socket), .acceptQueue(let socket), .lingering(let socket):
      guard sockets[Int(socket)].connectWaiter == context.pointee.task else { return }
      sockets[Int(socket)].connectWaiter = -1
      sockets[Int(socket)].sleptAt = .never
    case .select: forgetSelect(context.pointee.task)
    case .buffer, .sized, .deviceReceive, .refill, .devicePoll, .deviceTransmit, .transmitRing,
      .network:
      preconditionFailure("this wait cannot be given up")
    }
  }

  func soCreate(_ kind: SocketKind, protocol number: UInt8 = 0) -> CallResult {
    guard let index = soAllocate(kind, owner: context.pointee.task) else { return .error(.ENOBUFS) }
    switch kind {
    case .stream:
      if let error = tcpAttach(index) { return .error(error) }
    case .datagram:
      sbReserve(index, .send, octets: state.pointee.tunables.udpSendSpace)
      sbReserve(index, .receive, octets: state.pointee.tunables.udpReceiveSpace)
      if pcbAllocate(socket: index, kind: kind) < 0 { return .error(.ENOBUFS) }
    case .icmp, .raw:
      sbReserve(index, .send, octets: 8192)  // RIPSNDQ, RIPRCVQ
      sbReserve(index, .receive, octets: 8192)
      let pcb = pcbAllocate(socket: index, kind: kind)
      if pcb < 0 { return .error(.ENOBUFS) }
      pcbs[Int(pcb)].protocolNumber = number
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
    if let error = tcpListen(socket.pointee.pcb) { return .error(error) }
    socket.pointee.isListening = true
    let somaxconn = state.pointee.tunables.backlogMax
    socket.pointee.queueLimit =
      backlog < 0 ? somaxconn : min(backlog, somaxconn)
    return .none
  }

  /// nil: the handshake is under way.
  func soConnect(_ index: Int32, _ address: IPv4Address, _ port: UInt16) -> CallResult? {
    let socket = sockets + Int(index)
    if socket.pointee.isListening { return .error(.EOPNOTSUPP) }
    if socket.pointee.state.isSuperset(of: [.nonblocking, .connecting]) {
      return .error(.EALREADY)
    }
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

  /// soshutdown: one half of the connection, or both.
  func soShutdown(_ index: Int32, _ side: ShutdownSide) -> CallResult {
    let socket = sockets + Int(index)
    if side != .write {
      if socket.pointee.rcv.flags.contains(.locked) { return .panic(.socketBufferInUse) }
      soReceiveFlush(index)
      if side == .read { return .none }
    }
    // COMMON_START: a connection that is gone is no connection.
    guard socket.pointee.pcb >= 0 else { return .error(.EINVAL) }
    if socket.pointee.kind == .stream {
      tcpShutdown(socket.pointee.pcb)
    } else {
      soCantSendMore(index)
    }
    return .none
  }

  /// sorflush: nobody will read. The buffer loses its limits too, and with them its window; what
  /// was promised before still comes in, and stays.
  private func soReceiveFlush(_ index: Int32) {
    soCantReceiveMore(index)
    sbFlush(index, .receive)
    let sb = sockbuf(index, .receive)
    sb.pointee.hiwat = 0
    sb.pointee.mbmax = 0
    sb.pointee.lowat = 0
    sb.pointee.timeout = 0
    sockets[Int(index)].urgentMark = 0
  }

  /// soclose: an orderly end. The protocol keeps the socket until what was written is acknowledged.
  func soClose(_ index: Int32) -> CallResult {
    let socket = sockets + Int(index)
    if socket.pointee.snd.flags.contains(.locked) || socket.pointee.rcv.flags.contains(.locked) {
      return .panic(.flushOfLockedBuffer)
    }
    if socket.pointee.isListening { abortQueued(index) }
    if state.pointee.tunables.wakesOnClose { wakeSleepers(index) }
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

  /// What RTEMS does since 2015 (#785): a sleeper returns with ENXIO. Before, one that no protocol
  /// wakes sleeps for good on memory that is free.
  private func wakeSleepers(_ index: Int32) {
    soWakeup(index, .receive)
    soWakeup(index, .send)
    wakeConnect(index)
  }

  func soAbort(_ index: Int32) -> CallResult {
    let socket = sockets + Int(index)
    if socket.pointee.snd.flags.contains(.locked) || socket.pointee.rcv.flags.contains(.locked) {
      return .panic(.flushOfLockedBuffer)
    }
    if socket.pointee.kind == .stream, socket.pointee.pcb >= 0 { tcpAbort(socket.pointee.pcb) }
    return soClose(index)
  }

  /// A listener goes: the connections in its queues are reset. FreeBSD says nothing to those in
  /// their handshake (syncache); their next segment finds the port closed.
  private func abortQueued(_ listener: Int32) {
    for index in 0..<state.pointee.socketHigh
    where sockets[Int(index)].inUse && sockets[Int(index)].listener == listener {
      let pcb = sockets[Int(index)].pcb
      if pcb >= 0 && rules.arrivals == .freebsd && tcpcbs[Int(pcb)].state == .synReceived {
        tcpClose(pcb)
      } else if pcb >= 0 {
        tcpAbort(pcb)
      } else {
        soFree(index)
      }
    }
  }
}

extension SimpleRoutine {
  func addState(to hash: inout StateHash) {
    call.addState(to: &hash)
    hash.add(point.rawValue, generation, accepted)
  }
}

extension SimpleCall {
  fileprivate func addState(to hash: inout StateHash) {
    switch self {
    case .socket(let kind, let number): hash.add(0, kind, number)
    case .bind(let socket, let port): hash.add(1, socket, port)
    case .listen(let socket, let backlog): hash.add(2, socket, backlog)
    case .connect(let socket, let address, let port): hash.add(3, socket, address, port)
    case .accept(let socket): hash.add(4, socket)
    case .select: hash.add(5)
    case .setOption(let socket, let option, let value):
      hash.add(6, socket, option.rawValue, value)
    case .getOption(let socket, let option): hash.add(7, socket, option.rawValue)
    case .shutdown(let socket, let side): hash.add(8, socket, side.rawValue)
    case .close(let socket): hash.add(9, socket)
    case .abort(let socket): hash.add(10, socket)
    }
  }
}
