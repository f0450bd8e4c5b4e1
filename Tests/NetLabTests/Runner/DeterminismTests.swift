// Running again: the same run is not told from itself, another one by its first event.

import NetStack
import Testing

@testable import NetLab

@Suite("Determinism")
struct DeterminismTests {
  private static let script = """
    param turn = 300ms
    case "a transfer and some noise" {
        lan wire { rate = 10Mbps }
        host a { nic eth0 { lan = wire } }
        host b { nic eth0 { lan = wire } }
        chatter noise { lan = wire; rate = 200/s; size = uniform(90B, 600B) }
        bulk copy { from = a; to = b; size = 100KB }
        every 10ms { print now, copy.sent }
        at turn { noise.rate = 10/s }
        expect finally copy.sent > 0B
        run for 1s
        report copy.sent
    }
    """

  private func plan(turn: String = "300ms") -> RunPlan {
    var options = PlanOptions()
    options.settings = [(name: "turn", text: turn)]
    return Planner.plan(
      name: "test.ns", octets: Array(Self.script.utf8), loader: TextLoader([:]), options: options
    ).runs[0]
  }

  private func bench(_ plan: RunPlan) -> Bench {
    let bench = Bench(plan)
    #expect(bench.prepare())
    return bench
  }

  @Test("a run that is observed, and one that is resumed from checkpoints, is the same run")
  func same() {
    let plan = plan()
    let first = bench(plan)
    first.run()
    #expect(Determinism.check(plan, against: first.result) == nil)
    #expect(Determinism.part(of: bench(plan), bench(plan)) == nil)
  }

  @Test("a result of another run is told by what is different in it")
  func other() throws {
    let second = bench(plan(turn: "700ms"))
    second.run()
    let found = try #require(Determinism.check(plan(), against: second.result))
    #expect(found.manner == .observed && found.part == nil)
    #expect(found.difference.hasPrefix("digest "))
  }

  @Test("two runs part at the event behind which their digests differ for the first time")
  func part() throws {
    let plans = [plan(), plan(turn: "700ms")]
    let part = try #require(Determinism.part(of: bench(plans[0]), bench(plans[1])))
    func digests(_ event: Int64) -> [UInt64] {
      plans.map {
        let bench = bench($0)
        _ = bench.run(until: Halt(event: event))
        return bench.context.digest.value
      }
    }
    let (before, behind) = (digests(part.event - 1), digests(part.event))
    #expect(part.at > .zero + TimeSpan.milliseconds(290))
    #expect(before[0] == before[1] && behind[0] != behind[1])
  }
}
