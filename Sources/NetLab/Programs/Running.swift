// A program has the CPU: its fiber gets the result of its last call and runs to the next one.

import NetScript
import NetSim
import NetStack
import Wire

extension Bench {
  /// Answers `.program(task)` of the simulation.
  func resumeProgram(_ task: Int32) throws(RuntimeError) {
    let place = Int(programs.places[Int(task)]) - 1
    precondition(place >= 0, "a program that the bench does not know")
    try askMonitor(1)
    try countStandstill(place)
    if programs.records[place].replay >= 0 {
      return programs.records[place].isStopping ? endReplay(place) : playOn(place)
    }
    if programs.records[place].drill >= 0 {
      return programs.records[place].makesDrillCalls ? resumeDrillCaller(place) : playDrill(place)
    }
    if programs.records[place].isStopping || programs.records[place].isClosing {
      return endProgram(place)
    }
    if case .some = programs.records[place].deferred { return submitDeferred(place) }
    let fiber: Unmanaged<Fiber>
    var value = Value.none
    if let known = self.fiber(of: place) {
      fiber = known
      if witness != nil { witnessResult(task: task) }
      let result = simulation.tasks[Int(task)].result
      switch programs.records[place].form {
      case .frame:
        guard let frame = try received(place, isOver: result != .none) else { return }
        value = frame
      case .sending:
        guard let outcome = try sent(place, isOver: result != .none) else { return }
        value = outcome
      case .data:
        if case .octets(let count) = result {
          value = .data(octets: Int64(count))
        } else {
          value = try self.result(of: place, result)
        }
      default: value = try self.result(of: place, result)
      }
    } else {
      let starts = programs.records[place].starts
      if starts > simulation.now {
        return simulation.submit(.sleep(starts - simulation.now), for: task, &context)
      }
      let fresh = try vm.spawn(vm.pinned(programs.records[place].main))
      programs.records[place].fiber = fresh
      fiber = .passUnretained(fresh)
    }
    let progress = run(fiber, of: place, with: value)
    switch progress {
    case .suspended:
      precondition(
        simulation.tasks[Int(task)].state != .program, "a program that waits for nothing")
    case .done:
      programs.records[place].fiber = nil
      programs.records[place].isActive = false
      endProgram(place)
    case .failed(let fault): throw fault
    }
  }

  /// The record holds it meanwhile.
  @inline(__always)
  private func fiber(of place: Int) -> Unmanaged<Fiber>? {
    guard let fiber = programs.records[place].fiber else { return nil }
    return .passUnretained(fiber)
  }

  /// One turn: up to the next call that waits, and no more steps than may pass without time (N401).
  @inline(__always)
  private func run(_ fiber: Unmanaged<Fiber>, of place: Int, with value: Value) -> Progress {
    let before = activity
    activity = .task
    programs.current = place
    let spared = vm.setAside(beyond: Int(plan.limits.standstill))
    let progress = fiber._withUnsafeGuaranteedRef { vm.resume($0, with: value, for: self) }
    vm.giveBack(spared)
    programs.current = -1
    activity = before
    scriptRan()
    if spared > 0, case .failed(let fault) = progress, fault.code == FaultCode.steps {
      return .failed(endlessTurn(place, at: fault.span))
    }
    return progress
  }

  /// The task has paid its own `cost`.
  @inline(never)
  private func submitDeferred(_ place: Int) {
    guard let deferred = programs.records[place].deferred else { return }
    let task = programs.records[place].task
    programs.records[place].deferred = nil
    if witness != nil { witnessCall(deferred, task: task) }
    simulation.submit(deferred, for: task, &context)
  }

  private func endlessTurn(_ place: Int, at span: SourceSpan?) -> RuntimeError {
    let steps = Spelling.grouped(plan.limits.standstill)
    // A loop's steps run out at its condition.
    var help = "`sleep(…)` in it, or `wait(fn() => …)`"
    if let span, case let text = program.files[span.file].text(span), text != "true" {
      let until = text.hasPrefix("not ") ? String(text.dropFirst(4)) : "not (\(text))"
      help = "`wait(fn() => \(until))`, or `sleep(…)` in it"
    }
    return RuntimeError(
      "N401",
      "time stands still: task `\(path(of: programs.records[place].node))` ran \(steps) steps at "
        + moment(simulation.now), at: span, label: "nothing in this loop takes time", help: help,
      isLimit: true)
  }

  /// N401: the same instant, a million turns.
  @inline(__always)
  private func countStandstill(_ place: Int) throws(RuntimeError) {
    if programs.lastInstant != simulation.now {
      programs.lastInstant = simulation.now
      programs.stepsAtInstant = 0
    }
    programs.stepsAtInstant += 1
    if programs.stepsAtInstant > plan.limits.standstill { throw standstill(place) }
  }

  @inline(never)
  private func standstill(_ place: Int) -> RuntimeError {
    RuntimeError(
      "N401", "time stands still: task `\(path(of: programs.records[place].node))` goes on and on",
      at: tree[programs.records[place].node].span, help: "`sleep(…)` somewhere in its loop",
      isLimit: true)
  }

  // MARK: Results

  private func result(of place: Int, _ result: CallResult) throws(RuntimeError) -> Value {
    switch result {
    case .none: return finished(place)
    case .error(let error): return failure(of: place, error)
    case .octets(let count):
      if programs.records[place].form == .line { return line(of: place) }
      return .data(octets: Int64(count))
    case .socket(let index): return newSocket(place, index)
    case .datagram(let count, let from, let port):
      // `read` tells how much; only `recvfrom` asks from whom.
      if programs.records[place].form == .data { return .data(octets: Int64(count)) }
      return datagram(count, from, port)
    case .option(let value): return optionValue(programs.records[place].askedOption, value)
    case .ready: return selectResult(place, isOver: false)
    case .panic(let panic):
      let host = stations.records[Int(simulation.tasks[Int(programs.records[place].task)].host)]
      throw RuntimeError(
        "N412", "the kernel of `\(path(of: host.node))` panics: \(panic.text)",
        at: tree[programs.records[place].node].span)
    }
  }

  /// What a call that ended in an error gives. Where that is no error to the script, nobody hears
  /// of one.
  private func failure(of place: Int, _ error: SocketError) -> Value {
    let task = programs.records[place].task
    var told = error
    switch programs.records[place].form {
    case .wait:
      cancelCondition(task: task)
      return .bool(false)
    case .select: return selectResult(place, isOver: true)
    case .offer: dropItem(of: place)
    case .buffer: told = .ENOBUFS
    default: break
    }
    reportError(told, task: task)
    return errors.value(told)
  }

  /// `<task>.error`, for whoever listens.
  func reportError(_ error: SocketError, task: Int32) {
    guard context.isWanted(.taskError) else { return }
    context.enter(host: simulation.tasks[Int(task)].host, task: task, at: simulation.now)
    context.report(.taskError, task, Int64(error.rawValue))
  }

  /// A step that says no more than that it is done.
  private func finished(_ place: Int) -> Value {
    switch programs.records[place].form {
    case .wait: return .bool(true)
    case .item:
      let task = programs.records[place].task
      let value = value(ofItem: simulation.takeItem(of: task))
      moveBuffers(in: value, owner: task)
      return value
    case .buffer: return grantedBuffer(place)
    case .offer:
      dropItem(of: place)
      return .none
    default: return .none
    }
  }

  /// A line without its end; `none` at the end of the stream.
  private func line(of place: Int) -> Value {
    var octets = simulation.text(of: programs.records[place].task)[...]
    if octets.isEmpty { return .none }
    if octets.last == UInt8(ascii: "\n") { octets.removeLast() }
    if octets.last == UInt8(ascii: "\r") { octets.removeLast() }
    return vm.makeString(String(decoding: octets, as: UTF8.self))
  }

  private func newSocket(_ place: Int, _ index: Int32) -> Value {
    let host = simulation.tasks[Int(programs.records[place].task)].host
    let stack = stations.records[Int(host)].stack
    let kind = programs.records[place].socketKind
    return makeHandle(host: host, stack: stack, index: index, kind: kind).value
  }

  private func makeHandle(host: Int32, stack: Int32, index: Int32, kind: SocketKind) -> NodeID {
    let generation = simulation.hosts[Int(stack)].socket(index).generation
    programs.sockets.append(
      SocketHandle(host: host, stack: stack, index: index, generation: generation, kind: kind))
    return NodeID(.socket, programs.sockets.count - 1)
  }

  /// The handle of a kernel socket, for paths that name one.
  func socketNode(host: Int32, stack: Int32, index: Int32) -> Value {
    let generation = simulation.hosts[Int(stack)].socket(index).generation
    for number in programs.sockets.indices.reversed() {
      let handle = programs.sockets[number]
      if handle.stack == stack, handle.index == index, handle.generation == generation {
        return NodeID(.socket, number).value
      }
    }
    let kind = simulation.hosts[Int(stack)].socket(index).kind
    return makeHandle(host: host, stack: stack, index: index, kind: kind).value
  }

  private func datagram(_ count: Int32, _ from: IPv4Address, _ port: UInt16) -> Value {
    let sender = hostNode(from)
    return vm.makeRecord(shapes.datagram) { fields in
      fields[0] = .data(octets: Int64(count))
      fields[1] = sender
      fields[2] = .int(Int64(port))
    }
  }

  // MARK: Starting and stopping

  /// A task's program, or those of all tasks below an instance.
  private func programs(below id: NodeID) -> [Int] {
    if tree[id].role == .builtin(.task) || tree[id].role == .builtin(.replay) {
      let task = Int(tree[id].object)
      guard task >= 0, task < programs.places.count, programs.places[task] > 0 else { return [] }
      return [Int(programs.places[task]) - 1]
    }
    var found: [Int] = []
    for child in tree[id].children { found += programs(below: child) }
    return found
  }

  func isActive(_ id: NodeID) -> Bool {
    programs(below: id).contains { programs.records[$0].isActive }
  }

  func setActive(_ id: NodeID, _ active: Bool) {
    for place in programs(below: id) {
      if active { startProgram(place) } else { stopProgram(place) }
    }
  }

  func setCost(_ id: NodeID, _ cost: TimeSpan) {
    for place in programs(below: id) { programs.records[place].cost = cost }
  }

  private func startProgram(_ place: Int) {
    if programs.records[place].isActive { return }
    programs.records[place].isActive = true
    programs.records[place].starts = .zero
    if programs.records[place].isStopping || programs.records[place].isClosing {
      programs.records[place].startsAgain = true
      return
    }
    simulation.start(programs.records[place].task)
  }

  private func stopProgram(_ place: Int) {
    guard programs.records[place].isActive else { return }
    programs.records[place].isActive = false
    programs.records[place].startsAgain = false
    // Left alone it would end what the task waits for after the next `start()`.
    cancelCondition(task: programs.records[place].task)
    guard simulation.tasks[Int(programs.records[place].task)].state != .dormant else { return }
    // It ends when it next would run; a wait that can be ended, is.
    programs.records[place].isStopping = true
    _ = simulation.interrupt(programs.records[place].task, &context)
  }

  /// The end of `main`, or of a task that was stopped: what is left of it is what stays with it.
  private func endProgram(_ place: Int) {
    if let fiber = programs.records[place].fiber { vm.drop(fiber) }
    programs.records[place].fiber = nil
    programs.records[place].deferred = nil
    programs.records[place].form = .none
    let task = programs.records[place].task
    cancelCondition(task: task)
    simulation.forgetSelect(task)
    releaseSelection(place)
    dropItem(of: place)
    endReception(place)
    endTransmission(place)
    if closesNext(place) { return }
    programs.records[place].isStopping = false
    simulation.submit(.end, for: task, &context)
    if programs.records[place].startsAgain {
      programs.records[place].startsAgain = false
      simulation.start(task)
    }
  }

  /// `exit_closes`: one close after the other, in the task's own time, before it ends.
  private func closesNext(_ place: Int) -> Bool {
    let task = programs.records[place].task
    let station = stations.records[Int(simulation.tasks[Int(task)].host)]
    guard station.stack >= 0, flag(station.node, .exitCloses) else { return false }
    let stack = simulation.hosts[Int(station.stack)]
    for index in 0..<stack.socketCount {
      let socket = stack.socket(index)
      guard socket.owner == task, stack.isOpen(index, generation: socket.generation) else {
        continue
      }
      programs.records[place].isClosing = true
      let close = ProgramStep.call(.close(index), timeout: nil)
      if witness != nil { witnessCall(close, task: task) }
      simulation.submit(close, for: task, &context)
      return true
    }
    programs.records[place].isClosing = false
    return false
  }

  /// The judge found the condition of a `wait` true.
  func conditionHolds(task: Int32) {
    simulation.wakeProgram(task, &context)
  }
}
