// Pools whose releases wake a waiter: nothing is lost, nothing is polled, nobody is forgotten.

import NetSim
import NetStack
import Testing

@Suite("Pools that wake")
struct WaitingTests {
  @Test("buffers are conserved after every event, however a pool wakes", arguments: modes + [.spin])
  func conservation(mode: WaitingMode) {
    var lab = SeedLab(factor: 1, waiting: mode)
    lab.run(until: Instant(nanoseconds: 2_000_000_000), walk: 1)
    #expect(lab.server.clusterPool.waits > 0, "nobody ever waited: the test shows nothing")
  }

  @Test("as many waiters are awake as buffers are free", arguments: modes)
  func nobodyIsForgotten(mode: WaitingMode) {
    var lab = SeedLab(factor: 1, waiting: mode)
    var waited = 0
    for moment in 1...20_000 {
      lab.run(until: Instant(nanoseconds: Int64(moment) * 100_000))
      let world = lab.bench.simulation
      var asleep = 0
      var awake = 0
      for task in world.tasks.indices where world.tasks[task].wait?.isForCluster == true {
        if world.tasks[task].state == .polling { asleep += 1 } else { awake += 1 }
      }
      waited += asleep
      #expect(asleep == 0 || awake >= Int(lab.server.clusterPool.free))
    }
    #expect(waited > 0)
  }

  @Test("a pool that wakes prints no complaint: the message is the polling loop's")
  func console() {
    for mode in WaitingTests.modes {
      var lab = SeedLab(waiting: mode)
      lab.bench.context.interest = 1 << UInt64(TraceKind.console.rawValue)
      lab.run(until: Instant(nanoseconds: 60_000_000_000))
      #expect(lab.bench.context.records.isEmpty)
    }
  }

  private static let modes: [WaitingMode] = [.fifo, .priority, .event]
}

extension Wait {
  fileprivate var isForCluster: Bool {
    if case .buffer(.clusters, _, _) = self { return true }
    return false
  }
}
