// sosend on a datagram socket: the whole datagram in one chain, then udp_output or a raw ICMP
// message. The name of a destination stands in an mbuf (sockargs), which the task has in its hand
// as long as the call lasts.

import Wire

public struct SendToRoutine: Sendable {
  let socket: Int32
  let destination: IPv4Address
  let port: UInt16
  private let octets: Int32
  private var rest: Int32
  private var head: Int32 = -1
  private var tail: Int32 = -1
  private var fresh: Int32 = -1
  private var name: Int32 = -1
  private var point = Point.enter

  private enum Point: UInt8 {
    case enter, name, namePolled, nameRefused, check
    case mbuf, mbufPolled, mbufRefused, cluster, clusterPolled, clusterRefused, send
  }

  init(socket: Int32, to destination: IPv4Address, port: UInt16, octets: Int32) {
    self.socket = socket
    self.destination = destination
    self.port = port
    self.octets = octets
    rest = octets
  }

  var chainsInHand: [Int32] { [name, head, fresh].filter { $0 >= 0 } }

  mutating func resume(_ kernel: borrowing Kernel) -> Step {
    kernel.context.pointee.requester = .app
    while true {
      switch point {
      case .enter:
        point = namesNobody ? .check : .name
        if let step = kernel.pay(kernel.state.pointee.costs.systemCall.nanoseconds) { return step }
      case .name, .namePolled:
        if let step = takeName(kernel) { return step }
      case .check:
        if let error = refusal(kernel) { return finish(kernel, .error(error)) }
        if octets > kernel.sockets[Int(socket)].snd.hiwat {
          return finish(kernel, .error(.EMSGSIZE))
        }
        point = .mbuf
      case .mbuf, .mbufPolled:
        if let step = takeMbuf(kernel) { return step }
      case .cluster, .clusterPolled:
        if let step = takeCluster(kernel) { return step }
      case .send:
        let result = send(kernel)
        head = -1
        return finish(kernel, result)
      case .mbufRefused, .nameRefused:
        kernel.mFreem(head, .noBuffer)
        head = -1
        return finish(kernel, .error(.ENOBUFS))
      case .clusterRefused:
        let room = head < 0 ? BufferSize.headerData : BufferSize.mbufData
        if let step = append(kernel, room: room) { return step }
      }
    }
  }

  /// As of a stream.
  mutating func refuse() {
    switch point {
    case .namePolled: point = .nameRefused
    case .mbufPolled: point = .mbufRefused
    default: point = .clusterRefused
    }
  }

  /// `IPv4Address.any` and port 0 stand for the destination of a connected socket.
  private var namesNobody: Bool { destination == .any && port == 0 }

  private mutating func takeName(_ kernel: borrowing Kernel) -> Step? {
    if point == .namePolled {
      name = kernel.popMbuf(.app, at: .sockargs, header: false, type: .socketName, socket: socket)
    } else {
      switch kernel.mGetOrWait(
        .app, at: .sockargs, header: false, type: .socketName, socket: socket)
      {
      case .granted(let index): name = index
      case .mustWait:
        point = .namePolled
        return .waits(.buffer(.mbufs, .app, socket: socket))
      }
    }
    point = .check
    return nil
  }

  private mutating func finish(_ kernel: borrowing Kernel, _ result: CallResult) -> Step {
    if name >= 0 { kernel.mFree(name, .processed) }
    name = -1
    return .done(result)
  }

  private mutating func takeMbuf(_ kernel: borrowing Kernel) -> Step? {
    let isFirst = head < 0
    if point == .mbufPolled {
      fresh = kernel.popMbuf(.app, at: .sosend, header: isFirst, type: .data, socket: socket)
    } else {
      switch kernel.mGetOrWait(.app, at: .sosend, header: isFirst, type: .data, socket: socket) {
      case .granted(let index): fresh = index
      case .mustWait:
        point = .mbufPolled
        return .waits(.buffer(.mbufs, .app, socket: socket))
      }
    }
    if rest >= BufferSize.clusterThreshold {
      point = .cluster
      return nil
    }
    return append(kernel, room: isFirst ? BufferSize.headerData : BufferSize.mbufData)
  }

  private mutating func takeCluster(_ kernel: borrowing Kernel) -> Step? {
    if kernel.state.pointee.sendClass != 0 && rest > BufferSize.cluster { return takePage(kernel) }
    if point == .clusterPolled {
      kernel.popCluster(for: fresh, .app, at: .sosend, socket: socket)
    } else if !kernel.mclGetOrWait(fresh, .app, at: .sosend, socket: socket) {
      point = .clusterPolled
      return .waits(.buffer(.clusters, .app, socket: socket))
    }
    return append(kernel, room: BufferSize.cluster)
  }

  /// As of a stream.
  private mutating func takePage(_ kernel: borrowing Kernel) -> Step? {
    let sizeClass = kernel.state.pointee.sendClass
    if point == .clusterPolled {
      kernel.popPolled(sizeClass, for: fresh, .app, at: .sosend, socket: socket)
    } else if !kernel.classGetOrWait(sizeClass, for: fresh, .app, at: .sosend, socket: socket) {
      point = .clusterPolled
      return .waits(.sized(sizeClass, .app, socket: socket))
    }
    return append(kernel, room: kernel.classOctets(sizeClass))
  }

  private mutating func append(_ kernel: borrowing Kernel, room: Int32) -> Step? {
    let chunk = min(room, rest)
    kernel.mbuf(fresh).pointee.length = chunk
    kernel.fill(fresh, chunk, at: Int64(octets &- rest))
    if head < 0 { head = fresh } else { kernel.mbuf(tail).pointee.next = fresh }
    tail = fresh
    fresh = -1
    kernel.mbuf(head).pointee.packetLength &+= chunk
    rest &-= chunk
    point = rest == 0 ? .send : .mbuf
    return kernel.pay(kernel.state.pointee.costs.touching(chunk))
  }

  /// The top of sosend: an error that came meanwhile is told once, and a connected socket has one
  /// destination.
  private func refusal(_ kernel: borrowing Kernel) -> SocketError? {
    let so = kernel.sockets + Int(socket)
    if so.pointee.state.contains(.cantSendMore) { return .EPIPE }
    if let error = so.pointee.error {
      so.pointee.error = nil
      return error
    }
    guard so.pointee.pcb >= 0 else { return nil }
    let isConnected = so.pointee.state.contains(.connected)
    if isConnected != namesNobody {
      return isConnected ? .EISCONN : .EDESTADDRREQ
    }
    return nil
  }

  private func send(_ kernel: borrowing Kernel) -> CallResult {
    let so = kernel.sockets + Int(socket)
    let pcb = so.pointee.pcb
    if pcb < 0 {
      kernel.mFreem(head, .notConnected)
      return .error(.EINVAL)
    }
    var (destination, port) = (destination, port)
    if so.pointee.state.contains(.connected) {
      destination = kernel.pcbs[Int(pcb)].remoteAddress
      port = kernel.pcbs[Int(pcb)].remotePort
    }
    if so.pointee.kind == .raw {
      if let error = kernel.rawOutput(head, pcb: pcb, to: destination) { return .error(error) }
      return .octets(octets)
    }
    if so.pointee.kind == .icmp {
      if let error = kernel.icmpOutput(head, socket: socket, to: destination) {
        return .error(error)
      }
      return .octets(octets)
    }
    if kernel.pcbs[Int(pcb)].localPort == 0, let error = kernel.pcbBind(pcb, port: 0) {
      kernel.mFreem(head, .notConnected)
      return .error(error)
    }
    if let error = kernel.udpOutput(head, pcb: pcb, to: destination, port: port) {
      return .error(error)
    }
    return .octets(octets)
  }
}

extension SendToRoutine {
  /// `tail` is the last of `head`.
  func addState(to hash: inout StateHash) {
    hash.add(socket, destination, port, octets)
    hash.add(rest, name >= 0, head >= 0, fresh >= 0)
    hash.add(point.rawValue)
  }
}
