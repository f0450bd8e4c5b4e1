// What `why` says of those who are refused at once, and of what the other end has refused.

import NetScript
import Testing

@testable import NetLab

@Suite("Refusals in why")
struct RefusedTests {
  private func lines(_ lab: String) -> [String] { printed("case \"refused\" {\n\(lab)\n}") }

  @Test("a pool that refuses again and again is named, with how often, since when, and who has it")
  func furtherPool() {
    let lines = lines(
      """
      host h { stack = .none
          pool p { count = 4; size = 64B }
          queue kept { capacity = 8 }
          task keeper { fn main() { for i in 1..4 { kept.put(p.alloc()) } } }
          task asker {
              starts = 1s
              fn main() { while true { if failed(p.alloc(wait = false)) { sleep(100ms) } } }
          }
      }
      run for 3050ms
      why h
      """)
    #expect(lines.contains("  refused  a buffer of `h.p`, 21 times, from 1s to 3s"))
    #expect(lines.contains("           all 4 are out, in `h.kept`"))
  }

  @Test("a refusal long before others were granted is not told")
  func longAgo() {
    let lines = lines(
      """
      host h { stack = .none
          pool p { count = 1; size = 64B }
          task t {
              fn main() {
                  let first = p.alloc()
                  p.alloc(wait = false)
                  first.free()
                  while true { sleep(1s); p.alloc().free() }
              }
          }
      }
      run for 500ms
      why h
      run for 5s
      why h
      """)
    #expect(lines.count { $0.hasPrefix("  refused  a buffer of `h.p`, once, at 0s") } == 1)
  }

  @Test("who sleeps in connect is told that the other end has no mbuf for its answer")
  func connect() {
    let lines = lines(
      """
      lan wire { rate = 100Mbps }
      host server {
          pool { mbufs = 40; clusters = 16; wait_timeout = 0s }
          nic eth0 { lan = wire; rx_ring = 8; refill = .reuse }
          task talker {
              fn main() {
                  let s = socket(.tcp)
                  s.connect(deaf, 20)
                  while true { s.write(40B); sleep(10ms) }
              }
          }
          task door { fn main() { listen(80).accept() } }
      }
      host deaf { nic eth0 { lan = wire } }
      task mute { host = deaf; fn main() { let c = listen(20).accept(); sleep(1h) } }
      host late { nic eth0 { lan = wire } }
      task asker { host = late; starts = 20s; fn main() { socket(.tcp).connect(server, 80) } }
      run for 22s
      why asker
      """)
    #expect(lines.contains { $0.hasSuffix("asker  sleeps in connect") })
    #expect(lines.contains { $0.contains("`server` refused an mbuf, ") })
    #expect(lines.contains { $0.contains("all 40 are out") })
  }
}
