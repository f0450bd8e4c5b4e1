// What TCP has learnt since 4.4BSD, its timers and its limits: each a field, so that a preset can
// choose. The defaults are those of FreeBSD 2.2, which RTEMS 4.6 shipped.

extension Schema {
  /// Times of TCP are rounded up to whole slow beats.
  private static func time(
    _ word: Word, _ nanoseconds: Int64, _ origin: Original, _ meaning: String
  ) -> FieldSchema {
    FieldSchema(
      word, .time, standard: .nanoseconds(nanoseconds), live: true,
      range: 1_000_000...century, origin: origin, meaning)
  }

  private static func count(
    _ word: Word, _ standard: Int64, _ range: ClosedRange<Int64>, _ origin: Original,
    _ meaning: String
  ) -> FieldSchema {
    FieldSchema(
      word, .count, standard: .count(standard), live: true, range: range, origin: origin, meaning)
  }

  static let tcpRecovery: [FieldSchema] = [
    FieldSchema(
      .recovery, .symbol([.reno, .newreno]), standard: .symbol(.reno), live: true,
      "after a loss: one segment at once (4.3BSD), or one for each partial ACK (RFC 6582)"),
    FieldSchema(
      .sack, .bool, standard: .bool(false), origin: "net.inet.tcp.sack.enable",
      "selective acknowledgments: offered, told, and used in recovery (RFC 2018, 2883, 6675)"),
    flag(
      .limitedTransmit, false, "net.inet.tcp.rfc3042",
      "the first two duplicate ACKs let a new segment out each (RFC 3042)"),
    // netinet/tcp_input.c: static.
    count(
      .dupackThreshold, 3, 1...100, Original("tcprexmtthresh", 3, .counted("duplicate ACKs")),
      "duplicate ACKs that mean a loss"),
    count(
      .initialWindow, 0, 0...1000, "net.inet.tcp.initcwnd_segments",
      "segments that a new connection may send (RFC 6928: 10); 0: one towards strangers, the "
        + "whole window towards neighbours"),
    flag(
      .rfc5961, false, .none,
      "a RST, SYN or ACK that may be a guess is answered by a challenge"),
    flag(
      .insecureRst, false, "net.inet.tcp.insecure_rst",
      "with `rfc5961`: a RST anywhere in the window ends a connection even so, as in RFC 793"),
    flag(
      .insecureSyn, false, "net.inet.tcp.insecure_syn",
      "with `rfc5961`: a SYN anywhere in the window ends a connection even so, as in RFC 793"),
    FieldSchema(
      .challengeLimit, .frequency, standard: .derived, live: true, range: 1...1_000_000_000,
      "challenges answered in a second, by the whole host; turns `rfc5961` on; unset: all"),
    // netinet/tcp_subr.c; RTEMS 4.6 has 1, with the sysctl compiled out.
    flag(
      .rfc1644, false, Original("net.inet.tcp.rfc1644", 1, .flag),
      "T/TCP's connection counts are offered; each segment has 8 octets less of data then"),
    FieldSchema(
      .iss, .symbol([.bsd, .random]), standard: .symbol(.bsd), live: true, origin: "tcp_iss",
      "initial sequence numbers: growing evenly, or unguessable (RFC 6528)"),
  ]

  /// Segments that a state does not expect, and what a SYN says.
  static let tcpHandshake: [FieldSchema] = [
    FieldSchema(
      .arrivals, .symbol([.freebsd22, .bsd44, .freebsd]), standard: .symbol(.freebsd22), live: true,
      origin: "tcp_input",
      "segments that a state does not expect are judged as FreeBSD 2.2, 4.4BSD-Lite2, FreeBSD 14 do"
    ),
    flag(
      .rfc1337, false, "tcp_twcheck",
      "neither a RST nor an older SYN ends TIME_WAIT (RFC 1337)"),
    flag(
      .rfc5927, false, "tcp_ctlinput",
      "an ICMP error counts only when it quotes what is under way (RFC 5927)"),
    flag(
      .dropSynFin, false, "net.inet.tcp.drop_synfin", "a SYN with a FIN is dropped"),
    FieldSchema(
      .blackhole, .symbol([.off, .syns, .all]), standard: .symbol(.off), live: true,
      origin: "net.inet.tcp.blackhole", "what a closed port leaves without a RST"),
    FieldSchema(
      .optionLayout, .symbol([.padded, .packed]), standard: .symbol(.padded), live: true,
      origin: "tcp_addoptions",
      "a SYN's options: each padded in front, or packed with zeros behind (later FreeBSD)"),
    FieldSchema(
      .scaleFor, .symbol([.rcvbuf, .largest]), standard: .symbol(.rcvbuf), live: true,
      origin: "tcp_connect",
      "the window scale covers the buffer that there is, or the largest that `sock.max` allows"),
    flag(
      .dropOptions, false, "net.inet.tcp.rexmit_drop_options",
      "the third retransmission of a SYN goes without scale, timestamps and SACK"),
    FieldSchema(
      .ecn, .symbol([.off, .offered, .accepted]), standard: .symbol(.off), live: true,
      origin: "net.inet.tcp.ecn.enable",
      "congestion marks (RFC 3168): offered and accepted, or accepted only"),
    count(
      .ecnRetries, 1, 0...12, "net.inet.tcp.ecn.maxretries",
      "retransmissions of a SYN that still offer ECN"),
    flag(
      .inheritTTL, false, "syncache_socket",
      "accepted sockets, RSTs and probes are sent with the TTL and TOS of their socket"),
  ]

  static let tcpTimes: [FieldSchema] = [
    FieldSchema(
      .slowtimo, .time, standard: .nanoseconds(500_000_000), range: 1_000_000...500_000_000,
      origin: "PR_SLOWHZ",
      "the slow beat: how fine TCP's timers and timestamps are"),
    FieldSchema(
      .delack, .symbol([.fasttimo]), .time, standard: .symbol(.fasttimo), live: true,
      range: 1_000_000...10_000_000_000, origin: "PR_FASTHZ",
      "how long an ACK waits: for the beat of 200ms that all share, or a time of its own"),
    flag(
      .ackEverySecond, false, .none,
      "each second segment of data is acknowledged at once (RFC 5681); with a time in `delack`"),
    // netinet/tcp_timer.h.
    time(
      .keepinit, 75_000_000_000, Original("net.inet.tcp.keepinit", 150, .slowTicks),
      "how long a handshake may take"),
    time(
      .msl, 30_000_000_000, Original("TCPTV_MSL", 60, .slowTicks),
      "half of what TIME_WAIT lasts"),
    time(
      .rtoInit, 3_000_000_000, Original("TCPTV_RTOBASE", 6, .slowTicks),
      "the retransmission timeout before the first sample"),
    FieldSchema(
      .rttdflt, .time, standard: .derived, live: true, range: 1_000_000...century,
      origin: "tcp_rttdflt",
      "the mean deviation supposed before the first sample; unset: a quarter of `rto_init`"),
    time(
      .rtoMax, 64_000_000_000, Original("TCPTV_REXMTMAX", 128, .slowTicks),
      "the largest retransmission timeout"),
    FieldSchema(
      .rtoSlop, .time, standard: .nanoseconds(0), live: true, range: 0...century,
      origin: "net.inet.tcp.rexmit_slop",
      "added to each timeout but the first, for the delayed ACK of the other end"),
    flag(
      .rtoFloor, false, "TCP_REXMTVAL",
      "a timeout is at least `rto_min` before it is backed off, as FreeBSD corrected it"),
    // netinet/tcp_timer.c: an array.
    count(
      .backoffMax, 64, 1...4096, Original("tcp_backoff", 64, .counted("times")),
      "a timeout that doubles is at most so many times the first"),
    flag(
      .exactIdle, false, "t_rcvtime",
      "timers read from a clock how long a connection is idle; false: they count it, a beat less"),
    time(
      .persistMin, 5_000_000_000, Original("TCPTV_PERSMIN", 10, .slowTicks),
      "the least time between window probes"),
    time(
      .persistMax, 60_000_000_000, Original("TCPTV_PERSMAX", 120, .slowTicks),
      "the longest time between window probes"),
  ]

  static let tcpBuffers: [FieldSchema] = [
    FieldSchema(
      .window, .symbol([.fixed, .fromPool]), standard: .symbol(.fixed), live: true,
      "the window told: the buffer's room, or no more than the pool could hold now"),
    flag(
      .disconnectFrees, false, "soisdisconnected",
      "the end of a connection empties its send buffer, as in later FreeBSD"),
    flag(
      .wholeWrites, false, "m_uiotombuf",
      "a write is sent when all of it that fits is in the buffer, not cluster by cluster"),
    flag(
      .wholeMaxseg, false, "TCP_MAXSEG",
      "the segment size that a socket tells counts the octets of timestamps"),
    FieldSchema(
      .mssdflt, .data, standard: .octets(512), live: true, range: 64...65_495,
      origin: Original("net.inet.tcp.mssdflt", 512, .bytes),
      "octets of a segment to a peer that names no size"),
    // netinet/ip_icmp.c and tcp_output.c of FreeBSD 2.2; the second is later FreeBSD's, where it is
    // on.
    flag(
      .pathMTUDiscovery, true, Original("net.inet.tcp.path_mtu_discovery", 1, .flag),
      "routers' word about too large packets is heeded"),
    flag(
      .icmpMayReset, false, "net.inet.tcp.icmp_may_rst",
      "an unreachable port or protocol ends a connect at once"),
  ]

  static let tcpReassembly = PlaceSchema(
    .reass, "segments that wait for a gap to fill",
    fields: [
      // FreeBSD after SA-04:04; before it there was none.
      count(
        .cap, 0, 0...1_000_000, "net.inet.tcp.reass.maxqlen",
        "segments of one connection; 0: no limit"),
      count(
        .total, 0, 0...1_000_000, "net.inet.tcp.reass.maxsegments",
        "segments of all connections; 0: no limit"),
      flag(.exemptNext, true, .none, "the segment that fills the gap is taken even so"),
    ],
    [
      PlaceSchema(.len, "segments that wait now, of all connections"),
      PlaceSchema(.overflows, "segments that a limit kept out"),
      PlaceSchema(.refusedNext, "those of them that would have filled the gap"),
    ])

  static let tcpTimers = PlaceSchema(
    .timer, "which states a timer ends",
    fields: [
      flag(.lastAck, true, .none, "a FIN in LAST_ACK is sent again until it is acknowledged"),
      flag(
        .finWait2, true, .none, "nobody waits in FIN_WAIT_2 for a peer whose user is gone"),
      time(
        .maxPersist, 7_200_000_000_000, Original("tcp_maxpersistidle", 14_400, .slowTicks),
        "silence of a shut window after which a connection is given up"),
    ])

  static let tcpRecoveryCounts: [PlaceSchema] = [
    PlaceSchema(.dupAcks, "ACKs that moved nothing"),
    PlaceSchema(.recoveries, "recoveries that NewReno or SACK began"),
    PlaceSchema(.delayedAcks, "ACKs that a timer sent"),
    PlaceSchema(.windowProbes, "probes of a window that we had shut"),
    PlaceSchema(.zeroWindows, "segments that told a window of nothing"),
    PlaceSchema(.badOptions, "segments with options that cannot be read"),
    PlaceSchema(.sackBad, "SACK blocks of what was never sent"),
    PlaceSchema(.sackOverflows, "SACK blocks for which the scoreboard had no place"),
    PlaceSchema(.dsacks, "reports of what came twice"),
    PlaceSchema(.challenges, "challenge ACKs sent"),
    PlaceSchema(.challengesSuppressed, "challenge ACKs beyond the limit"),
  ]
}
