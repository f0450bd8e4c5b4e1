// One host's CPU and its network semaphore, as records. What they do is in Scheduler.swift and
// Semaphore.swift.

import NetStack

public struct Processor: Sendable {
  // What each turn of a task reads and writes, in two lines of a cache.
  /// The index of the host's stack in `Simulation.hosts`, or -1.
  public internal(set) var stack: Int32 = -1
  /// The port of its first interface; the others follow.
  var firstPort: Int32 = 0
  var ready = TaskList()
  var running: Int32 = -1
  /// Who had the CPU last: no switch to itself costs anything.
  var last: Int32 = -1
  /// How tasks that wait for a buffer learn of one.
  public internal(set) var waiting = WaitingMode.poll
  /// A receive task waits while its ring lacks buffers (`Wait.refill`).
  var refills = false
  /// A receive task waits to poll (`Wait.devicePoll`).
  var polls = false
  /// In the list of hosts that must be looked at before time goes on.
  var isPending = false
  /// Every tick runs as under RTEMS 4.6: Ticks.swift.
  public internal(set) var runsEveryTick = false
  public internal(set) var pollerCount: Int32 = 0
  var cpuGeneration: UInt32 = 0
  var cpuEnd = Instant.never
  /// Until when an interrupt service routine has the CPU.
  var interruptUntil = Instant.zero
  /// The callout that is scheduled.
  var calloutAt = Instant.never
  /// The network semaphore.
  public internal(set) var network = Semaphore()

  public internal(set) var tick = TimeSpan.milliseconds(10)
  var costs = CPUCosts()
  /// cpu.factor in parts per thousand: what `compute` is multiplied by.
  var factorPermille: Int64 = 1000
  /// When the CPU time that was given out began and ends.
  var cpuStart = Instant.zero
  /// CPU time that interrupts have used or are about to.
  var interruptTime = TimeSpan.zero
  /// Tasks that wait where only another task may release them: see `Simulation.hasTangle`.
  var outsideWaits: Int32 = 0
  var pollTicks: Int64 = 1
  var messagePeriod = TimeSpan.seconds(30)
  public internal(set) var waitTimeout: TimeSpan?
  /// Tasks that wait for a buffer, in the order in which their timers were armed.
  var pollers = TaskList()
  var isPollScheduled = false
  var woken = WokenCounts()
  /// Of those, wake-ups that reached nobody; and whether a fault point is asked for each.
  var lostWakes = WokenCounts()
  var losesWakes = false
  /// The number of the next wait for a buffer.
  var waitOrder: Int64 = 0
  var calloutGeneration: UInt32 = 0
  /// The tick whose timers have all fired; the tick that the order of the pollers is of.
  var tickedAt = Instant(nanoseconds: -1)
  var pollOrderAt = Instant.zero
  /// How many timers were armed.
  var armCount: Int64 = 0

}
