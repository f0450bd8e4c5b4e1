// Drivers and hardware other than the MPC860's: when the task asks for a buffer, what calls it,
// what becomes of a ring that is empty or full.

import NetSim
import NetStack
import Testing

@Suite("Driver policies")
struct DriverPolicyTests {
  @Test("buffers are conserved after every event, whatever the driver is like", arguments: refills)
  func conservation(refill: RefillPolicy) {
    let ways: [(inout DriverPolicy) -> Void] = [
      { $0.asksFirst = true }, { $0.polls = true },
      {
        $0.polls = true; $0.asksFirst = true
      },
      { $0.losesEdges = true }, { $0.suspends = true },
      {
        $0.reapsEagerly = true; $0.dropsWhenFull = true
      },
    ]
    for way in ways {
      for zeroCopy in [true, false] {
        var lab = SeedLab(
          factor: 1, broadcasts: 400, refill: refill,
          driver: {
            way(&$0.policy)
            $0.zeroCopy = zeroCopy
          })
        lab.run(until: Instant(nanoseconds: 800_000_000), walk: 1)
      }
    }
  }

  @Test("asked for first, a new buffer is waited for with the frame still in the ring")
  func asksFirst() {
    for asksFirst in [false, true] {
      var lab = SeedLab(factor: 1, broadcasts: 0, driver: { $0.policy.asksFirst = asksFirst })
      lab.run(until: Instant(nanoseconds: 20_000_000_000))
      let interface = lab.bench.simulation.hosts[0].interface(0)
      #expect(interface.refillWaits > 0)
      #expect(interface.rxPosted == (asksFirst ? 32 : 31), "wedged, by the ring's whole size")
    }
  }

  @Test("a chain of more mbufs than the ring has descriptors stops the transmit task for good")
  func longChain() {
    // Mbufs of 50 octets: a segment of 1460 is a header and up to 31 of them.
    for (ring, hangs): (Int32, Bool) in [(16, true), (32, false)] {
      var lab = SeedLab(write: 50, factor: 1, broadcasts: 0, driver: { $0.transmitRing = ring })
      lab.run(until: Instant(nanoseconds: 5_000_000_000))
      let world = lab.bench.simulation
      let wait = world.tasks[Int(world.hosts[0].interface(0).txTask)].wait
      #expect((wait == .transmitRing(0)) == hangs, "\(ring) descriptors")
      #expect((world.hosts[0].interface(0).txActive == 0) == hangs)
    }
  }

  @Test("lazy reaping keeps what was sent last, an interrupt for each frame keeps nothing")
  func reaping() {
    for isEager in [false, true] {
      var bench = Bench()
      var stack = Bench.peer
      stack.interfaces = [InterfaceConfiguration(address: .any, mac: .zero)]
      stack.interfaces[0].policy.reapsEagerly = isEager
      bench.add(stack)
      bench.add(Bench.peer)
      let sender = Sender(to: Bench.address(1), write: 1000, total: 20_000)
      let reader = Reader()
      bench.program(on: 1) { reader.next($0) }
      bench.program(on: 0) { sender.next($0) }
      bench.run(until: Instant(nanoseconds: 10_000_000_000))
      #expect(reader.received == 20_000)
      let host = bench.simulation.hosts[0]
      #expect((host.state.heldMbufs[.txring] == 0) == isEager)
      #expect((host.interface(0).txActive == 0) == isEager)
    }
  }

  @Test("a driver that drops when its ring is full never waits for descriptors")
  func dropsWhenFull() {
    var lab = SeedLab(
      factor: 1, broadcasts: 0,
      driver: {
        $0.policy.dropsWhenFull = true
        $0.transmitRing = 6
      })
    for moment in 1...2000 {
      lab.run(until: Instant(nanoseconds: Int64(moment) * 1_000_000))
      let world = lab.bench.simulation
      let task = world.hosts[0].interface(0).txTask
      #expect(world.tasks[Int(task)].wait != .transmitRing(0))
    }
    #expect(lab.bench.simulation.hosts[0].interface(0).ringDrops > 0)
  }

  @Test("hardware that has met no empty descriptor stays stopped until a buffer is posted")
  func suspends() {
    for kicks in [true, false] {
      var lab = SeedLab(
        factor: 1, broadcasts: 400, refill: .retry,
        driver: {
          $0.policy.suspends = true
          $0.policy.kicks = kicks
          $0.receiveRing = 4
        })
      lab.run(until: Instant(nanoseconds: 10_000_000_000))
      let interface = lab.bench.simulation.hosts[0].interface(0)
      #expect(interface.isStuck != kicks)
      #expect(kicks ? interface.suspensions > 1 : interface.suspensions == 1)
      #expect(interface.isStuck ? interface.rxPosted == 4 : true, "buffers are back")
    }
  }

  private static let refills: [RefillPolicy] = [.wait, .reuse, .retry, .abandon]
}
