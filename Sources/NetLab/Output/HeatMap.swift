// Two params against each other: how many runs failed at each point, and the frontier between the
// points at which all pass and the others. The second param grows upwards.

public struct HeatMap: Sendable {
  /// What came of all runs at one point.
  public struct Square: Sendable {
    public var passed: Int
    public var runs: Int
    /// What is shown instead of how many failed, and as which share of the most.
    public var value: (text: String, share: Double)?

    public init(passed: Int, runs: Int, value: (text: String, share: Double)? = nil) {
      self.passed = passed
      self.runs = runs
      self.value = value
    }

    var isGood: Bool { passed == runs }
    var failed: Double { runs > 0 ? Double(runs - passed) / Double(runs) : 0 }
    /// How dark it is.
    var shade: Double { value?.share ?? failed }
  }

  public var title: String
  /// What the squares show; nil: how many runs failed.
  public var measure: String?
  public var across: (name: String, values: [String])
  public var upwards: (name: String, values: [String])
  /// By the second param, then by the first; nil where nothing ran.
  public var squares: [[Square?]]

  public init(
    title: String, measure: String?, across: (name: String, values: [String]),
    upwards: (name: String, values: [String]), squares: [[Square?]]
  ) {
    self.title = title
    self.measure = measure
    self.across = across
    self.upwards = upwards
    self.squares = squares
  }

  func square(_ row: Int, _ column: Int) -> Square? {
    squares.indices.contains(row) && squares[row].indices.contains(column)
      ? squares[row][column] : nil
  }

  /// Whether the frontier goes between two squares.
  func isParted(_ one: Square?, _ other: Square?) -> Bool {
    guard let one, let other else { return false }
    return one.isGood != other.isGood
  }

  /// Right of a square: a part of the frontier that stands.
  func isWall(_ row: Int, _ column: Int) -> Bool {
    isParted(square(row, column), square(row, column + 1))
  }

  /// Below a square: a part that lies.
  func isFloor(_ row: Int, _ column: Int) -> Bool {
    isParted(square(row, column), square(row - 1, column))
  }
}
