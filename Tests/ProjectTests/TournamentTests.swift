// Tournaments: who is ranked how, who is on the Pareto front, and what the library's own tells.

import Foundation
import Testing

@Suite("Tournaments")
struct TournamentTests {
  /// What each player comes to is written down: the swift one fails a round, the slow one wastes.
  private static let contest = """
    param rule = "swift"
    param load = 1
    sweep rule in ["swift", "sure", "small", "slow"]
    sweep load in [1, 2]
    fn value(swift, sure, small, slow) =>
        ["swift": swift, "sure": sure, "small": small, "slow": slow].get(rule, 0)
    case "a contest" {
        let outcome = if rule == "swift" and load == 2 then "wedges" else "-"
        let throughput = value(900, 400, 300, 200) * load
        let stall = value(1s, 2s, 4s, 4s)
        let memory = value(64, 64, 16, 64)
        run for 1s
        expect outcome == "-"
        report outcome, throughput, stall, memory
    }
    """

  private func words(_ output: String) -> [[Substring]] {
    output.split(separator: "\n").map { $0.split(separator: " ") }
  }

  @Test("players are ranked by what passes, then by throughput; the Pareto front is marked")
  func ranking() throws {
    let folder = try TemporaryFolder()
    let script = try folder.write("contest.ns", Self.contest + "\n")
    let run = try Netsh.run(["tournament", script])
    #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
    let lines = words(run.output)
    for row in [
      ["4", "players,", "2", "rounds,", "8", "runs"],
      ["rule", "passed", "throughput", "stall", "memory"],
      ["1", "sure", "2", "of", "2", "44%", "50%", "100%"],
      ["2*", "small", "2", "of", "2", "33%", "100%", "25%"],
      ["3", "slow", "2", "of", "2", "22%", "100%", "100%"],
      ["4*", "swift", "1", "of", "2", "100%", "25%", "100%"],
      ["a", "contest", "·", "load", "=", "2", "-", "-", "-", "wedges"],
    ] {
      #expect(lines.contains { $0.map(String.init) == row }, "\(row)\n\(run.output)")
    }
    #expect(run.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
  }

  @Test("outcomes that have no room as words stand as letters, and what these mean stands below")
  func letters() throws {
    let folder = try TemporaryFolder()
    let script = try folder.write(
      "wide.ns",
      """
      param player = 1
      sweep player in 1..14
      param load = 1
      case "wide" {
          sweep load in 1..2
          run for 1s
          let late = if player == load then "starves" else "-"
          let outcome = if player > load then "wedges" else late
          report outcome
      }

      """)
    let output = try Netsh.run(["tournament", script]).output
    let lines = words(output)
    let first = ["wide", "·", "load", "=", "1", "s"] + Array(repeating: "w", count: 13)
    #expect(lines.contains { $0.map(String.init) == first }, "\(output)")
    #expect(output.hasSuffix("  s starves, w wedges\n"))
    #expect(output.split(separator: "\n").allSatisfy { $0.count <= 80 })
  }

  @Test("with one round figures have their units, and stand between those of the worst seeds")
  func spread() throws {
    let folder = try TemporaryFolder()
    let script = try folder.write(
      "one.ns",
      """
      param rule = "a"
      case "one" {
          sweep rule in ["a", "b"]
          sweep seed in 1..9
          let stall = if rule == "a" then draw(uniform(1s, 2s)) else 1500ms
          let throughput = if rule == "a" then 10Mbps else 2500kbps
          run for 1s
          report throughput, stall
      }

      """)
    let run = try Netsh.run(["tournament", script])
    #expect(run.status == 0, "\(run.errors)")
    let first = try #require(run.output.split(separator: "\n").first { $0.contains("10Mbps") })
    #expect(first.contains("(1.") && first.contains("..1."), "\(run.output)")
    #expect(run.output.contains("2.50Mbps") && run.output.contains("1.5s"), "\(run.output)")
    #expect(!run.output.contains("%"), "\(run.output)")
  }

  @Test("any param or the variants play; other columns count when somebody says so")
  func players() throws {
    let folder = try TemporaryFolder()
    let script = try folder.write("contest.ns", Self.contest + "\n")
    let loads = try Netsh.run(["tournament", "--players", "load", script])
    #expect(loads.output.hasPrefix("2 players, 4 rounds, 8 runs\n"), "\(loads.output)")
    let variants = try folder.write(
      "variants.ns",
      """
      case "v" {
          param drops = 3
          variant "before" { drops = 3 }
          variant "after" { drops = 0 }
          run for 1s
          expect drops == 0
          report drops
      }

      """)
    let run = try Netsh.run(["tournament", "--less", "drops", variants])
    #expect(run.status == 0, "\(run.errors)")
    let first = ["1*", "after", "1", "of", "1", "0s", "0"]
    #expect(words(run.output).contains { $0.map(String.init) == first }, "\(run.output)")
  }

  @Test("how little of a pool will do is a column: a player's least value that passes a round")
  func least() throws {
    let folder = try TemporaryFolder()
    let script = try folder.write(
      "least.ns",
      """
      param rule = "all of it"
      sweep rule in ["all of it", "half"]
      case "least" {
          host h { stack = .none
              pool p { count = 64 }
              let needs = if rule == "half" then 20 else 40
              task t { fn main() { for i in 1..needs { h.p.alloc() } } }
          }
          expect never h.p.denied > 0
          expect finally h.p.waiters == 0
          run for 1s
      }

      """)
    let run = try Netsh.run(["tournament", "--least", "h.p.count in 1..100", script])
    #expect(run.status == 0, "\(run.errors)")
    for row in [
      ["1*", "half", "1", "of", "1", "0s", "20"],
      ["2", "all", "of", "it", "1", "of", "1", "0s", "40"],
    ] {
      #expect(words(run.output).contains { $0.map(String.init) == row }, "\(run.output)")
    }
    let wrong = try Netsh.run(["tournament", "--least", "h.q.count", script])
    #expect(wrong.status == 2 && wrong.errors.contains("N202"), "\(wrong.errors)")
  }

  @Test("other programs get a line of JSON a player, or a row of CSV a player and round")
  func formats() throws {
    let folder = try TemporaryFolder()
    let script = try folder.write("contest.ns", Self.contest + "\n")
    let run = try Netsh.run(["tournament", "--json", "--csv", folder.path("out.csv"), script])
    #expect(run.status == 0, "\(run.errors)")
    let objects = try run.output.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(objects.map { $0["player"] as? String } == ["sure", "small", "slow", "swift"])
    #expect(objects.map { $0["front"] as? Bool } == [false, true, false, true])
    let csv = try String(contentsOfFile: folder.path("out.csv"), encoding: .utf8)
    let rows = csv.split(separator: "\n")
    #expect(
      rows[0] == "rank,rule,front,round,passed,runs,outcome,throughput,stall [ns],memory", "\(csv)")
    let last = "4,swift,yes,a contest · load = 2,0,1,wedges,1800,1000000000,64"
    #expect(rows.count == 1 + 8 && rows.contains { $0 == last }, "\(csv)")
  }

  @Test("a tournament without players, or with one, or with a broken run, says so")
  func refused() throws {
    let folder = try TemporaryFolder()
    let none = try folder.write("none.ns", "case \"x\" { run for 1s }\n")
    let alone = try Netsh.run(["tournament", none])
    #expect(alone.status == 2 && alone.errors.contains("a tournament needs players"))
    let script = try folder.write("contest.ns", Self.contest + "\n")
    let one = try Netsh.run(["tournament", "--set", "rule=\"slow\"", "--players", "rule", script])
    #expect(one.status == 2 && one.errors.contains("needs two players"), "\(one.errors)")
    let broken = try folder.write(
      "broken.ns",
      "param n = 1\ncase \"x\" { sweep n in [1, 0]; run for 1s; report 1 / n }\n")
    #expect(try Netsh.run(["tournament", broken]).status == 3)
  }

  @Test(
    "the library's tournament has NuttX's two fixes against each other",
    .enabled(if: ExampleTests.isOptimised, "147 runs"))
  func library() throws {
    let scripts = ["matrix_exhaustion.ns", "matrix_knots.ns"].map {
      Project.root.appendingPathComponent("examples/" + $0).path
    }
    let run = try Netsh.run(["tournament"] + scripts)
    #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
    let lines = run.output.split(separator: "\n")
    #expect(lines[0] == "7 players, 21 rounds, 147 runs")
    #expect(lines.allSatisfy { $0.count <= 80 } && lines.last == "  s starves, w wedges")
    /// The player's rank is his column.
    func outcome(_ player: String, in round: String) throws -> Substring {
      let ranked = try #require(lines.first { $0.contains(" \(player)  ") }, "\(run.output)")
      let rank = try #require(Int(ranked.prefix { $0 != "*" && !$0.isLetter }.filter(\.isNumber)))
      let row = try #require(lines.first { $0.contains(round + " ") }, "\(run.output)")
      return row.split(separator: " ").suffix(7)[row.split(separator: " ").count - 7 + rank - 1]
    }
    #expect(try outcome("reserve for sending", in: "5 nuttx_one_task") == "-")
    #expect(try outcome("reserve for receiving", in: "5 nuttx_one_task") == "w")
    #expect(try outcome("reserve for sending", in: "13 nuttx_queue_owns_all") == "w")
    #expect(try outcome("reserve for receiving", in: "13 nuttx_queue_owns_all") == "-")
    #expect(try outcome("minimum", in: "5 nuttx_one_task") == "-")
    #expect(try outcome("minimum", in: "13 nuttx_queue_owns_all") == "-")
  }
}
