// The fenced blocks of a Markdown file, and how their output is compared.

import Foundation

/// One fenced block.
struct Snippet {
  /// Of the line with the opening fence.
  var line: Int
  /// `ns`, `sh`, `text` …
  var language: String
  /// What stands behind the language: `fails`, `check`, a file's name.
  var words: [String]
  var lines: [String]
  /// The `text` block that follows with nothing but blank lines between.
  var shown: [String]?

  var text: String { lines.joined(separator: "\n") + "\n" }

  /// What `# => …` at the end of a line says is printed there, in order.
  var promises: [String] {
    lines.compactMap { line in
      line.range(of: "# => ").map { String(line[$0.upperBound...]) }
    }
  }

  static func all(in text: String) -> [Snippet] {
    var found: [Snippet] = []
    var open: Snippet?
    var isNext = false
    for (index, line) in text.components(separatedBy: "\n").enumerated() {
      if line.hasPrefix("```") {
        if let block = open {
          if block.language == "text", isNext, !found.isEmpty {
            found[found.count - 1].shown = block.lines
          } else {
            found.append(block)
          }
          isNext = block.language != "text"
          open = nil
        } else {
          let words = line.dropFirst(3).split(separator: " ").map(String.init)
          open = Snippet(
            line: index + 1, language: words.first ?? "", words: Array(words.dropFirst()), lines: []
          )
        }
      } else if open != nil {
        open?.lines.append(line)
      } else if !line.allSatisfy(\.isWhitespace) {
        isNext = false
      }
    }
    return found
  }
}

/// Output beside what a page shows of it: a line `…` stands for any lines, `…` in a line for any
/// text.
enum Shown {
  static func matches(_ output: String, _ shown: [String]) -> Bool {
    let lines = output.components(separatedBy: "\n").map(trimmed)
    return matches(dropLastBlank(lines)[...], dropLastBlank(shown.map(trimmed))[...])
  }

  private static func matches(_ output: ArraySlice<String>, _ shown: ArraySlice<String>) -> Bool {
    guard let pattern = shown.first else { return output.isEmpty }
    if pattern == "…" {
      return (output.startIndex...output.endIndex).contains {
        matches(output[$0...], shown.dropFirst())
      }
    }
    guard let line = output.first, fits(line, pattern) else { return false }
    return matches(output.dropFirst(), shown.dropFirst())
  }

  /// Each piece between two `…` is found behind the one before it.
  private static func fits(_ line: String, _ pattern: String) -> Bool {
    let pieces = pattern.components(separatedBy: "…")
    guard pieces.count > 1 else { return line == pattern }
    guard line.hasPrefix(pieces[0]) else { return false }
    var rest = line.dropFirst(pieces[0].count)
    for piece in pieces.dropFirst().dropLast() {
      guard let place = rest.range(of: piece) else { return false }
      rest = rest[place.upperBound...]
    }
    return rest.hasSuffix(pieces[pieces.count - 1])
  }

  private static func trimmed(_ line: String) -> String {
    var line = line
    while line.last == " " { line.removeLast() }
    return line
  }

  private static func dropLastBlank(_ lines: [String]) -> [String] {
    var lines = lines
    while lines.last == "" { lines.removeLast() }
    return lines
  }
}
