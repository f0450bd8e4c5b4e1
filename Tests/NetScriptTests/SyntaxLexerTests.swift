// The lexer: numbers and units, strings, comments, newlines, and other languages' operators.

import Testing

@testable import NetScript

struct SyntaxLexerTests {
  private func kinds(_ text: String) -> [TokenKind] {
    Lexer.lex(Sample(text).file).tokens.map(\.kind).dropLast()
  }

  @Test("a range of integers is not a real number")
  func rangeOfIntegers() {
    #expect(kinds("1..5") == [.int, .range, .int])
    #expect(kinds("0..<n") == [.int, .halfOpenRange, .name])
    #expect(kinds("1s..5s") == [.quantity, .range, .quantity])
    #expect(grouped("1.5") == "1.5")
  }

  @Test(
    "a number and its unit are one token",
    arguments: [
      ("64KiB", "64e0'KiB"), ("1.50ms", "15e-1'ms"), ("6.02e3B", "602e1'B"), ("40/s", "40e0'/s"),
      ("3MB/s", "3e0'MB/s"), ("1/min", "1e0'/min"), ("5%", "5e0'%"), ("0B", "0e0'B"),
      ("0b", "0e0'b"), ("1_000us", "1000e0'us"), ("10/d", "10e0'/d"),
    ])
  func quantities(_ text: String, _ expected: String) {
    #expect(grouped(text) == expected)
  }

  @Test("spaces, calls and other names divide")
  func division() {
    #expect(grouped("10 / d") == "(10 / d)")
    #expect(grouped("40/min(2, 3)") == "(40 / min(2, 3))")
    #expect(grouped("40/sum") == "(40 / sum)")
    #expect(grouped("10s/s") == "(10e0's / s)")
    #expect(grouped("10% / s") == "(10e0'% / s)")
  }

  @Test("hexadecimal numbers have no unit")
  func hexadecimal() {
    #expect(grouped("0x1FB") == "507")
    #expect(grouped("0x7FFF_FFFF_FFFF_FFFF") == "9223372036854775807")
    #expect(grouped("0x8000000000000000") == "error N105")
    #expect(grouped("0x10ms") == "error N103")
  }

  @Test(
    "ambiguous and unknown units are refused", arguments: ["64K", "5m", "3M", "3sec", "0b1", "1e"])
  func refusedUnits(_ text: String) {
    #expect(Sample("let x = \(text)").codes == ["N103"])
  }

  @Test("integers end at 64 bits")
  func integerLimit() {
    #expect(grouped("9223372036854775807") == "9223372036854775807")
    #expect(grouped("9223372036854775808") == "error N105")
    #expect(grouped("1e999") == "error N105")
  }

  @Test("each unit of the table is read and written alike")
  func unitsRoundTrip() {
    for (number, unit) in UnitTable.units.enumerated() where number > 0 {
      #expect(UnitExpression(unit.text)?.unit == UInt8(number))
      for (perNumber, per) in UnitTable.units.enumerated() where per.dimension == .time {
        guard UnitExpression.mayBePerTime(UInt8(number)) else { continue }
        let text = unit.text + "/" + per.text
        let read = UnitExpression(text)
        #expect(read?.text == text)
        #expect(read?.per == UInt8(perNumber))
        #expect((read?.scale.numerator ?? 0) > 0)
      }
    }
    #expect(UnitTable.units[Int(UnitTable.percent)].text == "%")
  }

  @Test("scales are exact fractions of the base unit")
  func scales() throws {
    #expect(try #require(UnitExpression("KiB")).scale == (8192, 1))
    #expect(try #require(UnitExpression("/min")).scale == (1, 60))
    #expect(try #require(UnitExpression("MB/s")).scale == (8_000_000, 1))
    #expect(try #require(UnitExpression("B/ms")).scale == (8000, 1))
    #expect(try #require(UnitExpression("KB/h")).scale == (20, 9))
    #expect(try #require(UnitExpression("B/s")).dimension == .rate)
    #expect(UnitExpression("ms/s") == nil)
    #expect(UnitExpression("m") == nil)
  }

  @Test("strings are cut at their interpolations")
  func interpolation() {
    #expect(grouped(#""{now:6} free {a.b:3.2}""#) == #""{now:6} free {a.b:3.2}""#)
    #expect(grouped(#""{m["x"]:6} and {{ brace }}""#) == #""{m["x"]:6} and { brace }""#)
    #expect(grouped(#""{if a then b else c:8.2}""#) == #""{(if a then b else c):8.2}""#)
    #expect(grouped(#""{"{"{x}"}"}""#) == #""{"{"{x}"}"}""#)
    #expect(grouped(#""{[1: 2][1]}""#) == #""{[1: 2][1]}""#)
    #expect(grouped(#""a\tb\\\"""#) == "\"a\tb\\\"\"")
  }

  @Test("strings nest three deep and no deeper")
  func interpolationDepth() {
    #expect(Sample(#"print "{"{"{"{x}"}"}"}""#).codes.contains("N106"))
  }

  @Test("a broken string spoils one line only")
  func brokenStrings() {
    #expect(Sample("let a = \"open\nlet b = 2").codes == ["N102"])
    #expect(Sample("print \"{a\"\nlet b = 2").codes.contains("N106"))
    #expect(Sample("print \"{}\"").codes == ["N106"])
    #expect(Sample("print \"{a:b}\"").codes == ["N106"])
    #expect(Sample("print \"\\q\"").codes == ["N106"])
  }

  @Test("multi-line strings lose their common indent")
  func tripleQuoted() {
    let text = "let x = \"\"\"\n    one\n      two {y}\n    \"\"\""
    #expect(Sample(text).expression.map(describe) == "\"one\n  two {y}\"")
    #expect(grouped("r\"a\\n{b}\"") == "\"a\\n{b}\"")
  }

  @Test("doc comments belong to the next statement")
  func documentation() {
    let sample = Sample("# no\n## one\n## two\nlet x = 1\nlet y = 2\n### rule\nlet z = 3")
    #expect(sample.statements.map(\.documentation) == ["one\ntwo", nil, nil])
  }

  @Test(
    "operators of other languages are named and understood",
    arguments: ["a && b", "a || b", "!a", "a % b", "a === b", "1 ... 5"])
  func foreignOperators(_ text: String) {
    #expect(Sample("let x = \(text)").codes == ["N115"])
  }

  @Test("a foreign comment costs one message")
  func foreignComment() {
    #expect(Sample("rate = 10Mbps  // half duplex\nb = 1").codes == ["N115"])
    #expect(Sample("/* x\n y */ b = 1").codes == ["N115"])
  }

  @Test(
    "text that is no token is refused once",
    arguments: ["let x = 'a'", "let ö = 3", "a @ b", "x = “a”"])
  func strangeText(_ text: String) {
    #expect(Sample(text).codes == ["N101"])
  }

  @Test("decimal digits become the nearest double")
  func reals() {
    let samples: [(Int64, Int, Double)] = [
      (15, -1, 1.5), (602, 21, 6.02e23), (1, 23, 1e23),
      (9_007_199_254_740_993, 0, 9_007_199_254_740_992),
      (123_456_789_012_345_678, -30, 1.23456789012345678e-13), (1, -280, 1e-280), (5, 279, 5e279),
      (2_225_073_858_507_201, -250, 2.225073858507201e-235),
    ]
    for (significand, exponent, expected) in samples {
      #expect(DecimalReader.double(significand, exponent: exponent) == expected)
    }
  }
}
