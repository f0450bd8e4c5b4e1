// `select(read, write = [])`: sockets to be read or written, and queues that have an item.

import NetScript
import NetSim
import NetStack

extension Bench {
  func select(_ place: Int, _ arguments: Arguments) throws(RuntimeError) -> Outcome {
    let read = arguments[0]
    let write = arguments.named(words.symbol(.write)) ?? arguments[1]
    var interest = Interest()
    if try !collect(read, .read, place, &interest, arguments.span) {
      return .value(errors.value(.EBADF))
    }
    if !write.isNone, try !collect(write, .write, place, &interest, arguments.span) {
      return .value(errors.value(.EBADF))
    }
    releaseSelection(place)
    programs.records[place].selection.read = vm.pin(read)
    if !write.isNone { programs.records[place].selection.write = vm.pin(write) }
    let step = ProgramStep.select(
      queues: interest.queues, read: interest.readers, write: interest.writers,
      timeout: try timeout(arguments))
    return ask(place, step, .select)
  }

  /// What a select is about, in the engine's numbers.
  private struct Interest {
    var readers: [Int32] = []
    var writers: [Int32] = []
    var queues: [Int32] = []
  }

  /// False when one of the sockets is closed.
  private func collect(
    _ list: Value, _ way: Word, _ place: Int, _ interest: inout Interest, _ span: SourceSpan
  ) throws(RuntimeError) -> Bool {
    guard let count = vm.listCount(list) else {
      throw RuntimeError(
        "N422", "`select` takes lists of sockets", at: span, help: "`select([s], write = [t])`")
    }
    for index in 0..<count {
      let element = vm.listElement(list, index)
      if let queue = queue(element), way == .read {
        try requireHost(tree[queue].host, of: queue, place, span)
        interest.queues.append(tree[queue].object)
        continue
      }
      guard let raw = element.asNode, NodeID(rawValue: raw).space == .socket else {
        throw RuntimeError(
          "N422",
          "`select` cannot \(way.rawValue) \(vm.text(element))", at: span,
          help: way == .read ? "sockets and queues can be read" : "sockets can be written to")
      }
      let handle = programs.sockets[NodeID(rawValue: raw).number]
      guard isOpen(handle) else { return false }
      try requireHost(handle.host, of: NodeID(rawValue: raw), place, span)
      if way == .read {
        interest.readers.append(handle.index)
      } else {
        interest.writers.append(handle.index)
      }
    }
    return true
  }

  private func queue(_ value: Value) -> NodeID? {
    guard let raw = value.asNode, NodeID(rawValue: raw).space == .tree,
      tree[NodeID(rawValue: raw)].role == .builtin(.queue)
    else { return nil }
    return NodeID(rawValue: raw)
  }

  /// N460: a task reaches what its own host has.
  func requireHost(
    _ host: Int32, of id: NodeID, _ place: Int, _ span: SourceSpan
  ) throws(RuntimeError) {
    if simulation.tasks[Int(programs.records[place].task)].host == host { return }
    throw RuntimeError(
      "N460", "`\(path(of: id))` belongs to the tasks of another host", at: span,
      help: "what two hosts share goes over a lan")
  }

  // MARK: The result

  /// What is ready now; after a timeout, nothing.
  func selectResult(_ place: Int, isOver: Bool) -> Value {
    simulation.forgetSelect(programs.records[place].task)
    let selection = programs.records[place].selection
    let read = isOver ? [] : ready(in: selection.read) { self.isReadable($0) }
    let write = isOver ? [] : ready(in: selection.write) { self.isWritable($0) }
    releaseSelection(place)
    let readList = vm.makeList(read)
    let writeList = vm.makeList(write)
    return vm.makeRecord(shapes.selection) { fields in
      fields[0] = readList
      fields[1] = writeList
    }
  }

  private func ready(in pin: Int, _ isReady: (Value) -> Bool) -> [Value] {
    guard pin >= 0 else { return [] }
    let list = vm.pinned(pin)
    var found: [Value] = []
    for index in 0..<(vm.listCount(list) ?? 0) {
      let value = vm.listElement(list, index)
      if isReady(value) { found.append(value) }
    }
    return found
  }

  private func isReadable(_ value: Value) -> Bool {
    if let queue = queue(value) {
      return !simulation.queues[Int(tree[queue].object)].items.isEmpty
    }
    guard let handle = handle(value) else { return false }
    return simulation.hosts[Int(handle.stack)].isReadable(handle.index)
  }

  private func isWritable(_ value: Value) -> Bool {
    guard let handle = handle(value) else { return false }
    return simulation.hosts[Int(handle.stack)].isWritable(handle.index)
  }

  private func handle(_ value: Value) -> SocketHandle? {
    guard let raw = value.asNode, NodeID(rawValue: raw).space == .socket else { return nil }
    let handle = programs.sockets[NodeID(rawValue: raw).number]
    return isOpen(handle) ? handle : nil
  }

  func releaseSelection(_ place: Int) {
    let selection = programs.records[place].selection
    if selection.read >= 0 { vm.unpin(selection.read) }
    if selection.write >= 0 { vm.unpin(selection.write) }
    programs.records[place].selection = (-1, -1)
  }
}
