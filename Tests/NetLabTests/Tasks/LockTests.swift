// Locks: who waits, who owns next, whose priority is lent, and what a knot of them looks like.

import NetScript
import Testing

@testable import NetLab

/// A host without a stack, so that nothing but its own tasks runs there.
func onBoard(_ block: String, _ rest: String = "run for 1s") -> String {
  """
  case "c" {
      lan office { rate = 10Mbps }
      host board { stack = .none; nic eth0 { lan = office }
  \(block)
      }
  \(rest)
  }
  """
}

/// What a script printed, or what went wrong instead.
func printed(
  _ text: String, imports: [String: String] = [:]
) -> [String] {
  let trial = trial(text, imports: imports)
  if !trial.mistakes.isEmpty { return trial.mistakes }
  if let fault = trial.fault { return [fault] }
  return trial.bench?.output.lines ?? []
}

@Suite("Locks")
struct LockTests {
  @Test("the most urgent waiter owns a lock next, equals in order of arrival")
  func order() {
    let lines = printed(
      onBoard(
        """
        lock m
        var order = []
        task first { priority = 50; fn main() { m.lock(); sleep(10ms); m.unlock() } }
        task a { priority = 60; starts = 1ms; fn main() { m.lock(); order.push("a"); m.unlock() } }
        task b { priority = 40; starts = 2ms; fn main() { m.lock(); order.push("b"); m.unlock() } }
        task c { priority = 40; starts = 3ms; fn main() { m.lock(); order.push("c"); m.unlock() } }
        """,
        """
        at 5ms { print board.m.owner, board.m.queue, board.a.waiting_for, board.a.blocked_for }
        run for 1s
        print board.order, board.m.owner, board.m.queue
        """))
    #expect(
      lines == [
        "board.first  [board.b, board.c, board.a]  board.m  4ms", "[\"b\", \"c\", \"a\"]  none  []",
      ])
  }

  @Test("a lock nests: it is free when it was given back as often as taken")
  func nesting() {
    let lines = printed(
      onBoard(
        """
        lock m
        var got = none
        task a { priority = 10; fn main() { m.lock(); m.lock(); m.unlock(); sleep(5ms)
            m.unlock() } }
        task b { priority = 20; fn main() { m.lock(); got = now } }
        """, "run for 1s\nprint board.got"))
    #expect(lines == ["5ms"])
  }

  @Test("who has not taken a lock cannot give it back; a hook gives back whoever's it is")
  func owners() {
    let lines = printed(
      onBoard(
        """
        lock m
        var refused = none
        var got = none
        task a { fn main() { m.lock(); sleep(1h) } }
        task b { starts = 1ms; fn main() { refused = m.unlock(); m.lock(); got = now } }
        """,
        "at 9ms { board.m.unlock() }\nrun for 1s\nprint board.refused, board.got, board.m.owner"))
    #expect(lines == ["EPERM  9ms  board.b"])
  }

  @Test("a wait for a lock ends with its time, or never begins")
  func timeouts() {
    let lines = printed(
      onBoard(
        """
        lock m
        var said = []
        task a { fn main() { m.lock(); sleep(30ms); m.unlock() } }
        task b {
            starts = 1ms
            fn main() {
                said.push(m.lock(timeout = 10ms)); said.push(now)
                said.push(m.lock(timeout = 0s)); said.push(now)
                said.push(m.lock(timeout = 1s)); said.push(now)
                sleep(2s)
            }
        }
        """, "run for 1s\nprint board.said, board.m.owner, board.m.queue"))
    #expect(
      lines == ["[ETIMEDOUT, 11ms, ETIMEDOUT, 11ms, none, 30ms]  board.b  []"])
  }

  private static let inversion = """
    lock m { inherit = INHERIT }
    var waited = none
    task low { priority = 90; fn main() { m.lock(); compute(5ms); m.unlock(); sleep(1h) } }
    task middle { priority = 50; starts = 1ms; fn main() { compute(100ms) } }
    task high {
        priority = 10; starts = 2ms
        fn main() { let t = now; m.lock(); waited = now - t; m.unlock() }
    }
    """

  @Test(
    "with inheritance the owner runs at its waiter's priority, without it whoever is in between",
    arguments: [(true, "4ms"), (false, "103ms")])
  func inheritance(inherits: Bool, waited: String) {
    let block = Self.inversion.replacing("INHERIT", with: "\(inherits)")
    #expect(printed(onBoard(block, "run for 1s\nprint board.waited")) == [waited])
  }

  @Test("what is lent goes on to whoever holds up the owner, and comes back when a waiter gives up")
  func chain() {
    let lines = printed(
      onBoard(
        """
        lock outer
        lock inner
        var waited = []
        task low { priority = 90; fn main() { inner.lock(); compute(5ms); inner.unlock() } }
        task link {
            priority = 80; starts = 1ms
            fn main() { outer.lock(); inner.lock(); inner.unlock(); outer.unlock() }
        }
        task middle { priority = 50; starts = 3ms; fn main() { compute(100ms) } }
        task high {
            priority = 10; starts = 2ms
            fn main() { let t = now; waited.push(outer.lock(timeout = LIMIT))
                waited.push(now - t) }
        }
        """.replacing("LIMIT", with: "1s"), "run for 1s\nprint board.waited"))
    #expect(lines == ["[none, 3ms]"])
    let short = printed(
      onBoard(
        """
        lock m
        var done = none
        task low { priority = 90; fn main() { m.lock(); compute(9ms); done = now; m.unlock() } }
        task high { priority = 10; starts = 2ms; fn main() { m.lock(timeout = 1ms) } }
        task middle { priority = 50; starts = 2ms; fn main() { compute(100ms) } }
        """, "run for 1s\nprint board.done"))
    #expect(short == ["109ms"])
  }

  @Test("who keeps the network semaphore keeps it while it sleeps in a call: nobody wakes it")
  func network() {
    let text = inServer(
      """
          task selfish {
              starts = 300ms
              fn main() {
                  let s = socket(.udp)
                  s.bind(9)
                  server.network.lock()
                  s.read(1KiB)
              }
          }
      """
    ).replacing(
      "run for 1s",
      with: "run for 1s\nprint wedged(server), server.network.owner, probe.answered\nwhy server")
    let lines = printed(text)
    #expect(lines.first == "true  server.selfish  2")
    #expect(lines.contains { $0.contains("rx") && $0.contains("which server.selfish has") })
  }

  @Test("two tasks that take two locks crosswise are a knot; a timeout unties it")
  func knot() {
    let block = """
      lock a
      lock b
      task one { fn main() { a.lock(); sleep(5ms); b.lock(LIMIT) } }
      task two { fn main() { b.lock(); sleep(5ms); a.lock() } }
      """
    let rest = "run for 1s\nprint wedged(board), wedged(board.one)\nwhy board"
    let lines = printed(onBoard(block.replacing("LIMIT", with: ""), rest))
    #expect(lines.first == "true  true")
    #expect(
      Array(lines.dropFirst()) == [
        "WEDGED: a knot of 2 tasks",
        "  all waiting since 5ms (#2), and no armed timer unties it",
        "  board.one  waits for `board.b`, which board.two has",
        "             since 5ms (#1), at test.ns:6",
        "  board.two  waits for `board.a`, which board.one has",
        "             since 5ms (#2), at test.ns:7",
      ])
    let timed = printed(onBoard(block.replacing("LIMIT", with: "timeout = 1h"), rest))
    #expect(timed.first == "false  false")
  }

  @Test("a task that ends with a lock never gives it back")
  func abandoned() {
    let lines = printed(
      onBoard(
        """
        lock m
        task a { fn main() { m.lock() } }
        task b { starts = 1ms; fn main() { m.lock() } }
        """, "run for 1s\nprint wedged(board.b), stalled(board.b, 500ms), board.b.blocked_for"))
    #expect(lines == ["true  true  999ms"])
  }

  @Test("a stopped task leaves the line, and what it has taken stays taken")
  func stopped() {
    let lines = printed(
      onBoard(
        """
        lock m
        task a { fn main() { m.lock(); sleep(1h) } }
        task b { starts = 1ms; fn main() { m.lock() } }
        """,
        """
        at 5ms { board.b.stop() }
        at 6ms { print board.m.queue, board.b.state; board.a.stop() }
        run for 1s
        print board.m.owner, board.a.state
        """))
    #expect(lines == ["[]  .dormant", "board.a  .dormant"])
  }

  @Test("a lock belongs to the tasks of one host, and only a task can wait for it")
  func misuse() {
    #expect(
      printed(
        onBoard(
          "lock m",
          """
          host other { stack = .none; nic eth0 { lan = office } }
          task t { host = other; fn main() { board.m.lock() } }
          run for 1s
          """)) == ["N460: `board.m` belongs to the tasks of another host"])
    #expect(
      printed(onBoard("lock m", "at 1ms { board.m.lock() }\nrun for 1s"))
        == ["N404: `lock` would wait here, and only a task can wait"])
    #expect(
      printed("case \"c\" { lock m\nrun for 1s }") == ["N207: lock `m` stands in no host"])
  }
}
