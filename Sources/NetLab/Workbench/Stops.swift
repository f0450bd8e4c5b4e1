// `:break`, `:trace`, `:every`, `:events`: what is typed, and what the lookout makes of it.

import NetScript
import NetSim
import NetStack

extension Reply {
  static func said(_ lines: [String]) -> Reply {
    var reply = Reply()
    reply.lines = lines
    return reply
  }

  static func refused(_ error: RuntimeError) -> Reply {
    refused(error.title + (error.help.map { "; " + $0 } ?? ""))
  }
}

extension Workbench {
  /// Whoever hears lines as they come; without one they are collected in replies.
  public var audience: (any Audience)? {
    get { bench.lookout.audience }
    set { bench.lookout.audience = newValue }
  }

  /// Another bench has taken the place of the one that was looked at: what was asked there is
  /// compiled anew here. What makes no sense here any more is told, and is over.
  func take(over old: Lookout) {
    let new = bench.lookout
    if old === new { return }
    (new.audience, new.unheard) = (old.audience, old.unheard)
    (new.breakpoints, new.traces, new.everies, new.live) = ([], [], [], nil)
    for point in old.breakpoints {
      new.breakpointCount = point.number - 1
      if let note = breakpoint(point.text).note {
        new.tell("breakpoint \(point.number) is gone: \(note)", .bad)
      } else if let last = new.breakpoints.indices.last,
        new.breakpoints[last].number == point.number
      {
        new.breakpoints[last].hits = point.hits
        new.breakpoints[last].isEnabled = point.isEnabled
      }
    }
    new.breakpointCount = old.breakpointCount
    for one in old.traces {
      _ = trace(one.pick.text + (one.pick.condition.map { " if " + $0.text } ?? ""))
    }
    for one in old.everies { _ = every("\(one.interval.nanoseconds)ns \(one.question.text)") }
    if let live = old.live {
      _ = plot("live " + live.questions.map { $0.text }.joined(separator: ", "))
    }
    bench.arm()
  }

  // MARK: Breakpoints

  /// `:break …`; alone it lists them.
  public func breakpoint(_ argument: String) -> Reply {
    let words = argument.split(separator: " ").map { String($0) }
    guard let first = words.first else { return .said(breakpointLines) }
    if ["delete", "disable", "enable"].contains(first), words.count <= 2 {
      return change(first, words.count > 1 ? words[1] : "")
    }
    var why = ""
    guard let text = BreakpointText(argument, why: &why) else { return .refused(why) }
    var point = Breakpoint(
      number: bench.lookout.breakpointCount + 1, text: argument, place: .condition)
    point.passes = text.passes
    point.isOnce = text.isOnce
    point.commands = text.commands
    if let mistake = place(text, &point) { return mistake }
    bench.lookout.breakpointCount += 1
    bench.lookout.breakpoints.append(point)
    bench.arm()
    return .said(["breakpoint \(point.number): \(argument)"])
  }

  /// A reply when it cannot be placed.
  private func place(_ text: BreakpointText, _ point: inout Breakpoint) -> Reply? {
    let name = "breakpoint \(point.number)"
    if let condition = text.condition {
      switch question(condition, name) {
      case .failure(let mistake): return mistake
      case .success(let question): point.condition = question
      }
    }
    switch text.subject {
    case .event(let event):
      do throws(RuntimeError) {
        point.place = .event(try bench.pick(event))
      } catch { return .refused(error) }
    case .condition(let condition):
      switch question(condition, name) {
      case .failure(let mistake): return mistake
      case .success(let question): point.condition = question
      }
      do throws(RuntimeError) {
        guard let condition = point.condition, case let value = try bench.answer(condition),
          value.asBool != nil
        else {
          return .refused("`\(condition)` is neither true nor false")
        }
      } catch { return .refused(error) }
    case .change(let value):
      switch question(value, name) {
      case .failure(let mistake): return mistake
      case .success(let question): point.place = .change(question)
      }
    case .line(let file, let line):
      do throws(RuntimeError) {
        point.place = .line(try bench.sourcePlace(file, line))
      } catch { return .refused(error) }
    }
    return nil
  }

  private var breakpointLines: [String] {
    if bench.lookout.breakpoints.isEmpty { return ["no breakpoints"] }
    return bench.lookout.breakpoints.map { point in
      let state = point.isEnabled ? "" : ", disabled"
      let met = point.hits == 1 ? "met once" : "met \(point.hits) times"
      return "\(point.number)  \(met)\(state)  \(point.text)"
    }
  }

  /// `delete 2`, `disable 2`, `enable 2`; without a number all.
  private func change(_ word: String, _ which: String) -> Reply {
    let numbers = bench.lookout.breakpoints.map { $0.number }
    let number = Int(which)
    guard which.isEmpty || which == "all" || number.map({ numbers.contains($0) }) == true else {
      return .refused("there is no breakpoint `\(which)`; `:break` lists them")
    }
    func isMeant(_ point: Breakpoint) -> Bool { number == nil || point.number == number }
    if word == "delete" {
      bench.lookout.breakpoints.removeAll(where: isMeant)
    } else {
      for index in bench.lookout.breakpoints.indices
      where isMeant(bench.lookout.breakpoints[index]) {
        bench.lookout.breakpoints[index].isEnabled = word == "enable"
      }
    }
    bench.arm()
    return .said(breakpointLines)
  }

  // MARK: Questions

  enum Asked {
    case success(Question)
    case failure(Reply)
  }

  /// An expression over `e` and the world that changes nothing.
  func question(_ text: String, _ name: String) -> Asked {
    switch session.add(
      question: Array(text.utf8), named: name, of: "e", after: names, to: bench.vm)
    {
    case .mistakes(let mistakes):
      var reply = Reply()
      reply.diagnostics = mistakes
      return .failure(reply)
    case .line(let line):
      let mistakes = bench.mistakes(in: line.paths)
      if !mistakes.isEmpty {
        var reply = Reply()
        reply.diagnostics = mistakes
        return .failure(reply)
      }
      guard bench.isLook(.line(text, line)) else {
        return .failure(.refused("`\(text)` may change something, and who looks must not"))
      }
      return .success(Question(text: text, main: line.main))
    }
  }

  // MARK: Traces

  /// `:trace [GLOB] [if EXPR]`, `:trace off`.
  public func trace(_ argument: String) -> Reply {
    if argument == "off" {
      bench.lookout.traces = []
      bench.arm()
      return .said(["nothing is traced"])
    }
    var words = ClauseScanner(argument)
    let place = words.take(until: ["if"])
    var condition: Question?
    if words.clause == "if" {
      switch question(words.take(until: []), "trace") {
      case .failure(let mistake): return mistake
      case .success(let question): condition = question
      }
    }
    do throws(RuntimeError) {
      var pick = try bench.pick(place)
      pick.condition = condition
      bench.lookout.traces.append(Trace(pick: pick))
      bench.arm()
      return .said(["traces \(pick.text == "*" ? "everything" : pick.text); `:trace off` ends it"])
    } catch { return .refused(error) }
  }

  // MARK: Events

  /// `:events [GLOB]`: what has just happened, and what is to come.
  public func events(_ argument: String) -> Reply {
    let pick: Pick
    do throws(RuntimeError) { pick = try bench.pick(argument) } catch { return .refused(error) }
    var lines = recall(pick, 10).map { $0.text }
    if lines.isEmpty { lines = ["  nothing has happened"] }
    lines.append("  — \(bench.moment(moment.now)), event \(Spelling.grouped(moment.event)) —")
    var ahead: [String] = []
    for (at, event) in bench.simulation.upcoming(pick.isAll ? 10 : 1000)
    where bench.isOf(pick, event) && ahead.count < 10 {
      ahead.append(bench.line(ahead: event, at: at).text)
    }
    return .said(lines + (ahead.isEmpty ? ["  nothing is scheduled"] : ahead))
  }

  /// The last lines, told by doing again what led here.
  ///
  /// - Parameter events: how far back to look.
  func recall(_ pick: Pick, _ count: Int, events: Int64? = nil) -> [EventLine] {
    let reach = events ?? (pick.isAll ? Int64(count) : 20_000)
    let from = max(moment.event - reach, 0)
    guard moment.event > 0, !journal.entries.isEmpty else { return [] }
    bench.lookout.recalled = []
    bench.lookout.recall = (pick, from)
    stand(at: Way(journal: journal), from: kept(before: from), isFirm: true)
    bench.lookout.recall = nil
    return Array(bench.lookout.recalled.suffix(count))
  }

  /// A moment to begin from, so that all behind an event happens again.
  private func kept(before event: Int64) -> (kept: Kept, complete: Int)? {
    let entries = journal.entries
    guard let last = entries.lastIndex(where: { $0.start.event <= event }) else { return nil }
    return checkpoints.nearest(
      to: Journal(entries: Array(entries[...last])), before: .event(event))
  }

  // MARK: Every

  /// `:every D EXPR`, `:every off`.
  public func every(_ argument: String) -> Reply {
    if argument.isEmpty || argument == "off" {
      bench.lookout.everies = []
      return .said(["nothing is printed while the world runs"])
    }
    let parts = argument.split(separator: " ", maxSplits: 1).map { String($0) }
    guard parts.count == 2 else {
      return .refused("a time and an expression: `:every 100ms server.pool.clusters.free`")
    }
    let reply = type(parts[0])
    guard let interval = reply.time, interval > .zero else {
      return reply.isMistake ? reply : .refused("`\(parts[0])` is no time above 0s")
    }
    switch question(parts[1], "every \(parts[0])") {
    case .failure(let mistake): return mistake
    case .success(let question):
      bench.lookout.everies.append(
        Every(interval: interval, next: moment.now + interval, question: question))
      return .said([])
    }
  }
}
