// What leaves: fragments, options copied, errors. RFC 791 §3.2, RFC 1122 §3.3; ip_output,
// ip_optcopy.

import Testing
import Wire

@testable import NetStack

@Suite struct IPOutputTests {
  let bench = InternetBench()

  @Test("RFC 791 3.2: a datagram longer than the link goes out in pieces that another host joins")
  func pieces() {
    let socket = bench.socket(.datagram, port: 5)
    #expect(bench.send(5000, from: socket, to: InternetBench.far) == .octets(5000))
    let headers = bench.sent.compactMap(\.ip)
    #expect(headers.map(\.totalLength) == [1500, 1500, 1500, 588])
    #expect(headers.map(\.fragmentOffset) == [0, 1480, 2960, 4440])
    #expect(headers.map(\.moreFragments) == [true, true, true, false])
    #expect(Set(headers.map(\.identification)).count == 1)
    #expect(bench.sent.allSatisfy { $0.packet.withUnsafeBytes(IPv4Header.isSound) })
    #expect(bench.statistics.ip.fragmented == 1 && bench.statistics.ip.fragmentsOut == 4)
    let other = InternetBench { $0.interfaces[0].address = InternetBench.far }
    let reader = other.socket(.datagram, port: 9)
    for frame in bench.sent { other.receive(frame.packet) }
    #expect(other.read(reader) == Packet.pattern(5000))
    #expect(bench.host.state.mbufPool.free == 512)
  }

  @Test("sosend: a datagram larger than the send buffer is EMSGSIZE")
  func larger() {
    let socket = bench.socket(.datagram, port: 5)
    #expect(bench.send(9217, from: socket, to: InternetBench.far) == .error(.EMSGSIZE))
    #expect(bench.send(9216, from: socket, to: InternetBench.far) == .octets(9216))
  }

  @Test("ip_output: what may not be cut, and a broadcast, is EMSGSIZE")
  func whole() {
    let socket = bench.socket(.datagram, port: 5)
    bench.enter { _ = $0.sockets[Int(socket)].options.insert(.broadcast) }
    #expect(
      bench.send(2000, from: socket, to: IPv4Address(10, 0, 0, 255)) == .error(.EMSGSIZE))
    let pcb = Int(bench.host.socket(socket).pcb)
    bench.enter { $0.pcbs[pcb].sending.dontFragment = true }
    #expect(bench.send(2000, from: socket, to: InternetBench.far) == .error(.EMSGSIZE))
    #expect(bench.statistics.ip.cannotFragment == 2)
    #expect(bench.sent.isEmpty)
  }

  @Test("ip_output: if_snd must have room for every fragment, or none goes")
  func room() {
    let socket = bench.socket(.datagram, port: 5)
    bench.enter { $0.interfaces[0].queueLength = 46 }
    bench.enter { kernel in
      kernel.interfaces[0].queueLength = 46
      guard let packet = kernel.mGet(.app, at: .sosend, header: true) else { return }
      _ = kernel.mclGet(packet, .app, at: .sosend)
      kernel.mbuf(packet).pointee.length = 2000
      kernel.mbuf(packet).pointee.packetLength = 2000
      let pcb = kernel.sockets[Int(socket)].pcb
      let long = kernel.mCopy(packet, offset: 0, length: 2000, .app)!
      let more = kernel.mCopy(packet, offset: 0, length: 2000, .app)!
      kernel.mCat(packet, long)
      kernel.mCat(packet, more)
      kernel.mbuf(packet).pointee.packetLength = 6000
      let error = kernel.udpOutput(packet, pcb: pcb, to: InternetBench.far, port: 9)
      #expect(error == .ENOBUFS)
      kernel.interfaces[0].queueLength = 0
    }
    #expect(bench.sent.isEmpty)
    #expect(bench.host.interface(0).queueDrops == 1)
  }

  @Test("ip_output: without mbufs for all headers no fragment goes, and none is lost")
  func noMbuf() {
    let socket = bench.socket(.datagram, port: 5)
    bench.enter { kernel in
      var routine = SendToRoutine(
        socket: socket, to: InternetBench.far, port: 9, octets: 8000)
      _ = routine.chainsInHand
      var taken: [Int32] = []
      while kernel.state.pointee.mbufPool.free > 8 {
        guard let index = kernel.mGet(.stack, at: .sosend, header: false) else { break }
        taken.append(index)
      }
      guard case .done(let result) = routine.resume(kernel) else { return }
      #expect(result == .error(.ENOBUFS))
      for index in taken { kernel.mFree(index, .processed) }
    }
    #expect(bench.sent.isEmpty)
    #expect(bench.statistics.ip.outDropped == 1)
  }

  @Test("ip_optcopy: options with the copied flag are in every fragment, the rest in the first")
  func optionsCopied() {
    let router = InternetBench(interfaces: 2)
    router.tunables.forwards = true
    router.enter { $0.interfaces[1].mtu = 600 }
    // Stream identifier (copied), no operation (is), record route (not).
    let options: [UInt8] = [136, 4, 0, 7, 1, 7, 7, 4, 0, 0, 0, 0]
    router.receive(
      Packet.ip(17, Packet.pattern(1000), to: IPv4Address(10, 0, 1, 2), options: options))
    let headers = router.sent.compactMap(\.ip)
    #expect(headers.map(\.headerOctets) == [32, 28])
    #expect(headers.map(\.fragmentOffset) == [0, 568])
    #expect(router.sent.last.map { Array($0.packet[20..<28]) } == [136, 4, 0, 7, 1, 0, 0, 0])
  }

  @Test("ip_output: no way is EHOSTUNREACH, and counted")
  func noRoute() {
    let socket = bench.socket(.datagram, port: 5)
    #expect(
      bench.send(10, from: socket, to: IPv4Address(192, 168, 1, 1)) == .error(.EHOSTUNREACH))
    #expect(bench.statistics.ip.noRoute == 1)
  }

  @Test("ip_defttl, IP_TTL, IP_TOS: what a socket asks for stands in the header")
  func header() {
    let socket = bench.socket(.datagram, port: 5)
    _ = bench.send(10, from: socket, to: InternetBench.far)
    let pcb = Int(bench.host.socket(socket).pcb)
    bench.enter {
      $0.pcbs[pcb].sending.timeToLive = 3
      $0.pcbs[pcb].sending.typeOfService = 0x10
    }
    _ = bench.send(10, from: socket, to: InternetBench.far)
    #expect(bench.sent.compactMap(\.ip).map(\.timeToLive) == [64, 3])
    #expect(bench.sent.compactMap(\.ip).map(\.typeOfService) == [0, 0x10])
  }

  @Test("RFC 1112 6.4: to a group with its own Ethernet address, one hop far, and to members here")
  func multicast() {
    let group = IPv4Address(224, 1, 2, 3)
    let socket = bench.socket(.datagram, port: 9)
    _ = bench.send(10, from: socket, to: group)
    #expect(bench.sent.last?.ethernet.destination.rawValue == 0x0100_5E01_0203)
    #expect(bench.sent.last?.ip?.timeToLive == 1)
    #expect(bench.read(socket) == nil)
    #expect(bench.enter { $0.joinGroup(socket, group, interface: -1) } == nil)
    _ = bench.send(10, from: socket, to: group)
    #expect(bench.read(socket) == Packet.pattern(10))
    #expect(bench.enter { $0.leaveGroup(socket, group, interface: -1) } == nil)
    _ = bench.send(10, from: socket, to: group)
    #expect(bench.read(socket) == nil)
  }

  @Test("if_loop.c: a host hears itself by lo0, under its own address and 127.0.0.1")
  func loopback() {
    let socket = bench.socket(.datagram, port: 9)
    for address in [InternetBench.own, IPv4Address(127, 0, 0, 1)] {
      #expect(bench.send(300, from: socket, to: address) == .octets(300))
      #expect(bench.read(socket) == Packet.pattern(300))
    }
    #expect(bench.send(9000, from: socket, to: InternetBench.own) == .octets(9000))
    #expect(bench.read(socket) == Packet.pattern(9000))
    #expect(bench.sent.isEmpty)
    #expect(bench.host.loopback.framesIn == 3)
  }
}
