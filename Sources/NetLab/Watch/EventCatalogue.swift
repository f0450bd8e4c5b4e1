// The events that a script can name, and the records of the engine that they are.
//
// One table for hooks, for `.count`, and for messages. Left out: grants of single mbufs; the engine
// records them for clusters only, since a busy host takes some millions a minute.

import NetScript
import NetStack

/// One event of one kind of node.
struct EventDescription: Sendable {
  var owner: Word
  var event: Word
  var kind: TraceKind

  init(_ owner: Word, _ event: Word, _ kind: TraceKind) {
    self.owner = owner
    self.event = event
    self.kind = kind
  }
}

enum EventCatalogue {
  static let events: [EventDescription] = [
    EventDescription(.pool, .alloc, .poolGrant), EventDescription(.pool, .grant, .poolGrant),
    EventDescription(.pool, .free, .poolRelease), EventDescription(.pool, .wait, .poolWait),
    EventDescription(.pool, .deny, .poolDeny),
    EventDescription(.pool, .exhausted, .poolExhausted),
    EventDescription(.bufferClass, .alloc, .bufferGrant),
    EventDescription(.bufferClass, .grant, .bufferGrant),
    EventDescription(.bufferClass, .free, .bufferRelease),
    EventDescription(.bufferClass, .wait, .bufferWait),
    EventDescription(.bufferClass, .deny, .bufferDeny),
    EventDescription(.bufferClass, .exhausted, .bufferExhausted),
    EventDescription(.nic, .frame, .nicFrame), EventDescription(.nic, .overrun, .nicOverrun),
    EventDescription(.nic, .error, .nicError),
    EventDescription(.nic, .refillWait, .nicRefillWait),
    EventDescription(.nic, .drop, .nicDropped), EventDescription(.ip, .drop, .ipDrop),
    EventDescription(.tcp, .incoming, .tcpIn), EventDescription(.tcp, .out, .tcpOut),
    EventDescription(.tcp, .ack, .tcpAck), EventDescription(.tcp, .rexmt, .tcpRetransmit),
    EventDescription(.tcp, .persist, .tcpPersist), EventDescription(.tcp, .probe, .tcpProbe),
    EventDescription(.tcp, .drop, .tcpDrop), EventDescription(.tcp, .state, .tcpState),
    EventDescription(.sock, .append, .socketAppend),
    EventDescription(.sock, .full, .socketFull), EventDescription(.sock, .wake, .socketWake),
    EventDescription(.sock, .error, .socketError),
    EventDescription(.task, .block, .taskBlock), EventDescription(.task, .wake, .taskWake),
    EventDescription(.task, .run, .taskRun), EventDescription(.task, .error, .taskError),
    EventDescription(.cpu, .run, .taskRun), EventDescription(.cpu, .tick, .hostTick),
    EventDescription(.host, .console, .console),
    EventDescription(.lan, .frame, .linkFrame), EventDescription(.lan, .lost, .linkLost),
    EventDescription(.link, .frame, .linkFrame), EventDescription(.link, .lost, .linkLost),
  ]

  /// The bits of an event's records; of all events of the owner when `event` is nil.
  static func kinds(_ owner: Word, _ event: Word?) -> UInt64 {
    var bits: UInt64 = 0
    for known in events where known.owner == owner && (event == nil || known.event == event) {
      bits |= bit(known.kind)
    }
    return bits
  }

  static func names(_ owner: Word) -> [String] {
    events.filter { $0.owner == owner }.map { $0.event.rawValue }
  }

  @inline(__always)
  static func bit(_ kind: TraceKind) -> UInt64 { 1 << UInt64(kind.rawValue) }
}

extension TraceKind {
  var isOfPool: Bool {
    switch self {
    case .poolGrant, .poolRelease, .poolWait, .poolDeny, .poolExhausted, .poolLeak: return true
    default: return false
    }
  }

  var isOfConnection: Bool {
    switch self {
    case .tcpIn, .tcpOut, .tcpAck, .tcpRetransmit, .tcpPersist, .tcpProbe, .tcpDrop, .tcpState:
      return true
    default: return false
    }
  }

  var isOfFurtherPool: Bool {
    switch self {
    case .bufferGrant, .bufferRelease, .bufferWait, .bufferDeny, .bufferExhausted: return true
    default: return false
    }
  }

  var isOfTask: Bool {
    self == .taskBlock || self == .taskWake || self == .taskRun || self == .taskError
  }
}

/// Which records an `on` hook is for. -1 stands for any.
struct EventFilter: Sendable {
  var kinds: UInt64
  var host: Int32 = -1
  var object: Int32 = -1
  var bufferClass: BufferClass?

  @inline(__always)
  func matches(_ record: TraceRecord) -> Bool {
    guard kinds & EventCatalogue.bit(record.kind) != 0 else { return false }
    if host >= 0 && record.host != host { return false }
    if object >= 0 && record.object != object { return false }
    guard let bufferClass, record.kind.isOfPool else { return true }
    return PoolEvent(record).bufferClass == bufferClass
  }
}
