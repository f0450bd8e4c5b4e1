// The editors' grammars: their words are those of the EBNF, and on every script there is vim and
// Pygments, which were written apart, see the same.

import Foundation
import Testing

@Suite("Grammars of editors")
struct GrammarFilesTests {
  // MARK: Lists of words

  /// The quoted words of the rules of the EBNF, comments aside.
  private static func grammar() throws -> [String: Set<String>] {
    var text = try Project.file("grammar/netscript.ebnf").text
    text.replace(/\(\*[\s\S]*?\*\)/, with: "")
    var rules: [String: Set<String>] = [:]
    for rule in text.matches(of: /(?m)^(\w+) +=([\s\S]*?) ; *$/) {
      let words = rule.output.2.matches(of: /"([^"]+)"/).map { String($0.output.1) }
      rules[String(rule.output.1)] = Set(words)
    }
    return rules
  }

  /// Lists of an editor's grammar, under the names that vim's file gives them.
  private typealias Lists = [String: [Substring]]

  private func compare(_ lists: Lists, _ file: String) throws {
    let rules = try Self.grammar()
    func words(_ names: String...) -> Set<String> {
      Set(names.flatMap { lists[$0] ?? [] }.map(String.init))
    }
    #expect(words("reserved", "constants") == rules["reserved"], "\(file): reserved")
    #expect(
      words("text", "name", "operand", "either", "end").union(["once", "run"])
        == rules["contextual"], "\(file): contextual")
    for name in ["clauses", "modals", "time", "data", "rate", "ratio"] {
      #expect(words(name) == rules[name], "\(file): \(name)")
    }
    #expect(words("moment") == ["on", "when", "every", "at"], "\(file): moment")
  }

  @Test("vim's words are those of the EBNF")
  func vimWords() throws {
    let text = try Project.file("grammar/vim/syntax/netscript.vim").text
    var lists: Lists = [:]
    for match in text.matches(of: /let s:(\w+) = '([^'\\]+)'\n/) {
      lists[String(match.output.1)] = match.output.2.split(separator: " ")
    }
    for match in text.matches(of: /syntax keyword netscript(Reserved|Constant) (.*)/) {
      let name = match.output.1 == "Reserved" ? "reserved" : "constants"
      lists[name, default: []] += match.output.2.split(separator: " ")
    }
    #expect(text.contains("s:Head('once'") && text.contains("s:Head('run'"))
    try compare(lists, "vim")
  }

  @Test("Pygments' words are those of the EBNF")
  func pygmentsWords() throws {
    let text = try Project.file("grammar/pygments/netscript.py").text
    var lists: Lists = [:]
    for match in text.matches(of: /(?m)^(\w+) = "(?:"")?([^"]*)"(?:"")?\.split\(\)$/) {
      lists[match.output.1.lowercased()] = match.output.2.split(whereSeparator: \.isWhitespace)
    }
    #expect(text.contains(#"END + ["once", "run"]"#))
    try compare(lists, "Pygments")
  }

  @Test("TextMate's words are those of the EBNF, and its patterns are patterns")
  func textMateWords() throws {
    let data = Data(try Project.file("grammar/netscript.tmLanguage.json").text.utf8)
    let json = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let repository = try #require(json["repository"] as? [String: Any])
    var patterns: [String: [String]] = [:]
    for (name, entry) in repository { patterns[name] = Self.patterns(in: entry) }
    for pattern in patterns.values.joined() {
      #expect(throws: Never.self, "\(pattern)") { try NSRegularExpression(pattern: pattern) }
    }
    for case let entry as [String: String] in json["patterns"] as? [Any] ?? [] {
      #expect(repository[String(entry["include"]?.dropFirst() ?? "")] != nil, "\(entry)")
    }
    /// Alternatives of the n-th group of words in an entry.
    func words(_ name: String, _ place: Int = 0) -> [Substring] {
      let found = (patterns[name] ?? []).joined(separator: " ")
        .matches(of: /\((?:\?:)?([A-Za-z]+(?:\|[A-Za-z]+)+)\)/)
      return place < found.count ? found[place].output.1.split(separator: "|") : []
    }
    var lists: Lists = [:]
    for name in ["reserved", "constants", "text", "name", "operand", "either", "end", "clauses"] {
      lists[name] = words(name)
    }
    lists["modals"] = words("expect")
    lists["moment"] = words("once")
    lists["time"] = words("numbers", 1)
    lists["rate"] = words("numbers").filter { $0.hasSuffix("bps") }
    lists["data"] = words("numbers").filter { !$0.hasSuffix("bps") }
    lists["ratio"] = ["%"]
    try compare(lists, "TextMate")
    #expect(Set(words("units")) == Set(words("numbers") + words("numbers", 1)))
  }

  /// Every regular expression in an entry of the repository.
  private static func patterns(in entry: Any) -> [String] {
    if let list = entry as? [Any] { return list.flatMap(patterns) }
    guard let entry = entry as? [String: Any] else { return [] }
    var found = ["match", "begin", "end"].compactMap { entry[$0] as? String }
    for key in ["patterns"] { found += entry[key].map(patterns) ?? [] }
    return found
  }

  // MARK: What they see

  /// Every script of the project that is in order.
  private static let scripts = ["examples", "Sources/NetLab/Std", "Tests/Scripts"]
    .flatMap { Project.paths(under: $0) }.filter { $0.hasSuffix(".ns") }
    .map { Project.root.appendingPathComponent($0) }

  /// One octet of each token, to be read beside the text below.
  private static let marked = """
    step = 5ms; stop.x = 1; stop
    print (a + b) -> KiB/s
    expect never a in x within 5s as "x{{ {a.in:8.2} \\n"
    once when a.free == 0 { print "{now}  {x[3]}" }
    on a.drop(e) if e.at == .wait { why a }
    record a every 10/s  # rate
    ## doc
    let bad = 64K
    run until a within 3s
    step 5 on a.*
    x.for = r"raw {x}"
    f(every = 0x1F, at = none, not 1..50%)
    """
  private static let classes = """
    .....o.nnn.........o.n..wwww
    wwwww....o....oo.uuuuu
    wwwwww.lllll...rr...llllll.nn.ll.sseesi....iiiiisees
    wwww.wwww........oo.n...wwwww.si...issi..n.is..
    ww...........rr......oo..yyyy...www....
    wwwwww...lllll.nnnn..cccccc
    dddddd
    rrr.....o.EEE
    www.lllll...llllll.nn
    wwww.n.ll...o
    ......o.ssssssssss
    ........o.nnnn.....o.rrrr..rrr.noonnn.
    """

  @Test(
    "Pygments marks every kind of token",
    .enabled(if: Tool.pygmentize != nil, "python3-pygments is not installed"))
  func pygments() throws {
    Self.compare(try Self.seenByPygments(Self.marked), Self.classes, of: Self.marked, errors: 3)
  }

  @Test("vim marks every kind of token", .enabled(if: Tool.vim != nil, "vim is not installed"))
  func vim() throws {
    Self.compare(try Self.seenByVim(Self.marked), Self.classes, of: Self.marked, errors: 3)
  }

  @Test(
    "on every script vim and Pygments see the same, and neither an error",
    .enabled(
      if: Tool.vim != nil && Tool.pygmentize != nil, "vim or python3-pygments is not installed"))
  func agree() throws {
    #expect(Self.scripts.count > 40)
    var text = ""
    for script in Self.scripts {
      text += String(decoding: try Data(contentsOf: script), as: UTF8.self) + "\n"
    }
    Self.compare(try Self.seenByVim(text), try Self.seenByPygments(text), of: text)
  }

  private static func compare(_ one: String, _ two: String, of text: String, errors: Int = 0) {
    let lines = [text, one, two].map { $0.split(separator: "\n", omittingEmptySubsequences: false) }
    #expect(lines[1].count == lines[2].count)
    for (line, pair) in zip(lines[1], lines[2]).enumerated() where pair.0 != pair.1 {
      Issue.record("\n\(lines[0][line])\n\(pair.0)\n\(pair.1)")
    }
    #expect([one, two].map { $0.count { $0 == "E" } } == [errors, errors])
  }

  /// A letter an octet, for the class of its token; `.` for names, brackets and spaces.
  private static func seenByPygments(_ text: String) throws -> String {
    let lexer = Project.root.appendingPathComponent("grammar/pygments/netscript.py").path
    let words = ["-x", "-l", lexer + ":NetScriptLexer", "-f", "html", "-O", "nowrap,stripnl=False"]
    let html = try Tool.run(try #require(Tool.pygmentize), words, input: text)
    let letters: [Substring: Character] = [
      "kr": "r", "kc": "r", "k": "w", "kp": "l", "kt": "u", "m": "n", "o": "o", "no": "y", "s": "s",
      "se": "e", "si": "i", "c1": "c", "cs": "d", "err": "E",
    ]
    var seen = ""
    var letter: Character = "."
    var rest = html[...]
    while let next = rest.first {
      if next == "<", let tag = rest.prefixMatch(of: /<span class="(\w+)">/) {
        letter = letters[tag.output.1] ?? "."
        rest = rest[tag.range.upperBound...]
      } else if next == "<", let end = rest.prefixMatch(of: /<\/span>/) {
        letter = "."
        rest = rest[end.range.upperBound...]
      } else if next == "&", let entity = rest.prefixMatch(of: /&[a-z0-9#]+;/) {
        seen.append(letter)
        rest = rest[entity.range.upperBound...]
      } else {
        seen += next == "\n" ? "\n" : String(repeating: letter, count: String(next).utf8.count)
        rest.removeFirst()
      }
    }
    return trimmed(seen)
  }

  private static func seenByVim(_ text: String) throws -> String {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("vim-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (session, script) = (folder.path + "/session.vim", folder.path + "/a.ns")
    let calls = "\(dump)\ncall Dump('\(script)', '\(folder.path)/seen')\nqall!\n"
    try Data(calls.utf8).write(to: URL(fileURLWithPath: session))
    try Data(text.utf8).write(to: URL(fileURLWithPath: script))
    let grammar = Project.root.appendingPathComponent("grammar/vim").path
    _ = try Tool.run(
      try #require(Tool.vim),
      ["-u", "NONE", "-N", "-n", "-es", "--cmd", "set rtp^=\(grammar)", "-S", session])
    let seen = try Data(contentsOf: folder.appendingPathComponent("seen"))
    return trimmed(String(decoding: seen, as: UTF8.self))
  }

  private static func trimmed(_ text: String) -> String {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    while lines.last?.isEmpty == true { lines.removeLast() }
    return lines.joined(separator: "\n")
  }

  private static let dump = """
    set encoding=utf-8
    filetype on
    syntax on
    let s:letters = {'Reserved': 'r', 'Constant': 'r', 'Number': 'n', 'Unit': 'u', 'Error': 'E',
      \\ 'Operator': 'o', 'Symbol': 'y', 'Statement': 'w', 'Clause': 'l', 'String': 's',
      \\ 'Escape': 'e', 'Delimiter': 'i', 'Comment': 'c', 'Documentation': 'd'}
    function! Dump(file, out) abort
      execute 'edit ' . fnameescape(a:file)
      let l:lines = []
      for l:line in range(1, line('$'))
        let l:text = getline(l:line)
        let l:seen = ''
        for l:column in range(1, strlen(l:text))
          let l:name = synIDattr(synID(l:line, l:column, 1), 'name')
          let l:letter = get(s:letters, substitute(l:name, '^netscript', '', ''), '.')
          let l:isDot = l:letter ==# 'y' && l:text[l:column - 1] ==# '.'
          let l:seen .= l:isDot ? '.' : l:letter
        endfor
        call add(l:lines, l:seen)
      endfor
      call writefile(l:lines, a:out)
    endfunction
    """
}

/// A program of the system, if it is there.
private enum Tool {
  static let vim = find("vim")
  static let pygmentize = find("pygmentize")

  private static func find(_ name: String) -> URL? {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return path.split(separator: ":").map { URL(fileURLWithPath: "\($0)/\(name)") }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }
  }

  /// What it writes to standard output.
  static func run(_ tool: URL, _ words: [String], input: String = "") throws -> String {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("tool-\(UUID())")
    try Data(input.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let process = Process()
    process.executableURL = tool
    process.arguments = words
    process.standardInput = try FileHandle(forReadingFrom: file)
    process.standardError = FileHandle.nullDevice
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }
}
