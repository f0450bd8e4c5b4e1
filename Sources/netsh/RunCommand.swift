// `netsh run FILE…`: every case, variant and sweep point of the files.

import ArgumentParser
import Foundation
import NetSim

/// Options that `run` and `check` share.
struct CommonOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Only cases whose name matches.", valueName: "glob"))
  var `case`: String?

  @Option(help: ArgumentHelp("Only variants whose name matches.", valueName: "glob"))
  var variant: String?

  @Option(help: ArgumentHelp("Give a parameter another value.", valueName: "name=value"))
  var set: [NamedValue] = []

  @Option(help: ArgumentHelp("Raise or lower a limit.", valueName: "name=value"))
  var limit: [NamedValue] = []

  @Option(help: "Colours in the output: auto, always or never.")
  var color: When = .auto
}

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run every case, variant and sweep point of the files, on all cores.")

  @Argument(help: "Scripts; '-' is standard input.")
  var file: [String] = []

  @OptionGroup var common: CommonOptions

  @OptionGroup var manners: PromptOptions

  @Option(help: ArgumentHelp("Seed or range of seeds, as 7 or 1..20.", valueName: "seeds"))
  var seed: SeedRange?

  @Option(help: ArgumentHelp("Write captures, records and reports here.", valueName: "folder"))
  var out: String?

  @Option(
    help: ArgumentHelp(
      "Write one page about all runs: verdicts, pictures, tables.", valueName: "file.html"))
  var report: String?

  @Flag(help: "Write into run folders that are not empty.")
  var force = false

  @Flag(
    inversion: .prefixedNo,
    help: "Vacuous and open expectations fail; the default when CI is set.")
  var strict: Bool?

  @Flag(help: "One JSON object per run and line.")
  var json = false

  @Option(help: "A progress line on standard error: auto, always or never.")
  var progress: When = .auto

  @Option(
    name: .customShort("e"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Add a statement before the first 'run'.", valueName: "statement"))
  var statements: [String] = []

  @Option(
    help: ArgumentHelp(
      "Print the frames of an interface, a LAN or a link as tcpdump does.", valueName: "where"))
  var tcpdump: [String] = []

  @Flag(
    name: .customShort("i"),
    help: "Prompt at time 0, in front of the first run; alone, a new world.")
  var interactive = false

  @Flag(help: "Run each twice more, observed and from checkpoints; name what differs.")
  var checkDeterminism = false

  @OptionGroup var ties: ScheduleOption

  mutating func run() throws {
    let isNamed = CommandLine.arguments.dropFirst().first == Self.configuration.commandName
    let isEmpty = file.isEmpty && statements.isEmpty
    if isEmpty && isNamed && !interactive {
      throw Failure(.usage, "run needs a FILE, '-' for standard input, or -e STATEMENT.")
    }
    var options = RunOptions()
    options.scripts = try readScripts(file)
    options.statements = tcpdump.map { "tcpdump(\($0))" } + statements
    options.take(common)
    options.seeds = seed?.seeds
    options.schedule = try ties.value()
    options.outputFolder = out
    options.force = force
    let isCI = ProcessInfo.processInfo.environment["CI"].map { !$0.isEmpty } ?? false
    options.strict = strict ?? isCI
    options.isStrictBecauseOfCI = strict == nil && isCI
    options.json = json
    options.reportFile = report
    options.checksDeterminism = checkDeterminism
    if interactive || isEmpty {
      if report != nil { throw Failure(.usage, "--report is about runs; a prompt has none.") }
      manners.json = json
      return try finish(openPrompt(options, manners, terminal: Terminal(color: common.color)))
    }
    try finish(runScripts(options, terminal: Terminal(color: common.color, progress: progress)))
  }
}

/// How the scheduler's ties are settled, as `netsh explore` prints it.
struct ScheduleOption: ParsableArguments {
  @Option(
    help: ArgumentHelp("Settle the scheduler's ties as 'explore' found.", valueName: "choices"))
  var schedule: String?

  func value() throws -> Schedule? { try schedule.map(Self.schedule) }

  static func schedule(_ text: String) throws -> Schedule {
    guard let schedule = Schedule(text) else {
      throw Failure(
        .usage, "--schedule takes what 'netsh explore' prints, as P1._14.1, not '\(text)'.")
    }
    return schedule
  }
}

extension RunOptions {
  mutating func take(_ common: CommonOptions) {
    casePattern = common.case
    variantPattern = common.variant
    settings = common.set
    limits = common.limit
  }
}

/// Turns a status other than success into the end of a command.
func finish(_ status: ExitStatus) throws {
  if status != .passed { throw Failure(status) }
}
