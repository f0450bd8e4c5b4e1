// udpstat, ipstat, icmpstat, igmpstat and arpstat, in the order in which netstat prints them; a
// line that 4.4BSD has not is FreeBSD's.

import NetStack

extension CounterLine {
  static func udp(_ statistics: Statistics) -> [CounterLine] {
    let s = statistics.udp
    var list = CounterList("udp")
    list.add("udps_ipackets", s.received, "% datagram(s) received")
    list.add("udps_hdrops", s.short, "% incomplete header(s)")
    list.add("udps_badlen", s.badLength, "% bad data length field(s)")
    list.add("udps_badsum", s.badSum, "% bad checksum(s)")
    list.add("udps_nosum", s.noSum, "% with no checksum")
    list.add("udps_noport", s.noPort, "% no port(s)")
    list.add("udps_noportbcast", s.noPortBroadcast, "% (arrived as bcast) no port(s)")
    list.add("udps_fullsock", s.fullSocket, "% dropped due to full socket buffers")
    list.add("udps_opackets", s.sent, "% datagram(s) output")
    return list.counters
  }

  static func ip(_ statistics: Statistics) -> [CounterLine] {
    let s = statistics.ip
    var list = CounterList("ip")
    list.add("ips_total", s.total, "% total packet(s) received")
    list.add("ips_badsum", s.badSum, "% bad header checksum(s)")
    list.add("ips_toosmall", s.tooSmall, "% with size smaller than minimum")
    list.add("ips_tooshort", s.tooShort, "% with data size < data length")
    list.add("ips_badhlen", s.badHeaderLength, "% with header length < data size")
    list.add("ips_badlen", s.badLength, "% with data length < header length")
    list.add("ips_badoptions", s.badOptions, "% with bad options")
    list.add("ips_badvers", s.badVersion, "% with incorrect version number")
    list.add("ips_toolong", s.tooLong, "% with length > max ip packet size")
    list.add("ips_fragments", s.fragments, "% fragment(s) received")
    list.add("ips_fragdropped", s.fragmentsDropped, "% fragment(s) dropped (dup or out of space)")
    list.add("ips_fragtimeout", s.fragmentTimeouts, "% fragment(s) dropped after timeout")
    list.add("ips_reassembled", s.reassembled, "% packet(s) reassembled ok")
    list.add("ips_delivered", s.delivered, "% packet(s) for this host")
    list.add("ips_noproto", s.noProtocol, "% packet(s) for unknown/unsupported protocol")
    list.add("ips_forward", s.forwarded, "% packet(s) forwarded")
    list.add("ips_cantforward", s.cannotForward, "% packet(s) not forwardable")
    list.add("ips_notmember", s.notMember, "% packet(s) received for unknown multicast group")
    list.add("ips_redirectsent", s.redirectsSent, "% redirect(s) sent")
    list.add("ips_localout", s.localOut, "% packet(s) sent from this host")
    list.add("ips_rawout", s.rawOut, "% packet(s) sent with fabricated ip header")
    list.add("ips_odropped", s.outDropped, "% output packet(s) dropped due to no bufs, etc.")
    list.add("ips_noroute", s.noRoute, "% output packet(s) discarded due to no route")
    list.add("ips_fragmented", s.fragmented, "% output datagram(s) fragmented")
    list.add("ips_ofragments", s.fragmentsOut, "% fragment(s) created")
    list.add("ips_cantfrag", s.cannotFragment, "% datagram(s) that can't be fragmented")
    return list.counters
  }

  static func icmp(_ statistics: Statistics) -> [CounterLine] {
    let s = statistics.icmp
    var list = CounterList("icmp")
    list.add("icps_error", s.errors, "% call(s) to icmp_error")
    list.add("icps_oldicmp", s.oldICMP, "% error(s) not generated 'cuz old message was icmp")
    list.add("icps_oldshort", s.oldShort, "% error(s) not generated 'cuz old message too short")
    list.add("icps_limited", s.limited, "% error(s) not generated 'cuz of the rate limit")
    list.add("icps_nomem", s.noBuffer, "% error(s) not generated for want of an mbuf")
    histogram("icps_outhist", "Output", s.sent, &list)
    list.add("icps_badcode", s.badCode, "% message(s) with bad code fields")
    list.add("icps_tooshort", s.tooShort, "% message(s) < minimum length")
    list.add("icps_checksum", s.badSum, "% bad checksum(s)")
    list.add("icps_badlen", s.badLength, "% message(s) with bad length")
    list.add("icps_bmcastecho", s.broadcastEchoes, "% multicast echo request(s) ignored")
    histogram("icps_inhist", "Input", s.received, &list)
    list.add("icps_reflect", s.reflected, "% message response(s) generated")
    return list.counters
  }

  static func igmp(_ statistics: Statistics) -> [CounterLine] {
    let s = statistics.igmp
    var list = CounterList("igmp")
    list.add("igps_rcv_total", s.received, "% message(s) received")
    list.add("igps_rcv_tooshort", s.tooShort, "% message(s) received with too few bytes")
    list.add("igps_rcv_badsum", s.badSum, "% message(s) received with bad checksum")
    list.add("igps_rcv_queries", s.queries, "% membership queries received")
    list.add("igps_rcv_badqueries", s.badQueries, "% queries received with invalid field(s)")
    list.add("igps_rcv_reports", s.reports, "% membership report(s) received")
    list.add("igps_rcv_badreports", s.badReports, "% report(s) received with invalid field(s)")
    list.add("igps_rcv_ourreports", s.ourReports, "% report(s) received for groups of this host")
    list.add("igps_snd_reports", s.reportsSent, "% membership report(s) sent")
    return list.counters
  }

  static func arp(_ statistics: Statistics) -> [CounterLine] {
    let s = statistics.arp
    var list = CounterList("arp")
    list.add("arps_txrequests", s.requestsSent, "% ARP request(s) sent")
    list.add("arps_txreplies", s.repliesSent, "% ARP replies sent")
    list.add("arps_rxrequests", s.requestsReceived, "% ARP request(s) received")
    list.add("arps_rxreplies", s.repliesReceived, "% ARP replies received")
    list.add("arps_malformed", s.malformed, "% packet(s) that cannot be read")
    list.add("arps_dropped", s.dropped, "% packet(s) dropped while waiting for an answer")
    list.add("arps_timeouts", s.timeouts, "% neighbour(s) given up")
    list.add("arps_dupips", s.duplicates, "% duplicate IP addresses seen")
    list.add("arps_moved", s.moved, "% neighbour(s) that moved")
    return list.counters
  }

  /// A line for each type of which there was a message, below a heading.
  private static func histogram(
    _ name: String, _ heading: String, _ counts: InlineArray<19, Int64>, _ list: inout CounterList
  ) {
    var total: Int64 = 0
    for type in counts.indices { total += counts[type] }
    if total == 0 { return }
    list.add(name, total, heading + " histogram:")
    for type in counts.indices where counts[type] > 0 {
      list.add("\(name)[\(type)]", counts[type], types[type] + ": %", depth: 2)
    }
  }

  private static let types = [
    "echo reply", "#1", "#2", "destination unreachable", "source quench", "routing redirect", "#6",
    "#7", "echo", "#9", "#10", "time exceeded", "parameter problem", "time stamp",
    "time stamp reply", "information request", "information request reply",
    "address mask request", "address mask reply",
  ]
}
