// Drivers that copy, drivers that count credits, and what a search for a buffer costs.

import NetLab
import Testing

@Suite("Drivers with memory and credits of their own")
struct CopyingDriverTests {
  private func lab(_ nic: String, _ rest: String, host: String = "") -> RunResult {
    result(
      ofScript: """
        import "std/craft"
        case "c" {
            lan office { rate = 10Mbps }
            host a { nic eth0 { lan = office } }
            host b { \(host)
                nic eth0 { lan = office; rx_ring = 8; \(nic) }
            }
            \(rest)
        }
        """)
  }

  @Test("a copying driver pins no cluster, and its transfers arrive whole in both directions")
  func copies() {
    let run = lab(
      "zero_copy = false",
      """
      bulk there { from = a; to = b; size = 100KB; write = 1KiB }
      bulk back { from = b; to = a; size = 100KB; write = 700B; port = 21 }
      expect always b.pool.held[.ring] == 0 and b.pool.held[.txring] == 0
      run for 10s
      expect there.received() == 100KB and back.received() == 100KB
      expect b.eth0.rx.posted == 8 and b.eth0.rx.filled == 0
      expect b.pool.clusters.used <= 2 and leaked(b) == 0
      """, host: "pool { clusters = 64 }")
    #expect(run.faultText == nil)
    #expect(run.verdicts == Array(repeating: "pass", count: 4))
  }

  @Test("without a cluster a frame waits in its slot, or is dropped there, as `refill` has it")
  func shortage() {
    func count(_ refill: String) -> [String] {
      let run = lab(
        "zero_copy = false; refill = \(refill)",
        """
        cbr feed { from = a; to = b; udp = 9; size = 300B; rate = 100/s }
        run for 2s
        print b.eth0.rx.refill_drops > 0, b.eth0.rx.overruns > 0, b.pool.clusters.free
        """,
        host: "pool { clusters = 4 }; sink deaf { udp = 9; read = .never }; udp { rcvbuf = 64KiB }")
      return run.lines
    }
    #expect(count(".wait") == ["false  true  0"])
    #expect(count(".reuse") == ["true  false  0"])
    #expect(count(".retry") == ["true  false  0"])
  }

  @Test("a short frame needs no cluster of a copying driver either")
  func copybreak() {
    let run = lab(
      "zero_copy = false; copybreak = 100B; refill = .reuse",
      """
      cbr feed { from = a; to = b; udp = 9; size = 20B; rate = 100/s }
      sink end { host = b; udp = 9 }
      run for 1005ms
      print end.reads, b.pool.clusters.peak
      """)
    #expect(run.lines == ["100  0"])
  }

  @Test("a credit goes with each frame to the hardware, and with a forgotten frame for good")
  func credits() {
    func run(_ onFail: String) -> [String] {
      lab(
        "tx_ring = 16; tx { credits = 4; on_fail = \(onFail); fault = craft.each(10, .fail) }",
        """
        cbr feed { from = b; to = a; udp = 9; size = 100B; rate = 50/s }
        run for 3s
        print b.eth0.tx.credits.total, b.eth0.tx.credits.free, b.eth0.tx.fails > 3
        print leaked(b) > 0
        """
      ).lines
    }
    #expect(run(".keep") == ["4  0  true", "true"])
    #expect(run(".release").last == "false")
  }

  @Test("each search for a buffer costs CPU time")
  func searches() {
    func used(_ cost: String) -> [String] {
      lab(
        "refill = .retry; refill_cost = \(cost)",
        """
        cbr feed { from = a; to = b; udp = 9; rate = 100/s }
        run for 1005ms
        print b.rx.cpu
        """
      ).lines
    }
    #expect(used("0s") == ["0s"])
    // 8 at the start, one for each frame and one for the ARP request in front of them.
    #expect(used("1ms") == ["109ms"])
  }

  @Test("how many credits there are is settled before time 0")
  func structural() {
    let run = lab("tx { credits = 4 }", "run for 1s\nb.eth0.tx.credits = 5")
    #expect(run.faultText?.hasPrefix("N304") == true)
  }
}
