// Pools of a script: a number of equal buffers, and tasks that wait for one or for several at once.
//
// What the buffer layers of small systems have in common (Zephyr's slabs, NuttX's IOBs, a driver's
// own descriptors): a release hands its buffer to one waiter at once, so nobody who runs in between
// can be faster. A policy is asked as the BSD pool asks it; whoever it refuses is asked again when
// a buffer has gone or come.

import NetStack

/// One buffer, and who would have to give it back.
public struct PoolBuffer: Sendable {
  public internal(set) var isOut = false
  /// The task that took it, or has got it since; -1 is the script outside of tasks.
  public internal(set) var owner: Int32 = -1
  /// The queue it lies in, or -1.
  public internal(set) var queue: Int32 = -1
  public internal(set) var since = Instant.zero
  /// Granted together with others, and not yet seen by whoever asked: `takeGranted`.
  var isFresh = false
  /// Who it was granted to, and in whose name.
  var grantee: Int32 = -1
  var requester: Int32 = -1
}

public struct BufferPool: Sendable {
  public let host: Int32
  public let waiting: WaitingMode
  public internal(set) var counters = Pool()
  public internal(set) var buffers: [PoolBuffer]
  /// Numbers of those that are in; the last is taken next.
  var free: [Int32]
  /// The one that went last.
  public internal(set) var granted: Int32 = -1
  /// Tasks that wait, in the order in which they came.
  public internal(set) var waiters: [Int32] = []
  /// Tasks that have freed a buffer that was not theirs: -1 is the script outside of tasks.
  public internal(set) var releasers: [Int32] = []
  /// Wake-ups that reached nobody: so many free buffers are handed to no waiter. Whether a fault
  /// point is asked for each.
  public internal(set) var lostWakes: Int32 = 0
  var losesWakes = false
  /// The stack takes its buffers, and no task: `counters` stand in the host's kernel then.
  public internal(set) var servesStack = false
}

extension Simulation {
  public mutating func addPool(host: Int32, count: Int32, waiting: WaitingMode) -> Int32 {
    makeUnique()
    var pool = BufferPool(
      host: host, waiting: waiting, buffers: Array(repeating: PoolBuffer(), count: Int(count)),
      free: (0..<count).reversed())
    pool.counters.total = count
    pool.counters.free = count
    pools.append(pool)
    return Int32(pools.count - 1)
  }

  /// Lets the stack of the pool's host take its buffers for these uses.
  public mutating func serve(_ uses: [BufferUse], pool number: Int32, _ context: inout Context) {
    makeUnique()
    let host = pools[Int(number)].host
    context.enter(host: host, task: -1, at: now)
    pools[Int(number)].servesStack = true
    hosts[Int(processors[Int(host)].stack)].serve(
      uses, pool: number, count: pools[Int(number)].counters.total, &context)
  }

  /// Says that a further pool is a size class of its host's stack.
  public mutating func serve(sizeClass: Int32, pool number: Int32, _ context: inout Context) {
    makeUnique()
    let host = pools[Int(number)].host
    context.enter(host: host, task: -1, at: now)
    pools[Int(number)].servesStack = true
    hosts[Int(processors[Int(host)].stack)].name(
      sizeClass: sizeClass, pool: number, &context)
  }

  /// What a further pool counts, whoever takes from it.
  public func counters(ofPool number: Int32) -> Pool {
    let pool = pools[Int(number)]
    guard pool.servesStack else { return pool.counters }
    let stack = Int(processors[Int(pool.host)].stack)
    return hosts[stack].counters(ofServing: number)
      ?? hosts[stack].sizeClass(pool: number)?.pool ?? pool.counters
  }

  public mutating func setLosesWakes(_ loses: Bool, ofPool number: Int32) {
    makeUnique()
    pools[Int(number)].losesWakes = loses
  }

  public mutating func setAllocator(
    _ allocator: AllocatorKind, ofPool number: Int32, _ context: inout Context
  ) {
    makeUnique()
    let host = pools[Int(number)].host
    pools[Int(number)].counters.allocator = allocator
    guard pools[Int(number)].servesStack else { return }
    context.enter(host: host, task: -1, at: now)
    hosts[Int(processors[Int(host)].stack)].setAllocator(allocator, ofPool: number, &context)
  }

  /// In whose name a task takes buffers from now on: a policy sees it as the request's socket.
  public mutating func setRequester(_ requester: Int32, of task: Int32) {
    makeUnique()
    tasks[Int(task)].requester = requester
  }

  // MARK: taking

  /// A buffer for a task (`grantedBuffer`) or, without waiting, for the script outside of tasks; or
  /// several, all or none.
  public mutating func take(
    from number: Int32, _ task: Int32, count: Int32 = 1, mayWait: Bool, _ context: inout Context
  ) -> AllocationDecision {
    makeUnique()
    context.enter(host: pools[Int(number)].host, task: task, at: now)
    if task >= 0 { tasks[Int(task)].wanted = count }
    let decision =
      mayWait && standsBehindMany(number, task)
      ? .wait : decide(number, task, count, mayWait: mayWait, waited: .zero, &context)
    switch decision {
    case .grant:
      give(count, of: number, to: task, waited: .zero, &context)
      // A policy may let in now whom it refused before.
      serve(number, &context)
    case .wait:
      pools[Int(number)].counters.waits += 1
      record(.bufferWait, number, task, &context)
    case .deny:
      pools[Int(number)].counters.refuse(at: now)
      record(.bufferDeny, number, task, &context)
    }
    return decision
  }

  /// Whether somebody waits for several whose turn comes first: then a task waits with him.
  private func standsBehindMany(_ number: Int32, _ task: Int32) -> Bool {
    let pool = pools[Int(number)]
    if pool.counters.allocator != .firstCome || pool.waiters.isEmpty { return false }
    return pool.waiters.contains { waiter in
      tasks[Int(waiter)].wanted > 1
        && (pool.waiting != .priority || task < 0
          || tasks[Int(waiter)].effective <= tasks[Int(task)].effective)
    }
  }

  private func decide(
    _ number: Int32, _ task: Int32, _ count: Int32, mayWait: Bool, waited: TimeSpan,
    _ context: inout Context
  ) -> AllocationDecision {
    let pool = pools[Int(number)]
    let isThere = pool.counters.free >= count
    let usual: AllocationDecision = isThere ? .grant : mayWait ? .wait : .deny
    if pool.counters.allocator == .firstCome { return usual }
    if pool.counters.allocator == .scriptWhenEmpty && isThere && waited == .zero { return .grant }
    // Of several, a policy is asked for the last.
    var request = poolRequest(number, task, mayWait: mayWait, waited: waited)
    request.free = max(request.free - (count - 1), 0)
    let decision = context.policy?.decide(request) ?? usual
    return decision == .grant && !isThere ? usual : decision
  }

  public func poolRequest(
    _ number: Int32, _ task: Int32, mayWait: Bool, waited: TimeSpan
  ) -> AllocationRequest {
    let pool = pools[Int(number)]
    let requester = task >= 0 ? tasks[Int(task)].requester : -1
    var request = AllocationRequest(
      at: now, host: pool.host, bufferClass: .clusters, who: .app, task: task, socket: requester,
      free: pool.counters.free, total: pool.counters.total, mayWait: mayWait, waited: waited)
    request.pool = number
    return request
  }

  private mutating func give(
    _ count: Int32, of number: Int32, to task: Int32, waited: TimeSpan, _ context: inout Context
  ) {
    for _ in 0..<count {
      give(number, to: task, waited: waited, &context)
      if count > 1 { pools[Int(number)].buffers[Int(pools[Int(number)].granted)].isFresh = true }
    }
  }

  /// What a task, or with -1 the script, was granted together.
  public mutating func takeGranted(from number: Int32, _ task: Int32) -> [Int32] {
    makeUnique()
    let place = pools.place(Int(number))
    var found: [Int32] = []
    for index in place.pointee.buffers.indices
    where place.pointee.buffers[index].isFresh && place.pointee.buffers[index].owner == task {
      place.pointee.buffers[index].isFresh = false
      found.append(Int32(index))
    }
    return found
  }

  private mutating func give(
    _ number: Int32, to task: Int32, waited: TimeSpan, _ context: inout Context
  ) {
    let place = pools.place(Int(number))
    guard let buffer = place.pointee.free.popLast() else {
      preconditionFailure("a buffer is taken from an empty pool")
    }
    place.pointee.buffers[Int(buffer)] = PoolBuffer(
      isOut: true, owner: task, since: now, grantee: task,
      requester: task >= 0 ? tasks[Int(task)].requester : -1)
    place.pointee.counters.free -= 1
    place.pointee.counters.grants += 1
    place.pointee.counters.grantedAt = now
    let used = place.pointee.counters.total - place.pointee.counters.free
    place.pointee.counters.peakUsed = max(place.pointee.counters.peakUsed, used)
    record(.bufferGrant, number, task, waited: waited, &context)
    if place.pointee.counters.free == 0 {
      place.pointee.counters.exhausted += 1
      record(.bufferExhausted, number, task, &context)
    }
    place.pointee.granted = buffer
    if task >= 0 { tasks[Int(task)].grantedBuffer = buffer }
    if place.pointee.counters.allocator != .firstCome {
      context.policy?.granted(poolRequest(number, task, mayWait: true, waited: waited))
    }
    checkPool(number)
  }

  // MARK: giving back

  /// Gives a buffer back. False when it is in already.
  public mutating func free(
    _ buffer: Int32, of number: Int32, by task: Int32, _ context: inout Context
  ) -> Bool {
    makeUnique()
    let place = pools.place(Int(number))
    let taken = place.pointee.buffers[Int(buffer)]
    guard taken.isOut else { return false }
    context.enter(host: place.pointee.host, task: task, at: now)
    if taken.owner != task && !place.pointee.releasers.contains(task) {
      place.pointee.releasers.append(task)
    }
    place.pointee.buffers[Int(buffer)].isOut = false
    place.pointee.buffers[Int(buffer)].isFresh = false
    place.pointee.buffers[Int(buffer)].queue = -1
    place.pointee.free.append(buffer)
    place.pointee.counters.free += 1
    place.pointee.counters.releases += 1
    record(.bufferRelease, number, task, &context)
    if place.pointee.counters.allocator != .firstCome {
      var request = poolRequest(number, taken.grantee, mayWait: false, waited: .zero)
      request.socket = taken.requester
      context.policy?.released(request)
    }
    checkPool(number)
    serve(number, &context)
    return true
  }

  /// Hands what is free to those that wait, until nobody more may have one.
  private mutating func serve(_ number: Int32, _ context: inout Context) {
    while pools[Int(number)].counters.free > pools[Int(number)].lostWakes,
      let task = nextInLine(number, &context)
    {
      let waited = now - tasks[Int(task)].waitSince
      if pools[Int(number)].losesWakes,
        context.faults?.loses(poolRequest(number, task, mayWait: true, waited: waited)) ?? false
      {
        pools.place(Int(number)).pointee.lostWakes += 1
        continue
      }
      pools.place(Int(number)).pointee.waiters.removeAll { $0 == task }
      pools.place(Int(number)).pointee.counters.waiters -= 1
      if waited >= Stall.least { noteServed(task, pool: number, &context) }
      give(tasks[Int(task)].wanted, of: number, to: task, waited: waited, &context)
      endOutsideWait(task, .none, &context)
    }
  }

  /// The first of those that wait, in the pool's order, that the policy lets have one.
  private mutating func nextInLine(_ number: Int32, _ context: inout Context) -> Int32? {
    let pool = pools[Int(number)]
    var line = pool.waiters
    if pool.waiting == .priority {
      // Equal ones in the order in which they came.
      let order = line.indices.sorted {
        let (a, b) = (tasks[Int(line[$0])].effective, tasks[Int(line[$1])].effective)
        return a != b ? a < b : $0 < $1
      }
      line = order.map { line[$0] }
    }
    if pool.counters.allocator == .firstCome {
      // Whoever wants more keeps its place, and those behind it wait with it.
      guard var first = line.first else { return nil }
      if chooser.isOn {
        first = chosenWaiter(first, among: line, urgent: pool.waiting == .priority)
      }
      return pool.counters.free - pool.lostWakes >= tasks[Int(first)].wanted ? first : nil
    }
    if line.isEmpty { return nil }
    let requests = line.map {
      poolRequest(number, $0, mayWait: true, waited: now - tasks[Int($0)].waitSince)
    }
    if let choice = context.policy?.choose(among: requests) {
      line.insert(line.remove(at: choice), at: 0)
    }
    for task in line {
      let waited = max(now - tasks[Int(task)].waitSince, TimeSpan(nanoseconds: 1))
      let wanted = tasks[Int(task)].wanted
      let decision = decide(number, task, wanted, mayWait: true, waited: waited, &context)
      if decision == .grant { return task }
    }
    return nil
  }

  private func record(
    _ kind: TraceKind, _ number: Int32, _ task: Int32, waited: TimeSpan = .zero,
    _ context: inout Context
  ) {
    let pool = pools.place(Int(number))
    context.enter(host: pool.pointee.host, task: task, at: now)
    context.traceBuffer(
      kind, pool: number, free: pool.pointee.counters.free, task: task, waited: waited)
  }

  // MARK: waiting, and changing hands

  mutating func waitForBuffer(_ task: Int32, _ number: Int32, _ context: inout Context) {
    beginOutsideWait(task, .buffer(number), 16 | Int64(number) << 8, &context)
    pools.place(Int(number)).pointee.waiters.append(task)
    pools.place(Int(number)).pointee.counters.waiters += 1
  }

  mutating func leavePool(_ task: Int32, _ number: Int32, _ context: inout Context) {
    pools.place(Int(number)).pointee.waiters.removeAll { $0 == task }
    pools.place(Int(number)).pointee.counters.waiters -= 1
    pools.place(Int(number)).pointee.counters.refuse(at: now)
    record(.bufferDeny, number, task, waited: now - tasks[Int(task)].waitSince, &context)
    // It may have kept others waiting, for want of more than they want.
    serve(number, &context)
  }

  /// A buffer lies in a queue now, or a task has taken it out of one.
  public mutating func move(
    buffer: Int32, of number: Int32, toQueue queue: Int32 = -1, owner: Int32? = nil
  ) {
    makeUnique()
    let place = pools.place(Int(number))
    guard place.pointee.buffers[Int(buffer)].isOut else { return }
    place.pointee.buffers[Int(buffer)].queue = queue
    if let owner { place.pointee.buffers[Int(buffer)].owner = owner }
  }

  /// The law of conservation: what is not free is out, and nothing is both.
  private func checkPool(_ number: Int32) {
    let pool = pools[Int(number)]
    precondition(pool.counters.free == Int32(pool.free.count), "a pool's free count is wrong")
    assert(
      pool.buffers.filter { $0.isOut }.count == Int(pool.counters.total - pool.counters.free),
      "buffers are not conserved")
  }
}
