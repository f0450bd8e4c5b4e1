// A network interface: its queue, its rings, its counters. net/if.h and the MPC860 driver's softc.
//
// The hardware's half of the rings is here too (which descriptor it fills or sends next), because a
// descriptor is where the two meet.

import Wire

/// A receive buffer descriptor.
struct ReceiveDescriptor {
  /// The mbuf with its cluster; -1 while the driver replaces it.
  var mbuf: Int32 = -1
  /// Where the hardware puts a frame: the number of that cluster, or of the slot of a driver's own
  /// memory.
  var slot: Int32 = -1
  /// Octets of the frame that lies in it, without the CRC.
  var length: Int32 = 0
  /// Set by the driver when the hardware may fill it.
  var isEmpty = false
  /// The frame's segment is known to be sound: `MbufFlags.summed`.
  var isSummed = false
  /// As `GatheredFrame` has them.
  var pattern: Int16 = -1
  var written: Int16 = 0
  /// The frame goes on in the next one.
  var isContinued = false
}

/// A frame as the hardware has gathered it for the wire, and as it reaches another.
public struct GatheredFrame: Sendable {
  /// Zero when there was none to send.
  public var octetCount: Int32 = 0
  /// How many of its octets have been written: what lies behind them is of the pattern.
  public var written: Int32 = 0
  /// Which octet of the pattern would stand first in it, if that began there; `Payload.zeros`.
  /// -1: no octet of it is of the pattern, or nobody knows.
  public var pattern: Int16 = -1
  /// A stack of ours took the sum of its segment, and nothing has touched an octet since.
  public var isSummed = false

  public init() {}

  /// A frame of octets that nobody knows anything of.
  public init(octetCount: Int) {
    self.octetCount = Int32(octetCount)
    written = self.octetCount
  }

  public var isWritten: Bool { written >= octetCount }
}

/// A transmit buffer descriptor: one mbuf of a frame.
struct TransmitDescriptor {
  var mbuf: Int32 = -1
  /// First mbuf of the frame, set in its last descriptor: freed when that is reaped.
  var frame: Int32 = -1
  var isReady = false
  var isLast = false
  /// The driver has forgotten the frame, and its credit with it.
  var isLost = false
  /// Octets of a frame that was copied.
  var length: Int32 = 0
}

public struct Ifnet {
  // What each frame received touches comes first, then what each frame sent does: of thousands of
  // interfaces every line of a cache comes from far away.

  // The receive ring: where the driver looks next, where the hardware fills next. Posted
  // descriptors follow one another from `rxNext` on; those without a buffer lie behind them.
  var rxBase: Int32 = 0
  public internal(set) var rxCount: Int32 = 0
  var rxNext: Int32 = 0
  var rxFill: Int32 = 0
  /// Descriptors that carry a buffer, filled or not.
  public internal(set) var rxPosted: Int32 = 0
  public internal(set) var rxFilled: Int32 = 0
  public internal(set) var rxTask: Int32 = -1
  /// The hardware has found no descriptor to fill, and stays so until it is told to go on.
  var isSuspended = false
  var rxInterruptEnabled = false
  var rxEventPending = false
  /// The connection that its last predicted segment was of, or -1: only to ask for its memory.
  var recentPcb: Int32 = -1
  /// The first slot of the driver's own memory, behind the clusters: a copying driver's rings hold
  /// no mbufs. -1: the rings hold mbufs.
  var memory: Int32 = -1
  public internal(set) var sourceCount: Int32 = 0
  public internal(set) var framesIn: Int64 = 0
  public internal(set) var octetsIn: Int64 = 0
  var refillCost = TimeSpan.zero
  public internal(set) var policy = DriverPolicy()
  public internal(set) var address = IPv4Address.any
  /// The netmask of `prefixLength`.
  var mask: UInt32 = 0xFFFF_FF00

  // The transmit ring: where the driver loads, where the hardware sends, where the driver reaps.
  var txBase: Int32 = 0
  public internal(set) var txCount: Int32 = 0
  var txLoad: Int32 = 0
  var txSend: Int32 = 0
  var txReap: Int32 = 0
  public internal(set) var txActive: Int32 = 0
  public internal(set) var txTask: Int32 = -1
  /// IFF_OACTIVE: the transmit task has been told.
  var isActive = false
  var txInterruptEnabled = false
  var txEventPending = false

  // if_snd: packets waiting for the transmit task.
  var queueHead: Int32 = -1
  var queueTail: Int32 = -1
  public internal(set) var queueLength: Int32 = 0
  /// ifq_maxlen.
  public internal(set) var queueLimit: Int32 = PacketQueue.limit
  public internal(set) var framesOut: Int64 = 0
  /// Frames that may be at the hardware, and how many more may go there; 0: no such limit.
  public internal(set) var credits: Int32 = 0
  public internal(set) var creditsFree: Int32 = 0
  public internal(set) var mac = MACAddress.zero
  public internal(set) var mtu: Int32 = 1500
  public internal(set) var isUp = true
  public internal(set) var prefixLength: Int32 = 24

  /// Size classes that the ring is filled from, in order, and at which tick each had none.
  public internal(set) var sources: InlineArray<4, UInt8> = .init(repeating: 0)
  var sourceFailedAt: InlineArray<4, Int64> = .init(repeating: -1)
  /// Frames that the hardware refused; descriptors lost with those that the driver kept.
  public internal(set) var txFails: Int64 = 0
  public internal(set) var txLost: Int32 = 0
  var keepsFailed = false
  var answersARP = true
  public internal(set) var queueDrops: Int64 = 0
  /// How often `isSuspended` came.
  public internal(set) var suspensions: Int64 = 0
  /// Frames missed: there was no descriptor for them.
  public internal(set) var overruns: Int64 = 0
  /// Frames whose CRC was wrong; frames longer than the MTU has it, or than their buffer.
  public internal(set) var crcErrors: Int64 = 0
  public internal(set) var tooLong: Int64 = 0
  /// The hardware has a descriptor to fill, and looks at it.
  public var isReceiving: Bool { rxFilled < rxPosted && !isSuspended }
  /// Nothing will ever make it look again: the driver tells it with no buffer, or posts none any
  /// more because all its descriptors have one.
  public var isStuck: Bool {
    isSuspended && (!policy.kicks || rxFilled == 0 && rxPosted == rxCount)
  }

  /// Frames that found no descriptors to be sent from, where the driver does not wait.
  public internal(set) var ringDrops: Int64 = 0
  /// Broadcasts that the hardware did not take in.
  public internal(set) var filtered: Int64 = 0
  /// Frames that `refill = .reuse` dropped for want of a buffer.
  public internal(set) var refillDrops: Int64 = 0
  public internal(set) var refillWaits: Int64 = 0

  /// A ring full of frames at which nobody looks: no interrupt is left to call the routine.
  public var isAbandoned: Bool { refill == .abandon && !policy.polls && !isReceiving }
  /// Without a buffer a frame stays in the ring.
  public var keepsFrames: Bool { copies || policy.asksFirst }

  public var refill: RefillPolicy { policy.refill }
  public var copybreak: Int32 { policy.copybreak }
  public var copies: Bool { memory >= 0 }

  // Round the rings by comparing: a division would take longer than all else a descriptor needs.
  @inline(__always)
  func rxAfter(_ index: Int32) -> Int32 { index &+ 1 == rxCount ? 0 : index &+ 1 }
  @inline(__always)
  func txAfter(_ index: Int32) -> Int32 { index &+ 1 == txCount ? 0 : index &+ 1 }
}
