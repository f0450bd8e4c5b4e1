// Peers that misbehave: that vanish, stop reading, ignore a FIN, answer probes with window zero, or
// are made by hand. What the stack makes of each.

import NetScript
import Testing

@testable import NetLab

/// A server and a client, with more of a script.
private func pair(_ client: String, _ rest: String) -> [String] {
  printed(
    """
    import "std/craft"
    case "c" {
        lan office { rate = 10Mbps }
        host server { nic eth0 { lan = office } }
        host client { \(client)nic eth0 { lan = office } }
        \(rest)
    }
    """)
}

/// A task of the server that sends so much, and closes.
private func writes(_ size: String) -> String {
  """
  task writer {
      host = server
      fn main() {
          let s = socket(.tcp)
          s.connect(client, 20)
          s.write(\(size))
          s.close()
      }
  }
  """
}

@Suite("Peers that misbehave")
struct PeerTests {
  @Test("a peer that vanishes: retransmission gives the connection up")
  func vanishes() {
    let lines = pair(
      "",
      """
      bulk copy { from = server; to = client; retry = 1d }
      on server.tcp.drop(e) { print e.reason }
      run for 1s
      client.eth0.up = false
      run for 20min
      print copy.errors, server.tcp.conn[0].state
      """)
    #expect(lines == [".timeout", "1  none"])
  }

  @Test("a peer that vanishes with nothing to send to: only keepalive finds out")
  func vanishesIdle() {
    func drops(_ always: Bool) -> [String] {
      pair(
        "",
        """
        server.tcp.always_keepalive = \(always)
        bulk copy { from = client; to = server; size = 1KB }
        task idle {
            host = client
            starts = 100ms
            fn main() {
                let s = socket(.tcp)
                s.connect(server, 7)
                sleep(1d)
            }
        }
        sink door { host = server; tcp = 7 }
        run for 1s
        client.eth0.up = false
        run for 4h
        print server.tcp.drop.count
        """)
    }
    #expect(drops(false) == ["0"] && drops(true) == ["1"])
  }

  @Test("a peer that stops reading, and goes on later: a window shuts and opens again")
  func stopsReading() {
    let lines = pair(
      "",
      """
      bulk copy { from = server; to = client }
      run for 1s
      let before = copy.end.received
      print before > 500KB
      copy.end.read = .never
      run for 1min
      let shut = copy.end.received
      print shut - before < 20KB, server.tcp.conn[0].snd.wnd, server.tcp.persist.count > 3
      copy.end.read = .fast
      run for 10s
      print copy.end.received - shut > 1MB
      """)
    #expect(lines == ["true", "true  0B  true", "true"])
  }

  @Test("a peer that ignores a FIN: it is sent again and again, until TCP gives up")
  func ignoresFIN() {
    let lines = pair(
      "stack = .none; ",
      """
      craft.rawserver peer { host = client; port = 20; fin = .ignore }
      \(writes("10KB"))
      run for 10s
      print peer.received -> KB, server.tcp.conn[0].state, server.tcp.stats.retransmits > 0
      run for 20min
      print server.tcp.conn[0].state, server.tcp.drop.count
      """)
    #expect(lines == ["10KB  .fin_wait_1  true", "none  1"])
  }

  @Test("a peer that acknowledges a FIN and never closes leaves FIN_WAIT_2 behind")
  func halfClosed() {
    func states(_ fin: String) -> [String] {
      pair(
        "stack = .none; ",
        """
        craft.rawserver peer { host = client; port = 20; fin = \(fin) }
        \(writes("10KB"))
        run for 10s
        print server.tcp.conn[0].state, peer.ended
        """)
    }
    #expect(states(".ack") == [".fin_wait_2  1"] && states(".close") == [".time_wait  1"])
  }

  @Test("a peer that answers each probe with window zero keeps a connection for ever")
  func zeroWindow() {
    let lines = pair(
      "stack = .none; ",
      """
      craft.rawserver peer { host = client; port = 20; win = fn(got) => max(8KiB - got, 0B) }
      \(writes("100KB"))
      run for 6h
      print peer.received -> KiB, peer.probes > 100, server.tcp.conn[0].state
      print server.tcp.conn[0].snd.wnd, server.tcp.conn[0].snd.cc > 0B, server.tcp.drop.count
      """)
    #expect(lines == ["8KiB  true  .established", "0B  true  0"])
  }

  @Test("a peer made segment by segment can be dialled, and answers as it likes")
  func byHand() {
    let lines = pair(
      "stack = .none; ",
      """
      craft.rawtcp peer { host = client; to = server; port = 1024; sport = 20 }
      task dial {
          host = server
          fn main() {
              let s = socket(.tcp)
              print s.connect(client, 20), s.write(100B)
              print s.read(1KB)
          }
      }
      task hand {
          host = client
          fn main() {
              print peer.accept()
              let f = peer.next()
              print f.len, f.flags
              peer.send(flags = "RA")
          }
      }
      run for 5s
      """)
    #expect(lines == ["none  100B", "true", "100B  AP", "ECONNRESET"])
  }
}
