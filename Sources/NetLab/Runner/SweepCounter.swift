// How many values each sweep has, and which seeds: asked of a VM that runs nothing else.

import NetScript

/// Evaluates the sweeps of a plan with its files run and its params as the variant and `--set` have
/// them.
final class SweepCounter {
  private let plan: RunPlan
  private let bench: Bench
  private let sweeps: [SweepTemplate]
  /// By sweep and axis, once `sizes` has asked; not as values, which the VM may move.
  private var axes: [[Axis]] = []

  private struct Axis {
    /// Of a seed the numbers, of everything else the texts.
    var seeds: [UInt64] = []
    var texts: [String] = []
    var literals: [String] = []
    var count: Int { max(seeds.count, texts.count) }
  }

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
      axes = []
      for sweep in sweeps { axes.append(try axes(of: sweep)) }
      return axes.map { $0.first?.count ?? 0 }
    } catch {
      // Each variant asks again; a mistake of the whole case is told once.
      if let diagnostic = error.diagnostic, !diagnostics.contains(diagnostic) {
        diagnostics.append(diagnostic)
      }
      return nil
    }
  }

  private func axes(of sweep: SweepTemplate) throws(RuntimeError) -> [Axis] {
    var all: [Axis] = []
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
      var known = Axis()
      for value in values {
        if axis.name == "seed" {
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
      for (axis, one) in sweep.axes.enumerated() where one.name == "seed" {
        let seed = axes[place][axis].seeds[point[place]]
        return seed...seed
      }
    }
    return 1...1
  }

  /// What a point gives each param that is swept.
  func settings(at point: [Int]) -> [PointValue] {
    var settings: [PointValue] = []
    for (place, sweep) in sweeps.enumerated() {
      for (axis, one) in sweep.axes.enumerated() where one.name != "seed" {
        if plan.settings.contains(where: { $0.name == one.name }) { continue }
        let (values, position) = (axes[place][axis], point[place])
        settings.append(
          PointValue(
            name: one.name, text: values.texts[position], literal: values.literals[position]))
      }
    }
    return settings
  }
}
