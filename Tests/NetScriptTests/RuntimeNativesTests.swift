// A program's own functions in scripts without a world, and what there is no world for.

import NetScript
import Testing

struct RuntimeNativesTests {
  private static var natives: [Native] {
    [
      Native("double", 1...1) { _, given in .int((given[0].asInt ?? 0) * 2) },
      Native("thing", 0...0) { _, _ in .node(7) },
      Native("refuse", 0...1) { machine, given throws(RuntimeError) in
        throw RuntimeError("N900", "refused \(machine.text(given[0]))", at: given.span)
      },
    ]
  }

  private func run(_ text: String) throws -> PlainResult {
    let compiled = Script.compile(text, loader: NoImports(), vocabulary: Vocabulary(Self.natives))
    let program = try #require(compiled.program, "\(compiled.diagnostics.map(\.title))")
    return Script.runPlain(program, natives: Self.natives)
  }

  @Test("a native takes values, gives one back, and is a value itself")
  func called() throws {
    let result = try run("print double(21), map([1, 2], double), type(double), double")
    #expect(result.error == nil)
    #expect(result.lines == ["42  [2, 4]  Fn  fn double"])
  }

  @Test("what a native throws ends the script with its code and place")
  func thrown() throws {
    let result = try run("print 1\nrefuse(\"this\")\nprint 2")
    #expect(result.lines == ["1"])
    #expect(result.error?.code == "N900" && result.error?.title == "refused this")
    #expect(result.error?.span?.start == 8)
  }

  @Test("a call with another number of arguments is found before anything runs")
  func arity() {
    for call in ["double()", "double(1, 2)", "thing(1)", "refuse(1, 2)"] {
      let compiled = Script.compile(
        call, loader: NoImports(), vocabulary: Vocabulary(Self.natives))
      #expect(compiled.diagnostics.map(\.code) == ["N211"])
    }
  }

  @Test(
    "a node of a world that is not there has no members, elements and methods",
    arguments: [
      ("print thing().name", "there is no `name`"), ("thing().name = 3", "there is no `name`"),
      ("print thing()[1]", "there is no such element"),
      ("var t = thing()\nt[1] = 2", "there is no such element"),
      ("print thing()[*]", "there is nothing to select"),
      ("thing().go(1)", "there is no `go`"), ("var t = thing()\nt.push(1)", "there is no `push`"),
      ("for x in thing() { print x }", "there is nothing to select"),
    ])
  func worldless(_ text: String, _ title: String) throws {
    let result = try run(text)
    #expect(result.error?.title == title)
    #expect(result.error?.help == "a plain script has no bench around it")
  }

  @Test("a node has a text all the same, and is equal to itself alone")
  func shown() throws {
    #expect(
      try run("print thing(), thing() == thing(), thing() == 7").lines == ["node  true  false"])
  }
}
