// Typing at a prompt, in a real terminal: blocks, pastes, keys, the editor, signals.

import Foundation
import Testing

@Suite(
  "Line editing", .serialized,
  .enabled(if: TerminalScreen.tmux != nil, TerminalScreen.isMissing))
struct LineEditingTests {
  static let lab = """
    lan bench { rate = 10Mbps }
    host server { pool { clusters = 64 }; nic eth0 { lan = bench } }
    host client { nic eth0 { lan = bench } }
    bulk copy { from = server; to = client; size = .endless }
    run for 2s

    """

  /// A session in front of a small lab, at its first prompt.
  static func session(
    columns: Int = 80, rows: Int = 24, environment: [String: String] = [:],
    files: [String: String] = [:], folder: URL? = nil
  ) throws -> TerminalScreen {
    let files = files.merging(["lab.ns": lab]) { $1 }
    let screen = try TerminalScreen(
      ["-i", "lab.ns"], columns: columns, rows: rows, environment: environment, files: files,
      folder: folder)
    try screen.wait(forLast: "0s >")
    return screen
  }

  @Test("behaviour 1: a block that is begun asks on, and its closing brace evaluates it once")
  func block() throws {
    let screen = try Self.session()
    try screen.enter("for i in 1..2 {")
    try screen.wait(forLast: "  ...")
    try screen.enter("print \"i is {i * 10}\"")
    try screen.wait(until: "a second continuation") {
      try $0.lines.filter { $0.hasPrefix("  ...") }.count == 2
    }
    #expect(try !screen.lines.contains("i is 10"))
    try screen.enter("}")
    try screen.wait(for: "i is 20")
    try screen.wait(forLast: "0s >")
    #expect(try screen.lines.filter { $0 == "i is 10" }.count == 1)
  }
}
