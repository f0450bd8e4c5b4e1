// What is told of a packetdrill script that has been run.

import NetScript
import NetSim
import NetStack
import Wire

/// What became of a script, for people.
public struct DrillReport: Sendable {
  public var outcome: DrillOutcome
  public var file: SourceFile
  /// The last packets before its end.
  public var log: [DrillLogEntry]
  public var options: DrillOptions
  /// The host's connections as the script ended, a line each.
  public var connections: [String]
}

extension Bench {
  /// How the packetdrill scripts of the bench stand.
  public var drills: [DrillReport] {
    programs.drills.map { drill in
      DrillReport(
        outcome: drill.outcome, file: drill.file, log: drill.log, options: drill.script.options,
        connections: drill.outcome.isPassed ? [] : connections(of: drill))
    }
  }

  /// The variables of each connection by their BSD names; sequence numbers count from the initial
  /// ones, as the script's do.
  private func connections(of drill: DrillRecord) -> [String] {
    guard drill.stack >= 0, Int(drill.stack) < simulation.hosts.count else { return [] }
    let stack = simulation.hosts[Int(drill.stack)]
    return stack.connections.map { pcb in
      let (inpcb, tcpcb) = (stack.pcb(pcb), stack.tcpcb(pcb))
      let head = "\(inpcb.localPort) \(inpcb.remotePort) \(tcpcb.state.name)"
      guard tcpcb.state != .listen, tcpcb.state != .closed else { return head }
      func sent(_ number: SequenceNumber) -> UInt32 { number.rawValue &- tcpcb.iss.rawValue }
      func received(_ number: SequenceNumber) -> UInt32 { number.rawValue &- tcpcb.irs.rawValue }
      let values: [(name: String, value: Int64)] = [
        ("snd_una", Int64(sent(tcpcb.sndUna))), ("snd_nxt", Int64(sent(tcpcb.sndNxt))),
        ("snd_max", Int64(sent(tcpcb.sndMax))), ("snd_wnd", Int64(tcpcb.sndWnd)),
        ("snd_cwnd", Int64(tcpcb.cwnd)), ("rcv_nxt", Int64(received(tcpcb.rcvNxt))),
        ("rcv_wnd", Int64(tcpcb.rcvWnd)), ("t_maxseg", Int64(tcpcb.mss)),
        ("t_rxtshift", Int64(tcpcb.rxtshift)),
      ]
      return values.reduce(head) { "\($0) \($1.name) \($1.value)" }
    }
  }
}
