// Host 0 in each of the eleven states, by the shortest way there.

import Testing
import Wire

@testable import NetStack

/// A connection in some state, its far end written by hand.
struct InState {
  var peer: ScriptedPeer
  var socket: Int32
  /// What the peer sends next, and what it has to acknowledge.
  var next = 1
  var ack = 1
  /// In LISTEN and SYN_RECEIVED: who listens.
  var listener: Int32 = -1

  init(_ state: TCPState, _ adjust: (inout HostConfiguration) -> Void = { _ in }) {
    peer = ScriptedPeer(TCPBench(hosts: 1, adjust))
    socket = -1
    let bench = peer.bench
    if state < .established {
      begin(state)
      return
    }
    socket = peer.acceptFromHost0()
    let fin: TCPFlags = [.fin, .ack]
    switch state {
    case .closeWait, .lastAck:
      peer.inject(fin)
      next = 2
      if state == .lastAck { bench.shutdown(0, socket) }
    case .finWait1: bench.shutdown(0, socket)
    case .closing:
      bench.shutdown(0, socket)
      peer.inject(fin)
      next = 2
    case .finWait2, .timeWait:
      bench.shutdown(0, socket)
      peer.inject(.ack, ack: 2)
      ack = 2
      if state == .timeWait {
        peer.inject(fin, ack: 2)
        next = 2
      }
    default: break
    }
    if state == .closing || state == .finWait1 || state == .lastAck { ack = 2 }
    #expect(bench.state(0, socket) == state)
  }

  private mutating func begin(_ state: TCPState) {
    let bench = peer.bench
    next = 0
    switch state {
    case .closed:
      socket = bench.socket(0)
      let index = socket
      bench.enter(0) { _ = $0.pcbBind($0.sockets[Int(index)].pcb, port: TCPBench.portA) }
    case .listen:
      socket = bench.listen(0, port: TCPBench.portA)
      listener = socket
    case .synSent:
      socket = bench.connect(0).socket
      peer.iss = bench.wire[0].header.sequence.rawValue
    default:
      listener = bench.listen(0, port: TCPBench.portA)
      let options = TCPOptions(maximumSegmentSize: 1460)
      peer.iss = peer.inject(.syn, seq: 0, options: options)[0].header.sequence.rawValue
      next = 1
      let listening = listener
      socket = bench.enter(0) { kernel in
        let pcb = kernel.dropableRequest(of: listening)
        return kernel.pcbs[Int(pcb)].socket
      }
    }
    #expect(bench.state(0, socket) == state)
  }

  /// `. R.` and the like for what was answered; then the state, the error that is told, and the
  /// counters that have moved.
  func outcome(_ answer: [SeenSegment], since before: Statistics) -> String {
    var text = answer.map { flags($0.header.flags) }.joined(separator: " ")
    if text.isEmpty { text = "-" }
    let bench = peer.bench
    let record = bench.hosts[0].socket(socket)
    let isOver = !record.inUse || record.pcb < 0
    text += isOver ? " → gone" : " → " + bench.state(0, socket)!.name
    if record.inUse, let error = record.error { text += " " + error.name }
    let after = bench.hosts[0].state.statistics
    let counters: [(String, KeyPath<Statistics, Int64>)] = [
      ("accepts", \.tcpAccepts), ("connects", \.tcpConnects), ("badsyn", \.tcpBadSyn),
      ("drops", \.tcpDrops), ("conndrops", \.tcpConnectDrops), ("dup", \.tcpDuplicates),
      ("dupacks", \.tcpDupAcks), ("acktoomuch", \.tcpAckTooMuch), ("oo", \.tcpOutOfOrder),
      ("afterwin", \.tcpAfterWindow), ("urgent", \.tcpUrgentIn), ("predat", \.tcpPredictedData),
    ]
    let moved = counters.filter { after[keyPath: $0.1] != before[keyPath: $0.1] }.map(\.0)
    return moved.isEmpty ? text : text + " (" + moved.joined(separator: " ") + ")"
  }

  private func flags(_ flags: TCPFlags) -> String {
    let names: [(TCPFlags, String)] = [
      (.fin, "F"), (.syn, "S"), (.rst, "R"), (.psh, "P"), (.urg, "U"), (.ack, "."),
    ]
    return names.map { flags.contains($0.0) ? $0.1 : "" }.joined()
  }
}
