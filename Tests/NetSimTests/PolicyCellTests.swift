// What becomes of a transfer under each policy: the sanity check of the pool's inequalities, cell
// by cell, by the stack itself instead of a toy model. docs/predictions.md has the whole table.
//
// W is the stock: whoever looks first takes. B' asks for the receive task inside m_clalloc only, B
// at each request; C is a driver that drops a frame rather than wait. Load: broadcasts a second, at
// a hundred ticks a second. NETSCRIPT_CELLS=8 prints the table for eight seeds and all sizes.

import Foundation
import NetSim
import NetStack
import Testing

enum PoolPolicy: String, CaseIterable, Sendable {
  case w, bPrime, b, c
}

/// The report's lab under a policy, and what became of it.
struct PolicyCell: Sendable, CustomTestStringConvertible {
  var policy: PoolPolicy
  var priority: Int32
  var load: Int64
  /// Microseconds between two writes.
  var think: Int64 = 0
  var tick: Int64 = 10

  var testDescription: String {
    "\(policy) priority \(priority) load \(load) think \(think) tick \(tick)"
  }

  func lab(_ write: Int32, seed: UInt64, keeper: ReceiverFirst) -> SeedLab {
    let tick = tick
    var lab = SeedLab(
      write: write, factor: 1, broadcasts: load, priority: priority, seed: seed,
      refill: policy == .c ? .reuse : .wait, think: think,
      build: { $0.tick = .milliseconds(tick) })
    switch policy {
    case .w, .c: break
    case .bPrime: lab.receiverGoesFirst(keeper, .scriptWhenEmpty)
    case .b: lab.receiverGoesFirst(keeper, .scriptAlways)
    }
    return lab
  }

  /// Between the 15th and the 22nd second: A, the writer waits for a cluster and so does the
  /// receive task, or it drops; D, the writer alone; B, the writer waits for an ACK, and the
  /// receive task for a cluster; s, nobody waits for a cluster. Else data moves: h, behind a drop;
  /// r, with retransmissions; or · without.
  func fate(_ write: Int32, seed: UInt64) -> String {
    let keeper = ReceiverFirst()
    var lab = lab(write, seed: seed, keeper: keeper)
    return withExtendedLifetime(keeper) {
      lab.run(until: Instant(nanoseconds: 15_000_000_000))
      let before = lab.sender.sent
      lab.run(until: Instant(nanoseconds: 22_000_000_000))
      let statistics = lab.server.statistics
      if lab.sender.sent > before {
        return statistics.tcpDrops > 0 ? "h" : statistics.tcpRexmtTimeouts > 0 ? "r" : "·"
      }
      let world = lab.bench.simulation
      let rx = world.tasks[Int(world.hosts[0].interface(0).rxTask)]
      let isShut = rx.state == .polling || policy == .c
      if lab.isWriterPolling { return isShut ? "A" : "D" }
      return isShut ? "B" : "s"
    }
  }

  /// Whether the writer never comes back when its peer vanishes at a moment at which it waits for
  /// a cluster; nil when it never waits for one.
  func isStuckBehindDeath(_ write: Int32, seed: UInt64) -> Bool? {
    let keeper = ReceiverFirst()
    var lab = lab(write, seed: seed, keeper: keeper)
    return withExtendedLifetime(keeper) {
      if !lab.runUntilWriterPolls(from: 500 + 211 * Int64(seed)) { return nil }
      lab.bench.simulation.setPort(lab.bench.stations[1].ports[0], isUp: false, &lab.bench.context)
      lab.run(until: lab.bench.simulation.now + .seconds(640))
      return lab.isWriterPolling && lab.sender.errors.isEmpty
    }
  }
}

@Suite("Policies, priorities and load")
struct PolicyCellTests {
  /// For writes of 300, 515, 540 and 1024 octets. The first two are short of clusters (S > N - R),
  /// the third can just fill its socket buffer, the last is within the safe pool rule.
  private static let rows: [(PolicyCell, String)] = [
    (PolicyCell(policy: .w, priority: 40, load: 0), "AAB·"),
    (PolicyCell(policy: .w, priority: 40, load: 40), "AAB·"),
    (PolicyCell(policy: .w, priority: 40, load: 200), "AAB·"),
    (PolicyCell(policy: .w, priority: 40, load: 600), "AAB·"),
    (PolicyCell(policy: .w, priority: 40, load: 40, think: 300), "AAB·"),
    (PolicyCell(policy: .w, priority: 100, load: 40), "AAB·"),
    (PolicyCell(policy: .w, priority: 100, load: 40, think: 300), "AAB·"),
    (PolicyCell(policy: .w, priority: 100, load: 40, tick: 1), "AAB·"),
    (PolicyCell(policy: .w, priority: 100, load: 40, think: 300, tick: 1), "AAB·"),
    (PolicyCell(policy: .w, priority: 150, load: 40), "AAB·"),
    (PolicyCell(policy: .w, priority: 150, load: 40, tick: 1), "AAB·"),
    (PolicyCell(policy: .w, priority: 150, load: 40, think: 150), "AAB·"),
    (PolicyCell(policy: .w, priority: 150, load: 600), "AAB·"),
    (PolicyCell(policy: .w, priority: 150, load: 40, think: 300), "····"),
    (PolicyCell(policy: .bPrime, priority: 40, load: 40), "··B·"),
    (PolicyCell(policy: .bPrime, priority: 40, load: 600), "··B·"),
    (PolicyCell(policy: .bPrime, priority: 40, load: 40, think: 300), "··B·"),
    (PolicyCell(policy: .bPrime, priority: 150, load: 40), "AAB·"),
    (PolicyCell(policy: .bPrime, priority: 150, load: 600), "AAB·"),
    (PolicyCell(policy: .b, priority: 40, load: 40), "····"),
    (PolicyCell(policy: .b, priority: 40, load: 600), "····"),
    (PolicyCell(policy: .b, priority: 150, load: 600), "····"),
    (PolicyCell(policy: .c, priority: 40, load: 40), "AAB·"),
    (PolicyCell(policy: .c, priority: 150, load: 600), "AAB·"),
  ]

  #if DEBUG
    private static let isDebug = true
  #else
    private static let isDebug = false
  #endif

  /// A debug build leaves out what goes on and on: it is slow, and nothing happens in it.
  @Test("A and B where the running stack has them, and neither elsewhere", arguments: rows)
  func cells(cell: PolicyCell, expected: String) {
    for (size, fate) in zip([300, 515, 540, 1024] as [Int32], expected)
    where fate != "·" || !Self.isDebug {
      #expect(cell.fate(size, seed: 1) == String(fate), "writes of \(size)")
    }
  }

  @Test("the whole table, on demand")
  func table() {
    let environment = ProcessInfo.processInfo.environment
    guard let seeds = environment["NETSCRIPT_CELLS"].flatMap(UInt64.init) else { return }
    var sizes: [Int32] = [208, 300, 500, 515, 520, 525, 530, 540]
    sizes += [547, 548, 560, 566, 1024]
    for policy in PoolPolicy.allCases {
      for (priority, load, think, tick) in Self.grid {
        let cell = PolicyCell(
          policy: policy, priority: priority, load: load, think: think, tick: tick)
        let fates = sizes.map { size in
          "\(size) " + (1...seeds).map { cell.fate(size, seed: $0) }.joined()
        }
        print("cell \(cell.testDescription): \(fates.joined(separator: ", "))")
      }
    }
    for cell in Self.deaths {
      let fates = ([300, 515, 540, 547, 600, 1024] as [Int32]).map { size in
        let stuck = (1...seeds).map { cell.isStuckBehindDeath(size, seed: $0) }
        return "\(size) \(stuck.count { $0 == true }) of \(stuck.count { $0 != nil })"
      }
      print("death \(cell.testDescription): \(fates.joined(separator: ", "))")
    }
  }

  private static let grid: [(Int32, Int64, Int64, Int64)] = [
    (40, 0, 0, 10), (40, 40, 0, 10), (40, 200, 0, 10), (40, 600, 0, 10), (40, 40, 300, 10),
    (100, 40, 0, 10), (100, 40, 300, 10), (100, 40, 0, 1), (100, 40, 300, 1), (40, 40, 0, 1),
    (40, 40, 300, 1), (150, 40, 0, 1), (150, 0, 0, 10), (150, 40, 0, 10), (150, 200, 0, 10),
    (150, 600, 0, 10), (150, 40, 50, 10), (150, 40, 100, 10), (150, 40, 150, 10),
    (150, 40, 200, 10), (150, 40, 300, 10), (150, 600, 300, 10),
  ]

  private static let deaths = [
    PolicyCell(policy: .w, priority: 40, load: 40), PolicyCell(policy: .w, priority: 150, load: 40),
    PolicyCell(policy: .bPrime, priority: 40, load: 40),
    PolicyCell(policy: .b, priority: 40, load: 40), PolicyCell(policy: .b, priority: 150, load: 40),
    PolicyCell(policy: .c, priority: 40, load: 40),
  ]
}
