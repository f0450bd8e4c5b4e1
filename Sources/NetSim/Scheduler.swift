// Fixed-priority, preemptive scheduling of one host's tasks, and the network semaphore.
//
// RTEMS: PREEMPT, NO_TIMESLICE; the lower number is the more urgent; equals run to block, first in
// first out. A stage of kernel work costs CPU time first and acts at its end, so that a more urgent
// task may come in between; the semaphore stays held.

import NetStack

extension Simulation {
  /// Runs a host's tasks until they all wait, CPU time must pass, or a program must be asked.
  ///
  /// - Returns: the task whose program has the CPU, or nil.
  mutating func dispatch(_ host: Int32, _ context: inout Context) -> Int32? {
    let h = Int(host)
    while true {
      if processors[h].interruptUntil > now { return nil }
      let running = processors[h].running
      let first = processors[h].ready.head
      if running >= 0 {
        let isPreempted = first >= 0 && tasks[Int(first)].effective < tasks[Int(running)].effective
        if isPreempted {
          preempt(h)
        } else if processors[h].cpuEnd > now && processors[h].cpuEnd != .never {
          return nil
        }
      }
      if processors[h].running < 0 {
        if first < 0 { return nil }
        switchTo(processors[h].ready.popFirst(&tasks), h)
      }
      let task = processors[h].running
      if tasks[Int(task)].cpuLeft > 0 {
        give(task, h)
        return nil
      }
      if let program = advance(task, h, &context) { return program }
    }
  }

  /// The running task loses the CPU, and keeps its place in front of its equals.
  private mutating func preempt(_ h: Int) {
    let task = processors[h].running
    stopClock(h)
    tasks[Int(task)].state = .ready
    processors[h].ready.insert(task, &tasks, inFront: true)
    processors[h].running = -1
  }

  /// Books the CPU time used so far; what is left stays with the task.
  mutating func stopClock(_ h: Int) {
    let task = Int(processors[h].running)
    guard processors[h].cpuEnd != .never else { return }
    let used = (min(now, processors[h].cpuEnd) - processors[h].cpuStart).nanoseconds
    tasks[task].cpuLeft -= used
    tasks[task].cpuUsed += used
    processors[h].cpuEnd = .never
    processors[h].cpuGeneration &+= 1
  }

  private mutating func switchTo(_ task: Int32, _ h: Int) {
    processors[h].running = task
    tasks[Int(task)].state = .running
    // A poll that finds nothing costs nothing: its switch is charged when it finds something.
    if tasks[Int(task)].mustPoll { return }
    chargeSwitch(task, h)
  }

  mutating func chargeSwitch(_ task: Int32, _ h: Int) {
    if processors[h].last != task {
      tasks[Int(task)].cpuLeft += processors[h].costs.contextSwitch.nanoseconds
    }
    processors[h].last = task
  }

  private mutating func give(_ task: Int32, _ h: Int) {
    processors[h].cpuStart = now
    processors[h].cpuEnd = now + TimeSpan(nanoseconds: tasks[Int(task)].cpuLeft)
    processors[h].cpuGeneration &+= 1
    queue.schedule(
      .cpu, at: processors[h].cpuEnd, Int32(h), generation: processors[h].cpuGeneration)
  }

  mutating func cpuElapsed(_ host: Int32, _ generation: UInt32) {
    let h = Int(host)
    if processors[h].cpuGeneration != generation || processors[h].running < 0 { return }
    stopClock(h)
    look(at: host)
  }

  /// An interrupt service routine takes the CPU for its cost.
  mutating func interrupt(_ host: Int32) {
    let h = Int(host)
    let cost = processors[h].costs.interrupt
    if cost == .zero { return look(at: host) }
    if processors[h].running >= 0 { preempt(h) }
    processors[h].interruptUntil = max(now, processors[h].interruptUntil) + cost
    queue.schedule(.interruptEnd, at: processors[h].interruptUntil, host)
  }

  // MARK: one stage of the running task

  /// The running task acts. Returns it when its program must be asked.
  private mutating func advance(_ task: Int32, _ h: Int, _ context: inout Context) -> Int32? {
    let t = Int(task)
    if tasks[t].needsLock && !tasks[t].holdsLock && !takeLock(task, h) { return nil }
    if tasks[t].mustPoll && !poll(task, h, &context) { return nil }
    if tasks[t].cpuLeft > 0 { return nil }
    let step: Step
    if let pending = tasks[t].pending {
      tasks[t].pending = nil
      step = pending
    } else if case .idle = tasks[t].machine {
      step = .done(tasks[t].result)
    } else {
      step = resume(task, h, &context)
      let owed = context.takeDebt()
      if owed > 0 {
        tasks[t].cpuLeft = owed
        tasks[t].pending = step
        return nil
      }
    }
    switch step {
    case .ran(let cost): tasks[t].cpuLeft = cost
    case .waits(let wait): beginWait(task, wait, h, &context)
    case .done(let result): return finish(task, result, h)
    }
    return nil
  }

  private mutating func resume(_ task: Int32, _ h: Int, _ context: inout Context) -> Step {
    let t = Int(task)
    context.enter(host: Int32(h), task: task, at: now)
    let step = hosts[Int(processors[h].stack)].resume(
      &tasks[t].machine, waited: tasks[t].waited, &context)
    tasks[t].waited = .zero
    takeEffects(h, &context)
    return step
  }

  private mutating func beginWait(
    _ task: Int32, _ wait: Wait, _ h: Int, _ context: inout Context
  ) {
    let t = Int(task)
    releaseLock(task, h)
    processors[h].running = -1
    if tasks[t].wakePending, !wait.isPoll {
      tasks[t].wakePending = false
      tasks[t].state = .ready
      processors[h].ready.insert(task, &tasks)
      return
    }
    tasks[t].wakePending = false
    tasks[t].wait = wait
    tasks[t].waitSince = now
    context.enter(host: Int32(h), task: task, at: now)
    context.trace(.taskBlock, task, wait.code)
    if wait.isPoll {
      tasks[t].generation &+= 1
      beginPolling(task, h)
      scheduleConsole(task, h)
    } else {
      tasks[t].state = .waiting
    }
  }

  private mutating func finish(_ task: Int32, _ result: CallResult, _ h: Int) -> Int32? {
    let t = Int(task)
    releaseLock(task, h)
    tasks[t].needsLock = false
    tasks[t].machine = .idle
    tasks[t].result = result
    tasks[t].generation &+= 1
    precondition(tasks[t].isProgram, "a daemon's routine has ended")
    tasks[t].state = .program
    return task
  }

  // MARK: the network semaphore

  /// Takes the semaphore, or waits for it and lends its owner the task's priority.
  private mutating func takeLock(_ task: Int32, _ h: Int) -> Bool {
    let owner = processors[h].lockOwner
    if owner < 0 {
      processors[h].lockOwner = task
      tasks[Int(task)].holdsLock = true
      return true
    }
    precondition(owner != task, "a task waits for a semaphore that it holds")
    tasks[Int(task)].state = .locked
    processors[h].running = -1
    processors[h].lockWaiters.insert(task, &tasks)
    let lent = tasks[Int(task)].effective
    if processors[h].inherits && lent < tasks[Int(owner)].effective {
      let isQueued = tasks[Int(owner)].state == .ready
      if isQueued { processors[h].ready.remove(owner, &tasks) }
      tasks[Int(owner)].effective = lent
      if isQueued { processors[h].ready.insert(owner, &tasks, inFront: true) }
    }
    return false
  }

  /// Gives the semaphore up; its most urgent waiter owns it from then on.
  mutating func releaseLock(_ task: Int32, _ h: Int) {
    guard tasks[Int(task)].holdsLock else { return }
    tasks[Int(task)].holdsLock = false
    tasks[Int(task)].effective = tasks[Int(task)].priority
    let next = processors[h].lockWaiters.popFirst(&tasks)
    processors[h].lockOwner = next
    if next < 0 { return }
    tasks[Int(next)].holdsLock = true
    tasks[Int(next)].state = .ready
    processors[h].ready.insert(next, &tasks)
  }

  // MARK: waking

  /// What the stack asked for while it ran: tasks to wake, rings with something to send, timers.
  mutating func takeEffects(_ h: Int, _ context: inout Context) {
    var index = 0
    while index < context.wakes.count {
      wake(context.wakes[index], &context)
      index += 1
    }
    context.wakes.clear()
    index = 0
    while index < context.transmits.count {
      offer(port: processors[h].firstPort + context.transmits[index], &context)
      index += 1
    }
    context.transmits.clear()
    if processors[h].pollerCount > 0 { schedulePoll(h) }
    let callout = context.nextCallout
    if callout < processors[h].calloutAt { scheduleCallout(callout, h) }
  }

  /// Makes a task ready. One that is about to wait remembers it; one that was woken already looks
  /// anyway.
  mutating func wake(_ task: Int32, _ context: inout Context) {
    let t = Int(task)
    guard tasks[t].state == .waiting else {
      if tasks[t].state == .running || tasks[t].pending != nil { tasks[t].wakePending = true }
      return
    }
    tasks[t].wait = nil
    tasks[t].generation &+= 1
    makeReady(task)
    context.trace(.taskWake, task)
  }

  mutating func makeReady(_ task: Int32) {
    let h = Int(tasks[Int(task)].host)
    tasks[Int(task)].state = .ready
    processors[h].ready.insert(task, &tasks)
    look(at: Int32(h))
  }
}

extension Wait {
  var isPoll: Bool {
    if case .buffer = self { return true }
    return false
  }

  /// A number for the trace.
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
    }
  }
}
