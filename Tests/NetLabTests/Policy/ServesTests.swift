// Pools that serve packets: each received, each to be sent, each that waits for a gap to fill; and
// the one that receive rings lie in.

import NetLab
import Testing

@Suite("Pools that serve packets")
struct ServesTests {
  private func lab(_ server: String, _ rest: String) -> [String] {
    printed(
      """
      import "std/craft" as craft
      case "c" {
          lan office { rate = 10Mbps }
          host server {
              nic eth0 { lan = office; rx_ring = 16 }
              \(server)
          }
          host client { nic eth0 { lan = office } }
          \(rest)
      }
      """)
  }

  @Test("a socket that nobody reads takes all packets to receive, and none of those to send")
  func receivers() {
    let lines = lab(
      """
      pool inward { count = 5; serves = [.rx] }
      pool outward { count = 20; serves = [.tx] }
      """,
      """
      sink deaf { host = server; udp = 7; read = .never }
      cbr feed { from = client; to = server; udp = 7; rate = 100/s }
      cbr out { from = server; to = client; udp = 9; rate = 100/s }
      sink end { host = client; udp = 9 }
      run for 2s
      print server.inward.used, server.inward.denied > 150, server.pool.clusters.free > 900
      print end.reads > 150, server.outward.denied
      print map(holders(server.inward), fn(h) => [h.owner, h.count, h.site, h.until])
      run for 1s
      """)
    #expect(
      lines == [
        "5  true  true", "true  0",
        "[[\"received packets\", 5, \"ether_input\", \"its packet is freed\"]]",
      ])
  }

  @Test("one pool for both is what lets a flood keep a host from sending; a pool each does not")
  func direction() {
    func sent(_ pools: String) -> [String] {
      lab(
        pools,
        """
        sink deaf { host = server; udp = 7; read = .never }
        cbr feed { from = client; to = server; udp = 7; rate = 100/s }
        cbr out { from = server; to = client; udp = 9; rate = 100/s; starts = 1s }
        sink end { host = client; udp = 9 }
        run for 3s
        print end.reads > 150, end.reads
        """)
    }
    #expect(sent("pool both { count = 8; serves = [.rx, .tx] }") == ["false  0"])
    #expect(
      sent("pool in1 { count = 4; serves = [.rx] }\npool out1 { count = 4; serves = [.tx] }").first?
        .hasPrefix("true") == true)
  }

  @Test("ENOBUFS where a packet to send finds no buffer; it comes back when its frame is freed")
  func senders() {
    let lines = lab(
      "pool outward { count = 3; serves = [.tx] }\nnic eth0 { tx { reap = .irq } }",
      """
      sink end { host = client; udp = 9 }
      task burst {
          host = server
          var failures = 0
          fn main() {
              let s = socket(.udp)
              s.sendto(client, 9, 100B)
              sleep(1s)
              for i in 1..12 { if failed(s.sendto(client, 9, 1000B)) { failures += 1 } }
          }
      }
      run for 2s
      print burst.failures > 3, server.outward.denied == burst.failures, server.outward.used == 0
      """)
    #expect(lines == ["true  true  true"])
  }

  @Test("fragments whose datagram is not complete hold one each, until IPFRAGTTL")
  func fragments() {
    let lines = lab(
      "pool parts { count = 7; serves = [.reass] }",
      """
      sink end { host = server; udp = 9 }
      cbr feed { from = client; to = server; udp = 9; rate = 20/s; size = 4000B }
      office.fault = fn(f) => if f.len > 500B and f.len < 1400B then .drop else .pass
      run for 5s
      print server.parts.used, server.parts.denied > 20, end.reads
      feed.active = false
      run for 60s
      print server.parts.used
      """)
    #expect(lines == ["7  true  0", "0"])
  }

  @Test("tcp_reass: a segment out of order without a record is dropped, the next in order never")
  func segments() {
    let lines = lab(
      "pool parts { count = 4; serves = [.reass] }",
      """
      bulk up { from = client; to = server; port = 20; size = 1MB; write = 8KiB }
      office.fault = craft.chance(3%)
      run for 200s
      print server.parts.peak, server.parts.denied > 0, up.end.received, server.parts.used
      """)
    #expect(lines == ["4  true  1000000B  0"])
  }

  @Test("a pool for .frame is where the rings lie: no cluster of the stack is taken for them")
  func frames() {
    let lines = lab(
      "pool driver { size = 2KiB; count = 24; serves = [.frame] }",
      """
      sink deaf { host = server; udp = 7; read = .never }
      cbr feed { from = client; to = server; udp = 7; rate = 100/s }
      run for 2s
      print server.driver.used, server.driver.free, server.pool.clusters.used
      print map(holders(server.driver), fn(h) => [h.owner, h.count]), wedged(server)
      """)
    #expect(lines.first == "24  0  0")
  }

  @Test("what cannot serve so is refused")
  func mistakes() {
    func mistake(_ pool: String) -> String? {
      trial("case \"c\" { host h { \(pool) }; run for 1s }").mistakes.first
    }
    #expect(
      mistake("pool p { count = 1; serves = [.app] }")
        == "N452: `serves`: tasks take from a pool that serves nothing else")
    #expect(
      mistake("pool p { count = 1; size = 2KiB; serves = [.frame, .rx] }")
        == "N454: a pool for `.frame` serves nothing else")
    #expect(
      mistake("pool p { count = 1; serves = [.frame] }")
        == "N222: a buffer of `h.p` is too small for a frame")
  }
}
