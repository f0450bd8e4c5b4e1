// Figures of a sweep of 10,000 small cases: what a case costs, and what a second core brings.
// NETSCRIPT_FIGURES=1 prints them; machines are shared, so that nothing is asserted about time.

import Foundation
import Testing

@Suite("Figures of a sweep", .serialized)
struct SweepFiguresTests {
  private static let study = """
    param n = 1
    sweep n in 1..10_000
    case "small" {
        lan wire { rate = 10Mbps }
        host a { nic eth0 { lan = wire } }
        host b { nic eth0 { lan = wire } }
        ping probe { from = a; to = b; interval = 10ms }
        run for 100ms
        report probe.answered
    }

    """

  private struct Times {
    var wall = Double.infinity
    var cpu = Double.infinity
  }

  /// The best of several: whoever else is on the machine only makes it slower.
  private func best(_ cores: String, _ words: [String], times: Int = 5) throws -> Times {
    var best = Times()
    for _ in 0..<times {
      let (began, before) = (ContinuousClock.now, Self.childSeconds)
      let run = try Netsh.run(
        ["-c", cores, try #require(Netsh.executable).path] + words,
        executable: URL(fileURLWithPath: "/usr/bin/taskset"))
      #expect(run.status == 0, "\(run.errors)")
      let wall = ContinuousClock.now - began
      let seconds = Double(wall.components.seconds) + Double(wall.components.attoseconds) / 1e18
      best.wall = min(best.wall, seconds)
      best.cpu = min(best.cpu, Self.childSeconds - before)
    }
    return best
  }

  private static var childSeconds: Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_CHILDREN.rawValue), &usage)
    return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
      + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
  }

  @Test(
    "10,000 small cases on one core and on two",
    .enabled(if: ProcessInfo.processInfo.environment["NETSCRIPT_FIGURES"] != nil))
  func figures() throws {
    let folder = try TemporaryFolder()
    let script = try folder.write("study.ns", Self.study)
    let plan = try best("0", ["sweep", "plan", script])
    let one = try best("0", ["sweep", script])
    let two = try best("0,1", ["sweep", script])
    func text(_ value: Double) -> String { String(format: "%.2f", value) }
    print(
      """
      10,000 small cases: \(text(one.wall)) s on one core, \(text(two.wall)) s on two, \
      \(text(one.wall / two.wall)) times as fast
      CPU time: \(text(one.cpu)) s on one, \(text(two.cpu)) s on two; \
      \(text(one.cpu / 10)) ms a case, of which planning \(text(plan.cpu / 10)) ms
      """)
  }
}
