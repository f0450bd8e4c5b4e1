// What is watched is asked again only when something that it reads has changed: here every answer
// is compared with a fresh one, instant by instant.

import Testing

@testable import NetLab

@Suite("Versions")
struct VersionsTests {
  /// A server whose pool runs dry: records of 300 octets to a client, and broadcasts.
  private static func lab(_ settings: String) -> String {
    """
    policy receiver_first() {
        var flag = false
        on request(r) {
            if r.who == .rx and r.free == 0 { flag = true }
            if r.free == 0 or (flag and r.who != .rx) {
                return if r.may_wait then .wait else .deny
            }
            return .grant
        }
        on grant(r) { if r.who == .rx { flag = false } }
    }
    case "compare" {
        lan office { rate = 10Mbps; delay = 50us }
        host server {
            cpu { factor = 6 }
            pool { clusters = 40; mbufs = 400 }
            nic eth0 { lan = office; rx_ring = 24; tx_ring = 24; refill = .wait }
        }
        host client { nic eth0 { lan = office } }
        bulk ftp { from = server; to = client; write = 300B; priority = 40; cost = 300us }
        chatter windows { lan = office; rate = 400/s }
        \(settings)
    """
  }

  /// Steps through a case and compares each watched condition with a fresh answer. The edges of
  /// each are printed in the end.
  private func edges(
    of conditions: [String], settings: String = "", steps: Int = 6000
  ) -> (lines: [String], fault: String?) {
    var watched = ""
    var compared = ""
    var told = ""
    for (number, condition) in conditions.enumerated() {
      watched += """
        var seen\(number) = false
        var edges\(number) = 0
        when \(condition) { seen\(number) = true; edges\(number) += 1 }
        when not (\(condition)) { seen\(number) = false }

        """
      compared += "if seen\(number) != (\(condition)) { fail \"\(number) at {now}\" }\n"
      told += "print edges\(number)\n"
    }
    let run = result(
      ofScript: """
        \(Self.lab(settings))
        \(watched)
        for i in 1..\(steps) {
            step; run for 0s
            \(compared)
        }
        \(told)
        }
        """)
    let failure = run.expectations.first { $0.verdict == .fail }
    return (run.lines, failure?.text ?? run.faultText)
  }

  @Test("a watched condition about pools, rings, sockets and tasks sees each change")
  func measurements() {
    let found = edges(of: [
      "server.pool.clusters.free == 0", "server.pool.held[.sndbuf] > 2",
      "server.pool.clusters.free < 10", "server.pool.clusters.waiters > 0",
      "server.eth0.rx.posted < 23",
      "ftp.writer[1].state == .ready", "ftp.sent > 3KiB", "server.tcp.out.count > 3",
      "now > 100ms",
    ])
    #expect(found.fault == nil)
    #expect(found.lines.count == 9)
    #expect(!found.lines.contains("0"))
  }

  @Test("the oracle's answers are as fresh as its graph, with and without a policy")
  func oracle() {
    let conditions = [
      "wedged(server)", "wedged(ftp)", "stalled(server, 20ms)", "stalled(server.pool, 5ms)",
      "stalled(ftp, 100ms)", "leaked(server) > 0",
    ]
    let dry = edges(of: conditions)
    #expect(dry.fault == nil)
    #expect(dry.lines.prefix(5).allSatisfy { $0 != "0" })
    let governed = edges(
      of: conditions, settings: "server.pool.allocator = receiver_first")
    #expect(governed.fault == nil)
  }

  @Test("what is set from outside counts as a change")
  func settings() {
    let found = edges(
      of: ["wedged(server)", "stalled(server, 50ms)", "client.eth0.up"],
      settings: """
        at 100ms { client.eth0.up = false }
        at 300ms { client.eth0.up = true }
        """)
    #expect(found.fault == nil)
    #expect(found.lines.last == "2")
  }
}
