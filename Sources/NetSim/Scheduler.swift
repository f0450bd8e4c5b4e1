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
    let cpu = processors.place(h)
    while true {
      if cpu.pointee.interruptUntil > now { return nil }
      var next: Int32 = -1
      let running = cpu.pointee.running
      let first = cpu.pointee.ready.head
      if running >= 0 {
        let isPreempted = first >= 0 && tasks[Int(first)].effective < tasks[Int(running)].effective
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
        switchTo(next, h, &context)
      }
      let task = cpu.pointee.running
      if tasks[Int(task)].cpuLeft > 0 {
        give(task, h, &context)
        return nil
      }
      if let program = advance(task, h, &context) { return program }
    }
  }

  /// The running task loses the CPU, and keeps its place in front of its equals.
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
  private mutating func switchTo(_ task: Int32, _ h: Int, _ context: inout Context) {
    let cpu = processors.place(h)
    let record = tasks.place(Int(task))
    cpu.pointee.running = task
    if record.pointee.state != .polling { record.pointee.state = .running }
    // A poll that finds nothing costs nothing: its switch is charged when it finds something. Who
    // was woken pays at once, so that look and pop lie in one moment.
    if record.pointee.mustPoll && cpu.pointee.waiting == .poll { return }
    chargeSwitch(task, h)
    reportRun(task, h, &context)
  }

  /// A task got the CPU. Of those that poll only who finds something says so.
  func reportRun(_ task: Int32, _ h: Int, _ context: inout Context) {
    context.enter(host: Int32(h), task: task, at: now)
    context.report(.taskRun, task)
  }

  mutating func chargeSwitch(_ task: Int32, _ h: Int) {
    let cpu = processors.place(h)
    let record = tasks.place(Int(task))
    if cpu.pointee.last != task {
      record.pointee.cpuLeft += cpu.pointee.costs.contextSwitch.nanoseconds
      record.pointee.sliceEnd = .never
    }
    cpu.pointee.last = task
  }

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
  mutating func interrupt(_ host: Int32) {
    let h = Int(host)
    let cpu = processors.place(h)
    let cost = cpu.pointee.costs.interrupt
    if cost == .zero { return look(at: host) }
    if cpu.pointee.running >= 0 {
      tasks[Int(cpu.pointee.running)].interrupted += cost.nanoseconds
      preempt(h)
    }
    cpu.pointee.interruptUntil = max(now, cpu.pointee.interruptUntil) + cost
    cpu.pointee.interruptTime = cpu.pointee.interruptTime + cost
    queue.schedule(.interruptEnd, at: cpu.pointee.interruptUntil, host)
  }

  // MARK: one stage of the running task

  /// The running task acts. Returns it when its program must be asked.
  private mutating func advance(_ task: Int32, _ h: Int, _ context: inout Context) -> Int32? {
    let record = tasks.place(Int(task))
    if record.pointee.needsLock && !record.pointee.holdsLock && !takeLock(task, h, &context) {
      return nil
    }
    if record.pointee.mustPoll && !poll(task, h, &context) { return nil }
    if record.pointee.cpuLeft > 0 { return nil }
    let step: Step
    if let pending = record.pointee.pending {
      record.pointee.pending = nil
      step = pending
    } else if case .idle = record.pointee.machine {
      step = .done(record.pointee.result)
    } else {
      step = resume(task, h, &context)
      let owed = context.takeDebt()
      if owed > 0 {
        record.pointee.cpuLeft = owed
        record.pointee.pending = step
        return nil
      }
    }
    switch step {
    case .ran(let cost): record.pointee.cpuLeft = cost
    case .waits(let wait): beginWait(task, wait, h, &context)
    case .done(let result): return finish(task, result, h, &context)
    }
    return nil
  }

  @inline(__always)
  private mutating func resume(_ task: Int32, _ h: Int, _ context: inout Context) -> Step {
    let record = tasks.place(Int(task))
    context.enter(host: Int32(h), task: task, at: now)
    let step =
      record.pointee.hasText
      ? resumeWithText(task, h, &context)
      : hosts[Int(processors[h].stack)].resume(
        &record.pointee.machine, waited: record.pointee.waited, &context)
    record.pointee.waited = .zero
    takeEffects(h, &context)
    return step
  }

  @inline(__always)
  private mutating func beginWait(
    _ task: Int32, _ wait: Wait, _ h: Int, _ context: inout Context
  ) {
    let cpu = processors.place(h)
    let record = tasks.place(Int(task))
    let mostTicks = context.sleepTicks
    context.sleepTicks = 0
    releaseLock(task, h, waits: true, &context)
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
    context.enter(host: Int32(h), task: task, at: now)
    context.trace(.taskBlock, task, wait.code)
    if wait.isPoll {
      record.pointee.generation &+= 1
      record.pointee.waitOrder = cpu.pointee.waitOrder
      cpu.pointee.waitOrder += 1
      if cpu.pointee.waiting == .poll { scheduleConsole(task, h) } else { noteRefusal(task, h) }
      if let most = cpu.pointee.waitTimeout {
        queue.schedule(
          .waitOver, at: now + most, task, generation: record.pointee.generation)
      }
      beginPolling(task, h, &context)
    } else {
      record.pointee.state = .waiting
      record.pointee.sleepEnds = .never
      if mostTicks > 0 { limitSleep(of: task, toTicks: mostTicks, h) }
      if case .refill = wait {
        cpu.pointee.refills = true
        schedulePoll(h, &context)
      }
      if case .devicePoll = wait {
        cpu.pointee.polls = true
        schedulePoll(h, &context)
      }
    }
  }

  private mutating func finish(
    _ task: Int32, _ result: CallResult, _ h: Int, _ context: inout Context
  ) -> Int32? {
    let record = tasks.place(Int(task))
    releaseLock(task, h, waits: false, &context)
    record.pointee.needsLock = false
    record.pointee.machine = .idle
    record.pointee.result = result
    record.pointee.generation &+= 1
    precondition(record.pointee.isProgram, "a daemon's routine has ended")
    record.pointee.state = .program
    return task
  }

  // MARK: waking

  /// What the stack asked for while it ran: tasks to wake, rings with something to send, timers.
  @inline(__always)
  mutating func takeEffects(_ h: Int, _ context: inout Context) {
    if context.wakes.count > 0 || context.transmits.count > 0 { passOn(h, &context) }
    let cpu = processors.place(h)
    if cpu.pointee.pollerCount > 0 || cpu.pointee.refills || cpu.pointee.polls {
      schedulePoll(h, &context)
    }
    let callout = context.nextCallout
    if callout < cpu.pointee.calloutAt { scheduleCallout(callout, h) }
  }

  private mutating func passOn(_ h: Int, _ context: inout Context) {
    let firstPort = processors[h].firstPort
    var index = 0
    while index < context.wakes.count {
      wake(context.wakes[index], &context)
      index += 1
    }
    context.wakes.clear()
    index = 0
    while index < context.transmits.count {
      offer(port: firstPort + context.transmits[index], &context)
      index += 1
    }
    context.transmits.clear()
  }

  /// Makes a task ready. One that is about to wait remembers it; one that was woken already looks
  /// anyway.
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
    let h = Int(record.pointee.host)
    let cpu = processors.place(h)
    record.pointee.state = .ready
    cpu.pointee.ready.insert(task, &tasks)
    look(at: Int32(h))
  }
}

extension Wait {
  var isPoll: Bool {
    switch self {
    case .buffer, .sized: true
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
