// What happens, as fixed-size records: the digest is over these, and observers read them.
//
// Housekeeping (ticks, polls that find nothing) is never recorded, so an optimisation that skips it
// leaves the digest as it was.

import Wire

/// Kinds of record. The raw value enters the digest: append, never renumber.
public enum TraceKind: UInt8, Sendable {
  // The pool: see `PoolEvent`.
  case poolGrant = 0
  case poolRelease, poolWait, poolDeny, poolExhausted
  // An interface: object = interface.
  case nicFrame, nicOverrun, nicRefillWait, nicDropped
  // IP and below: a = reason.
  case ipDrop
  // TCP: object = connection (pcb index).
  case tcpIn, tcpOut, tcpAck, tcpRetransmit, tcpPersist, tcpProbe, tcpDrop, tcpState
  // Sockets: object = socket.
  case socketAppend, socketFull, socketWake, socketError
  // Tasks: object = task.
  case taskBlock, taskWake, taskRun
  // A host's console: object = line number in its vocabulary.
  case console
  // A link: object = link.
  case linkFrame, linkLost
  // A buffer that no owner reaches any more.
  case poolLeak
  // A further pool: see `BufferEvent`.
  case bufferGrant, bufferRelease, bufferWait, bufferDeny, bufferExhausted
  // A call of a task ended in an error: a = its number. Like `taskRun` never in the digest.
  case taskError
  // A clock tick at which a host had something to do. Never in the digest, either.
  case hostTick
  // A frame that hardware finds damaged (b = 0) or too long (1): object = interface, a = octets.
  case nicError
}

/// One record: when, what, where, and two values whose meaning is the kind's.
public struct TraceRecord: Sendable {
  public var at: Instant
  public var kind: TraceKind
  public var host: Int32
  public var object: Int32
  public var a: Int64
  public var b: Int64
  /// Of a cluster that came back: the socket that held it, or -1. Of a segment: its field of
  /// acknowledgment. Not in the digest.
  public var aside: Int32 = -1
}

/// A pool record read back: the three words of a `pool…` record hold all of it.
public struct PoolEvent: Sendable {
  public var bufferClass: BufferClass
  /// Free buffers of the class after it.
  public var free: Int32
  public var who: Requester
  /// The task, or -1 for hardware.
  public var task: Int32
  /// The socket it is for, or was held by; -1 for none.
  public var socket: Int32
  /// How long the task had waited.
  public var waited: TimeSpan

  public init(_ record: TraceRecord) {
    bufferClass = record.object & 1 == 0 ? .mbufs : .clusters
    free = record.object >> 1
    task = Int32(truncatingIfNeeded: record.a)
    who = Requester(rawValue: UInt8(truncatingIfNeeded: record.a >> 32 & 0xF)) ?? .stack
    let asked = Int32(truncatingIfNeeded: record.a >> 36) &- 1
    socket = asked >= 0 ? asked : record.aside
    waited = TimeSpan(nanoseconds: record.b)
  }
}

/// A `tcpIn` or `tcpOut` record read back: object = connection.
public struct SegmentEvent: Sendable {
  public var flags: TCPFlags
  /// Octets of data.
  public var length: Int32
  public var sequence: SequenceNumber
  public var acknowledgment: SequenceNumber

  public init(_ record: TraceRecord) {
    flags = TCPFlags(rawValue: UInt8(truncatingIfNeeded: record.a >> 32))
    length = Int32(truncatingIfNeeded: record.a)
    sequence = SequenceNumber(UInt32(truncatingIfNeeded: record.b))
    acknowledgment = SequenceNumber(UInt32(bitPattern: record.aside))
  }
}

/// A record of a further pool read back: object = pool, a = free and task, b = waited.
public struct BufferEvent: Sendable {
  public var pool: Int32
  public var free: Int32
  /// The task, or -1 for the script outside of tasks.
  public var task: Int32
  public var waited: TimeSpan

  public init(_ record: TraceRecord) {
    pool = record.object
    free = Int32(truncatingIfNeeded: record.a)
    task = Int32(truncatingIfNeeded: record.a >> 32)
    waited = TimeSpan(nanoseconds: record.b)
  }
}

extension Context {
  /// Records what happened to a further pool, for which task.
  public mutating func traceBuffer(
    _ kind: TraceKind, pool: Int32, free: Int32, task: Int32, waited: TimeSpan
  ) {
    let word = Int64(UInt32(bitPattern: free)) | Int64(task) << 32
    trace(kind, pool, word, waited.nanoseconds)
  }
}

extension Kernel {
  /// Records what happened to a pool, in whose name.
  @inline(__always)
  func tracePool(
    _ kind: TraceKind, _ bufferClass: BufferClass, _ who: Requester, _ socket: Int32,
    heldBy holder: Int32 = -1
  ) {
    let isMbuf = bufferClass == .mbufs
    let free = isMbuf ? state.pointee.mbufPool.free : state.pointee.clusterPool.free
    let task = Int64(UInt32(bitPattern: context.pointee.task))
    trace(
      kind, free << 1 | (isMbuf ? 0 : 1),
      task | Int64(who.rawValue) << 32 | Int64(socket &+ 1) << 36,
      context.pointee.waited.nanoseconds, aside: holder)
  }
}

/// The running digest of a run: 64 bits over every record, in order.
public struct Digest: Equatable, Sendable {
  @usableFromInline var running: UInt64 = 0x9E37_79B9_7F4A_7C15

  public var value: UInt64 { running }

  @inlinable @inline(__always)
  mutating func mix(_ word: UInt64) {
    let product = (running ^ word).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
    running = product.high ^ product.low &+ 0x2545_F491_4F6C_DD1D
  }

  @inlinable @inline(__always)
  mutating func add(
    at instant: Instant, _ kind: TraceKind, host: Int32, _ object: Int32, _ a: Int64, _ b: Int64
  ) {
    mix(UInt64(bitPattern: instant.nanoseconds))
    let place = UInt64(UInt32(bitPattern: object)) << 32
    mix(place | UInt64(kind.rawValue) << 24 | UInt64(UInt32(bitPattern: host)))
    mix(UInt64(bitPattern: a))
    mix(UInt64(bitPattern: b))
  }
}

/// Lines a host's console can print; RTEMS 4.6, rtems_glue.c and if_ether.c.
public enum ConsoleLine: Int32, Sendable {
  case stillWaitingForMbuf, stillWaitingForCluster
  case duplicateAddress, arpMoved, arpBroadcast

  /// The text of a `.console` record: it may name an address (a) and a station (b).
  public static func text(_ record: TraceRecord) -> String {
    let address = IPv4Address(rawValue: UInt32(truncatingIfNeeded: record.a))
    let mac = MACAddress(rawValue: UInt64(truncatingIfNeeded: record.b))
    switch ConsoleLine(rawValue: record.object) {
    case nil: return ""
    case .stillWaitingForMbuf: return "Still waiting for mbuf."
    case .stillWaitingForCluster: return "Still waiting for mbuf cluster."
    case .duplicateAddress:
      return "duplicate IP address \(address)! sent from ethernet address: \(mac)"
    case .arpMoved: return "arp: \(address) moved to \(mac)"
    case .arpBroadcast: return "arp: ether address is broadcast for IP address \(address)!"
    }
  }
}
