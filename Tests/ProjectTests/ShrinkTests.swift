// `netsh shrink`: a failing lab becomes a script that a maintainer reads at a glance, and that
// fails for the same reason.

import Foundation
import Testing

@Suite("Shrunk scripts")
struct ShrinkTests {
  private func lines(_ text: String) -> Int { text.split(separator: "\n").count }

  @Test("a lab of 150 lines that wedges becomes 25 at most, and these wedge in the same way")
  func nightShift() throws {
    let folder = try TemporaryFolder()
    let lab = Project.root.appendingPathComponent("Tests/Corpus/failing/night_shift.ns").path
    let text = try String(contentsOfFile: lab, encoding: .utf8)
    #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count > 150)
    let small = folder.path("small.ns")
    let run = try Netsh.run(["shrink", lab, "--case", "the night shift", "-o", small])
    #expect(run.status == 0 && run.output.isEmpty, "\(run.errors)")
    #expect(run.errors.contains("netsh: 152 lines -> "), "\(run.errors)")
    let script = try String(contentsOfFile: small, encoding: .utf8)
    #expect(lines(script) <= 25, "\(script)")
    #expect(try Netsh.run(["fmt", "--check", small]).status == 0)
    let failed = try Netsh.run(["run", small])
    #expect(failed.status == 1)
    for part in [
      "expect never wedged(logger)", "WEDGED: a knot of 2 tasks",
      "rx             waits for 1 cluster in m_clalloc, for the ring",
      "log.writer[1]  waits for 1 cluster in m_clalloc, below sosend", "in the receive ring",
      "in log.writer[1]'s snd",
    ] {
      #expect(failed.output.contains(part), "\(failed.output)")
    }
  }

  private static let small = """
    # Two variants, of which the second fails.
    import "parts/near.ns" as near
    param size = 300B
    case "a transfer" {
        near.lab(40)
        variant "large writes" { size = 2KiB; expect never wedged(client) }
        variant "small writes" { near.ftp_rate = 20/s; expect never wedged(server) }
        expect eventually ftp.sent > 0B within 1s
        run for 300ms
    }

    """
  private static let near = """
    param ftp_rate = 10/s
    fn lab(clusters) {
        lan wire { rate = 10Mbps }
        host server { pool { clusters = clusters }; nic eth0 { lan = wire; refill = .wait } }
        host client { nic eth0 { lan = wire } }
        bulk ftp { from = server; to = client; write = 300B; priority = 40 }
        chatter noise { lan = wire; rate = ftp_rate; size = 100B }
    }

    """

  private func lab(_ folder: TemporaryFolder) throws -> String {
    try folder.write("parts/near.ns", Self.near)
    return try folder.write("main.ns", Self.small)
  }

  @Test("imports are inlined, the variant that fails is folded in, and the head tells both")
  func imported() throws {
    let folder = try TemporaryFolder()
    let run = try Netsh.run(["shrink", try lab(folder)])
    #expect(run.status == 0, "\(run.errors)")
    let head = "# From main.ns, \"a transfer\", variant \"small writes\".\n"
    #expect(run.output.hasPrefix(head), "\(run.output)")
    #expect(!run.output.contains("import") && !run.output.contains("variant \"small writes\" {"))
    #expect(lines(run.output) <= 13, "\(run.output)")
    let alone = try Netsh.run(["run", "-"], input: run.output)
    #expect(alone.status == 1 && alone.output.contains("FAIL"), "\(alone.output)\(alone.errors)")
    #expect(try Netsh.run(["shrink", folder.path("main.ns")]).output == run.output)
  }

  @Test("a claim is not made to fail for a lesser reason: what it waited for is still on its way")
  func lesserReason() throws {
    let folder = try TemporaryFolder()
    let script = try folder.write(
      "slow.ns",
      """
      import "std/craft"
      lan wire { rate = 1Mbps; fault = craft.chance(30%, .drop) }
      host a { nic eth0 { lan = wire } }
      host b { nic eth0 { lan = wire } }
      bulk copy { from = a; to = b; size = 200KB }
      expect eventually copy.received() == 200KB within 500ms
      run for 600ms
      """)
    let run = try Netsh.run(["shrink", script])
    #expect(run.status == 0, "\(run.errors)")
    for part in ["fault = ", "bulk copy {", "copy.received() == 200KB within 500ms"] {
      #expect(run.output.contains(part), "\(run.output)")
    }
  }

  @Test("a case that does not fail, or not to its end, is told; a file that is there stays")
  func refused() throws {
    let folder = try TemporaryFolder()
    let script = try lab(folder)
    let passes = try Netsh.run(["shrink", script, "--variant", "large writes"])
    #expect(passes.status == 2, "\(passes.errors)")
    #expect(passes.errors.contains("no expectation fails"), "\(passes.errors)")
    #expect(try Netsh.run(["shrink", script, "--variant", "none"]).status == 2)
    let wrong = try folder.write("wrong.ns", "run for 1s\nprint 1 / 0\nexpect false\n")
    let error = try Netsh.run(["shrink", wrong])
    #expect(error.status == 3 && error.output.isEmpty, "\(error.errors)")
    let there = try folder.write("there.ns", "mine\n")
    let run = try Netsh.run(["shrink", script, "-o", there])
    #expect(run.status == 2 && run.errors.contains("--force writes over it"), "\(run.errors)")
    #expect(try String(contentsOfFile: there, encoding: .utf8) == "mine\n")
  }

  @Test("a plain script that says `fail` keeps the condition under which it does")
  func failing() throws {
    let folder = try TemporaryFolder()
    let script = try folder.write(
      "fail.ns",
      """
      param period = 123ms
      var beats = 0
      lan wire { rate = 10Mbps }
      host a { nic eth0 { lan = wire } }
      every period { beats += 1; print beats }
      when beats > 3 { print "four"; fail "four beats" }
      run for 10s
      """)
    let run = try Netsh.run(["shrink", script])
    #expect(run.status == 0, "\(run.errors)")
    for part in ["beats += 1", "when beats > 3 {", "fail \"four beats\""] {
      #expect(run.output.contains(part), "\(run.output)")
    }
    #expect(!run.output.contains("host") && !run.output.contains("param"), "\(run.output)")
  }

  @Test("Ctrl-C ends it with a script that fails, or with nothing")
  func interrupted() throws {
    let folder = try TemporaryFolder()
    let netsh = try #require(Netsh.executable)
    let lab = Project.root.appendingPathComponent("Tests/Corpus/failing/night_shift.ns").path
    let run = try Netsh.run(
      ["--preserve-status", "-s", "INT", "6", netsh.path, "shrink", lab, "--case", "the night*"],
      executable: URL(fileURLWithPath: "/usr/bin/timeout"), folder: folder.url)
    #expect(run.status == 130 || run.status == 0, "\(run.errors)")
    if run.output.isEmpty { return }
    let small = try folder.write("small.ns", run.output)
    #expect(try Netsh.run(["run", small]).status == 1, "\(run.output)")
  }
}
