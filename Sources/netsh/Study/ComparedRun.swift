// Where two runs part, told with what both did before and each did then.

import NetLab
import NetScript

/// One of two runs.
struct ComparedRun {
  var plan: RunPlan
  var script: ScriptFile

  /// All that the options leave of a script.
  static func runs(
    of script: ScriptFile, _ options: RunOptions, _ terminal: Terminal
  ) throws -> [ComparedRun] {
    let planned = planned(script, options, try ChosenLimits(options.limits))
    let renderer = DiagnosticRenderer(planned.files)
    for diagnostic in planned.diagnostics { terminal.tell(renderer.render(diagnostic)) }
    guard planned.diagnostics.isEmpty else { throw Failure(.scriptError) }
    return planned.runs.map { ComparedRun(plan: $0, script: script) }
  }

  /// A few lines before, and a few of each side from there on.
  func compare(with other: ComparedRun) throws -> [String] {
    let sides = [self, other]
    let benches = try sides.map { side in
      let bench = Bench(side.plan)
      guard bench.prepare() else {
        throw Failure(.scriptError, "\(side.plan.name): `netsh check` tells what is wrong.")
      }
      return bench
    }
    guard let part = Determinism.part(of: benches[0], benches[1]) else {
      let result = benches[0].result
      return [
        "the same to the end: \(Spelling.grouped(result.events)) events, "
          + "digest \(result.digestText)"
      ]
    }
    var told = sides.map { $0.lines(around: part.event) }
    var lines = [
      "the first event that differs: #\(Spelling.grouped(part.event)) at \(TimeText.text(part.at))"
    ]
    while let line = told[0].first, line == told[1].first {
      lines.append(line)
      told[0].removeFirst()
      told[1].removeFirst()
    }
    for (side, told) in zip(sides, told) {
      lines += [side.plan.name] + (told.isEmpty ? ["             nothing that is recorded"] : told)
    }
    return lines
  }

  private func lines(around event: Int64) -> [String] {
    Workbench.open(plan, octets: Array(script.text.utf8)).workbench?
      .lines(from: event - 3, to: event + 2) ?? []
  }
}
