// A task as the scheduler knows it: its priority, its routine, what it waits for.

import NetStack

public enum TaskState: UInt8, Sendable {
  /// Not started, or ended.
  case dormant
  case ready
  case running
  /// Stands in line for the network semaphore or another lock: `awaitedLock`.
  case locked
  /// Waits in the kernel for an event: `wait` says for which.
  case waiting
  /// Waits in the kernel for a buffer, as the pool's `WaitingMode` has it: away from the CPU or,
  /// spinning, with it.
  case polling
  /// rtems_task_wake_after.
  case sleeping
  /// Its program has the CPU: the bench must say what it does next.
  case program
}

/// What a program asks for next.
public enum ProgramStep: Sendable {
  case call(Call, timeout: TimeSpan?)
  /// A write of octets that mean something to the reader.
  case write(Int32, text: [UInt8], flags: MessageFlags, timeout: TimeSpan?)
  case sleep(TimeSpan)
  /// CPU time, before the host's factor.
  case compute(TimeSpan)
  /// Waits until the bench calls `wakeProgram`.
  case block(timeout: TimeSpan?)
  /// Takes a lock, or gives it back, by its number.
  case lock(Int32, timeout: TimeSpan?)
  case unlock(Int32)
  /// Puts an item into a queue, or takes the oldest out: `item(of:)` of the task.
  case put(Int32, item: Int32, timeout: TimeSpan?)
  case get(Int32, timeout: TimeSpan?)
  /// Waits for a frame at a port of a station without a stack; `takeFrame` then looks.
  case receive(port: Int32, timeout: TimeSpan?)
  /// Waits until such a port may have a frame more waiting for the medium.
  case room(port: Int32, timeout: TimeSpan?)
  /// Takes a buffer of a pool: `grantedBuffer` of the task. Gives one back.
  case alloc(Int32, count: Int32 = 1, timeout: TimeSpan?)
  case free(Int32, buffer: Int32)
  /// select over queues, and over sockets if there are any.
  case select(queues: [Int32], read: [Int32], write: [Int32], timeout: TimeSpan?)
  case end
}

/// What a program waits for outside of the kernel and of locks: who could end it.
public enum ProgramWait: Equatable, Sendable {
  /// A condition of its own: the bench calls `wakeProgram`.
  case condition
  /// Room in a queue; an item in it.
  case put(Int32), get(Int32)
  /// A frame at a port; room for one.
  case frame(Int32), room(Int32)
  /// An item in one of the queues that name the task among their selectors.
  case select
  /// A buffer of a pool.
  case buffer(Int32)
}

extension ProgramWait {
  /// Only other tasks of the host can end it.
  public var isTangle: Bool {
    switch self {
    case .put, .get, .select, .buffer: true
    case .condition, .frame, .room: false
    }
  }
}

public struct TaskRecord: Sendable {
  // What each turn and each wake-up reads and writes lies together, in three lines of a cache; with
  // thousands of tasks every line comes from far away.
  public internal(set) var host: Int32
  public internal(set) var priority: Int32
  /// The priority it runs at: its own, or one inherited through the semaphore.
  public internal(set) var effective: Int32
  public internal(set) var state: TaskState = .dormant
  public let isProgram: Bool
  /// Its call writes or reads a text: `Simulation.texts`.
  var hasText = false
  /// Some queue has it among its selectors.
  var selectsQueues = false
  var holdsLock = false
  /// In the kernel: it needs the network semaphore to go on.
  var needsLock = false
  /// A wake-up came while it was not waiting yet.
  var wakePending = false
  /// The tick came, or a release: whether it finds anything is seen when it runs.
  var mustPoll = false
  /// It has waited for a buffer as long as it may: what it does not find now it is refused.
  var waitIsOver = false
  /// Next in the list it stands in: ready, locked or polling.
  var next: Int32 = -1
  /// One more for each call and each wait: old timeouts do not match.
  var generation: UInt32 = 0
  /// Locks that its program has taken and not given back.
  var locksTaken: Int32 = 0
  /// CPU time still to be paid before it acts.
  var cpuLeft: Int64 = 0
  /// How long it polled for the buffer it now takes.
  var waited = TimeSpan.zero
  /// When the call in progress has taken too long; its waits for buffers go on all the same.
  public internal(set) var deadline = Instant.never
  /// When its sleep in the kernel has lasted as long as its socket allows (sb_timeo).
  var sleepEnds = Instant.never
  /// The kernel wait it is in, when `state` is waiting or polling.
  public internal(set) var wait: Wait? = nil
  /// The other waits of a program, when `state` is waiting and `wait` is nil.
  public internal(set) var programWait: ProgramWait? = nil
  /// A step whose debt is being paid before it takes effect.
  var pending: Step? = nil
  public internal(set) var result = CallResult.none
  public internal(set) var waitSince: Instant = .zero
  /// The event behind which that wait began.
  public internal(set) var waitEvent: Int64 = 0
  /// CPU time used so far, nanoseconds.
  public internal(set) var cpuUsed: Int64 = 0

  /// What it does when it has the CPU.
  var machine = Machine()

  // Of locks, queues and pools; of tasks that poll; what is counted.
  /// The lock it stands in line for, when `state` is locked; since when.
  public internal(set) var awaitedLock: Int32 = 0
  public internal(set) var lockedSince: Instant = .zero
  public internal(set) var lockedEvent: Int64 = 0
  /// How often it had taken the network semaphore that it gave up in a wait: `releasesAll`.
  var depthGivenUp: Int32 = 0
  /// What it offers to a queue, or was given by one.
  var item: Int32 = -1
  /// In whose name it takes a buffer of a further pool: the bench's number, for the policy; or -1.
  public internal(set) var requester: Int32 = -1
  /// The buffer of a further pool that it was given last.
  public internal(set) var grantedBuffer: Int32 = -1
  /// How many buffers of a pool it asked for last: all or none.
  public internal(set) var wanted: Int32 = 1
  /// What interrupts took while it had the CPU. RTEMS counts that as the task's.
  public internal(set) var interrupted: Int64 = 0
  /// RTEMS_TIMESLICE: after so many ticks its equals have their turn; 0: it runs to block.
  public internal(set) var timeslice: Int32 = 0
  /// When the slice ends that it is in; `.never`: the next time it gets the CPU begins one.
  var sliceEnd = Instant.never
  /// Its place among those that wait for a buffer.
  public internal(set) var waitOrder: Int64 = 0
  /// Of a host that runs every tick: when the task's own timer was armed, its place among all of
  /// the host, and the tick at which a sleep ends.
  var armedAt = Instant.zero
  var armOrder: Int64 = 0
  var wakeAt = Instant.never
  /// How often its class had changed when it was refused last.
  var refusedAt: Int64 = -1

  init(host: Int32, priority: Int32, isProgram: Bool) {
    self.host = host
    self.priority = priority
    effective = priority
    self.isProgram = isProgram
  }
}

/// A list of tasks through `TaskRecord.next`: most urgent first, equals in order of arrival.
struct TaskList: Sendable {
  var head: Int32 = -1
  var tail: Int32 = -1

  @inline(__always)
  mutating func append(_ task: Int32, _ tasks: inout Slab<TaskRecord>) {
    tasks.place(Int(task)).pointee.next = -1
    if tail >= 0 { tasks.place(Int(tail)).pointee.next = task } else { head = task }
    tail = task
  }

  /// Behind its equals; in front of them when it was preempted.
  @inline(__always)
  mutating func insert(_ task: Int32, _ tasks: inout Slab<TaskRecord>, inFront: Bool = false) {
    let priority = tasks.place(Int(task)).pointee.effective
    if tail < 0 || (!inFront && tasks.place(Int(tail)).pointee.effective <= priority) {
      return append(task, &tasks)
    }
    insert(task, before: priority, &tasks, inFront: inFront)
  }

  @inline(never)
  private mutating func insert(
    _ task: Int32, before priority: Int32, _ tasks: inout Slab<TaskRecord>, inFront: Bool
  ) {
    var before: Int32 = -1
    var at = head
    while at >= 0 {
      let other = tasks.place(Int(at)).pointee.effective
      if other > priority || (inFront && other == priority) { break }
      before = at
      at = tasks.place(Int(at)).pointee.next
    }
    tasks.place(Int(task)).pointee.next = at
    if before >= 0 { tasks.place(Int(before)).pointee.next = task } else { head = task }
    if at < 0 { tail = task }
  }

  @inline(__always)
  mutating func popFirst(_ tasks: inout Slab<TaskRecord>) -> Int32 {
    let first = head
    if first < 0 { return -1 }
    head = tasks.place(Int(first)).pointee.next
    if head < 0 { tail = -1 }
    tasks.place(Int(first)).pointee.next = -1
    return first
  }

  mutating func remove(_ task: Int32, _ tasks: inout Slab<TaskRecord>) {
    var before: Int32 = -1
    var at = head
    while at >= 0 && at != task {
      before = at
      at = tasks.place(Int(at)).pointee.next
    }
    precondition(at == task, "a task is removed from a list it does not stand in")
    let next = tasks.place(Int(task)).pointee.next
    if before >= 0 { tasks.place(Int(before)).pointee.next = next } else { head = next }
    if tail == task { tail = before }
    tasks.place(Int(task)).pointee.next = -1
  }
}
