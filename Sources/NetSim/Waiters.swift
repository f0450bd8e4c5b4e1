// Pools whose releases wake a waiter (`WaitingMode` `.fifo`, `.priority`, `.event`): whom, and how
// many.
//
// As many waiters of a class are awake as it has free buffers. Each looks when it has the CPU, and
// may find that somebody who ran before it was faster, or that the policy refuses it: then it keeps
// its place, and the wake-up goes on to the next. Nobody is asked twice until a release or a grant
// has changed something.

import NetStack

extension Simulation {
  /// Wakes whom the free buffers of a host are for.
  mutating func wakeWaiters(_ h: Int, _ context: inout Context) {
    wakeWaiters(h, BufferKind(.clusters), &context)
    wakeWaiters(h, BufferKind(.mbufs), &context)
    for sizeClass in 0..<hosts[Int(processors[h].stack)].classCount {
      wakeWaiters(h, BufferKind(sizeClass: UInt8(sizeClass + 1)), &context)
    }
  }

  private mutating func wakeWaiters(_ h: Int, _ kind: BufferKind, _ context: inout Context) {
    while true {
      let pool = hosts[Int(processors[h].stack)].pool(kind)
      guard pool.free > processors[h].woken[kind],
        let task = nextWaiter(h, kind, pool, &context)
      else { return }
      if processors[h].losesWakes, kind.bufferClass != nil,
        context.faults?.loses(request(of: task, h, kind, pool)) ?? false
      {
        // As if it had gone to somebody who has left: nobody looks for this buffer any more.
        processors[h].woken[kind] += 1
        processors[h].lostWakes[kind] += 1
        continue
      }
      processors[h].pollers.remove(task, &tasks)
      processors[h].pollerCount -= 1
      processors[h].woken[kind] += 1
      tasks[Int(task)].mustPoll = true
      makeReady(task)
    }
  }

  /// The waiter whose turn it is: the policy's choice, else by the pool's order.
  private mutating func nextWaiter(
    _ h: Int, _ kind: BufferKind, _ pool: Pool, _ context: inout Context
  ) -> Int32? {
    var waiters: [Int32] = []
    var task = processors[h].pollers.head
    while task >= 0 {
      let record = tasks[Int(task)]
      if record.wait?.kind == kind, record.refusedAt != pool.changes {
        waiters.append(task)
      }
      task = record.next
    }
    if waiters.isEmpty { return nil }
    if pool.allocator != .firstCome, let policy = context.policy {
      let requests = waiters.map { request(of: $0, h, kind, pool) }
      if let choice = policy.choose(among: requests) { return waiters[choice] }
    }
    let urgent = processors[h].waiting == .priority
    let first = waiters.min { a, b in
      let (first, second) = (tasks[Int(a)], tasks[Int(b)])
      if urgent && first.effective != second.effective { return first.effective < second.effective }
      return first.waitOrder < second.waitOrder
    }
    guard chooser.isOn, let first else { return first }
    return chosenWaiter(first, among: waiters, urgent: urgent)
  }

  private func request(
    of task: Int32, _ h: Int, _ kind: BufferKind, _ pool: Pool
  ) -> AllocationRequest {
    guard let (who, socket) = tasks[Int(task)].wait?.asker else {
      preconditionFailure("a waiter that waits for no buffer")
    }
    var request = AllocationRequest(
      at: now, host: Int32(h), bufferClass: kind.bufferClass ?? .clusters, who: who,
      site: .ofWait(who), task: task, socket: socket, free: pool.free, total: pool.total,
      mayWait: true, waited: now - tasks[Int(task)].waitSince)
    request.pool = hosts[Int(processors[h].stack)].poolNumber(kind)
    return request
  }

  /// Whether a fault point is asked before a release of a host's pool wakes anybody.
  public mutating func setLosesWakes(_ loses: Bool, host: Int32) {
    makeUnique()
    processors[Int(host)].losesWakes = loses
  }

  /// Buffers of a class for which nobody is woken: their wake-ups are lost.
  public func lostWakes(of bufferClass: BufferClass, host: Int32) -> Int32 {
    processors[Int(host)].lostWakes[BufferKind(bufferClass)]
  }

  /// A woken waiter has looked.
  mutating func hasLooked(_ task: Int32, _ h: Int, isRefused: Bool) {
    guard let kind = tasks[Int(task)].wait?.kind else { return }
    if processors[h].waiting != .spin { processors[h].woken[kind] -= 1 }
    if isRefused { noteRefusal(task, h) }
  }

  /// Remembers that a task was just told no: it is not woken before something has changed.
  mutating func noteRefusal(_ task: Int32, _ h: Int) {
    guard let kind = tasks[Int(task)].wait?.kind else { return }
    tasks[Int(task)].refusedAt = hosts[Int(processors[h].stack)].pool(kind).changes
  }
}

/// How many waiters of each class are awake and have not looked yet.
struct WokenCounts: Sendable {
  private var counts: InlineArray<6, Int32> = .init(repeating: 0)

  init() { precondition(BufferKind.count == 6, "a count for each class") }

  subscript(_ kind: BufferKind) -> Int32 {
    get { counts[kind.number] }
    set { counts[kind.number] = newValue }
  }

  subscript(number number: Int) -> Int32 { counts[number] }
}
