// `netsh find`: the least value with which something holds, and what fails one step below.
//
// NETSCRIPT_FIND=100 asks the two questions of the seed's report for so many seeds of 60 s each.

import Foundation
import Testing

@Suite("Finding a value")
struct FindTests {
  /// The greatest of many draws: what a limit has to be is known beforehand.
  private static let draws = """
    param limit = 64B
    param other = 0.5
    case "draws" {
        lan wire { rate = 10Mbps }
        host server { nic eth0 { lan = wire } }
        host client { nic eth0 { lan = wire } }
        var most = 0B
        every 1ms { most = max(most, draw(uniform(10B, 100B))) }
        run for 30ms
        report most
    }

    """
  private static let question = "min limit such that never most > limit over seed in 1..20"

  private func script(_ text: String = draws) throws -> (folder: TemporaryFolder, path: String) {
    let folder = try TemporaryFolder()
    return (folder, try folder.write("draws.ns", text))
  }

  private struct Line: Decodable {
    struct Failure: Decodable {
      var value: Int64
      var seed: UInt64
      var expectations: [String]
    }
    var path: String
    var unit: String
    var value: Int64?
    var monotone: Bool
    var runs: Int
    var failure: Failure?
    var exceptions: [Int64]
    var seeds: [UInt64]
  }

  private func line(_ words: [String]) throws -> Line {
    let run = try Netsh.run(["find"] + words + ["--json"])
    return try #require(
      try? JSONDecoder().decode(Line.self, from: Data(run.output.utf8)),
      "\(run.output)\(run.errors)")
  }

  @Test("the least limit is the greatest of what all seeds draw")
  func exact() throws {
    let (folder, script) = try script()
    defer { withExtendedLifetime(folder) {} }
    let runs = try Netsh.run(["run", script, "--seed", "1..20", "--json"])
    let greatest = runs.output.split(separator: "\n").compactMap { line in
      line.firstMatch(of: /"rows":\[\[([0-9]+)/).flatMap { Int64($0.output.1) }
    }.max()
    let line = try line([Self.question, script])
    // A report counts bits.
    #expect(line.value.map { $0 * 8 } == greatest && line.unit == "B")
    #expect(line.monotone && line.seeds.count == 20 && line.runs < 100)
    #expect(line.failure?.value == (line.value ?? 0) - 1)
    #expect(line.failure?.expectations == ["expect never most > limit"])
  }

  @Test("the answer comes with what fails one below, as a command and as a pack")
  func counterexample() throws {
    let (folder, script) = try script()
    let pack = folder.path("below.nscase")
    let run = try Netsh.run(["find", Self.question, script, "-o", pack])
    #expect(run.status == 0, "\(run.errors)")
    let lines = run.output.split(separator: "\n").map(String.init)
    #expect(lines.first?.hasSuffix("B is the least such that") == true, "\(run.output)")
    #expect(lines.contains { $0.hasPrefix("FAIL     \"expect never most > limit\" — -e:1") })
    let again = try #require(lines.first { $0.hasPrefix("netsh run ") })
    let seed = try #require(again.firstMatch(of: /--seed ([0-9]+) --set limit=([0-9]+)B/)).output
    let failing = try Netsh.run(
      ["run", script, "--seed", "\(seed.1)", "--set", "limit=\(seed.2)B"]
        + ["-e", "expect never most > limit"])
    #expect(failing.status == 1)
    let verified = try Netsh.run(["verify", pack])
    #expect(verified.status == 0 && verified.output.hasPrefix("same  draws · seed \(seed.1)"))
  }

  @Test("without -o nothing is written")
  func files() throws {
    let (folder, script) = try script()
    #expect(try Netsh.run(["find", Self.question, script]).status == 0)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("")) == ["draws.ns"])
  }

  @Test("the greatest value is asked for by `max`, a step by `by`, bounds by `in`")
  func greatest() throws {
    let (folder, script) = try script()
    defer { withExtendedLifetime(folder) {} }
    let most = try line(["max limit such that eventually most > limit over seed in 1..5", script])
    let least = try line(["min limit such that never most > limit over seed in 1", script])
    #expect(most.monotone && least.monotone && (most.value ?? 0) < (least.value ?? 0))
    let steps = try line(["min limit in 8B..200B by 8B such that never most > limit", script])
    #expect((steps.value ?? 1) % 8 == 0 && steps.value ?? 0 >= least.value ?? 0)
    #expect(steps.failure?.value == (steps.value ?? 0) - 8)
  }

  @Test("no value, all values, and values that are not in order are told apart")
  func ends() throws {
    let (folder, script) = try script()
    defer { withExtendedLifetime(folder) {} }
    let none = try Netsh.run(["find", "min limit such that never most > 10B", script])
    #expect(none.status == 1)
    #expect(none.output.hasPrefix("no value of limit up to 4096B is such that\n"), "\(none.output)")
    let all = try Netsh.run(["find", "min limit in 9B..99B such that always most >= 0B", script])
    #expect(all.status == 0 && all.output.contains("It is the first there is.\n"), "\(all.output)")
    let odd = try Netsh.run(["find", "min limit such that always limit / 1B mod 3 != 0", script])
    #expect(odd.status == 0 && odd.output.contains("not monotone: "), "\(odd.output)")
  }

  @Test(
    "a question that cannot be answered says why",
    arguments: [
      ("min limt such that never most > limit", 2, "help: did you mean `limit`?"),
      ("min pool.clusters such that never most > limit", 2, "`pool.clusters` is there 2 times"),
      ("min other such that never most > limit", 2, "a search goes over counts and quantities"),
      ("min limit by 3ms such that never most > limit", 2, "`3ms` is no value for `limit`"),
      ("min limit in 9B..100_000_000_000_000_000B such that never 0 > 1", 2, "is too far away"),
      ("min limit in 9B..3B such that never most > limit", 2, "nothing to look through"),
      ("min limit such never most > limit", 2, "`that` is missing behind `such`"),
      ("min limit such that never mast > limit", 3, "nothing named `mast`"),
      ("min limit such that always most > 0B after 1s", 1, "stays vacuous with limit = 64B"),
      ("min limit such that always 1 / 0 == 1", 3, "N"),
    ])
  func mistakes(question: String, status: Int32, message: String) throws {
    let (folder, script) = try script()
    defer { withExtendedLifetime(folder) {} }
    let run = try Netsh.run(["find", question, script])
    #expect(run.status == status && run.output.isEmpty, "\(run.output)\(run.errors)")
    #expect(run.errors.contains(message), "\(run.errors)")
  }

  @Test("a suffix names the place whose host the property names")
  func suffix() throws {
    let (folder, script) = try script()
    defer { withExtendedLifetime(folder) {} }
    let line = try line(
      ["min pool.clusters such that always server.pool.clusters.total > 50", script])
    #expect(line.path == "server.pool.clusters" && line.value == 51)
  }

  @Test("several cases or variants are refused, with how to choose")
  func several() throws {
    let (folder, script) = try script(
      Self.draws.replacing("var most", with: "variant \"a\" {}\nvariant \"b\" {}\nvar most"))
    defer { withExtendedLifetime(folder) {} }
    let run = try Netsh.run(["find", Self.question, script])
    #expect(run.status == 2 && run.errors.contains("and these are 2: draws · variant \"a\""))
    #expect(try Netsh.run(["find", Self.question, script, "--variant", "b"]).status == 0)
  }

  // MARK: The seed's report

  private func smallest(_ property: String, _ words: [String], in range: String = "") throws
    -> Line
  {
    try line(
      ["min server.pool.clusters \(range) such that \(property)"] + words
        + [Project.root.appendingPathComponent("examples/torre-2004/smallest_pool.ns").path])
  }

  @Test("one writer of 300 octets: two seconds of one seed agree with the arithmetic")
  func seedBriefly() throws {
    let words = ["--set", "length=2s", "--seed", "1"]
    let line = try smallest("never wedged(server)", words, in: "in 84..94")
    #expect(line.value ?? .max <= 90 && line.monotone, "\(line)")
    #expect(line.failure?.value == (line.value ?? 0) - 1)
  }

  private static let seeds = ProcessInfo.processInfo.environment["NETSCRIPT_FIND"]

  @Test(
    "one writer of 300 octets: 90 clusters never wedge, 91 never stall",
    .enabled(if: seeds != nil, "NETSCRIPT_FIND=100"),
    arguments: [("never wedged(server)", 90), ("never stalled(server, 10s)", 91)])
  func seed(property: String, most: Int64) throws {
    let line = try smallest(property, ["--seed", "1..\(Self.seeds ?? "100")"])
    print("\(property): \(line)")
    #expect(line.value ?? .max <= most && line.monotone, "\(line)")
    #expect(line.failure?.value == (line.value ?? 0) - 1)
  }
}
