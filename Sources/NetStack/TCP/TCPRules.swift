// What TCP has learnt since 4.4BSD, and how long it waits: a field for each, so that a preset can
// choose.
//
// All times are in slow beats (`HostConfiguration.slowBeat`), as BSD has them. The values here are
// FreeBSD 2.2's, which RTEMS 4.6 shipped. Whatever may change a running connection is in here; what
// needs memory of its own (SACK) is fixed when the host is built.

/// How a connection comes out of a loss.
public enum LossRecovery: UInt8, Sendable {
  /// 4.3BSD Reno: one segment; a second loss in the same window waits for the timer.
  case reno
  /// RFC 6582: each partial acknowledgment asks for one more segment.
  case newReno
}

/// How much receive window is told to the peer.
public enum WindowRule: UInt8, Sendable {
  /// What the socket's buffer has room for.
  case fixed
  /// No more than the pool could hold, a cluster for each full segment.
  case fromPool
}

public struct TCPRules: Equatable, Sendable {
  // Loss recovery.
  public var recovery = LossRecovery.reno
  /// RFC 3042: the first two duplicate ACKs let a new segment out each.
  public var limitedTransmit = false
  /// tcprexmtthresh: duplicate ACKs that mean a loss. RFC 5681 §3.2.
  public var dupAckThreshold: Int32 = 3
  /// Segments that a new connection may send. RFC 6928 says 10; 0 is BSD's rule, one towards
  /// strangers and no limit towards neighbours.
  public var initialWindow: Int32 = 0

  // Strangers who guess. RFC 5961.
  public var rfc5961 = false
  /// Challenge ACKs a second, the host's own limit; 0: none.
  public var challengeLimit: Int64 = 0

  // Timers.
  /// TCPTV_MSL: 30 s. RFC 9293 §3.4.2.
  public var msl: Int64 = 60
  /// TCPTV_KEEP_INIT: how long a handshake may take, 75 s.
  public var keepInit: Int64 = 150
  /// TCPTV_RTOBASE: the timeout before the first sample, 3 s.
  public var rtoBase: Int64 = 6
  /// tcp_rttdflt: the mean deviation that is supposed before it, in 16ths; 750 ms.
  public var rttvarBase: Int32 = 24
  /// TCPTV_REXMTMAX: 64 s.
  public var rexmtMax: Int64 = 128
  /// TCPTV_PERSMIN, TCPTV_PERSMAX: 5 s, 60 s.
  public var persistMin: Int64 = 10
  public var persistMax: Int64 = 120
  /// tcp_maxpersistidle: 7200 s, whatever keepidle is set to.
  public var maxPersistIdle: Int64 = 14400
  /// REXMTVAL is never below rto_min, as FreeBSD corrected it: the estimator of a LAN does not
  /// shrink to a timeout that backing off leaves at 0.
  public var rtoFloor = false
  /// How long an ACK may wait; 0: for the 200 ms beat, which all connections share.
  public var delayedAck: Int64 = 0
  /// Each second segment of data is acknowledged at once. RFC 5681 §4.2.
  public var ackEverySecond = false
  /// A FIN of our own is sent again until it is acknowledged.
  public var lastAckTimer = true
  /// Nobody waits for ever for the FIN of a peer whose user is gone.
  public var finWait2Timer = true

  // Buffers.
  public var window = WindowRule.fixed
  /// Segments that may wait for a gap to fill: of one connection, of all; 0: no limit.
  public var reassemblyCap: Int32 = 0
  public var reassemblyTotal: Int32 = 0
  /// The segment that fills the gap is taken even so.
  public var reassemblyTakesNext = true
  /// soisdisconnected empties the send buffer, as FreeBSD came to do: nobody can send it any more.
  public var disconnectFrees = false

  // Handshake.
  /// tcp_mssdflt: octets of data in a segment to a peer that has named no size.
  public var mssDefault: Int32 = 512
  /// T/TCP's connection counts are offered. RFC 1644.
  public var rfc1644 = false
  /// RFC 6528: initial sequence numbers that nobody can guess who does not know the seed.
  public var randomISS = false

  public init() {}
}
