// Media: a shared LAN where one frame at a time crosses, and a point-to-point link, full duplex.
//
// An ideal medium: first come, first served, no collisions. Each frame costs 8 octets of preamble,
// 4 of CRC and 12 of gap (67.2 us for the smallest at 10 Mb/s).

import NetStack
import Wire

public struct Link: Sendable {
  /// Bits a second.
  public let rate: Int64
  /// What an octet takes, where that is a whole number of nanoseconds; 0 where it is not.
  private let octetNanoseconds: Int64
  public internal(set) var delay: TimeSpan
  /// True for a LAN: one frame at a time for all. False: each end has its own direction.
  public let isShared: Bool
  public internal(set) var ports: [Int32] = []
  /// Ports that have a frame and wait for the medium, first come first served.
  var waiting: [Int32] = []
  var isBusy = false
  public internal(set) var frames: Int64 = 0
  public internal(set) var octets: Int64 = 0
  public internal(set) var busyTime = TimeSpan.zero
  /// A fault point stands on it; frames that it lost.
  var isFaulty = false
  public internal(set) var lost: Int64 = 0

  init(rate: Int64, delay: TimeSpan, isShared: Bool) {
    self.rate = rate
    self.delay = delay
    self.isShared = isShared
    octetNanoseconds = 8_000_000_000 % rate == 0 ? 8_000_000_000 / rate : 0
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
  public internal(set) var host: Int32
  /// The interface of the host's stack, or -1: frames are sent by programs.
  public internal(set) var interface: Int32
  public internal(set) var link: Int32
  public internal(set) var mac: MACAddress
  public internal(set) var isUp = true
  var isWaiting = false
  var isSending = false
  /// Frames of a station without a stack, waiting for the medium.
  var queue: [Int32] = []
  /// The most of them; for more, tasks wait.
  var queueLimit = 32
  var senders: Int32 = 0
  /// Frames that a fault point put in: they go before all others, and no ring knows of them.
  var extras: [Int32] = []
  var isExtra = false
  /// Fault points stand here.
  var receivesFaulty = false
  var transmitsFaulty = false
  /// Of a station without a stack: its address, whether it answers ARP for that by itself, and the
  /// frames that nobody has taken yet, oldest first.
  var address = IPv4Address.any
  var answersARP = false
  public internal(set) var inbox: [ReceivedFrame] = []
  var inboxLimit = 32
  public internal(set) var overruns: Int64 = 0
  /// Tasks that wait for a frame here.
  var readers: Int32 = 0
  public internal(set) var framesIn: Int64 = 0
  public internal(set) var framesOut: Int64 = 0
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
