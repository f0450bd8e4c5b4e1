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

/// Where BSD is silent and the RFC would answer: a pcb in CLOSED, and a SYN that is sent again (its
/// ACK is noted, but a segment without ACK is dropped before it goes out). Two RSTs answer a SYN in
/// the window: tcp_drop's and dropwithreset's.
private let expected: [TCPState: String] = [
  .closed: """
  SYN old: - → CLOSED
  SYN in window: - → CLOSED
  SYN beyond: - → CLOSED
  RST: - → CLOSED
  RST ACK: - → CLOSED
  RST beyond: - → CLOSED
  FIN: - → CLOSED
  FIN beyond: - → CLOSED
  ACK old: - → CLOSED
  ACK new: - → CLOSED
  ACK too new: - → CLOSED
  no ACK: - → CLOSED
  data: - → CLOSED
  data old: - → CLOSED
  data ahead: - → CLOSED
  data beyond: - → CLOSED
  urgent: - → CLOSED
  """,
  .listen: """
  SYN old: S. → LISTEN (accepts)
  SYN in window: R → LISTEN (badsyn)
  SYN beyond: S. → LISTEN (accepts)
  RST: - → LISTEN
  RST ACK: - → LISTEN (badsyn)
  RST beyond: - → LISTEN
  FIN: R → LISTEN (badsyn)
  FIN beyond: R → LISTEN (badsyn)
  ACK old: R → LISTEN (badsyn)
  ACK new: R → LISTEN (badsyn)
  ACK too new: R → LISTEN (badsyn)
  no ACK: - → LISTEN
  data: R → LISTEN (badsyn)
  data old: R → LISTEN (badsyn)
  data ahead: R → LISTEN (badsyn)
  data beyond: R → LISTEN (badsyn)
  urgent: R → LISTEN (badsyn)
  """,
  .synSent: """
  SYN old: . → SYN_RECEIVED
  SYN in window: . → ESTABLISHED (connects)
  SYN beyond: . → SYN_RECEIVED
  RST: - → SYN_SENT
  RST ACK: - → gone ECONNREFUSED (conndrops)
  RST beyond: - → SYN_SENT
  FIN: - → SYN_SENT
  FIN beyond: - → SYN_SENT
  ACK old: R → SYN_SENT
  ACK new: - → SYN_SENT
  ACK too new: R → SYN_SENT
  no ACK: - → SYN_SENT
  data: - → SYN_SENT
  data old: - → SYN_SENT
  data ahead: - → SYN_SENT
  data beyond: - → SYN_SENT
  urgent: - → SYN_SENT
  """,
  .synReceived: """
  SYN old: . → SYN_RECEIVED (dup)
  SYN in window: R. R → gone (drops)
  SYN beyond: . → SYN_RECEIVED (afterwin)
  RST: - → gone (drops)
  RST ACK: - → gone (drops)
  RST beyond: - → SYN_RECEIVED (afterwin)
  FIN: . → CLOSE_WAIT (connects)
  FIN beyond: . → SYN_RECEIVED (afterwin)
  ACK old: R → SYN_RECEIVED
  ACK new: - → ESTABLISHED (connects)
  ACK too new: R → SYN_RECEIVED
  no ACK: . → SYN_RECEIVED (oo)
  data: - → ESTABLISHED (connects)
  data old: . → ESTABLISHED (connects dup)
  data ahead: . → ESTABLISHED (connects oo)
  data beyond: . → SYN_RECEIVED (afterwin)
  urgent: - → ESTABLISHED (connects urgent)
  """,
  .established: """
  SYN old: - → ESTABLISHED (dup)
  SYN in window: R. R → gone ECONNRESET (drops)
  SYN beyond: . → ESTABLISHED (afterwin)
  RST: - → gone ECONNRESET (drops)
  RST ACK: - → gone ECONNRESET (drops)
  RST beyond: - → ESTABLISHED (afterwin)
  FIN: . → CLOSE_WAIT (dupacks)
  FIN beyond: . → ESTABLISHED (afterwin)
  ACK old: - → ESTABLISHED (dupacks)
  ACK new: - → ESTABLISHED (dupacks)
  ACK too new: . → ESTABLISHED (acktoomuch)
  no ACK: - → ESTABLISHED
  data: - → ESTABLISHED (predat)
  data old: . → ESTABLISHED (dup dupacks)
  data ahead: . → ESTABLISHED (oo)
  data beyond: . → ESTABLISHED (afterwin)
  urgent: - → ESTABLISHED (urgent)
  """,
  .closeWait: """
  SYN old: - → CLOSE_WAIT (dup)
  SYN in window: R. R → gone ECONNRESET (drops)
  SYN beyond: . → CLOSE_WAIT (afterwin)
  RST: - → gone ECONNRESET (drops)
  RST ACK: - → gone ECONNRESET (drops)
  RST beyond: - → CLOSE_WAIT (afterwin)
  FIN: . → CLOSE_WAIT (dupacks oo)
  FIN beyond: . → CLOSE_WAIT (afterwin)
  ACK old: - → CLOSE_WAIT (dupacks)
  ACK new: - → CLOSE_WAIT (dupacks)
  ACK too new: . → CLOSE_WAIT (acktoomuch)
  no ACK: - → CLOSE_WAIT
  data: . → CLOSE_WAIT (oo)
  data old: . → CLOSE_WAIT (dup dupacks)
  data ahead: . → CLOSE_WAIT (oo)
  data beyond: . → CLOSE_WAIT (afterwin)
  urgent: . → CLOSE_WAIT (oo urgent)
  """,
  .finWait1: """
  SYN old: - → FIN_WAIT_1 (dup)
  SYN in window: R. R → gone ECONNRESET (drops)
  SYN beyond: F. → FIN_WAIT_1 (afterwin)
  RST: - → gone ECONNRESET (drops)
  RST ACK: - → gone ECONNRESET (drops)
  RST beyond: - → FIN_WAIT_1 (afterwin)
  FIN: . → TIME_WAIT (oo)
  FIN beyond: F. → FIN_WAIT_1 (afterwin)
  ACK old: - → FIN_WAIT_1 (dupacks)
  ACK new: - → FIN_WAIT_2
  ACK too new: F. → FIN_WAIT_1 (acktoomuch)
  no ACK: - → FIN_WAIT_1
  data: . → FIN_WAIT_2 (oo)
  data old: . → FIN_WAIT_2 (dup)
  data ahead: . → FIN_WAIT_2 (oo)
  data beyond: F. → FIN_WAIT_1 (afterwin)
  urgent: . → FIN_WAIT_2 (oo urgent)
  """,
  .closing: """
  SYN old: - → CLOSING (dup)
  SYN in window: R. R → gone ECONNRESET (drops)
  SYN beyond: F. → CLOSING (afterwin)
  RST: - → gone
  RST ACK: - → gone
  RST beyond: - → CLOSING (afterwin)
  FIN: - → TIME_WAIT
  FIN beyond: F. → CLOSING (afterwin)
  ACK old: - → CLOSING (dupacks)
  ACK new: - → TIME_WAIT
  ACK too new: F. → CLOSING (acktoomuch)
  no ACK: - → CLOSING
  data: - → TIME_WAIT
  data old: . → TIME_WAIT (dup)
  data ahead: - → TIME_WAIT
  data beyond: F. → CLOSING (afterwin)
  urgent: - → TIME_WAIT
  """,
  .lastAck: """
  SYN old: - → LAST_ACK (dup)
  SYN in window: R. R → gone ECONNRESET (drops)
  SYN beyond: F. → LAST_ACK (afterwin)
  RST: - → gone
  RST ACK: - → gone
  RST beyond: - → LAST_ACK (afterwin)
  FIN: - → gone
  FIN beyond: F. → LAST_ACK (afterwin)
  ACK old: - → LAST_ACK (dupacks)
  ACK new: - → gone
  ACK too new: F. → LAST_ACK (acktoomuch)
  no ACK: - → LAST_ACK
  data: - → gone
  data old: - → gone (dup)
  data ahead: - → gone
  data beyond: F. → LAST_ACK (afterwin)
  urgent: - → gone
  """,
  .finWait2: """
  SYN old: - → FIN_WAIT_2 (dup)
  SYN in window: R. R → gone ECONNRESET (drops)
  SYN beyond: . → FIN_WAIT_2 (afterwin)
  RST: - → gone ECONNRESET (drops)
  RST ACK: - → gone ECONNRESET (drops)
  RST beyond: - → FIN_WAIT_2 (afterwin)
  FIN: . → TIME_WAIT (dupacks oo)
  FIN beyond: . → FIN_WAIT_2 (afterwin)
  ACK old: - → FIN_WAIT_2 (dupacks)
  ACK new: - → FIN_WAIT_2 (dupacks)
  ACK too new: . → FIN_WAIT_2 (acktoomuch)
  no ACK: - → FIN_WAIT_2
  data: . → FIN_WAIT_2 (oo)
  data old: . → FIN_WAIT_2 (dup dupacks)
  data ahead: . → FIN_WAIT_2 (oo)
  data beyond: . → FIN_WAIT_2 (afterwin)
  urgent: . → FIN_WAIT_2 (oo urgent)
  """,
  .timeWait: """
  SYN old: - → TIME_WAIT (dup)
  SYN in window: R. R → gone ECONNRESET (drops)
  SYN beyond: R. → gone (afterwin)
  RST: - → gone
  RST ACK: - → gone
  RST beyond: - → TIME_WAIT (afterwin)
  FIN: - → TIME_WAIT (dupacks)
  FIN beyond: . → TIME_WAIT (afterwin)
  ACK old: - → TIME_WAIT (dupacks)
  ACK new: - → TIME_WAIT (dupacks)
  ACK too new: . → TIME_WAIT (acktoomuch)
  no ACK: - → TIME_WAIT
  data: - → TIME_WAIT
  data old: . → TIME_WAIT (dup dupacks)
  data ahead: - → TIME_WAIT
  data beyond: . → TIME_WAIT (afterwin)
  urgent: - → TIME_WAIT
  """,
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
