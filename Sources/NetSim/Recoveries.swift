// Waits that end after `Stall.least` or more and whose beginning the kernel does not know: those
// for buffers, and those that are broken off.

import NetStack

extension Simulation {
  /// A task that polled gets its buffer.
  @inline(never)
  func noteGranted(_ task: Int32, _ wait: Wait, _ context: inout Context) {
    let host = hosts[Int(processors[Int(tasks[Int(task)].host)].stack)]
    if case .sized(let sizeClass, _, _) = wait {
      return note(
        task, .buffer(host.poolNumber(BufferKind(sizeClass: sizeClass))),
        since: tasks[Int(task)].waitSince, host.releaseCause(ofClass: sizeClass), &context)
    }
    guard case .buffer(let bufferClass, _, _) = wait else { return }
    note(
      task, bufferClass == .mbufs ? .mbuf : .cluster, since: tasks[Int(task)].waitSince,
      host.releaseCause(bufferClass), &context)
  }

  /// A further pool gives a task the buffer it waited for: whoever is in hand has freed one, or
  /// asked for one and so made the policy think again.
  @inline(never)
  func noteServed(_ task: Int32, pool: Int32, _ context: inout Context) {
    let cause = Cause(
      context.task < 0 ? .deed : .freed, task: context.task, event: context.event)
    note(task, .buffer(pool), since: tasks[Int(task)].waitSince, cause, &context)
  }

  /// A wait is broken off: its time is up, or somebody stops the task.
  @inline(never)
  func noteInterrupted(_ task: Int32, _ context: inout Context) {
    let record = tasks[Int(task)]
    // Its call's time, its sleep's or, of a wait for a buffer, the pool's.
    let isOver = record.endsAt <= now || record.waitIsOver
    let cause = Cause(isOver ? .timeout : .deed, task: task, event: context.event)
    if let (awaited, since) = standing(task) {
      note(task, awaited, since: since, cause, &context)
    }
  }

  private func note(
    _ task: Int32, _ awaited: Awaited, since: Instant, _ cause: Cause, _ context: inout Context
  ) {
    if now - since < Stall.least { return }
    context.recoveries.add(
      Recovery(
        host: tasks[Int(task)].host, task: task, awaited: awaited, began: since, ended: now,
        cause: cause))
  }

  /// What a task waits for now, if that may become a stall, and since when.
  public func standing(_ task: Int32) -> (awaited: Awaited, since: Instant)? {
    let record = tasks[Int(task)]
    if case .buffer(let pool)? = record.programWait { return (.buffer(pool), record.waitSince) }
    switch record.wait {
    case .buffer(.mbufs, _, _): return (.mbuf, record.waitSince)
    case .buffer(.clusters, _, _): return (.cluster, record.waitSince)
    case .sized(let sizeClass, _, _):
      let host = hosts[Int(processors[Int(record.host)].stack)]
      return (.buffer(host.poolNumber(BufferKind(sizeClass: sizeClass))), record.waitSince)
    case .socketSpace(let socket): return (.space, sleptAt(record, socket))
    case .connection(let socket): return (.handshake, sleptAt(record, socket))
    default: return nil
    }
  }

  private func sleptAt(_ record: TaskRecord, _ socket: Int32) -> Instant {
    hosts[Int(processors[Int(record.host)].stack)].socket(socket).sleptAt
  }
}
