// `stalled`: who has work, since when nobody makes progress, and that asking changes no answer.

import Testing

@testable import NetLab

@Suite("Progress")
struct ProgressTests {
  /// An upload to a reader that never reads.
  private let deaf = """
    bulk up { from = client; to = server; read = .never }
    at 1s { probe.stop() }

    """

  @Test("`stalled` gives the same answer whether somebody has watched or not")
  func firstQuestion() {
    let asked = "run for 2min\n print stalled(up, 10s), stalled(client, 10s)"
    let late = result(deaf, run: asked)
    let watched = result(deaf + "let w = watch(fn() => stalled(up, 10s))", run: asked)
    #expect(late.faultText == nil)
    #expect(late.lines == ["true  true"])
    #expect(watched.lines == late.lines)
  }

  @Test("the stall begins at the last progress, not at the first question")
  func onset() {
    let run = result(
      """
      kind walker() {
          var n = 0
          fn progress() => n
          task legs { host = server; fn main() { sleep(3500ms); n = 1; sleep(1h) } }
      }
      walker w { }
      at 13499999999ns { print stalled(w, 10s) }
      at 13500000000ns { print stalled(w, 10s) }
      """, run: "run for 20s")
    #expect(run.faultText == nil)
    #expect(run.lines == ["false", "true"])
  }

  @Test("a reader that waits is work of its host; one that data reaches is not stalled")
  func reader() {
    let run = result(
      """
      task reader {
          host = server
          fn main() { let s = socket(.udp); s.bind(99); sleep(20s); s.recvfrom(1KiB); sleep(1h) }
      }
      let stall = watch(fn() => stalled(server, 10s))
      task writer {
          host = client
          fn main() { let s = socket(.udp); sleep(50s); s.sendto(server, 99, 10B) }
      }
      at 5s { probe.stop() }
      """, run: "run for 60s\n print stall.first, stall.last < 51s, stall.last >= 50s, stall.count")
    #expect(run.faultText == nil)
    #expect(run.lines == ["30s  true  true  1"])
  }

  @Test("a progress() that takes more steps than a hook may ends the run in its limit")
  func budget() {
    let heavy = """
      kind heavy() {
          var n = 0
          fn progress() { for i in 1..2000 { n + i }; return n }
          task legs { host = server; fn main() { sleep(1h) } }
      }
      heavy w { }
      """
    var limits = RunLimits()
    limits.hookSteps = 100
    let run = result(heavy, run: "run for 1s\n print stalled(w, 1s)", limits: limits)
    #expect(run.faultText?.hasPrefix("N4") == true)
  }
}
