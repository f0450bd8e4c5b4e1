// Help and discovery as somebody meets them: in a real terminal of 24 lines.

import Foundation
import Testing

@Suite(
  "Help in a terminal", .serialized,
  .enabled(if: TerminalScreen.tmux != nil, TerminalScreen.isMissing))
struct ScreenHelpTests {
  /// Types a line into a cleared terminal, and gives what it shows when the prompt is back.
  private func shown(_ line: String, by screen: TerminalScreen) throws -> [String] {
    try screen.press("C-l")
    try screen.wait(until: "a clear screen") { try $0.lines == ["0s >"] }
    try screen.enter(line)
    try screen.wait(until: "what `\(line)` says") {
      let lines = try $0.lines
      return lines.count > 2 && lines.last == "0s >"
    }
    return try screen.lines
  }

  @Test("behaviour 18: :help and its other names fit one screen; a word has a page, a near one too")
  func help() throws {
    let screen = try TerminalScreen.session()
    let list = try shown(":help", by: screen).dropFirst()
    #expect(list.count < 24 && list.first?.hasPrefix("Statements happen at once") == true)
    for word in ["?", "help"] { #expect(try shown(word, by: screen).dropFirst() == list) }
    let step = try shown(":help step", by: screen)
    #expect(step[1] == "step [N] [on EVENT]" && step.contains { $0.contains("see also: run") })
    let wrong = try shown(":help contniue", by: screen)
    #expect(wrong.contains { $0.contains("did you mean `:help continue`?") })
  }

  @Test("behaviour 19: NAME? and :help NAME tell value, type, unit, default, range and who set it")
  func about() throws {
    let screen = try TerminalScreen.session()
    let lines = try shown("server.tcp.keepidle?", by: screen).dropFirst()
    for fact in ["2h", "time", "default 2h", "500ms to", "live", "nobody set it"] {
      #expect(lines.contains { $0.contains(fact) }, "\(fact) in \(lines)")
    }
    #expect(try shown(":help server.tcp.keepidle", by: screen).dropFirst() == lines)
  }

  @Test("behaviour 20: a unique beginning is enough, others list what they may be")
  func abbreviations() throws {
    let screen = try TerminalScreen.session()
    #expect(try shown(":und", by: screen).contains { $0.contains("there is nothing to undo") })
    let choices = try shown(":h", by: screen).joined(separator: " ")
    #expect(choices.contains("`:help`") && choices.contains("`:history`"))
  }

  @Test("behaviour 21: a diagnostic has a code with a page, and :error shows it again")
  func codes() throws {
    let screen = try TerminalScreen.session()
    let mistake = try shown("server.tcp.keepidel", by: screen).dropFirst()
    #expect(mistake.first?.hasPrefix("error N201: no `keepidel` in `server.tcp`") == true)
    #expect(try shown(":error", by: screen).dropFirst() == mistake)
    #expect(try shown(":help N201", by: screen).contains { $0.hasPrefix("N201") })
  }

  @Test("behaviour 22: :tutor looks at what is typed, and ends where it began")
  func tutor() throws {
    let screen = try TerminalScreen.session()
    #expect(try shown(":tutor", by: screen).contains { $0.hasPrefix("1/") })
    try screen.enter("show server.pool")
    try screen.wait(for: "✓ A world at rest")
    try screen.wait(for: "2/")
    try screen.enter(":tutor off")
    try screen.wait(for: "as you left it.")
  }

  @Test("behaviour 43: a program runs with its status told, the folder is shown and changed")
  func outside() throws {
    let screen = try TerminalScreen.session(files: ["note.txt": "of this folder\n"])
    #expect(try shown(":!cat note.txt", by: screen).contains("of this folder"))
    let status = try shown(":shell exit 3", by: screen).dropFirst()
    #expect(status.contains { $0.contains("3") })
    #expect(try shown(":cd", by: screen).contains { $0.contains("netsh-screen-") })
  }
}
