// What a terminal does to a session: Ctrl-C, Ctrl-Z, other kinds, none at all, and much at once.

import Foundation
import Testing

@Suite(
  "Terminal signals", .serialized,
  .enabled(if: TerminalScreen.tmux != nil, TerminalScreen.isMissing))
struct TerminalSignalTests {
  @Test("behaviour 23: Ctrl-C ends a run at an event, two of them too; the world is intact")
  func interruptedRun() throws {
    let screen = try TerminalScreen.session()
    for (count, keys) in [["C-c"], ["C-c", "C-c"]].enumerated() {
      let before = try screen.lastLine
      try screen.enter("print \"off\"; run for 1000000s")
      try screen.wait(until: "its beginning") { try $0.count("off") == count + 1 }
      for key in keys { try screen.press(key) }
      try screen.wait(until: "a later prompt") {
        try $0.lastLine.hasSuffix("s >") && $0.lastLine != before
      }
    }
    try screen.enter("print server.pool.clusters.total")
    try screen.wait(until: "64") { try $0.count("64") == 1 }
    #expect(try screen.status == nil)
  }

  @Test("behaviour 23: what is typed while a command runs is shown, and done, at its own prompt")
  func typedAhead() throws {
    let screen = try TerminalScreen.session()
    try screen.type("run for 1min\nprint 11\nprint 22\n")
    try screen.wait(until: "22") { try $0.count("22") == 1 }
    try screen.wait(forLast: "1min >")
    let lines = try screen.lines
    let begin = try #require(lines.firstIndex(of: "0s > run for 1min"))
    #expect(
      Array(lines[(begin + 1)...].filter { !$0.contains("#") })
        == ["1min > print 11", "11", "1min > print 22", "22", "1min >"])
  }

  @Test("behaviours 24, 48: Ctrl-C clears the line, also in a search and on several rows")
  func interruptedLine() throws {
    let screen = try TerminalScreen.session()
    for text in ["print 1", String(repeating: "long ", count: 40)] {
      try screen.type(text)
      try screen.press("C-a", "C-c")
      try screen.wait(forLast: "0s >")
    }
    try screen.press("C-r")
    try screen.type("zzz")
    try screen.wait(for: "i-search")
    try screen.press("C-c")
    try screen.wait(forLast: "0s >")
    try screen.enter("print 6 * 7")
    try screen.wait(until: "42") { try $0.count("42") == 1 }
    try screen.press("C-d")
    #expect([nil, 0].contains(try screen.waitForEnd()))
  }

  @Test("behaviour 24: Ctrl-Z gives the terminal back as it was, fg draws the line again")
  func stopped() throws {
    let netsh = try #require(Netsh.executable).path
    let screen = try TerminalScreen(
      ["--norc"], environment: ["PS1": "sh$ "], files: ["lab.ns": TerminalScreen.lab],
      program: "bash")
    try screen.wait(forLast: "sh$")
    try screen.enter("\(netsh) -i lab.ns")
    try screen.wait(forLast: "0s >")
    try screen.type("print 12")
    // What is not read yet goes with the signal.
    try screen.wait(forLast: "0s > print 12")
    try screen.press("C-z")
    try screen.wait(forLast: "sh$")
    try screen.enter("stty -a | grep -o ' icanon'")
    try screen.wait(until: "the shell's modes") { try $0.count(" icanon") == 1 }
    try screen.enter("fg")
    try screen.wait(forLast: "0s > print 12")
    try screen.type("34")
    try screen.press("Enter")
    try screen.wait(until: "1234") { try $0.count("1234") == 1 }
    try screen.press("C-d")
    try screen.wait(forLast: "sh$")
    try screen.enter("stty -a | grep -o ' echo '; echo status $?")
    try screen.wait(for: "status 0")
  }

  @Test(
    "behaviour 44: plain terminals get plain lines",
    arguments: ["xterm-256color", "screen", "vt100", "dumb"])
  func terminals(name: String) throws {
    let screen = try TerminalScreen.session(environment: ["TERM": name])
    try screen.enter("print 6 * 7")
    try screen.wait(until: "42") { try $0.count("42") == 1 }
    try screen.type("server.po")
    try screen.press("Tab")
    try screen.wait(for: "server.pool.")
    #expect(try !screen.lines.contains { $0.contains("[?2004") })
  }

  @Test("behaviour 44: it works under `script`")
  func scripted() throws {
    let netsh = try #require(Netsh.executable).path
    let screen = try TerminalScreen(
      ["-q", "-c", "\(netsh) -i lab.ns", "typescript"], files: ["lab.ns": TerminalScreen.lab],
      program: "script")
    try screen.wait(forLast: "0s >")
    try screen.enter("print 6 * 7")
    try screen.wait(until: "42") { try $0.count("42") == 1 }
    try screen.type("server.po")
    try screen.press("Tab")
    try screen.wait(for: "server.pool.")
    try screen.press("C-c", "C-d")
    #expect([nil, 0].contains(try screen.waitForEnd()))
  }

  @Test("behaviour 44: what is captured of a pipe has no escape codes")
  func captured() throws {
    let run = try Netsh.run(["-i", "examples/torre-2004/baseline.ns"], input: "print 1\n")
    #expect(run.output == "1\n" && run.errors.isEmpty)
  }

  @Test("a terminal that vanishes ends the session, and nothing spins")
  func vanished() throws {
    for isRunning in [false, true] {
      let folder = TerminalScreen.newFolder()
      defer { try? FileManager.default.removeItem(at: folder) }
      let screen = try TerminalScreen.session(folder: folder)
      try screen.enter("print 6 * 7")
      try screen.wait(until: "42") { try $0.count("42") == 1 }
      if isRunning {
        try screen.enter("run for 1000000s")
        try screen.wait(for: "run for 1000000s")
      } else {
        try screen.type("run for 1000000s")
        try screen.wait(for: "run for 1000000s")
      }
      let process = try #require(try screen.process)
      try screen.hangUp()
      let end = Date(timeIntervalSinceNow: TerminalScreen.patience)
      while kill(process, 0) == 0, Date() < end { usleep(20_000) }
      #expect(kill(process, 0) != 0, "it lives on")
      let history = try String(
        contentsOf: folder.appendingPathComponent("state/netsh/history"), encoding: .utf8)
      #expect(history == "print 6 * 7\n" + (isRunning ? "run for 1000000s\n" : ""))
    }
  }

  @Test("a line of a megabyte is a line like any other")
  func megabyte() throws {
    let long = "# " + String(repeating: "x", count: 1 << 20)
    let run = try Netsh.run([], input: "\(long)\nprint 6 * 7 \(long)\n\(long.dropFirst())\n")
    #expect(run.output == "42\n" && run.status == 3 && !run.errors.isEmpty)
  }
}
