// A TCP connection's state. 4.4BSD: netinet/tcp_var.h, tcp_fsm.h, tcp_timer.h.
//
// Counters that BSD advances at each 500 ms tick (t_idle, t_rtt, t_duration, tcp_now) are kept as
// the tick at which they were last zero: an idle connection then costs nothing.

import Wire

public enum TCPState: UInt8, Comparable, Sendable {
  case closed, listen, synSent, synReceived, established, closeWait
  case finWait1, closing, lastAck, finWait2, timeWait

  @inlinable public static func < (a: TCPState, b: TCPState) -> Bool { a.rawValue < b.rawValue }

  /// As netstat prints it.
  public var name: String {
    switch self {
    case .closed: "CLOSED"
    case .listen: "LISTEN"
    case .synSent: "SYN_SENT"
    case .synReceived: "SYN_RECEIVED"
    case .established: "ESTABLISHED"
    case .closeWait: "CLOSE_WAIT"
    case .finWait1: "FIN_WAIT_1"
    case .closing: "CLOSING"
    case .lastAck: "LAST_ACK"
    case .finWait2: "FIN_WAIT_2"
    case .timeWait: "TIME_WAIT"
    }
  }
}

/// TF_… bits.
public struct TcpcbFlags: OptionSet, Sendable {
  public let rawValue: UInt32
  @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }
  public static let ackNow = TcpcbFlags(rawValue: 0x0001)
  public static let delayedAck = TcpcbFlags(rawValue: 0x0002)
  public static let noDelay = TcpcbFlags(rawValue: 0x0004)
  /// TCP_NOOPT: no options go out.
  public static let noOptions = TcpcbFlags(rawValue: 0x0008)
  public static let sentFin = TcpcbFlags(rawValue: 0x0010)
  public static let requestScale = TcpcbFlags(rawValue: 0x0020)
  public static let receivedScale = TcpcbFlags(rawValue: 0x0040)
  public static let requestTimestamp = TcpcbFlags(rawValue: 0x0080)
  public static let receivedTimestamp = TcpcbFlags(rawValue: 0x0100)
  /// Offered until the peer's SYN has come, agreed upon from then on.
  public static let sackPermitted = TcpcbFlags(rawValue: 0x0200)
  /// Close was asked before the handshake ended; send a FIN as soon as it does.
  public static let needFin = TcpcbFlags(rawValue: 0x0400)
  /// A loss is being made good, up to `recover` (NewReno, SACK).
  public static let recovering = TcpcbFlags(rawValue: 0x0800)
  /// T/TCP: a count was offered, and the peer has one. RFC 1644.
  public static let requestCount = TcpcbFlags(rawValue: 0x2000)
  public static let receivedCount = TcpcbFlags(rawValue: 0x1_0000)
  /// TCP_NOPUSH: what does not fill a segment waits for more.
  public static let noPush = TcpcbFlags(rawValue: 0x1000)
  /// ECN is agreed upon; a mark came that the peer has not answered; we answer one of ours.
  public static let ecn = TcpcbFlags(rawValue: 0x2_0000)
  public static let echoesMark = TcpcbFlags(rawValue: 0x4_0000)
  public static let answersMark = TcpcbFlags(rawValue: 0x8_0000)
  /// `sndUp`, `rcvUp` mean something.
  public static let urgent = TcpcbFlags(rawValue: 0x4000)
  public static let receivedUrgent = TcpcbFlags(rawValue: 0x8000)
}

/// The timers of a connection, in the order in which tcp_slowtimo fires them. The last is not
/// BSD's: it runs where an ACK does not wait for the 200 ms beat.
public enum TCPTimer: UInt8, CaseIterable, Sendable {
  case rexmt, persist, keep, msl2, delack

  static let count = 5
}

public struct Tcpcb {
  public internal(set) var state: TCPState = .closed
  public internal(set) var flags: TcpcbFlags = []
  public internal(set) var force = false

  public internal(set) var sndUna = SequenceNumber(0)
  public internal(set) var sndNxt = SequenceNumber(0)
  public internal(set) var sndMax = SequenceNumber(0)
  public internal(set) var sndWnd: UInt32 = 0
  public internal(set) var sndWl1 = SequenceNumber(0)
  public internal(set) var sndWl2 = SequenceNumber(0)
  public internal(set) var maxSndWnd: UInt32 = 0
  public internal(set) var iss = SequenceNumber(0)
  public internal(set) var irs = SequenceNumber(0)
  public internal(set) var rcvNxt = SequenceNumber(0)
  public internal(set) var rcvAdv = SequenceNumber(0)
  public internal(set) var rcvWnd: UInt32 = 0
  /// SND.UP and RCV.UP: the octet behind the last urgent one. t_iobc, t_oobflags: the one that was
  /// pulled out.
  public internal(set) var sndUp = SequenceNumber(0)
  public internal(set) var rcvUp = SequenceNumber(0)
  var urgentOctet: UInt8 = 0
  var urgentState: UrgentFlags = []
  /// last_ack_sent: for RFC 1323's rule which timestamp to remember.
  var lastAckSent = SequenceNumber(0)

  public internal(set) var cwnd: UInt32 = 0
  public internal(set) var ssthresh: UInt32 = 0
  /// t_maxseg: octets of data in a full segment, options taken off.
  public internal(set) var mss: Int32 = 512
  public internal(set) var dupAcks: Int32 = 0
  /// SND.MAX as the present recovery, or the last timeout, began. RFC 6582 §3.2.
  public internal(set) var recover = SequenceNumber(0)

  var sndScale: UInt8 = 0
  var rcvScale: UInt8 = 0
  var requestRcvScale: UInt8 = 0
  var requestedSndScale: UInt8 = 0
  var tsRecent: UInt32 = 0
  var tsRecentAge: UInt32 = 0
  /// cc_send, cc_recv: the counts of this connection at both ends.
  var countSent: UInt32 = 0
  var countReceived: UInt32 = 0
  /// The slow beat at which the connection began: t_duration.
  var begunTick: Int64 = 0

  /// t_srtt << 5 and t_rttvar << 4, in slow ticks.
  public internal(set) var srtt: Int32 = 0
  public internal(set) var rttvar: Int32 = 24
  /// t_rttmin and t_rxtcur, slow ticks.
  public internal(set) var rttmin: Int32 = 2
  public internal(set) var rxtcur: Int32 = 6
  public internal(set) var rxtshift: Int32 = 0
  /// Round trips measured; from 16 on they are worth keeping in the route.
  var rttSamples: Int32 = 0
  /// The sequence number that is timed, and the slow tick at which its clock stood at 1; -1: none.
  var rtseq = SequenceNumber(0)
  var rttStartTick: Int64 = -1

  /// What a user has chosen for this connection; 0 is the host's own.
  var times = TCPTimes()
  /// The slow tick at which each timer fires; -1 when it is not armed.
  var timers: InlineArray<5, Int64> = .init(repeating: -1)
  /// The slow tick at which the last segment came in.
  public internal(set) var idleSinceTick: Int64 = 0
  var softError: SocketError? = nil
  /// Since when something is outstanding and nothing moves, once a timer or a shut window has told;
  /// what was done about it last, and when.
  public internal(set) var stalledSince = Instant.never
  var untiedBy = Mechanism.none
  var untiedAt = Instant.zero
  /// The header template, tcp_template: an mbuf held as long as the connection (MT_HEADER), or -1.
  var template: Int32 = -1
  /// Segments that came out of order, chained by nextPacket; kept sorted by sequence.
  var reassembly: Int32 = -1
  public internal(set) var reassemblyCount: Int32 = 0

  @inline(__always)
  subscript(timer: TCPTimer) -> Int64 {
    get { timers[Int(timer.rawValue)] }
    set { timers[Int(timer.rawValue)] = newValue }
  }

  /// The slow tick at which `timer` fires, or nil.
  public func expiry(of timer: TCPTimer) -> Int64? { self[timer] < 0 ? nil : self[timer] }
}
