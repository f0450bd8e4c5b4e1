// Questions to the oracle about things that are no places of the world.

import NetScript
import Testing

@testable import NetLab

@Suite("Questions to the oracle")
struct QuestionTests {
  @Test(
    "a collector is no place to ask about",
    arguments: ["wedged(n)", "leaked(n)", "stalled(n, 1s)", "holders(n)"])
  func collector(question: String) {
    let run = result("let n = counter()", run: "run for 1s\nprint \(question)")
    let name = question.prefix { $0 != "(" }
    #expect(run.faultText == "N211: `\(name)` asks about a place, and got a collector")
  }

  @Test("a socket is no place to ask about")
  func socket() {
    let run = result(
      """
      task asker {
          host = server
          var answer = none
          fn main() {
              let s = socket(.udp)
              answer = wedged(s)
          }
      }
      """)
    #expect(run.faultText == "N211: `wedged` asks about a place, and got a socket")
  }
}
