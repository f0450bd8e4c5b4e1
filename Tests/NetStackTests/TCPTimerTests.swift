// The clocks of a connection: retransmission, what a route remembers, persist, keepalive.
// RFC 6298, RFC 9293 §3.8.6.1, RFC 1122 §4.2.3.6. Times are compared in beats of 500 ms.

import Testing
import Wire

@testable import NetStack

@Suite struct TCPTimerTests {
  /// Host 0 writes to a peer that has acknowledged `samples` of its segments, one in each beat.
  private func measured(
    _ samples: Int, on bench: TCPBench = TCPBench(hosts: 1) { $0.tunables.rfc1323 = false }
  ) -> (peer: ScriptedPeer, socket: Int32) {
    var peer = ScriptedPeer(bench)
    let socket = peer.acceptFromHost0()  // the SYN's own round trip is the first sample
    for sample in 1..<max(samples, 1) {
      bench.send(0, socket, 1)
      peer.inject(.ack, ack: 1 + sample)
    }
    #expect(bench.tcb(0, socket).rttSamples == max(samples, 1))
    return (peer, socket)
  }

  /// Lets a peer fall silent after the connection has written: beats between the segments, and the
  /// time from the first to the drop, in beats.
  private func silence(_ peer: ScriptedPeer, _ socket: Int32) -> (gaps: [Int64], total: Int64) {
    let bench = peer.bench
    let mark = bench.wire.count
    let beat = bench.enter(0) { $0.slowTick }
    bench.send(0, socket, 10)
    bench.run(for: .seconds(900))
    #expect(bench.state(0, socket) == nil)
    #expect(bench.error(0, socket) == .ETIMEDOUT)
    let ticks = bench.sent(by: 0, since: mark).map {
      ($0.at.nanoseconds - 10_000_000) / 500_000_000 + 1
    }
    #expect(ticks[0] == beat)
    #expect(bench.wire.last!.has(.rst))
    return (zip(ticks.dropFirst(), ticks).map { $0 - $1 }, ticks.last! - ticks[0])
  }

  @Test("twenty round trips within a beat bring the estimator to 7 and 3")
  func convergence() {
    let (peer, socket) = measured(20)
    #expect(peer.bench.tcb(0, socket).srtt == 7)
    #expect(peer.bench.tcb(0, socket).rttvar == 3)
    #expect(peer.bench.tcb(0, socket).rxtcur == 3)
  }

  @Test("a converged connection is dropped 13.5 s after its peer fell silent")
  func convergedDrop() {
    let (peer, socket) = measured(20)
    let (gaps, total) = silence(peer, socket)
    #expect(gaps == [3] + [Int64](repeating: 2, count: 12))
    #expect(total == 27)
    #expect(peer.bench.hosts[0].state.statistics.tcpTimeoutDrops == 1)
    #expect(peer.bench.hosts[0].state.statistics.tcpRexmtTimeouts == 12)
    #expect(peer.bench.hosts[0].state.statistics.tcpDrops == 1)
  }

  @Test("after one sample the drop takes 526.5 s")
  func firstSampleDrop() {
    let (peer, socket) = measured(1)
    let (gaps, total) = silence(peer, socket)
    #expect(gaps == [3, 6, 12, 24, 48, 64] + [Int64](repeating: 128, count: 7))
    #expect(total == 1053)
  }

  @Test("without any sample it takes 605 s")
  func noSampleDrop() {
    let bench = TCPBench(hosts: 1) { $0.tunables.rfc1323 = false }
    let socket = bench.connect(0).socket
    bench.run(for: .seconds(4))  // Karn: a SYN sent twice is not timed
    var peer = ScriptedPeer(bench)
    peer.iss = bench.wire[0].header.sequence.rawValue
    peer.inject([.syn, .ack], seq: 0, ack: 1, options: TCPOptions(maximumSegmentSize: 1460))
    #expect(bench.tcb(0, socket).rttSamples == 0)
    // The SYN's backed-off shift and timeout stay: without a sample nothing clears them.
    #expect(bench.tcb(0, socket).rxtshift == 1)
    bench.enter(0) { kernel in
      let pcb = kernel.sockets[Int(socket)].pcb
      kernel.tcpcbs[Int(pcb)].rxtshift = 0
      kernel.tcpcbs[Int(pcb)].rxtcur = 6
    }
    let (gaps, total) = silence(peer, socket)
    #expect(gaps == [6, 12, 24, 48, 96] + [Int64](repeating: 128, count: 8))
    #expect(total == 1210)
  }

  @Test(
    "steady round trips of 2, 3 and 5 beats mean a drop after 257, 272.5 and 303.5 s"
  )
  func slowPaths() {
    for (roundTrip, seconds) in [(2, 514), (3, 545), (5, 607)] as [(Int32, Int64)] {
      let (peer, socket) = measured(1)
      peer.bench.enter(0) { kernel in
        let pcb = kernel.sockets[Int(socket)].pcb
        kernel.tcpcbs[Int(pcb)].srtt = 0
        for _ in 0..<200 { kernel.roundTripMeasured(pcb, roundTrip) }
      }
      #expect(silence(peer, socket).total == seconds)
    }
  }

  @Test("the next connection to the host starts converged: 2 beats, and 13 s to the drop")
  func routeCache() {
    let (peer, socket) = measured(20)
    let bench = peer.bench
    bench.close(0, socket)
    peer.inject([.fin, .ack], seq: 1, ack: 21)
    peer.inject(.ack, seq: 2, ack: 21)
    bench.run(for: .seconds(61))
    #expect(bench.hosts[0].connections.isEmpty)
    bench.hosts[0].inspect { kernel in
      #expect(kernel.hostRoute(for: TCPBench.addresses[1])?.srttMicroseconds == 109_375)
      #expect(kernel.hostRoute(for: TCPBench.addresses[1])?.rttvarMicroseconds == 93750)
    }
    var next = ScriptedPeer(bench)
    next.nearPort = 2001
    let second = bench.connect(0, port: 2001).socket
    next.iss = bench.wire.last!.header.sequence.rawValue
    next.inject([.syn, .ack], seq: 0, ack: 1, options: TCPOptions(maximumSegmentSize: 1460))
    #expect(bench.tcb(0, second).rttvar == 3)
    let (gaps, total) = silence(next, second)
    #expect(gaps == [3] + [Int64](repeating: 2, count: 12))
    #expect(total == 27)
  }

  @Test("in_rtqtimo: an hour after the last connection the host is a stranger again")
  func routeExpiry() {
    let (peer, socket) = measured(20)
    let bench = peer.bench
    bench.close(0, socket)
    peer.inject([.fin, .ack], seq: 1, ack: 21)
    peer.inject(.ack, seq: 2, ack: 21)
    bench.run(for: .seconds(61 + 3600))
    var next = ScriptedPeer(bench)
    next.nearPort = 2001
    let second = bench.connect(0, port: 2001).socket
    next.iss = bench.wire.last!.header.sequence.rawValue
    next.inject([.syn, .ack], seq: 0, ack: 1, options: TCPOptions(maximumSegmentSize: 1460))
    #expect(bench.tcb(0, second).rttvar > 3)
    bench.hosts[0].inspect { kernel in
      #expect(kernel.hostRoute(for: TCPBench.addresses[1])?.srttMicroseconds == 0)
    }
  }

  @Test("after a drop by timeout the route remembers a round trip of 0, and the next starts afresh")
  func routeCacheAfterDrop() {
    let (peer, socket) = measured(20)
    _ = silence(peer, socket)
    let bench = peer.bench
    bench.hosts[0].inspect { kernel in
      #expect(kernel.hostRoute(for: TCPBench.addresses[1])?.srttMicroseconds == 0)
    }
    let second = bench.connect(0, port: 2001).socket
    #expect(bench.tcb(0, second).rxtcur == 6)
  }

  @Test("fewer than sixteen samples leave nothing in the route")
  func tooFewSamples() {
    let (peer, socket) = measured(15)
    peer.inject(.rst)
    #expect(peer.bench.state(0, socket) == nil)
    peer.bench.hosts[0].inspect { #expect($0.hostRoute(for: TCPBench.addresses[1]) == nil) }
  }

  @Test(
    "a timeout halves the threshold, shuts the window to one segment and resends from its start")
  func congestionAfterTimeout() {
    let (peer, socket) = measured(1)
    let bench = peer.bench
    let mark = bench.wire.count
    bench.send(0, socket, 1460 * 5)
    #expect(bench.sent(by: 0, since: mark).count == 5)
    bench.run(for: .milliseconds(1600))
    #expect(peer.line(bench.wire.last!) == ". 1+1460 ack 1 win 17520")
    let tcb = bench.tcb(0, socket)
    #expect(tcb.cwnd == 1460)
    #expect(tcb.ssthresh == 1460 * 3)  // half of 8760, in whole segments
    #expect(tcb.rxtshift == 1)
    #expect(bench.hosts[0].state.statistics.tcpRetransmits == 1)
    let repeated = bench.records.filter { $0.kind == .tcpRetransmit }
    #expect(repeated.count == 1 && repeated[0].b == 1)
  }

  // MARK: persist

  /// A window of 0 after the handshake: when the probes went out, in beats after the first write.
  private func probes(_ count: Int, samples: Int) -> (peer: ScriptedPeer, socket: Int32, [Int64]) {
    let (peer, socket) = measured(samples)
    let bench = peer.bench
    let base = samples == 1 ? 1 : samples
    peer.inject(.ack, ack: base, window: 0)
    let start = bench.enter(0) { $0.slowTick }
    bench.send(0, socket, 5)
    let mark = bench.wire.count
    var beats: [Int64] = []
    while beats.count < count {
      let before = bench.wire.count
      bench.run(for: .milliseconds(500))
      for segment in bench.wire[before...] where segment.length == 1 {
        beats.append((segment.at.nanoseconds - 10_000_000) / 500_000_000 + 1 - start)
        peer.inject(.ack, ack: base, window: 0)
      }
    }
    #expect(bench.sent(by: 0, since: mark).allSatisfy { $0.length <= 1 })
    return (peer, socket, beats)
  }

  @Test("a shut window is probed after 5, 5, 5, 8, 16, 32 and 60 s on a converged path")
  func persistIntervals() {
    let (peer, socket, beats) = probes(9, samples: 20)
    let gaps = zip(beats, [0] + beats).map { $0 - $1 }
    #expect(gaps == [10, 10, 10, 16, 32, 64, 120, 120, 120])
    #expect(peer.bench.state(0, socket) == .established)
    #expect(peer.bench.records.filter { $0.kind == .tcpProbe }.count == 9)
  }

  @Test("when the window opens, everything goes out at once")
  func windowOpens() {
    let (peer, socket, _) = probes(1, samples: 20)
    let answer = peer.inject(.ack, ack: 20, window: 8760)
    #expect(peer.lines(answer) == ["P. 20+5 ack 1 win 17520"])
    #expect(peer.bench.timer(0, socket, .persist) == nil)
    #expect(peer.bench.timer(0, socket, .rexmt) != nil)
  }

  @Test("a probe that is answered keeps a connection for ever; one that is not drops it")
  func persistDrop() {
    let (peer, socket, _) = probes(14, samples: 20)
    let start = peer.bench.now
    peer.bench.run(for: .seconds(511 + 120))
    #expect(peer.bench.state(0, socket) == nil)
    #expect(peer.bench.hosts[0].state.statistics.tcpPersistDrops == 1)
    #expect(peer.bench.error(0, socket) == .ETIMEDOUT)
    let drop = peer.bench.records.last { $0.kind == .tcpDrop }!
    #expect((drop.at - start).nanoseconds >= 510_000_000_000)
  }

  // MARK: keepalive

  /// When the probes and the drop come, in seconds after the last segment received, rounded up.
  private func keepalive(_ adjust: (inout Tunables) -> Void) -> (probes: [Int64], drop: Int64?) {
    let bench = TCPBench(hosts: 1) { configuration in
      configuration.tunables.rfc1323 = false
      adjust(&configuration.tunables)
    }
    let (peer, socket) = measured(1, on: bench)
    _ = peer
    let start = bench.enter(0) { $0.slowTick }
    let mark = bench.wire.count
    bench.run(for: .seconds(8000))
    func beats(_ at: Instant) -> Int64 { (at.nanoseconds - 10_000_000) / 500_000_000 + 1 - start }
    let probes = bench.sent(by: 0, since: mark).filter { !$0.has(.rst) }
    #expect(probes.allSatisfy { peer.line($0) == ". 0 ack 1 win 17520" })
    let drop = bench.state(0, socket) == nil ? bench.wire.last!.at : nil
    return (probes.map { beats($0.at) }, drop.map { beats($0) })
  }

  @Test("with 30 s and 10 s a silent peer is probed nine times and dropped after 120 s")
  func torre() {
    let (probes, drop) = keepalive {
      $0.alwaysKeepalive = true
      $0.keepIdleTicks = 60
      $0.keepIntervalTicks = 20
    }
    #expect(probes == [60, 80, 100, 120, 140, 160, 180, 200, 220])
    #expect(drop == 240)
  }

  @Test("with the defaults it takes 7875 s")
  func defaults() {
    let (probes, drop) = keepalive { $0.alwaysKeepalive = true }
    #expect(probes == (0..<9).map { 14400 + 150 * $0 })
    #expect(drop == 15750)
  }

  @Test("without keepalive a silent connection stays for ever")
  func noKeepalive() {
    let (probes, drop) = keepalive { $0.keepIdleTicks = 60 }
    #expect(probes.isEmpty)
    #expect(drop == nil)
  }

  @Test("an answer to a probe starts the wait anew")
  func answeredProbe() {
    let bench = TCPBench { $0.tunables.keepIdleTicks = 60 }
    let (a, b) = bench.connected()
    bench.enter(0) { $0.sockets[Int(a)].options.insert(.keepalive) }
    bench.run(for: .seconds(1000))
    #expect(bench.state(0, a) == .established)
    #expect(bench.state(1, b) == .established)
    #expect(bench.hosts[0].state.statistics.tcpKeepProbes == 33)
  }

  @Test("tcp_respond: routers may cut probes and resets; DF is for what tcp_output sends")
  func noDontFragment() {
    let bench = TCPBench { $0.tunables.keepIdleTicks = 60 }
    let (a, _) = bench.connected()
    bench.enter(0) { $0.sockets[Int(a)].options.insert(.keepalive) }
    #expect(bench.wire.allSatisfy { $0.octets[6] == 0x40 })
    let mark = bench.wire.count
    bench.run(for: .seconds(35))
    #expect(bench.sent(by: 0, since: mark).map { $0.octets[6] } == [0])
    #expect(bench.sent(by: 1, since: mark).map { $0.octets[6] } == [0x40])
    let alone = TCPBench()
    _ = alone.connect(0)
    alone.run(for: .milliseconds(10))
    #expect(alone.wire.map { $0.octets[6] } == [0x40, 0])
  }

  @Test("an idle connection schedules nothing but its next keepalive beat")
  func idleCostsNothing() {
    let bench = TCPBench()
    _ = bench.connected()
    bench.run(for: .seconds(60))
    #expect(bench.hosts[0].state.earliestSlowTick > 14400)
    #expect(!bench.hosts[0].state.delayedAcks)
  }
}
