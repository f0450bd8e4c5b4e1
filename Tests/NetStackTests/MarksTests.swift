// Explicit congestion notification: who offers it, what a mark does.
//
// RFC 3168 §6.1; FreeBSD: netinet/tcp_ecn.c.

import Testing
import Wire

@testable import NetStack

@Suite struct MarksTests {
  private let offer: TCPFlags = [.ece, .cwr]

  private func bench(_ ecn: ECN, hosts: Int = 1) -> TCPBench {
    TCPBench(hosts: hosts) { configuration in
      configuration.tunables.rfc1323 = false
      configuration.tunables.tcp.ecn = ecn
      configuration.tunables.tcp.delayedAck = 1
    }
  }

  /// ESTABLISHED with ECN: the peer took our offer.
  private func speaking() -> (peer: ScriptedPeer, socket: Int32) {
    let bench = bench(.offered)
    let socket = bench.connect(0).socket
    var peer = ScriptedPeer(bench)
    peer.iss = bench.wire[0].header.sequence.rawValue
    let options = TCPOptions(maximumSegmentSize: 1460)
    peer.inject([.syn, .ack, .ece], seq: 0, options: options)
    return (peer, socket)
  }

  private func codepoint(_ seen: SeenSegment) -> UInt8 { seen.octets[1] & 3 }

  /// As a router would mark it on its way to host 0.
  private func injectMarked(_ peer: ScriptedPeer, seq: Int, _ payload: [UInt8]) -> [SeenSegment] {
    let bench = peer.bench
    let mark = bench.wire.count
    var octets = peer.octets(
      .ack, seq: peer.sequence &+ UInt32(seq), ack: peer.iss &+ 1, payload)
    octets[1] |= 3
    bench.deliver(octets, to: 0)
    return bench.sent(by: 0, since: mark)
  }

  @Test("RFC 3168 §6.1.1: a SYN offers with ECE and CWR, and the answer to one that offers has ECE")
  func handshake() {
    let both = bench(.offered, hosts: 2)
    let (a, b) = both.connected()
    #expect(both.wire[0].has(offer))
    #expect(both.wire[1].has(.ece) && !both.wire[1].has(.cwr))
    #expect(both.tcb(0, a).flags.contains(.ecn) && both.tcb(1, b).flags.contains(.ecn))
    #expect(both.hosts.map { $0.state.statistics.tcp.markHandshakes } == [1, 1])
  }

  @Test("ecn.enable = 2: nothing is offered, but an offer is taken")
  func acceptedOnly() {
    let both = bench(.accepted, hosts: 2)
    let (a, _) = both.connected()
    #expect(!both.wire[0].has(.ece) && !both.tcb(0, a).flags.contains(.ecn))
    let passive = bench(.accepted)
    passive.listen(0, port: TCPBench.portA)
    let answers = ScriptedPeer(passive).inject([.syn, .ece, .cwr], seq: 0)
    #expect(answers.map { $0.header.flags } == [[.syn, .ack, .ece]])
  }

  @Test("an answer with both bits or none is no agreement, nor an ECE that nobody asked for")
  func noAgreement() {
    for (rule, flags) in [(ECN.offered, TCPFlags()), (.offered, offer), (.accepted, .ece)] {
      let bench = bench(rule)
      let socket = bench.connect(0).socket
      var peer = ScriptedPeer(bench)
      peer.iss = bench.wire[0].header.sequence.rawValue
      peer.inject(
        TCPFlags([.syn, .ack]).union(flags), seq: 0,
        options: TCPOptions(maximumSegmentSize: 1460))
      #expect(bench.state(0, socket) == .established)
      #expect(!bench.tcb(0, socket).flags.contains(.ecn))
    }
  }

  @Test("ecn.maxretries: SYNs beyond so many retransmissions offer nothing", arguments: [0, 1, 2])
  func retries(_ most: Int32) {
    let bench = TCPBench(hosts: 1) {
      $0.tunables.tcp.ecn = .offered
      $0.tunables.tcp.ecnRetries = most
    }
    _ = bench.connect(0)
    bench.run(for: .seconds(60))
    let offers = bench.wire.map { $0.has(offer) }
    #expect(offers.count >= 4)
    #expect(offers == offers.indices.map { $0 <= Int(most) })
  }

  @Test("RFC 3168 §6.1.5, §6.1.6: new data goes as capable; ACKs and what is sent again do not")
  func capable() {
    let (peer, socket) = speaking()
    let bench = peer.bench
    bench.send(0, socket, 100)
    #expect(codepoint(bench.wire.last!) == 2)
    bench.run(for: .seconds(20))
    #expect(bench.wire.last!.length == 100 && codepoint(bench.wire.last!) == 0)
    #expect(peer.inject(.ack, seq: 5, ack: 101, [1]).map(codepoint) == [0])
  }

  @Test("RFC 3168 §6.1.3: a mark is echoed in every segment until CWR comes")
  func echo() {
    let (peer, socket) = speaking()
    let bench = peer.bench
    _ = injectMarked(peer, seq: 1, [1])
    bench.run(for: .seconds(1))
    #expect(bench.wire.last!.has([.ack, .ece]))
    bench.send(0, socket, 10)
    #expect(bench.wire.last!.has(.ece))
    let answers = peer.inject([.ack, .cwr], seq: 2, ack: 11, [2])
    #expect(answers.map { $0.has(.ece) } == [false])
    #expect(bench.hosts[0].state.statistics.tcp.marksReceived == 1)
  }

  @Test("RFC 3168 §6.1.2: ECE halves the window once a round trip, and CWR says so with new data")
  func reduction() {
    let (peer, socket) = speaking()
    let bench = peer.bench
    bench.sendAtOnce(0, socket, 4 * 1460)
    let before = bench.tcb(0, socket).cwnd
    peer.inject([.ack, .ece], ack: 1461)
    let halved = bench.tcb(0, socket).cwnd
    #expect(halved < before && bench.tcb(0, socket).ssthresh >= 2 * 1460)
    peer.inject([.ack, .ece], ack: 2921)
    #expect(bench.hosts[0].state.statistics.tcp.markReductions == 1)
    peer.inject([.ack, .ece], ack: 4 * 1460 + 1)
    let mark = bench.wire.count
    bench.send(0, socket, 10)
    bench.send(0, socket, 10)
    #expect(bench.sent(by: 0, since: mark).first?.has(.cwr) == true)
    #expect(bench.tcb(0, socket).flags.contains(.answersMark) == false)
  }
}
