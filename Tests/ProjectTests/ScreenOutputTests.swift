// What a prompt shows in a terminal besides lines: pictures that grow, pages, programs.

import Foundation
import Testing

@Suite(
  "Output in a terminal", .serialized,
  .enabled(if: TerminalScreen.tmux != nil, TerminalScreen.isMissing))
struct ScreenOutputTests {
  @Test("behaviour 29: a result is printed once with its unit, and the next lines know its names")
  func results() throws {
    let screen = try TerminalScreen.session()
    try screen.enter("run for 12.5ms")
    try screen.wait(forLast: "12.5ms >")
    try screen.enter("now")
    try screen.wait(until: "the time, once") { try $0.count("12.5ms") == 1 }
    try screen.enter("_ * 2")
    try screen.wait(until: "twice of it, once") { try $0.count("25ms") == 1 }
    try screen.enter(":goto $1 - 10ms")
    try screen.wait(forLast: "2.5ms >")
    try screen.enter("\"{$2} and {_ - $1}\"")
    try screen.wait(until: "both") { try $0.count("25ms and 12.5ms") == 1 }
    try screen.enter("$1?")
    try screen.wait(until: "what it is") { try $0.count("$1  12500000ns") == 1 }
    // Up brings back what was typed, not what was done.
    try screen.press("Up", "Up")
    try screen.wait(forLast: "2.5ms > \"{$2} and {_ - $1}\"")
  }

  @Test("behaviour 28: a long run rewrites one line of progress, which goes with its end")
  func progress() throws {
    let screen = try TerminalScreen.session()
    try screen.enter("run for 300d")
    let isProgress = { (line: String) in line.hasSuffix("; Ctrl-C halts") }
    try screen.wait(until: "progress") { try isProgress($0.lastLine) }
    let first = try screen.lastLine
    try screen.wait(until: "more of it") { try isProgress($0.lastLine) && $0.lastLine != first }
    #expect(try screen.allLines.filter(isProgress).count == 1)
    try screen.press("C-c")
    try screen.wait(for: "halted at")
    try screen.wait(until: "the prompt") { try $0.lastLine.hasSuffix(">") }
    #expect(try !screen.allLines.contains(where: isProgress))
  }

  @Test("behaviour 27: the prompt has time, what comes next, a mark, and the form that is set")
  func prompt() throws {
    let screen = try TerminalScreen.session()
    try screen.enter(":set prompt \"%e %n%w| \"")
    try screen.wait(until: "the new prompt") { try $0.lastLine.hasPrefix("0 ") }
    #expect(try screen.lastLine.hasSuffix("|") && screen.lastLine.count > 3)
    try screen.enter(":set prompt \"%t%w > \"")
    try screen.wait(forLast: "0s >")
    try screen.enter("run for 1s")
    try screen.wait(forLast: "1s >")
  }

  @Test(
    "behaviour 32: colours are for terminals alone, and NO_COLOR, dumb and --color have their say",
    arguments: [
      ([:], true), (["NO_COLOR": "1"], false), (["TERM": "dumb"], false),
    ])
  func colours(environment: [String: String], isColoured: Bool) throws {
    let screen = try TerminalScreen.session(environment: environment)
    try screen.enter(":help")
    try screen.wait(for: "what if")
    #expect(try screen.escapes.contains("\u{1B}[1mwhat if") == isColoured)
    let words = ["-i", "examples/torre-2004/baseline.ns", "--color"]
    #expect(try !Netsh.run(words + ["auto"], input: ":help\n").output.contains("\u{1B}"))
    #expect(try Netsh.run(words + ["always"], input: ":help\n").output.contains("\u{1B}["))
  }

  @Test("a live plot is drawn where it stands while time passes, and ends on Ctrl-C")
  func live() throws {
    let screen = try TerminalScreen.session()
    try screen.enter(":plot live server.pool.clusters.free, copy.sent")
    try screen.wait(for: "drawn while the world runs")
    try screen.enter("run for 1d")
    try screen.wait(until: "a picture while it runs") {
      try $0.lines.contains { $0.contains("└") } && $0.lastLine != "0s >"
    }
    try screen.press("C-c")
    try screen.wait(for: "`:plot live` has ended")
    try screen.wait(until: "the prompt") { try $0.lastLine.hasSuffix(">") }
    // One last picture of two charts, and nothing of those before it.
    #expect(try screen.allLines.filter { $0.contains("└") }.count == 2)
    try screen.enter("run for 1s")
    try screen.wait(until: "the next prompt") {
      try $0.lines.contains { $0.hasSuffix("> run for 1s") } && $0.lastLine.hasSuffix(">")
    }
    #expect(try screen.allLines.filter { $0.contains("└") }.count == 2)
  }

  @Test("not in a terminal a live plot prints its last picture alone")
  func livePipe() throws {
    let run = try Netsh.run(
      ["-i", "examples/torre-2004/baseline.ns"],
      input: ":plot live server.pool.clusters.free\nrun for 50ms\nnow\n")
    #expect(run.status == 0 && run.output.filter { $0 == "└" }.count == 1)
    #expect(!run.output.contains("\u{1B}") && run.output.hasSuffix("\n50ms\n"))
  }

  @Test("behaviour 31: what is taller than the screen goes through the pager, and q returns")
  func pager() throws {
    let screen = try TerminalScreen.session(
      environment: ["NETSH_PAGER": "sh pager.sh"],
      files: ["pager.sh": "head -3; echo paged; read key < /dev/tty\n"])
    let long = "for i in 1..9000 { print \"a line that is as long as most others are: {i}\" }"
    try screen.enter(long)
    try screen.wait(forLast: "paged")
    #expect(try screen.lines.contains { $0.hasSuffix("are: 3") })
    #expect(try !screen.lines.contains { $0.hasSuffix("are: 4") })
    // It has left most of it unread, and nothing is killed by that.
    try screen.press("Enter")
    try screen.wait(forLast: "0s >")
    try screen.enter("print 6 * 7")
    try screen.wait(for: "42")
    #expect(try screen.count("paged") == 1)
    try screen.enter(":set pager off")
    try screen.enter(long)
    try screen.wait(until: "the end of it") { try $0.lines.contains { $0.hasSuffix(": 9000") } }
    try screen.wait(forLast: "0s >")
    #expect(try screen.count("paged") == 0)
  }

  @Test("behaviour 31: without a variable it is less, and without the program there are lines")
  func less() throws {
    let screen = try TerminalScreen.session(environment: ["PAGER": "no-such-pager"])
    try screen.enter("for i in 1..50 { print \"line {i}\" }")
    try screen.wait(for: "line 50")
    try screen.wait(forLast: "0s >")
    let other = try TerminalScreen.session()
    try other.enter("for i in 1..50 { print \"line {i}\" }")
    try other.wait(forLast: ":")
    #expect(try other.lines.contains("line 1") && !other.lines.contains("line 50"))
    try other.press("q")
    try other.wait(forLast: "0s >")
    try other.enter("print \"short\"")
    try other.wait(for: "short")
    try other.wait(forLast: "0s >")
  }
}
