// The tick: tasks that poll for buffers, sleeps, and the protocols' beats.
//
// m_clalloc sleeps one tick and looks again, for as long as it takes. Ticks at which there is
// nothing free are skipped: the result is that of every tick having run, because a poll that finds
// nothing changes nothing and costs nothing. Pools whose releases wake: Waiters.swift. Where the
// CPU is busy at a tick that is not quite so, nor where three timers fire at one: see Ticks.swift.

import NetStack

extension Simulation {
  /// The first clock tick after an instant.
  func tick(after instant: Instant, _ h: Int) -> Instant {
    let tick = processors[h].tick.nanoseconds
    return Instant(nanoseconds: (instant.nanoseconds / tick + 1) * tick)
  }

  mutating func beginPolling(_ task: Int32, _ h: Int, _ context: inout Context) {
    if processors[h].waiting == .spin { return beginSpinning(task, h, &context) }
    tasks[Int(task)].state = .polling
    if processors[h].runsEveryTick { settlePollOrder(h) }
    arm(task, h)
    processors[h].pollers.append(task, &tasks)
    processors[h].pollerCount += 1
    schedulePoll(h, &context)
  }

  /// Schedules the next tick at which somebody may find a buffer, or wakes somebody now.
  @inline(never)
  mutating func schedulePoll(_ h: Int, _ context: inout Context) {
    if processors[h].isPollScheduled && processors[h].waiting == .poll { return }
    let stack = Int(processors[h].stack)
    var isDue = processors[h].refills && hosts[stack].hasBufferForRing
    if processors[h].polls && hosts[stack].hasPollWork { isDue = true }
    if hosts[stack].hasBufferForWaiter {
      switch processors[h].waiting {
      case .poll: isDue = true
      case .spin: if lookSpinning(h, atTick: false) { isDue = true }
      case .fifo, .priority, .event: wakeWaiters(h, &context)
      }
    }
    if processors[h].runsEveryTick && processors[h].waiting == .poll {
      isDue = isDue || processors[h].pollerCount > 0 && isBusy(h)
    }
    if !isDue || processors[h].isPollScheduled { return }
    processors[h].isPollScheduled = true
    queue.schedule(.poll, at: tick(after: now, h), Int32(h))
  }

  /// The tick has come: every poller whose class has something gets ready to look.
  mutating func pollTick(_ host: Int32, _ context: inout Context) {
    let h = Int(host)
    processors[h].isPollScheduled = false
    if processors[h].waiting == .spin { lookSpinning(h, atTick: true) }
    if processors[h].runsEveryTick {
      runTick(host, &context)
      if processors[h].polls { pollDevices(host, atTick: true, &context) }
      return schedulePoll(h, &context)
    }
    reportTick(host, &context)
    if processors[h].refills { wakeRefills(host, &context) }
    if processors[h].polls { pollDevices(host, atTick: true, &context) }
    if processors[h].waiting != .poll { return }
    let state = hosts[Int(processors[h].stack)].state
    var rest = TaskList()
    while true {
      let task = processors[h].pollers.popFirst(&tasks)
      if task < 0 { break }
      if freeBuffers(for: task, state) == 0 || !isItsTick(task, h) {
        rest.append(task, &tasks)
        continue
      }
      processors[h].pollerCount -= 1
      tasks[Int(task)].mustPoll = true
      makeReady(task)
    }
    processors[h].pollers = rest
    if processors[h].pollTicks > 1 && rest.head >= 0 { schedulePoll(h, &context) }
  }

  /// Whether a task that looks at every so manieth tick of its wait looks now.
  func isItsTick(_ task: Int32, _ h: Int) -> Bool {
    let period = processors[h].pollTicks
    if period == 1 { return true }
    let tick = processors[h].tick.nanoseconds
    let began = tasks[Int(task)].waitSince.nanoseconds / tick
    return (now.nanoseconds / tick - began) % period == 0
  }

  func freeBuffers(for task: Int32, _ state: KernelState) -> Int32 {
    let wait = tasks[Int(task)].wait
    if case .buffer(.mbufs, _, _) = wait { return state.mbufPool.free }
    if case .sized(let sizeClass, _, _) = wait {
      let host = hosts[Int(processors[Int(tasks[Int(task)].host)].stack)]
      return host.pool(BufferKind(sizeClass: sizeClass)).free
    }
    return state.clusterPool.free
  }

  /// Receive tasks whose rings lack buffers look again, too.
  mutating func wakeRefills(_ host: Int32, _ context: inout Context) {
    processors[Int(host)].refills = false
    context.enter(host: host, task: -1, at: now)
    for task in receiveTasks(of: host) {
      if case .refill? = tasks[Int(task)].wait { wake(task, &context) }
    }
  }

  /// Drivers that poll look at their rings: at a tick, or because nobody else wants the CPU.
  /// Without a frame only a tick makes them look, and only for buffers that their rings lack.
  ///
  /// - Returns: whether any does.
  @discardableResult
  @inline(never)
  mutating func pollDevices(_ host: Int32, atTick: Bool = false, _ context: inout Context) -> Bool {
    let stack = Int(processors[Int(host)].stack)
    let mayRefill = atTick && hosts[stack].hasBufferForRing
    var looks = false
    processors[Int(host)].polls = false
    context.enter(host: host, task: -1, at: now)
    for task in receiveTasks(of: host) {
      guard case .devicePoll(let interface)? = tasks[Int(task)].wait else { continue }
      let ring = hosts[stack].interface(interface)
      let isLooking =
        hosts[stack].hasFrameToPoll(on: interface) || mayRefill && ring.rxPosted < ring.rxCount
      if isLooking { wake(task, &context) } else { processors[Int(host)].polls = true }
      looks = looks || isLooking
    }
    return looks
  }

  /// The running task looks, with the semaphore held. False: it sleeps for another tick.
  @inline(never)
  mutating func poll(_ task: Int32, _ h: Int, _ context: inout Context) -> Bool {
    let t = Int(task)
    guard let wait = tasks[t].wait else { preconditionFailure("a poll without a wait") }
    tasks[t].mustPoll = false
    let waited = now - tasks[t].waitSince
    context.enter(host: Int32(h), task: task, at: now)
    let succeeds = hosts[Int(processors[h].stack)].poll(wait, waited: waited, &context)
    let spins = processors[h].waiting == .spin
    if processors[h].waiting != .poll { hasLooked(task, h, isRefused: !succeeds) }
    if !succeeds && tasks[t].waitIsOver {
      hosts[Int(processors[h].stack)].refuse(wait, waited: waited, &context)
      tasks[t].machine.refuseBuffer()
    } else if !succeeds {
      releaseLock(
        task, tasks.place(t), processors.place(h), Int32(h), waits: true, &context)
      if spins {
        spin(task, h, &context)
        return false
      }
      processors[h].running = -1
      beginPolling(task, h, &context)
      return false
    }
    if waited >= Stall.least {
      if succeeds { noteGranted(task, wait, &context) } else { noteInterrupted(task, &context) }
    }
    if spins {
      processors[h].pollerCount -= 1
      tasks[t].state = .running
    }
    tasks[t].waitIsOver = false
    tasks[t].wait = nil
    tasks[t].waited = waited
    tasks[t].generation &+= 1
    context.trace(.taskWake, task, waited.nanoseconds)
    chargeSwitch(task, tasks.place(t), processors.place(h))
    if processors[h].waiting == .poll { reportRun(task, Int32(h), &context) }
    return true
  }

  /// A task has waited for a buffer as long as it may: it looks once more.
  mutating func bufferWaitIsOver(_ task: Int32, _ generation: UInt32) {
    let t = Int(task)
    guard tasks[t].generation == generation, let kind = tasks[t].wait?.kind else {
      return
    }
    tasks[t].waitIsOver = true
    guard tasks[t].state == .polling else { return }
    let h = Int(tasks[t].host)
    if processors[h].waiting == .spin {
      if processors[h].running == task { stopSpinning(h) }
      return
    }
    processors[h].pollers.remove(task, &tasks)
    processors[h].pollerCount -= 1
    if processors[h].waiting != .poll { processors[h].woken[kind] += 1 }
    tasks[t].mustPoll = true
    makeReady(task)
  }

  // MARK: "Still waiting for mbuf cluster."

  /// Ticks of as many polls as make a message due: 30 * ticks_per_second of them.
  private func messageTicks(_ h: Int) -> Int64 {
    let tick = processors[h].tick.nanoseconds
    return max(processors[h].messagePeriod.nanoseconds / tick, 1) * processors[h].pollTicks
  }

  mutating func scheduleConsole(_ task: Int32, _ h: Int) {
    let tick = processors[h].tick.nanoseconds
    let polls = messageTicks(h)
    let last = self.tick(after: now, h) + TimeSpan(nanoseconds: (polls - 1) * tick)
    queue.schedule(.console, at: last, task, generation: tasks[Int(task)].generation)
  }

  mutating func stillWaiting(_ task: Int32, _ generation: UInt32, _ context: inout Context) {
    let t = Int(task)
    guard tasks[t].generation == generation, let wait = tasks[t].wait,
      case .buffer(let bufferClass, _, _) = wait
    else { return }
    let h = Int(tasks[t].host)
    context.enter(host: Int32(h), task: task, at: now)
    let line: ConsoleLine =
      bufferClass == .mbufs ? .stillWaitingForMbuf : .stillWaitingForCluster
    context.trace(.console, line.rawValue, Int64(task))
    let period = processors[h].tick.nanoseconds * messageTicks(h)
    queue.schedule(
      .console, at: now + TimeSpan(nanoseconds: period), task, generation: generation)
  }

  // MARK: the protocols' beats

  @inline(never)
  mutating func scheduleCallout(_ instant: Instant, _ h: Int) {
    processors[h].calloutAt = instant
    processors[h].calloutGeneration &+= 1
    queue.schedule(.callout, at: instant, Int32(h), generation: processors[h].calloutGeneration)
  }

  mutating func callout(_ host: Int32, _ generation: UInt32, _ context: inout Context) {
    let h = Int(host)
    if processors[h].calloutGeneration != generation { return }
    if processors[h].runsEveryTick { return runTick(host, &context) }
    beat(host, &context)
  }

  /// A beat of the protocols has come.
  mutating func beat(_ host: Int32, _ context: inout Context) {
    let h = Int(host)
    processors[h].calloutAt = .never
    reportTick(host, &context)
    context.enter(host: host, task: -1, at: now)
    hosts[Int(processors[h].stack)].calloutFired(&context)
    takeEffects(h, &context)
  }

  /// For whoever listens, and for the index of last events; it is no part of the digest.
  @inline(__always)
  func reportTick(_ host: Int32, _ context: inout Context) {
    context.enter(host: host, task: -1, at: now)
    context.report(.hostTick, host)
  }
}
