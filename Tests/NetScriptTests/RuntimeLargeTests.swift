// Programs as large as they come: what has a limit says so, everything else works.

import NetScript
import Testing

struct RuntimeLargeTests {
  private func compile(_ text: String) -> CompilationResult {
    Script.compile(text, loader: NoImports())
  }

  private func lines(_ text: String) throws -> [String] {
    let result = compile(text)
    let run = Script.runPlain(try #require(result.program, "\(result.diagnostics.map(\.title))"))
    #expect(run.error == nil)
    return run.lines
  }

  @Test("more constants than two octets count")
  func constants() throws {
    let numbers = (100_000..<170_000).map(String.init).joined(separator: ", ")
    #expect(
      try lines("let l = [\(numbers)]\nprint len(l), l[69999], sum(l)")
        == ["70000  169999  9449965000"])
  }

  @Test("long lists and maps are made in rows, and keep their order")
  func rows() throws {
    let numbers = (0..<100).map { "f(\($0))" }.joined(separator: ", ")
    let entries = (0..<100).map { "\($0): \($0) * \($0)" }.joined(separator: ", ")
    #expect(
      try lines(
        """
        fn f(x) => x + 1
        let l = [\(numbers)]
        let m = [\(entries)]
        print len(l), l[0], l[31], l[32], l[99], len(m), m[16], m[99]
        """) == ["100  1  32  33  100  100  256  9801"])
  }

  @Test(
    "a block too long to jump over is refused, with what to do",
    arguments: ["if flag {", "while flag {", "for i in 1..2 {"])
  func jumps(_ head: String) {
    let body = String(repeating: "print 1000000\n", count: 20_000)
    let result = compile("fn f(flag) {\n\(head)\n\(body)}\n}\nf(true)")
    #expect(result.diagnostics.map(\.code) == ["N240"])
    #expect(result.diagnostics.first?.help?.hasPrefix("split it") == true)
  }

  @Test("a function with more variables than registers is refused")
  func registers() {
    let variables = (0..<300).map { "var v\($0) = \($0)" }.joined(separator: "\n")
    #expect(compile("fn f() {\n\(variables)\n}\nf()").diagnostics.map(\.code) == ["N240"])
  }

  @Test(
    "a statement or call with more values than registers is refused",
    arguments: ["print ", "f(", "report ", "[f](", "server.go(", "\"{1}\" + \"{"])
  func operands(_ head: String) {
    for count in [130, 240, 300] {
      let values = (0..<count).map { "f(\($0))" }
      let list = values.joined(separator: head.hasSuffix("{") ? "}{" : ", ")
      let end = head.hasSuffix("{") ? "}\"" : head.hasSuffix("(") ? ")" : ""
      let result = compile("fn f(x = 1) => x\n\(head)\(list)\(end)")
      #expect(!result.diagnostics.isEmpty || result.program != nil)
      #expect(count < 300 || result.program == nil)
    }
  }

  @Test("a text is put together up to its limit; what comes behind is cut")
  func texts() throws {
    #expect(
      try lines(
        """
        let big = "x".pad(5000000)
        let all = "{big}{big}{big}"
        print len(all), all.slice(9999999)
        """) == ["10000003   …"])
  }

  @Test("a script longer than 16 MiB is refused")
  func source() {
    let octets = [UInt8](repeating: 35, count: (16 << 20) + 1)
    let result = Script.compile(name: "long.ns", octets: octets, loader: NoImports())
    #expect(result.diagnostics.map(\.title) == ["a script longer than 16 MiB"])
    #expect(DiagnosticRenderer(result.files).render(result.diagnostics[0]).count < 1000)
  }
}
