// `why x`: what keeps a thing from going on. Certificate.swift proves a knot; here is what is said
// of things that are in none, and what both say of one task.
//
// Everything printed is read from the wait-for graph; nothing is remembered. At most 80 columns.

import NetScript
import NetSim
import NetStack

/// What is said of one task, or of several alike.
struct ToldTask {
  var names: [String]
  var lines: [String]

  var label: String { names.count == 1 ? names[0] : "\(names[0]) and \(names.count - 1) more" }
}

extension Bench {
  /// The explanation of a host, a task or an instance, as lines.
  ///
  /// - Parameter isShort: who waits for what and who has it, for a page that says more than this.
  func oracleWhy(_ id: NodeID, isShort: Bool = false) -> [String] {
    let hosts = hostsOfQuestion(id)
    // Of an instance on several hosts: where it stands still.
    guard let host = hosts.first(where: { oracleWedged(id, on: $0) }) ?? hosts.first else {
      return ["\(path(of: id)): nothing here waits on a host"]
    }
    let graph = waitGraph(of: host)
    // A pool, an interface: what stands in a host and has no task stands for the host.
    let id = oracleTasks(id, on: host).isEmpty ? stations.records[Int(host)].node : id
    let isMember = oracleTasks(id, on: host).contains { !graph.moves($0) }
    if graph.isWedged && (isMember || !graph.deafInterfaces.isEmpty) {
      return isShort ? certificateInShort(graph) : certificate(graph)
    }
    return explainWaits(id, graph, isShort: isShort)
  }

  /// Tasks that wait, each with what for, since when, and when it looks again or is released.
  private func explainWaits(_ id: NodeID, _ graph: WaitGraph, isShort: Bool) -> [String] {
    var lines = ["\(path(of: id)): not wedged"]
    var idle: [Int32] = []
    let tasks = oracleTasks(id, on: graph.host)
    let width = widest(tasks.map { shortName(ofTask: $0) })
    var told: [ToldTask] = []
    for task in tasks {
      let record = simulation.tasks[Int(task)]
      if tasks.count > 1 && isIdle(record) {
        idle.append(task)
        continue
      }
      guard let text = blockText(task, graph) else { continue }
      let rest = [isShort ? nil : evidenceText(task), nextText(task, graph)].compactMap { $0 }
      let peer = isShort ? [] : peerLines(of: task, graph)
      told.append(ToldTask(names: [shortName(ofTask: task)], lines: [text] + rest + peer))
    }
    lines += folded(told, width)
    if !isShort { lines += refusalLines(of: graph.host) }
    if !idle.isEmpty && !isShort {
      lines.append("  idle: " + idle.map { shortName(ofTask: $0) }.joined(separator: ", "))
    }
    return lines
  }

  /// A daemon that has nothing to do.
  private func isIdle(_ record: TaskRecord) -> Bool {
    switch record.wait {
    case .network, .deviceReceive, .deviceTransmit, .refill, .devicePoll:
      record.state == .waiting
    default: false
    }
  }

  /// What keeps a task; nil when nothing does.
  private func blockText(_ task: Int32, _ graph: WaitGraph) -> String? {
    let record = simulation.tasks[Int(task)]
    switch record.state {
    case .sleeping: return "sleeps"
    case .waiting, .polling, .locked: return waitText(task, graph)
    case .ready:
      if record.wait?.kind != nil { return waitText(task, graph) + "; looks again now" }
      if let spinner = graph.spinner(before: task) {
        return "is ready to run, and \(shortName(ofTask: spinner)) spins on the CPU"
      }
      return "is ready to run"
    case .running, .program: return "runs"
    case .dormant: return nil
    }
  }

  /// Tasks under one name each; four or more of which the same is said, together.
  func folded(_ told: [ToldTask], _ least: Int) -> [String] {
    var rows: [ToldTask] = []
    for one in told {
      let isCommon = told.count { $0.lines == one.lines } >= 4
      if isCommon, let known = rows.firstIndex(where: { $0.lines == one.lines }) {
        rows[known].names += one.names
      } else {
        rows.append(one)
      }
    }
    let width = max(least, widest(rows.map { $0.label }))
    var lines: [String] = []
    for row in rows {
      for (place, line) in row.lines.enumerated() {
        let text = row.names.count == 1 ? line : ofSeveral(line)
        lines.append("  " + pad(place == 0 ? row.label : "", width) + "  " + text)
      }
    }
    return lines
  }

  /// `since 76.691ms (#151), at apps.ns:131  let n = s.write(300B)`.
  func evidenceText(_ task: Int32) -> String? {
    let record = simulation.tasks[Int(task)]
    if record.blockedSince == nil { return nil }
    let isLocked = record.state == .locked
    let (since, event) =
      isLocked
      ? (record.lockedSince, record.lockedEvent) : (record.waitSince, record.waitEvent)
    let text = "since \(moment(since)) (#\(Spelling.grouped(event)))"
    return text + (sourceText(ofTask: task).map { ", at \($0)" } ?? "")
  }

  /// The line of its program that a script's task stands in.
  private func sourceText(ofTask task: Int32) -> String? {
    guard let record = programs.records.first(where: { $0.task == task }), let fiber = record.fiber,
      let span = vm.places(of: fiber).first
    else { return nil }
    let file = program.files[span.file]
    let number = file.line(at: span.start)
    return "\(file.name):\(number)"
  }

  /// When a task that is in no knot looks again, or what releases it next.
  private func nextText(_ task: Int32, _ graph: WaitGraph) -> String? {
    let record = simulation.tasks[Int(task)]
    if record.state == .sleeping {
      return wakeTime(ofTask: task).map { "until \(moment($0))" }
    }
    if record.hasTimeout { return "no longer than \(moment(record.endsAt))" }
    if let lost = lostText(task) { return lost }
    switch record.wait {
    case .buffer, .sized:
      guard let kind = record.wait?.kind else { return nil }
      let pool = graph.stack.pool(kind)
      if pool.free > 0 && pool.allocator != .firstCome {
        return "\(pool.free) free, and the allocator keeps them from it"
      }
      return graph.releases(kind).first { $0.isPossible && $0.place != .ring }.map {
        "next to come back: " + holderText($0, graph)
      }
    case .socketSpace(let socket), .socketData(let socket):
      return foreseen(ofSocket: socket, graph).first.map { "\(moment($0.at)): \($0.sentence)" }
    default: return nil
    }
  }

  /// Buffers are free that a task waits for, and it was to be woken for each of them.
  func lostText(_ task: Int32) -> String? {
    let record = simulation.tasks[Int(task)]
    let (free, lost): (Int32, Int32)
    if case .buffer(let number)? = record.programWait {
      let pool = simulation.pools[Int(number)]
      (free, lost) = (pool.counters.free, pool.lostWakes)
    } else if let bufferClass = record.wait?.kind?.bufferClass {
      let stack = Int(simulation.processors[Int(record.host)].stack)
      free = simulation.hosts[stack].pool(BufferKind(bufferClass)).free
      lost = simulation.lostWakes(of: bufferClass, host: record.host)
    } else {
      return nil
    }
    guard free > 0, free <= lost else { return nil }
    return "\(free) free, and \(free == 1 ? "its wake-up was" : "their wake-ups were") lost"
  }

  /// When a sleeping task wakes.
  func wakeTime(ofTask task: Int32) -> Instant? {
    simulation.upcoming(.max).first { $0.event.kind == .wake && $0.event.object == task }?.at
  }
}
