// Every limit of a run, met by a hostile script: a clear message, and status 4.

import Foundation
import Testing

/// A script that lies in a folder of its own while a test runs it.
struct Hostile: CustomTestStringConvertible, Sendable {
  var limit: String
  var code: String
  var says: String
  var script: String
  var testDescription: String { limit }

  private static let bench = """
    lan l { rate = 10Mbps }
    host a { nic eth0 { lan = l } }
    host b { nic eth0 { lan = l } }
    bulk ftp { from = a; to = b }
    """

  static let all = [
    Hostile(
      limit: "steps=10000", code: "N440", says: "the script used up its steps",
      script: "while true { }"),
    Hostile(
      limit: "steps=10000", code: "N440", says: "the script used up its steps",
      script: "case \"c\" { host a { }\n run for 1s\n while true { } }"),
    Hostile(
      limit: "hook_steps=5000", code: "N440", says: "a hook may take 5,000 steps",
      script: "case \"c\" { host a { }\n at 1s { while true { } }\n run for 2s }"),
    Hostile(
      limit: "hook_steps=5000", code: "N440", says: "a condition may take 5,000 steps",
      script: """
        case "c" { host a { }
        fn spin() { while true { } }
        expect always spin()
        run for 2s }
        """),
    Hostile(
      limit: "handler_steps=500", code: "N440", says: "a policy's handler may take 500 steps",
      script: """
        policy spin() { on request(r) { while r.free > 0 { }; return .deny } }
        case "c" { \(bench)
        a.pool.allocator = spin
        run for 1s }
        """),
    Hostile(
      limit: "frames=50", code: "N441", says: "more than 50 calls inside one another",
      script: "fn down(n) => 1 + down(n + 1)\nprint down(0)"),
    Hostile(
      limit: "heap=1MiB", code: "N442", says: "the script's heap is full: 1 MiB",
      script: "var all = []\nwhile true { all.push(\"{len(all)}\") }"),
    Hostile(
      limit: "heap=1MiB", code: "N442", says: "the script's heap is full: 1 MiB",
      script: "var text = \"x\"\nwhile true { text = text + text }"),
    Hostile(
      limit: "events=500", code: "N445", says: "the run has had 500 events",
      script: "case \"c\" { \(bench)\n run for 1h }"),
    Hostile(
      limit: "cpu=0.1", code: "N444", says: "used up its CPU time",
      script: "case \"c\" { host a { }\n every 1us { }\n run for 100h }"),
    Hostile(
      limit: "cpu=0.1", code: "N444", says: "used up its CPU time",
      script: "let big = range(0, 100000)\nwhile true { sum(big) }"),
    Hostile(
      limit: "cpu=0.1", code: "N444", says: "used up its CPU time",
      script:
        """
        var text = "0123456789"
        for i in 1..16 { text = text + text }
        while true { text.split("5") }
        """
    ),
    Hostile(
      limit: "output=1KiB", code: "N443", says: "the run has printed more than",
      script: "while true { print \"again and again\" }"),
    Hostile(
      limit: "runs=50", code: "N443", says: "more than 50 runs",
      script: "case \"c\" { host a { }\n sweep seed in 1..100\n run for 1s }"),
    Hostile(
      limit: "steps=3000000", code: "N401", says: "time stands still",
      script: "case \"c\" { host a { task t { fn main() { while true { } } } }\n run for 1s }"),
    Hostile(
      limit: "steps=100000000", code: "N401", says: "time stands still",
      script:
        "case \"c\" { host a { task t { fn main() { while true { sleep(0s) } } } }\n run for 1s }"
    ),
  ]
}

@Suite("Limits of a run")
struct RunLimitTests {
  @Test("a hostile script ends with its limit's message and status 4", arguments: Hostile.all)
  func limit(hostile: Hostile) throws {
    let folder = try TemporaryFolder()
    let script = try folder.write("hostile.ns", hostile.script + "\n")
    let run = try Netsh.run(["run", "--limit", hostile.limit, script])
    #expect(run.status == 4, "\(run.errors)")
    #expect(run.errors.contains("error \(hostile.code): "), "\(run.errors)")
    #expect(run.errors.contains(hostile.says), "\(run.errors)")
  }

  @Test("a series beyond its limit is thinned, a capture ends, and both say so")
  func files() throws {
    let folder = try TemporaryFolder()
    let script = try folder.write(
      "long.ns",
      """
      case "c" {
          lan l { rate = 10Mbps }
          host a { nic eth0 { lan = l } }
          host b { nic eth0 { lan = l } }
          bulk ftp { from = a; to = b }
          record ftp.sent
          capture a.eth0 "a.pcapng"
          run for 5s
      }
      """)
    let out = folder.path("out")
    let run = try Netsh.run(
      ["run", "--out", out, "--limit", "samples=100", "--limit", "capture=10KB", script])
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("a.pcapng"), "\(run.errors)")
    let names = try FileManager.default.subpathsOfDirectory(atPath: out)
    for name in names where name.hasSuffix(".pcapng") {
      let attributes = try FileManager.default.attributesOfItem(atPath: out + "/" + name)
      #expect((attributes[.size] as? Int ?? .max) <= 10_000)
    }
    #expect(names.contains { $0.hasSuffix(".pcapng") } && names.contains { $0.hasSuffix(".csv") })
  }
}

/// A folder that goes with the test that made it.
final class TemporaryFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory
      .appendingPathComponent("netsh-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appendingPathComponent(name).path }

  /// Writes a file, with the folders above it; returns its path.
  @discardableResult
  func write(_ name: String, _ text: String) throws -> String {
    let file = url.appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
    return file.path
  }
}
