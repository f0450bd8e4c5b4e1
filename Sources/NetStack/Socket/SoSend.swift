// sosend on a stream: a write cut into mbufs and clusters, each handed to TCP on its own.
//
// RTEMS 4.6: kern/uipc_socket.c. The state of the connection is looked at only at the top of the
// outer loop, never after the wait for a cluster; the send buffer stays locked through that wait.
// Both lines are half of the seed's knot. Later FreeBSD makes one chain of what there is room for
// (m_uiotombuf): with `TCPRules.wholeWrites` nothing of it is sent before all of it is there.

public struct SendRoutine: Sendable {
  let socket: Int32
  let total: Int32
  private let flags: MessageFlags
  private var generation: UInt32 = 0
  private var rest: Int32
  private var space: Int32 = 0
  private var mbuf: Int32 = -1
  private var chunk: Int32 = 0
  private var point = Point.enter

  private enum Point: UInt8 {
    case enter, lock, check, header, headerPolled, headerRefused
    case cluster, clusterPolled, clusterRefused, hand
  }

  init(socket: Int32, octets: Int32, _ flags: MessageFlags = []) {
    self.socket = socket
    self.flags = flags
    total = octets
    rest = octets
  }

  var chainsInHand: [Int32] { mbuf < 0 ? [] : [mbuf] }
  var octetsDone: Int32 { total &- rest }

  mutating func resume(_ kernel: borrowing Kernel) -> Step {
    kernel.context.pointee.requester = .app
    while true {
      switch point {
      case .enter:
        point = .lock
        generation = kernel.sockets[Int(socket)].generation
        if let step = kernel.pay(kernel.state.pointee.costs.systemCall.nanoseconds) { return step }
      case .lock:
        if let gone = kernel.goneFault(socket, generation) { return .done(.error(gone)) }
        // sblock's comma operator: with MSG_DONTWAIT a second sender goes on without the lock, and
        // takes it off the first when it leaves.
        if !kernel.lock(socket, .send) && !flags.contains(.dontWait) {
          return .done(.panic(.socketBufferInUse))
        }
        point = .check
      case .check:
        if let step = check(kernel) { return step }
      case .header, .headerPolled:
        if let step = takeHeader(kernel) { return step }
      case .cluster, .clusterPolled:
        if let step = takeCluster(kernel) { return step }
      case .hand:
        if let step = hand(kernel) { return step }
      case .headerRefused:
        // What waited for the rest goes without it.
        let pcb = kernel.sockets[Int(socket)].pcb
        if kernel.rules.wholeWrites && pcb >= 0 { _ = kernel.tcpOutput(pcb) }
        return fail(kernel, .ENOBUFS)
      case .clusterRefused:
        if let step = copy(kernel, room: BufferSize.headerData) { return step }
      }
    }
  }

  /// A request that may wait has failed: without an mbuf the write does, without a cluster a plain
  /// mbuf carries what it can (the label nopages of 4.4BSD).
  mutating func refuse() { point = point == .headerPolled ? .headerRefused : .clusterRefused }

  /// The top of the outer loop: errors first, then space, then the sleep in sbwait.
  @inline(__always)
  private mutating func check(_ kernel: borrowing Kernel) -> Step? {
    let so = kernel.sockets + Int(socket)
    if so.pointee.state.contains(.cantSendMore) { return fail(kernel, .EPIPE) }
    if let error = so.pointee.error {
      so.pointee.error = nil
      return fail(kernel, error)
    }
    if !so.pointee.state.contains(.connected) { return fail(kernel, .ENOTCONN) }
    space = so.pointee.snd.space
    if flags.contains(.urgent) { space &+= 1024 }
    if rest == 0 { return finish(kernel, .octets(total)) }
    if space < rest && space < so.pointee.snd.lowat {
      if so.pointee.state.contains(.nonblocking) {
        if rest < total { return finish(kernel, .octets(octetsDone)) }
        return fail(kernel, .EAGAIN)
      }
      kernel.unlock(socket, .send)
      kernel.context.pointee.sleepTicks = so.pointee.snd.timeout
      kernel.beginSleep(socket)
      so.pointee.snd.waiter = kernel.context.pointee.task
      point = .lock
      kernel.trace(.socketFull, socket, Int64(so.pointee.snd.cc))
      return .waits(.socketSpace(socket))
    }
    if so.pointee.sleptAt != .never { kernel.endSleep(socket, .space) }
    point = .header
    return nil
  }

  private mutating func takeHeader(_ kernel: borrowing Kernel) -> Step? {
    if point == .headerPolled {
      mbuf = kernel.popMbuf(.app, at: .sosend, header: true, type: .data, socket: socket)
    } else {
      switch kernel.mGetOrWait(.app, at: .sosend, header: true, type: .data, socket: socket) {
      case .granted(let index): mbuf = index
      case .mustWait:
        point = .headerPolled
        return .waits(.buffer(.mbufs, .app, socket: socket))
      }
    }
    if rest >= BufferSize.clusterThreshold {
      point = .cluster
      return nil
    }
    return copy(kernel, room: BufferSize.headerData)
  }

  private mutating func takeCluster(_ kernel: borrowing Kernel) -> Step? {
    if kernel.state.pointee.sendClass != 0, min(rest, space) > BufferSize.cluster {
      return takePage(kernel)
    }
    if point == .clusterPolled {
      kernel.popCluster(for: mbuf, .app, at: .sosend, socket: socket)
    } else if !kernel.mclGetOrWait(mbuf, .app, at: .sosend, socket: socket) {
      point = .clusterPolled
      return .waits(.buffer(.clusters, .app, socket: socket))
    }
    return copy(kernel, room: BufferSize.cluster)
  }

  /// m_getjcl(M_WAITOK, …, MJUMPAGESIZE) of m_uiotombuf: what does not fit a cluster.
  private mutating func takePage(_ kernel: borrowing Kernel) -> Step? {
    let sizeClass = kernel.state.pointee.sendClass
    if point == .clusterPolled {
      kernel.popPolled(sizeClass, for: mbuf, .app, at: .sosend, socket: socket)
    } else if !kernel.classGetOrWait(sizeClass, for: mbuf, .app, at: .sosend, socket: socket) {
      point = .clusterPolled
      return .waits(.sized(sizeClass, .app, socket: socket))
    }
    return copy(kernel, room: kernel.classOctets(sizeClass))
  }

  /// uiomove costs first; the octets are there when `hand` acts.
  private mutating func copy(_ kernel: borrowing Kernel, room: Int32) -> Step? {
    chunk = min(room, rest, space)
    point = .hand
    return kernel.pay(kernel.state.pointee.costs.touching(chunk))
  }

  @inline(__always)
  private mutating func hand(_ kernel: borrowing Kernel) -> Step? {
    let so = kernel.sockets + Int(socket)
    if so.pointee.generation != generation {
      // Closed meanwhile: only where the lock was taken off does close get that far.
      kernel.mFreem(mbuf, .notConnected)
      mbuf = -1
      return .done(.error(.EBADF))
    }
    let m = kernel.mbuf(mbuf)
    m.pointee.length = chunk
    m.pointee.packetLength = chunk
    kernel.uiomove(mbuf, from: total &- rest, chunk, at: so.pointee.writeOffset)
    let packet = mbuf
    mbuf = -1
    let isLast = chunk == rest || chunk == space
    let waits = kernel.rules.wholeWrites && !isLast
    let isUrgent = flags.contains(.urgent)
    if let error = kernel.tcpSend(socket, packet, isUrgent: isUrgent, moreToCome: waits) {
      return fail(kernel, error)
    }
    so.pointee.writeOffset &+= Int64(chunk)
    rest &-= chunk
    space &-= chunk
    if rest == 0 { return finish(kernel, .octets(total)) }
    point = space > 0 ? .header : .check
    let owed = kernel.context.pointee.takeDebt()
    return owed > 0 ? .ran(owed) : nil
  }

  private func fail(_ kernel: borrowing Kernel, _ error: SocketError) -> Step {
    if kernel.sockets[Int(socket)].sleptAt != .never { kernel.endSleep(socket, .space) }
    return finish(kernel, .error(error))
  }

  private func finish(_ kernel: borrowing Kernel, _ result: CallResult) -> Step {
    kernel.unlock(socket, .send)
    return .done(result)
  }
}

extension Kernel {
  /// Octets of the program's memory: the text that it writes, else the pattern.
  @inline(__always)
  fileprivate func uiomove(
    _ index: Int32, from start: Int32, _ count: Int32, at offset: Int64
  ) {
    let text = context.pointee.outgoing
    guard let base = text.baseAddress else { return fill(index, count, at: offset) }
    precondition(Int(start) + Int(count) <= text.count, "a write beyond the program's text")
    data(index).copyMemory(from: base + Int(start), byteCount: Int(count))
  }

  /// sblock. False where BSD panics: another task is inside.
  @inline(__always)
  func lock(_ socket: Int32, _ direction: Direction) -> Bool {
    let sb = sockbuf(socket, direction)
    if sb.pointee.flags.contains(.locked) { return false }
    sb.pointee.flags.insert(.locked)
    return true
  }

  /// A call finds its socket closed, by another task, when it wakes.
  @inline(__always)
  func goneFault(_ socket: Int32, _ generation: UInt32) -> SocketError? {
    let so = sockets + Int(socket)
    let isOpen =
      so.pointee.generation == generation && !so.pointee.state.contains(.noDescriptor)
    return isOpen ? nil : closedFault(socket, generation)
  }

  @inline(never)
  private func closedFault(_ socket: Int32, _ generation: UInt32) -> SocketError? {
    if state.pointee.tunables.wakesOnClose { return .ENXIO }
    let so = sockets + Int(socket)
    return so.pointee.inUse && so.pointee.generation == generation ? nil : .EBADF
  }

  @inline(__always)
  func unlock(_ socket: Int32, _ direction: Direction) {
    sockbuf(socket, direction).pointee.flags.remove(.locked)
  }
}

extension SendRoutine {
  func addState(to hash: inout StateHash) {
    hash.add(socket, total, flags, generation)
    hash.add(rest, space, chunk, point.rawValue)
  }
}
