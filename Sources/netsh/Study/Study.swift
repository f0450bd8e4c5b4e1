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
  var jobs: [RunJob] = []
  /// Of each job's script, see `RunKey`.
  private var closures: [String] = []

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
      let jobs = makeJobs(planned, cpuSeconds: limits.cpuSeconds)
      let closure = RunKey.closure(of: planned.files, root: script.path)
      study.jobs += jobs
      study.closures += Array(repeating: closure, count: jobs.count)
    }
    guard statuses.isEmpty else { throw Failure(ExitStatus.combined(statuses)) }
    guard !study.jobs.isEmpty else { throw Failure(.usage, "no case or variant matches.") }
    var printer = ResultPrinter(options: options, terminal: terminal)
    if findMistakes(study.jobs, &printer, terminal) { throw Failure(.scriptError) }
    return study
  }

  /// The key of a run. Made when somebody asks: of all runs at once before the first of them, it
  /// would be the work of one core while the others wait.
  func key(_ place: Int) -> RunKey { RunKey(jobs[place].plan, closure: closures[place]) }

  /// What is left of it: places of a shard whose results are not there yet.
  func places(of shard: Shard, without store: ResultStore?) -> [Int] {
    jobs.indices.filter { shard.has($0) && !(store?.has(key($0)) ?? false) }
  }

  func line(_ place: Int) -> StudyLine { StudyLine(jobs[place].plan, key(place)) }
  var lines: [StudyLine] { jobs.indices.map(line) }
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
