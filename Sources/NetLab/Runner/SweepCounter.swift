// How many values each sweep has, and which seeds: asked of a VM that runs nothing else.

import NetScript

/// Evaluates the sweeps of a plan with its files run and its params as the variant and `--set` have
/// them.
final class SweepCounter {
  private let plan: RunPlan
  private let bench: Bench
  private let sweeps: [SweepTemplate]

  init(_ plan: RunPlan) {
    self.plan = plan
    sweeps = plan.sweeps
    bench = Bench(plan)
  }

  /// The number of points of each sweep, or nil when one cannot be told.
  func sizes(_ diagnostics: inout [Diagnostic]) -> [Int]? {
    if sweeps.isEmpty { return [] }
    do throws(RuntimeError) {
      try bench.declareFiles()
      var sizes: [Int] = []
      for sweep in sweeps { sizes.append(try size(of: sweep)) }
      return sizes
    } catch {
      // Each variant asks again; a mistake of the whole case is told once.
      if let diagnostic = error.diagnostic, !diagnostics.contains(diagnostic) {
        diagnostics.append(diagnostic)
      }
      return nil
    }
  }

  private func size(of sweep: SweepTemplate) throws(RuntimeError) -> Int {
    var size: Int? = nil
    for axis in sweep.axes {
      guard axis.global != nil || axis.name == "seed" else {
        throw RuntimeError(
          "N306", "there is no param `\(axis.name)` to sweep", at: axis.span,
          help: "`param \(axis.name) = …` above the case")
      }
      let values = try bench.values(of: axis)
      if let known = size, known != values.count {
        throw RuntimeError(
          "N423", "\(known) and \(values.count) values cannot go in lockstep", at: axis.span,
          help: "two sweeps make a product")
      }
      if axis.name == "seed" { try checkSeeds(values, axis) }
      size = values.count
    }
    return size ?? 0
  }

  private func checkSeeds(
    _ values: [Value], _ axis: SweepTemplate.Axis
  ) throws(RuntimeError) {
    for value in values where (value.asInt ?? -1) < 0 {
      throw RuntimeError(
        "N423", "a seed is an Int from 0, not \(bench.vm.text(value))", at: axis.span,
        help: "`sweep seed in 1..20`")
    }
  }

  /// True for a sweep of which the command line has said every value: it stays at its first point.
  func isReplaced(_ sweep: Int, hasSeeds: Bool) -> Bool {
    sweeps[sweep].axes.allSatisfy { axis in
      axis.name == "seed" ? hasSeeds : plan.settings.contains { $0.name == axis.name }
    }
  }

  /// The seed of a point; those of the command line come instead.
  func seeds(at point: [Int], _ chosen: ClosedRange<UInt64>?) -> ClosedRange<UInt64> {
    // As a range: there may be more of them than memory.
    if let chosen { return chosen }
    for (place, sweep) in sweeps.enumerated() {
      for axis in sweep.axes where axis.name == "seed" {
        guard let values = try? bench.values(of: axis), point[place] < values.count,
          let seed = values[point[place]].asInt, seed >= 0
        else { continue }
        return UInt64(seed)...UInt64(seed)
      }
    }
    return 1...1
  }
}
