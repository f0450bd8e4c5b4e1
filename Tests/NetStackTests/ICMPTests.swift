// ICMP: RFC 792, RFC 950, RFC 1122 §3.2.2; icmp_input, icmp_error, icmp_reflect.

import Testing
import Wire

@testable import NetStack

@Suite struct ICMPTests {
  let bench = InternetBench()
  let udp = Packet.udp(Packet.pattern(20), to: 77)

  @Test("RFC 1122 3.2.2.6: an echo request is answered with its data, from where it was asked")
  func echo() {
    let data = Packet.pattern(100)
    bench.receive(Packet.ip(1, Packet.icmp(8, rest: 0x1234_0001, data)))
    let answer = bench.sent.last
    #expect(answer?.icmp?.type == 0)
    #expect(answer?.icmp?.rest == 0x1234_0001)
    #expect(answer.map { Array($0.payload.dropFirst(8)) } == data)
    #expect(answer?.payload.withUnsafeBytes { InternetChecksum.of($0) } == 0)
    #expect(bench.statistics.icmp.reflected == 1)
  }

  @Test("icmp_reflect, rip_output: whatever ICMP sends leaves with MAXTTL")
  func timeToLive() {
    bench.receive(Packet.ip(1, Packet.icmp(8)))
    bench.receive(Packet.ip(17, udp))
    _ = bench.send(8, from: bench.socket(.icmp), to: InternetBench.far)
    #expect(bench.sent.compactMap(\.icmp).map(\.type) == [0, 3, 8])
    #expect(bench.sent.compactMap(\.ip).map(\.timeToLive) == [255, 255, 255])
  }

  @Test("icmpbmcastecho: echo requests to everybody are answered, or not")
  func broadcastEcho() {
    let all = IPv4Address(10, 0, 0, 255)
    let request = Packet.ip(1, Packet.icmp(8), to: all)
    bench.receive(request, to: .broadcast)
    #expect(bench.sent.last?.ip?.source == InternetBench.own)
    bench.tunables.answersBroadcastEcho = false
    bench.receive(request, to: .broadcast)
    #expect(bench.sent.count == 1)
    #expect(bench.statistics.icmp.broadcastEchoes == 1)
  }

  @Test("RFC 1122 3.2.2.8: a timestamp request is answered with the time of day")
  func timestamp() {
    bench.run(until: Instant(nanoseconds: 7_000_000_000))
    bench.receive(Packet.ip(1, Packet.icmp(13, [UInt8](repeating: 9, count: 12))))
    #expect(bench.sent.last?.icmp?.type == 14)
    #expect(
      bench.sent.last.map { Array($0.payload.dropFirst(8)) }
        == [9, 9, 9, 9, 0, 0, 0x1B, 0x58, 0, 0, 0x1B, 0x58])
    bench.receive(Packet.ip(1, Packet.icmp(13, [1, 2, 3, 4])))
    #expect(bench.sent.count == 1 && bench.statistics.icmp.badLength == 1)
  }

  @Test("RFC 950, icmpmaskrepl: a mask request is answered where the host is told to")
  func mask() {
    let request = Packet.ip(1, Packet.icmp(17, [0, 0, 0, 0]))
    bench.receive(request)
    #expect(bench.sent.isEmpty)
    bench.tunables.answersMask = true
    bench.receive(request)
    #expect(bench.sent.last?.icmp?.type == 18)
    #expect(bench.sent.last.map { Array($0.payload.suffix(4)) } == [255, 255, 255, 0])
  }

  @Test("RFC 1122 4.1.3.1: a datagram for nobody is port unreachable, with header and 8 octets")
  func portUnreachable() {
    let packet = Packet.ip(17, udp)
    bench.receive(packet)
    #expect(bench.sent.last?.icmp?.type == 3)
    #expect(bench.sent.last?.icmp?.code == 3)
    #expect(bench.sent.last.map { Array($0.payload.dropFirst(8)) } == Array(packet.prefix(28)))
    #expect(bench.statistics.udp.noPort == 1)
    #expect(bench.statistics.icmp.sent[3] == 1)
  }

  @Test("RFC 1122 3.2.2: never about an error, a later fragment, a broadcast or from nobody")
  func never() {
    let error = Packet.icmp(3, code: 3, Array(Packet.ip(17, udp).prefix(28)))
    bench.tunables.reportsProtocol = true
    bench.receive(Packet.ip(1, error, options: [7, 40, 4, 0]))
    #expect(bench.statistics.icmp.oldICMP == 1)
    bench.receive(Packet.ip(17, udp, to: IPv4Address(10, 0, 0, 255)), to: .broadcast)
    bench.receive(Packet.ip(17, udp), to: .broadcast)
    bench.receive(Packet.ip(99, udp, from: .any))
    bench.receive(Packet.ip(99, udp, from: IPv4Address(224, 0, 0, 5)))
    bench.receive(Packet.ip(99, udp, from: IPv4Address(10, 0, 0, 255)))
    bench.receive(Packet.ip(99, udp, options: [7, 40, 4, 0]) { $0.fragmentOffset = 80 })
    #expect(bench.sent.isEmpty)
  }

  @Test("RFC 1122 3.2.2.1: protocol unreachable is a switch; BSD counts and is silent")
  func protocolUnreachable() {
    bench.receive(Packet.ip(99, udp))
    #expect(bench.sent.isEmpty && bench.statistics.ip.noProtocol == 1)
    bench.tunables.reportsProtocol = true
    bench.receive(Packet.ip(99, udp))
    #expect(bench.sent.last?.icmp?.code == ICMPUnreachable.protocol)
  }

  @Test("icmplim: so many errors a second, the rest is counted")
  func limit() {
    bench.tunables.errorLimit = 3
    for _ in 0..<10 { bench.receive(Packet.ip(17, udp)) }
    #expect(bench.sent.count == 3 && bench.statistics.icmp.limited == 7)
    bench.run(for: .seconds(1))
    bench.receive(Packet.ip(17, udp))
    #expect(bench.sent.count == 4)
  }

  @Test("icmp_input: a bad checksum, a short message and an unknown code are counted")
  func bad() {
    var broken = Packet.icmp(8)
    broken[4] ^= 1
    bench.receive(Packet.ip(1, broken))
    #expect(bench.statistics.icmp.badSum == 1)
    bench.receive(Packet.ip(1, [8, 0, 0]))
    #expect(bench.statistics.icmp.tooShort == 1)
    bench.receive(Packet.ip(1, Packet.icmp(3, code: 40, Packet.pattern(28))))
    #expect(bench.statistics.icmp.badCode == 1)
    bench.receive(Packet.ip(1, Packet.icmp(3, code: 1, Packet.pattern(10))))
    #expect(bench.statistics.icmp.badLength == 1)
    #expect(bench.sent.isEmpty)
  }

  @Test("in_pcbnotify: a connected UDP socket hears ECONNREFUSED of a port unreachable, once")
  func refused() {
    let socket = bench.socket(.datagram, port: 5)
    let result = bench.enter { $0.soConnect(socket, InternetBench.far, 9) }
    #expect(result == CallResult.none)
    #expect(bench.send(10, from: socket, to: InternetBench.far) == .error(.EISCONN))
    #expect(bench.send(10, from: socket, to: .any, port: 0) == .octets(10))
    let quoted = Array(bench.sent.last!.packet.prefix(28))
    bench.receive(Packet.ip(1, Packet.icmp(3, code: 3, quoted)))
    #expect(bench.send(10, from: socket, to: .any, port: 0) == .error(.ECONNREFUSED))
    #expect(bench.send(10, from: socket, to: .any, port: 0) == .octets(10))
  }

  @Test("a request longer than the link is answered in fragments")
  func long() {
    let request = Packet.icmp(8, rest: 1, Packet.pattern(4000))
    for piece in Packet.fragments(1, request, every: 1480) { bench.receive(piece) }
    #expect(bench.sent.count == 3)
    #expect(bench.sent.compactMap(\.ip).map(\.fragmentOffset) == [0, 1480, 2960])
    #expect(bench.host.state.mbufPool.free == 512)
  }
}
