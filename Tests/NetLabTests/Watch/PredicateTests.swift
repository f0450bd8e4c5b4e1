// Conditions and columns only look; hooks act, and what they do is done when all have looked.

import Testing

@testable import NetLab

@Suite("Predicates")
struct PredicateTests {
  @Test(
    "a predicate may change nothing",
    arguments: [
      "client.eth0.up = false", "probe.stop()", "probe.start()", "print now", "fail \"no\"",
      "stop", "h.add(1)", "n[.a] += 1", "at 2s { }", "draw(uniform(1, 2))",
      "win.eth0.send(frame(.udp, to = .broadcast, port = 9, len = 1B))",
    ])
  func effects(statement: String) {
    for use in ["when p() { }", "expect always p()", "record p() every 1s", "at 1s if p() { }"] {
      let run = result(
        """
        let h = hist()
        var n = counter()
        host win { stack = .none; nic eth0 { lan = office } }
        fn p() { if now > 500ms { \(statement) }; return now < 2s }
        \(use)
        """, sink: MemorySink())
      #expect(run.faultText?.hasPrefix("N413") == true, "\(use): \(statement)")
    }
  }

  @Test("what hooks start and stop waits until all have looked")
  func startAndStop() {
    let run = result(
      """
      at 1s { probe.stop(); print probe.active }
      at 1s { print probe.active }
      at 1001ms { print probe.active; probe.start(); print probe.active }
      at 1002ms { print probe.active }
      """)
    #expect(run.faultText == nil)
    #expect(run.lines == ["true", "true", "false", "false", "true"])
  }

  @Test("a frame that a hook sends is counted like any other")
  func sending() {
    let run = result(
      """
      host win { stack = .none; nic eth0 { lan = office } }
      at 500ms { win.eth0.send(frame(.udp, to = .broadcast, port = 9, len = 1B)) }
      on server.eth0.frame(e) if e.at < 1s {
          win.eth0.send(frame(.udp, to = .broadcast, port = 9, len = 1B))
      }
      """, run: "run for 3s\n print office.frame.count == office.frames")
    #expect(run.faultText == nil)
    #expect(run.lines == ["true"])
  }
}
