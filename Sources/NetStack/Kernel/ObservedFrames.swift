// Frames that an observer wants to keep, copied as they leave a port and as they come to one.
//
// Not engine state: the buffer is the context's, nothing in the simulation reads it, and copying
// into it takes neither a number nor time.

/// Why a frame went no further than where it was seen.
public enum FrameLoss: Sendable, Equatable {
  /// The receive ring had no descriptor for it, or a station without a stack no room.
  case overrun
  /// Its CRC was wrong; it was longer than the hardware takes, or than its buffer.
  case damaged, tooLong
  /// The hardware did not take it.
  case refused
  /// A fault point of the interface.
  case faulty
  /// The medium, and why: the number of `LossReason` in NetSim.
  case lost(Int64)
}

/// What of a host's two classes was free, and who waited.
public struct PoolLevels: Sendable {
  public var mbufs: Int32 = 0
  public var clusters: Int32 = 0
  public var mbufWaiters: Int32 = 0
  public var clusterWaiters: Int32 = 0

  public init() {}
}

/// One frame at one port; its octets lie in `ObservedFrames.octets`.
public struct ObservedFrame: Sendable {
  /// When its first octet was put on the wire, or its last had come.
  public var at: Instant
  public var link: Int32
  /// The port that sent it, or got it.
  public var port: Int32
  public var octets: Range<Int>
  public var isIncoming: Bool
  /// Of the engine's events the one in which it happened.
  public var event: Int64 = 0
  public var loss: FrameLoss?
  /// It was put on the wire earlier, and stands there already; now it is lost on its way.
  public var isLate = false
  /// Of the port's host, before the frame was dealt with.
  public var levels = PoolLevels()

  public init(at instant: Instant, link: Int32, port: Int32, isIncoming: Bool) {
    at = instant
    self.link = link
    self.port = port
    self.isIncoming = isIncoming
    octets = 0..<0
  }
}

public struct ObservedFrames: Sendable {
  public private(set) var frames: [ObservedFrame] = []
  public private(set) var octets: [UInt8] = []

  public init() {}

  public var isEmpty: Bool { frames.isEmpty }

  /// - Returns: the place of the frame, for `lose`.
  @discardableResult
  public mutating func add(
    _ frame: UnsafeRawBufferPointer, _ place: ObservedFrame
  ) -> Int {
    var place = place
    let start = octets.count
    octets.append(contentsOf: frame)
    place.octets = start..<octets.count
    frames.append(place)
    return frames.count - 1
  }

  /// What became of a frame is known a moment later.
  public mutating func lose(_ place: Int, _ loss: FrameLoss) { frames[place].loss = loss }

  /// The frame that a port has put on its medium in this event does not arrive.
  ///
  /// - Returns: false when it put none there: what is lost was sent earlier.
  public mutating func loseLast(from port: Int32, event: Int64, _ loss: FrameLoss) -> Bool {
    let last = frames.lastIndex { $0.port == port && !$0.isIncoming }
    guard let last, frames[last].event == event, frames[last].loss == nil else { return false }
    frames[last].loss = loss
    return true
  }

  /// What was kept has been taken.
  public mutating func removeAll() {
    frames.removeAll(keepingCapacity: true)
    octets.removeAll(keepingCapacity: true)
  }
}
