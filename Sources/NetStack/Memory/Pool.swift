// A pool of equal buffers: its counters, and the argument it has with a policy.
//
// RTEMS 4.6: rtems_glue.c, m_mballoc and m_clalloc; the counters are those of mbstat.

/// The two size classes of the BSD pool.
public enum BufferClass: UInt8, Sendable {
  case mbufs, clusters
}

/// Who may have a buffer next, when the pool itself decides.
public enum AllocatorKind: UInt8, Sendable {
  /// Whoever finds one free takes it: the stock.
  case firstCome
  /// A policy is asked on every request (MCLALLOC).
  case scriptAlways
  /// A policy is asked only inside the wait for one (m_clalloc).
  case scriptWhenEmpty
}

/// How a task that waits for a buffer learns of a free one.
public enum WaitingMode: UInt8, Sendable {
  /// It looks again at each tick; a free wakes nobody. RTEMS: m_mballoc, m_clalloc.
  case poll
  /// A release wakes whoever has waited longest.
  case fifo
  /// A release wakes the most urgent.
  case priority
  /// A release wakes whom the policy chooses; without one that does, whoever has waited longest.
  case event
  /// It does not sleep at all: it keeps the CPU and looks again and again. Only interrupts and more
  /// urgent tasks still run (FreeBSD 5.3, PR 78968).
  case spin
}

/// Requests that a pool has refused, for whoever asks why something does not come.
public struct Refusals: Sendable {
  public var count: Int64 = 0
  public var first = Instant.zero
  public var last = Instant.zero
  /// The pool's grants when it refused last.
  public var grants: Int64 = 0
}

/// One class's counters.
public struct Pool: Sendable {
  // Moves with each buffer.
  public var total: Int32 = 0
  public var free: Int32 = 0
  public var peakUsed: Int32 = 0
  /// Tasks in the wait now.
  public var waiters: Int32 = 0
  public var grants: Int64 = 0
  public var releases: Int64 = 0
  /// When a buffer was granted last.
  public var grantedAt = Instant.zero
  public var allocator: AllocatorKind = .firstCome

  // Moves when there is none.
  /// m_wait: how often somebody had to wait.
  public var waits: Int64 = 0
  /// m_drops: requests refused, and (sic) waits that m_reclaim ended at once.
  public var denied: Int64 = 0
  /// How often the last buffer went.
  public var exhausted: Int64 = 0

  public private(set) var refusals = Refusals()

  public init() {}

  public mutating func refuse(at now: Instant) {
    denied &+= 1
    if refusals.count == 0 { refusals.first = now }
    refusals.count &+= 1
    refusals.last = now
    refusals.grants = grants
  }

  /// Moves with every buffer that goes or comes.
  public var changes: Int64 { grants &+ releases }
}

/// In whose name a buffer is asked for: what policies see as `r.who`.
public enum Requester: UInt8, Sendable {
  case rx, tx, app, stack, timer
}

/// One request, as a policy sees it. A copy: a policy cannot change what it is asked.
public struct AllocationRequest: Sendable {
  public var at: Instant
  public var host: Int32
  public var bufferClass: BufferClass
  /// A further pool's number, for those that are no part of the stack; -1 for the BSD pool.
  public var pool: Int32 = -1
  public var who: Requester
  /// The routine that makes it; nil where tasks ask for themselves.
  public var site: AllocationSite?
  /// The task in whose context it is made; -1 for hardware.
  public var task: Int32
  /// The socket it is for, or -1. Of a further pool: in whose name the task asks, as the bench
  /// numbers them.
  public var socket: Int32
  public var free: Int32
  public var total: Int32
  public var mayWait: Bool
  /// Zero at the first question; later how long the task has waited.
  public var waited: TimeSpan

  public init(
    at: Instant, host: Int32, bufferClass: BufferClass, who: Requester,
    site: AllocationSite? = nil, task: Int32, socket: Int32, free: Int32, total: Int32,
    mayWait: Bool, waited: TimeSpan
  ) {
    self.at = at
    self.host = host
    self.bufferClass = bufferClass
    self.who = who
    self.site = site
    self.task = task
    self.socket = socket
    self.free = free
    self.total = total
    self.mayWait = mayWait
    self.waited = waited
  }
}

public enum AllocationDecision: UInt8, Sendable {
  case grant, wait, deny
}

/// A policy written outside the stack. Asked synchronously, inside the allocation.
public protocol AllocationPolicy: AnyObject {
  func decide(_ request: AllocationRequest) -> AllocationDecision
  /// A buffer was taken: `free` is what is left.
  func granted(_ request: AllocationRequest)
  /// A buffer came back: who, task and socket are those that it had been granted to.
  func released(_ request: AllocationRequest)
  /// Whom a release wakes: a place in the list, or nil for the pool's own order.
  func choose(among waiters: [AllocationRequest]) -> Int?
}
