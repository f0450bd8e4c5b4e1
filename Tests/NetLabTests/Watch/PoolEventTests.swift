// Events of pools and of tasks: whose connection, which pool, who got the CPU, whose call failed.

import NetScript
import Testing

@testable import NetLab

@Suite("Events of pools and tasks")
struct PoolEventTests {
  @Test("a cluster is asked for and given back in the name of its connection")
  func connections() {
    let lines = printed(
      """
      case "c" {
          lan office { rate = 10Mbps }
          host a { nic eth0 { lan = office } }
          host b { nic eth0 { lan = office } }
          bulk copy { from = a; to = b; size = 20KB; write = 1KiB }
          var taken = 0
          var back = 0
          on a.pool.grant(e) if e.conn != none { taken += 1 }
          on a.pool.free(e) if e.conn != none { back += 1 }
          once on a.pool.grant(e) if e.conn != none { print e.pool, e.class, e.conn.peer, e.task }
          run for 3s
          print taken, back >= taken
      }
      """)
    #expect(lines == ["a.pool  .clusters  b  copy.writer[1]", "20  true"])
  }

  @Test("a pool of the script's own tells what the stack's pool tells")
  func furtherPools() {
    let lines = printed(
      """
      case "c" {
          host h {
              stack = .none
              pool p { count = 1 }
              task first { role = .rx; fn main() { let b = p.alloc(); sleep(1s); b.free() } }
              task second { starts = 1ms; fn main() { p.alloc(); p.alloc(wait = false) } }
          }
          on h.p.alloc(e) { print "alloc", e.pool, e.class, e.who, e.task, e.waited, e.free }
          on h.p.wait(e) { print "wait", e.who, e.task }
          on h.p.free(e) { print "free", e.task, e.free }
          on h.p.deny(e) { print "deny", e.task }
          run for 2s
          print h.p.exhausted.count, h.p.grant.count, h.p.deny.last.at
      }
      """)
    #expect(
      lines == [
        "alloc  h.p  .p  .rx  h.first  0s  0", "wait  .app  h.second", "free  h.first  1",
        "alloc  h.p  .p  .app  h.second  999ms  0", "deny  h.second", "2  2  1s",
      ])
  }

  @Test("a task runs when it gets the CPU, and tells each call of its that ended in an error")
  func tasks() {
    let lines = printed(
      """
      case "c" {
          lan office { rate = 10Mbps }
          host a {
              nic eth0 { lan = office }
              queue q { capacity = 1 }
              task t {
                  fn main() {
                      sleep(10ms)
                      let s = socket(.udp)
                      s.bind(9)
                      s.bind(9)
                      q.get(timeout = 20ms)
                      s.close()
                      s.sendto(a, 9, 10B)
                  }
              }
          }
          var runs = 0
          on a.t.run(e) { runs += 1; if e.task != a.t { fail "who?" } }
          on a.t.error(e) { print e.at, e.reason, e.task }
          run for 1s
          print runs >= 3, a.t.run.count == runs, a.t.error.count
      }
      """)
    #expect(
      lines == [
        "10ms  EINVAL  a.t", "30ms  EAGAIN  a.t", "30ms  EBADF  a.t", "true  true  3",
      ])
  }

  @Test("whoever only listens to them changes no digest")
  func digest() {
    func digest(_ hooks: String) -> UInt64 {
      result(
        ofScript: """
          case "c" {
              lan office { rate = 10Mbps }
              host a { nic eth0 { lan = office } }
              host b { nic eth0 { lan = office } }
              bulk copy { from = a; to = b; size = 20KB }
              var n = 0
              \(hooks)
              run for 2s
          }
          """
      ).digest
    }
    let bare = digest("")
    #expect(digest("on copy.writer[1].*(e) { n += 1 }") == bare)
    #expect(digest("on a.pool.*(e) { n += 1 }\non a.ntwk.run(e) { n += 1 }") == bare)
  }
}
