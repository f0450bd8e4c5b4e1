// `pool.waiting = .spin`: who waits for a buffer keeps the CPU.

import NetScript
import Testing

@testable import NetLab

@Suite("Pools whose waiters spin")
struct SpinTests {
  /// A writer of priority 150 whose peer is away from the first to the sixth second; one task that
  /// is more urgent and one that is less, each of which counts every 10 ms.
  private func lab(_ settings: String, _ rest: String) -> String {
    """
    case "spin" {
        lan office { rate = 10Mbps }
        host server {
            pool { clusters = 16; waiting = .spin }
            nic eth0 { lan = office; rx_ring = 8; refill = .reuse; copybreak = 100B }
            for i in 1..2 {
                task count[i] {
                    priority = if i == 1 then 50 else 200
                    var n = 0
                    fn main() { while true { sleep(10ms); n += 1 } }
                }
            }
            \(settings)
        }
        host client { nic eth0 { lan = office } }
        sink end { host = client; tcp = 20 }
        task w {
            host = server; priority = 150
            var last = 0s
            fn main() {
                let s = socket(.tcp)
                s.connect(client, 20)
                while not failed(s.write(300B)) { last = now }
            }
        }
        at 1s { client.eth0.up = false }
        at 6s { client.eth0.up = true }
    \(rest)
    }
    """
  }

  @Test("less urgent tasks get nothing while it waits, more urgent ones all they want")
  func starves() {
    let lines = printed(
      lab(
        "",
        """
        run for 2s
        let urgent = server.count[1].n
        let other = server.count[2].n
        let used = w.cpu
        run for 3s
        print server.count[1].n - urgent, server.count[2].n - other, w.cpu - used > 2900ms
        print w.waiting_for == server.pool.clusters, w.blocked_for > 3s, wedged(server), wedged(w)
        why server.count[2]
        why w
        run for 20s
        print w.last > 24s
        """))
    #expect(lines.first == "300  0  true")
    #expect(lines.dropFirst().first == "true  true  false  false")
    #expect(lines.contains { $0.contains("is ready to run, and w spins on the CPU") }, "\(lines)")
    #expect(lines.contains { $0.contains("spins for 1 cluster in m_clalloc, below sosend") })
    #expect(lines.last == "true")
  }

  @Test("a network task that is less urgent never runs again, nor does any timer")
  func wedges() {
    let text = lab("", "run for 60s\nprint wedged(server), w.last < 2s\nwhy server")
    let lines = printed(
      text.replacing("host = server; priority = 150", with: "host = server; priority = 20"))
    #expect(lines.first == "true  true")
    #expect(lines.contains { $0.contains("meanwhile no CPU is left for ") }, "\(lines)")
    #expect(lines.contains { $0.hasSuffix("none fires: ntwk does not run") })
  }

  @Test("who is woken and gets no CPU has not moved")
  func mistake() {
    let text = lab("", "expect eventually wedged(server)\nrun for 60s").replacing(
      "host = server; priority = 150", with: "host = server; priority = 20")
    let run = result(ofScript: text)
    #expect(run.verdicts == ["pass"])
    #expect(run.notes.isEmpty, "\(run.notes)")
  }

  @Test("it ends at the pool's limit")
  func limits() {
    let lines = printed(
      lab(
        "pool { wait_timeout = 200ms }",
        """
        run for 2s
        let at = w.last
        run for 3s
        print server.pool.clusters.denied > 15, w.last > at
        """))
    #expect(lines == ["true  true"])
  }

  @Test("its events are no more than those of one that sleeps")
  func events() {
    func count(_ mode: String) -> Int64 {
      let text = lab("", "run for 6s").replacing("waiting = .spin", with: "waiting = \(mode)")
      return result(ofScript: text).events
    }
    #expect(count(".spin") <= count(".event"))
  }
}
