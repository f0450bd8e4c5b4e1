// ARP: RFC 826, RFC 1122 §2.3.2, RFC 5227; arpresolve, in_arpinput, arptimer.

import Testing
import Wire

@testable import NetStack

@Suite struct ARPTests {
  let bench = InternetBench(knowsNeighbours: false)

  private func reply(
    from address: IPv4Address = InternetBench.far, _ mac: MACAddress = InternetBench.farMAC,
    _ operation: UInt16 = ARPOperation.reply, to target: IPv4Address = InternetBench.own
  ) -> ARPPacket {
    ARPPacket(
      operation: operation, senderHardware: mac, senderProtocol: address,
      targetHardware: InternetBench.mac(0), targetProtocol: target)
  }

  private var udpSent: Int { bench.sent.count { $0.ip?.protocolNumber == 17 } }
  private var asked: Int { bench.sent.count { $0.arp?.operation == ARPOperation.request } }

  @Test("RFC 1122 2.3.2.2: the newest packet waits for the answer, older ones give way")
  func hold() {
    let socket = bench.socket(.datagram, port: 5)
    for size in [10, 20, 30] { _ = bench.send(Int32(size), from: socket, to: InternetBench.far) }
    #expect(asked == 1)
    #expect(bench.host.state.heldMbufs[.arphold] == 2)
    #expect(bench.statistics.arp.dropped == 2)
    bench.receive(reply())
    #expect(bench.sent.last?.ip?.totalLength == 58)
    #expect(udpSent == 1)
  }

  @Test("arp.hold: as many packets wait as the host is told, the oldest gives way, all go in order")
  func holdMany() {
    bench.tunables.arpHold = 3
    let socket = bench.socket(.datagram, port: 5)
    for size: Int32 in [10, 20, 30, 40] {
      _ = bench.send(size, from: socket, to: InternetBench.far)
    }
    #expect(bench.host.state.heldMbufs[.arphold] == 6)
    bench.receive(reply())
    #expect(bench.sent.compactMap(\.ip).map(\.totalLength) == [48, 58, 68])
  }

  @Test("arp.hold_timeout: a packet that waits too long is freed on the beat")
  func holdTimeout() {
    bench.tunables.arpHoldTimeout = .seconds(3)
    let socket = bench.socket(.datagram, port: 5)
    _ = bench.send(10, from: socket, to: InternetBench.far)
    bench.run(for: .milliseconds(2_400))
    #expect(bench.host.state.heldMbufs[.arphold] == 2)
    bench.run(for: .milliseconds(1_200))
    #expect(bench.host.state.heldMbufs[.arphold] == 0)
    #expect(bench.statistics.arp.dropped == 1)
  }

  @Test("arp_maxtries, arpt_down: whoever would ask for a sixth time sets REJECT, for 20 s")
  func down() {
    let socket = bench.socket(.datagram, port: 5)
    for _ in 0..<10 {
      _ = bench.send(10, from: socket, to: InternetBench.far)
      bench.run(for: .milliseconds(500))
    }
    #expect(asked == 5 && bench.statistics.arp.timeouts == 0)
    // The packet that would have asked once more is held; the next hears of it.
    #expect(bench.send(10, from: socket, to: InternetBench.far) == .octets(10))
    #expect(asked == 5 && bench.statistics.arp.timeouts == 1)
    #expect(bench.send(10, from: socket, to: InternetBench.far) == .error(.EHOSTDOWN))
    bench.run(for: .seconds(20))
    #expect(bench.send(10, from: socket, to: InternetBench.far) == .octets(10))
    #expect(asked == 6)
  }

  @Test("arptimer: what nobody answers is pruned, and a connected socket's entry keeps its packet")
  func prune() {
    bench.tunables.arpFreesHeld = true
    let socket = bench.socket(.datagram, port: 5)
    _ = bench.send(10, from: socket, to: InternetBench.far)
    bench.run(until: Instant(nanoseconds: 302_000_000_000))
    #expect(bench.host.state.heldMbufs[.arphold] == 0)
    _ = bench.enter { $0.soConnect(socket, InternetBench.far, 9) }
    _ = bench.send(10, from: socket, to: .any, port: 0)
    bench.run(until: Instant(nanoseconds: 902_000_000_000))
    #expect(bench.host.state.heldMbufs[.arphold] == 2)
  }

  @Test("arpt_keep: an answer is good for twenty minutes")
  func lifetime() {
    let socket = bench.socket(.datagram, port: 5)
    bench.receive(reply(from: InternetBench.far, InternetBench.farMAC, ARPOperation.request))
    #expect(bench.sent.last?.arp?.operation == ARPOperation.reply)
    _ = bench.send(10, from: socket, to: InternetBench.far)
    #expect(udpSent == 1 && asked == 0)
    bench.run(for: .seconds(1201))
    _ = bench.send(10, from: socket, to: InternetBench.far)
    #expect(asked == 1)
  }

  @Test("RFC 5227 2.1.1: somebody with our address is told of on the console, and answered")
  func duplicate() {
    let other = MACAddress(rawValue: 0x0200_0000_0099)
    bench.receive(reply(from: InternetBench.own, other, ARPOperation.request))
    #expect(
      bench.consoleLines == [
        "duplicate IP address 10.0.0.1! sent from ethernet address: 02:00:00:00:00:99"
      ])
    #expect(bench.sent.last?.arp?.targetHardware == other)
    #expect(bench.statistics.arp.duplicates == 1)
  }

  @Test("in_arpinput: a neighbour that moves is believed, and told of")
  func moved() {
    bench.receive(reply(from: InternetBench.far, InternetBench.farMAC, ARPOperation.request))
    bench.receive(reply(from: InternetBench.far, MACAddress(rawValue: 0x0200_0000_0055)))
    #expect(bench.consoleLines == ["arp: 10.0.0.2 moved to 02:00:00:00:00:55"])
    let socket = bench.socket(.datagram, port: 5)
    _ = bench.send(10, from: socket, to: InternetBench.far)
    #expect(bench.sent.last?.ethernet.destination.rawValue == 0x0200_0000_0055)
  }

  @Test("in_arpinput: what we sent ourselves, or from everybody's station, teaches nothing")
  func ignored() {
    bench.receive(reply(from: InternetBench.far, InternetBench.mac(0), ARPOperation.request))
    bench.receive(reply(from: InternetBench.far, .broadcast, ARPOperation.request))
    bench.receive(reply(from: InternetBench.far, InternetBench.farMAC, 9))
    #expect(bench.sent.isEmpty)
    #expect(bench.statistics.arp.malformed == 2)
    let known = bench.enter { $0.knownNeighbour(InternetBench.far) == nil }
    #expect(known)
  }

  @Test("a full table forgets who holds nothing and expires first")
  func full() {
    let small = InternetBench(knowsNeighbours: false) { $0.neighbours = 4 }
    for last in 10..<30 {
      small.receive(reply(from: IPv4Address(10, 0, 0, UInt8(last)), InternetBench.farMAC, 1))
      small.run(for: .seconds(1))
    }
    let knows = small.enter { $0.knownNeighbour(IPv4Address(10, 0, 0, 29)) != nil }
    #expect(knows)
  }
}
