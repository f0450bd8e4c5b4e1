// Segments that a state does not expect, as FreeBSD 14 judges them: `TCPRules.arrivals`.
//
// RFC 9293 §3.10.7, RFC 5961 §3, §4; FreeBSD: netinet/tcp_input.c, tcp_syncache.c. What 4.4BSD does
// with the same is in TCPStateTests.swift and TCPHandshakeTests.swift.

import Testing
import Wire

@testable import NetStack

@Suite struct ArrivalsTests {
  private static func modern(_ configuration: inout HostConfiguration) {
    configuration.tunables.rfc1323 = false
    configuration.tunables.tcp.arrivals = .freebsd
    configuration.tunables.tcp.rfc5961 = true
  }

  private func inState(
    _ state: TCPState, _ adjust: (inout HostConfiguration) -> Void = { _ in }
  ) -> InState {
    InState(state) {
      Self.modern(&$0)
      adjust(&$0)
    }
  }

  @Test("RFC 9293 §3.10.7.1: a bound socket in CLOSED answers with a RST, and a FIN counts in it")
  func closed() {
    let it = inState(.closed)
    let answers = it.peer.inject([.syn, .fin], seq: 0, [1, 2, 3])
    #expect(answers.map { $0.header.flags } == [[.rst, .ack]])
    #expect(answers.map { $0.header.acknowledgment.rawValue &- it.peer.sequence } == [5])
    #expect(answers.map(\.header.window) == [0])
    #expect(it.peer.inject([.rst, .ack], seq: 0).isEmpty)
  }

  @Test("net.inet.tcp.blackhole: a closed port is silent, to SYNs or to all")
  func blackhole() {
    let shy = inState(.closed) { $0.tunables.tcp.blackhole = .syns }
    #expect(shy.peer.inject(.syn, seq: 0).isEmpty)
    #expect(shy.peer.inject(.ack, seq: 0).count == 1)
    let mute = inState(.closed) { $0.tunables.tcp.blackhole = .all }
    #expect(mute.peer.inject(.ack, seq: 0).isEmpty)
  }

  @Test("net.inet.tcp.drop_synfin: a SYN with a FIN finds nobody, and begins a connection without")
  func synFin() {
    let dropping = inState(.listen) { $0.tunables.tcp.dropsSynFin = true }
    #expect(dropping.peer.inject([.syn, .fin], seq: 0).isEmpty)
    let taking = inState(.listen)
    #expect(taking.peer.inject([.syn, .fin], seq: 0).map { $0.header.flags } == [[.syn, .ack]])
  }

  @Test("RFC 9293 §3.5: a SYN that crosses ours is answered by a SYN-ACK of the same number")
  func crossing() {
    let it = inState(.synSent)
    let answers = it.peer.inject(
      .syn, seq: 0, options: TCPOptions(maximumSegmentSize: 1460))
    #expect(it.peer.lines(answers) == ["S. 0 ack 1 win 17520"])
    #expect(it.peer.bench.state(0, it.socket) == .synReceived)
    it.peer.inject(.ack)
    #expect(it.peer.bench.state(0, it.socket) == .established)
  }

  @Test(
    "syncache_chkrst: a RST in SYN_RECEIVED is judged by its number, whatever it acknowledges",
    arguments: [-1, 0, 1, 2])
  func synReceived(ack: Int) {
    let exact = inState(.synReceived)
    #expect(exact.peer.inject([.rst, .ack], seq: 1, ack: ack).isEmpty)
    #expect(!exact.peer.bench.hosts[0].socket(exact.socket).inUse)
    let near = inState(.synReceived)
    let answers = near.peer.inject([.rst, .ack], seq: 500, ack: ack)
    #expect(near.peer.lines(answers) == [". 1 ack 1 win 17520"])
    for away in [0, 17521] {
      #expect(near.peer.inject([.rst, .ack], seq: away, ack: ack).isEmpty)
    }
    near.peer.inject(.ack)
    #expect(near.peer.bench.state(0, near.socket) == .established)
  }

  @Test("a handshake that a listener keeps has the window that was told, not the buffer's")
  func embryo() {
    let it = inState(.synReceived) { $0.tunables.receiveSpace = 65536 }
    #expect(it.peer.inject(.rst, seq: 65536).isEmpty)
    #expect(it.peer.lines(it.peer.inject(.rst, seq: 65535)) == [". 1 ack 1 win 65535"])
  }

  @Test(
    "net.inet.tcp.insecure_rst: a RST in the window ends a connection, one outside it nothing",
    arguments: TCPStateTests.synchronised.filter { $0 != .timeWait })
  func insecureReset(_ state: TCPState) {
    let it = inState(state) { $0.tunables.tcp.insecureRst = true }
    for away in [it.next - 1, it.next + 17520] {
      #expect(it.peer.inject(.rst, seq: away).isEmpty)
      #expect(it.peer.bench.state(0, it.socket) == state)
    }
    #expect(it.peer.inject(.rst, seq: it.next + 17519).isEmpty)
    #expect(it.peer.bench.state(0, it.socket) == nil)
    #expect(it.peer.bench.error(0, it.socket) == .ECONNRESET)
  }

  @Test(
    "net.inet.tcp.insecure_syn: a SYN in the window ends a connection with one RST",
    arguments: TCPStateTests.synchronised.filter { $0 != .timeWait })
  func insecureSyn(_ state: TCPState) {
    let it = inState(state) { $0.tunables.tcp.insecureSyn = true }
    #expect(it.peer.inject(.syn, seq: it.next - 1).count == 1)
    #expect(it.peer.bench.state(0, it.socket) == state)
    let answers = it.peer.inject(.syn, seq: it.next + 17519)
    #expect(answers.map { $0.header.flags } == [[.rst, .ack]])
    #expect(answers.map(\.header.window) == [0])
    #expect(it.peer.bench.error(0, it.socket) == .ECONNRESET)
  }

  @Test("RFC 5961 §3.2: a challenge is SND.NXT, RCV.NXT and ACK: it sends no FIN again")
  func challengeWithFin() {
    for state in [TCPState.finWait1, .closing, .lastAck] {
      let it = inState(state)
      let answers = it.peer.inject(.rst, seq: it.next + 100)
      #expect(it.peer.lines(answers) == [". 2 ack \(it.next) win 17520"])
    }
  }

  @Test("a challenge carries the timestamps that were agreed upon")
  func challengeWithTimestamps() {
    let bench = TCPBench(hosts: 1) {
      Self.modern(&$0)
      $0.tunables.rfc1323 = true
    }
    _ = bench.connect(0)
    var peer = ScriptedPeer(bench)
    peer.iss = bench.wire[0].header.sequence.rawValue
    let options = TCPOptions(
      maximumSegmentSize: 1460, timestamps: TCPTimestamps(value: 7, echo: 1))
    peer.inject([.syn, .ack], seq: 0, options: options)
    #expect(peer.inject(.rst, seq: 9).map(\.options.timestamps?.echo) == [7])
  }

  @Test("a listener that closes says nothing to a handshake; its ACK finds the port closed")
  func listenerCloses() {
    let it = inState(.synReceived)
    let mark = it.peer.bench.wire.count
    let listener = it.listener
    it.peer.bench.enter(0) { _ = $0.soClose(listener) }
    #expect(it.peer.bench.wire.count == mark)
    #expect(it.peer.inject(.ack).map { $0.header.flags } == [.rst])
  }

  @Test("RFC 7323 §2.3: the window of the ACK that ends a handshake is scaled; 4.4BSD's is not")
  func scaledHandshake() {
    for (arrivals, window) in [(Arrivals.freebsd, 257 << 7), (.bsd44, 257)] {
      let bench = TCPBench(hosts: 1) { $0.tunables.tcp.arrivals = arrivals }
      let listener = bench.listen(0, port: TCPBench.portA)
      var peer = ScriptedPeer(bench)
      let options = TCPOptions(maximumSegmentSize: 1460, windowScale: 7)
      peer.iss = peer.inject(.syn, seq: 0, options: options)[0].header.sequence.rawValue
      peer.inject(.ack, window: 257)
      let socket = bench.enter(0) { $0.takeConnection(listener) }
      #expect(bench.tcb(0, socket).sndWnd == UInt32(window))
    }
  }

  @Test("SBS_CANTRCVMORE: what comes for a user who reads no more is acknowledged and freed")
  func afterShutdown() {
    let it = inState(.established)
    let socket = it.socket
    it.peer.bench.enter(0) { _ = $0.soShutdown(socket, .read) }
    it.peer.inject(.ack, [UInt8](repeating: 1, count: 100))
    #expect(it.peer.bench.tcb(0, socket).rcvNxt - it.peer.bench.tcb(0, socket).irs == 101)
    #expect(it.peer.bench.hosts[0].socket(socket).rcv.cc == 0)
  }

  // MARK: TIME_WAIT

  @Test("RFC 1337: a RST does not end TIME_WAIT, wherever it lies")
  func resetInTimeWait() {
    let it = inState(.timeWait) { $0.tunables.tcp.rfc1337 = true }
    for sequence in [1, 2, 3, 17521, 40_000] {
      #expect(it.peer.inject(.rst, seq: sequence).isEmpty)
      #expect(it.peer.inject([.rst, .ack], seq: sequence, ack: 2).isEmpty)
    }
    #expect(it.peer.bench.state(0, it.socket) == .timeWait)
  }

  @Test("tcp_twcheck: an old SYN is dropped, old data is acknowledged, what is expected is not")
  func oldInTimeWait() {
    let it = inState(.timeWait) { $0.tunables.tcp.rfc1337 = true }
    #expect(it.peer.inject(.syn, seq: 2).isEmpty)
    #expect(it.peer.inject(.syn, seq: 1).isEmpty)
    #expect(it.peer.inject(.ack, seq: 2, ack: 2).isEmpty)
    #expect(it.peer.lines(it.peer.inject(.ack, seq: 1, ack: 2)) == [". 2 ack 2 win 17520"])
    #expect(it.peer.bench.state(0, it.socket) == .timeWait)
  }

  @Test("RFC 9293 §3.10.7.4: a SYN above the old stream ends TIME_WAIT, in the window or beyond it")
  func newInTimeWait() {
    for sequence in [3, 40_000] {
      let it = inState(.timeWait) { $0.tunables.tcp.rfc1337 = true }
      it.peer.inject(.syn, seq: sequence)
      #expect(it.peer.bench.state(0, it.socket) == nil)
    }
  }
}
