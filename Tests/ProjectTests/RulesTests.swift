// The arrows between modules, and the words that would make a run depend on something else than its
// script, its seed and its version.

import Testing

@Suite("Rules")
struct RulesTests {
  /// ARCHITECTURE.md's table: what the files of each module may import.
  static let arrows: [String: Set<String>] = [
    "Wire": [],
    "NetStack": ["Wire"],
    "NetSim": ["NetStack", "Wire"],
    "NetScript": [],
    "NetLab": ["NetScript", "NetSim", "NetStack", "Wire"],
    "netsh": [
      "NetLab", "NetScript", "NetSim", "NetStack", "Wire", "ArgumentParser", "CReadline",
      "Foundation", "Dispatch", "Glibc", "Synchronization",
    ],
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

  @Test("the keys and values of a dictionary are sorted before anything depends on their order")
  func dictionaryOrder() {
    for file in Project.sources where Self.deterministic.contains(file.module) {
      for (line, code) in file.code.lines.enumerated() {
        // A dot that follows nothing begins the name of an enum's case.
        let isUsed = code.contains(/[\w)\]?!]\.(keys|values)\b/)
        guard isUsed, !code.contains("sorted") else { continue }
        Issue.record("\(file.path):\(line + 1): add .sorted(), or keep an array beside it")
      }
    }
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
