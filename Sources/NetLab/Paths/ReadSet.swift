// What a predicate read and what an event touched, as sets of topics: a predicate is looked at
// again only when they meet.
//
// A topic is a host and an aspect of it. Hosts from 63 on share one bit: a look too many, never one
// too few.

import NetSim
import NetStack

/// A side of the simulation that measurements come from.
public enum Aspect: UInt8, CaseIterable, Sendable {
  /// Buffers: free, held, waits.
  case pool
  /// Rings and queues of interfaces.
  case nic
  case ip
  case tcp
  case socket
  case task
  case link
  /// Variables of scripts: changed by any code that a script runs.
  case variables
  /// Changes at any event and is in no record: CPU time, the semaphore's owner.
  case anything
  /// The clock itself.
  case now
}

public struct ReadSet: Equatable, Sendable {
  /// One bit for each `Aspect`.
  public private(set) var aspects: UInt16 = 0
  /// One bit for each host; bit 63 for all from there on.
  public private(set) var hosts: UInt64 = 0

  public init() {}

  public var isEmpty: Bool { aspects == 0 }

  /// - Parameter host: number of a station; -1 for what belongs to none (links, variables, time).
  @inline(__always)
  public mutating func insert(_ aspect: Aspect, host: Int32 = -1) {
    aspects |= 1 << UInt16(aspect.rawValue)
    hosts |= host < 0 ? .max : 1 << UInt64(min(host, 63))
  }

  public mutating func formUnion(_ other: ReadSet) {
    aspects |= other.aspects
    hosts |= other.hosts
  }

  public func contains(_ aspect: Aspect) -> Bool {
    aspects & 1 << UInt16(aspect.rawValue) != 0
  }

  @inline(__always)
  public func meets(_ other: ReadSet) -> Bool {
    aspects & other.aspects != 0 && hosts & other.hosts != 0
  }

  @inline(__always)
  public mutating func removeAll() {
    aspects = 0
    hosts = 0
  }

  /// The kinds of record that can change one of these topics: bits for `Context.interest`.
  public var interest: UInt64 {
    var bits: UInt64 = 0
    for kind in TraceKind.observable where aspects & kind.aspects != 0 {
      bits |= 1 << UInt64(kind.rawValue)
    }
    return bits
  }
}

extension TraceKind {
  static let observable: [TraceKind] = [
    .poolGrant, .poolRelease, .poolWait, .poolDeny, .poolExhausted, .nicFrame, .nicOverrun,
    .nicRefillWait, .nicDropped, .ipDrop, .tcpIn, .tcpOut, .tcpAck, .tcpRetransmit, .tcpPersist,
    .tcpProbe, .tcpDrop, .tcpState, .socketAppend, .socketFull, .socketWake, .socketError,
    .taskBlock, .taskWake, .taskRun, .console, .linkFrame, .linkLost, .poolLeak,
  ]

  /// The aspects whose measurements may have changed when such a record is written.
  var aspects: UInt16 {
    func bits(_ list: Aspect...) -> UInt16 {
      list.reduce(0) { $0 | 1 << UInt16($1.rawValue) }
    }
    switch self {
    case .poolGrant, .poolRelease: return bits(.pool, .nic, .socket)
    case .poolWait, .poolDeny, .poolExhausted, .poolLeak: return bits(.pool)
    // A frame that is handed up moves buffers from the ring to a queue.
    case .nicFrame: return bits(.nic, .pool, .ip)
    case .nicOverrun, .nicRefillWait, .nicDropped: return bits(.nic, .pool)
    case .ipDrop: return bits(.ip, .pool)
    case .tcpIn, .tcpOut: return bits(.tcp, .socket, .ip, .nic)
    case .tcpAck, .tcpRetransmit, .tcpPersist, .tcpProbe, .tcpState: return bits(.tcp, .socket)
    case .tcpDrop: return bits(.tcp, .socket, .pool)
    case .socketAppend: return bits(.socket, .pool, .tcp)
    case .socketFull, .socketWake, .socketError: return bits(.socket, .tcp)
    case .taskBlock, .taskWake, .taskRun: return bits(.task, .pool)
    case .console: return bits(.task)
    case .linkFrame, .linkLost: return bits(.link, .nic)
    }
  }
}

extension Bench {
  /// Called by every measurement that is read.
  @inline(__always)
  func note(_ aspect: Aspect, host: Int32 = -1) {
    if readLog != nil { readLog?.insert(aspect, host: host) }
  }
}
