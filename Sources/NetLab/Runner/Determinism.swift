// The same run in other ways: observed, and from checkpoints. What differs is a fault of the
// engine, and is named by its first event.

import NetScript
import NetSim
import NetStack

/// A run that is not what it was.
public struct Divergence: Equatable, Sendable {
  public enum Manner: String, Sendable {
    case observed
    case resumed
  }
  public var manner: Manner
  /// The first event that differs; nil when it did not differ once more.
  public var part: Part?
  /// What a reader would see first: the digest, a line, a verdict.
  public var difference: String

  /// Where two runs part.
  public struct Part: Equatable, Sendable {
    public var event: Int64
    public var at: Instant
  }
}

public enum Determinism {
  /// Runs a plan twice more. Nil when both are what `result` says.
  public static func check(
    _ plan: RunPlan, against result: RunResult, monitor: (any RunMonitor)? = nil
  ) -> Divergence? {
    // What ended otherwise has no end to compare.
    if result.isInterrupted || result.fault != nil { return nil }
    for manner in [Divergence.Manner.observed, .resumed] {
      guard let other = bench(plan, manner, monitor) else { continue }
      let rest = manner == .resumed ? result.events / 4 : .max
      while !other.run(until: Halt(event: other.simulation.events + max(rest, 1))) {
        resume(other)
      }
      if other.result.isInterrupted { return nil }
      guard let difference = difference(result, other.result) else { continue }
      guard let first = bench(plan, nil, monitor), let second = bench(plan, manner, monitor) else {
        continue
      }
      return Divergence(
        manner: manner, part: part(of: first, second), difference: difference)
    }
    return nil
  }

  private static func bench(
    _ plan: RunPlan, _ manner: Divergence.Manner?, _ monitor: (any RunMonitor)?
  ) -> Bench? {
    let bench = Bench(plan)
    bench.attach(monitor: monitor, sink: nil)
    if manner == .observed { bench.sampleForReport() }
    return bench.prepare() ? bench : nil
  }

  /// Goes a little further and back.
  private static func resume(_ bench: Bench) {
    let checkpoint = bench.checkpoint()
    _ = bench.run(until: Halt(event: bench.simulation.events + 1000))
    bench.restore(checkpoint)
  }

  private static func difference(_ first: RunResult, _ second: RunResult) -> String? {
    if first.digest != second.digest {
      return "digest \(first.digestText) and \(second.digestText)"
    }
    if first.events != second.events { return "\(first.events) and \(second.events) events" }
    if let (one, other) = zip(first.lines, second.lines).first(where: { $0 != $1 }) {
      return "`\(one)` and `\(other)`"
    }
    if first.lines.count != second.lines.count {
      return "\(first.lines.count) and \(second.lines.count) lines"
    }
    if first.expectations != second.expectations { return "an expectation" }
    if first.reports != second.reports { return "a report" }
    return nil
  }

  /// Runs both side by side, in strides that double and, once they have parted, halve; nil when
  /// they come to their ends alike. Nobody has run them yet.
  public static func part(of first: Bench, _ second: Bench) -> Divergence.Part? {
    var stride: Int64 = 1024
    var hasParted = false
    while true {
      let marks = (first.checkpoint(), second.checkpoint())
      let halt = Halt(event: first.simulation.events + stride)
      let isOver = first.run(until: halt)
      let isSame =
        second.run(until: halt) == isOver && first.simulation.events == second.simulation.events
        && first.context.digest.value == second.context.digest.value
      if isSame && isOver { return nil }
      if isSame {
        if !hasParted { stride *= 2 }
        continue
      }
      if stride == 1 {
        let event = min(first.simulation.events, second.simulation.events)
        return Divergence.Part(event: event, at: min(first.simulation.now, second.simulation.now))
      }
      first.restore(marks.0)
      second.restore(marks.1)
      hasParted = true
      stride /= 2
    }
  }
}
