// `netsh sweep`: the product of sweeps and seeds over all cores, in one process or in many.

import ArgumentParser
import NetLab

struct SweepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Run all points of the sweeps and seeds of a study, here or on many machines.",
    discussion: """
      `netsh sweep FILE` runs all of it. With --out each result is kept under the run's own \
      key, the same command goes on where one was broken off, and the exit status is 0 when \
      all results are there, whatever they say.
      """,
    subcommands: [SweepRun.self, SweepPlan.self, SweepMerge.self, SweepRecipes.self],
    defaultSubcommand: SweepRun.self)
}

/// Which runs.
struct StudyOptions: ParsableArguments {
  @Argument(help: "Scripts; '-' is standard input.")
  var file: [String]

  @OptionGroup var common: CommonOptions

  @Option(help: ArgumentHelp("Seed or range of seeds, as 7 or 1..20.", valueName: "seeds"))
  var seed: SeedRange?

  @Option(
    name: .customShort("e"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Add a statement before the first 'run'.", valueName: "statement"))
  var statements: [String] = []

  func options() throws -> RunOptions {
    var options = RunOptions()
    options.scripts = try readScripts(file)
    options.statements = statements
    options.take(common)
    options.seeds = seed?.seeds
    return options
  }
}

struct SweepPlan: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Print a line of JSON for each run: its key, and what it is.")

  @OptionGroup var study: StudyOptions

  mutating func run() throws {
    let terminal = Terminal(color: study.common.color)
    let study = try Study.plan(try study.options(), terminal: terminal)
    terminal.write(try StudyLine.text(study.lines), to: .output)
  }
}

struct SweepRun: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run a study, or a part of it, and tell what came out.")

  @OptionGroup var study: StudyOptions

  @Option(help: "Every n-th run from the k-th on, as 3/64.")
  var shard: Shard?

  @Option(help: ArgumentHelp("Keep a result for each run here.", valueName: "folder"))
  var out: String?

  @Option(
    help: ArgumentHelp(
      "Draw a map of two swept params instead of tables, with the frontier of what passes.",
      valueName: "across,upwards"))
  var heat: ParamPair?

  @Option(help: ArgumentHelp("With --heat: show this column of the reports.", valueName: "column"))
  var of: String?

  @Option(help: ArgumentHelp("With --heat: draw it here, too.", valueName: "file"))
  var svg: String?

  @Option(help: "A progress line on standard error: auto, always or never.")
  var progress: When = .auto

  mutating func run() throws {
    guard heat != nil || (of == nil && svg == nil) else {
      throw Failure(.usage, "--of and --svg are about a map: --heat ACROSS,UPWARDS.")
    }
    let terminal = Terminal(color: study.common.color, progress: progress)
    let options = try study.options()
    let study = try Study.plan(options, terminal: terminal)
    let runner = SweepRunner(
      study: study, shard: shard ?? Shard(), store: out.map(ResultStore.init))
    guard let heat else { return try finish(runner.run(options, terminal: terminal)) }
    // Before it is run: who has misspelt a param wants to hear of it first.
    try heat.check(study.lines)
    let (found, status) = try runner.results(options, terminal: terminal)
    let maps = SweepMaps(found, across: heat.across, upwards: heat.upwards, measure: of)
    if let of, !found.isEmpty, found.allSatisfy({ $0.1.value(of: of) == nil }) {
      throw Failure(.usage, "no report has a column `\(of)` of numbers.")
    }
    maps.write(to: terminal)
    if let svg, let problem = WholeFile.write(HeatMap.svg(maps.maps), to: svg) {
      throw Failure(.usage, problem)
    }
    let broken = found.map { $0.1.status(isStrict: false) }.filter { $0 != .failed }
    try finish(ExitStatus.combined([status] + broken))
  }
}

/// `clusters,rate`: two params.
struct ParamPair: ExpressibleByArgument, Sendable {
  var across: String
  var upwards: String

  init?(argument: String) {
    let names = argument.split(separator: ",", omittingEmptySubsequences: false)
    guard names.count == 2, !names[0].isEmpty, !names[1].isEmpty, names[0] != names[1] else {
      return nil
    }
    (across, upwards) = (String(names[0]), String(names[1]))
  }

  /// - Throws: `Failure` when a run sweeps not both.
  func check(_ lines: [StudyLine]) throws {
    for line in lines {
      for name in [across, upwards] where !line.point.contains(where: { $0.name == name }) {
        throw Failure(.usage, "\(line.case): sweeps no `\(name)`.")
      }
    }
  }
}

extension Shard: ExpressibleByArgument {
  init?(argument: String) {
    let parts = argument.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let number = Int(parts[0]), let count = Int(parts[1]), number >= 1,
      number <= count
    else { return nil }
    self.init(number: number, count: count)
  }
}

struct SweepMerge: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Put the results of all parts together: CSV, JSON Lines, SQLite.",
    discussion: """
      Results that are missing, cut short or contradict each other are named, and nothing is \
      written; with --partial the others are.
      """)

  @Argument(help: "Folders of results.")
  var folder: [String]

  @Option(help: ArgumentHelp("Comma-separated values, by default on '-'.", valueName: "file"))
  var csv: String?

  @Option(help: ArgumentHelp("A line of JSON for each run.", valueName: "file"))
  var jsonl: String?

  @Option(help: ArgumentHelp("A database with a table of runs.", valueName: "file"))
  var sqlite: String?

  @Flag(help: "Write what is sound although something is not.")
  var partial = false

  mutating func run() throws {
    let terminal = Terminal()
    let merged = try MergedStudy(folders: folder)
    for problem in merged.problems { terminal.tell("netsh: \(problem)\n") }
    guard merged.problems.isEmpty || partial else { throw Failure(.failed) }
    let csv = csv ?? (jsonl == nil && sqlite == nil ? "-" : nil)
    if let csv { try write(merged.csv, to: csv, terminal) }
    if let jsonl { try write(merged.jsonLines, to: jsonl, terminal) }
    if let sqlite { try merged.writeDatabase(to: sqlite) }
    if !merged.problems.isEmpty { throw Failure(.failed) }
  }

  private func write(_ text: String, to path: String, _ terminal: Terminal) throws {
    if path == "-" { return terminal.write(text, to: .output) }
    if let problem = WholeFile.write(text, to: path) { throw Failure(.usage, problem) }
  }
}

struct SweepRecipes: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recipes", abstract: "Print commands that spread a study over many machines.")

  @Argument(help: "The script, as it will be called there.")
  var file = "study.ns"

  mutating func run() throws {
    Terminal().write(Recipes.text(for: file), to: .output)
  }
}
