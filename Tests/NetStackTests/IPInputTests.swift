// What arrives: headers judged, options, broadcasts, groups. RFC 791, RFC 1122 §3.2.1; ip_input,
// ip_dooptions.

import Testing
import Wire

@testable import NetStack

@Suite struct IPInputTests {
  let bench = InternetBench()
  let echo = Packet.icmp(ICMPType.echoRequest, rest: 0x0001_0002, Packet.pattern(8))

  @Test("RFC 1122 3.2.1: each fault of a header has a counter")
  func faults() {
    bench.receive(Packet.ip(1, echo) { $0.version = 6 })
    #expect(bench.statistics.ip.badVersion == 1)
    bench.receive(Packet.ip(1, echo) { $0.headerOctets = 16 })
    #expect(bench.statistics.ip.badHeaderLength == 1)
    bench.receive(Packet.ip(1, echo) { $0.headerOctets = 60 })
    #expect(bench.statistics.ip.badHeaderLength == 2)
    var damaged = Packet.ip(1, echo)
    damaged[8] ^= 1
    bench.receive(damaged)
    #expect(bench.statistics.ip.badSum == 1)
    bench.receive(Packet.ip(1, echo) { $0.totalLength = 19 })
    #expect(bench.statistics.ip.badLength == 1)
    bench.receive(Packet.ip(1, echo) { $0.totalLength = 400 })
    #expect(bench.statistics.ip.tooShort == 1)
    bench.receive(Array(Packet.ip(1, echo)[..<19]))
    #expect(bench.statistics.ip.tooSmall == 1)
    #expect(bench.sent.isEmpty)
    #expect(bench.statistics.ip.total == 7)
  }

  @Test("RFC 1122 3.3.6: the subnet's broadcast, its old form, the net's and the limited are ours")
  func broadcasts() {
    let socket = bench.socket(.datagram, port: 9)
    for address in [
      IPv4Address(10, 0, 0, 255), IPv4Address(10, 0, 0, 0), IPv4Address(10, 255, 255, 255),
      .broadcast,
    ] {
      let udp = Packet.udp([1, 2], destination: address)
      bench.receive(Packet.ip(17, udp, to: address), to: .broadcast)
      #expect(bench.read(socket) == [1, 2])
    }
  }

  @Test("RFC 1112 7.2: a group is heard by those who have joined it, on that interface")
  func groups() {
    let socket = bench.socket(.datagram, port: 9)
    let group = IPv4Address(224, 0, 0, 9)
    let packet = Packet.ip(17, Packet.udp([7], destination: group), to: group)
    bench.receive(packet, to: .ofGroup(group))
    #expect(bench.statistics.ip.notMember == 1)
    #expect(bench.enter { $0.joinGroup(socket, group, interface: 0) } == nil)
    bench.receive(packet, to: .ofGroup(group))
    #expect(bench.read(socket) == [7])
    bench.enter { _ = $0.soClose(socket) }
    bench.receive(packet, to: .ofGroup(group))
    #expect(bench.statistics.ip.notMember == 2)
    #expect(bench.enter { $0.joinGroup(0, .any, interface: 0) } == .EINVAL)
  }

  @Test("RFC 791 3.1: record route has our address, and stays in the answer")
  func recordRoute() {
    bench.receive(Packet.ip(1, echo, options: [7, 11, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0]))
    let answer = bench.sent.last
    #expect(answer?.icmp?.type == ICMPType.echoReply)
    #expect(answer.map { Array($0.packet[20..<28]) } == [7, 11, 8, 10, 0, 0, 1, 0])
    #expect(answer?.packet[..<32].withUnsafeBytes { InternetChecksum.of($0) } == 0)
  }

  @Test("RFC 791 3.1: timestamps are written with and without the address, and overflow is counted")
  func timestamps() {
    bench.run(until: Instant(nanoseconds: 5_000_000_000))
    bench.receive(Packet.ip(1, echo, options: [68, 8, 5, 0, 0, 0, 0, 0]))
    #expect(bench.sent.last.map { Array($0.packet[20..<28]) } == [68, 8, 9, 0, 0, 0, 0x13, 0x88])
    bench.receive(Packet.ip(1, echo, options: [68, 12, 5, 1, 0, 0, 0, 0, 0, 0, 0, 0]))
    #expect(
      bench.sent.last.map { Array($0.packet[20..<32]) }
        == [68, 12, 13, 1, 10, 0, 0, 1, 0, 0, 0x13, 0x88])
    bench.receive(Packet.ip(1, echo, options: [68, 8, 9, 0, 1, 2, 3, 4]))
    #expect(bench.sent.last.map { Array($0.packet[20..<24]) } == [68, 8, 9, 0x10])
    bench.receive(Packet.ip(1, echo, options: [68, 8, 9, 0xF0, 1, 2, 3, 4]))
    #expect(bench.sent.last?.icmp?.type == ICMPType.parameterProblem)
  }

  @Test("RFC 1122 3.2.2.5: an option that lies about its length is told by a parameter problem")
  func lies() {
    let lies: [[UInt8]] = [
      [7, 0, 4, 0], [7, 40, 4, 0], [1, 1, 1, 7], [7, 4, 3, 0], [131, 3, 0, 0], [68, 4, 5, 0],
      [68, 8, 5, 7, 0, 0, 0, 0], [7, 1, 4, 0],
    ]
    let pointers: [UInt32] = [21, 21, 24, 22, 22, 20, 20, 21]
    for (options, pointer) in zip(lies, pointers) {
      bench.receive(Packet.ip(1, echo, options: options))
      #expect(bench.sent.last?.icmp?.type == ICMPType.parameterProblem)
      #expect(bench.sent.last.map { $0.icmp?.rest == pointer << 24 } == true)
    }
    #expect(bench.statistics.ip.badOptions == Int64(lies.count))
  }

  @Test("options that fill the header and end nowhere are walked once")
  func looping() {
    bench.receive(Packet.ip(1, echo, options: [UInt8](repeating: 1, count: 40)))
    #expect(bench.sent.last?.icmp?.type == ICMPType.echoReply)
    bench.receive(Packet.ip(1, echo, options: [0] + [UInt8](repeating: 255, count: 39)))
    #expect(bench.sent.last?.icmp?.type == ICMPType.echoReply)
  }

  @Test("RFC 1122 3.2.1.8: a source route through us is refused, unless the host follows them")
  func sourceRoutes() {
    let route: [UInt8] = [131, 7, 4, 10, 0, 1, 2, 0]
    let router = InternetBench(interfaces: 2)
    router.tunables.forwards = true
    router.receive(Packet.ip(1, echo, options: route))
    #expect(router.sent.last?.icmp?.code == ICMPUnreachable.sourceRouteFailed)
    router.tunables.followsSourceRoutes = true
    router.receive(Packet.ip(1, echo, options: route))
    #expect(router.sent.last?.ip?.destination == IPv4Address(10, 0, 1, 2))
    #expect(router.sent.last.map { Array($0.packet[20..<27]) } == [131, 7, 8, 10, 0, 1, 1])
    #expect(router.sent.last?.ip?.timeToLive == 63)
    // At its end it is for us, and the answer goes back over the stations.
    router.receive(Packet.ip(1, echo, options: [131, 7, 8, 10, 0, 0, 2, 0]))
    #expect(router.sent.last?.icmp?.type == ICMPType.echoReply)
    #expect(router.sent.last.map { Array($0.packet[20..<27]) } == [131, 7, 4, 10, 0, 0, 2])
  }

  @Test("ip_stripoptions: UDP and TCP see a header of twenty octets")
  func stripped() {
    let socket = bench.socket(.datagram, port: 9)
    bench.receive(Packet.ip(17, Packet.udp([5, 6, 7]), options: [1, 1, 1, 0]))
    #expect(bench.read(socket) == [5, 6, 7])
    var tcp = [UInt8](repeating: 0, count: 20)
    tcp.withUnsafeMutableBytes {
      TCPHeader(
        sourcePort: 1, destinationPort: 2, sequence: SequenceNumber(0),
        acknowledgment: SequenceNumber(0), flags: .syn, window: 100
      ).write(to: $0.baseAddress!)
    }
    bench.receive(Packet.ip(6, tcp, options: [1, 1, 1, 0]))
    #expect(bench.statistics.tcpBadSum == 1, "it has been found behind the options")
  }
}
