// What only the compiler knows, because it has all files: names and calls across modules; and what
// a script without a bench cannot do.

import NetScript
import Testing

struct RuntimeCompilerTests {
  private static let lab = """
    let limit = 5
    var total = 0
    fn add(a, b = 1) { total += a + b; return total }
    kind probe(n = 1) { var sent = n }
    policy fair(keep = 1) { on request(r) { return if r.free > keep then .grant else .wait } }
    preset small { mbufs = 4 }
    """

  private func compile(_ text: String, _ texts: [String: String] = [:]) -> CompilationResult {
    let files = Texts(["lab.ns": Self.lab].merging(texts) { $1 })
    return Script.compile("import \"lab.ns\"\n" + text, loader: files)
  }

  @Test(
    "a call into another file is held to its parameters, a name to what the file has",
    arguments: [
      ("print lab.add()", "N211"), ("print lab.add(1, 2, 3)", "N211"),
      ("print lab.add(1, a = 2)", "N211"), ("print lab.add(c = 1, a = 2)", "N213"),
      ("print lab.nothing", "N215"), ("lab.limit = 3", "N208"), ("lab.nothing x { }", "N203"),
      ("import \"gone.ns\"", "N217"), ("import \"loop.ns\"", "N218"),
      ("print len(x = [1])", "N213"),
    ])
  func mistakes(_ text: String, _ code: String) {
    let result = compile(text, ["loop.ns": "import \"loop.ns\" as again\nprint again"])
    #expect(result.program == nil)
    #expect(result.diagnostics.map(\.code).contains(code), "\(result.diagnostics.map(\.code))")
    let renderer = DiagnosticRenderer(result.files)
    for diagnostic in result.diagnostics { #expect(!renderer.render(diagnostic).isEmpty) }
  }

  @Test("a name that a file does not have is answered with those that it has")
  func exports() {
    let helps = compile("print lab.nothing, lab.fare").diagnostics.map(\.help)
    #expect(
      helps == [
        "it exports `add`, `fair`, `limit`, `small`, `total`", "did you mean `fair`?",
      ])
  }

  @Test("variables, functions and lists of another file are used and changed by their owner's name")
  func modules() throws {
    let result = compile(
      """
      print lab.add(1), lab.add(b = 2, a = 3), lab.total
      lab.total = 40
      lab.total += 2
      print lab.total, lab.limit
      let f = lab.add
      print f(1)
      """)
    let program = try #require(result.program, "\(result.diagnostics)")
    let run = Script.runPlain(program)
    #expect(run.lines == ["2  7  7", "42  5", "44"])
    #expect(run.error == nil)
  }

  @Test("two files that import a third share it")
  func shared() throws {
    let texts = [
      "one.ns": "import \"lab.ns\"\nlab.total += 1\nlet seen = 10",
      "two.ns": "import \"lab.ns\"\nlet seen = lab.total",
    ]
    let result = compile(
      "import \"one.ns\"\nimport \"two.ns\"\nprint lab.total + one.seen + two.seen", texts)
    let program = try #require(result.program, "\(result.diagnostics)")
    #expect(Script.runPlain(program).lines == ["12"])
  }

  @Test("statements from outside stand before the first run")
  func additions() throws {
    let text = "print 1\nrun for 1s\n"
    let result = Script.compile(
      name: "a.ns", octets: Array(text.utf8),
      additions: [Addition("print 2; print 3"), Addition("print 4")],
      loader: NoImports())
    let run = Script.runPlain(try #require(result.program))
    #expect(run.lines == ["1", "2", "3", "4"])
    #expect(run.error?.title == "this statement needs a bench")
    let wrong = Script.compile(
      name: "a.ns", octets: Array(text.utf8), additions: [Addition("let")], loader: NoImports())
    #expect(wrong.program == nil && wrong.diagnostics.map(\.code) == ["N109"])
  }

  @Test(
    "a run in a branch or a loop is a run, too",
    arguments: [
      "if true { run for 1s }", "if false { } else { run for 1s }", "match 1 { 1 => step }",
      "for i in 1..2 { run for 1s }", "while true { if true { run for 1s } }",
    ])
  func inner(_ statement: String) throws {
    let result = Script.compile(
      name: "a.ns", octets: Array("print 1\n\(statement)\nprint 3".utf8),
      additions: [Addition("print 2")],
      loader: NoImports())
    let run = Script.runPlain(try #require(result.program))
    #expect(run.lines == ["1", "2"])
  }

  @Test(
    "without a bench, what needs one is refused where it stands",
    arguments: [
      ("print server", "nothing is named `server`"), ("host a { }", "`host` needs a bench"),
      ("report 1", "this statement needs a bench"), ("run for 1s", "this statement needs a bench"),
      ("let b = buffer()\nprint b", "this function needs a bench"), ("fail \"so\"", "so"),
      ("capture 1", "this statement needs a bench"), ("step", "this statement needs a bench"),
      ("expect never 1 > 2", "this statement needs a bench"),
      ("every 1s { print 1 }", "this statement needs a bench"),
    ])
  func benchless(_ text: String, _ title: String) throws {
    let result = Script.compile(
      text, loader: NoImports(), vocabulary: Vocabulary(natives: ["buffer"]))
    let program = try #require(result.program, "\(result.diagnostics)")
    let run = Script.runPlain(program)
    #expect(run.error?.title == title)
    let diagnostic = try #require(run.error?.diagnostic)
    #expect(DiagnosticRenderer(result.files).render(diagnostic).contains(title))
  }
}
