// The clock tick of a host that runs every one of them, as RTEMS 4.6 does.
//
// rtems_clock_tick walks a list of timers in which each stands with its distance from the one
// before. _Watchdog_Insert stops where nothing of the interval is left, before it compares: of
// several timers that are due on one tick the first armed fires first, then the others, the last
// armed before the rest (A, B, C, D fire as A, D, C, B). Tasks that poll arm theirs anew at each
// tick, so two of them change places whenever an older timer comes on the same tick; the network
// task has one for the next beat of the protocols.
//
// A task whose timer has fired looks when it gets the CPU, which may be long after: it then finds
// what has been freed meanwhile. So a tick matters where the CPU is busy, whether a buffer is free
// or not; where it is idle and nothing is free, the polls of all ticks in between are one
// permutation. Left out: that the timeouts of calls are rounded to ticks.

import NetStack

extension Simulation {
  /// A timer that is due: a task's sleep, its poll, or the network task's wait for a beat.
  private struct DueTimer {
    var task: Int32
    var armedAt: Instant
    var order: Int64
    var isPoll = false

    func isArmed(before other: DueTimer) -> Bool {
      armedAt == other.armedAt ? order < other.order : armedAt < other.armedAt
    }
  }

  /// A task's timer begins to run.
  @inline(__always)
  mutating func arm(_ task: Int32, _ h: Int) {
    processors[h].armCount += 1
    tasks[Int(task)].armedAt = now
    tasks[Int(task)].armOrder = processors[h].armCount
  }

  func isBusy(_ h: Int) -> Bool {
    let cpu = processors.place(h)
    return cpu.pointee.running >= 0 || cpu.pointee.ready.head >= 0
      || cpu.pointee.interruptUntil > now
  }

  /// Fires all timers of a host that are due now. The events of the others then find it done.
  mutating func runTick(_ host: Int32, _ context: inout Context) {
    let h = Int(host)
    if processors[h].tickedAt == now { return }
    settlePollOrder(h)
    processors[h].tickedAt = now
    reportTick(host, &context)
    let due = dueTimers(h)
    if processors[h].waiting == .poll { keepPollersOfOtherTicks(h) }
    var order = due.prefix(1) + due.dropFirst().reversed()
    while !order.isEmpty {
      let next = chooser.isOn ? chooser.choose(among: order.map { $0.task }) : 0
      fire(order.remove(at: order.startIndex + next), h, &context)
    }
    processors[h].pollOrderAt = now
    if processors[h].calloutAt == now { beat(host, &context) }
    if processors[h].refills, hosts[Int(processors[h].stack)].hasBufferForRing {
      wakeRefills(host, &context)
    }
  }

  private mutating func keepPollersOfOtherTicks(_ h: Int) {
    var others = TaskList()
    while case let task = processors[h].pollers.popFirst(&tasks), task >= 0 {
      if !isItsTick(task, h) { others.append(task, &tasks) }
    }
    processors[h].pollers = others
  }

  /// In the order in which they were armed.
  private func dueTimers(_ h: Int) -> [DueTimer] {
    var due: [DueTimer] = []
    let network = hosts[Int(processors[h].stack)].state.networkTask
    for task in tasks(of: Int32(h)) {
      let record = tasks[Int(task)]
      if record.state == .sleeping && record.wakeAt == now && record.waitSince < now {
        due.append(DueTimer(task: task, armedAt: record.armedAt, order: record.armOrder))
      }
      // Away from its wait it has no timer: what is due it finds out by itself.
      if task == network && processors[h].calloutAt == now && record.wait == .network {
        due.append(DueTimer(task: task, armedAt: record.waitSince, order: 0))
      }
    }
    let lastTick = Instant(nanoseconds: now.nanoseconds - processors[h].tick.nanoseconds)
    var place: Int64 = 0
    var task = processors[h].waiting == .poll ? processors[h].pollers.head : -1
    while task >= 0 {
      // It looked at each of the ticks that were left out, in this order.
      let record = tasks[Int(task)]
      defer { task = record.next }
      if !isItsTick(task, h) { continue }
      place += 1
      let order = record.armedAt < lastTick ? .max / 2 + place : record.armOrder
      due.append(
        DueTimer(task: task, armedAt: max(record.armedAt, lastTick), order: order, isPoll: true))
    }
    due.sort { $0.isArmed(before: $1) }
    return due
  }

  private mutating func fire(_ timer: DueTimer, _ h: Int, _ context: inout Context) {
    let task = timer.task
    if !timer.isPoll {
      if tasks[Int(task)].state == .sleeping { return wakeSleeper(task, &context) }
      return beat(Int32(h), &context)
    }
    // It looks now, and in vain: nothing runs that could free a buffer first.
    let state = hosts[Int(processors[h].stack)].state
    if freeBuffers(for: task, state) == 0 && !isBusy(h) {
      arm(task, h)
      return processors[h].pollers.append(task, &tasks)
    }
    processors[h].pollerCount -= 1
    tasks[Int(task)].mustPoll = true
    makeReady(task)
  }

  /// Three or more tasks that poll change their order with each tick that was left out.
  mutating func settlePollOrder(_ h: Int) {
    let tick = processors[h].tick.nanoseconds
    let last = (now.nanoseconds - 1) / tick * tick
    let skipped = (last - processors[h].pollOrderAt.nanoseconds) / tick
    guard skipped > 0 else { return }
    processors[h].pollOrderAt = Instant(nanoseconds: last)
    if skipped % 2 == 0 || processors[h].pollerCount < 3 || processors[h].pollTicks > 1 { return }
    var rest: [Int32] = []
    let first = processors[h].pollers.popFirst(&tasks)
    while case let task = processors[h].pollers.popFirst(&tasks), task >= 0 { rest.append(task) }
    processors[h].pollers.append(first, &tasks)
    for task in rest.reversed() { processors[h].pollers.append(task, &tasks) }
  }
}
