// Lines of the bodies that tasks, policies and hooks run: breakpoints on them, steps through them.
//
// Between two calls a body takes no simulated time and the world has no name for a place in it. So
// a line that is met is told with whoever ran it, and the run halts where that stretch is over:
// behind the event of a policy or a hook, behind the next one of a task.

import NetScript
import NetSim
import NetStack

/// A line of a file.
struct SourcePlace: Equatable {
  var file: SourceFileID
  var line: Int
}

/// A line that was run.
struct PassedLine {
  var place: SourcePlace
  var task: Int32?
  var activity: Activity
  /// Of a breakpoint's line: variables as they are where it begins.
  var locals: [String] = []
}

/// Whose lines somebody steps through.
struct LineStep {
  /// nil for everybody's.
  var tasks: [Int32]?
}

extension Bench {
  /// Where a breakpoint on a line lies: the first line from there on that has code of a body.
  func sourcePlace(_ file: String?, _ line: Int) throws(RuntimeError) -> SourcePlace {
    var source = program.files[program.root.span.file]
    if let file {
      guard let named = program.files.files.first(where: { isFile($0.name, file) }) else {
        throw RuntimeError("N201", "there is no file `\(file)` in this run")
      }
      source = named
    }
    guard let found = vm.linesOfBodies(in: source.id).first(where: { $0 >= line }) else {
      throw RuntimeError(
        "N201", "no body of a task, a policy or a hook has code at `\(source.name)` line \(line)")
    }
    return SourcePlace(file: source.id, line: found)
  }

  private func isFile(_ name: String, _ typed: String) -> Bool {
    name == typed || name.hasSuffix("/" + typed)
  }

  /// Lets the machine tell of the lines that somebody waits for.
  func watchLines() {
    var places: [SourcePlace] = []
    for point in lookout.breakpoints where point.isEnabled {
      if case .line(let place) = point.place { places.append(place) }
    }
    let isStep = lookout.lineStep != nil
    guard !lookout.isQuiet, isStep || !places.isEmpty else { return vm.unwatchLines() }
    let files = program.files
    vm.watchLines { file, line in
      isStep && !files[file].name.hasPrefix("std/")
        || places.contains(SourcePlace(file: file, line: line))
    }
  }

  /// The machine runs a line that is watched.
  func notePassed(_ span: SourceSpan, _ locals: LocalValues) {
    switch activity {
    case .script, .variant, .kind, .predicate: return
    case .task, .policy, .fault, .observer: break
    }
    var task: Int32?
    if activity == .task, programs.current >= 0 { task = programs.records[programs.current].task }
    if activity == .policy, context.task >= 0 { task = context.task }
    var one = PassedLine(
      place: SourcePlace(file: span.file, line: line(of: span)), task: task, activity: activity)
    let isAsked = lookout.breakpoints.contains {
      if case .line(let place) = $0.place { return $0.isEnabled && place == one.place }
      return false
    }
    if isAsked { one.locals = locals.texts }
    lookout.passed.append(one)
  }

  /// The stretch of code is over in which lines were met.
  func attendLines() throws(RuntimeError) {
    let passed = lookout.passed
    lookout.passed = []
    for one in passed {
      if let step = lookout.lineStep, isStep(step, for: one) {
        lookout.tell(line(of: one))
        isHalted = true
      }
      for index in lookout.breakpoints.indices { meet(one, at: index) }
    }
  }

  private func isStep(_ step: LineStep, for one: PassedLine) -> Bool {
    guard let tasks = step.tasks else { return true }
    return one.task.map { tasks.contains($0) } ?? false
  }

  private func meet(_ one: PassedLine, at index: Int) {
    let point = lookout.breakpoints[index]
    guard point.isEnabled, case .line(let place) = point.place, place == one.place else { return }
    if let condition = point.condition, !isTrue(condition, of: point, .none) { return }
    guard count(at: index) else { return }
    stop(at: index, point.text, lookout.lineStep == nil ? [line(of: one)] : [])
    for line in Self.joined(one.locals) { lookout.tell(line, .event) }
  }

  /// As many as fit side by side in lines of 80 columns.
  private static func joined(_ texts: [String]) -> [String] {
    let (indent, columns) = (String(repeating: " ", count: 14), 80)
    var lines: [String] = []
    for text in texts {
      let room = columns - indent.count
      let text = text.count > room ? text.prefix(room - 1) + "…" : text
      if let last = lines.last, last.count + 3 + text.count <= columns {
        lines[lines.count - 1] += " · " + text
      } else {
        lines.append(indent + text)
      }
    }
    return lines
  }

  /// `ftp.writer[1]  baseline.ns:33  let n = s.write(300B)`.
  private func line(of one: PassedLine) -> EventLine {
    let file = program.files[one.place.file]
    var who = one.task.map { taskName($0) } ?? ""
    if one.activity == .observer { who = "a hook" }
    if one.activity == .fault { who = "a fault point" }
    if one.activity == .policy { who = who.isEmpty ? "a policy" : "policy for " + who }
    let code = ClauseScanner.trimmed(file.text(file.lineRange(one.place.line))[...])
    return EventLine(
      at: moment(simulation.now), word: "line", who: who, what: "\(one.place.line)  \(code)")
  }
}

extension Workbench {
  /// `:line [TASK]`: to the next line of a body, or of one task's.
  public func nextLine(_ argument: String) -> Reply {
    var step = LineStep()
    if !argument.isEmpty {
      do throws(RuntimeError) {
        step.tasks = try bench.tasks(named: argument)
      } catch { return .refused(error) }
    }
    bench.lookout.lineStep = step
    bench.arm()
    defer {
      bench.lookout.lineStep = nil
      bench.arm()
    }
    let reply = type("step \(Self.eventsToNextLine)")
    guard reply.stop == .done, !reply.isMistake else { return reply }
    _ = undo()
    return .refused(
      "no line of \(argument.isEmpty ? "a body" : "`\(argument)`") is run in the next"
        + " \(Spelling.grouped(Self.eventsToNextLine)) events; the world stands where it stood")
  }

  private static let eventsToNextLine: Int64 = 1_000_000
}

extension Bench {
  /// The tasks of a task, of an instance, of a host.
  fileprivate func tasks(named text: String) throws(RuntimeError) -> [Int32] {
    let place = try node(named: text)
    var found: [Int32] = []
    for (task, node) in stations.tasks.enumerated() {
      var at = node
      while at != .none && at != place { at = tree.owner(of: at) }
      if at == place { found.append(Int32(task)) }
    }
    guard !found.isEmpty else { throw RuntimeError("N201", "`\(text)` has no tasks") }
    return found
  }
}
