// std/nuttx, std/zephyr, std/lwip: a transfer works under no pressure, through losses and to its
// end, and gives every buffer back; their waits are in the wait-for graph.

import NetLab
import Testing

/// One of the stacks: its module, settings, and the pools that are whole when it rests.
struct Layer: CustomTestStringConvertible, Sendable {
  var module: String
  var settings = ""
  var pools: [(name: String, count: Int)]

  var testDescription: String { module }

  static let all = [
    Layer(module: "nuttx", pools: [("iob", 36), ("wrb", 8)]),
    Layer(
      module: "zephyr", settings: "buf_tx_count = 72; send_window = 3KiB; mss = 536B",
      pools: [("tx_bufs", 72), ("rx_bufs", 36), ("pkt_tx", 14), ("pkt_rx", 14)]),
    Layer(
      module: "lwip",
      pools: [("heap", 25), ("pbufs", 16), ("tcp_segs", 16), ("netconns", 4), ("inpkts", 8)]),
  ]

  /// A board with this stack and its `app`, and an ordinary peer.
  func run(_ main: String, _ rest: String, settings more: String = "") -> RunResult {
    result(
      ofScript: """
        import "std/\(module)" as layer
        import "std/segments"
        import "std/craft"
        case "layer" {
            lan bench { rate = 10Mbps; delay = 100us }
            host board {
                stack = .none
                nic eth0 { lan = bench }
                layer.stack net { nic = board.eth0; \(settings); \(more) }
                task app {
                    var got = 0B
                    var outcome = .running
                    var ended = 0s
                    fn main() {
        \(main)
                        ended = now
                    }
                }
            }
            host peer { nic eth0 { lan = bench } }
        \(rest)
        }
        """)
  }

  /// True when all buffers are back.
  var isWhole: String {
    pools.map { "board.net.\($0.name).free == \($0.count)" }.joined(separator: " and ")
  }
}

private func expectPasses(_ run: RunResult, _ place: SourceLocation = #_sourceLocation) {
  #expect(run.faultText == nil, sourceLocation: place)
  #expect(
    !run.verdicts.isEmpty && run.verdicts.allSatisfy { $0 == "pass" }, "\(run.verdicts)",
    sourceLocation: place)
}

private let upload = """
  let s = net.socket(.tcp)
  outcome = s.connect(peer, 20)
  for i in 1..60 { got += s.send(1KiB) }
  s.close()
  """

@Suite("Buffer layers of other systems")
struct LayerTests {
  @Test("an upload arrives whole, its FIN ends it, and every buffer is back", arguments: Layer.all)
  func uploads(layer: Layer) {
    expectPasses(
      layer.run(
        upload,
        """
        sink end { host = peer; tcp = 20 }
        run for 30s
        expect board.app.outcome == none and end.received == 60KiB and board.app.got == 60KiB
        expect board.net.tcp[1].tcb.state == .closed or board.net.tcp[1].tcb.state == .time_wait
        expect board.net.tcp[1].tcb.resent == 0 or board.net.tcp[1].tcb.rto < 300ms
        expect \(layer.isWhole)
        """))
  }

  @Test("what gets lost is sent again, in both directions", arguments: Layer.all)
  func losses(layer: Layer) {
    expectPasses(
      layer.run(
        upload,
        """
        sink end { host = peer; tcp = 20 }
        bench.fault = craft.each(19)
        run for 10min
        expect end.received == 60KiB and board.net.tcp[1].tcb.resent > 0
        expect \(layer.isWhole)
        """))
  }

  @Test(
    "a download is read to its end, however slowly: the window opens again", arguments: Layer.all)
  func downloads(layer: Layer) {
    expectPasses(
      layer.run(
        """
        let s = net.socket(.tcp)
        outcome = s.accept(7)
        var n = s.recv(300B)
        while not failed(n) and n > 0B {
            got += n
            sleep(2ms)
            n = s.recv(300B)
        }
        s.close()
        """,
        """
        task writer {
            host = peer
            starts = 100ms
            fn main() {
                let s = socket(.tcp)
                if failed(s.connect(board, 7)) { return }
                for i in 1..30 { if failed(s.write(1KiB)) { return } }
                s.close()
            }
        }
        run for 1min
        expect board.app.outcome == none and board.app.got == 30KiB
        expect \(layer.isWhole)
        """))
  }

  @Test("nobody listens: ECONNREFUSED; nobody is there: ETIMEDOUT, when the tries are used up")
  func refusals() {
    let dial = """
      let s = net.socket(.tcp)
      outcome = s.connect(peer, 20)
      """
    for layer in Layer.all {
      expectPasses(
        layer.run(
          dial,
          "run for 1s\nexpect board.app.outcome == .ECONNREFUSED and \(layer.isWhole)"
            .replacing(" and board.net.netconns.free == 4", with: "")))
    }
    // 1.5 s, doubled four times at most, and five retries (CONFIG_NET_TCP_MAXSYNRTX).
    expectPasses(
      Layer.all[0].run(
        dial,
        "peer.eth0.up = false\nrun for 5min\nexpect board.app.outcome == .ETIMEDOUT"
          + "\nexpect board.app.ended in 70s..71s"))
    // 200 ms, doubled from try to try, and nine retries (CONFIG_NET_TCP_RETRY_COUNT).
    expectPasses(
      Layer.all[1].run(
        dial,
        "peer.eth0.up = false\nrun for 5min\nexpect board.app.outcome == .ETIMEDOUT"
          + "\nexpect board.app.ended in 204s..205s"))
  }

  @Test("a peer that vanishes ends the connection, and what it had not acknowledged is freed")
  func vanished() {
    for (layer, span) in zip(Layer.all, ["142s..146s", "204s..208s"]) {
      expectPasses(
        layer.run(
          """
          let s = net.socket(.tcp)
          outcome = s.connect(peer, 20)
          while s.tcb.is_open() { s.send(1KiB) }
          outcome = s.tcb.error
          """,
          """
          sink end { host = peer; tcp = 20 }
          bench.fault = craft.during(1s, 1h)
          run for 5min
          expect board.app.outcome == .ETIMEDOUT and board.app.ended - 1s in \(span)
          expect \(layer.isWhole)
          """))
    }
  }

  @Test("datagrams go both ways", arguments: Layer.all)
  func datagrams(layer: Layer) {
    expectPasses(
      layer.run(
        """
        let s = net.socket(.udp)
        s.bind(7)
        while true {
            let m = s.recv_from()
            got += m[.size]
            s.send_to(m[.from], 9, m[.size])
        }
        """,
        """
        sink end { host = peer; udp = 9 }
        cbr feed { from = peer; to = board; udp = 7; size = 100B; rate = 10/s }
        run for 2050ms
        expect board.app.got == 2KB and end.received == 2KB and \(layer.isWhole)
        """.replacing(" and board.net.netconns.free == 4", with: "")))
  }

  @Test("any two of them talk to each other, all at once")
  func together() {
    let run = result(
      ofScript: """
        import "std/nuttx"
        import "std/zephyr"
        import "std/lwip"
        kind pipe(from: Node, to: Node, port = 7) {
            var got = 0B
            task writer {
                host = from
                starts = 10ms
                fn main() {
                    let s = from.net.socket(.tcp)
                    if failed(s.connect(to, port)) { return }
                    for i in 1..20 { s.send(1KiB) }
                    s.close()
                }
            }
            task reader {
                host = to
                fn main() {
                    let s = to.net.socket(.tcp)
                    if failed(s.accept(port)) { return }
                    var n = s.recv(1KiB)
                    while not failed(n) and n > 0B { got += n; n = s.recv(1KiB) }
                    s.close()
                }
            }
        }
        case "together" {
            lan bench { rate = 10Mbps; delay = 100us }
            host n { stack = .none; nic eth0 { lan = bench }; nuttx.stack net { nic = n.eth0 } }
            host z {
                stack = .none
                nic eth0 { lan = bench }
                zephyr.stack net { nic = z.eth0; mss = 536B }
            }
            host l { stack = .none; nic eth0 { lan = bench }; lwip.stack net { nic = l.eth0 } }
            pipe p[1] { from = n; to = z; port = 1 }
            pipe p[2] { from = n; to = l; port = 2 }
            pipe p[3] { from = z; to = n; port = 3 }
            pipe p[4] { from = z; to = l; port = 4 }
            pipe p[5] { from = l; to = n; port = 5 }
            pipe p[6] { from = l; to = z; port = 6 }
            run for 30s
            expect all(p[*], fn(x) => x.got == 20KiB)
            expect n.net.iob.free == 36 and z.net.tx_bufs.free == 36 and l.net.heap.free == 25
        }
        """)
    expectPasses(run)
  }

  @Test("NuttX: a window of one segment opens again, though two would be better (RFC 1122 4.2.3.3)")
  func narrowWindow() {
    expectPasses(
      Layer.all[0].run(
        """
        let s = net.socket(.tcp)
        outcome = s.connect(peer, 7)
        link = s
        while true { s.send(1KiB) }
        """,
        """
        var link = none
        task reader {
            host = board
            var got = 0B
            fn main() {
                wait(fn() => link != none)
                while true { got += link.recv(1KiB) }
            }
        }
        task echo {
            host = peer
            fn main() {
                let c = listen(7).accept()
                while true { if failed(c.write(read_all(c, 4KiB))) { return } }
            }
        }
        run for 3s
        expect reader.got > 300KB
        """))
  }

  @Test("sequence numbers go round (RFC 9293 3.4)")
  func ring() {
    let run = result(
      ofScript: """
        import "std/segments"
        print segments.ahead(3, 4294967295), segments.ahead(4294967295, 3)
        print segments.ahead(5, 4294967296 + 5), segments.ahead(2147483647, 0)
        """)
    #expect(run.lines == ["4  -4", "0  2147483647"])
  }

  @Test("NuttX: what waits for an IOB behind its own queue is a knot, and a throttle unties it")
  func throttle() {
    func verdicts(_ spared: String) -> [String] {
      let run = Layer.all[0].run(
        """
        let s = net.socket(.udp)
        s.send_to(peer, 9, 1000B)
        sleep(10ms)
        for i in 1..30 { s.send_to(peer, 9, 1000B) }
        """,
        """
        run for 1s
        expect wedged(board)
        expect board.net.iob.free == 36
        """, settings: "spared = \(spared)")
      #expect(run.faultText == nil)
      return run.verdicts
    }
    #expect(verdicts("[.poll, .rx, .send]") == ["pass", "fail"])
    #expect(verdicts("[.poll, .rx]") == ["fail", "pass"])
  }

  @Test("Zephyr: a send that waits with its context locked and K_FOREVER is a knot with the ACK")
  func lockedWait() {
    func wedge(_ locked: Bool) -> [String] {
      let run = Layer(module: "zephyr", pools: []).run(
        """
        let s = net.socket(.tcp)
        outcome = s.connect(peer, 20)
        while true { got += s.send(300B); sleep(1ms) }
        """,
        """
        sink end { host = peer; tcp = 20 }
        peer.eth0.rx.fault = fn(_) => if now in 1s..1200ms then 300ms else .pass
        run for 3s
        expect wedged(board) == \(locked)
        expect board.net.rx.state == \(locked ? ".locked" : ".waiting")
        """, settings: "pkt_wait = none; send_window = none; locked = \(locked)")
      #expect(run.faultText == nil)
      return run.verdicts
    }
    #expect(wedge(true) == ["pass", "pass"])
    #expect(wedge(false) == ["pass", "pass"])
  }

  @Test("lwIP: what came out of order is given up when the pool is empty (PBUF_POOL_FREE_OOSEQ)")
  func outOfOrder() {
    func drops(_ keeps: Bool) -> [String] {
      let run = Layer(module: "lwip", pools: []).run(
        """
        let s = net.socket(.tcp)
        outcome = s.accept(7)
        while true { got += s.recv(1KiB) }
        """,
        """
        host hand { stack = .none; nic eth0 { lan = bench } }
        craft.rawtcp far { host = hand; to = board; port = 7 }
        task script {
            host = hand
            starts = 100ms
            fn main() {
                far.connect()
                for i in 2..4 { far.send(len = 100B, at = far.seq + i * 100) }
                for i in 1..2 { sleep(100ms); far.send(len = 100B, at = far.seq) }
            }
        }
        run for 2s
        expect board.net.drops == \(keeps ? 1 : 0) and board.net.tcp[1].ooseq.len == 0
        expect board.app.got == 100B
        """, settings: "pbuf_pool_size = 3; queue_ooseq = \(keeps)")
      #expect(run.faultText == nil)
      return run.verdicts
    }
    #expect(drops(true) == ["pass", "pass"])
    #expect(drops(false) == ["pass", "pass"])
  }
}
