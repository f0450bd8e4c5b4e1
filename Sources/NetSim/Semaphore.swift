// Locks: a host's network semaphore, and those that a script declares.
//
// RTEMS's binary semaphores: they nest, waiters stand by priority, and the owner may run at the
// priority of its most urgent waiter, through as many locks as lie between the two. A task that has
// taken the network semaphore itself keeps it through its system calls, and while it sleeps in one:
// then nobody can wake it. That is the mistake of RTEMS before 2012, whose waits release one level;
// with `releasesAll` they release what there is, and take it all again.

import NetStack

public struct Semaphore: Sendable {
  public internal(set) var host: Int32 = -1
  public internal(set) var owner: Int32 = -1
  /// How often the owner's program has taken it; 0 while only a kernel routine has it.
  public internal(set) var depth: Int32 = 0
  var waiters = TaskList()
  /// The owner runs at the priority of its most urgent waiter.
  var inherits = true
  /// A fault point says how much longer it is held.
  var isFaulty = false { didSet { isPlain = !isFaulty && !releasesAll } }
  /// Of a network semaphore: a wait in the kernel gives up all that its task has taken.
  var releasesAll = false { didSet { isPlain = !isFaulty && !releasesAll } }
  /// Nothing is to be done when a kernel routine gets it.
  private(set) var isPlain = true
}

extension Simulation {
  /// The number of a host's network semaphore.
  public static func networkLock(of host: Int32) -> Int32 { ~host }

  public func lock(_ number: Int32) -> Semaphore {
    number >= 0 ? locks[Int(number)] : processors[Int(~number)].network
  }

  /// Tasks that stand in line, the next owner first.
  public func waiters(of lock: Int32) -> [Int32] {
    var found: [Int32] = []
    var at = self.lock(lock).waiters.head
    while at >= 0 {
      found.append(at)
      at = tasks[Int(at)].next
    }
    return found
  }

  public mutating func setFaulty(_ isFaulty: Bool, lock number: Int32) {
    makeUnique()
    place(ofLock: number).pointee.isFaulty = isFaulty
  }

  /// Whether somebody on a host waits where only other tasks can release him.
  public func hasTangle(on host: Int32) -> Bool {
    let cpu = processors.place(Int(host))
    return cpu.pointee.outsideWaits > 0 || cpu.pointee.network.depth > 0
  }

  @inline(__always)
  private func place(ofLock number: Int32) -> UnsafeMutablePointer<Semaphore> {
    if number >= 0 { return locks.place(Int(number)) }
    // Slab memory does not move while a task acts.
    return withUnsafeMutablePointer(to: &processors.place(Int(~number)).pointee.network) { $0 }
  }

  // MARK: kernel routines

  /// The running task enters the kernel with the network semaphore, or waits for it.
  @inline(__always)
  mutating func takeLock(
    _ task: Int32, _ record: UnsafeMutablePointer<TaskRecord>,
    _ cpu: UnsafeMutablePointer<Processor>, _ host: Int32, _ context: inout Context
  ) -> Bool {
    if cpu.pointee.network.owner >= 0 && cpu.pointee.network.owner != task {
      waitForLock(task, Simulation.networkLock(of: host))
      return false
    }
    cpu.pointee.network.owner = task
    record.pointee.holdsLock = true
    if !cpu.pointee.network.isPlain { hasGot(network: task, Int(host), &context) }
    return true
  }

  /// A kernel routine gives the network semaphore up; its most urgent waiter owns it from then on.
  @inline(__always)
  mutating func releaseLock(
    _ task: Int32, _ record: UnsafeMutablePointer<TaskRecord>,
    _ cpu: UnsafeMutablePointer<Processor>, _ host: Int32, waits: Bool,
    _ context: inout Context
  ) {
    guard record.pointee.holdsLock else { return }
    record.pointee.holdsLock = false
    if record.pointee.locksTaken > 0 {
      if !releaseTaken(task, record, cpu, waits: waits) { return }
    } else {
      record.pointee.effective = record.pointee.priority
      cpu.pointee.network.owner = -1
    }
    if cpu.pointee.network.waiters.head >= 0 {
      passLock(Simulation.networkLock(of: host), &context)
    }
  }

  /// The same for a task whose program has taken locks itself. False when it keeps it.
  @inline(never)
  private mutating func releaseTaken(
    _ task: Int32, _ record: UnsafeMutablePointer<TaskRecord>,
    _ cpu: UnsafeMutablePointer<Processor>, waits: Bool
  ) -> Bool {
    if cpu.pointee.network.depth > 0 {
      guard waits && cpu.pointee.network.releasesAll else { return false }
      record.pointee.depthGivenUp = cpu.pointee.network.depth
      record.pointee.locksTaken -= 1
      cpu.pointee.network.depth = 0
    }
    cpu.pointee.network.owner = -1
    settlePriority(of: task)
    return true
  }

  /// A kernel routine has the network semaphore, which is not a plain one.
  @inline(never)
  private mutating func hasGot(network task: Int32, _ h: Int, _ context: inout Context) {
    let cpu = processors.place(h)
    let record = tasks.place(Int(task))
    if record.pointee.depthGivenUp > 0 {
      cpu.pointee.network.depth = record.pointee.depthGivenUp
      record.pointee.depthGivenUp = 0
      record.pointee.locksTaken += 1
    }
    if cpu.pointee.network.isFaulty { holdLonger(task, Int32(~h), &context) }
  }

  // MARK: programs

  func isTaken(lock number: Int32, by task: Int32) -> Bool {
    let owner = lock(number).owner
    return owner >= 0 && owner != task
  }

  /// The running program takes a lock. False: it stands in line.
  mutating func take(lock number: Int32, _ task: Int32, _ context: inout Context) -> Bool {
    let lock = place(ofLock: number)
    if lock.pointee.owner >= 0 && lock.pointee.owner != task {
      waitForLock(task, number)
      processors[Int(tasks[Int(task)].host)].outsideWaits += 1
      context.trace(.taskBlock, task, 12 | Int64(number) << 8)
      return false
    }
    own(lock: number, task, &context)
    return true
  }

  /// It gives the lock back. False when it has not taken it.
  mutating func giveBack(lock number: Int32, _ task: Int32, _ context: inout Context) -> Bool {
    let lock = place(ofLock: number)
    guard lock.pointee.owner == task, lock.pointee.depth > 0 else { return false }
    lock.pointee.depth -= 1
    if lock.pointee.depth > 0 { return true }
    tasks[Int(task)].locksTaken -= 1
    lock.pointee.owner = -1
    settlePriority(of: task)
    if lock.pointee.waiters.head >= 0 { passLock(number, &context) }
    return true
  }

  /// Takes a lock from whoever's program has it. False when none has.
  public mutating func forceOpen(lock number: Int32, _ context: inout Context) -> Bool {
    makeUnique()
    let lock = place(ofLock: number)
    guard lock.pointee.depth > 0 else { return false }
    let owner = lock.pointee.owner
    context.enter(host: tasks[Int(owner)].host, task: -1, at: now)
    lock.pointee.depth = 1
    // In a system call the kernel's own hold goes on.
    let isInKernel = number < 0 && tasks[Int(owner)].holdsLock
    guard isInKernel else { return giveBack(lock: number, owner, &context) }
    lock.pointee.depth = 0
    tasks[Int(owner)].locksTaken -= 1
    return true
  }

  private mutating func own(lock number: Int32, _ task: Int32, _ context: inout Context) {
    let lock = place(ofLock: number)
    let isFirst = lock.pointee.depth == 0
    lock.pointee.owner = task
    lock.pointee.depth += 1
    guard isFirst else { return }
    tasks[Int(task)].locksTaken += 1
    if lock.pointee.isFaulty { holdLonger(task, number, &context) }
  }

  private mutating func holdLonger(_ task: Int32, _ lock: Int32, _ context: inout Context) {
    guard let faults = context.faults else { return }
    let longer = faults.hold(lock: lock, task: task)
    tasks[Int(task)].cpuLeft += max(longer.nanoseconds, 0)
  }

  // MARK: the line

  /// Stands in line, and lends the owner the task's priority.
  @inline(never)
  private mutating func waitForLock(_ task: Int32, _ number: Int32) {
    let lock = place(ofLock: number)
    let record = tasks.place(Int(task))
    precondition(lock.pointee.owner != task, "a task waits for a lock that it holds")
    record.pointee.state = .locked
    record.pointee.awaitedLock = number
    record.pointee.lockedSince = now
    record.pointee.lockedEvent = events
    processors[Int(record.pointee.host)].running = -1
    lock.pointee.waiters.insert(task, &tasks)
    if lock.pointee.inherits { lend(record.pointee.effective, to: lock.pointee.owner) }
  }

  /// Raises a task, and whoever holds up the one that it holds up.
  private mutating func lend(_ priority: Int32, to owner: Int32) {
    var task = owner
    while tasks[Int(task)].effective > priority {
      setEffective(priority, of: task)
      guard tasks[Int(task)].state == .locked else { return }
      let next = place(ofLock: tasks[Int(task)].awaitedLock)
      guard next.pointee.inherits else { return }
      task = next.pointee.owner
    }
  }

  /// A task stands in a list by its priority: it moves when that does.
  private mutating func setEffective(_ priority: Int32, of task: Int32) {
    let record = tasks.place(Int(task))
    let cpu = processors.place(Int(record.pointee.host))
    switch record.pointee.state {
    // One that spins stands in line whenever it has not the CPU.
    case .polling where cpu.pointee.waiting == .spin && cpu.pointee.running != task: fallthrough
    case .ready:
      cpu.pointee.ready.remove(task, &tasks)
      record.pointee.effective = priority
      cpu.pointee.ready.insert(task, &tasks, inFront: true)
    case .locked:
      let lock = place(ofLock: record.pointee.awaitedLock)
      lock.pointee.waiters.remove(task, &tasks)
      record.pointee.effective = priority
      lock.pointee.waiters.insert(task, &tasks)
    default: record.pointee.effective = priority
    }
  }

  /// What a task runs at: its own priority, or a waiter's of a lock that it still has.
  mutating func settlePriority(of task: Int32) {
    let record = tasks.place(Int(task))
    var priority = record.pointee.priority
    func consider(_ lock: Semaphore) {
      guard lock.owner == task, lock.inherits, lock.waiters.head >= 0 else { return }
      priority = min(priority, tasks[Int(lock.waiters.head)].effective)
    }
    consider(processors[Int(record.pointee.host)].network)
    for number in locks.indices { consider(locks[number]) }
    if priority != record.pointee.effective { setEffective(priority, of: task) }
  }

  /// The most urgent waiter owns the lock from now on.
  @inline(never)
  private mutating func passLock(_ number: Int32, _ context: inout Context) {
    let lock = place(ofLock: number)
    let next =
      chooser.isOn
      ? takeChosen(from: &lock.pointee.waiters) : lock.pointee.waiters.popFirst(&tasks)
    let record = tasks.place(Int(next))
    if record.pointee.needsLock {
      lock.pointee.owner = next
      record.pointee.holdsLock = true
      if !lock.pointee.isPlain { hasGot(network: next, Int(~number), &context) }
    } else {
      processors[Int(record.pointee.host)].outsideWaits -= 1
      own(lock: number, next, &context)
      context.trace(.taskWake, next)
    }
    record.pointee.state = .ready
    processors[Int(record.pointee.host)].ready.insert(next, &tasks)
    look(at: record.pointee.host)
  }

  /// A program leaves the line: its time is up, or it was stopped.
  mutating func leaveLine(_ task: Int32, _ context: inout Context) {
    let record = tasks.place(Int(task))
    precondition(record.pointee.state == .locked && !record.pointee.needsLock, "not in line")
    let lock = place(ofLock: record.pointee.awaitedLock)
    lock.pointee.waiters.remove(task, &tasks)
    processors[Int(record.pointee.host)].outsideWaits -= 1
    // What was lent goes back, through all who had it.
    var owner = lock.pointee.owner
    while owner >= 0 {
      let before = tasks[Int(owner)].effective
      settlePriority(of: owner)
      guard tasks[Int(owner)].effective != before, tasks[Int(owner)].state == .locked else { break }
      owner = place(ofLock: tasks[Int(owner)].awaitedLock).pointee.owner
    }
    context.trace(.taskWake, task, 1)
    makeReady(task)
  }
}
