// Ticks as RTEMS 4.6 runs them: watchdoginsert.c, networkDaemon of rtems_glue.c.

import NetSim
import NetStack
import Testing

@Suite("A host that runs every tick")
struct TickTests {
  /// Who ran, and when, in ticks.
  final class Log {
    var lines: [String] = []
  }

  private func bench(_ everyTick: Bool, _ tune: (inout HostConfiguration) -> Void = { _ in })
    -> Bench
  {
    var bench = Bench()
    var stack = Bench.peer
    stack.runsEveryTick = everyTick
    tune(&stack)
    bench.add(stack)
    return bench
  }

  /// A task that sleeps for so many ticks, each time says its name, and then does it again.
  private func sleeper(_ name: String, _ ticks: [Int64], _ log: Log) -> (CallResult) -> ProgramStep
  {
    var at = 0
    return { _ in
      if at > 0 { log.lines.append(name) }
      at += 1
      return at > ticks.count ? .end : .sleep(.milliseconds(10 * ticks[at - 1]))
    }
  }

  @Test("four timers of one tick fire as A, D, C, B; without the switch as they were armed")
  func watchdogOrder() {
    for (everyTick, expected) in [(true, "ADCB"), (false, "ABCD")] {
      var bench = bench(everyTick)
      let log = Log()
      for name in ["A", "B", "C", "D"] { bench.program(on: 0, sleeper(name, [3], log)) }
      bench.run(until: Instant(nanoseconds: 100_000_000))
      #expect(log.lines.joined() == expected)
    }
  }

  @Test("two fire in the order in which they were armed")
  func two() {
    var bench = bench(true)
    let log = Log()
    for name in ["A", "B"] { bench.program(on: 0, sleeper(name, [2, 1, 1], log)) }
    bench.run(until: Instant(nanoseconds: 100_000_000))
    #expect(log.lines.joined() == "ABABAB")
  }

  @Test("an older timer on the same tick makes two tasks that sleep tick by tick change places")
  func swap() {
    var bench = bench(true)
    let log = Log()
    bench.program(on: 0, sleeper("x", [5], log))
    for name in ["A", "B"] {
      bench.program(on: 0, sleeper(name, [2, 1, 1, 1, 1, 1], log))
    }
    bench.run(until: Instant(nanoseconds: 100_000_000))
    #expect(log.lines.joined() == "ABABABxBABABA")
  }

  @Test("the network task's lateness adds up, and moves every beat behind it")
  func drift() {
    var bench = bench(true)
    var hogs = 0
    bench.program(on: 0, priority: 50) { _ in
      hogs += 1
      // From a tick before the fast beat at 210 ms, and of those that follow, for 35 ms.
      if hogs % 2 == 1 { return .sleep(.milliseconds(hogs == 1 ? 200 : 195)) }
      return .compute(.milliseconds(35))
    }
    bench.run(until: Instant(nanoseconds: 250_000_000))
    #expect(bench.simulation.hosts[0].state.statistics.drift == .milliseconds(20))
    bench.run(until: Instant(nanoseconds: 20_000_000_000))
    #expect(bench.simulation.hosts[0].state.statistics.drift > .seconds(2))
  }

  @Test("an idle host does not drift")
  func idle() {
    var bench = bench(true)
    bench.run(until: Instant(nanoseconds: 20_000_000_000))
    #expect(bench.simulation.hosts[0].state.statistics.drift == .zero)
    // Five fast and two slow beats a second, those that coincide once.
    #expect((100...160).contains(bench.simulation.events))
  }

  @Test("the pool of the report wedges all the same, and every buffer is where it is counted")
  func seed() {
    var lab = SeedLab(everyTick: true)
    lab.run(until: Instant(nanoseconds: 1200_000_000_000), walk: 16)
    #expect(lab.server.clusterPool.free == 0)
    #expect(lab.server.heldClusters[.sndbuf] == 33)
    #expect(lab.server.heldClusters[.ring] == 31)
    #expect(lab.server.statistics.tcpDrops == 1)
  }
}
