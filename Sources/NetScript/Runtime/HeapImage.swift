// A copy of what is reachable in the heap at a safe point: its slots, and what lies outside of them
// behind one another in one block. Handles mean the same in the copy, so nothing is translated.
//
// Garbage is not copied: of what a script has allocated it is most. But the next collection comes
// when it would have come, so its octets stay counted until then (`Heap.ghostOctets`).

final class HeapImage {
  private let slots: [Slot]
  /// Where each of them belongs, from below.
  private let handles: [UInt32]
  private let storage: UnsafeMutableRawPointer
  private let octetsInUse: Int
  private let ghostOctets: Int
  private let threshold: Int
  private let needsCollection: Bool
  private let pins: [Value]
  private let freePins: [Int]

  /// The caller has marked its roots; no mark stays but those of constants.
  init(marked heap: Heap) {
    precondition(heap.temporaries.isEmpty, "a checkpoint inside a library function")
    heap.markReachable()
    var slots: [Slot] = []
    var handles: [UInt32] = []
    var (live, room) = (0, 0)
    for index in 1..<max(heap.slotCount, 1) where heap.slots[index].mark != 0 {
      if heap.slots[index].mark != Heap.permanentMark { heap.slots[index].mark = 0 }
      let slot = heap.slots[index]
      slots.append(slot)
      handles.append(UInt32(index))
      live += Heap.slotOctets + slot.storageOctets
      room += HeapImage.room(for: slot)
    }
    precondition(live <= heap.octetsInUse, "more is reachable than in use")
    octetsInUse = heap.octetsInUse
    ghostOctets = heap.octetsInUse - live
    threshold = heap.threshold
    needsCollection = heap.needsCollection
    pins = heap.pins.pointee
    freePins = heap.freePins
    storage = .allocate(byteCount: max(room, 1), alignment: 16)
    var place = storage
    for slot in slots where slot.storageOctets > 0 {
      place.copyMemory(from: slot.octets, byteCount: slot.storageOctets)
      place += HeapImage.room(for: slot)
    }
    self.slots = slots
    self.handles = handles
  }

  deinit { storage.deallocate() }

  /// Whole values, so that each piece is aligned.
  private static func room(for slot: Slot) -> Int { (slot.storageOctets + 15) & ~15 }

  /// Makes `heap` what it was. What it holds now is given up.
  func restore(_ heap: Heap) {
    for index in 1..<max(heap.slotCount, 1) { heap.releaseStorage(index) }
    heap.slotCount = 1
    heap.firstFree = 0
    heap.growSlots(to: Int(handles.last ?? 0) + 1)
    var place = storage
    for (slot, handle) in zip(slots, handles) {
      heap.fillWithFree(to: Int(handle))
      heap.slots.advanced(by: Int(handle)).initialize(to: slot)
      heap.slotCount += 1
      guard slot.storageOctets > 0 else { continue }
      let copy = heap.takeStorage(like: slot)
      copy.copyMemory(from: place, byteCount: slot.storageOctets)
      heap.slots[Int(handle)].payload.head = UInt64(UInt(bitPattern: copy))
      place += HeapImage.room(for: slot)
    }
    for handle in handles where heap.slots[Int(handle)].sharesStorage {
      let buffer = heap.slots[Int(handle)].capacity
      heap.slots[Int(handle)].payload.head = heap.slots[buffer].payload.head
    }
    heap.octetsInUse = octetsInUse
    heap.ghostOctets = ghostOctets
    heap.threshold = threshold
    heap.needsCollection = needsCollection
    heap.pins.pointee = pins
    heap.freePins = freePins
    heap.temporaries.removeAll()
  }
}

extension Slot {
  /// Octets outside of the slot that are its own.
  fileprivate var storageOctets: Int {
    if kind == Slot.buffer { return capacity }
    switch ValueTag(rawValue: kind) {
    case .string: return place == StringPlace.owned ? capacity : 0
    case .list, .range, .closure, .record, .distribution, .policy, .rational: return capacity * 16
    case .map: return MapLayout.octets(capacity: capacity)
    default: return 0
    }
  }

  /// A string over the beginning of a buffer.
  fileprivate var sharesStorage: Bool {
    kind == ValueTag.string.rawValue && place == StringPlace.shared
  }
}

extension Heap {
  /// Free slots up to this one.
  fileprivate func fillWithFree(to handle: Int) {
    while slotCount < handle {
      var slot = Slot(.none, extra: UInt32(firstFree), payload: .none)
      slot.kind = Slot.free
      slots.advanced(by: slotCount).initialize(to: slot)
      firstFree = slotCount
      slotCount += 1
    }
  }

  /// Room as `releaseStorage` will take it back.
  fileprivate func takeStorage(like slot: Slot) -> UnsafeMutableRawPointer {
    if slot.kind == Slot.buffer || slot.kind == ValueTag.string.rawValue {
      return UnsafeMutableRawPointer(UnsafeMutablePointer<UInt8>.allocate(capacity: slot.capacity))
    }
    guard slot.kind == ValueTag.map.rawValue else {
      return UnsafeMutableRawPointer(takeValues(slot.capacity))
    }
    return .allocate(byteCount: MapLayout.octets(capacity: slot.capacity), alignment: 16)
  }
}
