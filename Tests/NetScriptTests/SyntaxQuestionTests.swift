// Questions asked of many runs: what `netsh find` takes.

import Testing

@testable import NetScript

@Suite("Questions")
struct SyntaxQuestionTests {
  private func parse(_ text: String) -> (question: SearchQuestion?, diagnostics: [Diagnostic]) {
    SearchQuestion.parse(SourceFile(id: SourceFileID(rawValue: 0), name: "question", text: text))
  }

  @Test("a question is a goal, a place, properties and seeds")
  func whole() throws {
    let question = try #require(
      parse(
        "min server.pool.clusters such that never wedged(server) over seed in 1..1_000"
      ).question)
    #expect(question.goal == .least && question.place.text == "server.pool.clusters")
    #expect(question.properties == ["never wedged(server)"] && question.seeds == 1...1000)
    #expect(question.range == nil && question.step == nil)
    let short = try #require(parse("max ring such that x > 1 over seed in 7").question)
    #expect(short.goal == .greatest && short.properties == ["x > 1"] && short.seeds == 7...7)
  }

  @Test("`and` before a modal word begins a property, elsewhere it joins conditions")
  func several() throws {
    let question = try #require(
      parse(
        "min n such that never a and b and always c > 1 after 2s and whenever d then e within 1s"
      ).question)
    #expect(
      question.properties == [
        "never a and b", "always c > 1 after 2s", "whenever d then e within 1s",
      ])
    let names = try #require(parse("min n such that never a and finally").question)
    #expect(names.properties == ["never a and finally"])
  }

  @Test("a range and a step may follow the place")
  func bounds() throws {
    let both = try #require(
      parse("min ftp.write in 208B..2KiB by 8B such that never x").question)
    #expect(both.range?.lower == "208B" && both.range?.upper == "2KiB" && both.step == "8B")
    let step = try #require(parse("min delay by 10us such that never x").question)
    #expect(step.range == nil && step.step == "10us")
  }

  @Test(
    "a mistake is told where it stands",
    arguments: [
      ("mni x such that never y", 0), ("min", 3), ("min x such never y", 11),
      ("min x in 3 such that never y", 9), ("min x such that never", 21),
      ("min x such that never y over sed in 1..2", 29),
      ("min x such that never y over seed in 2..1", 37), ("min x such that never y z", 24),
      ("min x such that never (y", 22), ("min x. such that never y", 12), ("", 0),
      ("min x such that never \"y", 22),
    ])
  func mistakes(text: String, place: Int) {
    let (question, diagnostics) = parse(text)
    #expect(question == nil)
    #expect(diagnostics.first?.primary.span.start == place, "\(text): \(diagnostics)")
  }
}
