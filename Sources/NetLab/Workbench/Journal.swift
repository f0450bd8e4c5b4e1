// What was done at the bench: a world is what its journal leads to.
//
// Values only. Everything that was ever done stays in one table, each deed behind the one it was
// done after: a way through it is a journal, and its last number stands for all of it. Who goes
// back and does something else begins another way; forks, marks and `:undo` are numbers.

import NetScript
import NetSim
import NetStack

/// A moment of a run.
public struct Moment: Equatable, Sendable {
  /// Events handled so far.
  public var event: Int64
  public var now: Instant
  /// Behind an event whose instant is not over: the observers have not looked.
  public var isMidInstant: Bool

  static let zero = Moment(event: 0, now: .zero, isMidInstant: false)

  /// Where a run has to halt to come here again.
  var halt: Halt { isMidInstant ? Halt(event: event) : Halt(instant: now) }
}

/// One thing that was done.
struct Entry: Sendable {
  enum Deed: Sendable {
    /// A line, as it was typed.
    case line(String, SessionLine)
    /// The file's own statements went on.
    case goOn
    /// What was left of a line went on.
    case rest(String, SessionLine)

    /// As it was typed, in a line.
    var text: String {
      guard case .line(let text, _) = self else { return ":continue" }
      return String(text.firstLine)
    }
  }
  /// Its place in the history, from 1.
  var number: Int
  /// What was done before it; 0 for nothing.
  var parent: Int
  /// Of the entry that it is the beginning of, or its own.
  var origin: Int
  var deed: Deed
  /// It was halted at its end.
  var isCut = false
  /// How often its statements had gone on there.
  var turns = Int.max
  /// Its end is a fault: it cannot go on from there.
  var isFaulty = false
  var start: Moment
  var end: Moment
  /// What names meant before it.
  var names: SessionNames
  /// What the file's own statements wait for behind it.
  var file: LineStop?
  /// And what is left of a line.
  var rest: LineStop?

  /// Where it has to halt when it is done again.
  var halt: Halt {
    guard isCut else { return Halt() }
    var halt = end.halt
    halt.turns = turns
    return halt
  }
}

/// Where the statements of the file or of a line stand.
struct LineStop: Sendable {
  /// The statement, and the calls around it: innermost first.
  var places: [SourceSpan]
  var wait: Wait

  enum Wait: Sendable {
    case until(Instant)
    case predicate(latest: Instant)
    case events(Int64)
    case records
  }
}

/// All that leads to a moment.
struct Journal: Sendable {
  var entries: [Entry] = []

  /// Stands for all of them.
  var number: Int { entries.last?.number ?? 0 }
}

struct History {
  private var entries: [Entry] = []

  /// The number of the next entry.
  var next: Int { entries.count + 1 }

  mutating func add(_ entry: Entry) {
    precondition(entry.number == next && entry.parent < next, "an entry out of order")
    entries.append(entry)
  }

  /// The entry of a number; nil for 0.
  subscript(number: Int) -> Entry? { number > 0 ? entries[number - 1] : nil }

  /// All that leads to an entry, the first first.
  func journal(to number: Int) -> Journal {
    var way: [Entry] = []
    var at = number
    while let entry = self[at] {
      way.append(entry)
      at = entry.parent
    }
    return Journal(entries: way.reversed())
  }
}
