// The constants of TCP: times in slow ticks of 500 ms, windows in octets, counts.
//
// 4.4BSD: netinet/tcp_timer.h, tcp_var.h, tcp_seq.h, with FreeBSD 2.2's values. What may change
// while a host runs is in `Tunables`. Left out: the random half of TCP_ISSINCR; its mean is taken
// instead, so a user sees initial sequence numbers that grow evenly.

enum TCPLimit {
  /// 2 * TCPTV_MSL: how long TIME_WAIT lasts. RFC 9293 §3.4.2 (MSL); 30 s each in BSD.
  static let timeWaitTicks: Int64 = 120
  /// TCPTV_REXMTMAX: 64 s.
  static let rexmtMaxTicks: Int64 = 128
  /// TCPTV_RTOBASE: the timeout before the first sample, 3 s.
  static let rexmtBaseTicks: Int64 = 6
  /// TCPTV_PERSMIN, TCPTV_PERSMAX: 5 s, 60 s.
  static let persistMinTicks: Int64 = 10
  static let persistMaxTicks: Int64 = 120
  /// TCPTV_KEEP_INIT: how long a handshake may take, 75 s.
  static let keepInitTicks: Int64 = 150
  /// tcp_maxpersistidle: 7200 s, whatever keepidle is set to.
  static let maxPersistIdleTicks: Int64 = 14400
  /// TCP_PAWS_IDLE: a timestamp older than 24 days proves nothing. RFC 7323 §5.5.
  static let pawsIdleTicks: Int64 = 24 * 24 * 60 * 60 * 2

  /// TCP_MAXRXTSHIFT: one expiry more than this many drops the connection.
  static let maxShift: Int32 = 12
  /// tcp_totbackoff: the sum of all thirteen multipliers.
  static let totalBackoff: Int64 = 511
  /// tcprexmtthresh: duplicate ACKs that mean a loss. RFC 5681 §3.2.
  static let dupAckThreshold: Int32 = 3

  /// TCP_MAXWIN, TCP_MAX_WINSHIFT. RFC 7323 §2.2, §2.3.
  static let maxWindow: UInt32 = 65535
  static let maxWindowShift: UInt8 = 14
  /// tcp_mssdflt: octets of data in a segment to a peer that has named no size.
  static let mssDefault: Int32 = 512
  /// The smallest offer that is believed: some data beside 40 octets of options.
  static let mssFloor: Int32 = 64
  /// sizeof (struct tcpiphdr): what an MTU loses to the two headers.
  static let headerOctets: Int32 = 40
  /// Round trips measured before they are worth keeping in the route.
  static let rttSamplesWorthKeeping: Int32 = 16
  /// TCP_ISSINCR: octets a second by which the initial sequence number grows.
  static let issIncrement: UInt32 = 250 * 1024
  /// The resolution of route metrics: a slow tick is 500,000 us, srtt counts 32nds, rttvar 16ths of
  /// it.
  static let srttMicroseconds: Int64 = 15625
  static let rttvarMicroseconds: Int64 = 31250

  /// tcp_backoff: 1, 2, 4 … 64, and 64 from then on. RFC 6298 §5.5.
  @inline(__always)
  static func backoff(_ shift: Int32) -> Int64 {
    precondition(shift >= 0 && shift <= maxShift, "a retransmission beyond the last")
    return 1 << Int64(min(shift, 6))
  }

  /// TCPT_RANGESET. As in BSD the lower bound wins when the two cross.
  @inline(__always)
  static func ranged(_ value: Int64, from low: Int64, to high: Int64) -> Int64 {
    value < low ? low : min(value, max(low, high))
  }
}
