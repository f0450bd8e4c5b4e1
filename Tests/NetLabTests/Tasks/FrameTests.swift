// Frames: every field given and read, lies included; stations that live without a stack.

import NetScript
import Testing

@testable import NetLab

/// A station that speaks by hand beside a host with a stack.
func byHand(_ main: String, in server: String = "", _ rest: String = "") -> [String] {
  printed(
    """
    import "std/craft"
    case "c" {
        lan office { rate = 10Mbps }
        host hand { stack = .none; nic eth0 { lan = office } }
        host server { nic eth0 { lan = office }
    \(server)
        }
        var said = []
        task t { host = hand; fn main() {
    \(main)
        } }
        \(rest)
        run for 5s
        print said
    }
    """)
}

@Suite("Frames")
struct FrameTests {
  private static let echo = """
    task echo { fn main() { let s = socket(.udp); s.bind(9)
        while true { let r = s.recvfrom(2KiB); s.sendto(r.from, r.port, r.size) } } }
    """

  @Test("a task waits for room in its ring, for no longer than it says; a hook may not wait")
  func room() {
    let lines = printed(
      """
      case "c" {
          lan slow { rate = 1Mbps }
          host hand {
              stack = .none
              nic eth0 { lan = slow; tx_ring = 2 }
              task t {
                  var said = []
                  fn main() {
                      let f = frame(.udp, to = .broadcast, port = 9, len = 1000B)
                      for i in 1..4 { hand.eth0.send(f) }
                      said.push(now > 8ms)
                      said.push(hand.eth0.send(f, wait = false))
                      said.push(hand.eth0.send(f, timeout = 1ms))
                      said.push(now > 9ms)
                      sleep(1s)
                      said.push(hand.eth0.send(f))
                  }
              }
          }
          at 5ms { print hand.eth0.send(frame(.udp, to = .broadcast, port = 9, len = 1B)) }
          at 5ms { print hand.t.waiting_for }
          run for 3s
          print hand.t.said, slow.frames
      }
      """)
    #expect(
      lines == ["ENOBUFS", "hand.eth0", "[true, ENOBUFS, ENOBUFS, true, none]", "5"]
        || lines == ["ENOBUFS", "hand.eth0", "[true, ENOBUFS, ENOBUFS, true, none]  5"])
  }

  @Test("a datagram by hand reaches a stack, whose answer is a frame with all its fields")
  func datagrams() {
    let lines = byHand(
      """
      hand.eth0.send(frame(.udp, to = server, sport = 77, port = 9, len = 50B))
      let f = hand.eth0.recv(fn(f) => f.proto == .udp, timeout = 1s)
      said = [f.src, f.to, f.sport, f.port, f.len, f.size, f.frag, f.more, f.at == now]
      """, in: Self.echo)
    #expect(lines == ["[server, hand, 9, 77, 50B, 92B, 0B, false, true]"])
  }

  @Test("ping and ARP by hand: the type, the operation are in `port`")
  func controls() {
    let lines = byHand(
      """
      hand.eth0.send(frame(.icmp, to = server, sport = 5, seq = 7, len = 20B))
      let f = hand.eth0.recv(fn(f) => f.proto == .icmp, timeout = 1s)
      said += [f.port, f.sport, f.seq, f.len]
      hand.eth0.send(frame(.arp, to = server))
      let a = hand.eth0.recv(fn(f) => f.proto == .arp, timeout = 1s)
      said += [a.port, a.src, a.to]
      hand.eth0.send(frame(.ip, to = server, port = 99, len = 8B))
      """)
    #expect(lines == ["[0, 5, 7, 20B, 2, server, hand]"])
  }

  @Test("what is not given is computed; what is given is sent, be it wrong")
  func lies() {
    let lines = byHand(
      """
      let good = frame(.udp, to = server, port = 9, len = 50B)
      hand.eth0.send(good)
      hand.eth0.send(good.with(sum = 1))
      hand.eth0.send(good.with(size = 60B))
      hand.eth0.send(good.with(frag = 64B, more = true))
      sleep(1s)
      said = [server.udp.stats.bad_checksums, server.sink.reads, server.ip.stats.received]
      """, in: "sink sink { udp = 9 }")
    #expect(lines == ["[1, 1, 4]"] || lines == ["[1, 1, 3]"])
  }

  @Test("with keeps what it does not change, the payload and TCP's options too")
  func changed() {
    let lines = byHand(
      """
      hand.eth0.send(
          frame(.tcp, to = server, sport = 7, port = 9, flags = "S", seq = 5, win = 9KiB))
      let f = hand.eth0.recv(fn(f) => f.proto == .tcp, timeout = 1s)
      let g = f.with(win = 0B)
      said = [f.flags, f.ack, f.win > 0B, g.win, g.flags, g.ack, g.size == f.size, g.at, g == f,
              f.with(flags = "FPU").flags]
      """, in: "sink web { tcp = 9 }")
    #expect(lines == ["[\"SA\", 6, true, 0B, \"SA\", 6, true, none, false, \"FPU\"]"])
  }

  @Test("each task takes the frames that pass its test; others lie there until the oldest go")
  func inbox() {
    let lines = byHand(
      """
      for i in 1..40 {
          hand.eth0.send(frame(.udp, to = server, sport = 100 + i, port = 9, len = 9B))
              sleep(2ms) }
      said.push(hand.eth0.rx.filled); said.push(hand.eth0.rx.overruns)
      said.push(hand.eth0.recv(fn(f) => f.port == 120, timeout = 0s).port)
      said.push(hand.eth0.recv(fn(f) => f.port == 102, timeout = 5ms))
      """, in: Self.echo,
      """
      task u {
          host = hand
          fn main() { said.push(hand.eth0.recv(fn(f) => f.port == 103).port) }
      }
      """)
    #expect(lines == ["[103, 32, 7, 120, EAGAIN]"])
  }

  @Test("a wait for a frame ends when it is stopped, and is no knot")
  func stopped() {
    let lines = byHand(
      "hand.eth0.recv()", in: "",
      """
      at 1s { print t.waiting_for, t.blocked_for > 0s, wedged(t); t.stop() }
      at 2s { print t.state, t.active }
      """)
    #expect(lines == ["hand.eth0  true  false", ".dormant  false", "[]"])
  }

  @Test("an interface answers ARP for itself, unless it is told not to")
  func arp() {
    func lines(_ answers: Bool) -> [String] {
      printed(
        """
        case "c" {
            lan office { rate = 10Mbps }
            host hand { stack = .none; nic eth0 { lan = office; answers_arp = \(answers) } }
            host server { nic eth0 { lan = office } }
            host other { nic eth0 { lan = office; answers_arp = \(answers) } }
            cbr a { from = server; to = hand; rate = 10/s }
            ping b { from = server; to = other }
            run for 3s
            print hand.eth0.rx.filled > 3, b.answered > 0
        }
        """)
    }
    #expect(lines(true) == ["true  true"])
    // The requests themselves lie there.
    #expect(lines(false).last?.hasSuffix("false") == true)
  }

  @Test("a SYN's maximum segment size is a field, read and given (RFC 9293 3.7.1)")
  func segmentSize() {
    let lines = byHand(
      """
      hand.eth0.send(frame(.tcp, to = server, sport = 1024, port = 80, flags = "S", mss = 300B))
      let answer = hand.eth0.recv(fn(f) => f.proto == .tcp)
      hand.eth0.send(frame(.tcp, to = server, sport = 1024, port = 80, seq = 1,
                           ack = answer.seq + 1))
      let data = hand.eth0.recv(fn(f) => f.proto == .tcp and f.len > 0B)
      let other = frame(.tcp, to = server, port = 80, flags = "S", mss = 300B).with(mss = 512B)
      said = [answer.mss, data.len, data.mss, other.mss, frame(.udp, to = server, port = 9).mss]
      """,
      in: """
        task door { fn main() {
            let s = listen(80)
            s.accept().write(1KiB)
        } }
        """)
    #expect(lines == ["[1460B, 300B, none, 512B, none]"])
  }

  @Test("what no frame can be is said, with what it can")
  func misuse() {
    func fault(_ text: String) -> String { byHand(text).first ?? "" }
    #expect(fault("frame(.ipx, to = server)") == "N422: a frame is .udp, .tcp, .icmp, .arp or .ip")
    #expect(fault("frame(.udp, port = 9)") == "N425: a frame needs `to`")
    #expect(fault("frame(.udp, to = server)") == "N425: a frame of this kind needs `port`")
    #expect(fault("frame(.udp, to = server, prot = 9)") == "N425: a frame has no `prot`")
    #expect(
      fault("frame(.udp, to = server, port = 9, len = 1473B)")
        == "N422: 1473B do not fit into a frame: at most 1472B")
    #expect(
      fault("frame(.tcp, to = server, port = 9, flags = \"SX\")")
        == "N422: `flags` are letters of SAFRPU, not \"SX\"")
    #expect(fault("hand.eth0.send(3)") == "N422: this is no frame, but 3")
    #expect(
      fault("server.eth0.send(frame(.arp, to = server))")
        == "N422: `server.eth0` belongs to a stack")
  }

  @Test("rawtcp: a connection by hand, from its handshake to its end")
  func craft() {
    let lines = byHand(
      """
      said.push(c.connect())
      c.send(len = 100B, flags = "AP")
      said.push(c.next(timeout = 1s).ack - 1001)
      c.send(flags = "FA")
      said.push(c.next(timeout = 1s).flags); said.push(c.next(timeout = 1s).flags)
      said.push(server.web.received)
      """, in: "sink web { tcp = 80 }", "craft.rawtcp c { host = hand; to = server }")
    #expect(lines == ["[true, 100, \"A\", \"AF\", 100B]"])
  }
}
