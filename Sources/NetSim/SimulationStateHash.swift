// A simulation as a state: what its next events depend on. Two of equal hash go on alike, to the
// last octet on a wire.
//
// Left out: numbers of events, sequence numbers and generations (an event that nobody wants any
// more is no part of the state), statistics and, unless `counts`, what is only counted. Frames are
// known by their octets, waiters and armed timers by their order.

import NetStack
import Wire

extension Simulation {
  public func addState(to hash: inout StateHash) {
    hash.add(now, chooser.preemptionsLeft)
    hash.add(pendingHosts.count - pendingFirst)
    for index in pendingFirst..<pendingHosts.count { hash.add(pendingHosts[index]) }
    for host in processors.indices { add(processors[host], Int32(host), to: &hash) }
    for task in tasks.indices { add(Int32(task), to: &hash) }
    addEvents(to: &hash)
    for link in links.indices { add(links[link], to: &hash) }
    for port in ports.indices { add(ports[port], to: &hash) }
    for lock in locks.indices { add(locks[lock], to: &hash) }
    for queue in queues.indices { add(queues[queue], to: &hash) }
    for pool in pools.indices { add(pools[pool], to: &hash) }
    for text in texts.indices { texts[text].withUnsafeBytes { hash.add(octets: $0) } }
  }

  private func add(_ list: TaskList, to hash: inout StateHash) {
    var task = list.head
    while task >= 0 {
      hash.add(task)
      task = tasks[Int(task)].next
    }
    hash.add(-1)
  }

  private func add(_ semaphore: Semaphore, to hash: inout StateHash) {
    if semaphore.isFaulty { hash.refuse() }
    hash.add(semaphore.owner, semaphore.depth)
    add(semaphore.waiters, to: &hash)
  }

  private func add(_ cpu: Processor, _ host: Int32, to hash: inout StateHash) {
    if cpu.losesWakes { hash.refuse() }
    add(cpu.ready, to: &hash)
    add(cpu.pollers, to: &hash)
    add(cpu.network, to: &hash)
    hash.add(cpu.running, cpu.cpuEnd, cpu.cpuEnd == .never ? .zero : cpu.cpuStart)
    if cpu.costs.contextSwitch > .zero || hasSlices { hash.add(cpu.last) }
    hash.add(max(cpu.interruptUntil, now), cpu.outsideWaits, cpu.pollerCount, cpu.calloutAt)
    hash.add(cpu.isPollScheduled, cpu.refills, cpu.polls, cpu.isPending)
    for number in 0..<BufferKind.count {
      hash.add(cpu.woken[number: number], cpu.lostWakes[number: number])
    }
    if hash.counts { hash.add(cpu.interruptTime) }
    guard cpu.stack >= 0 else { return }
    // Timers of a host that runs every tick fire in the order in which they were armed.
    if cpu.runsEveryTick { hash.refuse() }
    let stack = hosts[Int(cpu.stack)]
    var names = BufferNames()
    stack.addState(to: &hash, &names)
    for task in tasks.indices where tasks[task].host == host {
      stack.addState(of: tasks[task].machine, to: &hash, &names)
    }
  }

  private var hasSlices: Bool { tasks.indices.contains { tasks[$0].timeslice > 0 } }

  private func add(_ task: Int32, to hash: inout StateHash) {
    let record = tasks[Int(task)]
    hash.add(record.priority, record.effective, record.state.rawValue)
    if let wait = record.wait { wait.addState(to: &hash) } else { hash.add(0) }
    add(record.programWait, to: &hash)
    switch record.state {
    case .waiting, .polling: hash.add(record.waitSince)
    case .sleeping: hash.add(record.waitSince, record.wakeAt)
    case .locked: hash.add(record.lockedSince, record.awaitedLock)
    // Awake, but it has not looked yet whether its wait is over.
    case .ready, .running: hash.add(record.wait == nil ? .zero : record.waitSince)
    case .dormant, .program: break
    }
    hash.add(record.depthGivenUp)
    hash.add(record.locksTaken, record.item, record.requester, record.grantedBuffer)
    hash.add(record.wanted, record.hasText, record.selectsQueues, record.cpuLeft)
    hash.add(record.timeslice, record.sliceEnd)
    if let step = record.pending { step.addState(to: &hash) } else { hash.add(0) }
    hash.add(record.holdsLock, record.needsLock, record.wakePending, record.mustPoll)
    hash.add(record.waitIsOver, record.waited, record.deadline)
    hash.add(record.sleepEnds)
    record.result.addState(to: &hash)
    if hash.counts { hash.add(record.cpuUsed, record.interrupted) }
    if record.wait?.isPoll == true, let kind = record.wait?.kind {
      // Who was refused is not asked again before something has changed.
      let pool = hosts[Int(processors[Int(record.host)].stack)].pool(kind)
      hash.add(record.refusedAt == pool.changes, waitersBefore(task))
    }
  }

  /// Its place among those of its host that wait for buffers.
  private func waitersBefore(_ task: Int32) -> Int {
    let record = tasks[Int(task)]
    return tasks.indices.count {
      tasks[$0].host == record.host && tasks[$0].wait?.isPoll == true
        && tasks[$0].waitOrder < record.waitOrder
    }
  }

  private func add(_ wait: ProgramWait?, to hash: inout StateHash) {
    switch wait {
    case nil: hash.add(0)
    case .condition: hash.add(1)
    case .put(let queue): hash.add(2, queue)
    case .get(let queue): hash.add(3, queue)
    case .frame(let port): hash.add(4, port)
    case .room(let port): hash.add(5, port)
    case .select: hash.add(6)
    case .buffer(let pool): hash.add(7, pool)
    }
  }

  // MARK: events and media

  private func addEvents(to hash: inout StateHash) {
    for next in queue.inOrder where isWanted(next.event, at: next.at) {
      let event = next.event
      hash.add(next.at, event.kind.rawValue, event.object)
      switch event.kind {
      case .delivery, .arrival, .late:
        hash.add(event.generation)
        add(frame: event.detail, to: &hash)
      case .bridged: add(frame: event.detail, to: &hash)
      case .sent, .cpu, .interruptEnd, .poll, .callout, .wake, .timeout, .console, .waitOver,
        .outputFree:
        break
      }
    }
    hash.add(-1)
  }

  private func add(frame slot: Int32, to hash: inout StateHash) {
    frames.withOctets(slot) { hash.add(octets: $0) }
    hash.add(frames.gathered(slot).isSummed, frames.isDamaged(slot))
  }

  private func add(_ link: Link, to hash: inout StateHash) {
    // A learning switch, drawn delays and fault points have memories of their own.
    if link.bridge?.learns == true || link.jitter > .zero || link.isFaulty { hash.refuse() }
    hash.add(link.isUp, link.isPartitioned, link.isBusy)
    hash.add(all: link.waiting)
    hash.add(link.bridge?.queued ?? 0)
    guard hash.counts else { return }
    hash.add(link.frames, link.octets, link.busyTime, link.lost)
    hash.add(link.bridge?.drops ?? 0, link.bridge?.peak ?? 0)
  }

  private func add(_ port: Port, to hash: inout StateHash) {
    if port.receivesFaulty || port.transmitsFaulty { hash.refuse() }
    hash.add(port.isUp, port.isWaiting, port.isSending, port.group)
    hash.add(port.lastArrival, port.isOutputBusy, port.senders, port.readers)
    hash.add(port.isExtra, port.output.count, port.queue.count, port.extras.count)
    for frame in port.output {
      hash.add(frame.sender)
      add(frame: frame.slot, to: &hash)
    }
    for slot in port.queue + port.extras { add(frame: slot, to: &hash) }
    hash.add(port.inbox.count)
    for received in port.inbox {
      hash.add(received.number, received.at)
      add(frame: received.slot, to: &hash)
    }
    // It numbers the frames that come.
    hash.add(port.interface < 0 ? port.framesIn : 0)
    if hash.counts { hash.add(port.framesIn, port.framesOut, port.overruns, port.outputTime) }
  }

  // MARK: what scripts declare

  private func add(_ queue: TaskQueue, to hash: inout StateHash) {
    hash.add(all: queue.items)
    hash.add(all: queue.selectors)
    hash.add(all: queue.sources)
    hash.add(all: queue.takers)
    add(queue.putters, to: &hash)
    add(queue.getters, to: &hash)
    if hash.counts { hash.add(queue.drops, queue.peak) }
  }

  private func add(_ pool: BufferPool, to hash: inout StateHash) {
    if pool.losesWakes || pool.servesStack { hash.refuse() }
    hash.add(pool.counters.total, pool.counters.free, pool.counters.waiters, pool.granted)
    hash.add(pool.counters.allocator, pool.lostWakes)
    hash.add(all: pool.free)
    hash.add(all: pool.waiters)
    hash.add(all: pool.releasers)
    for buffer in pool.buffers {
      hash.add(buffer.isOut, buffer.owner, buffer.queue, buffer.isFresh)
      hash.add(buffer.grantee, buffer.requester)
      if hash.counts { hash.add(buffer.since) }
    }
    guard hash.counts else { return }
    hash.add(pool.counters.peakUsed, pool.counters.waits, pool.counters.denied)
    hash.add(pool.counters.grants, pool.counters.releases, pool.counters.exhausted)
    hash.add(pool.counters.grantedAt)
  }
}
