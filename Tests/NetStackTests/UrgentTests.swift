// Urgent data: BSD's pointer, the octet beside the stream, and the mark. RFC 9293 §3.8.5, RFC 1122
// §4.2.2.4.

import Testing
import Wire

@testable import NetStack

@Suite("Urgent data") struct UrgentTests {
  private func reading() -> (peer: ScriptedPeer, socket: Int32) {
    var peer = ScriptedPeer(TCPBench(hosts: 1))
    let socket = peer.acceptFromHost0()
    return (peer, socket)
  }

  private func urgent(_ peer: ScriptedPeer, _ socket: Int32, isPeek: Bool = false) -> CallResult {
    peer.bench.enter(0) { $0.tcpReceiveUrgent(socket, isPeek: isPeek) }
  }

  @Test("a pointer counts from its segment to the octet behind the urgent one, until that is acked")
  func pointer() {
    let (peer, socket) = reading()
    let mark = peer.bench.wire.count
    peer.bench.send(0, socket, 10)
    peer.bench.send(0, socket, 3, from: 10, isUrgent: true)
    peer.bench.send(0, socket, 2, from: 13)
    let sent = peer.bench.sent(by: 0, since: mark)
    #expect(sent.map { $0.has(.urg) } == [false, true, false])
    #expect(sent.map(\.header.urgentPointer) == [0, 3, 0])
    let acked = peer.inject(.ack, ack: 16)
    #expect(acked.allSatisfy { !$0.has(.urg) })
  }

  @Test("urgent data goes out at once, past Nagle, and into a shut window octet by octet")
  func pressing() {
    let (peer, socket) = reading()
    peer.bench.send(0, socket, 10)
    let mark = peer.bench.wire.count
    peer.bench.send(0, socket, 5, from: 10, isUrgent: true)
    #expect(peer.bench.sent(by: 0, since: mark).map(\.length) == [5])
    peer.inject(.ack, ack: 16, window: 0)
    let shut = peer.bench.wire.count
    peer.bench.send(0, socket, 5, from: 15, isUrgent: true)
    let sent = peer.bench.sent(by: 0, since: shut)
    #expect(sent.map(\.length) == [1] && sent[0].has(.urg))
    #expect(sent[0].header.urgentPointer == 5)
  }

  @Test("tcp_pulloutofband: the octet leaves the stream, is read once, and marks its place")
  func pulled() {
    let (peer, socket) = reading()
    peer.inject([.ack, .urg], [1, 2, 3, 9, 4, 5], urgent: 4)
    let record = peer.bench.hosts[0].socket(socket)
    #expect(record.rcv.cc == 5 && record.urgentMark == 3)
    #expect(urgent(peer, socket, isPeek: true) == .octets(1))
    #expect(urgent(peer, socket) == .octets(1))
    #expect(urgent(peer, socket) == .error(.EINVAL))
    #expect(peer.bench.tcb(0, socket).urgentOctet == 9)
    #expect(peer.bench.receive(0, socket) == [1, 2, 3, 4, 5])
    #expect(peer.lines(peer.inject([.fin, .ack], seq: 7)) == [". 1 ack 8 win 17520"])
  }

  @Test("SO_OOBINLINE leaves it where it stands")
  func inline() {
    let (peer, socket) = reading()
    peer.bench.enter(0) { _ = $0.soSetOption(socket, .inlineUrgent, 1) }
    peer.inject([.ack, .urg], [1, 2, 9, 4], urgent: 3)
    #expect(peer.bench.hosts[0].socket(socket).urgentMark == 2)
    #expect(urgent(peer, socket) == .error(.EINVAL))
    #expect(peer.bench.receive(0, socket) == [1, 2, 9, 4])
  }

  @Test("a pointer ahead of its data: nothing to read yet, then the octet when it comes")
  func ahead() {
    let (peer, socket) = reading()
    peer.inject([.ack, .urg], [1, 2], urgent: 4)
    #expect(urgent(peer, socket) == .error(.EAGAIN))
    peer.inject([.ack, .urg], seq: 3, [3, 9], urgent: 2)
    #expect(urgent(peer, socket) == .octets(1))
    #expect(peer.bench.receive(0, socket) == [1, 2, 3])
  }

  @Test("an urgent segment behind a gap waits, and comes out whole but for its octet")
  func behindGap() {
    let (peer, socket) = reading()
    peer.inject([.ack, .urg], seq: 4, [4, 9, 6], urgent: 2)
    peer.inject(.ack, seq: 6, [6, 7])
    peer.inject(.ack, seq: 1, [1, 2, 3])
    #expect(peer.bench.receive(0, socket) == [1, 2, 3, 4, 6, 7])
    #expect(peer.bench.tcb(0, socket).rcvNxt - peer.bench.tcb(0, socket).irs == 8)
  }

  @Test("pointers of every size, before, in and behind their segment, leave every buffer sound")
  func everyPointer() {
    for pointer in 0..<20 {
      for gap in 0..<3 {
        let (peer, socket) = reading()
        let length = [1, 5, 9][gap]
        peer.inject(
          [.ack, .urg], seq: 1 + gap, [UInt8](repeating: 7, count: length),
          urgent: UInt16(pointer))
        peer.inject([.ack, .urg], seq: 1, [1, 2, 3], urgent: UInt16(max(pointer - 2, 0)))
        peer.inject([.ack, .urg], [UInt8](repeating: 8, count: 12), urgent: UInt16(pointer + 3))
        #expect(peer.bench.tcb(0, socket).rcvNxt - peer.bench.tcb(0, socket).irs == 13)
        _ = peer.bench.receive(0, socket)
        peer.inject([.fin, .ack], seq: 13)
        #expect(peer.bench.state(0, socket) == .closeWait)
      }
    }
  }
}
