// Tasks that wait for a buffer without giving up the CPU (`WaitingMode.spin`).
//
// Such a task gives the network semaphore up, as one that sleeps does, and nothing else. Looks that
// would find nothing are left out, as for tasks that poll: it looks when a buffer has been freed,
// when it gets the CPU back, when its time is over, and at each tick while its policy refuses it
// what there is. While it spins its state is `.polling`: it has the CPU, or stands in line for it.

import NetStack

extension Simulation {
  /// The running task begins to wait.
  mutating func beginSpinning(_ task: Int32, _ h: Int, _ context: inout Context) {
    processors[h].pollerCount += 1
    spin(task, h, &context)
  }

  /// It has looked in vain, and has the CPU until something changes.
  mutating func spin(_ task: Int32, _ h: Int, _ context: inout Context) {
    let cpu = processors.place(h)
    let record = tasks.place(Int(task))
    record.pointee.state = .polling
    record.pointee.mustPoll = true
    cpu.pointee.running = task
    cpu.pointee.cpuStart = now
    cpu.pointee.cpuEnd = Instant(nanoseconds: .max - 1)
    cpu.pointee.cpuGeneration &+= 1
    if record.pointee.timeslice > 0 {
      cpu.pointee.cpuEnd = sliceEnd(of: task, h)
      queue.schedule(
        .cpu, at: cpu.pointee.cpuEnd, Int32(h), generation: cpu.pointee.cpuGeneration)
    }
    schedulePoll(h, &context)
  }

  /// Lets the task that spins on a host's CPU look now, if something is free that it wants:
  /// something new, but at a tick.
  ///
  /// - Returns: whether it has to look at the next tick.
  @discardableResult
  mutating func lookSpinning(_ h: Int, atTick: Bool) -> Bool {
    let task = processors[h].running
    guard task >= 0, tasks[Int(task)].state == .polling, let kind = tasks[Int(task)].wait?.kind
    else { return false }
    let pool = hosts[Int(processors[h].stack)].pool(kind)
    if pool.free == 0 { return false }
    if !atTick && tasks[Int(task)].refusedAt == pool.changes { return true }
    stopSpinning(h)
    return false
  }

  /// The task that spins on the CPU looks as soon as the host is looked at.
  mutating func stopSpinning(_ h: Int) {
    stopClock(h)
    look(at: Int32(h))
  }

  /// Whether a task that spins has the CPU before another one: it is more urgent, or its equal, has
  /// no time slice and has it or comes first.
  public func hasCPU(_ spinner: Int32, before other: Int32) -> Bool {
    let (first, second) = (tasks[Int(spinner)], tasks[Int(other)])
    if first.effective != second.effective { return first.effective < second.effective }
    if first.timeslice > 0 { return false }
    let cpu = processors[Int(first.host)]
    if cpu.running == spinner || cpu.running == other { return cpu.running == spinner }
    var at = cpu.ready.head
    while at >= 0 && at != spinner && at != other { at = tasks[Int(at)].next }
    return at != other
  }

  /// CPU time that a task has used, that of a spin in progress included.
  public func cpuTime(of task: Int32) -> TimeSpan {
    let record = tasks[Int(task)]
    let cpu = processors[Int(record.host)]
    let used = TimeSpan(nanoseconds: record.cpuUsed)
    if record.state != .polling || cpu.running != task { return used }
    return used + (min(now, cpu.cpuEnd) - cpu.cpuStart)
  }
}
