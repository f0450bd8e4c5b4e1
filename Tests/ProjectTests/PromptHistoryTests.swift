// Earlier lines, in a terminal and on disk: found, shared, and never lost.

import Foundation
import Testing

@Suite(
  "Prompt history", .serialized,
  .enabled(if: TerminalScreen.tmux != nil, TerminalScreen.isMissing))
struct PromptHistoryTests {
  private func file(_ folder: URL) -> URL {
    folder.appendingPathComponent("state/netsh/history")
  }

  private func entries(_ folder: URL) -> [String] {
    let text = String(decoding: (try? Data(contentsOf: file(folder))) ?? Data(), as: UTF8.self)
    return text.split(separator: "\n").map(String.init)
  }

  @Test("behaviour 15: Ctrl-R finds in earlier sessions, Ctrl-G gives the line back; Alt-P")
  func searching() throws {
    let folder = TerminalScreen.newFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(
      at: folder.appendingPathComponent("state/netsh"), withIntermediateDirectories: true)
    let earlier = "print 1 + 1\nprint 2 + 2\nserver.pool.clusters.free\n"
    try Data(earlier.utf8).write(to: file(folder))
    let screen = try TerminalScreen.session(folder: folder)
    try screen.type("pri")
    try screen.press("C-r")
    try screen.type("clusters")
    try screen.wait(for: "server.pool.clusters.free")
    try screen.press("C-g")
    try screen.wait(forLast: "0s > pri")
    try screen.press("M-p")
    try screen.wait(forLast: "0s > print 2 + 2")
    try screen.press("M-p")
    try screen.wait(forLast: "0s > print 1 + 1")
    try screen.press("M-n", "Enter")
    try screen.wait(until: "4") { try $0.count("4") == 1 }
  }

  @Test("behaviour 16: one file of mode 0600, written at once, shared by two sessions")
  func shared() throws {
    let folder = TerminalScreen.newFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let one = try TerminalScreen.session(folder: folder)
    let two = try TerminalScreen.session(folder: folder)
    try one.enter("print 10 + 1")
    try one.wait(until: "11") { try $0.count("11") == 1 }
    let attributes = try FileManager.default.attributesOfItem(atPath: file(folder).path)
    #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
    try two.enter("print 20 + 2")
    try two.wait(until: "22") { try $0.count("22") == 1 }
    #expect(entries(folder) == ["print 10 + 1", "print 20 + 2"])
    try one.enter("")
    try one.press("Up")
    try one.wait(forLast: "0s > print 20 + 2")
    try one.press("C-u")
    try one.enter("if true {")
    try one.enter("print 33")
    try one.enter("}")
    try one.wait(until: "33") { try $0.count("33") == 1 }
    let process = try #require(try one.process)
    kill(process, SIGKILL)
    _ = try one.waitForEnd()
    #expect(entries(folder) == ["print 10 + 1", "print 20 + 2", "if true {\\nprint 33\\n}"])
  }

  @Test("behaviour 17: a space keeps a line out, the same again is kept once, :history shows")
  func kept() throws {
    let screen = try TerminalScreen.session()
    for line in ["print 1", "print 1", " print 2", "print 3", "print 1"] {
      try screen.enter(line)
      try screen.wait(forLast: "0s >")
    }
    #expect(entries(screen.folder) == ["print 1", "print 3", "print 1"])
    try screen.enter(":history 3")
    try screen.wait(for: "  :history 3")
    let shown = try screen.lines.filter { $0.contains(#/^ *[0-9]+  /#) }
    #expect(
      shown.map { $0.split(separator: "  ").last.map(String.init) }
        == ["print 3", "print 1", ":history 3"])
    try screen.enter(":history grep t 3")
    try screen.wait(until: "one line") { try $0.lines.contains { $0.hasSuffix("  print 3") } }
    let number = try #require(shown[0].split(separator: " ").first)
    try screen.enter(":history run \(number)")
    try screen.wait(until: "it runs") { try $0.count("3") == 2 && $0.count("print 3") == 1 }
    try screen.enter(":history run 99999")
    try screen.wait(for: "there is no line 99999")
    try screen.enter(":history some")
    try screen.wait(for: "it is written")
  }

  @Test("a home that cannot be written is told once, and the session goes on")
  func readOnly() throws {
    let screen = try TerminalScreen.session(environment: ["XDG_STATE_HOME": "/proc/nowhere"])
    for number in 1...3 {
      try screen.enter("print \(number) * 11")
      try screen.wait(until: "\(number * 11)") { try $0.count("\(number * 11)") == 1 }
    }
    #expect(try screen.lines.filter { $0.contains("history is not kept") }.count == 1)
    try screen.press("Up")
    try screen.wait(forLast: "0s > print 3 * 11")
  }

  @Test("a disk without room loses no session: history and files say so, the world goes on")
  func full() throws {
    let netsh = try #require(Netsh.executable).path
    let screen = try TerminalScreen(
      ["-c", "ulimit -f 0; exec \(netsh) -i lab.ns"], files: ["lab.ns": TerminalScreen.lab],
      program: "sh")
    try screen.wait(forLast: "0s >")
    try screen.enter("run for 100ms")
    try screen.wait(for: "history is not kept:")
    try screen.wait(forLast: "100ms >")
    try screen.enter(":save saved.ns")
    try screen.wait(for: "saved.ns: cannot be written")
    try screen.enter(":set output out.txt")
    try screen.enter("print 6 * 7")
    try screen.wait(for: "results cannot be written there any more; they come here again")
    try screen.wait(until: "42") { try $0.count("42") == 1 }
    try screen.enter(":set output /dev/full")
    try screen.enter("print 33 * 2")
    try screen.wait(until: "66") { try $0.count("66") == 1 }
    #expect(try screen.status == nil)
    #expect(try screen.lines.filter { $0.contains("history is not kept") }.count == 1)
  }

  @Test("a file that somebody else has filled is read as far as it can be")
  func rubbish() throws {
    let folder = TerminalScreen.newFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(
      at: folder.appendingPathComponent("state/netsh"), withIntermediateDirectories: true)
    var data = Data([0xFF, 0x00, 0x0A, 0x0A, 0xC3, 0x0A])
    data.append(Data("print 1\\\nfor i in 1..2 {\\n  print i\\n}\nhalf".utf8))
    try data.write(to: file(folder))
    let screen = try TerminalScreen.session(folder: folder)
    try screen.press("Up")
    try screen.wait(for: "for i in 1..2 {")
    try screen.press("C-c")
    try screen.enter("print 5")
    try screen.wait(until: "5") { try $0.count("5") == 1 }
    #expect(entries(folder).suffix(2) == ["half", "print 5"])
  }
}
