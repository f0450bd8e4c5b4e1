// What is to be shrunk: a run that fails, the expectation that fails in it, and why.

import Foundation
import NetLab
import NetScript

/// The reason of a failure, as far as another script can have the same.
struct FailureReason: Equatable, Sendable {
  var shape: FailureShape?
  /// Before anything happened.
  var isFromStart: Bool

  init(_ failed: ExpectationResult) {
    shape = failed.shape
    isFromStart = failed.at == .zero
  }
}

struct FailingCase {
  var script: ScriptFile
  var plan: RunPlan
  var outcome: RunOutcome
  var failed: ExpectationResult

  /// The first run, in the order of the script, of which an expectation fails.
  ///
  /// - Throws: `Failure` when there is none; what is wrong has been told.
  static func find(_ options: RunOptions, _ terminal: Terminal) throws -> FailingCase {
    let limits = try ChosenLimits(options.limits)
    let script = options.scripts[0]
    let planned = planned(script, options, limits)
    let renderer = DiagnosticRenderer(planned.files)
    for diagnostic in planned.diagnostics { terminal.tell(renderer.render(diagnostic)) }
    guard planned.diagnostics.isEmpty else { throw Failure(.scriptError) }
    guard !planned.runs.isEmpty else { throw Failure(.usage, "no case or variant matches.") }
    var printer = ResultPrinter(options: options, terminal: terminal)
    for job in makeJobs(planned, cpuSeconds: limits.cpuSeconds) {
      var found: RunOutcome?
      RunWorkers([job]).run(progress: ProgressLine(terminal: terminal)) { outcome, progress in
        progress.clear()
        found = outcome
      }
      guard let outcome = found, !Interruption.isRequested else { throw Failure(.interrupted) }
      if !outcome.diagnostics.isEmpty || outcome.result.fault != nil {
        throw Failure(printer.tell(outcome), "a run that ends so shows nothing to shrink.")
      }
      guard let failed = outcome.result.expectations.first(where: { $0.verdict == .fail }) else {
        continue
      }
      return FailingCase(script: script, plan: job.plan, outcome: outcome, failed: failed)
    }
    let count = planned.runs.count
    throw Failure(
      .usage,
      count == 1
        ? "\(script.path): no expectation fails, so there is nothing to shrink."
        : "\(script.path): no expectation fails in \(count) runs, so there is nothing to shrink.")
  }

  /// How people call it.
  var name: String {
    var parts = [(script.path as NSString).lastPathComponent]
    if plan.caseIndex != nil { parts.append("\"\(plan.title)\"") }
    if let variant = plan.variant { parts.append("variant \"\(variant.title)\"") }
    parts += plan.point.map { "\($0.name) = \($0.text)" }
    parts += plan.settings.map { "\($0.name) = \($0.text)" }
    if plan.seed != 1 { parts.append("seed \(plan.seed)") }
    return parts.joined(separator: ", ")
  }

  /// Scripts of this run alone, the best first: a shorter run, all in one file.
  var beginnings: [ModuleText] {
    guard let root = ModuleText(Array(script.text.utf8), name: script.path) else { return [] }
    let isFail = failed.text.hasPrefix("fail ")
    let claim = ClaimPlace(
      file: failed.file, line: failed.line, text: isFail ? nil : failed.text)
    let loader = FileLoader(rootPath: script.path)
    let chosen = ChosenRun(
      caseIndex: plan.caseIndex, variants: plan.variantChain.map(\.title),
      settings: plan.point.map { (name: $0.name, text: $0.literal) }
        + plan.settings.map { (name: $0.name, text: $0.text) },
      seed: plan.seed)
    let flat = Flattening.flat(root, keeping: claim) { path, importer in
      guard !path.hasPrefix("std/"),
        case .found(let name, let octets) = loader.load(path, from: importer.file.name)
      else { return nil }
      return ModuleText(octets, name: name)
    }
    let apart = Flattening.flat(root, keeping: claim) { _, _ in nil }
    return [flat, apart].compactMap { $0?.bare.specialised(to: chosen) }.flatMap { module in
      module.shorterRuns(endingAt: failed.at.nanoseconds).compactMap(module.applying) + [module]
    }
  }
}
