// `netsh find`: which value is enough, and what goes wrong one step below it.

import ArgumentParser
import NetLab

struct FindCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "find",
    abstract: "Find the least or greatest value with which something holds for every seed.",
    discussion: """
      netsh find 'min server.pool.clusters such that never wedged(server) over seed in 1..100' FILE

      min or max; a param or a place that can be set; what `expect` takes, several joined by \
      `and`; the seeds. `in 32..400` behind the place bounds it, `by 10ms` is the step of a \
      quantity. Without `such that` the case has to pass. Exit status: 0 answered, 1 no value is \
      enough.
      """)

  @Argument(help: "min|max PATH [in A..B] [by STEP] [such that PROPERTY] [over seed in A..B]")
  var question: String

  @Argument(help: "The script.")
  var file: String

  @OptionGroup var common: CommonOptions

  @Option(help: ArgumentHelp("Seed or range of seeds, as 7 or 1..20.", valueName: "seeds"))
  var seed: SeedRange?

  @Option(
    name: .customShort("e"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Add a statement before the first 'run'.", valueName: "statement"))
  var statements: [String] = []

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Pack the run that fails one step below.", valueName: "file"))
  var output: String?

  @Flag(help: "One JSON object.")
  var json = false

  @Option(help: "A progress line on standard error: auto, always or never.")
  var progress: When = .auto

  mutating func run() throws {
    let terminal = Terminal(color: common.color, progress: progress)
    let question = try readQuestion(question, terminal)
    var options = RunOptions()
    options.scripts = try readScripts([file])
    options.take(common)
    options.statements = statements + question.properties.map { "expect " + $0 }
    options.seeds = question.seeds ?? seed?.seeds
    let inquiry: Inquiry
    do {
      inquiry = try Inquiry(question, options, terminal)
    } catch let mistake as DialMistake {
      throw mistaken(question.text, [mistake.diagnostic], terminal)
    }
    var search = FindSearch(inquiry, terminal: terminal)
    Interruption.watch()
    let ending = try search.run()
    let report = FindReport(inquiry, search, terminal)
    terminal.write(try json ? report.json() : report.text, to: .output)
    if let output { try packFailure(report, to: output, terminal) }
    try finish(ending)
  }

  private func packFailure(
    _ report: FindReport, to path: String, _ terminal: Terminal
  ) throws {
    guard let options = report.failingOptions else {
      return terminal.tell("netsh: nothing fails, so there is nothing to pack.\n")
    }
    let octets = try pack(options, isMinimal: false, terminal: terminal)
    if let problem = WholeFile.write(octets, to: path) { throw Failure(.usage, problem) }
    if !json { terminal.write("netsh verify \(path)\n", to: .output) }
  }
}
