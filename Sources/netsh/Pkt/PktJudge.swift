// One packetdrill script after the other, each at the levels of strictness until one lets it pass.

import Foundation
import NetLab
import NetScript
import NetStack

/// What became of one script.
struct PktResult: Sendable {
  enum Verdict: Sendable {
    /// At which level, the strictest that let it.
    case passed(DrillStrictness)
    case failed(DrillFailure)
    case unsupported(String, SourceSpan)
    case mistaken([Diagnostic])
    case interrupted
  }

  var script: PktScript
  var file: SourceFile
  var verdict: Verdict
  /// Of a script that passes relaxed: why it does not strictly.
  var strictFailure: DrillFailure?
  /// How it ended, if not well, and the phase in milliseconds at which it did.
  var report: DrillReport?
  var phase = 0
  /// Why it was known that it does not pass.
  var known: String?

  /// It passed no further relaxed than wanted.
  func isGood(_ wanted: DrillStrictness) -> Bool {
    if case .passed(let level) = verdict { return level <= wanted }
    return false
  }
}

struct PktJudge: Sendable {
  private let settings: PktSettings
  /// Labs by level, and of each by phase.
  private let labs: [[PreparedDrillLab]]

  init(_ settings: PktSettings) throws {
    self.settings = settings
    labs = try DrillStrictness.allCases.map { level in
      try settings.phases.map { phase in
        guard let lab = settings.lab(level, phase: phase).prepared() else {
          throw Failure(.usage, "\(settings.profile): there is no such profile.")
        }
        return lab
      }
    }
  }

  func judge(_ script: PktScript) -> PktResult {
    let id = SourceFileID(rawValue: 0)
    let file = SourceFile(id: id, name: script.path, octets: script.octets)
    let (_, mistakes) = DrillParser.parse(file, defines: settings.names)
    var result = PktResult(script: script, file: file, verdict: .mistaken(mistakes))
    guard mistakes.isEmpty else { return result }
    for level in DrillStrictness.allCases {
      let verdict = verdict(script, at: level, &result)
      result.verdict = verdict
      switch verdict {
      case .passed, .unsupported, .mistaken, .interrupted: return result
      case .failed(let failure):
        if level == .strict { result.strictFailure = failure }
      }
    }
    return result
  }

  /// Whether it passes at every phase at this level.
  func passes(_ script: PktScript, at level: DrillStrictness) -> Bool {
    labs[Int(level.rawValue)].allSatisfy { lab in
      let report = lab.run(
        name: script.path, octets: script.octets, monitor: PktMonitor())
      return report?.outcome.isPassed ?? false
    }
  }

  private func verdict(
    _ script: PktScript, at level: DrillStrictness, _ result: inout PktResult
  ) -> PktResult.Verdict {
    for (lab, phase) in zip(labs[Int(level.rawValue)], settings.phases) {
      guard
        let report = lab.run(name: script.path, octets: script.octets, monitor: PktMonitor())
      else { return .unsupported("this lab cannot hold it", result.file.start) }
      if report.outcome.isPassed { continue }
      (result.report, result.phase) = (report, phase)
      switch report.outcome {
      case .failed(let failure): return .failed(failure)
      case .unsupported(let what, let span): return .unsupported(what, span)
      case .running where Interruption.isRequested: return .interrupted
      case .running, .passed: return .unsupported("a run without an end", result.file.start)
      }
    }
    return .passed(level)
  }
}

extension SourceFile {
  /// The place of what concerns it whole.
  fileprivate var start: SourceSpan { SourceSpan(file: id, start: 0, end: 0) }
}

/// Ends a run on Ctrl-C, or when it takes more time of the processor than any script should.
private final class PktMonitor: RunMonitor {
  private static let mostNanoseconds: UInt64 = 20_000_000_000
  private let start = ThreadClock.now

  func pulse(now: Instant, events: Int64) -> RunOrder {
    if Interruption.isRequested { return .interrupt }
    return ThreadClock.now - start > Self.mostNanoseconds ? .outOfTime : .goOn
  }
}
