// `netsh bisect`: two runs, the first event at which they part, and what each does there.

import ArgumentParser

struct BisectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bisect",
    abstract: "Find the first event at which two runs part.",
    discussion: """
      Two scripts with one run each, or one of which the options leave two runs: two variants, \
      two seeds, two schedules.
      """)

  @Argument(help: "One script or two.")
  var file: [String]

  @Option(help: ArgumentHelp("Only cases whose name matches.", valueName: "glob"))
  var `case`: String?

  @Option(help: ArgumentHelp("A variant; given twice, these two.", valueName: "glob"))
  var variant: [String] = []

  @Option(help: ArgumentHelp("Seed or range of seeds, as 7 or 1..2.", valueName: "seeds"))
  var seed: SeedRange?

  @Option(help: ArgumentHelp("Give a parameter another value.", valueName: "name=value"))
  var set: [NamedValue] = []

  @Option(
    help: ArgumentHelp(
      "What 'explore' found; given twice, these two, '' being none.", valueName: "choices"))
  var schedule: [String] = []

  @Option(help: "Colours in the output: auto, always or never.")
  var color: When = .auto

  mutating func run() throws {
    guard file.count <= 2 else { throw Failure(.usage, "bisect takes one FILE or two.") }
    let terminal = Terminal(color: color)
    var options = RunOptions()
    options.casePattern = `case`
    options.seeds = seed?.seeds
    options.settings = set
    var sides: [ComparedRun] = []
    for script in try readScripts(file) {
      for pattern in variant.isEmpty ? [nil] : variant.map(Optional.some) {
        options.variantPattern = pattern
        for text in schedule.isEmpty ? [nil] : schedule.map(Optional.some) {
          options.schedule = try text.map(ScheduleOption.schedule)
          sides += try ComparedRun.runs(of: script, options, terminal)
        }
      }
    }
    guard sides.count == 2 else {
      throw Failure(
        .usage,
        "bisect compares two runs and these are \(sides.count): --case, --variant and --seed "
          + "choose.")
    }
    for line in try sides[0].compare(with: sides[1]) { terminal.write(line + "\n", to: .output) }
  }
}
