// A breakpoint: where it lies, what it asks, how often it was met.
//
// The run halts right behind the event that met it, and in the journal the deed ends there.

import NetScript
import NetSim
import NetStack

struct Breakpoint {
  enum Place {
    /// `on EVENT`.
    case event(Pick)
    /// A condition that becomes true.
    case condition
    /// `change EXPR`: a value that changes.
    case change(Question)
    /// A line of a body.
    case line(SourcePlace)
  }
  var number: Int
  /// As it was typed.
  var text: String
  var place: Place
  /// Of a condition: itself. Else what must hold besides.
  var condition: Question?
  /// So many meetings pass before it stops.
  var passes: Int64 = 0
  var isOnce = false
  /// It has stopped once and is not wanted again: it goes when the deed is over.
  var isOver = false
  var isEnabled = true
  /// What is done when it has stopped.
  var commands: [String] = []
  var hits: Int64 = 0

  /// What was last seen: whether the condition held; the value as text.
  var held: Bool?
  var seen: String?

  /// It must be asked behind each event.
  var looksAtEachEvent: Bool {
    guard isEnabled else { return false }
    switch place {
    case .condition, .change, .line: return true
    case .event: return false
    }
  }
}

/// A breakpoint that has stopped the run.
struct Hit {
  var number: Int
  var commands: [String]
}

extension Bench {
  /// A record, of which a breakpoint may be the one that waits for it.
  func meet(_ record: TraceRecord, _ frame: [UInt8]?, at index: Int) throws(RuntimeError) {
    let point = lookout.breakpoints[index]
    guard point.isEnabled, case .event(let pick) = point.place, pick.covers(record) else { return }
    if let condition = point.condition {
      guard isTrue(condition, of: point, subject(record, frame)) else { return }
    }
    guard count(at: index) else { return }
    var line = line(of: record)
    if let frame { frame.withUnsafeBytes { line = self.line(of: record, frame: $0) } }
    stop(at: index, "on \(pick.text)", [line])
  }

  /// What `e` is: of a frame the frame itself, with its headers' fields; else the event.
  private func subject(_ record: TraceRecord, _ frame: [UInt8]?) -> Value {
    guard let frame else { return eventValue(record) }
    return frame.withUnsafeBytes {
      frameValue($0, at: record.at, number: 0) ?? eventValue(record)
    }
  }

  /// Behind an event: what it has made true, or changed.
  func meetEvent(at index: Int) throws(RuntimeError) {
    let point = lookout.breakpoints[index]
    guard point.isEnabled else { return }
    switch point.place {
    case .event, .line: return
    case .condition:
      guard let condition = point.condition else { return }
      let holds = isTrue(condition, of: point, .none)
      lookout.breakpoints[index].held = holds
      guard holds, point.held == false, count(at: index) else { return }
      stop(at: index, condition.text, [])
    case .change(let question):
      let value = (try? answer(question)).map { vm.text($0) }
      lookout.breakpoints[index].seen = value
      guard let value, let seen = point.seen, value != seen else { return }
      if let condition = point.condition, !isTrue(condition, of: point, .none) { return }
      guard count(at: index) else { return }
      stop(at: index, "\(question.text): \(seen) → \(value), by \(culprit)", [])
    }
  }

  /// Who was at work: the task, or what the hardware did.
  private var culprit: String {
    if let task = lookout.lastTaker ?? lookout.lastTask, task >= 0 { return taskName(task) }
    guard let event = lookout.event else { return "a hook" }
    let line = line(of: event, at: simulation.now)
    return line.word + (line.who.isEmpty ? "" : " of " + line.who)
  }

  /// A condition that cannot be asked stops the run: it says why.
  func isTrue(_ condition: Question, of point: Breakpoint, _ event: Value) -> Bool {
    let pin = event.livesInHeap ? vm.pin(event) : -1
    defer { if pin >= 0 { vm.unpin(pin) } }
    do throws(RuntimeError) {
      let value = try answer(condition, event)
      if let truth = value.asBool { return truth }
      complain(of: point, "\(vm.text(value)) is neither true nor false")
    } catch {
      complain(of: point, error.title)
    }
    return false
  }

  private func complain(of point: Breakpoint, _ why: String) {
    lookout.tell("breakpoint \(point.number) cannot be asked: \(why)", .bad)
    isHalted = true
  }

  /// Whether it is the meeting that stops.
  func count(at index: Int) -> Bool {
    lookout.breakpoints[index].hits += 1
    return lookout.breakpoints[index].hits > lookout.breakpoints[index].passes
  }

  func stop(at index: Int, _ why: String, _ lines: [EventLine]) {
    let point = lookout.breakpoints[index]
    lookout.tell("breakpoint \(point.number): \(why)", .stop)
    for line in lines where !lookout.isStepping { lookout.tell(line.text, line.tone) }
    lookout.hits.append(Hit(number: point.number, commands: point.commands))
    if point.isOnce {
      (lookout.breakpoints[index].isOver, lookout.breakpoints[index].isEnabled) = (true, false)
    }
    isHalted = true
  }
}
