// The examples as anyone runs them: all their expectations hold, and the same seed gives the same
// run whatever built it and whoever looks on.

import Foundation
import Testing

@Suite("Examples", .serialized)
struct ExampleTests {
  @Test(
    "a script of the seed passes at full length",
    .enabled(if: isOptimised, "it simulates days: only where the optimised tests run"),
    arguments: [
      "baseline", "fix1", "fix2", "both", "sessions", "sizing", "storm", "reserve",
    ])
  func seed(name: String) throws {
    let length = ["fix2": "length=1h", "both": "dies=20min"][name].map { ["--set", $0] } ?? []
    let run = try Netsh.run(
      ["run", "--strict", "--seed", "1", path("torre-2004/\(name).ns")] + length)
    #expect(run.status == 0, "\(run.output)\(run.errors)")
  }

  /// The folders of the library; bench, embedding and the seed have their own tests.
  private static let families = [
    "knots", "exhaustion", "drivers", "queues", "timers", "leaks", "shape",
  ]
  /// What a debug build runs in seconds; the optimised tests run all.
  private static let scripts = Project.paths(under: "examples").filter { path in
    path.hasSuffix(".ns")
      && (isOptimised ? families : ["leaks"]).contains { path.hasPrefix("examples/\($0)/") }
  }

  @Test("a case of the library fails as reported, and its cures cure it", arguments: scripts)
  func library(script: String) throws {
    let seeds = ProcessInfo.processInfo.environment["NETSCRIPT_SEEDS"] ?? "1"
    let file = Project.root.appendingPathComponent(script).path
    let run = try Netsh.run(["run", "--strict", "--seed", "1..\(seeds)", file])
    #expect(run.status == 0, "\(run.output)\(run.errors)")
  }

  @Test(
    "20 cells of the table of policies come out as the arithmetic says",
    .enabled(if: isOptimised, "it simulates days: only where the optimised tests run"))
  func policies() throws {
    let run = try Netsh.run(["run", "--strict", path("torre-2004/policies.ns")])
    #expect(run.status == 0, "\(run.output)\(run.errors)")
    #expect(run.output.components(separatedBy: "\npass · ").count == 1 + 20)
  }

  @Test("a writer less urgent than the network tasks wedges too, by the second frame of a tick")
  func lessUrgent() throws {
    let cell = ["whole=true", "chunk=300B", "priority=150", "noise=40/s"].flatMap { ["--set", $0] }
    let run = try Netsh.run(
      ["run", "--variant", "W", "--seed", "1..3"] + cell + [path("torre-2004/policies.ns")])
    #expect(run.status == 0, "\(run.output)\(run.errors)")
    #expect(run.output.components(separatedBy: "  A  ").count == 1 + 3, "\(run.output)")
  }

  /// Each as small as it means something; `scripts/bench` runs them at full length.
  private static let peersWork = [
    ["w1", "size=200KB"], ["w2", "length=1s"], ["w3", "length=1s", "flows=3"],
    ["w4", "length=1h"], ["hosts", "length=10s", "hosts=25", "per_lan=10"],
  ]

  @Test("what simulators are timed with does its work", arguments: peersWork)
  func timed(words: [String]) throws {
    let settings = words.dropFirst().flatMap { ["--set", $0] }
    let run = try Netsh.run(["run", "--strict"] + settings + [path("bench/\(words[0]).ns")])
    #expect(run.status == 0, "\(run.output)\(run.errors)")
  }

  @Test("every example and every file of std is accepted up to time 0, without a warning")
  func check() throws {
    // Those of `bench/lang` have no time 0: to check them is to run them, at full length.
    let all = Project.paths(under: "examples") + Project.paths(under: "Sources/NetLab/Std")
    let names = all.filter { $0.hasSuffix(".ns") && !$0.contains("bench/lang/") }
    let run = try Netsh.run(["check"] + names.map { Project.root.appendingPathComponent($0).path })
    #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
  }

  @Test("debug and release, with files written or not: one digest")
  func digests() throws {
    let baseline = path("torre-2004/baseline.ns")
    let words = ["run", "--case", "*baseline*", "-e", "at 2min { stop }", baseline]
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    let plain = try digest(Netsh.run(words))
    #expect(try digest(Netsh.run(words + ["--out", folder.path])) == plain)
    #expect(FileManager.default.fileExists(atPath: folder.path))
    if let other = ProcessInfo.processInfo.environment["NETSH_RELEASE"] {
      #expect(try digest(Netsh.run(words, executable: URL(fileURLWithPath: other))) == plain)
    }
  }

  private func path(_ name: String) -> String {
    Project.root.appendingPathComponent("examples/" + name).path
  }

  private func digest(_ run: Netsh.Run) throws -> Substring {
    let words = run.output.split(whereSeparator: \.isWhitespace)
    let place = try #require(words.firstIndex(of: "digest"), "\(run.output)\(run.errors)")
    return words[place + 1]
  }

  static let isOptimised: Bool = {
    var isDebug = false
    assert(
      { () -> Bool in
        isDebug = true
        return true
      }())
    return !isDebug
  }()
}
