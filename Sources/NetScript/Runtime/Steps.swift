// Steps are given out in slices; between two of them the embedder is asked whether to go on.
//
// The dispatch loop counts down one number, as ever. What may take long for one step uses up more
// of its slice: the steps that are left are the same.

/// Steps that a script may still take.
struct Steps {
  /// Of the slice under way; less than none when it is used up.
  var ofSlice: Int
  private var kept: Int

  /// Some milliseconds at most, whatever the script does with them.
  static let slice = 65_536
  /// What one call of the embedder or the library counts for in its slice.
  static let ofCall = 256

  init(_ count: Int) {
    ofSlice = min(count, Steps.slice)
    kept = count - ofSlice
  }

  var left: Int { ofSlice + kept }

  /// Leaves no more than so many; `giveBack` adds what that took away.
  @inline(__always)
  mutating func setAside(beyond most: Int) -> Int {
    let spared = left - most
    if spared <= 0 { return 0 }
    self = Steps(most)
    return spared
  }

  @inline(__always)
  mutating func giveBack(_ count: Int) { self = Steps(left + count) }

  /// One step has taken as long as so many.
  mutating func weigh(_ count: Int) {
    ofSlice -= count
    kept += count
  }
}

extension VM {
  /// Steps that the script's own flow may still take.
  public var stepsLeft: Int {
    @inline(__always) get { state.pointee.steps.left }
    @inline(__always) set { state.pointee.steps = Steps(newValue) }
  }

  /// No more than so many steps until `giveBack` gets what this returns.
  public func setAside(beyond most: Int) -> Int { state.pointee.steps.setAside(beyond: most) }

  public func giveBack(_ count: Int) { state.pointee.steps.giveBack(count) }

  /// The slice is used up: the next begins, unless the embedder has had enough.
  func beginSlice() throws(RuntimeError) {
    let left = stepsLeft
    if left < 0 { throw stepsExhausted() }
    stepsLeft = left
    try embedder.worked()
  }

  /// A library's work on all of a value.
  func weigh(_ value: Value) {
    let count = value.livesInHeap ? heap.slots[value.handle].count >> 2 : 0
    state.pointee.steps.weigh(Steps.ofCall + count)
  }

  /// Gives a call steps of its own. What it used counts for the slice around it.
  @inline(__always)
  func withBudget<Result>(
    _ budget: Int, _ body: () throws(RuntimeError) -> Result
  ) throws(RuntimeError) -> Result {
    let outer = state.pointee.steps
    stepsLeft = budget
    defer {
      let used = budget - stepsLeft
      state.pointee.steps = outer
      state.pointee.steps.weigh(used)
    }
    return try body()
  }
}
