// What ended each stall, and that it was that: without the mechanism that is named the stall goes
// on.

import Foundation
import NetScript
import Testing

@testable import NetLab
@testable import NetSim
@testable import NetStack

@Suite("Recoveries")
struct RecoveryTests {
  // MARK: timers

  @Test("a keepalive drop that frees ends the receive task's wait; without the timer it waits on")
  func keepaliveDrop() throws {
    let text = try seed(
      """
      server.tcp.always_keepalive = true
      server.tcp.keepidle = 30s
      server.tcp.keepintvl = 10s
      server.tcp.drop_frees = true
      server.tcp.send_frees = true
      run for 130s
      """)
    #expect(try stalls(text).contains("server.rx cluster keep_drop"))
    let without = try stalls(text, disarming: .keep, at: .seconds(115))
    #expect(without.contains("server.rx cluster still"))
    #expect(without.contains("ftp.writer[1] cluster still"))
    #expect(!without.contains { $0.hasSuffix("keep_drop") })
  }

  @Test("a drop that frees nothing leaves the knot: it ends the connection's stall alone")
  func dropWithoutFreeing() throws {
    let text = try seed(
      """
      server.tcp.always_keepalive = true
      server.tcp.keepidle = 30s
      server.tcp.keepintvl = 10s
      run for 130s
      """)
    try check(
      text,
      [
        "server:1024 to client ACK keep_drop", "server.rx cluster still",
        "ftp.writer[1] cluster still",
      ])
  }

  @Test("a peer that dies ends in a retransmission drop; without the timer the writer sleeps on")
  func retransmissionDrop() throws {
    let text = pair(writes: "1KiB", reads: "0s", "at 1s { bench.fault = .drop }\nrun for 20min")
    try check(text, ["writer room rexmt_drop"])
    try check(text, disarming: .rexmt, at: .seconds(5), ["writer room still"])
  }

  @Test("a link that comes back ends it by a retransmission that is answered, and by nothing else")
  func linkUp() throws {
    let text = pair(
      writes: "1KiB", reads: "0s",
      "at 1s { bench.fault = .drop }\nat 4s { bench.fault = none }\nrun for 10s")
    try check(text, ["writer room retransmission"])
    try check(text, disarming: .rexmt, at: .milliseconds(3900), ["writer room still"])
  }

  @Test("a lost window update is made good by a probe, and by nothing else")
  func persist() throws {
    let text = pair(
      writes: "1KiB", reads: "20s",
      "at 18s { bench.fault = .drop }\nat 21s { bench.fault = none }\nrun for 50s")
    try check(text, ["writer room persist"])
    try check(text, disarming: .persist, at: .milliseconds(20_500), ["writer room still"])
  }

  @Test("a window that opens by itself is no probe's doing; without the reader it stays shut")
  func window() throws {
    func text(_ pause: String) -> String {
      pair(writes: "1KiB", reads: pause, "run for 18s")
    }
    try check(text("12s"), ["writer room window"])
    try check(text("1h"), ["writer room still"])
  }

  // MARK: readers, neighbours, policies, people

  @Test("a reader of datagrams that wakes up ends the receive task's wait")
  func reader() throws {
    func text(_ pause: String) -> String {
      lab(
        """
        task reader {
            host = b
            fn main() {
                let s = socket(.udp)
                s.bind(9)
                sleep(\(pause))
                while true { s.read(8KiB) }
            }
        }
        cbr feed { from = a; to = b; udp = 9; size = 400B; rate = 20/s }
        b.pool.clusters = 40
        run for 12s
        """)
    }
    try check(text("8s"), ["b.rx cluster read"])
    try check(text("1h"), ["b.rx cluster still"])
  }

  @Test("a handshake that takes too long is given up by its own timer, on both sides")
  func keepinitDrop() throws {
    try check(
      pair(writes: "1KiB", reads: "0s", "b.eth0.up = false\nrun for 3min"),
      ["writer handshake keepinit_drop"])
    // What answers the SYN gets lost, and nobody waits for it.
    let half = pair(
      writes: "1KiB", reads: "0s",
      """
      b.tcp.keepinit = 10s
      bench.fault = craft.nth(4, .drop)
      at 2s { a.eth0.up = false }
      run for 1min
      """)
    try check(
      "import \"std/craft\"\n" + half, ["b:9 to a ACK keepinit_drop", "writer handshake still"])
  }

  @Test("a wait for a buffer that the pool limits ends by that limit, and by no deed")
  func waitTimeout() throws {
    let text = """
      case "limit" {
          lan l { rate = 10Mbps }
          host a { pool { clusters = 40; wait_timeout = 2s }; nic eth0 { lan = l } }
          host b { nic eth0 { lan = l } }
          sink take { host = b; tcp = 9 }
          task w {
              host = a
              fn main() {
                  let s = socket(.tcp)
                  s.connect(b, 9)
                  while not failed(s.write(300B)) { }
              }
          }
          at 100ms { b.eth0.up = false }
          run for 20s
      }
      """
    let found = try stalls(text)
    #expect(found.contains("w cluster timeout") && !found.contains { $0.hasSuffix("deed") })
  }

  @Test("a handshake that waited for an address ends when ARP answers, and not before")
  func arp() throws {
    func text(_ answers: String) -> String {
      pair(
        writes: "1KiB", reads: "0s",
        "b.eth0.answers_arp = false\nat 4s { b.eth0.answers_arp = \(answers) }\nrun for 9s")
    }
    try check(text("true"), ["writer handshake arp"])
    try check(text("false"), ["writer handshake still"])
  }

  @Test("what the script does from outside is a deed; without it nothing happens")
  func deed() throws {
    func text(_ deed: String) -> String {
      pair(writes: "1KiB", reads: "1h", "at 10s { \(deed) }\nrun for 20s")
    }
    let abort = "for h in holders(a.pool) { if h.place == .sndbuf { h.owner.abort() } }"
    try check(text(abort), ["writer room deed"])
    try check(text(""), ["writer room still"])
  }

  @Test("a policy that changes its mind is named; one that never does leaves it standing")
  func policy() throws {
    func text(_ after: String) -> String {
      lab(
        """
        a.pool.allocator = patience(\(after))
        \(writer("1KiB"))
        \(reading("0s"))
        run for 3500ms
        """,
        before: """
          policy patience(least) {
              on request(r) {
                  return if r.who == .app and r.waited < least then .wait else .grant
              }
          }

          """)
    }
    try check(text("3s"), ["writer cluster policy"])
    try check(text("1h"), ["writer cluster still"])
  }

  @Test("fix 2 leaves no stall standing; without its policy there are two")
  func avoidance() throws {
    let with = try stalls(try seed("server.pool.allocator = two.receiver_first\nrun for 30s"))
    #expect(!with.contains { $0.hasSuffix("still") })
    let without = try stalls(try seed("run for 30s"))
    #expect(without.filter { $0.hasSuffix("cluster still") }.count == 2)
  }

  // MARK: what is kept

  @Test("a run that goes back knows what it knew then, and ends with the same table")
  func checkpoint() throws {
    let text = pair(
      writes: "1KiB", reads: "0s",
      "at 1s { bench.fault = .drop }\nat 4s { bench.fault = none }\nrun for 10s")
    let bench = try bench(text)
    #expect(!bench.run(until: Instant(nanoseconds: 3_000_000_000)))
    let checkpoint = bench.checkpoint()
    bench.run()
    let first = bench.result
    bench.restore(checkpoint)
    #expect(bench.result.stalls.ended == 0)
    bench.run()
    #expect(bench.result.stalls == first.stalls)
    #expect(bench.result.digest == first.digest)
  }

  @Test("the longest are kept, all are counted")
  func bounded() {
    var log = RecoveryLog()
    for number in 1...1000 {
      log.add(
        Recovery(
          host: 0, task: 0, awaited: .cluster, began: .zero,
          ended: Instant(nanoseconds: Int64(number)), cause: Cause(.read)))
    }
    #expect(log.kept.count == RecoveryLog.most)
    #expect(log.kept.first?.lasted == TimeSpan(nanoseconds: 745))
    #expect(log.count(.read) == 1000)
  }

  @Test("the table has eight rows and eighty columns, and counts the rest")
  func table() {
    var summary = StallSummary()
    for number in 1...20 {
      summary.kept.append(
        StallResult(
          host: "server", who: "a.very.long.name.of.a.task[\(number)].writer[1]",
          awaited: "handshake", began: Instant(nanoseconds: 7_199_000_000_000),
          lasted: .seconds(Int64(3599 + number)), endedBy: "retransmission",
          text: "retransmission", event: 1_000_000_000))
    }
    summary.counts = [StallCount(mechanism: "retransmission", count: 1_234)]
    let lines = StallTable(summary).lines
    #expect(lines.count == 10)
    #expect(lines.allSatisfy { $0.unicodeScalars.count <= 80 })
    #expect(lines.last == "  and 1,226 shorter ones: 1,226 retransmission")
  }

  // MARK: labs

  private func lab(_ statements: String, before: String = "") -> String {
    before + """
      case "c" {
          lan bench { rate = 256kbps }
          host a { nic eth0 { lan = bench } }
          host b { nic eth0 { lan = bench } }
      \(statements)
      }
      """
  }

  private func writer(_ size: String) -> String {
    """
    task writer {
        host = a
        fn main() {
            let s = socket(.tcp)
            s.connect(b, 9)
            while not failed(s.write(\(size))) { }
            sleep(10h)
        }
    }
    """
  }

  private func reading(_ pause: String) -> String {
    """
    task reader {
        host = b
        fn main() {
            let s = socket(.tcp)
            s.bind(9)
            s.listen(1)
            let c = s.accept()
            sleep(\(pause))
            while true { c.read(4KiB) }
        }
    }
    """
  }

  /// A task of `a` writes to one of `b` that first sleeps.
  private func pair(writes size: String, reads pause: String, _ statements: String) -> String {
    lab(writer(size) + "\n" + reading(pause) + "\n" + statements)
  }

  private func seed(_ statements: String) throws -> String {
    """
    import "baseline.ns" as torre
    import "fix2.ns" as two
    case "seed" {
        torre.lab()
    \(statements)
    }
    """
  }

  private func bench(_ text: String) throws -> Bench {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../../examples/torre-2004").standardized
    var texts: [String: String] = [:]
    for name in ["baseline.ns", "fix2.ns"] {
      texts[name] = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    }
    let planned = Planner.plan(
      name: "test.ns", octets: Array(text.utf8), loader: TextLoader(texts))
    let renderer = DiagnosticRenderer(planned.files)
    #expect(planned.diagnostics.map { renderer.render($0) } == [])
    let bench = Bench(try #require(planned.runs.first))
    #expect(bench.prepare())
    return bench
  }

  private func check(
    _ text: String, disarming timer: TCPTimer? = nil, at span: TimeSpan = .zero,
    _ expected: [String], place: SourceLocation = #_sourceLocation
  ) throws {
    let found = try stalls(text, disarming: timer, at: span)
    #expect(found == expected, sourceLocation: place)
  }

  /// `who awaited ended_by` of each stall. With a timer: it is taken away from the
  /// connections of the first host at that moment.
  private func stalls(
    _ text: String, disarming timer: TCPTimer? = nil, at span: TimeSpan = .zero
  ) throws -> [String] {
    let bench = try bench(text)
    if let timer {
      #expect(!bench.run(until: .zero + span))
      bench.simulation.hosts.place(0).pointee.enter(&bench.context) { kernel in
        var pcb = kernel.state.pointee.pcbList
        while pcb >= 0 {
          kernel.disarm(timer, of: pcb)
          pcb = kernel.pcbs[Int(pcb)].listNext
        }
      }
    }
    bench.run()
    return bench.result.stalls.kept.map { "\($0.who) \($0.awaited) \($0.endedBy)" }
  }
}
