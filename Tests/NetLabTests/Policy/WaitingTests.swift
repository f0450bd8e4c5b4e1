// `pool.waiting`: whom a release wakes, and what the oracle makes of it.

import NetLab
import Testing

@Suite("Waiting")
struct WaitingTests {
  /// Three writers wait for clusters since 2 s, 3 s and 4 s, at priorities 40, 60 and 20; from 6 s
  /// on a reader gives one cluster back each second. `order` is who had it.
  private func order(_ waiting: String, before: String = "", until: String = "9500ms") -> [String] {
    let run = result(
      ofScript: """
        \(before)
        case "order" {
            lan office { rate = 10Mbps }
            host server { pool { clusters = 44; \(waiting) }; nic eth0 { lan = office } }
            host client { nic eth0 { lan = office } }
            host pc { nic eth0 { lan = office } }
            sink end { host = client; tcp = 20 }
            for i in 1..3 {
                task w[i] {
                    host = server; priority = [40, 60, 20][i - 1]
                    fn main() {
                        sleep(i * 50ms)
                        let s = socket(.tcp)
                        s.connect(client, 20)
                        sleep((i + 1) * 1s - now)
                        while true { s.write(300B) }
                    }
                }
            }
            task hoard {
                host = server
                fn main() {
                    let s = socket(.udp)
                    s.bind(9)
                    sleep(6s)
                    while true { s.recvfrom(2KiB); sleep(1s) }
                }
            }
            task feed {
                host = pc
                fn main() {
                    let s = socket(.udp)
                    sleep(500ms)
                    for i in 1..6 { s.sendto(server, 9, 300B); sleep(10ms) }
                }
            }
            at 1s { client.eth0.up = false }
            var order = []
            on server.pool.grant(e) if e.waited > 0s and now > 5s { order.push(e.task) }
            run for \(until)
            print order
        }
        """)
    #expect(run.faultText == nil)
    return run.lines
  }

  @Test("the longest waiter first, and whoever has had one stands behind the others")
  func fifo() {
    #expect(order("waiting = .fifo") == ["[w[1], w[2], w[3], w[1]]"])
  }

  @Test("the most urgent first, however short it has waited")
  func priority() {
    #expect(order("waiting = .priority") == ["[w[3], w[3], w[3], w[3]]"])
  }

  @Test("at a tick the most urgent looks first, too")
  func poll() {
    #expect(order("waiting = .poll") == ["[w[3], w[3], w[3], w[3]]"])
  }

  @Test("the policy's choice, where it makes one; without one the longest waiter")
  func event() {
    #expect(order("waiting = .event") == ["[w[1], w[2], w[3], w[1]]"])
    let middle = """
      policy middle {
          on wake(ws) {
              for w in ws { if w.waited >= 3s and w.waited < 4s { return w } }
              return ws.last()
          }
      }
      """
    let chosen = order("waiting = .event; allocator = middle", before: middle, until: "6500ms")
    #expect(chosen == ["[w[2]]"])
  }

  @Test("one who is refused keeps its place, and the wake-up goes on to the next")
  func refused() {
    let picky = """
      policy picky {
          var first = none
          on request(r) {
              if r.free == 0 { return if r.may_wait then .wait else .deny }
              if r.waited > 0s and first == none { first = r.task }
              return if r.waited > 0s and r.task == first then .wait else .grant
          }
      }
      """
    let granted = order("waiting = .fifo; allocator = picky", before: picky)
    #expect(granted == ["[w[2], w[3], w[2], w[3]]"])
  }

  @Test("waking a task that does not wait is N410")
  func stranger() {
    let run = result(
      "server.pool.clusters = 33\nserver.pool.waiting = .event\nserver.pool.allocator = odd",
      before: "policy odd { on wake(ws) { return none } }", run: "run for 10s")
    #expect(run.faultText?.hasPrefix("N410") == true)
  }
}
