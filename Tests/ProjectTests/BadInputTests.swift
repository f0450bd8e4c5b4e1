// What nobody types on purpose: octets of any kind, keys cut short, a megabyte in one line. Ctrl-C
// leads to a prompt that answers, whatever came before.

import Foundation
import Testing

extension TerminalScreen {
  /// Octets as they are, as if they had been typed.
  func type(octets: [UInt8]) throws {
    let file = folder.appendingPathComponent("octets-\(UUID().uuidString)")
    try Data(octets).write(to: file)
    try pasteFile(file.path)
    try FileManager.default.removeItem(at: file)
  }

  /// Ctrl-C, and then a line is a line.
  func expectAnswer(
    _ number: Int = 42, at location: SourceLocation = #_sourceLocation
  ) throws {
    try press("C-c")
    try wait(forLast: "0s >", at: location)
    try enter("print \(number / 2) * 2")
    try wait(until: "\(number)", at: location) { try $0.count("\(number)") == 1 }
  }
}

@Suite(
  "Bad input", .serialized,
  .enabled(if: TerminalScreen.tmux != nil, TerminalScreen.isMissing))
struct BadInputTests {
  /// xorshift: the same octets for the same seed.
  private func noise(_ seed: UInt64, _ count: Int) -> [UInt8] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    return (0..<count).map { _ in
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return UInt8(truncatingIfNeeded: state >> 32)
    }
  }

  /// Ctrl-D and Ctrl-\ may end it, as they should; nothing else does, and it does not hang.
  @Test("octets of all values leave a prompt that answers, or an end", arguments: 1...6)
  func octets(seed: UInt64) throws {
    let screen = try TerminalScreen.session(environment: ["VISUAL": "false"])
    try screen.type(octets: noise(seed, 5000))
    try screen.wait(until: "an answer, or the end") { screen in
      if try screen.hasEnded {
        let status = try screen.waitForEnd()
        #expect(status.map { [0, 128 + Int(SIGQUIT)].contains($0) } ?? true)
        return true
      }
      try screen.press("C-c")
      try screen.enter("print 6 * 7")
      usleep(100_000)
      return try screen.lines.contains("42")
    }
  }

  /// Without those that end it, it must not end.
  @Test("octets that are no wish to leave end nothing", arguments: 11...16)
  func stays(seed: UInt64) throws {
    let screen = try TerminalScreen.session(environment: ["VISUAL": "false"])
    try screen.type(octets: noise(seed, 5000).filter { ![0x04, 0x1C].contains($0) })
    try screen.wait(until: "an answer") { screen in
      try screen.press("C-c")
      try screen.enter("print 6 * 7")
      usleep(100_000)
      return try screen.lines.contains("42")
    }
    #expect(try screen.status == nil)
  }

  @Test("behaviour 48: Ctrl-C ends whatever a key has begun")
  func halfKeys() throws {
    let screen = try TerminalScreen.session()
    let begun: [[UInt8]] = [
      [0x1B], [0x18], [0x16], [0x1D], [0x1B, 0x1D],  // a prefix, a quoted key, a search for one
      [0x1B, 0x35], [0x1B, 0x35, 0x18],  // a count, and a prefix behind it
      [0xE2], [0xF0, 0x9F], [0x12, 0xE2],  // a character cut short, also in a search
      [0x12, 0x61, 0x18], [0x1B, 0x70], [0x18, 0x28, 0x61],  // searches; a macro that is recorded
      Array("\u{1B}[200~print 1".utf8),  // a paste that never ends
      [0x1B, 0x0A],  // vi's keys
    ]
    for (index, octets) in begun.enumerated() {
      try screen.type(octets: Array("print 1".utf8) + octets)
      try screen.wait(until: "the line") { try $0.lastLine.contains("print 1") }
      try screen.expectAnswer(100 + 2 * index)
    }
    // The keys are Emacs's again.
    try screen.type("print 12")
    try screen.press("C-a", "C-k")
    try screen.wait(forLast: "0s >")
  }

  @Test("keys that readline refuses behind a search are refused, and the session lives")
  func macroBehindSearch() throws {
    let screen = try TerminalScreen.session()
    for key in ["e", ")", "("] {
      try screen.press("C-r", "C-x", key)
      try screen.press("C-c")
    }
    try screen.expectAnswer()
    try screen.type("print 33")
    try screen.press("C-x", "(", "C-a", "C-x", ")", "C-e", "C-x", "e")
    try screen.type("1; ")
    try screen.wait(forLast: "0s > 1; print 33")
  }

  @Test("what is typed behind Ctrl-C is a line of its own, also when all of it comes late")
  func behindInterrupt() throws {
    let screen = try TerminalScreen.session()
    let process = try #require(try screen.process)
    for number in 11...15 {
      kill(process, SIGSTOP)
      try screen.type("print 1")
      try screen.press("C-c")
      try screen.enter("print \(number) * 2")
      kill(process, SIGCONT)
      try screen.wait(until: "\(number * 2)") { try $0.count("\(number * 2)") == 1 }
    }
  }

  @Test("a megabyte in one line is a line like any other", arguments: [true, false])
  func megabyte(isPaste: Bool) throws {
    let screen = try TerminalScreen.session()
    let line = "# " + String(repeating: "x", count: 1 << 20)
    if isPaste { try screen.paste(line) } else { try screen.type(octets: Array(line.utf8)) }
    try screen.press("Enter")
    try screen.enter("print 6 * 7")
    try screen.wait(until: "42") { try $0.count("42") == 1 }
    try screen.wait(forLast: "0s >")
  }
}
