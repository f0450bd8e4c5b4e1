// A study: the runs of some scripts in the order of their plan, each under its key.

import NetLab
import NetScript

/// `k/n`: every n-th run from the k-th on.
struct Shard: Sendable {
  var number = 1
  var count = 1

  func has(_ place: Int) -> Bool { place % count == number - 1 }
}

struct Study: Sendable {
  var jobs: [RunJob]
  var keys: [RunKey]

  /// Plans the scripts, and takes each variant to time 0: who has a thousand runs before him wants
  /// to hear of mistakes first.
  static func plan(_ options: RunOptions, terminal: Terminal) throws -> Study {
    let limits = try ChosenLimits(options.limits)
    var study = Study(jobs: [], keys: [])
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
      study.keys += jobs.map { RunKey($0.plan, closure: closure) }
    }
    guard statuses.isEmpty else { throw Failure(ExitStatus.combined(statuses)) }
    guard !study.jobs.isEmpty else { throw Failure(.usage, "no case or variant matches.") }
    var printer = ResultPrinter(options: options, terminal: terminal)
    if findMistakes(study.jobs, &printer, terminal) { throw Failure(.scriptError) }
    return study
  }

  /// What is left of it: places of a shard whose results are not there yet.
  func places(of shard: Shard, without store: ResultStore?) -> [Int] {
    jobs.indices.filter { shard.has($0) && !(store?.has(keys[$0]) ?? false) }
  }

  var lines: [StudyLine] {
    zip(jobs, keys).map { StudyLine($0.plan, $1) }
  }
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
