// What depends on the way to a peer: path MTU (RFC 1191), slow start towards strangers (tcp_mss),
// proxy ARP (RFC 1027); and two options of TCP as they show on the wire.

import NetScript
import Testing

@testable import NetLab

/// Two hosts with a router between them, whose far side carries 576 octets a packet at most.
private func journey(
  gate: String = "nic eth1 { lan = far; mtu = 576B }", here: String = "", _ rest: String
) -> [String] {
  printed(
    """
    case "c" {
        lan near { rate = 10Mbps }
        lan far { rate = 10Mbps }
        host gate { nic eth0 { lan = near }; \(gate); ip { forwarding = true } }
        host a { nic eth0 { lan = near }; route out { via = gate }; \(here) }
        host b { nic eth0 { lan = far }; route back { to = near; via = gate } }
        var said = []
        \(rest)
        print said
    }
    """)
}

@Suite("The way to a peer")
struct PathTests {
  @Test("RFC 1191: a router's word makes TCP's segments smaller, and datagrams are cut to measure")
  func pathMTU() {
    let lines = journey(
      """
      bulk up { from = a; to = b; size = 50KB }
      task u { host = a; starts = 6s; fn main() { socket(.udp).sendto(b, 9, 1000B) } }
      run for 5s
      said.push(up.received()); said.push(gate.ip.stats.not_fragmented)
      said.push(a.tcp.stats.mtu_resent); said.push(gate.ip.stats.fragmented)
      run for 2s
      said.push(a.ip.stats.fragmented); said.push(gate.ip.stats.fragmented)
      """)
    #expect(lines == ["[50000B, 1, 1, 0, 1, 0]"])
  }

  @Test("without path MTU discovery the router cuts what is too long")
  func noDiscovery() {
    let lines = journey(
      here: "tcp { path_mtu_discovery = false }",
      """
      bulk up { from = a; to = b; size = 50KB }
      run for 5s
      said.push(up.received()); said.push(gate.ip.stats.not_fragmented)
      said.push(gate.ip.stats.fragmented > 20); said.push(b.ip.stats.reassembled > 20)
      """)
    #expect(lines == ["[50000B, 0, true, true]"])
  }

  @Test("tcp_mss: towards a stranger a connection begins with one segment, towards a neighbour not")
  func slowStart() {
    let lines = journey(
      gate: "nic eth1 { lan = far }",
      """
      task s { host = b; fn main() { let c = listen(9).accept(); sleep(1min) } }
      task t { host = a; starts = 10ms; fn main() { let c = socket(.tcp); c.connect(b, 9)
          said.push(a.tcp.conn[0].cwnd); said.push(a.tcp.conn[0].mss) } }
      task n { host = gate; fn main() { let c = listen(9).accept(); sleep(1min) } }
      task m { host = a; starts = 1s; fn main() { let c = socket(.tcp); c.connect(gate, 9)
          said.push(a.tcp.conn[1].cwnd > 1MiB) } }
      run for 2s
      """)
    #expect(lines == ["[1448B, 1448B, true]"])
  }

  @Test("RFC 1027: who is told to, answers for hosts that only it can reach")
  func proxy() {
    func lines(_ arp: String) -> [String] {
      printed(
        """
        case "c" {
            lan near { rate = 10Mbps }
            lan far { rate = 10Mbps }
            host gate { nic eth0 { lan = near }; nic eth1 { lan = far }; arp { \(arp) } }
            host b { nic eth0 { lan = far } }
            host hand { stack = .none; nic eth0 { lan = near } }
            host c { nic eth0 { lan = near } }
            var said = []
            task t { host = hand; fn main() { for target in [b, c] {
                hand.eth0.send(frame(.arp, to = target, port = 1))
                let answer = hand.eth0.recv(fn(f) => f.proto == .arp, timeout = 1s)
                said.push(if failed(answer) then none else answer.src)
            } } }
            run for 4s
            print said, gate.arp.stats.proxied
        }
        """)
    }
    #expect(lines("") == ["[none, c]  0"])
    #expect(lines("proxyall = true") == ["[b, c]  1"])
    #expect(lines("publish = b") == ["[b, c]  1"])
    #expect(lines("publish = far") == ["[b, c]  1"])
    #expect(lines("publish = \"10.0.3.0/24\"") == ["[none, c]  0"])
  }

  @Test("ip_slowtimo runs on a host with `ticks = .all` as well: fragments are given up in time")
  func everyBeat() {
    let lines = printed(
      """
      case "c" {
          lan office { rate = 10Mbps }
          host hand { stack = .none; nic eth0 { lan = office } }
          host b { ticks = .all; nic eth0 { lan = office } }
          at 1s { hand.eth0.send(frame(.ip, to = b, port = 17, len = 16B, more = true)) }
          run for 29s
          print b.ip.frag.queues, b.ip.stats.frag_timeouts
          run for 3s
          print b.ip.frag.queues, b.ip.stats.frag_timeouts
      }
      """)
    #expect(lines == ["1  0", "0  1"])
  }

  // MARK: options of TCP

  private func wire(_ client: String, _ tcp: String = "") -> [String] {
    printed(
      """
      case "c" {
          lan office { rate = 10Mbps }
          host a { nic eth0 { lan = office }; tcp { \(tcp) } }
          host b { nic eth0 { lan = office } }
          var sizes = []
          var data = []
          office.fault = fn(f) {
              if f.proto == .tcp and f.mss != none { sizes.push(f.mss) }
              if f.proto == .tcp and f.len > 0B { data.push(f.len) }
              return .pass
          }
          task s { host = b; fn main() { let c = listen(9).accept(); sleep(1min) } }
          task t { host = a; starts = 10ms; fn main() { let c = socket(.tcp); \(client) } }
          run for 4s
          print sizes, data
      }
      """)
  }

  @Test("TCP_NOOPT: the SYN has no option, not even its MSS")
  func noOptions() {
    #expect(wire("c.connect(b, 9)") == ["[1460B, 1460B]  []"])
    #expect(wire("c.setsockopt(.noopt, true); c.connect(b, 9)") == ["[1460B]  []"])
  }

  @Test("m_uiotombuf: a write goes cluster by cluster, or as a whole with `whole_writes`")
  func wholeWrites() {
    #expect(
      wire("c.connect(b, 9); c.write(4000B)").last == "[1460B, 1460B]  [1448B, 600B, 1448B, 504B]")
    #expect(
      wire("c.connect(b, 9); c.write(4000B)", "whole_writes = true").last
        == "[1460B, 1460B]  [1448B, 1448B, 1104B]")
  }

  @Test("TCP_MAXSEG: octets of data, or with those of timestamps, asked for and set alike")
  func maxSegment() {
    let ask = "c.connect(b, 9); print c.getsockopt(.maxseg); c.setsockopt(.maxseg, 500B)"
    #expect(
      wire(ask + "; c.write(700B)") == ["1448B", "[1460B, 1460B]  [500B, 200B]"])
    #expect(
      wire(ask + "; c.write(700B)", "whole_maxseg = true")
        == ["1460B", "[1460B, 1460B]  [488B, 212B]"])
  }

  @Test("TCP_NOPUSH: what fills no segment stays, until the switch is off and more is written")
  func noPush() {
    #expect(
      wire("c.connect(b, 9); c.setsockopt(.nopush, true); c.write(100B)").last
        == "[1460B, 1460B]  []")
    #expect(
      wire(
        """
        c.connect(b, 9); c.setsockopt(.nopush, true); c.write(100B); sleep(1s)
        c.setsockopt(.nopush, false); c.write(1B)
        """
      ).last == "[1460B, 1460B]  [101B]")
    #expect(
      wire("c.connect(b, 9); c.setsockopt(.nopush, true); c.write(2000B)").last
        == "[1460B, 1460B]  [1448B]")
  }
}
