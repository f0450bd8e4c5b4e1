// The form of a case: what the scripts of the library have in common, so that whoever has read one
// finds his way in all.

import Foundation
import Testing

@Suite("The form of a case")
struct CaseFormTests {
  static let families = [
    "knots", "exhaustion", "drivers", "queues", "timers", "leaks", "shape",
  ]
  private static let scripts: [CaseScript] = Project.paths(under: "examples").filter { path in
    path.hasSuffix(".ns") && families.contains { path.hasPrefix("examples/\($0)/") }
  }.compactMap { path in try? CaseScript(Project.file(path)) }

  @Test("the opening comment has its paragraphs in their order", arguments: scripts)
  func paragraphs(script: CaseScript) {
    let words = ["Says:", "Reported:", "Inferred:", "Found:", "Look:"]
    let named = script.paragraphs.compactMap { paragraph in words.first(where: paragraph.hasPrefix)
    }
    // What was found may be left out; of a case of our own nothing is reported.
    let isOurs = script.source.hasPrefix("Found here.")
    let needed = words.filter { $0 != "Found:" && !(isOurs && $0 == "Reported:") }
    #expect(named == words.filter(named.contains), "their order is \(words)")
    #expect(
      needed.allSatisfy(named.contains), "\(needed.filter { !named.contains($0) }) is missing")
    #expect(script.paragraphs.dropFirst(2).first?.hasPrefix("Says:") == true)
    #expect(script.paragraphs.last?.hasPrefix("Look:") == true, "what to look at comes last")
  }

  @Test("the title is one sentence of at most 100 characters", arguments: scripts)
  func title(script: CaseScript) {
    let title = script.paragraphs.first ?? ""
    #expect(title.count <= 100 && title.hasSuffix("."), "\(title.count) characters")
    #expect(!title.dropLast().contains(". "), "more than one sentence")
  }

  @Test("it says where it comes from: a case with its sources, or found here", arguments: scripts)
  func source(script: CaseScript) {
    let source = script.source
    if source.hasPrefix("Case ") {
      #expect(
        source.contains(/^Case \d+: \S.*\S https?:\/\//), "a system, a year, a URL: \(source)")
    } else {
      let others = ["Found here.", "Not one of the thirty: "]
      #expect(others.contains(where: source.hasPrefix), "\(source)")
    }
  }

  @Test("it quotes two to eight things that somebody sees", arguments: scripts)
  func symptoms(script: CaseScript) {
    let says = script.paragraphs.first { $0.hasPrefix("Says:") } ?? ""
    let pieces = says.split(separator: "\"", omittingEmptySubsequences: false)
    let quotes = pieces.indices.filter { $0 % 2 == 1 }.map { pieces[$0] }
    #expect((2...8).contains(quotes.count) && quotes.allSatisfy { $0.contains(/\w/) })
    let between = pieces.indices.filter { $0 % 2 == 0 }.map { String(pieces[$0]) }
    #expect(between.first == "Says: " && between.last == ".", "\(between)")
    #expect(between.dropFirst().dropLast().allSatisfy { $0 == ", " }, "\(between)")
  }

  @Test("each parameter of a file says in which range it means something", arguments: scripts)
  func parameters(script: CaseScript) {
    // A truth value has no other range.
    for line in script.lines where line.hasPrefix("param ") && !line.contains(": Bool = ") {
      #expect(line.contains(" where "), "\(line)")
    }
  }

  @Test("a value outside of a parameter's range is refused with the range", arguments: scripts)
  func refusals(script: CaseScript) throws {
    for line in script.lines where line.hasPrefix("param ") {
      guard let match = line.firstMatch(of: /^param (\w+) = .* in \S*\.\.(\d+)(\S*)/) else {
        continue
      }
      let (name, last, unit) = (match.output.1, match.output.2, match.output.3)
      let words = ["check", "--set", "\(name)=\(last)000\(unit)", script.path]
      let run = try Netsh.run(words, folder: Project.root)
      #expect(run.status == 3 && run.output.isEmpty, "\(name)")
      #expect(run.errors.contains("error N423: \(name) = "), "\(run.errors)")
      #expect(run.errors.contains("help: allowed is `"), "\(run.errors)")
    }
  }

  @Test("it has a before, a fix, and the mechanism off; no other variants", arguments: scripts)
  func variants(script: CaseScript) {
    let starts = ["before", "fix: ", "fix, off: ", "no cure: ", "off: ", "control: "]
    for variant in script.variants {
      #expect(starts.contains(where: variant.hasPrefix), "variant \"\(variant)\"")
    }
    func has(_ starts: String...) -> Bool {
      script.variants.contains { variant in starts.contains(where: variant.hasPrefix) }
    }
    #expect(has("before") && has("fix: ", "fix, off: ") && has("off: ", "fix, off: "))
  }

  @Test("it has at most 80 lines that are no comment", arguments: scripts)
  func length(script: CaseScript) {
    let code = script.lines.filter { !$0.drop { $0 == " " }.hasPrefix("#") }
    #expect(code.count <= 80, "\(code.count) lines")
  }

  @Test("the formatter leaves them as they are")
  func format() throws {
    let files = Self.scripts.map { Project.root.appendingPathComponent($0.path).path }
    let run = try Netsh.run(["fmt", "--check"] + files)
    #expect(run.status == 0, "\(run.output)\(run.errors)")
  }

  @Test("all thirty public failures are there")
  func numbers() throws {
    let seed = try CaseScript(Project.file("examples/torre-2004/baseline.ns"))
    let numbers = ([seed] + Self.scripts).compactMap(\.number)
    #expect(Set(numbers) == Set(1...30), "\(Set(1...30).symmetricDifference(numbers).sorted())")
  }

  @Test("each family has a page of one screen that names its scripts", arguments: families)
  func pages(family: String) throws {
    let page = try Project.file("examples/\(family)/README.md")
    #expect(page.lines.count <= 41, "\(page.lines.count - 1) lines")
    let wide = page.lines.filter { $0.count > 80 && !$0.contains("http") }
    #expect(wide.isEmpty, "\(wide)")
    for script in Self.scripts where script.path.hasPrefix("examples/\(family)/") {
      let name = script.path.split(separator: "/")[2]
      #expect(page.text.contains(name), "\(name) is not on it")
    }
  }
}

/// A script of the library as a text.
struct CaseScript: Sendable, CustomTestStringConvertible {
  var path: String
  var lines: [Substring]
  /// Of the opening comment, each in one line.
  var paragraphs: [String]

  var testDescription: String { path }

  init(_ file: ProjectFile) {
    path = file.path
    lines = file.lines.last?.isEmpty == true ? file.lines.dropLast() : file.lines
    let comment = lines.prefix { $0.hasPrefix("##") }.map { $0.dropFirst(2).drop { $0 == " " } }
    paragraphs = comment.split(whereSeparator: \.isEmpty).map { $0.joined(separator: " ") }
  }

  /// The second paragraph.
  var source: String { paragraphs.dropFirst().first ?? "" }
  /// Its place among the thirty.
  var number: Int? { source.firstMatch(of: /^Case (\d+):/).flatMap { Int($0.output.1) } }

  var variants: [String] {
    lines.compactMap { line in
      line.firstMatch(of: /^ *variant "([^"]*)"/).map { String($0.output.1) }
    }
  }
}
