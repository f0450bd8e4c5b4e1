// Socket calls of a packetdrill script: made by a task on the host, results compared.
//
// A call without a second time returns at once, or the script fails. One with two times blocks a
// task of its own; the next call waits for it, as in packetdrill.

import NetScript
import NetSim
import NetStack
import Wire

/// What a call came to.
struct DrillReturn {
  var value: Int64
  var error: SocketError?
  /// What it wrote where its argument points.
  var out: Int64?

  static func value(_ value: Int64) -> DrillReturn { DrillReturn(value: value) }
  static func error(_ error: SocketError) -> DrillReturn { DrillReturn(value: -1, error: error) }

  init(value: Int64, error: SocketError? = nil, out: Int64? = nil) {
    self.value = value
    self.error = error
    self.out = out
  }
}

/// How a call is made.
enum DrillDeed {
  case engine(ProgramStep)
  /// The kernel need not be asked.
  case answer(DrillReturn)
  case unsupported(String)
}

extension Bench {
  func isDrillCalling(_ number: Int) -> Bool {
    let state = programs.drills[number].call.state
    return state != .none && state != .returned
  }

  /// Hands a call to the task that makes it.
  func beginCall(_ number: Int, _ call: DrillCall, _ event: DrillEvent) {
    let isBlocking = if case .blocking = event.time { true } else { false }
    programs.drills[number].call.event = programs.drills[number].next
    programs.drills[number].call.isBlocking = isBlocking
    programs.drills[number].call.began = simulation.now
    programs.drills[number].call.isAwaited = false
    noteConnection(number, call)
    switch deed(number, call) {
    case .engine(let step):
      programs.drills[number].call.state = .posted
      programs.drills[number].call.step = step
      simulation.wakeProgram(programs.drills[number].caller, &context)
    case .answer(let result):
      programs.drills[number].call.state = .returned
      judge(number, result)
    case .unsupported(let what):
      programs.drills[number].outcome = .unsupported(what, event.span)
    }
  }

  /// A moment later: only a call with two times may still be under way.
  func finishCall(_ number: Int, _ event: DrillEvent) {
    guard isDrillCalling(number), !programs.drills[number].call.isBlocking else { return }
    failDrill(number, event.span, "the call blocks")
  }

  /// The player waits until the call before has returned, no longer than the script allows.
  func awaitCall(_ number: Int) -> ProgramStep? {
    guard isDrillCalling(number) else {
      programs.drills[number].call.isAwaited = false
      if programs.drills[number].next < programs.drills[number].script.events.count {
        programs.drills[number].stage = .waiting(simulation.now)
      }
      return nil
    }
    let call = programs.drills[number].call
    let limit = call.returnsAt + drillTolerance(number, ofCall: call)
    guard simulation.now < limit else {
      let span = programs.drills[number].script.events[call.event].span
      failDrill(number, span, "the call has not returned")
      return nil
    }
    programs.drills[number].call.isAwaited = true
    return .block(timeout: limit - simulation.now)
  }

  /// The calling task has the CPU.
  func resumeDrillCaller(_ place: Int) {
    let task = programs.records[place].task
    let number = programs.records[place].drill
    let state = programs.drills[number].call.state
    if state == .submitted { returned(number, simulation.tasks[Int(task)].result) }
    if let step = programs.drills[number].call.step {
      programs.drills[number].call.step = nil
      programs.drills[number].call.state = state == .posted ? .submitted : .following
      return simulation.submit(step, for: task, &context)
    }
    if state != .none {
      programs.drills[number].call.state = .returned
      if programs.drills[number].call.isAwaited {
        simulation.wakeProgram(programs.drills[number].player, &context)
      }
    }
    simulation.submit(.block(timeout: nil), for: task, &context)
  }

  /// How far from its time a call that blocks may return.
  private func drillTolerance(_ number: Int, ofCall call: DrillPendingCall) -> TimeSpan {
    let began = programs.drills[number].began
    return drillTolerance(number, since: call.began - began, to: call.returnsAt - began)
  }

  // MARK: Results

  private func returned(_ number: Int, _ result: CallResult) {
    let drill = programs.drills[number]
    let event = drill.script.events[drill.call.event]
    guard case .call(let call) = event.action else { return }
    switch result {
    case .none: judge(number, .value(0))
    // Of a poll, that its time is over.
    case .error where call.name == "poll": judge(number, pollResult(number, call))
    case .error(let error): judge(number, .error(error))
    case .octets(let count):
      noteOctets(number, call, count)
      judge(number, .value(Int64(count)))
    case .datagram(let count, _, _): judge(number, .value(Int64(count)))
    case .socket(let socket): opened(number, call, socket)
    case .option(let value): judge(number, DrillReturn(value: 0, out: value))
    case .ready: judge(number, pollResult(number, call))
    case .panic(let panic): failDrill(number, event.span, "the kernel panics: \(panic.text)")
    }
    guard drill.call.isBlocking else { return }
    let tolerance = drillTolerance(number, ofCall: drill.call)
    let (now, due) = (simulation.now, drill.call.returnsAt)
    if now + tolerance < due || now > due + tolerance {
      failDrill(
        number, event.span, now < due ? "the call returns too early" : "the call returns too late")
    }
  }

  /// A socket goes by the script's number from now on; that it is one is all that is compared.
  private func opened(_ number: Int, _ call: DrillCall, _ socket: Int32) {
    guard case .integer(let name)? = call.result, name >= 0 else {
      return judge(number, .value(Int64(socket)))
    }
    programs.drills[number].descriptors.removeAll { $0.script == name }
    programs.drills[number].descriptors.append(DrillDescriptor(script: name, socket: socket))
    // SOCK_NONBLOCK, which BSD's socket and accept learnt late: a call more.
    guard call.arguments.contains(where: { $0.names.contains("SOCK_NONBLOCK") }) else { return }
    programs.drills[number].descriptors[programs.drills[number].descriptors.count - 1]
      .isNonblocking = true
    programs.drills[number].call.step = .call(.setOption(socket, .nonblocking, 1), timeout: nil)
  }

  private func noteOctets(_ number: Int, _ call: DrillCall, _ count: Int32) {
    guard case .integer(let name)? = call.arguments.first,
      let place = programs.drills[number].descriptors.firstIndex(where: { $0.script == name })
    else { return }
    let socket = programs.drills[number].descriptors[place].socket
    let stack = Int(programs.drills[number].stack)
    if simulation.hosts[stack].socket(socket).damagedOctets > 0 {
      let event = programs.drills[number].script.events[programs.drills[number].call.event]
      failDrill(number, event.span, "the octets that were read are not those that came")
    }
  }

  /// Compares what a call came to.
  private func judge(_ number: Int, _ result: DrillReturn) {
    let event = programs.drills[number].script.events[programs.drills[number].call.event]
    guard case .call(let call) = event.action else { return }
    let found = result.error.map { "-1 \($0.name)" } ?? "\(result.value)"
    if let wanted = call.result, case .integer(let value) = wanted {
      let error = call.error.map(Bench.errorName)
      if value != result.value || (error != nil && error != result.error?.name) {
        let expected = call.error.map { "\(value) \($0)" } ?? "\(value)"
        return failDrill(
          number, call.resultSpan ?? event.span, "`\(call.name)` returned \(found), not \(expected)"
        )
      }
    } else if let wanted = call.result, let value = DrillConstants.value(of: wanted),
      value != result.value
    {
      return failDrill(
        number, call.resultSpan ?? event.span, "`\(call.name)` returned \(found), not \(value)")
    }
    if let out = result.out, result.error == nil { judge(number, call, event, out: out) }
  }

  /// Two names for one number.
  private static func errorName(_ name: String) -> String {
    name == "EWOULDBLOCK" ? "EAGAIN" : name
  }

  /// getsockopt: what it wrote.
  private func judge(_ number: Int, _ call: DrillCall, _ event: DrillEvent, out: Int64) {
    guard call.name == "getsockopt", call.arguments.count > 3 else { return }
    let option = call.arguments[2].names.first ?? ""
    guard let wanted = DrillConstants.option(option, value: call.arguments[3]) else { return }
    if wanted == out { return }
    let span = call.argumentSpans.count > 3 ? call.argumentSpans[3] : event.span
    failDrill(
      number, span,
      "`\(option)` is \(DrillConstants.text(out, of: option)), "
        + "not \(DrillConstants.text(wanted, of: option))")
  }
}
