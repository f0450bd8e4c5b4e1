// UDP and raw sockets: RFC 768, RFC 1122 §4.1; udp_input, udp_output, rip_input, rip_output.

import Testing
import Wire

@testable import NetStack

@Suite struct UDPTests {
  let bench = InternetBench()

  @Test("RFC 1122 4.1.3: a length that lies, a bad sum and a short packet each have a counter")
  func faults() {
    let socket = bench.socket(.datagram, port: 9)
    var long = Packet.udp([1, 2, 3], summed: false)
    long[5] = 40
    bench.receive(Packet.ip(17, long))
    long[5] = 7
    bench.receive(Packet.ip(17, long))
    #expect(bench.statistics.udp.badLength == 2)
    var wrong = Packet.udp([1, 2, 3])
    wrong[8] ^= 1
    bench.receive(Packet.ip(17, wrong))
    #expect(bench.statistics.udp.badSum == 1)
    bench.receive(Packet.ip(17, [1, 2, 3]))
    #expect(bench.statistics.udp.short == 1)
    #expect(bench.read(socket) == nil)
    // Shorter than the packet is no lie: the rest is cut off.
    bench.receive(Packet.ip(17, Packet.udp([1, 2, 3]) + [9, 9, 9]))
    #expect(bench.read(socket) == [1, 2, 3])
  }

  @Test("RFC 768: no checksum is no fault; net.inet.udp.checksum sends none")
  func unsummed() {
    let socket = bench.socket(.datagram, port: 9)
    bench.receive(Packet.ip(17, Packet.udp([4], summed: false)))
    #expect(bench.read(socket) == [4])
    #expect(bench.statistics.udp.noSum == 1)
    bench.tunables.udpChecksum = false
    _ = bench.send(10, from: socket, to: InternetBench.far)
    #expect(bench.sent.last.map { Array($0.payload[6..<8]) } == [0, 0])
  }

  @Test("udp_input: a broadcast goes to every socket that shares the port, in clusters they share")
  func toMany() {
    let sockets = (0..<3).map { _ in bench.socket(.datagram) }
    for socket in sockets {
      bench.enter { kernel in
        kernel.sockets[Int(socket)].options.insert(.reusePort)
        _ = kernel.soBind(socket, 9)
      }
    }
    let all = IPv4Address(10, 0, 0, 255)
    let packet = Packet.ip(17, Packet.udp([8], destination: all), to: all)
    bench.receive(packet, to: .broadcast)
    #expect(bench.host.state.heldClusters[.rcvbuf] == 1)
    #expect(sockets.map { bench.read($0) } == [[8], [8], [8]])
    bench.receive(Packet.ip(17, Packet.udp([8], to: 10, destination: all), to: all), to: .broadcast)
    #expect(bench.statistics.udp.noPortBroadcast == 1)
    #expect(bench.sent.isEmpty)
  }

  @Test("udp_input: without SO_REUSEPORT the newest socket alone hears a broadcast")
  func alone() {
    let old = bench.socket(.datagram)
    bench.enter { kernel in
      kernel.sockets[Int(old)].options.insert(.reusePort)
      _ = kernel.soBind(old, 9)
    }
    let new = bench.socket(.datagram)
    bench.enter { kernel in
      kernel.sockets[Int(new)].options.insert(.reusePort)
      _ = kernel.soBind(new, 9)
      kernel.sockets[Int(new)].options.remove(.reusePort)
    }
    let all = IPv4Address(10, 0, 0, 255)
    bench.receive(Packet.ip(17, Packet.udp([8], destination: all), to: all), to: .broadcast)
    #expect(bench.read(new) == [8] && bench.read(old) == nil)
  }

  @Test("sbappendaddr: a full socket refuses, and counts")
  func full() {
    let socket = bench.socket(.datagram, port: 9)
    bench.enter { _ = $0.sbReserve(socket, .receive, octets: 200) }
    // sb_mbmax is 1600: one cluster goes over it.
    for _ in 0..<5 { bench.receive(Packet.ip(17, Packet.udp(Packet.pattern(80)))) }
    #expect(bench.statistics.udp.fullSocket == 4)
    #expect(bench.host.socket(socket).fullDrops == 4)
  }

  @Test("in_pcblookup: a connected socket hears its peer, and nobody else")
  func connected() {
    let socket = bench.socket(.datagram, port: 9)
    _ = bench.enter { $0.soConnect(socket, InternetBench.far, 4000) }
    bench.receive(Packet.ip(17, Packet.udp([1])))
    #expect(bench.read(socket) == [1])
    bench.receive(Packet.ip(17, Packet.udp([2], from: 4001)))
    #expect(bench.read(socket) == nil)
    #expect(bench.statistics.udp.noPort == 1)
  }

  @Test("rip_input: every raw socket of the protocol gets the packet, header and all")
  func raw() {
    let one = bench.socket(.raw)
    let any = bench.socket(.raw)
    bench.enter { $0.pcbs[Int($0.sockets[Int(one)].pcb)].protocolNumber = 89 }
    let packet = Packet.ip(89, [1, 2, 3, 4])
    bench.receive(packet)
    #expect(bench.read(one) == packet && bench.read(any) == packet)
    bench.receive(Packet.ip(90, [5]))
    #expect(bench.read(one) == nil && bench.read(any) != nil)
    #expect(bench.host.socket(one).rcv.hiwat == 8192)
  }

  @Test("rip_output: a header is written, or with IP_HDRINCL the sender's own is sent")
  func rawOutput() {
    let socket = bench.socket(.raw)
    let pcb = Int(bench.host.socket(socket).pcb)
    bench.enter { $0.pcbs[pcb].protocolNumber = 89 }
    _ = bench.send(30, from: socket, to: InternetBench.far)
    #expect(bench.sent.last?.ip?.protocolNumber == 89)
    #expect(bench.sent.last?.ip?.timeToLive == 255)
    bench.enter { $0.pcbs[pcb].includesHeader = true }
    #expect(bench.send(30, from: socket, to: InternetBench.far) == .error(.EINVAL))
    let whole = Packet.ip(89, [1, 2], from: IPv4Address(1, 2, 3, 4), to: InternetBench.far)
    bench.enter { kernel in
      guard let packet = kernel.mGet(.app, at: .sosend, header: true) else { return }
      whole.withUnsafeBytes {
        kernel.data(packet).copyMemory(from: $0.baseAddress!, byteCount: whole.count)
      }
      kernel.mbuf(packet).pointee.length = Int32(whole.count)
      kernel.mbuf(packet).pointee.packetLength = Int32(whole.count)
      let error = kernel.rawOutput(packet, pcb: Int32(pcb), to: InternetBench.far)
      #expect(error == nil)
    }
    #expect(bench.sent.last?.ip?.source == IPv4Address(1, 2, 3, 4))
    #expect(bench.sent.last?.packet.withUnsafeBytes(IPv4Header.isSound) == true)
    #expect(bench.statistics.ip.rawOut == 2)
  }
}
