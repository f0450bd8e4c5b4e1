// Back and forth: by events, to a time, to a mark, to the last time that something happened.

import NetScript
import NetSim
import NetStack

/// A moment with a name: a mark, or the end of a branch.
struct Mark {
  var name: String
  var standing: Workbench.Standing
}

/// Where somebody wants to go.
public enum Destination: Equatable, Sendable {
  case event(Int64)
  case instant(Instant)

  /// Whether a moment lies at or before it.
  func admits(_ moment: Moment) -> Bool {
    switch self {
    case .event(let event): return moment.event <= event
    case .instant(let instant): return moment.now <= instant
    }
  }

  fileprivate func isBeyond(_ moment: Moment) -> Bool {
    switch self {
    case .event(let event): return event > moment.event
    case .instant(let instant): return instant > moment.now
    }
  }

  var halt: Halt {
    switch self {
    case .event(let event): return Halt(event: event)
    case .instant(let instant): return Halt(instant: instant)
    }
  }
}

extension Workbench {
  /// `:back N`.
  public func back(_ count: Int64 = 1) -> Reply {
    guard count > 0 else { return .refused("`:back` takes a number of events, 1 or more") }
    return go(to: .event(max(moment.event - count, 0)))
  }

  /// `:goto`, in either direction: along what was done, and beyond it by letting time pass.
  public func go(to destination: Destination) -> Reply {
    let before = Standing(journal: journal, future: future)
    let known = knownEntries
    let end = known.last?.end ?? Moment.zero
    if destination.isBeyond(end) {
      stand(at: Journal(entries: known))
      future = []
      let reply = type(passing(to: destination))
      if !reply.isMistake { past[past.count - 1] = before }
      return reply
    }
    move(to: destination, among: known)
    past.append(before)
    return Reply()
  }

  /// What was done, and what was done beyond this moment, as it was when it was whole.
  private var knownEntries: [Entry] {
    guard let next = future.first else { return journal.entries }
    var known = journal.entries
    if let last = known.last, last.origin == next.origin { known.removeLast() }
    return known + future
  }

  private func move(to destination: Destination, among known: [Entry]) {
    var complete = 0
    while complete < known.count, destination.admits(known[complete].end) { complete += 1 }
    var target = Journal(entries: Array(known[..<complete]))
    guard complete < known.count else {
      stand(at: target)
      future = []
      return
    }
    if destination.isBeyond(known[complete].start) {
      target.entries.append(known[complete])
      stand(at: target, cut: destination)
    } else {
      stand(at: target)
    }
    future = Array(known[complete...])
  }

  /// `run for` or `step`: how time passes up to there from the end of what was done.
  private func passing(to destination: Destination) -> String {
    switch destination {
    case .event(let event): return "step \(event - moment.event)"
    case .instant(let instant): return "run for \((instant - moment.now).nanoseconds)ns"
    }
  }

  // MARK: Undo

  /// `:undo`: where the last command that moved the world began.
  public func undo() -> Reply {
    guard let standing = past.popLast() else { return .refused("there is nothing to undo") }
    stand(at: standing)
    return Reply()
  }

  func stand(at standing: Standing) {
    if let world = standing.world {
      self.world = world
      return
    }
    stand(at: standing.journal)
    future = standing.future
  }

  // MARK: Marks

  /// `:mark NAME`.
  public func mark(_ name: String) {
    let mark = Mark(name: name, standing: Standing(journal: journal, future: future))
    if let moment = marks.firstIndex(where: { $0.name == name }) {
      marks[moment] = mark
    } else {
      marks.append(mark)
    }
  }

  public var markNames: [String] { marks.map { $0.name } }

  /// `:goto #418`, `:goto brink`, `:goto 12.3s`.
  public func go(toNamed text: String) -> Reply {
    if text.hasPrefix("#") {
      guard let event = Int64(text.dropFirst()), event >= 0 else {
        return .refused("`\(text)` is no event: `:goto #418`")
      }
      return go(to: .event(event))
    }
    if markNames.contains(text) { return go(toMark: text) }
    guard let first = text.utf8.first, first >= 48, first <= 57 else { return go(toMark: text) }
    let reply = type(text)
    guard let time = reply.time, time >= .zero else {
      return .refused("`\(text)` is no time, no event and no mark: `:goto 12.3s`, `:goto #418`")
    }
    return go(to: .instant(.zero + time))
  }

  /// `:goto NAME`.
  public func go(toMark name: String) -> Reply {
    guard let mark = marks.first(where: { $0.name == name }) else {
      let near = Spelling.nearest(to: name, among: markNames)
      return .refused(
        "there is no mark `\(name)`" + (near.map { "; did you mean `\($0)`?" } ?? ""))
    }
    past.append(Standing(journal: journal, future: future))
    stand(at: mark.standing)
    return Reply()
  }
}
