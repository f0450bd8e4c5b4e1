// A session at the prompt as it was recorded: what is typed behind `> `, and what is told of it.

import Foundation
import Testing

@Suite("Transcripts")
struct TranscriptTests {
  /// One line and its answer.
  private struct Turn: Equatable {
    var typed: String
    var told: [String]

    init?(_ object: [String: Any]) {
      guard let input = object["input"] as? String else { return nil }
      typed = input.trimmingCharacters(in: .whitespacesAndNewlines)
      told = object["output"] as? [String] ?? []
      if let value = object["value"] as? String { told.append(value) }
      for mistake in object["mistakes"] as? [[String: Any]] ?? [] {
        let text = mistake["text"] as? String ?? ""
        told += text.split(separator: "\n").map(String.init)
      }
    }
  }

  #if !DEBUG
    @Test("the seed's story: the brink, the knot, ten minutes, back, a cure, and its hour")
    func story() throws {
      let source = Project.root.appendingPathComponent("examples/torre-2004")
      let recorded = source.appendingPathComponent("session.txt")
      let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("story-\(UUID().uuidString)")
      try FileManager.default.copyItem(at: source, to: folder)
      defer { try? FileManager.default.removeItem(at: folder) }
      let expected = try String(contentsOf: recorded, encoding: .utf8)
      let lines = expected.split(separator: "\n").filter { $0.hasPrefix("> ") }
      #expect(lines.count > 15)
      let run = try Netsh.run(
        ["--json", "--keep-going", "-i", "baseline.ns"],
        input: lines.map { $0.dropFirst(2) + "\n" }.joined(), folder: folder)
      let turns = try run.output.split(separator: "\n").compactMap {
        Turn(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:])
      }
      var text = ""
      for turn in turns {
        text += "> \(turn.typed)\n"
        for line in turn.told { text += "\(line)\n" }
      }
      if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != nil {
        try text.write(to: recorded, atomically: true, encoding: .utf8)
      }
      #expect(text == expected)
      let saved = try Netsh.run(["what-if.ns"], folder: folder)
      #expect(saved.status == 0 || saved.status == 1, "\(saved.errors)")
    }
  #endif
}
