// Datagrams as scripts send and read them: groups, raw sockets, connected UDP, options of IP.

import NetScript
import Testing

@testable import NetLab

private func exchange(_ reader: String, _ writer: String, _ rest: String = "") -> [String] {
  printed(
    """
    policy closed() { on request(r) { if r.may_wait { return .wait }; return .deny } }
    case "c" {
        lan office { rate = 10Mbps }
        host a { nic eth0 { lan = office } }
        host b { nic eth0 { lan = office } }
        var said = []
        var both = []
        task r { host = b; fn main() { \(reader) } }
        task w { host = a; starts = 100ms; fn main() { \(writer) } }
        \(rest)
        run for 5s
        print said
    }
    """)
}

@Suite("Datagrams in scripts")
struct DatagramTests {
  @Test("IP_ADD_MEMBERSHIP: a group is heard while somebody here has joined it")
  func groups() {
    let lines = exchange(
      """
      let s = socket(.udp); s.bind(9)
      said.push(s.setsockopt(.add_membership, "10.0.0.9"))
      s.setsockopt(.add_membership, "224.0.1.1")
      said.push(s.setsockopt(.add_membership, "224.0.1.1"))
      said.push(s.recvfrom(1KiB, timeout = 1s).size)
      said.push(s.setsockopt(.drop_membership, "224.0.1.1"))
      said.push(s.recvfrom(1KiB, timeout = 2s))
      said.push(s.setsockopt(.drop_membership, "224.0.1.1"))
      """,
      """
      let s = socket(.udp); s.sendto("224.0.1.1", 9, 10B); sleep(500ms)
      s.sendto("224.0.1.1", 9, 10B)
      """)
    #expect(lines == ["[EINVAL, EADDRINUSE, 10B, none, EAGAIN, EADDRNOTAVAIL]"])
  }

  @Test("a mistaken group or protocol is named")
  func mistakes() {
    let group = exchange("socket(.udp).setsockopt(.add_membership, b)", "")
    #expect(group.first?.contains("the address of a group is needed here") == true)
    let number = exchange("socket(.udp, 17)", "")
    #expect(number.first?.contains("only a raw socket has one") == true)
    let asked = exchange("socket(.udp).getsockopt(.add_membership)", "")
    #expect(asked.first?.contains("is set, not asked for") == true)
  }

  @Test("SOCK_RAW: one protocol or all, headers and all; MAXTTL unless the socket says else")
  func raw() {
    let lines = exchange(
      """
      let ospf = socket(.raw, 89)
      let any = socket(.raw)
      said.push(ospf.recvfrom(1KiB).size); said.push(any.recvfrom(1KiB).size)
      said.push(any.recvfrom(1KiB).size); said.push(ospf.recvfrom(1KiB, timeout = 1s))
      """,
      """
      socket(.udp).sendto(b, 7, 1B); sleep(100ms)
      let one = socket(.raw, 89); let other = socket(.raw, 90)
      said.push(one.getsockopt(.ttl)); one.sendto(b, 0, 30B)
      one.setsockopt(.ttl, 7); other.sendto(b, 0, 40B); said.push(one.getsockopt(.ttl))
      said.push(one.setsockopt(.hdrincl, true)); said.push(one.sendto(b, 0, 30B))
      """)
    #expect(lines == ["[255, 7, none, EINVAL, 50B, 50B, 60B, EAGAIN]"])
  }

  @Test("a connected UDP socket is written to and read like a stream, a datagram at a time")
  func connected() {
    let lines = exchange(
      """
      let s = socket(.udp); s.bind(9); s.connect(a, 7)
      said.push(s.read(1KiB, peek = true)); said.push(s.read(4B)); said.push(s.read(1KiB))
      said.push(s.read(1KiB)); said.push(s.write(5B, oob = true))
      """,
      """
      let s = socket(.udp); s.bind(7); said.push(s.write(10B)); s.connect(b, 9)
      said.push(s.write(10B)); sleep(100ms); said.push(s.write("four")); sleep(100ms)
      said.push(s.sendto(b, 9, 1B)); said.push(s.write(20B, dontwait = true))
      """)
    #expect(
      lines == [
        "[EDESTADDRREQ, 10B, 10B, 4B, 4B, 4B, EISCONN, 20B, 20B, EOPNOTSUPP]"
      ])
  }

  @Test("sblock's comma: a second sender with MSG_DONTWAIT goes on, and takes the lock off")
  func comma() {
    func lines(_ second: String) -> [String] {
      exchange(
        "let c = listen(9).accept(); while c.read(4KiB) > 0B { }",
        """
        let s = socket(.tcp); s.connect(b, 9); both.push(s)
        at now + 1s { a.pool.allocator = closed() }
        sleep(1100ms); s.write(1KiB)
        """,
        """
        at 2s { a.pool.allocator = none }
        task x { host = a; starts = 1300ms; fn main() {
            said.push(both[0].write(\(second))); said.push(both[0].write(50B)) } }
        """
      )
    }
    #expect(lines("100B, dontwait = true") == ["[100B, 50B]"])
    #expect(lines("100B").first?.contains("sb_lock: socket buffer is already in use") == true)
  }
}
