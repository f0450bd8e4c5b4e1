// What ICMP errors do to connections and to datagram sockets. RFC 1122 §4.2.3.9, §4.1.3.3, RFC
// 1191.

import Testing
import Wire

@testable import NetStack

@Suite("ICMP errors") struct ControlInputTests {
  /// A router complains of the last segment that host 0 sent, or of one so many octets away.
  private func complain(
    _ bench: TCPBench, _ type: UInt8, _ code: UInt8, nextHopMTU: UInt16 = 0, beyond: UInt32 = 0
  ) {
    let octets = bench.sent(by: 0).last!.octets
    bench.enter(0) { kernel in
      let read = octets.withUnsafeBytes { QuotedDatagram(reading: $0) }
      guard var quoted = read, let command = ControlCommand(type: type, code: code) else {
        Issue.record("nothing to hear")
        return
      }
      quoted.sequence = SequenceNumber(quoted.sequence.rawValue &+ beyond)
      kernel.controlInput(command, quoted, nextHopMTU: nextHopMTU)
    }
  }

  @Test("inetctlerrmap: each type and code has its command and its error, any other has none")
  func mapping() {
    let expected: [(UInt8, UInt8, SocketError?)] = [
      (3, 0, .EHOSTUNREACH), (3, 1, .EHOSTUNREACH), (3, 2, .ECONNREFUSED), (3, 3, .ECONNREFUSED),
      (3, 4, .EMSGSIZE), (3, 5, .EHOSTUNREACH), (3, 6, .EHOSTUNREACH), (3, 7, .EHOSTUNREACH),
      (3, 9, .EHOSTUNREACH), (3, 12, .EHOSTUNREACH), (3, 13, nil), (4, 0, nil),
      (11, 0, nil), (11, 1, nil),
      (12, 0, .ENOPROTOOPT), (12, 1, .ENOPROTOOPT),
    ]
    for (type, code, error) in expected {
      let command = ControlCommand(type: type, code: code)
      #expect(command != nil && command?.error == error, "type \(type) code \(code)")
    }
    for (type, code): (UInt8, UInt8) in [(3, 14), (4, 1), (11, 2), (12, 2), (0, 0), (8, 0), (5, 1)]
    {
      #expect(ControlCommand(type: type, code: code) == nil)
    }
  }

  @Test("a quotation shorter than a header and eight octets is none, whatever its header claims")
  func shortQuotation() {
    var octets = [UInt8](repeating: 0, count: 80)
    for first: UInt8 in 0...255 {
      octets[0] = first
      for length in 0..<80 {
        let quoted = octets[..<length].withUnsafeBytes { QuotedDatagram(reading: $0) }
        let header = Int(first & 15) * 4
        #expect((quoted != nil) == (header >= 20 && length >= header + 8))
      }
    }
  }

  @Test("RFC 1122 §4.2.3.9: an established connection does not mind an unreachable host")
  func established() {
    let bench = TCPBench()
    let (a, _) = bench.connected()
    bench.loses = { _ in true }
    bench.send(0, a, 100)
    complain(bench, 3, 1)
    #expect(bench.state(0, a) == .established && bench.error(0, a) == nil)
    #expect(bench.tcb(0, a).softError == nil)
    complain(bench, 3, 3)
    #expect(bench.state(0, a) == .established && bench.error(0, a) == nil)
    bench.run(for: .seconds(700))
    #expect(bench.error(0, a) == .ECONNREFUSED, "what was last heard is why it was given up")
  }

  @Test("tcp_notify: a connect gives up at the second error, once it has asked four times")
  func connecting() {
    let bench = TCPBench(hosts: 1)
    let socket = bench.connect(0).socket
    complain(bench, 3, 1)
    complain(bench, 3, 1)
    #expect(bench.error(0, socket) == nil)
    bench.run(for: .seconds(60))
    #expect(bench.tcb(0, socket).rxtshift > 3)
    complain(bench, 3, 1)
    #expect(bench.error(0, socket) == .EHOSTUNREACH)
  }

  @Test("icmp_may_rst: an unreachable port ends a connect at once, and nothing else does")
  func mayReset() {
    let bench = TCPBench(hosts: 1) { $0.tunables.icmpMayReset = true }
    let socket = bench.connect(0).socket
    complain(bench, 3, 1)
    #expect(bench.state(0, socket) == .synSent)
    complain(bench, 3, 3)
    #expect(bench.state(0, socket) == nil && bench.error(0, socket) == .ECONNREFUSED)
  }

  @Test(
    "icmp_may_rst: what FreeBSD takes as the end of a connect, and as which error",
    arguments: [
      (3, 2, SocketError.ECONNREFUSED), (3, 3, .ECONNREFUSED), (3, 9, .ECONNREFUSED),
      (3, 10, .ECONNREFUSED), (3, 13, .ECONNREFUSED), (11, 0, .EHOSTUNREACH),
    ] as [(UInt8, UInt8, SocketError)])
  func hardErrors(_ type: UInt8, _ code: UInt8, _ error: SocketError) {
    let bench = TCPBench(hosts: 1) { $0.tunables.icmpMayReset = true }
    let socket = bench.connect(0).socket
    complain(bench, type, code)
    #expect(bench.state(0, socket) == nil && bench.error(0, socket) == error)
    let patient = TCPBench(hosts: 1)
    let other = patient.connect(0).socket
    complain(patient, type, code)
    #expect(patient.state(0, other) == .synSent && patient.error(0, other) == nil)
  }

  @Test("RFC 5927 §4.1: an error that quotes what is not under way is ignored")
  func quotedSequence() {
    let bench = TCPBench(hosts: 1) {
      $0.tunables.icmpMayReset = true
      $0.tunables.tcp.rfc5927 = true
    }
    let socket = bench.connect(0).socket
    for shift: UInt32 in [.max, 1] { complain(bench, 3, 3, beyond: shift) }
    #expect(bench.state(0, socket) == .synSent && bench.error(0, socket) == nil)
    complain(bench, 3, 3)
    #expect(bench.error(0, socket) == .ECONNREFUSED)
  }

  @Test("a source quench shuts the congestion window to a segment")
  func quench() {
    let bench = TCPBench()
    let (a, _) = bench.connected()
    bench.send(0, a, 5000)
    complain(bench, 4, 0)
    #expect(bench.tcb(0, a).cwnd == UInt32(bench.tcb(0, a).mss))
  }

  @Test("in_pcbnotify: an error about somebody else's segment is nobody's")
  func strangers() {
    let bench = TCPBench()
    let (a, b) = bench.connected()
    bench.send(0, a, 100)
    bench.send(1, b, 100)
    let octets = bench.sent(by: 1).last!.octets
    bench.enter(0) { kernel in
      guard let quoted = octets.withUnsafeBytes({ QuotedDatagram(reading: $0) }) else { return }
      kernel.controlInput(.quench, quoted)
      kernel.controlInput(.messageSize, quoted, nextHopMTU: 500)
      kernel.controlInput(.unreachablePort, quoted)
    }
    #expect(bench.tcb(0, a).softError == nil && bench.tcb(0, a).mss == 1448)
  }

  @Test("RFC 1122 §4.1.3.3: a connected datagram socket reports an unreachable port")
  func datagrams() {
    let bench = TCPBench(hosts: 1)
    let socket = bench.enter(0) { kernel in
      guard case .socket(let index) = kernel.soCreate(.datagram) else { return Int32(-1) }
      _ = kernel.soConnect(index, TCPBench.addresses[1], 53)
      let pcb = kernel.pcbs[Int(kernel.sockets[Int(index)].pcb)]
      var octets = [UInt8](repeating: 0, count: 28)
      octets.withUnsafeMutableBytes { raw in
        var header = IPv4Header(
          source: pcb.localAddress, destination: pcb.remoteAddress, protocolNumber: 17,
          totalLength: 28)
        header.writeWithChecksum(to: raw.baseAddress!)
        raw.baseAddress!.store(bigEndian16: pcb.localPort, at: 20)
        raw.baseAddress!.store(bigEndian16: 53, at: 22)
      }
      if let quoted = octets.withUnsafeBytes({ QuotedDatagram(reading: $0) }) {
        kernel.controlInput(.unreachablePort, quoted)
      }
      return index
    }
    #expect(bench.error(0, socket) == .ECONNREFUSED)
  }

  // MARK: path MTU

  @Test("RFC 1191: segments shrink to the next hop's MTU, and what was lost goes again")
  func pathMTU() {
    let bench = TCPBench()
    let (a, b) = bench.connected()
    bench.loses = { $0.host == 0 && $0.octets.count > 1006 }
    bench.send(0, a, 8000)
    complain(bench, 3, 4, nextHopMTU: 1006)
    #expect(bench.tcb(0, a).mss == 1006 - 52)
    bench.run(for: .seconds(5))
    #expect(bench.receive(1, b) == TCPBench.pattern(8000))
    #expect(bench.hosts[0].state.statistics.tcpMtuResent == 1)
    #expect(bench.hosts[0].state.statistics.tcpRexmtTimeouts == 0)
  }

  @Test("RFC 1191 §7.1: without a next hop's MTU the next plateau is tried")
  func plateaus() {
    let bench = TCPBench()
    let (a, _) = bench.connected()
    bench.loses = { _ in true }
    bench.send(0, a, 8000)
    var sizes: [Int32] = []
    for _ in 1...5 {
      complain(bench, 3, 4)
      sizes.append(bench.tcb(0, a).mss + 52)
    }
    // Below 296 no answer is honest: the way is locked at the interface's MTU, and mss stays.
    #expect(sizes == [1492, 1006, 508, 296, 296])
    #expect(mayBeCut(bench.sent(by: 0).first!) == false)
    let isLocked = bench.enter(0) { $0.pathIsLocked(to: TCPBench.addresses[1]) }
    #expect(isLocked)
    // RTV_MTU: from now on routers may cut what goes there.
    bench.run(for: .seconds(10))
    #expect(mayBeCut(bench.sent(by: 0).last!))
  }

  private func mayBeCut(_ segment: SeenSegment) -> Bool { segment.octets[6] & 0x40 == 0 }

  @Test("RFC 1191 §6.3: after ten minutes a new connection tries the whole MTU again")
  func expiry() {
    let bench = TCPBench()
    let (a, _) = bench.connected()
    bench.send(0, a, 3000)
    complain(bench, 3, 4, nextHopMTU: 576)
    let listener = bench.listen(1, port: 22)
    func mss(_ port: UInt16) -> Int32 {
      let socket = bench.socket(0)
      bench.enter(0) { kernel in
        let pcb = kernel.sockets[Int(socket)].pcb
        _ = kernel.pcbBind(pcb, port: port)
        _ = kernel.tcpConnect(pcb, to: TCPBench.addresses[1], port: 22)
      }
      bench.run(for: .milliseconds(5))
      return bench.tcb(0, socket).mss
    }
    #expect(mss(3000) == 576 - 52)
    bench.run(for: .seconds(601))
    #expect(mss(3001) == 1448)
    #expect(bench.hosts[1].socket(listener).completeCount == 2)
  }

  @Test("without path MTU discovery a router's word changes nothing")
  func switchedOff() {
    let bench = TCPBench { $0.tunables.discoversPathMTU = false }
    let (a, _) = bench.connected()
    bench.send(0, a, 3000)
    complain(bench, 3, 4, nextHopMTU: 576)
    #expect(bench.tcb(0, a).mss == 1448)
    #expect(mayBeCut(bench.sent(by: 0).last!))
  }
}
