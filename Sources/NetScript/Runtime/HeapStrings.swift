// Strings of the heap.
//
// Up to 16 octets lie in the slot itself: no storage, and one cache line less to fetch. Longer ones
// own their storage, or share the beginning of a buffer. A text that grows by `s = s + piece` is
// such a beginning: the piece is put behind it in the buffer, and the longer string is a new slot
// over the same octets, which nobody overwrites. So growing costs what is added.

/// Values of `Slot.place`; those from `inSlot` on count the octets in the slot.
enum StringPlace {
  static let owned: UInt8 = 0
  /// The storage is a buffer's, whose number stands where the capacity would.
  static let shared: UInt8 = 1
  static let inSlot: UInt8 = 2
}

extension Slot {
  static let octetsInSlot = 16
  /// Where `payload` lies.
  static let payloadOffset = 8

  /// Of a string.
  @inline(__always) var textCount: Int {
    place >= StringPlace.inSlot ? Int(place - StringPlace.inSlot) : count
  }
}

extension Heap {
  /// Joined texts from here on get a buffer with room for more.
  static let bufferFrom = 128

  // MARK: Making

  func makeString(_ octets: UnsafeBufferPointer<UInt8>) throws(RuntimeError) -> Value {
    guard let source = octets.baseAddress, octets.count > 0 else { return emptyString() }
    return try makeString(source, octets.count)
  }

  /// `source` may lie in another string.
  func makeString(
    _ source: UnsafePointer<UInt8>, _ count: Int
  ) throws(RuntimeError) -> Value {
    if count <= Slot.octetsInSlot {
      var payload = Value.none
      withUnsafeMutableBytes(of: &payload) { bytes in
        bytes.copyMemory(from: UnsafeRawBufferPointer(start: source, count: count))
      }
      var slot = Slot(.string, payload: payload)
      slot.place = StringPlace.inSlot + UInt8(count)
      return Value(.string, handle: allocate(slot, octets: 0))
    }
    try reserve(count)
    let storage = UnsafeMutablePointer<UInt8>.allocate(capacity: count)
    storage.initialize(from: source, count: count)
    let payload = Slot.payload(storage, count: count, capacity: count)
    return Value(.string, handle: allocate(Slot(.string, payload: payload), octets: count))
  }

  func emptyString() -> Value {
    var slot = Slot(.string, payload: .none)
    slot.place = StringPlace.inSlot
    return Value(.string, handle: allocate(slot, octets: 0))
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

  // MARK: Reading

  /// Where they lie now: a short string moves when the next slot is taken.
  @inline(__always)
  func octets(_ string: Value) -> UnsafeBufferPointer<UInt8> {
    precondition(string.tagOctet == ValueTag.string.rawValue, "no string")
    let slot = slots + string.handle
    if slot.pointee.place >= StringPlace.inSlot {
      let start = UnsafeRawPointer(slot) + Slot.payloadOffset
      return UnsafeBufferPointer(
        start: start.assumingMemoryBound(to: UInt8.self), count: slot.pointee.textCount)
    }
    return UnsafeBufferPointer(start: slot.pointee.octets, count: slot.pointee.count)
  }

  func text(_ string: Value) -> String { String(decoding: octets(string), as: UTF8.self) }

  func areEqual(_ first: Value, _ second: Value) -> Bool {
    if first.bits == second.bits { return true }
    let (one, other) = (slots + first.handle, slots + second.handle)
    if max(one.pointee.place, other.pointee.place) >= StringPlace.inSlot {
      // What fits a slot is always in one, filled up with zeros.
      return one.pointee.place == other.pointee.place
        && one.pointee.payload.head == other.pointee.payload.head
        && one.pointee.payload.bits == other.pointee.payload.bits
    }
    let (left, right) = (octets(first), octets(second))
    guard left.count == right.count else { return false }
    for index in 0..<left.count where left[index] != right[index] { return false }
    return true
  }

  /// FNV-1a, or one multiplication for what fits a slot, folded to 32 bits and kept with the
  /// string; 0 means not reckoned yet.
  func hash(string: Value) -> UInt32 {
    let slot = slots + string.handle
    if slot.pointee.extra != 0 { return slot.pointee.extra }
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    if slot.pointee.place >= StringPlace.inSlot {
      let payload = slot.pointee.payload
      let mixed = (payload.head ^ payload.bits &* 0x9FB2_1C65_1E98_DF25) &* 0x9E37_79B9_7F4A_7C15
      hash = mixed ^ UInt64(slot.pointee.place)
    } else {
      for octet in octets(string) { hash = (hash ^ UInt64(octet)) &* 0x100_0000_01B3 }
    }
    let folded = max(UInt32(truncatingIfNeeded: hash ^ hash >> 32), 1)
    slot.pointee.extra = folded
    return folded
  }

  // MARK: Joining

  func join(_ first: Value, _ second: Value) throws(RuntimeError) -> Value {
    let (head, tail) = (octets(first), octets(second))
    if tail.isEmpty { return first }
    if head.isEmpty { return second }
    let total = head.count + tail.count
    try reserve(total)
    if total < Heap.bufferFrom {
      needScratch(total, used: 0)
      copy(head, to: scratch)
      copy(tail, to: scratch + head.count)
      return try makeString(scratch, total)
    }
    let slot = slots[first.handle]
    if slot.place == StringPlace.shared {
      let buffer = slots + slot.capacity
      // Only behind the longest of the buffer's strings is there room.
      if buffer.pointee.count == head.count && buffer.pointee.capacity >= total {
        copy(tail, to: buffer.pointee.octets + head.count)
        buffer.pointee.setCount(total)
        return share(buffer: slot.capacity, total)
      }
    }
    // Large texts leave less unused.
    let capacity = total + (total < 1 << 20 ? total : total / 4)
    try reserve(capacity)
    let storage = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    copy(head, to: storage)
    copy(tail, to: storage + head.count)
    var buffer = Slot(.string, payload: Slot.payload(storage, count: total, capacity: capacity))
    buffer.kind = Slot.buffer
    return share(buffer: allocate(buffer, octets: capacity), total)
  }

  private func share(buffer: Int, _ count: Int) -> Value {
    var slot = Slot(
      .string, payload: Slot.payload(slots[buffer].octets, count: count, capacity: buffer))
    slot.place = StringPlace.shared
    return Value(.string, handle: allocate(slot, octets: 0))
  }

  private func copy(
    _ octets: UnsafeBufferPointer<UInt8>, to target: UnsafeMutablePointer<UInt8>
  ) {
    guard let source = octets.baseAddress else { return }
    target.update(from: source, count: octets.count)
  }

  // MARK: The scratch

  /// Puts octets behind the first `used` of the scratch; returns how many it then holds.
  @inline(__always)
  func append(_ octets: UnsafeBufferPointer<UInt8>, toScratch used: Int) -> Int {
    needScratch(used + octets.count, used: used)
    copy(octets, to: scratch + used)
    return used + octets.count
  }

  func append(_ number: Int64, toScratch used: Int) -> Int {
    // 19 digits and a sign.
    needScratch(used + 20, used: used)
    var magnitude = number.magnitude
    var digits = 1
    var power: UInt64 = 10
    while digits < 19 && magnitude >= power {
      digits += 1
      power = power &* 10
    }
    let start = scratch + used + (number < 0 ? 1 : 0)
    if number < 0 { scratch[used] = Ascii.minus }
    for index in (0..<digits).reversed() {
      let (quotient, rest) = magnitude.quotientAndRemainder(dividingBy: 10)
      start[index] = Ascii.zero + UInt8(truncatingIfNeeded: rest)
      magnitude = quotient
    }
    return used + digits + (number < 0 ? 1 : 0)
  }
}
