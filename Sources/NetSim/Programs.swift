// Programs: what the bench says a task does next, and how its waits end.

import NetStack
import Wire

extension Simulation {
  /// The program of `task` asks for its next step. It has the CPU since `.program(task)`.
  public mutating func submit(_ step: ProgramStep, for task: Int32, _ context: inout Context) {
    makeUnique()
    let t = Int(task)
    let h = Int(tasks[t].host)
    precondition(tasks[t].state == .program, "a step for a task whose program does not run")
    precondition(processors[h].running == task, "a program without the CPU")
    tasks[t].state = .running
    tasks[t].wakePending = false
    switch step {
    case .call(let call, let timeout):
      var chain: Int32 = -1
      if case .select(let list) = call {
        context.enter(host: Int32(h), task: task, at: now)
        chain = hosts[Int(processors[h].stack)].chain(list, &context)
      }
      tasks[t].machine = Machine(call, chain: chain)
      tasks[t].needsLock = true
      if let timeout { schedule(timeout: timeout, for: task) }
    case .sleep(let span): sleep(task, span, h)
    case .compute(let span):
      tasks[t].machine = .idle
      tasks[t].result = .none
      tasks[t].cpuLeft = scaled(span, h)
    case .block(let timeout):
      processors[h].running = -1
      tasks[t].machine = .idle
      tasks[t].result = .none
      tasks[t].state = .waiting
      tasks[t].waitSince = now
      if let timeout { schedule(timeout: timeout, for: task) }
    case .end:
      processors[h].running = -1
      tasks[t].state = .dormant
    }
    look(at: Int32(h))
  }

  private func scaled(_ span: TimeSpan, _ h: Int) -> Int64 {
    let (high, low) = max(span.nanoseconds, 0).multipliedFullWidth(by: processors[h].factorPermille)
    return high == 0 && low <= UInt64(Int64.max) ? Int64(low) / 1000 : .max / 4
  }

  /// rtems_task_wake_after: whole ticks, the first of them being the next one. Exact without a
  /// stack.
  private mutating func sleep(_ task: Int32, _ span: TimeSpan, _ h: Int) {
    let t = Int(task)
    processors[h].running = -1
    tasks[t].machine = .idle
    tasks[t].result = .none
    tasks[t].state = .sleeping
    tasks[t].waitSince = now
    tasks[t].generation &+= 1
    var until = now + max(span, .zero)
    if processors[h].stack >= 0 && span > .zero {
      let tick = processors[h].tick.nanoseconds
      let ticks = (span.nanoseconds - 1) / tick + 1
      until = self.tick(after: now, h) + TimeSpan(nanoseconds: (ticks - 1) * tick)
    }
    queue.schedule(.wake, at: until, task, generation: tasks[t].generation)
  }

  private mutating func schedule(timeout: TimeSpan, for task: Int32) {
    tasks[Int(task)].timeoutGeneration &+= 1
    queue.schedule(
      .timeout, at: now + max(timeout, .zero), task,
      generation: tasks[Int(task)].timeoutGeneration)
  }

  mutating func sleepOver(_ task: Int32, _ generation: UInt32, _ context: inout Context) {
    guard tasks[Int(task)].generation == generation, tasks[Int(task)].state == .sleeping else {
      return
    }
    context.enter(host: tasks[Int(task)].host, task: task, at: now)
    context.trace(.taskWake, task)
    makeReady(task)
  }

  /// A call's time is up. Waits inside the allocator go on: 4.4BSD has no way out of them.
  mutating func timeOut(_ task: Int32, _ generation: UInt32, _ context: inout Context) {
    let t = Int(task)
    guard tasks[t].timeoutGeneration == generation, tasks[t].state == .waiting else { return }
    context.enter(host: tasks[t].host, task: task, at: now)
    if let wait = tasks[t].wait {
      hosts[Int(processors[Int(tasks[t].host)].stack)].timeOut(wait, &context)
    }
    tasks[t].wait = nil
    tasks[t].machine = .idle
    tasks[t].needsLock = false
    tasks[t].result = .error(.EAGAIN)
    tasks[t].generation &+= 1
    context.trace(.taskWake, task, 1)
    makeReady(task)
  }

  /// Ends a program's `.block`.
  public mutating func wakeProgram(_ task: Int32, _ context: inout Context) {
    makeUnique()
    context.enter(host: tasks[Int(task)].host, task: task, at: now)
    wake(task, &context)
  }

  /// Starts a task that is dormant: its program is asked as soon as it has the CPU.
  public mutating func start(_ task: Int32) {
    makeUnique()
    guard tasks[Int(task)].state == .dormant else { return }
    tasks[Int(task)].result = .none
    tasks[Int(task)].machine = .idle
    makeReady(task)
  }

  /// A station without a stack sends a frame. False when too many wait already.
  public mutating func send(
    _ octets: UnsafeRawBufferPointer, from port: Int32, _ context: inout Context
  ) -> Bool {
    makeUnique()
    let p = Int(port)
    guard ports[p].queue.count < Port.queueLimit, octets.count <= FramePool.slotOctets,
      let base = octets.baseAddress
    else { return false }
    let slot = frames.take()
    let target = frames.memory(slot)
    target.copyMemory(from: base, byteCount: octets.count)
    var count = octets.count
    while count < EthernetLimits.minimumFrameOctets {
      target.storeBytes(of: 0, toByteOffset: count, as: UInt8.self)
      count += 1
    }
    frames.setLength(count, of: slot)
    ports[p].queue.append(slot)
    offer(port: port, &context)
    return true
  }
}
