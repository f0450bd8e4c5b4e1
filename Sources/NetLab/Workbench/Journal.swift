// What was done at the bench, in order: a world is what its journal leads to.
//
// Values only. An entry's number stands for all that was done up to it: who goes back and does
// something else makes entries with other numbers.

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
  }
  var number: Int
  /// Of the entry that it is the beginning of, or its own.
  var origin: Int
  var deed: Deed
  /// It was halted at its end, and what was left of it was dropped.
  var isCut = false
  var start: Moment
  var end: Moment
  /// What names meant before it.
  var names: SessionNames
}

/// All that leads to a moment.
struct Journal: Sendable {
  var entries: [Entry] = []

  /// Stands for all of them.
  var number: Int { entries.last?.number ?? 0 }
}
