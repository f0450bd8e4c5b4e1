// Locks and queues in the wait-for graph: who could release whoever waits there; `why` in words.
//
// A lock is given back by its owner, room is made by the tasks that take from a queue, items come
// from those that put. While nobody has done so yet, who will is not known; neither is whether a
// hook does it again, nor what makes a condition true.

import NetScript
import NetSim
import NetStack

extension TaskRecord {
  /// It waits where only other programs can release it.
  var isTangled: Bool {
    state == .locked || (state == .waiting && programWait?.isTangle == true)
  }
}

extension WaitGraph {
  /// Whether a lock is ever given back: its owner goes on, and has not ended with it.
  func comesFree(_ lock: Int32) -> Bool {
    let owner = simulation.lock(lock).owner
    return owner < 0 || (simulation.tasks[Int(owner)].state != .dormant && moves(owner))
  }

  func canEnd(_ wait: ProgramWait, of task: Int32) -> Bool {
    switch wait {
    case .condition: return trusts
    case .frame: return hearsOthers || tasks.contains { $0 != task && goesOn($0) }
    case .room: return true
    case .put(let queue): return anyMoves(simulation.queues[Int(queue)].takers)
    case .get(let queue): return anyMoves(simulation.queues[Int(queue)].sources)
    case .select: return itemComes(toSelectOf: task)
    case .buffer(let pool): return bufferComes(pool, to: task)
    }
  }

  /// A select in the kernel: an item comes, or something happens to one of its sockets, be it the
  /// end of a connection. A writer that nobody wakes (`select_write`) hears of neither.
  func selectEnds(_ task: Int32) -> Bool {
    if itemComes(toSelectOf: task) { return true }
    if state.tunables.wakesOnClose && trusts { return true }
    return stack.isHeard(selectOf: task) && (receivesAnywhere || anyDropIsArmed)
  }

  /// Whether a connection's buffers may be acknowledged: its own timers make the peer answer, else
  /// the peer must speak by itself. In LAST_ACK without a timer nobody else does.
  func isAnswered(_ pcb: Int32) -> Bool {
    if pcb < 0 || !receivesAnywhere { return false }
    return dropIsArmed(pcb) || trusts && simulation.peerMaySpeak(ofConnection: pcb, on: host)
  }

  /// A task that waits for a frame is idle: it is in no knot, though nobody may ever send one.
  func listens(_ task: Int32) -> Bool {
    if case .frame? = simulation.tasks[Int(task)].programWait { return true }
    return false
  }

  func itemComes(toSelectOf task: Int32) -> Bool {
    simulation.queuesSelected(by: task).contains { queue in
      anyMoves(simulation.queues[Int(queue)].sources)
    }
  }

  /// A task that goes on; somebody who is not known yet, or a hook (-1).
  func anyMoves(_ known: [Int32]) -> Bool {
    if known.contains(where: { $0 >= 0 && moves($0) }) { return true }
    return trusts && (known.isEmpty || known.contains(-1))
  }

  /// It waits for an item, and nobody is known to put one: whoever idles is in no knot.
  func idles(_ task: Int32) -> Bool {
    func isUnknown(_ queue: Int32) -> Bool {
      simulation.queues[Int(queue)].sources.allSatisfy { $0 < 0 }
    }
    switch simulation.tasks[Int(task)].programWait {
    case .get(let queue): return isUnknown(queue)
    case .select: return simulation.queuesSelected(by: task).contains(where: isUnknown)
    default: return false
    }
  }
}

extension Bench {
  /// What a task waits for outside of the kernel; nil when it does not.
  func outsideText(_ task: Int32) -> String? {
    let record = simulation.tasks[Int(task)]
    if record.state == .locked {
      let owner = simulation.lock(record.awaitedLock).owner
      return "waits for \(lockText(record.awaitedLock)), which " + taskList([owner]) + " has"
    }
    guard record.state == .waiting else { return nil }
    switch record.programWait {
    case .put(let queue):
      let takers = simulation.queues[Int(queue)].takers
      return "waits for room in \(queueText(queue)), which " + taskList(takers) + " makes"
    case .get(let queue):
      let sources = simulation.queues[Int(queue)].sources
      return "waits for an item in \(queueText(queue)), from " + taskList(sources)
    case .buffer(let pool): return poolText(pool)
    case .select: return "sleeps in select"
    case .condition: return "waits for a condition"
    case .room(let port): return "waits for room in the ring of `\(describe(portNode(port)))`"
    case .frame(let port): return "waits for a frame at `\(describe(portNode(port)))`"
    case nil: return nil
    }
  }

  private func lockText(_ lock: Int32) -> String {
    lock < 0 ? "the network semaphore" : "`\(describe(lockNode(lock)))`"
  }

  private func queueText(_ queue: Int32) -> String { "`\(describe(queueNode(queue)))`" }

  private func taskList(_ tasks: [Int32]) -> String {
    if tasks.isEmpty { return "nobody so far" }
    var text = ""
    for task in tasks {
      if !text.isEmpty { text += ", " }
      text += task < 0 ? "the script" : path(of: stations.tasks[Int(task)])
    }
    return text
  }
}
