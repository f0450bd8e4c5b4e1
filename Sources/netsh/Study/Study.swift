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
    var runs: PlannedRuns
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
      study.add(planned, script, limits)
    }
    guard statuses.isEmpty else { throw Failure(ExitStatus.combined(statuses)) }
    guard study.count > 0 else { throw Failure(.usage, "no case or variant matches.") }
    var printer = ResultPrinter(options: options, terminal: terminal)
    if findMistakes(study.firsts, &printer, terminal) { throw Failure(.scriptError) }
    return study
  }

  private mutating func add(_ planned: Planned, _ script: ScriptFile, _ limits: ChosenLimits) {
    parts.append(
      Part(
        runs: planned.runs, files: planned.files, cpuSeconds: limits.cpuSeconds,
        closure: RunKey.closure(of: planned.files, root: script.path), first: count))
    count += planned.runs.count
  }

  /// The same, planned once more: whoever works with it has nothing in common with others, and
  /// waits for no count that they take. Nil when a file has changed since.
  func again(_ options: RunOptions) -> Study? {
    guard let limits = try? ChosenLimits(options.limits) else { return nil }
    var other = Study()
    for script in options.scripts { other.add(planned(script, options, limits), script, limits) }
    let isSame = other.count == count && other.parts.map(\.closure) == parts.map(\.closure)
    return isSame ? other : nil
  }

  /// Place in `parts`: of a part itself all would be counted, by whoever asks.
  private func part(of place: Int) -> Int {
    guard let part = parts.lastIndex(where: { $0.first <= place }) else {
      preconditionFailure("no such run")
    }
    return part
  }

  /// Made when somebody asks, and so is the key: of all runs at once before the first of them, it
  /// would be the work of one core while the others wait.
  func job(_ place: Int) -> RunJob {
    let part = part(of: place)
    return RunJob(
      plan: parts[part].runs[place - parts[part].first], files: parts[part].files,
      cpuSeconds: parts[part].cpuSeconds)
  }

  /// - Parameter plan: of that place.
  func key(_ place: Int, _ plan: RunPlan) -> RunKey {
    RunKey(plan, closure: parts[part(of: place)].closure)
  }

  /// Of each case and variant one.
  private var firsts: [RunJob] {
    parts.flatMap { part in part.runs.firsts.map { job(part.first + $0) } }
  }

  /// What is left of it: places of a shard whose results are not there yet.
  func places(of shard: Shard, without store: ResultStore?) -> [Int] {
    (0..<count).filter { shard.has($0) && !(store?.has(key($0, job($0).plan)) ?? false) }
  }

  func line(_ place: Int) -> StudyLine { line(place, job(place).plan) }
  func line(_ place: Int, _ plan: RunPlan) -> StudyLine { StudyLine(plan, key(place, plan)) }
  var lines: [StudyLine] { (0..<count).map { line($0) } }
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
