// Whom `why` and `holders` name in the cases of the library: what the `before` of each prints.
//
// UPDATE_GOLDEN=1 rewrites Golden/culprits.txt, in any build; the difference is then read as prose.

import Foundation
import Testing

@Suite("Culprits")
struct CulpritTests {
  /// Those in which somebody holds what another one needs.
  private static let families = ["knots", "exhaustion", "queues", "leaks"]
  private static let golden = "Tests/ProjectTests/Golden/culprits.txt"
  private static let isUpdate = ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1"

  @Test(
    "why and holders name the culprit of every case",
    .enabled(
      if: ExampleTests.isOptimised || isUpdate,
      "they simulate hours: only where the optimised tests run"))
  func culprits() throws {
    let scripts = Project.paths(under: "examples").filter { path in
      path.hasSuffix(".ns") && Self.families.contains { path.hasPrefix("examples/\($0)/") }
    }
    let printed = try scripts.map { try (path: $0, text: output(of: $0)) }
    for (path, text) in printed { #expect(text.contains { $0 != "\n" }, "\(path) prints nothing") }
    let whole = printed.map { "== \($0.path)\n\($0.text)" }.joined(separator: "\n")
    let file = Project.root.appendingPathComponent(Self.golden)
    if Self.isUpdate { return try Data(whole.utf8).write(to: file) }
    let expected = try Project.file(Self.golden).text
    let sections = Set(expected.components(separatedBy: "\n== ").map { $0.trimmed })
    for (path, text) in printed {
      #expect(sections.contains("\(path)\n\(text)".trimmed), "\(path) prints\n\(text)")
    }
    #expect(whole == expected, "the file has a script that is gone, or another order")
  }

  /// What a script's own statements print in its `before`, without header, verdicts and digests.
  private func output(of script: String) throws -> String {
    // From the root, so that the places in it are the same on every machine.
    let words = ["run", "--variant", "before*", "--seed", "1", "--json", script]
    let run = try Netsh.run(words, folder: Project.root)
    #expect(run.status == 0, "\(script): \(run.errors)")
    let runs = try run.output.split(separator: "\n").map { line in
      try JSONDecoder().decode(Printed.self, from: Data(line.utf8))
    }
    return runs.map { $0.output.map { $0 + "\n" }.joined() }.joined(separator: "\n")
  }

  private struct Printed: Decodable {
    var output: [String]
  }
}

extension String {
  /// Without the mark of a section and the line ends around it.
  fileprivate var trimmed: String {
    let text = hasPrefix("== ") ? dropFirst(3) : self[...]
    return text.trimmingCharacters(in: .newlines)
  }
}
