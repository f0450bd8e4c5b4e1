// Hooks, expectations, collectors: all that watches one run, as one record of the bench.

import NetScript
import NetSim
import NetStack

/// What one evaluation told about itself.
struct Evaluation {
  var reads = ReadSet()
  var flip = Instant.never
  var unknown: Int32?
}

/// Asked now and then by the run loop; netsh answers. Its answers must not steer the simulation
/// except by ending the run.
public protocol RunMonitor: AnyObject {
  func pulse(now: Instant, events: Int64) -> RunOrder
}

public enum RunOrder: Sendable {
  case goOn
  /// Ctrl-C.
  case interrupt
  /// Ctrl-C, where the run can go on later.
  case hold
  /// The run has used up its CPU time.
  case outOfTime
}

struct Watch {
  /// Set when time 0 has come: before that everything is only collected.
  /// Where buffers lay when the events of time 0 were done; nil before that.
  var timeZero: [HeldCounts]?
  var hasBegun = false
  var versions = Versions()
  var observed: [Observed] = []
  /// Places in `observed` that nobody asks any more.
  var freeObserved: [Int] = []
  var evaluation = Evaluation()
  /// The instant that a question about later is about.
  var hypothetical: Instant?

  var eventShape = EventShape()
  var eventHooks: [EventHook] = []
  var eventInterest: UInt64 = 0
  var countdown: Countdown?
  var eventCounters: [EventCounter] = []
  var countedKinds: UInt64 = 0
  var policies: ScriptPolicies?
  var faults: ScriptFaults?
  var whens: [WhenHook] = []
  var timers: [TimerHook] = []
  var expectations: [Expectation] = []
  var texts: [ExpectationText] = []
  /// What expectations compare, and how far that went.
  var seen: [SeenValues] = []
  /// Plain expectations written before the first `run`.
  var early: [EarlyExpectation] = []
  var conditions: [Condition] = []
  var recorders: [Recorder] = []
  /// What `record` has sampled or would have, as written: a plot finds its series by these.
  var recordedNames: [String] = []
  var plots: [Plot] = []
  var collectors: [Collector] = []
  var sampled = SampledRates()

  /// What hooks have set, started and stopped and what is not applied yet, in order.
  var changes: [Change] = []
  var isLooking = false
  /// The instant of the current look and how many rounds it has had (N402).
  var roundsAt = Instant.never
  var rounds = 0
  var next = Instant.never
  var monitor: (any RunMonitor)?
  var untilPulse = 0

  /// The instant of the last pulse, and the events up to its first pulse (N401).
  var pulsedAt = Instant.never
  var eventsBefore: Int64 = 0

  static let roundLimit = 1000
  static let eventsPerPulse = 16_384
  static let eventsPerLook = 16
}

extension Watch {
  /// The `step N on EVENT` under way has had its events.
  var isCountedDown: Bool { countdown?.left == 0 }
}

/// What a hook wants changed when all have looked.
struct Change {
  enum What {
    /// A live field; the pin is the value's.
    case field(Symbol, pin: Int, PathOperation)
    /// `start()` or `stop()`.
    case activity(Bool)
    /// A socket's `abort()`.
    case abort(SocketHandle)
  }
  var node: Value
  var what: What
  var span: SourceSpan
}

/// A task in `wait(fn() => …)`.
struct Condition {
  var observed: Int
  var task: Int32
}
