// Sixteen hours of the baseline, and what somebody does then: back to the last cluster, another
// future, a script of it.

import Foundation
import Testing

@Suite("Story")
struct StoryTests {
  @Test(
    "after 16 h: the last cluster, a fork with a policy, no stall; the script of it does the same",
    .enabled(if: ExampleTests.isOptimised, "it simulates hours: only where the optimised tests run")
  )
  func sixteenHours() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for name in ["baseline.ns", "fix2.ns"] {
      try FileManager.default.copyItem(
        at: Project.root.appendingPathComponent("examples/torre-2004/" + name),
        to: folder.appendingPathComponent(name))
    }
    let session = try Netsh.run(
      ["-i", "baseline.ns"],
      input: """
        run for 16h
        wedged(server)
        :last server.pool.exhausted
        server.pool.clusters.free
        :last server.pool.exhausted
        :fork policy
        import "fix2.ns" as two
        server.pool.allocator = two.receiver_first
        run for 1h
        stalled(server, 3s)
        :diff main policy
        :save what-if.ns
        :save what-if.ns

        """, folder: folder)
    let told = "\(session.output)\(session.errors)"
    #expect(session.status == 3, "\(told)")
    #expect(session.errors.contains("what-if.ns: is there already"), "\(told)")
    let lines = session.output.split(separator: "\n").map(String.init)
    for line in ["true", "0", "false", "at 74.075ms, event 138"] {
      #expect(lines.contains(line), "\(line) in \(told)")
    }
    #expect(lines.contains { $0.hasPrefix("wrote what-if.ns: the world of baseline.ns") })
    let text = try String(contentsOf: folder.appendingPathComponent("what-if.ns"), encoding: .utf8)
    let run = try Netsh.run(["run", "what-if.ns"], folder: folder)
    let promised = try #require(text.split(separator: "\n").first { $0.hasPrefix("# Digest ") })
    let digest = promised.dropFirst("# Digest ".count).dropLast()
    #expect(run.output.contains(digest), "\(text)\(run.output)\(run.errors)")
  }
}
