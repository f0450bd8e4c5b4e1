// `rate(server.eth0.rx.frames, 10s)` as a value: the change of a path over a window that ends now.
//
// The values it needs are taken down from time 0 on, for every call in the text whose path names
// no variable of the script. Others begin when they are first asked.

import NetScript
import NetStack

struct SampledRates {
  /// Collectors by the number of the call, for those that stand alone; -1 for the others.
  var bySite: [Int] = []
  /// By call, and by what the path's variables were: looked up, never walked.
  var byKey: [String: Int] = [:]
}

extension Bench {
  /// Time 0. What a call is about need not be there in this case, or not yet.
  func beginSampling() {
    watch.sampled.bySite = Array(repeating: -1, count: program.samples.count)
    for (number, site) in program.samples.enumerated() where site.standsAlone {
      let function = vm.closure(of: site.function)
      guard let window = try? evaluate(vm.closure(of: site.window)).value,
        let span = vm.baseUnits(window, .time), span > 0,
        let value = try? evaluate(function).value, value.tag != .closure
      else { continue }
      watch.sampled.bySite[number] = addRate(function, span, at: site.span)
    }
  }

  func addRate(_ function: Value, _ window: Int64, at span: SourceSpan) -> Int {
    let observed = addObserved(function, at: span)
    watch.collectors.append(
      .rate(
        RateState(observed: observed, window: TimeSpan(nanoseconds: window), span: span)))
    askForLook()
    return watch.collectors.count - 1
  }

  /// The value now. A path that is a function the script made itself gives a collector: `rate(f,
  /// 10s)`.
  func sampledRate(_ arguments: Arguments) throws(RuntimeError) -> Value {
    guard let site = arguments.sampleSite else { preconditionFailure("no place in the text") }
    if site < watch.sampled.bySite.count, watch.sampled.bySite[site] >= 0 {
      return try sampledValue(watch.sampled.bySite[site])
    }
    let (function, window) = (arguments[0], arguments[1])
    let key = "\(site)\n" + vm.capturedText(function) + vm.capturedText(window)
    if let known = watch.sampled.byKey[key] { return try sampledValue(known) }
    let span = try vm.call(window, budget: plan.limits.hookSteps)
    let value = try vm.call(function, budget: plan.limits.hookSteps)
    guard let nanoseconds = vm.baseUnits(span, .time), nanoseconds > 0 else {
      throw RuntimeError(
        "N210", "`rate` takes a path and a time above 0", at: arguments.span,
        help: "`rate(server.eth0.rx.frames, 10s)`")
    }
    if value.tag == .closure {
      try refuseInPredicate("a new collector", at: arguments.span)
      let made = addRate(value, nanoseconds, at: arguments.span)
      return NodeID(.collector, made).value
    }
    let made = addRate(function, nanoseconds, at: arguments.span)
    watch.sampled.byKey[key] = made
    try lookAtRate(made)
    return try sampledValue(made)
  }

  private func sampledValue(_ index: Int) throws(RuntimeError) -> Value {
    guard case .rate(let state) = watch.collectors[index] else {
      preconditionFailure("a rate that is none")
    }
    note(.now)
    if readLog != nil { readLog?.formUnion(watch.observed[state.observed].reads) }
    return try currentRate(state, atLeast: 1)
  }
}
