// A copy of the heap as it is at a safe point: the slots as they are, and what lies outside of them
// behind one another in one block. Handles mean the same in the copy, so nothing is translated.

final class HeapImage {
  private let slots: [Slot]
  private let storage: UnsafeMutableRawPointer
  private let firstFree: Int
  private let octetsInUse: Int
  private let threshold: Int
  private let needsCollection: Bool
  private let pins: [Value]
  private let freePins: [Int]

  init(_ heap: Heap) {
    precondition(heap.temporaries.isEmpty, "a checkpoint inside a library function")
    slots = Array(UnsafeBufferPointer(start: heap.slots, count: heap.slotCount))
    firstFree = heap.firstFree
    octetsInUse = heap.octetsInUse
    threshold = heap.threshold
    needsCollection = heap.needsCollection
    pins = heap.pins.pointee
    freePins = heap.freePins
    let total = slots.reduce(0) { $0 + HeapImage.room(for: $1) }
    storage = .allocate(byteCount: max(total, 1), alignment: 16)
    var place = storage
    for slot in slots where slot.storageOctets > 0 {
      place.copyMemory(from: slot.octets, byteCount: slot.storageOctets)
      place += HeapImage.room(for: slot)
    }
  }

  deinit { storage.deallocate() }

  /// Whole values, so that each piece is aligned.
  private static func room(for slot: Slot) -> Int { (slot.storageOctets + 15) & ~15 }

  /// Makes `heap` what it was. What it holds now is given up.
  func restore(_ heap: Heap) {
    for index in 1..<max(heap.slotCount, 1) { heap.releaseStorage(index) }
    heap.growSlots(to: slots.count)
    var place = storage
    for (index, slot) in slots.enumerated() {
      heap.slots.advanced(by: index).initialize(to: slot)
      guard slot.storageOctets > 0 else { continue }
      let copy = heap.takeStorage(like: slot)
      copy.copyMemory(from: place, byteCount: slot.storageOctets)
      heap.slots[index].payload.head = UInt64(UInt(bitPattern: copy))
      place += HeapImage.room(for: slot)
    }
    for index in slots.indices where heap.slots[index].sharesStorage {
      heap.slots[index].payload.head = heap.slots[slots[index].capacity].payload.head
    }
    heap.slotCount = slots.count
    heap.firstFree = firstFree
    heap.octetsInUse = octetsInUse
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
