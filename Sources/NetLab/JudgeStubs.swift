// Stand-ins for what watches and tells; replaced file by file.

import NetScript
import NetSim
import NetStack

/// Hooks, expectations, collectors of one run.
struct Watch {}
/// What a run has told so far.
struct Output {}

extension Bench {
  func addHook(_ site: StatementSite, _ operands: Arguments) throws(RuntimeError) {}
  func addExpectation(_ site: StatementSite, _ operands: Arguments) throws(RuntimeError) {}
  func tell(_ site: StatementSite, _ operands: Arguments) throws(RuntimeError) {}
  func control(_ site: StatementSite, _ operands: Arguments) throws(RuntimeError) -> Outcome {
    .value(.none)
  }
  func makeCollector(
    _ function: NativeFunction, _ arguments: Arguments
  ) throws(RuntimeError) -> Value { .none }
  func ask(_ function: NativeFunction, _ arguments: Arguments) throws(RuntimeError) -> Value {
    .none
  }

  // Members and methods of collectors: nodes whose space is `.collector`, numbered by the judge.
  func collectorMember(_ node: NodeID, _ name: Symbol) throws(RuntimeError) -> Value { .none }
  func collectorElement(_ node: NodeID, _ index: Value) throws(RuntimeError) -> Value { .none }
  func setCollectorElement(
    _ node: NodeID, _ index: Value, _ value: Value, _ operation: PathOperation
  ) throws(RuntimeError) {}
  func callCollector(
    _ node: NodeID, _ name: Symbol, _ arguments: Arguments
  ) throws(RuntimeError) -> Value { .none }
  func describeCollector(_ node: NodeID) -> String { "" }

  /// Plain expectations written before the first `run`, and what else is due at the end of
  /// elaboration. The simulation is built, time is 0.
  func beginWatching() throws(RuntimeError) {}
  /// `on` hooks: right after one event of the engine, `context.records` holds what it did.
  func notice() throws(RuntimeError) {}
  /// All events of this instant are done, and they touched `touched`: when, every, at, expectations,
  /// records; then what hooks have set. Called when `touched` meets `watched`, or `nextMoment` came.
  func look() throws(RuntimeError) {}
  /// When `every`, `at` or a window next needs a look.
  var nextMoment: Instant { .never }
  /// Somebody looks: `look()` is called at the end of each instant.
  var isWatching: Bool { false }
  /// The case is over: `finally`, open windows, verdicts.
  func finishWatching() {}
  /// Once per event: progress, limits of events and CPU time.
  func pulse() throws(RuntimeError) {}
  /// A script's code ran: variables may have changed.
  func scriptRan() {}
  /// The clock that reads use.
  var observedNow: Instant { simulation.now }

  // Fields that hooks set are collected while they look.
  var collectsChanges: Bool { false }
  func collect(
    _ node: Value, _ name: Symbol, _ value: Value, _ operation: PathOperation, _ span: SourceSpan
  ) {}

  func eventCount(_ event: NodeID) -> Int64 { 0 }
  func lastEvent(_ event: NodeID) -> Value { .none }
  func install(
    policy: Value, host: Int32, _ bufferClass: BufferClass, at span: SourceSpan
  ) throws(RuntimeError) {}
  func awaitCondition(_ closure: Value, task: Int32) throws(RuntimeError) {}
  func cancelCondition(task: Int32) {}
}
