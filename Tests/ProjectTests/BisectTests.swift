// `netsh bisect` and `--check-determinism`: two runs, and one run three times.

import Foundation
import Testing

@Suite("Runs compared")
struct BisectTests {
  private func lab() throws -> (folder: TemporaryFolder, script: String) {
    let folder = try TemporaryFolder()
    return (
      folder,
      try folder.write(
        "lab.ns",
        """
        param turn = 300ms
        case "one change" {
            lan wire { rate = 10Mbps }
            host a { nic eth0 { lan = wire } }
            host b { nic eth0 { lan = wire } }
            cbr feed { from = a; to = b; udp = 9; size = 100B; rate = 100/s }
            at turn { feed.rate = 10/s }
            variant "early" { turn = 100ms }
            variant "late" { turn = 200ms }
            run for 400ms
        }

        """
      )
    )
  }

  @Test("two variants part where the change makes its first difference")
  func variants() throws {
    let lab = try lab()
    let run = try Netsh.run(["bisect", lab.script])
    #expect(run.status == 0, "\(run.errors)")
    let first = run.output.split(separator: "\n").first ?? ""
    #expect(first.hasPrefix("the first event that differs: #") && first.hasSuffix("ms"), "\(first)")
    #expect(run.output.contains("one change · variant \"early\" · seed 1\n"))
    let chosen = try Netsh.run(["bisect", lab.script, "--variant", "late", "--variant", "early"])
    #expect(chosen.status == 0 && chosen.output.contains(first))
  }

  @Test("the same run twice is the same to the end")
  func same() throws {
    let (folder, script) = try lab()
    defer { withExtendedLifetime(folder) {} }
    let words = ["bisect", script, script, "--variant", "late"]
    let run = try Netsh.run(words)
    #expect(run.status == 0 && run.output.hasPrefix("the same to the end: "), "\(run.output)")
  }

  @Test("other than two runs are refused, with how many there are")
  func count() throws {
    let (folder, script) = try lab()
    defer { withExtendedLifetime(folder) {} }
    let one = try Netsh.run(["bisect", script, "--variant", "late"])
    #expect(one.status == 2 && one.errors.contains("these are 1: "), "\(one.errors)")
    #expect(try Netsh.run(["bisect", script, "--variant", "none"]).status == 2)
    #expect(try Netsh.run(["bisect", script, script, script]).status == 2)
  }

  @Test("a run that is made twice more, observed and from checkpoints, passes as it is")
  func determinism() throws {
    let (folder, script) = try lab()
    defer { withExtendedLifetime(folder) {} }
    let run = try Netsh.run(["run", "--check-determinism", script])
    #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
    #expect(try run.output == Netsh.run(["run", script]).output)
  }
}
