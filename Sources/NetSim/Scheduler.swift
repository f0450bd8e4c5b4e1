// Fixed-priority, preemptive scheduling of one host's tasks.
//
// RTEMS: PREEMPT, NO_TIMESLICE; the lower number is the more urgent; equals run to block, first in
// first out. With a time slice, counted in ticks from the switch to the task, its equals come next.
// A stage of kernel work costs CPU time first and acts at its end, so that a more urgent task may
// come in between; the semaphore stays held.

import NetStack

extension Simulation {
  /// Runs a host's tasks until they all wait, CPU time must pass, or a program must be asked.
  ///
  /// - Returns: the task whose program has the CPU, or nil.
  mutating func dispatch(_ host: Int32, _ context: inout Context) -> Int32? {
    let h = Int(host)
    // Slab memory does not move while tasks act.
    let cpu = processors.place(h)
    while cpu.pointee.interruptUntil <= now {
      var next: Int32 = -1
      let running = cpu.pointee.running
      let first = cpu.pointee.ready.head
      if running >= 0 {
        let isPreempted =
          first >= 0
          && tasks.place(Int(first)).pointee.effective
            < tasks.place(Int(running)).pointee.effective
        if isPreempted {
          preempt(h)
        } else if cpu.pointee.cpuEnd > now && cpu.pointee.cpuEnd != .never {
          return nil
        } else if chooser.isOn {
          next = preemptForEqual(h)
        }
      }
      if cpu.pointee.running < 0 {
        if first < 0 {
          if cpu.pointee.polls && pollDevices(host, &context) { continue }
          return nil
        }
        if next < 0 {
          next =
            chooser.isOn
            ? takeChosen(from: &cpu.pointee.ready) : cpu.pointee.ready.popFirst(&tasks)
        }
        switchTo(next, cpu, host, &context)
      }
      let task = cpu.pointee.running
      let record = tasks.place(Int(task))
      if record.pointee.cpuLeft > 0 {
        give(task, h, &context)
        return nil
      }
      if isProgramNext(task, record, cpu, host, &context) { return task }
    }
    return nil
  }

  /// The running task loses the CPU, and keeps its place in front of its equals.
  @inline(never)
  mutating func preempt(_ h: Int) {
    let cpu = processors.place(h)
    let task = cpu.pointee.running
    stopClock(h)
    if tasks[Int(task)].state != .polling { tasks[Int(task)].state = .ready }
    cpu.pointee.ready.insert(task, &tasks, inFront: true)
    cpu.pointee.running = -1
  }

  /// Books the CPU time used so far; what is left stays with the task.
  mutating func stopClock(_ h: Int) {
    let cpu = processors.place(h)
    let task = Int(cpu.pointee.running)
    guard cpu.pointee.cpuEnd != .never else { return }
    let used = (min(now, cpu.pointee.cpuEnd) - cpu.pointee.cpuStart).nanoseconds
    // Whoever spins has nothing left to pay.
    tasks[task].cpuLeft = max(tasks[task].cpuLeft - used, 0)
    tasks[task].cpuUsed += used
    cpu.pointee.cpuEnd = .never
    cpu.pointee.cpuGeneration &+= 1
  }

  @inline(__always)
  private mutating func switchTo(
    _ task: Int32, _ cpu: UnsafeMutablePointer<Processor>, _ host: Int32,
    _ context: inout Context
  ) {
    let record = tasks.place(Int(task))
    cpu.pointee.running = task
    if record.pointee.state != .polling { record.pointee.state = .running }
    // A poll that finds nothing costs nothing: its switch is charged when it finds something. Who
    // was woken pays at once, so that look and pop lie in one moment.
    if record.pointee.mustPoll && cpu.pointee.waiting == .poll { return }
    chargeSwitch(task, record, cpu)
    reportRun(task, host, &context)
  }

  /// A task got the CPU. Of those that poll only who finds something says so.
  @inline(__always)
  func reportRun(_ task: Int32, _ host: Int32, _ context: inout Context) {
    context.enter(host: host, task: task, at: now)
    context.report(.taskRun, task)
  }

  @inline(__always)
  func chargeSwitch(
    _ task: Int32, _ record: UnsafeMutablePointer<TaskRecord>,
    _ cpu: UnsafeMutablePointer<Processor>
  ) {
    if cpu.pointee.last == task { return }
    record.pointee.cpuLeft += cpu.pointee.costs.contextSwitch.nanoseconds
    record.pointee.sliceEnd = .never
    cpu.pointee.last = task
  }

  @inline(never)
  private mutating func give(_ task: Int32, _ h: Int, _ context: inout Context) {
    let cpu = processors.place(h)
    cpu.pointee.cpuStart = now
    cpu.pointee.cpuEnd = now + TimeSpan(nanoseconds: tasks[Int(task)].cpuLeft)
    if tasks[Int(task)].timeslice > 0 {
      cpu.pointee.cpuEnd = min(cpu.pointee.cpuEnd, sliceEnd(of: task, h))
    }
    cpu.pointee.cpuGeneration &+= 1
    if cpu.pointee.runsEveryTick && cpu.pointee.pollerCount > 0 { schedulePoll(h, &context) }
    queue.schedule(
      .cpu, at: cpu.pointee.cpuEnd, Int32(h), generation: cpu.pointee.cpuGeneration)
  }

  mutating func cpuElapsed(_ host: Int32, _ generation: UInt32) {
    let h = Int(host)
    if processors[h].cpuGeneration != generation || processors[h].running < 0 { return }
    stopClock(h)
    endSlice(of: processors[h].running, h)
    look(at: host)
  }

  /// When a task's equals have their turn.
  mutating func sliceEnd(of task: Int32, _ h: Int) -> Instant {
    let record = tasks.place(Int(task))
    if record.pointee.sliceEnd == .never {
      let rest = Int64(record.pointee.timeslice - 1) * processors[h].tick.nanoseconds
      record.pointee.sliceEnd = tick(after: now, h) + TimeSpan(nanoseconds: rest)
    }
    // An interrupt may have lasted beyond it.
    return max(record.pointee.sliceEnd, now)
  }

  /// _Thread_Tickle_timeslice: the slice is over, and the task goes behind its equals.
  private mutating func endSlice(of task: Int32, _ h: Int) {
    let record = tasks.place(Int(task))
    guard record.pointee.timeslice > 0, now >= record.pointee.sliceEnd else { return }
    record.pointee.sliceEnd = .never
    let cpu = processors.place(h)
    let first = cpu.pointee.ready.head
    guard first >= 0, tasks[Int(first)].effective == record.pointee.effective else { return }
    if record.pointee.state != .polling { record.pointee.state = .ready }
    cpu.pointee.ready.insert(task, &tasks)
    cpu.pointee.running = -1
  }

  /// An interrupt service routine takes the CPU for its cost.
  @inline(__always)
  mutating func interrupt(_ host: Int32) {
    let cost = processors.place(Int(host)).pointee.costs.interrupt
    if cost == .zero { look(at: host) } else { interrupt(host, for: cost) }
  }

  @inline(never)
  private mutating func interrupt(_ host: Int32, for cost: TimeSpan) {
    let h = Int(host)
    let cpu = processors.place(h)
    if cpu.pointee.running >= 0 {
      tasks[Int(cpu.pointee.running)].interrupted += cost.nanoseconds
      preempt(h)
    }
    cpu.pointee.interruptUntil = max(now, cpu.pointee.interruptUntil) + cost
    cpu.pointee.interruptTime = cpu.pointee.interruptTime + cost
    queue.schedule(.interruptEnd, at: cpu.pointee.interruptUntil, host)
  }

  // MARK: one stage of the running task

  /// The running task acts. True when its program must be asked.
  @inline(__always)
  private mutating func isProgramNext(
    _ task: Int32, _ record: UnsafeMutablePointer<TaskRecord>,
    _ cpu: UnsafeMutablePointer<Processor>, _ host: Int32, _ context: inout Context
  ) -> Bool {
    if record.pointee.needsLock && !record.pointee.holdsLock
      && !takeLock(task, record, cpu, host, &context)
    {
      return false
    }
    if record.pointee.mustPoll && !poll(task, Int(host), &context) { return false }
    if record.pointee.cpuLeft > 0 { return false }
    let step: Step
    if let pending = record.pointee.pending {
      record.pointee.pending = nil
      step = pending
    } else if record.pointee.machine.isIdle {
      step = .done(record.pointee.result)
    } else {
      context.enter(host: host, task: task, at: now)
      step =
        record.pointee.hasText
        ? resumeWithText(task, Int(host), &context)
        : hosts.place(Int(cpu.pointee.stack)).pointee.resume(
          &record.pointee.machine, waited: record.pointee.waited, &context)
      record.pointee.waited = .zero
      takeEffects(cpu, host, &context)
      let owed = context.takeDebt()
      if owed > 0 {
        record.pointee.cpuLeft = owed
        record.pointee.pending = step
        return false
      }
    }
    switch step {
    case .ran(let cost): record.pointee.cpuLeft = cost
    case .waits(let wait): beginWait(task, wait, record, cpu, host, &context)
    case .done(let result):
      finish(task, result, record, cpu, host, &context)
      return true
    }
    return false
  }

  @inline(__always)
  private mutating func beginWait(
    _ task: Int32, _ wait: Wait, _ record: UnsafeMutablePointer<TaskRecord>,
    _ cpu: UnsafeMutablePointer<Processor>, _ host: Int32, _ context: inout Context
  ) {
    let mostTicks = context.sleepTicks
    context.sleepTicks = 0
    releaseLock(task, record, cpu, host, waits: true, &context)
    cpu.pointee.running = -1
    if record.pointee.wakePending, !wait.isPoll {
      record.pointee.wakePending = false
      record.pointee.state = .ready
      cpu.pointee.ready.insert(task, &tasks)
      return
    }
    record.pointee.wakePending = false
    if record.pointee.deadline != .never || record.pointee.selectsQueues,
      isOver(wait, of: task, &context)
    {
      return
    }
    record.pointee.wait = wait
    record.pointee.waitSince = now
    record.pointee.waitEvent = events
    context.enter(host: host, task: task, at: now)
    context.trace(.taskBlock, task, wait.code)
    if wait.isPoll { return beginBufferWait(task, Int(host), &context) }
    record.pointee.state = .waiting
    record.pointee.sleepEnds = .never
    if mostTicks > 0 { limitSleep(of: task, toTicks: mostTicks, Int(host)) }
    if wait.isOfRing { beginRingWait(wait, Int(host), &context) }
  }

  /// A task waits for a buffer.
  @inline(never)
  private mutating func beginBufferWait(_ task: Int32, _ h: Int, _ context: inout Context) {
    let cpu = processors.place(h)
    let record = tasks.place(Int(task))
    record.pointee.generation &+= 1
    record.pointee.waitOrder = cpu.pointee.waitOrder
    cpu.pointee.waitOrder += 1
    if cpu.pointee.waiting == .poll { scheduleConsole(task, h) } else { noteRefusal(task, h) }
    if let most = cpu.pointee.waitTimeout {
      queue.schedule(.waitOver, at: now + most, task, generation: record.pointee.generation)
    }
    beginPolling(task, h, &context)
  }

  /// A receive task waits for more than an interrupt.
  @inline(never)
  private mutating func beginRingWait(_ wait: Wait, _ h: Int, _ context: inout Context) {
    if case .refill = wait { processors[h].refills = true } else { processors[h].polls = true }
    schedulePoll(h, &context)
  }

  @inline(__always)
  private mutating func finish(
    _ task: Int32, _ result: CallResult, _ record: UnsafeMutablePointer<TaskRecord>,
    _ cpu: UnsafeMutablePointer<Processor>, _ host: Int32, _ context: inout Context
  ) {
    releaseLock(task, record, cpu, host, waits: false, &context)
    record.pointee.needsLock = false
    record.pointee.machine.end()
    record.pointee.result = result
    record.pointee.generation &+= 1
    precondition(record.pointee.isProgram, "a daemon's routine has ended")
    record.pointee.state = .program
  }

  // MARK: waking

  /// What the stack asked for while it ran: tasks to wake, rings with something to send, timers.
  mutating func takeEffects(_ h: Int, _ context: inout Context) {
    takeEffects(processors.place(h), Int32(h), &context)
  }

  @inline(__always)
  mutating func takeEffects(
    _ cpu: UnsafeMutablePointer<Processor>, _ host: Int32, _ context: inout Context
  ) {
    if context.wakes.count > 0 { wakeAll(&context) }
    if context.transmits.count > 0 { offerAll(cpu, &context) }
    if cpu.pointee.pollerCount > 0 || cpu.pointee.refills || cpu.pointee.polls {
      schedulePoll(Int(host), &context)
    }
    let callout = context.nextCallout
    if callout < cpu.pointee.calloutAt { scheduleCallout(callout, Int(host)) }
  }

  @inline(__always)
  private mutating func wakeAll(_ context: inout Context) {
    wake(context.wakes[0], &context)
    if context.wakes.count > 1 { wakeRest(&context) }
    context.wakes.clear()
  }

  @inline(never)
  private mutating func wakeRest(_ context: inout Context) {
    for index in 1..<context.wakes.count { wake(context.wakes[index], &context) }
  }

  @inline(never)
  private mutating func offerAll(
    _ cpu: UnsafeMutablePointer<Processor>, _ context: inout Context
  ) {
    let firstPort = cpu.pointee.firstPort
    var index = 0
    while index < context.transmits.count {
      offer(port: firstPort + context.transmits[index], &context)
      index &+= 1
    }
    context.transmits.clear()
  }

  /// Makes a task ready. One that is about to wait remembers it; one that was woken already looks
  /// anyway.
  @inline(__always)
  mutating func wake(_ task: Int32, _ context: inout Context) {
    let record = tasks.place(Int(task))
    guard record.pointee.state == .waiting else {
      if record.pointee.state == .running || record.pointee.pending != nil {
        record.pointee.wakePending = true
      }
      return
    }
    precondition(record.pointee.programWait == nil, "the kernel wakes who does not wait in it")
    record.pointee.wait = nil
    record.pointee.generation &+= 1
    makeReady(task)
    context.trace(.taskWake, task)
  }

  @inline(__always)
  mutating func makeReady(_ task: Int32) {
    let record = tasks.place(Int(task))
    let host = record.pointee.host
    record.pointee.state = .ready
    processors.place(Int(host)).pointee.ready.insert(task, &tasks)
    look(at: host)
  }
}

extension Wait {
  var isPoll: Bool {
    switch self {
    case .buffer, .sized: true
    default: false
    }
  }

  /// Only a receive task waits so, and for more than an interrupt.
  var isOfRing: Bool {
    switch self {
    case .refill, .devicePoll: true
    default: false
    }
  }

  /// A number for the trace.
  @inline(__always)
  var code: Int64 {
    switch self {
    case .buffer(.mbufs, _, _): 1
    case .buffer(.clusters, _, _): 2
    case .socketSpace(let socket): 3 | Int64(socket) << 8
    case .socketData(let socket): 4 | Int64(socket) << 8
    case .connection(let socket): 5 | Int64(socket) << 8
    case .acceptQueue(let socket): 6 | Int64(socket) << 8
    case .select: 7
    case .deviceReceive(let interface): 8 | Int64(interface) << 8
    case .deviceTransmit(let interface): 9 | Int64(interface) << 8
    case .transmitRing(let interface): 10 | Int64(interface) << 8
    case .network: 11
    case .refill(let interface): 12 | Int64(interface) << 8
    case .lingering(let socket): 17 | Int64(socket) << 8
    case .devicePoll(let interface): 18 | Int64(interface) << 8
    case .sized(let sizeClass, _, _): 19 | Int64(sizeClass) << 8
    }
  }
}
