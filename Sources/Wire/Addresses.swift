// Hardware and Internet addresses as integers in host order, so that comparing and masking is free.

/// A 48-bit Ethernet address.
@frozen
public struct MACAddress: Hashable, Sendable, CustomStringConvertible {
  /// The address in the low 48 bits; the first octet on the wire is the most significant.
  public let rawValue: UInt64

  /// Keeps the low 48 bits.
  @inlinable
  public init(rawValue: UInt64) {
    self.rawValue = rawValue & 0xFFFF_FFFF_FFFF
  }

  /// ff:ff:ff:ff:ff:ff
  @inlinable
  public static var broadcast: MACAddress { MACAddress(rawValue: 0xFFFF_FFFF_FFFF) }

  /// 00:00:00:00:00:00, which ARP writes where it asks.
  @inlinable
  public static var zero: MACAddress { MACAddress(rawValue: 0) }

  @inlinable
  public var isBroadcast: Bool { rawValue == 0xFFFF_FFFF_FFFF }

  /// Whether the group bit is set: multicast, or broadcast.
  @inlinable
  public var isGroup: Bool { rawValue &>> 40 & 1 == 1 }

  /// `02:00:0a:00:01:01`
  public var description: String {
    var text = ""
    for index in 0..<6 {
      if index > 0 { text += ":" }
      let octet = UInt8(truncatingIfNeeded: rawValue &>> UInt64(40 - 8 * index))
      if octet < 16 { text += "0" }
      text += String(octet, radix: 16)
    }
    return text
  }
}

/// An IPv4 address.
@frozen
public struct IPv4Address: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The address in host order: 10.0.0.1 is 0x0A000001.
  public let rawValue: UInt32

  @inlinable
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// `IPv4Address(10, 0, 1, 1)`
  @inlinable
  public init(_ first: UInt8, _ second: UInt8, _ third: UInt8, _ fourth: UInt8) {
    rawValue =
      UInt32(first) &<< 24 | UInt32(second) &<< 16 | UInt32(third) &<< 8 | UInt32(fourth)
  }

  /// Four decimal numbers up to 255 with dots between and nothing else; nil for any other text.
  ///
  /// A number has no leading zero: some readers take `010` for octal, so it is refused.
  public init?(parsing text: String) {
    var value: UInt32 = 0
    var number: UInt32 = 0
    var digitCount = 0
    var dotCount = 0
    for octet in text.utf8 {
      switch octet {
      case 0x30...0x39:
        if digitCount > 0 && number == 0 { return nil }
        number = number * 10 + UInt32(octet - 0x30)
        digitCount += 1
        if number > 255 { return nil }
      case 0x2E where digitCount > 0 && dotCount < 3:
        value = value << 8 | number
        number = 0
        digitCount = 0
        dotCount += 1
      default:
        return nil
      }
    }
    guard dotCount == 3, digitCount > 0 else { return nil }
    rawValue = value << 8 | number
  }

  /// 0.0.0.0: "this host", and "any" in a binding.
  @inlinable
  public static var any: IPv4Address { IPv4Address(rawValue: 0) }

  /// 255.255.255.255: the broadcast of the link at hand.
  @inlinable
  public static var broadcast: IPv4Address { IPv4Address(rawValue: 0xFFFF_FFFF) }

  /// The mask with so many leading ones; lengths outside 0...32 are clamped.
  @inlinable
  public static func mask(prefixLength: Int) -> IPv4Address {
    if prefixLength <= 0 { return .any }
    if prefixLength >= 32 { return .broadcast }
    return IPv4Address(rawValue: ~0 &<< UInt32(32 - prefixLength))
  }

  /// The network part under a mask.
  @inlinable
  public func masked(by mask: IPv4Address) -> IPv4Address {
    IPv4Address(rawValue: rawValue & mask.rawValue)
  }

  /// The directed broadcast of this address's network: all host bits set.
  @inlinable
  public func directedBroadcast(mask: IPv4Address) -> IPv4Address {
    IPv4Address(rawValue: rawValue | ~mask.rawValue)
  }

  /// 224.0.0.0/4
  @inlinable
  public var isMulticast: Bool { rawValue &>> 28 == 0xE }

  /// 127.0.0.0/8
  @inlinable
  public var isLoopback: Bool { rawValue &>> 24 == 127 }

  @inlinable
  public static func < (left: IPv4Address, right: IPv4Address) -> Bool {
    left.rawValue < right.rawValue
  }

  /// `10.0.1.1`
  public var description: String {
    "\(rawValue >> 24).\(rawValue >> 16 & 255).\(rawValue >> 8 & 255).\(rawValue & 255)"
  }
}
