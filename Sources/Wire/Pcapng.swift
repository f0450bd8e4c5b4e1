// Writes captures in the pcapng format, for Wireshark, tshark and tcpdump to read.
//
// IETF draft-ietf-opsawg-pcapng: §4.1 section header, §4.2 interface description, §4.3 enhanced
// packet. Blocks are written little-endian. Times count nanoseconds from the start of the run, so
// captures of equal runs are equal octet for octet.
// Left out on purpose: reading, name resolution, statistics.

/// A capture under construction: a section header, then interfaces and frames in the order given.
public struct PcapngWriter: Sendable {
  /// What has been written and not yet taken.
  public private(set) var octets: [UInt8]
  /// Interfaces described so far; the next one gets this number.
  public private(set) var interfaceCount: UInt32

  /// Begins a section.
  ///
  /// - Parameter application: who writes, as Wireshark shows it under "capture file properties".
  public init(application: String) {
    octets = []
    interfaceCount = 0
    let start = beginBlock(type: 0x0A0D_0D0A)
    append32(0x1A2B_3C4D)
    append16(1)
    append16(0)
    // The section's length: not specified.
    append32(0xFFFF_FFFF)
    append32(0xFFFF_FFFF)
    appendOption(code: 4, text: application)
    append32(0)
    endBlock(start)
  }

  /// Describes an Ethernet interface whose times are nanoseconds.
  ///
  /// - Parameters:
  ///   - name: as Wireshark shows it, for instance `server.eth0`.
  ///   - description: what it is; nothing when empty.
  ///   - speed: bits a second; 0 for nothing.
  /// - Returns: the number to give to `add`.
  public mutating func addInterface(
    name: String, description: String = "", speed: UInt64 = 0
  ) -> UInt32 {
    let start = beginBlock(type: 1)
    append16(1)
    append16(0)
    // No snapshot length: frames are kept whole.
    append32(0)
    appendOption(code: 2, text: name)
    if !description.isEmpty { appendOption(code: 3, text: description) }
    if speed > 0 {
      append16(8)
      append16(8)
      append32(UInt32(truncatingIfNeeded: speed))
      append32(UInt32(truncatingIfNeeded: speed >> 32))
    }
    // if_tsresol: 10^-9 s.
    append16(9)
    append16(1)
    octets.append(9)
    pad()
    append32(0)
    endBlock(start)
    interfaceCount += 1
    return interfaceCount - 1
  }

  /// Adds one frame, from its Ethernet header to the end of its payload (no frame check sequence).
  ///
  /// - Parameters:
  ///   - nanoseconds: since the start of the run.
  ///   - comment: shown as the packet's comment; nothing when empty.
  ///   - whole: octets of the frame, where `frame` is only its beginning.
  public mutating func add(
    _ frame: UnsafeRawBufferPointer, nanoseconds: UInt64, interface: UInt32, comment: String = "",
    of whole: Int? = nil
  ) {
    precondition(interface < interfaceCount, "the interface has not been described")
    precondition(frame.count <= 0xFFFF, "no Ethernet frame is so long")
    let start = beginBlock(type: 6)
    append32(interface)
    append32(UInt32(truncatingIfNeeded: nanoseconds >> 32))
    append32(UInt32(truncatingIfNeeded: nanoseconds))
    append32(UInt32(frame.count))
    append32(UInt32(whole ?? frame.count))
    octets.append(contentsOf: frame)
    pad()
    if !comment.isEmpty {
      appendOption(code: 1, text: comment)
      append32(0)
    }
    endBlock(start)
  }

  /// Hands over what has been written so far and keeps the interfaces: for long captures in pieces.
  public mutating func take() -> [UInt8] {
    let taken = octets
    octets = []
    return taken
  }

  /// Writes the block's type and leaves room for its length; returns where the block starts.
  private mutating func beginBlock(type: UInt32) -> Int {
    let start = octets.count
    append32(type)
    append32(0)
    return start
  }

  /// Writes the block's length behind it and into the room in front.
  private mutating func endBlock(_ start: Int) {
    let length = UInt32(octets.count - start + 4)
    for index in 0..<4 {
      octets[start + 4 + index] = UInt8(truncatingIfNeeded: length >> UInt32(8 * index))
    }
    append32(length)
    assert(octets.count & 3 == 0, "a block ends on a multiple of 4 octets")
  }

  /// Appends a text option. A text beyond the field's 16 bits is cut.
  private mutating func appendOption(code: UInt16, text: String) {
    let octetsOfText = text.utf8.prefix(0xFFFF)
    append16(code)
    append16(UInt16(octetsOfText.count))
    octets.append(contentsOf: octetsOfText)
    pad()
  }

  private mutating func pad() {
    while octets.count & 3 != 0 { octets.append(0) }
  }

  private mutating func append16(_ value: UInt16) {
    octets.append(UInt8(truncatingIfNeeded: value))
    octets.append(UInt8(truncatingIfNeeded: value >> 8))
  }

  private mutating func append32(_ value: UInt32) {
    append16(UInt16(truncatingIfNeeded: value))
    append16(UInt16(truncatingIfNeeded: value >> 16))
  }
}
