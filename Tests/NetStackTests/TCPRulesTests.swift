// Rules that a preset may choose: challenges, limits of reassembly, timers.
//
// RFC 5961, RFC 6298, RFC 1122 §4.2.3.2, §4.2.2.13; FreeBSD SA-04:04.

import Testing
import Wire

@testable import NetStack

@Suite struct TCPRulesTests {
  private func speaking(
    _ adjust: @escaping (inout HostConfiguration) -> Void
  ) -> (peer: ScriptedPeer, socket: Int32) {
    let bench = TCPBench(hosts: 1) { configuration in
      configuration.tunables.rfc1323 = false
      adjust(&configuration)
    }
    var peer = ScriptedPeer(bench)
    let socket = peer.acceptFromHost0()
    return (peer, socket)
  }

  // MARK: RFC 5961

  @Test(
    "RFC 5961 §3: only a RST that is exactly next ends a connection; one in the window is asked")
  func blindReset() {
    let (peer, socket) = speaking { $0.tunables.tcp.rfc5961 = true }
    let bench = peer.bench
    #expect(peer.lines(peer.inject(.rst, seq: 500)) == [". 1 ack 1 win 17520"])
    #expect(peer.inject(.rst, seq: 40_000).isEmpty)
    #expect(peer.inject(.rst, seq: -5).isEmpty)
    #expect(bench.state(0, socket) == .established)
    #expect(bench.hosts[0].state.statistics.tcpChallenges == 1)
    peer.inject(.rst, seq: 1)
    #expect(bench.error(0, socket) == .ECONNRESET)
  }

  @Test("RFC 793: without the rule any RST in the window ends a connection")
  func oldReset() {
    let (peer, socket) = speaking { _ in }
    peer.inject(.rst, seq: 500)
    #expect(peer.bench.error(0, socket) == .ECONNRESET)
  }

  @Test("RFC 5961 §4: a SYN on a connection is asked, wherever it lies")
  func blindSyn() {
    let (peer, socket) = speaking { $0.tunables.tcp.rfc5961 = true }
    for sequence in [-7, 1, 500, 40_000] {
      #expect(peer.lines(peer.inject(.syn, seq: sequence)) == [". 1 ack 1 win 17520"])
    }
    #expect(peer.bench.state(0, socket) == .established)
  }

  @Test("RFC 5961 §5: an ACK older than the largest window, or of what was never sent, is asked")
  func blindAck() {
    let (peer, socket) = speaking { $0.tunables.tcp.rfc5961 = true }
    #expect(peer.inject(.ack, ack: -8000, [1, 2, 3]).isEmpty)  // within 8760
    #expect(peer.lines(peer.inject(.ack, seq: 4, ack: -9000, [1])) == [". 1 ack 4 win 17517"])
    #expect(peer.lines(peer.inject(.ack, seq: 4, ack: 2, [1])) == [". 1 ack 4 win 17517"])
    #expect(peer.bench.hosts[0].socket(socket).rcv.cc == 3)
  }

  @Test("RFC 5961 §7: challenges are limited by the second, and what is kept back is released")
  func limit() {
    let (peer, _) = speaking {
      $0.tunables.tcp.rfc5961 = true
      $0.tunables.tcp.challengeLimit = 5
    }
    let bench = peer.bench
    func asked() -> Int { (0..<20).reduce(0) { sum, _ in sum + peer.inject(.syn, seq: 1).count } }
    bench.run(until: Instant(nanoseconds: 5_000_000_000))
    #expect(asked() == 5)
    bench.run(for: .seconds(1))
    #expect(asked() == 5)
    #expect(bench.hosts[0].state.statistics.tcpChallengesSuppressed == 30)
  }

  // MARK: reassembly

  @Test("SA-04:04: a cap keeps segments out, and the one that fills the gap may pass")
  func reassemblyCap() {
    for takesNext in [true, false] {
      let (peer, socket) = speaking {
        $0.tunables.tcp.reassemblyCap = 3
        $0.tunables.tcp.reassemblyTakesNext = takesNext
      }
      let bench = peer.bench
      for step in 1...10 { peer.inject(.ack, seq: 1 + 10 * step, [UInt8](repeating: 1, count: 10)) }
      #expect(bench.tcb(0, socket).reassemblyCount == 3)
      #expect(bench.hosts[0].state.statistics.tcpReassemblyFull == 7)
      peer.inject(.ack, seq: 1, [UInt8](repeating: 1, count: 10))
      #expect(bench.hosts[0].socket(socket).rcv.cc == (takesNext ? 40 : 0))
      #expect(bench.hosts[0].state.statistics.tcpReassemblyFullNext == (takesNext ? 0 : 1))
    }
  }

  @Test("a limit for all connections counts what waits in any of them")
  func reassemblyTotal() {
    let (peer, socket) = speaking { $0.tunables.tcp.reassemblyTotal = 2 }
    for step in 1...4 { peer.inject(.ack, seq: 1 + 10 * step, [1]) }
    #expect(peer.bench.hosts[0].state.reassemblyCount == 2)
    peer.inject(.rst, seq: 1)
    #expect(peer.bench.error(0, socket) == .ECONNRESET)
    #expect(peer.bench.hosts[0].state.reassemblyCount == 0)
  }

  // MARK: handshake and windows

  @Test("RFC 1644 §3.1: counts are offered, agreed upon and demanded, and cost 8 octets a segment")
  func connectionCounts() {
    let bench = TCPBench { $0.tunables.tcp.rfc1644 = true }
    let (a, b) = bench.connected()
    let syn = bench.wire[0].options
    let answer = bench.wire[1].options
    #expect(syn.octetCount == 28)  // stack-facts 5.5: MSS, wscale, TS, CC
    #expect(syn.connectionCount != 0 && answer.connectionCountEcho == syn.connectionCount)
    #expect(syn.connectionCountIsNew && !answer.connectionCountIsNew)
    #expect(bench.tcb(0, a).mss == 1440 && bench.tcb(1, b).mss == 1440)
    bench.sendAtOnce(0, a, 10_000)
    bench.run(for: .seconds(2))
    #expect(bench.receive(1, b).count == 10_000)
    #expect(bench.hosts[1].state.statistics.tcpPredictedData > 0)
    // tao_ccsent: a host that has echoed a count is not told to begin anew.
    let mark = bench.wire.count
    _ = bench.connect(0, port: TCPBench.portA + 1)
    #expect(bench.wire[mark].options.connectionCount == syn.connectionCount + 1)
    #expect(!bench.wire[mark].options.connectionCountIsNew)
    // One side alone agrees upon nothing.
    let alone = TCPBench(hosts: 1) { $0.tunables.tcp.rfc1644 = true }
    var peer = ScriptedPeer(alone)
    let socket = peer.acceptFromHost0()
    #expect(alone.tcb(0, socket).mss == 1460)
    alone.send(0, socket, 10)
    #expect(alone.wire.last!.options.connectionCount == 0)
  }

  @Test("RFC 6528: initial numbers differ by connection and by seed, and are the same in every run")
  func randomISS() {
    func first(_ isRandom: Bool) -> [UInt32] {
      let bench = TCPBench(hosts: 1) { $0.tunables.tcp.randomISS = isRandom }
      return (0..<3).map { _ in
        let socket = bench.socket(0)
        bench.enter(0) { kernel in
          let pcb = kernel.sockets[Int(socket)].pcb
          _ = kernel.tcpConnect(pcb, to: TCPBench.addresses[1], port: 21)
        }
        return bench.wire.last!.header.sequence.rawValue
      }
    }
    let random = first(true)
    #expect(Set(random).count == 3 && first(true) == random)
    #expect(random[1] &- random[0] > 100_000 || random[0] &- random[1] > 100_000)
    let even = first(false)
    #expect(even[1] &- even[0] == TCPLimit.issIncrement / 4)
  }

  @Test("a window that follows the pool promises a segment for each free cluster, or nothing")
  func windowFromPool() {
    let (peer, socket) = speaking {
      $0.clusters = 10
      $0.tunables.tcp.window = .fromPool
    }
    let bench = peer.bench
    let data = [UInt8](repeating: 1, count: 1460)
    for index in 0..<8 { peer.inject(.ack, seq: 1 + 1460 * index, data) }
    bench.run(for: .milliseconds(200))
    // What was promised before stays promised.
    #expect(bench.wire.last!.header.window == 17520 - 8 * 1460)
    _ = bench.receive(0, socket)
    bench.run(for: .milliseconds(200))
    #expect(bench.wire.last!.header.window == 10 * 1460)
  }

  // MARK: timers

  @Test("RFC 6298: with a beat of 10 ms a timeout follows the round trip, not the clock")
  func fineTimers() {
    let (peer, socket) = speaking {
      $0.slowBeat = .milliseconds(10)
      $0.tunables.tcp.rtoBase = 100
      $0.tunables.tcp.rttvarBase = 400
      $0.tunables.tcp.rexmtMax = 6400
      $0.tunables.tcp.rtoFloor = true
      $0.tunables.tcpRttMinTicks = 20
    }
    let bench = peer.bench
    var acked = 1
    for _ in 0..<30 {
      bench.send(0, socket, 100)
      bench.run(for: .milliseconds(30))
      acked += 100
      peer.inject(.ack, ack: acked)
    }
    #expect(bench.tcb(0, socket).rxtcur == 20)
    let mark = bench.wire.count
    bench.send(0, socket, 100)
    bench.run(for: .seconds(2))
    let sent = bench.sent(by: 0, since: mark)
    let gaps = zip(sent.dropFirst(), sent).map { ($0.at - $1.at).nanoseconds / 10_000_000 }
    #expect(gaps == [20, 40, 80] || gaps == [19, 40, 80])
  }

  @Test("stack-facts 5.3: with a floor REXMTVAL backs off from rto_min, 511.5 s instead of 13.5")
  func rexmtFloor() {
    var tcb = Tcpcb()
    tcb.srtt = 7
    tcb.rttvar = 3
    var rules = TCPRules()
    func beats(_ rules: TCPRules) -> Int64 {
      var copy = tcb
      var sum: Int64 = 3
      for _ in 1...12 {
        copy.rxtshift += 1
        copy.backOff(rules)
        sum += Int64(copy.rxtcur)
      }
      return sum
    }
    #expect(beats(rules) == 27)
    rules.rtoFloor = true
    #expect(beats(rules) == 1023)
  }

  @Test("tcp_backoff goes on to 512 in FreeBSD 14, and its sum is 2559")
  func backoffMax() {
    var tcb = Tcpcb()
    tcb.rttvar = 8
    tcb.rxtshift = 8
    var rules = TCPRules()
    rules.rexmtMax = 1 << 20
    tcb.backOff(rules)
    #expect(tcb.rxtcur == 2 * 64 && TCPLimit.totalBackoff(upTo: rules.backoffMax) == 511)
    rules.backoffMax = 512
    tcb.backOff(rules)
    #expect(tcb.rxtcur == 2 * 256 && TCPLimit.totalBackoff(upTo: rules.backoffMax) == 2559)
  }

  @Test("RFC 1122 §4.2.3.2: an ACK waits for its own timer, and the second segment takes it along")
  func delayedAck() {
    let (peer, _) = speaking {
      $0.slowBeat = .milliseconds(10)
      $0.tunables.tcp.delayedAck = 4
      $0.tunables.tcp.ackEverySecond = true
    }
    let bench = peer.bench
    #expect(peer.inject(.ack, [1, 2, 3]).isEmpty)
    #expect(peer.lines(peer.inject(.ack, seq: 4, [4])) == [". 1 ack 5 win 17516"])
    #expect(peer.inject(.ack, seq: 5, [5]).isEmpty)
    let mark = bench.wire.count
    let start = bench.now
    bench.run(for: .milliseconds(60))
    let late = bench.sent(by: 0, since: mark)
    #expect(peer.lines(late) == [". 1 ack 6 win 17515"])
    #expect(late.allSatisfy { ($0.at - start).nanoseconds <= 40_000_000 })
  }

  @Test(
    "without its timer a FIN whose ACK is lost waits in LAST_ACK for ever",
    arguments: [true, false])
  func lastAck(_ hasTimer: Bool) {
    let (peer, socket) = speaking { $0.tunables.tcp.lastAckTimer = hasTimer }
    let bench = peer.bench
    peer.inject([.fin, .ack])
    bench.shutdown(0, socket)
    #expect(bench.state(0, socket) == .lastAck)
    #expect((bench.timer(0, socket, .rexmt) != nil) == hasTimer)
    bench.run(for: .seconds(1200))
    #expect((bench.state(0, socket) == nil) == hasTimer)
  }

  @Test("without its timer data that is under way in LAST_ACK has none either")
  func lastAckWithData() {
    let (peer, socket) = speaking { $0.tunables.tcp.lastAckTimer = false }
    let bench = peer.bench
    bench.sendAtOnce(0, socket, 4000)
    peer.inject([.fin, .ack])
    #expect(bench.timer(0, socket, .rexmt) != nil)
    bench.shutdown(0, socket)
    #expect(bench.timer(0, socket, .rexmt) == nil)
    peer.inject(.ack, seq: 2, ack: 1461)
    #expect(bench.timer(0, socket, .rexmt) == nil)
    bench.run(for: .seconds(1200))
    #expect(bench.state(0, socket) == .lastAck)
    #expect(bench.hosts[0].socket(socket).snd.cc > 0)
  }

  @Test(
    "an orphan in FIN_WAIT_2 ends after 675 s, or without its timer never",
    arguments: [true, false])
  func finWait2(_ hasTimer: Bool) {
    let (peer, socket) = speaking { $0.tunables.tcp.finWait2Timer = hasTimer }
    let bench = peer.bench
    bench.close(0, socket)
    peer.inject(.ack, ack: 2)
    let pcbs = { bench.hosts[0].inspect { kernel in kernel.state.pointee.pcbList >= 0 } }
    bench.run(for: .seconds(670))
    #expect(pcbs())
    bench.run(for: .seconds(6))
    #expect(pcbs() == !hasTimer)
  }

  @Test(
    "soisdisconnected keeps the send buffer, or as FreeBSD came to do empties it",
    arguments: [true, false])
  func disconnectFrees(_ frees: Bool) {
    let (peer, socket) = speaking { $0.tunables.tcp.disconnectFrees = frees }
    let bench = peer.bench
    bench.sendAtOnce(0, socket, 4000)
    peer.inject(.rst, seq: 1)
    #expect(bench.state(0, socket) == nil)
    #expect((bench.hosts[0].socket(socket).snd.cc == 0) == frees)
  }
}
