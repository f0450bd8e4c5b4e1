// Numbers at their ends: exact as far as 128 bits go, and a fault behind that, never a wrong value.

import Testing

import func Foundation.exp
import func Foundation.log

@testable import NetScript

struct RuntimeNumberTests {
  private func run(_ text: String) throws -> PlainResult {
    let compiled = Script.compile(text, loader: NoImports())
    return Script.runPlain(try #require(compiled.program, "\(compiled.diagnostics.map(\.title))"))
  }

  private func shown(_ expression: String) throws -> String {
    let result = try run("print " + expression)
    return result.error.map { "\($0.code): \($0.title)" } ?? result.lines.joined(separator: "\n")
  }

  private static let beyond = "N420: the result is beyond 64 bits"

  @Test(
    "rounding to whole units holds up to 64 bits, and says so behind them",
    arguments: [
      ("ceil(9223372036854775807b) == 9223372036854775807b", "true"),
      ("ceil(9223372036854775807b + 1b)", beyond), ("floor(9223372036854775807b + 1b)", beyond),
      ("ceil(0b - 9223372036854775807b - 1b) + 9223372036854775807b", "-1b"),
      ("int(0b - 9223372036854775807b - 1b)", "-9.223372036854776e+18b"),
      ("int(0b - 9223372036854775807b - 2b)", beyond),
      ("ceil(1.2s), ceil(-1.2s), floor(-1.2s), int(-1.2s), round(2.5s)", "2s  -1s  -2s  -1s  2s"),
      ("round(10b / 3), ceil(10b / 3)", "3b  4b"),
      ("int(250%), ceil(250%), round(250%)", "2  3  2"),
      ("abs(-9223372036854775807 - 1)", beyond), ("abs(-3s), abs(2.5), abs(-7)", "3s  2.5  7"),
      ("-(0 - 9223372036854775807 - 1)", beyond), ("7 mod 3000000000", "7"),
    ])
  func rounding(_ expression: String, _ expected: String) throws {
    #expect(try shown(expression) == expected)
  }

  @Test("a quantity of nearly 128 bits is shown, in the unit that suits it")
  func largeQuantities() throws {
    #expect(
      try shown("9223372036854775807 * 9223372036854775807ns") == "8.507059173023462e+28s")
    #expect(
      try shown("1ms / 10, 1ms / 11, 9999ms, 10000ms, 0.09s, 1ns / 9223372036854775807")
        == "0.1ms  90.909us  9999ms  10s  90ms  0ns")
  }

  @Test("exact fractions grow to 128 bits and end there")
  func fractions() throws {
    func after(_ start: String, _ step: String) throws -> String {
      let result = try run("var x = \(start)\nfor i in 1..100 { x = x \(step) }\nprint x")
      return result.error?.title ?? result.lines[0]
    }
    #expect(try after("1/min", "* (1 / 7)") == "the result needs more than 128 bits")
    #expect(try after("1s", "* 1s") == "the product needs more than 128 bits")
    #expect(try after("1/min", "/ 7") == "the quotient needs more than 128 bits")
    #expect(try after("1 / 3", "/ 7") == "the quotient needs more than 128 bits")
    #expect(try after("1 / 3", "* 1") == "0.3333")
    #expect(try after("1 / 1B", "* (1 / 1B)") == "a dimension beyond time^7 or data^7")
    #expect(try after("1s", "/ 1B") == "a dimension beyond time^7 or data^7")
  }

  @Test("the least 128-bit number has no opposite, so nothing becomes it")
  func least() throws {
    let result = try run(
      """
      let x = 0b - 9223372036854775807b - 1b
      let y = (x + x + x + x) * 4611686018427387904
      print 0b - y
      """)
    #expect(result.error?.code == "N420")
  }

  @Test(
    "a quantity times a Real is rounded once, whatever the Real",
    arguments: [
      ("1ns * 1e-250", "0ns"), ("1s * 1e-9", "1ns"), ("1s * 0.0", "0s"), ("3ns * 0.5", "2ns"),
      ("5s / 1e250", "0s"), ("5s / 1e-250", "N420: the result is beyond 64 bits of its base unit"),
      ("1h * 1e250", "N420: the result is beyond 64 bits of its base unit"),
      ("1s * 9e9", "104166d 16h"),
      ("1s * 1e30", "N420: the result is beyond 64 bits of its base unit"),
      ("1/min * 1e40", "N420: the result is beyond 64 bits of its base unit"),
    ])
  func reals(_ expression: String, _ expected: String) throws {
    #expect(try shown(expression) == expected)
  }

  @Test("a Double becomes an exact number if 128 bits hold it")
  func doubles() {
    #expect(Exact(0.0)?.whole == 0 && Exact(-0.0)?.whole == 0)
    #expect(Exact(0.375).map { [$0.numerator, $0.denominator] } == [3, 8])
    #expect(Exact(-1e15)?.whole == -1_000_000_000_000_000)
    #expect(Exact(1e30)?.numerator == 1_000_000_000_000_000_019_884_624_838_656)
    for value in [1e40, 1e-40, Double.infinity, -.infinity, .nan, .leastNonzeroMagnitude] {
      #expect(Exact(value) == nil)
    }
  }

  @Test(
    "logarithm and exponential agree with the C library's to 15 digits, and end where Doubles do")
  func functions() {
    var value = 1e-300
    while value < 1e300 {
      let (own, other) = (Mathematics.logarithm(value), log(value))
      #expect(abs(own - other) <= 2e-15 * max(abs(other), 1), "ln \(value)")
      value *= 7.3
    }
    for power in stride(from: -700.0, through: 700, by: 3.7) {
      let (own, other) = (Mathematics.exponential(power), exp(power))
      #expect(abs(own / other - 1) < 2e-13, "e^\(power)")
    }
    #expect(Mathematics.exponential(-746) == 0 && Mathematics.exponential(711) == .infinity)
    #expect(Mathematics.exponential(0) == 1 && Mathematics.logarithm(1) == 0)
    #expect(Mathematics.exponential(-744) > 0 && Mathematics.exponential(709.7).isFinite)
    #expect(Mathematics.unitInterval(.max) < 1 && Mathematics.unitInterval(0) == 0)
  }
}
