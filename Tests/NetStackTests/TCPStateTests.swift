// What each state makes of each kind of segment, and of its user's CLOSE. RFC 9293
// §3.10.4, §3.10.7.4. Host 0 is the stack; the far end is written by hand.

import Testing
import Wire

@testable import NetStack

@Suite struct TCPStateTests {
  /// Host 0 in a state, by the shortest way there.
  private func inState(_ state: TCPState) -> (peer: ScriptedPeer, socket: Int32) {
    var peer = ScriptedPeer(TCPBench(hosts: 1))
    let socket = peer.acceptFromHost0()
    let bench = peer.bench
    switch state {
    case .established: break
    case .closeWait: peer.inject([.fin, .ack])
    case .lastAck:
      peer.inject([.fin, .ack])
      bench.shutdown(0, socket)
    case .finWait1: bench.shutdown(0, socket)
    case .closing:
      bench.shutdown(0, socket)
      peer.inject([.fin, .ack])
    case .finWait2:
      bench.shutdown(0, socket)
      peer.inject(.ack, ack: 2)
    case .timeWait:
      bench.shutdown(0, socket)
      peer.inject(.ack, ack: 2)
      peer.inject([.fin, .ack], ack: 2)
    default: Issue.record("no way to \(state)")
    }
    #expect(bench.state(0, socket) == state)
    return (peer, socket)
  }

  static let synchronised: [TCPState] = [
    .established, .closeWait, .finWait1, .closing, .lastAck, .finWait2, .timeWait,
  ]

  @Test("a FIN in ESTABLISHED moves to CLOSE_WAIT and is acknowledged at once")
  func finInEstablished() {
    let (peer, socket) = inState(.established)
    #expect(peer.lines(peer.inject([.fin, .ack])) == [". 1 ack 2 win 17520"])
    #expect(peer.bench.state(0, socket) == .closeWait)
    #expect(peer.bench.hosts[0].socket(socket).state.contains(.cantReceiveMore))
  }

  @Test("a CLOSE in CLOSE_WAIT sends a FIN and moves to LAST_ACK, whose ACK ends everything")
  func lastAck() {
    let (peer, socket) = inState(.closeWait)
    let mark = peer.bench.wire.count
    peer.bench.shutdown(0, socket)
    let sent = peer.bench.sent(by: 0, since: mark)
    #expect(peer.lines(sent) == ["F. 1 ack 2 win 17520"])
    peer.inject(.ack, seq: 2, ack: 2)
    #expect(peer.bench.state(0, socket) == nil)
  }

  @Test("a CLOSE in ESTABLISHED sends a FIN and moves to FIN_WAIT_1")
  func finWait1() {
    let (peer, socket) = inState(.established)
    let mark = peer.bench.wire.count
    peer.bench.shutdown(0, socket)
    #expect(peer.lines(peer.bench.sent(by: 0, since: mark)) == ["F. 1 ack 1 win 17520"])
    #expect(peer.bench.state(0, socket) == .finWait1)
  }

  @Test("the ACK of the FIN moves FIN_WAIT_1 to FIN_WAIT_2, and starts a timer only for an orphan")
  func finWait2() {
    let (peer, socket) = inState(.finWait1)
    peer.inject(.ack, ack: 2)
    #expect(peer.bench.state(0, socket) == .finWait2)
    #expect(peer.bench.timer(0, socket, .msl2) == nil)
    var other = ScriptedPeer(TCPBench(hosts: 1))
    let orphan = other.acceptFromHost0()
    other.bench.close(0, orphan)
    other.inject(.ack, ack: 2)
    #expect(other.bench.timer(0, orphan, .msl2) == 1201)
  }

  @Test("an orphan in FIN_WAIT_2 without further segments goes after 675 s")
  func orphan() {
    var peer = ScriptedPeer(TCPBench(hosts: 1))
    let socket = peer.acceptFromHost0()
    peer.bench.close(0, socket)
    peer.inject(.ack, ack: 2)
    let start = peer.bench.now
    peer.bench.run(until: start + .milliseconds(674_400))
    #expect(peer.bench.state(0, socket) == .finWait2)
    peer.bench.run(until: start + .seconds(675))
    #expect(peer.bench.hosts[0].connections.isEmpty)
  }

  @Test("a FIN that crosses ours moves FIN_WAIT_1 to CLOSING, and its ACK to TIME_WAIT")
  func closing() {
    let (peer, socket) = inState(.closing)
    peer.inject(.ack, seq: 2, ack: 2)
    #expect(peer.bench.state(0, socket) == .timeWait)
    #expect(peer.bench.timer(0, socket, .msl2) == 121)
  }

  @Test("a FIN in FIN_WAIT_2 moves to TIME_WAIT, which lasts two segment lifetimes")
  func timeWait() {
    let (peer, socket) = inState(.timeWait)
    let start = peer.bench.now
    peer.bench.run(until: start + .milliseconds(59_400))
    #expect(peer.bench.state(0, socket) == .timeWait)
    peer.bench.run(until: start + .seconds(60))
    #expect(peer.bench.state(0, socket) == nil)
  }

  @Test("a FIN that comes again in TIME_WAIT is acknowledged again")
  func finInTimeWait() {
    let (peer, _) = inState(.timeWait)
    #expect(peer.lines(peer.inject([.fin, .ack], ack: 2)) == [". 2 ack 2 win 17520"])
  }

  @Test("a new SYN above the old stream takes over from TIME_WAIT when somebody listens")
  func synInTimeWait() {
    let (peer, socket) = inState(.timeWait)
    let bench = peer.bench
    let listener = bench.socket(0)
    bench.enter(0) { kernel in
      kernel.sockets[Int(listener)].options.insert(.reuseAddress)
      let pcb = kernel.sockets[Int(listener)].pcb
      #expect(kernel.pcbBind(pcb, port: TCPBench.portA) == nil)
      kernel.tcpListen(pcb)
      kernel.sockets[Int(listener)].isListening = true
      kernel.sockets[Int(listener)].queueLimit = 5
    }
    let answer = peer.inject(.syn, seq: 100_000)
    #expect(bench.state(0, socket) == nil)
    #expect(answer.map(\.header.flags) == [[.syn, .ack]])
    #expect(answer[0].header.sequence.rawValue == peer.sequence + 2 + 256_000)
  }

  @Test(
    "a RST ends every synchronised state; in the first four the user is told",
    arguments: synchronised)
  func reset(_ state: TCPState) {
    let (peer, socket) = inState(state)
    let next = [.established, .finWait1, .finWait2].contains(state) ? 1 : 2
    #expect(peer.inject(.rst, seq: next).isEmpty)
    #expect(peer.bench.state(0, socket) == nil)
    let tells: [TCPState] = [.established, .finWait1, .finWait2, .closeWait]
    #expect(peer.bench.error(0, socket) == (tells.contains(state) ? .ECONNRESET : nil))
    #expect(peer.bench.hosts[0].state.statistics.tcpDrops == (tells.contains(state) ? 1 : 0))
  }

  @Test("a RST in SYN_RECEIVED ends the connection before anybody has seen it")
  func resetInSynReceived() {
    let bench = TCPBench(hosts: 1)
    bench.listen(0, port: TCPBench.portA)
    var peer = ScriptedPeer(bench)
    peer.iss = peer.inject(.syn, seq: 0)[0].header.sequence.rawValue
    #expect(bench.hosts[0].connections.count == 2)
    peer.inject(.rst)
    #expect(bench.hosts[0].connections.count == 1)
    #expect(bench.hosts[0].socket(0).incompleteCount == 0)
    #expect(bench.hosts[0].state.heldMbufs.total == 0)
  }

  @Test("a SYN inside the window drops the connection with a RST", arguments: synchronised)
  func synInWindow(_ state: TCPState) {
    if state == .timeWait { return }  // there it may begin a new connection
    let (peer, socket) = inState(state)
    let answer = peer.inject([.syn, .ack], seq: 10)
    #expect(peer.bench.state(0, socket) == nil)
    #expect(answer.allSatisfy { $0.has(.rst) } && !answer.isEmpty)
    #expect(peer.bench.error(0, socket) == .ECONNRESET)
  }

  @Test("a segment without ACK is ignored", arguments: synchronised)
  func noAck(_ state: TCPState) {
    let (peer, socket) = inState(state)
    let next = [.established, .finWait1, .finWait2].contains(state) ? 1 : 2
    #expect(peer.inject([], seq: next).isEmpty)
    #expect(peer.bench.state(0, socket) == state)
  }

  @Test("an ACK of what was never sent is answered by an ACK", arguments: synchronised)
  func ackTooMuch(_ state: TCPState) {
    let (peer, socket) = inState(state)
    let next = [.established, .finWait1, .finWait2].contains(state) ? 1 : 2
    let answer = peer.inject(.ack, seq: next, ack: 50_000)
    // Where our FIN is still unacknowledged, every ACK carries it again.
    let hasFin = [.finWait1, .closing, .lastAck].contains(state)
    #expect(answer.map(\.header.flags) == [hasFin ? [.fin, .ack] : .ack])
    #expect(peer.bench.state(0, socket) == state)
  }

  @Test("a segment outside the window is answered by an ACK", arguments: synchronised)
  func outsideWindow(_ state: TCPState) {
    let (peer, socket) = inState(state)
    let answer = peer.inject(.ack, seq: 60_000, [9])
    #expect(answer.count == 1 && answer[0].has(.ack) && answer[0].length == 0)
    #expect(peer.bench.state(0, socket) == state)
  }

  @Test("data for a user who has closed is answered by a RST, and the connection is over")
  func dataAfterClose() {
    var peer = ScriptedPeer(TCPBench(hosts: 1))
    let socket = peer.acceptFromHost0()
    peer.bench.close(0, socket)
    let answer = peer.inject(.ack, ack: 1, [1, 2, 3])
    #expect(peer.lines(answer) == ["R 1 win 0"])
    #expect(peer.bench.hosts[0].connections.isEmpty)
    #expect(peer.bench.hosts[0].state.statistics.tcpAfterClose == 1)
    #expect(peer.bench.hosts[0].state.heldMbufs.total == 0)
  }

  @Test("a half-closed connection still receives, and acknowledges each segment at once")
  func halfClosed() {
    let (peer, socket) = inState(.finWait2)
    #expect(peer.lines(peer.inject(.ack, ack: 2, [1, 2])) == [". 2 ack 3 win 17518"])
    #expect(peer.bench.receive(0, socket) == [1, 2])
  }

  @Test("a FIN asked for during the handshake goes out when it is over")
  func needFin() {
    let bench = TCPBench(hosts: 1)
    let socket = bench.connect(0).socket
    bench.shutdown(0, socket)
    #expect(bench.wire.count == 1)
    var peer = ScriptedPeer(bench)
    peer.iss = bench.wire[0].header.sequence.rawValue
    let answer = peer.inject(
      [.syn, .ack], seq: 0, ack: 1, options: TCPOptions(maximumSegmentSize: 1460))
    #expect(peer.lines(answer) == ["F. 1 ack 1 win 17520"])
    #expect(bench.state(0, socket) == .finWait1)
  }

  @Test("an abort sends a RST and tells the user")
  func abort() {
    let (peer, socket) = inState(.established)
    let mark = peer.bench.wire.count
    peer.bench.enter(0) { $0.tcpAbort($0.sockets[Int(socket)].pcb) }
    #expect(peer.lines(peer.bench.sent(by: 0, since: mark)) == ["R. 1 ack 1 win 17520"])
    #expect(peer.bench.error(0, socket) == .ECONNABORTED)
  }

  @Test("a pcb that is neither connected nor listening ignores everything")
  func closedPcb() {
    let bench = TCPBench(hosts: 1)
    let socket = bench.socket(0)
    bench.enter(0) { _ = $0.pcbBind($0.sockets[Int(socket)].pcb, port: TCPBench.portA) }
    let peer = ScriptedPeer(bench)
    #expect(peer.inject(.syn, seq: 0).isEmpty)
  }

  @Test("both hosts close in turn, and every buffer comes back")
  func orderlyClose() {
    let bench = TCPBench()
    let (a, b) = bench.connected()
    bench.send(0, a, 3000)
    bench.run(for: .seconds(1))
    #expect(bench.receive(1, b) == TCPBench.pattern(3000))
    bench.close(0, a)
    bench.run(for: .seconds(1))
    #expect(bench.state(1, b) == .closeWait)
    bench.close(1, b)
    bench.run(for: .seconds(70))
    #expect(bench.hosts[0].state.heldMbufs.total == 0)
    #expect(bench.hosts[1].state.heldMbufs.total == 0)
    #expect(bench.hosts[0].connections.isEmpty)
  }
}
