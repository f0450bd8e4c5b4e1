// `netsh tournament`: policies, or any values of a param, against each other over cases and seeds.

import ArgumentParser

struct TournamentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tournament",
    abstract: "Rank the values of a swept param over all cases and seeds of a study.",
    discussion: """
      The players are the values of the first param that is swept (`sweep rule in […]`); its \
      cases, other sweeps and variants are the rounds. A run passes by its expectations. What \
      its report calls `throughput`, `stall` and `memory` is compared, and what it calls \
      `outcome` is shown. The mark * is the Pareto front.
      """)

  @OptionGroup var study: StudyOptions

  @Option(help: ArgumentHelp("The param whose values play, or 'variant'.", valueName: "name"))
  var players: String?

  @Option(help: ArgumentHelp("Compare by this column too: more is better.", valueName: "column"))
  var more: [String] = []

  @Option(help: ArgumentHelp("Compare by this column too: less is better.", valueName: "column"))
  var less: [String] = []

  @Option(
    help: ArgumentHelp(
      "How little of a param or a field will do, as 'server.pool.clusters in 8..400'.",
      valueName: "place"))
  var least: String?

  @Flag(help: "A line of JSON for each player instead of tables.")
  var json = false

  @Option(help: ArgumentHelp("A row for each player and round; '-'.", valueName: "file"))
  var csv: String?

  @Option(help: ArgumentHelp("Keep a result for each run here.", valueName: "folder"))
  var out: String?

  @Option(help: "A progress line on standard error: auto, always or never.")
  var progress: When = .auto

  mutating func run() throws {
    let terminal = Terminal(color: study.common.color, progress: progress)
    let options = try study.options()
    let study = try Study.plan(options, terminal: terminal)
    guard let field = players ?? Tournament.field(of: study.lines) else {
      throw Failure(
        .usage, "a tournament needs players: `sweep rule in […]` over a param, or variants.")
    }
    let runner = SweepRunner(study: study, shard: Shard(), store: out.map(ResultStore.init))
    var (found, status) = try runner.results(options, terminal: terminal)
    var less = less
    if let least, status == .passed {
      let search = try LeastValues(least, study, options, terminal)
      found = try search.added(to: found)
      less.append(search.column)
      if Interruption.isRequested { status = .interrupted }
    }
    let tournament = Tournament(
      found, field: field,
      measures: Measure.usual + more.map { Measure(name: $0, isMoreBetter: true) }
        + less.map { Measure(name: $0, isMoreBetter: false) })
    guard tournament.players.count > 1 || status != .passed else {
      throw Failure(.usage, "a tournament needs two players: `\(field)` has not two values.")
    }
    try tell(tournament, terminal)
    // Who loses has played; a run that broke has not.
    let broken = found.map { $0.1.status(isStrict: false) }.filter { $0 != .failed }
    try finish(ExitStatus.combined([status] + broken))
  }

  private func tell(_ tournament: Tournament, _ terminal: Terminal) throws {
    let text = TournamentText(tournament: tournament)
    if let csv {
      if csv == "-" {
        return terminal.write(text.csv, to: .output)
      } else if let problem = WholeFile.write(text.csv, to: csv) {
        throw Failure(.usage, problem)
      }
    }
    let lines = TournamentTable(tournament: tournament).lines
    terminal.write(
      json ? try text.jsonLines() : lines.map { $0 + "\n" }.joined(), to: .output)
  }
}
