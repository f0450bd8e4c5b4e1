// When data goes out, and when an ACK does. RFC 1122 §4.2.3.2 – §4.2.3.4, RFC 5681.

import Testing
import Wire

@testable import NetStack

@Suite struct TCPSendingTests {
  private func writing(
    mss: UInt16 = 1460, _ adjust: (inout HostConfiguration) -> Void = { _ in }
  ) -> (peer: ScriptedPeer, socket: Int32) {
    let bench = TCPBench(hosts: 1) { configuration in
      configuration.tunables.rfc1323 = false
      adjust(&configuration)
    }
    var peer = ScriptedPeer(bench)
    let socket = peer.acceptFromHost0(mss: mss)
    return (peer, socket)
  }

  // MARK: Nagle

  @Test("a small segment goes at once when nothing is under way, and waits when something is")
  func nagle() {
    let (peer, socket) = writing()
    let mark = peer.bench.wire.count
    peer.bench.send(0, socket, 10)
    peer.bench.send(0, socket, 20)
    peer.bench.send(0, socket, 30)
    #expect(peer.lines(peer.bench.sent(by: 0, since: mark)) == ["P. 1+10 ack 1 win 17520"])
    #expect(peer.lines(peer.inject(.ack, ack: 11)) == ["P. 11+50 ack 1 win 17520"])
  }

  @Test("with TCP_NODELAY every write goes at once")
  func noDelay() {
    let (peer, socket) = writing()
    let bench = peer.bench
    bench.enter(0) { $0.tcpcbs[Int($0.sockets[Int(socket)].pcb)].flags.insert(.noDelay) }
    let mark = bench.wire.count
    bench.send(0, socket, 10)
    bench.send(0, socket, 20)
    #expect(bench.sent(by: 0, since: mark).map(\.length) == [10, 20])
  }

  @Test("whole segments go as far as the window reaches; the last one of a write is pushed")
  func wholeSegments() {
    let (peer, socket) = writing()
    let mark = peer.bench.wire.count
    peer.bench.sendAtOnce(0, socket, 10000)
    let sent = peer.bench.sent(by: 0, since: mark)
    #expect(sent.map(\.length) == [Int](repeating: 1460, count: 6))
    #expect(sent.allSatisfy { !$0.has(.psh) })
    #expect(sent.flatMap(\.payload) == TCPBench.pattern(8760))
    let rest = peer.inject(.ack, ack: 8761)
    #expect(peer.lines(rest) == ["P. 8761+1240 ack 1 win 17520"])
  }

  @Test("a write that finds the connection idle goes out to its last octet, chunk by chunk")
  func idleWrite() {
    let (peer, socket) = writing()
    let mark = peer.bench.wire.count
    peer.bench.send(0, socket, 4000)
    // The first chunk of 2048 was all there was; of the second the whole segment goes.
    #expect(peer.bench.sent(by: 0, since: mark).map(\.length) == [1460, 588, 1460])
  }

  @Test("half of the largest window seen is enough to send")
  func halfWindow() {
    let (peer, socket) = writing()
    peer.inject(.ack, window: 1000)
    let mark = peer.bench.wire.count
    peer.bench.enter(0) { kernel in
      let pcb = kernel.sockets[Int(socket)].pcb
      kernel.tcpcbs[Int(pcb)].maxSndWnd = 1000
    }
    peer.inject(.ack, window: 999)
    peer.bench.send(0, socket, 100)
    peer.bench.send(0, socket, 499)
    #expect(peer.bench.sent(by: 0, since: mark).map(\.length) == [100])
    peer.bench.send(0, socket, 1)
    #expect(peer.bench.sent(by: 0, since: mark).map(\.length) == [100, 500])
  }

  @Test("44 octets are copied beside the header; 45 share the cluster they lie in")
  func copyOrShare() {
    for (octets, shares) in [(44, false), (45, true)] {
      let (peer, socket) = writing()
      let bench = peer.bench
      // A cluster with little in it, and no collection: what lies on if_snd is looked at.
      bench.context.enter(host: 0, task: -1, at: bench.now)
      bench.hosts[0].enter(&bench.context) { kernel in
        let m = kernel.mGet(.app, at: .sosend, header: true, socket: socket)!
        _ = kernel.mclGet(m, .app, at: .sosend, socket: socket)
        kernel.mbuf(m).pointee.length = Int32(octets)
        _ = kernel.tcpSend(socket, m)
        let frame = kernel.interfaces[0].queueHead
        #expect((kernel.mbuf(frame).pointee.next >= 0) == shares)
        #expect(kernel.clusterUse[63].references == (shares ? 2 : 1))
        #expect(kernel.mbuf(frame).pointee.offset == 10)  // 24, less an Ethernet header
      }
      bench.enter(0) { _ in }
      #expect(bench.wire.last!.length == octets)
    }
  }

  // MARK: ACKs and windows

  @Test("the ACK of data in order waits for the 200 ms beat")
  func delayedAck() {
    let (peer, _) = writing()
    let bench = peer.bench
    #expect(peer.inject(.ack, [1, 2, 3]).isEmpty)
    let mark = bench.wire.count
    bench.run(until: Instant(nanoseconds: 209_000_000))
    #expect(bench.wire.count == mark)
    bench.run(until: Instant(nanoseconds: 210_000_000))
    #expect(peer.lines(bench.sent(by: 0, since: mark)) == [". 1 ack 4 win 17517"])
    #expect(bench.hosts[0].state.statistics.tcpDelayedAcks == 1)
  }

  @Test("data that goes out carries the ACK that was owed")
  func piggyback() {
    let (peer, socket) = writing()
    peer.inject(.ack, [1, 2, 3])
    let mark = peer.bench.wire.count
    peer.bench.send(0, socket, 5)
    peer.bench.run(for: .seconds(1))
    #expect(peer.lines(peer.bench.sent(by: 0, since: mark)) == ["P. 1+5 ack 4 win 17517"])
  }

  @Test(
    "a reader who takes two segments has the window reopened at once; one who takes less has not")
  func windowUpdate() {
    let (peer, socket) = writing()
    let data = [UInt8](repeating: 7, count: 1460)
    for index in 0..<4 { peer.inject(.ack, seq: 1 + 1460 * index, data) }
    peer.bench.run(for: .milliseconds(200))
    let mark = peer.bench.wire.count
    _ = peer.bench.receive(0, socket, atMost: 1460)
    #expect(peer.bench.wire.count == mark)
    _ = peer.bench.receive(0, socket, atMost: 1460)
    #expect(peer.lines(peer.bench.sent(by: 0, since: mark)) == [". 1 ack 5841 win 14600"])
  }

  @Test("a window below a segment and a quarter of the buffer is told as 0, but never shrinks")
  func sillyWindow() {
    let (peer, socket) = writing()
    let data = [UInt8](repeating: 7, count: 1460)
    for index in 0..<11 { peer.inject(.ack, seq: 1 + 1460 * index, data) }
    peer.inject(.ack, seq: 1 + 1460 * 11, [UInt8](repeating: 7, count: 1000))
    peer.bench.run(for: .milliseconds(200))
    // 460 octets were promised and stay promised.
    #expect(peer.bench.wire.last!.header.window == 460)
    peer.inject(.ack, seq: 17061, [UInt8](repeating: 7, count: 460))
    peer.bench.run(for: .milliseconds(200))
    #expect(peer.bench.wire.last!.header.window == 0)
    // A probe into a full buffer is acknowledged, not taken.
    let answer = peer.inject(.ack, seq: 17521, [7])
    #expect(peer.lines(answer) == [". 1 ack 17521 win 0"])
    #expect(peer.bench.hosts[0].state.statistics.tcpWindowProbes == 1)
    _ = peer.bench.receive(0, socket, atMost: 1000)
    #expect(peer.lines(peer.inject(.ack, seq: 0)) == [". 1 ack 17521 win 0"])
    // There is room, though none is told of: a probe is taken now.
    #expect(peer.inject(.ack, seq: 17521, [7]).isEmpty)
    #expect(peer.bench.tcb(0, socket).rcvNxt - SequenceNumber(peer.sequence) == 17522)
  }

  // MARK: congestion

  /// Host 0 with `segments` of 1460 octets under way.
  private func flying(_ segments: Int) -> (peer: ScriptedPeer, socket: Int32) {
    var (peer, socket) = writing()
    peer.window = 17520
    peer.inject(.ack, window: 17520)
    peer.bench.sendAtOnce(0, socket, 1460 * segments)
    return (peer, socket)
  }

  @Test("three duplicate ACKs resend one segment and halve the window; more let new ones out")
  func fastRetransmit() {
    let (peer, socket) = flying(8)
    let bench = peer.bench
    #expect(bench.tcb(0, socket).sndMax - bench.tcb(0, socket).sndUna == 11680)
    bench.send(0, socket, 2920)
    #expect(peer.inject(.ack).isEmpty)
    #expect(peer.inject(.ack).isEmpty)
    #expect(peer.lines(peer.inject(.ack)) == [". 1+1460 ack 1 win 17520"])
    #expect(bench.tcb(0, socket).ssthresh == 1460 * 6)  // 17520 / 2 in whole segments
    #expect(bench.tcb(0, socket).cwnd == 1460 * 9)
    #expect(bench.hosts[0].state.statistics.tcpRetransmits == 1)
    peer.inject(.ack)
    #expect(bench.tcb(0, socket).cwnd == 1460 * 10)
    // The ACK of everything takes the inflation back, and then counts as any other.
    peer.inject(.ack, ack: 1 + 1460 * 8)
    #expect(bench.tcb(0, socket).dupAcks == 0)
    #expect(bench.tcb(0, socket).cwnd == 1460 * 7)
  }

  @Test("a window update is no duplicate ACK")
  func windowUpdateIsNoDuplicate() {
    let (peer, socket) = flying(4)
    for step in 1...5 { peer.inject(.ack, window: UInt16(17520 - step)) }
    #expect(peer.bench.tcb(0, socket).dupAcks == 0)
    #expect(peer.bench.hosts[0].state.statistics.tcpRetransmits == 0)
  }

  @Test("an ACK in the fast path leaves cwnd alone; one in the slow path clamps it to 65535")
  func congestionWindow() {
    let (peer, socket) = flying(4)
    let bench = peer.bench
    #expect(bench.tcb(0, socket).cwnd == 65535 << 14)
    peer.inject(.ack, ack: 1461)
    #expect(bench.hosts[0].state.statistics.tcpPredictedAcks == 1)
    #expect(bench.tcb(0, socket).cwnd == 65535 << 14)
    peer.inject(.ack, ack: 2921, window: 16000)
    #expect(bench.tcb(0, socket).cwnd == 65535)
  }

  @Test("slow start adds a segment an ACK, avoidance one a window")
  func slowStart() {
    let (peer, socket) = flying(8)
    let bench = peer.bench
    bench.run(for: .milliseconds(1600))
    #expect(bench.tcb(0, socket).cwnd == 1460)
    peer.inject(.ack, ack: 1461)
    #expect(bench.tcb(0, socket).cwnd == 2920)
    bench.enter(0) { kernel in
      let pcb = kernel.sockets[Int(socket)].pcb
      kernel.tcpcbs[Int(pcb)].ssthresh = 2920
      kernel.tcpcbs[Int(pcb)].cwnd = 5840
    }
    peer.inject(.ack, ack: 2921)
    #expect(bench.tcb(0, socket).cwnd == 5840 + 1460 / 4)
  }

  @Test("a connection idle for a timeout starts again with one segment")
  func restart() {
    let (peer, socket) = flying(1)
    peer.inject(.ack, ack: 1461)
    peer.bench.run(for: .seconds(5))
    let mark = peer.bench.wire.count
    peer.bench.send(0, socket, 5000)
    #expect(peer.bench.sent(by: 0, since: mark).map(\.length) == [1460])
  }

  // MARK: want of buffers

  @Test("a segment that finds no mbuf is silent, shuts cwnd, and leaves no timer: a stall for good")
  func stall() {
    let (peer, socket) = writing { $0.mbufs = 6 }
    let bench = peer.bench
    let held = bench.enter(0) { kernel -> [Int32] in
      var held: [Int32] = []
      while kernel.state.pointee.mbufPool.free > 1 {
        held.append(kernel.mGet(.app, at: .sosend, header: false)!)
      }
      for index in held { kernel.leak(index, .unsent) }  // counted, and out of the walk
      return held
    }
    #expect(!held.isEmpty)
    let mark = bench.wire.count
    #expect(bench.send(0, socket, 50) == nil)
    #expect(bench.sent(by: 0, since: mark).isEmpty)
    #expect(bench.hosts[0].state.statistics.tcpBufferFailures == 1)
    #expect(bench.tcb(0, socket).cwnd == 1460)
    #expect(bench.timer(0, socket, .rexmt) == nil)
    #expect(bench.timer(0, socket, .persist) == nil)
    bench.enter(0) { kernel in for index in held { kernel.mFree(index, .processed) } }
    bench.run(for: .seconds(600))
    #expect(bench.sent(by: 0, since: mark).isEmpty)
    // Another write sets it going again.
    bench.send(0, socket, 50)
    #expect(bench.sent(by: 0, since: mark).map(\.length) == [100])
  }

  @Test("a full if_snd costs the segment but not the timer")
  func fullInterface() {
    let (peer, socket) = writing()
    let bench = peer.bench
    bench.enter(0) { $0.interfaces[0].queueLength = 50 }
    bench.context.enter(host: 0, task: -1, at: bench.now)
    bench.hosts[0].enter(&bench.context) { $0.interfaces[0].queueLength = 50 }
    let mark = bench.wire.count
    bench.send(0, socket, 50)
    #expect(bench.wire.count == mark)
    #expect(bench.timer(0, socket, .rexmt) != nil)
    bench.run(for: .milliseconds(1600))
    #expect(bench.sent(by: 0, since: mark).map(\.length) == [50])
  }

  @Test("the CPU is charged for each segment built and each octet it carries")
  func costs() {
    let (peer, socket) = writing {
      $0.costs.tcpOutput = .microseconds(90)
      $0.costs.copyPicoseconds = 40_000
    }
    peer.bench.enter(0) { _ = $0.context.pointee.takeDebt() }
    peer.bench.send(0, socket, 2000)
    let owed = peer.bench.enter(0) { $0.context.pointee.takeDebt() }
    #expect(owed == 2 * 90_000 + 2000 * 40)
  }

  // MARK: whole transfers

  @Test("a bulk transfer over a wire that loses segments arrives whole", arguments: [3, 7, 10, 25])
  func lossyTransfer(_ oneIn: Int) {
    let bench = TCPBench()
    let (a, b) = bench.connected()
    let read = bench.carry(60_000, from: a, to: b, losing: oneIn, each: .milliseconds(20))
    #expect(read == TCPBench.pattern(60_000))
    #expect(bench.hosts[0].state.statistics.tcpRetransmits > 0)
    #expect(bench.hosts[1].state.heldMbufs[.reass] == 0)
  }
}
