// udpstat, ipstat and icmpstat, in the order in which netstat prints them.

import NetStack

extension CounterLine {
  static func udp(_ s: Statistics) -> [CounterLine] {
    var list = CounterList("udp")
    list.add("udps_ipackets", s.udpIn, "% datagram(s) received")
    list.add("udps_badsum", s.udpBadSum, "% bad checksum(s)")
    list.add("udps_noport", s.udpNoPort, "% no port(s)")
    list.add("udps_noportbcast", s.udpNoPortBroadcast, "% (arrived as bcast) no port(s)")
    list.add("udps_fullsock", s.udpFullSocket, "% dropped due to full socket buffers")
    return list.counters
  }

  static func ip(_ s: Statistics) -> [CounterLine] {
    var list = CounterList("ip")
    list.add("ips_total", s.ipIn, "% total packet(s) received")
    list.add("ips_badsum", s.ipBadSum, "% bad header checksum(s)")
    list.add("ips_fragments", s.ipFragments, "% fragment(s) received")
    list.add("ips_cantforward", s.ipNotOurs, "% packet(s) not forwardable")
    list.add("ips_noproto", s.ipNoProtocol, "% packet(s) for unknown/unsupported protocol")
    return list.counters
  }

  static func icmp(_ s: Statistics) -> [CounterLine] {
    var list = CounterList("icmp")
    list.add("icps_error", s.icmpErrors, "% call(s) to icmp_error")
    list.add("icps_reflect", s.icmpEchoes, "% message response(s) generated")
    return list.counters
  }
}
