// Frames between stations: slots of octets, as a value.

import NetStack

/// One frame on its way.
private struct Frame {
  var octets: InlineArray<1536, UInt8> = .init(repeating: 0)  // first: its address is the frame's
  var length = 0
  /// As the stack that sent it says, while nobody has written to it: `GatheredFrame.isSummed`.
  var isSummed = false
}

struct FramePool: Sendable {
  static let slotOctets = 1536
  private var frames = Slab<Frame>()
  private var free = Slab<Int32>()

  mutating func makeUnique() {
    frames.makeUnique()
    free.makeUnique()
  }

  /// A slot for one frame, its length still that of the last.
  mutating func take() -> Int32 {
    if free.count > 0 { return free.removeLast() }
    frames.append(Frame())
    return Int32(frames.count - 1)
  }

  mutating func give(_ slot: Int32) { free.append(slot) }

  /// Where a frame is written; `setLength` says afterwards how far.
  func memory(_ slot: Int32) -> UnsafeMutableRawPointer {
    frames.place(Int(slot)).pointee.isSummed = false
    return UnsafeMutableRawPointer(frames.place(Int(slot)))
  }

  /// What was written is a stack's frame, whole.
  func set(_ frame: GatheredFrame, of slot: Int32) {
    setLength(frame.octetCount, of: slot)
    frames.place(Int(slot)).pointee.isSummed = frame.isSummed
  }

  func isSummed(_ slot: Int32) -> Bool { frames.place(Int(slot)).pointee.isSummed }

  func setLength(_ count: Int, of slot: Int32) {
    precondition(count >= 0 && count <= Self.slotOctets, "a frame is longer than its slot")
    frames.place(Int(slot)).pointee.length = count
  }

  /// A frame, in place: good until the next `take`.
  func octets(_ slot: Int32) -> UnsafeRawBufferPointer {
    let frame = frames.place(Int(slot))
    return UnsafeRawBufferPointer(start: frame, count: frame.pointee.length)
  }
}
