// The exhaustive search: states of equal hash go on alike, and what it finds and proves.

import Foundation
import NetScript
import NetSim
import Testing

@testable import NetLab
@testable import NetStack

@Suite("Orders, all of them")
struct StateSearchTests {
  /// The smallest lab that has the race of the report; see examples/torre-2004/smallest_race.ns.
  static func race(_ variant: String = "", writes: Int = 4, more: String = "") -> String {
    """
    import "std/policies"
    case "race" {
        lan office { rate = 10Mbps }
        host server {
            pool { clusters = 4; mbufs = 32 }
            nic eth0 { lan = office; rx_ring = 2; tx_ring = 2; refill = .wait }
        }
        host client { nic eth0 { lan = office } }
        host windows { stack = .none; nic eth0 { lan = office } }
        sink reader { host = client; tcp = 20 }
        task ftp {
            host = server; priority = 150
            fn main() {
                let s = socket(.tcp)
                s.connect(client, 20)
                for i in 1..\(writes) { compute(6ms); sleep(10ms); s.write(300B) }
            }
        }
        task talk {
            host = windows
            fn main() {
                sleep(5ms)
                while true {
                    windows.eth0.send(frame(.udp, to = .broadcast, port = 137, len = 90B))
                    sleep(10ms)
                }
            }
        }
        \(more)
        \(variant)
        expect never wedged(server)
        run for 120ms
    }
    """
  }

  static let flag = "server.pool.allocator = policies.receiver_first()"

  private func plan(_ script: String) throws -> RunPlan {
    let planned = Planner.plan(
      name: "race.ns", octets: Array(script.utf8), loader: TextLoader([:]))
    #expect(planned.diagnostics.isEmpty, "\(planned.diagnostics.map(\.title))")
    return try #require(planned.runs.first)
  }

  private func search(
    _ script: String, choices: Int? = nil, preemptions: Int = 0, states: Int = 20_000
  ) throws -> (StateSearch, StateSearch.Outcome) {
    let bounds = SearchBounds(choices: choices, preemptions: preemptions, states: states)
    let search = try #require(StateSearch(try plan(script), bounds, monitor: nil))
    while true {
      let outcome = search.step()
      if case .goesOn = outcome { continue }
      return (search, outcome)
    }
  }

  @Test("first come has an order that wedges, and its schedule gives that run")
  func wedges() throws {
    let (_, outcome) = try search(Self.race())
    guard case .found(let schedule) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    var plan = try plan(Self.race())
    for (choosing, verdict) in [(nil, RunVerdict.pass), (Choosing(schedule), .fail)] {
      plan.choosing = choosing
      let bench = Bench(plan)
      #expect(bench.prepare())
      bench.run()
      #expect(bench.result.verdict == verdict)
    }
  }

  @Test("with the flag tested on every request no order does", arguments: [0, 1, 2])
  func proves(preemptions: Int) throws {
    let (search, outcome) = try search(Self.race(Self.flag), preemptions: preemptions)
    guard case .exhausted = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(search.merged > 0 && search.ends > 0 && search.incomparable == 0)
  }

  @Test("the same search finds the same states, and a bound cuts it short")
  func bounds() throws {
    let (first, _) = try search(Self.race(Self.flag))
    let (second, _) = try search(Self.race(Self.flag))
    #expect(first.states == second.states && first.choices == second.choices)
    let (bounded, outcome) = try search(Self.race(Self.flag), choices: 2)
    guard case .exhausted = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(bounded.choices < first.choices)
    // With as many free choices as its schedule is long the wedge is found, with three it is not.
    guard case (_, .found(let schedule)) = try search(Self.race()) else {
      Issue.record("nothing was found")
      return
    }
    let length = (schedule.choices.lastIndex { $0 > 0 } ?? 0) + 1
    for (most, isFound) in [(3, false), (length, true)] {
      let (_, outcome) = try search(Self.race(), choices: most)
      if case .found = outcome { #expect(isFound) } else { #expect(!isFound, "\(most)") }
    }
    let (_, limited) = try search(Self.race(Self.flag), states: 2)
    guard case .limit = limited else {
      Issue.record("\(limited)")
      return
    }
  }

  @Test("what a script reads of counters tells its states apart")
  func counters() throws {
    let reads = "expect never server.pool.clusters.waits > 1_000"
    let (plain, _) = try search(Self.race(Self.flag))
    let (counting, outcome) = try search(Self.race(Self.flag, more: reads))
    guard case .exhausted = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(counting.states >= plain.states)
    let collects = "let waits = hist()"
    let (unknown, _) = try search(Self.race(Self.flag, more: collects), states: 30)
    #expect(unknown.merged == 0 && unknown.incomparable > 0)
  }

  /// Runs drawn orders, and from each place where a choice was made the usual one to the end.
  private func compare(_ script: String, schedules: Int, preemptions: Int) throws -> (
    states: Int, met: Int
  ) {
    let plan = try plan(script)
    var rests: [UInt128: [UInt64]] = [:]
    var met = 0
    for number in 0..<schedules {
      var drawn = plan
      let stream = RandomStream(seed: 7, path: "", purpose: "\(number)")
      drawn.choosing = Choosing(.drawn(stream), preemptions: preemptions)
      let bench = Bench(drawn)
      #expect(bench.prepare())
      var choices = 0
      var isOver = false
      while !isOver {
        isOver = bench.run(until: Halt(choices: choices + 1))
        if isOver { break }
        choices = bench.simulation.chooser.made.count
        guard let state = bench.stateHash(counts: false) else {
          Issue.record("a state that cannot be compared")
          return (0, 0)
        }
        let here = bench.checkpoint()
        let before = (bench.simulation.frameCount, bench.simulation.chooser.preemptionsLeft)
        bench.context.digest = Digest()
        bench.simulation.choose(by: .schedule([]), preemptions: before.1)
        _ = bench.run(until: Halt())
        let rest = [
          bench.context.digest.value, UInt64(bench.simulation.frameCount - before.0),
          UInt64(bench.simulation.now.nanoseconds),
          bench.result.verdict == .pass ? 1 : 0,
        ]
        if let known = rests[state] {
          #expect(known == rest, "equal states part, schedule \(number), choice \(choices)")
          met += 1
        } else {
          rests[state] = rest
        }
        bench.restore(here)
      }
    }
    return (rests.count, met)
  }

  @Test("states of equal hash go on alike, to the digest of what follows")
  func soundness() throws {
    var all = (states: 0, met: 0)
    for (script, preemptions) in [
      (Self.race(), 0), (Self.race(Self.flag), 1), (Self.race(writes: 8), 2),
      (Self.race("server.pool.waiting = .fifo", writes: 8), 1),
      (Self.race("ping echo { from = client; to = server; interval = 7ms }"), 1),
    ] {
      let (states, met) = try compare(script, schedules: 10, preemptions: preemptions)
      all.states += states
      all.met += met
    }
    #expect(all.states > 20 && all.met > 50, "\(all)")
  }

  /// A processor that takes its time, a writer as urgent as the network tasks, and chatter: ties
  /// wherever work queues up.
  private static let busy = race("server.pool.waiting = .fifo", writes: 8)
    .replacingOccurrences(of: "priority = 150", with: "priority = 100")
    .replacingOccurrences(of: "compute(6ms); ", with: "")
    .replacingOccurrences(
      of: "pool { clusters = 4; mbufs = 32 }",
      with: """
        pool { clusters = 6; mbufs = 48 }
        cpu { switch = 15us; interrupt = 10us; rx = 400us; ip = 250us; tcp_in = 800us }
        """
    )
    .replacingOccurrences(
      of: "expect never", with: "chatter noise { lan = office; rate = 300/s }\n    expect never")

  @Test("a state has one hash, whatever was in the memory that it came to lie in")
  func memory() throws {
    var hashes: [[UInt128?]] = []
    for octet: UInt8 in [0x00, 0xA5] {
      let spoilt = (1...40).map { count in
        let memory = UnsafeMutableRawPointer.allocate(byteCount: count << 11, alignment: 16)
        return memory.initializeMemory(as: UInt8.self, repeating: octet, count: count << 11)
      }
      for memory in spoilt { memory.deallocate() }
      let bench = Bench(try plan(Self.busy))
      #expect(bench.prepare())
      var met: [UInt128?] = []
      while !bench.run(until: Halt(event: Int64(met.count + 1) * 10)) {
        met.append(bench.stateHash(counts: false))
      }
      hashes.append(met)
    }
    #expect(hashes[0].count > 20 && hashes[0] == hashes[1])
  }

  @Test("the same where work queues up, with two orders")
  func busySoundness() throws {
    let (states, met) = try compare(Self.busy, schedules: 2, preemptions: 1)
    #expect(states > 20 && met > 0, "\(states) states, \(met) met again")
  }

  @Test(
    "the same with sixty orders and every manner of waiting",
    .enabled(if: ProcessInfo.processInfo.environment["NETSCRIPT_LONG"] != nil))
  func longSoundness() throws {
    for mode in [".poll", ".fifo", ".priority"] {
      let script = Self.busy.replacingOccurrences(of: "waiting = .fifo", with: "waiting = \(mode)")
      let (states, met) = try compare(script, schedules: 20, preemptions: 3)
      #expect(states > 50 && met > 20, "\(states) states, \(met) met again")
    }
  }
}
