// What is told beside a terminal, and how results are shown in one.

import Foundation
import Testing

@Suite(
  "The prompt's own lines", .serialized,
  .enabled(if: TerminalScreen.tmux != nil, TerminalScreen.isMissing))
struct PromptLineTests {

  @Test("behaviour 27: a world that is wedged says so; a pipe has no prompt at all")
  func wedged() throws {
    let baseline = Project.root.appendingPathComponent("examples/torre-2004/baseline.ns").path
    let screen = try TerminalScreen(["-i", baseline])
    try screen.wait(forLast: "0s >")
    try screen.enter("run for 100ms")
    try screen.wait(forLast: "100ms wedged >")
    #expect(
      try Netsh.run(["-i", baseline], input: "run for 100ms\nnow\n").output.hasSuffix("100ms\n"))
  }

  @Test(
    "behaviour 28: a log has no such line", arguments: [["-i", "lab.ns"], ["run", "long.ns"]])
  func log(words: [String]) throws {
    let netsh = try #require(Netsh.executable).path
    let long = TerminalScreen.lab.replacingOccurrences(of: "2s", with: "1000000s")
    let screen = try TerminalScreen(
      ["-c", "trap : INT; \(netsh) \(words.joined(separator: " ")) 2> log; echo the end"],
      files: ["lab.ns": TerminalScreen.lab, "long.ns": long], program: "sh")
    if words[0] == "-i" {
      try screen.wait(forLast: "0s >")
      try screen.enter("at 10min { print \"on its way\" }")
      try screen.enter("run for 1000000s")
      try screen.wait(for: "on its way")
      try screen.press("C-c")
      try screen.wait(for: "halted at ")
      try screen.press("C-d")
    } else {
      usleep(1_500_000)
      try screen.press("C-c")
    }
    try screen.wait(for: "the end")
    let log = try String(
      contentsOf: screen.folder.appendingPathComponent("log"), encoding: .utf8)
    #expect(!log.contains("simulated") && !log.contains("\r") && !log.contains("\u{1B}"), "\(log)")
  }

  @Test("behaviour 33: a table fits, turns upright, becomes CSV, goes to a file and comes back")
  func formats() throws {
    let screen = try TerminalScreen.session(rows: 60)
    try screen.enter("run for 10ms")
    try screen.enter("holders(server.pool)")
    try screen.wait(for: "oldest")
    #expect(try screen.lines.contains { $0.hasPrefix("  the receive ring ") })
    try screen.enter(":set expanded on")
    try screen.enter("holders(server.pool)")
    try screen.wait(for: "record 1")
    try screen.enter(":set expanded off")
    try screen.enter(":set format csv")
    try screen.enter("holders(server.pool)")
    try screen.wait(for: "owner,place,count,share,oldest [ns]")
    try screen.enter(":set output there.txt")
    try screen.enter("print \"hidden\"")
    try screen.enter(":set output | tr a-z A-Z")
    try screen.enter("print \"loud\"")
    try screen.enter(":set output -")
    try screen.wait(for: "LOUD")
    try screen.enter("print \"back again\"")
    try screen.wait(until: "it here") { try $0.count("back again") == 1 }
    #expect(try screen.count("hidden") == 0)
    let file = screen.folder.appendingPathComponent("there.txt")
    #expect(try String(contentsOf: file, encoding: .utf8) == "hidden\n")
  }

  @Test("behaviours 34, 35, 36: settings are listed with their origin, and do what they say")
  func settings() throws {
    let screen = try TerminalScreen.session(rows: 60)
    try screen.enter(":set timing on")
    try screen.enter("run for 10ms")
    try screen.wait(for: ", simulated 10ms")
    try screen.enter(":set timing off")
    try screen.enter(":set")
    try screen.wait(until: "where they come from") {
      let lines = try $0.lines
      return lines.contains { $0.contains(#/^timing +off +session/#) }
        && lines.contains { $0.contains(#/^format +table +default/#) }
    }
    try screen.enter(":set fromat csv")
    try screen.wait(for: "did you mean `format`?")
    try screen.enter(":goto 5ms")
    try screen.wait(for: "at 5ms, event ")
    try screen.enter(":set feedback silent")
    try screen.enter(":goto 7ms")
    try screen.wait(forLast: "7ms >")
    #expect(try !screen.lines.contains { $0.hasPrefix("at 7ms") })
  }

  @Test("behaviour 37: mistakes go to standard error with the line's number, results do not")
  func streams() throws {
    let netsh = try #require(Netsh.executable).path
    let screen = try TerminalScreen(
      ["-c", "\(netsh) -i lab.ns 2> errors"], files: ["lab.ns": TerminalScreen.lab], program: "sh")
    try screen.wait(forLast: "0s >")
    for line in ["print 1", "server.pol", "print 6 * 7", ":error"] { try screen.enter(line) }
    try screen.wait(until: "42") { try $0.count("42") == 1 }
    try screen.press("C-d")
    _ = try screen.waitForEnd()
    let errors = try String(
      contentsOf: screen.folder.appendingPathComponent("errors"), encoding: .utf8)
    #expect(try !screen.lines.contains { $0.contains("error N201") })
    #expect(errors.components(separatedBy: "error N201").count == 3, "\(errors)")
    #expect(errors.contains("line 2:1:8") && errors.contains("^^^") && !errors.contains("42"))
  }
}
