// soreceive: octets of a stream, or one datagram with its sender. RTEMS 4.6: kern/uipc_socket.c.

import Wire

public struct ReceiveRoutine: Sendable {
  let socket: Int32
  private let most: Int32
  private let flags: MessageFlags
  private var generation: UInt32 = 0
  /// What MSG_WAITALL has brought so far.
  private var taken: Int32 = 0
  /// readline: stops behind a line feed, and gives the octets themselves.
  private let isLine: Bool
  private var count: Int32 = 0
  private var point = Point.enter

  private enum Point: UInt8 {
    case enter, lock, copy, more, urgent, urgentPolled, urgentRefused
  }

  init(socket: Int32, atMost most: Int32, _ flags: MessageFlags = []) {
    self.socket = socket
    self.most = most
    self.flags = flags
    isLine = false
  }

  init(line socket: Int32) {
    self.socket = socket
    most = Self.longestLine
    flags = []
    isLine = true
  }

  /// A line without an end is cut here, as stdio's BUFSIZ would.
  private static let longestLine: Int32 = 1024

  @inline(__always)
  mutating func resume(_ kernel: borrowing Kernel) -> Step {
    kernel.context.pointee.requester = .app
    while true {
      switch point {
      case .enter:
        point = flags.contains(.urgent) ? .urgent : .lock
        generation = kernel.sockets[Int(socket)].generation
        if let step = kernel.pay(kernel.state.pointee.costs.systemCall.nanoseconds) { return step }
      case .lock:
        if let gone = kernel.goneFault(socket, generation) { return .done(.error(gone)) }
        if !kernel.lock(socket, .receive) && !flags.contains(.dontWait) {
          return .done(.panic(.socketBufferInUse))
        }
        if let step = look(kernel) { return step }
      case .copy:
        let so = kernel.sockets + Int(socket)
        if isLine { kernel.copyOut(socket, min(count, so.pointee.rcv.cc)) }
        let isPeek = flags.contains(.peek)
        if so.pointee.kind != .stream {
          return finish(kernel, kernel.takeDatagram(socket, most, isPeek: isPeek))
        }
        if isPeek { return finish(kernel, .octets(kernel.peekLength(socket, count))) }
        taken &+= kernel.takeStream(socket, count)
        if !isUnfinished(kernel) { return finish(kernel, .octets(taken)) }
        point = .more
      case .more:
        if let step = lookForMore(kernel) { return step }
      case .urgent, .urgentPolled:
        return takeUrgent(kernel)
      case .urgentRefused: return .done(.error(.ENOBUFS))
      }
    }
  }

  @inline(__always)
  private mutating func look(_ kernel: borrowing Kernel) -> Step? {
    let so = kernel.sockets + Int(socket)
    if so.pointee.kind == .icmp { kernel.skipForeignAnswers(socket) }
    let have = so.pointee.rcv.cc
    count = most &- taken
    if have > 0, isLine ? lineIsThere(kernel, have) : isEnough(kernel, have) {
      point = .copy
      return kernel.pay(kernel.state.pointee.costs.touching(min(have, count)))
    }
    if taken > 0, so.pointee.error != nil { return finish(kernel, .octets(taken)) }
    if let error = so.pointee.error {
      if !flags.contains(.peek) { so.pointee.error = nil }
      return finish(kernel, .error(error))
    }
    if so.pointee.state.contains(.cantReceiveMore) { return finish(kernel, .octets(taken)) }
    if so.pointee.kind == .stream && !so.pointee.state.contains(.connected)
      && !so.pointee.state.contains(.connecting)
    {
      return finish(kernel, .error(.ENOTCONN))
    }
    if count == 0 { return finish(kernel, .octets(0)) }
    if flags.contains(.dontWait) || so.pointee.state.contains(.nonblocking) {
      return finish(kernel, taken > 0 ? .octets(taken) : .error(.EAGAIN))
    }
    kernel.unlock(socket, .receive)
    kernel.context.pointee.sleepTicks = so.pointee.rcv.timeout
    so.pointee.rcv.waiter = kernel.context.pointee.task
    return .waits(.socketData(socket))
  }

  /// What soreceive does not wait for more of: SO_RCVLOWAT, or with MSG_WAITALL all of it, as far
  /// as the buffer can hold that.
  @inline(__always)
  private func isEnough(_ kernel: borrowing Kernel, _ have: Int32) -> Bool {
    if have >= count || flags.contains(.dontWait) { return true }
    let so = kernel.sockets + Int(socket)
    let waitsForAll = flags.contains(.waitAll) && count <= so.pointee.rcv.hiwat
    if have >= so.pointee.rcv.lowat && !waitsForAll { return true }
    return so.pointee.kind != .stream || so.pointee.error != nil
      || so.pointee.state.contains(.cantReceiveMore) || so.pointee.urgentMark > 0
  }

  /// The wait of MSG_WAITALL in the middle of a read: the buffer stays locked against others.
  private mutating func lookForMore(_ kernel: borrowing Kernel) -> Step? {
    if kernel.goneFault(socket, generation) != nil { return .done(.octets(taken)) }
    let so = kernel.sockets + Int(socket)
    if so.pointee.rcv.cc > 0 {
      count = most &- taken
      point = .copy
      return kernel.pay(kernel.state.pointee.costs.touching(min(so.pointee.rcv.cc, count)))
    }
    let isOver =
      so.pointee.error != nil || flags.contains(.dontWait)
      || !so.pointee.state.isDisjoint(with: [.cantReceiveMore, .nonblocking])
    if isOver { return finish(kernel, .octets(taken)) }
    kernel.context.pointee.sleepTicks = so.pointee.rcv.timeout
    so.pointee.rcv.waiter = kernel.context.pointee.task
    return .waits(.socketData(socket))
  }

  /// It sleeps with the buffer locked.
  var keepsLock: Bool { point == .more }

  mutating func refuse() { point = .urgentRefused }

  /// MSG_WAITALL wants more than the buffer held, and more may come.
  private func isUnfinished(_ kernel: borrowing Kernel) -> Bool {
    guard flags.contains(.waitAll), !isLine, taken < most else { return false }
    let so = kernel.sockets + Int(socket)
    return so.pointee.error == nil
      && so.pointee.state.isDisjoint(with: [.cantReceiveMore, .receiveAtMark])
  }

  var octetsDone: Int32 { taken }

  /// MSG_OOB: the one octet that lies beside the stream, in an mbuf of its own.
  private mutating func takeUrgent(_ kernel: borrowing Kernel) -> Step {
    let carrier: Int32
    if point == .urgentPolled {
      carrier = kernel.popMbuf(.app, at: .soreceive, header: false, type: .data, socket: socket)
    } else {
      switch kernel.mGetOrWait(.app, at: .soreceive, header: false, type: .data, socket: socket) {
      case .granted(let index): carrier = index
      case .mustWait:
        point = .urgentPolled
        return .waits(.buffer(.mbufs, .app, socket: socket))
      }
    }
    kernel.mFree(carrier, .processed)
    if let gone = kernel.goneFault(socket, generation) { return .done(.error(gone)) }
    return .done(kernel.tcpReceiveUrgent(socket, isPeek: flags.contains(.peek)))
  }

  /// A line, as much of one as there will be, or one that is cut. Its length is then in `count`.
  private mutating func lineIsThere(_ kernel: borrowing Kernel, _ have: Int32) -> Bool {
    let so = kernel.sockets + Int(socket)
    if let end = kernel.lineEnd(socket, within: most) {
      count = end
      return true
    }
    let isAll = so.pointee.state.contains(.cantReceiveMore) || so.pointee.error != nil
    return isAll || have >= min(most, so.pointee.rcv.hiwat)
  }

  private func finish(_ kernel: borrowing Kernel, _ result: CallResult) -> Step {
    kernel.unlock(socket, .receive)
    return .done(result)
  }
}

extension Kernel {
  /// A read stops before the urgent octet, wherever that is or was.
  @inline(__always)
  fileprivate func peekLength(_ index: Int32, _ most: Int32) -> Int32 {
    let socket = sockets + Int(index)
    let count = min(most, socket.pointee.rcv.cc)
    return socket.pointee.urgentMark > 0 ? min(count, socket.pointee.urgentMark) : count
  }

  /// Takes up to `most` octets off a stream and tells TCP (PRU_RCVD).
  fileprivate func takeStream(_ index: Int32, _ most: Int32) -> Int32 {
    let socket = sockets + Int(index)
    let count = peekLength(index, most)
    var left = count
    var at = socket.pointee.rcv.head
    while left > 0 {
      let piece = min(left, mbuf(at).pointee.length)
      if !isInPlace(at, socket.pointee.readOffset) {
        let bytes = UnsafeRawBufferPointer(rebasing: octets(at)[..<Int(piece)])
        socket.pointee.damagedOctets &+= Payload.damage(bytes, at: socket.pointee.readOffset)
      }
      socket.pointee.readOffset &+= Int64(piece)
      left &-= piece
      at = mbuf(at).pointee.next
    }
    if count > 0 { socket.pointee.state.remove(.receiveAtMark) }
    sbDrop(index, .receive, count, .read)
    if socket.pointee.urgentMark > 0 {
      socket.pointee.urgentMark &-= count
      if socket.pointee.urgentMark == 0 { reachMark(index) }
    }
    if socket.pointee.pcb >= 0 { tcpReceived(socket.pointee.pcb) }
    return count
  }

  /// Whether what an mbuf carries is known to be of the pattern, and that is to stand here: what
  /// has come untouched from a stack of ours needs no look at its octets.
  @inline(__always)
  private func isInPlace(_ index: Int32, _ offset: Int64) -> Bool {
    let m = mbuf(index)
    let cluster = Int(m.pointee.cluster)
    let pattern = cluster >= 0 ? clusterUse[cluster].pattern : -1
    if pattern < 0 { return false }
    let place = Int64(pattern) &+ Int64(m.pointee.offset)
    let isEqual = (offset &- place) % Int64(Payload.period) == 0
    assert(!isEqual || Payload.damage(octets(index), at: offset) == 0, "a cluster was changed")
    return isEqual
  }

  /// SS_RCVATMARK. An octet that was pulled out is missing from the pattern here.
  func reachMark(_ index: Int32) {
    let socket = sockets + Int(index)
    socket.pointee.state.insert(.receiveAtMark)
    if !socket.pointee.options.contains(.inlineUrgent) { socket.pointee.readOffset &+= 1 }
  }

  /// How many octets of a stream there are up to its first line feed, that included.
  fileprivate func lineEnd(_ index: Int32, within most: Int32) -> Int32? {
    var before: Int32 = 0
    var at = sockets[Int(index)].rcv.head
    while at >= 0, before < most {
      let length = min(mbuf(at).pointee.length, most &- before)
      let octets = UnsafeRawBufferPointer(rebasing: octets(at)[..<Int(length)])
      if let place = octets.firstIndex(of: UInt8(ascii: "\n")) {
        return before &+ Int32(place) &+ 1
      }
      before &+= length
      at = mbuf(at).pointee.next
    }
    return nil
  }

  /// Copies the next octets of a stream into the program's memory.
  fileprivate func copyOut(_ index: Int32, _ count: Int32) {
    context.pointee.incoming.removeAll(keepingCapacity: true)
    var left = count
    var at = sockets[Int(index)].rcv.head
    while left > 0 {
      let piece = min(left, mbuf(at).pointee.length)
      context.pointee.incoming.append(
        contentsOf: octets(at)[..<Int(piece)])
      left &-= piece
      at = mbuf(at).pointee.next
    }
  }

  fileprivate func takeDatagram(_ index: Int32, _ most: Int32, isPeek: Bool) -> CallResult {
    let name = sockets[Int(index)].rcv.head
    let from = data(name).load(as: UInt32.self)
    let port = data(name).load(fromByteOffset: 4, as: UInt16.self)
    let length = chainLength(mbuf(name).pointee.next)
    if !isPeek { sbDropRecord(index, .read) }
    return .datagram(
      octets: min(length, most), from: IPv4Address(rawValue: from), port: port)
  }

  /// ping reads and ignores what answers somebody else's request, or an old one.
  fileprivate func skipForeignAnswers(_ index: Int32) {
    while true {
      let record = sockets[Int(index)].rcv.head
      if record < 0 || isAnswer(record, to: index) { return }
      sbDropRecord(index, .read)
    }
  }

  /// sowriteable.
  public func isWritable(_ index: Int32) -> Bool {
    let socket = sockets + Int(index)
    if socket.pointee.state.contains(.cantSendMore) || socket.pointee.error != nil { return true }
    if socket.pointee.kind == .stream && !socket.pointee.state.contains(.connected) { return false }
    return socket.pointee.snd.space >= socket.pointee.snd.lowat
  }

  /// soreadable: what select asks.
  public func isReadable(_ index: Int32) -> Bool {
    let socket = sockets + Int(index)
    return socket.pointee.rcv.cc > 0 || socket.pointee.state.contains(.cantReceiveMore)
      || socket.pointee.completeCount > 0 || socket.pointee.error != nil
  }
}

extension ReceiveRoutine {
  func addState(to hash: inout StateHash) {
    hash.add(socket, most, flags, generation)
    hash.add(taken, isLine, count, point.rawValue)
  }
}
