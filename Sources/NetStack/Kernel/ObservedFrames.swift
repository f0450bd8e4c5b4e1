// Frames that an observer wants to keep, copied as they begin to cross a link.
//
// Not engine state: the buffer is the context's, nothing in the simulation reads it, and copying
// into it takes neither a number nor time.

/// One frame that crossed a link; its octets lie in `ObservedFrames.octets`.
public struct ObservedFrame: Sendable {
  /// When its first octet was on the wire.
  public var at: Instant
  public var link: Int32
  /// The port that sent it.
  public var port: Int32
  public var octets: Range<Int>
}

public struct ObservedFrames: Sendable {
  public private(set) var frames: [ObservedFrame] = []
  public private(set) var octets: [UInt8] = []

  public init() {}

  public var isEmpty: Bool { frames.isEmpty }

  public mutating func add(
    _ frame: UnsafeRawBufferPointer, at instant: Instant, link: Int32, port: Int32
  ) {
    let start = octets.count
    octets.append(contentsOf: frame)
    frames.append(
      ObservedFrame(at: instant, link: link, port: port, octets: start..<octets.count))
  }

  /// What was kept has been taken.
  public mutating func removeAll() {
    frames.removeAll(keepingCapacity: true)
    octets.removeAll(keepingCapacity: true)
  }
}
