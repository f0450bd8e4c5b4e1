// Ctrl-C, wherever it comes: what was under way is left, and the world is one that a journal leads
// to.

import NetScript
import NetStack
import Testing

@testable import NetLab

/// Lets so many questions pass, then wants the run held until somebody types again.
private final class Finger: RunMonitor {
  var patience = Int.max

  func pulse(now: Instant, events: Int64) -> RunOrder {
    patience -= 1
    return patience < 0 ? .hold : .goOn
  }

  /// What a line comes to that is interrupted.
  func press(after patience: Int = 3, _ body: () -> Reply) -> Reply {
    self.patience = patience
    defer { self.patience = .max }
    return body()
  }
}

@Suite("Interruptions")
struct InterruptionTests {
  private let finger = Finger()

  private func open(_ text: String = dryLab) throws -> Workbench {
    var options = PlanOptions()
    options.seeds = 1...1
    options.limits.standstill = 1_000_000_000_000
    options.limits.hookSteps = 1_000_000_000
    options.limits.handlerSteps = 1_000_000_000
    let opened = Workbench.open(
      name: "lab.ns", octets: Array(text.utf8), loader: TextLoader([:]), options: options,
      monitor: finger)
    return try #require(opened.workbench, "\(opened.diagnostics.map(\.title))")
  }

  /// The world goes on, back and forth, and is written, as if nothing had been pressed.
  private func expectWhole(_ bench: Workbench) throws {
    let (there, digest) = (bench.moment, bench.digest)
    if there.event > 3 {
      _ = bench.back(3)
      _ = bench.go(to: there.isMidInstant ? .event(there.event) : .instant(there.now))
      #expect(bench.moment == there && bench.digest == digest)
    }
    let script = try #require(bench.savedScript(as: "saved.ns").script)
    #expect(try NetLabTests.digest(ofScript: script.text) == digest, "\(script.text)")
    #expect(bench.type("1 + 1").value == "2")
  }

  @Test(
    "23: a line that does not end is left, and has not happened",
    arguments: [
      "while true { }", "n = 5; while true { n += 1 }",
      "var l = []; while true { l = [1, 2, [3]]; n += len(l) }",
      "fn deep() { while true { } }\ndeep()", "n = 1; while true { server.pool.clusters.free }",
      "n = 1; while true { run for 0s }", "while true { let s = \"{n}\"; expect n == 0 }",
      "var big = range(0, 100000); while true { big = map(big, fn(x) => x + 1) }",
    ])
  func endlessLine(line: String) throws {
    let bench = try open()
    _ = bench.type("run for 5ms")
    let (there, digest) = (bench.moment, bench.digest)
    let reply = finger.press { bench.type(line) }
    #expect(reply.stop == .halted && !reply.isMistake, "\(reply)")
    #expect(reply.lines.contains { $0.hasPrefix("interrupted in line 2") }, "\(reply.lines)")
    #expect(reply.lines.allSatisfy { $0.count <= 80 })
    #expect(bench.moment == there && bench.digest == digest)
    #expect(bench.type("n").value == "0" && bench.journal.entries.count == 1)
    try expectWhole(bench)
  }

  @Test("23: of a line whose time has passed, that is kept, and nothing behind it")
  func endlessBehindRun() throws {
    let bench = try open()
    let reply = finger.press { bench.type("run for 5ms; n = 7; while true { }") }
    #expect(reply.stop == .halted && !reply.isMistake, "\(reply)")
    #expect(bench.moment.now == .zero + .milliseconds(5) && !bench.moment.isMidInstant)
    #expect(bench.type("n").value == "0")
    let again = try open()
    again.nextHold = reply.heldAt
    #expect(again.type("run for 5ms; n = 7; while true { }").stop == .halted)
    #expect(again.moment == bench.moment && again.type("n").value == "0")
    let plain = try open()
    _ = plain.type("run for 5ms")
    #expect(plain.digest == bench.digest && plain.moment == bench.moment)
    #expect(bench.undo().note == nil && bench.moment == .zero)
  }

  @Test("23: a body that does not end is left, and the world stands before it")
  func endlessBodies() throws {
    for hook in [
      "at 5ms { while true { } }", "on server.pool.grant { n += 1; if n > 20 { while true { } } }",
      "when now >= 5ms { while true { n += 1 } }", "every 5ms { while true { } }",
      "var m = 0; fn slow(x) { m += 1; if m > 40 { while true { } }\n return .pass }\n"
        + "server.eth0.rx.fault = slow",
    ] {
      let bench = try open()
      #expect(!bench.type(hook).isMistake, "\(hook)")
      let reply = finger.press { bench.type("run for 1h") }
      #expect(reply.stop == .halted && !reply.isMistake, "\(hook) \(reply)")
      #expect(reply.lines.contains { $0.hasPrefix("interrupted in ") }, "\(hook) \(reply)")
      #expect(bench.moment.event > 0 && bench.moment.now <= .zero + .milliseconds(100), "\(hook)")
      try expectWhole(bench)
      let there = bench.moment
      #expect(there.event > 3)
      for _ in 1...3 { #expect(bench.undo().note == nil) }
      #expect(bench.moment == .zero)
      _ = finger.press { bench.type("run for 1h") }
      #expect(bench.moment == there)
    }
  }

  @Test("23: a task that does not end is left, in the file's own statements too")
  func endlessTask() throws {
    let text = """
      case "busy" {
          host server { }
          var n = 0
          task worker {
              host = server
              fn main() { sleep(3s)
                  while true { n += 1 } }
          }
          run for 10s
      }
      """
    let bench = try open(text)
    for body in [{ bench.goOn() }, { bench.type("run for 1h") }] {
      let reply = finger.press(after: 5, body)
      #expect(reply.stop == .halted && !reply.isMistake, "\(reply)")
      #expect(reply.lines.contains("interrupted in lab.ns:7: while true { n += 1 } }"), "\(reply)")
      #expect(bench.moment.now <= .zero + .seconds(3))
      #expect(bench.type("n").value == "0")
    }
  }

  @Test("23: what is pressed before a line begins holds it back")
  func pressedBefore() throws {
    let bench = try open()
    let reply = finger.press(after: 0) { bench.type("run for 1ms") }
    #expect(reply.note?.contains("interrupted") == true && bench.moment == .zero)
    let far = finger.press(after: 0) { bench.go(to: .instant(.zero + .seconds(1))) }
    #expect(far.note?.contains("interrupted") == true && bench.moment == .zero)
    #expect(bench.undo().note != nil)
  }

  @Test("23: a long way and a search are left, and time is what it was")
  func longWays() throws {
    let bench = try open()
    _ = bench.type("run for 2s")
    let (there, digest) = (bench.moment, bench.digest)
    for body in [
      { bench.go(to: .event(there.event / 3 + 7)) }, { bench.last("server.pool.clusters.free") },
      { bench.last("n") }, { bench.plot("n") },
    ] {
      let reply = finger.press(after: 1, body)
      #expect(reply.note?.contains("interrupted") == true, "\(reply)")
      #expect(bench.moment == there && bench.digest == digest)
    }
    try expectWhole(bench)
  }

  @Test("23: a declaration that does not end declares nothing")
  func endlessDeclaration() throws {
    let bench = try open()
    let reply = finger.press { bench.type("while true { }\nhost more { }") }
    #expect(reply.note?.contains("interrupted") == true, "\(reply)")
    #expect(bench.type("n").value == "0" && bench.moment == .zero)
  }
}
