// Any script that is nearly a lab ends in diagnostics, verdicts or a fault: planning, elaboration,
// and the first events of its runs. Whatever a run does, it does again from a checkpoint.

import Fuzzing
import NetScript
import NetStack
import Testing

@testable import NetLab

struct FuzzLabTests {
  /// The scripts of the project, for imports too.
  private static let files = Corpus.scripts(
    under: ["examples", "Sources/NetLab/Std", "Tests/Scripts"])

  /// Those, and what pages and tests show: parts of a lab within the first lab that they fit.
  private static let corpus: [[UInt8]] =
    files.map(\.octets)
    + Corpus.blocks(under: ["docs", "Sources/netsh/Explain", "Tests/NetLabTests"]).map(whole)

  private static func whole(_ block: [UInt8]) -> [UInt8] {
    let text = String(decoding: block, as: UTF8.self)
    let labs = [text, inServer(text), inLab(text + "\nrun for 1s")].map { Array($0.utf8) }
    return labs.first { lab in
      let planned = Planner.plan(name: "fuzz.ns", octets: lab, loader: Files(), options: options)
      guard planned.diagnostics.isEmpty, let plan = planned.runs.first else { return false }
      return plan.caseIndex != nil && Bench(plan).prepare()
    } ?? block
  }

  private final class Files: Loader {
    func load(_ path: String, from importer: String) -> LoadedSource {
      guard let file = files.first(where: { $0.path == path }) else {
        return .missing(title: "no file `\(path)`", help: nil)
      }
      return .found(name: path, octets: file.octets)
    }
  }

  private final class Sink: OutputSink {
    var count = 0
    func append(_ octets: [UInt8], to file: String) { count += octets.count }
  }

  /// Ends a run that goes on and on, as a limit of CPU time would; a run that does not ask hangs.
  private final class Patience: RunMonitor {
    private var left = 20
    var isOver: Bool { left <= 0 }
    func pulse(now: Instant, events: Int64) -> RunOrder {
      left -= 1
      return isOver ? .outOfTime : .goOn
    }
  }

  private static let options: PlanOptions = {
    var options = PlanOptions()
    options.limits.vm.steps = 200_000
    options.limits.vm.heapOctets = 8 << 20
    options.limits.hookSteps = 10_000
    options.limits.samples = 1_000
    options.limits.outputOctets = 100_000
    options.limits.captureOctets = 100_000
    options.limits.runs = 50
    options.limits.standstill = 10_000
    return options
  }()

  @Test("mutated labs end in diagnostics, verdicts or a fault, and do the same from a checkpoint")
  func labs() {
    #expect(Self.corpus.count > 250)
    let run = FuzzRun("NetLab", corpus: Self.corpus) { input, random in
      Self.complaint(about: input, &random)
    }
    let outcome = run.run()
    print("fuzz NetLab: \(outcome.cases) cases")
    #expect(outcome.failure == nil)
    #expect(outcome.cases > 0)
  }

  private static func complaint(about input: [UInt8], _ random: inout CounterRandom) -> String? {
    let planned = Planner.plan(
      name: "fuzz.ns", octets: input, loader: Files(), options: drawOptions(&random))
    let renderer = DiagnosticRenderer(planned.files)
    for diagnostic in planned.diagnostics.prefix(20) { _ = renderer.render(diagnostic) }
    if planned.runs.isEmpty && planned.diagnostics.isEmpty { return "no run, and nothing says why" }
    guard !planned.runs.isEmpty else { return nil }
    for _ in 0..<2 {
      let plan = random.pick(Array(planned.runs))
      let bench = Bench(plan)
      let patience = Patience()
      let writes = random.chance(50)
      bench.attach(monitor: patience, sink: writes ? Sink() : nil)
      if bench.prepare() && plan.runs { bench.run() }
      for diagnostic in bench.diagnostics.prefix(20) {
        // Statements of settings and std have files of their own; those are known to the program.
        if Int(diagnostic.primary.span.file.rawValue) < planned.files.files.count {
          _ = renderer.render(diagnostic)
        }
      }
      _ = TextReport().lines(bench.result)
      if !writes, !patience.isOver,
        let complaint = complaintAboutCheckpoint(of: plan, bench, &random)
      {
        return complaint
      }
    }
    return nil
  }

  /// What a user may type beside the script: mostly nothing.
  private static func drawOptions(_ random: inout CounterRandom) -> PlanOptions {
    var options = options
    options.limits.events = random.pick([500, 2_000, 2_000, 20_000])
    options.onlyChecks = random.chance(20)
    if random.chance(10) {
      let name = random.pick(["gap", "n", "size", "server.mbufs", "office.rate", "probe.interval"])
      let value = random.pick([
        "1", "0", "-1", "5ms", "1KiB", "10Mbps", "none", "[1]", "uniform(1, 2)",
      ])
      options.settings = [(name: name, text: value)]
    }
    if random.chance(10) {
      let lines = random.pick(corpus).split(separator: 10)
      if !lines.isEmpty {
        options.statements = [String(decoding: random.pick(lines), as: UTF8.self)]
      }
    }
    return options
  }

  // MARK: Again

  /// What can be seen of a run.
  private static func seen(_ bench: Bench) -> [String] {
    let result = bench.result
    return ["\(result.digest) \(result.events)"] + result.lines
      + result.expectations.map { "\($0.verdict) \($0.at.nanoseconds) \($0.detail)" }
      + [result.fault.map { "\($0.error.code) \($0.error.title)" } ?? ""]
  }

  /// A run that is stopped somewhere, goes on, and goes on from there again, does what it did.
  private static func complaintAboutCheckpoint(
    of plan: RunPlan, _ first: Bench, _ random: inout CounterRandom
  ) -> String? {
    guard plan.runs, random.chance(30) else { return nil }
    let bench = Bench(plan)
    let end = first.result.endedAt.nanoseconds
    let middle = Instant(nanoseconds: Int64(random.next() >> 1) % max(end, 1))
    guard bench.prepare(), !bench.run(until: middle) else { return nil }
    let checkpoint = bench.checkpoint()
    bench.run()
    let once = seen(bench)
    bench.restore(checkpoint)
    bench.run()
    let twice = seen(bench)
    if once != twice { return "from a checkpoint at \(middle): \(once)\nand again: \(twice)" }
    let whole = seen(first)
    return once == whole ? nil : "stopped at \(middle): \(once)\nat once: \(whole)"
  }
}
