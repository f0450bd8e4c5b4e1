// Fault points: where a run can let go wrong what in the model goes right.
//
// They come in as the allocation policy does, as an argument of each entry: nothing of a script is
// engine state but a mark at each point that somebody has filled. Points without it ask nobody.

public protocol FaultPoints: AnyObject {
  /// How much longer a task keeps a lock that it has just got, in CPU time.
  func hold(lock: Int32, task: Int32) -> TimeSpan
}
