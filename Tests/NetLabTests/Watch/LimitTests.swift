// Limits hold for whatever a script does with the machine's time, not only for events.

import NetScript
import NetSim
import NetStack
import Testing

@testable import NetLab

/// Ends the run when it is first asked.
private final class Impatient: RunMonitor {
  func pulse(now: Instant, events: Int64) -> RunOrder { .outOfTime }
}

@Suite("Limits")
struct LimitTests {
  private func monitored(_ statements: String) -> RunResult {
    let planned = Planner.plan(
      name: "test.ns", octets: Array("case \"c\" { \(statements) }".utf8), loader: NoImports(),
      options: PlanOptions())
    let bench = Bench(planned.runs[0])
    bench.attach(monitor: Impatient(), sink: nil)
    if bench.prepare() { bench.run() }
    return bench.result
  }

  @Test("a run of nothing but timers can be ended from outside")
  func monitor() {
    let timers = monitored(
      """
      host a { }
      every 1us { }
      run for 100ms
      """)
    #expect(timers.faultText?.hasPrefix("N444") == true)
  }

  @Test("a task's turn that takes no time ends in N401, with its place")
  func endlessTurn() {
    var limits = RunLimits()
    limits.standstill = 5000
    let run = result(
      "task nag { host = server; fn main() { while true { } } }", limits: limits)
    #expect(run.faultText == "N401: time stands still: task `nag` ran 5,000 steps at 0s")
    #expect(run.fault?.error.span != nil)
  }

  @Test("events without progress in time end in N401")
  func standstill() throws {
    let trial = trial("case \"c\" { host a { }\n run for 1s }")
    let bench = try #require(trial.bench)
    bench.watch.untilPulse = 0
    try bench.pulse()
    bench.watch.eventsBefore = bench.simulation.events - bench.plan.limits.standstill
    bench.watch.untilPulse = 0
    try bench.pulse()
    bench.watch.eventsBefore -= 1
    bench.watch.untilPulse = 0
    let fault = #expect(throws: RuntimeError.self) { try bench.pulse() }
    #expect(fault?.title == "time stands still: 1,000,000 events at 1s")
  }

  @Test("rows of reports count against the limit of output")
  func reports() {
    var limits = RunLimits()
    limits.outputOctets = 1000
    let run = result("", run: "run for 1s\n for i in 1..1000 { report i }", limits: limits)
    #expect(run.faultText?.hasPrefix("N443") == true)
  }

  @Test("an index is named as often as one likes, and there is a last one")
  func indices() {
    let run = result(
      "",
      run: """
        run for 1s
        for n in 1..3 { for i in 0..500 { server.tcp.conn[i].state } }
        print server.tcp.conn[65535].state
        print server.tcp.conn[65536].state
        """)
    #expect(run.lines == ["none"])
    #expect(run.faultText?.hasPrefix("N423") == true)
  }
}
