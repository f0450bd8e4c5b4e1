// `server.tcp.drop.count` and `.last`: events that some path names, counted from time 0.

import NetScript
import NetSim
import NetStack

struct EventCounter {
  var node: NodeID
  var filter: EventFilter
  var count: Int64 = 0
  var last: TraceRecord?
  /// The number of its event.
  var lastEvent: Int64 = 0
  /// The last event that may have left one before it was first named; of that nothing is known.
  var missed: Int64 = 0
  /// Somebody has asked: an `on` hook names an event too, and that alone is no reason to look.
  var isRead = false
}

extension Bench {
  /// Every event that a path names has become a node by the end of elaboration.
  func countMentionedEvents() {
    for number in 0..<tree.count {
      let id = NodeID(.tree, number)
      if case .event = tree[id].role { _ = eventCounter(id) }
    }
  }

  /// The counter of an event's node. One that is first named later knows what the engine has
  /// counted by host; of a single task, link, interface or class it counts from then on.
  private func eventCounter(_ id: NodeID) -> Int? {
    for index in watch.eventCounters.indices where watch.eventCounters[index].node == id {
      return index
    }
    guard let filter = eventFilter(id) else { return nil }
    var counter = EventCounter(node: id, filter: filter)
    if context.lastEvents.isExact(filter) { counter.count = context.lastEvents.count(filter) }
    counter.missed = context.lastEvents.last(filter)
    watch.eventCounters.append(counter)
    watch.countedKinds |= filter.kinds
    refreshInterest()
    return watch.eventCounters.count - 1
  }

  /// The records of an event's node.
  func eventFilter(_ id: NodeID) -> EventFilter? {
    guard case .event(let word) = tree[id].role, let scope = eventScope(tree[id].parent) else {
      return nil
    }
    var filter = scope.filter
    filter.kinds = EventCatalogue.kinds(scope.owner, word)
    return filter
  }

  func eventCount(_ event: NodeID) -> Int64 {
    readCounter(event).map { watch.eventCounters[$0].count } ?? 0
  }

  /// The record of the last one, or `none`.
  func lastEvent(_ event: NodeID) -> Value {
    guard let index = readCounter(event), let record = watch.eventCounters[index].last else {
      return .none
    }
    return eventValue(record)
  }

  /// Who asks at a prompt for what was over before anything named it hears that it is not known.
  func refuseMissed(_ event: NodeID, at span: SourceSpan) throws(RuntimeError) {
    guard isDriven, !lookout.isOfFile, activity == .script, let index = readCounter(event) else {
      return
    }
    let counter = watch.eventCounters[index]
    guard counter.last == nil, counter.missed > 0 else { return }
    let name = path(of: event)
    let isSure = context.lastEvents.isExact(counter.filter)
    throw RuntimeError(
      FaultCode.noSuchMember,
      "what the last `\(name)` was is not known: nothing named it before it happened", at: span,
      help: isSure
        ? "it was event \(Spelling.grouped(counter.missed)): `:last \(name)` goes there"
        : "`:last \(name)` goes there, if there was one")
  }

  private func readCounter(_ event: NodeID) -> Int? {
    note(.counters)
    guard let index = eventCounter(event) else { return nil }
    watch.eventCounters[index].isRead = true
    return index
  }

  /// Counts what one step of the engine has recorded.
  func countEvents(_ range: Range<Int>) {
    for place in range {
      let record = context.records[place]
      guard watch.countedKinds & EventCatalogue.bit(record.kind) != 0 else { continue }
      var isNews = false
      for index in watch.eventCounters.indices
      where watch.eventCounters[index].filter.matches(record) {
        watch.eventCounters[index].count += 1
        watch.eventCounters[index].last = record
        watch.eventCounters[index].lastEvent = simulation.events
        isNews = isNews || watch.eventCounters[index].isRead
      }
      if isNews { watch.versions.counted() }
    }
  }

  /// The kinds of record that hooks, counters and the lookout want, and no others.
  func refreshInterest() {
    context.interest =
      watch.eventInterest | watch.countedKinds | (watch.countdown?.kinds ?? 0) | lookoutKinds
      | (witness == nil ? 0 : Witness.kinds)
  }
}

extension EventIndex {
  /// Whether it tells the filter's records from all others.
  func isExact(_ filter: EventFilter) -> Bool {
    filter.object < 0 && filter.bufferClass == nil && (filter.host < 0 || knows(host: filter.host))
  }

  /// The last event that may have left such a record; 0 when none has.
  func last(_ filter: EventFilter) -> Int64 {
    kinds(of: filter).reduce(0) { max($0, last($1, host: filter.host)) }
  }

  func count(_ filter: EventFilter) -> Int64 {
    kinds(of: filter).reduce(0) { $0 + count($1, host: filter.host) }
  }

  private func kinds(of filter: EventFilter) -> [TraceKind] {
    (0..<UInt8(64)).compactMap {
      filter.kinds & 1 << UInt64($0) != 0 ? TraceKind(rawValue: $0) : nil
    }
  }
}
