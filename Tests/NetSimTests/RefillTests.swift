// What a driver does without a new buffer for its ring, and what it costs: `RefillPolicy`.

import NetSim
import NetStack
import Testing

@Suite("Refill")
struct RefillTests {
  @Test("buffers are conserved after every event, whatever the driver does", arguments: policies)
  func conservation(policy: RefillPolicy) {
    for copybreak: Int32 in [0, 100] {
      var lab = SeedLab(factor: 1, broadcasts: 400, refill: policy, copybreak: copybreak)
      lab.run(until: Instant(nanoseconds: 1_500_000_000), walk: 1)
      #expect(lab.server.clusterPool.peakUsed == 64, "the pool was never empty: nothing is shown")
    }
  }

  @Test("a descriptor that found no buffer is filled at a later tick, and none is lost")
  func retry() {
    var lab = SeedLab(write: 540, factor: 1, broadcasts: 400, refill: .retry)
    var fewest: Int32 = 32
    for moment in 1...40_000 {
      lab.run(until: Instant(nanoseconds: Int64(moment) * 100_000))
      let interface = lab.bench.simulation.hosts[0].interface(0)
      fewest = min(fewest, interface.rxPosted)
      #expect(interface.rxFilled <= interface.rxPosted && interface.rxPosted <= 32)
    }
    #expect(fewest < 32, "every descriptor was always filled at once")
    #expect(lab.bench.simulation.hosts[0].interface(0).refillWaits == 0)
  }

  @Test("a driver that gives up is called by the next frame, and with a full ring by nothing")
  func abandon() {
    var lab = SeedLab(factor: 1, broadcasts: 400, refill: .abandon)
    lab.run(until: Instant(nanoseconds: 20_000_000_000))
    let interface = lab.bench.simulation.hosts[0].interface(0)
    #expect(interface.rxFilled == 32 && !interface.isReceiving)
    #expect(interface.overruns > 1000)
  }

  @Test("a frame as long as copybreak is copied, a longer one is not")
  func copybreak() {
    // Broadcasts of 240 octets: with the Ethernet, IP and UDP headers 282.
    var lab = SeedLab(broadcasts: 0, copybreak: 60)
    lab.run(until: Instant(nanoseconds: 300_000_000))
    let small = lab.server
    #expect(small.statistics.tcpIn > 10)
    // Whatever the client sends is an acknowledgment of 60 octets: no cluster leaves the ring.
    #expect(small.clusterPool.waits > 0)
    #expect(lab.bench.simulation.hosts[0].interface(0).refillWaits == 0)
    #expect(small.heldClusters[.ring] == 32)
    var other = SeedLab(broadcasts: 0, copybreak: 59)
    other.run(until: Instant(nanoseconds: 300_000_000))
    #expect(other.bench.simulation.hosts[0].interface(0).refillWaits > 0)
  }

  private static let policies: [RefillPolicy] = [.wait, .reuse, .retry, .abandon]
}
