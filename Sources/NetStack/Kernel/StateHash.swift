// What a state comes down to: 128 bits over all that the future depends on.
//
// Two halves that are mixed apart, so that two unlike states share one with a probability of
// 2^-128: of a thousand million states some pair does with one of 10^-21. What is only counted or
// remembered for people (statistics, peaks, who took a buffer and when) is left out unless `counts`
// says that somebody reads it. Numbers that mean nothing but themselves (of mbufs and clusters) are
// given out anew, in the order of the walk (`BufferNames`).

import Wire

public struct StateHash: Sendable {
  private var low: UInt64 = 0x9E37_79B9_7F4A_7C15
  private var high: UInt64 = 0xC2B2_AE3D_27D4_EB4F
  /// What is only counted belongs to the state.
  public let counts: Bool
  /// Something was met that no part of the walk knows: the state is like no other.
  public private(set) var isUnknown = false

  public init(counts: Bool) { self.counts = counts }

  /// The state was hashed whole.
  public var value: UInt128 { UInt128(high) << 64 | UInt128(low) }

  public mutating func refuse() { isUnknown = true }

  @inline(__always)
  public mutating func word(_ word: UInt64) {
    let first = (low ^ word).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
    low = first.high ^ first.low &+ 0x2545_F491_4F6C_DD1D
    let second = (high &+ word ^ 0xA076_1D64_78BD_642F)
      .multipliedFullWidth(by: 0xE703_7ED1_A0B4_28DB)
    high = second.high &+ (second.low ^ 0x8EBC_6AF0_9C88_C6E3)
  }

  @inline(__always)
  public mutating func add<A: StateWord>(_ a: A) { word(a.stateWord) }

  @inline(__always)
  public mutating func add<A: StateWord, B: StateWord>(_ a: A, _ b: B) {
    add(a)
    add(b)
  }

  @inline(__always)
  public mutating func add<A: StateWord, B: StateWord, C: StateWord>(_ a: A, _ b: B, _ c: C) {
    add(a, b)
    add(c)
  }

  @inline(__always)
  public mutating func add<A: StateWord, B: StateWord, C: StateWord, D: StateWord>(
    _ a: A, _ b: B, _ c: C, _ d: D
  ) {
    add(a, b)
    add(c, d)
  }

  /// A number of things and what each is.
  @inline(__always)
  public mutating func add<A: StateWord>(all items: [A]) {
    add(items.count)
    for item in items { add(item) }
  }

  public mutating func add(octets: UnsafeRawBufferPointer) {
    add(octets.count)
    var at = 0
    while at + 8 <= octets.count {
      word(octets.loadUnaligned(fromByteOffset: at, as: UInt64.self))
      at += 8
    }
    var rest: UInt64 = 0
    while at < octets.count {
      rest = rest << 8 | UInt64(octets[at])
      at += 1
    }
    word(rest)
  }
}

/// What is a word of a state.
public protocol StateWord {
  var stateWord: UInt64 { get }
}

extension StateWord where Self: BinaryInteger {
  @inline(__always) public var stateWord: UInt64 { UInt64(truncatingIfNeeded: self) }
}

extension StateWord where Self: RawRepresentable, RawValue: BinaryInteger {
  @inline(__always) public var stateWord: UInt64 { UInt64(truncatingIfNeeded: rawValue) }
}

extension Int: StateWord {}
extension Int16: StateWord {}
extension Int32: StateWord {}
extension Int64: StateWord {}
extension UInt8: StateWord {}
extension UInt16: StateWord {}
extension UInt32: StateWord {}
extension UInt64: StateWord {}

extension Bool: StateWord {
  @inline(__always) public var stateWord: UInt64 { self ? 1 : 0 }
}

extension Instant: StateWord {
  @inline(__always) public var stateWord: UInt64 { UInt64(bitPattern: nanoseconds) }
}

extension TimeSpan: StateWord {
  @inline(__always) public var stateWord: UInt64 { UInt64(bitPattern: nanoseconds) }
}

extension Optional: StateWord where Wrapped: StateWord {
  @inline(__always) public var stateWord: UInt64 {
    // No word that is used comes near the last one.
    self?.stateWord ?? 0xFFFF_FFFF_FFFF_0001
  }
}

extension IPv4Address: StateWord {
  @inline(__always) public var stateWord: UInt64 { UInt64(rawValue) }
}

extension MACAddress: StateWord {
  @inline(__always) public var stateWord: UInt64 { rawValue }
}

extension SequenceNumber: StateWord {
  @inline(__always) public var stateWord: UInt64 { UInt64(rawValue) }
}

extension SocketKind: StateWord {}
extension SocketState: StateWord {}
extension SocketOptions: StateWord {}
extension SocketError: StateWord {}
extension SockbufFlags: StateWord {}
extension TCPState: StateWord {}
extension TcpcbFlags: StateWord {}
extension UrgentFlags: StateWord {}
extension MbufType: StateWord {}
extension MbufFlags: StateWord {}
extension MessageFlags: StateWord {}
extension Place: StateWord {}
extension AllocatorKind: StateWord {}
extension AllocationSite: StateWord {}
extension BufferClass: StateWord {}
extension Requester: StateWord {}
extension ReleaseLook: StateWord {}
extension WaitingMode: StateWord {}
extension Panic: StateWord {}

extension Wait {
  public func addState(to hash: inout StateHash) {
    switch self {
    case .buffer(let bufferClass, let who, let socket): hash.add(1, bufferClass, who, socket)
    case .sized(let sizeClass, let who, let socket): hash.add(2, sizeClass, who, socket)
    case .socketSpace(let socket): hash.add(3, socket)
    case .socketData(let socket): hash.add(4, socket)
    case .connection(let socket): hash.add(5, socket)
    case .acceptQueue(let socket): hash.add(6, socket)
    case .lingering(let socket): hash.add(7, socket)
    case .select: hash.add(8)
    case .deviceReceive(let interface): hash.add(9, interface)
    case .refill(let interface): hash.add(10, interface)
    case .devicePoll(let interface): hash.add(11, interface)
    case .deviceTransmit(let interface): hash.add(12, interface)
    case .transmitRing(let interface): hash.add(13, interface)
    case .network: hash.add(14)
    }
  }
}

extension CallResult {
  public func addState(to hash: inout StateHash) {
    switch self {
    case .none: hash.add(0)
    case .error(let error): hash.add(1, error)
    case .octets(let count): hash.add(2, count)
    case .socket(let socket): hash.add(3, socket)
    case .datagram(let octets, let address, let port): hash.add(4, octets, address, port)
    case .option(let value): hash.add(5, value)
    case .ready: hash.add(6)
    case .panic(let panic): hash.add(7, panic)
    }
  }
}

extension Step {
  public func addState(to hash: inout StateHash) {
    switch self {
    case .ran(let cost): hash.add(1, cost)
    case .waits(let wait):
      hash.add(2)
      wait.addState(to: &hash)
    case .done(let result):
      hash.add(3)
      result.addState(to: &hash)
    }
  }
}
