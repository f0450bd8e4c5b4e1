// Fault points: where a run can let go wrong what in the model goes right.
//
// They come in as the allocation policy does, as an argument of each entry: nothing of a script is
// engine state but a mark at each point that somebody has filled. Points without it ask nobody.

/// Where a frame passes by.
public enum FramePoint: UInt8, Sendable {
  /// On a medium, between its stations.
  case medium
  /// Into a port, out of a port.
  case receive, transmit
}

/// What becomes of it.
public enum FrameFate: Equatable, Sendable {
  case pass, drop, duplicate
  /// One bit is turned over, by its number.
  case corrupt(bit: Int)
  /// The hardware refuses it: of a transmit ring only.
  case fail
  /// It goes on so much later.
  case late(TimeSpan)
  /// So many other frames take its place: `replacement`.
  case instead(Int)
}

public protocol FaultPoints: AnyObject {
  /// How much longer a task keeps a lock that it has just got, in CPU time.
  func hold(lock: Int32, task: Int32) -> TimeSpan
  /// Whether a buffer that should go back is forgotten instead.
  func keeps(_ buffer: ReleasedBuffer, at instant: Instant) -> Bool
  /// Whether the wake-up that a release gives this waiter reaches nobody.
  func loses(_ request: AllocationRequest) -> Bool
  /// - Parameter number: of the link, or of the port.
  func fate(
    of frame: UnsafeRawBufferPointer, _ point: FramePoint, _ number: Int32, at instant: Instant
  ) -> FrameFate
  /// A frame of the last `.instead`: good until the next question.
  func replacement(_ index: Int) -> UnsafeRawBufferPointer
}
