// Options of sockets as scripts set and ask for them, and the flags of single calls.

import NetScript
import Testing

@testable import NetLab

private func dialogue(_ server: String, _ client: String, sock: String = "") -> [String] {
  printed(
    """
    case "c" {
        lan office { rate = 10Mbps }
        host server { nic eth0 { lan = office } }
        host client { nic eth0 { lan = office } \(sock) }
        var said = []
        task s { host = server; fn main() { let door = listen(9); let c = door.accept()
            \(server) } }
        task t { host = client; fn main() { let c = socket(.tcp)
            \(client) } }
        run for 30s
        print said
    }
    """)
}

@Suite("Options of sockets")
struct SocketOptionTests {
  @Test("each option is read as it was set")
  func roundTrip() {
    let lines = dialogue(
      "sleep(1s)",
      """
      let flags = [.keepalive, .reuseaddr, .reuseport, .oobinline]
      for o in flags + [.nodelay, .nopush, .noopt, .nonblock] {
          said.push(c.getsockopt(o)); c.setsockopt(o, true); said.push(c.getsockopt(o))
      }
      c.setsockopt(.sndbuf, 8KiB); said.push(c.getsockopt(.sndbuf))
      c.setsockopt(.rcvlowat, 100B); said.push(c.getsockopt(.rcvlowat))
      c.setsockopt(.sndlowat, 1MiB); said.push(c.getsockopt(.sndlowat))
      c.setsockopt(.rcvtimeo, 1255ms); said.push(c.getsockopt(.rcvtimeo))
      said.push(c.getsockopt(.linger)); c.setsockopt(.linger, 3s); said.push(c.getsockopt(.linger))
      said.push(c.getsockopt(.error)); said.push(c.getsockopt(.maxseg))
      said.push(c.getsockopt(.keepidle)); c.setsockopt(.keepidle, 9700ms)
      said.push(c.getsockopt(.keepidle)); c.setsockopt(.keepcnt, 3)
      said.push(c.getsockopt(.keepcnt)); said.push(c.getsockopt(.keepintvl))
      """)
    #expect(
      lines == [
        "[false, true, false, true, false, true, false, true, false, true, false, true, false, "
          + "true, false, true, 8192B, 100B, 8192B, 1.25s, none, 3s, none, 512B, "
          + "2h, 10s, 3, 1min 15s]"
      ])
  }

  @Test("SO_RCVTIMEO ends a read and an accept, in whole ticks; SO_SNDTIMEO a write")
  func timeouts() {
    let lines = dialogue(
      "sleep(20s)",
      """
      c.connect(server, 9); c.setsockopt(.rcvtimeo, 300ms); c.setsockopt(.sndtimeo, 1s)
      let t0 = now; said.push(c.read(1KiB)); said.push(now - t0 in 290ms..300ms)
      said.push(c.write(200KiB) in 16KiB..199KiB)
      let t1 = now; said.push(c.write(3KiB)); said.push(now - t1 in 990ms..1s)
      """)
    #expect(lines == ["[EAGAIN, true, true, EAGAIN, true]"])
  }

  @Test("a non-blocking socket says at once what would take time")
  func nonblocking() {
    let lines = dialogue(
      "sleep(20s)",
      """
      c.setsockopt(.nonblock, true)
      said.push(c.connect(server, 9)); said.push(c.connect(server, 9)); sleep(1s)
      said.push(c.connect(server, 9)); said.push(c.read(1KiB))
      said.push(c.write(200KiB) in 16KiB..199KiB); said.push(c.write(200KiB))
      """)
    #expect(lines == ["[EINPROGRESS, EALREADY, EISCONN, EAGAIN, true, EAGAIN]"])
  }

  @Test("SO_LINGER of 0 s resets; a longer one keeps close until the data has arrived")
  func linger() {
    #expect(
      dialogue(
        "said.push(c.read(1KiB)); said.push(c.read(1KiB))",
        "c.connect(server, 9); c.write(10B); sleep(1s); c.setsockopt(.linger, 0s); c.close()")
        == ["[10B, ECONNRESET]"])
    let waits = "c.write(16KiB); c.setsockopt(.linger, 9s); let t0 = now; "
    #expect(
      dialogue(
        "c.read(1KiB); sleep(2s); while c.read(4KiB) > 0B { }; c.close()",
        "c.connect(server, 9); " + waits + "said.push(c.close()); said.push(now - t0 in 10ms..3s)")
        == ["[none, true]"])
    #expect(
      dialogue(
        "sleep(20s)",
        "c.connect(server, 9); c.write(8KiB); " + waits
          + "said.push(c.close()); said.push(now - t0 in 8.9s..9s)"
      ) == ["[EAGAIN, true]"])
  }

  @Test("a peek leaves what it reads; WAITALL waits for all; SO_RCVLOWAT for some")
  func reading() {
    let lines = dialogue(
      "for i in 1..8 { c.write(100B); sleep(1s) }; c.close()",
      """
      c.connect(server, 9); sleep(200ms)
      said.push(c.read(1KiB, peek = true)); said.push(c.getsockopt(.nread))
      said.push(c.read(300B, waitall = true)); said.push(c.read(1KiB, dontwait = true))
      c.setsockopt(.rcvlowat, 150B); said.push(c.read(1KiB))
      said.push(c.read(1KiB, waitall = true)); said.push(c.read(1KiB))
      """)
    #expect(lines == ["[100B, 100B, 300B, EAGAIN, 200B, 300B, 0B]"])
  }

  @Test("urgent data stands beside the stream, or in it with SO_OOBINLINE")
  func urgent() {
    let server = "sleep(100ms); c.write(10B); c.write(3B, oob = true); c.write(5B); sleep(20s)"
    #expect(
      dialogue(
        server,
        """
        c.connect(server, 9); sleep(1s); said.push(c.getsockopt(.atmark)); said.push(c.read(1KiB))
        said.push(c.getsockopt(.atmark)); said.push(c.read(1B, oob = true))
        said.push(c.read(1B, oob = true)); said.push(c.read(1KiB))
        """) == ["[false, 12B, true, 1B, EINVAL, 5B]"])
    #expect(
      dialogue(
        server,
        """
        c.setsockopt(.oobinline, true); c.connect(server, 9); sleep(1s); said.push(c.read(1KiB))
        said.push(c.read(1B, oob = true)); said.push(c.read(1KiB))
        """) == ["[12B, EINVAL, 6B]"])
  }

  @Test("a half-closed connection: what may still be written, and what is read")
  func shutdown() {
    let lines = dialogue(
      "sleep(1s); said.push(c.read(1KiB)); said.push(c.read(1KiB)); said.push(c.write(50B)); "
        + "c.close()",
      """
      c.connect(server, 9); c.write(20B); c.shutdown(); said.push(c.write(1B))
      said.push(c.read(1KiB)); c.shutdown(.read); said.push(c.read(1KiB))
      """)
    #expect(lines == ["[EPIPE, 20B, 0B, 50B, 50B, 0B]"])
  }

  @Test("a datagram socket that may not broadcast, or shares its port")
  func datagrams() {
    let lines = printed(
      """
      case "c" {
          lan office { rate = 10Mbps }
          host a { nic eth0 { lan = office } }
          var said = []
          task t { host = a; fn main() { let u = socket(.udp); let v = socket(.udp)
              said.push(u.sendto(.broadcast, 9, 10B)); u.setsockopt(.broadcast, true)
              said.push(u.sendto(.broadcast, 9, 10B)); said.push(u.shutdown())
              said.push(u.sendto(.broadcast, 9, 10B))
              let w = socket(.udp); w.setsockopt(.reuseport, true); w.bind(7)
              v.setsockopt(.reuseaddr, true); said.push(v.bind(7))
              v.setsockopt(.reuseport, true); said.push(v.bind(7)) } }
          run for 5s
          print said
      }
      """)
    #expect(lines == ["[EACCES, 10B, none, EPIPE, EADDRINUSE, none]"])
  }

  @Test("who forgets SO_BROADCAST is told of it")
  func forgottenBroadcast() {
    let lines = dialogue("", "let u = socket(.udp); print u.sendto(.broadcast, 9, 10B) + 1B")
    #expect(lines.first == "N405: `u.sendto` gave EACCES and nobody looked")
  }

  @Test("an option that is none says which there are")
  func unknown() {
    let lines = dialogue("sleep(1s)", "c.setsockopt(.window, 1)")
    #expect(lines.first?.hasPrefix("N422: no option of sockets: .window") == true)
  }
}

@Suite("Sockets that are closed or full")
struct SocketQueueTests {
  @Test("a reader that sleeps while another task closes: for good, or with ENXIO since 2015")
  func closedMeanwhile() {
    for (flag, said) in [("false", "[]"), ("true", "[ENXIO]")] {
      let lines = printed(
        """
        case "c" {
            lan office { rate = 10Mbps }
            host a { nic eth0 { lan = office }; sock { wakes_on_close = \(flag) } }
            var said = []
            var shared = none
            task r { host = a; fn main() { shared = socket(.udp); shared.bind(7)
                said.push(shared.read(1KiB)) } }
            task c { host = a; starts = 1s; fn main() { shared.close() } }
            run for 5s
            print said
        }
        """)
      #expect(lines == [said])
    }
  }

  @Test("a listener's queues are measured, and what found them full is counted")
  func backlog() {
    let lines = printed(
      """
      case "c" {
          lan office { rate = 10Mbps }
          host server { nic eth0 { lan = office }; sock { backlog_max = 2 } }
          host client { nic eth0 { lan = office } }
          task s { host = server; fn main() { let door = socket(.tcp); door.bind(9)
              door.listen(50); sleep(1h) } }
          for i in 1..8 {
              task t[i] { host = client; starts = i * 10ms; fn main() {
                  let c = socket(.tcp); c.connect(server, 9); sleep(1h) } }
          }
          run for 1s
          let door = server.tcp.conn[0]
          print door.queue, door.pending, server.tcp.stats.listen_drops > 0
      }
      """)
    #expect(lines == ["4  0  true"])
  }
}
