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

/// SEGMENT ARRIVES where BSDs differ, and no switch of theirs chooses.
public enum Arrivals: UInt8, Sendable {
  /// FreeBSD 2.2, and RTEMS 4.6 after it.
  case freebsd22
  /// 4.4BSD-Lite2: SYNs that cross are answered by SYN-ACKs; in SYN_RECEIVED the window is looked
  /// at before the ACK, and an ACK of nothing will do; of what lies wholly left of the window
  /// nothing counts, neither RST nor ACK, but for a FIN just before it.
  case bsd44
  /// FreeBSD 14, mostly as RFC 9293 §3.10.7 has it: a socket in CLOSED answers with a RST, which
  /// counts a FIN and tells no window; in SYN_RECEIVED a RST is looked at before its ACK; SYNs that
  /// cross are answered by SYN-ACKs; a RST is an error in CLOSING and LAST_ACK too; a challenge
  /// goes back in the buffer that brought it, and repeats no FIN; the ACK that ends a handshake has
  /// a scaled window; what comes for a user who reads no more is acknowledged and freed.
  case freebsd
}

/// Explicit congestion notification, RFC 3168: net.inet.tcp.ecn.enable.
public enum ECN: UInt8, Sendable {
  case off
  /// Our SYN offers it, and we take it when it is offered.
  case offered
  /// Only when it is offered.
  case accepted
}

/// What a closed port answers.
public enum Blackhole: UInt8, Sendable {
  case off
  /// No RST to a SYN.
  case syns
  /// No RST at all.
  case all
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
  /// The two exceptions from it: a RST, a SYN anywhere in the window does what RFC 793 says.
  /// net.inet.tcp.insecure_rst, insecure_syn.
  public var insecureRst = false
  public var insecureSyn = false
  /// Challenge ACKs a second, the host's own limit; 0: none.
  public var challengeLimit: Int64 = 0
  /// RFC 1337: neither a RST nor an older SYN ends TIME_WAIT.
  public var rfc1337 = false
  /// RFC 5927 §4.1: an ICMP error counts only when it quotes what is under way.
  public var rfc5927 = false
  /// drop_synfin: a SYN with a FIN is nobody's wish.
  public var dropsSynFin = false
  /// net.inet.tcp.blackhole: nobody hears that a port is closed.
  public var blackhole = Blackhole.off

  /// How segments that a state does not expect are judged.
  public var arrivals = Arrivals.freebsd22

  // Timers.
  /// TCPTV_MSL: 30 s. RFC 9293 §3.4.2.
  public var msl: Int64 = 60
  /// TCPTV_KEEP_INIT: how long a handshake may take, 75 s.
  public var keepInit: Int64 = 150
  /// TCPTV_RTOBASE: the timeout before the first sample, 3 s.
  public var rtoBase: Int64 = 6
  /// tcp_rttdflt: the mean deviation that is supposed before it, in 16ths; 750 ms.
  public var rttvarBase: Int32 = 24
  /// tcp_rexmit_slop: added to each timeout but the first, for the peer's delayed ACK.
  public var rexmitSlop: Int64 = 0
  /// TCPTV_REXMTMAX: 64 s.
  public var rexmtMax: Int64 = 128
  /// The largest number of tcp_backoff: 64 in 4.4BSD, 512 in FreeBSD 14.
  public var backoffMax: Int64 = 64
  /// How long a connection has been idle a timer reads from the clock (t_rcvtime of FreeBSD);
  /// 4.4BSD counts it behind the timers, one tick less.
  public var exactIdle = false
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

  /// sosend of later FreeBSD: a write is sent when all of it that fits is in the buffer.
  public var wholeWrites = false
  /// TCP_MAXSEG counts the octets of options among those of data.
  public var wholeMaxSegment = false

  // Handshake.
  /// A SYN's options as later FreeBSD lays them out, rather than each padded in front.
  public var packsOptions = false
  /// The scale offered covers sb_max, into which a buffer may grow.
  public var scalesForLargest = false
  /// The third retransmission of a SYN goes without options: rexmit_drop_options.
  public var dropsOptions = false
  public var ecn = ECN.off
  /// SYNs that are sent again with the offer: net.inet.tcp.ecn.maxretries.
  public var ecnRetries: Int32 = 1
  /// SACK is offered, where the host has memory for it.
  public var offersSack = true
  /// syncache: an accepted socket sends with the TTL and TOS of its listener.
  public var inheritsSending = false
  /// tcp_mssdflt: octets of data in a segment to a peer that has named no size.
  public var mssDefault: Int32 = 512
  /// T/TCP's connection counts are offered. RFC 1644.
  public var rfc1644 = false
  /// RFC 6528: initial sequence numbers that nobody can guess who does not know the seed.
  public var randomISS = false

  public init() {}
}
