// Reads captures: pcap with microseconds or nanoseconds, and pcapng, in both byte orders.
//
// IETF draft-ietf-opsawg-pcap and draft-ietf-opsawg-pcapng: §4.1 section header, §4.2 interface
// description (if_tsresol), §4.3 enhanced and §4.4 simple packet. Other blocks are passed over.
// Only Ethernet. Nothing that a file claims is believed before it was compared with its length.

public struct CaptureFile: Sendable {
  public struct Frame: Sendable {
    /// Since the first frame of the file.
    public var nanoseconds: Int64
    /// Where its octets lie in the file.
    public var octets: Range<Int>
  }

  public private(set) var frames: [Frame] = []

  /// What is wrong with a file, and where.
  public struct Mistake: Error, Equatable, Sendable {
    public var text: String
  }

  public init(reading file: [UInt8]) throws(Mistake) {
    guard file.count >= 24 else {
      throw Mistake(text: "it has \(file.count) octets: too few for any capture")
    }
    let reader = Reader(octets: file)
    switch reader.word(at: 0, isBig: false) {
    case 0xA1B2_C3D4: try readPcap(reader, isBig: false, unit: 1000)
    case 0xD4C3_B2A1: try readPcap(reader, isBig: true, unit: 1000)
    case 0xA1B2_3C4D: try readPcap(reader, isBig: false, unit: 1)
    case 0x4D3C_B2A1: try readPcap(reader, isBig: true, unit: 1)
    case 0x0A0D_0D0A: try readPcapng(reader)
    default: throw Mistake(text: "it begins neither as pcap nor as pcapng does")
    }
    guard let first = frames.first else { return }
    for index in frames.indices {
      frames[index].nanoseconds = max(frames[index].nanoseconds &- first.nanoseconds, 0)
    }
  }

  private struct Reader {
    let octets: [UInt8]

    /// The caller has compared with the length.
    func word(at offset: Int, isBig: Bool) -> UInt32 {
      var value: UInt32 = 0
      for step in 0..<4 {
        let shift = UInt32(isBig ? 3 - step : step) * 8
        value |= UInt32(octets[offset + step]) << shift
      }
      return value
    }

    func half(at offset: Int, isBig: Bool) -> Int {
      let (first, second) = (Int(octets[offset]), Int(octets[offset + 1]))
      return isBig ? first << 8 | second : second << 8 | first
    }
  }

  private mutating func add(
    _ nanoseconds: Int64, at offset: Int, count: Int
  ) throws(Mistake) {
    let number = frames.count + 1
    let most = EthernetHeader.octetCount + EthernetLimits.maximumPayloadOctets
    guard count >= EthernetHeader.octetCount, count <= most else {
      throw Mistake(text: "frame \(number) has \(count) octets, no Ethernet frame's length")
    }
    frames.append(Frame(nanoseconds: nanoseconds, octets: offset..<(offset + count)))
  }

  private static func requireEthernet(_ link: UInt32) throws(Mistake) {
    if link == 1 { return }
    throw Mistake(text: "its link type is \(link), and only Ethernet (1) can be replayed")
  }

  // MARK: pcap

  private mutating func readPcap(
    _ reader: Reader, isBig: Bool, unit: Int64
  ) throws(Mistake) {
    try Self.requireEthernet(reader.word(at: 20, isBig: isBig) & 0x0FFF_FFFF)
    var offset = 24
    while offset < reader.octets.count {
      guard offset + 16 <= reader.octets.count else {
        throw Mistake(text: "it ends inside the head of frame \(frames.count + 1)")
      }
      let seconds = Int64(reader.word(at: offset, isBig: isBig))
      let fraction = Int64(reader.word(at: offset + 4, isBig: isBig))
      let count = Int(reader.word(at: offset + 8, isBig: isBig))
      offset += 16
      guard count <= reader.octets.count - offset else {
        throw Mistake(text: "it ends inside frame \(frames.count + 1)")
      }
      try add(seconds * 1_000_000_000 + fraction * unit, at: offset, count: count)
      offset += count
    }
  }

  // MARK: pcapng

  /// One interface's units: ten or two to a negative power.
  private struct Clock {
    var isBinary = false
    var exponent: UInt8 = 6

    func nanoseconds(_ ticks: UInt64) -> Int64? {
      if isBinary {
        guard exponent < 64 else { return nil }
        let (high, low) = ticks.multipliedFullWidth(by: 1_000_000_000)
        let value = exponent == 0 ? low : low >> UInt64(exponent) | high << UInt64(64 - exponent)
        return high >> UInt64(exponent) == 0 ? Int64(exactly: value) : nil
      }
      var value = ticks
      guard exponent <= 18 else { return nil }
      for _ in 0..<max(Int(exponent) - 9, 0) { value /= 10 }
      for _ in 0..<max(9 - Int(exponent), 0) {
        let (product, overflow) = value.multipliedReportingOverflow(by: 10)
        if overflow { return nil }
        value = product
      }
      return Int64(exactly: value)
    }
  }

  private mutating func readPcapng(_ reader: Reader) throws(Mistake) {
    var offset = 0
    var isBig = false
    var clocks: [Clock] = []
    while offset < reader.octets.count {
      guard offset + 12 <= reader.octets.count else {
        throw Mistake(text: "it ends inside the head of a block, at octet \(offset)")
      }
      let type = reader.word(at: offset, isBig: isBig)
      if type == 0x0A0D_0D0A {
        isBig = reader.word(at: offset + 8, isBig: true) == 0x1A2B_3C4D
        clocks = []
      }
      let length = Int(reader.word(at: offset + 4, isBig: isBig))
      guard length >= 12, length % 4 == 0, length <= reader.octets.count - offset else {
        throw Mistake(text: "the block at octet \(offset) claims \(length) octets")
      }
      let body = (offset + 8)..<(offset + length - 4)
      switch type {
      case 1: clocks.append(try Self.clock(reader, body, isBig: isBig))
      case 6: try readEnhanced(reader, body, clocks, isBig: isBig)
      case 3: try readSimple(reader, body, isBig: isBig)
      default: break
      }
      offset += length
    }
  }

  private static func clock(
    _ reader: Reader, _ body: Range<Int>, isBig: Bool
  ) throws(Mistake) -> Clock {
    guard body.count >= 8 else { throw Mistake(text: "an interface's block is cut short") }
    try requireEthernet(UInt32(reader.half(at: body.lowerBound, isBig: isBig)))
    var clock = Clock()
    var offset = body.lowerBound + 8
    while offset + 4 <= body.upperBound {
      let code = reader.half(at: offset, isBig: isBig)
      let count = reader.half(at: offset + 2, isBig: isBig)
      offset += 4
      if code == 0 || count > body.upperBound - offset { break }
      if code == 9 && count == 1 {
        clock.isBinary = reader.octets[offset] & 0x80 != 0
        clock.exponent = reader.octets[offset] & 0x7F
      }
      offset += (count + 3) / 4 * 4
    }
    return clock
  }

  private mutating func readEnhanced(
    _ reader: Reader, _ body: Range<Int>, _ clocks: [Clock], isBig: Bool
  ) throws(Mistake) {
    let number = frames.count + 1
    guard body.count >= 20 else { throw Mistake(text: "frame \(number)'s block is cut short") }
    let start = body.lowerBound
    let interface = Int(reader.word(at: start, isBig: isBig))
    guard interface < clocks.count else {
      throw Mistake(text: "frame \(number) is of an interface that the file does not describe")
    }
    let high = UInt64(reader.word(at: start + 4, isBig: isBig))
    let low = UInt64(reader.word(at: start + 8, isBig: isBig))
    let count = Int(reader.word(at: start + 12, isBig: isBig))
    guard count <= body.count - 20 else {
      throw Mistake(text: "frame \(number) is longer than its block")
    }
    guard let time = clocks[interface].nanoseconds(high << 32 | low) else {
      throw Mistake(text: "frame \(number)'s time is out of range")
    }
    try add(time, at: start + 20, count: count)
  }

  /// A simple packet has no time: it comes with the one before it.
  private mutating func readSimple(
    _ reader: Reader, _ body: Range<Int>, isBig: Bool
  ) throws(Mistake) {
    guard body.count >= 4 else { throw Mistake(text: "a simple packet's block is cut short") }
    let claimed = Int(reader.word(at: body.lowerBound, isBig: isBig))
    try add(
      frames.last?.nanoseconds ?? 0, at: body.lowerBound + 4, count: min(claimed, body.count - 4))
  }
}
