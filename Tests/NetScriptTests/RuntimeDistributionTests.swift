// Draws: the same random words give the same value, in whole octets and whole nanoseconds.

import NetScript
import Testing

struct RuntimeDistributionTests {
  /// `draw(d, word)` draws with the one word again and again.
  private static var natives: [Native] {
    [
      Native("draw", 2...2) { machine, given throws(RuntimeError) in
        let word = UInt64(bitPattern: given[1].asInt ?? 0)
        return try machine.sample(given[0]) { word }
      }
    ]
  }

  private func run(_ text: String) throws -> PlainResult {
    let words = """
      let least = 0
      let quarter = 4611686018427387904
      let half = -9223372036854775807 - 1
      let most = -1

      """
    let compiled = Script.compile(
      words + text, loader: NoImports(), vocabulary: Vocabulary(Self.natives))
    let program = try #require(compiled.program, "\(compiled.diagnostics.map(\.title))")
    return Script.runPlain(program, natives: Self.natives)
  }

  @Test(
    "a word decides the value",
    arguments: [
      // Both bounds belong to it; whole octets, whole nanoseconds.
      ("uniform(1, 6)", "1  2  4  6"), ("uniform(0B, 3B)", "0B  1B  2B  3B"),
      ("uniform(7s, 7s)", "7s  7s  7s  7s"), ("uniform(0ns, 1ns)", "0ns  0ns  1ns  1ns"),
      ("uniform(1.0, 2.0)", "1.0  1.25  1.5  2.0"),
      (
        "uniform(-9223372036854775807 - 1, 9223372036854775807)",
        "-9223372036854775808  -4611686018427387904  0  9223372036854775807"
      ),
      // ln 1, ln (4/3), ln 2.
      ("exponential(1s)", "0s  0.2877s  0.6931s  36.737s"),
      ("exponential(2.0)", "-0.0  0.5753641449035618  1.3862943611198906  73.4736011393542"),
      ("exponential(1000B)", "0B  288B  693B  36737B"),
      // The bound divided by the root of what is left of one.
      ("pareto(300B, 2)", "300B  346B  424B  28471879687B"),
      ("empirical([.a, .b, .c])", ".a  .a  .b  .c"),
      ("empirical([[1], [2]])", "[1]  [1]  [2]  [2]"),
      ("const(5ms)", "5ms  5ms  5ms  5ms"), ("12", "12  12  12  12"),
    ])
  func draws(_ distribution: String, _ drawn: String) throws {
    let words = ["least", "quarter", "half", "most"].map { "draw(d, \($0))" }
    let result = try run(
      "let d = \(distribution)\nprint \(words.joined(separator: ", "))")
    #expect(result.error == nil)
    #expect(result.lines == [drawn])
  }

  @Test("a normal draw lies around its mean; words that never fall into the circle give the mean")
  func normal() throws {
    let result = try run(
      """
      let threeQuarters = half + quarter
      print draw(normal(10s, 1s), threeQuarters), draw(normal(10s, 1s), least)
      print draw(normal(0.0, 2.0), threeQuarters), draw(normal(500B, 100B), threeQuarters)
      """)
    #expect(result.error == nil)
    #expect(result.lines == ["10.833s  10s", "1.6651092223153954  583B"])
  }

  @Test(
    "what cannot be drawn from is refused",
    arguments: [
      ("uniform(6, 1)", "N423", "`uniform` needs its smaller bound first"),
      ("uniform(1, 2s)", "N212", "cannot compare a count with time (s)"),
      ("uniform(\"a\", \"b\")", "N422", "`uniform` needs numbers, not a String"),
      ("normal([1], 2)", "N422", "`normal` needs numbers, not a List"),
      ("empirical([])", "N422", "`empirical` needs a list that is not empty"),
      ("empirical(3)", "N422", "`empirical` needs a list that is not empty"),
      ("pareto(1s, 0)", "N423", "`pareto` needs a shape above 0"),
      ("pareto(1s, -0.5)", "N423", "`pareto` needs a shape above 0"),
      ("pareto(1s, 2s)", "N423", "`pareto` needs a shape above 0"),
      ("pareto(1h, 0.0001)", "N420", "the result is beyond 64 bits of its base unit"),
    ])
  func refused(_ distribution: String, _ code: String, _ title: String) throws {
    let error = try #require(try run("print draw(\(distribution), half)").error)
    #expect(error.title == title && error.code == code, "\(error.code) \(error.title)")
  }
}
