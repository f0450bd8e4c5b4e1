// std/apps: what the traffic kinds send, count and answer.

import NetScript
import Testing

@testable import NetLab

@Suite("Applications of the library")
struct AppTests {
  @Test("rpc: each caller makes its calls at the rate, and each is answered whole")
  func calls() {
    let trial = trial(
      inLab(
        """
            rpc web { from = client; to = server; request = 100B; clients = 2; workers = 2 }
            run for 10s         # one of the two first SYNs is lost behind ARP
            let before = web.calls
            run for 10s
            print web.calls - before, web.errors, web.latency.count - web.calls,
                web.latency.max < 10ms
        """))
    #expect(trial.mistakes == [] && trial.fault == nil)
    #expect(trial.bench?.output.lines == ["200  0  0  true"])
  }

  @Test("rpc: one worker answers one connection, so a second caller waits and gives up")
  func workers() {
    let trial = trial(
      inLab(
        """
            rpc web { from = client; to = server; request = 100B; clients = 2; timeout = 2s }
            run for 10s
            print web.calls, web.errors > 1
        """))
    #expect(trial.mistakes == [] && trial.fault == nil)
    #expect(trial.bench?.output.lines == ["99  true"])
  }

  @Test("rpc: without reuse each call has a connection of its own")
  func connections() {
    let trial = trial(
      inLab(
        """
            rpc web { from = client; to = server; request = 100B; reuse = false; work = 5ms }
            var opened = 0
            on client.tcp.state(e) { if e.reason == .established { opened += 1 } }
            run for 2s
            print web.calls, opened >= web.calls
        """))
    #expect(trial.mistakes == [] && trial.fault == nil)
    #expect(trial.bench?.output.lines == ["19  true"])
  }

  @Test("rpc: a server that dies in the middle costs its callers errors, and they dial again")
  func refused() {
    let trial = trial(
      inLab(
        """
            rpc web { from = client; to = server; timeout = 500ms }
            at 2s { server.eth0.up = false }
            at 6s { server.eth0.up = true }
            var before = 0
            at 6s { before = web.calls }
            run for 90s
            print web.errors > 0, web.calls > before + 10
        """))
    #expect(trial.mistakes == [] && trial.fault == nil)
    #expect(trial.bench?.output.lines == ["true  true"])
  }

  @Test("cbr: a constant rate, or gaps from a distribution with that mean; sizes are drawn")
  func datagrams() {
    let trial = trial(
      inLab(
        """
            cbr steady { from = client; to = server; rate = 50/s }
            cbr random { from = client; to = server; udp = 5001; gap = exponential(20ms);
                         size = uniform(100B, 900B) }
            sink a { host = server; udp = 5000 }
            sink b { host = server; udp = 5001 }
            run for 60s
            print steady.sent, a.received == 200B * a.reads
            print random.sent in 2000..3000, b.received / b.reads in 450B..550B, random.errors
        """))
    #expect(trial.mistakes == [] && trial.fault == nil)
    #expect(trial.bench?.output.lines == ["3000  true", "true  true  0"])
  }
}

@Suite("FTP")
struct FTPTests {
  private func lab(_ text: String) -> [String] {
    printed(
      """
      import "std/ftp"
      case "c" {
          lan office { rate = 10Mbps }
          host server { nic eth0 { lan = office } }
          host pc { nic eth0 { lan = office } }
          host other { nic eth0 { lan = office } }
      \(text)
      }
      """)
  }

  @Test("files are fetched whole, one after the other, over the sizes that the hook gives")
  func files() {
    let lines = lab(
      """
          ftp.ftpd d { host = server; record = ftp.file(10KiB, piece = 300B) }
          ftp.ftp get { from = server; to = pc; pause = 0s }
          run for 20s
          print get.files > 20, get.errors, get.received >= get.files * 10KiB, d.aborted
      """)
    #expect(lines == ["true  0  true  0"])
  }

  @Test("a server with one session task refuses the second client")
  func sessions() {
    let lines = lab(
      """
          ftp.ftpd d { host = server; record = ftp.file(10240KiB) }
          ftp.ftp slow { from = server; to = pc; read = .never }
          ftp.ftp get { from = server; to = other; starts = 5s }
          run for 30s
          print d.sessions, d.refused > 3, get.files, get.errors > 3
      """)
    #expect(lines == ["1  true  0  true"])
  }

  /// The report's pool, with what tcp_drop frees: prediction 6.
  @Test("behind a drop send gives EINVAL; then the 451 goes out, and the client may ask again")
  func readError() {
    let lines = printed(
      """
      import "std/ftp"
      import "std/presets"
      case "c" {
          lan office { rate = 10Mbps; delay = 50us }
          host server : presets.rtems46 { tcp { drop_frees = true }; nic eth0 { lan = office } }
          host pc { tcp { rfc1323 = false }; nic eth0 { lan = office } }
          chatter windows { lan = office; rate = 40/s }
          ftp.ftpd d { host = server; record = ftp.file(1GiB, piece = 300B) }
          ftp.ftp get { from = server; to = pc }
          var said = []
          on d.session[1].error(e) { said.push(e.reason) }
          server.eth0.tx.fault = fn(f) {
              if f.proto == .tcp and f.sport == 21 and f.len == 22B { said.push("451") }
              return .pass
          }
          run for 20min
          print said, d.aborted, leaked(server)
      }
      """)
    #expect(lines == ["[EINVAL, \"451\", EINVAL, \"451\"]  2  4"])
  }
}
