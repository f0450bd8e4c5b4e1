// The certificate of a wedge: every task of the knot with its evidence, everybody who has what they
// wait for, every armed timer with what it will do, and what would untie it now.

import NetScript
import NetSim
import NetStack

extension Bench {
  func certificate(_ graph: WaitGraph) -> [String] {
    let knot = graph.knot
    var lines = headlines(graph) + members(graph, isShort: false)
    if graph.stack == nil { return lines }
    lines += holderLines(graph, knot)
    lines += captiveLines(graph)
    lines += timerLines(graph)
    return lines + remedyLines(graph)
  }

  /// What a failure and the end of a run say: who waits, who has it, what comes.
  func certificateInShort(_ graph: WaitGraph) -> [String] {
    var lines = headlines(graph) + members(graph, isShort: true)
    if graph.stack == nil { return lines }
    lines += holderLines(graph, graph.knot)
    let drop = foreseen(graph).last { $0.isDrop }
    let last = drop.map { "last timer, \(moment($0.at)): \($0.sentence)" }
    lines.append("  " + (last ?? stoppedText(graph) ?? "no timer is armed"))
    return lines
  }

  /// Hosts that stand still for good now, each with its short certificate.
  var standstills: [WedgedHost] {
    stations.records.compactMap { record in
      guard case .yes = oracleAnswer(record.node, on: record.host) else { return nil }
      let graph = waitGraph(of: record.host)
      return WedgedHost(
        host: path(of: record.node), since: wedgedSince(graph)?.at,
        lines: certificateInShort(graph))
    }
  }

  /// How many are in it, and since when all of them are: which need not be since when nothing
  /// could untie it any more; that is `cause`'s to say.
  private func headlines(_ graph: WaitGraph) -> [String] {
    let knot = graph.knot
    guard let since = wedgedSince(graph) else { return ["WEDGED: " + deafness(graph)] }
    var head = "WEDGED: a knot of \(knot.count) \(knot.count == 1 ? "task" : "tasks")"
    if knot.contains(where: { simulation.tasks[Int($0)].state == .polling }) {
      let kind = awaitedKind(knot)
      head += " around \(graph.stack.pool(kind).total) \(plural(kind, of: graph.host))"
    }
    let event = Spelling.grouped(since.event)
    let all = knot.count == 1 ? "waiting" : "all waiting"
    return [
      head, "  \(all) since \(moment(since.at)) (#\(event)), and no armed timer unties it",
    ]
  }

  /// When the last of its members began to wait, and behind which event; nil without members: a
  /// driver that drops everything does not say since when.
  func wedgedSince(_ graph: WaitGraph) -> (at: Instant, event: Int64)? {
    var last: (at: Instant, event: Int64)?
    for task in graph.knot {
      let record = simulation.tasks[Int(task)]
      let isLocked = record.state == .locked
      let event = isLocked ? record.lockedEvent : record.waitEvent
      if let known = last, known.event >= event { continue }
      last = (isLocked ? record.lockedSince : record.waitSince, event)
    }
    return last
  }

  private func members(_ graph: WaitGraph, isShort: Bool) -> [String] {
    let knot = graph.knot
    let width = widest(knot.map { shortName(ofTask: $0) })
    let told = knot.map { task in
      var lines = [waitText(task, graph)]
      if !isShort, let evidence = evidenceText(task) { lines.append(evidence) }
      lines += [lostText(task), starvedText(task, graph)].compactMap { $0 }
      if !isShort && sleepsBelowSosend(task) {
        lines.append("it sees no so_error before it has one")
      }
      return ToldTask(names: [shortName(ofTask: task)], lines: lines)
    }
    return folded(told, width)
  }

  /// How an interface has come to take nothing in.
  private func deafness(_ graph: WaitGraph) -> String {
    guard let deaf = graph.deafInterfaces.first else { return "nothing comes in" }
    if graph.interfaces[Int(deaf)].isStuck {
      return "receiving hardware has stopped, and nobody tells it to go on"
    }
    switch graph.interfaces[Int(deaf)].refill {
    case .wait, .reuse: return "a driver drops every frame for want of a cluster"
    case .retry: return "a receive ring has no buffer left, and none comes back"
    case .abandon: return "a receive ring is full, and no interrupt is left to empty it"
    }
  }

  private func holderLines(_ graph: WaitGraph, _ knot: [Int32]) -> [String] {
    let kind = awaitedKind(knot)
    var lines: [String] = []
    let title = plural(kind, of: graph.host)
    for release in graph.releases(kind) where release.count > 0 {
      let head = lines.isEmpty ? title : String(repeating: " ", count: title.utf8.count)
      let count = pad("\(release.count)", 4, right: true)
      lines.append(
        "  \(head)\(count) in " + pad(holderText(release, graph), 24) + releaseText(release, graph))
    }
    return lines
  }

  private func captiveLines(_ graph: WaitGraph) -> [String] {
    var lines: [String] = []
    for interface in graph.interfaces.indices {
      let captive = graph.captiveFrames(on: Int32(interface))
      if captive.frames == 0 { continue }
      let nic = interfaceName(Int32(interface), of: graph.host)
      let isOne = captive.acknowledgments == 1
      lines.append(
        "  \(captive.acknowledgments) \(isOne ? "ACK lies" : "ACKs lie") captive among "
          + "\(captive.frames) frames in \(nic)'s ring")
      if captive.clustersFreed > 0 {
        lines.append(
          "  processed, \(isOne ? "it" : "they") would free \(captive.clustersFreed) clusters")
      }
    }
    return lines
  }

  private func timerLines(_ graph: WaitGraph) -> [String] {
    if let stopped = stoppedText(graph) { return ["  " + stopped] }
    let comes = foreseen(graph).prefix(6)
    if comes.isEmpty { return ["  timers: none is armed; no connection is left"] }
    let times = comes.map { moment($0.at) }
    let names = comes.map { "\($0.timer) of \($0.owner)" }
    let width = (times: widest(times), names: widest(names))
    return comes.indices.map { place in
      "  " + pad(times[place], width.times) + "  " + pad(names[place], width.names) + "  "
        + comes[place].sentence
    }
  }

  /// Who gets no CPU while a task spins.
  private func starvedText(_ task: Int32, _ graph: WaitGraph) -> String? {
    let starved = graph.tasks.filter { graph.spinner(before: $0) == task }
    if starved.isEmpty { return nil }
    let names = starved.prefix(4).map { shortName(ofTask: $0) }.joined(separator: ", ")
    let rest = starved.count > 4 ? " and \(starved.count - 4) more" : ""
    return "meanwhile no CPU is left for \(names)\(rest)"
  }

  /// Armed timers that do not fire, because nobody runs them.
  private func stoppedText(_ graph: WaitGraph) -> String? {
    guard graph.timersStand else { return nil }
    let count = foreseen(graph).count { $0.isStopped }
    if count == 0 { return nil }
    return "timers: \(count) \(count == 1 ? "is" : "are") armed, and none fires: ntwk does not run"
  }

  private func sleepsBelowSosend(_ task: Int32) -> Bool {
    guard let asker = simulation.tasks[Int(task)].wait?.asker else { return false }
    return asker.who == .app && asker.socket >= 0
  }
}
