// What a driver does and what its hardware is like, as far as a script may choose. RTEMS 4.6's
// drivers differ in little else; drivers of later systems have brought the rest.

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

public struct DriverPolicy: Equatable, Sendable {
  public var refill = RefillPolicy.wait
  /// `.wait` and `.retry` ask for the new buffer before ether_input, so that the frame stays in the
  /// ring meanwhile. The others do so anyway, and so does every driver that copies.
  public var asksFirst = false
  /// Frames up to this long are copied into an mbuf, and their buffer posted again at once.
  public var copybreak: Int32 = 0
  /// An interrupt that comes while the receive task is at work is lost, and not kept for it.
  public var losesEdges = false
  /// The receive task asks the hardware instead of being interrupted: at each tick, and whenever
  /// nobody wants the CPU. It takes at most `quota` frames each time.
  public var polls = false
  public var quota: Int32 = 5
  /// Hardware that has met no empty descriptor stops until it is told to go on (DMA of the DWMAC
  /// family); and whether the driver tells it with each buffer that it posts.
  public var suspends = false
  public var kicks = true
  /// Frames that were damaged on the medium fail their CRC, and the hardware drops them; else they
  /// come in as if they had been damaged behind that check.
  public var checksCRC = false
  /// A frame longer than a buffer goes on in the next descriptor's; else it is an error.
  public var scatters = false
  /// The hardware takes no broadcasts in (scc1.psmr of the MPC860).
  public var ignoresBroadcasts = false
  /// Each frame sent interrupts, and is freed then; else with the next one, or when the ring is
  /// full.
  public var reapsEagerly = false
  /// A frame that finds no descriptors is dropped; else the transmit task waits for some.
  public var dropsWhenFull = false

  public init() {}
}
