// How a connection comes out of a loss: NewReno, limited transmit, the initial window.
//
// RFC 6582, RFC 3042, RFC 6928, RFC 5681.

import Testing
import Wire

@testable import NetStack

/// Host 0 with `segments` of 1460 octets under way to a peer without options.
func flight(
  of segments: Int, _ adjust: (inout HostConfiguration) -> Void
) -> (peer: ScriptedPeer, socket: Int32) {
  let bench = TCPBench(hosts: 1) { configuration in
    configuration.tunables.rfc1323 = false
    adjust(&configuration)
  }
  var peer = ScriptedPeer(bench)
  let socket = peer.acceptFromHost0()
  peer.window = 17520
  peer.inject(.ack, window: 17520)
  bench.sendAtOnce(0, socket, 1460 * segments)
  return (peer, socket)
}

@Suite struct TCPLossTests {
  @Test("RFC 6582 §3.2: a partial ACK asks for the next hole, and recovery goes on")
  func newReno() {
    let (peer, socket) = flight(of: 10) { $0.tunables.tcp.recovery = .newReno }
    let bench = peer.bench
    for _ in 0..<2 { #expect(peer.inject(.ack).isEmpty) }
    #expect(peer.lines(peer.inject(.ack)) == [". 1+1460 ack 1 win 17520"])
    #expect(bench.tcb(0, socket).flags.contains(.recovering))
    #expect(bench.tcb(0, socket).cwnd == 1460 * 9)
    // The third segment was lost as well.
    #expect(peer.lines(peer.inject(.ack, ack: 2921)) == [". 2921+1460 ack 1 win 17520"])
    #expect(bench.tcb(0, socket).flags.contains(.recovering))
    #expect(bench.tcb(0, socket).cwnd == 1460 * 8)  // 9, less 2 acknowledged, and one more
    peer.inject(.ack, ack: 14601)
    #expect(!bench.tcb(0, socket).flags.contains(.recovering))
    #expect(bench.tcb(0, socket).cwnd == 1460 * 2)  // nothing is under way: no burst
    #expect(bench.hosts[0].state.statistics.tcpRexmtTimeouts == 0)
  }

  @Test("Reno: a second loss in the same window waits for the timer")
  func reno() {
    let (peer, socket) = flight(of: 10) { _ in }
    for _ in 0..<3 { peer.inject(.ack) }
    #expect(peer.inject(.ack, ack: 2921).isEmpty)
    let mark = peer.bench.wire.count
    peer.bench.run(for: .seconds(3))
    #expect(peer.bench.sent(by: 0, since: mark).first?.length == 1460)
    #expect(peer.bench.hosts[0].state.statistics.tcpRexmtTimeouts > 0)
    #expect(!peer.bench.tcb(0, socket).flags.contains(.recovering))
  }

  @Test("RFC 6582 §3.2 step 4: duplicates of what a timeout sent again begin no recovery")
  func afterTimeout() {
    let (peer, socket) = flight(of: 8) { $0.tunables.tcp.recovery = .newReno }
    let bench = peer.bench
    bench.run(for: .milliseconds(1600))
    #expect(bench.hosts[0].state.statistics.tcpRexmtTimeouts == 1)
    peer.inject(.ack, ack: 1461)
    let window = bench.tcb(0, socket).cwnd
    for _ in 0..<4 { peer.inject(.ack, ack: 1461) }
    #expect(bench.hosts[0].state.statistics.tcpRecoveries == 0)
    #expect(bench.tcb(0, socket).cwnd == window)
  }

  @Test(
    "RFC 3042: the first two duplicate ACKs let a new segment out each",
    arguments: [true, false])
  func limitedTransmit(_ isOn: Bool) {
    let (peer, socket) = flight(of: 3) {
      $0.tunables.tcp.limitedTransmit = isOn
      $0.tunables.tcp.recovery = .newReno
    }
    let bench = peer.bench
    bench.enter(0) { kernel in
      let pcb = kernel.sockets[Int(socket)].pcb
      kernel.tcpcbs[Int(pcb)].cwnd = 3 * 1460
    }
    bench.send(0, socket, 2048)
    bench.send(0, socket, 2048)
    let expected = isOn ? [[1460], [1460]] : [[], []]
    #expect(peer.inject(.ack).map(\.length) == expected[0])
    #expect(peer.inject(.ack).map(\.length) == expected[1])
    #expect(bench.tcb(0, socket).cwnd == 3 * 1460)
    #expect(peer.lines(peer.inject(.ack)) == [". 1+1460 ack 1 win 17520"])
  }

  @Test("RFC 6928: ten segments begin a connection; one, when its SYN was lost")
  func initialWindow() {
    func first(loses: Bool) -> [Int] {
      let bench = TCPBench(hosts: 1) { configuration in
        configuration.tunables.rfc1323 = false
        configuration.tunables.tcp.initialWindow = 10
        configuration.tunables.sendSpace = 60_000
      }
      let socket = bench.connect(0).socket
      if loses { bench.run(for: .seconds(4)) }
      var peer = ScriptedPeer(bench)
      peer.iss = bench.wire.last!.header.sequence.rawValue
      peer.inject(
        [.syn, .ack], seq: 0, ack: 1, window: 60_000,
        options: TCPOptions(maximumSegmentSize: 1460))
      let mark = bench.wire.count
      bench.sendAtOnce(0, socket, 30_000)
      return bench.sent(by: 0, since: mark).map(\.length)
    }
    #expect(first(loses: false) == [Int](repeating: 1460, count: 10))
    #expect(first(loses: true) == [1460])
  }

  @Test(
    "FreeBSD 2.2: after a lost SYN the window is 512 octets, and the first data waits for persist"
  )
  func windowAfterLostSyn() {
    // tcp_timers sets cwnd to t_maxseg, which is still tcp_mssdflt; tcp_mss then leaves it alone
    // for a neighbour, and tcp_output finds neither a full segment nor a reason to send less.
    let bench = TCPBench(hosts: 1) { $0.tunables.rfc1323 = false }
    let socket = bench.connect(0).socket
    bench.run(for: .seconds(4))
    var peer = ScriptedPeer(bench)
    peer.iss = bench.wire.last!.header.sequence.rawValue
    peer.inject([.syn, .ack], seq: 0, ack: 1, options: TCPOptions(maximumSegmentSize: 1460))
    #expect(bench.tcb(0, socket).cwnd == 512)
    let mark = bench.wire.count
    bench.sendAtOnce(0, socket, 4096)
    #expect(bench.sent(by: 0, since: mark).isEmpty)
    #expect(bench.timer(0, socket, .persist) != nil)
    bench.run(for: .seconds(6))
    #expect(bench.sent(by: 0, since: mark).first?.length == 512)
  }

  @Test("RFC 5681 §4.1: after idling for a timeout the window is the initial one again")
  func restart() {
    let (peer, socket) = flight(of: 2) {
      $0.tunables.tcp.initialWindow = 4
      $0.tunables.sendSpace = 30_000
    }
    peer.inject(.ack, ack: 2921)
    peer.bench.enter(0) { kernel in
      kernel.tcpcbs[Int(kernel.sockets[Int(socket)].pcb)].cwnd = 20 * 1460
    }
    peer.bench.run(for: .seconds(5))
    let mark = peer.bench.wire.count
    peer.bench.sendAtOnce(0, socket, 12_000)
    #expect(peer.bench.sent(by: 0, since: mark).map(\.length) == [1460, 1460, 1460, 1460])
  }
}
