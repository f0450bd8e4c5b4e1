// What a script says about ticks, time slices, interrupts and the nested network semaphore.

import NetScript
import Testing

@testable import NetLab

@Suite("Turns of tasks in scripts")
struct ScriptedTurnTests {
  @Test("`timeslice` of a host is its tasks', a task's own goes before it")
  func timeslice() {
    let lines = printed(
      onBoard(
        """
        timeslice = 20ms
        task a { fn main() { compute(93ms); print "a", now } }
        task b { fn main() { compute(93ms); print "b", now } }
        task c { timeslice = 0s; starts = 1s; fn main() { compute(93ms); print "c", now - 1s } }
        task d { starts = 1s; fn main() { compute(93ms); print "d", now - 1s } }
        """, "run for 2s"))
    #expect(lines == ["a  173ms", "b  186ms", "c  93ms", "d  0.186s"])
  }

  @Test("with `ticks = .all` timers of one tick fire as A, D, C, B, and beats that are late drift")
  func ticks() {
    let lines = printed(
      inServer(
        """
        ticks = .all
        var order = []
        task a { fn main() { sleep(30ms); order.push("a") } }
        task b { fn main() { sleep(30ms); order.push("b") } }
        task c { fn main() { sleep(30ms); order.push("c") } }
        task d { fn main() { sleep(30ms); order.push("d") } }
        task hog { priority = 1; starts = 200ms; fn main() { compute(35ms) } }
        at 150ms { print order, server.cpu.drift }
        at 500ms { print server.cpu.drift }
        """))
    #expect(lines == [#"["a", "d", "c", "b"]  0s"#, "20ms"])
  }

  @Test("`network.unnest` keeps a nested wait from freezing the stack")
  func nested() {
    func script(_ unnest: Bool) -> String {
      inServer(
        """
        network.unnest = \(unnest)
        task reader {
            fn main() {
                let s = socket(.udp)
                network.lock()
                s.read(1KiB)
            }
        }
        at 900ms { print probe.progress() > 2, server.network.owner, wedged(server) }
        """)
    }
    #expect(printed(script(false)) == ["false  server.reader  true"])
    #expect(printed(script(true)) == ["true  none  false"])
  }

  @Test("`task.interrupted` is what interrupts took: one, then the driver waits for the CPU")
  func interrupts() {
    let lines = printed(
      inServer(
        """
        cpu { interrupt = 100us }
        task hog { priority = 1; starts = 100ms; fn main() { compute(500ms); print now } }
        at 900ms { print server.hog.cpu, server.hog.interrupted }
        """))
    #expect(lines == ["600.1ms", "500ms  100us"])
  }
}
