// The grammar file is normative: words, units and operators of the parser are held to it.

import Testing

import struct Foundation.Data

@testable import NetScript

struct SyntaxGrammarTests {
  /// The quoted texts of each rule, comments aside.
  private func rules() throws -> [String: [String]] {
    let file = TestFiles.root.appendingPathComponent("grammar/netscript.ebnf")
    let text = withoutComments(String(decoding: try Data(contentsOf: file), as: UTF8.self))
    var rules: [String: [String]] = [:]
    var name = ""
    for line in text.split(separator: "\n") {
      if let equals = line.firstIndex(of: "="), line.first?.isLetter == true {
        name = line[..<equals].filter { $0 != " " }
      }
      let parts = line.split(separator: "\"", omittingEmptySubsequences: false)
      for (index, part) in parts.enumerated() where index % 2 == 1 {
        rules[name, default: []].append(String(part))
      }
    }
    return rules
  }

  private func withoutComments(_ text: String) -> String {
    var kept = ""
    var rest = Substring(text)
    while let open = rest.firstRange(of: "(*") {
      kept += rest[..<open.lowerBound]
      guard let end = rest[open.upperBound...].firstRange(of: "*)") else { return kept }
      rest = rest[end.upperBound...]
    }
    return kept + rest
  }

  @Test("reserved words are those of the grammar")
  func reservedWords() throws {
    let words = TokenKind.allCases.filter(\.isReservedWord).compactMap(\.spelling)
    #expect(try rules()["reserved"] == words)
    for word in words { #expect(Lexer.reservedWord(word)?.spelling == word) }
  }

  @Test("symbols are those of the grammar")
  func symbols() throws {
    let symbols = TokenKind.allCases.filter { !$0.isReservedWord }.compactMap(\.spelling)
    #expect(try rules()["symbols"].map(Set.init) == Set(symbols))
    for kind in TokenKind.allCases where !kind.isReservedWord {
      guard let spelling = kind.spelling else { continue }
      let tokens = Lexer.lex(Sample("x \(spelling) ").file).tokens
      #expect(tokens.map(\.kind) == [.name, kind, .endOfFile], "\(spelling)")
    }
  }

  @Test("contextual words are those of the grammar")
  func contextualWords() throws {
    let rules = try rules()
    #expect(rules["contextual"].map(Set.init) == Set(ContextualWords.statements))
    #expect(rules["clauses"] == ContextualWords.clauses)
    #expect(rules["modals"] == ContextualWords.modals)
  }

  @Test("units are those of the grammar, and no type is named like one")
  func units() throws {
    let rules = try rules()
    func names(_ dimension: Dimension) -> [String] {
      UnitTable.units.dropFirst().filter { $0.dimension == dimension }.map(\.text)
    }
    #expect(rules["time"] == names(.time))
    #expect(rules["data"] == names(.data))
    #expect(rules["rate"] == names(.rate))
    #expect(rules["ratio"] == names(.none))
    for type in TypeNames.all { #expect(UnitTable.number(of: type) == nil) }
  }

  @Test("operators bind with the powers of the grammar")
  func operators() throws {
    let rules = try rules()
    for power in stride(from: 10, through: 60, by: 10) {
      let found = TokenKind.allCases.filter { OperatorTable.infix($0)?.power == power }
      let spellings = Set(found.compactMap(\.spelling))
      #expect(rules["power_\(power)"].map(Set.init) == spellings, "power \(power)")
    }
    for kind in TokenKind.allCases {
      guard let operation = OperatorTable.infix(kind)?.operation else { continue }
      #expect(operation.text == kind.spelling)
    }
    #expect(rules["prefix_\(OperatorTable.notPower)"] == ["not"])
    #expect(rules["prefix_\(OperatorTable.negatePower)"] == ["-"])
    #expect(rules["power_\(OperatorTable.conversionPower)"] == ["->"])
  }

  @Test("every contextual word begins a statement that the parser knows")
  func everyHeadParses() {
    let samples = [
      "import": "import \"a\"", "case": "case \"a\" { }", "variant": "variant \"a\" { }",
      "param": "param a = 1", "sweep": "sweep a in 1..2", "policy": "policy a { }",
      "preset": "preset a { }", "kind": "kind a { }", "on": "on a.b { }",
      "once": "once at 1s { }", "when": "when a { }", "every": "every 1s { }", "at": "at 1s { }",
      "expect": "expect a", "run": "run for 1s", "step": "step 1", "record": "record a",
      "plot": "plot a", "report": "report a", "capture": "capture a", "print": "print a",
      "show": "show a", "why": "why a", "pause": "pause", "stop": "stop", "fail": "fail a",
    ]
    for word in ContextualWords.statements {
      let sample = Sample(samples[word] ?? "")
      #expect(sample.codes.isEmpty, "\(word)")
      switch sample.statements.first?.form {
      case .none, .declaration, .expression, .assignment: Issue.record("\(word) is no statement")
      default: break
      }
    }
  }
}
