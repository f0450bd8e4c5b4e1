// What the arithmetic of the seed foretells, one by one, on the engine itself.
//
// The lab: 64 clusters, 32 descriptors, H = 17,520, one writer at priority 40 before network tasks
// at 100, ACKs and 40 broadcasts a second: N - R + 1 = 33 clusters lie outside of a ring whose task
// waits. SeedTests.swift has the report itself; here are the edges.

import NetSim
import Testing

@testable import NetStack

@Suite("Predictions of the pool's arithmetic")
struct PredictionTests {
  private func seconds(_ count: Int64) -> Instant { Instant(nanoseconds: count * 1_000_000_000) }

  /// What became of a transfer: for good, until the drop, or nothing.
  private enum Fate: Equatable {
    case wedged, healed, none
  }

  private func fate(_ lab: SeedLab, patience: Int64 = 640) -> Fate {
    var lab = lab
    lab.run(until: seconds(20))
    if lab.server.statistics.tcpRexmtTimeouts == 0 { return .none }
    lab.run(until: seconds(patience))
    if lab.server.statistics.tcpDrops == 0 { return .none }
    return lab.isStuck ? .wedged : .healed
  }

  @Test(
    "1: permanent from 208 to 515 octets, healed by the drop from 525 to 547, never from 548 on")
  func sizes() {
    for write: Int32 in [208, 300, 515] {
      #expect(fate(SeedLab(write: write, factor: 1)) == .wedged, "\(write)")
    }
    for write: Int32 in [525, 530, 547] {
      #expect(fate(SeedLab(write: write, factor: 1)) == .healed, "\(write)")
    }
    for write: Int32 in [548, 566] {
      #expect(fate(SeedLab(write: write, factor: 1)) == .none, "\(write)")
    }
  }

  @Test("2: with sb_efficiency 2 one session never wedges")
  func efficiency() {
    for write: Int32 in [208, 300, 500] {
      #expect(fate(SeedLab(write: write, factor: 1) { $0.bufferEfficiency = 2 }) == .none)
    }
  }

  @Test("3: two sessions of 1024 octets stall; 68 clusters, or three of 2048, do not")
  func sessions() {
    func stalls(_ sessions: Int, _ write: Int32, _ clusters: Int32) -> Bool {
      var lab = SeedLab(
        write: write, factor: 1, sessions: sessions, build: { $0.clusters = clusters })
      lab.run(until: seconds(30))
      let before = lab.server.statistics.tcpIn
      lab.run(until: seconds(40))
      return lab.server.statistics.tcpIn == before
    }
    #expect(stalls(2, 1024, 64))
    #expect(!stalls(2, 1024, 68))
    #expect(stalls(3, 3000, 64))
    #expect(!stalls(3, 2048, 64))
  }

  @Test("4: after the drop each cluster of the send buffer has one reference, SB_LOCK is held")
  func afterwards() {
    var lab = SeedLab(factor: 1)
    lab.run(until: seconds(640))
    let host = lab.bench.simulation.hosts[0]
    let socket = host.socket(0)
    #expect(lab.server.statistics.tcpTimeoutDrops == 1 && lab.server.statistics.tcpDrops == 1)
    #expect(socket.pcb < 0 && socket.error == .ETIMEDOUT && socket.snd.cc > 0)
    var references: [Int32] = []
    for index in 0..<lab.server.clusterPool.total where host.cluster(index).place == .sndbuf {
      references.append(host.cluster(index).references)
    }
    #expect(references == [Int32](repeating: 1, count: 33))
  }

  @Test("5: keepalive of 30 s and 10 s drops at 120 s, unless the retransmissions are faster")
  func keepalive() {
    var lab = SeedLab(factor: 1) {
      $0.alwaysKeepalive = true
      $0.keepIdleTicks = 60
      $0.keepIntervalTicks = 20
    }
    lab.run(until: seconds(200))
    #expect(lab.server.statistics.tcpDrops == 1)
    #expect(lab.server.statistics.tcpKeepDrops + lab.server.statistics.tcpTimeoutDrops == 1)
    #expect(lab.isStuck)
  }

  /// Between two records this writer lets the network tasks in. With 300 us of formatting they send
  /// each record, and take its ACK, before the next: nobody ever waits. A more urgent writer keeps
  /// them out until it waits itself, however slow it is.
  @Test("7: a writer less urgent than the network tasks wedges, too, if it is faster than they")
  func lessUrgent() {
    for everyTick in [false, true] {
      for think: Int64 in [0, 150] {
        var lab = SeedLab(factor: 1, priority: 150, everyTick: everyTick, think: think)
        lab.run(until: seconds(22))
        #expect(lab.isStuck && lab.server.heldClusters[.sndbuf] == 33, "\(think) us")
      }
      var slow = SeedLab(factor: 1, priority: 150, everyTick: everyTick)
      slow.run(until: seconds(10))
      #expect(slow.server.clusterPool.waits == 0 && slow.sender.sent > 3_000_000)
      for priority: Int32 in [40, 100] {
        var urgent = SeedLab(factor: 1, priority: priority, everyTick: everyTick)
        urgent.run(until: seconds(22))
        #expect(urgent.isStuck && urgent.server.heldClusters[.sndbuf] == 33)
      }
    }
  }

  @Test("7: limited by its socket buffer it waits there, and the drop heals")
  func lessUrgentLimited() {
    var lab = SeedLab(write: 540, factor: 1, priority: 150, think: 0)
    lab.run(until: seconds(20))
    #expect(!lab.isStuck && lab.server.statistics.tcpRexmtTimeouts > 0)
    lab.run(until: seconds(640))
    #expect(lab.server.statistics.tcpDrops > 0 && !lab.sender.errors.isEmpty)
  }

  @Test("8: a driver that reuses its buffer is silent, and counts what it drops")
  func silent() {
    var lab = SeedLab(factor: 1, refill: .reuse)
    lab.bench.context.interest = TraceKind.console.mask
    lab.run(until: seconds(100))
    let complaints = Set(lab.bench.context.records.map { Int32($0.a) })
    #expect(complaints == [lab.writer])
    let before = lab.bench.simulation.hosts[0].interface(0).refillDrops
    lab.run(until: seconds(200))
    let drops = lab.bench.simulation.hosts[0].interface(0).refillDrops - before
    #expect((3500...4500).contains(drops), "40 broadcasts a second")
  }

  @Test("10: writes of 50 octets exhaust the mbufs: the message is that for mbufs")
  func mbufs() {
    var lab = SeedLab(write: 50, factor: 1, build: { $0.mbufs = 256 })
    lab.bench.context.interest = TraceKind.console.mask
    lab.run(until: seconds(100))
    let lines = Set(lab.bench.context.records.map(\.object))
    #expect(lines == [ConsoleLine.stillWaitingForMbuf.rawValue])
  }

  @Test("10: a segment of 32 mbufs just fits a ring of 32; with 16 descriptors it hangs for good")
  func longChain() {
    func sent(_ ring: Int32) -> Int64 {
      var lab = SeedLab(
        write: 50, factor: 1,
        build: {
          $0.mbufs = 2048
          $0.interfaces[0].transmitRing = ring
        })
      lab.run(until: seconds(20))
      let before = lab.sender.sent
      lab.run(until: seconds(25))
      return lab.sender.sent - before
    }
    #expect(sent(32) > 0)
    #expect(sent(16) == 0)
  }

  /// A lab behind its drop, at whose moment the send buffer looked the same.
  private static func dropped() -> (Host, Context) {
    var lab = SeedLab(factor: 1)
    lab.run(until: Instant(nanoseconds: 640_000_000_000))
    var context = Context()
    context.enter(host: 0, task: -1, at: lab.bench.simulation.now)
    return (lab.bench.simulation.hosts[0], context)
  }

  @Test("11: were tcp_drop to use sbflush it would panic, the writer holds SB_LOCK")
  func flushAtTheDrop() async {
    await #expect(processExitsWith: .failure) {
      var (host, context) = Self.dropped()
      if !host.socket(0).snd.flags.contains(.locked) { return }
      host.enter(&context) { $0.sbFlush(0, .send) }
    }
  }

  @Test("11: sbdrop asks for no lock, and gives everything back")
  func dropAtTheDrop() {
    var (host, context) = Self.dropped()
    #expect(host.socket(0).snd.flags.contains(.locked) && host.state.clusterPool.free == 0)
    host.enter(&context) { $0.sbEmpty(0, .send) }
    #expect(host.state.clusterPool.free == 33 && host.state.heldClusters[.sndbuf] == 0)
  }

  @Test("12: close() from another task in the wedge meets SB_LOCK: sbflush panics")
  func closeFromElsewhere() {
    var lab = SeedLab(factor: 1)
    var results: [CallResult] = []
    lab.bench.program(on: 0, priority: 30) { result in
      results.append(result)
      switch results.count {
      case 1: return .sleep(.seconds(640))
      case 2: return .call(.close(0), timeout: nil)
      default: return .end
      }
    }
    lab.run(until: seconds(650))
    #expect(results.last == .panic(.flushOfLockedBuffer))
  }
}
