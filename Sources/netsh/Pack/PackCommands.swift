// `netsh pack` and `netsh verify`: a case that travels in one file.

import ArgumentParser

struct PackCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pack",
    abstract: "Put a script, what it imports, how it is run and what came of it into one file.",
    discussion: "The file is a zip that any unzip opens; MANIFEST.json in it tells the rest.")

  @OptionGroup var study: StudyOptions

  @OptionGroup var ties: ScheduleOption

  @Option(name: .shortAndLong, help: ArgumentHelp("The pack to write.", valueName: "file"))
  var output: String

  @Flag(help: "Without comments, and without cases, variants and declarations that no run needs.")
  var minimal = false

  mutating func run() throws {
    let terminal = Terminal(color: study.common.color)
    guard study.file.count == 1, study.file[0] != "-" else {
      throw Failure(.usage, "pack takes one FILE.")
    }
    var options = try study.options()
    options.schedule = try ties.value()
    let octets = try pack(options, isMinimal: minimal, terminal: terminal)
    if let problem = WholeFile.write(octets, to: output) { throw Failure(.usage, problem) }
    let limits = try ChosenLimits.words(raising: options.limits)
    terminal.write("netsh verify\(limits) \(output)\n", to: .output)
  }
}

struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Run a pack in memory and tell whether it does what it did where it was made.")

  @Argument(help: "Packs.")
  var file: [String]

  @Option(
    help: ArgumentHelp(
      "Raise or lower a limit. A pack that was made with a raised one needs the same here.",
      valueName: "name=value"))
  var limit: [NamedValue] = []

  @Option(help: "Colours in the output: auto, always or never.")
  var color: When = .auto

  mutating func run() throws {
    let terminal = Terminal(color: color)
    var statuses: [ExitStatus] = []
    for path in file {
      statuses.append(try OpenedPack(path: path).verify(allowing: limit, terminal))
    }
    try finish(ExitStatus.combined(statuses))
  }
}
