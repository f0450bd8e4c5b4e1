// Back and forth: by events, to a time, and what was done last taken back.

import NetScript
import NetSim
import NetStack

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

  func isBeyond(_ moment: Moment) -> Bool {
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

/// A journal, and at which point of its last entry it is left; nil for its end.
struct Way {
  var journal: Journal
  var cut: Destination?
  /// Of the cut entry: its statements go on so often.
  var turns = Int.max
}

extension Workbench {
  /// `:back N`.
  public func back(_ count: Int64 = 1) -> Reply {
    guard count > 0 else { return .refused("`:back` takes a number of events, 1 or more") }
    return go(to: .event(max(moment.event - count, 0)))
  }

  /// `:goto`, in either direction: along what was done, and beyond it by letting time pass.
  public func go(to destination: Destination) -> Reply {
    let before = desk
    let known = knownEntries
    let isBeyond = destination.isBeyond(known.last?.end ?? .zero)
    keepHere()
    let way = isBeyond ? Way(journal: Journal(entries: known)) : way(to: destination, along: known)
    guard stand(at: way) else { return interrupted(before) }
    guard isBeyond else {
      past.append(Before(desk: before))
      return Reply()
    }
    let reply = attempt(passing(to: destination))
    if !reply.isMistake && reply.note == nil { past[past.count - 1] = Before(desk: before) }
    return reply
  }

  /// What was done, and what was done beyond this moment, as it was when it was whole.
  var knownEntries: [Entry] { history.journal(to: desk.here.tip).entries }

  /// Where a destination lies among what was done.
  func way(to destination: Destination, along known: [Entry]) -> Way {
    var complete = 0
    while complete < known.count, destination.admits(known[complete].end) { complete += 1 }
    var way = Way(journal: Journal(entries: Array(known[..<complete])))
    if complete < known.count, destination.isBeyond(known[complete].start) {
      way.journal.entries.append(known[complete])
      way.cut = destination
    }
    return way
  }

  /// `run for` or `step`: how time passes up to there from the end of what was done.
  private func passing(to destination: Destination) -> String {
    switch destination {
    case .event(let event): return "step \(event - moment.event)"
    case .instant(let instant): return "run for \((instant - moment.now).nanoseconds)ns"
    }
  }

  // MARK: Undo

  /// `:undo`: back to before the last command that changed the world or went through time.
  public func undo() -> Reply {
    guard let before = past.popLast() else { return .refused("there is nothing to undo") }
    if let world = before.world {
      self.world = world
      return Reply()
    }
    let now = desk
    keepHere()
    desk = before.desk
    guard stand(at: desk) else {
      past.append(before)
      return interrupted(now)
    }
    return Reply()
  }

  /// For `:undo`: how everything stands now.
  func remember() { past.append(Before(desk: desk)) }

  /// Somebody pressed Ctrl-C on the way: as before.
  func interrupted(_ before: Desk) -> Reply {
    desk = before
    stand(firmlyAt: desk)
    return .refused("interrupted on the way: time is what it was")
  }

  // MARK: By name

  /// `:goto #418`, `:goto brink`, `:goto 12.3s`.
  public func go(toNamed text: String) -> Reply {
    if text.hasPrefix("#") {
      let digits = text.dropFirst().filter { $0 != "," && $0 != "_" }
      guard let event = Int64(digits), event >= 0 else {
        return .refused("`\(text)` is no event: `:goto #418`")
      }
      return go(to: .event(event))
    }
    if markNames.contains(text) || isFork(text) { return go(toPlace: text) }
    guard let first = text.utf8.first, first >= 48, first <= 57 else { return go(toPlace: text) }
    let reply = type(text)
    guard let time = reply.time, time >= .zero else {
      return .refused("`\(text)` is no time, no event and no mark: `:goto 12.3s`, `:goto #418`")
    }
    return go(to: .instant(.zero + time))
  }
}
