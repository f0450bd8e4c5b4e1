// select: readers, writers and queues in one wait.

import NetScript
import Testing

@testable import NetLab

@Suite("select")
struct SelectTests {
  @Test("a queue wakes whoever selects it, beside its sockets")
  func queues() {
    let lines = printed(
      inServer(
        """
            queue q { capacity = 4 }
            var seen = []
            task t {
                fn main() {
                    let s = socket(.udp)
                    s.bind(9)
                    for i in 1..3 {
                        let r = select([s, q], timeout = 250ms).read
                        if len(r) == 0 { seen.push("nothing") }
                        for x in r {
                            seen.push(now)
                            if x == q { seen.push(q.get()) } else { seen.push(s.read(1KiB)) }
                        }
                    }
                }
            }
            task w { starts = 100ms; fn main() { q.put("item") } }
        """
      ).replacing(
        "run for 1s",
        with: """
          task sender { host = client; starts = 300ms; fn main() {
              socket(.udp).sendto(server, 9, 70B) } }
          run for 1s
          print server.seen
          """))
    #expect(lines.count == 1)
    #expect(lines.first?.hasPrefix("[100ms, \"item\", 300.") == true)
    #expect(lines.first?.hasSuffix(", 70B, \"nothing\"]") == true)
  }

  @Test("without sockets, on a host without a stack too")
  func queuesOnly() {
    let lines = printed(
      onBoard(
        """
        queue a { capacity = 1 }
        queue b { capacity = 1 }
        var seen = []
        task t {
            fn main() {
                for i in 1..3 {
                    let r = select([a, b], timeout = 10ms)
                    seen.push(len(r.read)); seen.push(len(r.write)); seen.push(now)
                    for q in r.read { seen.push(q.get()) }
                }
            }
        }
        task w { starts = 4ms; fn main() { b.put(1) } }
        task v { starts = 6ms; fn main() { a.put(2); b.put(3) } }
        """, "run for 1s\nprint board.seen"))
    #expect(lines == ["[1, 0, 4ms, 1, 2, 0, 6ms, 2, 3, 0, 0, 16ms]"])
  }

  @Test("a stream can be written to when it is connected and has room, and not before")
  func writers() {
    let lines = printed(
      inServer("sink reader { tcp = 9; read_every = 100ms; chunk = 4KiB }").replacing(
        "run for 1s",
        with: """
          task t {
              host = client
              var seen = []
              fn main() {
                  let s = socket(.tcp)
                  seen.push(len(select([], write = [s], timeout = 10ms).write))
                  s.connect(server, 9)
                  seen.push(len(select([], write = [s], timeout = 10ms).write))
                  s.setsockopt(.nonblock, true)
                  while not failed(s.write(8KiB)) { }
                  seen.push(len(select([], write = [s], timeout = 10ms).write))
                  let t = now
                  seen.push(len(select([], write = [s], timeout = 2s).write))
                  seen.push(now - t in 50ms..300ms)
              }
          }
          run for 3s
          print t.seen
          """))
    #expect(lines == ["[0, 1, 0, 1, true]"])
  }

  @Test("PR 772: where select asks the wrong buffer, nobody wakes a writer when there is room")
  func deafWriters() {
    for (flag, wakes) in [("true", "[true, true]"), ("false", "[false, true]")] {
      let lines = printed(
        inServer("sink reader { tcp = 9; read_every = 100ms; chunk = 4KiB }").replacing(
          "run for 1s",
          with: """
            client.sock.select_write = \(flag)
            task t {
                host = client
                var seen = []
                fn main() {
                    let s = socket(.tcp)
                    sleep(10ms)
                    s.connect(server, 9)
                    s.setsockopt(.nonblock, true)
                    while not failed(s.write(8KiB)) { }
                    seen.push(len(select([], write = [s], timeout = 2s).write) == 1)
                    seen.push(len(select([], write = [s], timeout = 2s).write) == 1)
                }
            }
            run for 5s
            print t.seen
            """))
      #expect(lines == [wakes])
    }
  }

  @Test("a socket that its peer closes can be read and written; a closed one is an error")
  func closed() {
    let lines = printed(
      inServer(
        """
            var seen = []
            task t {
                fn main() {
                    let door = listen(9)
                    let c = door.accept()
                    let r = select([c], write = [c])
                    seen.push(len(r.read)); seen.push(len(r.write))
                    let again = select([c], timeout = 500ms)
                    seen.push(len(again.read)); seen.push(c.read(1KiB))
                    c.close()
                    seen.push(select([c]))
                }
            }
        """
      ).replacing(
        "run for 1s",
        with: """
          task caller { host = client; starts = 300ms; fn main() { let s = socket(.tcp)
              s.connect(server, 9); sleep(100ms); s.close() } }
          run for 1s
          print server.seen
          """))
    #expect(lines == ["[0, 1, 1, 0B, EBADF]"])
  }

  @Test("two tasks may select different sockets, and lists that overlap in others")
  func twoTasks() {
    let lines = printed(
      inServer(
        """
            var seen = []
            task a {
                priority = 50
                var s = none
                fn main() {
                    let p = socket(.udp); p.bind(11)
                    let q = socket(.udp); q.bind(12)
                    s = p
                    let r = select([p, q]).read
                    seen.push("a {r[0] == q}")
                }
            }
            task b { fn main() { wait(fn() => a.s != none); select([a.s]); seen.push("b") } }
        """
      ).replacing(
        "run for 1s",
        with: """
          task sender {
              host = client; starts = 300ms
              fn main() { let s = socket(.udp); s.sendto(server, 12, 70B); sleep(50ms)
                  s.sendto(server, 11, 70B) }
          }
          run for 1s
          print server.seen
          """))
    #expect(lines == ["[\"a true\", \"b\"]"])
  }

  @Test("what cannot be selected is said")
  func misuse() {
    let lines = printed(onBoard("task t { fn main() { select([3]) } }"))
    #expect(lines == ["N422: `select` cannot read 3"])
    let queue = printed(
      onBoard("queue q { capacity = 1 }\ntask t { fn main() { select([], write = [q]) } }"))
    #expect(queue == ["N422: `select` cannot write board.q"])
  }
}
