// The words of waits, holders and releases: one for `why`, `holders`, `predict` and whoever else
// tells of them.

import NetScript
import NetSim
import NetStack

extension Bench {
  /// What a task waits for, and where in the kernel.
  func waitText(_ task: Int32, _ graph: WaitGraph) -> String {
    let record = simulation.tasks[Int(task)]
    if let text = outsideText(task) { return text }
    guard let wait = record.wait else { return "\(record.state)" }
    let (verb, until): (String, String)
    switch simulation.processors[Int(record.host)].waiting {
    case .poll: (verb, until) = ("waits", "")
    case .spin: (verb, until) = ("spins", "")
    case .fifo, .priority, .event: (verb, until) = ("waits", ", until one is freed")
    }
    switch wait {
    case .buffer(let bufferClass, _, let socket):
      let what = bufferClass == .mbufs ? "mbuf    in m_mballoc" : "cluster in m_clalloc"
      return "\(verb) for 1 \(what), " + (socket >= 0 ? "below sosend" : "for the ring") + until
    case .sized(_, _, let socket):
      let what = wait.kind.map { plural($0, of: record.host) } ?? ""
      return "\(verb) for 1 \(what) in m_getjcl, "
        + (socket >= 0 ? "below sosend" : "for the ring") + until
    case .socketSpace: return "sleeps in sbwait: its send buffer is full"
    case .socketData: return "sleeps in sbwait: nothing to read"
    case .connection: return "sleeps in connect"
    case .acceptQueue: return "sleeps in accept"
    case .lingering: return "sleeps in close: its data has not arrived"
    case .select:
      let isHeard = graph.stack.isHeard(selectOf: task)
      return "sleeps in select" + (isHeard ? "" : ", for writing: nobody wakes it")
    case .deviceReceive: return "waits for a frame"
    case .devicePoll: return "waits to look at its ring again"
    case .refill: return "waits for a frame, or for buffers for its ring"
    case .deviceTransmit: return "waits for a packet to send"
    case .transmitRing: return "waits for transmit descriptors"
    case .network: return "waits for a packet or a timer"
    }
  }

  // MARK: words

  /// What is said of one task, of several: they wait where it waits.
  func ofSeveral(_ line: String) -> String {
    var text = line
    let verbs = [
      ("is ", "are "), ("it sees ", "they see "), ("runs", "run"), ("sleeps", "sleep"),
      ("spins", "spin"), ("waits", "wait"),
    ]
    if let (one, many) = verbs.first(where: { text.hasPrefix($0.0) }) {
      text = many + text.dropFirst(one.count)
    }
    let ends = [
      ("its send buffer is full", "their send buffers are full"),
      ("its data has not arrived", "their data has not arrived"),
      ("at its ring again", "at their rings again"), ("for its ring", "for their rings"),
      ("nobody wakes it", "nobody wakes them"), ("keeps them from it", "keeps them from these"),
      ("before it has one", "before they have one"), ("looks again now", "look again now"),
    ]
    if let (one, many) = ends.first(where: { text.hasSuffix($0.0) }) {
      text = text.dropLast(one.count) + many
    }
    return text
  }

  func holderText(_ release: Release, _ graph: WaitGraph) -> String {
    switch release.place {
    case .sndbuf: return ownerName(ofSocket: release.holder, graph) + "'s snd"
    case .rcvbuf: return ownerName(ofSocket: release.holder, graph) + "'s rcv"
    case .ring: return "the receive ring"
    case .txring: return "the transmit ring"
    case .ifq: return "the interface queue"
    case .ipq: return "ipintrq"
    case .arpq: return "arpintrq"
    case .arphold: return "ARP's hold"
    case .reass: return "reassembly"
    case .hand: return "tasks' hands"
    case .leaked: return "nobody's hands"
    }
  }

  func releaseText(_ release: Release, _ graph: WaitGraph) -> String {
    graph.releaser(of: release.place, release.holder).map { "until " + $0 } ?? "for good"
  }

  func ownerName(ofSocket socket: Int32, _ graph: WaitGraph) -> String {
    guard socket >= 0, Int(socket) < graph.sockets.count else { return "a socket" }
    let owner = graph.sockets[Int(socket)].owner
    return owner < 0 ? "a socket" : shortName(ofTask: owner)
  }

  /// `rx` for an engine task of the host, the whole path for a script's.
  func shortName(ofTask task: Int32) -> String {
    let id = stations.tasks[Int(task)]
    let full = path(of: id)
    if simulation.tasks[Int(task)].isProgram { return full }
    return String(full.split(separator: ".").last ?? "")
  }

  func interfaceName(_ interface: Int32, of host: Int32) -> String {
    for record in stations.records where record.host == host {
      for attachment in record.attachments where attachment.interface == interface {
        return name(tree[attachment.node].name)
      }
    }
    return "the interface"
  }

  func widest(_ texts: [String]) -> Int { texts.map { $0.utf8.count }.max() ?? 0 }

  func pad(_ text: String, _ width: Int, right: Bool = false) -> String {
    let room = String(repeating: " ", count: max(0, width - text.utf8.count))
    return right ? room + text : text + room
  }
}

extension TCPTimer {
  var name: String {
    switch self {
    case .rexmt: "rexmt"
    case .persist: "persist"
    case .keep: "keep"
    case .msl2: "2msl"
    case .delack: "delack"
    }
  }
}
