// Whether anybody else may still say something: what a station that listens hopes for.
//
// A frame comes to a station because one is under way, or because somebody else puts one on a
// medium by itself: a program that runs, sleeps or waits for no longer than a time; a connection
// with a timer that sends; fragments whose time will be up. Who only answers says nothing first.
// What is doubtful counts as speaking.

import NetStack

extension Simulation {
  /// Whether a frame may come from elsewhere though a host sends none.
  public func othersMaySpeak(to host: Int32) -> Bool {
    for next in upcoming(.max) {
      switch next.event.kind {
      case .delivery, .sent, .interruptEnd, .late, .bridged, .outputFree, .arrival: return true
      case .wake, .timeout, .waitOver:
        if tasks[Int(next.event.object)].host != host { return true }
      case .cpu: if next.event.object != host { return true }
      case .poll, .callout, .console: continue
      }
    }
    return processors.indices.contains { Int32($0) != host && maySpeak(Int32($0)) }
  }

  /// Whether a task of a host waits for a frame.
  public func hasListener(on host: Int32) -> Bool {
    tasks(of: host).contains {
      if case .frame? = tasks[Int($0)].programWait { return true }
      return false
    }
  }

  private func maySpeak(_ host: Int32) -> Bool {
    if processors[Int(host)].running >= 0 { return true }
    for task in tasks(of: host) where maySpeak(tasks[Int(task)]) { return true }
    let stack = Int(processors[Int(host)].stack)
    return stack >= 0 && hosts[stack].sendsByItself
  }

  private func maySpeak(_ record: TaskRecord) -> Bool {
    switch record.state {
    case .ready, .running, .sleeping, .program, .polling: return true
    case .dormant: return false
    case .locked: return record.hasTimeout
    case .waiting:
      if record.hasTimeout || record.programWait == .condition { return true }
      switch record.wait {
      case .connection, .lingering, .transmitRing: return true
      default: return false
      }
    }
  }

  /// Whether the other end of a connection may say something that its own end has not asked for:
  /// it knows the connection, or has a program that may begin one anew, or is no stack of ours.
  public func peerMaySpeak(ofConnection pcb: Int32, on host: Int32) -> Bool {
    guard let peer = peer(ofConnection: pcb, on: host) else { return true }
    return peer.pcb >= 0
      || tasks(of: peer.host).contains {
        tasks[Int($0)].isProgram && tasks[Int($0)].state != .dormant
      }
  }

  /// The other end of a connection: its host, and its pcb or -1 where none is known. nil when it
  /// has no stack of ours.
  public func peer(ofConnection pcb: Int32, on host: Int32) -> (host: Int32, pcb: Int32)? {
    let own = hosts[Int(processors[Int(host)].stack)].pcb(pcb)
    guard let port = ports.indices.first(where: { ports[$0].address == own.remoteAddress }) else {
      return nil
    }
    let peer = ports[port].host
    let stack = Int(processors[Int(peer)].stack)
    if stack < 0 { return nil }
    let known = hosts[stack].connections.first { index in
      let other = hosts[stack].pcb(index)
      return other.localPort == own.remotePort && other.remotePort == own.localPort
    }
    return (peer, known ?? -1)
  }
}
