// The checker: scopes, places, arguments, dimensions; and what it must not object to.

import Testing

@testable import NetScript

struct SyntaxCheckerTests {
  /// The errors; warnings are SyntaxWarningTests' business.
  private func codes(_ text: String) -> [String] {
    let sample = Sample(text)
    let errors = sample.checked.diagnostics.filter { $0.severity == .error }
    return sample.codes.map { "parser " + $0 } + errors.map(\.code)
  }

  @Test(
    "a name is declared once in its block",
    arguments: [
      "let a = 1\nlet a = 2", "fn a() { }\nfn a() { }", "fn f(a, a) { }", "kind k { }\nkind k { }",
      "host a { }\nlan a { }", "let a = 1\nfn a() { }", "import \"x.ns\" as a\nlet a = 1",
      "case \"c\" { variant \"v\" { }\n variant \"v\" { } }",
    ])
  func declaredTwice(_ text: String) {
    #expect(codes(text) == ["N204"])
  }

  @Test(
    "inner blocks may shadow, declarations may amend",
    arguments: [
      "let a = 1\nif true { let a = 2 }", "fn f(a) { let a = 1 }", "host a { }\nhost a { x = 1 }",
      "for i in 1..2 { let x = i }\nfor i in 1..2 { let x = i }", "for _, _ in m { }",
      "for i in 1..2 { host peer[i] { } }",
    ])
  func mayShadow(_ text: String) {
    #expect(codes(text) == [])
  }

  @Test(
    "only variables are set",
    arguments: [
      ("let a = 1\na = 2", "N208"), ("fn a() { }\na = 2", "N208"),
      ("for i in 1..2 { i = 3 }", "N208"),
      ("import \"x\" as a\na = 2", "N208"), ("param a = 1\na = 2", "N208"), ("b = 2", "N214"),
      ("var count = 1\ncoumt += 1", "N214"), ("host h { }\nh = 1", "N208"),
    ])
  func assignments(_ text: String, _ code: String) {
    #expect(codes(text) == [code])
  }

  @Test(
    "fields, variables, session names and later variables may be set",
    arguments: [
      "host h { x = 1\n if true { y = 2 } }", "var a = 1\na += 1", "total += 1",
      "fn f() { late = 1 }\nvar late = 0", "policy p(x) { consult = x }", "fn f(a) { a = 1 }",
      "server.x = 1", "kind k { fn stop_all() { active = false } }", "preset p { tick = 1ms }",
      "task t { var n = 0\n fn main() { n += 1 } }",
    ])
  func mayBeSet(_ text: String) {
    #expect(codes(text) == [])
  }

  @Test("in a variant a bare name sets a param, and only directly")
  func variants() {
    #expect(codes("param a = 1\ncase \"c\" { variant \"v\" { a = 2; seed = 3 } }") == [])
    #expect(codes("param a = 1\ncase \"c\" { variant \"v\" { b = 2 } }") == ["N306"])
    #expect(codes("case \"c\" { param a = 1\n variant \"v\" { if x { a = 2 } } }") == ["N307"])
    #expect(codes("case \"c\" { param a = 1\n variant \"v\" { at 1s { a = 2 } } }") == ["N307"])
    #expect(codes("case \"c\" { variant \"v\" { var n = 0\n at 1s { n = 2 } } }") == [])
  }

  @Test(
    "run stands in the case or a function of it",
    arguments: [
      "case \"c\" { variant \"v\" { run for 1s } }", "at 1s { run for 1s }",
      "host h { task t { fn main() { run for 1s } } }", "kind k { fn go() { run for 1s } }",
      "policy p { on request(r) { run for 1s } }", "case \"c\" { every 1s { step 3 } }",
    ])
  func misplacedRun(_ text: String) {
    #expect(codes(text) == ["N305"])
  }

  @Test(
    "params, sweeps and variants stand directly in the case",
    arguments: [
      "if x { param a = 1 }", "case \"c\" { for i in 1..2 { variant \"v\" { } } }",
      "fn f() { sweep seed in 1..2 }", "case \"c\" { case \"d\" { } }",
    ])
  func misplacedParam(_ text: String) {
    #expect(codes(text) == ["N308"])
  }

  @Test(
    "jumps have something to leave",
    arguments: ["break", "if x { continue }", "return 3", "for i in 1..2 { f(fn() { break }) }"])
  func jumps(_ text: String) {
    #expect(codes(text) == ["N209"])
  }

  @Test("jumps within loops, functions and handlers are in order")
  func goodJumps() {
    #expect(codes("for i in 1..2 { if x { break } else { continue } }") == [])
    #expect(
      codes("fn f() { while true { return } }\npolicy p { on request(r) { return .grant } }") == [])
  }

  @Test(
    "known functions are called as they were declared",
    arguments: [
      ("fn f(a, b = 1) { }\nf()", "N211"), ("fn f(a, b = 1) { }\nf(1, 2, 3)", "N211"),
      ("fn f(a) { }\nf(b = 1)", "N213"), ("fn f(a) { }\nf(a = 1, a = 2)", "N211"),
      ("let f = fn(x) => x\nf()", "N211"), ("len()", "N211"), ("max()", "N211"),
      ("policy p(keep = 1) { }\nx.y = p(kep = 2)", "N213"),
    ])
  func arguments(_ text: String, _ code: String) {
    #expect(codes(text) == [code])
  }

  @Test("good calls and unknown functions pass")
  func goodCalls() {
    #expect(codes("fn f(a, b = 1) { }\nf(1)\nf(b = 2, a = 1)\nf(1, b = 2)") == [])
    #expect(codes("max(1, 2, 3)\nunknown(1, 2)\nx.f()\nlet g = x.f\ng(1, 2)") == [])
    #expect(codes("fn len(a, b) => a\nlen(1, 2)") == [])
  }

  @Test(
    "dimensions that are known must agree",
    arguments: [
      "let x = 32KiB + 5ms", "let x = 5ms\nlet y = x < 3", "fn f(t: Time) => t + 1B",
      "let x = now - 3", "let x = 10Mbps * 2s + 1s", "let x = 1s..5B", "let t: Time = 5B",
      "let x = 5ms -> KiB", "let x = 1 / 2s == 3s", "let x = -5ms == 0",
    ])
  func dimensions(_ text: String) {
    #expect(codes(text) == ["N212"])
  }

  @Test(
    "dimensions that agree or are unknown pass",
    arguments: [
      "let x = 10Mbps * 2s + 64 * 2KiB", "let x = 128KiB / 2KiB + 1", "let x = 40/s * 1min == 2400",
      "let x = 1500B / 10Mbps + 1ms", "let x = a + 5ms", "var x = none\nx = 5ms", "let x = 50% + 1",
      "let x = 1 / 3s == 2/min", "let x = (if a then 1 else 1s) + 2s", "let x = 3B == none",
      "let t = 3s -> min", "let x = now in 5s..6s",
    ])
  func goodDimensions(_ text: String) {
    #expect(codes(text) == [])
  }

  @Test(
    "what a variable or a function yields is known where it is declared",
    arguments: [
      "var sent = 0B\nsent += 5", "var sent = 0B\nlet x = sent + 3s",
      "fn f() => 5ms\nlet x = f() + 1B",
      "fn f(a) -> Time { return a }\nlet x = f(1) < 3B", "let x = max(1s, 2s) + 1B",
      "let x = len([]) + 1B", "param gap = 200ms\nlet x = gap * 2 + 1B",
      "fn f() => 5B + 1B\nlet x = f() < 1s",
    ])
  func inferredDimensions(_ text: String) {
    #expect(codes(text) == ["N212"])
  }

  @Test(
    "what may change its dimension is left to the run",
    arguments: [
      "var x = 0B\nx = 5ms\nlet y = x + 1B", "fn f(a) => a\nlet x = f(1) + 1B",
      "let x = max(a, 2s) + 1B", "let y = later() + 1B\nfn later() => 5ms",
      "var log = []\nlog += [1]",
    ])
  func unknownDimensions(_ text: String) {
    #expect(codes(text) == [])
  }

  @Test(
    "a condition is true or false, and only numbers and texts are reckoned with",
    arguments: [
      "if 5 { }", "while \"x\" { }", "let x = not 3s", "let x = [] and true", "expect never 3",
      "when 5 { }", "let x = \"a\" + 5", "let x = 5 + \"a\"", "let x = [1] * 2",
      "let x = \"a\" < 3",
      "let x = if [:] then 1 else 2", "let count = 3\nlet x = count(4)", "run until 3",
    ])
  func wrongKinds(_ text: String) {
    #expect(codes(text) == ["N422"])
  }

  @Test(
    "texts and lists join and compare among themselves",
    arguments: [
      "let x = \"a\" + \"b\" + \"c\"", "let x = [1] + [2]", "let x = \"a\" < \"b\"",
      "let x = \"a\" == 3", "let x = a and b()", "let x = none == 3", "if x.y { }",
    ])
  func rightKinds(_ text: String) {
    #expect(codes(text) == [])
  }

  @Test("an annotation is a type's name")
  func annotations() {
    #expect(codes("let x: int = 3") == ["N236"])
    #expect(codes("fn f(a: Tme) -> Nothing => a") == ["N236", "N236"])
    #expect(codes("param p: seconds = 3s") == ["N236"])
    #expect(codes("fn f(a: Time, b: Node) -> Map => a") == [])
  }

  @Test("statements ask for times where they need them")
  func clauses() {
    #expect(codes("run for 30") == ["N210"])
    #expect(codes("expect never a within 5B") == ["N210"])
    #expect(codes("expect never a within 5s within 6s") == ["N310"])
    #expect(codes("every 10 { }") == ["N210"])
  }

  @Test("a function named like a statement is not called by it")
  func shadowedWord() {
    #expect(codes("fn show(x) { }\nlet y = show(3)\nshow(3)") == ["N118"])
    #expect(codes("fail") == ["N118"])
    #expect(codes("let stop_it = 1\nprint (1 + 2)") == [])
  }

  @Test("an import needs a name that is one")
  func imports() {
    #expect(codes("import \"a/my-lab.ns\"") == ["N205"])
    #expect(codes("import \"a/lab.ns\"\nlab.go()") == [])
    #expect(Checker.importName("std/ftp") == "ftp")
    #expect(Checker.importName("in.ns") == nil)
  }

  @Test("one cause gives one diagnostic, and all causes are found")
  func cascades() {
    #expect(
      codes("let x = 1s + 1B + 2 + 3b\nlet y = x + 1\na = 1\nbreak") == ["N212", "N214", "N209"])
  }

  @Test("plain expectations in variants are left to the embedder")
  func plainExpectations() {
    let text = "case \"c\" { variant \"v\" { expect a == 1\n expect never b } expect c }"
    let sample = Sample(text.replacing("} expect", with: "}\nexpect"))
    #expect(sample.checked.plainExpectationsInVariants.count == 1)
  }

  @Test("the nearest name is suggested, and no far one")
  func spelling() {
    let names = ["keepidle", "keepintvl", "rcvbuf", "KiB", "kb"]
    #expect(Spelling.nearest(to: "keep_idle", among: names) == "keepidle")
    #expect(Spelling.nearest(to: "kepidel", among: names) == "keepidle")
    #expect(Spelling.nearest(to: "kib", among: names) == "KiB")
    #expect(Spelling.nearest(to: "sndbuf", among: ["window"]) == nil)
    #expect(Spelling.nearest(to: "a", among: ["b", "ab"]) == nil)
    #expect(Spelling.distance([1, 2, 3], [1, 3, 2], limit: 2) == 1)
    #expect(Spelling.grouped(-1_234_567) == "-1,234,567")
  }

  @Test("a long chain of indexes is followed once", .timeLimit(.minutes(1)))
  func longChain() {
    let chain = "print a" + String(repeating: "[0]", count: 300) + ".b"
    #expect(codes(chain).isEmpty)
  }
}
