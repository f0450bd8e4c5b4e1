// `m.lock()`, `m.unlock()`, `q.put(x)`, `q.get()`, and what can be read of locks and queues.
//
// The engine decides who waits and who goes on (NetSim); an item is the pin of a script's value.
// Hooks and the case itself may call what cannot wait.

import NetScript
import NetSim
import NetStack

extension Bench {
  // MARK: Locks

  /// nil when a lock has no such method.
  func callLock(
    _ id: NodeID, _ name: Symbol, _ arguments: Arguments
  ) throws(RuntimeError) -> Outcome? {
    let method = words.word(name)
    guard method == .lock || method == .unlock else { return nil }
    try refuseInPredicate("`\(self.name(name))`", at: arguments.span)
    let number = try built(lockNumber(id), id, arguments.span)
    if method == .unlock && activity != .task {
      // A person's hand: whoever has it.
      let isOpened = simulation.forceOpen(lock: number, &context)
      return .value(isOpened ? .none : errors.value(.EPERM))
    }
    let place = try program(for: self.name(name), on: tree[id].host, of: id, arguments.span)
    if method == .unlock { return ask(place, .unlock(number), .none) }
    return ask(place, .lock(number, timeout: try timeout(arguments)), .none)
  }

  /// The engine's number of a lock; nil before it is built.
  func lockNumber(_ id: NodeID) -> Int32? {
    if tree[id].object >= 0 { return tree[id].object }
    let host = tree[id].parent
    guard host != .none, tree[host].role == .builtin(.host), tree[host].host >= 0,
      words.word(tree[id].name) == .network,
      stations.records[Int(tree[host].host)].stack >= 0
    else { return nil }
    return Simulation.networkLock(of: tree[host].host)
  }

  func lockNode(_ number: Int32) -> Value {
    if number < 0 {
      let host = stations.records[Int(~number)].node
      return implicit(.network, in: host)?.value ?? .none
    }
    return node(.lock, number)
  }

  func measureLock(_ id: NodeID, _ word: Word) -> Value? {
    guard let number = lockNumber(id) else { return nil }
    // A script's lock changes hands only when its tasks run.
    note(number < 0 ? .anything : .variables)
    switch word {
    case .owner: return taskNode(simulation.lock(number).owner)
    case .queue: return vm.makeList(simulation.waiters(of: number).map { taskNode($0) })
    default: return nil
    }
  }

  // MARK: Queues

  /// nil when a queue has no such method.
  func callQueue(
    _ id: NodeID, _ name: Symbol, _ arguments: Arguments
  ) throws(RuntimeError) -> Outcome? {
    let method = words.word(name)
    guard method == .put || method == .get else { return nil }
    try refuseInPredicate("`\(self.name(name))`", at: arguments.span)
    let queue = try built(tree[id].object < 0 ? nil : tree[id].object, id, arguments.span)
    let waits = try mayWait(arguments)
    if activity != .task && !waits {
      if method == .get { return .value(takeAtOnce(queue)) }
      moveBuffers(in: arguments[0], toQueue: queue)
      return .value(putAtOnce(arguments[0], queue))
    }
    let place = try program(for: self.name(name), on: tree[id].host, of: id, arguments.span)
    // Whoever does not wait gives up at once; a more urgent task may come in all the same.
    let timeout = waits ? try timeout(arguments) : .zero
    if method == .get { return ask(place, .get(queue, timeout: timeout), .item) }
    moveBuffers(in: arguments[0], toQueue: queue)
    let item = Int32(vm.pin(arguments[0]))
    return ask(place, .put(queue, item: item, timeout: timeout), .offer)
  }

  private func putAtOnce(_ value: Value, _ queue: Int32) -> Value {
    let item = Int32(vm.pin(value))
    switch simulation.put(item, into: queue, by: -1, &context) {
    case .taken: return .none
    case .lost(let lost):
      vm.unpin(Int(lost))
      return .none
    case .full:
      vm.unpin(Int(item))
      return errors.value(.EAGAIN)
    }
  }

  private func takeAtOnce(_ queue: Int32) -> Value {
    guard let item = simulation.take(from: queue, by: -1, &context) else {
      return errors.value(.EAGAIN)
    }
    let value = value(ofItem: item)
    moveBuffers(in: value, owner: -1)
    return value
  }

  /// What a task was given.
  func value(ofItem item: Int32) -> Value {
    precondition(item >= 0, "an item that is none")
    let value = vm.pinned(Int(item))
    vm.unpin(Int(item))
    return value
  }

  /// A `put` is over, or a `get` that nobody heeds any more: what is left of it is let go.
  func dropItem(of place: Int) {
    let task = programs.records[place].task
    let lost = simulation.takeItem(of: task)
    guard lost >= 0 else { return }
    // Buffers in it are whose they were, or nobody's who knows of them.
    moveBuffers(in: vm.pinned(Int(lost)), owner: task)
    vm.unpin(Int(lost))
  }

  func queueNode(_ number: Int32) -> Value { node(.queue, number) }

  func measureQueue(_ id: NodeID, _ word: Word) -> Value? {
    guard tree[id].object >= 0 else { return nil }
    note(.variables)
    let queue = simulation.queues[Int(tree[id].object)]
    switch word {
    case .len: return .int(Int64(queue.items.count))
    case .drops: return .int(queue.drops)
    case .peak: return .int(Int64(queue.peak))
    default: return nil
    }
  }

  // MARK: Both

  /// `wait = false`: for the answer as it is now.
  func mayWait(_ arguments: Arguments) throws(RuntimeError) -> Bool {
    guard let value = arguments.named(words.symbol(.wait)) else { return true }
    if let waits = value.asBool { return waits }
    throw RuntimeError(
      "N422", "`wait` is true or false, not \(vm.text(value))", at: arguments.span)
  }

  func built(
    _ number: Int32?, _ id: NodeID, _ span: SourceSpan
  ) throws(RuntimeError) -> Int32 {
    if isBuilt, let number { return number }
    throw RuntimeError("N301", "`\(path(of: id))` is not built yet", at: span)
  }

  /// The program whose fiber runs, if it is a task of the host.
  func program(
    for call: String, on host: Int32, of id: NodeID, _ span: SourceSpan
  ) throws(RuntimeError) -> Int {
    guard let place = currentProgram else {
      throw cannotWait(
        call, at: span, help: call == "lock" ? nil : "`\(call)(…, wait = false)` never waits")
    }
    try requireHost(host, of: id, place, span)
    return place
  }

  private func node(_ kind: Word, _ number: Int32) -> Value {
    for id in declared where tree[id].role == .builtin(kind) && tree[id].object == number {
      return id.value
    }
    return .none
  }
}
