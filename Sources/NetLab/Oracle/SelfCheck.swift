// The oracle against what then happens: a verdict that the run refutes is our mistake, and said so.
//
// Nothing is computed for it: an answer is compared with the tasks that it was about when the next
// one is due, and at the end. Only runs that ask `wedged` have anything to compare.

import NetScript
import NetSim
import NetStack

/// A task that stood still when it was asked about, and since when it had.
struct StuckTask: Equatable {
  var task: Int32
  var since: Instant
}

/// What an answer was about.
struct AnswerRecord {
  var answer: OracleAnswer
  var print: UInt64
  var at: Instant
  var event: Int64
  /// What the script and people had done so far.
  var deeds: Int
  /// Said to be wedged: these. Not wedged: those that wait for a buffer all the same.
  var stuck: [StuckTask]
}

extension Bench {
  /// Longer than any interval between two firings of a timer but keepalive's, which is looked at.
  private static var patience: TimeSpan { .seconds(3600) }

  /// The script outside of tasks, or somebody at a prompt, does something to the world.
  func noteDeed() { verdicts.deeds += 1 }

  /// What is to be remembered of an answer.
  func answerRecord(
    _ answer: OracleAnswer, _ print: UInt64, _ id: NodeID, on host: Int32, _ graph: WaitGraph
  ) -> AnswerRecord {
    var stuck: [StuckTask] = []
    for task in oracleTasks(id, on: host) {
      let record = simulation.tasks[Int(task)]
      guard let since = record.blockedSince else { continue }
      let isMeant: Bool
      switch answer {
      // Who is kept from the CPU may be woken all the same.
      case .yes where verdicts.forced == nil:
        isMeant = !graph.moves(task) && graph.spinner(before: task) == nil
      case .yes, .no: isMeant = record.state == .polling
      case .unknown: isMeant = false
      }
      if isMeant { stuck.append(StuckTask(task: task, since: since)) }
    }
    return AnswerRecord(
      answer: answer, print: print, at: simulation.now, event: simulation.events,
      deeds: verdicts.deeds, stuck: stuck)
  }

  /// At the end of a run: each place that was asked about.
  func checkVerdicts() {
    for index in verdicts.entries.indices {
      let entry = verdicts.entries[index]
      check(entry.record, of: entry.id, on: entry.host, print: waitPrint(of: entry.host))
    }
  }

  /// Whether what has happened since refutes an answer.
  func check(_ record: AnswerRecord, of id: NodeID, on host: Int32, print: UInt64) {
    if record.deeds != verdicts.deeds { return }
    switch record.answer {
    case .yes:
      let moved = record.stuck.first {
        simulation.tasks[Int($0.task)].blockedSince != $0.since
      }
      if let moved { tellMoved(record, id, moved.task) }
    case .no:
      // The same print: nothing came in or went out, no buffer changed hands, no timer went off.
      guard print == record.print, simulation.now - record.at >= Bench.patience,
        let stuck = record.stuck.first, isLeftToItself(host)
      else { return }
      tellStuck(record, id, stuck)
    case .unknown: return
    }
  }

  /// No timer is armed, nobody sleeps or has a timeout, and nothing is taken in: then nothing that
  /// is still to come can release anybody.
  private func isLeftToItself(_ host: Int32) -> Bool {
    guard simulation.processors[Int(host)].stack >= 0 else { return false }
    let graph = waitGraph(of: host)
    if graph.connections.contains(where: { graph.dropIsArmed($0) }) { return false }
    for interface in graph.interfaces
    where simulation.tasks[Int(interface.rxTask)].state != .polling { return false }
    return graph.tasks.allSatisfy { task in
      let record = simulation.tasks[Int(task)]
      return record.state == .dormant || record.blockedSince != nil && !record.hasTimeout
    }
  }

  private func tellMoved(_ record: AnswerRecord, _ id: NodeID, _ task: Int32) {
    tell(
      "`wedged(\(path(of: id)))` was true at \(moment(record.at)), event \(record.event), and "
        + "\(path(of: stations.tasks[Int(task)])) has moved by itself by \(moment(simulation.now))")
  }

  private func tellStuck(_ record: AnswerRecord, _ id: NodeID, _ stuck: StuckTask) {
    tell(
      "`wedged(\(path(of: id)))` was false at \(moment(record.at)), event \(record.event), and "
        + "\(path(of: stations.tasks[Int(stuck.task)])) has not moved from "
        + "\(moment(stuck.since)) to \(moment(simulation.now)), with no timer left")
  }

  private func tell(_ finding: String) {
    if verdicts.hasErred { return }
    verdicts.hasErred = true
    noteOnce(
      "this is a mistake of ours: \(finding). Please send us the script, seed \(plan.seed) and "
        + "this line")
  }
}
