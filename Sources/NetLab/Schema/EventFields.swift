// Which fields of an event's record say something; the others are `none`.

import NetStack

extension EventCatalogue {
  /// The fields a hook can use beside `at` and `seq`, which every record has.
  static func fields(of kind: TraceKind) -> [String] {
    switch kind {
    case .poolGrant, .poolRelease, .poolWait, .poolDeny, .poolExhausted, .poolLeak:
      return ["class", "pool", "who", "task", "conn", "waited", "free"]
    case .bufferGrant, .bufferRelease, .bufferWait, .bufferDeny, .bufferExhausted:
      return ["class", "pool", "who", "task", "waited", "free"]
    case .tcpAck: return ["conn", "size"]
    case .tcpDrop, .tcpState: return ["conn", "reason"]
    case .tcpIn, .tcpOut, .tcpRetransmit, .tcpPersist, .tcpProbe: return ["conn"]
    case .nicFrame, .nicOverrun, .socketAppend, .socketFull, .linkFrame:
      return ["size"]
    case .linkLost, .nicError: return ["size", "reason"]
    case .socketError: return ["reason"]
    case .taskBlock, .taskWake, .taskRun: return ["task"]
    case .taskError: return ["task", "reason"]
    default: return []
    }
  }
}
