// A task as the scheduler knows it: its priority, its routine, what it waits for.

import NetStack

public enum TaskState: UInt8, Sendable {
  /// Not started, or ended.
  case dormant
  case ready
  case running
  /// Waits for the network semaphore.
  case locked
  /// Waits in the kernel for an event: `wait` says for which.
  case waiting
  /// Waits in the kernel for a buffer, as the pool's `WaitingMode` has it.
  case polling
  /// rtems_task_wake_after.
  case sleeping
  /// Its program has the CPU: the bench must say what it does next.
  case program
}

/// What a program asks for next.
public enum ProgramStep: Sendable {
  case call(Call, timeout: TimeSpan?)
  case sleep(TimeSpan)
  /// CPU time, before the host's factor.
  case compute(TimeSpan)
  /// Waits until the bench calls `wakeProgram`.
  case block(timeout: TimeSpan?)
  case end
}

public struct TaskRecord: Sendable {
  public internal(set) var host: Int32
  public internal(set) var priority: Int32
  /// The priority it runs at: its own, or one inherited through the semaphore.
  var effective: Int32
  public internal(set) var state: TaskState = .dormant
  public let isProgram: Bool
  /// What it does when it has the CPU.
  var machine: Machine = .idle
  /// The kernel wait it is in, when `state` is waiting or polling.
  public internal(set) var wait: Wait? = nil
  public internal(set) var waitSince: Instant = .zero
  /// CPU time still to be paid before it acts.
  var cpuLeft: Int64 = 0
  /// CPU time used so far, nanoseconds.
  public internal(set) var cpuUsed: Int64 = 0
  /// A step whose debt is being paid before it takes effect.
  var pending: Step? = nil
  var holdsLock = false
  /// In the kernel: it needs the semaphore to go on.
  var needsLock = false
  /// A wake-up came while it was not waiting yet.
  var wakePending = false
  /// The tick came, or a release: whether it finds anything is seen when it runs.
  var mustPoll = false
  /// Its place among those that wait for a buffer.
  public internal(set) var waitOrder: Int64 = 0
  /// How often its class had changed when it was refused last.
  var refusedAt: Int64 = -1
  /// How long it polled for the buffer it now takes.
  var waited = TimeSpan.zero
  public internal(set) var result = CallResult.none
  /// One more for each call and each wait: old timeouts do not match.
  var generation: UInt32 = 0
  /// One more for each call with a timeout.
  var timeoutGeneration: UInt32 = 0
  /// Next in the list it stands in: ready, locked or polling.
  var next: Int32 = -1

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
  mutating func insert(_ task: Int32, _ tasks: inout Slab<TaskRecord>, inFront: Bool = false) {
    let priority = tasks.place(Int(task)).pointee.effective
    if tail < 0 || (!inFront && tasks.place(Int(tail)).pointee.effective <= priority) {
      return append(task, &tasks)
    }
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
