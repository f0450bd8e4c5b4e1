// `netsh explore` and `--schedule`: the race of the report in the smallest lab that has it.

import Foundation
import Testing

@Suite("Schedules explored")
struct ExploreTests {
  private static let race = Project.root
    .appendingPathComponent("examples/torre-2004/smallest_race.ns").path

  private func explore(_ words: String...) throws -> Netsh.Run {
    try Netsh.run(["explore", Self.race] + words)
  }

  /// What stands behind a word at the beginning of a line.
  private func told(_ word: String, _ run: Netsh.Run) throws -> String {
    let line = run.output.split(separator: "\n").first { $0.hasPrefix(word + " ") }
    return try #require(line).dropFirst(word.count).drop { $0 == " " }.description
  }

  @Test("drawn orders find the wedge that the usual order has not, and the schedule replays it")
  func random() throws {
    let plain = try Netsh.run(["run", Self.race, "--variant", "first come"])
    #expect(plain.status == 0, "\(plain.output)")
    for words in ["--random 50", "--pct 50", "--random 50 --preemptions 2"] {
      let manner = words.split(separator: " ").map(String.init)
      let run = try Netsh.run(["explore", Self.race, "--variant", "first come"] + manner)
      #expect(run.status == 1, "\(run.errors)")
      #expect(run.output.hasPrefix("fails: expect never wedged(server)  ("))
      let schedule = try told("schedule", run)
      #expect(schedule.filter { ("1"..."9").contains($0) }.count <= 6, "small: \(schedule)")
      let replay = try Netsh.run([
        "run", Self.race, "--variant", "first come", "--schedule", schedule,
      ])
      #expect(replay.status == 1 && replay.output.contains("WEDGED"), "\(replay.output)")
      #expect(replay.errors.contains(" of them not the first.\n"), "\(replay.errors)")
      #expect(try told("replay", run).hasSuffix("--schedule \(schedule)"))
    }
  }

  @Test("with the flag tested on every request no drawn order fails")
  func flag() throws {
    let run = try explore("--variant", "flag", "--random", "60")
    #expect(run.status == 0, "\(run.output)")
    #expect(run.output.hasPrefix("no run fails: drawn at random\n61 runs, "))
  }

  @Test("every order: first come wedges in one, and with the flag none does")
  func exhaustive() throws {
    let found = try explore("--variant", "first come", "--exhaustive")
    #expect(found.status == 1, "\(found.errors)")
    let schedule = try told("schedule", found)
    let replay = try Netsh.run(["run", Self.race, "--schedule", schedule])
    #expect(replay.output.contains("WEDGED"))
    for (words, bound) in [
      ([], "bound: every choice; no extra preemption; to the end of the case"),
      (
        ["--preemptions", "1", "--bound", "9"],
        "bound: the first 9 choices; at most 1 extra preemption; to the end of the case"
      ),
    ] {
      let run = try Netsh.run(
        ["explore", Self.race, "--variant", "flag", "--exhaustive"] + words)
      #expect(run.status == 0, "\(run.output)\(run.errors)")
      let lines = run.output.split(separator: "\n")
      #expect(lines[0].hasPrefix("no interleaving within the bound fails: "))
      #expect(lines[1] == bound)
    }
    let limited = try explore("--variant", "flag", "--exhaustive", "--states", "3")
    #expect(limited.status == 4 && limited.output.hasPrefix("broken off, nothing found: "))
  }

  @Test("a prompt, a pack and bisect take the schedule, too")
  func elsewhere() throws {
    let found = try explore("--variant", "first come", "--random", "50")
    let schedule = try told("schedule", found)
    let chosen = [Self.race, "--variant", "first come"]
    let prompt = try Netsh.run(
      ["run", "-i"] + chosen + ["--schedule", schedule],
      input: "run for 100ms\nwedged(server)\n:back\nrun for 200ms\nwedged(server)\n")
    #expect(prompt.output.split(separator: "\n").filter { $0 == "true" }.count == 2)
    let folder = try TemporaryFolder()
    let pack = folder.path("race.nscase")
    let packed = try Netsh.run(["pack"] + chosen + ["--schedule", schedule, "-o", pack])
    #expect(packed.status == 0, "\(packed.errors)")
    let verified = try Netsh.run(["verify", pack])
    #expect(verified.status == 0 && verified.output.contains("same  "), "\(verified.output)")
    let parts = try Netsh.run(["bisect"] + chosen + ["--schedule", "", "--schedule", schedule])
    #expect(parts.output.hasPrefix("the first event that differs: #"), "\(parts.output)")
    #expect(parts.output.contains("schedule \"\(schedule)\"\n"))
  }

  @Test("what is no schedule, no count or more than one run is refused")
  func usage() throws {
    for words in [
      ["run", Self.race, "--schedule", "first!"], ["explore", Self.race],
      ["explore", Self.race, "--variant", "flag", "--random", "0"],
      ["explore", Self.race, "--variant", "flag", "--random", "5", "--pct", "5"],
      ["explore", Self.race, "--variant", "flag", "--preemptions=-1"],
    ] {
      let run = try Netsh.run(words)
      #expect(run.status == 2 && run.output.isEmpty && run.errors.hasPrefix("netsh: "), "\(words)")
    }
  }

  @Test("a script that has a mistake by itself says so, and is no find")
  func mistakes() throws {
    let folder = try TemporaryFolder()
    let script = try folder.write(
      "wrong.ns", "case \"wrong\" {\n    run for 1s\n    fail(1 / 0)\n}\n")
    let run = try Netsh.run(["explore", script])
    #expect(run.status == 3 && !run.output.contains("fails: "), "\(run.output)")
  }
}
