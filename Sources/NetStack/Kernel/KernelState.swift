// A host's kernel apart from its tables: one fixed record at the start of the arena.

import Wire

/// Counters of `netstat -s`, as far as this stack has the events.
public struct Statistics: Sendable {
  // What each packet counts lies together: the last members of `ip`, then those of a segment.
  public internal(set) var ip = IPStatistics()
  public internal(set) var tcpIn: Int64 = 0
  public internal(set) var tcpOut: Int64 = 0
  public internal(set) var tcpPredictedAcks: Int64 = 0
  public internal(set) var tcpPredictedData: Int64 = 0
  public internal(set) var tcpDelayedAcks: Int64 = 0
  public internal(set) var udp = UDPStatistics()
  public internal(set) var tcp = TCPTraffic()

  public internal(set) var drains: Int64 = 0
  public internal(set) var icmp = ICMPStatistics()
  public internal(set) var igmp = IGMPStatistics()
  public internal(set) var arp = ARPStatistics()
  public internal(set) var tcpBadSum: Int64 = 0
  public internal(set) var tcpRetransmits: Int64 = 0
  public internal(set) var tcpRexmtTimeouts: Int64 = 0
  public internal(set) var tcpTimeoutDrops: Int64 = 0
  public internal(set) var tcpKeepDrops: Int64 = 0
  public internal(set) var tcpKeepProbes: Int64 = 0
  public internal(set) var tcpPersistTimeouts: Int64 = 0
  public internal(set) var tcpPersistDrops: Int64 = 0
  public internal(set) var tcpDrops: Int64 = 0
  public internal(set) var tcpConnectDrops: Int64 = 0
  public internal(set) var tcpDupAcks: Int64 = 0
  public internal(set) var tcpOutOfOrder: Int64 = 0
  public internal(set) var tcpDuplicates: Int64 = 0
  public internal(set) var tcpBufferFailures: Int64 = 0
  public internal(set) var tcpShort: Int64 = 0
  public internal(set) var tcpBadOffset: Int64 = 0
  public internal(set) var tcpBadSyn: Int64 = 0
  public internal(set) var tcpPawsDrops: Int64 = 0
  public internal(set) var tcpAfterWindow: Int64 = 0
  public internal(set) var tcpWindowProbes: Int64 = 0
  public internal(set) var tcpAfterClose: Int64 = 0
  public internal(set) var tcpAckTooMuch: Int64 = 0
  public internal(set) var tcpBadOptions: Int64 = 0
  public internal(set) var tcpRecoveries: Int64 = 0
  public internal(set) var tcpSackBad: Int64 = 0
  public internal(set) var tcpSackOverflows: Int64 = 0
  public internal(set) var tcpDsacks: Int64 = 0
  public internal(set) var tcpDsacksSent: Int64 = 0
  public internal(set) var tcpZeroWindows: Int64 = 0
  public internal(set) var tcpChallenges: Int64 = 0
  public internal(set) var tcpChallengesSuppressed: Int64 = 0
  public internal(set) var tcpReassemblyFull: Int64 = 0
  public internal(set) var tcpReassemblyFullNext: Int64 = 0
  public internal(set) var tcpListenDrops: Int64 = 0
  /// tcps_mturesent: what a smaller MTU of the way made TCP send again.
  public internal(set) var tcpMtuResent: Int64 = 0
  public internal(set) var tcpUrgentIn: Int64 = 0
  public internal(set) var tcpAccepts: Int64 = 0
  public internal(set) var tcpConnects: Int64 = 0
  /// By how much the protocols' beats are late in all.
  public internal(set) var drift = TimeSpan.zero
}

/// A queue of packets between two tasks: ipintrq, arpintrq.
public struct PacketQueue: Sendable {
  var head: Int32 = -1
  var tail: Int32 = -1
  public internal(set) var length: Int32 = 0
  public internal(set) var drops: Int64 = 0
  /// ifq_maxlen.
  public static let limit: Int32 = 50
}

public struct KernelState {
  /// That of a host without a kernel: no buffers, nothing counted.
  public static var nothing: KernelState { KernelState() }

  /// How far what most entries touch reaches.
  static var hotOctets: Int { 576 }
  // What most entries read or write comes first, in as few lines of a cache (64 octets) as it can
  // be: with thousands of hosts every line of it comes from far away. The record begins a line;
  // KernelLayoutTests counts them.

  /// mbufs by type, as `netstat -m` shows them.
  public internal(set) var dataMbufs: Int32 = 0
  public internal(set) var headerMbufs: Int32 = 0
  /// Since the law of conservation was looked at last; since `calloutAt` was found.
  var hasMovedBuffers = true
  var hasMovedCallouts = true
  /// Who is asked, or told, before any buffer goes back.
  var releaseLook: ReleaseLook = []
  /// The network task waits for an event.
  var networkWaits = false
  /// Some connection owes a delayed ACK.
  var delayedAcks = false {
    didSet { if delayedAcks != oldValue { hasMovedCallouts = true } }
  }
  /// Beats that have come and that the network task has still to run.
  var fastTimeoutDue = false { didSet { hasMovedCallouts = true } }
  var slowTimeoutDue = false { didSet { hasMovedCallouts = true } }
  var internetTimeoutDue = false
  // Of a pool the first 48 octets move with each buffer: here to the end of a line.
  public internal(set) var mbufPool = Pool()
  var classCount: Int32 = 0
  /// Newest first: the order in which tcp_slowtimo looks at them.
  var pcbList: Int32 = -1

  public var clusterPool = Pool()
  // Callouts. The 500 ms and 200 ms beats keep their phase from boot; only the next beat that has
  // something to do is scheduled. Left out: the drift that a late network task adds to the phase.
  /// No timer fires before this slow tick; .max when none is armed.
  var earliestSlowTick: Int64 = .max { didSet { hasMovedCallouts = true } }
  /// When the first beat of each period would have been, had it been as late as the last.
  var slowOrigin: Int64 = 10_000_000 { didSet { hasMovedCallouts = true } }
  var fastOrigin: Int64 = 10_000_000 { didSet { hasMovedCallouts = true } }

  public internal(set) var heldMbufs = PlaceCounts() { didSet { hasMovedBuffers = true } }
  public internal(set) var heldClusters = PlaceCounts() { didSet { hasMovedBuffers = true } }
  /// The most clusters that have counted at each place.
  public internal(set) var peakClusters = PlaceCounts()
  /// Those that are real; lo0 is the one behind them.
  var interfaceCount: Int32 = 0
  /// The network task ("ntwk").
  public internal(set) var networkTask: Int32 = -1
  public internal(set) var ipQueue = PacketQueue()
  public internal(set) var arpQueue = PacketQueue()
  var ipIdentifier: UInt16 = 1
  /// The class of what a write takes for more than a cluster holds; 0: clusters.
  var sendClass: UInt8 = 0
  /// Every beat of the protocols wakes the network task, and its lateness adds up.
  public internal(set) var runsEveryBeat = false
  /// Some further pool serves a use of the stack: `uses`.
  var servesUses = false
  /// `Kernel.nextCallout` as it was found last.
  var calloutAt = Instant.never
  public internal(set) var costs = CPUCosts()

  /// When octets last left a socket buffer: acknowledged by the peer, or read by a program.
  public internal(set) var progressAt = Instant.zero
  public internal(set) var tickNanoseconds: Int64 = 10_000_000
  public internal(set) var slowBeatNanoseconds: Int64 = 500_000_000
  /// When the beat came that waits for the network task; `.max`: none does.
  var beatDueAt = Int64.max
  /// Further pools that serve uses of the stack.
  var uses = ServedUses()
  public internal(set) var statistics = Statistics()
  public var tunables = Tunables()

  public internal(set) var nameMbufs: Int32 = 0
  public internal(set) var optionMbufs: Int32 = 0
  public internal(set) var fragmentTableMbufs: Int32 = 0
  /// Who ends the waits that end.
  var causes = Causes()
  var speaksSack = false
  /// Some task has selected for writing without being heard.
  var hasDeafSelects = false
  /// Datagrams of which fragments have come.
  var reassembly = Reassembly()
  /// When IP or ARP next has something to give up, and whether that moment has come.
  var internetTimeoutAt = Instant.never { didSet { hasMovedCallouts = true } }
  /// Errors that icmp_error has sent since the limit's second began.
  var icmpSecond = Instant.zero
  var icmpSentInSecond: Int32 = 0
  /// Groups that sockets have joined.
  var memberships = Memberships()
  /// Some host route says what its way can carry.
  var knowsPathMTU = false
  /// How listeners that overflow choose whom they drop: sodropablereq.
  var listenDrops = ListenDrops()
  /// Tasks that wait for a buffer of some class.
  var classWaiters: Int32 = 0
  var neighbourCount: Int32 = 0
  var routeCount: Int32 = 0
  var wayCount: Int32 = 0
  // Tables grow up to a high-water mark; freed entries are chained through it.
  var socketHigh: Int32 = 0
  var socketFree: Int32 = -1
  var pcbHigh: Int32 = 0
  var pcbFree: Int32 = -1
  var pcbSerial: Int32 = 0
  var nextGeneration: UInt32 = 1
  var nextEphemeralPort: UInt16 = 1024
  /// tcp_iss at boot; it grows by ISSINCR/2 at each slow tick and ISSINCR/4 for each connection.
  var issBase: UInt32 = 1
  /// What it was at boot.
  var issSecret: UInt32 = 1
  /// Segments of all connections that wait for a gap to fill.
  public internal(set) var reassemblyCount: Int32 = 0
  /// tcp_ccgen: the count of the next connection. RFC 1644.
  var countGeneration: UInt32 = 1
  /// Challenge ACKs are counted by the second.
  var challengeSecond: Int64 = -1
  var challengesThisSecond: Int64 = 0
  /// While tcp_slowtimo runs: the timer it is at, so that a later one set now counts this tick.
  var slowTimerInHand: Int32 = -1
}
