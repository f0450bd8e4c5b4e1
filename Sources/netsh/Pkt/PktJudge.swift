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
  /// Why it does not pass strictly.
  var strictFailure: DrillFailure?
  /// The strictest level at which it ends as the verdict says.
  var level = DrillStrictness.strict
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
    // Of all failures the one that comes last in the script tells most.
    var furthest = -1
    for level in DrillStrictness.allCases {
      let end = end(of: script, at: level, result.file)
      if case .failed(let failure) = end.verdict {
        if level == .strict { result.strictFailure = failure }
        guard failure.span.start > furthest else { continue }
        furthest = failure.span.start
      }
      (result.verdict, result.report, result.phase) = end
      result.level = level
      guard case .failed = end.verdict else { break }
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

  /// How it ends at a level: at the first phase at which it does not pass, or at all.
  private func end(
    of script: PktScript, at level: DrillStrictness, _ file: SourceFile
  ) -> (verdict: PktResult.Verdict, report: DrillReport?, phase: Int) {
    for (lab, phase) in zip(labs[Int(level.rawValue)], settings.phases) {
      guard
        let report = lab.run(name: script.path, octets: script.octets, monitor: PktMonitor())
      else { return (.unsupported("this lab cannot hold it", file.start), nil, phase) }
      switch report.outcome {
      case .passed: continue
      case .failed(let failure): return (.failed(failure), report, phase)
      case .unsupported(let what, let span): return (.unsupported(what, span), report, phase)
      case .running where Interruption.isRequested: return (.interrupted, report, phase)
      case .running: return (.unsupported("a run without an end", file.start), report, phase)
      }
    }
    return (.passed(level), nil, 0)
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
