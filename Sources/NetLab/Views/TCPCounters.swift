// tcpstat, in the order in which netstat prints it; then what later stacks count.

import NetStack

extension CounterLine {
  static func tcp(_ s: Statistics) -> [CounterLine] {
    var list = CounterList("tcp")
    sent(s, &list)
    received(s, &list)
    connections(s, &list)
    later(s, &list)
    return list.counters
  }

  private static func sent(_ s: Statistics, _ list: inout CounterList) {
    let t = s.tcp
    list.add("tcps_sndtotal", s.tcpOut, "% packet(s) sent")
    list.add(
      "tcps_sndpack", t.sent, "% data packet(s) (# byte[s])", depth: 2, second: t.sentOctets)
    list.add(
      "tcps_sndrexmitpack", t.resent, "% data packet(s) (# byte[s]) retransmitted", depth: 2,
      second: t.resentOctets)
    list.add(
      "tcps_mturesent", s.tcpMtuResent, "% resend(s) initiated by MTU discovery", depth: 2)
    list.add(
      "tcps_sndacks", t.sentAcks, "% ack-only packet(s) (# delayed)", depth: 2,
      second: s.tcpDelayedAcks)
    list.add("tcps_sndurg", t.sentUrgent, "% URG only packet(s)", depth: 2)
    list.add("tcps_sndprobe", t.sentProbes, "% window probe packet(s)", depth: 2)
    list.add("tcps_sndwinup", t.sentUpdates, "% window update packet(s)", depth: 2)
    list.add("tcps_sndctrl", t.sentControl, "% control packet(s)", depth: 2)
  }

  private static func received(_ s: Statistics, _ list: inout CounterList) {
    let t = s.tcp
    list.add("tcps_rcvtotal", s.tcpIn, "% packet(s) received")
    list.add(
      "tcps_rcvackpack", s.tcpPredictedAcks + t.slowAcks, "% ack(s) (for # byte[s])", depth: 2,
      second: t.ackedOctets)
    list.add("tcps_rcvdupack", s.tcpDupAcks, "% duplicate ack(s)", depth: 2)
    list.add("tcps_rcvacktoomuch", s.tcpAckTooMuch, "% ack(s) for unsent data", depth: 2)
    list.add(
      "tcps_rcvpack", s.tcpPredictedData + t.slowInOrder,
      "% packet(s) (# byte[s]) received in-sequence", depth: 2, second: t.inOrderOctets)
    list.add(
      "tcps_rcvduppack", s.tcpDuplicates, "% completely duplicate packet(s) (# byte[s])",
      depth: 2, second: t.duplicateOctets)
    list.add("tcps_pawsdrop", s.tcpPawsDrops, "% old duplicate packet(s)", depth: 2)
    list.add(
      "tcps_rcvpartduppack", t.partDuplicates,
      "% packet(s) with some dup. data (# byte[s] duped)", depth: 2,
      second: t.partDuplicateOctets)
    list.add(
      "tcps_rcvoopack", s.tcpOutOfOrder, "% out-of-order packet(s) (# byte[s])", depth: 2,
      second: t.outOfOrderOctets)
    list.add(
      "tcps_rcvpackafterwin", s.tcpAfterWindow,
      "% packet(s) (# byte[s]) of data after window", depth: 2, second: t.afterWindowOctets)
    list.add("tcps_rcvwinprobe", s.tcpWindowProbes, "% window probe(s)", depth: 2)
    list.add("tcps_rcvwinupd", t.windowUpdates, "% window update packet(s)", depth: 2)
    list.add(
      "tcps_rcvafterclose", s.tcpAfterClose, "% packet(s) received after close", depth: 2)
    list.add("tcps_rcvbadsum", s.tcpBadSum, "% discarded for bad checksum(s)", depth: 2)
    list.add(
      "tcps_rcvbadoff", s.tcpBadOffset, "% discarded for bad header offset field(s)", depth: 2)
    list.add("tcps_rcvshort", s.tcpShort, "% discarded because packet too short", depth: 2)
  }

  private static func connections(_ s: Statistics, _ list: inout CounterList) {
    let t = s.tcp
    list.add("tcps_connattempt", t.attempts, "% connection request(s)")
    list.add("tcps_accepts", s.tcpAccepts, "% connection accept(s)")
    list.add("tcps_badsyn", s.tcpBadSyn, "% bad connection attempt(s)")
    list.add("tcps_listendrop", s.tcpListenDrops, "% listen queue overflow(s)")
    list.add(
      "tcps_connects", s.tcpConnects, "% connection(s) established (including accepts)")
    list.add(
      "tcps_closed", t.closed, "% connection(s) closed (including # drop[s])",
      second: s.tcpDrops)
    list.add(
      "tcps_cachedrtt", t.cachedRoundTrips, "% connection(s) updated cached RTT on close",
      depth: 2)
    list.add(
      "tcps_cachedrttvar", t.cachedRoundTrips,
      "% connection(s) updated cached RTT variance on close", depth: 2)
    list.add(
      "tcps_cachedssthresh", t.cachedThresholds,
      "% connection(s) updated cached ssthresh on close", depth: 2)
    list.add("tcps_conndrops", s.tcpConnectDrops, "% embryonic connection(s) dropped")
    list.add(
      "tcps_rttupdated", t.roundTrips, "% segment(s) updated rtt (of # attempt[s])",
      second: t.timed)
    timers(s, &list)
    list.add("tcps_predack", s.tcpPredictedAcks, "% correct ACK header prediction(s)")
    list.add(
      "tcps_preddat", s.tcpPredictedData, "% correct data packet header prediction(s)")
  }

  private static func timers(_ s: Statistics, _ list: inout CounterList) {
    list.add("tcps_rexmttimeo", s.tcpRexmtTimeouts, "% retransmit timeout(s)")
    list.add(
      "tcps_timeoutdrop", s.tcpTimeoutDrops, "% connection(s) dropped by rexmit timeout",
      depth: 2)
    list.add("tcps_persisttimeo", s.tcpPersistTimeouts, "% persist timeout(s)")
    list.add(
      "tcps_persistdrop", s.tcpPersistDrops, "% connection(s) dropped by persist timeout",
      depth: 2)
    list.add("tcps_keeptimeo", s.tcp.keepTimeouts, "% keepalive timeout(s)")
    list.add("tcps_keepprobe", s.tcpKeepProbes, "% keepalive probe(s) sent", depth: 2)
    list.add("tcps_keepdrops", s.tcpKeepDrops, "% connection(s) dropped by keepalive", depth: 2)
  }

  /// Not in 4.4BSD: names and words are FreeBSD's where it has them.
  private static func later(_ s: Statistics, _ list: inout CounterList) {
    list.add("tcps_nomem", s.tcpBufferFailures, "% segment(s) not sent for want of an mbuf")
    list.add("tcps_badopt", s.tcpBadOptions, "% segment(s) with bad options")
    list.add("tcps_recoveries", s.tcpRecoveries, "% recovery episode(s)")
    list.add("tcps_dsack_recv", s.tcpDsacks, "% DSACK(s) received")
    list.add("tcps_dsack_sent", s.tcpDsacksSent, "% DSACK(s) sent")
    list.add("tcps_sack_bad", s.tcpSackBad, "% SACK block(s) that cannot be")
    list.add("tcps_sack_sboverflow", s.tcpSackOverflows, "% SACK scoreboard overflow(s)")
    list.add("tcps_ecn_shs", s.tcp.markHandshakes, "% successful ECN handshake(s)")
    list.add("tcps_ecn_ce", s.tcp.marksReceived, "% segment(s) marked as congested")
    list.add("tcps_ecn_rcwnd", s.tcp.markReductions, "% time(s) ECN reduced the window")
    list.add("tcps_challenges", s.tcpChallenges, "% challenge ACK(s) sent")
    list.add(
      "tcps_challenges_limited", s.tcpChallengesSuppressed, "% challenge ACK(s) suppressed")
    list.add("tcps_rcvmemdrop", s.tcpReassemblyFull, "% segment(s) beyond the reassembly cap")
    list.add(
      "tcps_rcvmemnext", s.tcpReassemblyFullNext, "% of them the next one expected", depth: 2)
  }
}
