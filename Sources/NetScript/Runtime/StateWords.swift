// A machine as a state: words that are the same for two machines whose scripts cannot tell them
// apart. What lies in the heap is known by its content and by the order in which it is met, not by
// its slot; garbage is no part of it, nor is how many steps are left.

/// One walk over all that the machine's roots reach.
private struct StateWalk {
  let heap: Heap
  /// By slot: its place among those met, or -1.
  var names: [Int32]
  var met: [Int] = []

  init(_ heap: Heap) {
    self.heap = heap
    names = [Int32](repeating: -1, count: heap.slotCount)
  }

  mutating func name(_ handle: Int) -> UInt64 {
    // A register above the live ones may hold a handle of a slot that was freed since.
    guard handle > 0, handle < names.count, heap.slots[handle].kind != Slot.free else { return 0 }
    if names[handle] < 0 {
      names[handle] = Int32(met.count)
      met.append(handle)
    }
    return UInt64(names[handle]) + 1
  }

  mutating func add(_ value: Value, _ word: (UInt64) -> Void) {
    word(value.head)
    word(value.isHeap ? name(value.handle) : value.bits)
  }

  mutating func addContents(of handle: Int, _ word: (UInt64) -> Void) {
    let slot = heap.slots[handle]
    word(UInt64(slot.kind))
    switch ValueTag(rawValue: slot.kind) {
    case .string:
      let octets = heap.octets(Value(.string, handle: handle))
      word(UInt64(octets.count))
      var part: UInt64 = 0
      for (place, octet) in octets.enumerated() {
        part = part << 8 | UInt64(octet)
        if place % 8 == 7 { word(part) }
      }
      word(part)
    case .list, .range, .closure, .record, .distribution, .policy:
      word(UInt64(slot.extra))
      word(UInt64(slot.count))
      for index in 0..<slot.count { add(slot.values[index], word) }
    case .map:
      word(UInt64(slot.count))
      for index in 0..<slot.count * 2 { add(slot.values[index], word) }
    case .rational:
      for index in 0..<2 {
        word(slot.values[index].head)
        word(slot.values[index].bits)
      }
    case .cell: add(slot.payload, word)
    default: break
    }
  }
}

extension VM {
  /// Only between calls: no fiber runs.
  public func forEachStateWord(_ word: (UInt64) -> Void) {
    precondition(state.pointee.nesting == 0, "a state inside a call")
    var walk = StateWalk(heap)
    for index in program.globalNames.indices { walk.add(globals[index], word) }
    for value in heap.pins.pointee { walk.add(value, word) }
    word(UInt64(state.pointee.fibers.count))
    for fiber in state.pointee.fibers { add(fiber, to: &walk, word) }
    var place = 0
    while place < walk.met.count {
      walk.addContents(of: walk.met[place], word)
      place += 1
    }
  }

  private func add(_ fiber: Fiber, to walk: inout StateWalk, _ word: (UInt64) -> Void) {
    word(UInt64(fiber.state.rawValue) << 8 | (fiber.canSuspend ? 1 : 0))
    word(UInt64(fiber.base) << 32 | UInt64(fiber.function))
    word(UInt64(truncatingIfNeeded: fiber.resumeRegister))
    word(walk.name(fiber.closure))
    word(offset(of: fiber.code, in: fiber.function))
    let live = fiber.base + functions[fiber.function].registerCount
    for index in 0..<min(live, fiber.registerCapacity) { walk.add(fiber.registers[index], word) }
    word(UInt64(fiber.depth))
    for index in 0..<fiber.depth {
      let frame = fiber.frames[index]
      word(UInt64(UInt32(bitPattern: frame.base)) << 32 | UInt64(frame.function))
      word(walk.name(frame.closure))
      word(offset(of: frame.code, in: Int(frame.function)))
    }
    walk.add(fiber.result, word)
  }

  /// Where in a function's code something stands.
  private func offset(of code: UnsafePointer<UInt32>?, in function: Int) -> UInt64 {
    guard let code else { return .max }
    return UInt64(truncatingIfNeeded: code - UnsafePointer(functions[function].code))
  }
}
