// Waiting for a buffer of a size class: writes that take pages, rings that lie in one, and the knot
// of both.

import NetLab
import Testing

@Suite("Waiting for a size class")
struct SizeClassWaitTests {
  private func lab(_ server: String, _ rest: String) -> String {
    """
    case "c" {
        lan office { rate = 10Mbps }
        host server {
            pool { mbufs = 512; clusters = 64; class page { size = 4KiB; count = 8 } }
            nic eth0 { lan = office; rx_ring = 4 }
            \(server)
        }
        host client { nic eth0 { lan = office } }
        \(rest)
    }
    """
  }

  private let writer = """
    sock { send_from = .page }
    task writer {
        priority = 40
        fn main() {
            let s = socket(.tcp)
            s.connect(client, 9)
            while true { s.write(8KiB) }
        }
    }
    """

  @Test("m_uiotombuf: what does not fit a cluster goes into a page, the rest into a cluster")
  func pages() {
    let lines = printed(
      lab(
        """
        sock { send_from = .page }
        task writer {
            fn main() {
                let s = socket(.tcp)
                s.connect(client, 9)
                for octets in [200B, 2KiB, 3KiB, 5KiB, 4KiB] { s.write(octets); sleep(1s) }
            }
        }
        """,
        """
        sink end { host = client; tcp = 9 }
        on server.pool.page.grant(e) { print e.pool, e.task, e.free }
        run for 10s
        print server.pool.page.used, server.pool.page.peak, end.received
        """))
    #expect(
      lines == [
        // What was sent stays in the transmit ring until the next frame.
        "server.pool.page  server.writer  7", "server.pool.page  server.writer  6",
        "server.pool.page  server.writer  7", "1  2  14536B",
      ])
  }

  @Test("a write waits for a page as for a cluster: counted, told, and over when one is freed")
  func waits() {
    let lines = printed(
      lab(
        writer,
        """
        sink end { host = client; tcp = 9 }
        server.tcp.sndbuf = 64KiB
        once when server.pool.page.waiters == 1 {
            print server.writer.waiting_for, server.writer.state, wedged(server)
            print map(waiters(server.pool.page), fn(w) => [w.task, w.class, w.who, w.then])
            why server.writer
        }
        run for 30s
        print server.pool.page.waits > 9, server.pool.page.peak, end.received > 1MB
        print server.pool.clusters.waits, server.pool.mbufs.waits
        """))
    #expect(lines.first == "server.pool.page  .waiting  false")
    #expect(lines.dropFirst().first == "[[server.writer, .page, .app, \"goes on with sosend\"]]")
    #expect(lines.contains { $0.contains("waits for 1 page in m_getjcl, below sosend") })
    #expect(lines.suffix(2) == ["true  8  true", "0  0"])
  }

  @Test(
    "whoever waits is served in the pool's order, whatever that is",
    arguments: [".poll", ".fifo", ".priority", ".event"])
  func modes(_ mode: String) {
    let lines = printed(
      lab(
        writer + "\npool { waiting = \(mode) }",
        """
        sink end { host = client; tcp = 9 }
        server.tcp.sndbuf = 64KiB
        run for 10s
        print server.pool.page.waits > 3, end.received > 300kB, wedged(server)
        """))
    #expect(lines == ["true  true  false"])
  }

  @Test("the seed's knot around pages: the ring's driver waits for what the send buffer holds")
  func knot() {
    let lines = printed(
      lab(
        writer + "\nnic eth0 { refill = .wait; refill_from = [.page] }",
        """
        sink end { host = client; tcp = 9 }
        server.tcp.sndbuf = 64KiB
        run for 60s
        print wedged(server), server.pool.page.free, server.pool.clusters.free
        why server
        """))
    #expect(lines.first == "true  0  64")
    #expect(lines.contains { $0.contains("WEDGED: a knot of 2 tasks around 8 page") })
    #expect(lines.contains { $0.contains("waits for 1 page in m_getjcl, for the ring") })
    #expect(lines.contains { $0.contains("in the receive ring") })
    #expect(!lines.contains { $0.contains("this is a mistake of ours") })
  }

  @Test("kern.ipc.mbuf_wait: a request for a page that waits too long fails, a plain mbuf does")
  func timeout() {
    let lines = printed(
      lab(
        writer + "\npool { wait_timeout = 1s }\nnic eth0 { refill_from = [.clusters] }",
        """
        sink end { host = client; tcp = 9; read = .never }
        server.tcp.sndbuf = 200KiB
        run for 60s
        print server.pool.page.denied > 3, server.pool.clusters.used < 5, wedged(server)
        """))
    #expect(lines == ["true  true  false"])
  }

  @Test("send_from names a class that is there and holds more than a cluster")
  func mistakes() {
    func mistake(_ sock: String) -> String? {
      trial(lab("sock { send_from = \(sock) }", "run for 1s")).mistakes.first
    }
    #expect(mistake(".huge") == "N202: `server.pool.huge` is not declared")
    #expect(mistake(".page") == nil)
    #expect(mistake(".clusters") == nil)
  }
}
