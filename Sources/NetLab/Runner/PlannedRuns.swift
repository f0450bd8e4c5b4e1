// The runs of a script, in the order of their plan.

/// Each is made when somebody asks for it: of ten thousand at once, made before the first of them
/// runs, only one core would have work.
public struct PlannedRuns: RandomAccessCollection, Sendable {
  /// The points of one case and variant.
  private struct Block: Sendable {
    var plan: RunPlan
    var points: SweepPoints
    /// Runs before it.
    var first: Int
  }
  private var blocks: [Block] = []
  public private(set) var count = 0

  init() {}

  /// - Parameter plan: what its points have in common.
  /// - Parameter most: how many of its points are wanted.
  mutating func add(_ plan: RunPlan, _ points: SweepPoints, most: Int = .max) {
    guard Swift.min(points.count, most) > 0 else { return }
    blocks.append(Block(plan: plan, points: points, first: count))
    count += Swift.min(points.count, most)
  }

  public var startIndex: Int { 0 }
  public var endIndex: Int { count }

  public subscript(place: Int) -> RunPlan {
    precondition(indices.contains(place), "no such run")
    // Few: a case and variant each. Read in place: a copy would count what all of them share.
    let block = blocks.lastIndex { $0.first <= place }!
    var plan = blocks[block].plan
    blocks[block].points.place(&plan, at: place - blocks[block].first)
    plan.isFirstOfVariant = place == blocks[block].first
    return plan
  }

  /// Places of the first runs of each case and variant.
  public var firsts: [Int] { blocks.map { $0.first } }
}
