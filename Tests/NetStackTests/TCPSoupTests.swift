// Segments of random content in random states: nothing traps, nothing is lost, nothing contradicts
// itself. The generator is our own, so that a seed means the same on every machine.

import Testing
import Wire

@testable import NetStack

/// SplitMix64.
struct SoupRandom {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }
  mutating func oneIn(_ count: Int) -> Bool { below(count) == 0 }
}

@Suite struct TCPSoupTests {
  /// An offset near the edges that matter, or anywhere.
  private func edge(_ random: inout SoupRandom) -> Int {
    switch random.below(6) {
    case 0: Int(Int32(truncatingIfNeeded: random.next()))
    case 1: random.below(20000)
    case 2: -random.below(3)
    default: random.below(8)
    }
  }

  private func soup(
    _ peer: ScriptedPeer, _ random: inout SoupRandom, _ socket: Int32
  ) {
    let bench = peer.bench
    var flags = TCPFlags(rawValue: UInt8(random.below(64)))
    if !random.oneIn(4) { flags.insert(.ack) }
    if !random.oneIn(6) { flags.subtract([.rst, .syn]) }
    if !random.oneIn(4) { flags.remove(.fin) }
    var options = TCPOptions()
    if random.oneIn(3) {
      options.timestamps = TCPTimestamps(
        value: UInt32(truncatingIfNeeded: random.next() >> UInt64(random.below(64))),
        echo: UInt32(truncatingIfNeeded: random.next() >> UInt64(random.below(64))))
    }
    if random.oneIn(4) { options.maximumSegmentSize = UInt16(random.below(65536)) }
    if random.oneIn(4) { options.windowScale = UInt8(random.below(256)) }
    // Around what the connection expects now, if there is one.
    var next = 1
    var acked = 1
    if bench.state(0, socket) != nil, bench.hosts[0].socket(socket).inUse {
      let tcb = bench.tcb(0, socket)
      next = tcb.rcvNxt - SequenceNumber(peer.sequence)
      acked = (random.oneIn(2) ? tcb.sndMax : tcb.sndUna) - SequenceNumber(peer.iss)
    }
    let payload = [UInt8](repeating: 1, count: random.oneIn(2) ? 0 : random.below(1400))
    var octets = peer.octets(
      flags, seq: peer.sequence &+ UInt32(truncatingIfNeeded: next + edge(&random)),
      ack: peer.iss &+ UInt32(truncatingIfNeeded: acked + (random.oneIn(2) ? 0 : edge(&random))),
      payload, window: UInt16(random.below(65536) >> random.below(17)), options: options)
    if random.oneIn(30) { octets[random.below(octets.count)] ^= UInt8(1 + random.below(255)) }
    if random.oneIn(30) { octets.removeLast(random.below(octets.count - 20)) }
    octets[0] = 0x45
    bench.deliver(octets, to: 0)
  }

  @Test("an open connection survives any soup", arguments: 0..<24)
  func connection(_ seed: Int) {
    var random = SoupRandom(state: UInt64(seed) &* 7919)
    let bench = TCPBench(hosts: 1) { configuration in
      configuration.tunables.rfc1323 = seed % 2 == 0
      configuration.tunables.alwaysKeepalive = seed % 3 == 0
      configuration.tunables.dropFrees = seed % 5 == 0
      if seed % 4 == 0 {
        configuration.mbufs = 40
        configuration.clusters = 12
      }
    }
    bench.listen(0, port: 3000)
    var peer = ScriptedPeer(bench)
    var port = TCPBench.portA
    for _ in 0..<20 {
      port += 1
      peer.nearPort = port
      let (socket, error) = bench.connect(0, port: port)
      if error == nil {
        peer.iss = bench.tcb(0, socket).iss.rawValue
        if !random.oneIn(4) {
          peer.inject([.syn, .ack], seq: 0, options: TCPOptions(maximumSegmentSize: 1460))
        }
      }
      for _ in 0..<60 {
        soup(peer, &random, socket)
        if random.oneIn(4) && bench.hosts[0].socket(socket).state.contains(.connected) {
          bench.send(0, socket, 1 + random.below(3000))
        }
        if random.oneIn(5) { _ = bench.receive(0, socket, atMost: random.below(5000)) }
        if random.oneIn(3) { bench.run(for: .milliseconds(Int64(random.below(3000)))) }
        if random.oneIn(40) && bench.state(0, socket) != nil { bench.shutdown(0, socket) }
      }
      bench.close(0, socket)
    }
    bench.run(for: .seconds(20000))
    // An orphan ends by itself, unless a want of mbufs has left it without a timer.
    if seed % 4 != 0 { #expect(bench.hosts[0].connections.count == 1) }
  }

  @Test("a listener survives any soup, and a run is the same twice", arguments: 0..<6)
  func listener(_ seed: Int) {
    func run() -> Digest {
      var random = SoupRandom(state: UInt64(seed) &* 104_729 + 1)
      let bench = TCPBench(hosts: 1)
      let listener = bench.listen(0, backlog: 4, port: TCPBench.portA)
      var peer = ScriptedPeer(bench)
      for _ in 0..<400 {
        peer.farPort = UInt16(100 + random.below(6))
        if random.oneIn(2) {
          let answer = peer.inject(.syn, seq: 0)
          if let first = answer.first { peer.iss = first.header.sequence.rawValue }
        }
        soup(peer, &random, listener)
        if random.oneIn(10) { bench.run(for: .milliseconds(Int64(random.below(2000)))) }
        if random.oneIn(6) {
          let socket = bench.enter(0) { $0.takeConnection(listener) }
          if socket >= 0 { bench.close(0, socket) }
        }
      }
      return bench.context.digest
    }
    #expect(run() == run())
  }

  @Test("two hosts that write, read and lose at random keep their streams whole", arguments: 0..<8)
  func pair(_ seed: Int) {
    var random = SoupRandom(state: UInt64(seed) &* 31 + 5)
    var wireRandom = SoupRandom(state: UInt64(seed) &* 17 + 3)
    let bench = TCPBench { $0.tunables.rfc1323 = seed % 2 == 0 }
    let (a, b) = bench.connected()
    bench.loses = { _ in wireRandom.oneIn(12) }
    let sockets = [a, b]
    var written = [0, 0]
    var read: [[UInt8]] = [[], []]
    for step in 0..<2500 {
      let side = random.below(2)
      let room = Int(bench.hosts[side].socket(sockets[side]).snd.space)
      let chunk = min(random.below(2500), room)
      if step < 800 && chunk > 0 && written[side] < 40_000
        && bench.send(side, sockets[side], chunk, from: written[side]) == nil
      {
        written[side] += chunk
      }
      bench.delay = .microseconds(Int64(100 + random.below(30000)))
      bench.run(for: .milliseconds(Int64(random.below(400))))
      read[1 - side] += bench.receive(1 - side, sockets[1 - side], atMost: random.below(4000))
      if step > 800 && read[0].count == written[1] && read[1].count == written[0] { break }
    }
    for side in 0..<2 where bench.state(side, sockets[side]) != nil {
      let got = read[1 - side]
      #expect(got == TCPBench.pattern(got.count))
    }
    if bench.state(0, a) != nil && bench.state(1, b) != nil {
      #expect(read[1].count == written[0])
      #expect(read[0].count == written[1])
    }
  }
}
