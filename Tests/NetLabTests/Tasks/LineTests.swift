// Text on a stream: `write("…")`, `readline()`, and the calls that end early.

import NetScript
import Testing

@testable import NetLab

private func dialogue(_ server: String, _ client: String) -> [String] {
  printed(
    """
    case "c" {
        lan office { rate = 10Mbps }
        host server { nic eth0 { lan = office } }
        host client { nic eth0 { lan = office } }
        var said = []
        task s { host = server; fn main() { let door = listen(9); let c = door.accept()
            \(server) } }
        task t { host = client; fn main() { let c = socket(.tcp); c.connect(server, 9)
            \(client) } }
        run for 5s
        print said
    }
    """)
}

@Suite("Text on streams")
struct LineTests {
  @Test("lines arrive as they were written, however they were cut; their ends are taken off")
  func lines() {
    let lines = dialogue(
      "c.write(\"220 rea\"); sleep(50ms); c.write(\"dy\\r\\nsecond\\n\\nfourth\"); c.close()",
      "for i in 1..5 { said.push(c.readline()) }")
    #expect(lines == ["[\"220 ready\", \"second\", \"\", \"fourth\", none]"])
  }

  @Test("a text longer than any buffer goes through whole, and is no pattern")
  func long() {
    let lines = dialogue(
      "var text = \"x\"; for i in 1..12 { text = \"{text}{text}\" }; "
        + "for i in 1..10 { said.push(c.write(\"{text}\")) }; c.write(\"\\nend\\n\"); c.close()",
      "var n = 0; while true { let l = c.readline(); if l == \"end\" { said.push(n); return }; "
        + "n += len(l) }")
    #expect(
      lines == ["[4096B, 4096B, 4096B, 4096B, 4096B, 4096B, 4096B, 4096B, 4096B, 4096B, 40960]"])
  }

  @Test("text and amounts may follow each other; what is read as data is counted")
  func mixed() {
    let lines = dialogue(
      "c.write(\"len 300\\n\"); c.write(300B); c.write(\"done\\n\"); sleep(1s)",
      "said.push(c.readline()); said.push(read_all(c, 300B)); said.push(c.readline())")
    #expect(lines == ["[\"len 300\", 300B, \"done\"]"])
  }

  @Test("a line that does not come is an error after its time, and none of it is lost")
  func timeout() {
    let lines = dialogue(
      "c.write(\"ab\"); sleep(1s); c.write(\"c\\n\"); sleep(1s)",
      "said.push(c.readline(timeout = 300ms)); said.push(c.readline())")
    #expect(lines == ["[EAGAIN, \"abc\"]"])
  }

  @Test("a reset is an error; datagrams have no lines")
  func errors() {
    let lines = dialogue(
      "c.write(\"ab\"); sleep(100ms); c.abort()", "said.push(c.readline()); said.push(c.readline())"
    )
    #expect(lines == ["[\"ab\", ECONNRESET]"])
    #expect(
      dialogue("c.close()", "let u = socket(.udp); u.readline()")
        == ["N422: only a stream has lines"])
  }

  @Test("a write whose time is up says how far it got; one that got nowhere is an error")
  func partialWrites() {
    let lines = dialogue(
      "sleep(4s)",
      "said.push(c.write(200KiB, timeout = 1s) in 16KiB..199KiB);"
        + "said.push(c.write(1KiB, timeout = 100ms))"
    )
    #expect(lines == ["[true, EAGAIN]"])
  }

  @Test("a socket that does not block says EAGAIN instead of waiting")
  func nonblocking() {
    let lines = dialogue(
      "sleep(1s); c.write(10B); sleep(3s)",
      "c.setsockopt(.nonblock, true); said.push(c.read(1KiB)); sleep(2s); said.push(c.read(1KiB))")
    #expect(lines == ["[EAGAIN, 10B]"])
  }
}
