// Every word that moves in time, as somebody types it in a terminal.

import Foundation
import Testing

@Suite(
  "Travel in a terminal", .serialized,
  .enabled(if: TerminalScreen.tmux != nil, TerminalScreen.isMissing))
struct TravelTests {
  /// A line, and the prompt that it leads to; any if nil.
  private func enter(
    _ line: String, on screen: TerminalScreen, leadsTo prompt: String? = nil,
    at location: SourceLocation = #_sourceLocation
  ) throws {
    try screen.enter(line)
    try screen.wait(until: "`\(prompt ?? "a prompt")` behind `\(line)`", at: location) {
      let lines = try $0.lines
      guard let typed = lines.lastIndex(where: { $0.hasSuffix("> " + line) }) else { return false }
      return typed < lines.count - 1
        && (prompt.map { lines.last == $0 } ?? (lines.last?.hasSuffix(">") == true))
    }
  }

  @Test("behaviour 25: steps: one event, ten, the third of a kind; Enter steps again and says so")
  func steps() throws {
    let screen = try TerminalScreen.session(rows: 200)
    func frames() throws -> Int { try screen.lines.filter { $0.contains("  frame ") }.count }
    func event() throws -> String {
      try enter(":set prompt \"#%e > \"", on: screen)
      let prompt = try screen.lastLine
      try enter(":set prompt \"%t > \"", on: screen)
      return prompt
    }
    try enter("step", on: screen, leadsTo: "57.6us >")
    #expect(try screen.lines.contains { $0.contains("  run  ") })
    #expect(try event() == "#1 >")
    try enter("step 10", on: screen)
    #expect(try event() == "#11 >")
    let before = try frames()
    try screen.enter("step 3 on bench.frame")
    try screen.wait(until: "three frames") { _ in try frames() == before + 3 }
    try screen.press("Enter")
    try screen.wait(for: "again: step 3 on bench.frame")
    try screen.wait(until: "six frames") { _ in try frames() == before + 6 }
    // Only right behind a step.
    try screen.enter("print 1")
    try screen.wait(until: "1") { try $0.count("1") == 1 }
    try screen.press("Enter")
    try screen.enter("print 2")
    try screen.wait(until: "2") { try $0.count("2") == 1 }
    #expect(try screen.lines.filter { $0.hasPrefix("again: ") }.count == 1)
    #expect(try frames() == before + 6)
  }

  @Test("behaviour 25: :back, :back N, :goto #EVENT, TIME and MARK, in both directions")
  func travel() throws {
    let screen = try TerminalScreen.session(rows: 60)
    try enter("run for 300ms", on: screen, leadsTo: "300ms >")
    try enter(":mark later", on: screen, leadsTo: "300ms >")
    for (line, event) in [
      (":goto #418", 418), (":back", 417), (":back 10", 407), (":goto #12", 12),
    ] {
      try screen.enter(line)
      try screen.wait(until: "\(line)") {
        try $0.lines.contains { $0.hasSuffix(", event \(event)") }
      }
    }
    try enter(":goto 200ms", on: screen, leadsTo: "200ms >")
    try enter(":goto later", on: screen, leadsTo: "300ms >")
    try enter(":goto 0s", on: screen, leadsTo: "0s >")
    try enter(":goto later", on: screen, leadsTo: "300ms >")
    try screen.enter(":goto nowhere")
    try screen.wait(for: "netsh: ")
    try screen.wait(forLast: "300ms >")
  }

  @Test("behaviour 25: run for and until, :last of a value and of an event")
  func runs() throws {
    let screen = try TerminalScreen.session(rows: 60)
    try screen.enter("run until server.pool.clusters.free < 25")
    try screen.wait(until: "that moment") { try $0.lastLine.contains(#/^[0-9.]+[mu]s >$/#) }
    try screen.enter("server.pool.clusters.free < 25")
    try screen.wait(until: "true") { try $0.count("true") == 1 }
    try enter("run for 5s", on: screen, leadsTo: "5s >")
    try screen.enter(":last server.pool.clusters.free")
    try screen.wait(for: "server.pool.clusters.free: ")
    try screen.enter(":last bench.frame")
    try screen.wait(until: "a frame") { try $0.lines.contains { $0.contains("  frame  ") } }
  }

  @Test("behaviour 25: :continue goes on with the file: to its pause, to its end, no further")
  func file() throws {
    let screen = try TerminalScreen.session(
      files: ["lab.ns": TerminalScreen.lab + "pause\nrun for 1s\n"])
    try screen.enter(":continue")
    try screen.wait(for: "halted at ")
    try screen.enter(":continue")
    try screen.wait(for: "the file's statements are through")
    try screen.enter(":continue")
    try screen.wait(for: "netsh: the file's statements are through")
  }
}
