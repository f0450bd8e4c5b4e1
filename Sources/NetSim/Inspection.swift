// What an observer may ask of a simulation besides its public state.

import NetStack

extension Simulation {
  /// Tasks of a host, in order of creation.
  public func tasks(of host: Int32) -> [Int32] { hostTasks[Int(host)] }

  public func receiveTasks(of host: Int32) -> [Int32] {
    let stack = processors[Int(host)].stack
    if stack < 0 { return [] }
    return (0..<hosts[Int(stack)].interfaceCount).map { hosts[Int(stack)].interface($0).rxTask }
  }

  /// CPU time that a host's tasks and interrupts have used up to now.
  public func busyTime(of host: Int32) -> TimeSpan {
    let cpu = processors[Int(host)]
    var busy = cpu.interruptTime
    if cpu.interruptUntil > now { busy = busy - (cpu.interruptUntil - now) }
    for task in tasks(of: host) { busy = busy + TimeSpan(nanoseconds: tasks[Int(task)].cpuUsed) }
    if cpu.running >= 0 && cpu.cpuEnd != .never {
      busy = busy + (min(now, cpu.cpuEnd) - cpu.cpuStart)
    }
    return busy
  }

  /// `Host.poolFingerprint`, without a copy of the host.
  public func poolFingerprint(ofStack stack: Int) -> UInt64 {
    hosts.place(stack).pointee.poolFingerprint()
  }

  /// Tasks that poll for a buffer: a cheap look before a graph is built.
  public func pollerCount(of host: Int32) -> Int32 { processors[Int(host)].pollerCount }
}

extension Simulation {
  /// The full walk of a host: its counters must be what its owners hold.
  public func checkConservation(of host: Int32) {
    let stack = processors[Int(host)].stack
    if stack < 0 { return }
    var hands: [(chain: Int32, task: Int32)] = []
    for task in tasks(of: host) {
      hands += tasks[Int(task)].machine.chainsInHand.map { (chain: $0, task: task) }
    }
    let found = hosts[Int(stack)].walk(hands: hands)
    hosts[Int(stack)].checkUses()
    let state = hosts[Int(stack)].state
    precondition(found.mbufs == state.heldMbufs, "mbufs lie elsewhere than counted")
    precondition(found.clusters == state.heldClusters, "clusters lie elsewhere than counted")
    for index in found.classes.indices {
      precondition(
        found.classes[index] == hosts[Int(stack)].sizeClass(Int32(index)).held,
        "buffers of a size class lie elsewhere than counted")
    }
  }
}

extension Simulation {
  /// The queues that a task names in its select.
  public func queuesSelected(by task: Int32) -> [Int32] {
    queues.indices.filter { queues[$0].selectors.contains(task) }.map { Int32($0) }
  }
}

extension Simulation {
  /// Whether a task has mbufs in the local variables of its kernel routine.
  public func holdsBuffers(_ task: Int32) -> Bool {
    !tasks[Int(task)].machine.chainsInHand.isEmpty
  }
}

extension TaskRecord {
  /// Its wait ends when the time of its call is up, or of its sleep.
  public var hasTimeout: Bool {
    endsAt != .never && (state == .waiting || (state == .locked && !needsLock))
  }

  /// The end of its call's time, or of its sleep's in the kernel.
  public var endsAt: Instant {
    state == .waiting && wait != nil ? min(deadline, sleepEnds) : deadline
  }
}

extension Simulation {
  /// What is to happen next, soonest first; without what nobody wants any more.
  public func upcoming(_ most: Int) -> [(at: Instant, event: Event)] {
    var found: [(at: Instant, event: Event)] = []
    for next in queue.inOrder where isWanted(next.event, at: next.at) {
      if found.count == most { break }
      found.append(next)
    }
    return found
  }

  /// Whether something will come of an event: whoever scheduled it may have thought better of it.
  func isWanted(_ event: Event, at due: Instant) -> Bool {
    let place = Int(event.object)
    switch event.kind {
    case .cpu: return processors[place].cpuGeneration == event.generation
    case .callout: return processors[place].calloutGeneration == event.generation
    case .wake: return tasks[place].generation == event.generation
    case .console, .waitOver: return tasks[place].generation == event.generation
    case .timeout: return tasks[place].deadline == due || tasks[place].sleepEnds == due
    case .delivery, .sent, .interruptEnd, .poll, .late, .bridged, .outputFree, .arrival:
      return true
    }
  }

  /// The task that has a host's CPU, or -1.
  public func running(on host: Int32) -> Int32 { processors[Int(host)].running }

  /// The frame of a delivery that is still to come.
  public func frame(of event: Event) -> UnsafeRawBufferPointer? {
    switch event.kind {
    case .delivery, .late, .bridged, .arrival: frames.octets(event.detail)
    default: nil
    }
  }
}
