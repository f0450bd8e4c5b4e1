// A network interface: its queue, its rings, its counters. net/if.h and the MPC860 driver's softc.
//
// The hardware's half of the rings is here too (which descriptor it fills or sends next), because a
// descriptor is where the two meet.

import Wire

/// How the receive task replaces the buffer of a frame that it hands up.
public enum RefillPolicy: UInt8, Sendable {
  /// M_WAIT after ether_input: eth_comm, mbx8xx.
  case wait
  /// M_DONTWAIT before it: on failure the old buffer is re-armed and the frame dropped (if_fxp).
  case reuse
  /// M_DONTWAIT after ether_input: on failure the descriptor stays empty, and is tried again with
  /// each frame and at each tick. The hardware stops at the first empty one.
  case retry
  /// M_DONTWAIT before it: on failure the routine returns and leaves the frame where it is; only
  /// the interrupt of another frame calls it again (mbed-os 5.4).
  case abandon
}

/// A receive buffer descriptor.
struct ReceiveDescriptor {
  /// The mbuf with its cluster; -1 while the driver replaces it.
  var mbuf: Int32 = -1
  /// Octets of the frame that lies in it, without the CRC.
  var length: Int32 = 0
  /// Set by the driver when the hardware may fill it.
  var isEmpty = false
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
  public internal(set) var address = IPv4Address.any
  public internal(set) var prefixLength: Int32 = 24
  public internal(set) var mac = MACAddress.zero
  public internal(set) var mtu: Int32 = 1500
  public internal(set) var isUp = true
  public internal(set) var refill: RefillPolicy = .wait
  /// Frames up to this long are copied into an mbuf, and their buffer posted again at once.
  public internal(set) var copybreak: Int32 = 0

  /// The first slot of the driver's own memory, behind the clusters: a copying driver's rings hold
  /// no mbufs. -1: the rings hold mbufs.
  var memory: Int32 = -1
  public var copies: Bool { memory >= 0 }
  var refillCost = TimeSpan.zero
  /// Frames that may be at the hardware, and how many more may go there; 0: no such limit.
  public internal(set) var credits: Int32 = 0
  public internal(set) var creditsFree: Int32 = 0

  // if_snd: packets waiting for the transmit task.
  var queueHead: Int32 = -1
  var queueTail: Int32 = -1
  public internal(set) var queueLength: Int32 = 0
  public internal(set) var queueDrops: Int64 = 0

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
  var rxInterruptEnabled = false
  var rxEventPending = false

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

  public internal(set) var framesIn: Int64 = 0
  public internal(set) var framesOut: Int64 = 0
  /// Frames that the hardware refused; descriptors lost with those that the driver kept.
  public internal(set) var txFails: Int64 = 0
  public internal(set) var txLost: Int32 = 0
  var keepsFailed = false
  var answersARP = true
  public internal(set) var octetsIn: Int64 = 0
  public internal(set) var overruns: Int64 = 0
  /// The hardware has a descriptor to fill.
  public var isReceiving: Bool { rxFilled < rxPosted }

  /// Frames that `refill = .reuse` dropped for want of a buffer.
  public internal(set) var refillDrops: Int64 = 0
  public internal(set) var refillWaits: Int64 = 0

  // Round the rings by comparing: a division would take longer than all else a descriptor needs.
  @inline(__always)
  func rxAfter(_ index: Int32) -> Int32 { index &+ 1 == rxCount ? 0 : index &+ 1 }
  @inline(__always)
  func txAfter(_ index: Int32) -> Int32 { index &+ 1 == txCount ? 0 : index &+ 1 }
}
