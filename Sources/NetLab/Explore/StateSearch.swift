// All orders of a run's choices, depth first, each state once.
//
// The run halts behind the event at which a choice was made. Whatever else could have been chosen
// in it is tried from the same checkpoint; where it comes to a state that was seen before, at the
// same instant, it goes no further. States are known by 128 bits (StateHash.swift): that two unlike
// ones share them is less likely than a fault of the machine that computes them.

import NetScript
import NetSim

/// How much is searched.
public struct SearchBounds: Sendable {
  /// Only so many choices of a run are free, the rest are the first; nil: all.
  public var choices: Int?
  public var preemptions: Int
  /// Gives up after so many states.
  public var states: Int

  public init(choices: Int?, preemptions: Int, states: Int) {
    self.choices = choices
    self.preemptions = preemptions
    self.states = states
  }
}

public final class StateSearch {
  public enum Outcome: Sendable {
    /// There is more.
    case goesOn
    case exhausted
    /// A run of this schedule fails.
    case found(Schedule)
    /// So many states were seen, or a run reached a limit of its own.
    case limit
  }

  /// A state with choices ahead, and what of them comes next.
  private struct Place {
    /// Nil when nothing is ahead of it any more.
    var checkpoint: BenchCheckpoint?
    /// What led here from the place before.
    let made: [UInt8]
    /// How many choices lie before it.
    let depth: Int
    var digits: [UInt8] = []
  }

  public let bench: Bench
  private let bounds: SearchBounds
  private var places: [Place] = []
  /// By state: how many free choices were left when it was met; the more, the more was searched.
  private var seen: [UInt128: Int] = [:]
  /// Scripts that read what is only counted make it a part of the state.
  private var counts = false
  private let origin: BenchCheckpoint

  public private(set) var states = 0
  /// Ways from one state to the next, and the choices on them.
  public private(set) var tried = 0
  public private(set) var choices = 0
  /// Runs to the end of the case, and those that came to a state seen before.
  public private(set) var ends = 0
  public private(set) var merged = 0
  public private(set) var deepest = 0
  /// States that could not be compared with others.
  public private(set) var incomparable = 0

  /// Nil when the bench is not ready to run: see its diagnostics.
  public init?(_ plan: RunPlan, _ bounds: SearchBounds, monitor: (any RunMonitor)?) {
    var plan = plan
    plan.choosing = Choosing(.schedule([]), preemptions: bounds.preemptions)
    plan.endsAtFailure = true
    bench = Bench(plan)
    self.bounds = bounds
    bench.attach(monitor: monitor, sink: nil)
    guard bench.prepare() else { return nil }
    bench.hasMeasured = false
    origin = bench.checkpoint()
    begin()
  }

  private func begin() {
    seen.removeAll()
    places = [Place(checkpoint: origin, made: [], depth: 0)]
    (states, tried, choices, ends) = (1, 0, 0, 0)
    (merged, deepest, incomparable) = (0, 0, 0)
  }

  /// From one state to the next choice, once.
  public func step() -> Outcome {
    while let last = places.last, last.checkpoint == nil { places.removeLast() }
    guard let place = places.last, let checkpoint = place.checkpoint else { return .exhausted }
    bench.restore(checkpoint)
    bench.simulation.follow(place.digits)
    var isOver = bench.run(until: Halt(choices: 1))
    let chooser = bench.simulation.chooser
    let made = chooser.made
    tried += 1
    choices += made.count
    setNext(after: made, chooser.counts)
    let depth = place.depth + made.count
    let left = bounds.choices.map { $0 - depth } ?? .max
    if !isOver && left <= 0 { isOver = bench.run(until: Halt()) }
    if bench.hasMeasured && !counts {
      // What it reads must tell states apart, from the beginning on.
      counts = true
      begin()
      return .goesOn
    }
    if isOver {
      ends += 1
      switch bench.end {
      case .fails: return .found(schedule(made))
      case .brokenOff: return .limit
      case .holds: return .goesOn
      }
    }
    return meet(made, depth, left)
  }

  private func meet(_ made: [UInt8], _ depth: Int, _ left: Int) -> Outcome {
    deepest = max(deepest, depth)
    if let state = bench.stateHash(counts: counts) {
      if let before = seen[state], before >= left {
        merged += 1
        return .goesOn
      }
      if seen.updateValue(left, forKey: state) == nil { states += 1 }
    } else {
      states += 1
      incomparable += 1
    }
    if states > bounds.states { return .limit }
    places.append(Place(checkpoint: bench.checkpoint(), made: made, depth: depth))
    return .goesOn
  }

  /// The next of the choices that a place has ahead, as an odometer counts; without one it is done.
  private func setNext(after made: [UInt8], _ counts: [UInt8]) {
    let top = places.count - 1
    let free = bounds.choices.map { max($0 - places[top].depth, 0) } ?? made.count
    var at = min(made.count, free) - 1
    while at >= 0 && made[at] + 1 >= counts[at] { at -= 1 }
    guard at >= 0 else { return places[top].checkpoint = nil }
    places[top].digits = Array(made[..<at]) + [made[at] + 1]
  }

  /// All that was chosen up to now.
  private func schedule(_ last: [UInt8]) -> Schedule {
    var all: [UInt8] = []
    for place in places { all += place.made }
    return Schedule(preemptions: bounds.preemptions, choices: all + last)
  }
}

extension Bench {
  fileprivate enum End {
    case holds, fails, brokenOff
  }

  /// What a run that is over came to.
  fileprivate var end: End {
    switch ending {
    case .interrupted: return .brokenOff
    case .fault(let error, _): return error.isLimit ? .brokenOff : .fails
    case .failed: return .fails
    case .none, .stopped:
      let isBroken =
        watch.expectations.contains { $0.judgement.verdict == .fail }
        || output.plain.contains { $0.verdict == .fail }
      return isBroken ? .fails : .holds
    }
  }
}
