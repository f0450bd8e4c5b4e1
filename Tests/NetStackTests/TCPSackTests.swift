// Selective acknowledgments: what is agreed, what is told, and what is sent again.
//
// RFC 2018, RFC 2883, RFC 6675.

import Testing
import Wire

@testable import NetStack

@Suite struct TCPSackTests {
  private func offer(mss: UInt16 = 1460) -> TCPOptions {
    var options = TCPOptions(maximumSegmentSize: mss)
    options.sackPermitted = true
    return options
  }

  private func sack(_ ranges: [(Int, Int)], of peer: ScriptedPeer) -> TCPOptions {
    var options = TCPOptions()
    for (start, end) in ranges {
      let base = SequenceNumber(peer.iss)
      options.sack.append(TCPSackBlock(base + start, base + end))
    }
    return options
  }

  private func speaking(_ segments: Int = 0) -> (peer: ScriptedPeer, socket: Int32) {
    let bench = TCPBench(hosts: 1) { configuration in
      configuration.tunables.rfc1323 = false
      configuration.sack = true
    }
    let socket = bench.connect(0).socket
    var peer = ScriptedPeer(bench)
    peer.iss = bench.wire.last!.header.sequence.rawValue
    peer.window = 17520
    peer.inject([.syn, .ack], seq: 0, ack: 1, options: offer())
    if segments > 0 { bench.sendAtOnce(0, socket, 1460 * segments) }
    return (peer, socket)
  }

  private func blocks(_ seen: SeenSegment, _ peer: ScriptedPeer) -> [[Int]] {
    (0..<seen.options.sack.count).map {
      let block = seen.options.sack[$0]
      let base = SequenceNumber(peer.sequence)
      return [block.start - base, block.end - base]
    }
  }

  @Test("RFC 2018 §2: SACK is offered in the SYN, and spoken only with a peer who offered it too")
  func agreement() {
    let (peer, socket) = speaking()
    #expect(peer.bench.wire[0].options.sackPermitted)
    #expect(peer.bench.tcb(0, socket).flags.contains(.sackPermitted))
    let bench = TCPBench(hosts: 1) { $0.sack = true }
    var mute = ScriptedPeer(bench)
    let other = mute.acceptFromHost0()
    #expect(!bench.tcb(0, other).flags.contains(.sackPermitted))
    let answer = mute.inject(.ack, seq: 101, [1, 2, 3])
    #expect(answer.map(\.options.sack.count) == [0])
  }

  @Test("RFC 2018 §4: the first block is that of the segment that came last, merged with its kin")
  func reports() {
    let (peer, _) = speaking()
    let data = [UInt8](repeating: 7, count: 100)
    #expect(peer.inject(.ack, seq: 201, data).map { blocks($0, peer) } == [[[201, 301]]])
    #expect(
      peer.inject(.ack, seq: 601, data).map { blocks($0, peer) } == [[[601, 701], [201, 301]]])
    #expect(
      peer.inject(.ack, seq: 301, data).map { blocks($0, peer) } == [[[201, 401], [601, 701]]])
    // The gap is filled: what is in sequence is acknowledged, the rest is told.
    let filled = peer.inject(.ack, seq: 1, [UInt8](repeating: 7, count: 200))
    #expect(filled.map { blocks($0, peer) } == [[[601, 701]]])
    #expect(filled.map { $0.header.acknowledgment.rawValue &- peer.sequence } == [401])
  }

  @Test("RFC 2018 §3: never more than four blocks, the most recent ones")
  func fourBlocks() {
    let (peer, _) = speaking()
    var last: [[Int]] = []
    for step in 1...6 {
      last = blocks(peer.inject(.ack, seq: 200 * step + 1, [9, 9]).last!, peer)
    }
    #expect(last == [[1201, 1203], [1001, 1003], [801, 803], [601, 603]])
  }

  @Test("RFC 2883 §4: what came twice is told first, once")
  func duplicates() {
    let (peer, _) = speaking()
    peer.inject(.ack, seq: 1, [1, 2, 3, 4])
    peer.inject(.ack, seq: 101, [1, 2])
    let again = peer.inject(.ack, seq: 1, [1, 2, 3, 4])
    #expect(again.map { blocks($0, peer) } == [[[1, 5], [101, 103]]])
    #expect(peer.bench.hosts[0].state.statistics.tcpDsacksSent == 1)
    let twice = peer.inject(.ack, seq: 101, [1, 2])
    #expect(twice.map { blocks($0, peer) } == [[[101, 103], [101, 103]]])
    #expect(peer.inject(.ack, seq: 201, [1]).map { blocks($0, peer).count } == [2])
  }

  @Test(
    "RFC 2883 §4.2: of the waiting ranges that come once more the first is told, then its kin",
    arguments: [
      (Overlap(100, 275), [[200, 275], [600, 700], [400, 500]]),
      (Overlap(50, 400), [[50, 100], [600, 700]]), (Overlap(100, 700), [[200, 300]]),
      (Overlap(150, 550), [[200, 300], [150, 550], [600, 700]]),
      (Overlap(250, 275), [[250, 275], [200, 300], [600, 700], [400, 500]]),
      (Overlap(250, 600), [[250, 300], [200, 700]]),
      (Overlap(300, 475), [[400, 475], [200, 500], [600, 700]]),
      (Overlap(350, 400), [[350, 500], [600, 700], [200, 300]]),
    ])
  func overlap(_ segment: Overlap, told: [[Int]]) {
    let (peer, _) = speaking()
    peer.inject(.ack, seq: 1, [UInt8](repeating: 7, count: 99))
    for start in [200, 400, 600] {
      peer.inject(.ack, seq: start, [UInt8](repeating: 7, count: 100))
    }
    let payload = [UInt8](repeating: 7, count: segment.end - segment.start)
    let answers = peer.inject(.ack, seq: segment.start, payload)
    #expect(answers.map { blocks($0, peer) } == [told])
  }

  struct Overlap: Sendable {
    let start: Int
    let end: Int
    init(_ start: Int, _ end: Int) { (self.start, self.end) = (start, end) }
  }

  @Test("RFC 2883 §4: octets that came twice before new ones are told at once, without delay")
  func promptReport() {
    let (peer, _) = speaking()
    peer.inject(.ack, seq: 1, [UInt8](repeating: 7, count: 100))
    let answers = peer.inject(.ack, seq: 51, [UInt8](repeating: 7, count: 100))
    #expect(answers.map { blocks($0, peer) } == [[[51, 101]]])
  }

  @Test("RFC 6675 §5: three ranges mean a loss; both holes are sent again in one round trip")
  func twoHoles() {
    let (peer, socket) = speaking(10)
    let bench = peer.bench
    // Segments 1 and 3 are lost.
    #expect(peer.inject(.ack, options: sack([(1461, 2921)], of: peer)).isEmpty)
    #expect(
      peer.inject(.ack, options: sack([(4381, 5841), (1461, 2921)], of: peer)).isEmpty)
    let first = peer.inject(.ack, options: sack([(4381, 7301), (1461, 2921)], of: peer))
    #expect(peer.lines(first) == [". 1+1460 ack 1 win 17520"])
    #expect(bench.tcb(0, socket).flags.contains(.recovering))
    #expect(bench.tcb(0, socket).cwnd == 6 * 1460)
    var sent: [String] = []
    for end in [8761, 10221, 11681, 13141, 14601] {
      sent += peer.lines(
        peer.inject(.ack, options: sack([(4381, end), (1461, 2921)], of: peer)))
    }
    #expect(sent == [". 2921+1460 ack 1 win 17520"])
    #expect(bench.hosts[0].state.statistics.tcpRetransmits == 2)
    peer.inject(.ack, ack: 14601)
    #expect(!bench.tcb(0, socket).flags.contains(.recovering))
    #expect(bench.hosts[0].state.statistics.tcpRexmtTimeouts == 0)
  }

  @Test("RFC 6675 §5 (2): enough octets behind a hole mean a loss before the third duplicate")
  func lostByOctets() {
    let (peer, socket) = speaking(10)
    let sent = peer.inject(.ack, options: sack([(1461, 5841)], of: peer))
    #expect(peer.lines(sent) == [". 1+1460 ack 1 win 17520"])
    #expect(peer.bench.tcb(0, socket).flags.contains(.recovering))
  }

  @Test("RFC 6675 §5 C: in recovery new data follows when the pipe has room")
  func newData() {
    let (peer, socket) = speaking(10)
    peer.inject(.ack, options: sack([(1461, 5841)], of: peer))
    peer.bench.send(0, socket, 1460)
    #expect(peer.bench.tcb(0, socket).sndMax - SequenceNumber(peer.iss) == 14601)
    var sent: [Int] = []
    for end in stride(from: 7301, through: 14601, by: 1460) {
      let answer = peer.inject(.ack, options: sack([(1461, end)], of: peer))
      sent += answer.map { $0.header.sequence - SequenceNumber(peer.iss) }
    }
    #expect(sent == [14601])
    #expect(peer.bench.hosts[0].state.statistics.tcpRetransmits == 1)
  }

  @Test("RFC 2018 §8: a timeout forgets what was reported")
  func timeout() {
    let (peer, socket) = speaking(8)
    peer.inject(.ack, options: sack([(1461, 2921)], of: peer))
    peer.bench.run(for: .seconds(4))
    #expect(peer.bench.hosts[0].state.statistics.tcpRexmtTimeouts > 0)
    let count = peer.bench.enter(0) { kernel in
      kernel.sackBoards[Int(kernel.sockets[Int(socket)].pcb)].count
    }
    #expect(count == 0)
  }

  @Test("blocks that claim what was never sent, or nothing, are counted and ignored")
  func lies() {
    let (peer, socket) = speaking(4)
    for lie in [(5841, 100_000), (4381, 2921), (2921, 2921), (-5000, 5841)] {
      peer.inject(.ack, options: sack([lie], of: peer))
    }
    #expect(peer.bench.hosts[0].state.statistics.tcpSackBad == 4)
    let count = peer.bench.enter(0) { kernel in
      kernel.sackBoards[Int(kernel.sockets[Int(socket)].pcb)].count
    }
    #expect(count == 0)
    // A first block below the ACK is a duplicate that the peer had.
    peer.inject(.ack, ack: 2921)
    peer.inject(.ack, ack: 2921, options: sack([(1, 1461)], of: peer))
    #expect(peer.bench.hosts[0].state.statistics.tcpDsacks == 1)
  }

  @Test("RFC 6675 §4: the scoreboard merges, is bounded, and its pipe counts what is on its way")
  func scoreboard() {
    var board = SackBoard()
    let zero = SequenceNumber(.max - 3000)  // the numbers wrap
    func range(_ from: Int, _ to: Int) -> TCPSackBlock { TCPSackBlock(zero + from, zero + to) }
    #expect(board.add(range(1000, 2000)) == 1000)
    #expect(board.add(range(3000, 4000)) == 1000)
    #expect(board.add(range(1500, 3500)) == 1000)
    #expect(board.count == 1)
    #expect(board.add(range(1000, 4000)) == 0)
    board.highRxt = zero
    let loss = SackLoss(ranges: 3, octets: 2000)
    // 1000 lost, 3000 arrived, 2000 under way.
    #expect(board.pipe(from: zero, to: zero + 6000, loss) == 2000)
    board.highRxt = zero + 1000
    #expect(board.pipe(from: zero, to: zero + 6000, loss) == 3000)
    #expect(board.firstHole(from: zero) == nil)
    #expect(board.lastHole(from: zero, to: zero + 6000) == range(4000, 6000))
    for step in 0..<40 { _ = board.add(range(10_000 + 20 * step, 10_010 + 20 * step)) }
    #expect(board.count == SackBoard.rangeLimit)
    board.forget(below: zero + 10_015)
    #expect(board.count == SackBoard.rangeLimit - 2)
  }

  @Test(
    "a bulk transfer over a lossy wire arrives whole, in every mode of recovery",
    arguments: 0..<12)
  func lossyTransfer(_ choice: Int) {
    let bench = TCPBench { configuration in
      configuration.sack = choice & 1 != 0
      configuration.tunables.tcp.recovery = choice & 2 != 0 ? .newReno : .reno
      configuration.tunables.tcp.limitedTransmit = choice & 2 != 0
      configuration.tunables.rfc1323 = choice & 1 != 0
      if choice >= 8 {
        configuration.slowBeat = .milliseconds(10)
        configuration.tunables.tcp.delayedAck = 4
        configuration.tunables.tcp.ackEverySecond = true
        configuration.tunables.tcp.initialWindow = 10
      }
    }
    let (a, b) = bench.connected()
    let oneIn = choice & 4 != 0 ? 5 : 11
    let read = bench.carry(80_000, from: a, to: b, losing: oneIn, each: .milliseconds(5))
    #expect(read == TCPBench.pattern(80_000))
    #expect(bench.hosts[0].state.statistics.tcpRetransmits > 0)
    #expect(bench.hosts[1].state.heldMbufs[.reass] == 0)
  }
}
