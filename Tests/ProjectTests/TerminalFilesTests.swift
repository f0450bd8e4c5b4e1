// Scripts, pipes, statuses and files, from a shell in a terminal.

import Foundation
import Testing

@Suite(
  "Files in a terminal", .serialized,
  .enabled(if: TerminalScreen.tmux != nil, TerminalScreen.isMissing))
struct TerminalFilesTests {
  /// A shell that finds `netsh`.
  private func shell(_ files: [String: String] = [:]) throws -> TerminalScreen {
    let netsh = try #require(Netsh.executable)
    let files = files.merging(["lab.ns": TerminalScreen.lab]) { $1 }
    let screen = try TerminalScreen(
      ["--norc"],
      environment: [
        "PS1": "sh$ ", "PATH": netsh.deletingLastPathComponent().path + ":/usr/bin:/bin",
      ],
      files: files, program: "bash")
    try screen.wait(forLast: "sh$")
    return screen
  }

  @Test("behaviour 38: a script, -e, a pipe, #! and -i, as somebody types them in a shell")
  func ways() throws {
    let screen = try shell([
      "one.ns": "print \"from a file\"\n", "bang": "#!/usr/bin/env netsh\nprint \"by its name\"\n",
    ])
    for (line, told) in [
      ("netsh one.ns", "from a file"), ("netsh -e 'print 6 * 7'", "42"),
      ("echo 'print 2 + 3' | netsh -", "5"), ("chmod +x bang; ./bang", "by its name"),
    ] {
      try screen.enter(line)
      try screen.wait(until: "what `\(line)` prints") { try $0.count(told) == 1 }
      try screen.wait(forLast: "sh$")
    }
    try screen.enter("netsh -i lab.ns")
    try screen.wait(forLast: "0s >")
    try screen.enter("now")
    try screen.wait(until: "0s") { try $0.count("0s") == 1 }
    try screen.press("C-d")
    try screen.wait(forLast: "sh$")
  }

  @Test("behaviours 39, 44: a pipe gets results alone: no banner, prompt, colour, paging, history")
  func pipe() throws {
    let screen = try shell()
    let written = try screen.record()
    try screen.enter("printf 'for i in 1..40 { print i }\\nx\\nprint 99\\n' | netsh; echo is $?")
    try screen.wait(for: "is 3")
    let text = try screen.wait(forWritten: "is 3", in: written)
    let lines = text.replacingOccurrences(of: "\r", with: "").split(separator: "\n")
    #expect(lines.contains("2") && lines.contains("40") && !lines.contains("99"))
    #expect(!text.contains("netsh 0.") && !text.contains("0s >"))
    let history = screen.folder.appendingPathComponent("state/netsh/history").path
    #expect(!FileManager.default.fileExists(atPath: history))
    try screen.enter("printf 'x\\nprint 99\\n' | netsh --keep-going; echo was $?")
    try screen.wait(for: "was 3")
    #expect(try screen.count("99") == 1)
  }

  @Test("behaviour 40: the exit statuses of the command line")
  func statuses() throws {
    let screen = try shell(["long.ns": TerminalScreen.lab.replacing("2s", with: "1000000s")])
    for (words, status) in [
      ("-e 'expect 1 == 1'", 0), ("-e 'expect 1 == 2'", 1), ("nothing.ns", 2), ("-e 'x'", 3),
      ("--limit events=10 lab.ns", 4), ("-i lab.ns < /dev/null", 0),
    ] {
      try screen.enter("clear; netsh \(words); echo status $?")
      try screen.wait(until: "status \(status) of \(words)") {
        try $0.count("status \(status)") == 1
      }
    }
    try screen.enter("clear; netsh long.ns; echo status $?")
    try screen.wait(until: "a run under way") { try $0.lastLine.contains(" simulated") }
    try screen.press("C-c")
    try screen.wait(until: "status 130") { try $0.count("status 130") == 1 }
    try screen.enter("clear; netsh -i lab.ns; echo status $?")
    try screen.wait(forLast: "0s >")
    for line in ["server.pol", "expect 1 == 2"] { try screen.enter(line) }
    try screen.press("C-c", "C-d")
    try screen.wait(until: "status 0") { try $0.count("status 0") == 1 }
  }

  @Test("behaviour 41: the rc file is done first; its mistakes are told, and what follows is done")
  func rc() throws {
    let screen = try shell()
    let folder = screen.folder.appendingPathComponent("config/netsh")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let lines = ":set timing maybe\n# a comment\n:set prompt \"mine %t> \"\n"
    try Data(lines.utf8).write(to: folder.appendingPathComponent("rc"))
    try screen.enter("netsh -i lab.ns")
    try screen.wait(forLast: "mine 0s>")
    #expect(try screen.lines.contains { $0.contains("that was line 1 of") })
    try screen.enter(":set prompt")
    try screen.wait(for: "(rc)")
    try screen.press("C-d")
    try screen.wait(forLast: "sh$")
    try screen.enter("netsh --no-rc -i lab.ns")
    try screen.wait(forLast: "0s >")
  }
}
