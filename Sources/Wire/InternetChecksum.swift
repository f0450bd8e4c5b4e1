// The Internet checksum: a one's-complement sum, kept 64 bits wide until somebody asks for 16.
//
// RFC 1071: §1 defines the sum, §2(B) says it may be taken in either byte order, §2(C) that words
// may be wider than 16 bits. Both work because 2^64 - 1 is a multiple of 2^16 - 1.

/// A running one's-complement sum over octets that may arrive in pieces of any length.
///
/// A chain of mbufs is summed with one `add` per mbuf; a piece of odd length turns the next one by
/// one octet, which the value remembers. Verifying means adding everything, the checksum field
/// included: a sound packet leaves `isSound` true.
@frozen
public struct InternetChecksum: Equatable, Sendable {
  /// The sum in memory order, modulo 2^64 - 1.
  @usableFromInline var sum: UInt64
  /// Whether an odd number of octets has been added so far.
  @usableFromInline var isOdd: Bool

  @inlinable
  public init() {
    sum = 0
    isOdd = false
  }

  /// Adds the octets, wherever the last `add` stopped.
  @inlinable
  public mutating func add(_ octets: UnsafeRawBufferPointer) {
    guard let base = octets.baseAddress else { return }
    var piece = Self.sum(base, octets.count)
    // Rotating by one octet multiplies by 2^8 modulo 2^64 - 1: what the other parity is worth.
    if isOdd { piece = piece &<< 8 | piece &>> 56 }
    sum = Self.endAroundAdd(sum, piece)
    isOdd = isOdd != (octets.count & 1 == 1)
  }

  /// Adds octets by their sum alone, as `folded` gave it for a piece of its own.
  @inlinable @inline(__always)
  public mutating func add(folded: UInt16, count: Int) {
    var piece = UInt64(folded.bigEndian)
    if isOdd { piece = piece &<< 8 }
    sum = Self.endAroundAdd(sum, piece)
    isOdd = isOdd != (count & 1 == 1)
  }

  /// Adds a header of twenty octets. Only at an even position.
  @inlinable @inline(__always)
  public mutating func add(header base: UnsafeRawPointer) {
    assert(!isOdd, "a header cannot begin in the middle of a word")
    sum = Self.endAroundAdd(sum, Self.sumOfHeader(base))
  }

  /// Adds a 16-bit word given in host order. Only at an even position.
  @inlinable @inline(__always)
  public mutating func add(word: UInt16) {
    assert(!isOdd, "a word cannot begin in the middle of another")
    sum = Self.endAroundAdd(sum, UInt64(word.bigEndian))
  }

  /// Adds the pseudo-header of TCP and UDP over IPv4 (RFC 793 §3.1, RFC 768).
  ///
  /// - Parameter length: octets of the transport header and its data.
  @inlinable
  public mutating func addPseudoHeader(
    source: IPv4Address, destination: IPv4Address, protocol number: UInt8, length: Int
  ) {
    assert(!isOdd, "the pseudo-header begins at an even position")
    assert(length >= 0 && length <= 0xFFFF, "an IPv4 payload length has 16 bits")
    let words =
      UInt64(source.rawValue.bigEndian) &+ UInt64(destination.rawValue.bigEndian)
      &+ UInt64(UInt16(number).bigEndian) &+ UInt64(UInt16(truncatingIfNeeded: length).bigEndian)
    sum = Self.endAroundAdd(sum, words)
  }

  /// What goes into the checksum field, in host order: the complement of the folded sum.
  ///
  /// UDP sends 0xFFFF where this is 0, because 0 means "no checksum" there (RFC 768).
  @inlinable
  public var value: UInt16 { ~folded }

  /// Whether the octets added so far, their checksum field among them, are sound.
  @inlinable
  public var isSound: Bool { folded == 0xFFFF }

  /// The sum reduced to 16 bits, in host order.
  @inlinable
  public var folded: UInt16 {
    var rest = (sum & 0xFFFF_FFFF) &+ (sum &>> 32)
    rest = (rest & 0xFFFF) &+ (rest &>> 16)
    rest = (rest & 0xFFFF) &+ (rest &>> 16)
    rest = (rest & 0xFFFF) &+ (rest &>> 16)
    return UInt16(bigEndian: UInt16(truncatingIfNeeded: rest))
  }

  /// The checksum of one contiguous piece.
  @inlinable
  public static func of(_ octets: UnsafeRawBufferPointer) -> UInt16 {
    var checksum = InternetChecksum()
    checksum.add(octets)
    return checksum.value
  }

  /// The checksum of an IP header without options.
  @inlinable @inline(__always)
  static func ofHeader(_ base: UnsafeRawPointer) -> UInt16 {
    var checksum = InternetChecksum()
    checksum.sum = sumOfHeader(base)
    return checksum.value
  }

  /// Twenty octets: in memory order five words of 32 bits.
  @inlinable @inline(__always)
  static func sumOfHeader(_ base: UnsafeRawPointer) -> UInt64 {
    func word(_ index: Int) -> UInt64 {
      UInt64(base.loadUnaligned(fromByteOffset: index &* 4, as: UInt32.self))
    }
    return word(0) &+ word(1) &+ word(2) &+ word(3) &+ word(4)
  }

  @inlinable @inline(__always)
  static func endAroundAdd(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let (sum, carry) = left.addingReportingOverflow(right)
    return sum &+ (carry ? 1 : 0)
  }

  /// The sum of `count` octets from `base`, in memory order.
  @inlinable
  static func sum(_ base: UnsafeRawPointer, _ count: Int) -> UInt64 {
    func halves(_ offset: Int) -> UInt64 {
      let word = base.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      return (word & 0xFFFF_FFFF) &+ (word &>> 32)
    }
    var offset = count & ~63
    var total = offset > 0 ? sumOfBlocks(base, offset) : 0
    // What is left, by the bits of its length: no loop has to be set up for it.
    if count & 32 != 0 {
      total &+= halves(offset) &+ halves(offset &+ 8) &+ halves(offset &+ 16)
      total &+= halves(offset &+ 24)
      offset &+= 32
    }
    if count & 16 != 0 {
      total &+= halves(offset) &+ halves(offset &+ 8)
      offset &+= 16
    }
    if count & 8 != 0 {
      total &+= halves(offset)
      offset &+= 8
    }
    if count & 4 != 0 {
      total &+= UInt64(base.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
      offset &+= 4
    }
    if count & 2 != 0 {
      total &+= UInt64(base.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
      offset &+= 2
    }
    if count & 1 != 0 {
      // A last odd octet is the first half of a word whose second half is zero.
      let word = UInt16(base.octet(at: offset)) &<< 8
      total &+= UInt64(word.bigEndian)
    }
    return total
  }

  /// The sum of `count` octets, a multiple of 64.
  ///
  /// Words and their upper halves are added up apart. The halves cannot overflow, and what the
  /// words lose beyond 64 bits comes back when the halves are taken off again: the sum of the lower
  /// halves is left, exact. There is no carry, so vectors do it.
  @inlinable @inline(__always)
  static func sumOfBlocks(_ base: UnsafeRawPointer, _ count: Int) -> UInt64 {
    var words = SIMD8<UInt64>.zero
    var uppers = SIMD8<UInt64>.zero
    var offset = 0
    while offset < count {
      let eight = base.loadUnaligned(fromByteOffset: offset, as: SIMD8<UInt64>.self)
      words &+= eight
      uppers &+= eight &>> 32
      offset &+= 64
    }
    let upper = uppers.wrappedSum()
    return (words.wrappedSum() &- upper &<< 32) &+ upper
  }
}
