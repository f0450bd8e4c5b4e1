// `class NAME` in a host's pool, taken from by a driver: `refill_from`, faults, what is lost of it.

import NetLab
import Testing

@Suite("Size classes")
struct SizeClassTests {
  private func lab(_ nic: String, _ rest: String, pool: String = "") -> String {
    """
    case "c" {
        lan office { rate = 10Mbps }
        host server {
            pool { class jumbo { size = 9KiB; count = 40 }; class page { size = 4KiB; count = 40 }
                   \(pool) }
            nic eth0 { lan = office; rx_ring = 16; refill = .retry; \(nic) }
        }
        host client { nic eth0 { lan = office } }
        cbr feed { from = client; to = server; udp = 9; rate = 100/s }
        \(rest)
    }
    """
  }

  @Test("a ring lies in the first class that has buffers, and falls back to the next")
  func order() {
    let lines = printed(
      lab(
        "refill_from = [.jumbo, .page, .clusters]",
        """
        sink end { host = server; udp = 9 }
        run for 500ms
        print server.pool.jumbo.used >= 16, server.pool.page.used, server.pool.held[.ring]
        server.pool.jumbo.fault = .deny
        run for 500ms
        print server.pool.page.used >= 14, end.reads > 90
        server.pool.page.fault = .deny
        run for 500ms
        print server.pool.held[.ring] >= 14, end.reads > 140
        print holders(server.pool.clusters)[0].owner
        """))
    #expect(lines == ["true  0  0", "true  true", "true  true", "the receive ring"])
  }

  @Test("what is lost is told class by class: mbufs, clusters, and those of a further size")
  func leaks() {
    let lines = printed(
      lab(
        "refill_from = [.jumbo]",
        """
        feed.size = 300B
        client.pool.release = fn(b) => if b.why == .sent then .leak else .free
        at 300ms { server.pool.release = .free; client.pool.release = .free }
        run for 1s
        fn classes(host) => map(leaks(host), fn(l) => [l.class, l.count])
        print classes(server), leaked(server), server.pool.jumbo.used - 16
        print map(leaks(client), fn(l) => l.class), leaked(client) > 40
        """,
        pool: "release = fn(b) => if b.why == .no_port then .leak else .free"))
    #expect(
      lines == [
        "[[.mbufs, 29], [.jumbo, 29]]  58  24", "[.clusters, .mbufs, .mbufs, .mbufs]  true",
      ])
  }

  @Test("a class that is not there, too small for a frame, or a driver that copies is a mistake")
  func mistakes() {
    func mistake(_ nic: String, _ pool: String = "") -> String? {
      trial(lab(nic, "run for 1s", pool: pool)).mistakes.first
    }
    #expect(
      mistake("refill_from = [.huge]") == "N202: `server.pool.huge` is not declared")
    #expect(
      mistake("refill_from = [.tiny]", "class tiny { size = 512B; count = 9 }")
        == "N222: a buffer of `server.pool.tiny` is too small for a frame")
    #expect(
      mistake("refill_from = [.page]; zero_copy = false")
        == "N222: `refill_from` is for drivers that do not copy")
  }
}
