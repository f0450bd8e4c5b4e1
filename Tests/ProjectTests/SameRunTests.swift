// The determinism job: every example, its beginning, is the same run in debug and release, observed
// and resumed, in another language and time zone, on one core and on all.

import Foundation
import Testing

@Suite("The same run everywhere", .serialized)
struct SameRunTests {
  private static let examples = Project.paths(under: "examples").filter {
    $0.hasSuffix(".ns") && !$0.hasPrefix("examples/bench")
  }.map { Project.root.appendingPathComponent($0).path }

  /// Long enough for the knots to be tied, short enough for a debug build.
  private static let words = ["run", "--json", "--seed", "1", "-e", "at 200ms { stop }"] + examples
  private static let elsewhere = [
    "LC_ALL": "de_DE.UTF-8", "LANG": "tr_TR.UTF-8", "TZ": "Asia/Kathmandu", "HOME": "/",
  ]

  /// What this build says on all cores.
  private static let reference = Result { try lines(Netsh.run(words)) }

  /// Each run's line without how long it took.
  private static func lines(_ run: Netsh.Run) throws -> [String] {
    try run.output.split(separator: "\n").map { line in
      var object = try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      for key in ["wall_s", "cpu_s", "engine"] { object[key] = nil }
      let data = try JSONSerialization.data(withJSONObject: object, options: .sortedKeys)
      return String(decoding: data, as: UTF8.self)
    }
  }

  private func expectSame(_ run: Netsh.Run, _ place: SourceLocation = #_sourceLocation) throws {
    let (mine, others) = try (Self.reference.get(), Self.lines(run))
    #expect(mine.count > 400 && mine.count == others.count, sourceLocation: place)
    for (one, other) in zip(mine, others) where one != other {
      Issue.record("\(one.prefix(300))\n\(other.prefix(300))", sourceLocation: place)
      return
    }
  }

  @Test("in another language and time zone, from another folder, on one core")
  func surroundings() throws {
    let folder = try TemporaryFolder()
    let taskset = URL(fileURLWithPath: "/usr/bin/taskset")
    let netsh = try #require(Netsh.executable)
    if FileManager.default.isExecutableFile(atPath: taskset.path) {
      // The first core that this process may use: not every container has number 0.
      let allowed = try Netsh.run(["-cp", "\(getpid())"], executable: taskset).output
      let core = try #require(
        allowed.split(separator: " ").last?.prefix { $0.isNumber }, "\(allowed)")
      try expectSame(
        Netsh.run(
          ["-c", String(core), netsh.path] + Self.words, environment: Self.elsewhere,
          executable: taskset, folder: folder.url))
    } else {
      try expectSame(Netsh.run(Self.words, environment: Self.elsewhere, folder: folder.url))
    }
  }

  @Test("by the other build, observed and from checkpoints")
  func builds() throws {
    let other = ProcessInfo.processInfo.environment["NETSH_RELEASE"].map(URL.init(fileURLWithPath:))
    guard let release = other ?? (ExampleTests.isOptimised ? Netsh.executable : nil) else { return }
    let run = try Netsh.run(Self.words + ["--check-determinism"], executable: release)
    #expect(run.status != 5, "\(run.errors.suffix(2000))")
    try expectSame(run)
  }

  @Test("numbers of tables are written alike in every language")
  func tables() throws {
    let folder = try TemporaryFolder()
    let script = try folder.write(
      "study.ns",
      """
      param n = 1
      case "c" {
          sweep n in [1, 2]
          sweep seed in 1..3
          run for 1ms
          let throughput = 1234567.0 / n + draw(uniform(0s, 1s)) / 1s
          report throughput
      }

      """)
    for words in [["sweep", script], ["tournament", script]] {
      let (here, there) = try (
        Netsh.run(words), Netsh.run(words, environment: Self.elsewhere)
      )
      #expect(here.output == there.output && here.errors == there.errors)
    }
  }
}
