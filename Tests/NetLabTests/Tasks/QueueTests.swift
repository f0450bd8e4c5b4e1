// Queues: order, room, waiting on both sides, what is lost, and who is waited for.

import NetScript
import Testing

@testable import NetLab

@Suite("Queues")
struct QueueTests {
  @Test("items come out in the order in which they went in, whatever they are")
  func order() {
    let lines = printed(
      onBoard(
        """
        queue q { capacity = 9 }
        var got = []
        task a { fn main() { q.put(1); q.put("two"); q.put([3s, 4B]); q.put(fn() => 5) } }
        task b {
            starts = 1ms
            fn main() { for i in 1..3 { got.push(q.get()) }; let f = q.get(); got.push(f()) }
        }
        """,
        """
        at 500us { print board.q.len, board.q.peak, board.q.drops }
        run for 1s
        print board.got, board.q.len, board.q.peak
        """))
    #expect(lines == ["4  4  0", "[1, \"two\", [3s, 4B], 5]  0  4"])
  }

  @Test("a full queue makes its writers wait; the most urgent one's item goes in first")
  func room() {
    let lines = printed(
      onBoard(
        """
        queue q { capacity = 1 }
        var got = []
        task slow { priority = 90; fn main() { sleep(5ms); for i in 1..4 { got.push(q.get())
            sleep(1ms) } } }
        task a { priority = 60; fn main() { q.put("first"); q.put("a") } }
        task b { priority = 61; fn main() { q.put("b") } }
        task c { priority = 10; starts = 1ms; fn main() { q.put("c") } }
        """,
        """
        at 2ms { print board.a.waiting_for, board.a.blocked_for, board.q.len }
        run for 1s
        print board.got, board.q.len
        """))
    #expect(lines == ["board.q  2ms  1", "[\"first\", \"c\", \"a\", \"b\"]  0"])
  }

  @Test("an item goes to the most urgent of those that wait for one, at once")
  func takers() {
    let lines = printed(
      onBoard(
        """
        queue q { capacity = 1 }
        var got = []
        task a { priority = 60; fn main() { got.push("a {q.get()} {now}") } }
        task b { priority = 40; fn main() { got.push("b {q.get()} {now}") } }
        task w { priority = 90; starts = 5ms; fn main() { q.put(1); q.put(2) } }
        """, "run for 1s\nprint board.got"))
    #expect(lines == ["[\"b 1 5ms\", \"a 2 5ms\"]"])
  }

  @Test("what does not fit is refused, or lost, or costs the oldest its place")
  func full() {
    func lines(_ full: String, _ call: String) -> [String] {
      printed(
        onBoard(
          """
          queue q { capacity = 2; full = \(full) }
          var said = []
          var got = []
          task w { fn main() { for i in 1..3 { said.push(q.put(i\(call))) } } }
          task r {
              starts = 1ms
              fn main() { while true { let x = q.get(wait = false); if failed(x) { return }
                  got.push(x) } }
          }
          """, "run for 1s\nprint board.said, board.got, board.q.drops"))
    }
    #expect(lines(".wait", ", wait = false") == ["[none, none, EAGAIN]  [1, 2]  0"])
    #expect(lines(".drop_new", "") == ["[none, none, none]  [1, 2]  1"])
    #expect(lines(".drop_old", "") == ["[none, none, none]  [2, 3]  1"])
  }

  @Test("waits end with their time, on both sides; the item stays with its writer")
  func timeouts() {
    let lines = printed(
      onBoard(
        """
        queue q { capacity = 1 }
        var said = []
        task r { fn main() { said.push(q.get(timeout = 3ms)); said.push(now) } }
        task w {
            starts = 5ms
            fn main() {
                q.put(1)
                said.push(q.put(2, timeout = 3ms)); said.push(now)
                said.push(q.get()); said.push(q.get(timeout = 1ms))
            }
        }
        """, "run for 1s\nprint board.said"))
    #expect(lines == ["[EAGAIN, 3ms, EAGAIN, 8ms, 1, EAGAIN]"])
  }

  @Test("an old timeout ends no later wait, and one that passes while a task computes is kept")
  func oldTimeouts() {
    let lines = printed(
      onBoard(
        """
        queue q { capacity = 1 }
        var said = []
        task r {
            fn main() {
                said.push(q.get(timeout = 10ms))
                said.push(q.get()); said.push(now)
            }
        }
        task w { fn main() { sleep(1ms); q.put(1); sleep(50ms); q.put(2) } }
        """, "run for 1s\nprint board.said"))
    #expect(lines == ["[1, 2, 51ms]"])
  }

  @Test("hooks and the case may put and take, where nobody would wait")
  func outside() {
    let lines = printed(
      onBoard(
        """
        queue q { capacity = 1 }
        var got = []
        task r { fn main() { while true { got.push(q.get()); sleep(5ms) } } }
        """,
        """
        every 2ms { board.q.put(now, wait = false) }
        run for 12ms
        print board.got, board.q.get(wait = false), board.q.get(wait = false)
        """))
    #expect(lines == ["[2ms, 4ms, 8ms]  12ms  EAGAIN"])
    #expect(
      printed(
        onBoard("queue q { capacity = 1 }", "at 1ms { board.q.put(1) }\nrun for 1s"))
        == ["N404: `put` would wait here, and only a task can wait"])
  }

  @Test("a stopped writer's item is gone with it, a stopped reader takes nothing")
  func stopped() {
    let lines = printed(
      onBoard(
        """
        queue q { capacity = 1 }
        var got = []
        task w { fn main() { q.put(1); q.put(2) } }
        task r { active = false; fn main() { q.get() } }
        task s { starts = 20ms; fn main() { while true { got.push(q.get(timeout = 5ms))
            if failed(got.last()) { return } } } }
        """,
        """
        at 5ms { board.w.stop() }
        run for 1s
        print board.got, board.w.state
        """))
    #expect(lines == ["[1, EAGAIN]  .dormant"])
  }

  @Test("a task that waits for items of its own is wedged; a hook's next one would be a way out")
  func knot() {
    let block = """
      queue q { capacity = 1 }
      task a { fn main() { q.put(1); q.get(); q.get() } }
      """
    let rest = "run for 1s\nprint wedged(board.a)\nwhy board"
    let lines = printed(onBoard(block, rest))
    #expect(lines.first == "true")
    #expect(lines.contains("  board.a  waits for an item in `board.q`, from board.a"))
    #expect(
      printed(
        onBoard(block, "at 1ms { board.q.put(7, wait = false) }\nat 2ms { print 1 }\n" + rest))[1]
        == "false")
  }

  @Test("the writer that waits for room, and the taker that waits for the writer's lock")
  func crossing() {
    let lines = printed(
      onBoard(
        """
        queue q { capacity = 1 }
        lock m
        task w { fn main() { m.lock(); for i in 1..4 { q.put(i) }; m.unlock() } }
        task r { fn main() { q.get(); sleep(1ms); m.lock(); q.get() } }
        """, "run for 1s\nprint wedged(board), wedged(board.r)\nwhy board"))
    #expect(lines.first == "true  true")
    #expect(lines.contains("  board.w  waits for room in `board.q`, which board.r makes"))
    #expect(lines.contains("  board.r  waits for `board.m`, which board.w has"))
  }

  @Test("a queue says how much it holds, and stands in a host")
  func misuse() {
    #expect(
      printed(onBoard("queue q")) == ["N207: `capacity` of `board.q` is not set"])
    #expect(
      printed(onBoard("queue q { capacity = 0 }")) == ["N222: `capacity` cannot be 0"])
  }
}
