// Why an expectation failed, without names and numbers: what two runs have in common that fail for
// the same reason, however many hosts and clusters each has.

import NetScript
import NetSim
import NetStack

public struct FailureShape: Hashable, Sendable {
  /// A thing that the expectation names is in a knot, or hears nothing any more.
  public var isWedged = false
  /// Who waits for what, each once: "rx waits for clusters", "a task sleeps for room".
  public var waits: [String] = []
  /// Where what a knot waits for lies, if that is a tenth of it or more.
  public var holders: [String] = []
  /// What had gone wrong anywhere until then; of a knot it does not matter.
  public var troubles: [String] = []
}

extension Bench {
  /// Of what an expectation names, as things are now.
  func failureShape(_ site: StatementSite) -> FailureShape {
    var hosts: [Int32] = []
    var tasks: [(Int32, WaitGraph)] = []
    for index in site.paths {
      guard let value = try? root(program.paths[index].root, at: site.span),
        let raw = value.asNode, NodeID(rawValue: raw).space == .tree
      else { continue }
      let id = NodeID(rawValue: raw)
      for host in hostsOfQuestion(id) where !hosts.contains(host) {
        hosts.append(host)
        if oracleWedged(id, on: host) { return knotShape(waitGraph(of: host)) }
        let graph = waitGraph(of: host)
        tasks += oracleTasks(id, on: host).map { ($0, graph) }
      }
    }
    var shape = FailureShape(troubles: troubles)
    for (task, graph) in tasks {
      guard let text = waitShape(task, graph) else { continue }
      shape.waits.insertOnce(text)
    }
    return shape
  }

  /// Of a `fail`: the first host that stands still, or what went wrong.
  var failureShape: FailureShape {
    for record in stations.records {
      guard case .yes = oracleAnswer(record.node, on: record.host) else { continue }
      return knotShape(waitGraph(of: record.host))
    }
    return FailureShape(troubles: troubles)
  }

  private func knotShape(_ graph: WaitGraph) -> FailureShape {
    var shape = FailureShape(isWedged: true)
    for task in graph.knot {
      if let text = waitShape(task, graph) { shape.waits.insertOnce(text) }
      if case .buffer(let pool)? = simulation.tasks[Int(task)].programWait {
        for holder in poolHolders(pool) {
          shape.holders.insertOnce(holder.isQueue ? "queue" : "hand")
        }
      }
    }
    for interface in graph.deafInterfaces {
      let ifnet = graph.interfaces[Int(interface)]
      let manner = ifnet.isStuck ? "stuck" : "deaf, refill \(ifnet.refill.rawValue)"
      shape.waits.insertOnce("a nic is " + manner)
    }
    let isShort = graph.knot.contains { simulation.tasks[Int($0)].wait?.kind != nil }
    guard graph.stack != nil, isShort || !graph.deafInterfaces.isEmpty else { return shape }
    let kind = awaitedKind(graph.knot)
    let total = Int(graph.stack.pool(kind).total)
    for release in graph.releases(kind) where release.count > 0 {
      if Int(release.count) * 10 >= total { shape.holders.insertOnce(release.place.name) }
    }
    return shape
  }

  /// Nil of a task that does not wait, or has nothing to do.
  private func waitShape(_ task: Int32, _ graph: WaitGraph) -> String? {
    let record = simulation.tasks[Int(task)]
    let who = record.isProgram ? "a task" : shortName(ofTask: task)
    switch record.state {
    case .locked: return who + " waits for a lock"
    case .waiting, .polling: break
    default: return nil
    }
    switch record.programWait {
    case .condition: return who + " waits for a condition"
    case .put: return who + " waits for room in a queue"
    case .get: return who + " waits for an item"
    case .frame: return who + " waits for a frame"
    case .room: return who + " waits for room in a ring"
    case .select: return who + " sleeps in select"
    case .buffer: return who + " waits for a buffer"
    case nil: break
    }
    switch record.wait {
    case .buffer, .sized:
      guard let kind = record.wait?.kind else { return nil }
      let pool = kind.bufferClass == nil ? "a class" : plural(kind, of: record.host)
      return who + " waits for " + pool
    case .socketSpace: return who + " sleeps for room"
    case .socketData: return who + " sleeps for data"
    case .connection: return who + " sleeps in connect"
    case .acceptQueue: return who + " sleeps in accept"
    case .lingering: return who + " sleeps in close"
    case .select: return who + " sleeps in select"
    case .transmitRing: return who + " waits for descriptors"
    case .deviceReceive, .devicePoll, .refill, .deviceTransmit, .network, nil: return nil
    }
  }

  /// Kinds of events that a sound network has none of.
  private var troubles: [String] {
    let kinds: [(TraceKind, String)] = [
      (.poolWait, "waits for buffers"), (.poolDeny, "refused buffers"),
      (.poolExhausted, "an empty pool"), (.poolLeak, "leaks"), (.nicOverrun, "overruns"),
      (.nicDropped, "frames dropped by a driver"), (.nicError, "damaged frames"),
      (.tcpRetransmit, "retransmissions"), (.tcpDrop, "connections given up"),
      (.socketFull, "full sockets"), (.socketError, "errors of sockets"),
      (.tcpPersist, "closed windows"),
      (.linkLost, "frames lost"), (.bufferWait, "waits for a further pool"),
      (.bufferDeny, "refusals of a further pool"), (.bufferExhausted, "an empty further pool"),
    ]
    return kinds.filter { context.lastEvents.count($0.0, host: -1) > 0 }.map { $0.1 }
  }
}

extension [String] {
  /// In order, each once.
  fileprivate mutating func insertOnce(_ text: String) {
    let place = firstIndex { $0 >= text } ?? count
    if place < count && self[place] == text { return }
    insert(text, at: place)
  }
}
