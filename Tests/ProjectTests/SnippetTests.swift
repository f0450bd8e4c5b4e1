// Every snippet of README.md and docs/ does what its page says.
//
//     ```ns               runs and ends with 0; what `# => …` promises is printed, in order
//     ```ns NAME.ns       the same, and later blocks of the page find it as NAME.ns
//     ```ns check         is checked only
//     ```ns fails         ends with another status; the `text` block below shows the diagnostics
//     ```pkt NAME.pkt     a file for the blocks below
//     ```sh               lines that begin with netsh run in the folder of the page's files
//     ```text             below one of these: all of its output

import Foundation
import Testing

@Suite("Snippets")
struct SnippetTests {
  static let pages =
    ["README.md"] + Project.paths(under: "docs").filter { $0.hasSuffix(".md") }

  @Test("every snippet does what its page says", arguments: pages)
  func page(path: String) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for snippet in Snippet.all(in: try Project.file(path).text) {
      let place = "\(path):\(snippet.line)"
      switch snippet.language {
      case "ns": try runScript(snippet, in: folder, place)
      case "pkt":
        let name = try #require(snippet.words.first { $0.hasSuffix(".pkt") }, "\(place)")
        try Data(snippet.text.utf8).write(to: folder.appendingPathComponent(name))
      case "sh": try runCommands(snippet, in: folder, place)
      default: break
      }
    }
  }

  @Test("the guide has its pages, and they have snippets")
  func guide() throws {
    for name in ["docs/tour.md", "docs/reference.md", "docs/library.md"] {
      let snippets = Snippet.all(in: try Project.file(name).text)
      #expect(snippets.filter { $0.language == "ns" }.count > 10, "\(name)")
    }
  }

  @Test("a page's output may leave lines and words out, and nothing else")
  func comparison() {
    #expect(Shown.matches("a\nb  \nc\n", ["a", "…", "c"]) && Shown.matches("a\n", ["…", "a"]))
    #expect(Shown.matches("digest 12 end", ["digest … end"]) && Shown.matches("", []))
    #expect(!Shown.matches("a\nb\n", ["a"]) && !Shown.matches("digest 12", ["digest … end"]))
    #expect(!Shown.matches("a\n", ["a", "b"]) && !Shown.matches("a\n", []))
  }

  private func runScript(_ snippet: Snippet, in folder: URL, _ place: String) throws {
    let name = snippet.words.first { $0.hasSuffix(".ns") } ?? "snippet.ns"
    try Data(snippet.text.utf8).write(to: folder.appendingPathComponent(name))
    let verb = snippet.words.contains("check") ? "check" : "run"
    let run = try Netsh.run([verb, name], folder: folder)
    if snippet.words.contains("fails") {
      #expect(run.status != 0, "\(place) does not fail")
      let shown = try #require(snippet.shown, "\(place) does not show how it fails")
      #expect(Shown.matches(run.errors + run.output, shown), "\(place)\n\(run.errors)\(run.output)")
      return
    }
    #expect(run.status == 0 && run.errors.isEmpty, "\(place)\n\(run.errors)\(run.output)")
    if let shown = snippet.shown {
      #expect(Shown.matches(run.output, shown), "\(place)\n\(run.output)")
    }
    let lines = run.output.components(separatedBy: "\n").dropLast()
    if verb == "run", snippet.shown == nil, lines.first?.hasPrefix("netsh ") != true {
      #expect(Array(lines) == snippet.promises, "\(place)\n\(run.output)")
    }
    var rest = lines[...]
    for promise in snippet.promises {
      let found = rest.firstIndex(of: promise)
      #expect(found != nil, "\(place) does not print \(promise)\n\(run.output)")
      if let found { rest = rest[(found + 1)...] }
    }
  }

  private func runCommands(_ snippet: Snippet, in folder: URL, _ place: String) throws {
    guard snippet.lines.contains(where: { $0.hasPrefix("netsh ") }) else { return }
    let netsh = try #require(Netsh.executable, "netsh has not been built")
    // In place of a path: a function of the shell, so that the page's text runs as it stands.
    let text = "netsh() { '\(netsh.path)' \"$@\"; }\n" + snippet.text
    let run = try Netsh.run(
      ["-c", text], executable: URL(fileURLWithPath: "/bin/sh"), folder: folder)
    let isExpected = (run.status == 0) != snippet.words.contains("fails")
    #expect(isExpected, "\(place): status \(run.status)\n\(run.errors)\(run.output)")
    if let shown = snippet.shown {
      #expect(Shown.matches(run.errors + run.output, shown), "\(place)\n\(run.errors)\(run.output)")
    }
  }
}
