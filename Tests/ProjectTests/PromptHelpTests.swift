// Help, settings and the manners of a prompt that nobody types at, through a pipe.

import Foundation
import Testing

@Suite("Prompt help and settings")
struct PromptHelpTests {
  private func session(_ lines: String, _ words: [String] = []) throws -> Netsh.Run {
    try Netsh.run(["-i", "examples/torre-2004/baseline.ns"] + words, input: lines + "\n")
  }

  @Test("behaviour 18: :help fits one screen; a statement, a command and a code have pages")
  func help() throws {
    let list = try session(":help").output
    #expect(list.split(separator: "\n").count <= 24)
    #expect(list.split(separator: "\n").allSatisfy { $0.count <= 80 })
    #expect(try session("?").output == list && session("help").output == list)
    let step = try session(":help step").output
    #expect(step.hasPrefix("step [N] [on EVENT]") && step.contains("step 5 on server.pool.*"))
    #expect(try session(":help goto").output.contains("see also: :back"))
    let pages = [":help break", ":help last", ":help step", ":help set"].joined(separator: "\n")
    for line in try session(pages).output.split(separator: "\n") {
      #expect(line.count <= 80, "\(line)")
    }
    let wrong = try session(":help contniue")
    #expect(wrong.status == 3 && wrong.errors.contains("did you mean `:help continue`?"))
  }

  @Test("behaviour 19: NAME? tells value, type, unit, default, range, and who set it where")
  func about() throws {
    let lines = try session("server.tcp.keepidle?").output
    for fact in ["2h", "time", "default 2h", "500ms to", "live", "keepidle", "set at std/presets"] {
      #expect(lines.contains(fact), "\(fact) in \(lines)")
    }
    #expect(try session("server.pool.clusters.free?").output.contains("count, measured"))
    #expect(try session("server.pool.wait?").output.contains("an event"))
    #expect(
      try session("server?").output.contains("declared at examples/torre-2004/baseline.ns:25"))
    #expect(try session("var n = 3\n:help n").output.hasPrefix("n  3"))
    #expect(try session("nonsense?").status == 3)
  }

  @Test("behaviour 20: a unique beginning is enough, others list what they may be")
  func abbreviations() throws {
    #expect(try session(":und").errors.contains("nothing to undo"))
    #expect(try session(":").errors.contains("a command has a name"))
  }

  @Test(
    "a command without its colon, a statement with one, and other programs' words are understood",
    arguments: [
      ("back 3", "`:back 3`"), ("goto 10ms", "`:goto 10ms`"), ("quit", "`:quit`"),
      ("exit", "`:quit`"), ("continue", "`:continue`"), ("set pager off", "`:set pager off`"),
      ("break on server.pool.wait", "`:break on server.pool.wait`"), ("s", "`step`"),
      ("p server.pool.clusters.free", "`print server.pool.clusters.free`"),
      (":run for 1s", "`run for 1s`"), (":why server", "`why server`"), (":host a", "`host a`"),
    ])
  func misspoken(line: String, meant: String) throws {
    let run = try session(line)
    #expect(run.status == 3 && run.errors.contains(meant), "\(run.errors)")
  }

  @Test("behaviour 36: verbose tells what to do next, concise not where one is, silent no deeds")
  func feedback() throws {
    let lines = ["run for 5ms", "now", ":back 3", ":cd ."].joined(separator: "\n")
    func output(_ level: String) throws -> [String] {
      let run = try session(":set feedback \(level)\n\(lines)")
      #expect(run.status == 0)
      return run.output.split(separator: "\n").map(String.init)
    }
    let (normal, folder) = (try output("normal"), try #require(output("normal").last))
    #expect(normal == ["5ms", "at 3.579ms, event 25", folder])
    #expect(try output("concise") == ["5ms", folder] && output("silent") == ["5ms"])
    #expect(
      try output("verbose") == [
        "  28 events, 5ms; next comes cpu; `:undo` takes it back", "5ms",
        "  that is `$1`, and `_`", "at 3.579ms, event 25",
        "  3 events, 1.421ms back; next comes wake; `:undo` takes it back", folder,
      ])
  }

  @Test("behaviour 43: a shell's exit status and the folder are shown; --restricted has neither")
  func shell() throws {
    let run = try session(
      """
      :!echo out; exit 3
      :shell kill -9 $$
      :cd Tests
      :!pwd
      :!cat
      :save Scripts
      import "fix2.ns" as two
      """, ["--keep-going"])
    let lines = run.output.split(separator: "\n").map(String.init)
    #expect(lines.prefix(3) == ["out", "exit 3", "signal 9"])
    #expect(lines[3].hasSuffix("/Tests") && lines[4] == lines[3])
    #expect(lines.dropFirst(5).prefix(2) == ["exit 0", "exit 0"])
    // Files of the script are still found.
    #expect(run.errors == "netsh: Scripts: is a folder\n")
    for line in [":!true", ":shell true", ":cd /", ":set output | cat"] {
      let run = try session(line, ["--restricted"])
      #expect(run.status == 3 && run.errors.contains("--restricted"), "\(line)")
    }
    #expect(try session(":!").errors.contains("it is written :shell CMD"))
    #expect(try session(":cd nowhere").errors.contains("nowhere: is no folder"))
    #expect(try session(":s").errors.contains("`:save`, `:shell`, `:set`"))
  }

  @Test("behaviour 21: every code has its page, and :error shows the last diagnostic again")
  func errors() throws {
    #expect(try session(":help N201").output.contains("server.tcp.keepidle = 30s"))
    let run = try session("server.pol\n:error", ["--keep-going"])
    #expect(run.errors.components(separatedBy: "error N201").count == 3)
    #expect(try session(":error").errors.contains("there was no diagnostic"))
  }

  @Test("behaviour 34: :set timing on tells wall and simulated time of each line")
  func timing() throws {
    let run = try session(":set timing on\nrun for 10ms")
    #expect(run.output.contains("simulated 10ms") && run.status == 0)
  }

  @Test("behaviour 35: :set lists value and origin; an unknown setting has near names")
  func settings() throws {
    let list = try session(":set format csv\n:set").output
    #expect(list.contains("format    csv") && list.contains("session") && list.contains("default"))
    #expect(try session(":set fromat csv").errors.contains("did you mean `format`?"))
    #expect(try session(":set format xml").errors.contains("table, csv, json"))
  }

  @Test("behaviour 33: results go to a file or a program until `:set output -`")
  func redirected() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("out.txt").path
    let run = try session(
      """
      :set output \(file)
      print 1
      :set output | tr a-z A-Z
      print "loud"
      :set output -
      print 2
      """)
    #expect(run.status == 0 && run.output.contains("LOUD") && run.output.hasSuffix("2\n"))
    #expect(try String(contentsOfFile: file, encoding: .utf8) == "1\n")
    let restricted = try session(":set output \(file)", ["--restricted"])
    #expect(restricted.status == 3 && restricted.errors.contains("--restricted"))
  }

  @Test("behaviour 33: a list of records is a table, CSV, JSON, or one line for each column")
  func formats() throws {
    let run = try session(
      """
      run for 10ms
      holders(server.pool)
      :set format csv
      holders(server.pool)
      :set format json
      holders(server.pool)
      :set format table
      :set expanded on
      holders(server.pool)
      """)
    let lines = run.output.split(separator: "\n")
    #expect(run.status == 0 && lines.contains { $0.hasPrefix("  owner") && $0.contains("oldest") })
    #expect(lines.contains { $0.hasPrefix("owner,place,count,share,oldest [ns],payload [bit],") })
    #expect(lines.contains { $0.hasPrefix("the receive ring,.ring,32,") })
    #expect(lines.contains { $0.hasPrefix("{\"owner\":") && $0.contains("\"oldest [ns]\":") })
    #expect(lines.contains("record 1") && lines.contains { $0.hasPrefix("  place ") })
  }

  @Test("behaviour 41: --version has the engine's digest, the same each time")
  func version() throws {
    let first = try Netsh.run(["--version"]).output
    let second = try Netsh.run(["--version"]).output
    #expect(first.contains("(engine ") && first == second)
  }

  @Test("behaviour 46: --json writes one object a line, with mistakes in it")
  func json() throws {
    let run = try session("now\nserver.pol\nrun for 1s\n:back", ["--json", "--keep-going"])
    let objects = try run.output.split(separator: "\n").map {
      try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
    }
    #expect(objects.count == 4 && run.errors.isEmpty)
    #expect(objects[0]?["value"] as? String == "0s" && objects[0]?["status"] as? String == "ok")
    let mistakes = objects[1]?["mistakes"] as? [[String: Any]]
    #expect(mistakes?.first?["code"] as? String == "N201")
    #expect(objects[2]?["at_ns"] as? Int == 1_000_000_000)
    #expect((objects[3]?["event"] as? Int ?? 0) + 1 == objects[2]?["event"] as? Int)
  }
}
