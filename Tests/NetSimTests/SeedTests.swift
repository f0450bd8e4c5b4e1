// The seed and the predictions of its arithmetic (stack-facts 9.6), on the engine itself.

import NetSim
import NetStack
import Testing

@Suite("The seed: 64 clusters, 32 descriptors, writes of 300 octets")
struct SeedTests {
  private static func minutes(_ count: Int64) -> Instant {
    Instant(nanoseconds: count * 60_000_000_000)
  }

  @Test("the pool wedges: 33 clusters in the send buffer, 31 in the ring, none ever free again")
  func wedges() {
    var lab = SeedLab()
    lab.run(until: Self.minutes(20), walk: 16)
    let held = lab.server.heldClusters
    #expect(lab.server.clusterPool.free == 0)
    #expect(held[.sndbuf] == 33)
    #expect(held[.ring] == 31)
    #expect(lab.server.statistics.tcpDrops == 1)
    #expect(lab.bench.simulation.hosts[0].connections.isEmpty)
  }

  @Test("writes below N - R clusters wedge, writes above do not, and between them the drop heals")
  func sizes() {
    for write: Int32 in [208, 500] {
      var lab = SeedLab(write: write, factor: 1)
      lab.run(until: Instant(nanoseconds: 30_000_000_000))
      #expect(lab.isStuck, "writes of \(write)")
      #expect(lab.server.heldClusters[.sndbuf] == 33)
    }
    for write: Int32 in [548, 1024] {
      var lab = SeedLab(write: write, factor: 1)
      lab.run(until: Instant(nanoseconds: 15_000_000_000))
      #expect(!lab.isStuck, "writes of \(write)")
      #expect(lab.server.statistics.tcpRexmtTimeouts == 0)
    }
    var lab = SeedLab(write: 540, factor: 1)
    lab.run(until: Self.minutes(10))
    #expect(lab.server.statistics.tcpDrops == 1)
    #expect(lab.sender.errors.first == .EPIPE || lab.sender.errors.first == .ETIMEDOUT)
  }

  @Test("with sb_efficiency 2 one session never wedges")
  func efficiency() {
    var lab = SeedLab(factor: 1) { $0.bufferEfficiency = 2 }
    lab.run(until: Instant(nanoseconds: 20_000_000_000))
    #expect(!lab.isStuck)
    #expect(lab.server.statistics.tcpDrops == 0)
  }

  @Test("both tasks complain every 30 s, and after the drop the socket keeps its data for ever")
  func complaints() {
    var lab = SeedLab()
    lab.bench.context.interest = 1 << UInt64(TraceKind.console.rawValue)
    lab.run(until: Self.minutes(12))
    let lines = lab.bench.context.records.filter { $0.kind == .console }
    #expect(lines.allSatisfy { $0.object == ConsoleLine.stillWaitingForCluster.rawValue })
    #expect(lines.count == 2 * 23 || lines.count == 2 * 24)
    let socket = lab.bench.simulation.hosts[0].socket(0)
    #expect(socket.pcb < 0)
    #expect(socket.error == .ETIMEDOUT)
    #expect(socket.snd.cc > 0)
    #expect(lab.server.statistics.tcpTimeoutDrops == 1)
  }

  @Test("Torre's keepalive drops the connection after 120 s of silence, and frees nothing")
  func keepalive() {
    var lab = SeedLab {
      $0.alwaysKeepalive = true
      $0.keepIdleTicks = 60
      $0.keepIntervalTicks = 20
    }
    lab.run(until: Instant(nanoseconds: 118_000_000_000))
    #expect(lab.server.statistics.tcpDrops == 0)
    lab.run(until: Instant(nanoseconds: 122_000_000_000))
    #expect(lab.server.statistics.tcpDrops == 1)
    #expect(lab.server.statistics.tcpKeepDrops == 1)
    lab.run(until: Self.minutes(30))
    #expect(lab.isStuck)
    #expect(lab.server.heldClusters[.sndbuf] == 33)
  }

  @Test("freeing on drop lets the service resume; each recovery leaks one cluster")
  func recovery() {
    var lab = SeedLab {
      $0.alwaysKeepalive = true
      $0.keepIdleTicks = 60
      $0.keepIntervalTicks = 20
      $0.dropFrees = true
    }
    lab.run(until: Self.minutes(10), walk: 8)
    let drops = lab.server.statistics.tcpDrops
    #expect(drops >= 3)
    #expect(Int64(lab.server.heldClusters[.leaked]) == drops)
    #expect(lab.sender.errors.contains(.EINVAL))
  }

  @Test("a mended tcp_usr_send leaks nothing")
  func mended() {
    var lab = SeedLab {
      $0.alwaysKeepalive = true
      $0.keepIdleTicks = 60
      $0.keepIntervalTicks = 20
      $0.dropFrees = true
      $0.sendFrees = true
    }
    lab.run(until: Self.minutes(10), walk: 8)
    #expect(lab.server.statistics.tcpDrops >= 3)
    #expect(lab.server.heldClusters[.leaked] == 0)
  }

  @Test(
    "a driver that reuses its buffer drops the ACKs instead: the same fate, without a word from rx")
  func reuse() {
    var lab = SeedLab(factor: 1, refill: .reuse)
    lab.bench.context.interest = 1 << UInt64(TraceKind.console.rawValue)
    lab.run(until: Self.minutes(11))
    #expect(lab.server.statistics.tcpDrops == 1)
    #expect(lab.server.clusterPool.free == 0)
    #expect(lab.server.heldClusters[.ring] == 32)
    #expect(lab.bench.simulation.hosts[0].interface(0).refillDrops > 1000)
    let tasks = Set(lab.bench.context.records.map { Int32($0.a) })
    #expect(tasks == [lab.writer])
  }
}

extension SeedLab {
  /// The writer polls for a cluster that is not there.
  var isStuck: Bool {
    bench.simulation.tasks[Int(writer)].state == .polling && server.clusterPool.free == 0
      && server.statistics.tcpRexmtTimeouts > 0
  }
}
