// SEGMENT ARRIVES: each of the eleven states against each kind of segment. RFC 9293 §3.10.7.1 –
// §3.10.7.4, with the rules of RFC 793 where RFC 5961 has tightened them since.

import Testing
import Wire

@testable import NetStack

/// What is sent to a connection, and how.
private struct Stimulus: Sendable {
  var name: String
  var send: @Sendable (InState) -> [SeenSegment]
}

private let stimuli: [Stimulus] = [
  Stimulus(name: "SYN old") { $0.peer.inject(.syn, seq: 0) },
  Stimulus(name: "SYN in window") { $0.peer.inject([.syn, .ack], seq: $0.next + 10, ack: $0.ack) },
  Stimulus(name: "SYN beyond") { $0.peer.inject(.syn, seq: 100_000) },
  Stimulus(name: "RST") { $0.peer.inject(.rst, seq: $0.next) },
  Stimulus(name: "RST ACK") { $0.peer.inject([.rst, .ack], seq: $0.next, ack: $0.ack) },
  Stimulus(name: "RST beyond") { $0.peer.inject(.rst, seq: 100_000) },
  Stimulus(name: "FIN") { $0.peer.inject([.fin, .ack], seq: $0.next, ack: $0.ack) },
  Stimulus(name: "FIN beyond") { $0.peer.inject([.fin, .ack], seq: 100_000, ack: $0.ack) },
  Stimulus(name: "ACK old") { $0.peer.inject(.ack, seq: $0.next, ack: 0) },
  Stimulus(name: "ACK new") { $0.peer.inject(.ack, seq: $0.next, ack: $0.ack) },
  Stimulus(name: "ACK too new") { $0.peer.inject(.ack, seq: $0.next, ack: 50_000) },
  Stimulus(name: "no ACK") { $0.peer.inject([], seq: $0.next, [1]) },
  Stimulus(name: "data") { $0.peer.inject(.ack, seq: $0.next, ack: $0.ack, [1, 2, 3]) },
  Stimulus(name: "data old") { $0.peer.inject(.ack, seq: $0.next - 3, ack: $0.ack, [1, 2]) },
  Stimulus(name: "data ahead") { $0.peer.inject(.ack, seq: $0.next + 9, ack: $0.ack, [1, 2]) },
  Stimulus(name: "data beyond") { $0.peer.inject(.ack, seq: 100_000, ack: $0.ack, [1, 2]) },
  Stimulus(name: "urgent") {
    $0.peer.inject([.ack, .urg], seq: $0.next, ack: $0.ack, [1, 2, 3], urgent: 3)
  },
]

private let expected: [TCPState: String] = [
  .closed: "x"
]

@Suite("SEGMENT ARRIVES") struct SegmentArrivesTests {
  static let states: [TCPState] = [
    .closed, .listen, .synSent, .synReceived, .established, .closeWait, .finWait1, .closing,
    .lastAck, .finWait2, .timeWait,
  ]

  @Test("RFC 9293 §3.10.7: the answer, the next state and the error", arguments: states)
  func table(_ state: TCPState) {
    var lines: [String] = []
    for stimulus in stimuli {
      let connection = InState(state)
      let before = connection.peer.bench.hosts[0].state.statistics
      let answer = stimulus.send(connection)
      lines.append(stimulus.name + ": " + connection.outcome(answer, since: before))
    }
    #expect(lines == (expected[state] ?? "").split(separator: "\n").map { String($0) })
  }
}
