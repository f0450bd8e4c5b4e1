// From a pack to a verdict: it is read whole, held against what it says of itself, and run in
// memory. Nothing of it is ever written.

import Foundation
import NetLab
import NetScript

struct OpenedPack {
  let path: String
  var manifest: PackManifest
  var files: [StoredZip.Entry]

  /// The longest that is read.
  static let longest = 64 << 20

  /// - Throws: `Failure` with the reason when it is no pack or was altered.
  init(path: String) throws {
    guard let handle = FileHandle(forReadingAtPath: path) else {
      throw Failure(.usage, "\(path): cannot be read.")
    }
    let data = (try? handle.read(upToCount: Self.longest + 1)) ?? Data()
    guard data.count <= Self.longest else {
      throw Failure(.usage, "\(path): longer than \(Self.longest >> 20) MiB.")
    }
    guard let entries = StoredZip.entries(of: Array(data)), let first = entries.first,
      first.name == PackManifest.name
    else { throw Failure(.usage, "\(path): is no pack of netsh, or was altered.") }
    guard entries.count <= StoredZip.mostEntries else {
      throw Failure(.usage, "\(path): has more than \(StoredZip.mostEntries) files.")
    }
    guard let manifest = PackManifest(octets: first.octets) else {
      throw Failure(.usage, "\(path): \(PackManifest.name) was altered.")
    }
    self.path = path
    self.manifest = manifest
    files = Array(entries.dropFirst())
    guard manifest.format == PackManifest.format else {
      throw Failure(
        .usage, "\(path): is a `\(manifest.format)`; this is for `\(PackManifest.format)`.")
    }
    if let problem { throw Failure(.usage, "\(path): \(problem)") }
  }

  /// What does not fit together, or nil.
  private var problem: String? {
    if files.map(\.name) != manifest.files.map(\.name) {
      return "its files are not those that it lists."
    }
    // Some file systems fold case: whoever unpacks it there would have one for the other.
    var seen: Set<String> = [PackManifest.name.lowercased()]
    for (entry, listed) in zip(files, manifest.files) {
      guard PackManifest.isPlain(entry.name) else {
        return "it names a file outside of itself: \(entry.name)"
      }
      guard seen.insert(entry.name.lowercased()).inserted else {
        return "it has \(entry.name) twice."
      }
      if PackManifest.sha256(entry.octets) != listed.sha256 { return "\(entry.name) was altered." }
    }
    guard files.first?.name == manifest.root else { return "its script is not its first file." }
    guard manifest.runs.allSatisfy({ 1...PackManifest.longestStride ~= $0.stride }) else {
      return "no run is sampled as it says."
    }
    return nil
  }

  /// Those of the pack and what its reader allows beyond. Nobody who sends a pack takes more of its
  /// reader's machine than any script may.
  private func limits(allowing allowed: [NamedValue]) throws -> ChosenLimits {
    let own = manifest.options(script: ScriptFile(path: manifest.root, text: "")).limits
    let raised = try own.filter { limit in
      try ChosenLimits.raises(limit) && !allowed.contains { $0.name == limit.name }
    }
    guard raised.isEmpty else {
      let words = try ChosenLimits.words(raising: allowed + raised)
      throw Failure(
        .usage,
        "\(path): was made with higher limits; if that is well: netsh verify\(words) \(path)")
    }
    return try ChosenLimits(own + allowed)
  }

  /// The runs that it promises.
  private func jobs(_ limits: ChosenLimits, _ terminal: Terminal) throws -> [RunJob] {
    guard let text = String(validating: files[0].octets, as: UTF8.self) else {
      throw Failure(.usage, "\(manifest.root): is not text in UTF-8.")
    }
    let options = manifest.options(script: ScriptFile(path: manifest.root, text: text))
    let planned = Planner.plan(
      name: manifest.root, octets: files[0].octets, loader: PackLoader(files),
      options: planOptions(options, limits, statements: options.statements))
    let renderer = DiagnosticRenderer(planned.files)
    for diagnostic in planned.diagnostics { terminal.tell(renderer.render(diagnostic)) }
    guard planned.diagnostics.isEmpty else { throw Failure(.scriptError) }
    var jobs = makeJobs(planned, cpuSeconds: limits.cpuSeconds)
    guard jobs.count == manifest.runs.count else {
      throw Failure(.failed, "it has \(manifest.runs.count) runs, and here are \(jobs.count).")
    }
    for place in jobs.indices {
      jobs[place].sampling = TraceSampling(stride: manifest.runs[place].stride)
    }
    return jobs
  }

  /// Runs it and tells what differs. By another engine only the expectations are asked for.
  func verify(allowing allowed: [NamedValue], _ terminal: Terminal) throws -> ExitStatus {
    let limits = try limits(allowing: allowed)
    let isSameEngine = manifest.engine == PackManifest.engine
    if !isSameEngine {
      terminal.tell(
        "netsh: made by \(manifest.engine.harmless), and this is \(PackManifest.engine): "
          + "runs may differ, expectations are compared.\n")
    }
    let jobs = try jobs(limits, terminal)
    var statuses: [ExitStatus] = []
    var place = 0
    Interruption.watch()
    RunWorkers(jobs).run(progress: ProgressLine(terminal: terminal)) { outcome, progress in
      progress.clear()
      if outcome.result.isInterrupted { return }
      let promised = manifest.runs[place]
      place += 1
      let differences = promised.differences(from: outcome, isSameEngine: isSameEngine)
      let mark = terminal.styled(
        differences.isEmpty ? "same" : "differs", differences.isEmpty ? .good : .bad, on: .output)
      let lines = ["\(mark)  \(promised.name.harmless)"] + differences.map { "   " + $0.harmless }
      terminal.write(lines.map { $0 + "\n" }.joined(), to: .output)
      statuses.append(differences.isEmpty ? .passed : .failed)
    }
    if Interruption.isRequested { statuses.append(.interrupted) }
    return ExitStatus.combined(statuses)
  }
}

extension PackManifest.Run {
  fileprivate func differences(from outcome: RunOutcome, isSameEngine: Bool) -> [String] {
    guard outcome.diagnostics.isEmpty else { return ["it does not come to time 0"] }
    let other = PackManifest.Run(outcome)
    var lines: [String] = []
    for (mine, others) in zip(expectations, other.expectations) where mine != others {
      lines.append("\"\(mine.text)\": \(mine.verdict) there, \(others.verdict) here")
    }
    if expectations.count != other.expectations.count { lines.append("other expectations") }
    if verdict != other.verdict { lines.append("verdict \(verdict) there, \(other.verdict) here") }
    guard isSameEngine, digest != other.digest || events != other.events else { return lines }
    lines.append("digest \(digest) there, \(other.digest) here")
    if let part = samples.part(from: other.samples) {
      let events =
        part.count == 1
        ? "event \(part.lowerBound)" : "one of the events \(part.lowerBound) to \(part.upperBound)"
      lines.append("the first that differs is \(events)")
    } else {
      lines.append(
        "the same for \(Int64(min(samples.digests.count, other.samples.digests.count)) * stride) "
          + "events")
    }
    return lines
  }
}
