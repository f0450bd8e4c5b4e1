// Where a run stops, and what is told on the way.

import NetScript
import NetStack
import Testing

@testable import NetLab

@Suite("Stops")
struct StopsTests {
  private func run(_ bench: Workbench, _ line: String) -> [String] {
    let reply = bench.type(line)
    #expect(!reply.isMistake, "\(line): \(reply)")
    return reply.lines
  }

  @Test("25: a step tells each event in one line of at most 80 columns; of many only the last ten")
  func stepsAreTold() throws {
    let bench = try openWorkbench()
    #expect(run(bench, "step").count >= 1)
    let some = run(bench, "step 5")
    #expect(some.count >= 5 && some.allSatisfy { $0.count <= 80 && $0.contains("s  ") }, "\(some)")
    let many = run(bench, "step 2000")
    #expect(many.first?.contains("events so far") == true && many.count < 60, "\(many)")
    #expect(bench.moment.event == 2006)
  }

  @Test("25: `step N on EVENT` tells each event that counted, and stands behind the last")
  func countedStepsAreTold() throws {
    let bench = try openWorkbench()
    let lines = run(bench, "step 3 on server.pool.grant")
    #expect(lines.count == 3 && lines.allSatisfy { $0.contains("grant") }, "\(lines)")
    let frames = run(bench, "step 4 on office.frame")
    #expect(frames.count == 4 && frames.contains { $0.contains("win") }, "\(frames)")
  }

  @Test("25: a step goes to the next frame on a wire, frame at a nic, switch of tasks, tick")
  func kindsOfSteps() throws {
    for (event, word) in [
      ("office.frame", "frame"), ("server.eth0.frame", "frame"), ("server.cpu.run", "run"),
      ("server.cpu.tick", "tick"), ("server.tcp.state", "state"), ("ftp.writer[1].block", "block"),
    ] {
      // Each from time 0: a connection that stands changes its state only much later.
      let lines = run(try openWorkbench(), "step 1 on \(event)")
      #expect(lines.contains { $0.contains("  \(word) ") }, "\(event): \(lines)")
    }
  }

  @Test("being told changes no event: the digest is that of a run that nobody watched")
  func tellingChangesNothing() throws {
    let plain = try openWorkbench()
    _ = plain.type("run for 300ms")
    let told = try openWorkbench()
    _ = told.trace("")
    _ = told.breakpoint("change server.pool.clusters.used after 100000000")
    _ = told.breakpoint("server.pool.clusters.free < 0")
    _ = told.breakpoint("on office.frame if e.size < 0B")
    _ = told.every("7ms server.pool.clusters.free")
    #expect(told.bench.isAttended)
    #expect(told.type("run for 300ms").stop == .done)
    #expect(told.digest == plain.digest && told.moment == plain.moment)
  }

  @Test("26: a breakpoint on an event stops right behind it; the condition is asked about `e`")
  func eventBreakpoint() throws {
    let bench = try openWorkbench()
    #expect(bench.breakpoint("on server.pool.wait").note == nil)
    let reply = bench.type("run for 1s")
    #expect(reply.stop == .halted)
    #expect(reply.lines.contains { $0.hasPrefix("breakpoint 1: on server.pool.wait") }, "\(reply)")
    #expect(bench.type("n").value == "1")
    let there = bench.moment
    let again = try openWorkbench()
    #expect(again.breakpoint("on server.pool.* if e.who == .tx and e.free < 0").note == nil)
    #expect(again.breakpoint("on server.pool.wait if e.free == 0 once").note == nil)
    #expect(again.type("run for 1s").stop == .halted)
    #expect(again.moment == there && again.digest == bench.digest)
  }

  @Test("26: what a breakpoint stopped goes on, comes back, and is done again to the event")
  func stopsAreJournalled() throws {
    let bench = try openWorkbench()
    _ = bench.breakpoint("on office.frame if e.flags == \"S\" once")
    _ = bench.breakpoint("on office.frame if e.proto == .udp and e.port == 137 after 2")
    #expect(bench.type("run for 1s").stop == .halted)
    #expect(bench.type("run for 1s").stop == .halted)
    let (there, digest) = (bench.moment, bench.digest)
    _ = bench.type("run for 20ms")
    _ = bench.back(40)
    _ = bench.go(to: .event(there.event))
    #expect(bench.moment == there && bench.digest == digest)
    #expect(bench.breakpoint("").lines.count == 1)
  }

  @Test("26: a counter that crosses, a value that changes: told with who did it, old and new")
  func conditions() throws {
    let bench = try openWorkbench()
    #expect(bench.breakpoint("server.pool.clusters.free < 8").note == nil)
    let reply = bench.type("run for 1s")
    #expect(reply.stop == .halted, "\(reply)")
    #expect(bench.type("server.pool.clusters.free").value == "7")
    _ = bench.breakpoint("delete 1")
    #expect(bench.breakpoint("change server.pool.clusters.free").note == nil)
    let change = bench.type("run for 1s")
    #expect(change.lines.first?.contains("7 → ") == true, "\(change)")
    #expect(change.lines.first?.contains(", by ") == true, "\(change)")
    _ = bench.breakpoint("disable")
    #expect(bench.type("run for 5ms").stop == .done)
  }

  @Test("25: a ring that is filled in a step is told by its first cluster and its last")
  func alike() throws {
    let bench = try openWorkbench()
    let lines = bench.type("step 10").lines
    let first = try #require(lines.firstIndex { $0.contains("cluster for rx, 39/40 free") })
    #expect(lines[first + 1].hasSuffix("…         22 more"))
    #expect(lines[first + 2].contains("cluster for rx, 16/40 free"))
    #expect(lines[first + 3].contains("block"))
  }

  @Test("26: a task of the kernel that works behind an instant's last event is named, no hook")
  func kernelTasks() throws {
    let bench = try openWorkbench()
    #expect(bench.breakpoint("change server.pool.clusters.free").note == nil)
    for expected in ["40 → 16, by server.rx", "16 → 15, by server.rx"] {
      let line = bench.type("run for 1s").lines.first
      #expect(line == "breakpoint 1: server.pool.clusters.free: \(expected)")
    }
  }

  @Test("26: a line of a body stops where the stretch of code is over, and names who ran it")
  func lines() throws {
    let text = """
      case "lines" {
          lan office { rate = 10Mbps }
          host server { nic eth0 { lan = office } }
          var total = 0
          task worker {
              host = server
              fn main() {
                  while true {
                      total += 1
                      if total > 2 {
                          total += 10
                      }
                      sleep(10ms)
                  }
              }
          }
          run for 1s
      }
      """
    let plain = try openWorkbench(text)
    _ = plain.type("run for 100ms")
    let bench = try openWorkbench(text)
    #expect(bench.breakpoint("11").lines == ["breakpoint 1: 11"])
    let reply = bench.type("run for 100ms")
    #expect(reply.stop == .halted && bench.type("total").value == "13", "\(reply)")
    let told = reply.lines.first { $0.contains("total += 10") }
    #expect(told?.contains("worker") == true, "\(reply)")
    #expect(bench.breakpoint("99").note?.contains("no body") == true)
    _ = bench.breakpoint("delete")
    let step = bench.nextLine("")
    #expect(step.lines.contains { $0.contains("total += 1") }, "\(step)")
    _ = bench.undo()
    _ = bench.undo()
    _ = bench.type("run for 100ms")
    #expect(bench.digest == plain.digest)
  }

  @Test("26: a line that stops tells what its variables are where it begins")
  func locals() throws {
    let text = """
      case "locals" {
          host server { }
          task worker {
              host = server
              var sum = 0B
              fn part(size, factor = 2) {
                  let whole = size * factor
                  for i in 1..3 {
                      let i = i * 10
                      sum += whole
                  }
                  var later = [1]
                  return later
              }
              fn main() { sleep(1ms)
                  part(300B)
                  sleep(5s) }
          }
          run for 1s
      }
      """
    let bench = try openWorkbench(text)
    #expect(bench.breakpoint("10 once").note == nil)
    let lines = bench.type("run for 10ms").lines
    let place = try #require(lines.firstIndex { $0.contains("sum += whole") }, "\(lines)")
    #expect(
      lines[place + 1] == "              size = 300B · factor = 2 · whole = 600B · i = 10")
    #expect(bench.breakpoint("").lines == ["no breakpoints"])
  }

  @Test("26: a breakpoint for once is gone when it has stopped")
  func once() throws {
    let bench = try openWorkbench()
    _ = bench.breakpoint("on server.pool.grant once")
    _ = bench.breakpoint("on server.pool.wait")
    #expect(bench.type("run for 1s").stop == .halted)
    #expect(bench.breakpoint("").lines == ["2  met 0 times  on server.pool.wait"])
  }

  @Test("a condition that cannot be asked stops and says why; what changes something is refused")
  func badConditions() throws {
    let bench = try openWorkbench()
    #expect(bench.breakpoint("on server.pool.wai").note?.contains("did you mean `wait`?") == true)
    #expect(bench.breakpoint("n = 3").diagnostics.first?.code == "N108")
    #expect(bench.breakpoint("server.pool.clusters.fre < 3").diagnostics.first?.code == "N201")
    #expect(bench.breakpoint("on server.pool.wait after x").note != nil)
    #expect(bench.breakpoint("server.pool.clusters.free").note?.contains("neither true") == true)
    #expect(bench.breakpoint("on server.pool.grant if e.task.nothing == 3").note == nil)
    let reply = bench.type("run for 1s")
    #expect(reply.stop == .halted && reply.lines.contains { $0.contains("cannot be asked") })
  }

  @Test("an error in a hook stops the run at that event, with the world intact")
  func hookErrors() throws {
    let bench = try openWorkbench()
    _ = bench.type("on server.pool.wait(e) { n = n / 0 }")
    let reply = bench.type("run for 1s")
    #expect(reply.fault?.code == "N421")
    #expect(bench.moment.event > 0 && bench.type("n").value != nil)
    #expect(bench.type("server.pool.clusters.free").value == "0")
    // Without the hook the run goes on as if there had been none.
    _ = bench.undo()
    _ = bench.undo()
    _ = bench.type("run for 1s")
    let plain = try openWorkbench()
    _ = plain.type("run for 1s")
    #expect(bench.digest == plain.digest)
  }

  @Test("a failed expectation halts the run and is told; one that holds says how long it did")
  func verdicts() throws {
    let bench = try openWorkbench()
    _ = bench.type("expect never server.pool.clusters.free < 0 as \"sane\"")
    let fine = bench.type("run for 10ms")
    #expect(fine.lines == ["ok  sane   10ms of 10ms checked"])
    _ = bench.type("expect always server.pool.clusters.free > 8 as \"room\"")
    let reply = bench.type("run for 1s")
    #expect(reply.stop == .halted && reply.lines.contains("FAIL room"), "\(reply)")
  }

  @Test("`:events` shows what has just happened and what is to come, and moves nothing")
  func events() throws {
    let bench = try openWorkbench()
    _ = bench.type("run for 50ms")
    let (there, digest) = (bench.moment, bench.digest)
    let lines = bench.events("").lines
    let middle = try #require(lines.firstIndex { $0.contains("— 50ms") })
    #expect(middle >= 10 && lines.count > middle + 1, "\(lines)")
    #expect(bench.moment == there && bench.digest == digest)
    let pool = bench.events("server.pool").lines
    #expect(pool.prefix { !$0.contains("—") }.count == 10, "\(pool)")
    _ = bench.type("run for 50ms")
    let plain = try openWorkbench()
    _ = plain.type("run for 100ms")
    #expect(plain.digest == bench.digest)
  }

  @Test("34: `:every` prints at its times while the world runs")
  func every() throws {
    let bench = try openWorkbench()
    #expect(bench.every("10ms server.pool.clusters.total").note == nil)
    let lines = bench.type("run for 35ms").lines
    let times = lines.map { $0.split(separator: " ").first ?? "" }
    #expect(times == ["10ms", "20ms", "30ms"], "\(lines)")
    _ = bench.every("off")
    #expect(!bench.type("run for 35ms").lines.contains { $0.contains("clusters.total") })
  }

  @Test("a wedged host is named once")
  func wedged() throws {
    let bench = try openWorkbench()
    var told = 0
    for _ in 0..<3 {
      told += bench.type("run for 30s").lines.filter { $0.hasPrefix("wedged: server") }.count
    }
    let isWedged = bench.type("wedged(server)").value == "true"
    #expect(told == (isWedged ? 1 : 0))
  }
}
