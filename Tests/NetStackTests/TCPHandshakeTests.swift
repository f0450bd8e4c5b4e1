// The three-way handshake and its relatives. RFC 9293 §3.5, §3.10.7.2, §3.10.7.3.

import Testing
import Wire

@testable import NetStack

@Suite struct TCPHandshakeTests {
  @Test("a SYN carries MSS 1460, window scale 0 and a timestamp, in that order")
  func synOptions() {
    let bench = TCPBench(hosts: 1)
    let socket = bench.connect(0).socket
    let syn = bench.wire[0]
    #expect(syn.header.flags == .syn)
    #expect(syn.header.window == 16384)
    #expect(syn.header.headerOctets == 40)
    #expect(Array(syn.octets[40..<48]) == [2, 4, 0x05, 0xB4, 1, 3, 3, 0])
    #expect(Array(syn.octets[48..<52]) == [1, 1, 8, 10])
    #expect(syn.options.timestamps == TCPTimestamps(value: 1, echo: 0))
    #expect(bench.state(0, socket) == .synSent)
  }

  @Test("without rfc1323 a SYN carries only its MSS")
  func synWithoutRFC1323() {
    let bench = TCPBench(hosts: 1) { $0.tunables.rfc1323 = false }
    _ = bench.connect(0)
    #expect(Array(bench.wire[0].octets[40...]) == [2, 4, 0x05, 0xB4])
  }

  @Test("a buffer of more than 65535 octets asks for a shift that covers it")
  func scale() {
    let bench = TCPBench(hosts: 1) { $0.tunables.receiveSpace = 200_000 }
    _ = bench.connect(0)
    #expect(bench.wire[0].options.windowScale == 2)
    #expect(bench.wire[0].header.window == 65535)
  }

  @Test("two hosts come to ESTABLISHED with three segments")
  func threeSegments() {
    let bench = TCPBench()
    let (a, b) = bench.connected()
    #expect(bench.wire.map(\.header.flags) == [.syn, [.syn, .ack], .ack])
    #expect(bench.state(0, a) == .established)
    #expect(bench.state(1, b) == .established)
    #expect(bench.hosts[0].socket(a).state.contains(.connected))
    #expect(bench.hosts[1].state.statistics.tcpAccepts == 1)
  }

  @Test("with timestamps a segment carries 1448 octets, and buffers hold whole segments")
  func buffersAreRounded() {
    let bench = TCPBench()
    let (a, b) = bench.connected()
    #expect(bench.tcb(0, a).mss == 1448)
    #expect(bench.hosts[0].socket(a).snd.hiwat == 17376)
    #expect(bench.hosts[0].socket(a).snd.mbmax == 139_008)
    #expect(bench.hosts[1].socket(b).rcv.hiwat == 17376)
  }

  @Test("without timestamps the same figures are 1460, 17520 and 140160")
  func buffersWithoutTimestamps() {
    let bench = TCPBench { $0.tunables.rfc1323 = false }
    let (a, _) = bench.connected()
    #expect(bench.tcb(0, a).mss == 1460)
    #expect(bench.hosts[0].socket(a).snd.hiwat == 17520)
    #expect(bench.hosts[0].socket(a).snd.mbmax == 140_160)
  }

  @Test("a SYN without any option leaves 512 octets a segment and the buffers alone")
  func noOptions() {
    let bench = TCPBench(hosts: 1)
    let socket = bench.connect(0).socket
    var peer = ScriptedPeer(bench)
    peer.iss = bench.wire[0].header.sequence.rawValue
    peer.inject([.syn, .ack], seq: 0, ack: 1)
    #expect(bench.tcb(0, socket).mss == 512)
    #expect(bench.hosts[0].socket(socket).snd.hiwat == 16384)
  }

  @Test("an offer below 64 octets counts as 64")
  func smallOffer() {
    var peer = ScriptedPeer(TCPBench(hosts: 1))
    let socket = peer.acceptFromHost0(mss: 8)
    #expect(peer.bench.tcb(0, socket).mss == 64)
  }

  @Test("a RST with an ACK of the SYN refuses a connection; without one it is ignored")
  func refused() {
    let bench = TCPBench(hosts: 1)
    let socket = bench.connect(0).socket
    var peer = ScriptedPeer(bench)
    peer.iss = bench.wire[0].header.sequence.rawValue
    peer.inject(.rst, seq: 0)
    #expect(bench.state(0, socket) == .synSent)
    peer.inject([.rst, .ack], seq: 0, ack: 1)
    #expect(bench.state(0, socket) == nil)
    #expect(bench.error(0, socket) == .ECONNREFUSED)
    #expect(bench.hosts[0].state.statistics.tcpConnectDrops == 1)
  }

  @Test("an ACK of something else is answered by a RST in SYN_SENT")
  func wrongAckInSynSent() {
    let bench = TCPBench(hosts: 1)
    let socket = bench.connect(0).socket
    var peer = ScriptedPeer(bench)
    peer.iss = bench.wire[0].header.sequence.rawValue
    let answer = peer.inject([.syn, .ack], seq: 0, ack: 7)
    #expect(peer.lines(answer) == ["R 7 win 16384"])
    #expect(bench.state(0, socket) == .synSent)
  }

  @Test("two SYNs that cross make one connection")
  func simultaneousOpen() {
    let bench = TCPBench(hosts: 1)
    let socket = bench.connect(0).socket
    var peer = ScriptedPeer(bench)
    peer.iss = bench.wire[0].header.sequence.rawValue
    let answer = peer.inject(.syn, seq: 0)
    #expect(bench.state(0, socket) == .synReceived)
    #expect(answer.map(\.header.flags) == [.ack])
    peer.inject(.ack)
    #expect(bench.state(0, socket) == .established)
  }

  @Test("a connect without any answer is given up after 75 s")
  func connectTimeout() {
    let bench = TCPBench(hosts: 1)
    let socket = bench.connect(0).socket
    bench.run(until: Instant(nanoseconds: 75_000_000_000))
    #expect(bench.state(0, socket) == .synSent)
    bench.run(until: Instant(nanoseconds: 75_500_000_000))
    #expect(bench.state(0, socket) == nil)
    #expect(bench.error(0, socket) == .ETIMEDOUT)
    // The first after rxtcur = 6 beats, then 2, 4, 8 times REXMTVAL = 6.
    let seconds = bench.wire.map { ($0.at - bench.wire[0].at).nanoseconds / 100_000_000 }
    #expect(seconds == [0, 29, 89, 209, 449])
  }

  @Test("data that comes with a SYN waits for the handshake to end")
  func dataOnSyn() {
    let bench = TCPBench(hosts: 1)
    bench.listen(0, port: TCPBench.portA)
    var peer = ScriptedPeer(bench)
    let answer = peer.inject(.syn, seq: 0, [1, 2, 3])
    #expect(answer.map(\.header.flags) == [[.syn, .ack]])
    peer.iss = answer[0].header.sequence.rawValue
    #expect(bench.hosts[0].state.heldClusters[.reass] == 1)
    peer.inject(.ack, seq: 4)
    let socket = bench.enter(0) { $0.takeConnection(0) }
    #expect(bench.receive(0, socket) == [1, 2, 3])
  }

  @Test("a listener answers an ACK with a RST, and ignores a RST and a segment without flags")
  func listenRefusals() {
    let bench = TCPBench(hosts: 1)
    bench.listen(0, port: TCPBench.portA)
    let peer = ScriptedPeer(bench)
    #expect(peer.lines(peer.inject(.ack, seq: 1, ack: 9)) == ["R 9 win 16384"])
    #expect(peer.inject([.rst, .ack]).isEmpty)
    #expect(peer.inject([]).isEmpty)
    #expect(bench.hosts[0].state.statistics.tcpBadSyn == 2)
    #expect(bench.hosts[0].state.heldMbufs.total == 0)
  }

  @Test("a listener whose queue is full drops its oldest unfinished connection for a new one")
  func listenOverflow() {
    let bench = TCPBench(hosts: 1)
    bench.listen(0, backlog: 1, port: TCPBench.portA)
    var peer = ScriptedPeer(bench)
    for port in 100...103 as ClosedRange<UInt16> {
      peer.farPort = port
      peer.inject(.syn, seq: 0)
    }
    // 3 * 1 / 2 = 1: two may wait, the third and fourth push out the first and second.
    let resets = bench.wire.filter { $0.has(.rst) }.map(\.header.destinationPort)
    #expect(resets == [100, 101])
    #expect(bench.hosts[0].state.statistics.tcpListenDrops == 2)
    #expect(bench.hosts[0].connections.count == 3)
  }

  @Test("a listener whose queue is full of finished connections drops the SYN")
  func listenFull() {
    let bench = TCPBench(hosts: 1)
    bench.listen(0, backlog: 1, port: TCPBench.portA)
    var peer = ScriptedPeer(bench)
    for port in 100...101 as ClosedRange<UInt16> {
      peer.farPort = port
      peer.iss = peer.inject(.syn, seq: 0)[0].header.sequence.rawValue
      peer.inject(.ack)
    }
    peer.farPort = 102
    #expect(peer.inject(.syn, seq: 0).isEmpty)
  }

  @Test("a SYN for a port where nobody listens is refused in the buffer it came in")
  func closedPort() {
    let bench = TCPBench(hosts: 1)
    let peer = ScriptedPeer(bench)
    #expect(peer.lines(peer.inject(.syn, seq: 0)) == ["R. 0 ack 1 win 0"])
    #expect(peer.lines(peer.inject(.ack, seq: 3, ack: 77)) == ["R 77 win 0"])
    #expect(peer.inject(.rst).isEmpty)
  }

  @Test("without an mbuf for its template a connect fails with ENOBUFS, and a SYN finds no socket")
  func noTemplate() {
    let bench = TCPBench(hosts: 1)
    bench.enter(0) { kernel in kernel.state.pointee.mbufPool.allocator = .scriptAlways }
    let policy = DenyAll()
    bench.context.policy = policy
    #expect(bench.connect(0).error == .ENOBUFS)
    withExtendedLifetime(policy) {}
    bench.context.policy = nil
  }
}

private final class DenyAll: AllocationPolicy {
  func decide(_ request: AllocationRequest) -> AllocationDecision { .deny }
  func granted(_ request: AllocationRequest) {}
  func released(_ request: AllocationRequest) {}
  func choose(among waiters: [AllocationRequest]) -> Int? { nil }
}
