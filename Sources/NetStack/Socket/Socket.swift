// A socket as the kernel keeps it. 4.4BSD: sys/socketvar.h.
//
// Left out on purpose: SS_ASYNC and signals (no process model).

public enum SocketKind: UInt8, Sendable {
  case stream, datagram
  /// A raw ICMP socket, as ping opens it.
  case icmp
  /// Datagrams of IP, headers and all: SOCK_RAW.
  case raw
}

/// SS_… bits.
public struct SocketState: OptionSet, Sendable {
  public let rawValue: UInt16
  @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }
  /// No descriptor refers to it any more: the protocol owns it and may free it.
  public static let noDescriptor = SocketState(rawValue: 0x001)
  public static let connected = SocketState(rawValue: 0x002)
  public static let connecting = SocketState(rawValue: 0x004)
  public static let disconnecting = SocketState(rawValue: 0x008)
  public static let cantSendMore = SocketState(rawValue: 0x010)
  public static let cantReceiveMore = SocketState(rawValue: 0x020)
  public static let accepting = SocketState(rawValue: 0x040)
  /// SS_RCVATMARK: everything before the urgent octet has been read.
  public static let receiveAtMark = SocketState(rawValue: 0x080)
  /// SS_NBIO: its calls do not sleep in the socket. Waits for buffers they do.
  public static let nonblocking = SocketState(rawValue: 0x100)
}

/// SO_… bits that can be set.
public struct SocketOptions: OptionSet, Sendable {
  public let rawValue: UInt8
  @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }
  public static let keepalive = SocketOptions(rawValue: 0x01)
  public static let reuseAddress = SocketOptions(rawValue: 0x02)
  public static let reusePort = SocketOptions(rawValue: 0x04)
  public static let broadcast = SocketOptions(rawValue: 0x08)
  public static let linger = SocketOptions(rawValue: 0x10)
  /// SO_OOBINLINE: urgent data stays where it stands in the stream.
  public static let inlineUrgent = SocketOptions(rawValue: 0x20)
}

/// Errors a socket call can return, under their errno names.
public enum SocketError: UInt8, Error, Sendable {
  // swift-format-ignore: AlwaysUseLowerCamelCase
  case EINVAL, EPIPE, ENOTCONN, EISCONN, EADDRINUSE, ECONNREFUSED, ECONNRESET, ETIMEDOUT
  // swift-format-ignore: AlwaysUseLowerCamelCase
  case ENOBUFS, EAGAIN, EHOSTUNREACH, EHOSTDOWN, EMSGSIZE, ECONNABORTED, EADDRNOTAVAIL, EBADF
  // swift-format-ignore: AlwaysUseLowerCamelCase
  case EPERM, ENOPROTOOPT, EOPNOTSUPP, EACCES, EINPROGRESS, EALREADY, ENXIO, EDOM,
    EDESTADDRREQ

  public var name: String {
    switch self {
    case .EINVAL: "EINVAL"
    case .EPIPE: "EPIPE"
    case .ENOTCONN: "ENOTCONN"
    case .EISCONN: "EISCONN"
    case .EADDRINUSE: "EADDRINUSE"
    case .ECONNREFUSED: "ECONNREFUSED"
    case .ECONNRESET: "ECONNRESET"
    case .ETIMEDOUT: "ETIMEDOUT"
    case .ENOBUFS: "ENOBUFS"
    case .EAGAIN: "EAGAIN"
    case .EHOSTUNREACH: "EHOSTUNREACH"
    case .EHOSTDOWN: "EHOSTDOWN"
    case .EMSGSIZE: "EMSGSIZE"
    case .ECONNABORTED: "ECONNABORTED"
    case .EADDRNOTAVAIL: "EADDRNOTAVAIL"
    case .EBADF: "EBADF"
    case .EPERM: "EPERM"
    case .EDESTADDRREQ: "EDESTADDRREQ"
    case .ENOPROTOOPT: "ENOPROTOOPT"
    case .EOPNOTSUPP: "EOPNOTSUPP"
    case .EACCES: "EACCES"
    case .EINPROGRESS: "EINPROGRESS"
    case .EALREADY: "EALREADY"
    case .ENXIO: "ENXIO"
    case .EDOM: "EDOM"
    }
  }
}

public struct Socket {
  // These two come first: `Kernel.sockbuf` counts on it.
  public internal(set) var snd = Sockbuf()
  public internal(set) var rcv = Sockbuf()
  public internal(set) var kind: SocketKind = .stream
  public internal(set) var inUse = false
  public internal(set) var state: SocketState = []
  public internal(set) var options: SocketOptions = []
  /// so_linger: how long close waits for what was written, with SO_LINGER.
  public internal(set) var linger = TimeSpan.zero
  /// so_oobmark: octets before the urgent one in the receive buffer; 0: there is none ahead.
  public internal(set) var urgentMark: Int32 = 0
  /// so_error: reported by the next call, then cleared.
  public internal(set) var error: SocketError? = nil
  /// Since when a task sleeps on room or on the handshake, and who woke it last.
  public internal(set) var sleptAt = Instant.never
  public internal(set) var wokenBy = Cause()
  /// The protocol's half, or -1 when it is gone: `so_pcb == 0`.
  public internal(set) var pcb: Int32 = -1
  /// The task whose call made it.
  public internal(set) var owner: Int32 = -1
  /// Which incarnation of this table entry: a stale handle does not match.
  public internal(set) var generation: UInt32 = 0

  // Listening: completed (so_q) and incomplete (so_q0) connections, oldest first.
  var listener: Int32 = -1
  var queueNext: Int32 = -1
  var completeHead: Int32 = -1
  var completeTail: Int32 = -1
  public internal(set) var completeCount: Int32 = 0
  public internal(set) var incompleteCount: Int32 = 0
  var queueLimit: Int32 = 0
  public internal(set) var isListening = false

  /// The task in `soconnsleep` (connect, accept), or -1.
  var connectWaiter: Int32 = -1
  /// Where in the pattern the next octets written, and the next read, stand.
  var writeOffset: Int64 = 0
  var readOffset: Int64 = 0
  /// Octets that arrived other than as they were written; 0 unless the stack is wrong.
  public internal(set) var damagedOctets: Int64 = 0
  /// Datagrams that found it full.
  public internal(set) var fullDrops: Int64 = 0
  /// icmp_seq of the last request sent.
  var echoSequence: UInt16 = 0

  /// Not yet closed, nor still in the queue of a listener.
  var hasDescriptor: Bool { inUse && !state.contains(.noDescriptor) }
}
