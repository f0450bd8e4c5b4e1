// A run that is to be made, and what came of it.

import NetLab
import NetScript

/// One run that is to be made.
struct RunJob: Sendable {
  var plan: RunPlan
  var files: SourceFiles
  var cpuSeconds: Double
  var folder: RunFolder?
  /// It is taken down for a report.
  var isReported = false
  /// It is run twice more, in other ways.
  var isRepeated = false
  /// Digests are taken on its way.
  var sampling: TraceSampling?
  /// Where its result is kept as soon as it is there, and as what.
  var keep: (store: ResultStore, key: RunKey)?
}

/// At every so many events; nil chooses.
struct TraceSampling: Sendable {
  var stride: Int64?
}

/// What came of it.
struct RunOutcome: Sendable {
  var job: RunJob
  var result: RunResult
  /// Mistakes found before time 0.
  var diagnostics: [Diagnostic]
  var warnings: [Diagnostic]
  var files: [(name: String, octets: [UInt8])] = []
  /// What it looked like, if somebody wants a report.
  var history: RunHistory?
  /// It was another run when it was run again.
  var divergence: Divergence?
  /// The digests on its way, if somebody wants them.
  var trace: TraceSamples?
  /// Why its result could not be kept.
  var problem: String?
  var wallMilliseconds: Int64
  var cpuMilliseconds: Int64
}
