// `wedged`, `stalled` and `leaked` on the seed's own lab: what is for good and what is not.

import Foundation
import NetScript
import Testing

@testable import NetLab

@Suite("Oracle")
struct OracleTests {
  @Test("two tasks that each wait for what the other holds are wedged before any timer fires")
  func knot() throws {
    let run = try seed(
      """
      run for 10s
      expect wedge.count == 1 and wedge.first < 1s
      expect server.tcp.drop.count == 0
      expect complaints == 0
      """)
    #expect(unmet(run) == [])
    #expect(run.expectations.count == 3)
  }

  @Test("a stall that the drop will end is no wedge, and nothing is lost by it")
  func heals() throws {
    let run = try seed(
      keepalive + mended + """
        run for 130s
        expect server.tcp.drop.count == 1
        expect wedge.first == none
        expect leaked(server) == 0
        """)
    #expect(unmet(run) == [])
    #expect(run.expectations.count == 3)
  }

  @Test("as Torre had it each drop loses the record in the writer's hand")
  func leaks() throws {
    let run = try seed(
      keepalive + """
        server.tcp.drop_frees = true
        run for 130s
        expect server.tcp.drop.count == 1
        expect server.pool.held[.leaked] == 1
        expect leaked(server) == 2 as "its cluster, and the mbuf that refers to it"
        """)
    #expect(unmet(run) == [])
    #expect(run.expectations.count == 3)
  }

  @Test("an instance is wedged when its task on any of its hosts is")
  func secondHost() throws {
    let run = try seed(
      """
      host aside { nic eth0 { lan = office } }
      kind twin() {
          task first { host = aside; fn main() { sleep(1h) } }
          task second {
              host = server; priority = 40
              fn main() {
                  let s = socket(.tcp)
                  s.connect(client, 20)
                  while true { s.write(300B) }
              }
          }
      }
      twin both { }
      let pair = watch(fn() => wedged(both))
      run for 5s
      expect wedged(server) and wedged(both.second)
      expect wedged(both) and not wedged(both.first)
      expect pair.first != none
      """)
    #expect(unmet(run) == [])
    #expect(run.expectations.count == 3)
  }

  @Test("with the flag a dead peer strands the writer for good, and the receive task lives on")
  func stranded() throws {
    let run = try seed(
      keepalive + """
        server.pool.allocator = two.receiver_first
        at 5s { client.eth0.up = false }
        run until wedged(server) within 3min
        let since = now
        let before = complaints
        run for 90s
        expect since > 5s and since < 130s
        expect wedged(ftp.writer[1]) and not wedged(server.rx)
        expect server.tcp.drop.count == 1
        expect server.pool.held[.sndbuf] == 32
        expect complaints - before == 3 as "one message in 30 s, not two"
        """)
    #expect(unmet(run) == [])
    #expect(run.expectations.count == 5)
  }

  @Test("a release that wakes the most urgent saves the receive task, not the writer behind it")
  func mostUrgentFirst() throws {
    let run = try seed(
      keepalive + """
        server.pool.waiting = .priority
        server.rx.priority = 30
        at 5s { client.eth0.up = false }
        run for 5s
        expect wedge.first == none and server.pool.clusters.waits > 0
        run until wedged(server) within 3min
        expect wedged(ftp.writer[1]) and not wedged(server.rx)
        expect server.tcp.drop.count == 1
        """)
    #expect(unmet(run) == [])
    #expect(run.expectations.count == 3)
  }

  @Test("with the flag and the drop that frees nobody is wedged, not for an instant")
  func both() throws {
    let run = try seed(
      keepalive + mended + """
        server.pool.allocator = two.receiver_first
        at 5s { client.eth0.up = false }
        run for 3min
        expect server.tcp.drop.count > 0
        expect wedge.first == none
        """)
    #expect(unmet(run) == [])
    #expect(run.expectations.count == 2)
  }

  /// Expectations that did not pass, and what stopped the run.
  private func unmet(_ run: RunResult) -> [String] {
    run.expectations.filter { $0.verdict != .pass }.map { "\($0.text): \($0.detail)" }
      + (run.faultText.map { [$0] } ?? [])
  }

  /// Keepalive as Torre set it: a silent peer is given up after 120 s.
  private let keepalive = """
    server.tcp.always_keepalive = true
    server.tcp.keepidle = 30s
    server.tcp.keepintvl = 10s

    """

  private let mended = "server.tcp.drop_frees = true\nserver.tcp.send_frees = true\n"

  /// The lab of `examples/torre-2004`, a watch on it, and what a test says.
  private func seed(_ statements: String) throws -> RunResult {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../../examples/torre-2004").standardized
    var texts: [String: String] = [:]
    for name in ["baseline.ns", "fix2.ns"] {
      texts[name] = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    }
    let text = """
      import "baseline.ns" as torre
      import "fix2.ns" as two
      case "seed" {
          torre.lab()
          let wedge = watch(fn() => wedged(server))
          var complaints = 0
          on server.console { complaints += 1 }
      \(statements)
      }
      """
    let trial = trial(text, imports: texts)
    #expect(trial.rendered == "")
    return try #require(trial.bench).result
  }
}
