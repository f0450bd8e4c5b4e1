// IP in scripts: routes over other hosts, fragments, packets that wait for ARP.

import NetLab
import Testing

@Suite("IP, ARP and routes")
struct InternetTests {
  private func check(_ script: String, verdicts: Int) {
    let run = result(ofScript: script)
    #expect(run.faultText == nil)
    #expect(run.verdicts == Array(repeating: "pass", count: verdicts))
  }

  @Test("a route over a host that forwards leads to another lan, and back")
  func routes() {
    check(
      """
      case "c" {
          lan office { rate = 10Mbps }
          lan plant { rate = 10Mbps }
          host gate {
              nic eth0 { lan = office }
              nic eth1 { lan = plant }
              ip { forwarding = true }
          }
          host pc { nic eth0 { lan = office }; route out { via = gate } }
          host plc { nic eth0 { lan = plant }; route back { to = office; via = gate } }
          ping probe { from = pc; to = plc }
          run for 3500ms
          expect probe.lost == 0 and gate.ip.stats.forwarded == 8
      }
      """, verdicts: 1)
  }

  @Test("a long datagram comes in pieces; what ARP kept of the first waits, and goes after 30 s")
  func fragments() {
    check(
      """
      case "c" {
          lan office { rate = 10Mbps }
          host a { nic eth0 { lan = office } }
          host b { nic eth0 { lan = office } }
          var got = 0B
          task reader {
              host = b
              fn main() { let s = socket(.udp); s.bind(9); got = s.recvfrom(9000B).size }
          }
          task writer {
              host = a
              fn main() {
                  let s = socket(.udp)
                  s.sendto(b, 9, 5000B)
                  sleep(1s)
                  s.sendto(b, 9, 5000B)
              }
          }
          run for 3s
          expect got == 5000B and a.ip.stats.frag_sent == 8 and b.ip.stats.reassembled == 1
          expect b.ip.frag.queues == 1 and b.pool.held[.reass] == 1
          run for 30s
          expect b.ip.frag.queues == 0 and b.ip.stats.frag_timeouts == 1
      }
      """, verdicts: 3)
  }

  @Test("arp.hold and hold_timeout: so many packets wait for an answer, and so long")
  func hold() {
    check(
      """
      case "c" {
          lan office { rate = 10Mbps }
          host a { nic eth0 { lan = office }; arp { hold = 3; hold_timeout = 2s } }
          host b { nic eth0 { lan = office; answers_arp = false } }
          task writer {
              host = a
              fn main() { let s = socket(.udp); for i in 1..4 { s.sendto(b, 9, 300B) } }
          }
          run for 1s
          expect a.pool.held[.arphold] == 3 and a.arp.stats.drops == 1 and a.arp.pending == 1
          run for 3s
          expect a.pool.held[.arphold] == 0 and a.arp.stats.drops == 4
      }
      """, verdicts: 2)
  }
}
