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
}
