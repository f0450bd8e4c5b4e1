// A socket buffer: what is queued, what it counts, who sleeps on it.
//
// 4.4BSD: sys/socketvar.h. `mbcnt` counts 128 octets an mbuf and 2048 more for a cluster, whatever
// they carry: that is how small writes pin a whole pool.

/// One direction of a socket.
public struct Sockbuf {
  /// Octets of data (and, for datagrams, of their names).
  public internal(set) var cc: Int32 = 0
  /// sb_hiwat: the most octets it should hold.
  public internal(set) var hiwat: Int32 = 0
  /// Octets of storage in use.
  public internal(set) var mbcnt: Int32 = 0
  /// sb_mbmax: the most octets of storage.
  public internal(set) var mbmax: Int32 = 0
  public internal(set) var lowat: Int32 = 1
  /// sb_timeo: the most ticks that one sleep may last; 0: no end.
  public internal(set) var timeout: Int32 = 0
  /// mbufs that carry a cluster.
  public internal(set) var clusters: Int32 = 0
  public internal(set) var mbufs: Int32 = 0
  /// First mbuf of the first record, last mbuf of the last record, first mbuf of the last record.
  var head: Int32 = -1
  var tail: Int32 = -1
  var lastRecord: Int32 = -1
  /// Where the last segment began: an mbuf, and the octets that lie before it. -1: at the head.
  /// sb_sndptr of later BSDs; 4.4 walks from the head each time.
  var spot: Int32 = -1
  var spotOffset: Int32 = 0
  /// The task in `sbwait`, or -1: one sleeper a buffer.
  public internal(set) var waiter: Int32 = -1
  /// The task that has it in a `select`, or -1: the last that asked, as there is one slot.
  var selector: Int32 = -1
  var flags: SockbufFlags = []

  /// sbspace: octets that may be added; negative when it is over its limits.
  @inline(__always)
  public var space: Int32 { min(hiwat &- cc, mbmax &- mbcnt) }
}

/// SB_LOCK: a task is inside `sosend` or `soreceive`, perhaps asleep.
public struct SockbufFlags: OptionSet, Sendable {
  public let rawValue: UInt8
  @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }
  public static let locked = SockbufFlags(rawValue: 1)
  /// A selector waits for it without SB_WAIT: it is not woken.
  static let deaf = SockbufFlags(rawValue: 2)
}
