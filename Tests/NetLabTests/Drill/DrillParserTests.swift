// The language of packetdrill, each construct in a script of its own.

import NetScript
import NetStack
import Testing

@testable import NetLab

/// A script, and what the parser makes of it.
struct ParsedDrill {
  var script: DrillScript
  var diagnostics: [Diagnostic]

  init(_ text: String, defines: [String] = []) {
    let file = SourceFile(id: SourceFileID(rawValue: 0), name: "test.pkt", text: text)
    (script, diagnostics) = DrillParser.parse(file, defines: defines)
  }

  var codes: [String] { diagnostics.map(\.code) }

  var packets: [DrillPacket] {
    script.events.compactMap { if case .packet(let packet) = $0.action { packet } else { nil } }
  }

  var calls: [DrillCall] {
    script.events.compactMap { if case .call(let call) = $0.action { call } else { nil } }
  }

  var segments: [DrillSegment] {
    packets.compactMap { if case .tcp(let segment) = $0.body { segment } else { nil } }
  }

  var unsupported: [String] {
    script.events.compactMap {
      if case .unsupported(let name) = $0.action { name } else { nil }
    }
  }
}

@Suite("Drill: the language")
struct DrillParserTests {
  @Test("every form of a time is read, to the nanosecond")
  func times() {
    let parsed = ParsedDrill(
      """
      0 `a`
      0.5 `b`
      +.1 `c`
      + 0.10 `d`
      1~2.5 > . 1:1(0)
      +0.1~+0.2 > . 1:1(0)
      * > . 1:1(0)
      +0...0.25 read(3, ..., 4) = 4
      3...4 read(3, ..., 4) = 4
      1.000000001 `e`
      """)
    #expect(parsed.codes == [])
    #expect(
      parsed.script.events.map { $0.time.text } == [
        "0", "0.5", "+0.1", "+0.1", "1~2.5", "+0.1~+0.2", "*", "+0...0.25", "3...4", "1.000000001",
      ])
  }

  @Test("comments, and events over several lines or several on one, are read")
  func comments() {
    let parsed = ParsedDrill(
      """
      // a line
      /* and
         several */
      0 socket(..., SOCK_STREAM, IPPROTO_TCP)
          = 3 // an end
      +0 close(3) = 0 +1 close(3) = -1 EBADF (Bad file descriptor)
      """)
    #expect(parsed.codes == [])
    #expect(parsed.calls.map(\.name) == ["socket", "close", "close"])
    #expect(parsed.calls.last?.error == "EBADF")
  }

  @Test("a TCP packet is flags, sequence, ack, window, urgent pointer and options")
  func segment() throws {
    let parsed = ParsedDrill("0 < FP. 1:1001(1000) ack 5 win 257 urg 9 <nop,nop,sack 1:2 4:6>")
    #expect(parsed.codes == [])
    let segment = try #require(parsed.segments.first)
    #expect(segment.flags == 0x19)
    #expect(segment.sequence.start == 1 && segment.sequence.octets == 1000)
    #expect(segment.acknowledgment == 5 && segment.window == 257 && segment.urgentPointer == 9)
    #expect(
      segment.options == [
        .nop, .nop, .sack([DrillBlock(start: 1, end: 2), DrillBlock(start: 4, end: 6)]),
      ])
  }

  @Test(
    "all flags are known, none is `-`, and a digit is the ACE field",
    arguments: [
      ("-", 0), (".", 0x10), ("S", 2), ("S.", 0x12), ("FSRPU.", 0x3F), ("SEW", 0xC2),
      ("SEWA", 0x1C2),
      (".5", 0x150), ("S.2", 0x92), ("P.", 0x18),
    ] as [(String, UInt16)])
  func flags(text: String, value: UInt16) {
    let parsed = ParsedDrill("0 > \(text) 1:1(0) ack 1")
    #expect(parsed.codes == [])
    #expect(parsed.segments.first?.flags == value)
  }

  @Test("a sequence may be ignored, absolute or near the end of its space")
  func sequences() {
    let parsed = ParsedDrill(
      """
      0 > . ...(10) ack 1
      +0 > . 7:9 (2)! ack 1
      +0 > . 4294967295:0(1) ack 1
      """)
    #expect(parsed.codes == [])
    #expect(parsed.segments.map { $0.sequence.text } == ["...(10)", "7:9(2)!", "4294967295:0(1)"])
  }

  @Test("`<...>` compares no options, nothing at all expects none")
  func options() {
    let parsed = ParsedDrill("0 > . 1:1(0) ack 1 <...>\n+0 > . 1:1(0) ack 1")
    #expect(parsed.codes == [])
    #expect(parsed.segments.map(\.options) == [nil, []])
  }

  @Test(
    "every option is read and written back",
    arguments: [
      "mss 1460", "nop,wscale 7", "sackOK,eol,eol", "nop,nop,TS val 100 ecr 0",
      "nop,nop,TS val ... ecr 7!", "FO 0102030405060708,nop,nop", "FOEXP aabbccdd", "FO,nop,nop",
      "md5 000102030405060708090a0b0c0d0e0f,nop,nop", "md5,nop,nop", "kind_28 0102",
    ])
  func option(text: String) {
    let parsed = ParsedDrill("0 > . 1:1(0) ack 1 <\(text)>")
    #expect(parsed.codes == [])
    #expect(parsed.packets.first?.text == "> . 1:1(0) ack 1 <\(text)>")
  }

  @Test("a hexadecimal number stands where a decimal one may, and `exp-FO` for `FOEXP`")
  func spellings() {
    let parsed = ParsedDrill(
      "0 > . 1:1(0) <nop,nop,TS val 0x10 ecr 0x2>\n+0 > S 0:0(0) <exp-FO,mss 1460>")
    #expect(parsed.codes == [])
    #expect(
      parsed.segments.first?.options?.last
        == .timestamps(value: 16, echo: 2, isEchoAbsolute: false))
    let counters = ParsedDrill("0 > [ect0] EA. 1:1(0) ack 1 <ECN e1b 1 ceb 0 e0b 258,nop>")
    #expect(counters.codes == [])
    #expect(
      counters.segments.first?.options
        == [.other(kind: 174, octets: [0, 0, 1, 0, 0, 0, 0, 1, 2]), .nop])
    #expect(
      parsed.segments.last?.options?.first == .fastOpen(cookie: [], isExperimental: true))
  }

  @Test("fields of the IP header stand in brackets or parentheses, ports in front of the flags")
  func network() throws {
    let parsed = ParsedDrill(
      """
      0 < [ect0] . 1:1(0) ack 1 win 1
      +0 < (ttl 3) S 0:0(0) win 1
      +0 > [tos 0x10] 8080 > 4000 . 1:1(0) ack 1
      +0 > [ect01] . 1:1(0) ack 1
      +0 < [noecn] . 1:1(0) win 1
      +0 < (ce) . 1:1(0) win 1
      """)
    #expect(parsed.codes == [])
    let packets = parsed.packets
    #expect(packets.map { $0.ip.ecn } == [2, nil, nil, nil, 0, 3])
    #expect(packets[1].ip.timeToLive == 3 && packets[2].ip.typeOfService == 16)
    #expect(packets[3].ip.isAnyECT)
    let ports = try #require(packets[2].ports)
    #expect(ports == (8080, 4000))
  }

  @Test("an ICMP packet has a type, a code, an MTU and what it quotes, in front or behind")
  func messages() {
    let parsed = ParsedDrill(
      """
      0 < icmp unreachable frag_needed mtu 1200 [1:1001(1000)]
      +0 < [-1:-1(0)] icmp unreachable port_unreachable
      +0 < icmp time_exceeded ttl_exceeded_in_transit
      +0 < icmp type_255 code_7 id 9
      +0 < icmp source_quench
      """)
    #expect(parsed.codes == [])
    #expect(
      parsed.packets.map(\.text) == [
        "< icmp unreachable frag_needed mtu 1200 [1:1001(1000)]",
        "< icmp unreachable port_unreachable [4294967295:4294967295(0)]",
        "< icmp time_exceeded ttl_exceeded_in_transit", "< icmp type_255 code_7 id 9",
        "< icmp source_quench code_0",
      ])
  }

  @Test("what is not run is named, and costs its own event only")
  func unsupported() {
    let parsed = ParsedDrill(
      """
      0 < udp (100)
      +0 > sctp: INIT[flgs=0, tag=1,
            a_rwnd=1500]
      +0 < gre: . 1:1(0) win 1
      +0 < mpls (label 0, tc 0, [S], ttl 0): . 1:1(0) win 1
      +0 > ipv6 2001:db8::1 > 2001:db8::2: . 1:1(0)
      +0 < icmp unreachable [udp (10)]
      +0 > . 1:1(0) ack 1 /udp(9899 > 1)
      +0 > udplite (1, 2)
      +0 < icmp packet_too_big mtu 1400 [0:1440(1440)]
      +0 < S 0:0(0) win 1 <mp_capable a>
      +0 < P. 1:21(20) ack 1 win 257 {rep ipv4 version_ihl 0x35}
      +0 < ipv4 2.2.2.2 > 1.1.1.1: gre:
           mpls (label 0, tc 0, ttl 0) (label 1, tc 7, [S], ttl 255): . 1:1(0) ack 1 win 123
      +0 close(3) = 0
      """)
    #expect(parsed.codes == [])
    #expect(
      parsed.unsupported == [
        "UDP packets", "SCTP packets", "GRE", "MPLS", "packets in packets",
        "ICMP about other protocols than TCP", "TCP in UDP", "UDP-Lite packets",
        "ICMPv6 packets", "MPTCP", "fuzzed packets", "packets in packets",
      ])
    #expect(parsed.calls.map(\.name) == ["close"])
  }

  @Test(
    "a call is read with all kinds of values",
    arguments: [
      "socket(..., SOCK_STREAM, 0) = 3", "close(3) = -1 EBADF", "getpid() = ?",
      "getsockopt(3, SOL_SOCKET, SO_ERROR, [ECONNREFUSED], [4]) = 0",
      "fcntl(3, F_SETFL, O_RDWR | O_NONBLOCK) = 0", "fcntl(3, F_SETFL, O_RDWR | 4) = 0",
      "write(3, \"a\\\"b\\n\", 4) = 4",
      "setsockopt(3, SOL_SOCKET, SO_LINGER, {onoff=1, linger=0}, 8) = 0",
      "bind(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr(\"1.2.3.4\")}, 16) = 0",
      "sendmsg(3, {msg_name(...)=..., msg_iov(1)=[{..., 4}], msg_flags=0}, 0) = 4",
      "poll([{fd=3, events=POLLIN, revents=0}], 1, 100) = 0", "ioctl(3, SIOCINQ, [-5]) = 0",
      "f([]) = 0",
    ])
  func call(text: String) {
    let parsed = ParsedDrill("0 \(text)")
    #expect(parsed.codes == [])
    #expect(parsed.calls.first?.text == text)
  }

  @Test("hexadecimal numbers, notes and texts that follow each other are read")
  func values() {
    let parsed = ParsedDrill(
      """
      0 fcntl(3, F_GETFL) = 0x2 (flags O_RDWR)
      +0 write(3, "ab" "\\x41", 0x10|1) = 3
      +0 read(3, ..., 1) = -1 EAGAIN (Resource isn't there, try again!)
      """)
    #expect(parsed.codes == [])
    #expect(parsed.calls.map(\.result) == [.integer(2), .integer(3), .integer(-1)])
    #expect(parsed.calls[1].arguments == [.integer(3), .text("abA"), .integer(17)])
  }

  @Test("commands go over lines, the first and the last need no time, code loses its blanks")
  func commands() {
    let parsed = ParsedDrill(
      """
      `sysctl a
       sysctl b`
      0 `c`
      +0 %{ assert tcpi_state == 1 }%
      `clean up`
      """)
    #expect(parsed.codes == [])
    let events = parsed.script.events
    #expect(events.map { $0.time.isUntimed } == [true, false, false, true])
    if case .command(let text) = events[0].action { #expect(text == "sysctl a\n sysctl b") }
    if case .code(let text) = events[2].action { #expect(text == "assert tcpi_state == 1") }
  }

  @Test("`#ifdef` keeps what its name asks for")
  func conditions() {
    let text = """
      0 close(1) = 0
      #ifdef STANDARD
      +0 close(2) = 0
      #endif
      #ifdef FreeBSD
      +0 close(3) = 0
      #endif
      """
    let free = ParsedDrill(text, defines: ["FreeBSD"])
    #expect(free.codes == [])
    #expect(free.calls.map(\.arguments) == [[.integer(1)], [.integer(3)]])
    #expect(ParsedDrill(text).calls.count == 1)
    #expect(ParsedDrill("--define=STANDARD\n" + text).calls.count == 2)
  }

  @Test("a defined word stands for its value")
  func symbols() {
    let parsed = ParsedDrill("--define=CC=\"reno\"\n--define=N=5\n0 f(CC, N, M) = 0")
    #expect(parsed.codes == [])
    #expect(parsed.calls.first?.arguments == [.text("reno"), .integer(5), .symbols(["M"])])
  }

  @Test("the options at the top are read")
  func settings() {
    let parsed = ParsedDrill(
      """
      --ip_version=ipv4
      --tolerance_usecs=75000
      --tolerance_percent=12.5
      --mtu=1400
      --mss=1000
      --tcp_ts_tick_usecs=1000
      --local_ip=10.0.0.1/8
      --remote_ip=10.1.0.1
      --bind_port=80
      --connect_port=81
      --non_fatal=packet
      --dry_run
      0 close(3) = 0
      """)
    #expect(parsed.codes == [])
    let options = parsed.script.options
    #expect(options.tolerance == .milliseconds(75) && options.tolerancePart == 1250)
    #expect(options.mtu == 1400 && options.mss == 1000)
    #expect(options.timestampTick == .milliseconds(1))
    #expect(options.localAddress == .init(10, 0, 0, 1) && options.prefixLength == 8)
    #expect(options.remoteAddress == .init(10, 1, 0, 1))
    #expect(options.bindPort == 80 && options.connectPort == 81)
    #expect(options.ignored.map(\.name) == ["non_fatal", "dry_run"])
  }
}
