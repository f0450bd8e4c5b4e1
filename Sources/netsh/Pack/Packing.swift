// From a script to a pack: its files, how it was run, and what came of it.

import Foundation
import NetLab
import NetScript
import Synchronization

/// - Parameter isMinimal: without comments and what is not needed.
/// - Throws: `Failure` when the script has mistakes or a run of it does not come to an end.
func pack(_ options: RunOptions, isMinimal: Bool, terminal: Terminal) throws -> [UInt8] {
  let script = options.scripts[0]
  let limits = try ChosenLimits(options.limits)
  let loader = RecordingLoader(FileLoader(rootPath: script.path))
  let planned = planned(script, options, limits, loader: loader)
  var runs = try packedRuns(planned, options, limits, terminal)
  // Behind the runs: what they replay is read at time 0.
  var files = packedFiles(planned.files, loader.files, root: script.path)
  if isMinimal {
    let scripts = packedFiles(planned.files, [], root: script.path)
    let captures = files.filter { file in !scripts.contains { $0.name == file.name } }
    files = minimalFiles(scripts, planned, options)
    let again = RecordingLoader(PackLoader(files + captures))
    let smaller = Planner.plan(
      name: files[0].name, octets: files[0].octets, loader: again,
      options: planOptions(options, limits, statements: options.statements))
    let root = files[0].name
    let others = try packedRuns(smaller, options, limits, terminal)
    files = packedFiles(smaller.files, again.files, root: root)
    // A plain script is called by its path.
    guard runs.map(\.outcome) == others.map(\.outcome) else {
      throw Failure(
        .failed,
        "\(script.path): without what it seems not to need it is another case; pack it whole.")
    }
    runs = others
  }
  if let odd = files.first(where: { !PackManifest.isPlain($0.name) }) {
    throw Failure(.usage, "\(odd.name): no pack can have a file of this name.")
  }
  guard files.count < StoredZip.mostEntries else {
    throw Failure(.usage, "a pack has no room for more than \(StoredZip.mostEntries) files.")
  }
  let manifest = PackManifest(
    options: options, root: files[0].name,
    files: files.map {
      PackManifest.File(name: $0.name, sha256: PackManifest.sha256($0.octets))
    }, runs: runs)
  let first = StoredZip.Entry(name: PackManifest.name, octets: try manifest.text())
  return StoredZip.octets(of: [first] + files)
}

/// Makes the runs and takes down what comes of them.
private func packedRuns(
  _ planned: Planned, _ options: RunOptions, _ limits: ChosenLimits, _ terminal: Terminal
) throws -> [PackManifest.Run] {
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
  return runs
}

/// The files without comments, and without cases, variants and declarations that no run needs.
private func minimalFiles(
  _ files: [StoredZip.Entry], _ planned: Planned, _ options: RunOptions
) -> [StoredZip.Entry] {
  var parts = ChosenParts()
  for plan in planned.runs {
    parts.variants[plan.caseIndex ?? -1, default: []].formUnion(plan.variantChain.map(\.title))
  }
  parts.names.formUnion(options.settings.map(\.name))
  for statement in options.statements { parts.add(statement: statement) }
  let modules = files.compactMap { ModuleText($0.octets, name: $0.name) }
  // What compiles has a tree.
  precondition(modules.count == files.count, "a script that ran cannot be parsed")
  return ModuleText.pruned(modules, to: parts).map {
    StoredZip.Entry(name: $0.file.name, octets: $0.octets)
  }
}

/// The root, what it imports and what its runs have read, by their names as seen from its folder.
/// What `std` has, every engine has.
private func packedFiles(
  _ files: SourceFiles, _ read: [StoredZip.Entry], root: String
) -> [StoredZip.Entry] {
  let folder = (root as NSString).deletingLastPathComponent
  var own = files.files.filter { $0.name == root || !StandardLibrary.names.contains($0.name) }
    .map { StoredZip.Entry(name: $0.name, octets: $0.octets) }
  for file in read where !own.contains(where: { $0.name == file.name }) { own.append(file) }
  let entries = own.map { file in
    let isBelow = !folder.isEmpty && file.name.hasPrefix(folder + "/")
    let name = isBelow ? String(file.name.dropFirst(folder.count + 1)) : file.name
    return StoredZip.Entry(name: name, octets: file.octets)
  }
  let rootName = (root as NSString).lastPathComponent
  return entries.filter { $0.name == rootName } + entries.filter { $0.name != rootName }
}

/// Remembers what was read, by whichever thread: captures that a run replays are read at time 0.
private final class RecordingLoader: Loader, Sendable {
  private let other: any Loader
  private let found = Mutex<[String: [UInt8]]>([:])

  init(_ other: any Loader) { self.other = other }

  func load(_ path: String, from importer: String) -> LoadedSource {
    let loaded = other.load(path, from: importer)
    if case .found(let name, let octets) = loaded { found.withLock { $0[name] = octets } }
    return loaded
  }

  /// By name, so that the same case is the same pack.
  var files: [StoredZip.Entry] {
    found.withLock { $0 }.sorted { $0.key < $1.key }
      .map { StoredZip.Entry(name: $0.key, octets: $0.value) }
  }
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

  /// All but its name.
  fileprivate var outcome: Self {
    var run = self
    run.case = ""
    return run
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
