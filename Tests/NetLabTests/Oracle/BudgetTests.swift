// The static worst case of a pool: `budget`, with the numbers of the 4.4BSD formulas by hand.

import NetStack
import Testing

@testable import NetLab

@Suite("Budgets")
struct BudgetTests {
  /// By size of a write: at 17,520 and 17,376 octets with eight times the storage, and at twice.
  private static let capacities: [Int64: [Int64]] = [
    207: [0, 0, 0], 208: [65, 64, 17], 256: [65, 64, 16], 300: [59, 58, 16], 400: [44, 44, 16],
    512: [35, 34, 16], 600: [30, 29, 16], 1024: [18, 17, 16], 1460: [12, 12, 12], 2048: [9, 9, 9],
  ]

  @Test("a send buffer holds as many clusters as octets and storage allow")
  func capacity() {
    let limits = [
      SockbufLimits(hiwat: 17520, mbmax: 140_160), SockbufLimits(hiwat: 17376, mbmax: 139_008),
      SockbufLimits(hiwat: 17520, mbmax: 35040),
    ]
    for (write, clusters) in Self.capacities {
      #expect(limits.map { $0.most(writing: write).clusters } == clusters, "\(write)")
    }
  }

  @Test("writes that are cut have a bound above all that was ever seen")
  func sliced() {
    let limits = SockbufLimits(hiwat: 17520, mbmax: 140_160)
    // The largest values seen, by a model with acknowledgments of any size.
    let largest: [Int64: Int64] = [
      2256: 16, 2496: 22, 2840: 20, 3000: 19, 4096: 14, 8192: 18, 65536: 17,
    ]
    for (write, seen) in largest {
      let bound = limits.most(writing: write).clusters
      #expect(bound >= seen && bound <= 32, "\(write)")
    }
  }

  @Test("what comes to an end takes no more than it has, and its last write may be shorter")
  func ending() {
    let limits = SockbufLimits(hiwat: 17520, mbmax: 140_160)
    #expect(limits.most(writing: 300, total: 1500).clusters == 5)
    #expect(limits.most(writing: 2048, total: 1_000_000).clusters == 10, "576 octets behind")
  }

  @Test("a socket whose reader is gone takes 114 short datagrams")
  func unread() {
    let limits = SockbufLimits(reserving: 41600, Tunables())
    #expect(limits.mostUnread(copied: 0).clusters == 114)
    #expect(limits.mostUnread(copied: 1514).clusters == 27, "the rest is copied into mbufs")
  }

  private func budget(_ text: String, _ run: String) -> [String] {
    let run = result("server.pool.clusters = 64\n" + text, run: "run for 1ms\n" + run)
    #expect(run.faultText == nil)
    #expect(run.lines.allSatisfy { $0.count <= 80 })
    return run.lines
  }

  @Test("one writer of 300 octets and a ring of 32 need 91 clusters")
  func baseline() {
    let lines = budget(
      "bulk up { from = server; to = client; write = 300B }",
      """
      let all = budget(server)
      print map(all, fn(b) => b.term)
      print map(all, fn(b) => b.most)
      print all[1].formula
      print all[5].formula
      """)
    #expect(
      lines == [
        "[.R, .S, .P, .Q, .need, .have, .unsafe]", "[32, 59, 27, 0, 91, 64, none]",
        "min(⌈17520/300⌉, ⌊139860/2176⌋+1)", "N - X = 64 - 0",
      ])
  }

  @Test("the table fits, and has what the run has seen beside the worst case")
  func seen() {
    let run = result(
      "server.pool.clusters = 64\nbulk up { from = server; to = client; write = 300B }",
      run: "run for 5s\nprint budget(server)\nprint budget(server)[4].seen")
    #expect(run.lines.count == 9 && run.lines.allSatisfy { $0.count <= 80 })
    #expect(run.lines[1].hasSuffix("32    32  rx_ring, from the start"))
    #expect(run.lines[8] == "64")
  }

  @Test(
    "whether it is safe depends on write, ring, driver, policy and what nobody reads",
    arguments: [
      ("bulk u { from = server; to = client; write = 300B }", "unsafe"),
      ("bulk u { from = server; to = client; write = 1KiB }", "safe"),
      ("bulk u { from = server; to = client; write = 1KiB; sessions = 2 }", "unsafe"),
      ("bulk u { from = server; to = client; write = 100B; sessions = 9 }", "safe"),
      ("bulk u { from = server; to = client; write = 512B }", "unsafe"),
      ("bulk u { from = server; to = client; write = 512B }\nserver.eth0.rx_ring = 16", "safe"),
      ("bulk u { from = server; to = client; write = 548B }", "safe"),
      (
        "bulk u { from = server; to = client; write = 548B }\nserver.eth0.refill = .reuse", "unsafe"
      ),
      (
        "bulk u { from = server; to = client; write = 300B }\nserver.eth0.zero_copy = false", "safe"
      ),
      (
        "bulk u { from = server; to = client; write = 300B }\nserver.eth0.refill = .abandon",
        "unknown"
      ),
      ("sink deaf { host = server; udp = 7; read = .never }", "unsafe"),
      ("sink deaf { host = server; tcp = 7; read = .never }", "unsafe"),
      ("sink slow { host = server; udp = 7; read_every = 1s }", "safe"),
      ("rpc calls { from = client; to = server; clients = 20 }", "safe"),
      ("rpc calls { from = client; to = server; timeout = 1s }", "unknown"),
    ])
  func verdicts(text: String, verdict: String) {
    #expect(budget(text, "print budget(server).last().term") == ["." + verdict])
  }

  @Test(
    "a policy is judged by what it promises",
    arguments: [
      ("policies.first_come()", false, "unsafe"), ("policies.receiver_first()", false, "unsafe"),
      ("policies.receiver_first()", true, "safe"),
      ("policies.receiver_first(asked = .when_empty)", true, "unsafe"),
      ("policies.reserve(4)", false, "unsafe"), ("policies.reserve(4)", true, "safe"),
      ("policies.reserve(4, role = .app)", true, "unknown"),
      ("policies.per_socket_quota(16)", false, "unsafe"),
      ("policies.per_socket_quota(16)", true, "safe"),
      ("policies.per_socket_quota(59)", false, "unsafe"),
      ("policies.reserve(4, quota = 16)", false, "unsafe"),
      ("policies.reserve(4, quota = 16)", true, "safe"),
      ("policies.per_socket_minimum(4)", false, "unknown"),
    ])
  func policies(policy: String, dropFrees: Bool, verdict: String) {
    let run = result(
      """
      server.pool.clusters = 64
      server.pool.allocator = \(policy)
      server.tcp.drop_frees = \(dropFrees)
      bulk up { from = server; to = client; write = 300B }
      """, before: "import \"std/policies\"",
      run: "run for 1ms\nprint budget(server).last().term")
    #expect(run.faultText == nil)
    #expect(run.lines == ["." + verdict])
  }

  /// The ring goes on with one buffer, but the rest it takes from writers. Found by the sweep.
  @Test("a ring that is filled when something is free pins what it has, as others do")
  func retry() {
    let lines = result(
      """
      server.pool.clusters = 40
      server.pool.allocator = policies.receiver_first()
      server.eth0.refill = .retry
      bulk up { from = server; to = client; sessions = 2; write = 600B }
      """, before: "import \"std/policies\"",
      run: "run for 1ms\nprint budget(server)[0].most, budget(server).last().term"
    ).lines
    #expect(lines == ["32  .unsafe"])
  }

  /// A share below the send buffer's makes the writer wait for the policy instead of sleeping for
  /// room; there it hears of no drop, and its socket keeps the share. Found by the sweep.
  @Test("a share that is less than a send buffer holds wedges its writer when the peer is lost")
  func share() {
    let run = { (quota: Int) in
      result(
        """
        server.pool.clusters = 64
        server.pool.allocator = policies.per_socket_quota(\(quota))
        bulk up { from = server; to = client; write = 600B }
        at 2s { client.eth0.up = false }
        """, before: "import \"std/policies\"",
        run: """
          run for 20s
          print budget(server).last().term, wedged(up.writer[1]), server.pool.clusters.free
          """
      ).lines
    }
    #expect(run(12) == [".unsafe  true  20"])
    #expect(run(30) == [".safe  false  32"])
  }

  @Test("a task of a script counts with the sockets that it has, for writes of any size")
  func undeclared() {
    let lines = budget(
      """
      sink end { host = client; tcp = 7 }
      task own {
          host = server
          fn main() { let s = socket(.tcp); s.connect(client, 7); sleep(1h) }
      }
      """,
      "print budget(server)[1].most\nrun for 1s\nprint budget(server)[1].of, budget(server)[1].most"
    )
    #expect(lines == ["64", "own's socket  64"], "with timestamps")
  }

  /// `budget` said `.safe` of a pool that such a socket had emptied.
  @Test("a UDP socket of a script's own task counts as unread, whatever it takes in")
  func undeclaredDatagrams() {
    let lines = budget(
      """
      cbr feed { from = client; to = server; udp = 5000; size = 48B; rate = 50/s }
      task app {
          host = server
          fn main() { let s = socket(.udp); s.bind(5000); sleep(1h) }
      }
      """,
      """
      run for 10s
      print server.pool.clusters.free
      let all = budget(server)
      print all[1].term, all[1].of, all[1].most, all[1].formula
      print all[4].most, all.last().term, all.last().formula
      """)
    #expect(
      lines == [
        "0", ".V  app's socket  114  min(⌊41600/16⌋, ⌊262128/2304⌋+1)",
        "162  .unsafe  64 < 162",
      ])
  }

  @Test("a stream of a script's own task may take in anything, until its peer has ended it")
  func undeclaredReaders() {
    let show = """
      print filter(budget(server), fn(l) => l.term == .V)[0].most, budget(server)[4].most
      print budget(server).last().term, budget(server).last().formula

      """
    let lines = budget(
      """
      server.pool.clusters = 300
      task peer {
          host = client
          fn main() {
              sleep(1s)
              let s = socket(.tcp)
              s.connect(server, 7)
              sleep(1s)
              s.close()
          }
      }
      task own {
          host = server
          fn main() {
              let s = socket(.tcp)
              s.bind(7)
              s.listen(1)
              let c = s.accept()
              s.close()
              sleep(1h)
          }
      }
      """, show + "run for 1500ms\n" + show + "run for 1s\n" + show)
    let unknown = ".unknown  own's socket: a stream, read or not"
    #expect(lines.count == 6 && lines[0] == "none  none")
    #expect(lines[1] == unknown, "a listener")
    #expect(lines[3] == unknown, "what it has accepted")
    #expect(lines[4].hasPrefix("0  ") && lines[5].hasPrefix(".safe  300 >= "), "nothing more comes")
  }

  @Test("a kind says what it asks of a host, and what is no list of loads is N455")
  func ownLoads() {
    let own = { (load: String) in
      result(
        "server.pool.clusters = 64\nown mine { on = server }",
        before: """
          kind own(on: Node) { fn load() => \(load) }
          """, run: "run for 1ms\nprint budget(server)[1].of, budget(server)[1].most")
    }
    #expect(own("[[.host: on, .writers: 2, .write: 1KiB]]").lines == ["mine, 1024B  36"])
    #expect(own("[[.host: on, .writers: 2]]").lines == ["mine, any  130"])
    #expect(own("3").faultText?.hasPrefix("N455: `mine.load()` gives no list of loads") == true)
    #expect(own("[[.writers: 2]]").faultText?.hasPrefix("N455") == true)
  }
}
