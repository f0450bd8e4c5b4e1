// The virtual machine: one run of one program. Its verbs are what the embedder calls.
//
// Not thread-safe and not re-entrant from other threads; the embedder may call back into it from
// any of its own methods (a nested call runs on a fiber of its own).

/// What a run may use up. Reaching one is a `RuntimeError` with `isLimit`.
public struct Limits: Sendable {
  /// Interpreted steps of the script's own flow: a call is one, a turn of a loop is as many as the
  /// loop has instructions.
  public var steps = 1_000_000_000
  /// Frames of one fiber: deep enough for a tree walk, shallow enough to name a lost recursion.
  public var frames = 200
  /// Octets of strings, lists, maps and closures that are alive.
  public var heapOctets = 64 << 20

  public init() {}
}

/// What a fiber came to.
public enum Progress {
  case done(Value)
  case suspended
  case failed(RuntimeError)
}
