// What the checker warns of: names that nothing reads, code that nothing reaches, names that hide
// others. None of it keeps a script from running.

import Testing

@testable import NetScript

struct SyntaxWarningTests {
  private func warnings(_ text: String) -> [String] {
    let sample = Sample(text)
    #expect(sample.codes == [])
    let found = sample.checked.diagnostics
    #expect(found.allSatisfy { $0.severity == .warning }, "\(found.map(\.title))")
    return found.map(\.code)
  }

  /// A case, so that the file's own names are left alone.
  private func inCase(_ text: String) -> [String] { warnings("case \"c\" {\n\(text)\n}") }

  @Test(
    "a name that nothing reads is pointed out",
    arguments: [
      "let x = 1", "var n = 0\nn += 1", "var n = 0\nat 1s { n = 2 }", "fn f() { }",
      "param p = 1", "policy p() { }", "fn f(a) => 1\nprint f(1)", "let f = fn(a) => 1\nprint f(1)",
      "on a.b(e) { }", "let x = 1\nif true { let x = 2\n print x }",
      "policy p(keep) { }\na.b = p(1)",
      "policy p() { var n = 0\n on grant(r) { n += 1 } }\na.b = p()",
      "fn f() { let x = 1 }\nf()",
    ])
  func unread(_ text: String) {
    #expect(inCase(text) == ["N231"])
  }

  @Test(
    "a name that something reads, or may read from outside, is not",
    arguments: [
      "let x = 1\nprint x", "let x = 1\nprint \"{x}\"", "fn f() => late\nlet late = 1\nprint f()",
      "let _ = f()", "let _kept = 1", "for i in 1..3 { print \"again\" }",
      "fn f(_) => 1\nprint f(1)",
      "host h { task t { var n = 0\n fn main() { n += 1 }\n fn rate() => n } }",
      "kind k(host: Node) { var n = 0\n task t { fn main() { n += 1 } } }",
      "var n = counter()\non a.b(e) { n[e.task] += 1 }", "let h = hist()\nat 1s { h.add(1) }",
      "preset p { tick = 1ms }", "let d = []\non d.drop { }",
      "policy p() { on grant(r) { } }\na.b = p",
      "let s = 1\nsweep seed in 1..s", "param p = 1\nexpect never a.b == p",
    ])
  func read(_ text: String) {
    #expect(inCase(text) == [])
  }

  @Test("an import that nothing uses is pointed out; its kinds and presets are uses")
  func imports() {
    #expect(warnings("import \"lib.ns\"\ncase \"c\" { }") == ["N231"])
    #expect(warnings("import \"lib.ns\" as _\ncase \"c\" { }") == [])
    #expect(warnings("import \"lib.ns\"\ncase \"c\" { lib.lab() }") == [])
    #expect(warnings("import \"lib.ns\"\ncase \"c\" { lib.flood f { } }") == [])
    #expect(warnings("import \"lib.ns\"\ncase \"c\" { host h : lib.box { } }") == [])
  }

  @Test("a file's own names may be read by an importer, unless the file just runs")
  func fileNames() {
    #expect(warnings("let x = 1\nfn lab() { }\nparam p = 1\ncase \"c\" { }") == [])
    #expect(warnings("let x = 1\nfn lab() { }") == [])
    #expect(warnings("let x = 1\nfn f() { }\nprint 1") == ["N231", "N231"])
  }

  @Test(
    "what stands behind the end of its block is never reached",
    arguments: [
      "fn f() { return 1\n print 2 }\nf()", "for i in 1..3 { break\n print i }",
      "for i in 1..3 { continue; print i }", "while true { run for 1s }\nprint 1", "stop\nprint 1",
      "if a { stop } else { fail \"b\" }\nprint 1",
      "fn f() { if a { return 1 } else { return 2 }\n print 3 }\nf()",
    ])
  func unreachable(_ text: String) {
    #expect(inCase(text) == ["N232"])
  }

  @Test(
    "what can be reached is not",
    arguments: [
      "fn f() { if a { return 1 }\n print 2 }\nf()", "while true { if a { break } }\nprint 1",
      "while a { }\nprint 1", "at 1s { stop\n print 1 }",
      "fn f() { return g()\n fn g() => 1 }\nf()",
      "for i in 1..3 { if i == 2 { continue }\n print i }", "if a { stop }\nprint 1",
    ])
  func reachable(_ text: String) {
    #expect(inCase(text) == [])
  }

  @Test("a variable with the name of a library's function is pointed out where it is called")
  func hidden() {
    #expect(inCase("let max = a.b\nprint max(1, 2)") == ["N233"])
    #expect(inCase("fn f(len) { return len([1]) }\nprint f(1)") == [])
    #expect(inCase("let max = 1\nprint max") == [])
    #expect(inCase("var count = 1\ncount += 1\nprint count") == [])
    #expect(inCase("fn range() => 1\nprint range()") == [])
    #expect(inCase("let rate = fn() => 3/s\nprint rate()") == [])
    #expect(inCase("host h { task t { var max = 1\n fn len() => max } }") == [])
  }

  @Test("a comparison that stands alone is pointed out, but not the value of a file")
  func alone() {
    #expect(inCase("a.b == 3") == ["N234"])
    #expect(inCase("a.b in 1..3\nrun for 1s") == ["N234"])
    #expect(inCase("a.b(3)") == [])
    #expect(warnings("1 < 2") == [])
  }

  @Test("a text is not compared with a symbol")
  func quoted() {
    #expect(inCase("print a.who == \"rx\"") == ["N235"])
    #expect(inCase("match a.who { \"rx\", .app => { }\n _ => { } }") == ["N235"])
    #expect(inCase("let x = .rx == \"rx\"\nprint x") == ["N235"])
    #expect(inCase("print a.who == .rx, a.name == \"rx\", a.who == none") == [])
  }

  @Test("a variable named like a time unit is pointed out beside a slash")
  func timeUnit() {
    let sample = Sample("let d = 5\nlet v = 10/d")
    #expect(sample.checked.diagnostics.map(\.code) == ["N104"])
    #expect(sample.checked.diagnostics.first?.severity == .warning)
    #expect(warnings("let d = 5\nlet v = 10 / d\nlet w = 40/s") == [])
  }
}
