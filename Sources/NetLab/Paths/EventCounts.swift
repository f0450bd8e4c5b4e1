// How often events happened, for the paths `.count` and `.last`.

import NetScript
import NetSim
import NetStack

/// A counter of one event of one node, made when a path first names it.
struct EventCounter {
  var node: NodeID
  var kinds: UInt64
  /// Only of this host and object; -1 for any.
  var host: Int32
  var object: Int32
  var count: Int64 = 0
  var last = Instant.never
}

struct EventCounts {
  var counters: [EventCounter] = []
  var interest: UInt64 = 0
}
