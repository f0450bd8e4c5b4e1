// What TCP has learnt, as fields of `tcp { }` and as paths of its measurements.

import NetLab
import Testing

@Suite("Rules of TCP that a script chooses")
struct TCPRuleTests {
  private func lab(_ rules: String, _ rest: String) -> RunResult {
    result(
      ofScript: """
        import "std/craft"
        case "c" {
            lan bench { rate = 10Mbps; delay = 10ms }
            host server { nic eth0 { lan = bench }; tcp { \(rules) } }
            host client { nic eth0 { lan = bench }; tcp { \(rules) } }
            \(rest)
        }
        """)
  }

  @Test("no sample yet: with keepinit out of the way a SYN is given up after 605 s")
  func noSample() {
    let run = result(
      ofScript: """
        import "std/presets"
        import "std/craft"
        case "c" {
            lan office { rate = 10Mbps }
            host server : presets.rtems46 { tcp { keepinit = 20min }; nic eth0 { lan = office } }
            host client { nic eth0 { lan = office } }
            client.eth0.rx.fault = craft.only(fn(f) => f.proto == .tcp)
            var sent = []
            on server.tcp.rexmt(_) { sent.push(now) }
            task dials {
                host = server
                starts = 10ms
                fn main() {
                    let s = socket(.tcp)
                    let outcome = s.connect(client, 20)
                    print outcome, now in 604.5s..605.1s, server.tcp.stats.timeouts
                    print map(sent, fn(t) => round((t - sent[0]) / 1s))
                }
            }
            run for 15min
        }
        """)
    #expect(run.faultText == nil)
    // Intervals of 3, 6, 12, 24, 48 s, and then of 64 s, eight times to the drop.
    #expect(
      run.lines == [
        "ETIMEDOUT  true  12", "[0, 6, 18, 42, 90, 154, 218, 282, 346, 410, 474, 538]",
      ])
  }

  @Test("two losses in a window: Reno waits for its timer, NewReno and SACK do not")
  func recovery() {
    func timeouts(_ rules: String) -> [String] {
      let run = lab(
        rules + "; rcvbuf = 60KiB; sndbuf = 60KiB",
        """
        bulk up { from = client; to = server; size = 400KB; write = 1460B }
        var n = 0
        client.eth0.tx.fault = fn(f) {
            n += 1
            return if n == 60 or n == 62 or n == 64 then .drop else .pass
        }
        run for 20s
        let counts = client.tcp.stats
        print counts.timeouts > 0, counts.recoveries, counts.retransmits
        """)
      #expect(run.faultText == nil)
      return run.lines
    }
    #expect(timeouts("recovery = .reno") == ["true  0  4"])
    #expect(timeouts("recovery = .newreno") == ["false  1  3"])
    // The window is full, so the last octets are rescued as well: RFC 6675 §4 (4).
    #expect(timeouts("sack = true") == ["false  1  4"])
  }

  @Test("a cap of reassembly is a field of a group, may change, and is counted")
  func reassembly() {
    let run = lab(
      "reass { cap = 5; total = 8 }",
      """
      sink web { host = server; tcp = 80 }
      host evil { stack = .none; nic eth0 { lan = bench } }
      craft.rawtcp c { host = evil; to = server }
      task push {
          host = evil
          fn main() {
              if not c.connect() { return }
              for k in 1..50 { c.send(len = 1B, at = c.seq + 2 * k); sleep(10ms) }
          }
      }
      run for 300ms
      print server.tcp.reass.len, server.tcp.conn[1].rcv.reass, server.tcp.reass.overflows > 0
      server.tcp.reass.cap = 0
      run for 2s
      print server.tcp.reass.len, server.tcp.reass.cap, server.tcp.reass.refused_next
      """)
    #expect(run.faultText == nil)
    #expect(run.lines == ["5  5  true", "8  0  0"])
  }

  @Test("challenges have a limit a second, and a buffer kept back says why it was released")
  func challenges() {
    let run = lab(
      "rfc5961 = true; challenge_limit = 5/s",
      """
      sink web { host = server; tcp = 80 }
      host evil { stack = .none; nic eth0 { lan = bench } }
      craft.rawtcp c { host = evil; to = server }
      var kept = 0
      server.pool.release = fn(b) {
          if b.why == .challenge_suppressed { kept += 1 }
          return .free
      }
      task poke {
          host = evil
          fn main() {
              if not c.connect() { return }
              while true { sleep(40ms); c.send(flags = "S") }
          }
      }
      run for 10s
      let counts = server.tcp.stats
      expect abs(counts.challenges - 50) <= 5
      expect counts.challenges_suppressed > 180 and kept == counts.challenges_suppressed
      expect server.tcp.conn[1].state == .established
      """)
    #expect(run.faultText == nil)
    #expect(run.verdicts == ["pass", "pass", "pass"])
  }

  @Test("fine timers, a delayed ACK of its own, and times in their own units")
  func timers() {
    let run = lab(
      "slowtimo = 10ms; rto_init = 1s; rto_min = 230ms; rto_floor = true; delack = 40ms",
      """
      bulk up { from = client; to = server; size = 100KB; write = 1460B }
      run for 10s
      print client.tcp.conn[0].rto, client.tcp.msl, client.tcp.timer.max_persist
      print client.tcp.slowtimo, client.tcp.delack, client.tcp.rto_max
      """)
    #expect(run.faultText == nil)
    #expect(run.lines == ["230ms  30s  2h", "10ms  40ms  1min 4s"])
  }
}
