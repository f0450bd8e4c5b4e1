// Frames between stations: slots of octets, as a value.

struct FramePool: Sendable {
  static let slotOctets = 1536
  private var octets: [UInt8] = []
  private var lengths: [Int32] = []
  private var free: [Int32] = []

  /// A slot for one frame, its length still 0.
  mutating func take() -> Int32 {
    if let slot = free.popLast() { return slot }
    let slot = Int32(lengths.count)
    lengths.append(0)
    octets.append(contentsOf: repeatElement(0, count: Self.slotOctets))
    return slot
  }

  mutating func give(_ slot: Int32) { free.append(slot) }

  func length(_ slot: Int32) -> Int { Int(lengths[Int(slot)]) }

  /// Writes a frame: `body` returns how many octets it wrote.
  @inline(__always)
  mutating func write(_ slot: Int32, _ body: (UnsafeMutableRawPointer) -> Int) -> Int {
    let start = Int(slot) * Self.slotOctets
    let count = octets.withUnsafeMutableBytes { bytes in
      body(bytes.baseAddress.unsafelyUnwrapped + start)
    }
    precondition(count <= Self.slotOctets, "a frame is longer than its slot")
    lengths[Int(slot)] = Int32(count)
    return count
  }

  @inline(__always)
  func read<Result>(_ slot: Int32, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    let start = Int(slot) * Self.slotOctets
    let count = length(slot)
    return octets.withUnsafeBytes { bytes in
      body(UnsafeRawBufferPointer(rebasing: bytes[start..<(start + count)]))
    }
  }
}
