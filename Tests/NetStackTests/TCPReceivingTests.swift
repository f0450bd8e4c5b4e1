// Segments out of order, repeated or too long; timestamps and window scale. RFC 9293 §3.10.7.4
// (seventh check), RFC 7323.

import Testing
import Wire

@testable import NetStack

@Suite struct TCPReceivingTests {
  private func reading() -> (peer: ScriptedPeer, socket: Int32) {
    var peer = ScriptedPeer(TCPBench(hosts: 1) { $0.tunables.rfc1323 = false })
    let socket = peer.acceptFromHost0()
    return (peer, socket)
  }

  @Test("a segment behind a gap is kept, and answered at once with what is missing")
  func gap() {
    let (peer, socket) = reading()
    #expect(peer.lines(peer.inject(.ack, seq: 11, [3, 4])) == [". 1 ack 1 win 17520"])
    #expect(peer.bench.hosts[0].state.heldClusters[.reass] == 1)
    let answer = peer.inject(.ack, seq: 1, TCPBench.pattern(10))
    #expect(peer.lines(answer) == [". 1 ack 13 win 17508"])
    #expect(peer.bench.receive(0, socket) == TCPBench.pattern(10) + [3, 4])
    #expect(peer.bench.hosts[0].state.heldClusters[.reass] == 0)
    #expect(peer.bench.hosts[0].state.statistics.tcpOutOfOrder == 2)
  }

  @Test("pieces in every order, overlapping each other, come out as they were sent")
  func everyOrder() {
    let whole = TCPBench.pattern(60)
    let pieces: [Range<Int>] = [0..<10, 5..<25, 20..<30, 28..<50, 45..<60]
    for order in 0..<120 {
      let (peer, socket) = reading()
      var rest = pieces
      var code = order
      for count in stride(from: 5, to: 0, by: -1) {
        let piece = rest.remove(at: code % count)
        code /= count
        peer.inject(.ack, seq: 1 + piece.lowerBound, Array(whole[piece]))
      }
      #expect(peer.bench.receive(0, socket) == whole)
      #expect(peer.bench.hosts[0].state.heldMbufs[.reass] == 0)
    }
  }

  @Test("a FIN behind a gap waits for it")
  func finBehindGap() {
    let (peer, socket) = reading()
    peer.inject([.fin, .ack], seq: 4, [4])
    #expect(peer.bench.state(0, socket) == .established)
    peer.inject(.ack, seq: 1, [1, 2, 3])
    #expect(peer.bench.state(0, socket) == .closeWait)
    #expect(peer.bench.receive(0, socket) == [1, 2, 3, 4])
  }

  @Test("nothing but the window limits how many buffers a gap can pin")
  func pinnedByGap() {
    let (peer, socket) = reading()
    for index in 0..<60 { peer.inject(.ack, seq: 3 + 2 * index, [9]) }
    #expect(peer.bench.hosts[0].state.heldClusters[.reass] == 60)
    peer.inject(.rst)
    #expect(peer.bench.state(0, socket) == nil)
    #expect(peer.bench.hosts[0].state.heldClusters.total == 0)
  }

  @Test("a reader who sleeps is given a cluster for each small segment, beyond sb_mbmax")
  func noStorageLimit() {
    let bench = TCPBench(hosts: 1) { configuration in
      configuration.tunables.rfc1323 = false
      configuration.tunables.bufferEfficiency = 2
    }
    var peer = ScriptedPeer(bench)
    let socket = peer.acceptFromHost0()
    for index in 0..<60 { peer.inject(.ack, seq: 1 + index, [9]) }
    let rcv = bench.hosts[0].socket(socket).rcv
    #expect(rcv.clusters == 60)
    #expect(rcv.mbcnt > rcv.mbmax)
    #expect(rcv.space < 0)
  }

  @Test("what was sent before is acknowledged again at once")
  func duplicate() {
    let (peer, _) = reading()
    peer.inject(.ack, [1, 2, 3])
    #expect(peer.lines(peer.inject(.ack, [1, 2, 3])) == [". 1 ack 4 win 17517"])
    #expect(peer.bench.hosts[0].state.statistics.tcpDuplicates == 1)
  }

  @Test("a keepalive probe is answered")
  func probeAnswered() {
    let (peer, _) = reading()
    #expect(peer.lines(peer.inject(.ack, seq: 0)) == [". 1 ack 1 win 17520"])
  }

  @Test("data beyond the window is cut off, and a FIN behind it too")
  func beyondWindow() {
    let (peer, socket) = reading()
    for index in 0..<12 {
      peer.inject(.ack, seq: 1 + 1400 * index, [UInt8](repeating: 1, count: 1400))
    }
    peer.inject([.fin, .ack], seq: 16801, [UInt8](repeating: 1, count: 1000))
    #expect(peer.bench.hosts[0].socket(socket).rcv.cc == 17520)
    #expect(peer.bench.state(0, socket) == .established)
    #expect(peer.bench.hosts[0].state.statistics.tcpAfterWindow == 1)
  }

  // MARK: what is not sound

  @Test("a wrong checksum, a short segment and a wrong header length are counted and freed")
  func unsound() {
    let (peer, _) = reading()
    let bench = peer.bench
    var octets = peer.octets(.ack, seq: 5001, ack: 1, [1, 2, 3])
    octets[41] ^= 1
    bench.deliver(octets, to: 0)
    #expect(bench.hosts[0].state.statistics.tcpBadSum == 1)
    bench.deliver(Array(octets.prefix(39)), to: 0)
    #expect(bench.hosts[0].state.statistics.tcpShort == 1)
    octets = peer.octets(.ack, seq: 5001, ack: 1, [1, 2, 3])
    octets[32] = 0xF0
    octets[36] = 0
    octets[37] = 0
    let sum = octets.withUnsafeBytes { raw in
      var sum = InternetChecksum()
      sum.addPseudoHeader(
        source: TCPBench.addresses[1], destination: TCPBench.addresses[0], protocol: 6,
        length: raw.count - 20)
      sum.add(UnsafeRawBufferPointer(rebasing: raw[20...]))
      return sum.value
    }
    octets[36] = UInt8(sum >> 8)
    octets[37] = UInt8(sum & 255)
    bench.deliver(octets, to: 0)
    #expect(bench.hosts[0].state.statistics.tcpBadOffset == 1)
    #expect(bench.hosts[0].state.heldClusters.total == 0)
  }

  // MARK: RFC 1323

  private func timestamps(_ value: UInt32, _ echo: UInt32) -> TCPOptions {
    TCPOptions(timestamps: TCPTimestamps(value: value, echo: echo))
  }

  private func stamped() -> (peer: ScriptedPeer, socket: Int32) {
    let bench = TCPBench(hosts: 1)
    let socket = bench.connect(0).socket
    var peer = ScriptedPeer(bench)
    peer.iss = bench.wire[0].header.sequence.rawValue
    peer.inject(
      [.syn, .ack], seq: 0, ack: 1,
      options: TCPOptions(
        maximumSegmentSize: 1460, windowScale: 3,
        timestamps: TCPTimestamps(value: 100, echo: 1)))
    return (peer, socket)
  }

  @Test("an agreed timestamp is on every segment but a RST, echoing the peer's")
  func echo() {
    let (peer, socket) = stamped()
    #expect(peer.bench.wire.last!.options.timestamps == TCPTimestamps(value: 1, echo: 100))
    peer.inject(.ack, [1], options: timestamps(101, 1))
    peer.bench.run(for: .seconds(1))
    #expect(peer.bench.wire.last!.options.timestamps == TCPTimestamps(value: 1, echo: 101))
    peer.bench.enter(0) { $0.tcpAbort($0.sockets[Int(socket)].pcb) }
    #expect(peer.bench.wire.last!.options.timestamps == nil)
  }

  @Test("a window is shifted by what the peer asked for, except on its SYN")
  func scaled() {
    let (peer, socket) = stamped()
    #expect(peer.bench.tcb(0, socket).sndWnd == 8760)
    peer.inject(.ack, window: 9000, options: timestamps(101, 1))
    #expect(peer.bench.tcb(0, socket).sndWnd == 72000)
  }

  @Test("an older timestamp means an older segment: it is acknowledged and dropped")
  func paws() {
    let (peer, socket) = stamped()
    let answer = peer.inject(.ack, [1, 2, 3], options: timestamps(99, 1))
    #expect(answer.count == 1 && answer[0].length == 0)
    #expect(peer.bench.hosts[0].socket(socket).rcv.cc == 0)
    #expect(peer.bench.hosts[0].state.statistics.tcpPawsDrops == 1)
  }

  @Test("a timestamp of 24 days ago proves nothing any more")
  func pawsIdle() {
    let (peer, socket) = stamped()
    peer.bench.enter(0) { kernel in
      let pcb = kernel.sockets[Int(socket)].pcb
      kernel.tcpcbs[Int(pcb)].tsRecentAge &-= UInt32(TCPLimit.pawsIdleNanoseconds / 500_000_000) + 1
    }
    peer.inject(.ack, [1, 2, 3], options: timestamps(99, 1))
    #expect(peer.bench.hosts[0].socket(socket).rcv.cc == 3)
  }

  @Test("an echoed timestamp is a sample, even of what was sent twice")
  func timestampSample() {
    let (peer, socket) = stamped()
    peer.bench.send(0, socket, 10)
    peer.bench.run(for: .seconds(4))
    #expect(peer.bench.tcb(0, socket).rxtshift > 0)
    let mark = peer.bench.wire.last!.options.timestamps!.value
    peer.inject(.ack, ack: 11, options: timestamps(108, mark))
    #expect(peer.bench.tcb(0, socket).rxtshift == 0)
    #expect(peer.bench.tcb(0, socket).rttSamples == 2)
  }
}
