// Typing at a prompt, in a real terminal: blocks, pastes, keys, the editor, widths and sizes.

import Foundation
import Testing

extension TerminalScreen {
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
    let files = ["lab.ns": lab].merging(files) { $1 }
    let screen = try TerminalScreen(
      ["-i", "lab.ns"], columns: columns, rows: rows, environment: environment, files: files,
      folder: folder)
    try screen.wait(forLast: "0s >")
    return screen
  }

  /// How many lines of the screen are this one.
  func count(_ line: String) throws -> Int { try lines.filter { $0 == line }.count }
}

@Suite(
  "Line editing", .serialized,
  .enabled(if: TerminalScreen.tmux != nil, TerminalScreen.isMissing))
struct LineEditingTests {
  @Test("behaviour 1: a block that is begun asks on, and its closing brace evaluates it once")
  func block() throws {
    let screen = try TerminalScreen.session()
    try screen.enter("for i in 1..2 {")
    try screen.wait(forLast: "  ...")
    try screen.enter("print \"i is {i * 10}\"")
    try screen.wait(until: "a second continuation") {
      try $0.lines.filter { $0.hasPrefix("  ...") }.count == 2
    }
    #expect(try screen.count("i is 10") == 0)
    try screen.enter("}")
    try screen.wait(for: "i is 20")
    try screen.wait(forLast: "0s >")
    #expect(try screen.count("i is 10") == 1)
  }

  @Test("behaviour 2: two Enters or Ctrl-C abandon a block; nothing but a prompt is printed")
  func abandoned() throws {
    let screen = try TerminalScreen.session()
    for keys in [["Enter"], ["Enter", "Enter"], ["C-c"]] {
      try screen.enter("if true {")
      try screen.wait(forLast: "  ...")
      for key in keys { try screen.press(key) }
      try screen.wait(until: "a fresh prompt") { try ["0s >"].contains($0.lastLine) }
      let lines = try screen.lines
      let block = try #require(lines.lastIndex(of: "0s > if true {"))
      #expect(lines[(block + 1)...].allSatisfy { ["  ...", "0s >"].contains($0) }, "\(lines)")
    }
    try screen.enter("print 6 * 7")
    try screen.wait(for: "42")
  }

  @Test("behaviours 3, 44: thirty pasted lines are one entry, echoed once; tabs complete nothing")
  func paste() throws {
    let screen = try TerminalScreen.session(rows: 60)
    var script = "var sum = 0\nfor i in 1..3 {\n"
    for line in 1...26 { script += "\tsum += i * \(line)\n" }
    script += "}\nprint \"sum {sum}\""
    try screen.paste(script)
    try screen.wait(for: "print \"sum {sum}\"")
    #expect(try screen.lines.filter { $0.contains("sum += i * 17") }.count == 1)
    #expect(try !screen.lines.contains { $0.hasPrefix("sum ") })
    try screen.press("Enter")
    try screen.wait(for: "sum 2106")
    try screen.wait(forLast: "0s >")
    #expect(try screen.count("sum 2106") == 1)
    // One entry: it comes back with one key.
    try screen.press("Up")
    try screen.wait(until: "the whole block again") {
      try $0.lines.filter { $0.contains("sum += i * 17") }.count == 2
    }
  }

  @Test("behaviour 4: Up brings a block back whole, to be changed")
  func recall() throws {
    let screen = try TerminalScreen.session()
    for line in ["for i in 1..2 {", "  print \"turn {i}\"", "}"] { try screen.enter(line) }
    try screen.wait(for: "turn 2")
    try screen.press("Up")
    try screen.wait(forLast: "}")
    try screen.press("C-a")
    for _ in 0..<9 { try screen.press("Right") }
    try screen.type("7..8")
    try screen.wait(for: "for i in 7..81..2 {")
    for _ in 0..<4 { try screen.press("Delete") }
    try screen.wait(for: "for i in 7..8 {")
    try screen.press("Enter")
    try screen.wait(for: "turn 8")
    #expect(try screen.count("turn 7") == 1)
  }

  @Test("behaviour 5: an editor has the whole entry; what it saves is done, else nothing is")
  func editor() throws {
    let screen = try TerminalScreen.session(
      environment: ["VISUAL": "sh editor.sh"],
      files: ["editor.sh": "cat \"$1\" > seen; . ./what; exit $status\n"])
    func behave(_ text: String) throws {
      try Data(text.utf8).write(to: screen.folder.appendingPathComponent("what"))
    }
    try behave("echo 'print \"saved\"' > \"$1\"; status=0")
    try screen.enter("if true {")
    try screen.wait(forLast: "  ...")
    try screen.type("print 1")
    try screen.press("C-x", "C-e")
    try screen.wait(until: "what was saved") { try $0.count("saved") == 1 }
    try screen.wait(forLast: "0s >")
    let seen = try String(contentsOf: screen.folder.appendingPathComponent("seen"), encoding: .utf8)
    #expect(seen == "if true {\nprint 1")
    for cancel in [": > \"$1\"; status=0", "echo print 3 > \"$1\"; status=1"] {
      try behave(cancel)
      try screen.type("print 2")
      try screen.press("C-x", "C-e")
      // The editor is there for a moment, and what is typed then is its own.
      try screen.wait(until: "the line, to be cleared") {
        try $0.press("C-u")
        return try $0.lastLine == "0s >"
      }
    }
    #expect(try screen.count("2") == 0 && screen.count("3") == 0)
  }

  @Test("behaviour 6: the usual keys edit, and .inputrc has its say, also for netsh alone")
  func keys() throws {
    let inputrc = "set editing-mode emacs\n$if netsh\n\"\\C-o\": \"print 99\"\n$endif\n"
    let screen = try TerminalScreen.session(files: [".inputrc": inputrc])
    try screen.type("one two three")
    try screen.press("C-w")
    try screen.wait(forLast: "0s > one two")
    try screen.press("M-b", "M-b")
    try screen.type("x")
    try screen.wait(forLast: "0s > xone two")
    try screen.press("M-f", "C-k")
    try screen.wait(forLast: "0s > xone")
    try screen.press("C-_")
    try screen.wait(forLast: "0s > xone two")
    try screen.press("C-e", "C-u")
    try screen.wait(forLast: "0s >")
    try screen.press("C-o", "Enter")
    try screen.wait(until: "99") { try $0.count("99") == 1 }
  }

  @Test("behaviour 6: vi's keys, where .inputrc asks for them")
  func vi() throws {
    let screen = try TerminalScreen.session(files: [".inputrc": "set editing-mode vi\n"])
    try screen.type("print 12")
    try screen.press("Escape")
    try screen.press("0")
    try screen.type("ccprint 34")
    try screen.press("Enter")
    try screen.wait(until: "34") { try $0.count("34") == 1 }
  }

  @Test("behaviour 7: the cursor knows wide, combining and far columns, and a new size")
  func widths() throws {
    let screen = try TerminalScreen.session()
    func cursor(_ column: Int, _ rows: Int = 0, after what: String) throws {
      try screen.wait(until: "column \(column) after \(what)") {
        let row = try $0.lines.lastIndex { $0.hasPrefix("0s > ") } ?? -1
        return try $0.cursor.column == column && $0.cursor.row == row + rows
      }
    }
    try screen.type("# aé漢字e\u{301}x")
    try cursor(5 + 10, after: "typing")
    try screen.press("Left")
    try cursor(5 + 9, after: "one Left")
    try screen.press("Left")
    try cursor(5 + 8, after: "one over a combining accent")
    try screen.press("Left")
    try cursor(5 + 6, after: "one over a wide character")
    try screen.press("C-e", "C-u")
    try screen.wait(forLast: "0s >")
    try screen.type("# " + String(repeating: "0123456789", count: 9))
    try cursor(17, 1, after: "a line of 97 columns")
    try screen.resize(columns: 60, rows: 24)
    try screen.wait(until: "the new width") { try $0.cursor.column == 37 }
    try screen.press("C-a", "Right")
    try cursor(6, after: "the new width")
  }

  @Test("behaviour 8: Ctrl-D ends with 0 and a new line, but not in the middle of a line")
  func endOfInput() throws {
    let screen = try TerminalScreen.session()
    try screen.type("print 1")
    try screen.press("C-d", "C-a", "C-d")
    try screen.wait(forLast: "0s > rint 1")
    try screen.press("C-e", "C-u")
    try screen.wait(forLast: "0s >")
    #expect(try screen.status == nil)
    try screen.press("C-d")
    #expect([nil, 0].contains(try screen.waitForEnd()))
  }
}
