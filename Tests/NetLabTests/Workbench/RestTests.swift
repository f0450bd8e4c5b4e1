// Lines that are halted on their way: what is left of them waits, and goes on.

import NetScript
import NetStack
import Testing

@testable import NetLab

@Suite("Rests of lines")
struct RestTests {
  /// Halted at 2 ms in the middle of a line of three statements.
  private func halted(_ line: String = "n = 3; run for 5ms; print \"n is {n}\"; n += 1") throws
    -> Workbench
  {
    let bench = try openWorkbench()
    #expect(bench.breakpoint("now >= 2ms once").note == nil)
    #expect(bench.type(line).stop == .halted)
    #expect(bench.moment.now >= .zero + .milliseconds(2))
    #expect(bench.moment.now < .zero + .milliseconds(5))
    return bench
  }

  private func expectSaved(_ bench: Workbench) throws {
    let (script, reply) = bench.savedScript(as: "saved.ns")
    let text = try #require(script?.text, "\(reply)")
    #expect(try digest(ofScript: text) == bench.digest, "\(text)")
  }

  @Test("`:continue` finishes a line that a breakpoint halted; then it goes on with the file")
  func goesOn() throws {
    let bench = try halted()
    let reply = bench.goOn()
    #expect(
      reply.lines == ["goes on with the rest of `n = 3; run for 5ms; print \"n is {n}\"; n += 1`"]
        + ["n is 3"], "\(reply)")
    #expect(reply.stop == .done && bench.moment.now == .zero + .milliseconds(5))
    #expect(bench.type("n").value == "4")
    let straight = try openWorkbench()
    _ = straight.type("n = 3; run for 5ms; n += 1")
    #expect(straight.digest == bench.digest)
    #expect(bench.goOn().lines.first?.hasPrefix("half way") == true)
  }

  @Test("in between one looks, changes and steps; journal, `:undo` and `:save` agree")
  func journalled() throws {
    let bench = try halted()
    try expectSaved(bench)
    for line in ["server.tcp.keepidle = 30s", "step 3", "print n", "n = 10"] {
      #expect(!bench.type(line).isMistake)
    }
    try expectSaved(bench)
    let before = (bench.moment, bench.digest)
    #expect(bench.goOn().lines.last == "n is 10")
    let after = (bench.moment, bench.digest)
    try expectSaved(bench)
    #expect(bench.undo().note == nil)
    #expect(bench.moment == before.0 && bench.digest == before.1)
    #expect(bench.goOn().lines.last == "n is 10")
    _ = bench.back(5)
    #expect(bench.type("n").value == "10")
    _ = bench.go(to: .instant(before.0.now + .microseconds(500)))
    #expect(bench.goOn().lines.last == "n is 10")
    #expect(bench.moment == after.0 && bench.digest == after.1)
    _ = bench.go(to: .event(before.0.event / 2))
    #expect(bench.type("n").value == "3")
    #expect(bench.goOn().lines.last == "n is 3")
  }

  @Test("a `pause` in a line is the place where it waits, and nothing behind it happens again")
  func pauses() throws {
    let bench = try openWorkbench()
    #expect(bench.type("run for 1ms; n = 1; pause; n += 1; pause; n += 1").stop == .halted)
    #expect(bench.type("n").value == "1")
    let there = bench.moment
    _ = bench.back(2)
    _ = bench.go(to: .instant(there.now))
    #expect(bench.type("n").value == "1" && bench.moment == there)
    for count in [2, 3] {
      let reply = bench.goOn()
      #expect(reply.stop == (count == 2 ? .halted : .done))
      #expect(bench.type("n").value == "\(count)")
      try expectSaved(bench)
    }
  }

  @Test("another `run` takes the place of what waits, and a fault in it ends it")
  func replaced() throws {
    let bench = try halted()
    #expect(bench.type("run for 1ms").stop == .done)
    #expect(bench.goOn().lines.first?.hasPrefix("half way") == true)
    let faulty = try halted("run for 5ms; print 1 / 0")
    #expect(faulty.goOn().fault?.code == "N421")
    _ = faulty.undo()
    #expect(faulty.moment.now < .zero + .milliseconds(5))
    #expect(faulty.goOn().fault?.code == "N421")
  }

  @Test("a line that waits in a loop or for a count comes to its end; each fork has its own")
  func loops() throws {
    let bench = try halted("for i in 0..4 { run for 1ms; n += 1 }")
    #expect(bench.savedScript(as: "x.ns").reply.note?.contains("inside a loop") == true)
    _ = bench.fork("other")
    #expect(bench.goOn().stop == .done && bench.type("n").value == "5")
    _ = bench.go(toPlace: "main")
    #expect(bench.type("n").value == "2")
    #expect(bench.goOn().stop == .done && bench.type("n").value == "5")
    for line in ["step 300 on office.frame; n = 7", "run until n > 1 within 9ms; n = 7"] {
      let other = try halted(line)
      _ = other.back(1)
      #expect(other.type("n").value == "0")
      #expect(other.goOn().stop == .done && other.type("n").value == "7")
    }
  }

  @Test("who goes back into the middle of a line finishes it from there")
  func travelled() throws {
    let bench = try openWorkbench()
    _ = bench.type("run for 5ms; n = 9")
    let end = (bench.moment, bench.digest)
    _ = bench.back(10)
    #expect(bench.type("n").value == "0")
    try expectSaved(bench)
    _ = bench.goOn()
    #expect(bench.moment == end.0 && bench.digest == end.1 && bench.type("n").value == "9")
    try expectSaved(bench)
  }
}
