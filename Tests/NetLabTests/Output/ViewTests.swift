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
    let heads = ["tcp:", "udp:", "ip:", "icmp:", "igmp:", "arp:"]
    #expect(shown.filter { !$0.hasPrefix("\t") } == heads)
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

  @Test("what is sent and what comes in falls into tcpstat's classes, without rest")
  func traffic() {
    let shown = lines("show netstat(server, .s)")
    #expect(shown.contains { $0.wholeMatch(of: #/\t\t\d+ data packets \(\d+ bytes\)/#) != nil })
    #expect(
      shown.contains { $0.wholeMatch(of: #/\t\t\d+ acks \(for \d+ bytes\)/#) != nil })
    #expect(shown.contains { $0.hasPrefix("\t1 connection closed") } == false)
    #expect(shown.contains("\t0 connections closed (including 0 drops)"))
    #expect(
      lines(
        """
        fn of(host, name) => filter(netstat(host, .s), fn(c) => c.name == name)[0]
        fn sent(host) => sum(map(["tcps_sndpack", "tcps_sndrexmitpack", "tcps_sndacks",
            "tcps_sndurg", "tcps_sndprobe", "tcps_sndwinup", "tcps_sndctrl"],
            fn(name) => of(host, name).count))
        print sent(server) == server.tcp.stats.sent, sent(client) == client.tcp.stats.sent
        print of(client, "tcps_connattempt").count + of(server, "tcps_connattempt").count
        print of(server, "tcps_sndpack").second == of(client, "tcps_rcvpack").second
        """) == ["true  true", "1", "true"])
  }

  @Test("netstat -r: routes with gateways, what a redirect taught, and hosts behind them")
  func gateways() {
    let shown = printed(
      """
      case "routes" {
          lan office { rate = 10Mbps }
          lan plant { rate = 10Mbps }
          host gate {
              nic eth0 { lan = office }
              ip { forwarding = true }
              route on { to = plant; via = door }
          }
          host door {
              nic eth0 { lan = office }
              nic eth1 { lan = plant }
              ip { forwarding = true }
          }
          host pc {
              nic eth0 { lan = office }
              route out { via = gate }
              route mail { to = gate; via = door }
          }
          host plc { nic eth0 { lan = plant }; route back { to = office; via = door } }
          ping probe { from = pc; to = plc }
          sink log { host = pc; tcp = 20 }
          task writer {
              host = plc
              fn main() {
                  let s = socket(.tcp)
                  s.connect(pc, 20)
                  s.write(100KB)
                  s.close()
              }
          }
          run for 100s
          show netstat(pc, .r)
          show netstat(plc, .r)
      }
      """)
    #expect(
      shown == [
        "Routing tables", "", "Internet:",
        "Destination        Gateway            Flags    Netif   Expire",
        "default            10.0.1.1           UGS      eth0",
        "10.0.1             link#1             UC       eth0",
        "10.0.1.1           2:0:0:0:1:1        UHLW     eth0      1101",
        "10.0.1.1           10.0.1.2           UGHS     eth0",
        "10.0.1.2           2:0:0:0:1:2        UHLW     eth0      1101",
        "10.0.2.2           10.0.1.2           UGHD     eth0",
        "127.0.0.1          127.0.0.1          UH       lo0",
        "Routing tables", "", "Internet:",
        "Destination        Gateway            Flags    Netif   Expire",
        "10.0.1             10.0.2.1           UGS      eth0",
        "10.0.1.3           10.0.2.1           UGHW     eth0      3561",
        "10.0.2             link#1             UC       eth0",
        "10.0.2.1           2:0:0:0:2:1        UHLW     eth0      1101",
        "127.0.0.1          127.0.0.1          UH       lo0",
      ])
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
