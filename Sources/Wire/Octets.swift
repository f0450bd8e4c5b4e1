// Big-endian integers at arbitrary addresses: the alphabet every header is spelt in.
//
// Plain loads and stores without bounds: whoever calls has checked the length once, at the top of
// a parse. All of it is inlined into the caller's module, because a call costs more than a load.

extension UnsafeRawPointer {
  /// The octet at `offset`.
  @inlinable @inline(__always)
  public func octet(at offset: Int) -> UInt8 {
    load(fromByteOffset: offset, as: UInt8.self)
  }

  /// The 16-bit big-endian integer that starts `offset` octets on; no alignment is needed.
  @inlinable @inline(__always)
  public func bigEndian16(at offset: Int) -> UInt16 {
    UInt16(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt16.self))
  }

  /// The 32-bit big-endian integer that starts `offset` octets on; no alignment is needed.
  @inlinable @inline(__always)
  public func bigEndian32(at offset: Int) -> UInt32 {
    UInt32(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  /// The 48-bit big-endian integer that starts `offset` octets on: a hardware address.
  @inlinable @inline(__always)
  public func bigEndian48(at offset: Int) -> UInt64 {
    UInt64(bigEndian16(at: offset)) &<< 32 | UInt64(bigEndian32(at: offset + 2))
  }
}

extension UnsafeMutableRawPointer {
  /// Stores one octet at `offset`.
  @inlinable @inline(__always)
  public func store(octet value: UInt8, at offset: Int) {
    storeBytes(of: value, toByteOffset: offset, as: UInt8.self)
  }

  /// Stores a 16-bit integer, most significant octet first; no alignment is needed.
  @inlinable @inline(__always)
  public func store(bigEndian16 value: UInt16, at offset: Int) {
    storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt16.self)
  }

  /// Stores a 32-bit integer, most significant octet first; no alignment is needed.
  @inlinable @inline(__always)
  public func store(bigEndian32 value: UInt32, at offset: Int) {
    storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt32.self)
  }

  /// Stores the low 48 bits of an integer, most significant octet first.
  @inlinable @inline(__always)
  public func store(bigEndian48 value: UInt64, at offset: Int) {
    store(bigEndian16: UInt16(truncatingIfNeeded: value &>> 32), at: offset)
    store(bigEndian32: UInt32(truncatingIfNeeded: value), at: offset + 2)
  }
}
