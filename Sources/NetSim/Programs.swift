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
    tasks[t].deadline = .never
    tasks[t].hasText = false
    context.enter(host: Int32(h), task: task, at: now)
    switch step {
    case .call(let call, let timeout):
      enterKernel(call, task, &context)
      schedule(timeout, for: task)
    case .write: writeText(step, for: task, &context)
    case .sleep(let span): sleep(task, span, h)
    case .compute(let span):
      rest(task, .none)
      tasks[t].cpuLeft = scaled(span, h)
    case .end:
      processors[h].running = -1
      tasks[t].state = .dormant
    default: submitOutside(step, for: task, &context)
    }
    look(at: Int32(h))
  }

  /// A call that brings its octets. Out of line: what holds them is counted by references.
  @inline(never)
  private mutating func writeText(
    _ step: ProgramStep, for task: Int32, _ context: inout Context
  ) {
    guard case .write(let socket, let text, let flags, let timeout) = step else {
      preconditionFailure("no text is written")
    }
    let t = Int(task)
    while texts.count <= t { texts.append([]) }
    texts[t] = text
    enterKernel(.write(socket, octets: Int32(text.count), flags: flags), task, &context)
    tasks[t].hasText = true
    schedule(timeout, for: task)
  }

  /// Steps that do not enter the kernel: locks, queues, conditions.
  private mutating func submitOutside(
    _ step: ProgramStep, for task: Int32, _ context: inout Context
  ) {
    rest(task, .none)
    switch step {
    case .block(let timeout):
      beginOutsideWait(task, .condition, 0, &context)
      schedule(timeout, for: task)
    case .lock(let number, let timeout):
      if timeout == .zero, isTaken(lock: number, by: task) {
        rest(task, .error(.ETIMEDOUT))
      } else if !take(lock: number, task, &context) {
        schedule(timeout, for: task)
      }
    case .unlock(let number):
      if !giveBack(lock: number, task, &context) { tasks[Int(task)].result = .error(.EPERM) }
    case .put(let queue, let item, let timeout):
      offer(item, to: queue, task, timeout, &context)
    case .get(let queue, let timeout):
      if let item = take(from: queue, by: task, &context) {
        tasks[Int(task)].item = item
      } else if timeout == .zero {
        rest(task, .error(.EAGAIN))
      } else {
        waitForItem(task, queue, &context)
        schedule(timeout, for: task)
      }
    case .receive(let port, let timeout):
      ports[Int(port)].readers += 1
      beginOutsideWait(task, .frame(port), 0, &context)
      schedule(timeout, for: task)
    case .room(let port, let timeout):
      ports[Int(port)].senders += 1
      beginOutsideWait(task, .room(port), 0, &context)
      schedule(timeout, for: task)
    case .alloc(let pool, let count, let timeout):
      switch take(from: pool, task, count: count, mayWait: timeout != .zero, &context) {
      case .grant: break
      case .deny: rest(task, .error(.ENOBUFS))
      case .wait:
        waitForBuffer(task, pool, &context)
        schedule(timeout, for: task)
      }
    case .free(let pool, let buffer): _ = free(buffer, of: pool, by: task, &context)
    case .select(let queues, let read, let write, let timeout):
      select(task, queues, read, write, &context)
      schedule(timeout, for: task)
    case .call, .write, .sleep, .compute, .end: preconditionFailure("not a step outside the kernel")
    }
  }

  /// What is lost of it, or of what was there before, stays with the task for the bench to see.
  private mutating func offer(
    _ item: Int32, to queue: Int32, _ task: Int32, _ timeout: TimeSpan?, _ context: inout Context
  ) {
    switch put(item, into: queue, by: task, &context) {
    case .taken: return
    case .lost(let lost): tasks[Int(task)].item = lost
    case .full:
      tasks[Int(task)].item = item
      if timeout == .zero { return rest(task, .error(.EAGAIN)) }
      waitForRoom(task, queue, &context)
      schedule(timeout, for: task)
    }
  }

  /// Waits for queues in the kernel's own select when there are sockets too.
  private mutating func select(
    _ task: Int32, _ queues: [Int32], _ read: [Int32], _ write: [Int32], _ context: inout Context
  ) {
    beginSelect(task, queues)
    if hasSelectedItem(task) {
      tasks[Int(task)].result = .ready
    } else if read.isEmpty && write.isEmpty {
      beginOutsideWait(task, .select, 15, &context)
    } else {
      enterKernel(.select(read: read, write: write), task, &context)
    }
  }

  private mutating func enterKernel(_ call: Call, _ task: Int32, _ context: inout Context) {
    let record = tasks.place(Int(task))
    record.pointee.machine.begin(call)
    record.pointee.needsLock = true
    switch call {
    case .select(let read, let write):
      let stack = Int(processors[Int(record.pointee.host)].stack)
      hosts[stack].mark(read: read, write: write, &context)
    case .readLine: record.pointee.hasText = true
    default: break
    }
  }

  /// What its last `readLine` brought.
  public func text(of task: Int32) -> [UInt8] {
    Int(task) < texts.count ? texts[Int(task)] : []
  }

  /// A kernel routine that moves octets of the program's own.
  @inline(never)
  mutating func resumeWithText(_ task: Int32, _ h: Int, _ context: inout Context) -> Step {
    while texts.count <= Int(task) { texts.append([]) }
    let record = tasks.place(Int(task))
    let step = texts[Int(task)].withUnsafeBytes { text in
      if record.pointee.machine.isSending { context.outgoing = text }
      let step = hosts[Int(processors[h].stack)].resume(
        &record.pointee.machine, waited: record.pointee.waited, &context)
      context.outgoing = UnsafeRawBufferPointer(start: nil, count: 0)
      return step
    }
    if case .done = step {
      record.pointee.hasText = false
      texts[Int(task)] = context.incoming
      context.incoming = []
    }
    return step
  }

  /// Nothing is left to be done before the program is asked again.
  private mutating func rest(_ task: Int32, _ result: CallResult) {
    tasks[Int(task)].machine.end()
    tasks[Int(task)].result = result
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
    tasks[t].machine.end()
    tasks[t].result = .none
    tasks[t].state = .sleeping
    tasks[t].waitSince = now
    tasks[t].waitEvent = events
    tasks[t].generation &+= 1
    var until = now + max(span, .zero)
    if processors[h].stack >= 0 && span > .zero {
      let tick = processors[h].tick.nanoseconds
      let ticks = (span.nanoseconds - 1) / tick + 1
      until = self.tick(after: now, h) + TimeSpan(nanoseconds: (ticks - 1) * tick)
    }
    arm(task, h)
    tasks[t].wakeAt = until
    queue.schedule(.wake, at: until, task, generation: tasks[t].generation)
  }

  /// A task that goes on before its time is up forgets it with its next step.
  private mutating func schedule(_ timeout: TimeSpan?, for task: Int32) {
    guard let timeout else { return }
    tasks[Int(task)].deadline = now + max(timeout, .zero)
    queue.schedule(.timeout, at: tasks[Int(task)].deadline, task)
  }

  /// sbwait and soconnsleep with a timeout: whole ticks, the first of them being the next one.
  @inline(never)
  mutating func limitSleep(of task: Int32, toTicks ticks: Int32, _ h: Int) {
    let tick = processors[h].tick.nanoseconds
    let ends = self.tick(after: now, h) + TimeSpan(nanoseconds: Int64(ticks - 1) * tick)
    tasks[Int(task)].sleepEnds = ends
    queue.schedule(.timeout, at: ends, task)
  }

  mutating func sleepOver(_ task: Int32, _ generation: UInt32, _ context: inout Context) {
    guard tasks[Int(task)].generation == generation, tasks[Int(task)].state == .sleeping else {
      return
    }
    let host = tasks[Int(task)].host
    if processors[Int(host)].runsEveryTick && tasks[Int(task)].waitSince < now {
      return runTick(host, &context)
    }
    wakeSleeper(task, &context)
  }

  mutating func wakeSleeper(_ task: Int32, _ context: inout Context) {
    context.enter(host: tasks[Int(task)].host, task: task, at: now)
    context.trace(.taskWake, task)
    makeReady(task)
  }

  /// A call's time is up. Waits inside the allocator go on: 4.4BSD has no way out of them. A task
  /// that does not wait just now finds out when it is about to (`isOver`).
  mutating func timeOut(_ task: Int32, _ context: inout Context) {
    let record = tasks[Int(task)]
    let isSleepOver = record.sleepEnds == now && record.state == .waiting && record.wait != nil
    guard record.deadline == now || isSleepOver else { return }
    context.enter(host: tasks[Int(task)].host, task: task, at: now)
    _ = endWait(of: task, .EAGAIN, &context)
  }

  /// Whether a wait that is about to begin is over already: the call has taken too long, or one of
  /// the queues that it selects has an item.
  @inline(never)
  mutating func isOver(_ wait: Wait, of task: Int32, _ context: inout Context) -> Bool {
    let record = tasks.place(Int(task))
    var result: CallResult?
    if record.pointee.selectsQueues, hasSelectedItem(task) { result = .ready }
    if result == nil, record.pointee.deadline <= now, !wait.isPoll {
      result = record.pointee.machine.result(interruptedBy: .EAGAIN)
    }
    guard let result else { return false }
    giveUp(wait, of: task, &context)
    record.pointee.result = result
    makeReady(task)
    return true
  }

  /// Takes a task out of a wait in the kernel.
  mutating func giveUp(_ wait: Wait, of task: Int32, _ context: inout Context) {
    let record = tasks.place(Int(task))
    context.enter(host: record.pointee.host, task: task, at: now)
    hosts[Int(processors[Int(record.pointee.host)].stack)].timeOut(
      wait, in: record.pointee.machine, &context)
    record.pointee.wait = nil
    record.pointee.machine.end()
    // What it gave up of the network semaphore it has again before it goes on.
    record.pointee.needsLock = record.pointee.depthGivenUp > 0
  }

  /// Ends a wait that can be ended: all but those for a buffer, for the network semaphore inside a
  /// call, and for the CPU.
  mutating func endWait(of task: Int32, _ error: SocketError, _ context: inout Context) -> Bool {
    let record = tasks.place(Int(task))
    switch record.pointee.state {
    case .waiting:
      let result = record.pointee.machine.result(interruptedBy: error)
      if now - record.pointee.waitSince >= Stall.least { noteInterrupted(task, &context) }
      if let wait = record.pointee.wait { giveUp(wait, of: task, &context) }
      leaveQueue(task, &context)
      if record.pointee.programWait != nil {
        endOutsideWait(task, result, &context)
      } else {
        record.pointee.result = result
        record.pointee.generation &+= 1
        context.trace(.taskWake, task, 1)
        makeReady(task)
      }
      return true
    case .locked:
      if record.pointee.needsLock { return false }
      record.pointee.result = .error(.ETIMEDOUT)
      leaveLine(task, &context)
      return true
    case .dormant, .ready, .running, .sleeping, .polling, .program: return false
    }
  }

  /// Ends a program's `.block`.
  public mutating func wakeProgram(_ task: Int32, _ context: inout Context) {
    makeUnique()
    context.enter(host: tasks[Int(task)].host, task: task, at: now)
    guard tasks[Int(task)].programWait == .condition else { return }
    endOutsideWait(task, .none, &context)
  }

  /// Starts a task that is dormant: its program is asked as soon as it has the CPU.
  public mutating func start(_ task: Int32) {
    makeUnique()
    guard tasks[Int(task)].state == .dormant else { return }
    tasks[Int(task)].result = .none
    tasks[Int(task)].machine.end()
    makeReady(task)
  }
}
