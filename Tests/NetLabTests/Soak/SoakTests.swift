// The soak: random labs, each run straight, and again with checkpoints at random events from which
// it goes on.
//
// What must hold inside is checked by the engine itself, in every build: a lab that breaks it ends
// the process, and the last line printed names its seed. NETSCRIPT_SOAK says how many labs (5), and
// NETSCRIPT_SOAK_LAB which one alone, whose script it shows.
//
// A lab that has found something is kept in Tests/Corpus/labs: the same seed draws another one when
// the generator has learned something new.

import Foundation
import Fuzzing
import NetScript
import NetSim
import NetStack
import Testing

@testable import NetLab

@Suite("Soak")
struct SoakTests {
  @Test("random topologies: invariants hold, and what goes on from a checkpoint ends the same")
  func labs() throws {
    let environment = ProcessInfo.processInfo.environment
    func number(_ name: String) -> UInt64? { environment["NETSCRIPT_" + name].flatMap(UInt64.init) }
    let one = number("SOAK_LAB")
    let count = number("SOAK") ?? 5
    var events: Int64 = 0
    for seed in one.map({ $0...$0 }) ?? 1...count {
      let lab = SoakLab(seed: seed)
      if one != nil { print(lab.text) }
      if count > 5 { print("soak: \(lab.name)") }
      events += try check(lab)
    }
    print("soak: \(events) events")
  }

  @Test("labs that once broke an invariant keep it")
  func kept() throws {
    let labs = Corpus.scripts(under: ["Tests/Corpus/labs"])
    #expect(!labs.isEmpty)
    for lab in labs {
      _ = try check(SoakLab(name: lab.path, text: String(decoding: lab.octets, as: UTF8.self)))
    }
  }

  /// - Returns: how many events a run has.
  private func check(_ lab: SoakLab) throws -> Int64 {
    let straight = try bench(lab)
    straight.run()
    #expect(straight.result.fault == nil, "\(lab.name): \(straight.result.faultText ?? "")")
    let whole = straight.result

    let halting = try bench(lab)
    var random = CounterRandom(seed: lab.seed ^ 0x50AC)
    for _ in 0..<4 {
      let stop = Int64(random.below(max(Int(whole.events), 1)))
      if stop < halting.simulation.events { continue }
      if halting.run(until: Halt(event: stop)) { break }
      checkConservation(halting)
      let checkpoint = halting.checkpoint()
      _ = halting.run(until: Halt(event: stop + Int64(random.below(3000))))
      checkConservation(halting)
      halting.restore(checkpoint)
    }
    halting.run()
    #expect(halting.result.digest == whole.digest, "\(lab.name): another digest")
    #expect(halting.result.events == whole.events, "\(lab.name): other events")
    checkConservation(halting)
    return whole.events
  }

  private func checkConservation(_ bench: Bench) {
    for host in bench.simulation.processors.indices {
      bench.simulation.checkConservation(of: Int32(host))
    }
  }

  private func bench(_ lab: SoakLab) throws -> Bench {
    let planned = Planner.plan(
      name: "soak.ns", octets: Array(lab.text.utf8), loader: TextLoader([:]))
    let renderer = DiagnosticRenderer(planned.files)
    try #require(
      planned.diagnostics.isEmpty, "\(planned.diagnostics.map { renderer.render($0) })\(lab.text)")
    let bench = Bench(planned.runs[0])
    try #require(
      bench.prepare(), "\(bench.diagnostics.map { renderer.render($0) })\(lab.text)")
    return bench
  }
}
