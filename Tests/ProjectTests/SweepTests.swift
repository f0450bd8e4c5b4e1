// Studies of many runs: keys by content, resumed after a kill, in parts, put together again.

import Foundation
import Testing

@Suite("Sweeps")
struct SweepTests {
  /// Four sizes and three seeds; the second smallest pool wedges.
  static let study = """
    param clusters = 64 where clusters in 32..200
    param length = 1s where length > 0s
    case "how many clusters" {
        sweep clusters in [48, 64, 96, 128]
        sweep seed in 1..3
        lan wire { rate = 10Mbps }
        host server {
            pool { clusters = clusters }
            nic eth0 { lan = wire; rx_ring = 32; refill = .wait }
        }
        host client { nic eth0 { lan = wire } }
        bulk ftp { from = server; to = client; write = 300B; priority = 40 }
        chatter noise { lan = wire; rate = 40/s; size = uniform(90B, 600B) }
        expect never wedged(server)
        run for length
        report ftp.sent, server.pool.clusters.peak
    }
    """

  private func merged(_ folder: TemporaryFolder, _ results: String...) throws -> String {
    let run = try Netsh.run(["sweep", "merge"] + results.map(folder.path))
    #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
    return run.output
  }

  @Test("a study tells what came of each point, its seeds together, and fails if one run does")
  func summary() throws {
    let folder = try TemporaryFolder()
    let script = try folder.write("study.ns", Self.study)
    let run = try Netsh.run(["sweep", script])
    #expect(run.status == 1, "\(run.errors)")
    let words = run.output.split(separator: "\n").map { $0.split(separator: " ") }
    #expect(words.contains { $0.starts(with: ["64", "0", "of", "3"]) }, "\(run.output)")
    #expect(words.contains { $0.starts(with: ["96", "3", "of", "3"]) }, "\(run.output)")
  }

  @Test("what a run has just come to and what was kept of it are told alike, whatever it reports")
  func kept() throws {
    let folder = try TemporaryFolder()
    let text = """
      param clusters = 64
      case "all kinds" {
          sweep clusters in [48, 96]
          sweep seed in 1..2
          lan wire { rate = 10Mbps }
          host server { pool { clusters = clusters }; nic eth0 { lan = wire; refill = .wait } }
          host client { nic eth0 { lan = wire } }
          bulk ftp { from = server; to = client; write = 300B; priority = 40 }
          run for 20s
          report ftp.sent, now, 1 / 3, 9_007_199_254_740_993, 1 == 2, "text", .word, none as "all"
          report server.pool.clusters.peak
      }
      """
    let script = try folder.write("study.ns", text)
    let words = ["sweep", script, "--out", folder.path("out")]
    let made = try Netsh.run(words)
    #expect(made.output.contains("2 of 2") && made.output.contains("0.3333"), "\(made.output)")
    let told = try Netsh.run(words)
    #expect(told.errors == "netsh: 4 of 4 results are there.\n")
    #expect(made.output == told.output)
  }

  @Test(
    "of more runs than a thousand each worker plans its own, and says what all would",
    .enabled(if: ExampleTests.isOptimised, "a thousand runs"))
  func many() throws {
    let folder = try TemporaryFolder()
    try folder.write("double.ns", "fn double(n) => 2 * n\n")
    let text = """
      import "double.ns"
      param n = 1
      case "many" {
          sweep n in 1..1010
          host alone { }
          run for 1ms
          expect double.double(n) != 2010 as "all but one"
          report double.double(n) as "twice"
      }
      """
    let script = try folder.write("study.ns", text)
    let run = try Netsh.run(["sweep", script])
    let lines = run.output.split(separator: "\n")
    #expect(run.status == 1 && run.errors.isEmpty, "\(run.errors)")
    #expect(lines[0] == "fail  many · seed 1  \"all but one\"")
    let rows = lines.map { $0.split(separator: " ").map(String.init) }
    for n in [1, 2, 551, 1004, 1005, 1010] {
      let passed = n == 1005 ? "0" : "1"
      #expect(rows.contains(["\(n)", passed, "of", "1", "\(2 * n)"]), "\(n)")
    }
    #expect(rows.count == 1 + 1 + 1 + 1010)
  }

  @Test("a run's key is the same wherever its script lies, and another for any other run")
  func keys() throws {
    let folder = try TemporaryFolder()
    let here = try folder.write("a/study.ns", Self.study)
    let there = try folder.write("b/c/study.ns", Self.study)
    let changed = try folder.write("d/study.ns", Self.study + "\n# another text\n")
    func plan(_ words: [String]) throws -> [Substring] {
      let run = try Netsh.run(["sweep", "plan"] + words)
      #expect(run.status == 0, "\(run.errors)")
      return run.output.split(separator: "\n")
    }
    let plan1 = try plan([here])
    #expect(plan1.count == 12 && Set(plan1).count == 12)
    #expect(try plan([there]) == plan1)
    #expect(try Set(plan([changed])).isDisjoint(with: plan1))
    #expect(try Set(plan([here, "--set", "length=2s"])).isDisjoint(with: plan1))
    #expect(plan1[0].contains(#""point":[{"name":"clusters","value":"48"}],"seed":1"#))
  }

  @Test("a study that was killed, ten times over, goes on to the same results")
  func killed() throws {
    let folder = try TemporaryFolder()
    let script = try folder.write("study.ns", Self.study)
    let whole = try Netsh.run(["sweep", script, "--out", folder.path("whole")])
    #expect(whole.status == 0, "\(whole.errors)")
    for turn in 0..<10 {
      let process = Process()
      process.executableURL = Netsh.executable
      process.arguments = ["sweep", script, "--out", folder.path("killed")]
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      // From its plan on: before it there is nothing to lose.
      let plan = folder.path("killed/plan.ndjson")
      for _ in 0..<1000 where !FileManager.default.fileExists(atPath: plan) { usleep(10_000) }
      usleep(UInt32(turn * 37_000 % 300_000))
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path("killed"))
    for name in names where name.hasSuffix(".json") {
      let text = try String(contentsOfFile: folder.path("killed/\(name)"), encoding: .utf8)
      #expect(text.hasSuffix("}\n"), "\(name) is cut short")
    }
    let rest = try Netsh.run(["sweep", script, "--out", folder.path("killed")])
    #expect(rest.status == 0, "\(rest.errors)")
    #expect(try merged(folder, "killed") == merged(folder, "whole"))
  }

  @Test("parts run apart are the whole, in any order and in any folders")
  func shards() throws {
    let folder = try TemporaryFolder()
    let script = try folder.write("study.ns", Self.study)
    for part in [3, 1, 2] {
      let out = folder.path(part == 2 ? "two" : "one")
      let run = try Netsh.run(["sweep", "run", script, "--shard", "\(part)/3", "--out", out])
      #expect(run.status == 0, "\(run.errors)")
    }
    _ = try Netsh.run(["sweep", script, "--out", folder.path("whole")])
    #expect(try merged(folder, "one", "two") == merged(folder, "whole"))
    let twice = try merged(folder, "whole", "one")
    #expect(try twice == merged(folder, "whole"))
  }

  @Test("merge names what is missing, cut short, contradicted or strange, and counts none of it")
  func problems() throws {
    let folder = try TemporaryFolder()
    let script = try folder.write("study.ns", Self.study)
    for name in ["one", "two"] {
      _ = try Netsh.run(["sweep", script, "--out", folder.path(name)])
    }
    let files = FileManager.default
    let names = try files.contentsOfDirectory(atPath: folder.path("one"))
      .filter { $0.hasSuffix(".json") }.sorted()
    for name in ["one", "two"] { try files.removeItem(atPath: folder.path("\(name)/\(names[0])")) }
    let cut = try String(contentsOfFile: folder.path("one/\(names[1])"), encoding: .utf8)
    try folder.write("one/\(names[1])", String(cut.prefix(200)))
    let other = try String(contentsOfFile: folder.path("two/\(names[2])"), encoding: .utf8)
    try folder.write("two/\(names[2])", other.replacing("\"events\":", with: "\"events\":1"))
    try folder.write("two/0123456789abcdef.json", cut)
    let folders = [folder.path("one"), folder.path("two")]
    let run = try Netsh.run(["sweep", "merge"] + folders)
    #expect(run.status == 1 && run.output.isEmpty, "\(run.output)")
    for sentence in [
      "1 of 12 results are missing: \(names[0].dropLast(5)) (how many clusters, seed ",
      "one/\(names[1]): is cut short or altered", "the same run with two results",
      "0123456789abcdef.json: is of no run of this study",
    ] {
      #expect(run.errors.contains(sentence), "\(sentence)\n\(run.errors)")
    }
    let partial = try Netsh.run(["sweep", "merge", "--partial"] + folders)
    #expect(partial.status == 1)
    #expect(partial.output.split(separator: "\n").count == 1 + 9, "\(partial.output)")
  }

  @Test("bad parts, folders and results of other studies are refused with a sentence")
  func refused() throws {
    let folder = try TemporaryFolder()
    let script = try folder.write("study.ns", Self.study)
    for shard in ["0/3", "4/3", "x", "1", "1/0", "-1/2"] {
      #expect(try Netsh.run(["sweep", "run", script, "--shard=\(shard)"]).status == 2, "\(shard)")
    }
    _ = try Netsh.run(["sweep", script, "--set", "length=1ms", "--out", folder.path("other")])
    let mixed = try Netsh.run(["sweep", script, "--out", folder.path("other")])
    #expect(mixed.status == 2 && mixed.errors.contains("has the results of another study"))
    let none = try Netsh.run(["sweep", "merge", folder.path("nowhere")])
    #expect(none.status == 2 && none.errors.contains("has no results of a study"))
    #expect(try Netsh.run(["sweep", "merge"]).status == 2)
    let mistake = try folder.write("wrong.ns", "case \"x\" { host a { nicc e { } }\nrun for 1s }\n")
    #expect(try Netsh.run(["sweep", mistake]).status == 3)
  }
}
