// Whether a smaller script still fails for the same reason: it is run, with little more than the
// original took.

import Foundation
import NetLab
import NetScript
import NetStack
import Synchronization

/// A script that fails as the original does.
struct ShrunkScript: Sendable {
  var module: ModuleText
  var failed: ExpectationResult
  var events: Int64
}

struct ShrinkJudge: Sendable {
  var reason: FailureReason
  var path: String
  /// Steps, events: nothing that is simpler takes more.
  var limits: RunLimits
  var cpuNanoseconds: UInt64

  /// The script and its failure, if it fails so and one run is all there is.
  func judge(_ module: ModuleText) -> ShrunkScript? {
    var options = PlanOptions()
    options.limits = limits
    let planned = Planner.plan(
      name: path, octets: module.octets, loader: FileLoader(rootPath: path), options: options)
    guard planned.diagnostics.isEmpty, planned.runs.count == 1 else { return nil }
    let bench = Bench(planned.runs[0])
    bench.attach(monitor: CandidateMonitor(cpuNanoseconds), sink: nil)
    guard bench.prepare() else { return nil }
    bench.run()
    let result = bench.result
    guard bench.diagnostics.isEmpty, result.fault == nil, !result.isInterrupted,
      let failed = result.expectations.first(where: {
        $0.verdict == .fail && FailureReason($0) == reason
      })
    else { return nil }
    return ShrunkScript(module: module, failed: failed, events: result.events)
  }
}

/// Ends a run on Ctrl-C, or when it takes too long.
private final class CandidateMonitor: RunMonitor {
  private let end: UInt64

  init(_ nanoseconds: UInt64) { end = ThreadClock.now + nanoseconds }

  func pulse(now: Instant, events: Int64) -> RunOrder {
    if Interruption.isRequested { return .interrupt }
    return ThreadClock.now > end ? .outOfTime : .goOn
  }
}
