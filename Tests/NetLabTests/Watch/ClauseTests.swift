// Clauses that an expectation cannot take, times below zero, steps and seeds that are none.

import NetScript
import Testing

@testable import NetLab

@Suite("Clauses")
struct ClauseTests {
  private func mistakes(_ expectation: String) -> [String] {
    trial("case \"c\" { \(expectation); run for 1s }").mistakes
  }

  @Test("a clause that would be ignored is refused")
  func ignored() {
    #expect(
      mistakes("expect finally now > 0s within 5s") == ["N311: `finally` takes no `within`"])
    #expect(mistakes("expect finally now > 0s after 5s") == ["N311: `finally` takes no `after`"])
    #expect(
      mistakes("expect whenever now > 0s then now > 0s for 3s")
        == ["N311: `whenever` takes no `for`"])
    #expect(mistakes("expect 1 < 2 within 5s") == ["N311: a plain `expect` takes no `within`"])
    #expect(mistakes("expect whenever now > 0s then now > 0s within 3s after 0s before 1s") == [])
    #expect(mistakes("expect eventually now >= 0s for 1ms within 1s after 0s before 1s") == [])
  }

  @Test(
    "a time below zero is refused",
    arguments: [
      ("expect eventually now > 500ms within -1s", "`within`"),
      ("expect never now > 10s after -5s", "`after`"),
      ("expect eventually now > 0s for -5s", "`for`"),
      ("expect always now >= 0s before 0s - 5s", "`before`"),
      ("at 0s - 5s { }", "`at`"),
    ])
  func negative(statement: String, word: String) {
    let value = statement.contains("-1s") ? "-1s" : "-5s"
    #expect(mistakes(statement) == ["N423: \(word) takes a time from 0s on, not \(value)"])
  }

  @Test(
    "so is a run backwards, and a step that is no count",
    arguments: [
      ("run for -5s", "N423: `run for` takes a time from 0s on, not -5s"),
      ("run until now > 2s within -5s", "N423: `within` takes a time from 0s on, not -5s"),
      ("run for five()", "N210: `run for` takes a time, not 5"),
      ("step -3", "N423: `step` takes a number of events, not -3"),
      ("step 2.5", "N423: `step` takes a number of events, not 2.5"),
      ("step \"x\"", "N423: `step` takes a number of events, not x"),
      ("step 5s", "N423: `step` takes a number of events, not 5s"),
    ])
  func runs(statement: String, fault: String) {
    let run = result("", before: "fn five() { return 5 }", run: "run for 1s\n\(statement)")
    #expect(run.faultText == fault)
  }

  @Test("a step on a pattern counts its events and no others")
  func stepOnEvents() {
    let run = result(
      "", run: "step 4 on office.frame\nprint office.frames\nstep on office.*\nprint office.frames")
    #expect(run.faultText == nil)
    #expect(run.lines == ["4", "5"])
  }

  @Test("a step alone is one event")
  func step() {
    #expect(result("", run: "run for 1s\nstep\nstep 3\nstep 0").faultText == nil)
  }

  @Test(
    "seeds are Ints from 0",
    arguments: [("[\"a\", \"b\"]", "a"), ("[-1, 2]", "-1"), ("[1s]", "1s")]
  )
  func seeds(list: String, wrong: String) {
    #expect(
      mistakes("sweep seed in \(list)") == ["N423: a seed is an Int from 0, not \(wrong)"])
  }
}
