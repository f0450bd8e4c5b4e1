// What hardware counts and drops: damaged frames, frames that are too long; and frames of a larger
// MTU, in large buffers or in several.

import NetLab
import Testing

@Suite("Hardware errors and long frames")
struct HardwareErrorTests {
  private func feed(_ nic: String, _ rest: String) -> [String] {
    printed(
      """
      case "c" {
          lan office { rate = 10Mbps }
          host a { nic eth0 { lan = office } }
          host b { nic eth0 { lan = office; \(nic) } }
          cbr feed { from = a; to = b; udp = 9; rate = 100/s }
          sink end { host = b; udp = 9 }
          \(rest)
      }
      """)
  }

  @Test("a frame damaged on the medium fails its CRC: counted, told, and no buffer taken for it")
  func damaged() {
    let lines = feed(
      "crc = true",
      """
      office.fault = fn(f) => if f.proto == .udp and f.n mod 2 == 0 then .corrupt else .pass
      var told = 0
      on b.eth0.error(e) if e.reason == .crc and e.size > 60B { told += 1 }
      run for 1005ms
      print b.eth0.rx.crc_errors, end.reads, b.udp.stats.bad_checksums, b.eth0.error.count - told
      print netstat(b, .i)[0].ierrs
      """)
    #expect(lines == ["50  50  0  0", "50"])
  }

  @Test("without that check, and where damage comes behind it, checksums are what finds it")
  func behind() {
    func found(_ nic: String, _ point: String) -> [String] {
      feed(
        nic,
        """
        \(point) = fn(f) => if f.proto == .udp then .corrupt else .pass
        run for 1005ms
        print b.eth0.rx.crc_errors > 90, b.udp.stats.bad_checksums > 50
        """)
    }
    #expect(found("", "office.fault") == ["false  true"])
    #expect(found("crc = true", "b.eth0.rx.fault") == ["false  true"])
    #expect(found("crc = true", "a.eth0.tx.fault") == ["false  true"])
    #expect(found("crc = true", "office.fault") == ["true  false"])
  }

  private func long(_ nic: String, _ rest: String, pool: String = "") -> [String] {
    printed(
      """
      case "c" {
          lan office { rate = 100Mbps }
          host a { nic eth0 { lan = office; mtu = 9000; scatter = true } }
          host b { pool { \(pool) }
              nic eth0 { lan = office; \(nic) } }
          \(rest)
      }
      """)
  }

  private let datagrams = """
    cbr feed { from = a; to = b; udp = 9; rate = 50/s; size = 8000B }
    sink end { host = b; udp = 9 }
    run for 1010ms
    print end.received, b.eth0.rx.too_long, b.ip.stats.fragments, b.eth0.rx.overruns
    """

  @Test("a frame of 8,042 octets lies in a buffer of 9 KiB, or in four clusters, or is an error")
  func ways() {
    let jumbo = "mtu = 9000; refill = .retry; refill_from = [.jumbo]"
    let pool = "class jumbo { size = 9KiB; count = 64 }"
    #expect(long(jumbo, datagrams, pool: pool) == ["400000B  0  0  0"])
    #expect(long("mtu = 9000; scatter = true", datagrams) == ["400000B  0  0  0"])
    #expect(long("mtu = 9000", datagrams) == ["0B  50  0  0"])
    // Its hardware has an MTU of 1,500: the frame is a giant, whatever buffers there are.
    #expect(
      long("refill = .retry; refill_from = [.jumbo]", datagrams, pool: pool) == ["0B  50  0  0"])
  }

  @Test(
    "a ring with fewer descriptors than a frame takes misses it whole, whatever the driver's way",
    arguments: [
      ".wait", ".reuse", ".retry", ".abandon", ".wait; refill_order = .before",
      ".retry; refill_order = .before",
    ])
  func small(_ refill: String) {
    let nic = "mtu = 9000; scatter = true; rx_ring = 3; refill = \(refill)"
    #expect(long(nic, datagrams) == ["0B  0  0  50"])
    let five = "mtu = 9000; scatter = true; rx_ring = 5; refill = \(refill)"
    #expect(long(five, datagrams) == ["400000B  0  0  0"])
    // Too few clusters: what is dropped or kept is whole frames, and every buffer is accounted for.
    let short = """
      sink deaf { host = b; udp = 7; read = .never }
      cbr flood { from = a; to = b; udp = 7; rate = 100/s; size = 8000B }
      run for 2s
      flood.active = false
      run for 1s
      print leaked(b), b.pool.clusters.total
      """
    let starved = "mtu = 9000; scatter = true; rx_ring = 8; refill = \(refill)"
    #expect(long(starved, short, pool: "clusters = 18") == ["0  18"])
  }

  @Test("tcp_mss: segments of a large MTU carry whole clusters, and arrive intact")
  func segments() {
    let lines = long(
      "mtu = 9000; scatter = true",
      """
      bulk up { from = a; to = b; port = 20; size = 1MB; write = 8KiB }
      var most = 0B
      on office.frame(e) { most = max(most, e.size) }
      run for 10s
      print up.end.received, most, b.ip.stats.fragments
      """)
    #expect(lines == ["1000000B  8258B  0"])
  }

  @Test("a driver that copies has no memory for them")
  func copying() {
    let trial = trial(
      """
      case "c" {
          lan office { rate = 10Mbps }
          host a { nic eth0 { lan = office; mtu = 4000; zero_copy = false } }
          run for 1s
      }
      """)
    #expect(
      trial.mistakes == ["N222: a driver that copies sends no frames of more than 1500 octets"])
  }
}
