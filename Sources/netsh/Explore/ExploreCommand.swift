// `netsh explore`: is there an order of what the scheduler is free to order in which the run fails?

import ArgumentParser
import NetLab
import NetSim

struct ExploreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explore",
    abstract: "Look for an order of the scheduler's ties in which a run fails.",
    discussion: """
      Which of several equally urgent tasks runs, which of several equal waiters is woken, which \
      of a host's timers of one moment fires first and, with --preemptions, where a task loses \
      the CPU to its equal. What is found is a schedule: 'netsh run --schedule' gives that run.

      Exit status: 0 nothing was found, 1 a run fails, 4 a limit came first.
      """)

  @Argument(help: "A script of which the options leave one run.")
  var file: String

  @OptionGroup var common: CommonOptions

  @Option(help: "The seed, if the script leaves a choice.")
  var seed: UInt64?

  @Option(
    help: ArgumentHelp("Runs in which each choice is drawn (the default: 1000).", valueName: "runs")
  )
  var random: Int?

  @Option(
    help: ArgumentHelp("Runs by random priorities that change now and then.", valueName: "runs"))
  var pct: Int?

  @Option(help: "Of --pct: how many orderings a fault may take.")
  var depth = 3

  @Flag(help: "Every order there is, once for each state of the lab.")
  var exhaustive = false

  @Option(
    help: ArgumentHelp(
      "Of --exhaustive: only the first choices of a run are free.", valueName: "choices"))
  var bound: Int?

  @Option(help: ArgumentHelp("Of --exhaustive: give up after so many states.", valueName: "states"))
  var states = 1_000_000

  @Option(help: "How often a task may lose the CPU to its equal (0; with --pct depth - 1).")
  var preemptions: Int?

  @Option(help: "A progress line on standard error: auto, always or never.")
  var progress: When = .auto

  mutating func run() throws {
    let terminal = Terminal(color: common.color, progress: progress)
    try validateCounts()
    var options = RunOptions()
    options.scripts = try readScripts([file])
    options.take(common)
    options.seeds = seed.map { $0...$0 }
    let exploration = try Exploration(options, terminal: terminal)
    let most = preemptions ?? (pct == nil ? 0 : depth - 1)
    if exhaustive {
      let bounds = SearchBounds(choices: bound, preemptions: most, states: states)
      return try finish(exploration.exhaust(bounds))
    }
    let manner: Exploration.Manner = pct == nil ? .random : .ranks(depth: depth)
    try finish(exploration.draw(pct ?? random ?? 1000, manner, preemptions: most))
  }

  private func validateCounts() throws {
    let chosen = [random != nil, pct != nil, exhaustive].filter { $0 }.count
    if chosen > 1 { throw Failure(.usage, "--random, --pct and --exhaustive exclude each other.") }
    if !exhaustive && bound != nil { throw Failure(.usage, "--bound goes with --exhaustive.") }
    for (name, value, most) in [
      ("--random", random ?? 1, Exploration.mostRuns), ("--pct", pct ?? 1, Exploration.mostRuns),
      ("--depth", depth, 100), ("--bound", bound ?? 1, Schedule.mostChoices),
      ("--states", states, 100_000_000),
    ] where value < 1 || value > most {
      throw Failure(.usage, "\(name) takes a number from 1 to \(most).")
    }
    if let preemptions, !(0...Schedule.mostPreemptions).contains(preemptions) {
      throw Failure(.usage, "--preemptions takes a number from 0 to \(Schedule.mostPreemptions).")
    }
  }
}
