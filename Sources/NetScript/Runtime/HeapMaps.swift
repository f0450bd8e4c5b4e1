// Maps of the heap: entries in the order they were put in, and an open-addressed index over them.
//
// One block holds the entries (key, value) and, for more than eight, a table twice as large:
// in each place the key's hash and the entry's number plus one, or 0. So a key is looked at only
// where its hash is the same, and a table that grows asks no key. Entries are never removed, so
// their order is their number.

enum MapLayout {
  /// Up to this many entries a scan beats a hash.
  static let scanLimit = 8
  static let entryOctets = 32

  static func tableCount(capacity: Int) -> Int { capacity > scanLimit ? capacity * 2 : 0 }
  static func place(_ entry: Int, hash: UInt32) -> UInt64 {
    UInt64(hash) << 32 | UInt64(entry + 1)
  }
  static func entry(_ place: UInt64) -> Int { Int(UInt32(truncatingIfNeeded: place)) - 1 }
  static func octets(capacity: Int) -> Int {
    capacity * entryOctets + tableCount(capacity: capacity) * 8
  }
}

extension Heap {
  func makeMap() -> Value { makeValues(.map, count: 0) }

  /// Keys and values alternate: entry `i` is at `2 * i` and `2 * i + 1`.
  func entries(_ map: Value) -> UnsafeMutableBufferPointer<Value> {
    let slot = slots[map.handle]
    return UnsafeMutableBufferPointer(start: slot.values, count: slot.count * 2)
  }

  /// The number of the entry with that key.
  func find(_ key: Value, in map: Value) throws(RuntimeError) -> Int? {
    let slot = slots[map.handle]
    let values = slot.values
    if slot.capacity <= MapLayout.scanLimit {
      for index in 0..<slot.count where isSameKey(values[index * 2], key) { return index }
      return nil
    }
    return find(key, hash: try hash(key), slot)
  }

  private func find(_ key: Value, hash: UInt32, _ slot: Slot) -> Int? {
    let (table, mask) = table(slot)
    var place = Int(hash) & mask
    while table[place] != 0 {
      if UInt32(truncatingIfNeeded: table[place] >> 32) == hash {
        let index = MapLayout.entry(table[place])
        if isSameKey(slot.values[index * 2], key) { return index }
      }
      place = (place + 1) & mask
    }
    return nil
  }

  /// Into an unshared map.
  func set(_ key: Value, _ value: Value, in map: Value) throws(RuntimeError) {
    let hash = try hash(key)
    let old = slots[map.handle]
    let known =
      old.capacity > MapLayout.scanLimit ? find(key, hash: hash, old) : try find(key, in: map)
    if let known {
      old.values[known * 2 + 1] = value
      return
    }
    let count = old.count
    if count == slots[map.handle].capacity {
      try growMap(map.handle, to: count == 0 ? 4 : count * 2)
    }
    let slot = slots[map.handle]
    slot.values[count * 2] = key
    slot.values[count * 2 + 1] = value
    slots[map.handle].setCount(count + 1)
    if slot.capacity > MapLayout.scanLimit { enter(MapLayout.place(count, hash: hash), slot) }
  }

  private func growMap(_ handle: Int, to capacity: Int) throws(RuntimeError) {
    let slot = slots[handle]
    let added = MapLayout.octets(capacity: capacity) - MapLayout.octets(capacity: slot.capacity)
    try reserve(added)
    let block = UnsafeMutableRawPointer.allocate(
      byteCount: MapLayout.octets(capacity: capacity), alignment: 16)
    let values = block.bindMemory(to: Value.self, capacity: capacity * 2)
    values.initialize(repeating: .none, count: capacity * 2)
    if slot.capacity > 0 { values.update(from: slot.values, count: slot.count * 2) }
    noteStorage(added)
    slots[handle].payload = Slot.payload(block, count: slot.count, capacity: capacity)
    if capacity > MapLayout.scanLimit { try enterAll(slots[handle], from: slot) }
    if slot.capacity > 0 { slot.values.deallocate() }
  }

  /// The entries of a map that has grown, by the hashes of its old table if it had one.
  private func enterAll(_ slot: Slot, from old: Slot) throws(RuntimeError) {
    let (table, mask) = table(slot)
    table.initialize(repeating: 0, count: mask + 1)
    if old.capacity > MapLayout.scanLimit {
      let (known, last) = self.table(old)
      for place in 0...last where known[place] != 0 { enter(known[place], slot) }
    } else {
      for index in 0..<slot.count {
        enter(MapLayout.place(index, hash: try hash(slot.values[index * 2])), slot)
      }
    }
  }

  func copyMap(_ map: Value) throws(RuntimeError) -> Value {
    let slot = slots[map.handle]
    let result = makeMap()
    guard slot.count > 0 else { return result }
    try growMap(result.handle, to: slot.capacity)
    let source = slot.values
    for index in 0..<slot.count {
      share(source[index * 2 + 1])
      try set(source[index * 2], source[index * 2 + 1], in: result)
    }
    return result
  }

  /// Capacity is a power of two from 4 on, so the table's size is one too.
  private func table(_ slot: Slot) -> (UnsafeMutablePointer<UInt64>, mask: Int) {
    let start = UnsafeMutableRawPointer(slot.octets) + slot.capacity * MapLayout.entryOctets
    let count = MapLayout.tableCount(capacity: slot.capacity)
    return (start.assumingMemoryBound(to: UInt64.self), count - 1)
  }

  private func enter(_ filled: UInt64, _ slot: Slot) {
    let (table, mask) = table(slot)
    var place = Int(filled >> 32) & mask
    while table[place] != 0 { place = (place + 1) & mask }
    table[place] = filled
  }

  /// Structural, like `==`, for what may be a key. Numbers of different types are different keys.
  private func isSameKey(_ first: Value, _ second: Value) -> Bool {
    if first.tagOctet == ValueTag.string.rawValue {
      return second.tagOctet == ValueTag.string.rawValue && areEqual(first, second)
    }
    return first.bits == second.bits
      && first.head & Head.dimensionMask == second.head & Head.dimensionMask
  }

  private func hash(_ key: Value) throws(RuntimeError) -> UInt32 {
    if key.tagOctet == ValueTag.string.rawValue { return hash(string: key) }
    var mixed = (key.bits ^ (key.head & Head.dimensionMask) << 40) &* 0x9E37_79B9_7F4A_7C15
    mixed ^= mixed >> 32
    return UInt32(truncatingIfNeeded: mixed)
  }
}
