// `netsh run` from outside: what each verdict ends with, and what the options do.

import Foundation
import Testing

@Suite("Run")
struct RunStatusTests {
  /// Runs the statements of a case between two hosts.
  private func run(
    _ statements: String, _ options: [String] = [], environment: [String: String] = [:]
  ) throws -> Netsh.Run {
    let script = try write(statements)
    defer { try? FileManager.default.removeItem(at: script) }
    return try Netsh.run(["run"] + options + [script.path], environment: environment)
  }

  private func write(_ statements: String) throws -> URL {
    let script = FileManager.default.temporaryDirectory
      .appendingPathComponent("netsh-run-\(UUID().uuidString).ns")
    let text = """
      param n = 1
      case "c" {
          lan office { rate = 10Mbps }
          host a { nic eth0 { lan = office } }
          host b { nic eth0 { lan = office } }
          ping probe { from = a; to = b; interval = 200ms }
          \(statements)
      }
      """
    try Data(text.utf8).write(to: script)
    return script
  }

  @Test("a kept expectation ends with 0, a broken one with 1")
  func verdicts() throws {
    #expect(try run("run for 1s\n expect probe.answered > 2").status == 0)
    let broken = try run("run for 1s\n expect probe.answered > 200")
    #expect(broken.status == 1 && broken.output.contains("expect probe.answered > 200"))
  }

  @Test("a mistake ends with 3 and a limit with 4")
  func errorsAndLimits() throws {
    let mistake = try run("run for 1s\n print nobody")
    #expect(mistake.status == 3 && mistake.errors.contains("error N202"))
    let limited = try run("run for 1h", ["--limit", "events=1000"])
    #expect(limited.status == 4)
    #expect(try run("run for 1s", ["--limit", "events=1000000"]).status == 0)
  }

  @Test("what was vacuous fails under --strict, and where CI is set")
  func strict() throws {
    let vacuous = "expect whenever probe.lost > 0 then now > 1s\n run for 1s"
    #expect(try run(vacuous).status == 0)
    #expect(try run(vacuous, ["--strict"]).status == 1)
    #expect(try run(vacuous, environment: ["CI": "true"]).status == 1)
    #expect(try run(vacuous, ["--no-strict"], environment: ["CI": "true"]).status == 0)
  }

  @Test("--set gives a param its value, -e adds statements before the first run")
  func additions() throws {
    let set = try run("run for 1s\n print n + 1", ["--set", "n=41"])
    #expect(set.status == 0 && set.output.contains("\n42\n"))
    let added = try run("run for 1s", ["-e", "at 500ms { print \"half of {n}\" }"])
    #expect(added.status == 0 && added.output.contains("\nhalf of 1\n"))
  }

  @Test("--json is one object a run, on a line of its own")
  func json() throws {
    let run = try run("sweep n in 1..3\n run for 1s\n print n", ["--json"])
    let lines = run.output.split(separator: "\n")
    #expect(run.status == 0 && lines.count == 3)
    for (place, line) in lines.enumerated() {
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      #expect(object?["verdict"] as? String == "pass")
      #expect(object?["output"] as? [String] == ["\(place + 1)"])
    }
  }

  @Test("--out keeps what was recorded, and wants --force for a folder that holds something")
  func folders() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("netsh-out-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let recording = "record probe.answered as \"answers\"\n run for 1s"
    #expect(try run(recording, ["--out", folder.path]).status == 0)
    let file = folder.appendingPathComponent("answers.csv")
    let text = try String(contentsOf: file, encoding: .utf8)
    #expect(text.hasPrefix("time_ns,probe.answered\n0,0\n"))
    #expect(try run(recording, ["--out", folder.path]).status == 2)
    #expect(try run(recording, ["--out", folder.path, "--force"]).status == 0)
    #expect(try String(contentsOf: file, encoding: .utf8) == text)
  }
}
