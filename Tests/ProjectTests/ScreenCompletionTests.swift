// Tab in a terminal: commands, settings with their values, paths that somebody asks about.

import Foundation
import Testing

@Suite(
  "Completion in a terminal", .serialized,
  .enabled(if: TerminalScreen.tmux != nil, TerminalScreen.isMissing))
struct ScreenCompletionTests {
  /// Types, presses Tab, waits for what becomes of the line, and clears it.
  private func complete(_ screen: TerminalScreen, _ text: String, _ whole: String) throws {
    try screen.type(text)
    try screen.press("Tab")
    try screen.wait(forLast: "0s > " + whole)
    try screen.press("C-u")
    try screen.wait(forLast: "0s >")
  }

  @Test("behaviour 9: behind a command stands what it takes: settings, values, folders, paths")
  func arguments() throws {
    let screen = try TerminalScreen.session()
    let folder = screen.folder.appendingPathComponent("deeper")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (text, whole) in [
      (":set fe", ":set feedback"), (":set feedback ve", ":set feedback verbose"),
      (":set pager of", ":set pager off"), (":set output la", ":set output lab.ns"),
      (":cd d", ":cd deeper/"), (":!cat la", ":!cat la"), (":shell cat la", ":shell cat lab.ns"),
      (":plot live server.pool.clusters.pe", ":plot live server.pool.clusters.peak"),
      (":help server.tcp.keepid", ":help server.tcp.keepidle"),
    ] { try complete(screen, text, whole) }
    try screen.type(":set format ")
    try screen.press("Tab", "Tab")
    try screen.wait(until: "the values") { try $0.lines.contains("table   csv     json") }
    try screen.press("C-u")
    try screen.type(":set ")
    try screen.press("Tab", "Tab")
    try screen.wait(until: "names with their values") {
      try $0.lines.contains { $0.contains("feedback  normal") }
    }
  }

  @Test("behaviour 19: a path is completed before its question mark, and is asked about")
  func question() throws {
    let screen = try TerminalScreen.session()
    try screen.type("server.tcp.keepid?")
    try screen.press("Left", "Tab")
    try screen.wait(forLast: "0s > server.tcp.keepidle?")
    try screen.press("C-u", "C-k")
    try screen.type("server.tcp.keepid")
    try screen.press("Tab")
    try screen.wait(forLast: "0s > server.tcp.keepidle =")
    try screen.enter("?")
    try screen.wait(for: "default 2h")
  }

  @Test("behaviour 11: what several names have in common is completed, then they are listed")
  func ambiguous() throws {
    let screen = try TerminalScreen.session()
    try screen.type("server.pool.cl")
    try screen.press("Tab")
    try screen.wait(forLast: "0s > server.pool.cluster")
    try screen.press("Tab", "Tab")
    for text in ["cluster ", "clusters "] {
      try screen.wait(until: text) { try $0.lines.contains { $0.contains(text) } }
    }
  }
}
