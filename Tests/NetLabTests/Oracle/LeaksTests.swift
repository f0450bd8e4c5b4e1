// Buffers that no owner reaches, and who has the others: `leaks`, `blame`.

import NetLab
import NetStack
import Testing

@Suite("Leaks and blame")
struct LeaksTests {
  private let scan = """
    lan bench { rate = 10Mbps }
    host server {
        pool { clusters = 64 }
        nic eth0 { lan = bench; rx_ring = 16; refill = .reuse }
        sink web { udp = 80 }
    }
    host pc { nic eth0 { lan = bench } }
    cbr scan { from = pc; to = server; udp = 9; rate = 20/s }
    """

  @Test("what the fault point keeps is listed with its reason, and agrees with the walk")
  func kept() throws {
    let trial = trial(
      scan + """

        server.pool.release = fn(b) => if b.why == .no_port then .leak else .free
        run for 1s
        let lost = leaks(server)
        expect map(lost, fn(l) => l.class) == [.clusters, .mbufs]
        expect map(lost, fn(l) => l.count) == [19, 19] as "one came and went before ARP was done"
        expect lost[0].why == .no_port and lost[0].by == "pool.release"
        expect lost[0].site == "refill" and lost[0].task == server.rx and lost[0].socket == none
        expect sum(map(lost, fn(l) => l.count)) == leaked(server)
        expect len(leaks(server.pool.mbufs)) == 1 and leaks(pc) == []
        """)
    #expect(trial.fault == nil)
    let bench = try #require(trial.bench)
    #expect(bench.result.verdicts == Array(repeating: "pass", count: 6))
    let walk = bench.simulation.hosts[0].walk(hands: [])
    #expect(walk.clusters[.leaked] == 19 && walk.mbufs[.leaked] == 19)
  }

  @Test("a write on a connection that is gone loses its record below tcp_usr_send")
  func unsent() {
    let run = result(
      HoldersTests.short,
      run: """
        server.tcp.drop_frees = true
        run for 15min
        let lost = leaks(server)
        expect leaked(server) == 2 and map(lost, fn(l) => l.count) == [1, 1]
        expect lost[0].class == .clusters and lost[0].why == .EINVAL
        expect lost[0].by == "tcp_usr_send" and lost[0].site == "sosend"
        expect lost[0].task == up.writer[1] and lost[0].payload == 300B
        expect lost[0].socket == "closed" as "after the write failed"
        """)
    #expect(run.faultText == nil)
    #expect(run.verdicts == Array(repeating: "pass", count: 5))
  }

  @Test("a frame that the hardware refuses and the driver forgets is the driver's")
  func unreaped() {
    let run = result(
      ofScript: """
        lan office { rate = 10Mbps }
        host server { nic eth0 { lan = office; tx { fault = .fail; on_fail = .keep } } }
        host client { nic eth0 { lan = office } }
        cbr feed { from = server; to = client; udp = 9; rate = 10/s }
        run for 2s
        expect map(leaks(server), fn(l) => l.by) == ["tx.on_fail"]
        expect leaks(server)[0].site == "arprequest" as "no answer, so nothing else is sent"
        expect leaks(server)[0].count == 2 and leaked(server) == 2 as "one a second"
        """)
    #expect(run.faultText == nil)
    #expect(run.verdicts == Array(repeating: "pass", count: 3))
  }

  @Test("blame ranks by size and age, a ring that stands ready behind, who merely waits last")
  func blame() {
    let run = result(
      HoldersTests.short + "\n"
        + """
        task late {
            host = server
            fn main() {
                let s = socket(.udp)
                sleep(1s)
                s.sendto(client, 9, 1000B)
            }
        }
        """,
      run: """
        run for 1min
        let all = blame(server)
        expect map(all, fn(b) => b.owner) == [server.rx, up.writer[1], server.tx, late]
        expect map(all, fn(b) => b.role) == [.holds, .holds, .holds, .waits]
        expect map(all, fn(b) => b.clusters) == [31, 5, 0, 0] as "of 36"
        expect all[3].mbufs == 2 and all[3].places == "hand" as "its datagram, and to whom"
        expect 58s < all[3].waited and all[3].waited < 59.1s
        expect all[0].waited > 59s and all[1].waited > 59s and all[2].waited == none
        expect 99% < sum(map(all, fn(b) => b.share))
        print all
        """)
    #expect(run.faultText == nil)
    #expect(run.verdicts == Array(repeating: "pass", count: 7))
    #expect(run.lines.allSatisfy { $0.count <= 80 })
  }

  @Test("after the traffic has ended a difference is what the leaks list, else empty")
  func quiesced() {
    let run = result(
      ofScript: """
        case "quiesce" {
            \(scan)
            run for 100ms
            let base = baseline(server)
            scan.stop()
            run for 1s
            expect diff(server, base) == [:]
            server.pool.release = fn(b) => if b.why == .no_port then .leak else .free
            scan.start()
            run for 1s
            scan.stop()
            run for 1s
            let lost = sum(map(leaks(server), fn(l) => l.count))
            expect diff(server, base) == [.leaked: lost] and lost == leaked(server) and lost > 20
        }
        """)
    #expect(run.faultText == nil)
    #expect(run.verdicts == ["pass", "pass"])
  }
}
