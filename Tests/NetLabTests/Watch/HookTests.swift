// Hooks: which moments, in which order, and what they may.

import NetScript
import Testing

@testable import NetLab

@Suite("Hooks")
struct HookTests {
  @Test("`on` sees each event, with its fields")
  func events() {
    let run = result(
      """
      var n = 0
      on office.frame(e) { n += 1 }
      once on server.eth0.frame(e) { print "{e.at} {e.size}" }
      at 2500ms { print "{n > 20}" }
      """)
    #expect(run.faultText == nil)
    #expect(run.lines.count == 2)
    #expect(run.lines.last == "true")
  }

  @Test("pool events tell who, how long and what is left")
  func poolEvents() {
    let run = result(
      """
      var wrong = 0
      on server.pool.grant(e) {
          if e.class != .clusters or e.waited != 0s or e.free < 0 { wrong += 1 }
      }
      once on server.pool.grant(e) if e.who == .rx { print "{e.who}" }
      """,
      run: "run for 3s\n print wrong")
    #expect(run.faultText == nil)
    #expect(run.lines == [".rx", "0"])
  }

  @Test("`*` stands for every event of a node, and for the events of the like")
  func patterns() {
    let run = result(
      """
      var kinds = counter()
      on server.pool.*(e) { kinds[e.class] += 1 }
      """, run: "run for 1s\n print kinds[.clusters] > 0")
    #expect(run.faultText == nil)
    #expect(run.lines == ["true"])
  }

  @Test("an event that does not exist is refused with the nearest one")
  func unknownEvent() {
    let text = """
      case "x" {
          lan office { rate = 10Mbps }
          host server { nic eth0 { lan = office } }
          on server.pool.grand(e) { print e }
          run for 1s
      }
      """
    let trial = trial(text)
    #expect((trial.mistakes + [trial.fault ?? ""]).contains { $0.hasPrefix("N201") })
  }

  @Test("`when` fires at each edge from false to true, at the instant of the change")
  func whenEdges() {
    let run = result(
      """
      when probe.answered == 3 { print "three at {now}" }
      once when probe.answered > 5 { print "once {probe.answered}" }
      """)
    #expect(run.lines.count == 2)
    #expect(run.lines.first?.hasPrefix("three at 40") == true)
    #expect(run.lines.last == "once 6")
  }

  @Test("a predicate of the clock fires at the very nanosecond, though nothing happens then")
  func clockFlips() {
    let run = result(
      """
      when now > 1234567ns { print "{now == 1234568ns}" }
      when now in 2100000001ns..2200000000ns { print "{now == 2100000001ns}" }
      """)
    #expect(run.lines == ["true", "true"])
  }

  @Test("when, every, at look in this order at one instant, in the order of the source")
  func order() {
    let run = result(
      """
      at 1s { print "at" }
      every 1s if now == 1s { print "every" }
      when now >= 1s { print "when" }
      at 1s { print "at again" }
      """)
    #expect(run.lines == ["when", "every", "at", "at again"])
  }

  @Test("what the case sets between two runs is seen at once")
  func setBetweenRuns() {
    let run = result(
      """
      var go = false
      when go { print "go {now}" }
      when not client.eth0.up { print "down {now}" }
      when server.tcp.keepidle == 7s { print "idle {now}" }
      """,
      run: """
        run for 1s
        go = true
        client.eth0.up = false
        server.tcp.keepidle = 7s
        run for 1ns
        print "end"
        """)
    #expect(run.faultText == nil)
    #expect(run.lines == ["go 1s", "down 1s", "idle 1s", "end"])
  }

  @Test("what hooks set is applied when all have looked")
  func changesAreCollected() {
    let run = result(
      """
      at 1s { client.eth0.up = false }
      at 1s { print "{client.eth0.up}" }
      at 2s { print "{client.eth0.up}" }
      """)
    #expect(run.faultText == nil)
    #expect(run.lines == ["true", "false"])
  }

  @Test("hooks that keep each other firing at one instant end in N402")
  func endless() {
    let run = result(
      """
      var turn = 0
      when turn mod 3 == 2 and now >= 1s { turn += 1 }
      when turn mod 3 == 1 and now >= 1s { turn += 1 }
      when turn mod 3 == 0 and now >= 1s { turn += 1 }
      """)
    #expect(run.verdict == .error)
    #expect(run.faultText?.hasPrefix("N402") == true)
  }

  @Test("a hook may not wait")
  func noWaiting() {
    let run = result("at 1s { sleep(1s) }")
    #expect(run.faultText?.hasPrefix("N404") == true)
  }

  @Test("stop ends the run and keeps its verdicts; fail ends it and is one")
  func stopAndFail() {
    let stopped = result(
      """
      expect always probe.lost == 0
      at 1s { stop }
      """)
    #expect(stopped.verdict == .pass)
    #expect(stopped.endedAt.nanoseconds == 1_000_000_000)
    let failed = result("at 1s { fail \"enough\" }")
    #expect(failed.verdict == .fail)
    #expect(failed.expectations.last?.label == "enough")
  }

  @Test("watching changes no digest")
  func digest() {
    let bare = result("")
    let watched = result(
      """
      record probe.answered, server.pool.clusters.free every 100ms
      record server.eth0.rx.posted
      capture server.eth0 "server.pcapng"
      var n = 0
      on office.frame(e) { n += 1 }
      on server.*.*(e) { n += 1 }
      when probe.answered > 3 { print "three" }
      every 10ms { n += 1 }
      expect always server.pool.clusters.free > 0
      expect eventually now > 2500ms
      """, sink: MemorySink())
    #expect(watched.faultText == nil)
    #expect(watched.digest == bare.digest)
    #expect(watched.events == bare.events)
    #expect(watched.packets == bare.packets)
  }
}
