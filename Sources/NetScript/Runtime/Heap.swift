// The VM's heap: one table of slots, each with its own storage; values name a slot by its number.
//
// Lists and maps have value semantics without reference counts: a slot that a second variable,
// element or argument may name is marked *shared*, for good, and whoever changes a shared one
// changes a copy. Unreachable slots are freed by mark and sweep (Collector.swift).

/// 24 octets: what it is, and a pointer with count and capacity, or a cell's value in their place.
struct Slot {
  var kind: UInt8
  var mark: UInt8
  var isShared: Bool
  /// Of a string: where its octets are, see HeapStrings.swift.
  var place: UInt8 = 0
  /// Function of a closure, shape of a record, template of a policy, hash of a string …
  var extra: UInt32
  var payload: Value

  init(_ kind: ValueTag, extra: UInt32 = 0, payload: Value) {
    self.kind = kind.rawValue
    mark = 0
    isShared = false
    self.extra = extra
    self.payload = payload
  }

  static let free: UInt8 = 0
  /// Storage that several strings share; no value names it.
  static let buffer: UInt8 = 0xFF

  @inline(__always) var values: UnsafeMutablePointer<Value> {
    UnsafeMutablePointer(bitPattern: UInt(payload.head)).unsafelyUnwrapped
  }
  @inline(__always) var octets: UnsafeMutablePointer<UInt8> {
    UnsafeMutablePointer(bitPattern: UInt(payload.head)).unsafelyUnwrapped
  }
  @inline(__always) var count: Int { Int(UInt32(truncatingIfNeeded: payload.bits)) }
  @inline(__always) var capacity: Int { Int(payload.bits >> 32) }

  static func payload(_ pointer: UnsafeMutableRawPointer, count: Int, capacity: Int) -> Value {
    Value(
      head: UInt64(UInt(bitPattern: pointer)), bits: UInt64(count) | UInt64(capacity) << 32)
  }

  @inline(__always) mutating func setCount(_ count: Int) {
    payload.bits = payload.bits & ~0xFFFF_FFFF | UInt64(count)
  }
}

final class Heap {
  var slots: UnsafeMutablePointer<Slot>
  var slotCount = 1
  private var slotCapacity = 256
  var firstFree = 0
  /// Octets of storage and slots in use, whether reachable or not.
  var octetsInUse = 0
  /// Those among them that no slot has: garbage of a moment that was gone back to, see HeapImage.
  var ghostOctets = 0
  /// The next safe point collects.
  var needsCollection = false
  var threshold: Int
  let limit: Int
  /// Behind a pointer: read at every question of the embedder, see `VMState`.
  let pins: UnsafeMutablePointer<[Value]>
  var freePins: [Int] = []
  /// Values that a library function holds between two calls into the script.
  var temporaries: [Value] = []
  var markStack: [UInt32] = []
  /// Where a text is put together before its string is made.
  private(set) var scratch: UnsafeMutablePointer<UInt8>
  private var scratchCapacity = 256
  /// By size: storage that was given back, each piece naming the next. Most objects are small and
  /// short-lived, and the platform's allocator takes 130 instructions each way.
  private let spares: UnsafeMutablePointer<UnsafeMutablePointer<Value>?>

  static let slotOctets = 24
  /// Storage of fewer values than this is kept for the next object of its size.
  static let spareSizes = 32
  /// Below this much garbage a collection is not worth its walk.
  static let firstThreshold = 1 << 20

  init(limit: Int) {
    self.limit = limit
    threshold = min(Heap.firstThreshold, limit)
    slots = .allocate(capacity: slotCapacity)
    pins = .allocate(capacity: 1)
    pins.initialize(to: [])
    // Slot 0 is never used, so a zero handle is no object.
    slots.initialize(to: Slot(.none, payload: .none))
    scratch = .allocate(capacity: scratchCapacity)
    spares = .allocate(capacity: Heap.spareSizes)
    spares.initialize(repeating: nil, count: Heap.spareSizes)
  }

  deinit {
    for index in 1..<max(slotCount, 1) { releaseStorage(index) }
    for count in 0..<Heap.spareSizes {
      while let storage = takeSpare(count) { storage.deallocate() }
    }
    spares.deallocate()
    scratch.deallocate()
    pins.deinitialize(count: 1)
    pins.deallocate()
    slots.deallocate()
  }

  // MARK: Slots

  func allocate(_ slot: Slot, octets: Int) -> Int {
    octetsInUse += octets + Heap.slotOctets
    if octetsInUse > threshold { needsCollection = true }
    if firstFree != 0 {
      let index = firstFree
      firstFree = Int(slots[index].extra)
      slots[index] = slot
      return index
    }
    if slotCount == slotCapacity { growSlots() }
    slots.advanced(by: slotCount).initialize(to: slot)
    slotCount += 1
    return slotCount - 1
  }

  private func growSlots() { growSlots(to: slotCapacity * 2) }

  func growSlots(to capacity: Int) {
    guard capacity > slotCapacity else { return }
    let larger = UnsafeMutablePointer<Slot>.allocate(capacity: capacity)
    larger.moveInitialize(from: slots, count: slotCount)
    slots.deallocate()
    slots = larger
    slotCapacity = capacity
  }

  /// Returns a slot to the free list; used by the collector only.
  func free(_ index: Int) {
    releaseStorage(index)
    slots[index].kind = Slot.free
    slots[index].extra = UInt32(firstFree)
    firstFree = index
    octetsInUse -= Heap.slotOctets
  }

  /// After a collection: the next one comes when as much again is in use.
  func resetThreshold() {
    needsCollection = false
    threshold = min(max(octetsInUse * 2, Heap.firstThreshold), max(limit, octetsInUse + 1))
  }

  func releaseStorage(_ index: Int) {
    let slot = slots[index]
    if slot.kind == Slot.buffer { return releaseOctets(slot) }
    switch ValueTag(rawValue: slot.kind) {
    case .string: if slot.place == StringPlace.owned { releaseOctets(slot) }
    case .list, .range, .closure, .record, .distribution, .policy:
      releaseValues(slot.values, slot.capacity)
      octetsInUse -= slot.capacity * 16
    case .map:
      if slot.capacity > 0 { slot.octets.deallocate() }
      octetsInUse -= MapLayout.octets(capacity: slot.capacity)
    case .rational:
      releaseValues(slot.values, 2)
      octetsInUse -= 32
    default: break
    }
  }

  private func releaseOctets(_ slot: Slot) {
    slot.octets.deallocate()
    octetsInUse -= slot.capacity
  }

  /// Refuses what could never fit; smaller overruns are caught at the next safe point.
  func reserve(_ octets: Int) throws(RuntimeError) {
    let (total, overflow) = octetsInUse.addingReportingOverflow(octets)
    if overflow || octets > limit || total > limit &* 2 { throw Heap.limitError(limit) }
  }

  static func limitError(_ limit: Int) -> RuntimeError {
    RuntimeError(
      FaultCode.heap, "the script's heap is full: \(limit >> 20) MiB are in use",
      help: "`--limit heap=…` raises it", isLimit: true)
  }

  func noteStorage(_ octets: Int) {
    octetsInUse += octets
    if octetsInUse > threshold { needsCollection = true }
  }

  /// Room for that many octets in `scratch`, whose first `used` are kept.
  @inline(__always)
  func needScratch(_ count: Int, used: Int) {
    if count > scratchCapacity { growScratch(count, used: used) }
  }

  private func growScratch(_ count: Int, used: Int) {
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: count * 2)
    larger.update(from: scratch, count: used)
    scratch.deallocate()
    scratch = larger
    scratchCapacity = count * 2
  }

  // MARK: Storage of values

  /// Room for that many values, not initialized.
  @inline(__always)
  func takeValues(_ count: Int) -> UnsafeMutablePointer<Value> {
    if count < Heap.spareSizes, let storage = takeSpare(count) { return storage }
    return .allocate(capacity: count)
  }

  private func takeSpare(_ count: Int) -> UnsafeMutablePointer<Value>? {
    guard let storage = spares[count] else { return nil }
    spares[count] = UnsafeMutablePointer(bitPattern: UInt(storage.pointee.bits))
    return storage
  }

  func releaseValues(_ storage: UnsafeMutablePointer<Value>, _ count: Int) {
    if count == 0 { return }
    guard count < Heap.spareSizes else { return storage.deallocate() }
    storage.pointee = Value(head: 0, bits: UInt64(UInt(bitPattern: spares[count])))
    spares[count] = storage
  }

  // MARK: Pins

  func pin(_ value: Value) -> Int {
    if let index = freePins.popLast() {
      pins.pointee[index] = value
      return index
    }
    pins.pointee.append(value)
    return pins.pointee.count - 1
  }

  func unpin(_ index: Int) {
    precondition(!pins.pointee[index].isUnset, "unpinned twice")
    pins.pointee[index] = .unset
    freePins.append(index)
  }

  // MARK: Objects of a fixed number of values

  /// A list, range, closure, record, distribution or policy with room for `count` values.
  func makeValues(_ kind: ValueTag, extra: UInt32 = 0, count: Int, capacity: Int? = nil) -> Value {
    let room = capacity ?? count
    guard room > 0 else {
      let payload = Slot.payload(Heap.nowhere, count: 0, capacity: 0)
      return Value(kind, handle: allocate(Slot(kind, extra: extra, payload: payload), octets: 0))
    }
    let storage = takeValues(room)
    storage.initialize(repeating: .none, count: room)
    let payload = Slot.payload(storage, count: count, capacity: room)
    return Value(
      kind, handle: allocate(Slot(kind, extra: extra, payload: payload), octets: room * 16))
  }

  /// What an empty object points at; never read or written.
  nonisolated(unsafe) private static let nowhere = UnsafeMutableRawPointer.allocate(
    byteCount: 16, alignment: 16)

  func makeCell(_ value: Value) -> Value {
    Value(.cell, handle: allocate(Slot(.cell, payload: value), octets: 0))
  }

  func box(_ exact: Exact, head: UInt64) -> Value {
    let storage = takeValues(2)
    storage.initialize(to: Heap.halves(exact.numerator))
    storage.advanced(by: 1).initialize(to: Heap.halves(exact.denominator))
    let payload = Slot.payload(storage, count: 2, capacity: 2)
    let handle = allocate(Slot(.rational, payload: payload), octets: 32)
    return Value(head: head, bits: UInt64(handle))
  }

  func exact(_ value: Value) -> Exact {
    precondition(value.tagOctet == ValueTag.rational.rawValue, "no boxed quantity")
    let parts = slots[value.handle].values
    return Exact(reduced: Heap.joined(parts[0]), Heap.joined(parts[1]))
  }

  /// 128 bits take the room of one value.
  private static func halves(_ word: Int128) -> Value {
    Value(
      head: UInt64(truncatingIfNeeded: word), bits: UInt64(truncatingIfNeeded: word >> 64))
  }

  private static func joined(_ value: Value) -> Int128 {
    Int128(Int64(bitPattern: value.bits)) << 64 | Int128(value.head)
  }
}
