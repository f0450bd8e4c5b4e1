// What `--set` and `--seed` may say, and how the rest is refused.

import NetScript
import Testing

@testable import NetLab

@Suite("Options")
struct OptionTests {
  private let text = """
    param n = 1
    case "c" {
        lan office { rate = 10Mbps }
        host server { nic eth0 { lan = office } }
        run for 1s
        print n
    }
    """

  private func set(_ name: String, _ value: String, in text: String? = nil) -> Trial {
    var options = PlanOptions()
    options.settings = [(name: name, text: value)]
    return trial(text ?? self.text, options: options)
  }

  private func lines(_ trial: Trial) -> [String]? { trial.bench?.output.lines }

  @Test("a path needs two names at least", arguments: [".", ".x", "x.", "server.", "a..b", ".."])
  func paths(name: String) {
    let trial = set(name, "1")
    #expect(trial.mistakes == ["N202: `--set \(name)`: this is no path"])
    #expect(trial.diagnostics.first?.help == "`--set server.tcp.keepidle=30s`")
  }

  @Test("ranges, maps, distributions and boxed quantities come over whole")
  func moved() {
    #expect(lines(set("n", "1..3")) == ["1..3"])
    #expect(lines(set("n", "1..9 by 4")) == ["1..9 by 4"])
    #expect(lines(set("n", "5s..6s")) == ["5s..6s"])
    #expect(lines(set("n", "[1: \"a\", .k: [2, 3]]")) == ["[1: \"a\", .k: [2, 3]]"])
    #expect(lines(set("n", "[[1], \"x\", .y]")) == ["[[1], \"x\", .y]"])
    let drawn = text.replacing("print n", with: "print draw(n) in 90B..600B")
    #expect(lines(set("n", "uniform(90B, 600B)", in: drawn)) == ["true"])
    let third = text.replacing("print n", with: "print n * 3").replacing("n = 1", with: "n = 1s")
    #expect(lines(set("n", "1s / 3", in: third)) == ["1s"])
  }

  @Test(
    "what lives in another machine is refused", arguments: ["fn(x) => x", "max", "[fn() => 1]"])
  func refused(value: String) {
    #expect(set("n", value).mistakes == ["N220: `--set n=\(value)`: this is no plain value"])
    #expect(
      set("server.tcp.keepcnt", value).mistakes
        == ["N220: `--set server.tcp.keepcnt=\(value)`: this is no plain value"])
  }

  @Test("a list that doubles and one without end in depth are refused")
  func large() {
    let wide = "(fn() { var x = [1]; for i in 1..40 { x = [x, x] }; return x })()"
    let deep = "(fn() { var x = [1]; for i in 1..9000 { x = [x] }; return x })()"
    for value in [wide, deep] {
      #expect(set("n", value).mistakes == ["N220: `--set n=\(value)`: this is no plain value"])
    }
  }

  @Test(
    "the value is one expression",
    arguments: ["1) + (2", "1)\nprint (2", "", "1 where n > 3", "1; print 2", "1, 2"])
  func expressions(value: String) {
    #expect(set("n", value).mistakes == ["N220: `--set n=\(value)`: the value is no expression"])
  }

  @Test("brackets in strings and comments are none")
  func brackets() {
    let words = text.replacing("n = 1", with: "n = \"\"")
    #expect(lines(set("n", "\")(\"", in: words)) == [")("])
    #expect(lines(set("n", "(1 + 2) * (3)")) == ["9"])
    #expect(lines(set("n", "[1,\n2]")) == ["[1, 2]"])
  }

  @Test("a fault of the value is told of the option, not of a line that nobody wrote")
  func faults() {
    let trial = set("n", "1/0")
    #expect(trial.mistakes == ["N220: `--set n=1/0`: division by zero"])
    #expect(trial.rendered.contains("test.ns:2:1"))
    #expect(set("n", "server").mistakes == ["N220: `--set n=server`: nothing is named `server`"])
    let endless = "(fn() { while true { } })()"
    #expect(set("n", endless).mistakes.first?.hasPrefix("N220: `--set n=\(endless)`: ") == true)
  }

  @Test(
    "a wrong field is told of the option too",
    arguments: [
      ("server.tcp", "5", "N201: `--set`: `server.tcp` is no field: it has fields of its own"),
      ("server.tcp.keepidl", "5s", "N201: `--set`: no `keepidl` in `server.tcp`"),
      (
        "server.tcp.keepidle", "30",
        "N210: `--set`: `keepidle` is a time, but 30 is a bare number"
      ),
      (
        "server.pool.clusters", "2000000", "N222: `--set`: `clusters` cannot be 2000000"
      ),
    ])
  func fields(name: String, value: String, mistake: String) {
    let trial = set(name, value)
    #expect(trial.mistakes == [mistake])
    #expect(trial.rendered.contains("test.ns:2:1"))
  }

  @Test("more seeds than runs are refused before anything is made of them")
  func seeds() {
    for seeds: ClosedRange<UInt64> in [0...UInt64.max, 1...100_000_000] {
      var options = PlanOptions()
      options.seeds = seeds
      #expect(trial(text, options: options).mistakes == ["N443: more than 10000 runs"])
    }
    var options = PlanOptions()
    options.seeds = UInt64.max...UInt64.max
    #expect(trial(text, options: options).mistakes == [])
  }
}
