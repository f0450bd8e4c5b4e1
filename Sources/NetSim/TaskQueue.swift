// Queues of a script: a number of places, and tasks that wait for room or for an item.
//
// An item is a number of the bench's. It is handed over as RTEMS's message queues do: to the most
// urgent task that waits for one, and a waiting sender's item takes the room that a taker leaves.

import NetStack

/// What becomes of an item for which there is no room.
public enum FullPolicy: UInt8, Sendable {
  /// The task waits for room.
  case wait
  /// The item is lost, or the oldest is, in its favour.
  case dropNew, dropOld
}

/// What came of putting an item.
public enum PutOutcome: Equatable, Sendable {
  case taken
  /// This item was lost: the new one, or the oldest.
  case lost(Int32)
  /// No room.
  case full
}

public struct TaskQueue: Sendable {
  public let host: Int32
  public let capacity: Int32
  public let whenFull: FullPolicy
  /// Oldest first.
  public internal(set) var items: [Int32] = []
  public internal(set) var drops: Int64 = 0
  public internal(set) var peak = 0
  var putters = TaskList()
  var getters = TaskList()
  /// Tasks that wait for an item here and elsewhere (select).
  var selectors: [Int32] = []
  /// Tasks that have put something, and that have taken something: who can end a wait. -1 is the
  /// script outside of tasks.
  public internal(set) var sources: [Int32] = []
  public internal(set) var takers: [Int32] = []
}

extension Simulation {
  /// Puts an item without waiting; -1 stands for a hook or the case itself.
  public mutating func put(
    _ item: Int32, into queue: Int32, by task: Int32, _ context: inout Context
  ) -> PutOutcome {
    makeUnique()
    let place = queues.place(Int(queue))
    if !place.pointee.sources.contains(task) { place.pointee.sources.append(task) }
    let getter =
      chooser.isOn
      ? takeChosen(from: &place.pointee.getters) : place.pointee.getters.popFirst(&tasks)
    if getter >= 0 {
      tasks[Int(getter)].item = item
      if !place.pointee.takers.contains(getter) { place.pointee.takers.append(getter) }
      endOutsideWait(getter, .none, &context)
      return .taken
    }
    if place.pointee.items.count >= Int(place.pointee.capacity) {
      switch place.pointee.whenFull {
      case .wait: return .full
      case .dropNew:
        place.pointee.drops += 1
        return .lost(item)
      case .dropOld:
        place.pointee.drops += 1
        let oldest = place.pointee.items.removeFirst()
        place.pointee.items.append(item)
        return .lost(oldest)
      }
    }
    append(item, to: place)
    for selector in place.pointee.selectors { endSelect(selector, &context) }
    return .taken
  }

  private func append(_ item: Int32, to place: UnsafeMutablePointer<TaskQueue>) {
    place.pointee.items.append(item)
    place.pointee.peak = max(place.pointee.peak, place.pointee.items.count)
  }

  /// Takes the oldest item, or nil. A sender that waits for room puts its own in.
  public mutating func take(
    from queue: Int32, by task: Int32, _ context: inout Context
  ) -> Int32? {
    makeUnique()
    let place = queues.place(Int(queue))
    if !place.pointee.takers.contains(task) { place.pointee.takers.append(task) }
    guard !place.pointee.items.isEmpty else { return nil }
    let item = place.pointee.items.removeFirst()
    let putter =
      chooser.isOn
      ? takeChosen(from: &place.pointee.putters) : place.pointee.putters.popFirst(&tasks)
    if putter >= 0 {
      append(tasks[Int(putter)].item, to: place)
      tasks[Int(putter)].item = -1
      endOutsideWait(putter, .none, &context)
    }
    return item
  }

  /// What the task's last `get` brought it; or what its last `put` has lost. -1: nothing.
  public mutating func takeItem(of task: Int32) -> Int32 {
    makeUnique()
    let item = tasks[Int(task)].item
    tasks[Int(task)].item = -1
    return item
  }

  // MARK: waiting

  mutating func waitForRoom(_ task: Int32, _ queue: Int32, _ context: inout Context) {
    beginOutsideWait(task, .put(queue), 13 | Int64(queue) << 8, &context)
    queues.place(Int(queue)).pointee.putters.insert(task, &tasks)
  }

  mutating func waitForItem(_ task: Int32, _ queue: Int32, _ context: inout Context) {
    beginOutsideWait(task, .get(queue), 14 | Int64(queue) << 8, &context)
    queues.place(Int(queue)).pointee.getters.insert(task, &tasks)
  }

  mutating func beginOutsideWait(
    _ task: Int32, _ wait: ProgramWait, _ code: Int64, _ context: inout Context
  ) {
    let record = tasks.place(Int(task))
    let cpu = processors.place(Int(record.pointee.host))
    cpu.pointee.running = -1
    if wait.isTangle {
      cpu.pointee.outsideWaits += 1
      context.enter(host: record.pointee.host, task: task, at: now)
      context.trace(.taskBlock, task, code)
    }
    record.pointee.state = .waiting
    record.pointee.programWait = wait
    record.pointee.waitSince = now
    record.pointee.waitEvent = events
  }

  /// Its wait is over; the task no longer stands in any list.
  mutating func endOutsideWait(_ task: Int32, _ result: CallResult, _ context: inout Context) {
    let record = tasks.place(Int(task))
    if let wait = record.pointee.programWait, wait.isTangle {
      processors[Int(record.pointee.host)].outsideWaits -= 1
    }
    switch record.pointee.programWait {
    case .frame(let port): ports[Int(port)].readers -= 1
    case .room(let port): ports[Int(port)].senders -= 1
    default: break
    }
    record.pointee.programWait = nil
    record.pointee.result = result
    record.pointee.generation &+= 1
    makeReady(task)
    context.trace(.taskWake, task)
  }

  /// Takes a task out of the list in which it waits.
  mutating func leaveQueue(_ task: Int32, _ context: inout Context) {
    switch tasks[Int(task)].programWait {
    case .put(let queue): queues.place(Int(queue)).pointee.putters.remove(task, &tasks)
    case .get(let queue): queues.place(Int(queue)).pointee.getters.remove(task, &tasks)
    case .buffer(let pool): leavePool(task, pool, &context)
    case .condition, .select, .frame, .room, nil: break
    }
  }

  // MARK: select

  mutating func beginSelect(_ task: Int32, _ list: [Int32]) {
    for queue in list { queues.place(Int(queue)).pointee.selectors.append(task) }
    tasks[Int(task)].selectsQueues = !list.isEmpty
  }

  /// Whether one of the queues that a task selects has an item.
  func hasSelectedItem(_ task: Int32) -> Bool {
    for queue in queues.indices
    where !queues[queue].items.isEmpty && queues[queue].selectors.contains(task) {
      return true
    }
    return false
  }

  /// An item has come: the select of a task that waits is over. One that is about to wait looks
  /// first.
  private mutating func endSelect(_ task: Int32, _ context: inout Context) {
    let record = tasks.place(Int(task))
    guard record.pointee.state == .waiting else { return }
    if let wait = record.pointee.wait { giveUp(wait, of: task, &context) }
    endOutsideWait(task, .ready, &context)
  }

  /// The select is over, however it ended.
  public mutating func forgetSelect(_ task: Int32) {
    guard tasks[Int(task)].selectsQueues else { return }
    makeUnique()
    tasks[Int(task)].selectsQueues = false
    for queue in queues.indices { queues[queue].selectors.removeAll { $0 == task } }
  }
}
