// `predict(x)`: the timers that are armed, each with what its next firing does and what its last
// one gives back; "none: permanent" when nobody of all of these unties a wedge.

import NetScript
import NetSim
import NetStack

/// What a timer will do, if nothing is heard of the peer.
struct Foreseen {
  var at: Instant
  var timer: String
  /// Whose connection it is.
  var owner: String
  var text: String
  /// Clusters that it gives back.
  var frees: Int32 = 0
  /// It is the last firing: the connection is given up.
  var isDrop = false
  /// The task that runs the timers stands still.
  var isStopped = false

  /// Where there is no column for the clusters.
  var sentence: String {
    if frees > 0 { return text + ", frees \(frees)" }
    return isDrop ? text + ", frees nothing" : text
  }
}

extension Bench {
  /// Records with the fields at, timer, of, does and frees, the soonest first.
  func oraclePredict(_ id: NodeID) -> Value {
    let shape = vm.shape(["at", "timer", "of", "does", "frees"].map { vm.intern($0) })
    var rows: [Value] = []
    for host in hostsOfQuestion(id) {
      note(.waits, host: host)
      note(.now)
      let graph = waitGraph(of: host)
      for one in foreseen(graph) {
        rows.append(
          vm.makeRecord(
            shape,
            [
              .time(nanoseconds: one.at.nanoseconds), vm.makeString(one.timer),
              vm.makeString(one.owner), vm.makeString(one.text), .int(Int64(one.frees)),
            ]))
      }
      guard oracleWedged(id, on: host) else { continue }
      rows.append(
        vm.makeRecord(
          shape,
          [
            .none, .none, vm.makeString(path(of: id)),
            vm.makeString("none of these unties it: permanent"), .int(0),
          ]))
    }
    return vm.makeList(rows)
  }

  /// What the timers of a host's connections and its sleeping tasks will do, the soonest first.
  func foreseen(_ graph: WaitGraph) -> [Foreseen] {
    var found: [Foreseen] = []
    if graph.stack != nil {
      for pcb in graph.connections { found += foreseen(ofConnection: pcb, graph) }
    }
    found += sleepers(graph)
    let order = found.indices.sorted {
      found[$0].at != found[$1].at ? found[$0].at < found[$1].at : $0 < $1
    }
    return order.map { found[$0] }
  }

  func foreseen(ofSocket socket: Int32, _ graph: WaitGraph) -> [Foreseen] {
    let pcb = graph.sockets[Int(socket)].pcb
    return pcb >= 0 ? foreseen(ofConnection: pcb, graph) : []
  }

  private func foreseen(ofConnection pcb: Int32, _ graph: WaitGraph) -> [Foreseen] {
    let socket = graph.stack.pcb(pcb).socket
    let owner = ownerName(ofSocket: socket, graph)
    var found: [Foreseen] = []
    if graph.timersStand { return stopped(pcb, owner, graph) }
    let last = graph.stack.lastFiring(ofConnection: pcb)
    for timer in TCPTimer.allCases {
      guard let at = graph.stack.expiry(of: timer, ofConnection: pcb) else { continue }
      if !does(timer, pcb, graph) { continue }
      if let last, last.timer == timer, last.at == at { continue }
      let isLate = at < simulation.now
      let text = isLate ? "overdue: " + timer.action : timer.action
      found.append(Foreseen(at: at, timer: timer.name, owner: owner, text: text))
    }
    guard let last else { return found }
    let (text, frees) = dropText(socket, graph)
    let isEnd = last.timer == .msl2
    found.append(
      Foreseen(
        at: last.at, timer: last.timer.name, owner: owner,
        text: isEnd ? "ends the connection" : "gives up: " + text,
        frees: isEnd ? 0 : frees, isDrop: !isEnd))
    return found
  }

  /// Whether a timer does anything but arm itself again.
  private func does(_ timer: TCPTimer, _ pcb: Int32, _ graph: WaitGraph) -> Bool {
    let isConnecting = graph.stack.tcpcb(pcb).state < .established
    return timer != .keep || graph.keepaliveIsOn(pcb) || isConnecting
  }

  /// The armed timers of a connection that never fire.
  private func stopped(_ pcb: Int32, _ owner: String, _ graph: WaitGraph) -> [Foreseen] {
    TCPTimer.allCases.compactMap { timer in
      guard let at = graph.stack.expiry(of: timer, ofConnection: pcb), does(timer, pcb, graph)
      else { return nil }
      return Foreseen(
        at: at, timer: timer.name, owner: owner, text: "does not fire: ntwk does not run",
        isStopped: true)
    }
  }

  /// What giving up a connection gives back: nothing, when its writer waits for a buffer.
  private func dropText(_ number: Int32, _ graph: WaitGraph) -> (String, Int32) {
    let socket = graph.sockets[Int(number)]
    let count = socket.snd.clusters + socket.rcv.clusters
    if socket.state.contains(.noDescriptor) { return ("it is closed already", count) }
    if graph.state.tunables.dropFrees { return ("empties its buffers", count) }
    guard socket.owner >= 0 else { return ("nobody closes it", 0) }
    if case .buffer = simulation.tasks[Int(socket.owner)].wait { return ("sets so_error", 0) }
    return ("its owner finds out, and may close", count)
  }

  /// Tasks that sleep, and have sockets with something to read.
  private func sleepers(_ graph: WaitGraph) -> [Foreseen] {
    var found: [Foreseen] = []
    for task in graph.tasks where simulation.tasks[Int(task)].state == .sleeping {
      guard let at = wakeTime(ofTask: task) else { continue }
      let held = graph.sockets.filter { $0.inUse && $0.owner == task }
      let count = held.reduce(0) { $0 + $1.rcv.clusters }
      let text = count > 0 ? "wakes, and may read" : "wakes"
      found.append(
        Foreseen(
          at: at, timer: "sleep", owner: shortName(ofTask: task), text: text, frees: count))
    }
    return found
  }
}

extension TCPTimer {
  fileprivate var action: String {
    switch self {
    case .rexmt: "sends again"
    case .persist: "asks for a window"
    case .keep: "probes"
    case .msl2: "looks whether anybody is left"
    case .delack: "sends the ACK that waits"
    }
  }
}
