// Frames between stations: slots of octets, as a value.
//
// Most frames are Ethernet's of 1,500 octets; those of a larger MTU lie in slots of their own.

import NetStack

/// One frame on its way.
private struct Frame {
  var octets: InlineArray<1536, UInt8> = .init(repeating: 0)  // first: its address is the frame's
  var length = 0
  /// As the stack that sent it says, while nobody has written to it: `GatheredFrame.isSummed`.
  var isSummed = false
  /// The same; it means something where that is true.
  var pattern: Int16 = -1
}

/// One that is longer than that.
private struct LongFrame {
  var octets: InlineArray<9216, UInt8> = .init(repeating: 0)
  var length = 0
}

struct FramePool: Sendable {
  static let slotOctets = 1536
  /// The longest: an MTU of 9,000 octets, and more than Ethernet's header.
  static let mostOctets = 9216
  /// Of the numbers of long slots.
  private static let long: Int32 = 1 << 30

  private var frames = Slab<Frame>()
  private var free = Slab<Int32>()
  private var longFrames = Slab<LongFrame>(capacity: 1)
  private var freeLong: [Int32] = []
  /// Frames that were damaged on a medium, so that their CRC is wrong; mostly there are none.
  private var damaged: [Int32] = []
  private(set) var hasDamaged = false

  mutating func makeUnique() {
    frames.makeUnique()
    free.makeUnique()
    longFrames.makeUnique()
  }

  /// A slot for one frame, its length still that of the last.
  @inline(__always)
  mutating func take() -> Int32 {
    if free.count > 0 { return free.removeLast() }
    frames.append(Frame())
    return Int32(frames.count - 1)
  }

  /// A slot for a frame of so many octets.
  mutating func take(for octets: Int) -> Int32 {
    if octets <= Self.slotOctets { return take() }
    if let slot = freeLong.popLast() { return slot }
    longFrames.append(LongFrame())
    return Int32(longFrames.count - 1) | Self.long
  }

  @inline(__always)
  mutating func give(_ slot: Int32) {
    if hasDamaged { mend(slot) }
    if slot & Self.long == 0 { free.append(slot) } else { giveLong(slot) }
  }

  @inline(never)
  private mutating func giveLong(_ slot: Int32) { freeLong.append(slot) }

  /// Where a frame is written; `setLength` says afterwards how far.
  @inline(__always)
  func memory(_ slot: Int32) -> UnsafeMutableRawPointer {
    if slot & Self.long != 0 { return UnsafeMutableRawPointer(longFrame(slot)) }
    frames.place(Int(slot)).pointee.isSummed = false
    return UnsafeMutableRawPointer(frames.place(Int(slot)))
  }

  /// What was written is a stack's frame, whole.
  @inline(__always)
  func set(_ frame: GatheredFrame, of slot: Int32) {
    setLength(frame.octetCount, of: slot)
    if slot & Self.long != 0 { return }
    frames.place(Int(slot)).pointee.isSummed = frame.isSummed
    frames.place(Int(slot)).pointee.pattern = frame.pattern
  }

  /// Long frames are summed again wherever they arrive.
  @inline(__always)
  func isSummed(_ slot: Int32) -> Bool {
    slot & Self.long == 0 && frames.place(Int(slot)).pointee.isSummed
  }

  @inline(__always)
  func pattern(_ slot: Int32) -> Int16 {
    isSummed(slot) ? frames.place(Int(slot)).pointee.pattern : -1
  }

  @inline(__always)
  func setLength(_ count: Int, of slot: Int32) {
    let isLong = slot & Self.long != 0
    let most = isLong ? Self.mostOctets : Self.slotOctets
    precondition(count >= 0 && count <= most, "a frame is longer than its slot")
    if isLong {
      longFrame(slot).pointee.length = count
    } else {
      frames.place(Int(slot)).pointee.length = count
    }
  }

  /// A frame, in place: good until the next `take`.
  @inline(__always)
  func octets(_ slot: Int32) -> UnsafeRawBufferPointer {
    if slot & Self.long != 0 {
      let frame = longFrame(slot)
      return UnsafeRawBufferPointer(start: frame, count: frame.pointee.length)
    }
    let frame = frames.place(Int(slot))
    return UnsafeRawBufferPointer(start: frame, count: frame.pointee.length)
  }

  // In place: a call with the pool as its argument would copy that.
  @inline(__always)
  private func longFrame(_ slot: Int32) -> UnsafeMutablePointer<LongFrame> {
    longFrames.place(Int(slot & ~Self.long))
  }

  // MARK: damage

  /// A frame's octets are no longer those that its CRC was computed over.
  mutating func damage(_ slot: Int32) {
    if isDamaged(slot) { return }
    damaged.append(slot)
    hasDamaged = true
  }

  func isDamaged(_ slot: Int32) -> Bool { hasDamaged && damaged.contains(slot) }

  @inline(never)
  private mutating func mend(_ slot: Int32) {
    damaged.removeAll { $0 == slot }
    hasDamaged = !damaged.isEmpty
  }
}
