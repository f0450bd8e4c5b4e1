// `cause(x)`: the point of no return of a wedge. The last event before which a remedy would still
// have let the members of the knot go on, and behind which none would.
//
// Found by doing it: a twin of the run goes back from the wedge, ever further, and tries each
// remedy until one helps; then the gap is halved. Both sides of the event that is named have then
// been run. A remedy that costs the connection is none: the stall would end, but not the trouble.

import NetScript
import NetSim
import NetStack

/// One line of the answer.
struct CauseRow {
  enum Part: String {
    /// What was decided at the point of no return.
    case decision
    /// A member of the knot that waited already.
    case waiting
    /// Where the wedge was complete.
    case wedge
    /// A cure that still helps, the same when it is too late, and one that helps at neither.
    case helps
    case tooLate = "too_late"
    case noHelp = "no_help"
    /// Nothing was found.
    case unknown
  }
  var part: Part
  var at: Instant
  var event: Int64
  var what: String
}

/// Something that might have helped, as a line to type.
struct Cure {
  /// What must be imported for it.
  var preparation: String?
  var line: String
}

final class CauseSearch {
  private let twin: Workbench
  private let host: Int32
  private let members: [Int32]
  private var wedge: (at: Instant, event: Int64)
  /// A world that is halted behind this event is wedged.
  private var over: Int64
  private let cures: [Cure]
  /// Simulated time after which a stall that has not ended counts as one that does not.
  private static let patience = TimeSpan.seconds(1200)
  /// Events from a decision to the record of what was decided.
  private static let delay: Int64 = 2
  /// Events that are looked back over.
  private static let reach: Int64 = 1 << 20

  /// - Parameters:
  ///   - twin: stands where everything is over.
  ///   - wedge: where the knot was complete, just before; nil when that is to be found out.
  init(
    _ twin: Workbench, host: Int32, members: [Int32], wedge: (at: Instant, event: Int64)?,
    cures: [Cure]
  ) {
    (self.twin, self.host, self.members, self.cures) = (twin, host, members, cures)
    over = twin.moment.event
    self.wedge = wedge ?? (twin.moment.now, over)
    guard wedge == nil else { return }
    over = firstWedge()
    _ = twin.go(to: .event(over))
    self.wedge = (twin.moment.now, over)
  }

  /// The story: the decision, what led to it and from it, and what was tried on both sides.
  func rows() -> [CauseRow] {
    if anyHelps(behind: over) {
      let what = "it is not too late: a person can still untie it"
      let head = CauseRow(part: .unknown, at: wedge.at, event: wedge.event, what: what)
      return [head] + trials(before: over)
    }
    guard let last = lastHelp() else {
      let what = "nothing that was tried would have helped, however early"
      return [CauseRow(part: .unknown, at: wedge.at, event: wedge.event, what: what)]
    }
    var rows = decision(at: last + 1)
    rows.append(
      CauseRow(
        part: .wedge, at: wedge.at, event: wedge.event, what: "no member of the knot can move"))
    return rows + trials(before: last) + trials(after: last + 1)
  }

  /// Halves the run: what is wedged stays so.
  private func firstWedge() -> Int64 {
    var (free, wedged) = (Int64(0), over)
    while wedged - free > 1 {
      let middle = free + (wedged - free) / 2
      _ = twin.go(to: .event(middle))
      if isWedged { wedged = middle } else { free = middle }
    }
    return wedged
  }

  private func trials(before event: Int64) -> [CauseRow] {
    _ = twin.go(to: .event(event))
    let now = twin.moment.now
    let found = cures.map { cure in
      CauseRow(part: helps(cure) ? .helps : .noHelp, at: now, event: event, what: cure.line)
    }
    return found.filter { $0.part == .helps } + found.filter { $0.part == .noHelp }
  }

  private func trials(after event: Int64) -> [CauseRow] {
    _ = twin.go(to: .event(event))
    let now = twin.moment.now
    // That none of them helps here has been tried already.
    return cures.map { CauseRow(part: .tooLate, at: now, event: event, what: $0.line) }
  }

  // MARK: The search

  /// The last event behind which something helps; nothing does behind the next.
  private func lastHelp() -> Int64? {
    var (bad, step) = (over, Int64(1))
    while true {
      if bad == 0 || over - bad > Self.reach { return nil }
      let event = max(bad - step, 0)
      if anyHelps(behind: event) { return lastHelp(from: event, to: bad) }
      bad = event
      step *= 2
    }
  }

  /// Halves a gap: something helps behind the first, nothing behind the second.
  private func lastHelp(from first: Int64, to second: Int64) -> Int64 {
    var (good, bad) = (first, second)
    while bad - good > 1 {
      let middle = good + (bad - good) / 2
      if anyHelps(behind: middle) { good = middle } else { bad = middle }
    }
    return good
  }

  private func anyHelps(behind event: Int64) -> Bool {
    _ = twin.go(to: .event(event))
    return cures.contains { helps($0) }
  }

  private func helps(_ cure: Cure) -> Bool {
    twin.aside {
      if let preparation = cure.preparation { _ = twin.attempt(preparation) }
      if twin.attempt(cure.line).isMistake { return false }
      let drops = connectionDrops
      var span = TimeSpan.seconds(1)
      var passed = TimeSpan.zero
      while passed < Self.patience {
        if twin.attempt("run for \(span.nanoseconds)ns").isMistake { return false }
        passed = passed + span
        span = span + span
        if connectionDrops != drops || isWedged { return false }
        if isUntied { return true }
      }
      return false
    }
  }

  private var connectionDrops: Int64 {
    let stack = Int(twin.bench.simulation.processors[Int(host)].stack)
    return stack < 0 ? 0 : twin.bench.simulation.hosts[stack].state.statistics.tcpDrops
  }

  private var isWedged: Bool { twin.bench.waitGraph(of: host).isWedged }

  /// Whether the members have gone on since the moment of the wedge.
  private var isUntied: Bool {
    let simulation = twin.bench.simulation
    guard simulation.now > wedge.at else { return false }
    return members.allSatisfy { task in
      let record = simulation.tasks[Int(task)]
      guard let since = record.blockedSince else { return true }
      if case .buffer? = record.wait { return since > wedge.at }
      return !record.isTangled || since > wedge.at
    }
  }

  // MARK: Words

  /// What was decided between two events, and who of the members waited already.
  private func decision(at event: Int64) -> [CauseRow] {
    _ = twin.go(to: .event(event))
    let at = twin.moment.now
    let waiting = members.filter { task in
      if case .buffer? = twin.bench.simulation.tasks[Int(task)].wait { return true }
      return false
    }
    var rows: [CauseRow] = []
    for task in waiting {
      let record = twin.bench.simulation.tasks[Int(task)]
      rows.append(
        CauseRow(
          part: .waiting, at: record.waitSince, event: record.waitEvent,
          what: "\(twin.bench.taskName(task)) begins to wait for a buffer"))
    }
    // Whoever is served pays for the switch first, so the record of it comes a little later.
    _ = twin.go(to: .event(event + Self.delay))
    let names = waiting.map { twin.bench.taskName($0) }
    let what: String
    if let grant = lines(of: hostName + ".pool.grant").first {
      let others = names.filter { $0 != grant.who }
      rows.removeAll { $0.what.hasPrefix(grant.who + " ") }
      what =
        others.isEmpty
        ? "\(grant.who) takes a \(grant.what)"
        : grant.who + " takes what " + others.joined(separator: ", ") + " waits for"
    } else {
      what = lines(of: "*").first.map { "\($0.who) \($0.what)" } ?? "a step of the simulation"
    }
    return [CauseRow(part: .decision, at: at, event: event, what: what)] + rows
  }

  /// From behind the event before the decision on: tasks that it made ready have run since then.
  private func lines(of text: String) -> [EventLine] {
    guard let pick = try? twin.bench.pick(text) else { return [] }
    return twin.recall(pick, 50, events: Self.delay + 2)
  }

  private var hostName: String {
    twin.bench.path(of: twin.bench.stations.records[Int(host)].node)
  }
}
