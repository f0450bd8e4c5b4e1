// What a script sets and reads of a driver: `refill`, `copybreak`, `rx.state`, and the oracle on
// rings at which nobody looks.

import NetLab
import Testing

@Suite("Drivers")
struct DriverTests {
  /// A socket hoards datagrams until the pool is empty and is emptied at 2 s; the pings go on.
  private func hoard(_ nic: String, _ end: String, before: String = "") -> RunResult {
    result(
      ofScript: """
        case "driver" {
            lan office { rate = 10Mbps }
            host server { pool { clusters = 40 }; nic eth0 { lan = office; rx_ring = 8; \(nic) } }
            host client { nic eth0 { lan = office } }
            ping probe { from = client; to = server; interval = 100ms; timeout = 90ms }
            task hoard {
                host = server
                fn main() {
                    let s = socket(.udp)
                    s.bind(9)
                    sleep(2s)
                    while true { s.recvfrom(2KiB) }
                }
            }
            task nag {
                host = client
                fn main() {
                    let s = socket(.udp)
                    while true { s.sendto(server, 9, 300B); sleep(10ms) }
                }
            }
            \(before)
            run for 1900ms
            let answered = probe.answered
            expect server.pool.clusters.free == 0
            run for 3s
            \(end)
        }
        """)
  }

  @Test("a driver that waits, drops or tries again goes on when clusters come back")
  func recovers() {
    for nic in ["refill = .wait", "refill = .reuse", "refill = .retry"] {
      let run = hoard(
        nic,
        """
        expect server.eth0.rx.state == .running and server.eth0.rx.posted == 8
        expect probe.answered - answered > 20 and not wedged(server)
        """)
      #expect(run.faultText == nil)
      #expect(run.verdicts == ["pass", "pass", "pass"], "\(nic)")
    }
  }

  @Test("a driver that has left its ring full is deaf for good, whatever is free")
  func abandoned() {
    let run = hoard(
      "refill = .abandon",
      """
      expect server.eth0.rx.state == .suspended and server.eth0.rx.filled == 8
      expect server.pool.clusters.free > 20 and probe.answered == answered
      expect wedged(server) and not wedged(probe)
      why server
      """)
    #expect(run.faultText == nil)
    #expect(run.verdicts == ["pass", "pass", "pass", "pass"])
    #expect(run.lines.first?.contains("a receive ring is full") == true)
  }

  @Test("a ring that has lost all its buffers is suspended until there are some")
  func suspended() {
    let run = hoard(
      "refill = .retry", "expect state == .suspended",
      before: "var state = none\nat 1800ms { state = server.eth0.rx.state }")
    #expect(run.verdicts == ["pass", "pass"])
  }

  @Test("the policy may change while it runs: descriptors that were left empty are filled")
  func live() {
    for next in [".wait", ".reuse", ".abandon"] {
      let run = hoard(
        "refill = .retry", "expect server.eth0.rx.posted == 8 and probe.answered - answered > 20",
        before: "at 1850ms { server.eth0.refill = \(next) }")
      #expect(run.faultText == nil)
      #expect(run.verdicts.last == "pass", "\(next)")
    }
  }

  @Test("with copybreak small frames get through while there is no cluster, and large ones do not")
  func copybreak() {
    // A ping of 30 octets is a frame of 72.
    let run = hoard(
      "refill = .reuse; copybreak = 100B", "expect small.answered > 45 and probe.lost > 0",
      before: """
        ping small { from = client; to = server; interval = 100ms; size = 30B; timeout = 90ms }
        probe.size = 200B
        """)
    #expect(run.faultText == nil)
    #expect(run.verdicts == ["pass", "pass"])
  }

  @Test("an mbuf holds 100 octets, so copybreak ends there")
  func range() {
    #expect(
      trial(inServer("nic eth1 { lan = office; copybreak = 200B }")).mistakes.first?
        .hasPrefix("N222: `copybreak` cannot be 200B") == true)
  }
}
