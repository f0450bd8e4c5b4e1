// From options to verdicts: the one place where the command line meets the bench.

import Foundation
import NetLab
import NetScript

/// Runs, or only checks, the scripts: results to standard output, diagnostics and progress to
/// standard error.
///
/// - Returns: of all runs the most telling status.
func runScripts(_ options: RunOptions, terminal: Terminal) throws -> ExitStatus {
  let limits = try ChosenLimits(options.limits)
  var scripts = options.scripts
  if scripts.isEmpty {
    let text = options.statements.joined(separator: "\n") + "\n"
    scripts = [ScriptFile(path: "-e", text: text)]
  }
  var jobs: [RunJob] = []
  var statuses: [ExitStatus] = []
  var warnings = 0
  defer {
    if options.onlyChecks, warnings > 0 {
      terminal.tell("netsh: \(warnings) warning\(warnings == 1 ? "" : "s").\n")
    }
  }
  for script in scripts {
    let planned = planned(script, options, limits, isStatements: options.scripts.isEmpty)
    let renderer = DiagnosticRenderer(planned.files)
    for diagnostic in planned.diagnostics + planned.warnings {
      terminal.tell(renderer.render(diagnostic))
    }
    warnings += planned.warnings.count
    guard planned.diagnostics.isEmpty else {
      statuses.append(planned.isLimit ? .limit : .scriptError)
      continue
    }
    jobs += makeJobs(planned, cpuSeconds: limits.cpuSeconds)
  }
  // A mistake in one file keeps the others from running too: nobody wants half an evening's
  // results.
  guard statuses.isEmpty else { return ExitStatus.combined(statuses) }
  if jobs.isEmpty {
    terminal.tell("netsh: no case or variant matches.\n")
    return .usage
  }
  if let root = options.outputFolder {
    for (place, folder) in RunFolder.folders(in: root, for: jobs.map(\.plan)).enumerated() {
      if let objection = folder.objection(force: options.force) { throw Failure(.usage, objection) }
      jobs[place].folder = folder
    }
  }
  let report = try options.reportFile.map { try ReportFile($0, options) }
  for place in jobs.indices {
    jobs[place].isReported = report != nil
    jobs[place].isRepeated = options.checksDeterminism
  }
  Interruption.watch()
  var printer = ResultPrinter(options: options, terminal: terminal)
  if !options.onlyChecks, findMistakes(jobs, &printer, terminal) { return .scriptError }
  var page = ReportPage()
  RunWorkers(jobs).run(progress: ProgressLine(terminal: terminal)) { outcome, progress in
    progress.clear()
    statuses.append(printer.tell(outcome))
    if let history = outcome.history {
      let replay = ReplayCommand.text(outcome, options)
      page.add(RunStory(result: outcome.result, history: history, replay: replay))
    }
  }
  warnings += printer.warnings
  if let report {
    let html = page.html(command: ReplayCommand.typed, planned: jobs.count)
    if let problem = report.write(html) {
      terminal.tell("netsh: \(problem)\n")
      statuses.append(.usage)
    }
  }
  return ExitStatus.combined(statuses)
}

/// Takes the first run of each case and variant up to time 0: a mistake in one of them keeps all
/// from running. A plain script is left out: what it does before time 0 may be all it does.
func findMistakes(
  _ jobs: [RunJob], _ printer: inout ResultPrinter, _ terminal: Terminal
) -> Bool {
  var probes: [RunJob] = []
  for job in jobs where job.plan.isFirstOfVariant && job.plan.caseIndex != nil {
    var probe = job
    probe.plan.runs = false
    probe.folder = nil
    probe.isReported = false
    probe.isRepeated = false
    probes.append(probe)
  }
  // A single one finds out by running.
  guard probes.count > 1 else { return false }
  var isMistaken = false
  RunWorkers(probes).run(progress: ProgressLine(terminal: terminal)) { outcome, _ in
    if outcome.diagnostics.isEmpty { return }
    isMistaken = true
    _ = printer.tell(outcome)
  }
  return isMistaken
}

/// A script's runs as the command line chose them.
func planned(
  _ script: ScriptFile, _ options: RunOptions, _ limits: ChosenLimits, isStatements: Bool = false,
  loader: (any Loader)? = nil
) -> Planned {
  let chosen = planOptions(options, limits, statements: isStatements ? [] : options.statements)
  return Planner.plan(
    name: script.path, octets: Array(script.text.utf8),
    loader: loader ?? FileLoader(rootPath: script.path), options: chosen)
}

/// What the command line chose, as the planner takes it.
func planOptions(
  _ options: RunOptions, _ limits: ChosenLimits, statements: [String]
) -> PlanOptions {
  var chosen = PlanOptions()
  if let pattern = options.casePattern { chosen.wantsCase = { Glob.matches($0, pattern) } }
  if let pattern = options.variantPattern { chosen.wantsVariant = { Glob.matches($0, pattern) } }
  chosen.seeds = options.seeds
  chosen.settings = options.settings.map { (name: $0.name, text: $0.value) }
  chosen.schedule = options.schedule
  chosen.statements = statements
  chosen.limits = limits.run
  chosen.onlyChecks = options.onlyChecks
  return chosen
}

/// `check --bytecode`: the functions of the files themselves, not of what they import.
func printBytecode(_ options: RunOptions, terminal: Terminal) -> ExitStatus {
  var status = ExitStatus.passed
  for script in options.scripts {
    let compiled = Planner.compile(
      name: script.path, octets: Array(script.text.utf8),
      loader: FileLoader(rootPath: script.path))
    let renderer = DiagnosticRenderer(compiled.files)
    for diagnostic in compiled.diagnostics + compiled.warnings {
      terminal.tell(renderer.render(diagnostic))
    }
    guard let program = compiled.program else {
      status = .scriptError
      continue
    }
    for line in program.disassembly(of: program.root.file) {
      terminal.write(line + "\n", to: .output)
    }
  }
  return status
}

func makeJobs(_ planned: Planned, cpuSeconds: Double) -> [RunJob] {
  planned.runs.map { RunJob(plan: $0, files: planned.files, cpuSeconds: cpuSeconds) }
}

/// `*` for any text, `?` for one character; case matters.
enum Glob {
  static func matches(_ text: String, _ pattern: String) -> Bool {
    matches(Array(text)[...], Array(pattern)[...])
  }

  private static func matches(
    _ text: ArraySlice<Character>, _ pattern: ArraySlice<Character>
  ) -> Bool {
    // Iterative with one place to return to, so that no pattern takes exponential time.
    var (at, place) = (text.startIndex, pattern.startIndex)
    var star: (text: Int, pattern: Int)?
    while at < text.endIndex {
      if place < pattern.endIndex, pattern[place] == "*" {
        star = (at, place)
        place += 1
      } else if place < pattern.endIndex, pattern[place] == "?" || pattern[place] == text[at] {
        at += 1
        place += 1
      } else if let last = star {
        star = (last.text + 1, last.pattern)
        at = last.text + 1
        place = last.pattern + 1
      } else {
        return false
      }
    }
    return pattern[place...].allSatisfy { $0 == "*" }
  }
}
