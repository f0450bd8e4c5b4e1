// What ended each stall: `recoveries(x)`, and the summary at the end of a run.
//
// The engine notes who ended a wait when it ends (NetStack: Recovery.swift); here it gets its
// words. Stalls that are still there are read off the tasks and connections as they are.

import NetScript
import NetSim
import NetStack

extension Bench {
  /// A record for each stall of a place's hosts: those that have ended, in that order, then those
  /// that are still there.
  func oracleRecoveries(_ id: NodeID) -> Value {
    let hosts = hostsOfQuestion(id)
    for host in hosts { note(.task, host: host) }
    note(.now)
    let shape = vm.shape(
      ["began", "lasted", "who", "awaited", "ended_by", "text", "event"].map { vm.intern($0) })
    var records: [Value] = []
    for stall in stalls(of: hosts) {
      records.append(
        vm.makeRecord(
          shape,
          [
            .time(nanoseconds: stall.began.nanoseconds),
            .time(nanoseconds: stall.lasted.nanoseconds), vm.makeString(stall.who),
            vm.makeString(stall.awaited), vm.symbol(stall.endedBy), vm.makeString(stall.text),
            stall.isStill ? .none : .int(stall.event),
          ]))
    }
    return vm.makeList(records)
  }

  /// For the result.
  func stallSummary() -> StallSummary {
    var summary = StallSummary()
    guard isBuilt else { return summary }
    summary.kept = stalls(of: simulation.processors.indices.map { Int32($0) })
    for mechanism in Mechanism.allCases {
      let count = context.recoveries.count(mechanism)
      if count > 0 { summary.counts.append(StallCount(mechanism: mechanism.name, count: count)) }
    }
    return summary
  }

  private func stalls(of hosts: [Int32]) -> [StallResult] {
    var found: [StallResult] = []
    for recovery in context.recoveries.kept where hosts.contains(recovery.host) {
      found.append(result(of: recovery))
    }
    for host in hosts { found += standing(on: host) }
    return found
  }

  private func result(of recovery: Recovery) -> StallResult {
    StallResult(
      host: path(of: stations.records[Int(recovery.host)].node), who: who(recovery),
      awaited: text(recovery.awaited), began: recovery.began, lasted: recovery.lasted,
      endedBy: recovery.cause.mechanism.name, text: text(recovery.cause),
      event: recovery.cause.event)
  }

  // MARK: words

  private func who(_ recovery: Recovery) -> String {
    if recovery.task >= 0 { return path(of: stations.tasks[Int(recovery.task)]) }
    return recovery.ends.map { text($0, of: recovery.host) } ?? "a connection"
  }

  /// `server:20 to pc[3]`.
  private func text(_ ends: Ends, of host: Int32) -> String {
    let own = path(of: stations.records[Int(host)].node)
    var peer = "\(ends.remoteAddress)"
    for record in stations.records
    where record.attachments.contains(where: { $0.address == ends.remoteAddress }) {
      peer = path(of: record.node)
    }
    return "\(own):\(ends.localPort) to \(peer)"
  }

  private func text(_ awaited: Awaited) -> String {
    switch awaited {
    case .mbuf: "mbuf"
    case .cluster: "cluster"
    case .buffer(let pool): path(of: programs.pools[Int(pool)].node)
    case .space: "room"
    case .handshake: "handshake"
    case .acknowledgment: "ACK"
    }
  }

  private func text(_ cause: Cause) -> String {
    func name(_ verb: String) -> String {
      (cause.task < 0 ? "somebody" : path(of: stations.tasks[Int(cause.task)])) + " " + verb
    }
    switch cause.mechanism {
    case .none: return "unknown"
    case .ack: return "an ACK"
    case .window: return "the peer's window"
    case .retransmission: return "retransmission"
    case .persist: return "persist: its probe"
    case .arp: return "ARP's answer"
    case .read: return name("read")
    case .sent: return "what was sent"
    case .input: return "input done with"
    case .freed: return name("freed one")
    case .rexmtDrop: return "retransmission drop"
    case .persistDrop: return "persist drop"
    case .keepDrop: return "keepalive drop"
    case .keepinitDrop: return "keepinit drop"
    case .msl2: return "the 2MSL timer"
    case .reset: return "the peer's RST"
    case .closed: return name("closed")
    case .policy: return "the policy"
    case .timeout: return "its own timeout"
    case .deed: return "a deed from outside"
    case .drain: return "a drain"
    case .fragmentTimer: return "the fragment timer"
    }
  }

  // MARK: those that are still there

  private func standing(on host: Int32) -> [StallResult] {
    var found: [StallResult] = []
    var graph: WaitGraph?
    for task in simulation.tasks(of: host) {
      guard let (awaited, since) = simulation.standing(task),
        observedNow - since >= Stall.least
      else { continue }
      if graph == nil { graph = waitGraph(of: host) }
      found.append(
        still(
          host, path(of: stations.tasks[Int(task)]), awaited, since: since,
          standingText(task, awaited, socket(ofWait: task), graph!)))
    }
    let stack = Int(simulation.processors[Int(host)].stack)
    guard stack >= 0 else { return found }
    for pcb in simulation.hosts[stack].connections {
      let since = simulation.hosts[stack].tcpcb(pcb).stalledSince
      let socket = simulation.hosts[stack].pcb(pcb).socket
      let isSlept = simulation.hosts[stack].socket(socket).sleptAt != .never
      if since == .never || observedNow - since < Stall.least || isSlept { continue }
      if graph == nil { graph = waitGraph(of: host) }
      found.append(
        still(
          host, text(simulation.hosts[stack].ends(of: pcb), of: host), .acknowledgment,
          since: since, standingText(-1, .acknowledgment, socket, graph!)))
    }
    return found
  }

  private func socket(ofWait task: Int32) -> Int32 {
    switch simulation.tasks[Int(task)].wait {
    case .socketSpace(let socket), .connection(let socket): socket
    default: -1
    }
  }

  private func still(
    _ host: Int32, _ who: String, _ awaited: Awaited, since: Instant, _ what: String
  ) -> StallResult {
    StallResult(
      host: path(of: stations.records[Int(host)].node), who: who, awaited: text(awaited),
      began: since, lasted: observedNow - since, endedBy: "still", text: what, event: 0)
  }

  /// What holds it: the knot, the largest holder, a shut window, a timer.
  private func standingText(
    _ task: Int32, _ awaited: Awaited, _ socket: Int32, _ graph: WaitGraph
  ) -> String {
    if task >= 0 && !graph.moves(task) { return "still: WEDGED" }
    switch awaited {
    case .mbuf, .cluster:
      let releases = graph.releases(awaited == .mbuf ? .mbufs : .clusters)
      guard let most = releases.max(by: { $0.count < $1.count }) else { return "still" }
      return "still: \(most.count) in \(most.place.name)"
    case .space, .handshake, .acknowledgment:
      let pcb = socket >= 0 ? graph.sockets[Int(socket)].pcb : -1
      if pcb < 0 { return "still: no connection" }
      for timer in [TCPTimer.persist, .rexmt, .keep] {
        guard let at = graph.stack.expiry(of: timer, ofConnection: pcb) else { continue }
        let isShut = graph.stack.tcpcb(pcb).sndWnd == 0
        if timer == .persist && isShut { return "still: window shut" }
        return "still: \(timer.name) \(StallTable.rounded(at.nanoseconds))"
      }
      return "still: no timer"
    case .buffer:
      guard task >= 0, let kind = simulation.tasks[Int(task)].wait?.kind,
        let most = graph.releases(kind).max(by: { $0.count < $1.count })
      else { return "still" }
      return "still: \(most.count) in \(most.place.name)"
    }
  }
}
