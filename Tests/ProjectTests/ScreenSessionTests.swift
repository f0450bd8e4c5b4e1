// A session in a terminal from its beginning to its end: what takes back, what is kept.

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
}
