// A listener's queues: the backlog, who is dropped when it is full, and what becomes of it all when
// the listener goes. FreeBSD 2.2: sonewconn, sodropablereq, soclose.

import Testing
import Wire

@testable import NetStack

@Suite("Listen queues") struct ListenQueueTests {
  /// A SYN from a port of its own; nobody goes on with it.
  private func syn(_ peer: inout ScriptedPeer, _ port: UInt16) {
    peer.farPort = port
    peer.inject(.syn, seq: 0)
  }

  private func waiting(_ bench: TCPBench) -> [UInt16] {
    bench.hosts[0].connections.map { bench.hosts[0].pcb($0) }.filter { $0.remotePort != 0 }
      .map(\.remotePort)
  }

  @Test("sonewconn: one and a half times the backlog, and one", arguments: [1, 2, 5, 8])
  func limit(_ backlog: Int32) {
    let bench = TCPBench(hosts: 1)
    let listener = bench.listen(0, backlog: backlog, port: TCPBench.portA)
    var peer = ScriptedPeer(bench)
    for port in 0..<20 {
      syn(&peer, UInt16(3000 + port))
      bench.run(for: .seconds(1))
    }
    #expect(bench.hosts[0].socket(listener).incompleteCount == 3 * backlog / 2 + 1)
  }

  @Test("listen: somaxconn bounds the backlog, and stands for a negative one")
  func somaxconn() {
    let bench = TCPBench(hosts: 1) { $0.tunables.backlogMax = 4 }
    for (asked, granted): (Int32, Int32) in [(0, 0), (3, 3), (9, 4), (-1, 4)] {
      let socket = bench.socket(0)
      let result = bench.enter(0) { $0.soListen(socket, asked) }
      #expect(result == .none)
      #expect(bench.hosts[0].socket(socket).queueLimit == granted)
    }
  }

  @Test("sodropablereq: slow overflows push out the oldest; a flood chooses at random, or nobody")
  func flood() {
    let bench = TCPBench(hosts: 1)
    bench.listen(0, backlog: 2, port: TCPBench.portA)
    var peer = ScriptedPeer(bench)
    for port: UInt16 in 0..<6 {
      syn(&peer, 3000 + port)
      bench.run(for: .seconds(1))
    }
    #expect(waiting(bench) == [3002, 3003, 3004, 3005])
    for port: UInt16 in 0..<40 { syn(&peer, 4000 + port) }
    let left = waiting(bench)
    #expect(left.count == 4 && left != [4036, 4037, 4038, 4039])
    #expect(bench.hosts[0].state.statistics.tcpListenDrops == 42)
  }

  @Test("sodropablereq: the choice follows from the host's seed alone")
  func repeatable() {
    func left(after seed: UInt32) -> [Int32] {
      var drops = ListenDrops()
      drops.random = seed
      return (0..<50).map { _ in drops.choose(of: 5, second: 7) }
    }
    #expect(left(after: 1) == left(after: 1) && left(after: 1) != left(after: 2))
    #expect(left(after: 1).prefix(5) == [0, 0, 0, 0, 0])
    #expect(Set(left(after: 1)) == [0, 1, 2, 3, 4, 5])
  }

  @Test("soclose of a listener resets what nobody has accepted, finished or not")
  func closeWithChildren() {
    let bench = TCPBench()
    let listener = bench.listen(1)
    let a = bench.connect(0).socket
    bench.run(for: .milliseconds(5))
    bench.loses = { $0.host == 0 && !$0.has(.syn) }
    _ = bench.connect(0, port: 2001)
    bench.run(for: .milliseconds(5))
    #expect(bench.hosts[1].socket(listener).completeCount == 1)
    #expect(bench.hosts[1].socket(listener).incompleteCount == 1)
    bench.loses = { _ in false }
    let mark = bench.wire.count
    let result = bench.enter(1) { $0.soClose(listener) }
    #expect(result == .none)
    #expect(bench.sent(by: 1, since: mark).filter { $0.has(.rst) }.count == 2)
    bench.run(for: .seconds(1))
    #expect(bench.error(0, a) == .ECONNRESET)
    #expect(bench.hosts[1].connections.isEmpty)
    #expect(bench.hosts[1].state.heldMbufs.total == 0)
  }

  @Test("sonewconn without a socket drops the SYN, and is counted")
  func noSocket() {
    let bench = TCPBench(hosts: 1) { $0.sockets = 1 }
    bench.listen(0, port: TCPBench.portA)
    let peer = ScriptedPeer(bench)
    #expect(peer.inject(.syn, seq: 0).isEmpty)
    #expect(bench.hosts[0].state.statistics.tcpListenDrops == 1)
  }

  @Test("a finished connection that is reset before it is accepted leaves the queue")
  func resetBeforeAccept() {
    let bench = TCPBench()
    let listener = bench.listen(1)
    let a = bench.connect(0).socket
    bench.run(for: .milliseconds(5))
    bench.enter(0) { $0.tcpAbort($0.sockets[Int(a)].pcb) }
    bench.run(for: .milliseconds(5))
    #expect(bench.hosts[1].socket(listener).completeCount == 0)
    let taken = bench.enter(1) { $0.takeConnection(listener) }
    #expect(taken < 0)
  }
}
