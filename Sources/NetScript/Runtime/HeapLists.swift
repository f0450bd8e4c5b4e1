// Lists and strings of the heap.

extension Heap {
  // MARK: Lists

  func makeList(capacity: Int = 0) -> Value {
    makeValues(.list, count: 0, capacity: capacity)
  }

  func makeList(_ elements: [Value]) -> Value {
    let list = makeValues(.list, count: elements.count)
    for (index, element) in elements.enumerated() { slots[list.handle].values[index] = element }
    return list
  }

  @inline(__always)
  func elements(_ value: Value) -> UnsafeMutableBufferPointer<Value> {
    let slot = slots[value.handle]
    return UnsafeMutableBufferPointer(start: slot.values, count: slot.count)
  }

  /// To an unshared list.
  @inline(__always)
  func append(_ element: Value, to list: Value) throws(RuntimeError) {
    let slot = slots.advanced(by: list.handle)
    let count = slot.pointee.count
    if count == slot.pointee.capacity { try growList(list.handle, to: max(4, count * 2)) }
    slots[list.handle].values[count] = element
    slots[list.handle].payload.bits += 1
  }

  func growList(_ handle: Int, to capacity: Int) throws(RuntimeError) {
    let slot = slots[handle]
    let count = slot.count
    try reserve((capacity - slot.capacity) * 16)
    let larger = takeValues(capacity)
    larger.initialize(repeating: .none, count: capacity)
    if slot.capacity > 0 {
      larger.update(from: slot.values, count: count)
      releaseValues(slot.values, slot.capacity)
    }
    noteStorage((capacity - slot.capacity) * 16)
    slots[handle].payload = Slot.payload(larger, count: count, capacity: capacity)
  }

  /// The list or map itself when nobody else may name it, else a copy of it. The copy's elements
  /// are then named twice, so they become shared.
  func unique(_ value: Value) throws(RuntimeError) -> Value {
    guard value.isContainer, slots[value.handle].isShared else { return value }
    return try copy(value)
  }

  func copy(_ value: Value) throws(RuntimeError) -> Value {
    let slot = slots[value.handle]
    if value.tag == .map { return try copyMap(value) }
    try reserve(slot.count * 16)
    let result = makeValues(value.tag, extra: slot.extra, count: slot.count)
    let target = slots[result.handle].values
    for index in 0..<slot.count {
      share(slot.values[index])
      target[index] = slot.values[index]
    }
    return result
  }

  /// Says that a second place names this value from now on.
  @inline(__always)
  func share(_ value: Value) {
    if value.isContainer { slots[value.handle].isShared = true }
  }

  // MARK: Strings

  func makeString(_ octets: UnsafeBufferPointer<UInt8>) throws(RuntimeError) -> Value {
    try reserve(octets.count)
    guard let source = octets.baseAddress, octets.count > 0 else {
      return makeValues(.string, count: 0)
    }
    let storage = UnsafeMutablePointer<UInt8>.allocate(capacity: octets.count)
    storage.initialize(from: source, count: octets.count)
    let payload = Slot.payload(storage, count: octets.count, capacity: octets.count)
    return Value(
      .string, handle: allocate(Slot(.string, payload: payload), octets: octets.count))
  }

  func makeString(_ octets: [UInt8]) throws(RuntimeError) -> Value {
    let result: Result<Value, RuntimeError> = octets.withUnsafeBufferPointer { buffer in
      do throws(RuntimeError) { return .success(try makeString(buffer)) } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  func makeString(_ text: String) throws(RuntimeError) -> Value {
    try makeString(Array(text.utf8))
  }

  func octets(_ string: Value) -> UnsafeBufferPointer<UInt8> {
    precondition(string.tagOctet == ValueTag.string.rawValue, "no string")
    let slot = slots[string.handle]
    return UnsafeBufferPointer(start: slot.octets, count: slot.count)
  }

  func text(_ string: Value) -> String { String(decoding: octets(string), as: UTF8.self) }

  func areEqual(_ first: Value, _ second: Value) -> Bool {
    if first.bits == second.bits { return true }
    let (left, right) = (octets(first), octets(second))
    guard left.count == right.count else { return false }
    for index in 0..<left.count where left[index] != right[index] { return false }
    return true
  }

  /// FNV-1a, folded to 32 bits and kept with the string; 0 means not reckoned yet.
  func hash(string: Value) -> UInt32 {
    let known = slots[string.handle].extra
    if known != 0 { return known }
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for octet in octets(string) { hash = (hash ^ UInt64(octet)) &* 0x100_0000_01B3 }
    let folded = max(UInt32(truncatingIfNeeded: hash ^ hash >> 32), 1)
    slots[string.handle].extra = folded
    return folded
  }
}
