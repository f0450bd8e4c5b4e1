// A session in a terminal from its beginning to its end: what takes back, what is kept, statuses.

import Foundation
import Testing

@Suite(
  "Sessions in a terminal", .serialized,
  .enabled(if: TerminalScreen.tmux != nil, TerminalScreen.isMissing))
struct ScreenSessionTests {
  @Test("behaviour 30: :undo takes back statements, live changes, forks and ways through time")
  func undo() throws {
    let screen = try TerminalScreen.session()
    for (line, prompt) in [
      ("run for 2s", "2s >"), ("server.tcp.keepidle = 30s", "2s >"), (":fork other", "2s >"),
      ("run for 3s", "5s >"), (":goto 1s", "1s >"), (":undo", "5s >"), (":undo", "2s >"),
      (":undo", "2s >"), (":undo", "2s >"), (":undo", "0s >"),
    ] {
      try screen.enter(line)
      try screen.wait(until: "`\(line)` and `\(prompt)`") {
        let lines = try $0.allLines
        return lines.last == prompt
          && lines.dropLast().last { $0.contains(" > ") }?
            .hasSuffix("> " + line) == true
      }
    }
    try screen.enter("server.tcp.keepidle")
    try screen.wait(for: "2h")
    try screen.enter(":undo")
    try screen.wait(for: "there is nothing to undo")
  }

  @Test("behaviour 42: what is saved does the same by itself; a file loaded again tells its names")
  func files() throws {
    let screen = try TerminalScreen.session(files: [
      "more.ns": "let few = 8\nfn twice(x) => x * 2\n"
    ])
    try screen.enter(":load more.ns")
    try screen.wait(for: "added: few, twice")
    let other = "let few = 9\nlet many = 90\n"
    try Data(other.utf8).write(to: screen.folder.appendingPathComponent("more.ns"))
    try screen.enter(":load more.ns")
    for line in ["added: many", "changed: few", "removed: twice"] { try screen.wait(for: line) }
    try screen.enter("run for few * 1ms")
    try screen.wait(forLast: "9ms >")
    try screen.enter(":save mine.ns")
    try screen.wait(for: "wrote mine.ns: the world of lab.ns")
    let saved = screen.folder.appendingPathComponent("mine.ns")
    let text = try String(contentsOf: saved, encoding: .utf8)
    let digest = try #require(text.split(separator: "\n").first { $0.hasPrefix("# Digest ") })
    let run = try Netsh.run([saved.path, "--json"])
    #expect(run.status == 0 && run.output.contains(digest.split(separator: " ")[2].prefix(16)))
    try screen.enter(":save mine.ns")
    try screen.wait(for: "`:save! mine.ns` replaces it")
  }

  @Test(
    "behaviours 38, 40: each way to start ends with the status that it should",
    arguments: [
      (["lab.ns"], 0), (["-e", "print 1"], 0), (["-e", "expect 1 == 2"], 1), (["no.ns"], 2),
      (["-e", "print nothing.of.it"], 3), (["-i", "lab.ns", "--replay", "none"], 2),
    ])
  func statuses(words: [String], status: Int) throws {
    let screen = try TerminalScreen(words, files: ["lab.ns": TerminalScreen.lab])
    // Nil: tmux does not always learn it.
    #expect(try [status, nil].contains(screen.waitForEnd()))
  }

  @Test("behaviour 38: a script that names its interpreter runs by its own name")
  func interpreter() throws {
    let netsh = try #require(Netsh.executable)
    let folder = TerminalScreen.newFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let script = folder.appendingPathComponent("script")
    try Data("#!\(netsh.path)\nprint \"by itself\"\n".utf8).write(to: script)
    chmod(script.path, 0o755)
    let screen = try TerminalScreen([], folder: folder, program: script.path)
    try screen.wait(for: "by itself")
  }
}
