// Starting, ending and stopping: what ends a wait, what stays with a task, what `exit_closes` does.

import NetScript
import Testing

@testable import NetLab

@Suite("The life of tasks")
struct LifeTests {
  /// A server whose task is stopped in the middle of each kind of wait, and started again.
  private func stopping(_ wait: String, _ more: String = "") -> [String] {
    printed(
      """
      case "c" {
          lan office { rate = 10Mbps }
          host client { nic eth0 { lan = office } }
          host server { nic eth0 { lan = office }
              queue q { capacity = 1 }
              lock m
              var turns = 0
              var ended = 0
              task keeper { priority = 50; fn main() { m.lock(); sleep(1h) } }
              task t { fn main() { turns += 1; \(wait); ended += 1 } }
          }
          \(more)
          at 500ms { server.t.stop() }
          at 600ms { print server.t.state, server.t.active; server.t.start() }
          run for 1s
          print server.turns, server.ended, server.t.active
      }
      """)
  }

  @Test(
    "stop ends every wait but the allocator's, and start calls main afresh",
    arguments: [
      "sleep(1h)", "compute(1h)", "q.get()", "q.put(1); q.put(2)", "m.lock()",
      "wait(fn() => now > 1h)", "select([q])",
      "let s = socket(.udp); s.bind(7 + turns); s.read(1B)",
      "let s = socket(.udp); s.bind(7 + turns); s.recvfrom(1B)",
      "let s = socket(.udp); s.bind(7 + turns); select([s, q])",
      "listen(7 + turns).accept()", "socket(.tcp).connect(client, 7)",
    ])
  func waits(wait: String) {
    let more =
      wait.contains("connect") ? "at 0s { client.eth0.up = false }" : ""
    let lines = stopping(wait, more)
    let isComputing = wait.contains("compute")
    #expect(
      lines == [
        isComputing ? ".running  false" : ".dormant  false",
        isComputing ? "1  0  true" : "2  0  true",
      ])
  }

  @Test(
    "a task stopped while it waits for a buffer goes on to the end of that call, and no further")
  func inAllocator() {
    let lines = printed(
      """
      import "std/presets"
      policy none_left(from = 100ms, to = 700ms) {
          on request(r) { return if r.may_wait then .wait else .deny }
      }
      case "c" {
          lan office { rate = 10Mbps }
          host client { nic eth0 { lan = office } }
          sink reader { host = client; tcp = 9 }
          host server { nic eth0 { lan = office }
              var wrote = 0
              task t { fn main() {
                  let s = socket(.tcp); s.connect(client, 9)
                  while true { s.write(1KiB); wrote += 1; sleep(50ms) } } }
          }
          at 200ms { server.pool.allocator = none_left }
          at 400ms { server.t.stop() }
          at 500ms { print server.t.state, server.t.waiting_for
              server.pool.allocator = .first_come }
          run for 1s
          print server.t.state, server.wrote
      }
      """)
    #expect(lines == [".waiting  server.pool.clusters", ".dormant  5"])
  }

  @Test("sockets stay with a task that ends, unless its host closes them")
  func exitCloses() {
    func lines(_ closes: Bool, _ end: String) -> [String] {
      printed(
        """
        case "c" {
            lan office { rate = 10Mbps }
            host client { nic eth0 { lan = office } }
            host server { exit_closes = \(closes); nic eth0 { lan = office }
                task t { fn main() {
                    let door = listen(9)
                    let a = door.accept(); let b = door.accept()
                    a.write(10B); \(end) } }
            }
            task caller {
                host = client
                var heard = []
                fn main() {
                    let s = socket(.tcp); s.connect(server, 9)
                    let u = socket(.tcp); u.connect(server, 9)
                    heard.push(read_all(s, 20B, timeout = 2s))
                    heard.push(u.read(1B, timeout = 2s))
                }
            }
            at 1s { server.t.stop() }
            run for 10s
            let open = fn(c) => c.state in [.listen, .established]
            print caller.heard, server.t.state, count(server.tcp.conn[*], open)
        }
        """)
    }
    #expect(lines(false, "") == ["[EAGAIN, EAGAIN]  .dormant  3"])
    #expect(lines(true, "") == ["[10B, 0B]  .dormant  0"])
    #expect(lines(false, "sleep(1h)") == ["[EAGAIN, EAGAIN]  .dormant  3"])
    #expect(lines(true, "sleep(1h)") == ["[10B, 0B]  .dormant  0"])
  }

  @Test("starts and active hold for an instance and all its tasks")
  func instances() {
    let lines = printed(
      """
      case "c" {
          kind pair(host: Node) {
              var log = []
              task a { fn main() { log.push("a {now}"); sleep(1h) } }
              task b { starts = 30ms; fn main() { log.push("b {now}") } }
          }
          host h { stack = .none }
          pair p { host = h; starts = 20ms }
          pair q { host = h; active = false }
          at 50ms { print p.active, q.active; q.start() }
          at 60ms { print q.active; p.stop(); q.active = false }
          at 70ms { print p.active, q.active }
          run for 100ms
          print p.log, q.log
      }
      """)
    #expect(
      lines == [
        "true  false", "true", "false  false",
        "[\"a 20ms\", \"b 30ms\"]  [\"b 50ms\", \"a 50ms\"]",
      ] || lines.last == "[\"a 20ms\", \"b 30ms\"]  [\"a 50ms\", \"b 50ms\"]")
  }

  @Test("two tasks asleep on one listening socket stop the kernel, as RTEMS's does")
  func twoSleepers() {
    let lines = printed(
      inServer(
        """
            var door = none
            task a { fn main() { door = listen(9); door.accept() } }
            task b { starts = 10ms; fn main() { door.accept() } }
        """))
    #expect(
      lines == [
        "N412: the kernel of `server` panics: soconnsleep: another task is already sleeping on "
          + "that socket"
      ])
  }

  @Test("MSG_WAITALL sleeps with the buffer locked: a second reader stops the kernel")
  func waitAllKeepsLock() {
    func lines(_ most: String, other: String) -> [String] {
      printed(
        inServer(
          """
              var s = none
              task a { fn main() { s = listen(9).accept()
                  print s.read(\(most), waitall = true, timeout = 500ms) } }
              task b { starts = 100ms; fn main() { \(other); sleep(1s); s.read(1B) } }
              task c { host = client; starts = 10ms
                  fn main() { let c = socket(.tcp); c.connect(server, 9)
                  c.write(30KiB); sleep(9s) } }
          """))
    }
    #expect(
      lines("40KiB", other: "s.read(1B)") == [
        "N412: the kernel of `server` panics: sb_lock: socket buffer is already in use"
      ])
    // Its time is up: what came is there, and the lock is free.
    #expect(lines("40KiB", other: "") == ["30720B"])
  }

  @Test("a hook may abort a connection: its owner is told, its peer too, its buffers come back")
  func abort() {
    let lines = printed(
      """
      case "c" {
          lan office { rate = 10Mbps }
          host client { nic eth0 { lan = office } }
          host server { nic eth0 { lan = office }
              var s = none
              var said = none
              task t { fn main() { s = socket(.tcp); s.connect(client, 9); var r = none
                  while not failed(r) { r = s.write(2KiB) }; said = r } } }
          sink deaf { host = client; tcp = 9; read = .never }
          at 2s { print server.pool.held[.sndbuf] > 0; server.s.abort() }
          run for 3s
          print server.said, server.pool.held[.sndbuf], len(client.tcp.conn[*])
      }
      """)
    #expect(lines == ["true", "ECONNABORTED  0  1"] || lines == ["true", "EPIPE  0  1"])
  }
}
