// `drill NAME { file = "x.pkt"; host = …; lan = … }`: a packetdrill script against a host.
//
// A station without a stack sends the script's packets and takes what the host sends; a task on
// the host makes the calls. This is the player: it goes from event to event, each at its time.
// Relative times count from when the event before was through, but a packet of the script's own
// right behind another counts from when that one was due. As in packetdrill, a packet that is
// expected is taken as soon as it comes, and only its time is compared.

import NetScript
import NetSim
import NetStack
import Wire

extension Bench {
  /// What follows from an event is through by then: the largest datagram has crossed the wire.
  private static let settling = TimeSpan.microseconds(1)
  /// Whoever waits for a packet at any time waits so long.
  private static let patience = TimeSpan.seconds(3600)

  /// The player has the CPU.
  func playDrill(_ place: Int) {
    let task = programs.records[place].task
    let number = programs.records[place].drill
    let starts = programs.records[place].starts
    if starts > simulation.now {
      return simulation.submit(.sleep(starts - simulation.now), for: task, &context)
    }
    if programs.drills[number].began == .never { programs.drills[number].began = simulation.now }
    while !programs.drills[number].outcome.isOver {
      if let step = drillStep(number) { return simulation.submit(step, for: task, &context) }
    }
    programs.records[place].isActive = false
    simulation.submit(.end, for: task, &context)
  }

  /// What the player waits for next; nil when it can go on.
  private func drillStep(_ number: Int) -> ProgramStep? {
    guard programs.drills[number].next < programs.drills[number].script.events.count else {
      return drillEnd(number)
    }
    let event = programs.drills[number].script.events[programs.drills[number].next]
    switch programs.drills[number].stage {
    case .fresh:
      if case .unsupported(let what) = event.action {
        programs.drills[number].outcome = .unsupported(what, event.span)
        return nil
      }
      programs.drills[number].stage = drillStage(number, event)
    case .awaiting: return awaitCall(number)
    case .waiting(let due):
      if due > simulation.now { return .sleep(due - simulation.now) }
      if case .call = event.action, isDrillCalling(number) {
        programs.drills[number].stage = .awaiting
        return nil
      }
      act(number, event, due: due)
      programs.drills[number].stage = .settling
      return .sleep(Bench.settling)
    case .settling:
      if case .call = event.action { finishCall(number, event) }
      drillGoesOn(number)
    case .expecting(let from, let to, let limit):
      if matchNext(number, event, from: from, to: to) { return nil }
      if simulation.now >= limit {
        failDrill(number, event.span, "no packet came", expected: event)
        return nil
      }
      return .receive(port: programs.drills[number].port, timeout: limit - simulation.now)
    }
    return nil
  }

  func drillGoesOn(_ number: Int) {
    programs.drills[number].next += 1
    programs.drills[number].stage = .fresh
  }

  // MARK: Times

  /// When an event is due, and how much earlier or later it may come.
  private func drillStage(_ number: Int, _ event: DrillEvent) -> DrillRecord.Stage {
    let drill = programs.drills[number]
    let now = simulation.now
    var isInbound = false
    var isOutbound = false
    if case .packet(let packet) = event.action {
      isInbound = packet.isInbound
      isOutbound = !isInbound
    }
    let origin = isInbound && drill.inboundDue != .never ? drill.inboundDue : now
    var due = now
    var end: Instant?
    switch event.time {
    case .untimed: break
    case .any: end = now + Bench.patience
    case .absolute(let span): due = drill.began + span
    case .relative(let span): due = origin + span
    case .range(let first, let last, let isRelative):
      due = (isRelative ? origin : drill.began) + first
      end = (isRelative ? origin : drill.began) + last
    case .blocking(let first, let until, let isRelative):
      due = (isRelative ? origin : drill.began) + first
      programs.drills[number].call.returnsAt = (isRelative ? origin : drill.began) + until
    }
    let scripted = due - drill.began
    let tolerance = drillTolerance(number, since: drill.scripted, to: scripted)
    programs.drills[number].scripted = scripted
    programs.drills[number].inboundDue = isInbound ? due : .never
    guard isOutbound else { return .waiting(max(due, now)) }
    let isAnyTime = if case .any = event.time { true } else { false }
    let from =
      isAnyTime
      ? drill.began : Instant(nanoseconds: due.nanoseconds - tolerance.nanoseconds)
    let to = (end ?? due) + tolerance
    return .expecting(from: from, to: to, limit: max(to, now))
  }

  /// The larger of the fixed one and a part of the time that has passed by the script.
  func drillTolerance(_ number: Int, since: TimeSpan, to: TimeSpan) -> TimeSpan {
    let options = programs.drills[number].script.options
    let part = max(to - since, .zero).nanoseconds / 10_000 * options.tolerancePart
    return max(options.tolerance, TimeSpan(nanoseconds: part))
  }

  // MARK: Doing

  private func act(_ number: Int, _ event: DrillEvent, due: Instant) {
    switch event.action {
    case .packet(let packet): inject(number, packet, event.span)
    case .call(let call): beginCall(number, call, event)
    case .command(let text): perform(number, command: text, at: event.span)
    case .code(let text): check(number, code: text, at: event.span)
    case .unsupported: break
    }
  }

  /// All events are through: the last call has to return, and nothing may be left over.
  private func drillEnd(_ number: Int) -> ProgramStep? {
    if isDrillCalling(number) { return awaitCall(number) }
    if programs.drills[number].refusesRest, let rest = takeSegment(number) {
      let span = programs.drills[number].script.events.last?.span
      failDrill(
        number, span ?? SourceSpan(file: programs.drills[number].file.id, start: 0, end: 0),
        "a packet that no line expects", actual: rest.packet)
      return nil
    }
    programs.drills[number].outcome = .passed
    return nil
  }

  // MARK: The end

  func failDrill(
    _ number: Int, _ span: SourceSpan, _ title: String, expected event: DrillEvent? = nil,
    actual: DrillPacket? = nil, field: DrillPacketField? = nil
  ) {
    guard !programs.drills[number].outcome.isOver else { return }
    var failure = DrillFailure(
      title: title, span: span, at: simulation.now - programs.drills[number].began)
    if case .packet(let packet)? = event?.action { failure.expected = packet }
    failure.actual = actual
    failure.field = field
    programs.drills[number].outcome = .failed(failure)
  }
}
