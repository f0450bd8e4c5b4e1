// Several futures side by side, and moments with names.

import NetScript
import NetStack
import Testing

@testable import NetLab

@Suite("Forks")
struct ForkTests {
  @Test("a fork begins where one stands, and each keeps its own moment, journal and future")
  func forks() throws {
    let bench = try openWorkbench()
    _ = bench.type("run until server.pool.clusters.free == 0 within 5min")
    let start = (bench.moment, bench.digest)
    #expect(bench.fork("policy").note == nil && bench.currentFork == "policy")
    #expect(bench.moment == start.0 && bench.digest == start.1)
    _ = bench.type("server.pool.allocator = policies.receiver_first")
    _ = bench.type("run for 100ms")
    let changed = (bench.moment, bench.digest)
    #expect(bench.go(toNamed: "main").note == nil && bench.currentFork == "main")
    #expect(bench.moment == start.0 && bench.digest == start.1)
    _ = bench.type("run for 100ms")
    let plain = (bench.moment, bench.digest)
    #expect(plain.1 != changed.1)
    _ = bench.back(7)
    _ = bench.go(toNamed: "policy")
    #expect(bench.moment == changed.0 && bench.digest == changed.1)
    _ = bench.go(toNamed: "main")
    #expect(bench.moment.event == plain.0.event - 7)
    _ = bench.go(to: .instant(plain.0.now))
    #expect(bench.moment == plain.0 && bench.digest == plain.1)
    #expect(bench.places.map(\.name) == ["main", "policy"])
    #expect(bench.places.map(\.isHere) == [true, false])
    #expect(bench.places[1].moment == changed.0)
  }

  @Test("from a mark, what was done beyond it still lies ahead; marks find back to their fork")
  func marks() throws {
    let bench = try openWorkbench()
    _ = bench.type("run for 50ms")
    _ = bench.mark("early")
    _ = bench.type("run for 50ms")
    let end = (bench.moment, bench.digest)
    _ = bench.go(toNamed: "early")
    #expect(bench.moment.now == .zero + .milliseconds(50))
    _ = bench.go(to: .instant(end.0.now))
    #expect(bench.moment == end.0 && bench.digest == end.1)
    _ = bench.fork()
    #expect(bench.currentFork == "fork1")
    _ = bench.go(toNamed: "early")
    #expect(bench.currentFork == "main" && bench.places[0].isHere)
    #expect(bench.places.map(\.name) == ["early", "main", "fork1"])
  }

  @Test("a name can be used once, and must not read as a time or an event")
  func names() throws {
    let bench = try openWorkbench()
    #expect(bench.mark("here").note == nil)
    #expect(bench.fork("here").note?.contains("mark `here`") == true)
    #expect(bench.mark("main").note?.contains("fork `main`") == true)
    for name in ["5s", "#3", "a b", "", "-", "x;y"] {
      #expect(bench.mark(name).note != nil, "\(name)")
    }
    #expect(bench.go(toNamed: "hare").note?.contains("did you mean `here`?") == true)
  }

  @Test("undo takes back forks, changes and journeys; marks stay")
  func undoes() throws {
    let bench = try openWorkbench()
    _ = bench.type("run for 100ms")
    let first = bench.digest
    _ = bench.fork("other")
    _ = bench.type("let more = 3; server.pool.allocator = policies.receiver_first")
    _ = bench.mark("changed")
    _ = bench.type("run for 100ms")
    let second = bench.digest
    _ = bench.go(toNamed: "main")
    #expect(bench.undo().note == nil && bench.digest == second && bench.currentFork == "other")
    _ = bench.undo()
    #expect(bench.type("more").value == "3")
    _ = bench.undo()
    #expect(bench.type("more").isMistake && bench.currentFork == "other")
    _ = bench.undo()
    #expect(bench.forkNames == ["main"] && bench.digest == first)
    _ = bench.undo()
    #expect(bench.moment == .zero && bench.undo().note != nil)
    #expect(bench.go(toNamed: "changed").note == nil && bench.type("more").value == "3")
    #expect(bench.currentFork == "main")
  }

  @Test("a file whose `run` was over before it was gone on with goes on all the same")
  func late() throws {
    let bench = try openWorkbench()
    _ = bench.type("run for 300ms")
    let reply = bench.goOn()
    #expect(reply.stop == .halted && reply.lines.first?.hasPrefix("half way") == true)
    #expect(bench.moment.now == .zero + .milliseconds(300))
  }

  @Test("a `step on` of a line leaves alone the one that the file waits for")
  func countdowns() throws {
    let bench = try openWorkbench(
      dryLab.split(separator: "\n").prefix { !$0.contains("run for") }.joined(separator: "\n")
        + "\n    step 40 on office.frame\n    print office.frame.count\n}\n")
    _ = bench.type("step 3 on server.pool.*; step 5 on office.frame")
    let before = Int(bench.type("office.frame.count").value ?? "") ?? 0
    let reply = bench.goOn()
    #expect(before > 0 && reply.stop == .ended && reply.lines.contains("\(before + 40)"))
  }
}
