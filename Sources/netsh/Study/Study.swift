// A study: the runs of some scripts in the order of their plan.

import NetLab
import NetScript

/// `k/n`: every n-th run from the k-th on.
struct Shard: Sendable {
  var number = 1
  var count = 1

  func has(_ place: Int) -> Bool { place % count == number - 1 }
}

struct Study: Sendable {
  /// The runs of a script.
  private struct Part {
    var runs: [RunPlan]
    var files: SourceFiles
    var cpuSeconds: Double
    /// See `RunKey`.
    var closure: String
    /// Place of its first run in the study.
    var first: Int
  }
  private var parts: [Part] = []
  private(set) var count = 0

  /// Plans the scripts, and takes each variant to time 0: who has a thousand runs before him wants
  /// to hear of mistakes first.
  static func plan(_ options: RunOptions, terminal: Terminal) throws -> Study {
    let limits = try ChosenLimits(options.limits)
    var study = Study()
    var statuses: [ExitStatus] = []
    for script in options.scripts {
      let planned = planned(script, options, limits)
      let renderer = DiagnosticRenderer(planned.files)
      for diagnostic in planned.diagnostics + planned.warnings {
        terminal.tell(renderer.render(diagnostic))
      }
      guard planned.diagnostics.isEmpty else {
        statuses.append(planned.isLimit ? .limit : .scriptError)
        continue
      }
      let closure = RunKey.closure(of: planned.files, root: script.path)
      study.parts.append(
        Part(
          runs: planned.runs, files: planned.files, cpuSeconds: limits.cpuSeconds,
          closure: closure, first: study.count))
      study.count += planned.runs.count
    }
    guard statuses.isEmpty else { throw Failure(ExitStatus.combined(statuses)) }
    guard study.count > 0 else { throw Failure(.usage, "no case or variant matches.") }
    var printer = ResultPrinter(options: options, terminal: terminal)
    if findMistakes(study.firsts, &printer, terminal) { throw Failure(.scriptError) }
    return study
  }

  private func part(of place: Int) -> Part {
    guard let part = parts.last(where: { $0.first <= place }) else {
      preconditionFailure("no such run")
    }
    return part
  }

  /// Made when somebody asks, and so is the key: of all runs at once before the first of them, it
  /// would be the work of one core while the others wait.
  func job(_ place: Int) -> RunJob {
    let part = part(of: place)
    return RunJob(
      part.runs, place - part.first, files: part.files, cpuSeconds: part.cpuSeconds)
  }

  func key(_ place: Int) -> RunKey {
    let part = part(of: place)
    return RunKey(part.runs[place - part.first], closure: part.closure)
  }

  /// Of each case and variant one.
  private var firsts: [RunJob] {
    parts.flatMap { part in
      part.runs.indices.filter { RunJob.isFirstOfVariant($0, of: part.runs) }
        .map { job(part.first + $0) }
    }
  }

  /// What is left of it: places of a shard whose results are not there yet.
  func places(of shard: Shard, without store: ResultStore?) -> [Int] {
    (0..<count).filter { shard.has($0) && !(store?.has(key($0)) ?? false) }
  }

  func line(_ place: Int) -> StudyLine { StudyLine(job(place).plan, key(place)) }
  var lines: [StudyLine] { (0..<count).map(line) }
}

/// A run of a study as `netsh sweep plan` tells it: a line of JSON.
struct StudyLine: Codable, Equatable, Sendable {
  struct Setting: Codable, Equatable, Sendable {
    var name: String
    var value: String
  }
  var id: String
  var `case`: String
  var variant: String?
  var point: [Setting]
  var seed: UInt64

  init(_ plan: RunPlan, _ key: RunKey) {
    id = key.text
    `case` = plan.title
    variant = plan.variant?.title
    point = plan.point.map { Setting(name: $0.name, value: $0.text) }
    seed = plan.seed
  }
}
