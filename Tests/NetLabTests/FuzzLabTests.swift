// Any script that is nearly a lab ends in diagnostics, verdicts or a fault: planning, elaboration,
// and the first events of its runs.

import Fuzzing
import NetScript
import Testing

@testable import NetLab

struct FuzzLabTests {
  /// The scripts of the project, for imports too.
  private static let corpus = Corpus.scripts(
    under: ["examples/torre-2004", "examples/bench", "Sources/NetLab/Std", "Tests/Scripts", "docs"])

  private final class Files: Loader {
    func load(_ path: String, from importer: String) -> LoadedSource {
      guard let file = corpus.first(where: { $0.path == path }) else {
        return .missing(title: "no file `\(path)`", help: nil)
      }
      return .found(name: path, octets: file.octets)
    }
  }

  private final class Sink: OutputSink {
    var count = 0
    func append(_ octets: [UInt8], to file: String) { count += octets.count }
  }

  private static let limits: RunLimits = {
    var limits = RunLimits()
    limits.vm.steps = 200_000
    limits.vm.heapOctets = 8 << 20
    limits.events = 2_000
    limits.hookSteps = 10_000
    limits.samples = 1_000
    limits.outputOctets = 100_000
    limits.captureOctets = 100_000
    limits.runs = 50
    limits.standstill = 10_000
    return limits
  }()

  @Test("mutated labs end in diagnostics, verdicts or a fault")
  func labs() {
    #expect(Self.corpus.count > 20)
    let run = FuzzRun("NetLab", corpus: Self.corpus.map(\.octets)) { input, random in
      Self.complaint(about: input, &random)
    }
    let outcome = run.run(share: 0.5)
    print("fuzz NetLab: \(outcome.cases) cases")
    #expect(outcome.failure == nil)
    #expect(outcome.cases > 0)
  }

  private static func complaint(about input: [UInt8], _ random: inout CounterRandom) -> String? {
    var options = PlanOptions()
    options.limits = limits
    options.onlyChecks = random.chance(40)
    let planned = Planner.plan(name: "fuzz.ns", octets: input, loader: Files(), options: options)
    let renderer = DiagnosticRenderer(planned.files)
    for diagnostic in planned.diagnostics.prefix(20) { _ = renderer.render(diagnostic) }
    if planned.runs.isEmpty && planned.diagnostics.isEmpty { return "no run, and nothing says why" }
    guard !planned.runs.isEmpty else { return nil }
    for _ in 0..<2 {
      let plan = random.pick(planned.runs)
      let bench = Bench(plan)
      bench.attach(monitor: nil, sink: Sink())
      if bench.prepare() && plan.runs { bench.run() }
      for diagnostic in bench.diagnostics.prefix(20) {
        // Statements of settings and std have files of their own; those are known to the program.
        if Int(diagnostic.primary.span.file.rawValue) < planned.files.files.count {
          _ = renderer.render(diagnostic)
        }
      }
      _ = TextReport().lines(bench.result)
    }
    return nil
  }
}
