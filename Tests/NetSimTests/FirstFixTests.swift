// Torre's first fix without the second, under each policy: what tcp_drop frees ends the wedge, and
// the record in the hand of the writer that waited is lost for good, once a drop.
//
// W is the stock, B' asks for the receive task inside m_clalloc only, B at each request, C is a
// driver that drops a frame rather than wait.

import NetSim
import NetStack
import Testing

@Suite("The first fix of the report, alone")
struct FirstFixTests {
  /// B' leaves a hole for a writer less urgent than the network tasks (PolicyCellTests).
  private func lab(_ policy: PoolPolicy, frees: Bool, _ keeper: ReceiverFirst) -> SeedLab {
    let cell = PolicyCell(policy: policy, priority: policy == .bPrime ? 150 : 40, load: 40)
    var lab = cell.lab(500, seed: 1, keeper: keeper)
    var tunables = lab.server.tunables
    tunables.dropFrees = frees
    lab.bench.simulation.tune(host: 0, tunables, &lab.bench.context)
    return lab
  }

  @Test("6: W, B' and C wedge for good without it", arguments: [PoolPolicy.w, .bPrime, .c])
  func without(policy: PoolPolicy) {
    let keeper = ReceiverFirst()
    var lab = lab(policy, frees: false, keeper)
    withExtendedLifetime(keeper) {
      lab.run(until: Instant(nanoseconds: 1_200_000_000_000))
      #expect(lab.isStuck && lab.server.statistics.tcpDrops == 1 && lab.sender.errors.isEmpty)
    }
  }

  @Test(
    "6: with it service resumes behind each drop, by EINVAL, and one more cluster is gone",
    arguments: [PoolPolicy.w, .bPrime, .c])
  func recovery(policy: PoolPolicy) {
    let keeper = ReceiverFirst()
    var lab = lab(policy, frees: true, keeper)
    withExtendedLifetime(keeper) {
      var sent: Int64 = -1
      for drops in 1...3 as ClosedRange<Int> {
        while lab.sender.errors.count < drops {
          lab.run(until: lab.bench.simulation.now + .seconds(1))
          if lab.bench.simulation.now > Instant(nanoseconds: 4_000_000_000_000) { break }
        }
        #expect(lab.sender.errors == [SocketError](repeating: .EINVAL, count: drops))
        #expect(lab.server.statistics.tcpDrops == Int64(drops))
        #expect(lab.server.heldClusters[.leaked] == Int32(drops))
        #expect(lab.server.heldMbufs[.leaked] == Int32(drops))
        #expect(lab.sender.sent > sent)
        sent = lab.sender.sent
      }
    }
  }

  @Test("6: under B there is nothing to recover from while the connection lives")
  func receiverFirst() {
    let keeper = ReceiverFirst()
    var lab = lab(.b, frees: true, keeper)
    withExtendedLifetime(keeper) {
      lab.run(until: Instant(nanoseconds: 20_000_000_000))
      #expect(lab.server.statistics.tcpDrops == 0 && lab.server.heldClusters[.leaked] == 0)
      #expect(lab.sender.errors.isEmpty && lab.sender.sent > 1_000_000)
    }
  }
}
