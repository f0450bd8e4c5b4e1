// Sockets of tasks that no `load()` speaks for: neither what they write is known, nor whether they
// read.

import NetScript
import NetSim
import NetStack

extension Bench {
  /// By their numbers. Connections that wait in front of `accept` belong to the listener's task.
  func undeclaredSockets(_ stack: Host) -> [Int32] {
    var declared: [Int32] = []
    for id in self.declared where saysItsLoad(id) { declared += instanceTasks(id) }
    return (0..<stack.socketCount).filter { index in
      let socket = stack.socket(index)
      return socket.inUse && !declared.contains(socket.owner)
    }
  }

  func undeclaredStreams(_ stack: Host) -> [Int32] {
    undeclaredSockets(stack).filter {
      let socket = stack.socket($0)
      return socket.kind == .stream && !socket.isListening
    }
  }

  private func saysItsLoad(_ id: NodeID) -> Bool {
    guard case .instance = tree[id].role else { return false }
    return tree[id].members.contains { name($0.name) == "load" }
  }

  /// `app's socket`.
  func ownName(_ socket: Int32, _ stack: Host) -> String {
    let owner = stack.socket(socket).owner
    return (owner < 0 ? "a" : shortName(ofTask: owner) + "'s") + " socket"
  }

  /// What lies in their receive buffers while they do something else.
  func ownUnreadRows(_ own: [Int32], _ interfaces: [Ifnet], _ stack: Host) -> [BudgetRow] {
    own.map { index in
      let socket = stack.socket(index)
      let name = ownName(index, stack)
      if stack.hasNoBound(index) {
        return BudgetRow(
          term: "V", of: name, formula: "a stream: nobody says that it is read", isOpen: true)
      }
      let there = Int64(socket.rcv.clusters)
      if socket.kind == .stream {
        return BudgetRow(term: "V", of: name, most: there, formula: "nothing more comes")
      }
      let limits = SockbufLimits(hiwat: Int64(socket.rcv.hiwat), mbmax: Int64(socket.rcv.mbmax))
      let bound = limits.mostUnread(copied: copiedAtLeast(interfaces))
      return BudgetRow(
        term: "V", of: name, most: max(bound.clusters, there), formula: bound.formula)
    }
  }

  /// Frames of so many octets come up without a cluster, whichever interface takes them in.
  func copiedAtLeast(_ interfaces: [Ifnet]) -> Int64 {
    interfaces.map { Int64($0.copybreak) }.min() ?? 0
  }
}

extension Host {
  /// A stream that may take more in, or a listener, which brings such ones forth.
  func hasNoBound(_ index: Int32) -> Bool {
    let socket = socket(index)
    return socket.kind == .stream && !socket.state.contains(.cantReceiveMore)
  }
}
