// std/presets, std/lans, std/checks: what they stand for is there, and a check can fail.

import NetLab
import Testing

@Suite("std/presets, lans and checks")
struct BenchLibraryTests {
  @Test(
    "a host of each preset answers, and has the sizes that it is known for",
    arguments: [
      ("rtems46", 512, 64), ("bsd44", 8192, 1024), ("freebsd22", 2688, 672),
      ("linux_peer", 16384, 4096), ("lwip_like", 64, 16), ("peer", 4096, 1024),
      ("rtems5", 512, 64), ("freebsd", 65536, 16384),
    ])
  func presets(name: String, mbufs: Int, clusters: Int) {
    let run = result(
      ofScript: """
        import "std/presets"
        case "preset" {
            lan office { rate = 10Mbps }
            host server : presets.\(name) { nic eth0 { lan = office; rx_ring = 8 } }
            host client { nic eth0 { lan = office } }
            bulk up { from = server; to = client; write = 1KiB; size = 20KiB }
            run for 5s
            expect server.pool.mbufs.total == \(mbufs) and server.pool.clusters.total == \(clusters)
            expect up.received() == 20KiB
        }
        """)
    #expect(run.faultText == nil)
    #expect(run.verdicts == ["pass", "pass"])
  }

  @Test("what a preset says differs from the host without one")
  func differences() {
    let run = result(
      ofScript: """
        import "std/presets"
        case "preset" {
            lan office { rate = 10Mbps }
            host a : presets.lwip_like { nic eth0 { lan = office; rx_ring = 4 } }
            host b : presets.freebsd22 { nic eth0 { lan = office } }
            run for 1ms
            expect a.tick == 1ms and a.tcp.sndbuf == 2920B and not a.tcp.rfc1323
            expect a.tcp.keepcnt == 9 and a.sock.efficiency == 2
            expect b.rx.priority == 10 and b.tcp.rfc1323
        }
        """)
    #expect(run.faultText == nil)
    #expect(run.verdicts == ["pass", "pass", "pass"])
  }

  @Test("an office of 1998 is ten megabits and talks; a quiet bench carries what the case sends")
  func lans() {
    let run = result(
      ofScript: """
        import "std/lans"
        case "media" {
            lans.office_1998(noise = 100/s)
            lans.quiet(speed = 100Mbps)
            host a { nic eth0 { lan = office }; nic eth1 { lan = bench } }
            host b { nic eth0 { lan = bench } }
            ping probe { from = b; to = a; interval = 100ms }
            run for 10s
            expect office.rate == 10Mbps and bench.rate == 100Mbps
            expect office.frames > 800 and office.frames < 1200
            expect bench.frames < 300 and probe.answered > 90
        }
        """)
    #expect(run.faultText == nil)
    #expect(run.verdicts == ["pass", "pass", "pass"])
  }

  @Test("each check holds where nothing is wrong, and fails where something is")
  func checks() {
    func verdicts(_ check: String, _ setting: String) -> [String] {
      let run = result(
        ofScript: """
          import "std/presets"
          import "std/checks"
          case "check" {
              lan office { rate = 10Mbps }
              host server : presets.rtems46 { nic eth0 { lan = office } }
              host client { nic eth0 { lan = office } }
              bulk up { from = server; to = client; write = 300B; priority = 40; cost = 50us }
              bulk other { from = client; to = server; port = 21; write = 2KiB }
              \(setting)
              \(check)
              run for 4s
          }
          """)
      #expect(run.faultText == nil)
      return run.verdicts
    }
    #expect(verdicts("checks.no_wedge(server)", "") == ["fail", "pass"])
    #expect(verdicts("checks.no_wedge(server, at_most = 1s)", "") == ["fail", "fail"])
    let ample = "server.pool.clusters = 256"
    #expect(verdicts("checks.no_wedge(server)", ample) == ["pass", "pass"])
    let torn = ample + "\nserver.tcp.drop_frees = true\nserver.tcp.always_keepalive = true"
    #expect(verdicts("checks.no_leak(server)", torn) == ["pass"])
    #expect(verdicts("checks.fair([up, other], least = 1%)", ample) == ["pass"])
    #expect(verdicts("checks.fair([up, other])", ample + "\nother.cost = 100ms") == ["fail"])
  }

  @Test("no_leak fails on the record in a writer's hand that each drop loses")
  func leak() {
    let run = result(
      ofScript: """
        import "std/presets"
        import "std/checks"
        case "leak" {
            lan office { rate = 10Mbps }
            host server : presets.rtems46 {
                nic eth0 { lan = office }
                tcp { drop_frees = true; always_keepalive = true; keepidle = 1s; keepintvl = 1s }
            }
            host client { nic eth0 { lan = office } }
            bulk up { from = server; to = client; write = 300B; priority = 40; cost = 50us }
            checks.no_leak(server)
            run for 14s
        }
        """)
    #expect(run.faultText == nil)
    #expect(run.verdicts == ["fail"])
  }
}
