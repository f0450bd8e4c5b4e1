// What Tab shows and does, in a terminal.

import Foundation
import Testing

@Suite(
  "Tab", .serialized, .enabled(if: TerminalScreen.tmux != nil, TerminalScreen.isMissing))
struct TabTests {
  /// What two Tabs list behind a text; the line is given up afterwards.
  private func listed(_ text: String, on screen: TerminalScreen) throws -> Set<String> {
    let before = try screen.allLines.count
    try screen.type(text)
    try screen.press("Tab", "Tab")
    // The line is drawn again below the list.
    try screen.wait(until: "a list behind `\(text)`") {
      if try $0.lastLine.contains("show all? (y or n)") { try $0.press("y") }
      let isLine = try $0.lastLine.hasPrefix(text.isEmpty ? "0s >" : "0s > " + text)
      return try isLine && $0.allLines.count > before + 1
    }
    let lines = try screen.allLines[before...].dropLast()
    try screen.press("C-c")
    try screen.wait(forLast: "0s >")
    return Set(lines.flatMap { $0.split(separator: " ").map(String.init) })
  }

  @Test("behaviour 9: Tab lists what may stand there: of all, commands, fields, moments, events")
  func places() throws {
    let screen = try TerminalScreen.session(rows: 50)
    let all = try listed("", on: screen)
    for name in ["run", "expect", "host", "server", "bench", "copy", ":goto", ":fork"] {
      #expect(all.contains(name), "\(name) in \(all)")
    }
    let commands = try listed(":", on: screen)
    #expect(commands.isSuperset(of: ["back", "break", "continue", "undo"]))
    #expect(commands.isDisjoint(with: ["run", "server", "host"]))
    let fields = try listed("server.", on: screen)
    #expect(fields.isSuperset(of: ["pool", "tcp", "eth0"]) && !fields.contains("client"))
    #expect(try listed(":break on bench.", on: screen).contains("frame"))
    for line in [":mark brink", ":mark brave", ":fork bread"] { try screen.enter(line) }
    try screen.wait(for: "in fork `bread`")
    try screen.wait(forLast: "0s >")
    #expect(try listed(":goto br", on: screen).isSuperset(of: ["brink", "brave", "bread"]))
    for (typed, whole) in [
      (":load la", ":load lab.ns"), (":goto bri", ":goto brink"), (":con", ":continue"),
    ] {
      try screen.type(typed)
      try screen.press("Tab")
      try screen.wait(forLast: "0s > " + whole)
      try screen.press("C-u")
    }
  }

  @Test("behaviour 10: a name of a moment ago is found, and one that is gone is not")
  func names() throws {
    let screen = try TerminalScreen.session()
    try screen.enter("let limitless = 3")
    try screen.type("print lim")
    try screen.press("Tab")
    try screen.wait(forLast: "0s > print limitless")
    try screen.press("C-c")
    try screen.enter(":undo")
    try screen.wait(forLast: "0s >")
    try screen.type("print lim")
    try screen.press("Tab")
    try screen.type("it")
    try screen.wait(forLast: "0s > print limit")
  }

  @Test("behaviour 11: one candidate has its suffix, several what they share, many are asked about")
  func suffixes() throws {
    let names = (1...120).map { "let many\($0) = \($0)\n" }.joined()
    let screen = try TerminalScreen.session(files: ["lab.ns": names + TerminalScreen.lab])
    for (typed, rest, whole) in [
      ("server.tcp.keepidl", "30s", "server.tcp.keepidle = 30s"), ("sho", "x", "show x"),
      ("print leake", "1", "print leaked(1"), ("print server.poo", "x", "print server.pool.x"),
      ("server.pool.clusters.fr", "x", "server.pool.clusters.free x"),
    ] {
      try screen.type(typed)
      try screen.press("Tab")
      try screen.type(rest)
      try screen.wait(forLast: "0s > " + whole)
      try screen.press("C-u")
      try screen.wait(forLast: "0s >")
    }
    try screen.type("server.tcp.k")
    try screen.press("Tab")
    try screen.wait(forLast: "0s > server.tcp.keep")
    try screen.press("Tab", "Tab")
    try screen.wait(for: "keepidle")
    try screen.press("C-u")
    for (key, isListed) in [("n", false), ("y", true)] {
      try screen.type("print many")
      try screen.press("Tab", "Tab")
      try screen.wait(for: "120 possibilities: show all? (y or n)")
      try screen.press(key)
      try screen.wait(forLast: "0s > print many")
      #expect(try screen.lines.contains { $0.contains("many77") } == isListed)
      try screen.press("C-u")
    }
  }

  @Test("behaviours 12, 13: units behind a number; in a text or a comment Tab does nothing")
  func units() throws {
    let screen = try TerminalScreen.session()
    let units = try listed("run for 10", on: screen)
    #expect(units.isSuperset(of: ["ms", "s", "min"]) && !units.contains("KiB"))
    #expect(try listed("print 10", on: screen).isSuperset(of: ["KiB", "Mbps", "ms"]))
    for text in ["print \"serv", "# serv"] {
      try screen.type(text)
      try screen.press("Tab", "Tab")
      try screen.type("x")
      try screen.wait(forLast: "0s > \(text)x")
      try screen.press("C-c")
      try screen.wait(forLast: "0s >")
    }
  }

  @Test("behaviour 13: to a dumb terminal, what Tab shows has no escape codes")
  func dumb() throws {
    let screen = try TerminalScreen.session(environment: ["TERM": "dumb"])
    let file = try screen.record()
    let fields = try listed("server.", on: screen)
    #expect(fields.contains("pool"))
    try screen.enter("server.pol")
    try screen.wait(for: "error N201")
    let written = try screen.wait(forWritten: "error N201", in: file)
    #expect(!written.contains("\u{1B}"))
  }
}
