// Sessions that die: what they say, what they leave, and that it can be done again.

import Foundation
import Testing

@Suite(
  "Crashes", .serialized, .enabled(if: TerminalScreen.tmux != nil, TerminalScreen.isMissing))
struct CrashTests {
  private func logs(_ folder: URL) throws -> [URL] {
    let sessions = folder.appendingPathComponent("state/netsh/sessions")
    let files = FileManager.default
    return try files.contentsOfDirectory(at: sessions, includingPropertiesForKeys: nil)
      .sorted { $0.path < $1.path }
  }

  /// Ends the session by a signal; gives what it says and the log.
  private func crash(_ screen: TerminalScreen, _ signal: Int32) throws -> (text: String, log: URL) {
    kill(try #require(try screen.process), signal)
    // Nil: tmux does not always learn it.
    #expect(try [128 + Int(signal), nil].contains(screen.waitForEnd()))
    let log = try #require(try logs(screen.folder).last)
    return (try screen.lines.joined(separator: "\n"), log)
  }

  /// The last object of a session from a pipe.
  private func last(_ words: [String], _ folder: URL, _ lines: String) throws -> [String: String] {
    let lab = folder.appendingPathComponent("lab.ns").path
    let run = try Netsh.run(["-i", lab, "--json"] + words, input: lines + "\n")
    let line = try #require(run.output.split(separator: "\n").last)
    let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
    return try #require(object).mapValues { "\($0)" }
  }

  @Test(
    "behaviour 45: a trap tells where the log is, and the command that it names does all again",
    arguments: [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT])
  func replay(signal: Int32) throws {
    let screen = try TerminalScreen.session(columns: 160)
    let lines = [
      "run for 300ms", "print \"only looks\"", "server.pool.clusters.free", ":mark here",
      "let half = now * 0.5", "for i in 1..2 {\n  run for 10ms\n}", "1 +", ":back 3", ":fork other",
      "server.tcp.keepidle = 30s", "run for half", ":goto main", ":undo", "step 5 on server.pool.*",
      "now", "run for _ * 0.1",
    ]
    for line in lines { try screen.enter(line) }
    try screen.enter("print \"the end\"")
    try screen.wait(for: "the end")
    try screen.wait(until: "a prompt") { try $0.lastLine.hasSuffix(" >") }
    let (text, log) = try crash(screen, signal)
    #expect(text.contains("netsh: a mistake of its own ends this session: SIG"))
    let told = text.replacing("\n", with: "")
    #expect(told.contains("what was done is in \(log.path)"))
    #expect(told.contains("netsh -i lab.ns --replay \(log.path)"))
    let mode = try FileManager.default.attributesOfItem(atPath: log.path)[.posixPermissions]
    #expect(mode as? Int == 0o600)
    #expect(try !String(contentsOf: log, encoding: .utf8).contains("only looks"))
    let replayed = try last(["--replay", log.path], screen.folder, "now")
    let all = lines.joined(separator: "\n") + "\nnow"
    let straight = try last(["--keep-going"], screen.folder, all)
    #expect(replayed["digest"] == straight["digest"] && replayed["event"] == straight["event"])
  }

  @Test("behaviour 45: what Ctrl-C has held goes no further when it is done again")
  func held() throws {
    let screen = try TerminalScreen.session(columns: 160)
    for (count, line) in ["run for 30d", ":continue", "run for 1s; run for 30d"].enumerated() {
      try screen.enter(line)
      try screen.wait(for: "> " + line)
      usleep(200_000)
      try screen.press("C-c")
      try screen.wait(until: "a halt and a prompt") {
        let lines = try $0.lines
        return lines.filter { $0.hasPrefix("halted at") }.count == count + 1
          && lines.last?.hasSuffix(" >") == true
      }
    }
    let halt = try #require(try screen.lines.last { $0.hasPrefix("halted at") })
    let event = halt.split(separator: " ").last.map { $0.filter(\.isNumber) }
    let (_, log) = try crash(screen, SIGILL)
    #expect(try last(["--replay", log.path], screen.folder, "now")["event"] == event)
  }

  @Test("a session that ends leaves no log, and a log that is none is told")
  func clean() throws {
    let screen = try TerminalScreen.session()
    try screen.enter("run for 1s")
    try screen.wait(forLast: "1s >")
    #expect(try logs(screen.folder).count == 1)
    try screen.enter(":quit")
    #expect(try [0, nil].contains(screen.waitForEnd()))
    #expect(try logs(screen.folder).isEmpty)
    let lab = screen.folder.appendingPathComponent("lab.ns").path
    let wrong = try Netsh.run(["-i", lab, "--replay", lab], input: "")
    #expect(wrong.status == 2 && wrong.errors.contains("is no session's log"))
    #expect(try Netsh.run(["-i", lab, "--replay", "none"], input: "").status == 2)
  }

  @Test("where no log can be kept the session says so once and goes on")
  func unwritable() throws {
    let folder = TerminalScreen.newFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    // A file where a folder should be: nobody can write below it, whoever runs this.
    try Data().write(to: folder.appendingPathComponent("state"))
    let screen = try TerminalScreen.session(folder: folder)
    for line in ["run for 1s", "run for 1s", "run for 1s"] { try screen.enter(line) }
    try screen.wait(forLast: "3s >")
    #expect(try screen.lines.filter { $0.contains("is not logged") }.count == 1)
  }

  @Test("of sessions that died only the last logs stay")
  func few() throws {
    let folder = TerminalScreen.newFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let sessions = folder.appendingPathComponent("state/netsh/sessions")
    try FileManager.default.createDirectory(at: sessions, withIntermediateDirectories: true)
    for number in 1...20 {
      try Data().write(to: sessions.appendingPathComponent("10000000\(number + 10)-1"))
    }
    let screen = try TerminalScreen.session(folder: folder)
    let names = try logs(screen.folder).map(\.lastPathComponent)
    #expect(names.count == 8 && names.first == "1000000024-1")
  }
}
