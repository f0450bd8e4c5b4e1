// `server.tcp.drop.count` and `.last`: events that some path names, counted from time 0.

import NetScript
import NetStack

struct EventCounter {
  var node: NodeID
  var filter: EventFilter
  var count: Int64 = 0
  var last: TraceRecord?
}

extension Bench {
  /// Every event that a path names has become a node by the end of elaboration.
  func countMentionedEvents() {
    for number in 0..<tree.count {
      let id = NodeID(.tree, number)
      if case .event = tree[id].role { _ = eventCounter(id) }
    }
  }

  /// The counter of an event's node. One that is first named later counts from then on.
  private func eventCounter(_ id: NodeID) -> Int? {
    for index in watch.eventCounters.indices where watch.eventCounters[index].node == id {
      return index
    }
    guard case .event(let word) = tree[id].role, let scope = eventScope(tree[id].parent) else {
      return nil
    }
    var filter = scope.filter
    filter.kinds = EventCatalogue.kinds(scope.owner, word)
    watch.eventCounters.append(EventCounter(node: id, filter: filter))
    watch.countedKinds |= filter.kinds
    refreshInterest()
    return watch.eventCounters.count - 1
  }

  func eventCount(_ event: NodeID) -> Int64 {
    note(.counters)
    return eventCounter(event).map { watch.eventCounters[$0].count } ?? 0
  }

  /// The record of the last one, or `none`.
  func lastEvent(_ event: NodeID) -> Value {
    note(.counters)
    guard let index = eventCounter(event), let record = watch.eventCounters[index].last else {
      return .none
    }
    return eventValue(record)
  }

  /// Counts what one step of the engine has recorded.
  func countEvents() {
    for place in 0..<context.records.count {
      let record = context.records[place]
      guard watch.countedKinds & EventCatalogue.bit(record.kind) != 0 else { continue }
      var isCounted = false
      for index in watch.eventCounters.indices
      where watch.eventCounters[index].filter.matches(record) {
        watch.eventCounters[index].count += 1
        watch.eventCounters[index].last = record
        isCounted = true
      }
      if isCounted { watch.versions.counted() }
    }
  }

  /// The kinds of record that hooks and counters want, and no others.
  func refreshInterest() { context.interest = watch.eventInterest | watch.countedKinds }
}
