// The TCP options the stack speaks: maximum segment size, window scale, timestamps.
//
// RFC 9293 §3.2 (MSS), RFC 7323 §2.2 (window scale), §3.2 (timestamps; RFC 1323 in 4.4BSD).
// Written in 4.4BSD's order and padding, so that a handshake looks as it did then.
// Left out on purpose: SACK and T/TCP. Nothing in the stack sends them; reading skips them.

/// The two values of the timestamps option.
@frozen
public struct TCPTimestamps: Equatable, Sendable {
  /// The sender's clock.
  public var value: UInt32
  /// The clock value being returned to the other side; 0 in a first SYN.
  public var echo: UInt32

  @inlinable
  public init(value: UInt32, echo: UInt32) {
    self.value = value
    self.echo = echo
  }
}

/// What a segment's options say.
@frozen
public struct TCPOptions: Equatable, Sendable {
  /// Octets of data a segment to the sender may carry.
  public var maximumSegmentSize: UInt16?
  /// The shift for the sender's window, as written: values above 14 are the reader's to cap.
  public var windowScale: UInt8?
  public var timestamps: TCPTimestamps?

  @inlinable
  public init(
    maximumSegmentSize: UInt16? = nil, windowScale: UInt8? = nil, timestamps: TCPTimestamps? = nil
  ) {
    self.maximumSegmentSize = maximumSegmentSize
    self.windowScale = windowScale
    self.timestamps = timestamps
  }

  /// Reads as far as the octets make sense.
  ///
  /// Unknown kinds and known kinds of a wrong length are skipped; an option that claims less than
  /// its own two octets, or more than is left, ends the list. Of a repeated kind the last counts.
  @inlinable
  public init(reading octets: UnsafeRawBufferPointer) {
    self.init()
    guard let base = octets.baseAddress else { return }
    var offset = 0
    while offset < octets.count {
      let kind = base.octet(at: offset)
      if kind == Kind.end { return }
      if kind == Kind.noOperation {
        offset += 1
        continue
      }
      guard offset + 1 < octets.count else { return }
      let length = Int(base.octet(at: offset + 1))
      guard length >= 2, length <= octets.count - offset else { return }
      take(kind: kind, length: length, at: base + offset)
      offset += length
    }
  }

  /// Remembers one option if it is one of ours and has its proper length.
  @inlinable
  mutating func take(kind: UInt8, length: Int, at base: UnsafeRawPointer) {
    switch (kind, length) {
    case (Kind.maximumSegmentSize, 4):
      maximumSegmentSize = base.bigEndian16(at: 2)
    case (Kind.windowScale, 3):
      windowScale = base.octet(at: 2)
    case (Kind.timestamps, 10):
      timestamps = TCPTimestamps(value: base.bigEndian32(at: 2), echo: base.bigEndian32(at: 6))
    default:
      break
    }
  }

  /// Octets that `write` writes: a multiple of 4, at most 20.
  @inlinable
  public var octetCount: Int {
    (maximumSegmentSize == nil ? 0 : 4) + (windowScale == nil ? 0 : 4)
      + (timestamps == nil ? 0 : 12)
  }

  /// Writes `octetCount` octets, each option padded in front with no-operations to four octets.
  @inlinable
  public func write(to target: UnsafeMutableRawPointer) {
    var offset = 0
    if let maximumSegmentSize {
      target.store(bigEndian16: 0x0204, at: 0)
      target.store(bigEndian16: maximumSegmentSize, at: 2)
      offset += 4
    }
    if let windowScale {
      target.store(bigEndian32: 0x0103_0300 | UInt32(windowScale), at: offset)
      offset += 4
    }
    if let timestamps {
      target.store(bigEndian32: 0x0101_080A, at: offset)
      target.store(bigEndian32: timestamps.value, at: offset + 4)
      target.store(bigEndian32: timestamps.echo, at: offset + 8)
    }
  }

  /// The option kinds.
  public enum Kind {
    @inlinable public static var end: UInt8 { 0 }
    @inlinable public static var noOperation: UInt8 { 1 }
    @inlinable public static var maximumSegmentSize: UInt8 { 2 }
    @inlinable public static var windowScale: UInt8 { 3 }
    @inlinable public static var timestamps: UInt8 { 8 }
  }
}
