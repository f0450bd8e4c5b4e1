// What a SYN says and how often it is sent, where FreeBSD differs from 4.4BSD.
//
// FreeBSD: tcp_addoptions of netinet/tcp_output.c, tcp_connect of tcp_usrreq.c, tcp_timer_rexmt,
// TCPT_RANGESET of tcp_timer.h.

import Testing
import Wire

@testable import NetStack

@Suite struct SynRulesTests {
  private func syn(
    _ adjust: @escaping (inout HostConfiguration) -> Void
  ) -> SeenSegment {
    let bench = TCPBench(hosts: 1) { configuration in
      configuration.sack = true
      configuration.tunables.tcp.packsOptions = true
      adjust(&configuration)
    }
    _ = bench.connect(0)
    return bench.wire[0]
  }

  private func optionOctets(_ seen: SeenSegment) -> [UInt8] {
    Array(seen.octets[40..<20 + Int(seen.header.headerOctets)])
  }

  @Test("tcp_addoptions: mss, nop, wscale, sackOK, TS: no option is padded for its own sake")
  func everything() {
    let octets = optionOctets(syn { _ in })
    #expect(Array(octets.prefix(12)) == [2, 4, 5, 180, 1, 3, 3, 0, 4, 2, 8, 10])
    #expect(octets.count == 20)
  }

  @Test("tcp_addoptions: without SACK timestamps have two no-operations before them")
  func withoutSack() {
    let octets = optionOctets(syn { $0.tunables.tcp.offersSack = false })
    #expect(Array(octets.prefix(12)) == [2, 4, 5, 180, 1, 3, 3, 0, 1, 1, 8, 10])
  }

  @Test("tcp_addoptions: the end of the list is marked, and zeros follow up to four octets")
  func ending() {
    let octets = optionOctets(syn { $0.tunables.rfc1323 = false })
    #expect(octets == [2, 4, 5, 180, 4, 2, 0, 0])
  }

  @Test("a packed list of anything reads back as it was, and is as long as it says")
  func roundTrip() {
    for bits in 0..<64 {
      var options = TCPOptions(
        maximumSegmentSize: bits & 1 != 0 ? 1460 : nil, windowScale: bits & 2 != 0 ? 6 : nil,
        timestamps: bits & 4 != 0 ? TCPTimestamps(value: 100, echo: 7) : nil)
      options.sackPermitted = bits & 8 != 0
      if bits & 16 != 0 { options.connectionCount = 9 }
      if bits & 32 != 0 {
        options.sack.append(TCPSackBlock(SequenceNumber(1), SequenceNumber(5)))
      }
      var octets = [UInt8](repeating: 255, count: 64)
      octets.withUnsafeMutableBytes { options.writePacked(to: $0.baseAddress!) }
      let count = options.packedOctetCount
      #expect(count % 4 == 0 && octets[count...].allSatisfy { $0 == 255 })
      let read = octets[..<count].withUnsafeBytes { TCPOptions(reading: $0) }
      #expect(read == options)
    }
  }

  @Test("tcp_connect: the scale covers the largest buffer that there may be, 14 at most")
  func scale() {
    func scale(_ most: Int32) -> UInt8? {
      syn {
        $0.tunables.tcp.scalesForLargest = true
        $0.tunables.bufferMax = most
      }.options.windowScale
    }
    #expect(scale(2_097_152) == 6)
    #expect(scale(.max) == 14)
    #expect(scale(65535) == 0)
  }

  // MARK: how often

  /// Seconds between the SYNs of a connect that nobody answers.
  private func pauses(
    _ adjust: @escaping (inout HostConfiguration) -> Void
  ) -> (pauses: [Int64], wire: [SeenSegment]) {
    let bench = TCPBench(hosts: 1) { configuration in
      configuration.slowBeat = .milliseconds(1)
      configuration.tunables.tcpRttMinTicks = 30
      configuration.tunables.tcp.rtoBase = 1000
      configuration.tunables.tcp.rttvarBase = 4000
      configuration.tunables.tcp.rexmtMax = 64_000
      configuration.tunables.tcp.keepInit = 75_000
      configuration.tunables.tcp.rtoFloor = true
      adjust(&configuration)
    }
    _ = bench.connect(0)
    bench.run(for: .seconds(500))
    let times = bench.wire.map { $0.at.nanoseconds / 1_000_000 }
    return (zip(times.dropFirst(), times).map { $0 - $1 }, bench.wire)
  }

  @Test("TCPT_RANGESET: rexmit_slop is added to each timeout but the first, before the maximum")
  func slop() {
    let (found, _) = pauses {
      $0.tunables.tcp.rexmitSlop = 200
      $0.tunables.tcp.keepInit = 400_000
    }
    #expect(found.prefix(6) == [1000, 2200, 4200, 8200, 16_200, 32_200])
    #expect(found.dropFirst(6).allSatisfy { $0 == 64_000 } && found.count > 8)
  }

  @Test("net.inet.tcp.rexmit_drop_options: the third retransmission has a segment size, no more")
  func dropOptions() {
    let (_, wire) = pauses { $0.tunables.tcp.dropsOptions = true }
    let kept = wire.map { $0.options.timestamps != nil && $0.options.windowScale != nil }
    #expect(kept.prefix(5) == [true, true, true, false, false])
    #expect(wire.allSatisfy { $0.options.maximumSegmentSize == 1460 })
  }

  // MARK: TCP_KEEPINIT and its kin

  @Test("TCP_KEEPINIT: a connection gives its handshake up when its user says, not its host")
  func keepInit() {
    let bench = TCPBench(hosts: 1)
    let socket = bench.socket(0)
    bench.enter(0) { kernel in
      #expect(kernel.soSetOption(socket, .keepInit, 5_000_000_000) == .none)
      #expect(kernel.soGetOption(socket, .keepInit) == .option(5_000_000_000))
      _ = kernel.soConnect(socket, TCPBench.addresses[1], TCPBench.portB)
    }
    bench.run(for: .milliseconds(4400))
    #expect(bench.error(0, socket) == nil)
    bench.run(for: .milliseconds(700))
    #expect(bench.error(0, socket) == .ETIMEDOUT)
  }

  @Test("TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT: probes of a connection as its user wants them")
  func keepalive() {
    let bench = TCPBench(hosts: 1) { $0.tunables.rfc1323 = false }
    var peer = ScriptedPeer(bench)
    let socket = peer.acceptFromHost0()
    bench.enter(0) { kernel in
      _ = kernel.soSetOption(socket, .keepalive, 1)
      _ = kernel.soSetOption(socket, .keepIdle, 10_000_000_000)
      _ = kernel.soSetOption(socket, .keepInterval, 2_000_000_000)
      _ = kernel.soSetOption(socket, .keepCount, 3)
      #expect(kernel.soSetOption(socket, .keepCount, 0) == .error(.EINVAL))
      #expect(kernel.soGetOption(socket, .keepCount) == .option(3))
    }
    let mark = bench.wire.count
    let begun = bench.now.nanoseconds
    bench.run(for: .seconds(20))
    let probes = bench.sent(by: 0, since: mark).map {
      ($0.at.nanoseconds - begun + 250_000_000) / 500_000_000
    }
    // t_idle is a beat behind when the timer looks at it: one more than the count goes out.
    #expect(probes.dropLast() == [20, 24, 28, 32])
    #expect(bench.error(0, socket) == .ETIMEDOUT)
  }

  @Test("without options of its own a connection tells the times of its host")
  func hostTimes() {
    let bench = TCPBench(hosts: 1)
    let socket = bench.socket(0)
    bench.enter(0) { kernel in
      #expect(kernel.soGetOption(socket, .keepIdle) == .option(7_200_000_000_000))
      #expect(kernel.soGetOption(socket, .keepInterval) == .option(75_000_000_000))
      #expect(kernel.soGetOption(socket, .keepInit) == .option(75_000_000_000))
      #expect(kernel.soGetOption(socket, .keepCount) == .option(8))
    }
  }

  @Test("syncache_socket: an accepted socket sends with its listener's TTL, and so does a RST")
  func inheritedTTL() {
    let it = InState(.listen) { $0.tunables.tcp.inheritsSending = true }
    let listener = it.listener
    it.peer.bench.enter(0) { _ = $0.soSetOption(listener, .timeToLive, 4) }
    #expect(it.peer.inject(.ack, seq: 0).map { $0.octets[8] } == [4])
    #expect(it.peer.inject(.syn, seq: 0).map { $0.octets[8] } == [4])
  }

  @Test("TF_NOOPT: a connection has from its listener that no options go out")
  func inheritedOptions() {
    let it = InState(.listen)
    let listener = it.listener
    it.peer.bench.enter(0) { _ = $0.soSetOption(listener, .noOptions, 1) }
    let answers = it.peer.inject(.syn, seq: 0, options: TCPOptions(maximumSegmentSize: 1460))
    #expect(answers.map(\.header.headerOctets) == [20])
  }
}
