// Where the simulation lets itself be told whom to take: nobody comes here while no schedule is
// followed.

import NetStack

extension Simulation {
  /// From now on choices are made so. Before the first event, as a rule.
  public mutating func choose(by strategy: Chooser.Strategy, preemptions: Int = 0) {
    chooser = Chooser(strategy, preemptions: preemptions)
  }

  /// The choices that come next are these; those made before are forgotten.
  public mutating func follow(_ digits: [UInt8]) { chooser.follow(digits) }

  /// Of the first in a list and its equals, one is taken out.
  @inline(never)
  mutating func takeChosen(from list: inout TaskList) -> Int32 {
    let equals = equals(of: list.head)
    if equals.count < 2 { return list.popFirst(&tasks) }
    let task = equals[chooser.choose(among: equals)]
    list.remove(task, &tasks)
    return task
  }

  /// A task of some list and those behind it that are as urgent.
  private func equals(of first: Int32) -> [Int32] {
    guard first >= 0 else { return [] }
    var found: [Int32] = []
    var at = first
    while at >= 0 && tasks[Int(at)].effective == tasks[Int(first)].effective {
      found.append(at)
      at = tasks[Int(at)].next
    }
    return found
  }

  /// The running task is about to act: it may lose the CPU to an equal. Returns who has it now, out
  /// of the list of ready ones, or -1.
  @inline(never)
  mutating func preemptForEqual(_ h: Int) -> Int32 {
    let cpu = processors.place(h)
    let running = cpu.pointee.running
    let first = cpu.pointee.ready.head
    guard chooser.preemptionsLeft > 0, first >= 0, tasks[Int(running)].cpuLeft == 0,
      tasks[Int(first)].effective == tasks[Int(running)].effective
    else { return -1 }
    let candidates = [running] + equals(of: first)
    let chosen = chooser.preempt(candidates)
    if chosen == 0 { return -1 }
    preempt(h)
    cpu.pointee.ready.remove(candidates[chosen], &tasks)
    return candidates[chosen]
  }

  /// Of tasks that wait for a buffer, and of which the first is whose turn it is, one.
  ///
  /// - Parameter urgent: they stand by priority; else by the moment in which they came.
  @inline(never)
  mutating func chosenWaiter(_ first: Int32, among waiters: [Int32], urgent: Bool) -> Int32 {
    let turn = tasks[Int(first)]
    var equals = [first]
    for task in waiters where task != first {
      let other = tasks[Int(task)]
      let isEqual =
        urgent ? other.effective == turn.effective : other.waitSince == turn.waitSince
      if isEqual { equals.append(task) }
    }
    return equals[chooser.choose(among: equals)]
  }

  /// The next event; of timers of one host and moment any.
  @inline(never)
  mutating func takeChosenEvent() -> Event {
    let instant = queue.next
    let due = queue.dueNext
    guard let host = hostOfTimer(queue.event(at: due[0]), at: instant) else { return queue.pop() }
    let timers = due.filter { hostOfTimer(queue.event(at: $0), at: instant) == host }
    if timers.count < 2 { return queue.pop() }
    // Numbers that are no task's: what fires, and for whom.
    let names = timers.map { place in
      let event = queue.event(at: place)
      return -2 - (event.object << 4 | Int32(event.kind.rawValue))
    }
    return queue.pop(place: timers[chooser.choose(among: names)])
  }

  /// Whose timer an event is; nil when it is none, or nobody wants it any more.
  private func hostOfTimer(_ event: Event, at due: Instant) -> Int32? {
    switch event.kind {
    case .poll, .callout: isWanted(event, at: due) ? event.object : nil
    case .wake, .timeout, .console, .waitOver:
      isWanted(event, at: due) ? tasks[Int(event.object)].host : nil
    case .delivery, .sent, .cpu, .interruptEnd, .late, .bridged, .outputFree, .arrival: nil
    }
  }
}
