// Collectors as paths and methods.

import NetScript
import NetStack

extension Bench {
  func collectorMember(_ node: NodeID, _ name: Symbol) throws(RuntimeError) -> Value {
    note(.variables)
    let text = vm.symbols.name(name)
    switch watch.collectors[node.number] {
    case .watch(let state): if let value = watchMember(state, text) { return value }
    case .histogram(let histogram):
      if let value = try histogramMember(histogram, text) { return value }
    case .counter(let counter):
      if text == "total" { return try total(counter.counts) }
      if text == "items" { return counterMap(counter) }
      if text == "count" { return .int(counter.keys.count) }
    case .rate(let state):
      note(.now)
      if text == "value" { return try currentRate(state) }
    }
    throw RuntimeError(
      FaultCode.noSuchMember, "\(describeKind(node)) has no `\(text)`",
      help: "there are: \(memberNames(node))")
  }

  private func memberNames(_ node: NodeID) -> String {
    switch watch.collectors[node.number] {
    case .watch: return "first last total count"
    case .histogram: return "add(x) pct(99%) min max mean sum count"
    case .counter: return "total items count get(k, default) keys() has(k)"
    case .rate: return "value"
    }
  }

  private func describeKind(_ node: NodeID) -> String {
    switch watch.collectors[node.number] {
    case .watch: return "a watch"
    case .histogram: return "a histogram"
    case .counter: return "a counter"
    case .rate: return "a rate"
    }
  }

  private func watchMember(_ state: WatchState, _ name: String) -> Value? {
    func time(_ instant: Instant?) -> Value {
      instant.map { .time(nanoseconds: $0.nanoseconds) } ?? .none
    }
    switch name {
    case "first": return time(state.first)
    case "last":
      if state.holds { note(.now) }
      return time(state.holds ? observedNow : state.last)
    case "total":
      if state.holds { note(.now) }
      let open = state.holds ? observedNow - state.since : .zero
      return .time(nanoseconds: (state.total + open).nanoseconds)
    case "count": return .int(state.count)
    default: return nil
    }
  }

  private func histogramMember(
    _ histogram: Histogram, _ name: String
  ) throws(RuntimeError) -> Value? {
    switch name {
    case "max": return histogram.largest
    case "min": return histogram.smallest
    case "count": return .int(histogram.count)
    case "sum": return histogram.sum
    case "mean":
      guard histogram.count > 0 else { return Value.none }
      return try vm.arithmetic(.divide, histogram.sum, .int(histogram.count))
    default: return nil
    }
  }

  private func total(_ values: [Value]) throws(RuntimeError) -> Value {
    var sum = Value.int(0 as Int64)
    for (index, value) in values.enumerated() {
      sum = index == 0 ? value : try vm.arithmetic(.add, sum, value)
    }
    return sum
  }

  private func counterMap(_ counter: Counter) -> Value {
    vm.makeMap(Array(zip(counter.keys, counter.counts)))
  }

  /// The change over the window divided by it; before the window is full, since time 0.
  ///
  /// - Parameter least: nanoseconds that it is divided by at time 0; without it there is no rate
  ///   then.
  func currentRate(_ state: RateState, atLeast least: Int64 = 0) throws(RuntimeError) -> Value {
    guard let last = state.values.last else { return .none }
    let now = observedNow
    let span = max(min(state.window.nanoseconds, now.nanoseconds), least)
    guard span > 0 else { return .none }
    // While nothing changes no value is taken down, and the window moves on all the same.
    let start = state.place(at: now.nanoseconds - state.window.nanoseconds)
    let change = try vm.arithmetic(.subtract, last, state.values[start])
    return try vm.arithmetic(.divide, change, .time(nanoseconds: span))
  }

  // MARK: Elements

  func collectorElement(_ node: NodeID, _ index: Value) throws(RuntimeError) -> Value {
    note(.variables)
    guard case .counter(let counter) = watch.collectors[node.number] else {
      throw RuntimeError(FaultCode.wrongType, "\(describeKind(node)) has no elements")
    }
    return counter.places[vm.text(index)].map { counter.counts[$0] } ?? .int(0 as Int64)
  }

  /// Whether a counter has not met the key yet.
  func hasNoCount(_ node: NodeID, _ index: Value) -> Bool {
    guard node.space == .collector, case .counter(let counter) = watch.collectors[node.number]
    else { return false }
    return counter.places[vm.text(index)] == nil
  }

  func setCollectorElement(
    _ node: NodeID, _ index: Value, _ value: Value, _ operation: PathOperation
  ) throws(RuntimeError) {
    guard case .counter(var counter) = watch.collectors[node.number] else {
      throw RuntimeError(FaultCode.wrongType, "\(describeKind(node)) has no elements to set")
    }
    // Taken out of the table, so that the arrays are changed in place.
    watch.collectors[node.number] = .counter(Counter(span: counter.span))
    defer { watch.collectors[node.number] = .counter(counter) }
    let key = vm.text(index)
    let old = counter.places[key].map { counter.counts[$0] } ?? .int(0 as Int64)
    var new = value
    switch operation {
    case .set: break
    // A counter of octets or times begins at its first value, which has the unit.
    case .add: new = old.asInt == 0 ? value : try vm.arithmetic(.add, old, value)
    case .subtract: new = try vm.arithmetic(.subtract, old, value)
    }
    new = try kept(new, by: "a counter")
    if let place = counter.places[key] {
      counter.counts[place] = new
    } else {
      _ = vm.pin(index)
      counter.places[key] = counter.keys.count
      counter.keys.append(index)
      counter.counts.append(new)
    }
  }

  // MARK: Methods

  func callCollector(
    _ node: NodeID, _ name: Symbol, _ arguments: Arguments
  ) throws(RuntimeError) -> Value {
    // First, and before anything holds the collector's arrays: `add` changes them in place.
    if name == watch.eventShape.add, case .histogram = watch.collectors[node.number] {
      try refuseInPredicate("`add`", at: arguments.span)
      try add(arguments[0], toHistogram: node.number)
      return .none
    }
    let text = vm.symbols.name(name)
    switch (watch.collectors[node.number], text) {
    case (.histogram(let histogram), "pct"):
      note(.variables)
      return try percentile(histogram, arguments[0])
    case (.counter, "get"):
      let value = try collectorElement(node, arguments[0])
      return value.asInt == 0 && arguments.positionalCount > 1 ? arguments[1] : value
    case (.counter(let counter), "keys"): return vm.makeList(counter.keys)
    case (.counter(let counter), "has"):
      return .bool(counter.places[vm.text(arguments[0])] != nil)
    default: return try collectorMember(node, name)
    }
  }

  private func add(_ given: Value, toHistogram number: Int) throws(RuntimeError) {
    let value = try kept(given, by: "a histogram")
    guard case .histogram(var histogram) = watch.collectors[number] else { return }
    // Taken out of the table, so that the arrays are changed in place.
    watch.collectors[number] = .counter(Counter(span: histogram.span))
    defer { watch.collectors[number] = .histogram(histogram) }
    if histogram.count == 0 {
      histogram.sum = value
      histogram.smallest = value
      histogram.largest = value
    } else {
      let sum = try kept(vm.arithmetic(.add, histogram.sum, value), by: "a histogram")
      if try vm.compare(value, histogram.smallest) < 0 { histogram.smallest = value }
      if try vm.compare(value, histogram.largest) > 0 { histogram.largest = value }
      histogram.sum = sum
    }
    if histogram.count % histogram.stride == 0 { histogram.values.append(value) }
    histogram.count += 1
    guard histogram.values.count > plan.limits.samples else { return }
    var place = 0
    histogram.values.removeAll { _ in
      place += 1
      return place % 2 == 0
    }
    histogram.stride *= 2
  }

  private func percentile(
    _ histogram: Histogram, _ share: Value
  ) throws(RuntimeError) -> Value {
    guard !histogram.values.isEmpty else { return .none }
    guard let parts = vm.baseUnits(share, .none), parts >= 0, parts <= 1_000_000_000 else {
      throw RuntimeError(
        FaultCode.outOfRange, "`pct` takes a share from 0% to 100%", help: "`h.pct(99%)`")
    }
    var values = histogram.values
    var fault: RuntimeError?
    values.sort { first, second in
      do throws(RuntimeError) { return try vm.compare(first, second) < 0 } catch {
        fault = error
        return false
      }
    }
    if let fault { throw fault }
    // The nearest rank: the smallest value that so many are not above.
    let rank = (Int64(values.count) * parts + 999_999_999) / 1_000_000_000
    return values[Int(max(rank, 1)) - 1]
  }

  // MARK: Text

  func describeCollector(_ node: NodeID) -> String {
    switch watch.collectors[node.number] {
    case .watch(let state):
      return "\(state.count) times, \(vm.text(.time(nanoseconds: state.total.nanoseconds))) in all"
    case .histogram(let histogram):
      guard histogram.count > 0 else { return "0 values" }
      return "\(histogram.count) values, \(vm.text(histogram.smallest)) to "
        + vm.text(histogram.largest)
    case .counter(let counter): return vm.text(counterMap(counter))
    case .rate(let state):
      guard let value = try? currentRate(state) else { return "none" }
      return vm.text(value)
    }
  }
}
