// Pools whose releases wake a waiter (`WaitingMode` other than `.poll`): whom, and how many.
//
// As many waiters of a class are awake as it has free buffers. Each looks when it has the CPU, and
// may find that somebody who ran before it was faster, or that the policy refuses it: then it keeps
// its place, and the wake-up goes on to the next. Nobody is asked twice until a release or a grant
// has changed something.

import NetStack

extension Simulation {
  /// Wakes whom the free buffers of a host are for.
  mutating func wakeWaiters(_ h: Int, _ context: inout Context) {
    wakeWaiters(h, .clusters, &context)
    wakeWaiters(h, .mbufs, &context)
  }

  private mutating func wakeWaiters(
    _ h: Int, _ bufferClass: BufferClass, _ context: inout Context
  ) {
    while true {
      let pool = hosts[Int(processors[h].stack)].pool(bufferClass)
      guard pool.free > processors[h].woken[bufferClass],
        let task = nextWaiter(h, bufferClass, pool, &context)
      else { return }
      if processors[h].losesWakes,
        context.faults?.loses(request(of: task, h, bufferClass, pool)) ?? false
      {
        // As if it had gone to somebody who has left: nobody looks for this buffer any more.
        processors[h].woken[bufferClass] += 1
        processors[h].lostWakes[bufferClass] += 1
        continue
      }
      processors[h].pollers.remove(task, &tasks)
      processors[h].pollerCount -= 1
      processors[h].woken[bufferClass] += 1
      tasks[Int(task)].mustPoll = true
      makeReady(task)
    }
  }

  /// The waiter whose turn it is: the policy's choice, else by the pool's order.
  private func nextWaiter(
    _ h: Int, _ bufferClass: BufferClass, _ pool: Pool, _ context: inout Context
  ) -> Int32? {
    var waiters: [Int32] = []
    var task = processors[h].pollers.head
    while task >= 0 {
      let record = tasks[Int(task)]
      if case .buffer(bufferClass, _, _)? = record.wait, record.refusedAt != pool.changes {
        waiters.append(task)
      }
      task = record.next
    }
    if waiters.isEmpty { return nil }
    if pool.allocator != .firstCome, let policy = context.policy {
      let requests = waiters.map { request(of: $0, h, bufferClass, pool) }
      if let choice = policy.choose(among: requests) { return waiters[choice] }
    }
    let urgent = processors[h].waiting == .priority
    return waiters.min { a, b in
      let (first, second) = (tasks[Int(a)], tasks[Int(b)])
      if urgent && first.effective != second.effective { return first.effective < second.effective }
      return first.waitOrder < second.waitOrder
    }
  }

  private func request(
    of task: Int32, _ h: Int, _ bufferClass: BufferClass, _ pool: Pool
  ) -> AllocationRequest {
    guard case .buffer(_, let who, let socket)? = tasks[Int(task)].wait else {
      preconditionFailure("a waiter that waits for no buffer")
    }
    return AllocationRequest(
      at: now, host: Int32(h), bufferClass: bufferClass, who: who, site: .ofWait(who),
      task: task, socket: socket, free: pool.free, total: pool.total, mayWait: true,
      waited: now - tasks[Int(task)].waitSince)
  }

  /// Whether a fault point is asked before a release of a host's pool wakes anybody.
  public mutating func setLosesWakes(_ loses: Bool, host: Int32) {
    makeUnique()
    processors[Int(host)].losesWakes = loses
  }

  /// Buffers of a class for which nobody is woken: their wake-ups are lost.
  public func lostWakes(of bufferClass: BufferClass, host: Int32) -> Int32 {
    processors[Int(host)].lostWakes[bufferClass]
  }

  /// A woken waiter has looked.
  mutating func hasLooked(_ task: Int32, _ h: Int, isRefused: Bool) {
    guard case .buffer(let bufferClass, _, _)? = tasks[Int(task)].wait else { return }
    processors[h].woken[bufferClass] -= 1
    if isRefused { noteRefusal(task, h) }
  }

  /// Remembers that a task was just told no: it is not woken before something has changed.
  mutating func noteRefusal(_ task: Int32, _ h: Int) {
    guard case .buffer(let bufferClass, _, _)? = tasks[Int(task)].wait else { return }
    tasks[Int(task)].refusedAt = hosts[Int(processors[h].stack)].pool(bufferClass).changes
  }
}

/// How many waiters of each class are awake and have not looked yet.
struct WokenCounts: Sendable {
  private var mbufs: Int32 = 0
  private var clusters: Int32 = 0

  subscript(_ bufferClass: BufferClass) -> Int32 {
    get { bufferClass == .mbufs ? mbufs : clusters }
    set { if bufferClass == .mbufs { mbufs = newValue } else { clusters = newValue } }
  }
}
