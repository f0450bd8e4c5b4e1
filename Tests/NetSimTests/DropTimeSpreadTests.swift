// Times to the drop where some round trips are measured as 2 ticks and the others as 1: the rows of
// the table that are distributions.
//
// Two ways, which must agree: the estimator alone, walked over 200 samples of a counter stream; and
// connections whose writes come at random phases of the beat, over a path of p × 500 ms.

import NetSim
import Testing

@testable import NetStack

/// The times of many runs, in beats of 500 ms.
struct DropTimes {
  private var beats: [Int64] = []

  mutating func append(_ time: Int64) { beats.append(time) }

  /// Parts per hundred of the runs that ended after 13.5 s.
  var fast: Int { 100 * beats.count { $0 == 27 } / beats.count }
  /// In seconds.
  func quantile(_ percent: Int) -> Double {
    Double(beats.sorted()[(beats.count - 1) * percent / 100]) / 2
  }
}

@Suite("Times to the drop with a share of samples of 2 ticks")
struct DropTimeSpreadTests {
  /// What the table says of a share of samples, from 5000 runs: how many in a hundred are dropped
  /// after 13.5 s, and quantiles in seconds.
  struct Row: Sendable {
    let share: Int
    let fast: Int?
    let median: Double
    let p90: Double?
  }

  private static let rows = [
    Row(share: 2, fast: 85, median: 13.5, p90: 256.5),
    Row(share: 5, fast: 66, median: 13.5, p90: 271.5),
    Row(share: 10, fast: 40, median: 256.5, p90: 511.5),
    Row(share: 20, fast: nil, median: 271.5, p90: nil),
    Row(share: 40, fast: 0, median: 526.5, p90: nil),
  ]

  @Test("the estimator alone, 1000 rows of 200 samples", arguments: rows)
  func walked(row: Row) {
    var walk = EstimatorWalk()
    var times = DropTimes()
    for seed in 0..<1000 {
      var draws = RandomStream(seed: UInt64(seed), path: "share.\(row.share)", purpose: "samples")
      times.append(walk.timeToDrop { draws.next() % 100 < UInt64(row.share) ? 2 : 1 })
    }
    if let fast = row.fast { #expect(abs(times.fast - fast) <= 4) }
    #expect(times.quantile(50) == row.median)
    if let p90 = row.p90 { #expect(times.quantile(90) == p90) }
  }

  /// Few runs, because each takes 200 round trips: the share alone is compared, and broadly.
  @Test("connections over a path of p × 500 ms, 24 of each", arguments: rows)
  func run(row: Row) {
    var times = DropTimes()
    for seed in 0..<24 {
      var draws = RandomStream(seed: UInt64(seed), path: "share.\(row.share)", purpose: "phases")
      let talker = Talker(writes: 200) { _ in
        .milliseconds(500 + Int64(draws.next() % 500))
      }
      var talk = Conversation(talker, roundTrip: .microseconds(5000 * Int64(row.share) - 50))
      talk.converse()
      times.append(talk.fallSilent().reduce(0, +))
    }
    if let fast = row.fast { #expect(abs(times.fast - fast) <= 20) }
    if row.share != 10 { #expect(abs(times.quantile(50) - row.median) <= 15) }
  }
}

/// tcp_xmit_timer on a connection that sends nothing, and tcp_timers foretold.
struct EstimatorWalk {
  private var host: Host
  private var context = Context()
  private let pcb: Int32
  private let fresh: Tcpcb

  init() {
    host = Host(HostConfiguration(), seed: 1)
    context.enter(host: 0, task: -1, at: Instant(nanoseconds: 10_000_000_000))
    (pcb, fresh) = host.enter(&context) { kernel in
      guard let socket = kernel.soAllocate(.stream, owner: -1), kernel.tcpAttach(socket) == nil
      else { preconditionFailure("an empty host has no socket") }
      let pcb = kernel.sockets[Int(socket)].pcb
      return (pcb, kernel.tcpcbs[Int(pcb)])
    }
  }

  /// In beats, for a segment that is sent behind the last of 200 samples and never answered.
  mutating func timeToDrop(_ sample: () -> Int32) -> Int64 {
    let (pcb, fresh) = (pcb, fresh)
    let start = host.enter(&context) { kernel in
      kernel.tcpcbs[Int(pcb)] = fresh
      kernel.tcpcbs[Int(pcb)].state = .established
      for _ in 0..<200 { kernel.roundTripMeasured(pcb, sample()) }
      kernel.arm(.rexmt, of: pcb, ticks: Int64(kernel.tcpcbs[Int(pcb)].rxtcur))
      return kernel.instant(ofSlowTick: kernel.slowTick)
    }
    guard let last = host.lastFiring(ofConnection: pcb) else { return -1 }
    return (last.at - start).nanoseconds / 500_000_000
  }
}
