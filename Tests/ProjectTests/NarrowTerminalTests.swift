// What is wrong, as somebody reads it who has no more than so many columns.

import Foundation
import Testing

@Suite("A narrow terminal", .enabled(if: TerminalScreen.tmux != nil, TerminalScreen.isMissing))
struct NarrowTerminalTests {
  /// A mistake whose help is longer than any terminal here.
  private static let lines = ["host a", "show a.tasks"]

  @Test("behaviour 37: a diagnostic breaks between words; below its marks it stays within the rail")
  func breaks() throws {
    let screen = try TerminalScreen([], columns: 48)
    try screen.wait(forLast: "0s >")
    for line in Self.lines { try screen.enter(line) }
    try screen.wait(until: "the mistake") { screen in
      try screen.lines.contains { $0.hasPrefix("error N") } && screen.lastLine == "0s >"
    }
    let lines = try screen.allLines
    let first = try #require(lines.firstIndex { $0.hasPrefix("error N") })
    let told = lines[first..<(lines.count - 1)].joined(separator: "\n")
    #expect(told.contains("    |"), "\(told)")
    let logged = try Netsh.run([], input: Self.lines.joined(separator: "\n") + "\n").errors
    #expect(words(in: told) == words(in: logged), "no word is torn apart:\n\(told)")
    #expect(logged.split(separator: "\n").contains { $0.count > 48 }, "a log is left as it is")
  }

  /// Words without the marks and the rail.
  private func words(in text: String) -> [String] {
    text.split { $0 == " " || $0 == "\n" || $0 == "|" }.map { String($0) }
  }
}
