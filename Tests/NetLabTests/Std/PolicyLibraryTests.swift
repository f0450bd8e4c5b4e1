// std/policies: each rule does what the stock does not.

import NetLab
import Testing

@Suite("std/policies")
struct PolicyLibraryTests {
  /// What is left of a run in which a policy governs the server's clusters.
  private func verdicts(
    _ policy: String, _ lab: String, _ expectations: String, run: String = "run for 3s"
  ) -> [String] {
    let result = result(
      ofScript: """
        import "std/policies"
        import "std/presets"
        case "policy" {
            lan office { rate = 10Mbps }
            host server : presets.rtems46 { nic eth0 { lan = office } }
            host client { nic eth0 { lan = office } }
            \(lab)
            server.pool.allocator = \(policy)
            \(run)
            \(expectations)
        }
        """)
    #expect(result.faultText == nil)
    return result.verdicts
  }

  private let upload = """
    bulk up { from = server; to = client; write = 300B; priority = 40; cost = 50us }
    """

  @Test("first_come is the stock: the run is the same")
  func firstCome() {
    func digest(_ policy: String) -> UInt64 {
      result(
        ofScript: """
          import "std/policies"
          case "x" {
              lan office { rate = 10Mbps }
              host server { pool { clusters = 64 }; nic eth0 { lan = office } }
              host client { nic eth0 { lan = office } }
              \(upload)
              server.pool.allocator = \(policy)
              run for 2s
          }
          """
      ).digest
    }
    #expect(digest("policies.first_come") == digest(".first_come"))
  }

  @Test("receiver_first keeps an upload alive that the stock wedges")
  func receiverFirst() {
    #expect(verdicts("policies.first_come", upload, "expect wedged(server)") == ["pass"])
    let alive = "expect not wedged(server) and server.pool.clusters.waits > 0"
    #expect(verdicts("policies.receiver_first", upload, alive) == ["pass"])
  }

  @Test("reserve leaves the last buffers to its role, and nobody more than the quota")
  func reserve() {
    // With four kept from the writer the driver never waits.
    #expect(
      verdicts(
        "policies.reserve(keep = 4)", upload,
        "expect not wedged(server) and server.eth0.rx.refill_waits == 0") == ["pass"])
    #expect(
      verdicts(
        "policies.reserve(keep = 0, quota = 10)", upload,
        "expect server.tcp.conn[0].snd.clusters <= 10 and server.pool.clusters.peak < 50")
        == ["pass"])
  }

  @Test("reserve(role = …) is for whoever has that role")
  func role() {
    // Two senders to a peer that is gone; only the one with the role gets the last ten.
    let two = """
      for i in 1..2 {
          task w[i] {
              host = server; role = if i == 2 then .vital else .plain
              var taken = 0
              fn main() {
                  sleep(i * 100ms)
                  let s = socket(.tcp)
                  s.connect(client, 20)
                  sleep(i * 1s)
                  while true { s.write(300B); taken += 1 }
              }
          }
      }
      sink end { host = client; tcp = 20 }
      at 900ms { client.eth0.up = false }
      """
    let taken = "expect w[1].taken == 22 and w[2].taken == 10"
    #expect(
      verdicts("policies.reserve(keep = 10, role = .vital)", two, taken, run: "run for 8s")
        == ["pass"])
  }

  @Test("a quota holds each socket's send buffer down, whoever else there is")
  func quota() {
    let two = upload + "\nbulk more { from = server; to = client; port = 21; write = 300B }\n"
    let both = """
      expect all(server.tcp.conn[*].snd.clusters, fn(n) => n <= 5)
      expect up.end.received > 10KiB and more.end.received > 10KiB
      """
    let limited = verdicts("policies.per_socket_quota(5)", two, both, run: "run for 7s")
    #expect(limited == ["pass", "pass"])
    #expect(verdicts("policies.first_come", two, both).first == "fail")
  }

  @Test("a minimum is there for a sender while its own unread datagrams take all the rest")
  func minimum() {
    let drone = """
      task echo {
          host = server
          var answered = 0
          fn main() {
              let s = socket(.udp)
              s.bind(14550)
              while true {
                  s.recvfrom(2KiB)
                  compute(2ms)
                  for k in 1..3 { if not failed(s.sendto(client, 9, 280B)) { answered += 1 } }
              }
          }
      }
      task feed {
          host = client
          fn main() {
              let s = socket(.udp)
              while true {
                  for k in 1..9 { s.sendto(server, 14550, 220B) }
                  sleep(10ms)
              }
          }
      }
      """
    let stuck = "expect echo.waiting_for == server.pool.clusters and echo.blocked_for > 2s"
    #expect(verdicts("policies.first_come", drone, stuck) == ["pass"])
    // 32 transmit descriptors keep up to 16 replies until the next one is sent: one more is enough.
    let moving = "expect echo.blocked_for < 100ms and echo.answered > 1000"
    #expect(verdicts("policies.per_socket_minimum(17)", drone, moving) == ["pass"])
    #expect(verdicts("policies.per_socket_minimum(8)", drone, stuck) == ["pass"])
  }
}
