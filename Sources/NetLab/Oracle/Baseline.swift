// `baseline(x)`, `diff(x, base)`: maps of place to count, and what has changed since.

import NetScript
import NetSim
import NetStack

/// Where a host's buffers lay at one moment.
struct HeldCounts {
  var mbufs = PlaceCounts()
  var clusters = PlaceCounts()

  /// Of one class, or of both together.
  func count(_ place: Place, _ bufferClass: BufferClass?) -> Int64 {
    switch bufferClass {
    case .mbufs: Int64(mbufs[place])
    case .clusters: Int64(clusters[place])
    case nil: Int64(mbufs[place]) + Int64(clusters[place])
    }
  }
}

extension Bench {
  private func heldCounts(of host: Int32) -> HeldCounts {
    let stack = simulation.processors[Int(host)].stack
    guard stack >= 0 else { return HeldCounts() }
    let state = simulation.hosts[Int(stack)].state
    return HeldCounts(mbufs: state.heldMbufs, clusters: state.heldClusters)
  }

  /// The events of time 0 are done: rings are filled, and `diff` compares with this.
  func noteTimeZero() {
    watch.timeZero = simulation.processors.indices.map { heldCounts(of: Int32($0)) }
  }

  /// `baseline(x)`: a map of place to count.
  func oracleBaseline(_ id: NodeID) -> Value {
    let bufferClass = bufferClass(of: id)
    return census(id) { place, now in now.count(place, bufferClass) }
  }

  /// `diff(x, base)`: a map of place to change; empty when nothing has.
  func oracleDiff(_ id: NodeID, since base: Value, at span: SourceSpan) throws(RuntimeError)
    -> Value
  {
    let bufferClass = bufferClass(of: id)
    if base.isNone {
      let hosts = stacksOfQuestion(id)
      let zero = hosts.first.flatMap { watch.timeZero?[Int($0)] } ?? HeldCounts()
      return census(id) { place, now in
        now.count(place, bufferClass) - zero.count(place, bufferClass)
      }
    }
    guard base.tag == .map else {
      throw RuntimeError(
        "N450", "`diff` compares with what `baseline` gave, and got \(vm.text(base))", at: span,
        help: "`let base = baseline(server)`, later `diff(server, base)`; or `diff(server)`")
    }
    return census(id) { place, now in
      let key = self.vm.symbol(place.name)
      return now.count(place, bufferClass) - (self.vm.mapValue(base, key)?.asInt ?? 0)
    }
  }

  private func census(_ id: NodeID, _ count: (Place, HeldCounts) -> Int64) -> Value {
    var pairs: [(Value, Value)] = []
    if let host = stacksOfQuestion(id).first {
      note(.pool, host: host)
      let now = heldCounts(of: host)
      for place in Place.allCases {
        let number = count(place, now)
        if number != 0 { pairs.append((vm.symbol(place.name), .int(number))) }
      }
    }
    return vm.makeMap(pairs)
  }
}
