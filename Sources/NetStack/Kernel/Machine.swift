// Kernel routines that can block, as small machines: an enum case with its local variables.
//
// `resume` runs one to its next point. A stage costs first and acts at its end: `.ran(cost)` comes
// before the work it pays for, and the network semaphore stays held meanwhile. A stage that costs
// nothing goes on inside the routine (`Kernel.pay`). CPU time that a stage could not know (segments
// built by tcp_output) is in the context's debt afterwards.

import Wire

/// What a routine says when it stops.
public enum Step: Sendable {
  /// CPU time, in nanoseconds, before the next stage.
  case ran(Int64)
  case waits(Wait)
  case done(CallResult)
}

/// What a task waits for in the kernel: five places, and what ends each.
public enum Wait: Equatable, Sendable {
  /// m_mballoc, m_clalloc: a poll each tick; ended by a free buffer of the class.
  case buffer(BufferClass, Requester, socket: Int32)
  /// The same for a buffer of a size class, by its number from 1 on.
  case sized(UInt8, Requester, socket: Int32)
  /// sbwait on so_snd: ended by an acknowledgment, or by the end of the connection.
  case socketSpace(Int32)
  /// sbwait on so_rcv: ended by data, or by the end of the connection.
  case socketData(Int32)
  /// soconnsleep in connect: ended by the handshake.
  case connection(Int32)
  /// soconnsleep in accept: ended by a completed connection.
  case acceptQueue(Int32)
  /// soconnsleep in close: ended by the end of the connection.
  case lingering(Int32)
  /// select: ended by any of its sockets.
  case select
  /// The receive task without a frame; ended by an interrupt.
  case deviceReceive(Int32)
  /// The same while descriptors lack a buffer: also ended by a tick at which there are some.
  case refill(Int32)
  /// The receive task of a polling driver: ended by a tick, or an idle CPU, at which there is work.
  case devicePoll(Int32)
  /// The transmit task without a packet; ended by if_start.
  case deviceTransmit(Int32)
  /// The transmit task without descriptors; ended by a transmit interrupt.
  case transmitRing(Int32)
  /// The network task without work; ended by a netisr or a callout.
  case network
}

/// A system call of a program.
public enum Call: Sendable {
  /// The protocol is for raw sockets; 0 is any.
  case socket(SocketKind, protocol: UInt8 = 0)
  case bind(Int32, UInt16)
  case listen(Int32, backlog: Int32)
  case connect(Int32, IPv4Address, UInt16)
  case accept(Int32)
  case write(Int32, octets: Int32, flags: MessageFlags = [])
  case read(Int32, atMost: Int32, flags: MessageFlags = [])
  case sendTo(Int32, IPv4Address, UInt16, octets: Int32)
  case receiveFrom(Int32, atMost: Int32)
  /// Octets up to a line feed, or what came before the end: `Context.incoming` has them.
  case readLine(Int32)
  /// Any of these can be read, or any of those written to; which, `Host.mark` has noted.
  case select(read: [Int32], write: [Int32])
  case setOption(Int32, SocketOption, Int64)
  case getOption(Int32, SocketOption)
  case shutdown(Int32, ShutdownSide = .write)
  case close(Int32)
  case abort(Int32)
}

/// MSG_…: how one call differs from others on its socket.
public struct MessageFlags: OptionSet, Sendable {
  public let rawValue: UInt8
  @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }
  public static let urgent = MessageFlags(rawValue: 0x01)
  /// What is read stays to be read.
  public static let peek = MessageFlags(rawValue: 0x02)
  /// A read waits for all that it asks for.
  public static let waitAll = MessageFlags(rawValue: 0x40)
  public static let dontWait = MessageFlags(rawValue: 0x80)
}

/// Which half of a connection `shutdown` ends: SHUT_RD, SHUT_WR, SHUT_RDWR.
public enum ShutdownSide: UInt8, Sendable {
  case read, write, both
}

/// What a system call returns.
public enum CallResult: Equatable, Sendable {
  case none
  case error(SocketError)
  case octets(Int32)
  case socket(Int32)
  case datagram(octets: Int32, from: IPv4Address, port: UInt16)
  /// getsockopt: see `SocketOption`.
  case option(Int64)
  /// select: something is ready; ask `isReadable` and `isWritable`.
  case ready
  /// The kernel would have panicked here.
  case panic(Panic)
}

/// Where 4.4BSD with DIAGNOSTIC stops the machine.
public enum Panic: UInt8, Sendable {
  case socketBufferInUse, flushOfLockedBuffer, twoSleepers

  public var text: String {
    switch self {
    case .socketBufferInUse: "sb_lock: socket buffer is already in use"
    case .flushOfLockedBuffer: "sbflush: locked"
    case .twoSleepers: "soconnsleep: another task is already sleeping on that socket"
    }
  }
}

/// The routine that a task is in.
///
/// Each kind has a place of its own, where it is resumed: an enum's payload would be taken out and
/// put back each time.
public struct Machine: Sendable {
  @usableFromInline
  enum Kind: UInt8, Sendable {
    case idle, receiveDaemon, transmitDaemon, networkDaemon, send, sendTo, receive, simple
  }

  @usableFromInline var kind = Kind.idle
  private var receiveDaemon = ReceiveDaemon(interface: -1)
  private var transmitDaemon = TransmitDaemon(interface: -1)
  private var networkDaemon = NetworkDaemon()
  private var send = SendRoutine(socket: -1, octets: 0)
  private var sendTo = SendToRoutine(socket: -1, to: .any, port: 0, octets: 0)
  private var receive = ReceiveRoutine(socket: -1, atMost: 0)
  private var simple = SimpleRoutine(.close(-1))

  /// In none.
  public init() {}

  public init(_ daemon: ReceiveDaemon) {
    kind = .receiveDaemon
    receiveDaemon = daemon
  }

  public init(_ daemon: TransmitDaemon) {
    kind = .transmitDaemon
    transmitDaemon = daemon
  }

  public init(_ daemon: NetworkDaemon) {
    kind = .networkDaemon
    networkDaemon = daemon
  }

  @inlinable public var isIdle: Bool { kind == .idle }
  @inlinable public var isSending: Bool { kind == .send }

  /// The routine has ended, or was left.
  @inlinable public mutating func end() { kind = .idle }

  /// The routine behind a system call.
  public mutating func begin(_ call: Call) {
    switch call {
    case .write(let socket, let octets, let flags):
      kind = .send
      send = SendRoutine(socket: socket, octets: octets, flags)
    case .sendTo(let socket, let address, let port, let octets):
      kind = .sendTo
      sendTo = SendToRoutine(socket: socket, to: address, port: port, octets: octets)
    case .read(let socket, let most, let flags):
      kind = .receive
      receive = ReceiveRoutine(socket: socket, atMost: most, flags)
    case .receiveFrom(let socket, let most):
      kind = .receive
      receive = ReceiveRoutine(socket: socket, atMost: most)
    case .readLine(let socket):
      kind = .receive
      receive = ReceiveRoutine(line: socket)
    default:
      kind = .simple
      simple = SimpleRoutine(SimpleCall(call))
    }
  }

  /// Runs the routine to its next point. The caller holds the network semaphore.
  @inline(__always)
  mutating func resume(_ kernel: borrowing Kernel) -> Step {
    switch kind {
    case .idle: preconditionFailure("a task without a routine is resumed")
    case .receiveDaemon: return receiveDaemon.resume(kernel)
    case .transmitDaemon: return transmitDaemon.resume(kernel)
    case .networkDaemon: return networkDaemon.resume(kernel)
    case .send: return send.resume(kernel)
    case .sendTo: return sendTo.resume(kernel)
    case .receive: return receive.resume(kernel)
    case .simple: return simple.resume(kernel)
    }
  }

  /// The buffer that it waits for is refused.
  public mutating func refuseBuffer() {
    switch kind {
    case .receiveDaemon: receiveDaemon.refuse()
    case .send: send.refuse()
    case .sendTo: sendTo.refuse()
    case .receive: receive.refuse()
    case .simple: simple.refuse()
    case .idle, .transmitDaemon, .networkDaemon:
      preconditionFailure("a routine that waits for no buffer is refused one")
    }
  }

  /// What a call comes to whose wait ends before it is done: a write that got somewhere says how
  /// far (sendit).
  public func result(interruptedBy error: SocketError) -> CallResult {
    if kind == .send, send.octetsDone > 0 { return .octets(send.octetsDone) }
    if kind == .receive, receive.octetsDone > 0 { return .octets(receive.octetsDone) }
    return .error(error)
  }

  /// It is in a read that sleeps with the buffer locked.
  var keepsLock: Bool { kind == .receive && receive.keepsLock }

  /// Chains that the routine holds in its local variables.
  public var chainsInHand: [Int32] {
    switch kind {
    case .receiveDaemon: receiveDaemon.chainsInHand
    case .transmitDaemon: transmitDaemon.chainsInHand
    case .send: send.chainsInHand
    case .sendTo: sendTo.chainsInHand
    case .simple: simple.chainsInHand
    case .idle, .networkDaemon, .receive: []
    }
  }

  func addState(to hash: inout StateHash) {
    hash.add(kind.rawValue)
    switch kind {
    case .idle: break
    case .receiveDaemon: receiveDaemon.addState(to: &hash)
    case .transmitDaemon: transmitDaemon.addState(to: &hash)
    case .networkDaemon: networkDaemon.addState(to: &hash)
    case .send: send.addState(to: &hash)
    case .sendTo: sendTo.addState(to: &hash)
    case .receive: receive.addState(to: &hash)
    case .simple: simple.addState(to: &hash)
    }
  }
}
