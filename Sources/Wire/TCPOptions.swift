// The TCP options the stack speaks: maximum segment size, window scale, timestamps, selective
// acknowledgments, T/TCP's connection counts.
//
// RFC 9293 §3.2 (MSS), RFC 7323 §2.2 (window scale), §3.2 (timestamps; RFC 1323 in 4.4BSD),
// RFC 2018 §2, §3 (SACK), RFC 1644 §3.1 (CC, CC.NEW, CC.ECHO). Written in 4.4BSD's order and
// padding, so that a handshake looks as it did then.

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

/// A range of a stream that has arrived beyond a gap: from `start` up to, not including, `end`.
@frozen
public struct TCPSackBlock: Equatable, Sendable {
  public var start: SequenceNumber
  public var end: SequenceNumber

  @inlinable
  public init(_ start: SequenceNumber, _ end: SequenceNumber) {
    self.start = start
    self.end = end
  }
}

/// The blocks of one segment: four at most, as forty octets of options allow. RFC 2018 §3.
@frozen
public struct TCPSackBlocks: Equatable, Sendable {
  public private(set) var count = 0
  @usableFromInline var blocks = (Self.none, Self.none, Self.none, Self.none)

  public static let limit = 4
  @usableFromInline static var none: TCPSackBlock {
    TCPSackBlock(SequenceNumber(0), SequenceNumber(0))
  }

  public init() {}

  public subscript(index: Int) -> TCPSackBlock {
    precondition(index >= 0 && index < count, "a SACK block that is not there")
    switch index {
    case 0: return blocks.0
    case 1: return blocks.1
    case 2: return blocks.2
    default: return blocks.3
    }
  }

  /// One more block; beyond four it is left out.
  public mutating func append(_ block: TCPSackBlock) {
    switch count {
    case 0: blocks.0 = block
    case 1: blocks.1 = block
    case 2: blocks.2 = block
    case 3: blocks.3 = block
    default: return
    }
    count += 1
  }

  public static func == (left: TCPSackBlocks, right: TCPSackBlocks) -> Bool {
    left.count == right.count && left.blocks == right.blocks
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
  /// The sender understands selective acknowledgments; a SYN says so. RFC 2018 §2.
  public var sackPermitted = false
  /// Something could not be read; only a reader sets it.
  public var isMalformed = false
  public var sack = TCPSackBlocks()
  /// The count of this connection, and in an answer that of the peer's SYN; 0: none. RFC 1644 §3.1.
  public var connectionCount: UInt32 = 0
  public var connectionCountIsNew = false
  public var connectionCountEcho: UInt32 = 0

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
  /// Unknown kinds are skipped, and known kinds of a wrong length too; an option that claims less
  /// than its own two octets, or more than is left, ends the list. `isMalformed` tells of both. Of
  /// a repeated kind the last counts.
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
      let length = offset + 1 < octets.count ? Int(base.octet(at: offset + 1)) : 0
      guard length >= 2, length <= octets.count - offset else {
        isMalformed = true
        return
      }
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
    case (Kind.sackPermitted, 2):
      sackPermitted = true
    case (Kind.sack, 10), (Kind.sack, 18), (Kind.sack, 26), (Kind.sack, 34):
      sack = TCPSackBlocks()
      for offset in stride(from: 2, to: length, by: 8) {
        sack.append(
          TCPSackBlock(
            SequenceNumber(base.bigEndian32(at: offset)),
            SequenceNumber(base.bigEndian32(at: offset + 4))))
      }
    case (Kind.connectionCount, 6), (Kind.connectionCountNew, 6):
      connectionCount = base.bigEndian32(at: 2)
      connectionCountIsNew = kind == Kind.connectionCountNew
    case (Kind.connectionCountEcho, 6):
      connectionCountEcho = base.bigEndian32(at: 2)
    case (Kind.maximumSegmentSize...Kind.sack, _), (Kind.timestamps, _),
      (Kind.connectionCount...Kind.connectionCountEcho, _):
      isMalformed = true
    default:
      break
    }
  }

  /// Octets that `write` writes: a multiple of 4, at most 40 as long as SACK blocks do not stand
  /// beside the options of a SYN.
  @inlinable @inline(__always)
  public var octetCount: Int {
    let handshake = (maximumSegmentSize == nil ? 0 : 4) + (windowScale == nil ? 0 : 4)
    let lone = sackPermitted && timestamps == nil ? 4 : 0
    let counts = (connectionCount == 0 ? 0 : 8) + (connectionCountEcho == 0 ? 0 : 8)
    return handshake + lone + counts + (timestamps == nil ? 0 : 12)
      + (sack.count == 0 ? 0 : 4 + 8 * sack.count)
  }

  /// Writes `octetCount` octets, each option padded in front with no-operations to four octets;
  /// what permits SACK takes the place of the two before timestamps.
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
      target.store(bigEndian32: sackPermitted ? 0x0402_080A : 0x0101_080A, at: offset)
      target.store(bigEndian32: timestamps.value, at: offset + 4)
      target.store(bigEndian32: timestamps.echo, at: offset + 8)
      offset += 12
    } else if sackPermitted {
      target.store(bigEndian32: 0x0101_0402, at: offset)
      offset += 4
    }
    if connectionCount != 0 {
      let isNew = connectionCountIsNew
      target.store(bigEndian32: isNew ? 0x0101_0C06 : 0x0101_0B06, at: offset)
      target.store(bigEndian32: connectionCount, at: offset + 4)
      offset += 8
    }
    if connectionCountEcho != 0 {
      target.store(bigEndian32: 0x0101_0D06, at: offset)
      target.store(bigEndian32: connectionCountEcho, at: offset + 4)
      offset += 8
    }
    if sack.count > 0 { writeBlocks(to: target + offset) }
  }

  @usableFromInline
  func writeBlocks(to target: UnsafeMutableRawPointer) {
    target.store(bigEndian32: 0x0101_0500 | UInt32(2 + 8 * sack.count), at: 0)
    for index in 0..<sack.count {
      target.store(bigEndian32: sack[index].start.rawValue, at: 4 + 8 * index)
      target.store(bigEndian32: sack[index].end.rawValue, at: 8 + 8 * index)
    }
  }

  /// The option kinds.
  public enum Kind {
    @inlinable public static var end: UInt8 { 0 }
    @inlinable public static var noOperation: UInt8 { 1 }
    @inlinable public static var maximumSegmentSize: UInt8 { 2 }
    @inlinable public static var windowScale: UInt8 { 3 }
    @inlinable public static var sackPermitted: UInt8 { 4 }
    @inlinable public static var sack: UInt8 { 5 }
    @inlinable public static var timestamps: UInt8 { 8 }
    @inlinable public static var connectionCount: UInt8 { 11 }
    @inlinable public static var connectionCountNew: UInt8 { 12 }
    @inlinable public static var connectionCountEcho: UInt8 { 13 }
  }
}
