// Where lines come from: somebody who types, or a pipe. The prompt knows no more of it than this.

/// What came of asking for a line.
enum Input: Equatable {
  /// Without its line feed; of a recalled or pasted block, with those inside.
  case line(String)
  /// An entry as it came back from an editor: nothing is to be added to it.
  case entry(String)
  /// Ctrl-C: what was begun is given up.
  case interrupted
  case end
}

/// What somebody has to say at once: a line, or as many as it needs.
enum Entry: Equatable {
  case text(String)
  /// Begun, and given up.
  case givenUp
  case end
}

protocol LineReader: AnyObject {
  /// Somebody types: there is a prompt, and a mistake does not end the session.
  var isTyped: Bool { get }

  /// - Parameter begun: the lines of the same entry before this one.
  func read(_ prompt: String, after begun: String) -> Input

  /// The terminal as other programs expect it, for the length of `body`: an editor, a pager.
  func lending<Result>(_ body: () -> Result) -> Result
}

extension LineReader {
  static var continuation: String { "  ... " }

  /// Lines up to where what was begun is whole.
  func readEntry(_ prompt: String, isUnfinished: (String) -> Bool) -> Entry {
    var text = ""
    while true {
      switch read(text.isEmpty ? prompt : Self.continuation, after: text) {
      case .entry(let entry): return .text(entry)
      case .interrupted: return .givenUp
      case .end where text.isEmpty: return .end
      // What a file leaves unfinished is a mistake that will be told; at a prompt it is given up.
      case .end: return isTyped ? .givenUp : .text(text)
      case .line(let line):
        if isTyped, !text.isEmpty, line.allSatisfy(\.isWhitespace) { return .givenUp }
        text += line + "\n"
        if !isUnfinished(text) { return .text(text) }
      }
    }
  }
}

/// Lines of a file or a pipe: no prompt, no colour, nothing remembered.
final class PlainReader: LineReader {
  let isTyped = false

  func read(_ prompt: String, after begun: String) -> Input {
    Interruption.clear()
    return readLine(strippingNewline: true).map { .line($0) } ?? .end
  }

  func lending<Result>(_ body: () -> Result) -> Result { body() }
}
