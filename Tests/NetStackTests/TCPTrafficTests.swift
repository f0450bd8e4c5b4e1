// tcpstat's counters of traffic: each segment in the class that 4.4BSD puts it into.

import Testing
import Wire

@testable import NetStack

@Suite struct TCPTrafficTests {
  private func connected() -> (peer: ScriptedPeer, socket: Int32) {
    var peer = ScriptedPeer(TCPBench(hosts: 1) { $0.tunables.rfc1323 = false })
    let socket = peer.acceptFromHost0()
    return (peer, socket)
  }

  private func traffic(_ peer: ScriptedPeer) -> TCPTraffic {
    peer.bench.hosts[0].state.statistics.tcp
  }

  @Test("what is sent: new data, data again, probes, ACKs, window updates, control (tcp_output)")
  func sending() {
    let (peer, socket) = connected()
    let bench = peer.bench
    #expect(traffic(peer).sentControl == 1 && traffic(peer).attempts == 1)
    #expect(traffic(peer).sentAcks == 1)  // the third segment of the handshake
    bench.send(0, socket, 100)
    #expect(traffic(peer).sent == 1 && traffic(peer).sentOctets == 100)
    #expect(traffic(peer).timed == 2)  // the SYN, and this
    bench.run(for: .seconds(4))
    #expect(traffic(peer).resent >= 1)
    #expect(traffic(peer).resentOctets == 100 * traffic(peer).resent)
    peer.inject(.ack, ack: 101, window: 0)
    #expect(traffic(peer).ackedOctets == 100 && traffic(peer).slowAcks == 2)
    bench.send(0, socket, 50)
    bench.run(for: .seconds(6))
    #expect(traffic(peer).sentProbes == 1 && traffic(peer).sent == 1)
    let before = traffic(peer).resentOctets
    peer.inject(.ack, ack: 101, window: 8760)
    // The probe had the first octet.
    #expect(traffic(peer).windowUpdates == 1 && traffic(peer).sent == 1)
    #expect(traffic(peer).resentOctets == before + 50)
    peer.inject(.ack, ack: 151)
    bench.shutdown(0, socket)
    #expect(traffic(peer).sentControl == 2)
  }

  @Test("what comes: in order, again, in part, behind a gap, beyond the window (tcp_input)")
  func receiving() {
    let (peer, socket) = connected()
    let bench = peer.bench
    peer.inject(.ack, [UInt8](repeating: 1, count: 100))
    peer.inject(.ack, [UInt8](repeating: 1, count: 100))
    #expect(traffic(peer).inOrderOctets == 100 && traffic(peer).duplicateOctets == 100)
    peer.inject(.ack, seq: 51, [UInt8](repeating: 1, count: 100))
    #expect(traffic(peer).partDuplicates == 1 && traffic(peer).partDuplicateOctets == 50)
    #expect(traffic(peer).inOrderOctets == 150)
    peer.inject(.ack, seq: 201, [UInt8](repeating: 1, count: 30))
    #expect(traffic(peer).outOfOrderOctets == 30)
    peer.inject(.ack, seq: 17_500, [UInt8](repeating: 1, count: 100))
    #expect(traffic(peer).afterWindowOctets == 79)  // the window ends at 17,521
    peer.inject(.ack, seq: 151, [UInt8](repeating: 1, count: 50))
    #expect(traffic(peer).outOfOrderOctets == 30 + 50 + 21)
    #expect(bench.receive(0, socket).count == 230)
    peer.inject(.rst, seq: 231)
    #expect(traffic(peer).closed == 1)
  }

  @Test("a connection with samples enough leaves its round trip behind (tcp_close)")
  func cached() {
    let (peer, socket) = connected()
    for turn in 0..<18 {
      peer.bench.send(0, socket, 10)
      peer.inject(.ack, ack: 11 + 10 * turn)
    }
    #expect(traffic(peer).roundTrips >= 16 && traffic(peer).timed >= traffic(peer).roundTrips)
    peer.inject([.rst, .ack], ack: 181)
    #expect(traffic(peer).cachedRoundTrips == 1 && traffic(peer).closed == 1)
  }
}
