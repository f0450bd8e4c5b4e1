// Which interface has an address, and on whose network another lies: by hash where there are many
// interfaces.
//
// 4.4BSD walks in_ifaddr for each packet, and so do we where that is as fast; FreeBSD has hashed
// its addresses since 5.0 (INADDR_HASH). The answer is the walk's: the first interface. Addresses
// are given when a host is made, and stay.

import Wire

/// An entry of a table with open addressing. Of zeros: nothing is here.
struct AddressEntry {
  var key: UInt32 = 0
  /// Of a network, or `own` of an interface's own address.
  var prefixLength: Int32 = 0
  /// One more than its number.
  var interface: Int32 = 0

  static let own: Int32 = 33
}

/// The table as its readers and its maker see it.
struct AddressTable {
  let entries: UnsafeMutablePointer<AddressEntry>
  /// A power of two, or 0: there is no table.
  let slots: Int

  /// They are walked as fast.
  static let fewInterfaces = 4

  static func slots(for interfaces: Int) -> Int {
    // An address and a network each, in a table that is half empty.
    interfaces <= fewInterfaces ? 0 : 1 << (Int.bitWidth - (4 * interfaces - 1).leadingZeroBitCount)
  }

  @inline(__always)
  private func slot(_ key: UInt32, _ prefixLength: Int32) -> Int {
    let word = UInt64(key) << 6 | UInt64(UInt32(bitPattern: prefixLength))
    let mixed = word &* 0x9E37_79B9_7F4A_7C15
    return Int(mixed >> UInt64(64 &- slots.trailingZeroBitCount))
  }

  /// The entry, or the empty one where it would stand.
  @inline(__always)
  private func place(_ key: UInt32, _ prefixLength: Int32) -> UnsafeMutablePointer<AddressEntry> {
    var slot = slot(key, prefixLength)
    while true {
      let entry = entries + slot
      let isIt = entry.pointee.key == key && entry.pointee.prefixLength == prefixLength
      if isIt || entry.pointee.interface == 0 { return entry }
      slot = (slot &+ 1) & (slots &- 1)
    }
  }

  /// -1: none.
  @inline(__always)
  func interface(_ key: UInt32, _ prefixLength: Int32) -> Int32 {
    place(key, prefixLength).pointee.interface &- 1
  }

  /// Of two interfaces with one address or network the first is found.
  func add(_ key: UInt32, _ prefixLength: Int32, interface: Int32) {
    let entry = place(key, prefixLength)
    if entry.pointee.interface > 0 { return }
    entry.pointee = AddressEntry(
      key: key, prefixLength: prefixLength, interface: interface + 1)
  }
}

extension Kernel {
  @inline(__always)
  var addresses: AddressTable { tables.pointee.addresses }

  /// The same as whether that has any slots, told without it.
  @inline(__always)
  var hasIndexedAddresses: Bool {
    state.pointee.interfaceCount > Int32(AddressTable.fewInterfaces)
  }

  /// By hash; lo0 is in no table.
  @inline(never)
  func isOursByIndex(_ address: IPv4Address) -> Bool {
    addresses.interface(address.rawValue, AddressEntry.own) >= 0
      || address == .localHost
  }

  /// The first interface on whose network an address lies.
  @inline(never)
  func neighbouringInterfaceByIndex(of address: IPv4Address) -> Int32? {
    var first = Int32.max
    var rest = tables.pointee.prefixLengths
    while rest != 0 {
      let interface = interface(ofNetwork: rest.trailingZeroBitCount, around: address)
      rest &= rest - 1
      if interface >= 0 { first = min(first, interface) }
    }
    return first == .max ? nil : first
  }

  /// The narrowest network of ours around an address.
  func ownNetworkByIndex(of address: IPv4Address) -> (interface: Int32, prefixLength: Int32)? {
    var rest = tables.pointee.prefixLengths
    while rest != 0 {
      let longest = 63 - rest.leadingZeroBitCount
      rest &= ~(1 << UInt64(longest))
      let interface = interface(ofNetwork: longest, around: address)
      if interface >= 0 { return (interface, Int32(longest)) }
    }
    return nil
  }

  @inline(__always)
  private func interface(ofNetwork prefixLength: Int, around address: IPv4Address) -> Int32 {
    let network = address.masked(by: .mask(prefixLength: prefixLength)).rawValue
    return addresses.interface(network, Int32(prefixLength))
  }
}
