// Expectations in a run: each word with each verdict, clauses, places, and what a failure says.

import NetScript
import Testing

@testable import NetLab

@Suite("Expectations")
struct ExpectationTests {
  @Test("what an expectation claims is told as written, without its label")
  func claim() {
    let run = result(
      """
      expect always ("a as " != "b") before
          2s as
          "first"
      expect always " as \\"x\\"" != "y"
      """)
    #expect(
      run.expectations.map(\.text) == [
        "expect always (\"a as \" != \"b\") before\n        2s",
        "expect always \" as \\\"x\\\"\" != \"y\"",
      ])
    #expect(run.expectations.map(\.label) == ["first", nil])
  }

  @Test("the five words and the plain one, kept and broken")
  func words() {
    let run = result(
      """
      expect always probe.lost == 0
      expect always probe.answered < 10
      expect never probe.lost > 0
      expect never probe.answered == 4
      expect eventually probe.answered == 4
      expect eventually probe.answered == 100
      expect whenever probe.answered == 4 then probe.answered == 5 within 300ms
      expect whenever probe.answered == 4 then probe.answered == 5 within 100ms
      expect finally probe.answered == 15
      expect finally probe.answered == 14
      """, run: "run for 3s\n    expect probe.answered == 15\n    expect probe.answered == 1")
    #expect(run.faultText == nil)
    #expect(
      run.verdicts == [
        "pass", "fail", "pass", "fail", "pass", "fail", "pass", "fail", "pass", "fail", "pass",
        "fail",
      ])
    #expect(run.verdict == .fail)
  }

  @Test("of a list that fails an expectation the beginning is told, and how long it is")
  func longValue() {
    let run = result(
      """
      task keeper {
          host = client
          var seen = map(0..999, fn(i) => i)
          fn main() { sleep(1s) }
      }
      expect finally len(keeper.seen) > 5000
      """)
    let told = run.expectations.flatMap(\.detail).joined()
    #expect(told.contains("keeper.seen is [0, 1, 2, ") && told.contains(" characters)"), "\(told)")
    #expect(told.utf8.count < 600)
  }

  @Test("after, before, within and for bound what is asked")
  func clauses() {
    let run = result(
      """
      expect always probe.answered > 5 after 1500ms
      expect never probe.answered > 10 before 1s
      expect eventually probe.answered == 3 within 500ms
      expect eventually probe.answered == 3 within 100ms
      expect eventually probe.answered == 3 for 150ms
      expect eventually probe.answered == 3 for 250ms
      expect eventually now > 2s within 1s after 1500ms as "labelled"
      """)
    #expect(run.verdicts == ["pass", "pass", "pass", "fail", "pass", "fail", "pass"])
    #expect(run.expectations.last?.label == "labelled")
  }

  @Test("what was never asked is vacuous, what the run did not reach is open")
  func vacuousAndOpen() {
    let run = result(
      """
      expect whenever probe.answered == 100 then probe.lost == 0
      expect always probe.lost == 0 after 1h
      expect eventually probe.answered == 100 within 1h
      expect eventually probe.answered == 100 after 1h
      """)
    #expect(run.verdicts == ["vacuous", "vacuous", "open", "open"])
    #expect(run.verdict == .open)
    #expect(run.expectations[0].detail.first?.contains("never true in 3s") == true)
  }

  @Test("a failure tells the instant and the values of the paths it names")
  func detail() {
    let run = result("expect never probe.answered > 4 as \"few\"")
    let one = run.expectations[0]
    #expect(one.verdict == .fail && one.label == "few" && one.line == 7)
    #expect(one.detail.first?.hasPrefix("`probe.answered > 4` was true at 80") == true)
    #expect(one.detail.dropFirst().first == "probe.answered is 5")
    #expect(one.at.nanoseconds > 800_000_000 && one.at.nanoseconds < 810_000_000)
  }

  @Test("a plain expectation before the first run is judged when the bench is built")
  func early() {
    let run = result(
      "expect server.pool.clusters.total == 1024\nexpect server.pool.mbufs.free == 1")
    #expect(run.verdicts == ["pass", "fail"])
    #expect(run.expectations[1].at.nanoseconds == 0)
  }

  @Test("a plain expectation of a variant that reads a measurement is N309")
  func plainInVariant() {
    let run = result(
      "variant \"v\" { expect server.pool.clusters.free == 1 }")
    #expect(run.faultText?.hasPrefix("N309") == true)
  }

  @Test("counts of events are paths, and so is the last one")
  func eventCounts() {
    let run = result(
      """
      expect eventually server.eth0.frame.count == 4
      expect finally server.eth0.frame.count == office.frame.count - client.eth0.frame.count
      """,
      run: "run for 3100ms\n    print server.eth0.frame.count, server.eth0.frame.last.at < now")
    #expect(run.faultText == nil)
    #expect(run.verdicts == ["pass", "pass"])
    #expect(run.lines.first?.hasSuffix("true") == true)
  }

  @Test("an expectation that nothing touches is not asked again")
  func untouched() {
    let text = """
      var asked = 0
      fn quiet() { asked += 1; return server.pool.clusters.total == 1024 }
      case "quiet" {
          lan office { rate = 10Mbps }
          host server { nic eth0 { lan = office } }
          expect always server.pool.clusters.free > 0
          expect always server.tcp.drop.count == 0 after 1s
          run for 16h
      }
      """
    let run = result(ofScript: text)
    #expect(run.verdicts == ["pass", "pass"])
    #expect(run.endedAt.nanoseconds == 57_600_000_000_000)
  }

  @Test("a fault in a predicate ends the run as an error, with its place")
  func faults() {
    let run = result("expect always 1 / (probe.answered - 3) < 5")
    #expect(run.verdict == .error)
    #expect(run.faultText?.hasPrefix("N421") == true)
    #expect(run.fault?.error.span != nil)
    let broken = result(
      "expect eventually probe.answered == 9\nwhen probe.answered == 3 { print 1 / 0 }")
    #expect(broken.verdicts == ["open"] && broken.verdict == .error)
    let wrong = result("expect always probe.answered")
    #expect(wrong.faultText?.hasPrefix("N422") == true)
  }
}
