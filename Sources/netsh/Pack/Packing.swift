// From a script to a pack: its files, how it was run, and what came of it.

import Foundation
import NetLab
import NetScript

/// - Throws: `Failure` when the script has mistakes or a run of it does not come to an end.
func pack(_ options: RunOptions, terminal: Terminal) throws -> [UInt8] {
  let script = options.scripts[0]
  let limits = try ChosenLimits(options.limits)
  let planned = planned(script, options, limits)
  let renderer = DiagnosticRenderer(planned.files)
  for diagnostic in planned.diagnostics { terminal.tell(renderer.render(diagnostic)) }
  guard planned.diagnostics.isEmpty else { throw Failure(.scriptError) }
  guard !planned.runs.isEmpty else { throw Failure(.usage, "no case or variant matches.") }
  let jobs = makeJobs(planned, cpuSeconds: limits.cpuSeconds).map { job in
    var job = job
    job.sampling = TraceSampling()
    return job
  }
  var runs: [PackManifest.Run] = []
  var printer = ResultPrinter(options: options, terminal: terminal)
  var status = ExitStatus.passed
  Interruption.watch()
  RunWorkers(jobs).run(progress: ProgressLine(terminal: terminal)) { outcome, progress in
    progress.clear()
    if outcome.result.isInterrupted { return }
    guard outcome.diagnostics.isEmpty, outcome.result.fault == nil else {
      status = printer.tell(outcome)
      return
    }
    runs.append(PackManifest.Run(outcome))
  }
  if Interruption.isRequested { throw Failure(.interrupted) }
  guard status == .passed else { throw Failure(status) }
  let files = packedFiles(planned.files, root: script.path)
  let manifest = PackManifest(
    options: options, root: files[0].name,
    files: files.map {
      PackManifest.File(name: $0.name, sha256: PackManifest.sha256($0.octets))
    }, runs: runs)
  let first = StoredZip.Entry(name: PackManifest.name, octets: try manifest.text())
  return StoredZip.octets(of: [first] + files)
}

/// The root and what it imports, by their names as seen from its folder. What `std` has, every
/// engine has.
private func packedFiles(_ files: SourceFiles, root: String) -> [StoredZip.Entry] {
  let folder = (root as NSString).deletingLastPathComponent
  let own = files.files.filter { $0.name == root || !StandardLibrary.names.contains($0.name) }
  let entries = own.map { file in
    let isBelow = !folder.isEmpty && file.name.hasPrefix(folder + "/")
    let name = isBelow ? String(file.name.dropFirst(folder.count + 1)) : file.name
    return StoredZip.Entry(name: name, octets: file.octets)
  }
  let rootName = (root as NSString).lastPathComponent
  return entries.filter { $0.name == rootName } + entries.filter { $0.name != rootName }
}

extension PackManifest.Run {
  init(_ outcome: RunOutcome) {
    let result = outcome.result
    let trace = outcome.trace ?? TraceSamples()
    `case` = result.title
    variant = result.variant
    point = outcome.job.plan.point.map { StudyLine.Setting(name: $0.name, value: $0.text) }
    seed = result.seed
    verdict = result.verdict.word
    expectations = result.expectations.map {
      Expectation(text: $0.label ?? $0.text, verdict: $0.verdict.word)
    }
    events = result.events
    digest = result.digestText
    stride = trace.stride
    self.trace = trace.digests.map { String($0, radix: 16) }.joined(separator: " ")
  }

  /// How people call it.
  var name: String {
    let variant = variant.map { " · variant \"\($0)\"" } ?? ""
    let point = point.map { " · \($0.name) = \($0.value)" }.joined()
    return "\(`case`)\(variant)\(point) · seed \(seed)"
  }

  var samples: TraceSamples {
    TraceSamples(
      stride: stride, digests: trace.split(separator: " ").map { UInt64($0, radix: 16) ?? 0 })
  }
}
