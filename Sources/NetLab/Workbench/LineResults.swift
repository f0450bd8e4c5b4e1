// `_`, `$1`, `$2` …: values of earlier lines.
//
// A result belongs to whoever asked, not to the world: going back changes none, and a line that
// names one is done with the value put in its place. So the journal, and what is saved from it,
// means the same without the session.

import NetScript

public struct LineResults: Sendable {
  /// So many stay; earlier ones were long ago.
  static let limit = 1_000

  /// As lines would say them; nil for what cannot be written.
  private var literals: [String?] = []
  /// How many there were.
  public private(set) var count = 0

  /// The number of the value is the count from now on.
  mutating func add(_ literal: String?) {
    if literals.count == LineResults.limit { literals.removeFirst() }
    literals.append(literal)
    count += 1
  }

  /// A text with values in the place of their names; or why not.
  func put(into text: String) throws(Unwritable) -> String {
    let places = ResultNames.places(in: text)
    if places.isEmpty { return text }
    var octets = Array(text.utf8)
    for place in places.reversed() {
      octets.replaceSubrange(place.range, with: try literal(place.number).utf8)
    }
    return String(decoding: octets, as: UTF8.self)
  }

  private func literal(_ number: Int?) throws(Unwritable) -> String {
    let name = number.map { "$\($0)" } ?? "_"
    if count == 0 {
      throw Unwritable("`\(name)`: there is no result yet; a line that is an expression makes one")
    }
    let place = (number ?? count) - (count - literals.count) - 1
    guard literals.indices.contains(place) else {
      throw Unwritable("there is no result `\(name)`; the last is `$\(count)`")
    }
    guard let literal = literals[place] else {
      throw Unwritable(
        "`\(name)` cannot be put into a line: `let x = …` names what no line can say")
    }
    return literal.utf8.first == UInt8(ascii: "-") ? "(" + literal + ")" : literal
  }
}

extension Workbench {
  /// A line as somebody types it: it may name results, and its value is one.
  public func enter(_ text: String) -> Reply {
    let line: String
    do throws(Unwritable) {
      line = try results.put(into: text)
    } catch { return .refused(error.why) }
    let reply = type(line)
    if reply.value != nil { results.add(reply.literal) }
    return reply
  }

  /// What stands behind a command, with values in the place of their names; or why not.
  public func withResults(_ argument: String) -> (text: String, complaint: String?) {
    do throws(Unwritable) {
      return (try results.put(into: argument), nil)
    } catch { return ("", error.why) }
  }
}
