// A packetdrill script against a stack: what passes, and what each mistake in it is called.

import NetLab
import NetStack
import Testing

/// Runs a script in a lab of its own.
func drill(_ text: String, in lab: DrillLab = DrillLab()) -> DrillReport? {
  lab.prepared()?.run(name: "test.pkt", octets: Array(text.utf8))
}

/// What became of it, in a line: `passed`, or the line and the title.
func outcome(_ text: String, in lab: DrillLab = DrillLab()) -> String {
  guard let report = drill(text, in: lab) else { return "does not parse" }
  switch report.outcome {
  case .running: return "running"
  case .passed: return "passed"
  case .unsupported(let what, let span):
    return "\(report.file.line(at: span.start)): not supported: \(what)"
  case .failed(let failure):
    return "\(report.file.line(at: failure.span.start)): \(failure.title)"
  }
}

/// Six lines: a listener, and a peer that connects to it.
let drillAccept = """
  0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
  +0 bind(3, ..., ...) = 0
  +0 listen(3, 1) = 0
  +0 < S 0:0(0) win 32767 <mss 1460>
  +0 > S. 0:0(0) ack 1 <...>
  +.1 < . 1:1(0) ack 1 win 32767
  +0 accept(3, ..., ...) = 4

  """

@Suite("Packetdrill scripts, played")
struct DrillPlayingTests {
  @Test("a connection is opened, used and closed from both sides")
  func wholeConnection() {
    #expect(
      outcome(
        drillAccept + """
          +0 write(4, ..., 1000) = 1000
          +0 > P. 1:1001(1000) ack 1
          +.1 < . 1:1(0) ack 1001 win 32767
          +0 < P. 1:501(500) ack 1001 win 32767
          +0 recv(4, ..., 1000, MSG_PEEK) = 500
          +0 read(4, ..., 1000) = 500
          +.04 > . 1001:1001(0) ack 501
          +0 close(4) = 0
          +0 > F. 1001:1001(0) ack 501
          +.1 < F. 501:501(0) ack 1002 win 32767
          +0 > . 1002:1002(0) ack 502
          """) == "passed")
  }

  @Test(
    "each field of a packet that is expected counts",
    arguments: [
      ("> . 1:1001(1000) ack 1", "flags differ"),
      ("> P. 2:1002(1000) ack 1", "sequence number differs"),
      ("> P. 1:901(900) ack 1", "length differs"),
      ("> P. 1:1001(1000) ack 2", "acknowledgment differs"),
      ("> P. 1:1001(1000) ack 1 win 1", "window differs"),
      ("> P. 1:1001(1000) ack 1 urg 1", "urgent pointer differs"),
      ("> P. 1:1001(1000) ack 1 <nop,nop,TS val 1 ecr 1>", "options differ"),
      ("> (ttl 9) P. 1:1001(1000) ack 1", "IP header differs"),
      ("> P. ...(1000) ack 1", ""),
      ("> P. 1:1001(1000) ack 1 <...>", ""),
    ])
  func fields(_ line: String, _ title: String) {
    let found = outcome(drillAccept + "+0 write(4, ..., 1000) = 1000\n+0 \(line)\n")
    #expect(found == (title.isEmpty ? "passed" : "9: the \(title)"))
  }

  @Test(
    "a packet has to come in its time, give or take the tolerance",
    arguments: [
      ("+0", "passed"), ("+.003", "passed"), ("+.005", "9: the packet is too early"),
      ("+0~+.005", "passed"), ("+.005~+.006", "9: the packet is too early"), ("*", "passed"),
    ])
  func times(_ time: String, _ result: String) {
    let script = drillAccept + "+0 write(4, ..., 1000) = 1000\n\(time) > P. 1:1001(1000) ack 1\n"
    #expect(outcome(script) == result)
  }

  @Test("a packet that does not come is missed when its time is over")
  func missing() throws {
    let report = try #require(drill(drillAccept + "+.5 > P. 1:1001(1000) ack 1\n"))
    guard case .failed(let failure) = report.outcome else {
      Issue.record("it passed")
      return
    }
    #expect(failure.title == "no packet came")
    #expect(failure.expected?.text == "> P. 1:1001(1000) ack 1")
    // A twentieth of half a second, by packetdrill's rule.
    #expect(failure.at.nanoseconds / 1_000_000 == 625)
    #expect(report.log.last?.packet.text == "< . 1:1(0) ack 1 win 32767")
  }

  @Test("a payload beyond a segment is put together from several")
  func superSegment() {
    #expect(
      outcome(
        drillAccept + """
          +0 write(4, ..., 2048) = 2048
          +0 > P. 1:2049(2048) ack 1
          """) == "passed")
  }

  @Test("packets that no line expects fail a script where that is asked for")
  func trailing() {
    let script = drillAccept + "+0 write(4, ..., 1000) = 1000\n"
    #expect(outcome(script) == "passed")
    #expect(outcome(script, in: DrillLab(refusesRest: true)) == "8: a packet that no line expects")
  }

  @Test("sequence numbers wrap on either side")
  func wrap() {
    #expect(
      outcome(
        """
        0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
        +0 bind(3, ..., ...) = 0
        +0 listen(3, 1) = 0
        +0 < S 4294967290:4294967290(0) win 32767 <mss 1460>
        +0 > S. 0:0(0) ack 4294967291 <...>
        +.1 < . 1:1(0) ack 1 win 32767
        +0 accept(3, ..., ...) = 4
        +0 < P. 1:101(100) ack 1 win 32767
        +.04 > . 1:1(0) ack 101
        +0 read(4, ..., 200) = 100
        """) == "passed")
  }

  @Test("a timestamp is echoed only if the stack has sent it")
  func echo() {
    let script = """
      0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
      +0 bind(3, ..., ...) = 0
      +0 listen(3, 1) = 0
      +0 < S 0:0(0) win 32767 <mss 1460,nop,nop,TS val 700 ecr 0>
      +0 > S. 0:0(0) ack 1 <mss 1460,nop,nop,TS val 900 ecr 700>
      """
    let relaxed = DrillLab(strictness: .synOptions)
    let good = "\n+.1 < . 1:1(0) ack 1 win 32767 <nop,nop,TS val 800 ecr 900>\n"
    let bad = "\n+.1 < . 1:1(0) ack 1 win 32767 <nop,nop,TS val 800 ecr 901>\n"
    #expect(outcome(script + good, in: relaxed) == "passed")
    #expect(outcome(script + bad, in: relaxed) == "6: the stack never sent that timestamp")
  }

  @Test("the same at each phase of the clocks", arguments: [0, 50, 137, 499])
  func phases(_ phase: Int64) {
    let script =
      drillAccept + """
        +0 write(4, ..., 1000) = 1000
        +0 > P. 1:1001(1000) ack 1
        +.5 > P. 1:1001(1000) ack 1
        """
    #expect(outcome(script, in: DrillLab(phase: .milliseconds(phase))) == "passed")
  }

  @Test("what `#ifdef` finds defined is the lab's to say")
  func conditions() {
    let script = """
      0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
      #ifdef Linux
      +0 close(3) = -1
      #endif
      """
    #expect(outcome(script) == "passed")
    #expect(
      outcome(script, in: DrillLab(defines: ["Linux"])) == "3: `close` returned 0, not -1")
  }
}
