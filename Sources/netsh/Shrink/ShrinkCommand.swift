// `netsh shrink`: from a failing case to a smaller script that fails for the same reason.

import ArgumentParser
import Foundation

struct ShrinkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "shrink",
    abstract: "Make a small script of a failing case that fails for the same reason.",
    discussion: """
      Takes the first run that fails; --case, --variant and --seed choose another. Ctrl-C ends \
      it with the smallest script so far.
      """)

  @Argument(help: "A script.")
  var file: String

  @OptionGroup var common: CommonOptions

  @Option(help: ArgumentHelp("Seed or range of seeds, as 7 or 1..20.", valueName: "seeds"))
  var seed: SeedRange?

  @Option(name: .shortAndLong, help: ArgumentHelp("Write it here.", valueName: "file.ns"))
  var output: String?

  @Flag(help: "Write over a file that is there.")
  var force = false

  @Option(help: "A progress line on standard error: auto, always or never.")
  var progress: When = .auto

  mutating func run() throws {
    let terminal = Terminal(color: common.color, progress: progress)
    if let output, !force, FileManager.default.fileExists(atPath: output) {
      throw Failure(.usage, "\(output): exists; --force writes over it.")
    }
    var options = RunOptions()
    options.scripts = try readScripts([file])
    options.take(common)
    options.seeds = seed?.seeds
    Interruption.watch()
    let began = ContinuousClock.now
    let failing = try FailingCase.find(options, terminal)
    guard var shrinker = Shrinker(failing, terminal: terminal) else {
      if Interruption.isRequested { throw Failure(.interrupted) }
      throw Failure(
        .failed, "\(failing.name): alone, the case does not fail as it does in its script.")
    }
    shrinker.shrink()
    let text = ShrunkText(failing, shrinker.best).text
    if let output {
      if let problem = WholeFile.write(text, to: output) { throw Failure(.usage, problem) }
    } else {
      terminal.write(text, to: .output)
    }
    let seconds = (ContinuousClock.now - began) / .seconds(1)
    let before = failing.lineCount
    let after = text.split(separator: "\n").count
    let time = seconds.formatted(.number.precision(.fractionLength(1)))
    terminal.tell("netsh: \(before) lines -> \(after), \(time) s, \(shrinker.runs) runs\n")
    if Interruption.isRequested { throw Failure(.interrupted) }
  }
}
