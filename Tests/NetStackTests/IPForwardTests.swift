// Packets for others: RFC 1812 §5.2, RFC 1122 §3.3.1, RFC 792; ip_forward, rtredirect.

import Testing
import Wire

@testable import NetStack

@Suite struct IPForwardTests {
  let router = InternetBench(interfaces: 2)
  let beyond = IPv4Address(10, 0, 1, 2)

  init() { router.tunables.forwards = true }

  private func packet(
    to destination: IPv4Address, _ size: Int = 100, _ adjust: (inout IPv4Header) -> Void = { _ in }
  ) -> [UInt8] {
    Packet.ip(17, Packet.udp(Packet.pattern(size)), to: destination, adjust)
  }

  @Test("RFC 1812 5.3.1: a packet goes on with a hop less and a new checksum")
  func forwarded() {
    router.receive(packet(to: beyond))
    let sent = router.sent.last
    #expect(sent?.interface == 1)
    #expect(sent?.ethernet.destination == InternetBench.farMAC)
    #expect(sent?.ip?.timeToLive == 63)
    #expect(sent?.packet.withUnsafeBytes(IPv4Header.isSound) == true)
    #expect(router.statistics.ip.forwarded == 1)
    #expect(router.host.state.mbufPool.free == 512)
  }

  @Test("ipforwarding is off by default: what is for others is counted and freed")
  func off() {
    router.tunables.forwards = false
    router.receive(packet(to: beyond))
    #expect(router.sent.isEmpty)
    #expect(router.statistics.ip.cannotForward == 1)
  }

  @Test("RFC 792: a packet whose hops are used up is told of, type 11 code 0")
  func expired() {
    router.receive(packet(to: beyond) { $0.timeToLive = 1 })
    #expect(router.sent.last?.icmp?.type == ICMPType.timeExceeded)
    #expect(router.sent.last?.icmp?.code == 0)
    #expect(router.sent.last?.ip?.destination == InternetBench.far)
    #expect(router.sent.last?.ip?.source == InternetBench.own)
  }

  @Test("RFC 1812 5.3.5: no broadcast is forwarded, nor a group, nor what came as one")
  func broadcasts() {
    router.receive(packet(to: IPv4Address(10, 0, 9, 9)), to: .broadcast)
    router.receive(packet(to: IPv4Address(224, 1, 1, 1)), to: .ofGroup(IPv4Address(224, 1, 1, 1)))
    router.receive(packet(to: IPv4Address(127, 0, 0, 5)))
    router.receive(packet(to: IPv4Address(0, 0, 0, 5)))
    #expect(router.sent.isEmpty)
    #expect(router.statistics.ip.cannotForward == 3)
    #expect(router.statistics.ip.notMember == 1)
  }

  @Test("RFC 792: no way is host unreachable")
  func noRoute() {
    router.receive(packet(to: IPv4Address(192, 168, 0, 1)))
    #expect(router.sent.last?.icmp?.type == ICMPType.unreachable)
    #expect(router.sent.last?.icmp?.code == ICMPUnreachable.host)
  }

  @Test("RFC 1191 4: a packet too long that may not be cut is told of, with what would fit")
  func tooBig() {
    router.enter { $0.interfaces[1].mtu = 576 }
    router.receive(packet(to: beyond, 1000) { $0.dontFragment = true })
    #expect(router.sent.last?.icmp?.code == ICMPUnreachable.fragmentationNeeded)
    #expect(router.sent.last?.icmp?.nextHopMTU == 576)
    #expect(router.statistics.ip.cannotFragment == 1)
    router.receive(packet(to: beyond, 1000))
    #expect(router.sent.suffix(2).compactMap(\.ip).map(\.totalLength) == [572, 476])
  }

  @Test("RFC 1122 3.2.2.3: a full interface queue is a source quench")
  func quench() {
    router.enter { $0.interfaces[1].queueLength = 49 }
    router.enter { kernel in
      kernel.interfaces[1].queueLength = 49
      let whole = packet(to: beyond)
      guard let mbuf = kernel.mGet(.rx, at: .refill, header: true) else { return }
      _ = kernel.mclGet(mbuf, .rx, at: .refill)
      whole.withUnsafeBytes {
        kernel.data(mbuf).copyMemory(from: $0.baseAddress!, byteCount: whole.count)
      }
      kernel.mbuf(mbuf).pointee.length = Int32(whole.count)
      kernel.mbuf(mbuf).pointee.packetLength = Int32(whole.count)
      kernel.mbuf(mbuf).pointee.interface = 0
      kernel.ipInput(mbuf)
      kernel.interfaces[1].queueLength = 0
    }
    #expect(router.sent.last?.icmp?.type == ICMPType.sourceQuench)
  }

  @Test("RTF_GATEWAY: a route's packets go to its gateway; the longest prefix wins")
  func gateways() {
    let gateway = IPv4Address(10, 0, 1, 7)
    let mac = MACAddress(rawValue: 0x0200_0000_0707)
    router.know(gateway, on: 1, mac)
    #expect(
      router.host.addRoute(
        to: IPv4Address(172, 16, 0, 0), prefixLength: 12, by: gateway, &router.context))
    #expect(
      router.host.addRoute(
        to: IPv4Address(172, 16, 5, 0), prefixLength: 24, by: InternetBench.far, &router.context))
    router.receive(packet(to: IPv4Address(172, 17, 0, 1)))
    #expect(router.sent.last?.ethernet.destination == mac)
    #expect(router.sent.last?.ip?.destination == IPv4Address(172, 17, 0, 1))
    router.receive(packet(to: IPv4Address(172, 16, 5, 1)), on: 1)
    #expect(router.sent.last?.interface == 0)
    #expect(
      !router.host.addRoute(
        to: .any, prefixLength: 0, by: IPv4Address(9, 9, 9, 9), &router.context))
  }

  @Test("RFC 1122 3.2.2.2: who could have asked a neighbour is told, and a host believes it")
  func redirects() {
    let gateway = IPv4Address(10, 0, 0, 7)
    router.know(gateway, on: 0, MACAddress(rawValue: 7))
    let target = IPv4Address(172, 16, 0, 9)
    _ = router.host.addRoute(to: target, prefixLength: 32, by: gateway, &router.context)
    router.receive(packet(to: target))
    #expect(router.sent.count == 2)
    #expect(router.sent.last?.icmp?.type == ICMPType.redirect)
    #expect(router.sent.last?.icmp?.rest == gateway.rawValue)
    #expect(router.statistics.ip.redirectsSent == 1)
    // The sender has its default route over the router, and takes the shorter way from now on.
    let host = InternetBench { $0.interfaces[0].address = InternetBench.far }
    _ = host.host.addRoute(to: .any, prefixLength: 0, by: InternetBench.own, &host.context)
    host.know(gateway, on: 0, MACAddress(rawValue: 7))
    host.know(InternetBench.own, on: 0, MACAddress(rawValue: 1))
    let socket = host.socket(.datagram, port: 5)
    _ = host.send(10, from: socket, to: target)
    #expect(host.sent.last?.ethernet.destination.rawValue == 1)
    host.receive(router.sent[1].packet)
    _ = host.send(10, from: socket, to: target)
    #expect(host.sent.last?.ethernet.destination.rawValue == 7)
    #expect(host.host.ways.last?.isDynamic == true)
  }

  @Test("ip_input: fragments pass a router as they are")
  func fragments() {
    for piece in Packet.fragments(17, Packet.udp(Packet.pattern(2000)), every: 800, to: beyond) {
      router.receive(piece)
    }
    #expect(router.sent.count == 3)
    #expect(router.statistics.ip.fragments == 0)
    #expect(router.sent.compactMap(\.ip).map(\.fragmentOffset) == [0, 800, 1600])
  }
}
