// `_`, `$1`, `$2` …: values of earlier lines, in the lines behind them.

import NetScript
import NetStack
import Testing

@testable import NetLab

@Suite("Results of lines")
struct LineResultTests {
  private func value(_ bench: Workbench, _ line: String) -> String? {
    let reply = bench.enter(line)
    if let note = reply.note { return note }
    return reply.value ?? reply.diagnostics.first?.title ?? reply.fault?.title
  }

  @Test("behaviour 29: the value of an expression is `_` and `$1`, `$2` …, with its unit")
  func names() throws {
    let bench = try openWorkbench()
    #expect(value(bench, "_")?.hasPrefix("`_`: there is no result yet") == true)
    for (line, text) in [
      ("12.5ms", "12.5ms"), ("_ + 1ms", "13.5ms"), ("$1 * 2", "25ms"), ("$2 < $3", "true"),
      ("\"{$1} and {_}\"", "12.5ms and true"), ("$9", "there is no result `$9`; the last is `$5`"),
      ("[1, _, \"a{$1}\"]", "[1, \"12.5ms and true\", \"a12.5ms\"]"), ("_[1]", "12.5ms and true"),
      ("server.pool", "server.pool"), ("_.clusters.total", "40"), ("2 - 5", "-3"),
      ("10 - _", "13"), ("10MB -> KiB", "9765.625KiB"), ("_", "9765.625KiB"),
      ("1s / 3", "0.3333s"),
      ("_ * 3 == 1s", "true"), ("1 / 8", "0.125"), ("_", "0.125"), ("25%", "25%"), ("_", "25%"),
      ("40/s", "40/s"), ("_ * 2", "80/s"),
      ("[\"a\": 1ms, \"b\": .wait]", "[\"a\": 1ms, \"b\": .wait]"),
      ("_[\"b\"]", ".wait"), ("1..3", "1..3"), ("len(_)", "3"),
    ] {
      #expect(value(bench, line) == text, "\(line)")
    }
  }

  @Test("a name that gives nothing is not the last result")
  func nothing() throws {
    let bench = try openWorkbench()
    #expect(value(bench, "7") == "7")
    #expect(bench.enter("for _ in 1..2 { print _ }").lines == ["7", "7"])
    #expect(bench.enter("let _ = 5").isMistake == false)
    #expect(bench.enter("let add = fn(_, x) => x + 1").isMistake == false)
    #expect(bench.enter("match 3 { 1 => print 1; _ => print _ }").lines == ["7"])
    #expect(bench.enter("print \"_ {{_}} {_}\"  # _").lines == ["_ {_} 7"])
    #expect(bench.enter("print r\"$1\"").lines == ["$1"])
  }

  @Test("a result is a value of the session: going back, undoing and rebuilding change none")
  func travel() throws {
    let bench = try openWorkbench()
    _ = bench.enter("run for 5ms")
    #expect(value(bench, "now") == "5ms")
    _ = bench.back(3)
    #expect(value(bench, "_") == "5ms")
    _ = bench.restart()
    #expect(value(bench, "$1") == "5ms")
    #expect(bench.enter("host more { }").isMistake == false)
    #expect(value(bench, "$1 + 1ms") == "6ms")
    _ = bench.enter("run for _")
    #expect(bench.moment.now == .zero + .milliseconds(6))
  }

  @Test("what was done with a result is saved with its value")
  func saved() throws {
    let bench = try openWorkbench()
    for line in [
      "2ms", "run for _ * 2", "server.pool", "let free = _.clusters.free", "run for $1",
    ] {
      #expect(bench.enter(line).isMistake == false, "\(line)")
    }
    let (script, reply) = bench.savedScript(as: "saved.ns")
    let text = try #require(script?.text, "\(reply.note ?? "")")
    #expect(text.contains("run for 2ms * 2\n") && text.contains("let free = server.pool.clusters"))
    #expect(try digest(ofScript: text) == bench.digest)
  }

  @Test("what no line can say is told")
  func unwritable() throws {
    let bench = try openWorkbench()
    #expect(bench.enter("fn(x) => x").isMistake == false)
    #expect(bench.enter("_(3)").note?.contains("`let x = …`") == true)
    _ = bench.enter("run for 5ms")
    #expect(bench.enter("server.tcp.conn").value != nil)
  }

  @Test("in a file `_` and `$1` are mistakes that say what to write")
  func inFile() throws {
    for (text, code) in [("print _", "N202"), ("print $1", "N101"), ("run for _", "N202")] {
      let opened = Workbench.open(
        name: "file.ns", octets: Array(text.utf8), loader: TextLoader([:]))
      let mistake = try #require(opened.diagnostics.first, "\(text)")
      #expect(mistake.code == code && mistake.help?.contains("let x = …") == true, "\(mistake)")
    }
  }
}
