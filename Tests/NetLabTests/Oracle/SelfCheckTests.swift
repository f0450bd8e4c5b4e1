// An answer of the oracle that the run refutes is said to be our mistake; one that holds is not.

import NetScript
import Testing

@testable import NetLab
@testable import NetSim
@testable import NetStack

@Suite("Self-check of the oracle")
struct SelfCheckTests {
  @Test("`wedged` said yes, and it moved: a note says what to send us")
  func moved() throws {
    let result = try run(script("sleep(10s)", then: ""), forced: .yes)
    let note = try #require(result.notes.first { $0.contains("mistake of ours") })
    #expect(note.contains("`wedged(b)` was true at "))
    #expect(note.contains("has moved by itself") && note.contains("seed 1"))
  }

  @Test("a person who unties it refutes nobody")
  func deed() throws {
    let result = try run(
      script("sleep(10s)", then: "at 9s { b.eth0.refill = .wait }"), forced: .yes, until: 5)
    #expect(!result.notes.contains { $0.contains("mistake of ours") })
  }

  @Test("`wedged` said no, and nothing moved for an hour with no timer left: the same")
  func stuck() throws {
    let result = try run(script("return", then: ""), forced: .no)
    let note = try #require(result.notes.first { $0.contains("mistake of ours") })
    #expect(note.contains("`wedged(b)` was false at "))
    #expect(note.contains("b.rx has not moved") && note.contains("with no timer left"))
  }

  @Test("right answers are no mistake", arguments: ["sleep(10s)", "sleep(10h)", "return"])
  func right(pause: String) throws {
    let result = try run(script(pause, then: ""), forced: nil)
    #expect(!result.notes.contains { $0.contains("mistake of ours") })
  }

  /// The receive task of `b` waits for a cluster until its reader reads.
  private func script(_ pause: String, then: String) -> String {
    """
    case "c" {
        lan bench { rate = 1Mbps }
        host a { nic eth0 { lan = bench } }
        host b { pool { clusters = 8 }; nic eth0 { lan = bench; rx_ring = 4 } }
        task reader {
            host = b
            fn main() {
                let s = socket(.udp)
                s.bind(9)
                \(pause)
                while true { s.read(8KiB) }
            }
        }
        cbr feed { from = a; to = b; udp = 9; size = 400B; rate = 1/s }
        let wedge = watch(fn() => wedged(b))
    \(then)
        run for 80min
        print wedge.count
    }
    """
  }

  /// With an answer forced from the tenth millisecond on; for so many seconds, or to the end.
  private func run(_ text: String, forced: OracleAnswer?, until end: Int64 = 0) throws -> RunResult
  {
    let planned = Planner.plan(
      name: "test.ns", octets: Array(text.utf8), loader: TextLoader([:]))
    let renderer = DiagnosticRenderer(planned.files)
    #expect(planned.diagnostics.map { renderer.render($0) } == [])
    let bench = Bench(try #require(planned.runs.first))
    #expect(bench.prepare())
    bench.verdicts.forced = forced
    if end > 0 {
      #expect(!bench.run(until: Instant(nanoseconds: end * 1_000_000_000)))
      bench.verdicts.forced = nil
    }
    bench.run()
    return bench.result
  }
}
