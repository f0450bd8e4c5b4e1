// Where a buffer lies: the names of `pool.held[…]`, and the order in which a shared cluster counts.

/// The twelve terms of the conservation law, less `free`.
///
/// The raw value is the order in which a cluster held at several places is counted once: the send
/// buffer before the transmit ring, because the send buffer is what keeps it longest.
public enum Place: UInt8, CaseIterable, Sendable {
  case sndbuf, rcvbuf, reass, arphold, ifq, txring
  case ring, ipq, arpq, hand, leaked

  /// As scripts write it: `pool.held[.sndbuf]`.
  public var name: String {
    switch self {
    case .sndbuf: "sndbuf"
    case .rcvbuf: "rcvbuf"
    case .reass: "reass"
    case .arphold: "arphold"
    case .ifq: "ifq"
    case .txring: "txring"
    case .ring: "ring"
    case .ipq: "ipq"
    case .arpq: "arpq"
    case .hand: "hand"
    case .leaked: "leaked"
    }
  }

  public static let count = 11

  /// Its holder is a socket.
  @inline(__always)
  public var isOfSocket: Bool { rawValue <= Place.reass.rawValue }
}

/// A counter for each place; a fixed record, because it lives in the arena.
public struct PlaceCounts: Equatable, Sendable {
  /// The twelfth is zero: their sum is one of three vectors.
  var words: InlineArray<12, Int32> = .init(repeating: 0)

  public init() {}

  @inline(__always)
  public subscript(_ place: Place) -> Int32 {
    get { words[unchecked: Int(place.rawValue)] }
    set { words[unchecked: Int(place.rawValue)] = newValue }
  }

  /// All that is held, wherever it lies.
  @inline(__always)
  public var total: Int32 { withUnsafePointer(to: self) { PlaceCounts.total($0) } }

  @inline(__always)
  static func total(_ counts: UnsafePointer<PlaceCounts>) -> Int32 {
    let memory = UnsafeRawPointer(counts)
    let first = memory.loadUnaligned(as: SIMD4<Int32>.self)
    let second = memory.loadUnaligned(fromByteOffset: 16, as: SIMD4<Int32>.self)
    let third = memory.loadUnaligned(fromByteOffset: 32, as: SIMD4<Int32>.self)
    return (first &+ second &+ third).wrappedSum()
  }

  public static func == (a: PlaceCounts, b: PlaceCounts) -> Bool {
    for place in Place.allCases where a[place] != b[place] { return false }
    return true
  }
}
