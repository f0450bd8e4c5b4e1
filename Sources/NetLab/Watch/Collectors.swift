// What gathers values while a run goes on: watch(fn), hist(), counter(), rate(fn, span).
//
// A collector is a node of the judge's own space, so that it reads like everything else in the
// tree: `stall.count`, `waits.max`, `n[e.task] += 1`.

import NetScript
import NetSim
import NetStack

enum Collector {
  case watch(WatchState)
  case histogram(Histogram)
  case counter(Counter)
  case rate(RateState)
}

/// How long and how often a function has been true.
struct WatchState {
  var observed: Int
  var holds = false
  var since = Instant.zero
  var first: Instant?
  var last: Instant?
  var total = TimeSpan.zero
  var count: Int64 = 0
  var span: SourceSpan
}

/// Values of one dimension, kept up to a limit; sums and extremes over all of them.
struct Histogram {
  var values: [Value] = []
  var count: Int64 = 0
  var sum = Value.none
  var smallest = Value.none
  var largest = Value.none
  /// One in so many values is kept, once there are too many.
  var stride: Int64 = 1
  var span: SourceSpan
}

struct Counter {
  var keys: [Value] = []
  var counts: [Value] = []
  /// By the key's text: looked up, never walked.
  var places: [String: Int] = [:]
  var span: SourceSpan
}

/// The change of a function over a window that ends now.
struct RateState {
  var observed: Int
  var window: TimeSpan
  var times: [Instant] = []
  var values: [Value] = []
  var span: SourceSpan

  /// The last value taken down at or before an instant; the first if there is none.
  func place(at nanoseconds: Int64) -> Int {
    var (low, high) = (0, times.count)
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if times[middle].nanoseconds <= nanoseconds { low = middle } else { high = middle }
    }
    return low
  }
}

extension Bench {
  func makeCollector(
    _ function: NativeFunction, _ arguments: Arguments
  ) throws(RuntimeError) -> Value {
    let span = arguments.span
    let collector: Collector
    switch function {
    case .hist: collector = .histogram(Histogram(span: span))
    case .counter: collector = .counter(Counter(span: span))
    case .watch:
      let observed = try observedArgument(arguments, "watch(fn() => wedged(server))")
      collector = .watch(WatchState(observed: observed, span: span))
    case .rate:
      let observed = try observedArgument(arguments, "rate(server.eth0.rx.frames, 10s)")
      guard let window = vm.baseUnits(arguments[1], .time), window > 0 else {
        throw RuntimeError("N210", "`rate` takes a path and a time above 0", at: span)
      }
      collector = .rate(
        RateState(observed: observed, window: TimeSpan(nanoseconds: window), span: span))
    default: preconditionFailure("no collector")
    }
    watch.collectors.append(collector)
    askForLook()
    return NodeID(.collector, watch.collectors.count - 1).value
  }

  private func observedArgument(
    _ arguments: Arguments, _ example: String
  ) throws(RuntimeError) -> Int {
    guard arguments[0].tag == .closure else {
      throw RuntimeError(
        FaultCode.wrongArguments, "this takes a function, to be asked again and again",
        at: arguments.span, help: "`\(example)`")
    }
    return addObserved(arguments[0], at: arguments.span)
  }

  // MARK: Looking

  func lookAtWatches() throws(RuntimeError) {
    for index in watch.collectors.indices {
      switch watch.collectors[index] {
      case .watch(let state) where isStale(state.observed):
        let holds = try holds(state.observed)
        if holds != state.holds { watch.collectors[index] = .watch(turned(state, to: holds)) }
      case .rate(let state) where isStale(state.observed) || state.values.isEmpty:
        try lookAtRate(index)
      default: break
      }
    }
  }

  func lookAtRate(_ index: Int) throws(RuntimeError) {
    guard case .rate(let state) = watch.collectors[index] else { return }
    let value = try observe(state.observed)
    // Nothing to measure yet: the window begins with the first number.
    if value.isNone { return }
    watch.collectors[index] = .rate(
      extended(state, by: try kept(value, by: "a rate", at: state.span)))
  }

  /// A number or quantity without a part in the script's heap, so that nothing has to be pinned:
  /// one that is no whole number of base units is rounded.
  func kept(
    _ value: Value, by collector: String, at span: SourceSpan? = nil
  ) throws(RuntimeError) -> Value {
    if value.asInt != nil || value.asReal != nil || value.asBaseUnits != nil { return value }
    guard let dimension = value.dimension else {
      throw RuntimeError(
        FaultCode.wrongType,
        "\(collector) takes numbers and quantities, not \(vm.text(value))", at: span)
    }
    guard let base = vm.baseUnits(value, dimension) else {
      throw RuntimeError(
        FaultCode.overflow, "\(collector) cannot keep \(vm.text(value))", at: span)
    }
    return .quantity(base, dimension, unit: value.unit)
  }

  private func turned(_ old: WatchState, to holds: Bool) -> WatchState {
    var state = old
    let now = simulation.now
    state.holds = holds
    if holds {
      state.since = now
      state.count += 1
      if state.first == nil { state.first = now }
    } else {
      state.total = state.total + (now - state.since)
      state.last = now
    }
    scriptRan()
    return state
  }

  private func extended(_ old: RateState, by value: Value) -> RateState {
    var state = old
    state.times.append(simulation.now)
    state.values.append(value)
    // One value at or before the window's start has to stay.
    let place = state.place(at: simulation.now.nanoseconds - state.window.nanoseconds)
    // Many at a time: each removal moves what is left.
    if place * 2 > state.times.count {
      state.times.removeFirst(place)
      state.values.removeFirst(place)
    }
    return state
  }

  /// Periods that are still open end with the run.
  func finishWatches() {
    for index in watch.collectors.indices {
      guard case .watch(let state) = watch.collectors[index], state.holds else { continue }
      var ended = turned(state, to: false)
      ended.last = simulation.now
      watch.collectors[index] = .watch(ended)
    }
    tellAddedCollectors()
  }

  /// What `-e` counts is told at the end: no statement of the script asks for it.
  private func tellAddedCollectors() {
    for index in watch.collectors.indices {
      let span = watch.collectors[index].span
      let file = program.files[span.file]
      guard file.name == "-e" else { continue }
      // `var n = counter()`: the name it was given, if it was.
      let words = file.text(0..<span.start).split(whereSeparator: { " =;{\n".contains($0) })
      let name = words.last.map { "\($0): " } ?? ""
      let text = describeCollector(NodeID(.collector, index))
      // Beyond the limit of output nothing more is told.
      do throws(RuntimeError) { try tellLine(name + text, at: span) } catch { return }
    }
  }
}

extension Collector {
  /// Where it was made.
  fileprivate var span: SourceSpan {
    switch self {
    case .watch(let state): return state.span
    case .histogram(let state): return state.span
    case .counter(let state): return state.span
    case .rate(let state): return state.span
    }
  }
}
