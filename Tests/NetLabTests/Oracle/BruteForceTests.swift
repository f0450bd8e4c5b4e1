// Every verdict of the oracle against what then happens: a day of each of two futures.
//
// NETSCRIPT_LABS says how many random labs are tried (50), and that for a day each; NETSCRIPT_LAB
// which one alone.

import Foundation
import NetScript
import Testing

@testable import NetLab
@testable import NetSim
@testable import NetStack

@Suite("Brute force")
struct BruteForceTests {
  @Test("what is wedged never moves again, and what never moves again was wedged")
  func labs() throws {
    let environment = ProcessInfo.processInfo.environment
    let count = environment["NETSCRIPT_LABS"].flatMap(UInt64.init) ?? BruteForceTests.usual
    let future = environment["NETSCRIPT_LABS"] == nil ? "1h" : "24h"
    var tally = BruteForce.Tally()
    if let one = environment["NETSCRIPT_LAB"].flatMap(UInt64.init) {
      let lab = RandomLab(seed: one, future: future)
      print(lab.text)
      try BruteForce.check(lab, &tally)
    } else {
      for seed in 1...count { try BruteForce.check(RandomLab(seed: seed, future: future), &tally) }
    }
    print("brute force: \(tally.line)")
    #expect(tally.disagreements == [])
  }

  @Test("a policy that lets go of a buffer after a while is no wedge")
  func patience() throws {
    let run = trial(
      """
      policy patience() {
          on request(r) {
              return if r.who == .app and r.waited < 3s then .wait else .grant
          }
      }
      case "c" {
          lan bench { rate = 256kbps }
          host a { nic eth0 { lan = bench } }
          host b { nic eth0 { lan = bench } }
          a.pool.allocator = patience()
          task writer {
              host = a
              fn main() {
                  let s = socket(.tcp)
                  s.connect(b, 9)
                  while not failed(s.write(1KiB)) { }
              }
          }
          sink reader { host = b; tcp = 9 }
          expect never wedged(a)
          run for 5s
          expect reader.received > 0B
      }
      """)
    #expect(run.rendered == "")
    #expect(try #require(run.bench).result.expectations.map(\.verdict) == [.pass, .pass])
  }

  private static var usual: UInt64 {
    #if DEBUG
      10
    #else
      50
    #endif
  }
}

/// One lab: what the oracle says of its server, and what comes of it.
enum BruteForce {
  struct Tally {
    var wedged = 0, stalled = 0, moving = 0, unknown = 0
    /// Tasks that nobody called wedged and that get no buffer all the same: a policy refuses them,
    /// others are always faster.
    var refused = 0, starved = 0
    var disagreements: [String] = []

    var line: String {
      "\(wedged) wedged, \(stalled) stalled, \(moving) moving, \(unknown) unknown; tasks: "
        + "\(refused) refused by a policy, \(starved) starved; \(disagreements.count) disagreements"
    }
  }

  /// A task in a wait: gone on when either has changed.
  struct Standing: Equatable {
    var task: Int32
    var since: Instant
    var awaited: Awaited
  }

  /// What the oracle says at one moment.
  struct Verdict {
    var at: Instant
    var isWedged = false
    var isUnknown = false
    /// Members of the knot, and others that have waited long for a buffer.
    var knot: [Standing] = []
    var waiting: [Standing] = []
    /// Packets that came in so far, where nothing comes in any more.
    var packetsIn: Int64?
    /// Buffers granted so far, and when octets last left a socket buffer.
    var grants: Int64 = 0
    var progressAt = Instant.zero
  }

  static func check(_ lab: RandomLab, _ tally: inout Tally) throws {
    let planned = Planner.plan(
      name: "lab\(lab.seed).ns", octets: Array(lab.text.utf8), loader: TextLoader([:]))
    let renderer = DiagnosticRenderer(planned.files)
    try #require(planned.diagnostics.map { renderer.render($0) } == [])
    try #require(planned.runs.count == 2)
    var verdicts: [Verdict] = []
    var moved: [Int32: Bool] = [:]
    var isMoving = false
    var last: Bench?
    for (index, plan) in planned.runs.enumerated() {
      let bench = Bench(plan)
      try #require(bench.prepare())
      for share in [4, 2, 1] as [Int64] {
        let at = Instant(nanoseconds: lab.askedAt.nanoseconds / share)
        try #require(!bench.run(until: at))
        if index == 0 { verdicts.append(verdict(bench, at)) }
      }
      let asked = verdicts[2]
      // Nothing was claimed that the future could refute.
      if asked.waiting.isEmpty && !verdicts.contains(where: \.isWedged) { break }
      runOn(bench, asked, isClaimed: verdicts.contains(where: \.isWedged))
      for standing in asked.waiting where hasMoved(standing, bench) { moved[standing.task] = true }
      isMoving = isMoving || hasProgressed(asked, bench)
      for verdict in verdicts where verdict.isWedged {
        refute(verdict, bench, "lab \(lab.seed), future \(index)", &tally)
      }
      last = bench
      if !verdicts.contains(where: \.isWedged), asked.waiting.allSatisfy({ moved[$0.task] == true })
      {
        break
      }
    }
    count(verdicts[2], &tally)
    guard let last, !verdicts[2].isUnknown else { return }
    for standing in verdicts[2].waiting where moved[standing.task] == nil {
      if isRefused(standing, last) {
        tally.refused += 1
      } else if isMoving {
        tally.starved += 1
      } else {
        tally.disagreements.append(
          "lab \(lab.seed): \(name(standing.task, last)) is not wedged, and nothing ever moves")
      }
    }
  }

  /// To the end of the future; where nothing was said to be wedged, until all waiters have moved.
  private static func runOn(_ bench: Bench, _ asked: Verdict, isClaimed: Bool) {
    var step = TimeSpan.seconds(60)
    while !isClaimed {
      if bench.run(until: bench.simulation.now + step) { return }
      if asked.waiting.allSatisfy({ hasMoved($0, bench) }) { return }
      step = TimeSpan(nanoseconds: step.nanoseconds * 2)
    }
    bench.run()
  }

  private static func refute(
    _ verdict: Verdict, _ bench: Bench, _ place: String, _ tally: inout Tally
  ) {
    let milliseconds = verdict.at.nanoseconds / 1_000_000
    for standing in verdict.knot where hasMoved(standing, bench) {
      tally.disagreements.append(
        "\(place): wedged at \(milliseconds) ms, and \(name(standing.task, bench)) moved")
    }
    if let before = verdict.packetsIn, packetsIn(bench) != before {
      tally.disagreements.append("\(place): deaf at \(milliseconds) ms, and it heard something")
    }
  }

  private static func count(_ verdict: Verdict, _ tally: inout Tally) {
    if verdict.isWedged {
      tally.wedged += 1
    } else if verdict.isUnknown {
      tally.unknown += 1
    } else if !verdict.waiting.isEmpty {
      tally.stalled += 1
    } else {
      tally.moving += 1
    }
  }

  private static func verdict(_ bench: Bench, _ at: Instant) -> Verdict {
    var verdict = Verdict(at: at)
    let graph = bench.waitGraph(of: 0)
    verdict.isWedged = graph.isWedged
    verdict.isUnknown = !verdict.isWedged && bench.waitGraph(of: 0, trusts: false).isWedged
    if !graph.deafInterfaces.isEmpty { verdict.packetsIn = packetsIn(bench) }
    verdict.grants = graph.state.clusterPool.grants + graph.state.mbufPool.grants
    verdict.progressAt = graph.state.progressAt
    for task in bench.simulation.tasks(of: 0) {
      guard let (awaited, since) = bench.simulation.standing(task) else { continue }
      let standing = Standing(task: task, since: since, awaited: awaited)
      if graph.knot.contains(task) {
        verdict.knot.append(standing)
      } else if awaited == .cluster || awaited == .mbuf, at - since >= .seconds(5) {
        verdict.waiting.append(standing)
      }
    }
    return verdict
  }

  private static func hasMoved(_ standing: Standing, _ bench: Bench) -> Bool {
    guard let now = bench.simulation.standing(standing.task) else { return true }
    return now.since != standing.since || now.awaited != standing.awaited
  }

  /// Clusters and mbufs go round, or octets leave a socket buffer.
  private static func hasProgressed(_ asked: Verdict, _ bench: Bench) -> Bool {
    let state = bench.simulation.hosts[0].state
    return state.clusterPool.grants + state.mbufPool.grants > asked.grants
      || state.progressAt > asked.progressAt
  }

  /// A policy governs the class, and there were buffers for it to give.
  private static func isRefused(_ standing: Standing, _ bench: Bench) -> Bool {
    let state = bench.simulation.hosts[0].state
    let pool = standing.awaited == .mbuf ? state.mbufPool : state.clusterPool
    return pool.allocator != .firstCome && (pool.free > 0 || pool.grantedAt > standing.since)
  }

  private static func packetsIn(_ bench: Bench) -> Int64 {
    bench.simulation.hosts[0].state.statistics.ip.total
  }

  private static func name(_ task: Int32, _ bench: Bench) -> String {
    bench.path(of: bench.stations.tasks[Int(task)])
  }
}
