// How long a connection outlives its peer: every row of the table of drop times, by a stack that
// runs, over a path whose round trips make the samples.
//
// 4.4BSD as shipped with RTEMS 4.6: tcp_timers, TCPT_REXMT; REXMTVAL has no floor. A time to drop
// is counted in beats of 500 ms from the one in which the last segment was first sent. The
// handshake is the first sample, so 19 octets make 20.

import NetSim
import NetStack
import Testing

@Suite("Times to the drop, through tasks, drivers and a link")
struct DropTimeTests {
  /// Writes at the same distance from every beat, so that k × 500 ms are measured as k + 1 ticks.
  private func steady(_ count: Int, roundTrip: Int64 = 1, closes: Int = 0) -> Talker {
    let beats = roundTrip / 500 + 1
    return Talker(writes: count, closes: closes) { _ in
      .milliseconds(500 * beats - roundTrip)
    }
  }

  private func conversation(_ talker: Talker, roundTrip: Int64 = 1) -> Conversation {
    var talk = Conversation(talker, roundTrip: .milliseconds(roundTrip))
    talk.converse()
    return talk
  }

  private static let fast = [3] + [Int64](repeating: 2, count: 12)

  @Test("converged, every sample 1: 3 and twelve times 2 beats, 13.5 s")
  func converged() {
    var talk = conversation(steady(20))
    #expect(talk.connection?.srtt == 7 && talk.connection?.rttvar == 3)
    #expect(talk.fallSilent() == Self.fast)
    #expect(talk.talker.error == .ETIMEDOUT)
    #expect(talk.statistics.tcpTimeoutDrops == 1 && talk.statistics.tcpDrops == 1)
  }

  @Test("9: with REXMTVAL's floor of later FreeBSD the converged case takes 511.5 s, not 13.5 s")
  func floor() {
    var talk = Conversation(steady(20), roundTrip: .milliseconds(1)) { $0.tcp.rtoFloor = true }
    talk.converse()
    #expect(talk.connection?.srtt == 7 && talk.connection?.rttvar == 3)
    let beats = talk.fallSilent()
    #expect(beats == [3, 4, 8, 16, 32, 64] + [Int64](repeating: 128, count: 7))
    #expect(beats.reduce(0, +) == 1023)
    #expect(talk.talker.error == .ETIMEDOUT && talk.statistics.tcpTimeoutDrops == 1)
  }

  @Test("from the 19th sample of 1 on, and not before")
  func convergence() {
    let times = (1...24).map { samples in
      var talk = conversation(steady(samples - 1))
      return talk.fallSilent().reduce(0, +)
    }
    #expect(times[..<18].allSatisfy { $0 >= 513 })
    #expect(times[18...].allSatisfy { $0 == 27 })
  }

  @Test("right behind the first sample: 526.5 s")
  func firstSample() {
    var talk = conversation(steady(0))
    #expect(talk.connection?.srtt == 32 && talk.connection?.rttvar == 8)
    let beats = talk.fallSilent()
    #expect(beats == [3, 6, 12, 24, 48, 64] + [Int64](repeating: 128, count: 7))
    #expect(beats.reduce(0, +) == 1053)
  }

  @Test(
    "round trips of 2, 3 and 5 ticks: 257, 272.5 and 303.5 s",
    arguments: [(2, 514), (3, 545), (5, 607)] as [(Int64, Int64)])
  func steadyTicks(ticks: Int64, beats: Int64) {
    let path = (ticks - 1) * 500
    var talk = conversation(steady(200, roundTrip: path), roundTrip: path)
    let intervals = talk.fallSilent()
    #expect(intervals.count == 13 && intervals[0] == ticks + 2)
    #expect(intervals.reduce(0, +) == beats)
  }

  /// The row's own state, no sample and no expiry yet, is that of a SYN: keepinit comes first.
  @Test("no sample yet: a SYN goes out after 0, 3, 9, 21, 45 s, until keepinit ends it at 75 s")
  func noSample() {
    var talk = Conversation(steady(0), roundTrip: .milliseconds(1))
    talk.cut()
    talk.bench.run(until: Instant(nanoseconds: 700_000_000_000))
    let records = talk.bench.context.records.filter { $0.host == 0 }
    let beats = records.map { talk.beat(at: $0.at) }
    #expect(zip(beats, [1] + beats).map { $0 - $1 } == [6, 12, 24, 48, 60])
    #expect(talk.talker.error == .ETIMEDOUT)
  }

  @Test("the second connection to the same host starts converged: 13.5 s behind its first sample")
  func routeCache() {
    var talk = conversation(steady(20, closes: 1))
    #expect(talk.talker.closesLeft == 0)
    #expect(talk.connection?.srtt == 7 && talk.connection?.rttvar == 3)
    #expect(talk.fallSilent() == Self.fast)
  }
}
