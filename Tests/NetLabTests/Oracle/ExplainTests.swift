// Tables and maps of where buffers are: `holders`, `waiters`, `baseline`, `diff`.

import NetLab
import Testing

@Suite("Explaining")
struct ExplainTests {
  /// A socket that nobody reads gets ten datagrams in a second.
  private func hoard(_ run: String) -> RunResult {
    result(
      ofScript: """
        case "hoard" {
            lan office { rate = 10Mbps; delay = 50us }
            host server { pool { clusters = 128 }; nic eth0 { lan = office } }
            host client { nic eth0 { lan = office } }
            \(unread)
            \(run)
        }
        """)
  }

  private let unread = """
    sink deaf { host = server; udp = 9; read = .never }
    task nag {
        host = client
        fn main() {
            let s = socket(.udp)
            for i in 1..10 { sleep(100ms); s.sendto(server, 9, 300B) }
        }
    }
    """

  @Test("holders are listed by owner and place, the largest first, with the age of the oldest")
  func holders() {
    let run = hoard(
      """
      run for 3s
      let all = holders(server.pool)
      let most = all[1]
      expect map(all, fn(h) => h.place) == [.ring, .rcvbuf, .txring]
      expect "{most.owner}" == "deaf.app's socket" and most.count == 10 and all[0].count == 32
      expect most.share == 10 / 128
      expect most.oldest == 3s as "out since the ring was filled"
      expect sum(map(all, fn(h) => h.count)) == server.pool.clusters.used
      expect sum(map(holders(server.pool.mbufs), fn(h) => h.count)) == server.pool.mbufs.used
      expect server.pool.held[.rcvbuf] == 10 and server.pool.mbufs.held[.rcvbuf] == 20
      """)
    #expect(run.faultText == nil)
    #expect(run.verdicts == Array(repeating: "pass", count: 7))
  }

  @Test("holders print as a table, and a report takes them as its rows")
  func table() throws {
    let run = hoard("run for 3s\nprint holders(server)\nreport holders(server.pool) as \"who\"")
    let columns = ["owner", "place", "count", "share", "oldest"]
    #expect(run.lines.first?.split(separator: " ").map(String.init) == columns)
    #expect(run.lines.count == 4)
    let table = try #require(run.reports.first)
    #expect(table.label == "who" && table.columns == columns)
    #expect(table.rows.map { $0[1].text } == [".ring", ".rcvbuf", ".txring"])
  }

  @Test("waiters are those of the class that is asked about, and nobody when nothing is short")
  func waiters() {
    let short = """
      server.pool.clusters = 36
      bulk up { from = server; to = client; write = 300B; priority = 40 }
      """
    let run = result(
      short,
      run: """
        expect len(waiters(server.pool)) == 0
        run until server.pool.clusters.waiters == 2 within 3s
        let all = waiters(server.pool)
        expect map(all, fn(w) => w.who) == [.app, .rx] as "at a tick the more urgent looks first"
        expect all[0].task == up.writer[1] and all[0].class == .clusters
        expect all[1].priority == 100
        expect len(waiters(server.pool.mbufs)) == 0
        expect len(waiters(server.pool.clusters)) == 2
        """)
    #expect(run.faultText == nil)
    #expect(run.verdicts == Array(repeating: "pass", count: 6))
  }

  @Test("a difference has the places that have changed, and is empty when none has")
  func diff() {
    let run = hoard(
      """
      run for 50ms
      expect diff(server) == [:] as "against time 0, when the ring is filled"
      let base = baseline(server.pool.clusters)
      expect base == [.ring: 32]
      run for 3s
      expect diff(server.pool.clusters, base) == [.rcvbuf: 10, .txring: 1] as "an ARP answer"
      expect diff(server.pool.clusters) == diff(server.pool.clusters, base)
      expect diff(server).get(.rcvbuf, 0) == 30 as "a cluster, its mbuf and one for the name"
      expect diff(server, baseline(server)) == [:]
      """)
    #expect(run.faultText == nil)
    #expect(run.verdicts == Array(repeating: "pass", count: 6))
  }

  @Test("a difference with something that is no baseline is N450")
  func noBaseline() {
    #expect(hoard("run for 1s\nprint diff(server, 3)").faultText?.hasPrefix("N450") == true)
  }
}
