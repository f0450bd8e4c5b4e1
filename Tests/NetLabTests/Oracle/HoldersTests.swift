// Tables and maps of where buffers are: `holders`, `baseline`, `diff`.

import NetLab
import Testing

@Suite("Holders of buffers")
struct HoldersTests {
  /// 36 clusters, 32 of them a ring's: a writer of 300 octets stands still with five.
  static let short = """
    server.pool.clusters = 36
    bulk up { from = server; to = client; write = 300B; priority = 40 }
    """

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
    let columns = [
      "owner", "place", "count", "share", "oldest", "payload", "pinned", "ages", "site", "until",
    ]
    let head = run.lines.prefix(2).flatMap { $0.split(separator: " ").map(String.init) }
    #expect(head == columns)
    #expect(run.lines.count == 8 && run.lines.allSatisfy { $0.count <= 80 })
    let table = try #require(run.reports.first)
    #expect(table.label == "who" && table.columns == columns)
    #expect(table.rows.map { $0[1].text } == [".ring", ".rcvbuf", ".txring"])
  }

  @Test("300 octets of 2048: what is in the buffers stands beside what they pin")
  func payload() {
    let run = result(
      Self.short,
      run: """
        run for 1s
        let snd = filter(holders(server.pool), fn(h) => h.place == .sndbuf)[0]
        let ring = filter(holders(server.pool), fn(h) => h.place == .ring)[0]
        expect snd.count == 5 and snd.payload == 5 * 300B and snd.pinned == 5 * 2048B
        expect ring.count == 31 and ring.pinned == 31 * 2048B as "36 in all"
        expect ring.payload > 0B and ring.payload < ring.pinned as "captive frames are short"
        """)
    #expect(run.faultText == nil)
    #expect(run.verdicts == Array(repeating: "pass", count: 3))
  }

  @Test("a group says who asked for its buffers, and what would make it give them back")
  func release() {
    let run = result(
      Self.short,
      run: """
        fn row(pool, place) => filter(holders(pool), fn(h) => h.place == place)[0]
        run for 1s
        expect row(server.pool, .sndbuf).site == "sosend"
        expect row(server.pool, .sndbuf).until == "an ACK or a close"
        expect row(server.pool, .ring).site == "refill"
        expect row(server.pool, .ring).until == "rx passes a frame up"
        run for 15min
        expect server.tcp.drop.count == 1
        expect row(server.pool, .sndbuf).until == "a close" as "no ACK comes any more"
        """)
    #expect(run.faultText == nil)
    #expect(run.verdicts == Array(repeating: "pass", count: 6))
  }

  @Test("ages are counted in classes, and their sum is the count")
  func ages() {
    let run = hoard(
      """
      run for 550ms
      let rows = filter(holders(server.pool.mbufs), fn(h) => h.place == .rcvbuf)
      expect rows[0].ages == "<10ms:1 <1s:9" or rows[0].ages == "<1s:10"
      run for 2min
      expect holders(server.pool)[0].ages == "<1h:32"
      """)
    #expect(run.faultText == nil)
    #expect(run.verdicts == ["pass", "pass"])
  }

  @Test("rings of several interfaces are listed each by itself")
  func interfaces() {
    let run = result(
      ofScript: """
        case "two" {
            lan left { rate = 10Mbps }
            lan right { rate = 10Mbps }
            host server {
                pool { clusters = 64 }
                nic eth0 { lan = left; rx_ring = 8 }
                nic eth1 { lan = right; rx_ring = 4 }
            }
            host a { nic eth0 { lan = left } }
            host b { nic eth0 { lan = right } }
            run for 1ms
            let all = holders(server.pool)
            expect map(all, fn(h) => h.owner) == ["eth0's receive ring", "eth1's receive ring"]
            expect map(all, fn(h) => h.count) == [8, 4]
        }
        """)
    #expect(run.faultText == nil)
    #expect(run.verdicts == ["pass", "pass"])
  }

  @Test("asked at every tick, the tables change nothing of the run")
  func digest() {
    let watched = result(
      Self.short,
      run: """
        every 10ms {
            let one = [holders(server.pool), holders(server.pool.mbufs), waiters(server)]
            let more = [blame(server), leaks(server), budget(server)]
        }
        run for 2s
        """)
    let plain = result(Self.short, run: "run for 2s")
    #expect(watched.faultText == nil)
    #expect(watched.digest == plain.digest && watched.events == plain.events)
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
