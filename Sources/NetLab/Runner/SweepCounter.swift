// How many values each sweep has, and which seeds: asked of a VM that runs nothing else.

import NetScript

/// Evaluates the sweeps of a plan with its files run and its params as the variant and `--set` have
/// them.
final class SweepCounter {
  private let plan: RunPlan
  private let bench: Bench

  init(_ plan: RunPlan) {
    self.plan = plan
    bench = Bench(plan)
  }

  /// The points, or nil when they cannot be told.
  func points(_ diagnostics: inout [Diagnostic]) -> SweepPoints? {
    let sweeps = plan.sweeps
    do throws(RuntimeError) {
      if !sweeps.isEmpty { try bench.declareFiles() }
      // As texts and not as values, which the VM may move.
      var axes: [[SweepPoints.Axis]] = []
      for sweep in sweeps { axes.append(try self.axes(of: sweep)) }
      return SweepPoints(axes, seeds: plan.options.seeds)
    } catch {
      // Each variant asks again; a mistake of the whole case is told once.
      if let diagnostic = error.diagnostic, !diagnostics.contains(diagnostic) {
        diagnostics.append(diagnostic)
      }
      return nil
    }
  }

  private func axes(of sweep: SweepTemplate) throws(RuntimeError) -> [SweepPoints.Axis] {
    var all: [SweepPoints.Axis] = []
    for axis in sweep.axes {
      guard axis.global != nil || axis.name == "seed" else {
        throw RuntimeError(
          "N306", "there is no param `\(axis.name)` to sweep", at: axis.span,
          help: "`param \(axis.name) = …` above the case")
      }
      let values = try bench.values(of: axis)
      if values.isEmpty {
        throw RuntimeError(
          "N423", "there is no value in the sweep of `\(axis.name)`", at: axis.span,
          help: "`1..3` is 1, 2 and 3, `3..1` nothing")
      }
      if let known = all.first?.count, known != values.count {
        throw RuntimeError(
          "N423", "\(known) and \(values.count) values cannot go in lockstep", at: axis.span,
          help: "two sweeps make a product")
      }
      var known = SweepPoints.Axis(
        name: axis.name, isSeed: axis.name == "seed",
        isSet: plan.settings.contains { $0.name == axis.name })
      for value in values {
        if known.isSeed {
          known.seeds.append(try seed(value, axis))
        } else {
          known.texts.append(bench.vm.text(value))
          known.literals.append(bench.vm.quoted(value))
        }
      }
      all.append(known)
    }
    return all
  }

  private func seed(_ value: Value, _ axis: SweepTemplate.Axis) throws(RuntimeError) -> UInt64 {
    if let number = value.asInt, number >= 0 { return UInt64(number) }
    throw RuntimeError(
      "N423", "a seed is an Int from 0, not \(bench.vm.text(value))", at: axis.span,
      help: "`sweep seed in 1..20`")
  }
}
