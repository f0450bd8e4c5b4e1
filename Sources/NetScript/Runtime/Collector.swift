// Mark and sweep. Runs at safe points only, when all live values are in registers, globals, pins
// or the heap itself. Iterative, so the depth of a structure costs no stack.
//
// A register above the live ones may hold a handle of a slot that was freed since: marking looks
// at the slot's own kind, so a stale handle can keep a slot alive, never break one.

extension Heap {
  /// Slots with this mark are the program's constants and are never freed.
  static let permanentMark: UInt8 = 2

  @inline(__always)
  func mark(_ value: Value) {
    guard value.isHeap else { return }
    mark(handle: value.handle)
  }

  func mark(handle: Int) {
    guard handle > 0 && handle < slotCount else { return }
    guard slots[handle].kind != Slot.free, slots[handle].mark == 0 else { return }
    slots[handle].mark = 1
    markStack.append(UInt32(handle))
  }

  /// Marks what the marked ones reach, frees the rest. The caller has marked its roots.
  func finishCollection() {
    markReachable()
    octetsInUse -= ghostOctets
    ghostOctets = 0
    for index in 1..<max(slotCount, 1) {
      switch slots[index].mark {
      case 1: slots[index].mark = 0
      case 0: if slots[index].kind != Slot.free { free(index) }
      default: break
      }
    }
    resetThreshold()
  }

  /// Marks what pins and the marked ones reach.
  func markReachable() {
    for value in pins.pointee { mark(value) }
    for value in temporaries { mark(value) }
    while let handle = markStack.popLast() { markContents(Int(handle)) }
  }

  private func markContents(_ handle: Int) {
    let slot = slots[handle]
    switch ValueTag(rawValue: slot.kind) {
    case .string: if slot.place == StringPlace.shared { mark(handle: slot.capacity) }
    case .list, .range, .closure, .record, .distribution, .policy:
      for index in 0..<slot.count { mark(slot.values[index]) }
    case .map:
      for index in 0..<slot.count * 2 { mark(slot.values[index]) }
    case .cell: mark(slot.payload)
    default: break
    }
  }
}
