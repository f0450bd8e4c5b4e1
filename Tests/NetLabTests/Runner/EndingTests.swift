// `stop` and `fail` as statements of the case itself: the run ends there, and well.

import NetScript
import Testing

@testable import NetLab

@Suite("Endings")
struct EndingTests {
  @Test(
    "`stop` in a case ends it where it stands",
    arguments: ["stop", "if now > 0s { stop }", "halt()", "map([1], fn(x) => halt())"])
  func stopped(statement: String) {
    let run = result(
      "", before: "fn halt() { stop }", run: "run for 1s\n\(statement)\nprint \"after\"")
    #expect(run.faultText == nil)
    #expect(run.verdict == .pass)
    #expect(run.lines == [])
    #expect(run.endedAt.nanoseconds == 1_000_000_000)
  }

  @Test(
    "`fail` in a case ends it with its message",
    arguments: ["fail \"no\"", "if now > 0s { fail \"no\" }", "refuse()"])
  func failed(statement: String) {
    let run = result(
      "", before: "fn refuse() { fail \"no\" }", run: "run for 1s\n\(statement)\nprint \"after\"")
    #expect(run.faultText == nil)
    #expect(run.verdict == .fail)
    #expect(run.lines == [])
    #expect(run.expectations.map(\.label) == ["no"])
  }
}
