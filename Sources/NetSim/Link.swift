// Media: a shared LAN where one frame at a time crosses, a switched one, and a point-to-point link,
// full duplex.
//
// An ideal medium: first come, first served, no collisions. Each frame costs 8 octets of preamble,
// 4 of CRC and 12 of gap (67.2 us for the smallest at 10 Mb/s).

import NetStack
import Wire

/// How stations share a medium.
public enum Medium: Sendable {
  /// One frame at a time for all.
  case shared
  /// Two ends, each with its own direction.
  case pointToPoint
  /// A cable to each station, full duplex, and a switch between them: see `Switch`.
  case switched
}

/// A link as it is built.
public struct LinkConfiguration: Sendable {
  public var rate: Int64
  public var delay: TimeSpan
  public var medium = Medium.shared
  /// Each frame takes up to so much longer, evenly spread.
  public var jitter = TimeSpan.zero
  /// Frames of one sender do not overtake each other for that.
  public var keepsOrder = true
  /// Frames that one output of a switch holds.
  public var outputQueue = 64
  /// A switch learns where stations are from what they send; else it knows.
  public var learns = true
  /// Where jitter is drawn.
  public var draws = RandomStream(seed: 1, path: "", purpose: "jitter")

  public init(rate: Int64, delay: TimeSpan) {
    self.rate = rate
    self.delay = delay
  }
}

/// Why a frame did not get to the other end. The raw value enters the digest: never renumber.
public enum LossReason: Int64, Sendable {
  case fault = 0
  /// The queue of a switch's output was full.
  case queueFull
  /// The link is cut.
  case down
  /// Its two stations do not hear each other.
  case partition

  public var name: String {
    switch self {
    case .fault: "fault"
    case .queueFull: "queue_full"
    case .down: "down"
    case .partition: "partition"
    }
  }
}

public struct Link: Sendable {
  /// Bits a second.
  public let rate: Int64
  /// What an octet takes, where that is a whole number of nanoseconds; 0 where it is not.
  private let octetNanoseconds: Int64
  public let delay: TimeSpan
  public let medium: Medium
  /// True where one frame at a time crosses for all. False: each end has its own direction.
  public var isShared: Bool { medium == .shared }
  public let jitter: TimeSpan
  let keepsOrder: Bool
  private var draws: RandomStream
  /// Between the cables of a switched medium.
  public internal(set) var bridge: Switch?
  /// Nothing stands on it, and no frame has to be asked anything: the one question that a frame on
  /// an ordinary medium costs.
  private(set) var isPlain = true
  public internal(set) var isUp = true { didSet { setPlain() } }
  /// Some of its stations do not hear each other: `Port.group`.
  var isPartitioned = false { didSet { setPlain() } }
  public internal(set) var ports: [Int32] = []
  /// Ports that have a frame and wait for the medium, first come first served.
  var waiting: [Int32] = []
  var isBusy = false
  public internal(set) var frames: Int64 = 0
  public internal(set) var octets: Int64 = 0
  public internal(set) var busyTime = TimeSpan.zero
  /// A fault point stands on it.
  var isFaulty = false { didSet { setPlain() } }
  /// Frames that did not get to the other end.
  public internal(set) var lost: Int64 = 0

  init(_ configuration: LinkConfiguration) {
    rate = configuration.rate
    delay = configuration.delay
    medium = configuration.medium
    jitter = configuration.jitter
    keepsOrder = configuration.keepsOrder
    draws = configuration.draws
    octetNanoseconds = 8_000_000_000 % rate == 0 ? 8_000_000_000 / rate : 0
    if medium == .switched {
      bridge = Switch(outputQueue: configuration.outputQueue, learns: configuration.learns)
    }
    setPlain()
  }

  private mutating func setPlain() {
    isPlain =
      isUp && !isFaulty && !isPartitioned && bridge == nil && jitter == TimeSpan.zero
  }

  /// What this frame takes longer than `delay`: 0 to `jitter`, every nanosecond equally likely.
  mutating func drawJitter() -> TimeSpan {
    let (high, _) = draws.next().multipliedFullWidth(by: UInt64(jitter.nanoseconds) + 1)
    return TimeSpan(nanoseconds: Int64(high))
  }

  /// What a frame of so many octets takes, and with the gap behind it.
  @inline(__always)
  func times(forFrame octets: Int) -> (onWire: TimeSpan, withGap: TimeSpan) {
    let all = octets &+ (Framing.preamble + Framing.crc)
    return (time(forOctets: all), time(forOctets: all &+ Framing.gap))
  }

  /// The time that `octets` octets take at this rate, rounded up.
  @inline(__always)
  func time(forOctets octets: Int) -> TimeSpan {
    // A multiplication instead of a division, at every rate that is in use.
    if octetNanoseconds > 0 { return TimeSpan(nanoseconds: Int64(octets) * octetNanoseconds) }
    let bits = Int64(octets) * 8
    let (high, low) = bits.multipliedFullWidth(by: 1_000_000_000)
    precondition(high == 0, "a frame too long for arithmetic")
    return TimeSpan(nanoseconds: Int64((low + UInt64(rate) - 1) / UInt64(rate)))
  }
}

/// Where a station meets a link.
public struct Port: Sendable {
  // What each frame asks for, in one line of a cache.
  public internal(set) var host: Int32
  /// The interface of the host's stack, or -1: frames are sent by programs.
  public internal(set) var interface: Int32
  public internal(set) var link: Int32
  /// Of the frames that it has on its way: see `EventQueue`.
  var lane: Int32 = -1
  public internal(set) var mac: MACAddress
  public internal(set) var isUp = true
  var isWaiting = false
  var isSending = false
  var isExtra = false
  /// Fault points stand here.
  var receivesFaulty = false
  var transmitsFaulty = false
  /// Its interface may send frames of more than 1,500 octets.
  var sendsLong = false
  var isOutputBusy = false
  public internal(set) var framesIn: Int64 = 0
  public internal(set) var framesOut: Int64 = 0
  /// Frames that a fault point put in: they go before all others, and no ring knows of them.
  var extras: [Int32] = []

  /// Stations of one group hear each other, where a medium is partitioned.
  var group: Int32 = 0
  /// When the last frame that jitter may delay arrives.
  var lastArrival = Instant.zero
  /// Frames on their way to this station that wait in a switch; `isOutputBusy`: one is leaving it.
  var output: [SwitchedFrame] = []
  public internal(set) var outputTime = TimeSpan.zero
  /// Frames of a station without a stack, waiting for the medium.
  var queue: [Int32] = []
  /// The most of them; for more, tasks wait.
  var queueLimit = 32
  var senders: Int32 = 0
  /// Of a station without a stack: its address, whether it answers ARP for that by itself, and the
  /// frames that nobody has taken yet, oldest first.
  var address = IPv4Address.any
  var answersARP = false
  public internal(set) var inbox: [ReceivedFrame] = []
  var inboxLimit = 32
  public internal(set) var overruns: Int64 = 0
  /// Tasks that wait for a frame here.
  var readers: Int32 = 0
}

/// A frame that lies at a station without a stack.
public struct ReceivedFrame: Sendable {
  /// Which it is of those that came to this port, from 1 on; and when.
  public let number: Int64
  public let at: Instant
  let slot: Int32
}

enum Framing {
  static let preamble = 8
  static let crc = 4
  static let gap = 12
}
