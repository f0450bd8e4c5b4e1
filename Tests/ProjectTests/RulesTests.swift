// The arrows between modules, and the words that would make a run depend on something else than its
// script, its seed and its version.

import Testing

@Suite("Rules")
struct RulesTests {
  /// ARCHITECTURE.md's table: what the files of each module may import.
  static let arrows: [String: Set<String>] = [
    "Wire": [],
    "NetStack": ["CPrefetch", "Wire"],
    "NetSim": ["CPrefetch", "NetStack", "Wire"],
    "NetScript": [],
    "NetLab": ["NetScript", "NetSim", "NetStack", "Wire"],
    "netsh": [
      "NetLab", "NetScript", "NetSim", "NetStack", "Wire", "ArgumentParser", "CReadline", "Crypto",
      "GRDB",
      "Foundation", "Dispatch", "Glibc", "Synchronization",
    ],
    "CPrefetch": [],
    "CReadline": [],
  ]

  /// The modules in which the same script and seed must give the same trace.
  static let deterministic = ["Wire", "NetStack", "NetSim", "NetScript", "NetLab"]

  /// A word that must not occur in code, and what to use instead.
  struct Ban: Sendable {
    var pattern: String
    var instead: String
    var modules = RulesTests.deterministic
  }

  static let bans = [
    Ban(pattern: #"\bFoundation\b"#, instead: "the standard library; files belong to netsh"),
    Ban(pattern: #"\bDate\b"#, instead: "the Instant that is handed in"),
    Ban(pattern: #"\b(Continuous|Suspending)Clock\b"#, instead: "the Instant that is handed in"),
    Ban(pattern: #"\bTask\s*\{|\bTask\."#, instead: "a simulated task; threads belong to netsh"),
    Ban(pattern: #"\bThread\b"#, instead: "nothing: threads belong to netsh"),
    Ban(pattern: #"\.random\(|\.randomElement\("#, instead: "a stream of the seed"),
    Ban(pattern: #"\bSystemRandomNumberGenerator\b"#, instead: "a stream of the seed"),
    Ban(pattern: #"\.shuffled?\("#, instead: "a shuffle that draws from a stream of the seed"),
    Ban(pattern: #"\bhashValue\b|\bHasher\(\)"#, instead: "FrameHash, which has no random seed"),
    Ban(pattern: #"\bObjectIdentifier\b"#, instead: "an index: addresses differ between runs"),
    Ban(
      pattern: #"\bDouble\b|\bFloat\b"#,
      instead: "integers: nanoseconds, bits per second, parts per million",
      modules: ["Wire", "NetStack", "NetSim"]),
    Ban(
      pattern: #"\bfatalError\("#, instead: "precondition with the sentence that is false",
      modules: deterministic + ["netsh"]),
    Ban(
      pattern: #"\btry!|\bas!"#, instead: "a typed error, or a value that cannot fail",
      modules: deterministic + ["netsh"]),
  ]

  @Test("every module's imports are arrows of the table")
  func imports() throws {
    for file in Project.sources {
      let allowed = try #require(
        Self.arrows[file.module], "\(file.path): no row in the table for this folder")
      for (index, line) in file.code.lines.enumerated() {
        guard let name = Self.imported(by: line) else { continue }
        if !allowed.contains(name) {
          Issue.record("\(file.path):\(index + 1): \(file.module) must not import \(name)")
        }
      }
    }
  }

  /// The module a line imports: what follows `import`, or after it a word like `struct`.
  private static func imported(by line: Substring) -> String? {
    let words = line.split { $0 == " " || $0 == "." }
    guard let place = words.firstIndex(of: "import") else { return nil }
    let before: Set<Substring> = ["public", "package", "internal", "private", "fileprivate"]
    let isImport = words[..<place].allSatisfy { $0.hasPrefix("@") || before.contains($0) }
    let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "var", "let"]
    let name = words[(place + 1)...].drop { kinds.contains($0) }.first
    return isImport ? name.map(String.init) : nil
  }

  @Test("banned words do not occur in code", arguments: bans.indices)
  func bannedWords(index: Int) throws {
    let ban = Self.bans[index]
    let pattern = try Regex(ban.pattern)
    for file in Project.sources where ban.modules.contains(file.module) {
      for (line, code) in file.code.lines.enumerated() {
        guard let match = code.firstMatch(of: pattern) else { continue }
        let word = code[match.range]
        Issue.record("\(file.path):\(line + 1): \(word): use \(ban.instead)")
      }
    }
  }

  @Test("nothing depends on the order of a dictionary or a set")
  func dictionaryOrder() throws {
    for module in Self.deterministic {
      let files = Project.sources.filter { $0.module == module }
      let names = Self.unordered(in: files)
      guard !names.isEmpty else { continue }
      let name = names.sorted().joined(separator: "|")
      // Walking in a loop, or through a method that hands out elements one after the other.
      let walks = try Regex(
        #"\bin (\w+[.!?]+)*(\#(name))( \{| where|$|\.(enumerated|keys|values)\b)"#
          + #"|\b(\#(name))\.(keys|values|map|flatMap|compactMap|forEach|reduce|first|lazy)\b"#)
      for file in files {
        for (line, code) in file.code.lines.enumerated() where code.contains(walks) {
          if code.contains("sorted") { continue }
          Issue.record("\(file.path):\(line + 1): add .sorted(), or keep an array beside it")
        }
      }
    }
  }

  /// Names that a module declares as a dictionary or a set, and never as an array too.
  private static func unordered(in files: [ProjectFile]) -> Set<String> {
    let hash = /(\w+)(?:: | = |: inout )(?:\[\w+(?:\.\w+)*: |Set<|Dictionary<)/
    let array = /(\w+): (?:inout )?(?:\[\w+(?:\.\w+)*\]|FixedList<)/
    var hashed: Set<String> = []
    var listed: Set<String> = []
    for line in files.flatMap(\.code.lines) {
      for match in line.matches(of: hash) { hashed.insert(String(match.output.1)) }
      for match in line.matches(of: array) { listed.insert(String(match.output.1)) }
    }
    return hashed.subtracting(listed)
  }

  @Test("names of dictionaries and sets are recognised where they are declared")
  func unorderedNames() {
    let text = """
      let a: [String: Int] = [:]
      var b: Set<Int>
      func f(_ c: inout [A.B: C], d: [Int]) {}
      var e = [UInt8: Int]()
      var d: [String: Int]
      """
    let lines = text.split(separator: "\n")
    let file = ProjectFile(path: "a.swift", text: text, lines: lines, code: CodeText(text))
    #expect(Self.unordered(in: [file]) == ["a", "b", "c", "e"])
  }

  @Test("comments, literals and interpolations are told from code")
  func codeText() {
    let source = #"""
      let a = "Date \(Thread.x("}") + 1) Date" // Date
      /* Date /* Date */ Date */ let b = ##"Date "# Date"##; let c = 1
      func f(
        _ x: Int
      ) -> Int {
        if x > 0 { return 1 }
        return """
          } Date
          """.count
      }
      protocol P { func g() }
      """#
    let code = CodeText(source)
    #expect(code.lines.filter { $0.contains("Date") }.isEmpty)
    #expect(code.lines[0].contains("Thread.x(") && code.lines[1].contains("let c = 1"))
    #expect(code.functions.map { $0.lines } == [2...9])
    #expect(code.functions.map { $0.signature } == ["func f("])
  }
}
