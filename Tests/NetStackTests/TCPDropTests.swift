// What a drop leaves behind: the seed's riddle, its two switches, and a leak.

import Testing
import Wire

@testable import NetStack

@Suite struct TCPDropTests {
  /// Host 0 with five clusters that nobody acknowledges, on a connection that is dropped.
  private func dropped(
    byPeer: Bool = false, _ adjust: @escaping (inout Tunables) -> Void = { _ in }
  ) -> (bench: TCPBench, socket: Int32) {
    let bench = TCPBench(hosts: 1) { adjust(&$0.tunables) }
    var peer = ScriptedPeer(bench)
    let socket = peer.acceptFromHost0()
    for index in 0..<5 { bench.send(0, socket, 300, from: 300 * index) }
    #expect(bench.hosts[0].socket(socket).snd.clusters == 5)
    // sosend is asleep inside, waiting for a cluster.
    bench.enter(0) { $0.sockets[Int(socket)].snd.flags.insert(.locked) }
    if byPeer { peer.inject(.rst) } else { bench.run(for: .seconds(900)) }
    #expect(bench.state(0, socket) == nil)
    return (bench, socket)
  }

  @Test("a drop by timeout keeps the send buffer as long as a descriptor refers to it")
  func keeps() {
    let (bench, socket) = dropped()
    #expect(bench.hosts[0].socket(socket).snd.clusters == 5)
    #expect(bench.hosts[0].state.heldClusters[.sndbuf] == 5)
    #expect(bench.error(0, socket) == .ETIMEDOUT)
    #expect(bench.hosts[0].socket(socket).state.isSuperset(of: [.cantSendMore, .cantReceiveMore]))
    bench.run(for: .seconds(16 * 3600))
    #expect(bench.hosts[0].state.heldClusters[.sndbuf] == 5)
    bench.enter(0) { $0.sockets[Int(socket)].snd.flags.remove(.locked) }
    bench.close(0, socket)
    #expect(bench.hosts[0].state.heldMbufs.total == 0)
  }

  @Test("with drop_frees it is emptied at once, lock or no lock")
  func frees() {
    let (bench, socket) = dropped { $0.dropFrees = true }
    #expect(bench.hosts[0].socket(socket).snd.cc == 0)
    #expect(bench.hosts[0].state.heldClusters.total == 0)
  }

  @Test("a RST from the peer does not pass there: the buffer stays, even with drop_frees")
  func resetKeeps() {
    let (bench, socket) = dropped(byPeer: true) { $0.dropFrees = true }
    #expect(bench.hosts[0].socket(socket).snd.clusters == 5)
    #expect(bench.error(0, socket) == .ECONNRESET)
  }

  @Test("data handed to a connection that is gone is lost for good: EINVAL and one cluster less")
  func leaks() {
    let (bench, socket) = dropped { $0.dropFrees = true }
    #expect(bench.send(0, socket, 300) == .EINVAL)
    #expect(bench.hosts[0].state.heldClusters[.leaked] == 1)
    #expect(bench.hosts[0].state.heldMbufs[.leaked] == 1)
    #expect(bench.hosts[0].state.clusterPool.free == 63)
  }

  @Test("with send_frees it comes back")
  func sendFrees() {
    let (bench, socket) = dropped {
      $0.dropFrees = true
      $0.sendFrees = true
    }
    #expect(bench.send(0, socket, 300) == .EINVAL)
    #expect(bench.hosts[0].state.clusterPool.free == 64)
  }

  @Test("after a close the protocol owns the socket, and a drop frees everything")
  func dropAfterClose() {
    let bench = TCPBench(hosts: 1)
    var peer = ScriptedPeer(bench)
    let socket = peer.acceptFromHost0()
    bench.send(0, socket, 3000)
    bench.close(0, socket)
    #expect(bench.hosts[0].state.heldClusters[.sndbuf] == 2)
    bench.run(for: .seconds(900))
    #expect(bench.hosts[0].state.heldMbufs.total == 0)
    #expect(bench.hosts[0].state.statistics.tcpTimeoutDrops == 1)
  }

  @Test("a drop sends a RST behind everything that was sent, and is told to observers")
  func resetOnDrop() {
    let (bench, socket) = dropped()
    let reset = bench.wire.last!
    #expect(reset.header.flags == [.rst, .ack])
    let drops = bench.records.filter { $0.kind == .tcpDrop }
    #expect(drops.count == 1)
    #expect(drops[0].a == Int64(SocketError.ETIMEDOUT.rawValue))
    #expect(drops[0].b == Int64(socket))
    let states = bench.records.filter { $0.kind == .tcpState }.map { [$0.a, $0.b] }
    #expect(states == [[0, 2], [2, 4], [4, 0]])
  }

  @Test("no way to the peer is a soft error, and what a timeout then reports")
  func softError() {
    let bench = TCPBench(hosts: 1)
    var peer = ScriptedPeer(bench)
    let socket = peer.acceptFromHost0()
    bench.enter(0) { $0.interfaces[0].address = IPv4Address(192, 168, 0, 1) }
    #expect(bench.send(0, socket, 10) == nil)
    #expect(bench.tcb(0, socket).softError == .EHOSTUNREACH)
    bench.run(for: .seconds(900))
    #expect(bench.error(0, socket) == .EHOSTUNREACH)
  }
}
