// `:last`: back to the last event of a kind, or to the last one that changed a value.
//
// The engine keeps the number of the last event by kind and host, so most questions are one
// restore. For what is finer, and for values, the stretches between kept moments are done again,
// the newest first.

import NetScript
import NetSim
import NetStack

/// What somebody looks for.
private enum Quarry {
  case events([EventFilter])
  /// An expression, and what it reads now.
  case value(FunctionID, ReadSet)
  case mistake(Reply)
}

/// Where it was found.
private struct Find {
  var event: Int64
  /// Not the event, but this line changed it.
  var line: Entry?
  var old = ""
  var new = ""
}

/// A search that has led somewhere: the same one again goes on from there.
struct LastSearch {
  var text: String
  var at: Moment
  var isOfLine: Bool
}

extension Workbench {
  /// `:last EXPR` and `:last EVENT`. What has just happened here counts, unless this search has led
  /// here: then it goes on to the one before.
  public func last(_ text: String) -> Reply {
    let before = desk
    keepHere()
    var way = Way(journal: journal)
    if let search = lastSearch, search.text == text, search.at == moment {
      way = beforeThis(search)
    }
    let known = knownEntries
    let quarry = quarry(text)
    stand(firmlyAt: desk)
    let find: Find?
    switch quarry {
    case .mistake(let reply): return reply
    case .events(let filters):
      guard let found = lastEvent(of: filters, on: way) else { return interrupted(before) }
      find = found > 0 ? Find(event: found) : nil
    case .value(let function, let reads):
      guard let found = lastChange(of: function, reads, text, on: way) else {
        return interrupted(before)
      }
      find = found.event >= 0 ? found : nil
    }
    guard let find else {
      desk = before
      stand(firmlyAt: desk)
      return .refused("`\(text)`: nothing of it before \(way.cut == nil ? "here" : "this")")
    }
    let isThere: () -> Bool = {
      switch quarry {
      case .events(let filters):
        let index = self.bench.context.lastEvents
        return filters.contains { index.last($0) >= find.event }
      case .value(let function, _): return LookingGlass(self.bench, function).text == find.new
      case .mistake: return true
      }
    }
    guard arrive(at: find, along: known, isThere) else { return interrupted(before) }
    if before != desk { past.append(Before(desk: before)) }
    lastSearch = LastSearch(text: text, at: moment, isOfLine: find.line != nil)
    var reply = Reply()
    if !find.new.isEmpty { reply.lines.append("\(text): \(find.old) → \(find.new)") }
    if let line = find.line, case .line(let text, _) = line.deed {
      reply.lines.append("by the line  \(text.split(separator: "\n").first ?? "")")
      return reply
    }
    // What it was, or all that the event did.
    var pick = Pick(text: text, filters: [])
    if case .events(let filters) = quarry { pick.filters = filters }
    reply.lines += recall(pick, pick.isAll ? 4 : 1, events: 2).map { $0.text }
    return reply
  }

  /// What lies before that to which a search has led.
  private func beforeThis(_ search: LastSearch) -> Way {
    var entries = journal.entries
    guard let last = entries.last else { return Way(journal: journal) }
    if search.isOfLine {
      entries.removeLast()
      return Way(journal: Journal(entries: entries))
    }
    // Behind the event, and before the programs that it woke.
    if !moment.isMidInstant, last.start.event < moment.event {
      return Way(journal: journal, cut: .event(moment.event))
    }
    return way(to: .event(max(moment.event - 1, 0)), along: entries)
  }

  /// The first moment with a name at which it has happened. Programs run behind the event that
  /// woke them: what they do is seen when the instant is over, or behind the next event.
  private func arrive(at find: Find, along known: [Entry], _ isThere: () -> Bool) -> Bool {
    if let line = find.line {
      guard let place = known.firstIndex(where: { $0.origin == line.origin }) else { return false }
      var way = Way(journal: Journal(entries: Array(known[...place])))
      if known[place].end.event > find.event { way.cut = .event(find.event) }
      return stand(at: way)
    }
    let isValue = !find.new.isEmpty
    let event = isValue ? find.event - 1 : find.event
    guard stand(at: way(to: .event(max(event, 0)), along: known)) else { return false }
    if !isValue && isThere() { return true }
    guard stand(at: way(to: .instant(moment.now), along: known)) else { return false }
    if moment.event == event && isThere() { return true }
    return stand(at: way(to: .event(event + 1), along: known))
  }

  // MARK: What is looked for

  /// An expression, unless it names an event; else a pattern of events. The world is used up.
  private func quarry(_ text: String) -> Quarry {
    var mistake = Reply()
    switch compile(text) {
    case .mistakes(let mistakes): mistake.diagnostics = mistakes
    case .line(let line):
      guard bench.isLook(.line(text, line)) else {
        return .mistake(.refused("`:last` takes what only looks: a path, an expression, an event"))
      }
      do throws(RuntimeError) {
        let (value, notes) = try bench.evaluate(bench.vm.closure(of: line.main))
        guard let raw = value.asNode, NodeID(rawValue: raw).space == .tree,
          let filter = bench.eventFilter(NodeID(rawValue: raw))
        else { return .value(line.main, notes.reads) }
        return .events([filter])
      } catch {
        mistake.fault = error
      }
    }
    guard case .line(let line) = compile("step on \(text)"),
      let filters = try? bench.filters(of: line), !filters.isEmpty
    else { return .mistake(mistake) }
    return .events(filters)
  }

  // MARK: Events

  /// The number of the last event of a pattern up to the end of a way; 0 if there is none, nil when
  /// somebody has had enough.
  private func lastEvent(of filters: [EventFilter], on way: Way) -> Int64? {
    guard stand(at: way) else { return nil }
    let index = bench.context.lastEvents
    var found: Int64 = 0
    var bound: Int64 = 0
    var finer: [EventFilter] = []
    for filter in filters {
      if index.isExact(filter) {
        found = max(found, index.last(filter))
      } else {
        bound = max(bound, index.last(filter))
        finer.append(filter)
      }
    }
    let here = moment
    var end = min(bound, here.event)
    while end > found {
      let stretch = stretch(to: end, of: way, here)
      let start = checkpoints.nearest(to: stretch.journal, before: stretch.cut, below: end)
      let counters = EventCounters(bench, finer)
      guard stand(at: stretch, from: start, Watcher(begin: counters.begin)) else { return nil }
      found = max(found, counters.last)
      end = start.kept.isFirst ? 0 : start.kept.moment.event
    }
    return found
  }

  /// The part of a way up to an event and what programs do behind it: seen behind the next one.
  private func stretch(to event: Int64, of way: Way, _ end: Moment) -> Way {
    if event + 1 >= end.event { return way }
    return self.way(to: .event(event + 1), along: way.journal.entries)
  }

  // MARK: Values

  /// The last change of a value up to the end of a way; without one, its event is -1.
  private func lastChange(
    of function: FunctionID, _ reads: ReadSet, _ text: String, on way: Way
  ) -> Find? {
    guard stand(at: way) else { return nil }
    let here = moment
    // Counters of events that only this names are there once it was asked.
    _ = LookingGlass(bench, function).text
    var end = min(here.event, bench.lastChange(of: reads, text) ?? .max)
    var isFirst = false
    while !isFirst {
      let stretch = stretch(to: end, of: way, here)
      let start = checkpoints.nearest(to: stretch.journal, before: stretch.cut, below: end)
      let glass = LookingGlass(bench, function)
      guard stand(at: stretch, from: start, Watcher(look: glass.look)) else { return nil }
      if let change = glass.change { return change }
      isFirst = start.kept.isFirst
      end = start.kept.moment.event
    }
    return Find(event: -1)
  }
}

/// Counts records of a pattern while things are done again.
private final class EventCounters {
  private let bench: Bench
  private let filters: [EventFilter]
  private var first = 0

  init(_ bench: Bench, _ filters: [EventFilter]) {
    self.bench = bench
    self.filters = filters
  }

  func begin() {
    first = bench.watch.eventCounters.count
    for filter in filters {
      bench.watch.eventCounters.append(EventCounter(node: .none, filter: filter))
      bench.watch.countedKinds |= filter.kinds
    }
    bench.refreshInterest()
  }

  /// The last event that left one.
  var last: Int64 {
    bench.watch.eventCounters[first...].reduce(0) { max($0, $1.lastEvent) }
  }
}

/// Asks for a value behind each event while things are done again.
private final class LookingGlass {
  private let bench: Bench
  private let function: FunctionID
  private var seen: (value: Value?, text: String?)?
  private(set) var change: Find?

  init(_ bench: Bench, _ function: FunctionID) {
    self.bench = bench
    self.function = function
  }

  /// What it is now, as text.
  var text: String { told(value) }

  private var value: Value? { try? bench.evaluate(bench.vm.closure(of: function)).value }

  func look(_ moment: Moment, _ look: Watcher.Look) {
    let new = value
    // What lives in the heap is told by its text: the heap moves.
    let text = new.flatMap { $0.livesInHeap ? bench.vm.text($0) : nil }
    defer { seen = (text == nil ? new : nil, text) }
    guard let seen, !isSame(seen, new, text) else { return }
    change = Find(
      event: moment.event, old: seen.text ?? told(seen.value), new: text ?? told(new))
    if case .line(let entry) = look { change?.line = entry }
  }

  private func isSame(_ seen: (value: Value?, text: String?), _ new: Value?, _ text: String?)
    -> Bool
  {
    if text != nil || seen.text != nil { return text == seen.text }
    guard let new, let old = seen.value else { return new == nil && seen.value == nil }
    return bench.vm.equal(new, old)
  }

  private func told(_ value: Value?) -> String { value.map { bench.vm.text($0) } ?? "no value" }
}

extension Bench {
  /// The records that a line `step on …` would count. It is begun, and dropped.
  fileprivate func filters(of line: SessionLine) throws(RuntimeError) -> [EventFilter] {
    let parked = try begin(line)
    defer {
      abandon()
      take(parked)
    }
    try resolveCountdown()
    return watch.countdown?.filters ?? []
  }

  /// The last event that may have changed what was read; nil when only looking can tell.
  fileprivate func lastChange(of reads: ReadSet, _ text: String) -> Int64? {
    if reads.aspects == 0 { return nil }
    let counted = EventFilter(kinds: reads.contains(.counters) ? watch.countedKinds : 0)
    var latest = context.lastEvents.last(counted)
    if reads.aspects == Aspect.counters.bit { return latest }
    guard let kinds = tellingKinds(of: reads, text) else { return nil }
    for host in simulation.processors.indices where reads.hosts & ReadSet.bit(host) != 0 {
      let records = EventFilter(kinds: kinds, host: Int32(host))
      latest = max(latest, context.lastEvents.last(records))
    }
    return latest
  }

  /// Kinds of which one is recorded at a host whenever what was read changes there; nil when it may
  /// change without a record.
  private func tellingKinds(of reads: ReadSet, _ text: String) -> UInt64? {
    let counts = ["free", "used", "peak", "total", "waits", "denied"]
    let ofPool = Aspect.pool.bit | Aspect.loss.bit | Aspect.counters.bit
    if reads.aspects & ~ofPool == 0, let last = Path.last(of: text), counts.contains(last) {
      // How many buffers are free, a pool changes with its records only; where they lie, without.
      return (0..<UInt8(64)).compactMap(TraceKind.init(rawValue:))
        .filter { $0.isOfPool || $0.isOfFurtherPool }
        .reduce(0) { $0 | EventCatalogue.bit($1) }
    }
    var ofKernel: [Aspect] = [.pool, .tcp, .socket, .task, .waits, .work, .progress, .counters]
    // Whether a task waits, has the CPU or could have it.
    if reads.contains(.task), Path.last(of: text) == "state" { ofKernel.append(.anything) }
    guard reads.aspects & ~ofKernel.reduce(0, { $0 | $1.bit }) == 0,
      !isAtWork(onAnyOf: reads.hosts)
    else { return nil }
    // A kernel changes by its tasks, which stop with a record, by its clock, which ticks with one,
    // and by interrupts. A frame that found no descriptor and a console's line leave it alone.
    let idle: [TraceKind] = [.nicOverrun, .nicError, .console, .linkFrame, .linkLost]
    return ~idle.reduce(0) { $0 | EventCatalogue.bit($1) }
  }

  /// A task has the CPU, or waits for it: what it has done has left no record yet.
  private func isAtWork(onAnyOf hosts: UInt64) -> Bool {
    simulation.processors.indices.contains { host in
      hosts & ReadSet.bit(host) != 0 && simulation.running(on: Int32(host)) >= 0
    }
  }
}

private enum Path {
  /// The last name of a text that is a plain path.
  static func last(of text: String) -> String? {
    let isPlain = text.utf8.allSatisfy { octet in
      octet >= 48 && octet <= 57 || octet >= 65 && octet <= 90 || octet >= 97 && octet <= 122
        || octet == 95 || octet == 46 || octet == 91 || octet == 93
    }
    return isPlain ? text.split(separator: ".").last.map(String.init) : nil
  }
}
