// Where in the stack a buffer was asked for. It stays with the buffer, wherever that goes, until it
// is free again: who holds buffers is one question, who took them is another.

/// The routine that took a buffer, by its name in 4.4BSD or in its drivers.
public enum AllocationSite: UInt8, CaseIterable, Sendable {
  /// A write: `sosend` on a stream or with datagrams.
  case sosend
  /// A read of urgent data.
  case soreceive
  /// The value of a socket option, on its way in or out.
  case sockargs
  /// A receive ring is filled, or a descriptor gets a new buffer for the one passed up.
  case refill
  /// A driver copies a small frame out of its ring or its card.
  case copybreak
  case tcpOutput, tcpRespond, tcpTemplate
  case mCopy, mPrepend
  case sbappendaddr, arprequest, icmpError, igmpReport
  case ipReass, ipOutput, mPullup

  /// As tables show it.
  public var name: String {
    switch self {
    case .sosend: "sosend"
    case .soreceive: "soreceive"
    case .sockargs: "sockargs"
    case .refill: "refill"
    case .copybreak: "copybreak"
    case .tcpOutput: "tcp_output"
    case .tcpRespond: "tcp_respond"
    case .tcpTemplate: "tcp_template"
    case .mCopy: "m_copy"
    case .mPrepend: "m_prepend"
    case .sbappendaddr: "sbappendaddr"
    case .arprequest: "arprequest"
    case .icmpError: "icmp_error"
    case .igmpReport: "igmp_sendreport"
    case .ipReass: "ip_reass"
    case .ipOutput: "ip_output"
    case .mPullup: "m_pullup"
    }
  }
}

extension AllocationSite {
  /// Whoever may wait is a write, or the driver at its ring.
  public static func ofWait(_ who: Requester) -> AllocationSite {
    who == .app ? .sosend : .refill
  }
}

/// Who took a buffer, for whom and where; it stays with the buffer until that is free again.
struct Grantee {
  var task: Int32 = -1
  var socket: Int32 = -1
  var who = Requester.stack
  var site = AllocationSite.sosend
  /// The end of the socket's generation: whether it is still that socket.
  var incarnation: UInt16 = 0
}
