// Fragments: RFC 791 §3.2, RFC 1122 §3.3.2, RFC 815; ip_reass, ip_freef, ip_drain, ip_slowtimo.

import Testing
import Wire

@testable import NetStack

@Suite struct IPReassemblyTests {
  let bench = InternetBench()
  let datagram = Packet.udp(Packet.pattern(3000))

  @Test("RFC 791 3.2: fragments in any order become the datagram they were cut from")
  func orders() {
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]] {
      let socket = bench.socket(.datagram, port: UInt16(1000 + order[0]))
      let datagram = Packet.udp(Packet.pattern(3000), to: UInt16(1000 + order[0]))
      let pieces = Packet.fragments(17, datagram, every: 800)
      for index in order { bench.receive(pieces[index]) }
      #expect(bench.read(socket) == Packet.pattern(3000))
      #expect(bench.host.state.heldMbufs[.reass] == 0)
    }
    #expect(bench.statistics.ip.reassembled == 3)
    #expect(bench.statistics.ip.fragments == 12)
  }

  @Test("ip_reass: overlaps are trimmed as BSD trims them, the earlier fragment's octets stay")
  func overlaps() {
    let socket = bench.socket(.datagram, port: 9)
    let first = Array(datagram[0..<1600])
    let late = [UInt8](repeating: 0xEE, count: 800) + datagram[1600..<2400]
    bench.receive(Packet.fragment(17, first, at: 0, more: true))
    bench.receive(Packet.fragment(17, late, at: 800, more: true))
    bench.receive(Packet.fragment(17, Array(datagram[2000...]), at: 2000, more: false))
    #expect(bench.read(socket) == Packet.pattern(3000))
  }

  @Test("ip_reass: a fragment that covers later ones replaces them")
  func covers() {
    let socket = bench.socket(.datagram, port: 9)
    let datagram = Packet.udp(Packet.pattern(1200))
    for at in [400, 800] {
      bench.receive(
        Packet.fragment(17, Array(datagram[at..<at + 200]), at: at, more: true))
    }
    bench.receive(Packet.fragment(17, Array(datagram[8...]), at: 8, more: false))
    bench.receive(Packet.fragment(17, Array(datagram[0..<8]), at: 0, more: true))
    #expect(bench.read(socket) == Packet.pattern(1200))
  }

  @Test("ip_reass: what has come already is counted and freed")
  func duplicates() {
    let piece = Packet.fragments(17, datagram, every: 800)[1]
    bench.receive(piece)
    bench.receive(piece)
    #expect(bench.statistics.ip.fragmentsDropped == 1)
    #expect(bench.host.state.heldClusters[.reass] == 1)
  }

  @Test("ip_reass: each fragment keeps its cluster, its header an mbuf; the record is one more")
  func storage() {
    for piece in Packet.fragments(17, datagram, every: 800).dropLast() { bench.receive(piece) }
    #expect(bench.host.state.heldClusters[.reass] == 3)
    #expect(bench.host.state.heldMbufs[.reass] == 7)
    #expect(bench.host.state.fragmentTableMbufs == 1)
  }

  @Test("ip_input: maxnipq is nmbclusters / 4, and one more datagram passes `nipq > maxnipq`")
  func limit() {
    for number in 0..<40 {
      bench.receive(
        Packet.fragment(
          17, Packet.pattern(80), at: 0, more: true, identification: UInt16(number * 64)))
    }
    #expect(bench.host.state.reassembly.datagrams == 17)
    #expect(bench.statistics.ip.fragmentsDropped == 23)
  }

  @Test("ip_slowtimo: a datagram that stays incomplete goes after 60 beats of half a second")
  func timeout() {
    bench.receive(Packet.fragment(17, Packet.pattern(80), at: 0, more: true))
    bench.run(for: .milliseconds(29_400))
    #expect(bench.host.state.heldClusters[.reass] == 1)
    bench.run(for: .milliseconds(600))
    #expect(bench.host.state.heldClusters[.reass] == 0)
    #expect(bench.host.state.heldMbufs[.reass] == 0)
    #expect(bench.statistics.ip.fragmentTimeouts == 1)
    #expect(bench.sent.isEmpty, "4.4BSD tells nobody")
    #expect(bench.host.state.internetTimeoutAt == .never)
  }

  @Test("RFC 1122 3.3.2: with the switch the sender of a first fragment is told")
  func report() {
    bench.tunables.reportsFragmentTimeout = true
    bench.receive(Packet.fragment(17, Packet.pattern(80), at: 0, more: true))
    bench.receive(
      Packet.fragment(17, Packet.pattern(80), at: 80, more: true, identification: 5))
    bench.run(for: .seconds(31))
    #expect(bench.sent.compactMap(\.icmp).map(\.type) == [ICMPType.timeExceeded])
    #expect(bench.sent.compactMap(\.icmp).map(\.code) == [1])
  }

  @Test("ip_drain: a shortage of mbufs gives back whatever has come of any datagram")
  func drain() {
    for piece in Packet.fragments(17, datagram, every: 800).dropLast() { bench.receive(piece) }
    bench.enter { kernel in
      var taken: [Int32] = []
      while kernel.state.pointee.reassembly.datagrams > 0 {
        guard let index = kernel.mGet(.stack, at: .sosend, header: false) else { break }
        taken.append(index)
      }
      #expect(kernel.state.pointee.heldMbufs[.reass] == 0)
      for index in taken { kernel.mFree(index, .processed) }
    }
    #expect(bench.statistics.drains == 1)
    #expect(bench.statistics.ip.fragmentsDropped == 1)
    #expect(bench.host.pool(.mbufs).waits == 1 && bench.host.pool(.mbufs).denied == 0)
  }

  @Test("m_reclaim: a drain ends somebody else's wait for a cluster, and is named for it")
  func drainEndsWait() {
    let fragment = Packet.fragment(17, Packet.pattern(80), at: 0, more: true)
    bench.enter { kernel in
      var out: [Int32] = []
      while kernel.state.pointee.clusterPool.free > 0 {
        guard let index = kernel.mGet(.rx, at: .refill, header: true) else { return }
        _ = kernel.mclGet(index, .rx, at: .refill)
        out.append(index)
      }
      guard let waiting = kernel.mGet(.app, at: .sosend, header: true) else { return }
      let isGranted = kernel.mclGetOrWait(waiting, .app, at: .sosend, socket: -1)
      #expect(!isGranted)
      // What comes in meanwhile lies in the ring's clusters.
      let packet = out.removeLast()
      fragment.withUnsafeBytes {
        kernel.data(packet).copyMemory(from: $0.baseAddress!, byteCount: $0.count)
      }
      kernel.mbuf(packet).pointee.length = Int32(fragment.count)
      kernel.mbuf(packet).pointee.packetLength = Int32(fragment.count)
      kernel.mbuf(packet).pointee.interface = 0
      kernel.ipInput(packet)
      while kernel.state.pointee.reassembly.datagrams > 0 {
        guard let index = kernel.mGet(.stack, at: .sosend, header: false) else { break }
        out.append(index)
      }
      let hasCluster = kernel.pollSucceeds(.clusters, .app, socket: -1, waited: .seconds(2))
      #expect(hasCluster)
      kernel.endWait(.clusters)
      #expect(kernel.state.pointee.causes.clusters.mechanism == .drain)
      for index in out + [waiting] { kernel.mFree(index, .processed) }
    }
  }

  @Test("ping of death: a fragment beyond 65,535 octets is refused")
  func tooLong() {
    bench.receive(Packet.fragment(1, Packet.pattern(400), at: 65528, more: false))
    #expect(bench.statistics.ip.tooLong == 1)
    #expect(bench.host.state.heldMbufs[.reass] == 0)
  }

  @Test("ip_input: a fragment with more to come is a multiple of eight octets, and not empty")
  func odd() {
    bench.receive(Packet.fragment(17, Packet.pattern(81), at: 0, more: true))
    bench.receive(Packet.fragment(17, [], at: 0, more: true))
    bench.receive(Packet.fragment(17, [], at: 80, more: false))
    #expect(bench.statistics.ip.tooSmall == 3)
    #expect(bench.host.state.heldMbufs[.reass] == 0)
  }

  @Test("fragments of different senders, protocols and identifications are kept apart")
  func apart() {
    bench.receive(Packet.fragment(17, Array(datagram[0..<800]), at: 0, more: true))
    bench.receive(
      Packet.fragment(17, Array(datagram[800..<1600]), at: 800, more: false, identification: 78))
    bench.receive(
      Packet.fragment(
        17, Array(datagram[800..<1600]), at: 800, more: false, from: IPv4Address(10, 0, 0, 3)))
    bench.receive(Packet.fragment(6, Array(datagram[800..<1600]), at: 800, more: false))
    #expect(bench.host.state.reassembly.datagrams == 4)
    #expect(bench.statistics.ip.reassembled == 0)
  }

  @Test("a cap on the fragments of one datagram, where a host has it")
  func cap() {
    bench.tunables.fragmentsPerQueue = 2
    for piece in Packet.fragments(17, datagram, every: 400) { bench.receive(piece) }
    #expect(bench.host.state.heldClusters[.reass] == 2)
    #expect(bench.statistics.ip.fragmentsDropped == 6)
  }
}
