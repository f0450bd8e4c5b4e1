// The points of a case and variant, told by their numbers.

/// The product of its sweeps, the last one fastest, and within each point its seeds.
///
/// Ten thousand points are no longer than their axes: each is made when its run is.
struct SweepPoints: Sendable {
  struct Axis: Sendable {
    var name: String
    var isSeed: Bool
    /// The command line has said its value.
    var isSet: Bool
    /// Of a seed the numbers, of everything else the texts.
    var seeds: [UInt64] = []
    var texts: [String] = []
    var literals: [String] = []
    var count: Int { max(seeds.count, texts.count) }
    /// Gives a param its values.
    var isSwept: Bool { !isSeed && !isSet }

    func value(at position: Int) -> PointValue {
      PointValue(name: name, text: texts[position], literal: literals[position])
    }
  }
  /// By sweep and axis.
  private let axes: [[Axis]]
  /// Positions on each sweep; one where the command line has said every value.
  private let sizes: [Int]
  /// Those of the command line come instead of the sweeps'. A range: there may be more of them than
  /// memory.
  private let seeds: ClosedRange<UInt64>?
  private let seedCount: Int
  /// Of all runs; `Int.max` for more than can be counted.
  let count: Int

  init(_ axes: [[Axis]], seeds: ClosedRange<UInt64>?) {
    self.axes = axes
    self.seeds = seeds
    sizes = axes.map { axes in
      let isReplaced = axes.allSatisfy { $0.isSeed ? seeds != nil : $0.isSet }
      return isReplaced ? 1 : axes[0].count
    }
    let last = seeds.map { $0.upperBound - $0.lowerBound } ?? 0
    seedCount = Int(clamping: last) == .max ? .max : Int(last) + 1
    count = sizes.reduce(seedCount) { product, size in
      let (product, isTooLarge) = product.multipliedReportingOverflow(by: size)
      return isTooLarge ? .max : product
    }
  }

  /// Gives a plan its point and its seed.
  ///
  /// - Parameter number: below `count`.
  func place(_ plan: inout RunPlan, at number: Int) {
    let (point, seed) = number.quotientAndRemainder(dividingBy: seedCount)
    var positions = sizes
    var rest = point
    for sweep in sizes.indices.reversed() {
      (rest, positions[sweep]) = rest.quotientAndRemainder(dividingBy: sizes[sweep])
    }
    plan.seed = seeds.map { $0.lowerBound + UInt64(seed) } ?? sweptSeed(at: positions)
    plan.point = settings(at: positions)
    plan.sweepPositions = positions.indices.map {
      SweepPosition(sweep: $0, position: positions[$0])
    }
  }

  private func sweptSeed(at positions: [Int]) -> UInt64 {
    for sweep in axes.indices {
      if let seed = axes[sweep].firstIndex(where: { $0.isSeed }) {
        return axes[sweep][seed].seeds[positions[sweep]]
      }
    }
    return 1
  }

  /// What a point gives each param that is swept.
  private func settings(at positions: [Int]) -> [PointValue] {
    var settings: [PointValue] = []
    for sweep in axes.indices {
      for axis in axes[sweep].indices where axes[sweep][axis].isSwept {
        settings.append(axes[sweep][axis].value(at: positions[sweep]))
      }
    }
    return settings
  }
}
