// Where a buffer was taken, when and for whom stays with it through every hand-over, and who has it
// now is always known: the walk of conservation compares each holder with what the buffer says.

import NetSim
import NetStack
import Testing

@Suite("Hand-overs")
struct HandoverTests {
  @Test("a buffer keeps where it comes from for as long as it is out", arguments: refills)
  func provenance(refill: RefillPolicy) {
    var lab = SeedLab(factor: 1, broadcasts: 400, refill: refill)
    var places: [Place] = []
    for bufferClass in [BufferClass.mbufs, .clusters] {
      var before: [Instant: [AllocationSite]] = [:]
      for moment in 1...2000 {
        lab.run(until: Instant(nanoseconds: Int64(moment) * 500_000), walk: 1)
        let held = lab.bench.simulation.hosts[0].heldBuffers(bufferClass)
        let now = lab.bench.simulation.now
        // Of what was taken at one moment, some may be free by now; nothing else is new.
        let after = Dictionary(grouping: held, by: \.since).mapValues { $0.map(\.site) }
        for (since, sites) in after where since < now {
          guard let known = before[since] else { continue }
          for site in AllocationSite.allCases {
            let left = sites.count { $0 == site }
            #expect(left <= known.count { $0 == site }, "\(site) of \(since)")
          }
        }
        before = after
        for buffer in held where !places.contains(buffer.place) { places.append(buffer.place) }
        for buffer in held {
          #expect(buffer.since <= now && buffer.task >= 0)
          #expect(buffer.place != .ring || buffer.site == .refill)
          #expect(buffer.place != .sndbuf || buffer.site == .sosend)
        }
      }
    }
    #expect(Set(places).isSuperset(of: [.ring, .sndbuf, .txring, .ifq]), "\(places)")
  }

  @Test("a size class is conserved wherever its buffers lie, and its fault leaves a ring empty")
  func sizeClasses() {
    for (count, starves): (Int32, Bool) in [(64, false), (20, true)] {
      var lab = SeedLab(
        factor: 1, broadcasts: 400, refill: .retry,
        driver: { $0.sources = [1] },
        build: { $0.classes = [SizeClass(octets: 9216, count: count)] })
      lab.run(until: Instant(nanoseconds: 1_500_000_000), walk: 1)
      let host = lab.bench.simulation.hosts[0]
      #expect(host.sizeClass(0).held[.ring] == (starves ? host.interface(0).rxPosted : 32))
      #expect(host.interface(0).rxPosted <= (starves ? 20 : 32))
      #expect(host.state.heldClusters[.ring] == 0 && host.sizeClass(0).pool.grants > 32)
    }
  }

  private static let refills: [RefillPolicy] = [.wait, .reuse, .retry]
}
