// The constants of TCP: windows in octets, counts.
//
// 4.4BSD: netinet/tcp_timer.h, tcp_var.h, tcp_seq.h, with FreeBSD 2.2's values. What a preset may
// choose, all times among it, is in `TCPRules`. Left out: the random half of TCP_ISSINCR; its mean
// is taken instead, so a user sees initial sequence numbers that grow evenly.

enum TCPLimit {
  /// TCP_PAWS_IDLE: a timestamp older than 24 days proves nothing. RFC 7323 §5.5.
  static let pawsIdleNanoseconds: Int64 = 24 * 24 * 60 * 60 * 1_000_000_000

  /// TCP_MAXRXTSHIFT: one expiry more than this many drops the connection.
  static let maxShift: Int32 = 12

  /// TCP_MAXWIN, TCP_MAX_WINSHIFT. RFC 7323 §2.2, §2.3.
  static let maxWindow: UInt32 = 65535
  static let maxWindowShift: UInt8 = 14
  /// The smallest offer that is believed: some data beside 40 octets of options.
  static let mssFloor: Int32 = 64
  /// sizeof (struct tcpiphdr): what an MTU loses to the two headers.
  static let headerOctets: Int32 = 40
  /// Round trips measured before they are worth keeping in the route.
  static let rttSamplesWorthKeeping: Int32 = 16
  /// TCPTV_TWTRUNC: timeouts that TIME_WAIT lasts where T/TCP tells connections apart.
  static let timeWaitTimeouts: Int64 = 8
  /// TCP_ISSINCR: octets a second by which the initial sequence number grows.
  static let issIncrement: UInt32 = 250 * 1024

  /// tcp_backoff: 1, 2, 4 … and the largest from then on. RFC 6298 §5.5.
  @inline(__always)
  static func backoff(_ shift: Int32, upTo most: Int64) -> Int64 {
    precondition(shift >= 0 && shift <= maxShift, "a retransmission beyond the last")
    return min(1 << Int64(shift), most)
  }

  /// tcp_totbackoff: the sum of all thirteen multipliers, 511 where the largest is 64.
  static func totalBackoff(upTo most: Int64) -> Int64 {
    (0...maxShift).reduce(0) { $0 &+ backoff($1, upTo: most) }
  }

  /// TCPT_RANGESET. As in BSD the lower bound wins when the two cross.
  @inline(__always)
  static func ranged(_ value: Int64, from low: Int64, to high: Int64) -> Int64 {
    value < low ? low : min(value, max(low, high))
  }
}
