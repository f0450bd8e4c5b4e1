// Persist and keepalive by a stack that runs: peers that shut their window, or are gone.
//
// RFC 9293 §3.8.6.1, RFC 1122 §4.2.3.6; 4.4BSD: tcp_setpersist, TCPT_PERSIST, TCPT_KEEP. Times are
// in beats of 500 ms.

import NetSim
import NetStack
import Testing

@Suite("Persist and keepalive, through tasks, drivers and a link")
struct SilentPeerTests {
  private func conversation(
    _ count: Int, tune: (inout Tunables) -> Void = { _ in }
  ) -> Conversation {
    let talker = Talker(writes: count) { _ in .milliseconds(499) }
    var talk = Conversation(talker, roundTrip: .milliseconds(1), tune: tune)
    talk.converse()
    return talk
  }

  /// Probes and drops of the talker's host from now on, in beats from the last segment it received.
  private func moments(
    _ talk: inout Conversation, for span: TimeSpan
  ) -> (probes: [Int64], drop: Int64?) {
    talk.forgetRecords()
    let start = talk.beat(at: talk.heardAt)
    talk.bench.run(until: talk.bench.simulation.now + span)
    let records = talk.bench.context.records.filter { $0.host == 0 }
    func beats(_ kind: TraceKind) -> [Int64] {
      records.filter { $0.kind == kind }.map { talk.beat(at: $0.at) - start }
    }
    return (beats(.tcpProbe), beats(.tcpDrop).first)
  }

  @Test("keepalive with 30 s and 10 s: nine probes at 30, 40, … 110 s, the drop at 120 s")
  func torre() {
    var talk = conversation(20) {
      $0.alwaysKeepalive = true
      $0.keepIdleTicks = 60
      $0.keepIntervalTicks = 20
    }
    talk.cut()
    let (probes, drop) = moments(&talk, for: .seconds(200))
    #expect(talk.statistics.tcpKeepProbes == 9 && talk.statistics.tcpKeepDrops == 1)
    #expect(probes == [60, 80, 100, 120, 140, 160, 180, 200, 220])
    #expect(drop == 240)
  }

  @Test("with the defaults it takes 7875 s; without always_keepalive for ever")
  func defaults() {
    var talk = conversation(20) { $0.alwaysKeepalive = true }
    talk.cut()
    #expect(moments(&talk, for: .seconds(9000)).drop == 15750)
    #expect(talk.statistics.tcpKeepProbes == 9)

    var silent = conversation(20)
    silent.cut()
    #expect(moments(&silent, for: .seconds(9000)).drop == nil)
    #expect(silent.connection?.state == .established)
  }

  @Test("keepalive ends a connection with data in flight before the retransmissions do")
  func independent() {
    var talk = conversation(0) {
      $0.alwaysKeepalive = true
      $0.keepIdleTicks = 60
      $0.keepIntervalTicks = 20
    }
    let beats = talk.fallSilent()
    #expect(abs(beats.reduce(0, +) - 240) <= 1)
    #expect(talk.statistics.tcpKeepDrops == 1 && talk.statistics.tcpTimeoutDrops == 0)
  }

  // MARK: persist

  /// A converged connection whose peer stops reading; its window is shut.
  private func shut() -> Conversation {
    let talker = Talker(writes: 20, last: 30_000) { _ in .milliseconds(499) }
    var talk = Conversation(talker, with: Echo(most: 20), roundTrip: .milliseconds(1))
    talk.converse()
    talk.write()
    talk.bench.run(until: talk.bench.simulation.now + .milliseconds(500))
    return talk
  }

  @Test("a shut window is probed after 5, 5, 5, 8, 16, 32 and then every 60 s, for ever")
  func persists() {
    var talk = shut()
    let (probes, drop) = moments(&talk, for: .seconds(4 * 3600))
    let gaps = zip(probes, [0] + probes).map { $0 - $1 }
    #expect(gaps.prefix(6) == [10, 10, 10, 16, 32, 64])
    #expect(gaps.count > 200 && gaps[6...].allSatisfy { $0 == 120 })
    #expect(drop == nil)
  }

  /// t_idle is one less at a firing: 511 s are over at the first probe that is due behind 511.5 s.
  @Test("a shut window whose peer falls silent is given up at the first probe behind 511 s")
  func persistDrop() {
    var talk = shut()
    talk.cut()
    let (probes, drop) = moments(&talk, for: .seconds(3600))
    #expect(probes == [10, 20, 30, 46, 78, 142, 262, 382, 502, 622, 742, 862, 982])
    #expect(drop == 1102)
    #expect(talk.statistics.tcpPersistDrops == 1)

    var late = shut()
    _ = moments(&late, for: .seconds(1000))
    late.cut()
    let (more, end) = moments(&late, for: .seconds(3600))
    #expect(more == (1...8).map { 120 * $0 } && end == 1080)
  }
}
