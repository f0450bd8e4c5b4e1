// soreceive: octets of a stream, or one datagram with its sender. RTEMS 4.6: kern/uipc_socket.c.

import Wire

public struct ReceiveRoutine: Sendable {
  let socket: Int32
  private let most: Int32
  /// readline: stops behind a line feed, and gives the octets themselves.
  private let isLine: Bool
  private var count: Int32 = 0
  private var point = Point.enter

  private enum Point {
    case enter, lock, copy
  }

  init(socket: Int32, atMost most: Int32) {
    self.socket = socket
    self.most = most
    isLine = false
  }

  init(line socket: Int32) {
    self.socket = socket
    most = Self.longestLine
    isLine = true
  }

  /// A line without an end is cut here, as stdio's BUFSIZ would.
  private static let longestLine: Int32 = 1024

  mutating func resume(_ kernel: borrowing Kernel) -> Step {
    kernel.context.pointee.requester = .app
    while true {
      switch point {
      case .enter:
        point = .lock
        if let step = kernel.pay(kernel.state.pointee.costs.systemCall.nanoseconds) { return step }
      case .lock:
        if !kernel.lock(socket, .receive) { return .done(.panic(.socketBufferInUse)) }
        if let step = look(kernel) { return step }
      case .copy:
        let so = kernel.sockets + Int(socket)
        if isLine { kernel.copyOut(socket, min(count, so.pointee.rcv.cc)) }
        let result =
          so.pointee.kind == .stream
          ? kernel.takeStream(socket, count) : kernel.takeDatagram(socket, most)
        kernel.unlock(socket, .receive)
        return .done(result)
      }
    }
  }

  @inline(__always)
  private mutating func look(_ kernel: borrowing Kernel) -> Step? {
    let so = kernel.sockets + Int(socket)
    if so.pointee.kind == .icmp { kernel.skipForeignAnswers(socket) }
    let have = so.pointee.rcv.cc
    count = most
    if have > 0, !isLine || lineIsThere(kernel, have) {
      point = .copy
      return kernel.pay(kernel.state.pointee.costs.touching(min(have, count)))
    }
    if let error = so.pointee.error {
      so.pointee.error = nil
      return finish(kernel, .error(error))
    }
    if so.pointee.state.contains(.cantReceiveMore) { return finish(kernel, .octets(0)) }
    if so.pointee.kind == .stream && !so.pointee.state.contains(.connected)
      && !so.pointee.state.contains(.connecting)
    {
      return finish(kernel, .error(.ENOTCONN))
    }
    kernel.unlock(socket, .receive)
    so.pointee.rcv.waiter = kernel.context.pointee.task
    return .waits(.socketData(socket))
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
  /// Takes up to `most` octets off a stream and tells TCP (PRU_RCVD).
  fileprivate func takeStream(_ index: Int32, _ most: Int32) -> CallResult {
    let socket = sockets + Int(index)
    let count = min(most, socket.pointee.rcv.cc)
    var left = count
    var at = socket.pointee.rcv.head
    while left > 0 {
      let piece = min(left, mbuf(at).pointee.length)
      let bytes = UnsafeRawBufferPointer(start: data(at), count: Int(piece))
      socket.pointee.damagedOctets &+= Payload.damage(bytes, at: socket.pointee.readOffset)
      socket.pointee.readOffset &+= Int64(piece)
      left &-= piece
      at = mbuf(at).pointee.next
    }
    sbDrop(index, .receive, count, .read)
    if socket.pointee.pcb >= 0 { tcpReceived(socket.pointee.pcb) }
    return .octets(count)
  }

  /// How many octets of a stream there are up to its first line feed, that included.
  fileprivate func lineEnd(_ index: Int32, within most: Int32) -> Int32? {
    var before: Int32 = 0
    var at = sockets[Int(index)].rcv.head
    while at >= 0, before < most {
      let length = min(mbuf(at).pointee.length, most &- before)
      let octets = UnsafeRawBufferPointer(start: data(at), count: Int(length))
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
        contentsOf: UnsafeRawBufferPointer(start: data(at), count: Int(piece)))
      left &-= piece
      at = mbuf(at).pointee.next
    }
  }

  fileprivate func takeDatagram(_ index: Int32, _ most: Int32) -> CallResult {
    let name = sockets[Int(index)].rcv.head
    let from = data(name).load(as: UInt32.self)
    let port = data(name).load(fromByteOffset: 4, as: UInt16.self)
    let length = chainLength(mbuf(name).pointee.next)
    sbDropRecord(index, .read)
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
