// How many values each sweep has, and which seeds: asked of a VM that runs nothing else.

import NetScript

/// Evaluates the sweeps of a plan with its files run and its params at their defaults.
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
      try bench.prepareParams()
      var sizes: [Int] = []
      for sweep in sweeps { sizes.append(try size(of: sweep)) }
      return sizes
    } catch {
      if let diagnostic = error.diagnostic { diagnostics.append(diagnostic) }
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
      size = values.count
    }
    return size ?? 0
  }

  /// True for a sweep whose only axis is `seed`.
  func isOnlySeed(_ sweep: Int) -> Bool {
    sweeps[sweep].axes.count == 1 && sweeps[sweep].axes[0].name == "seed"
  }

  /// The seed of a point; those of the command line come instead.
  func seeds(at point: [Int], _ chosen: ClosedRange<UInt64>?) -> [UInt64] {
    if let chosen { return chosen.map { $0 } }
    for (place, sweep) in sweeps.enumerated() {
      for axis in sweep.axes where axis.name == "seed" {
        guard let values = try? bench.values(of: axis), point[place] < values.count,
          let seed = values[point[place]].asInt
        else { continue }
        return [UInt64(bitPattern: seed)]
      }
    }
    return [1]
  }
}

extension Bench {
  /// Runs the files and gives params their values, and nothing else: for what sweeps mention.
  func prepareParams() throws(RuntimeError) {
    for index in program.modules.indices {
      let module = program.modules[index]
      for param in module.params { try vm.prepare(param) }
      if module.isRoot && plan.caseIndex == nil { continue }
      try vm.runModule(index)
    }
    for param in plan.caseTemplate?.params ?? [] { try vm.prepare(param) }
  }

  func values(of axis: SweepTemplate.Axis) throws(RuntimeError) -> [Value] {
    let values = try vm.call(vm.closure(of: axis.values), budget: plan.limits.hookSteps)
    guard let elements = vm.elements(values) else {
      throw RuntimeError(
        "N422", "a sweep needs a list or a range of Ints", at: axis.span,
        help: "`sweep \(axis.name) in [1, 2, 5]` or `in 1..20`")
    }
    return elements
  }
}
