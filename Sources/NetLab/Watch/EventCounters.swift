// `server.tcp.drop.count` and `.last`: events that some path names, counted from time 0.

import NetScript
import NetStack

struct EventCounter {
  var node: NodeID
  var filter: EventFilter
  var count: Int64 = 0
  var last: TraceRecord?
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
    readCounter(event).map { watch.eventCounters[$0].count } ?? 0
  }

  /// The record of the last one, or `none`.
  func lastEvent(_ event: NodeID) -> Value {
    guard let index = readCounter(event), let record = watch.eventCounters[index].last else {
      return .none
    }
    return eventValue(record)
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
        isNews = isNews || watch.eventCounters[index].isRead
      }
      if isNews { watch.versions.counted() }
    }
  }

  /// The kinds of record that hooks, counters and the lookout want, and no others.
  func refreshInterest() {
    context.interest =
      watch.eventInterest | watch.countedKinds | (watch.countdown?.kinds ?? 0) | lookoutKinds
  }
}
