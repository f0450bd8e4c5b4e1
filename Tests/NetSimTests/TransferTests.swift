// A whole stream from a write to a read, and the pools that carried it.

import NetSim
import NetStack
import Testing

@Suite("A stream between two hosts")
struct TransferTests {
  @Test("every octet arrives in order, and both ends close")
  func complete() {
    var bench = Bench()
    bench.add(Bench.peer)
    bench.add(Bench.peer)
    let sender = Sender(to: Bench.address(1), write: 1000, total: 1_000_000)
    let reader = Reader()
    bench.program(on: 1) { reader.next($0) }
    bench.program(on: 0) { sender.next($0) }
    bench.run(until: Instant(nanoseconds: 10_000_000_000)) { simulation in
      if simulation.events % 64 != 0 { return }
      simulation.checkConservation(of: 0)
      simulation.checkConservation(of: 1)
    }
    #expect(sender.sent == 1_000_000)
    #expect(reader.received == 1_000_000)
    #expect(reader.finished == 1)
    #expect(bench.simulation.hosts[1].socket(1).damagedOctets == 0)
    #expect(bench.simulation.hosts[0].state.statistics.tcpRetransmits == 0)
  }
}
