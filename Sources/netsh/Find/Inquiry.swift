// A question put to one script: what is turned, within which bounds, for which seeds, and the run
// that tells whether one value will do.

import NetLab
import NetScript

struct Inquiry {
  let question: SearchQuestion
  /// With the properties as expectations, without a value.
  let options: RunOptions
  let limits: ChosenLimits
  let dial: Dial
  let seeds: [UInt64]
  /// Places of the dial with which the lab can be built.
  let range: ClosedRange<Int64>

  /// - Throws: `DialMistake`, or `Failure`; what is wrong with the script has been told then.
  init(_ question: SearchQuestion, _ options: RunOptions, _ terminal: Terminal) throws {
    self.question = question
    let limits = try ChosenLimits(options.limits)
    let first = try Self.first(options, limits, terminal)
    let bench = try Self.bench(first.job, options, terminal)
    dial = try bench.dial(for: question)
    seeds = first.seeds
    var options = options
    options.seeds = seeds[0]...seeds[0]
    self.options = options
    self.limits = limits
    let builder = Builder(options: options, limits: limits, dial: dial)
    range = try builder.range(terminal)
  }

  /// What has to hold, for people.
  var claims: [String] { question.properties.isEmpty ? ["the case passes"] : question.properties }

  /// The run of one value and one seed. It ends when what is asked is decided.
  func job(_ value: Int64, seed: UInt64) throws -> RunJob {
    var job = try Builder(options: options, limits: limits, dial: dial).job(value)
    job.plan.seed = seed
    job.plan.endsWhenDecided = !question.properties.isEmpty
    job.plan.endsAtFailure = question.properties.isEmpty
    return job
  }

  /// What the command line would say for this run alone.
  func options(_ value: Int64, seed: UInt64) -> RunOptions {
    var options = options
    options.settings.append(NamedValue(name: dial.name, value: dial.text(value)))
    options.seeds = seed...seed
    return options
  }

  /// The first run as the script stands, and the seeds.
  private static func first(
    _ options: RunOptions, _ limits: ChosenLimits, _ terminal: Terminal
  ) throws -> (job: RunJob, seeds: [UInt64]) {
    let planned = planned(options.scripts[0], options, limits)
    let renderer = DiagnosticRenderer(planned.files)
    for diagnostic in planned.diagnostics + planned.warnings {
      terminal.tell(renderer.render(diagnostic))
    }
    guard planned.diagnostics.isEmpty else {
      throw Failure(planned.isLimit ? .limit : .scriptError)
    }
    guard let job = makeJobs(planned, cpuSeconds: limits.cpuSeconds).first else {
      throw Failure(.usage, "no case or variant matches.")
    }
    var seeds: [UInt64] = []
    var seen: Set<UInt64> = []
    for run in planned.runs where seen.insert(run.seed).inserted { seeds.append(run.seed) }
    return (job, seeds)
  }

  private static func bench(
    _ job: RunJob, _ options: RunOptions, _ terminal: Terminal
  ) throws -> Bench {
    let bench = Bench(job.plan)
    if bench.prepare() { return bench }
    throw Builder.mistaken(job, options, terminal)
  }
}

/// Makes the plan of a value, and finds out which values a lab can have.
struct Builder {
  let options: RunOptions
  let limits: ChosenLimits
  let dial: Dial

  /// - Throws: `Failure` when what is left is not one run.
  func job(_ value: Int64) throws -> RunJob {
    var options = options
    options.settings.append(NamedValue(name: dial.name, value: dial.text(value)))
    let planned = planned(options.scripts[0], options, limits)
    let jobs = makeJobs(planned, cpuSeconds: limits.cpuSeconds)
    guard jobs.count == 1 else {
      let names = jobs.prefix(3).map(\.plan.name).joined(separator: "; ")
      throw Failure(
        .usage,
        "find asks about one case and variant, and these are \(jobs.count): \(names)"
          + "\(jobs.count > 3 ? "; …" : ""). --case, --variant and --set choose.")
    }
    return jobs[0]
  }

  private func canBuild(_ value: Int64) throws -> Bool { Bench(try job(value).plan).prepare() }

  /// Around the place where the dial stands now.
  func range(_ terminal: Terminal) throws -> ClosedRange<Int64> {
    guard try canBuild(dial.start) else {
      throw Builder.mistaken(try job(dial.start), options, terminal)
    }
    return try end(dial.range.lowerBound)...end(dial.range.upperBound)
  }

  /// The end itself, or where between it and the start values cease to be refused.
  private func end(_ end: Int64) throws -> Int64 {
    if end == dial.start { return end }
    if try canBuild(end) { return end }
    var (good, bad) = (dial.start, end)
    while abs(good - bad) > 1 {
      let middle = good + (bad - good) / 2
      if try canBuild(middle) { good = middle } else { bad = middle }
    }
    return good
  }

  /// Tells what keeps a run from its time 0.
  static func mistaken(_ job: RunJob, _ options: RunOptions, _ terminal: Terminal) -> Failure {
    var probe = job
    probe.plan.runs = false
    var printer = ResultPrinter(options: options, terminal: terminal)
    var status = ExitStatus.scriptError
    RunWorkers([probe]).run(progress: ProgressLine(terminal: terminal)) { outcome, _ in
      let told = printer.tell(outcome)
      if told != .passed { status = told }
    }
    return Failure(status)
  }
}

/// - Throws: `Failure` when it cannot be read; why has been told then.
func readQuestion(_ text: String, _ terminal: Terminal) throws -> SearchQuestion {
  let (question, diagnostics) = SearchQuestion.parse(questionFile(text).file)
  guard let question else { throw mistaken(text, diagnostics, terminal) }
  return question
}

/// Tells what is wrong with a question, below its words.
func mistaken(
  _ question: String, _ diagnostics: [Diagnostic], _ terminal: Terminal
) -> Failure {
  let renderer = DiagnosticRenderer(questionFile(question).files)
  for diagnostic in diagnostics { terminal.tell(renderer.render(diagnostic)) }
  return Failure(.usage)
}

private func questionFile(_ text: String) -> (files: SourceFiles, file: SourceFile) {
  var files = SourceFiles()
  let id = files.add(name: "the question", text: text)
  return (files, files[id])
}
