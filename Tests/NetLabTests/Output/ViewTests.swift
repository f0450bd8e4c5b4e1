// The views of BSD and RTEMS: what `show` prints of them, and what a script reads.

import Testing

@testable import NetLab

/// A server with small pools that writes to a peer who reads nothing, and listens.
private func lines(_ statements: String) -> [String] {
  printed(
    """
    import "std/presets"
    case "views" {
        lan office { rate = 10Mbps }
        host server : presets.rtems46 { pool { clusters = 256 }; nic eth0 { lan = office } }
        host client { nic eth0 { lan = office } }
        bulk ftp { from = server; to = client; port = 20; write = 300B; read = .never }
        sink web { host = server; tcp = 80 }
        sink log { host = server; udp = 514; read = .never }
        cbr syslog { from = client; to = server; udp = 514; rate = 5/s; size = 100B }
        run for 3s
        \(statements)
    }
    """)
}

@Suite("Views of BSD and RTEMS")
struct ViewTests {
  @Test("rtems_bsdnet_show_mbuf_stats, line for line (rtems_showmbuf.c)")
  func mbufStatistics() {
    let shown = lines("show mbuf_stats(server)")
    #expect(shown.count == 7)
    #expect(shown[0] == "************ MBUF STATISTICS ************")
    #expect(shown[1].hasPrefix("mbufs: 512    clusters: 256    free: "))
    #expect(shown[2] == "drops:   0       waits:   0  drains:   0")
    #expect(shown[3].hasPrefix("      free:"))
    #expect(
      shown[4] == "       pcb:0           rtable:0           htable:0           atable:0")
    #expect(shown[6] == "    ifaddr:0          control:0          oobdata:0")
    let values = lines(
      """
      let s = mbuf_stats(server)
      fn of(name) => filter(s, fn(line) => line.name == name)[0].value
      print of("mbufs"), of("free") == server.pool.mbufs.free
      print of("free clusters") == server.pool.clusters.free, of("header") > 1
      print sum(map(s.drop(6), fn(line) => line.value))
      """)
    #expect(values.prefix(2) == ["512  true", "true  true"] && values.last == "512")
  }

  @Test("netstat -m, in the words of 4.4BSD (usr.bin/netstat/mbuf.c)")
  func memory() {
    let shown = lines("show netstat(server, .m)")
    #expect(shown[0].hasSuffix(" mbufs in use:") && shown[1].hasPrefix("\t"))
    #expect(shown[1].hasSuffix(" mbufs allocated to data"))
    #expect(shown[2].hasSuffix(" mbufs allocated to packet headers"))
    #expect(shown.contains { $0.hasSuffix("/256 mapped pages in use") })
    #expect(
      shown.suffix(3) == [
        "0 requests for memory denied", "0 requests for memory delayed",
        "0 calls to protocol drain routines",
      ])
  }

  @Test("netstat -an: every socket, the newest first, with what lies in its queues")
  func sockets() {
    let shown = lines("show netstat(server, .an)")
    #expect(shown[0] == "Active Internet connections (including servers)")
    #expect(
      shown[1]
        == "Proto Recv-Q Send-Q  Local Address          Foreign Address        (state)")
    #expect(
      shown.contains("tcp        0      0  *.80                   *.*                    LISTEN"))
    let sending = shown.first { $0.contains("10.0.1.2.20") } ?? ""
    #expect(sending.hasPrefix("tcp        0 ") && sending.hasSuffix(" ESTABLISHED"))
    #expect(shown.last?.hasPrefix("udp     ") == true)
    #expect(shown.allSatisfy { $0.utf8.count <= 80 })
    let read = lines(
      """
      let one = filter(netstat(server, .an), fn(s) => s.foreign == "10.0.1.2.20")[0]
      print one.proto, one.state, one.send_q == server.tcp.conn[0].snd.cc
      print len(filter(netstat(server, .an), fn(s) => s.recv_q > 1KB))
      """)
    #expect(read == [".tcp  .established  true", "1"])
  }

  @Test("netstat -i: the Ethernet address and that of IP, with counters")
  func interfaces() {
    let shown = lines("show netstat(server, .i)")
    #expect(
      shown[0]
        == "Name  Mtu   Network     Address            Ipkts Ierrs    Opkts Oerrs Coll Drop")
    #expect(shown[1].hasPrefix("eth0  1500  <Link>      2.0.0.0.1.1  "))
    #expect(shown[2].hasPrefix("eth0  1500  10.0.1      10.0.1.1  "))
    #expect(shown.allSatisfy { $0.utf8.count <= 80 })
    #expect(
      lines("print netstat(server, .i)[0].ipkts == server.eth0.rx.frames") == ["true"])
  }

  @Test("netstat -r and arp -a: the networks, and who is known on them")
  func routes() {
    let shown = lines("show netstat(server, .r)")
    #expect(shown.contains("Destination        Gateway            Flags    Netif   Expire"))
    #expect(shown.contains("10.0.1             link#1             UC       eth0"))
    #expect(
      shown.contains { $0.hasPrefix("10.0.1.2           2:0:0:0:1:2        UHLW     eth0") })
    #expect(lines("show arp_table(server)") == ["client (10.0.1.2) at 2:0:0:0:1:2"])
    #expect(
      lines("print arp_table(server)[0].host == client, arp_table(server)[0].expire > 15min")
        == ["true  true"])
  }

  @Test("netstat -s: protocol by protocol, with one and with many")
  func counters() {
    let shown = lines("show netstat(server, .s)")
    #expect(shown.filter { !$0.hasPrefix("\t") } == ["tcp:", "udp:", "ip:", "icmp:", "arp:"])
    #expect(shown.contains("\t1 connection established (including accepts)"))
    #expect(shown.contains("\t0 retransmit timeouts"))
    #expect(shown.contains("\t14 datagrams received"))
    #expect(
      lines(
        """
        fn of(name) => filter(netstat(server, .s), fn(c) => c.name == name)[0].count
        print of("tcps_rcvtotal") == server.tcp.stats.received, of("udps_ipackets")
        show filter(netstat(server, .s), fn(c) => c.count > 0 and c.protocol == .udp)
        """) == ["true  14", "udp:", "\t14 datagrams received"])
  }

  @Test("a host without a stack has none of these, and netstat no other letters")
  func mistakes() {
    #expect(
      printed(
        """
        host bare { stack = .none }
        run for 1s
        show netstat(bare, .s)
        """) == ["N211: `netstat` asks about a host with a stack"])
    #expect(lines("show netstat(server, .x)") == ["N201: `netstat` has no .x"])
  }
}
