// The parser: precedence, the table of contextual words, newlines, recovery, bounded depth.

import Testing

@testable import NetScript

struct SyntaxParserTests {
  /// The statements of a text, each by one word.
  private func words(_ text: String) -> [String] {
    let sample = Sample(text)
    return sample.codes.map { "error " + $0 } + sample.statements.map { word($0.form) }
  }

  private func word(_ form: StatementForm) -> String {
    switch form {
    case .malformed: return "malformed"
    case .binding(let binding): return binding.isMutable ? "var" : "let"
    case .function: return "fn"
    case .conditional: return "if"
    case .forLoop: return "for"
    case .whileLoop: return "while"
    case .match: return "match"
    case .returnValue: return "return"
    case .breakLoop: return "break"
    case .continueLoop: return "continue"
    case .importFile: return "import"
    case .caseBlock: return "case"
    case .variant: return "variant"
    case .param: return "param"
    case .sweep: return "sweep"
    case .policy: return "policy"
    case .preset: return "preset"
    case .kind: return "kind"
    case .hook: return "hook"
    case .expect: return "expect"
    case .run: return "run"
    case .step: return "step"
    case .record: return "record"
    case .plot: return "plot"
    case .report: return "report"
    case .capture: return "capture"
    case .print(let values): return "print \(values.count)"
    case .show: return "show"
    case .why: return "why"
    case .pause: return "pause"
    case .stop: return "stop"
    case .fail: return "fail"
    case .declaration(let declaration):
      let kind = declaration.kind.map(\.text).joined(separator: ".")
      return "declare \(kind) \(declaration.name?.text ?? "-")"
    case .assignment(let assignment):
      return "\(describe(assignment.target)) \(assignment.operation.text)"
    case .expression(let value): return describe(value)
    }
  }

  @Test(
    "operators bind as the grammar's powers say",
    arguments: [
      ("a + b * c", "(a + (b * c))"), ("a - b - c", "((a - b) - c)"), ("-a.b", "(- a.b)"),
      ("-a * b", "((- a) * b)"), ("not a in b", "(not (a in b))"),
      ("a or b and c", "(a or (b and c))"),
      ("not a and b", "((not a) and b)"), ("16..256 by 16", "((16 .. 256) by 16)"),
      ("a + 1..b * 2", "((a + 1) .. (b * 2))"), ("a mod b / c", "((a mod b) / c)"),
      ("a == not b", "(a == (not b))"), ("a + b -> ms", "((a + b) -> ms)"),
      ("a < b -> ms", "(a < (b -> ms))"), ("(t -> KiB/s)", "(t -> KiB/s)"), ("r -> %", "(r -> %)"),
      ("f(a)(b)[c].d", "f(a)(b)[c].d"), ("pc[*].pool", "pc[*].pool"), (".wait", ".wait"),
      ("fn(a) => fn(b) => a + b", "fn(a) => fn(b) => (a + b)"), ("x.in + x.for", "(x.in + x.for)"),
      ("if a then 1 else if b then 2 else 3", "(if a then 1 else (if b then 2 else 3))"),
      ("[1, 2,]", "[1, 2]"), ("[:]", "[:]"), ("[]", "[]"),
      ("[\"a\": 1, .b: 2]", "[\"a\": 1, .b: 2]"),
      ("f(a == b, c = d == e)", "f((a == b), c=(d == e))"),
      ("f(at = none, as = 4)", "f(at=none, as=4)"),
    ])
  func precedence(_ text: String, _ expected: String) {
    #expect(grouped(text) == expected)
  }

  @Test(
    "one token decides whether a contextual word is one",
    arguments: [
      ("step = 5ms", ["step ="]), ("stop.x = 1", ["stop.x ="]), ("stop", ["stop"]),
      ("stop()", ["stop()"]), ("run(3)", ["run(3)"]), ("run for 3s", ["run"]),
      ("run until a within 1s", ["run"]), ("step step", ["step"]), ("step", ["step"]),
      ("step on a.*", ["step"]), ("step 5 on a.*\non a.b { }", ["step", "hook"]),
      ("print (a + b) * 2", ["print 1"]), ("print", ["print 0"]), ("print a, b", ["print 2"]),
      ("show = 3", ["show ="]), ("expect never (a > b)", ["expect"]),
      ("let show = 3", ["let"]), ("kind = 3", ["kind ="]), ("once when a { }", ["hook"]),
      ("once = 1", ["once ="]), ("every 1s { }", ["hook"]),
      ("every if a then 1s else 2s if b { }", ["hook"]),
      ("at now + 5s { }", ["hook"]), ("record a, b every 1s as \"x\"", ["record"]),
      ("capture a \"f\"", ["capture"]), ("fail \"x\"", ["fail"]),
      ("pause; stop", ["pause", "stop"]),
    ])
  func contextualWords(_ text: String, _ expected: [String]) {
    #expect(words(text) == expected)
  }

  @Test(
    "the token after a dotted name tells declaration, path and call apart",
    arguments: [
      ("host a", ["declare host a"]), ("host a { }", ["declare host a"]),
      ("my.flood x[3] : my.base { }", ["declare my.flood x"]), ("pool { }", ["declare pool -"]),
      ("lock m\nm.lock()\nlock(m)", ["declare lock m", "m.lock()", "lock(m)"]),
      ("a.b[1].c += 2", ["a.b[1].c +="]), ("a[*].b = 1", ["a[*].b ="]), ("s.go(1)", ["s.go(1)"]),
    ])
  func wordStatements(_ text: String, _ expected: [String]) {
    #expect(words(text) == expected)
  }

  @Test(
    "newlines separate statements, except where something must follow",
    arguments: [
      ("let x = a +\n  b", ["let"]), ("let x = f\n(a + b).go()", ["let", "(a + b).go()"]),
      ("f(\n a,\n b\n)\ng()", ["f(a, b)", "g()"]),
      ("expect eventually p within\n 5min", ["expect"]),
      ("let x = if a\n then 1\n else 2", ["let"]), ("expect whenever a\n then b", ["expect"]),
      ("a = 1;;\n;b = 2", ["a =", "b ="]), ("fn f() {\n return\n x = 1\n}", ["fn"]),
      ("variant \"a\" :\n \"b\",\n \"c\" { }", ["variant"]), ("let x = [\n1,\n2,\n]", ["let"]),
      ("f(fn() {\n a = 1\n b = 2\n}, 3)", ["f(fn() {…}, 3)"]),
    ])
  func newlines(_ text: String, _ expected: [String]) {
    #expect(words(text) == expected)
  }

  @Test("every form of match, if and hook is read")
  func forms() {
    let text = """
      match x {
        stop => print "s"
        .rx, .stack => return .grant
        1..5 => { }
        _ => step = 2
      }
      if a { } else if b { } else { }
      if a { } else if b then c else d
      for i, x in list { break }
      while true { continue }
      on server.tcp.conn[*].drop(e, f) if e.who == .rx { }
      on a.b[3].* { }
      policy p(keep = 4) { on request(r) { return .grant } }
      kind k(host: Node, rate: Freq = 10/s) { }
      preset mine : other.base { tick = 1ms }
      param gap: Time = 200ms where gap > 0s
      sweep a in 1..3, b in [1, 2, 3]
      import "x.ns" as y
      expect finally a for 3s within 2s after 1s before 9s as "x"
      """
    let expected = [
      "match", "if", "if", "for", "while", "hook", "hook", "policy", "kind", "preset", "param",
      "sweep", "import", "expect",
    ]
    #expect(words(text) == expected)
  }

  @Test("after a mistake the next statements are read")
  func recovery() {
    #expect(words("let = 3\nlet b = 2") == ["error N109", "malformed", "let"])
    #expect(words("case 3 { let x = 1 }\nlet b = 2").last == "let")
    #expect(words("host a { b = ; c = 3 }\nlet b = 2") == ["error N109", "declare host a", "let"])
    #expect(words("f(a b\nlet c = 2") == ["error N109", "malformed", "let"])
    #expect(words("}\nlet b = 2") == ["error N109", "let"])
    #expect(words("match x { 1 = 2\n 3 => stop }\nstop") == ["error N109", "match", "stop"])
  }

  @Test(
    "an unfinished text asks for more",
    arguments: ["host a {", "f(1,", "let x =", "let x = a +", "\"\"\"abc", "match x {", "if a {"])
  func unfinished(_ text: String) {
    #expect(Sample(text).parsed.isUnfinished)
  }

  @Test(
    "a finished or plainly wrong text does not",
    arguments: ["host a { }", "f(1))", "let 3", "\"abc"])
  func finished(_ text: String) {
    #expect(!Sample(text).parsed.isUnfinished)
  }

  @Test(
    "deep nesting and long chains end in a diagnostic",
    arguments: [
      ("let x = " + String(repeating: "(", count: 50_000)),
      ("let x = " + String(repeating: "[", count: 50_000) + "1"),
      ("let x = " + String(repeating: "- ", count: 50_000) + "1"),
      ("let x = " + String(repeating: "not ", count: 50_000) + "1"),
      ("let x = " + String(repeating: "fn() => ", count: 50_000) + "1"),
      ("let x = 1" + String(repeating: " + 1", count: 50_000)),
      ("x" + String(repeating: ".x", count: 50_000)),
      ("x" + String(repeating: "()", count: 50_000)),
      ("x = x" + String(repeating: "[0]", count: 50_000)),
      (String(repeating: "if a { ", count: 20_000)),
      (String(repeating: "match a { 1 => ", count: 20_000)),
      ("let x = " + String(repeating: "if a then ", count: 50_000)),
      ("on a" + String(repeating: ".x", count: 50_000) + " { }"),
    ])
  func bounded(_ text: String) {
    let sample = Sample(text)
    #expect(!sample.parsed.diagnostics.isEmpty)
    #expect(sample.parsed.diagnostics.count <= ParserLimits.diagnostics)
    #expect(sample.checked.diagnostics.count <= ParserLimits.diagnostics)
  }

  @Test("chains within function literals within chains add up")
  func boundedLiterals() {
    var text = "1"
    for _ in 0..<20 { text = "fn() { return " + text + " }" + String(repeating: "()", count: 60) }
    #expect(Sample("let x = " + text).codes == ["N116"])
  }

  @Test("as deep as allowed is read and checked")
  func deepest() {
    let chain = "print 1" + String(repeating: " + 1", count: ParserLimits.depth - 10)
    let blocks =
      String(repeating: "if a { ", count: 40) + chain + String(repeating: " }", count: 40)
    #expect(Sample(blocks).codes == [])
    #expect(Sample(blocks).checked.diagnostics.isEmpty)
  }

  @Test("a long else-if chain and a long block cost no depth")
  func flat() {
    let chain = "if a { }" + String(repeating: " else if a { }", count: 5000)
    #expect(words(chain) == ["if"])
    #expect(Sample(String(repeating: "x = 1\n", count: 5000)).statements.count == 5000)
  }
}
