// The formatter: one form, nothing lost, nothing changed twice.

import Fuzzing
import Testing

import struct Foundation.Data
import class Foundation.FileManager
import struct Foundation.URL

@testable import NetScript

struct FormatterTests {
  private func formatted(_ octets: [UInt8]) -> [UInt8]? {
    Formatter.format(SourceFile(id: SourceFileID(rawValue: 0), name: "a.ns", octets: octets)).text
  }

  private func formatted(_ text: String) -> String {
    formatted(Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) } ?? "refused"
  }

  /// parse(fmt(x)) = parse(x), fmt(fmt(x)) = fmt(x), and every comment is still there.
  private func check(_ octets: [UInt8], _ name: String) {
    let before = Sample(octets: octets)
    guard let once = formatted(octets) else {
      let found = before.parsed.diagnostics.map { "\($0.code) \($0.title)" }
      Issue.record("\(name) is refused: \(found)\n\(before.file.text(0..<octets.count))")
      return
    }
    let text = String(decoding: once, as: UTF8.self)
    let after = Sample(octets: once)
    #expect(after.codes.isEmpty, "\(name)\n\(text)")
    let same = TreeOutline(before.statements).text == TreeOutline(after.statements).text
    #expect(same, "\(name) means something else\n\(text)")
    let isStable = formatted(once) == once
    #expect(isStable, "\(name) changes twice\n\(text)")
    let hashes = (octets.count { $0 == Ascii.hash }, once.count { $0 == Ascii.hash })
    #expect(hashes.0 == hashes.1, "\(name) loses a comment\n\(text)")
  }

  // MARK: Every script there is

  private static func scripts(under folders: String...) -> [URL] {
    folders.flatMap { folder in
      let root = TestFiles.root.appendingPathComponent(folder)
      let names = FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String }
      return (names ?? []).filter { $0.hasSuffix(".ns") }.sorted()
        .map { root.appendingPathComponent($0) }
    }
  }

  @Test("the examples and std are in canonical form")
  func canonical() throws {
    let scripts = Self.scripts(under: "examples", "Sources/NetLab/Std")
    #expect(scripts.count > 15)
    for script in scripts {
      let octets = [UInt8](try Data(contentsOf: script))
      #expect(formatted(octets) == octets, "netsh fmt \(script.path)")
    }
  }

  @Test("the scripts of the tests say the same when they are formatted")
  func scriptsOfTests() throws {
    let scripts = Self.scripts(
      under: "examples", "Tests/Scripts", "Tests/NetScriptTests/Golden/Good")
    #expect(scripts.count > 40)
    for script in scripts { check([UInt8](try Data(contentsOf: script)), script.path) }
  }

  @Test(
    "10,000 generated programs say the same when they are formatted; 2,000 where that is slow",
    arguments: 0..<(isOptimised ? UInt64(10) : 2))
  func generated(part: UInt64) {
    for seed in part * 1000..<part * 1000 + 1000 {
      check(Array(ProgramGenerator.program(seed: seed).utf8), "program \(seed)")
    }
  }

  // MARK: One rule each

  @Test("lines are indented by what is open, and continuations one level more")
  func indentation() {
    let text = """
      case "c" {
      if a {
         b = [
        1, 2,
      [3]
              ]
      let sum = a +
      b
      f(x,
      y, fn(z) {
      z.go()
      })
      g(fn() {
      return 1
      })
      }
      }
      """
    let canonical = """
      case "c" {
          if a {
              b = [
                  1, 2,
                  [3]
              ]
              let sum = a +
                  b
              f(x,
                y, fn(z) {
                    z.go()
                })
              g(fn() {
                  return 1
              })
          }
      }

      """
    #expect(formatted(text) == canonical)
  }

  @Test(
    "one space stands where one reads better",
    arguments: [
      ("let x=-1*( 2+y )-  -z", "let x = -1 * (2 + y) - -z"),
      ("a . b [ 1 ] ( c , d=2 )", "a.b[1](c, d = 2)"),
      ("let m=[ a:1,\"b\" : 2 ]", "let m = [a: 1, \"b\": 2]"),
      ("let e=[ : ]", "let e = [:]"),
      ("fn f( a :Time=1s,b )->Int=>a", "fn f(a: Time = 1s, b) -> Int => a"),
      ("host h:presets.p{x=1}", "host h : presets.p { x = 1 }"),
      ("variant \"a\":\"b\",\"c\"{}", "variant \"a\" : \"b\", \"c\" { }"),
      ("preset p:q {\n}", "preset p : q { }"),
      ("let x:Int=not(a)in 1 .. 5 by 2", "let x: Int = not (a) in 1..5 by 2"),
      ("for i in 0..< n-1 { }", "for i in 0 ..< n - 1 { }"),
      ("let r = .a..  .b", "let r = .a.. .b"),
      ("on a . * [ * ] ( e ) if e.x{ }", "on a.*[*](e) if e.x { }"),
      ("return(a)", "return (a)"), ("print(\"a\")", "print (\"a\")"),
      ("let t = x->KiB/s", "let t = x -> KiB/s"), ("let q = 3/s (x)", "let q = 3/s (x)"),
      ("f(a,\tb,)", "f(a, b)"), ("a;;b ;", "a; b"),
    ])
  func spacing(_ text: String, _ canonical: String) {
    #expect(formatted(text) == canonical + "\n")
  }

  @Test("what the author wrote on one line stays there if it fits, and else is opened from outside")
  func oneLine() {
    let short = "host h { nic e { lan = l }; cpu { factor = 6 } }\n"
    #expect(formatted(short) == short)
    let condition = String(repeating: "x", count: 70)
    let long = "if \(condition) { f(); g() } else { h(); i() }\n"
    #expect(
      formatted(long) == "if \(condition) {\n    f(); g()\n} else {\n    h(); i()\n}\n")
    let joined = "a = \(condition); b = 1; c = 12345678901234567\n"
    #expect(formatted(joined) == joined.replacing("; ", with: "\n"))
    #expect(formatted("a; if b {\nc }; d\n") == "a\nif b {\n    c\n}\nd\n")
    #expect(formatted("if a { b } else {\nc }") == "if a {\n    b\n} else {\n    c\n}\n")
    #expect(formatted("f(fn() { a; b }, c)\n") == "f(fn() { a; b }, c)\n")
  }

  @Test("one blank line is kept, but none at the ends of a block")
  func blankLines() {
    let text = "\n\na\n\n\n\nif b {\n\n# c\n\n\nd\n\n}\n\n\n"
    #expect(formatted(text) == "a\n\nif b {\n    # c\n\n    d\n}\n")
    #expect(formatted("") == "")
    #expect(formatted("\n \n") == "")
    #expect(formatted("# only this") == "# only this\n")
  }

  @Test("comments keep their columns, and those of neighbours stay together")
  func comments() {
    let kept = """
      if a {                 # one
          b = 1              # two
      }
      c = 1  # three

      """
    #expect(formatted(kept) == kept)
    let moved = """
      let a_longer_name=1# one
      b = 2            # two
      let c=[  1,2,3   ,4]   # three
      d = [1, 2]           ;;# four
      let e=f+g            ;;# five
      """
    let canonical = """
      let a_longer_name = 1  # one
      b = 2            # two
      let c = [1, 2, 3, 4]   # three
      d = [1, 2]             # four
      let e = f + g          # five

      """
    #expect(formatted(moved) == canonical)
    let pushed = "let a=b+c # one\nd = 1     # two\n"
    #expect(formatted(pushed) == "let a = b + c  # one\nd = 1          # two\n")
  }

  @Test("a comment has a space after its mark, and no end of spaces")
  func marks() {
    #expect(
      formatted("#!/usr/bin/env netsh\n#a  \n##b\n###c\n#\n#  d") == """
        #!/usr/bin/env netsh
        # a
        ## b
        ###c
        #
        #  d

        """)
  }

  @Test("strings are left as they are, over several lines too")
  func strings() {
    let text =
      "if a {\n    b = \"\"\"\n  one\n   {two}  \n\"\"\"      # c\n    print \"{x  +1}\"\n}\n"
    #expect(formatted(text) == text.replacing("      # c", with: "  # c"))
  }

  @Test("a doc comment belongs to the statement below, whatever separators are between")
  func documentation() {
    let text = "## about a\n; a = 1 ; b = 2 ## about c\n;c = 3"
    #expect(Sample(text).statements.map(\.documentation) == ["about a", nil, "about c"])
    #expect(formatted(text) == "## about a\na = 1; b = 2    ## about c\nc = 3\n")
  }

  @Test("a text with a mistake is refused, and its diagnostics are handed on")
  func mistakes() {
    let file = SourceFile(id: SourceFileID(rawValue: 0), name: "a.ns", text: "let = 3\n")
    let result = Formatter.format(file)
    #expect(result.text == nil)
    #expect(result.diagnostics.map(\.code) == ["N109"])
  }

  @Test("a long line and a long chain of statements take no long time")
  func long() {
    let list = "let a = [" + String(repeating: "1, ", count: 100_000) + "]\n"
    #expect(formatted(list).utf8.count == list.utf8.count - 2)
    let joined = String(repeating: "a;", count: 100_000)
    #expect(formatted(joined) == String(repeating: "a\n", count: 100_000))
    let chain = "if a { }" + String(repeating: " else if a { b }", count: 20_000)
    #expect(formatted(chain).utf8.count > chain.utf8.count)
  }
}
