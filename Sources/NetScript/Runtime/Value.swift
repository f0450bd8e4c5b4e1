// One value of the language: 16 octets, no references, copied like a number.
//
// The head word holds the tag in its lowest octet. A quantity keeps its dimension and the unit to
// be shown in the head; an error symbol keeps the place it came from. Everything larger than a
// word lives in the VM's heap and is named by a handle, so copying a value never touches a count.

/// What a value is. Raw values are part of the bytecode; heap tags begin at `firstHeapTag`.
public enum ValueTag: UInt8, Sendable {
  case none = 0
  /// Not a value of the language: a parameter that the caller left out.
  case unset = 1
  case bool = 2
  case int = 3
  case real = 4
  case quantity = 5
  case symbol = 6
  case node = 7
  /// A library function, or one of the embedder's, as a value.
  case native = 8
  case string = 16
  case list = 17
  case map = 18
  case range = 19
  case closure = 20
  case record = 21
  case distribution = 22
  /// A quantity that is no whole number of base units, or too large for 64 bits.
  case rational = 23
  case cell = 24
  case policy = 25
}

public struct Value: Sendable {
  @usableFromInline var head: UInt64
  @usableFromInline var bits: UInt64

  @inlinable @inline(__always)
  init(head: UInt64, bits: UInt64) {
    self.head = head
    self.bits = bits
  }

  @inline(__always)
  init(_ tag: ValueTag, handle: Int) {
    head = UInt64(tag.rawValue)
    bits = UInt64(truncatingIfNeeded: handle)
  }

  public static var none: Value { Value(head: 0, bits: 0) }
  static let unset = Value(head: 1, bits: 0)

  @inline(__always)
  public static func bool(_ value: Bool) -> Value { Value(head: Head.bool, bits: value ? 1 : 0) }

  @inline(__always)
  public static func int(_ value: Int64) -> Value {
    Value(head: Head.int, bits: UInt64(bitPattern: value))
  }

  @inline(__always)
  public static func int(_ value: Int) -> Value { .int(Int64(value)) }

  public static func real(_ value: Double) -> Value {
    Value(head: Head.real, bits: value.bitPattern)
  }

  /// A place in the embedder's tree, by the number the embedder gave it.
  @inline(__always)
  public static func node(_ id: UInt32) -> Value { Value(head: Head.node, bits: UInt64(id)) }

  @inline(__always)
  public static func symbol(_ symbol: Symbol) -> Value {
    Value(head: Head.symbol, bits: UInt64(symbol.rawValue))
  }

  /// `count` base units of `dimension`; without a unit the display chooses one.
  public static func quantity(
    _ count: Int64, _ dimension: Dimension, unit: UnitExpression = UnitExpression(unit: 0)
  ) -> Value {
    Value(
      head: Head.quantity(dimension, unit: unit, isConverted: false),
      bits: UInt64(bitPattern: count))
  }

  /// A simulated time or duration in nanoseconds.
  public static func time(nanoseconds: Int64) -> Value { .quantity(nanoseconds, .time) }

  /// An amount of data; the language counts bits, so octets beyond 2⁶⁰ are no `Value`.
  @inlinable @inline(__always)
  public static func data(octets: Int64) -> Value {
    Value(head: Head.octets, bits: UInt64(bitPattern: octets &* 8))
  }

  public static func rate(bitsPerSecond: Int64) -> Value { .quantity(bitsPerSecond, .rate) }
}

// MARK: - Reading a value

extension Value {
  @inlinable @inline(__always) var tagOctet: UInt8 { UInt8(truncatingIfNeeded: head) }

  public var tag: ValueTag {
    guard let tag = ValueTag(rawValue: tagOctet) else { preconditionFailure("no such tag") }
    return tag
  }

  public var isNone: Bool { head == 0 }
  @inline(__always) var isUnset: Bool { head == 1 }
  @inline(__always) var isHeap: Bool { tagOctet >= 16 }
  /// Whether an embedder that keeps it must pin it.
  public var livesInHeap: Bool { isHeap }
  /// Lists and maps: what is copied on write and therefore must know whether it is shared.
  @inline(__always) var isContainer: Bool { tagOctet == 17 || tagOctet == 18 }
  @inline(__always) var integer: Int64 { Int64(bitPattern: bits) }
  @inline(__always) var double: Double { Double(bitPattern: bits) }
  @inline(__always) var handle: Int { Int(truncatingIfNeeded: bits) }

  public var asBool: Bool? { head == Head.bool ? bits != 0 : nil }
  public var asInt: Int64? { head == Head.int ? integer : nil }
  public var asReal: Double? { head == Head.real ? double : nil }
  @inlinable @inline(__always)
  public var asNode: UInt32? {
    tagOctet == UInt8(truncatingIfNeeded: Head.node) ? UInt32(truncatingIfNeeded: bits) : nil
  }

  public var asSymbol: Symbol? {
    tagOctet == ValueTag.symbol.rawValue ? Symbol(rawValue: UInt32(truncatingIfNeeded: bits)) : nil
  }

  /// An amount of data that is a whole number of octets, fewer than 2³¹; nil for all else.
  @inlinable @inline(__always)
  public var asOctets: Int32? {
    guard head & Head.dimensionMask == Head.octets & Head.dimensionMask, bits & 7 == 0,
      bits < 8 << 31
    else { return nil }
    return Int32(truncatingIfNeeded: bits / 8)
  }

  /// The dimension of a quantity, boxed or not; `nil` for everything else.
  public var dimension: Dimension? {
    guard tag == .quantity || tag == .rational else { return nil }
    return Head.dimension(head)
  }

  /// The unit a quantity is shown in; number 0 leaves the choice to the display.
  public var unit: UnitExpression { Head.unit(head) }

  /// An errno symbol: what `failed(x)` is true for.
  public var isError: Bool { asSymbol?.isError ?? false }

  /// Base units of an unboxed quantity. A boxed one is asked of the VM, which rounds it.
  public var asBaseUnits: Int64? { tagOctet == ValueTag.quantity.rawValue ? integer : nil }
}

/// The layout of the head word.
///
///     bits 0–7 tag · quantity: 8–15 time exponent, 16–23 data exponent, 24–31 unit, 32–39 per,
///     40 converted by `->` · error symbol: 24–43 word of the call, 44–59 function, 63 known
@usableFromInline
enum Head {
  static let bool: UInt64 = 2
  static let int: UInt64 = 3
  static let real: UInt64 = 4
  static let symbol: UInt64 = 6
  @inlinable static var node: UInt64 { 7 }
  /// Tag and exponents: equal exactly for quantities that may be added.
  @inlinable static var dimensionMask: UInt64 { 0xFF_FFFF }
  /// A quantity of data shown in octets.
  @inlinable static var octets: UInt64 { 12 << 24 | 1 << 16 | 5 }
  static let converted: UInt64 = 1 << 40
  static let originKnown: UInt64 = 1 << 63

  static func quantity(
    _ dimension: Dimension, unit: UnitExpression, isConverted: Bool, isBoxed: Bool = false
  ) -> UInt64 {
    let tag = isBoxed ? ValueTag.rational : ValueTag.quantity
    var head = UInt64(tag.rawValue)
    head |= UInt64(UInt8(bitPattern: dimension.time)) << 8
    head |= UInt64(UInt8(bitPattern: dimension.data)) << 16
    head |= UInt64(unit.unit) << 24 | UInt64(unit.per) << 32
    return isConverted ? head | converted : head
  }

  /// Two unboxed quantities that may be added and compared.
  @inline(__always)
  static func areOfOneDimension(_ first: UInt64, _ second: UInt64) -> Bool {
    UInt8(truncatingIfNeeded: first) == ValueTag.quantity.rawValue
      && (first ^ second) & dimensionMask == 0
  }

  /// How a sum is shown: the left unit wins, unless only the right side has one. What `->` made
  /// shows is not kept.
  @inline(__always)
  static func shown(_ first: UInt64, _ second: UInt64) -> UInt64 {
    let chosen = first >> 24 & 0xFFFF != 0 ? first : second
    return chosen & ~converted
  }

  static func dimension(_ head: UInt64) -> Dimension {
    Dimension(
      time: Int8(truncatingIfNeeded: head >> 8), data: Int8(truncatingIfNeeded: head >> 16))
  }

  static func unit(_ head: UInt64) -> UnitExpression {
    UnitExpression(
      unit: UInt8(truncatingIfNeeded: head >> 24), per: UInt8(truncatingIfNeeded: head >> 32))
  }
}
