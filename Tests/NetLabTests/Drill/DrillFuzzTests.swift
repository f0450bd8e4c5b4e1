// Scripts with anything in them, played: whatever one says, it ends with a verdict.
//
// NETSCRIPT_DRILLS=2000 plays so many, from another seed each time it is another number.

import NetLab
import NetScript
import NetStack
import Testing

import struct Foundation.Data
import class Foundation.FileManager
import class Foundation.ProcessInfo
import struct Foundation.URL

/// Ends a run that has gone on for long enough.
private final class Patience: RunMonitor {
  private var pulses = 0

  func pulse(now: Instant, events: Int64) -> RunOrder {
    pulses += 1
    return pulses > 40 ? .outOfTime : .goOn
  }
}

@Suite("Packetdrill scripts, changed at random and played")
struct DrillFuzzTests {
  /// Our own scripts, and one with what they do without.
  private static let seeds: [[UInt8]] = {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Packetdrill")
    let names = FileManager.default.enumerator(atPath: folder.path)?.allObjects as? [String] ?? []
    let scripts = names.filter { $0.hasSuffix(".pkt") }.sorted().compactMap { name in
      (try? Data(contentsOf: folder.appendingPathComponent(name))).map { Array($0) }
    }
    return scripts + [Array(sample.utf8), Array(sample.utf8)]
  }()

  private static let sample = """
    --mtu=1500
    --tolerance_usecs=10000
    0 `sysctl -w net.inet.tcp.sack.enable=1`
    +0 `sysctl -w net.inet.tcp.delacktime=40`
    +0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
    +0 setsockopt(3, SOL_SOCKET, SO_RCVBUF, [65536], 4) = 0
    +0 setsockopt(3, SOL_SOCKET, SO_LINGER, {onoff=1, linger=0}, 8) = 0
    +0 setsockopt(3, IPPROTO_IP, IP_TTL, [40], 4) = 0
    +0 bind(3, ..., ...) = 0
    +0 listen(3, 1) = 0
    +0 < [ect0] S 0:0(0) win 32792 <mss 1460,sackOK,TS val 0x64 ecr 0,nop,wscale 7>
    * > S. 0:0(0) ack 1 <...>
    +.1 < . 1:1(0) ack 1 win 257 <nop,nop,TS val 101 ecr 100>
    +0 accept(3, ..., ...) = 4
    +0 fcntl(4, F_GETFL) = 0x2 (flags O_RDWR)
    +0 write(4, ..., 5000) = 5000
    * > . 1:1449(1448) ack 1 <...>
    * > . 1449:2897(1448) ack 1 <...>
    +0 < . 1:1(0) ack 1449 win 257 <nop,nop,TS val 102 ecr 100>
    +0 < U. 1001:2001(1000) ack 1 win 257 urg 9 <nop,nop,sack 1:2 3:4>
    +0 < icmp unreachable frag_needed mtu 600 [1:1449(1448)]
    +0 < icmp source_quench [0:0(0)]
    +0 `sockstat -4 -P tcp -p 8080 -s | grep -c ESTABLISHED | grep 1`
    +0 getsockopt(4, SOL_SOCKET, SO_ERROR, [0], [4]) = 0
    +0 %{ assert tcpi_state == TCPI_ESTABLISHED }%
    +0 poll([{fd=4, events=POLLOUT, revents=POLLOUT}], 1, 100) = 1
    +0 ioctl(4, FIONREAD, [0]) = 0
    +0 shutdown(4, SHUT_WR) = 0
    +0 `tcpdrop -a`
    +0...0.2 read(4, ..., 100) = -1 ECONNRESET (Connection reset by peer)
    +0 socket(..., SOCK_STREAM | SOCK_NONBLOCK, IPPROTO_TCP) = 5
    +0 connect(5, ..., ...) = -1 EINPROGRESS (Operation now in progress)
    +0~+1 > S 0:0(0) <...>
    +0 < S. 0:0(0) ack 1 win 5000 <mss 1000>
    +0 close(5) = 0
    +0 close(4) = 0
    """

  /// Small numbers, those at the ends of what a field holds, and words that are understood.
  private static let pieces = [
    "0", "1", "2", "3", "4", "-1", "255", "256", "1447", "65535", "65536", "2147483647",
    "4294967295", "9223372036854775807", "...", "*", "+0.5", "31535999", "S", "F.", "R.", "-", ".",
    "[1]", "[]", "{}", "SHUT_RD", "MSG_PEEK", "MSG_OOB", "O_NONBLOCK", "SO_ERROR", "TCP_NODELAY",
    "TCP_MAXSEG", "SO_SNDBUF", "accept", "close", "read", "write", "connect", "listen", "socket",
    "<", ">", "0:0(0)", "1:65535(65534)", "<...>", "wscale 14", "mss 0", "mss 1", "sack 9:8",
  ]

  @Test("whatever is changed, a script that parses is played to a verdict")
  func changed() throws {
    let asked = ProcessInfo.processInfo.environment["NETSCRIPT_DRILLS"].flatMap(UInt64.init)
    let rounds = asked ?? 150
    var state: UInt64 = rounds
    func random(_ limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % max(limit, 1)
    }
    let profiles = ["freebsd", "bsd44", "linux_peer"]
    let labs = try profiles.map {
      try #require(DrillLab(profile: $0, strictness: .window, refusesRest: true).prepared())
    }
    var played = 0
    for round in 0..<Int(rounds) {
      var words = split(Self.seeds[random(Self.seeds.count)])
      for _ in 0...random(5) {
        let place = random(words.count)
        switch random(4) {
        case 0, 1: words[place] = Self.pieces[random(Self.pieces.count)]
        case 2: words.remove(at: place)
        default: words.insert(words[random(words.count)], at: place)
        }
      }
      let octets = Array(words.joined().utf8)
      let report = labs[round % labs.count].run(
        name: "x.pkt", octets: octets, monitor: Patience())
      if report != nil { played += 1 }
    }
    #expect(played > Int(rounds) / 10)
  }

  /// Words and numbers, and what is between them.
  private func split(_ octets: [UInt8]) -> [String] {
    var words: [String] = []
    var word: [UInt8] = []
    func isNamed(_ octet: UInt8) -> Bool {
      (48...57).contains(octet) || (65...90).contains(octet) || (97...122).contains(octet)
        || octet == 95 || octet == 46
    }
    for octet in octets {
      if let last = word.last, isNamed(last) != isNamed(octet) || octet == 10 || last == 10 {
        words.append(String(decoding: word, as: UTF8.self))
        word = []
      }
      word.append(octet)
    }
    return words + [String(decoding: word, as: UTF8.self)]
  }
}
