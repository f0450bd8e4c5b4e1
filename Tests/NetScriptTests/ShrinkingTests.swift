// Candidate edits of a script: what each makes is a script again, in canonical form, and smaller.

import Fuzzing
import Testing

@testable import NetScript

@Suite("Edits that shrink a script")
struct ShrinkingTests {
  private func module(_ text: String) throws -> ModuleText {
    try #require(ModuleText(Array(text.utf8), name: "a.ns")).formatted
  }

  private func results(_ pass: ShrinkPass, _ text: String) throws -> [String] {
    let module = try module(text)
    return pass.edits(of: module).compactMap { module.smaller(by: $0)?.text }
  }

  @Test("every candidate parses, is in canonical form, and is smaller by the measure")
  func candidates() throws {
    let scripts = Corpus.scripts(under: ["Tests/Corpus/failing", "examples/knots"])
    for (path, octets) in scripts.prefix(3) {
      let module = try #require(ModuleText(octets, name: path)).bare
      for pass in ShrinkPass.allCases {
        let edits = pass.edits(of: module)
        for place in stride(from: 0, to: edits.count, by: max(1, edits.count / 10)) {
          guard let smaller = module.smaller(by: edits[place]) else { continue }
          #expect(smaller.measure < module.measure, "\(path) \(pass)")
          #expect(smaller.formatted.octets == smaller.octets, "\(path) \(pass) \(smaller.text)")
        }
      }
      for choice in module.numberChoices {
        for edit in choice.edits.prefix(2) {
          let other = try #require(module.applying(edit), "\(path)")
          #expect(other.measure.tokens == module.measure.tokens, "\(other.text)")
        }
      }
    }
  }

  @Test("the claim stays as it is, and what it counts with")
  func claim() throws {
    let text = """
      param limit = 17
      var seen = 0
      fn enough() => seen > limit + 3
      every 1s { seen += 1; print seen }
      expect never enough() within 123s as "it is seen"
      run for 45s
      """
    for pass in ShrinkPass.allCases where pass != .inlining {
      for result in try results(pass, text) {
        for kept in ["never enough() within 123s", "seen > limit + 3", "limit = 17", "seen += 1"] {
          #expect(result.contains(kept), "\(pass): \(result)")
        }
      }
    }
    let numbers = try module(text).numberChoices.flatMap { $0.edits }
    for edit in numbers {
      let result = try #require(try module(text).applying(edit)).text
      #expect(result.contains("limit = 17") && result.contains("limit + 3"), "\(result)")
    }
  }

  @Test("a script without `expect` claims what its `fail` says, under the same condition")
  func fail() throws {
    let text = """
      var count = 0
      every 1s { count += 1 }
      when count > 3 { print "now"; fail "three" }
      run for 9s
      """
    for result in try results(.statements, text) + results(.unwrapping, text) {
      #expect(result.contains("when count > 3 {") && result.contains("fail \"three\""), "\(result)")
      #expect(result.contains("count += 1"), "\(result)")
    }
  }

  @Test("a thing goes with all that mentions it; a name that two things have means nothing")
  func things() throws {
    let text = """
      lan wire { rate = 1Mbps }
      host a { nic eth0 { lan = wire } }
      host b { nic eth0 { lan = wire } }
      bulk copy { from = a; to = b }
      print copy.sent
      expect never wedged(a)
      """
    let wanted = """
      lan wire { rate = 1Mbps }
      host a { nic eth0 { lan = wire } }

      expect never wedged(a)

      """
    #expect(try results(.things, text).contains(wanted))
  }

  @Test("values come in place of names, bodies in place of calls")
  func inlining() throws {
    let params = try results(.inlining, "param size = 64 where size > 3\nprint size, \"{size}\"\n")
    #expect(params == ["print 64, \"{64}\"\n"])
    let lab = """
      fn lab(size, rate = 10Mbps) {
          lan wire { rate = rate }
          host a { pool { clusters = size + 1 } }
      }
      lab(3 * 4)
      """
    #expect(
      try results(.inlining, lab) == [
        """
        lan wire { rate = 10Mbps }
        host a { pool { clusters = (3 * 4) + 1 } }

        """
      ])
    let value = "fn half(x) => x / 2\nprint half(3) * 4\n"
    #expect(try results(.inlining, value) == ["print (3 / 2) * 4\n"])
    let early = "fn lab() { if true { return }; print 1 }\nlab()\n"
    #expect(try results(.inlining, early).isEmpty)
    let hidden = "let x = 3\nfn f(x) => x\nprint f(1), x\n"
    #expect(try results(.inlining, hidden).first == "fn f(x) => x\nprint f(1), 3\n")
    let preset = "preset p : q { tick = 1ms }\nhost a : p { nic eth0 { } }\n"
    #expect(
      try results(.inlining, preset) == [
        """
        host a : q {
            tick = 1ms
            nic eth0 { }
        }

        """
      ])
  }

  @Test("what stands in a block comes in its place; a loop's variable is its first value")
  func unwrapping() throws {
    #expect(try results(.unwrapping, "case \"a\" { print 1 }\n") == ["print 1\n"])
    #expect(
      try results(.unwrapping, "if a { print 1 } else { print 2 }\n") == ["print 1\n", "print 2\n"])
    #expect(
      try results(.unwrapping, "for i in 2..n { host pc[i] { } }\n") == ["host pc[2] { }\n"])
  }

  @Test("expressions give way to their parts; arguments, elements and presets go")
  func expressions() throws {
    #expect(try results(.expressions, "print 1 + x\n") == ["print 1\n", "print x\n"])
    let called = try results(.expressions, "print f(1, b = 2)\n")
    #expect(called == ["print 1\n", "print 2\n", "print f(b = 2)\n", "print f(1)\n"])
    #expect(try results(.expressions, "host a : p { }\n") == ["host a { }\n"])
    #expect(try results(.expressions, "host a[1] : p { }\n") == ["host a[1] { }\n"])
  }

  @Test("numbers give way to smaller ones of one digit; rates only to rounder ones")
  func numbers() throws {
    func choices(_ text: String) throws -> [String] {
      let module = try module("x = \(text)\n")
      return module.numberChoices.flatMap { $0.edits }.compactMap { module.applying($0)?.text }
        .map { String($0.dropFirst(4).dropLast()) }
    }
    #expect(try choices("7") == ["1", "2", "3", "4", "5", "6"])
    #expect(try choices("0").isEmpty)
    #expect(try choices("10Mbps").isEmpty)
    #expect(try choices("12Mbps") == ["10Mbps"])
    #expect(try choices("1KiB").last == "1KB")
    #expect(try choices("3ms") == ["1ms", "2ms"])
    #expect(try choices("1s").first == "1ms")
    let run = try module("run for 16h\n")
    let shorter = run.shorterRuns(endingAt: 82_082_000).compactMap { run.applying($0)?.text }
    #expect(shorter == ["run for 100ms\n", "run for 200ms\n", "run for 300ms\n"])
  }

  @Test("of many runs one: its case, its variant folded in, its values, its seed")
  func specialised() throws {
    let text = """
      param size = 64
      case "other" { run for 1s }
      case "this" {
          param rate = 3
          sweep size in [1, 2]
          host a { pool { clusters = size } }
          variant "base" { a.tick = 1ms; rate = 7; expect never true }
          variant "one" : "base" { expect always true; at 1s { stop } }
          variant "two" { rate = 5 }
          run for 9s
      }
      """
    let run = ChosenRun(
      caseIndex: 1, variants: ["base", "one"], settings: [("size", "2")], seed: 5)
    let module = try #require(try module(text).specialised(to: run))
    #expect(
      module.text == """
        param size = 2

        case "this" {
            sweep seed in [5]
            param rate = 7

            host a { pool { clusters = size } }

            a.tick = 1ms
            expect always true
            at 1s { stop }
            run for 9s
        }

        """, "\(module.text)")
  }

  @Test("one file in place of several: names without their alias, one claim, imports of std once")
  func flattening() throws {
    let root = try module(
      """
      import "parts/lab.ns" as parts
      import "std/presets"
      case "a" {
          parts.lab(3)
          parts.card c { host = a }
          parts.size = 5
          expect always true
          expect never false
      }
      """)
    let lab = try module(
      """
      import "std/presets"
      param size = 3
      fn lab(n) { host a : presets.bsd44 { } }
      kind card(host: Node) { }
      case "its own" { run for 1s }
      """)
    let place = ClaimPlace(file: "a.ns", line: 8, text: "expect never false")
    let flat = try #require(
      Flattening.flat(root, keeping: place) { path, _ in
        path.hasPrefix("std/") ? nil : ModuleText(lab.octets, name: "parts/lab.ns")
      })
    #expect(
      flat.compacted.text == """
        import "std/presets"
        param size = 3
        fn lab(n) { host a : presets.bsd44 { } }
        kind card(host: Node) { }
        case "a" {
            lab(3)
            card c { host = a }
            size = 5
            expect never false
        }

        """, "\(flat.compacted.text)")
  }

  @Test("short blocks go on one line, as people write them")
  func compacting() throws {
    let text = """
      host a {
          pool {
              clusters = 64
          }
      }

      host b {
          pool {
              clusters = 64
          }
          nic eth0 {
              lan = wire
              rx_ring = 32
          }
      }
      """
    #expect(
      try module(text).compacted.text == """
        host a { pool { clusters = 64 } }
        host b {
            pool { clusters = 64 }
            nic eth0 { lan = wire; rx_ring = 32 }
        }

        """)
  }

  @Test("a pruned script has neither comments nor what its chosen parts do not need")
  func pruning() throws {
    let root = try module(
      """
      # A lab.
      import "lab.ns" as lab
      import "std/policies"
      param spare = 3    # of no use
      param chosen = 4
      fn dead() { print twice(1) }
      fn twice(x) => x * 2
      case "this" {
          variant "a" { lab.run_it() }
          variant "b" : "a" { }
          variant "c" { print twice(2) }
      }
      case "that" { print twice(3) }
      """)
    let lab = try module("fn run_it() => 1\nfn idle() => 2\ncase \"own\" { idle() }\n")
    var parts = ChosenParts()
    parts.variants[0] = ["a", "b"]
    parts.add(statement: "print chosen")
    let pruned = ModuleText.pruned([root, lab], to: parts).map { $0.compacted.text }
    #expect(
      pruned == [
        """
        import "lab.ns" as lab
        param chosen = 4
        case "this" {
            variant "a" { lab.run_it() }
            variant "b" : "a" { }
        }

        """, "fn run_it() => 1\n",
      ], "\(pruned)")
  }
}
