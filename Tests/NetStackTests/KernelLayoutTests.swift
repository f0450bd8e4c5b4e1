// Where in a host's memory what each packet touches lies: counted in lines of a cache.

import Testing

@testable import NetStack

/// With thousands of hosts each line of a cache (64 octets) comes from far away.
@Suite("What each packet touches lies in few lines")
struct KernelLayoutTests {
  private func lines(_ members: [PartialKeyPath<KernelState>]) throws -> Set<Int> {
    var lines: Set<Int> = []
    for member in members {
      let octet = try #require(MemoryLayout<KernelState>.offset(of: member))
      lines.insert(octet / ArenaLayout.lineOctets)
    }
    return lines
  }

  @Test("a host's record and its interfaces begin a line, and so does the arena itself")
  func recordsBeginALine() {
    #expect(ArenaLayout.state % ArenaLayout.lineOctets == 0)
    #expect(ArenaLayout.interfaces % ArenaLayout.lineOctets == 0)
    for _ in 0..<3 {
      let arena = Host(HostConfiguration(), seed: 1).arena
      #expect(UInt(bitPattern: arena.tables) % UInt(ArenaLayout.lineOctets) == 0)
      #expect(UInt(bitPattern: arena.copied().tables) % UInt(ArenaLayout.lineOctets) == 0)
    }
  }

  @Test("what moves with each buffer of a pool lies in one line a pool")
  func poolsLieInALine() throws {
    #expect(
      try lines([\.dataMbufs, \.networkWaits, \.mbufPool.total, \.mbufPool.allocator]) == [0])
    #expect(try lines([\.clusterPool.total, \.clusterPool.allocator]).count == 1)
  }

  @Test("a broadcast that nobody reads touches eight lines of the record")
  func broadcastTouchesFewLines() throws {
    let lines = try lines([
      \.dataMbufs, \.mbufPool.free, \.clusterPool.free, \.interfaceCount, \.networkTask,
      \.ipQueue.head, \.arpQueue.length, \.servesUses, \.calloutAt, \.costs.rx, \.costs.ip,
      \.costs.udp, \.costs.copyPicoseconds, \.statistics.ip.total, \.statistics.ip.delivered,
      \.statistics.udp.received, \.statistics.udp.noPortBroadcast,
    ])
    // Two more are those of the buffers' places.
    #expect(lines.count == 6)
    #expect(lines.filter { $0 * ArenaLayout.lineOctets >= KernelState.hotOctets }.count == 2)
  }

  @Test("what a segment counts lies in one line")
  func segmentCountsInOneLine() throws {
    let lines = try lines([
      \.statistics.ip.total, \.statistics.ip.delivered, \.statistics.ip.localOut,
      \.statistics.tcpIn, \.statistics.tcpOut, \.statistics.tcpPredictedAcks,
      \.statistics.tcpPredictedData, \.statistics.tcpDelayedAcks,
    ])
    #expect(lines.count == 1)
  }

  @Test("an mbuf's header and a cluster's record lie in one line each, an interface's ring in two")
  func recordsFitLines() {
    #expect(Mbuf.stride % 64 == 0 && Mbuf.headerOctets <= 64)
    #expect(MemoryLayout<Mbuf>.size <= Mbuf.headerOctets)
    #expect(MemoryLayout<ClusterUse>.stride == 64)
    #expect(MemoryLayout<Ifnet>.offset(of: \.mask)! < 128)
  }
}
