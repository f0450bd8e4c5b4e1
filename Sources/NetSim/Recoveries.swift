// Waits that end after `Stall.least` or more: who waited, and what the kernel says ended it.

import NetStack

extension Simulation {
  /// The kernel wakes a task.
  @inline(never)
  mutating func noteWoken(_ task: Int32, _ context: inout Context) {
    let record = tasks[Int(task)]
    guard let (awaited, socket) = record.wait?.stall else { return }
    let host = hosts[Int(processors[Int(record.host)].stack)]
    note(task, awaited, socket, host.socket(socket).wokenBy, &context)
  }

  /// A task that polled gets its buffer.
  @inline(never)
  mutating func noteGranted(_ task: Int32, _ wait: Wait, _ context: inout Context) {
    guard case .buffer(let bufferClass, _, let socket) = wait else { return }
    let host = hosts[Int(processors[Int(tasks[Int(task)].host)].stack)]
    let awaited: Awaited = bufferClass == .mbufs ? .mbuf : .cluster
    note(task, awaited, socket, host.releaseCause(bufferClass), &context)
  }

  /// A further pool gives a task the buffer it waited for: whoever is in hand has freed one, or
  /// asked for one and so made the policy think again.
  @inline(never)
  mutating func noteServed(_ task: Int32, pool: Int32, _ context: inout Context) {
    let cause = Cause(
      context.task < 0 ? .deed : .freed, task: context.task, event: context.event)
    note(task, .buffer(pool), -1, cause, &context)
  }

  /// A wait is broken off: its time is up, or somebody stops the task.
  @inline(never)
  mutating func noteInterrupted(_ task: Int32, _ context: inout Context) {
    let record = tasks[Int(task)]
    let cause = Cause(
      record.deadline <= now ? .timeout : .deed, task: task, event: context.event)
    if let (awaited, socket) = record.wait?.stall {
      note(task, awaited, socket, cause, &context)
    } else if case .buffer(let pool)? = record.programWait {
      note(task, .buffer(pool), -1, cause, &context)
    }
  }

  private func note(
    _ task: Int32, _ awaited: Awaited, _ socket: Int32, _ cause: Cause, _ context: inout Context
  ) {
    let record = tasks[Int(task)]
    let stack = Int(processors[Int(record.host)].stack)
    context.recoveries.add(
      Recovery(
        host: record.host, task: task, awaited: awaited, socket: socket,
        ends: stack >= 0 && socket >= 0 ? hosts[stack].ends(ofSocket: socket) : nil,
        began: record.waitSince, ended: now, cause: cause))
  }
}

extension Wait {
  /// What a sleeper waits for that counts as a stall, and on which socket; buffers apart.
  fileprivate var stall: (Awaited, Int32)? {
    switch self {
    case .socketSpace(let socket): (.space, socket)
    case .connection(let socket): (.handshake, socket)
    default: nil
    }
  }
}
