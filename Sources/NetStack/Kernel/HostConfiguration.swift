// What is fixed when a host is built: sizes, costs, interfaces. The tunables that may change while
// it runs are in `Tunables`.

import Wire

/// Assumed CPU time of each operation (stack-level costs of a 50 MHz MPC860; no source gives them).
public struct CPUCosts: Equatable, Sendable {
  // In the order of how often they are asked for.
  /// Driver receive, per frame.
  public var rx = TimeSpan.zero
  /// ether_input, and again ip_input.
  public var ip = TimeSpan.zero
  public var udp = TimeSpan.zero
  /// Copying or summing one octet, in picoseconds: 40 ns an octet is 40,000.
  public var copyPicoseconds: Int64 = 0
  public var tcpInput = TimeSpan.zero
  /// Per segment built.
  public var tcpOutput = TimeSpan.zero
  public var systemCall = TimeSpan.zero
  public var interrupt = TimeSpan.zero
  public var contextSwitch = TimeSpan.zero

  public init() {}

  /// All of them times a factor given in parts per thousand.
  public func scaled(byPermille factor: Int64) -> CPUCosts {
    func times(_ span: TimeSpan) -> TimeSpan {
      TimeSpan(nanoseconds: span.nanoseconds * factor / 1000)
    }
    var costs = CPUCosts()
    costs.contextSwitch = times(contextSwitch)
    costs.interrupt = times(interrupt)
    costs.rx = times(rx)
    costs.ip = times(ip)
    costs.tcpInput = times(tcpInput)
    costs.tcpOutput = times(tcpOutput)
    costs.udp = times(udp)
    costs.systemCall = times(systemCall)
    costs.copyPicoseconds = copyPicoseconds * factor / 1000
    return costs
  }

  /// The time that touching `octets` octets takes, in nanoseconds.
  @inline(__always)
  func touching(_ octets: Int32) -> Int64 { Int64(octets) &* copyPicoseconds / 1000 }
}

/// What a script may change while the host runs. Times of TCP are in slow beats of 500 ms.
public struct Tunables: Equatable, Sendable {
  public var tcp = TCPRules()
  /// tcp_drop empties both socket buffers: the first half of Torre's recovery.
  public var dropFrees = false
  /// tcp_usr_send frees what it is given when the pcb is gone.
  public var sendFrees = false
  public var keepIdleTicks: Int64 = 14400
  public var keepIntervalTicks: Int64 = 150
  public var keepCount: Int64 = 8
  public var alwaysKeepalive = false
  /// tcp_sendspace, tcp_recvspace: octets.
  public var sendSpace: Int32 = 16384
  public var receiveSpace: Int32 = 16384
  public var udpReceiveSpace: Int32 = 41600
  public var udpSendSpace: Int32 = 9216
  public var rfc1323 = true
  /// sb_efficiency: how many octets of storage a buffer may use for each octet it may hold.
  public var bufferEfficiency: Int32 = 8
  /// sb_max: octets.
  public var bufferMax: Int32 = 262_144
  public var tcpRttMinTicks: Int32 = 2
  /// TCP lets nobody cut its packets, and heeds what routers say of them. RFC 1191.
  public var discoversPathMTU = true
  /// An ICMP error that RFC 1122 calls hard ends a connection that comes about, at once:
  /// net.inet.tcp.icmp_may_rst of later FreeBSD.
  public var icmpMayReset = false
  /// select for writing sets SB_WAIT on the send buffer. RTEMS set it on the other one until 2005
  /// (PR 772): nobody woke a task that waited for room.
  public var selectsWriters = true
  /// SO_SNDLOWAT of new streams: MCLBYTES.
  public var sendLowWater: Int32 = 2048
  /// somaxconn: the longest queue that listen grants.
  public var backlogMax: Int32 = 128
  /// close wakes whoever sleeps on the socket. RTEMS does so since 2015 (#785).
  public var wakesOnClose = false
  public var internet = InternetRules()

  public init() {}

  /// tcp_maxidle: how long probes go unanswered before the drop.
  public var maxIdleTicks: Int64 { keepCount * keepIntervalTicks }
}

/// One interface, as it is built.
public struct InterfaceConfiguration: Sendable {
  public var address: IPv4Address
  public var prefixLength: Int32 = 24
  public var mac: MACAddress
  public var receiveRing: Int32 = 32
  public var transmitRing: Int32 = 32
  public var mtu: Int32 = 1500
  /// ifqmaxlen: packets that may wait for the transmit task.
  public var queueLimit: Int32 = 50
  public var policy = DriverPolicy()
  /// The rings hold mbufs; false: memory of the driver's own, and every frame is copied.
  public var zeroCopy = true
  /// The classes that the ring is filled from, in the order in which they are tried; 0 is the
  /// clusters of 2 KiB. None: those, as the refill policy has it.
  public var sources: [UInt8] = []
  /// CPU time of each search for a buffer to refill the ring with.
  public var refillCost = TimeSpan.zero
  /// Frames that may be at the hardware at a time; 0: as many as the ring has room for.
  public var credits: Int32 = 0

  /// Frames for which a copying driver has memory.
  var slots: Int { zeroCopy ? 0 : Int(receiveRing + transmitRing) }

  public init(address: IPv4Address, mac: MACAddress) {
    self.address = address
    self.mac = mac
  }
}

/// A host with a stack, as it is built.
public struct HostConfiguration: Sendable {
  public var mbufs: Int32 = 512
  public var clusters: Int32 = 64
  /// Clusters of further sizes, numbered from 1 on.
  public var classes: [SizeClass] = []
  /// Of which a write takes what does not fit a cluster; 0: clusters.
  public var sendClass: UInt8 = 0
  public var waiting: WaitingMode = .poll
  /// Ticks between two looks of a task that polls, and after how many of them it complains: RTEMS
  /// says so every 30 * ticks_per_second polls.
  public var pollTicks: Int64 = 1
  public var messagePeriod = TimeSpan.seconds(30)
  /// When a request that may wait has waited too long, and fails; nil: never. FreeBSD's
  /// kern.ipc.mbuf_wait.
  public var waitTimeout: TimeSpan?
  /// Sockets at once; a limit of ours, the C heap is taken to be endless.
  public var sockets: Int32 = 1024
  public var neighbours: Int32 = 1024
  public var interfaces: [InterfaceConfiguration] = []
  public var costs = CPUCosts()
  public var tunables = Tunables()
  /// The clock tick: 10 ms by default, as confdefs.h has it.
  public var tick = TimeSpan.milliseconds(10)
  /// SACK is offered, and every socket has a scoreboard. RFC 2018.
  public var sack = false
  /// PR_SLOWHZ: how fine TCP's timers and timestamps are.
  public var slowBeat = TimeSpan.milliseconds(500)
  /// Every tick and beat runs as under RTEMS 4.6, with the order and the lateness it has there.
  public var runsEveryTick = false

  public init() {}
}
