// Frames between stations: slots of octets, as a value.
//
// Most frames are Ethernet's of 1,500 octets; those of a larger MTU lie in slots of their own.

import NetStack
import Wire

/// One frame on its way, and what the stack says that has sent it.
private struct Frame {
  var octets: InlineArray<1536, UInt8> = .init(repeating: 0)  // first: its address is the frame's
  var gathered = GatheredFrame()
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

  /// Where a frame is written; `set` says afterwards what it is.
  @inline(__always)
  func memory(_ slot: Int32) -> UnsafeMutableRawPointer {
    if slot & Self.long != 0 { return UnsafeMutableRawPointer(longFrame(slot)) }
    return UnsafeMutableRawPointer(frames.place(Int(slot)))
  }

  /// What was written. In a long slot nothing more is known of a frame than its octets: they are
  /// all written, and summed again wherever they arrive.
  @inline(__always)
  func set(_ frame: GatheredFrame, of slot: Int32) {
    let isLong = slot & Self.long != 0
    let most = isLong ? Self.mostOctets : Self.slotOctets
    precondition(
      frame.octetCount >= 0 && frame.octetCount <= most, "a frame is longer than its slot")
    if !isLong { return frames.place(Int(slot)).pointee.gathered = frame }
    longFrame(slot).pointee.length = Int(frame.octetCount)
    if !frame.isWritten { writeRest(slot, frame) }
  }

  func setLength(_ count: Int, of slot: Int32) { set(GatheredFrame(octetCount: count), of: slot) }

  @inline(__always)
  func gathered(_ slot: Int32) -> GatheredFrame {
    if slot & Self.long != 0 {
      return GatheredFrame(octetCount: longFrame(slot).pointee.length)
    }
    return frames.place(Int(slot)).pointee.gathered
  }

  @inline(__always)
  func octetCount(_ slot: Int32) -> Int { Int(gathered(slot).octetCount) }

  /// Those of a frame's octets that have been written, in place: its headers at least.
  @inline(__always)
  func front(_ slot: Int32) -> UnsafeRawBufferPointer {
    let frame = gathered(slot)
    return UnsafeRawBufferPointer(
      start: memory(slot), count: Int(min(frame.written, frame.octetCount)))
  }

  /// A frame whole, in place: good until the next `take`. What nobody had written is written now.
  @inline(__always)
  func octets(_ slot: Int32) -> UnsafeRawBufferPointer {
    let frame = gathered(slot)
    if !frame.isWritten { write(slot, frame) }
    return UnsafeRawBufferPointer(start: memory(slot), count: Int(frame.octetCount))
  }

  @inline(never)
  private func write(_ slot: Int32, _ frame: GatheredFrame) {
    writeRest(slot, frame)
    frames.place(Int(slot)).pointee.gathered.written = frame.octetCount
  }

  @inline(never)
  private func writeRest(_ slot: Int32, _ frame: GatheredFrame) {
    Payload.fill(
      memory(slot) + Int(frame.written), frame.pattern, from: Int(frame.written),
      count: Int(frame.octetCount - frame.written))
  }

  @inline(__always)
  func hash(_ slot: Int32) -> UInt64 {
    let frame = gathered(slot)
    if frame.isWritten { return FrameHash.of(front(slot)) }
    return Payload.hash(
      memory(slot), written: Int(frame.written), count: Int(frame.octetCount), frame.pattern)
  }

  /// A frame whole, for who may change nothing, not even what nobody sees.
  @inline(__always)
  func withOctets<Result>(
    _ slot: Int32, _ body: (UnsafeRawBufferPointer) -> Result
  ) -> Result {
    let frame = gathered(slot)
    if frame.isWritten { return body(front(slot)) }
    return Payload.withWhole(
      memory(slot), written: Int(frame.written), count: Int(frame.octetCount), frame.pattern, body)
  }

  /// Zeros up to the least that Ethernet sends.
  @inline(never)
  func pad(_ slot: Int32) {
    let count = octets(slot).count
    let missing = EthernetLimits.minimumFrameOctets - count
    (memory(slot) + count).initializeMemory(as: UInt8.self, repeating: 0, count: missing)
    setLength(EthernetLimits.minimumFrameOctets, of: slot)
  }

  /// One of its octets will be changed: what is known of the others is forgotten.
  func forget(_ slot: Int32) { setLength(octets(slot).count, of: slot) }

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
