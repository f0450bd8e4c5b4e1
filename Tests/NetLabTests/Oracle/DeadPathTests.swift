// Ways out of a wait that look open and are not: a driver that takes frames in and gives nothing
// back, timers that nobody runs, free buffers for which nobody is woken.

import NetScript
import Testing

@testable import NetLab

@Suite("Dead paths")
struct DeadPathTests {
  /// Four clusters, and a ring that has its own. Whoever writes them full waits for a peer that is
  /// away for three seconds; `printer` wants one meanwhile, with the network semaphore in hand.
  private func semaphore(_ settings: String, _ rest: String) -> String {
    """
    case "semaphore" {
        lan plant { rate = 10Mbps }
        host ioc {
            pool { clusters = 4; class own { size = 2KiB; count = 16 } }
            nic eth0 { lan = plant; rx_ring = 8; refill = .reuse; refill_from = [.own] }
        }
        host opi { nic eth0 { lan = plant } }
        sink screen { host = opi; tcp = 9 }
        task writer {
            host = ioc; priority = 150
            fn main() {
                let s = socket(.tcp)
                s.connect(opi, 9)
                while not failed(s.write(300B)) { sleep(50ms) }
            }
        }
        task printer {
            host = ioc; priority = 50
            fn main() {
                let s = socket(.tcp)
                s.connect(opi, 9)
                sleep(2s)
                ioc.network.lock()
                s.write(300B)
                ioc.network.unlock()
            }
        }
        \(settings)
        at 1s { opi.eth0.up = false }
        at 4s { opi.eth0.up = true }
    \(rest)
    }
    """
  }

  @Test("whoever keeps the network semaphore in a wait stops the receive path and every timer")
  func semaphore() {
    let lines = printed(
      semaphore(
        "",
        """
        run for 1500ms
        print wedged(ioc)
        run for 30s
        print wedged(ioc), wedged(ioc.ntwk), wedged(ioc.rx), wedged(writer), wedged(printer)
        why ioc
        let of = predict(ioc)
        print of[0].does, of[0].frees
        """))
    #expect(lines.prefix(2) == ["false", "true  true  true  true  true"])
    #expect(lines.contains { $0.hasSuffix("armed, and none fires: ntwk does not run") }, "\(lines)")
    #expect(!lines.contains { $0.contains("sends again") })
    #expect(lines.last == "does not fire: ntwk does not run  0")
  }

  @Test("a wait that gives the semaphore up stops nobody")
  func unnested() {
    let lines = printed(
      semaphore("ioc.network.unnest = true", "run for 30s\nprint wedged(ioc), wedged(printer)"))
    #expect(lines == ["false  false"])
  }

  /// Datagrams fill the receive buffer of a task that then wants a cluster to answer.
  private func answering(_ nic: String) -> String {
    """
    case "answering" {
        lan uplink { rate = 100Mbps }
        host router {
            pool { clusters = 24; waiting = .event }
            nic eth0 { lan = uplink; rx_ring = 8; \(nic) }
            task daemon {
                priority = 120
                fn main() {
                    let s = socket(.udp)
                    s.bind(1810)
                    sleep(3s)
                    while true {
                        let ask = s.recvfrom(2KiB)
                        compute(30ms)
                        s.sendto(ask.from, 1900, 600B)
                    }
                }
            }
        }
        host nas { nic eth0 { lan = uplink } }
        cbr asks { from = nas; to = router; udp = 1810; rate = 100/s; size = 200B }
        ping echo { from = nas; to = router; interval = 100ms }
        run for 10s
        print router.daemon.waiting_for == router.pool.clusters, echo.lost < 3
        print wedged(router)
    }
    """
  }

  @Test(
    "a driver that drops what it has no buffer for gives nobody one, whatever it copies",
    arguments: [
      ("refill = .reuse; copybreak = 100B", true), ("refill = .reuse", false),
      ("refill = .retry; refill_order = .before; copybreak = 100B", false),
    ])
  func copybreak(nic: String, echoes: Bool) {
    #expect(printed(answering(nic)) == ["true  \(echoes)", "true"])
  }

  @Test("a ring that nobody has filled yet is no abandoned one")
  func start() {
    let run = result(
      ofScript: """
        case "start" {
            lan bench { rate = 10Mbps }
            host board { nic eth0 { lan = bench; refill = .abandon } }
            host pc { nic eth0 { lan = bench } }
            ping probe { from = pc; to = board }
            expect never wedged(board)
            run for 3s
        }
        """)
    #expect(run.verdicts == ["pass"])
  }

  @Test("free buffers whose wake-up was lost are told as that, and not as next to come back")
  func lost() {
    let lines = printed(
      """
      case "lost" {
          lan office { rate = 10Mbps }
          host server {
              pool { clusters = 8; waiting = .event; wake = .lose }
              nic eth0 { lan = office; rx_ring = 2; refill = .reuse; copybreak = 100B }
              pool slab { count = 1; wake = .lose }
          }
          host client { nic eth0 { lan = office } }
          sink take { host = client; tcp = 9 }
          task w {
              host = server
              fn main() {
                  let s = socket(.tcp)
                  s.connect(client, 9)
                  while not failed(s.write(300B)) { }
              }
          }
          task has { host = server; fn main() { let b = server.slab.alloc(); sleep(2s); b.free() } }
          task wants { host = server; starts = 1s; fn main() { server.slab.alloc() } }
          at 1s { client.eth0.up = false }
          at 3s { client.eth0.up = true }
          run for 30s
          why w
          why wants
      }
      """)
    #expect(lines.contains { $0.contains(" free, and their wake-ups were lost") }, "\(lines)")
    #expect(lines.contains { $0.contains("1 free, and its wake-up was lost") }, "\(lines)")
    #expect(!lines.contains { $0.contains("next to come back") })
  }
}
