// Transitions of sockets, and who is woken by them. BSD: uipc_socket2.c.

extension Kernel {
  /// A socket and nothing else; nil when the table, or the pool that serves sockets, has none.
  func soAllocate(_ kind: SocketKind, owner: Int32) -> Int32? {
    if state.pointee.socketFree < 0 && state.pointee.socketHigh >= socketLimit { return nil }
    if !takeUse(.socket) { return nil }
    let index: Int32
    if state.pointee.socketFree >= 0 {
      index = state.pointee.socketFree
      state.pointee.socketFree = sockets[Int(index)].queueNext
    } else {
      index = state.pointee.socketHigh
      state.pointee.socketHigh &+= 1
    }
    var socket = Socket()
    socket.inUse = true
    socket.kind = kind
    socket.owner = owner
    socket.generation = state.pointee.nextGeneration
    state.pointee.nextGeneration &+= 1
    sockets[Int(index)] = socket
    return index
  }

  /// sofree: only when neither a pcb nor a descriptor refers to it. This is the line behind the
  /// seed's riddle: a dropped connection has no pcb, but its descriptor keeps everything that was
  /// to be sent.
  func soFree(_ index: Int32) {
    let socket = sockets + Int(index)
    if socket.pointee.pcb >= 0 || !socket.pointee.state.contains(.noDescriptor) { return }
    if socket.pointee.listener >= 0 { leaveQueue(index) }
    sbFlush(index, .send)
    sbFlush(index, .receive)
    if state.pointee.memberships.count > 0 { leaveGroups(of: index) }
    let generation = socket.pointee.generation
    socket.pointee = Socket()
    socket.pointee.generation = generation
    socket.pointee.state = .noDescriptor
    socket.pointee.queueNext = state.pointee.socketFree
    state.pointee.socketFree = index
    giveUse(.socket)
  }

  func soIsConnecting(_ index: Int32) {
    let socket = sockets + Int(index)
    socket.pointee.state.remove([.connected, .disconnecting])
    socket.pointee.state.insert(.connecting)
  }

  func soIsConnected(_ index: Int32) {
    let socket = sockets + Int(index)
    socket.pointee.state.remove([.connecting, .disconnecting])
    socket.pointee.state.insert(.connected)
    let listener = socket.pointee.listener
    if listener >= 0 {
      complete(index, of: listener)
      soWakeup(listener, .receive)
      wakeConnect(listener)
    } else {
      wakeConnect(index)
      soWakeup(index, .receive)
      soWakeup(index, .send)
    }
  }

  func soIsDisconnecting(_ index: Int32) {
    let socket = sockets + Int(index)
    socket.pointee.state.remove(.connecting)
    socket.pointee.state.insert([.disconnecting, .cantReceiveMore, .cantSendMore])
    wakeConnect(index)
    soWakeup(index, .send)
    soWakeup(index, .receive)
  }

  /// soisdisconnected. It does not touch what lies in the send buffer (4.4).
  func soIsDisconnected(_ index: Int32) {
    let socket = sockets + Int(index)
    socket.pointee.state.remove([.connecting, .connected, .disconnecting])
    socket.pointee.state.insert([.cantReceiveMore, .cantSendMore])
    if rules.disconnectFrees && socket.pointee.kind == .stream { sbEmpty(index, .send) }
    wakeConnect(index)
    soWakeup(index, .send)
    soWakeup(index, .receive)
  }

  func soCantSendMore(_ index: Int32) {
    sockets[Int(index)].state.insert(.cantSendMore)
    soWakeup(index, .send)
  }

  func soCantReceiveMore(_ index: Int32) {
    sockets[Int(index)].state.insert(.cantReceiveMore)
    soWakeup(index, .receive)
  }

  /// sowakeup: the sleeper in sbwait and the one in select, if there are any.
  func soWakeup(_ index: Int32, _ direction: Direction) {
    let sb = sockbuf(index, direction)
    if sb.pointee.waiter >= 0 {
      trace(.socketWake, index, Int64(sb.pointee.waiter), Int64(direction.rawValue))
      if direction == .send { noteWake(index) }
      wake(sb.pointee.waiter)
      sb.pointee.waiter = -1
    }
    if sb.pointee.selector >= 0 && !sb.pointee.flags.contains(.deaf) { wake(sb.pointee.selector) }
  }

  /// wakeup of soconnsleep.
  func wakeConnect(_ index: Int32) {
    let socket = sockets + Int(index)
    if socket.pointee.connectWaiter >= 0 { noteWake(index) }
    wake(socket.pointee.connectWaiter)
    socket.pointee.connectWaiter = -1
  }

  func setError(_ index: Int32, _ error: SocketError) {
    sockets[Int(index)].error = error
    trace(.socketError, index, Int64(error.rawValue))
  }

  // MARK: a listener's queues

  /// sonewconn: a socket for a connection that begins. nil above one and a half times the backlog.
  func soNewConnection(_ listener: Int32) -> Int32? {
    let head = sockets + Int(listener)
    if head.pointee.completeCount &+ head.pointee.incompleteCount > 3 &* head.pointee.queueLimit / 2
    {
      return nil
    }
    guard let index = soAllocate(.stream, owner: head.pointee.owner) else { return nil }
    let socket = sockets + Int(index)
    socket.pointee.state = [.noDescriptor]
    socket.pointee.options = head.pointee.options
    socket.pointee.listener = listener
    socket.pointee.snd.lowat = head.pointee.snd.lowat
    sbReserve(index, .send, octets: head.pointee.snd.hiwat)
    sbReserve(index, .receive, octets: head.pointee.rcv.hiwat)
    head.pointee.incompleteCount &+= 1
    return index
  }

  private func complete(_ index: Int32, of listener: Int32) {
    let socket = sockets + Int(index)
    if socket.pointee.state.contains(.accepting) { return }
    let head = sockets + Int(listener)
    socket.pointee.state.insert(.accepting)
    head.pointee.incompleteCount &-= 1
    head.pointee.completeCount &+= 1
    socket.pointee.queueNext = -1
    if head.pointee.completeTail >= 0 {
      sockets[Int(head.pointee.completeTail)].queueNext = index
    } else {
      head.pointee.completeHead = index
    }
    head.pointee.completeTail = index
  }

  /// soqremque for a socket that dies before it is accepted.
  private func leaveQueue(_ index: Int32) {
    let socket = sockets + Int(index)
    let head = sockets + Int(socket.pointee.listener)
    socket.pointee.listener = -1
    guard socket.pointee.state.contains(.accepting) else {
      head.pointee.incompleteCount &-= 1
      return
    }
    head.pointee.completeCount &-= 1
    var before: Int32 = -1
    var at = head.pointee.completeHead
    while at != index {
      before = at
      at = sockets[Int(at)].queueNext
    }
    let next = socket.pointee.queueNext
    if before >= 0 {
      sockets[Int(before)].queueNext = next
    } else {
      head.pointee.completeHead = next
    }
    if head.pointee.completeTail == index { head.pointee.completeTail = before }
  }

  /// The oldest completed connection leaves the queue and belongs to a descriptor; -1 when none.
  func takeConnection(_ listener: Int32) -> Int32 {
    let head = sockets + Int(listener)
    let index = head.pointee.completeHead
    if index < 0 { return -1 }
    let socket = sockets + Int(index)
    head.pointee.completeHead = socket.pointee.queueNext
    if head.pointee.completeHead < 0 { head.pointee.completeTail = -1 }
    head.pointee.completeCount &-= 1
    socket.pointee.queueNext = -1
    socket.pointee.listener = -1
    socket.pointee.state.remove([.noDescriptor, .accepting])
    return index
  }
}
