// soreceive: octets of a stream, or one datagram with its sender. RTEMS 4.6: kern/uipc_socket.c.

import Wire

public struct ReceiveRoutine: Sendable {
  let socket: Int32
  private let most: Int32
  private var point = Point.enter

  private enum Point {
    case enter, lock, copy
  }

  init(socket: Int32, atMost most: Int32) {
    self.socket = socket
    self.most = most
  }

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
        let result =
          so.pointee.kind == .stream
          ? kernel.takeStream(socket, most) : kernel.takeDatagram(socket, most)
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
    if have > 0 {
      point = .copy
      return kernel.pay(kernel.state.pointee.costs.touching(min(have, most)))
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
    sbDrop(index, .receive, count)
    if socket.pointee.pcb >= 0 { tcpReceived(socket.pointee.pcb) }
    return .octets(count)
  }

  fileprivate func takeDatagram(_ index: Int32, _ most: Int32) -> CallResult {
    let name = sockets[Int(index)].rcv.head
    let from = data(name).load(as: UInt32.self)
    let port = data(name).load(fromByteOffset: 4, as: UInt16.self)
    let length = chainLength(mbuf(name).pointee.next)
    sbDropRecord(index)
    return .datagram(
      octets: min(length, most), from: IPv4Address(rawValue: from), port: port)
  }

  /// ping reads and ignores what answers somebody else's request, or an old one.
  fileprivate func skipForeignAnswers(_ index: Int32) {
    while true {
      let record = sockets[Int(index)].rcv.head
      if record < 0 || isAnswer(record, to: index) { return }
      sbDropRecord(index)
    }
  }

  /// soreadable: what select asks.
  public func isReadable(_ index: Int32) -> Bool {
    let socket = sockets + Int(index)
    return socket.pointee.rcv.cc > 0 || socket.pointee.state.contains(.cantReceiveMore)
      || socket.pointee.completeCount > 0 || socket.pointee.error != nil
  }
}
