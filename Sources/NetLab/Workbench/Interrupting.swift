// Ctrl-C while code of a script runs: the world has no name for a place in its middle.
//
// So that code is taken back: what its line did in no time has not happened, and time that has
// passed is left where the world was whole last. From there the same deeds lead on.

import NetScript
import NetSim
import NetStack

/// Where Ctrl-C has held something that was under way.
public struct Hold: Equatable, Sendable {
  public var place: Destination
  /// How often the statements of the line had gone on.
  public var turns: Int

  public init(_ place: Destination, turns: Int) {
    self.place = place
    self.turns = turns
  }

  init(_ entry: Entry) {
    place = entry.end.isMidInstant ? .event(entry.end.event) : .instant(entry.end.now)
    turns = entry.turns
  }

  var halt: Halt {
    var halt = place.halt
    halt.turns = turns
    return halt
  }
}

extension Reply {
  /// Ctrl-C came before anything was done.
  static var heldBack: Reply {
    var reply = refused("interrupted before it began: nothing was done")
    reply.stop = .halted
    return reply
  }
}

extension Bench {
  /// Of code that was left in its middle: where the world was whole before it. Nil when that is
  /// where the deed began.
  fileprivate func wholePlace(
    since start: Moment, of journal: Journal
  ) -> Way? {
    var way = Way(journal: journal)
    if main == nil {
      // The statements of the line itself, or of the file: between two of its `run`s.
      way.cut = isMidInstant ? .event(simulation.events) : .instant(simulation.now)
      way.turns = turns - 1
      return standing == start ? nil : way
    }
    if isMidInstant {
      // A task, a policy, a hook of the last event; who was before it has run.
      way.cut = .event(simulation.events - 1)
      return simulation.events - 1 > start.event ? way : nil
    }
    way.cut = .instant(Instant(nanoseconds: simulation.now.nanoseconds - 1))
    return simulation.now.nanoseconds - 1 > start.now.nanoseconds ? way : nil
  }

  /// `lab.ns:12: while busy { }`.
  fileprivate func codeLine(at span: SourceSpan) -> String {
    let file = program.files[span.file]
    let line = line(of: span)
    let isTyped = file.name.hasPrefix("line ") && line == 1
    let place = isTyped ? file.name : "\(file.name):\(line)"
    let code = ClauseScanner.trimmed(file.text(file.lineRange(line))[...])
    let text = "\(place): \(code)"
    return text.count > 65 ? text.prefix(64) + "…" : text
  }
}

extension Workbench {
  /// What was under way was left in the middle of code.
  func leave(_ entry: Entry, _ error: RuntimeError) -> Reply {
    var entry = entry
    entry.end = moment
    var journal = journal
    journal.entries.append(entry)
    let whole = bench.wholePlace(since: entry.start, of: journal)
    endEveries()
    var reply = Reply()
    reply.stop = .halted
    reply.lines = bench.lookout.takeUnheard()
    finish(&entry)
    let place = error.span.map { " in " + bench.codeLine(at: $0) } ?? ""
    reply.lines.append("interrupted" + place)
    if let whole {
      remember()
      stand(at: whole, isFirm: true)
      desk.here.tip = desk.here.at
      reply.counts = true
      reply.heldAt = history[desk.here.at].map(Hold.init)
      reply.lines.append("that has not happened: the world stands before it")
    } else {
      stand(firmlyAt: desk)
      reply.lines.append("nothing of this line has happened: the world is as it was")
    }
    return reply
  }
}
