// Where a buffer was taken, and when, stays with it wherever it goes.

import Testing

@testable import NetStack

@Suite("Where buffers come from")
struct ProvenanceTests {
  @Test("a write's cluster is sosend's, the segment's mbufs are tcp_output's and m_copy's")
  func write() {
    let bench = TCPBench(hosts: 1) { $0.tunables.rfc1323 = false }
    var peer = ScriptedPeer(bench)
    let socket = peer.acceptFromHost0()
    bench.run(for: .seconds(1))
    let taken = bench.now
    bench.send(0, socket, 300)
    let clusters = bench.hosts[0].heldBuffers(.clusters)
    #expect(clusters.map(\.site) == [.sosend])
    #expect(clusters.map(\.payload) == [300])
    #expect(clusters.map(\.place) == [.sndbuf])
    #expect(clusters.map(\.holder) == [socket] && clusters.map(\.socket) == [socket])
    #expect(clusters.map(\.since) == [taken])
    let mbufs = bench.hosts[0].heldBuffers(.mbufs)
    #expect(Set(mbufs.map(\.site)) == [.tcpTemplate, .sosend])
    #expect(mbufs.filter { $0.site == .sosend }.map(\.since) == [taken])
    #expect(mbufs.reduce(0) { $0 + $1.payload } == 40, "the template; the data is the cluster's")
  }

  @Test("a received segment is its ring's, wherever it lies")
  func receive() {
    let bench = TCPBench(hosts: 2) { $0.tunables.rfc1323 = false }
    let (client, server) = bench.connected()
    bench.send(0, client, 300)
    bench.run(for: .seconds(1))
    let read = bench.hosts[1].heldBuffers(.clusters)
    #expect(read.map(\.site) == [.refill] && read.map(\.place) == [.rcvbuf])
    #expect(read.map(\.holder) == [server] && read.map(\.payload) == [300])
    #expect(bench.hosts[0].heldBuffers(.clusters).isEmpty)
  }
}
