// The mbufs in which names and options cross into the kernel: sockargs, and the m_get of accept.

import NetScript
import Testing

@testable import NetLab

private func bench(_ pool: String, _ main: String, _ rest: String) -> [String] {
  printed(
    """
    policy closed() { on request(r) { if r.may_wait { return .wait }; return .deny } }
    case "c" {
        lan office { rate = 10Mbps }
        host server { nic eth0 { lan = office }; pool { \(pool) } }
        host client { nic eth0 { lan = office } }
        var said = []
        task t { host = server; fn main() { \(main) } }
        \(rest)
        print said, leaked(server)
    }
    """, imports: [:])
}

@Suite("Mbufs of names")
struct NameBufferTests {
  @Test("connect: its name is in the task's hand until the handshake is over, or its time is")
  func connect() {
    let lines = bench(
      "",
      """
      let s = socket(.tcp)
      s.connect(client, 9, timeout = 3s)
      said.push(server.pool.mbufs.held[.hand]); s.close()
      said.push(server.pool.mbufs.held[.hand])
      """,
      """
      at 0s { client.eth0.up = false }
      at 1s { said.push(server.pool.mbufs.held[.hand]) }
      run for 4s
      """)
    // The name and the header template; then the template alone; then nothing.
    #expect(lines == ["[2, 1, 0]  0"])
  }

  @Test("sockargs waits for an mbuf, as long as it takes")
  func waiting() {
    let lines = bench(
      "",
      """
      sleep(2s)
      let u = socket(.udp); u.bind(7); said.push(now in 3s..3.02s); sleep(2s)
      u.sendto(client, 7, 10B); said.push(now in 6s..6.02s)
      """,
      """
      for t in [1s, 4s] { at t { server.pool.mbufs.allocator = closed() } }
      for t in [3s, 6s] { at t { server.pool.mbufs.allocator = none } }
      run for 7s
      """)
    #expect(lines == ["[true, true]  0"])
  }

  @Test("where nobody waits for ever a name without an mbuf is ENOBUFS, and nothing is lost")
  func refused() {
    let lines = bench(
      "wait_timeout = 100ms",
      """
      let u = socket(.udp); let s = socket(.tcp); let door = listen(9)
      sleep(2s)
      said.push(u.bind(7)); said.push(u.sendto(client, 7, 10B)); said.push(s.connect(client, 9))
      said.push(door.accept()); said.push(u.setsockopt(.keepalive, true))
      said.push(u.getsockopt(.keepalive)); said.push(s.read(1B, oob = true))
      """,
      """
      task c { host = client; fn main() { let s = socket(.tcp); s.connect(server, 9); sleep(9s) } }
      at 1s { server.pool.mbufs.allocator = closed() }
      run for 4s
      """)
    let refused = [String](repeating: "ENOBUFS", count: 7).joined(separator: ", ")
    #expect(lines == ["[\(refused)]  0"])
  }
}
