// How long somebody waits for a buffer, how often he looks, and what can go wrong on the way:
// `wait_timeout`, `poll`, `complains`, `wake`, and faults at a named routine.

import NetLab
import Testing

@Suite("Rules of waiting")
struct WaitRuleTests {
  /// A writer of records that nobody acknowledges from 1 s on, so that all clusters are in its
  /// send buffer soon.
  private func starved(_ pool: String, write: String = "300B", _ rest: String) -> [String] {
    let run = result(
      ofScript: """
        import "std/craft"
        case "starved" {
            lan office { rate = 10Mbps }
            host server { pool { clusters = 40; \(pool) }; nic eth0 { lan = office } }
            host client { nic eth0 { lan = office } }
            sink end { host = client; tcp = 20 }
            task w {
                host = server
                var got = 0B
                var last = none
                fn main() {
                    let s = socket(.tcp)
                    s.connect(client, 20)
                    sleep(2s - now)
                    while true {
                        last = s.write(\(write))
                        if failed(last) { return }
                        got += last
                    }
                }
            }
            at 1s { client.eth0.up = false }
            var waits = []
            var lines = []
            on server.pool.grant(e) if e.waited > 0s and e.task == w { waits.push(e.waited) }
            on server.pool.deny(e) { waits.push(e.waited) }
            on server.console(e) { lines.push(now) }
            \(rest)
        }
        """)
    #expect(run.faultText == nil)
    return run.lines
  }

  @Test("a request that may not wait for ever fails, and the write goes on with a plain mbuf")
  func timeout() {
    let lines = starved(
      "wait_timeout = 500ms",
      """
      run for 2400ms
      let before = w.got
      expect server.pool.clusters.free == 0 and not wedged(server)
      run for 10s
      print w.got - before, waits[0], server.pool.clusters.denied == len(waits)
      """)
    // Each write waits once: 100 octets fit, and the other 200 need no cluster.
    #expect(lines == ["6000B  500ms  true"])
  }

  @Test("without an mbuf the write ends with ENOBUFS (sosend, label release)")
  func noMbufs() {
    let lines = starved(
      "mbufs = 60; wait_timeout = 500ms", write: "50B",
      """
      run for 10s
      print w.last, server.pool.mbufs.denied > 0, leaked(server)
      """)
    #expect(lines == ["ENOBUFS  true  0"])
  }

  @Test("a waiter looks at every so manieth tick of its wait, and complains as often as told")
  func periods() {
    let lines = starved(
      "poll = 70ms; complains = 1s",
      """
      at 20s { client.eth0.up = true }
      run for 19s
      print lines
      run for 10s
      print waits[0] mod 70ms < 10ms or waits[0] mod 70ms >= 60ms
      """)
    // A hundred polls a message, seven ticks a poll.
    #expect(lines == ["[9s, 16s]", "true"])
  }

  @Test("a wake-up that is lost leaves its buffer free and its waiter asleep")
  func lostWakeUp() {
    let lines = printed(
      """
      import "std/craft"
      case "lost" {
          host board {
              stack = .none
              pool slab { count = 1; wake = craft.nth(1, .lose) }
              task a { fn main() { let b = slab.alloc(); sleep(1s); b.free(); sleep(1s)
                                   let c = slab.alloc(); sleep(1s); c.free() } }
              task b { starts = 10ms; fn main() { slab.alloc() } }
          }
          run for 1500ms
          print board.slab.free, board.slab.waiters, wedged(board.b)
          run for 3s
          print board.slab.free, board.slab.waiters, wedged(board.b)
      }
      """)
    #expect(lines == ["1  1  true", "1  1  true"])
  }

  @Test("the same of the stack's pool: clusters lie there, and nobody is told")
  func lostOfStack() {
    let lines = starved(
      "waiting = .event; wake = .lose",
      """
      at 3s { client.eth0.up = true }
      run for 60s
      print server.pool.clusters.free > 0, w.blocked_for, wedged(w)
      """)
    #expect(lines == ["true  58s  true"])
  }

  @Test("an allocation fails at a named routine, the nth time that it asks")
  func sites() {
    let lines = printed(
      """
      import "std/craft"
      case "sites" {
          lan office { rate = 10Mbps }
          host server { nic eth0 { lan = office } }
          host client { nic eth0 { lan = office } }
          bulk up { from = server; to = client; write = 300B }
          var seen = [:]
          server.pool.mbufs.fault = fn(r) { seen[r.site] = true; return .pass }
          run for 200ms
          print sort(map(seen.keys(), fn(s) => "{s}"))
          server.pool.mbufs.fault = craft.at(.tcp_output, craft.nth(3, .deny))
          run for 200ms
          print server.pool.mbufs.denied
          server.pool.mbufs.fault = craft.at(.m_copy, fn(_) => .deny)
          run for 2s
          print server.pool.mbufs.denied > 1, up.rate() > 0bps
      }
      """)
    #expect(lines.count == 3)
    let seen = [
      "arprequest", "m_copy", "refill", "sockargs", "sosend", "tcp_output", "tcp_template",
    ]
    #expect(lines.first == "[\(seen.map { "\".\($0)\"" }.joined(separator: ", "))]")
    #expect(lines.dropFirst().first == "1")
  }
}
