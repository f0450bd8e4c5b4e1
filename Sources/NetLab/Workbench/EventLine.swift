// One thing that happened, as one line: when, what kind, who, and the rest. At most 80 columns.

import NetScript
import NetStack

struct EventLine {
  var at: String
  /// The event as scripts name it.
  var word: String
  var who: String
  var what: String
  var tone = Told.Tone.event

  static let columns = 80

  var text: String {
    let head = "  " + Self.pad(at, 10, right: true) + "  " + Self.pad(word, 9) + " "
    let line = head + (what.isEmpty ? who : Self.pad(who, 17) + " " + what)
    guard line.count > Self.columns else { return line }
    let short = head + who + " " + Self.shortened(what)
    if short.count <= Self.columns { return short }
    return short.prefix(Self.columns - 1) + "…"
  }

  /// A segment is known by its brackets, and its parts without commas between them.
  private static func shortened(_ text: String) -> String {
    let word = "Flags "
    guard text.hasPrefix(word) else { return text }
    return String(text.dropFirst(word.utf8.count).filter { $0 != "," })
  }

  /// The same has happened to the same at the same time.
  func isLike(_ other: EventLine?) -> Bool {
    guard let other else { return false }
    return at == other.at && word == other.word && who == other.who
  }

  var told: Told { Told(text: text, tone: tone) }

  private static func pad(_ text: String, _ width: Int, right: Bool = false) -> String {
    let room = String(repeating: " ", count: max(0, width - text.count))
    return right ? room + text : text + room
  }
}
