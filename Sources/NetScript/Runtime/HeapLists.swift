// Lists of the heap.

extension Heap {
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
    larger.advanced(by: count).initialize(repeating: .none, count: capacity - count)
    if slot.capacity > 0 {
      larger.initialize(from: slot.values, count: count)
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
}
